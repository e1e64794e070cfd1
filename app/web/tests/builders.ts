/** Small true-to-life answers; a test overrides what it is about. */
import type {
  PlanLife,
  PlanOut,
  PlanSummary,
  RegencyOut,
  StopOut,
  TeamWeek,
  UnservedOut,
  VillageProperties,
  Villages,
} from "../src/api-types";
import { initialState, receive, type Answers, type Selection, type State } from "../src/state";

export function makeRegency(change: Partial<RegencyOut> = {}): RegencyOut {
  return {
    code: "62.02",
    name: "Kotawaringin Timur",
    province_code: "62",
    n_villages: 185,
    bbox: [112, -3.3, 113.3, -1.1],
    timezone: "Asia/Jakarta",
    latest_plan_id: 7,
    ...change,
  };
}

export function makeSummary(change: Partial<PlanSummary> = {}): PlanSummary {
  return {
    plan_id: 7,
    regency_code: "62.02",
    week: "2026-W49",
    created_at: "2026-11-22T07:20:00Z",
    state: "draft",
    status: "feasible",
    value: 186.4,
    job_id: 70,
    job_state: "succeeded",
    ...change,
  };
}

export function makeStop(change: Partial<StopOut> = {}): StopOut {
  return {
    stop_id: "7-A-2026-11-30-1",
    team: "A",
    day: "2026-11-30",
    order: 1,
    village_code: "62.02.01.2003",
    village_name: "Palangan",
    point_code: "62.02.01.2003",
    point_name: "Palangan",
    district: "Kota Besi",
    lon: 112.74,
    lat: -2.37,
    arrive: "2026-11-30T08:40:00+07:00",
    start: "2026-11-30T08:40:00+07:00",
    depart: "2026-11-30T10:40:00+07:00",
    minutes: 120,
    break_minutes: 0,
    travel_break_minutes: 0,
    n_rapids: 0,
    service_mode: "online",
    travel_mode: "road",
    travel_minutes: 70,
    off_network_m: 240,
    is_straight_line: false,
    with_kit: false,
    expected: { ktp_el: 5.1 },
    ...change,
  };
}

export function makeTeam(team: string): TeamWeek {
  return {
    team,
    base: "Baamang Tengah",
    vehicle: "car",
    days: 5,
    nights: 0,
    n_stops: 9,
    hours: 38.5,
    km: 612,
    cost_rupiah: 4_350_000,
    expected: {},
    shifts: [],
  };
}

export function makeUnserved(name: string, people: number | null): UnservedOut {
  return {
    village_code: name,
    village_name: name,
    district: "Kota Besi",
    people_to_look_for: people,
    reason: "too-far",
    detail: null,
  };
}

export function makePlan(change: Partial<PlanOut> = {}): PlanOut {
  return {
    plan_id: 7,
    regency: { code: "62.02", name: "Kotawaringin Timur" },
    week: "2026-W49",
    timezone: "Asia/Jakarta",
    timezone_label: "WIB",
    state: "draft",
    status: "feasible",
    stop_reason: "time",
    solved_at: "2026-11-22T08:00:00+00:00",
    value: 186.4,
    worth: 198.7,
    bound: null,
    gap: null,
    cost_rupiah: 24_560_000,
    distance_m: 3_412_330,
    hours_work: 192.5,
    expected: { ktp_el: 163.4 },
    coverage_before: 0.9734,
    coverage_after: 0.9739,
    not_recorded: 8199,
    people_to_look_for: 8273,
    teams: [makeTeam("A"), makeTeam("B")],
    stops: [makeStop()],
    unserved: [],
    violations: [],
    warnings: [],
    rules: [],
    contradiction: null,
    remedies: [],
    wishes: [],
    expected_p10: null,
    expected_p90: null,
    worth_p10: null,
    worth_p90: null,
    shadow: null,
    origin: null,
    against: null,
    changes: [],
    ...change,
  };
}

export function makeVillages(people: readonly (number | null)[]): Villages {
  const properties = (i: number): VillageProperties => ({
    code: `v${i}`,
    name: `Desa ${i}`,
    district: i % 2 ? "Ganjil" : "Genap",
    wajib_ktp: 100,
    sudah_rekam: 90,
    not_recorded: 10,
    people_to_look_for: people[i]!,
    usia_16_17: 3,
    corrections: [],
    withheld: [],
    signal: "none",
    signal_source: null,
    signal_on: null,
    signal_kind: null,
    share_covered: null,
    power: "unknown",
    n_contradictions: 0,
    is_blank_spot: true,
  });
  return {
    type: "FeatureCollection",
    features: people.map((_, i) => ({
      type: "Feature",
      id: `v${i}`,
      properties: properties(i),
      geometry: { type: "Point", coordinates: [112 + i, -2 - i] },
    })),
  };
}

/** A page that has everything; `values` replaces answers, null takes one away. */
export function makeState(
  selection: Partial<Selection> = {},
  values: { readonly [K in keyof Answers]?: unknown } = {},
): State {
  const all = {
    regencies: [makeRegency()],
    plans: [makeSummary()],
    plan: makePlan(),
    ...values,
  };
  const start = initialState({ regency: "62.02", plan: "7", ...selection });
  return Object.entries(all)
    .filter(([, value]) => value !== null)
    .reduce(
      (state, [key, value]) =>
        receive(state, key as keyof Answers, { is: "ready", value } as Answers[keyof Answers]),
      start,
    );
}

export function makeLife(change: Partial<PlanLife> = {}): PlanLife {
  return {
    plan_id: 7,
    state: "draft",
    version: 0,
    replaced_by: null,
    letters: {},
    next: ["propose", "discard"],
    steps: [],
    ...change,
  };
}
