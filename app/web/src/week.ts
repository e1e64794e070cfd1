/** The week as a table: teams, their days, the stops of each in order; and what is left out. */
import type { PlanOut, StopOut, TeamWeek, UnservedOut } from "./api-types";
import { isShown, teamNames, type Selection } from "./state";

export interface DayRows {
  readonly day: string;
  readonly stops: readonly StopOut[];
}

export interface TeamRows {
  readonly name: string;
  /** Place in the plan's list of teams: gives the colour. */
  readonly position: number;
  readonly totals: TeamWeek | null;
  readonly days: readonly DayRows[];
}

/** Group the stops that pass the filter; a team without any stop stays, unless filtered away. */
export function weekRows(plan: PlanOut, selection: Selection): readonly TeamRows[] {
  const stops = plan.stops.filter((stop) => isShown(selection, stop));
  return teamNames(plan)
    .map((name, position) => {
      const totals = plan.teams.find((team) => team.team === name) ?? null;
      const days = dayRows(
        stops.filter((stop) => stop.team === name),
        totals?.shifts.map((shift) => shift.day).filter((day) => isDay(selection, day)) ?? [],
      );
      return { name, position, totals, days };
    })
    .filter((team) => selection.team === null || team.name === selection.team)
    .filter((team) => selection.day === null || team.days.length > 0);
}

function isDay(selection: Selection, day: string): boolean {
  return selection.day === null || selection.day === day;
}

/** Days on tour without a stop are rows too: the team travels or rests. */
function dayRows(stops: readonly StopOut[], out: readonly string[]): readonly DayRows[] {
  const days = [...new Set([...out, ...stops.map((stop) => stop.day)])].sort();
  return days.map((day) => ({
    day,
    stops: stops.filter((stop) => stop.day === day).sort((a, b) => a.order - b.order),
  }));
}

/** Where a team serves: the village, and the point in front of it where that is not its own. */
export function placeOf(stop: StopOut): string {
  const isOwn = stop.point_code === stop.village_code && stop.point_name === stop.village_name;
  return isOwn ? stop.village_name : `${stop.point_name}, ${stop.village_name}`;
}

/** Most people to look for first; equal counts by name. */
export function byPeople(unserved: readonly UnservedOut[]): readonly UnservedOut[] {
  const people = (v: UnservedOut): number => v.people_to_look_for ?? 0;
  return [...unserved].sort(
    (a, b) => people(b) - people(a) || a.village_name.localeCompare(b.village_name),
  );
}
