import { describe, expect, it } from "vitest";
import { nothingSelected } from "../src/state";
import { byPeople, placeOf, weekRows } from "../src/week";
import { makePlan, makeStop, makeTeam, makeUnserved } from "./builders";

const plan = makePlan({
  teams: [makeTeam("A"), makeTeam("B"), makeTeam("C")],
  stops: [
    makeStop({ stop_id: "b2", team: "B", order: 2 }),
    makeStop({ stop_id: "b3", team: "B", day: "2026-12-01" }),
    makeStop({ stop_id: "b1", team: "B", order: 1 }),
    makeStop({ stop_id: "c1", team: "C", day: "2026-12-01" }),
  ],
});

describe("the week", () => {
  it("lists teams in the plan's order, days in time, stops in their order", () => {
    const rows = weekRows(plan, nothingSelected);
    expect(rows.map((team) => [team.name, team.position])).toEqual([
      ["A", 0],
      ["B", 1],
      ["C", 2],
    ]);
    expect(rows[1]!.days.map((d) => d.stops.map((stop) => stop.stop_id))).toEqual([
      ["b1", "b2"],
      ["b3"],
    ]);
  });

  it("shows a team that stays at its base, unless a day is asked for", () => {
    expect(weekRows(plan, nothingSelected)[0]!.days).toEqual([]);
    const tuesday = weekRows(plan, { ...nothingSelected, day: "2026-12-01" });
    expect(tuesday.map((team) => team.name)).toEqual(["B", "C"]);
  });

  it("shows days on a tour without a stop, those that pass the filter", () => {
    const shift = (day: string, sleeps: string | null) => ({
      day,
      departure: `${day}T07:00:00+07:00`,
      arrival: `${day}T07:00:00+07:00`,
      with_kit: false,
      sleeps_code: sleeps,
      sleeps_name: sleeps,
      sleeps_place: null,
    });
    const shifts = [shift("2026-11-30", "Tumbang"), shift("2026-12-02", null)];
    const out = { ...plan, teams: [{ ...makeTeam("B"), shifts }] };
    expect(weekRows(out, nothingSelected)[0]!.days.map((d) => [d.day, d.stops.length])).toEqual([
      ["2026-11-30", 2],
      ["2026-12-01", 1],
      ["2026-12-02", 0],
    ]);
    const monday = weekRows(out, { ...nothingSelected, day: "2026-11-30" });
    expect(monday[0]!.days.map((d) => d.day)).toEqual(["2026-11-30"]);
  });

  it("keeps a team's place, and so its colour, when others are filtered away", () => {
    const [only, ...rest] = weekRows(plan, { ...nothingSelected, team: "C" });
    expect([only!.name, only!.position, rest.length]).toEqual(["C", 2, 0]);
  });
});

describe("villages left out", () => {
  it("come with the most people first, equal ones by name, unknown ones last", () => {
    const given = [
      makeUnserved("Sawahan", 5),
      makeUnserved("Tanpa data", null),
      makeUnserved("Luwuk", 5),
      makeUnserved("Penyang", 70),
    ];
    const names = byPeople(given).map((v) => v.village_name);
    expect(names).toEqual(["Penyang", "Luwuk", "Sawahan", "Tanpa data"]);
  });
});

describe("where a team serves", () => {
  it("is the village at its own point, and the point's name elsewhere", () => {
    expect(placeOf(makeStop())).toBe("Palangan");
    const school = { point_code: "62.02.01.2003/smkn-2", point_name: "SMKN 2" };
    expect(placeOf(makeStop(school))).toBe("SMKN 2, Palangan");
    expect(placeOf(makeStop({ point_name: "Balai Desa Palangan" }))).toBe(
      "Balai Desa Palangan, Palangan",
    );
  });
});
