import { describe, expect, it } from "vitest";
import { Problem } from "../src/api";
import * as s from "../src/state";
import { makeLife, makePlan, makeRegency, makeState, makeStop, makeSummary } from "./builders";

const failed = { is: "failed", problem: new Problem("Gagal", null, 500) } as const;

describe("choosing", () => {
  it("another regency forgets everything below it but not the list of regencies", () => {
    const before = makeState({
      team: "A",
      day: "2026-11-30",
      stop: "7-A-2026-11-30-1",
      lang: "en",
    });
    const after = s.chooseRegency(before, "64.71");
    expect(after.selection).toEqual({ ...s.nothingSelected, lang: "en", regency: "64.71" });
    expect(after.answers.regencies).toBe(before.answers.regencies);
    expect(after.answers.plan.is).toBe("absent");
  });

  it("another plan keeps the villages and drops team, day and stop", () => {
    const villages = { type: "FeatureCollection", features: [] };
    const after = s.choosePlan(makeState({ team: "A", stop: "x" }, { villages }), "8");
    expect(after.selection).toMatchObject({ plan: "8", team: null, day: null, stop: null });
    expect([after.answers.plan.is, after.answers.villages.is]).toEqual(["absent", "ready"]);
  });

  it("a stop lets the village go, and the other way round", () => {
    const stop = s.chooseStop(makeState({ village: "v1" }), "x");
    expect(stop.selection).toMatchObject({ stop: "x", village: null });
    expect(s.chooseVillage(stop, "v1").selection).toMatchObject({ stop: null, village: "v1" });
  });

  it("another language asks for the plan's texts again", () => {
    expect(s.chooseLang(makeState(), "en").answers.plan.is).toBe("absent");
  });

  it("leaves the state before untouched", () => {
    const before = makeState();
    const copy = structuredClone(before);
    s.filter(s.chooseStop(s.chooseRegency(before, "64.71"), "x"), { team: "B" });
    expect(before).toEqual(copy);
  });
});

describe("filtering", () => {
  const stops = [
    makeStop(),
    makeStop({ stop_id: "b", team: "B" }),
    makeStop({ stop_id: "c", team: "B", day: "2026-12-01" }),
  ];
  const state = makeState({ stop: "b" }, { plan: makePlan({ stops }) });

  it("shows the stops of the team on the day", () => {
    const ids = (x: s.State): string[] => s.shownStops(x).map((stop) => stop.stop_id);
    expect(ids(s.filter(state, { team: "B" }))).toEqual(["b", "c"]);
    expect(ids(s.filter(state, { team: "B", day: "2026-12-01" }))).toEqual(["c"]);
    expect(ids(s.filter(state, { team: null, day: null }))).toHaveLength(3);
  });

  it("lets go of a selected stop only when it is no longer shown", () => {
    expect(s.filter(state, { team: "B" }).selection.stop).toBe("b");
    expect(s.filter(state, { team: "A" }).selection.stop).toBeNull();
  });
});

describe("an address gone back to", () => {
  it("asks again only for what it changes", () => {
    const state = makeState();
    const same = s.adopt(state, { ...state.selection, team: "B" });
    expect(same.answers).toEqual(state.answers);
    const other = s.adopt(state, { ...state.selection, plan: "8" });
    expect([other.answers.plan.is, other.answers.plans.is]).toEqual(["absent", "ready"]);
    const elsewhere = s.adopt(state, { ...state.selection, regency: "64.71", plan: null });
    expect([elsewhere.answers.plans.is, elsewhere.answers.regencies.is]).toEqual([
      "absent",
      "ready",
    ]);
  });
});

describe("what the user left open", () => {
  it("becomes the first regency with a plan", () => {
    const regencies = [makeRegency({ code: "62.01", latest_plan_id: null }), makeRegency()];
    const state = makeState({ regency: null, plan: null }, { regencies, plans: null, plan: null });
    expect(s.complete(state).selection.regency).toBe("62.02");
    expect(s.firstRegency(regencies.slice(0, 1))).toBe("62.01");
    expect(s.firstRegency([])).toBeNull();
  });

  it("becomes the regency of a plan given alone", () => {
    const plan = makePlan({ regency: { code: "65.03", name: "Nunukan" } });
    expect(s.complete(makeState({ regency: null }, { plan })).selection.regency).toBe("65.03");
  });

  it("becomes the first regency when that plan cannot be had", () => {
    const state = s.receive(makeState({ regency: null }, { plan: null }), "plan", failed);
    expect(s.complete(state).selection).toMatchObject({ regency: "62.02", plan: "7" });
  });

  it("becomes the newest plan that has or will have a result", () => {
    const dead = makeSummary({ plan_id: 9, status: null, job_state: "failed" });
    const running = makeSummary({ plan_id: 8, status: null, job_state: "todo" });
    const plan = (plans: unknown): string | null =>
      s.complete(makeState({ plan: null }, { plans, plan: null })).selection.plan;
    expect(plan([dead, running, makeSummary()])).toBe("8");
    expect(plan([dead, makeSummary()])).toBe("7");
    expect(plan([dead])).toBe("9");
    expect(plan([])).toBeNull();
  });
});

describe("what is asked for", () => {
  it("is only who looks and the list of regencies at first", () => {
    expect(s.wanted(s.initialState())).toEqual(["session", "regencies"]);
  });

  it("is the life of a plan for the office alone", () => {
    for (const [role, isAsked] of [
      ["admin", true],
      ["planner", true],
      ["approver", true],
      ["team", false],
      ["viewer", false],
    ] as const) {
      const session = { is: "ready", value: { account: "siti", role, team: null } } as const;
      const state = s.receive(makeState(), "session", session);
      expect(s.wanted(state).includes("life")).toBe(isAsked);
    }
  });

  it("waits for the list of plans, which tells whether the plan has a result", () => {
    expect(s.wanted(makeState({}, { plans: null, plan: null }))).not.toContain("plan");
    expect(s.wanted(makeState({}, { plan: null }))).toEqual(
      expect.arrayContaining(["plan", "routes", "villages", "blankSpots", "towers"]),
    );
  });

  it("is the job, not the plan, while a first solve runs", () => {
    const plans = [makeSummary({ status: null, job_state: "doing" })];
    const wanted = s.wanted(makeState({}, { plans, plan: null }));
    expect(wanted).toContain("job");
    expect(wanted).not.toContain("plan");
  });

  it("is both while a plan with a result is solved again", () => {
    const plans = [makeSummary({ job_state: "doing" })];
    expect(s.wanted(makeState({}, { plans, plan: null }))).toEqual(
      expect.arrayContaining(["job", "plan"]),
    );
  });

  it("is again what was refused, once the user tries again", () => {
    const state = s.receive(makeState(), "plan", failed);
    expect(s.wanted(state)).not.toContain("plan");
    expect(s.wanted(s.retry(state))).toContain("plan");
  });
});

describe("a step taken", () => {
  it("is told in the list, of the plan and of the one whose place it took", () => {
    const plans = [makeSummary({ state: "approved" }), makeSummary({ plan_id: 3, state: "published" })];
    const life = makeLife({ state: "published", version: 3, next: ["start"] });
    const after = s.stepTaken(makeState({}, { plans }), life, 3);
    expect(s.valueOf(after.answers.plans)?.map((plan) => plan.state)).toEqual([
      "published",
      "cancelled",
    ]);
    expect(s.valueOf(after.answers.life)?.next).toEqual(["start"]);
  });
});

describe("the store", () => {
  it("tells listeners of changes and only of changes", () => {
    const store = s.createStore(s.initialState());
    const heard: (string | null)[] = [];
    store.subscribe((state) => heard.push(state.selection.regency));
    store.update((state) => s.chooseRegency(state, "62.02"));
    store.update((state) => state);
    expect(heard).toEqual(["62.02"]);
  });
});
