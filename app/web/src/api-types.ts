/**
 * Bodies of the API, written by hand. Each interface bears the name of its schema in
 * `/api/v1/openapi.json` and must keep its fields; numbers carry their unit in the name.
 */
import type { FeatureCollection, Geometry, LineString, Point } from "geojson";

export type Programme = "ktp_el" | "pemula" | "kia" | "akta" | "ikd";
export type Expected = Readonly<Partial<Record<Programme, number>>>;
export type JobState = "todo" | "doing" | "succeeded" | "failed" | "cancelled";
export type Bounds = readonly [west: number, south: number, east: number, north: number];

export type Role = "admin" | "planner" | "approver" | "team" | "viewer";

/** Who is signed in. */
export interface CallerOut {
  readonly account: string;
  readonly role: Role;
  readonly team: string | null;
}

export interface RegencyOut {
  readonly code: string;
  readonly name: string;
  readonly province_code: string;
  readonly n_villages: number;
  readonly bbox: Bounds;
  readonly timezone: string;
  readonly latest_plan_id: number | null;
}

export interface PlanSummary {
  readonly plan_id: number;
  readonly regency_code: string;
  readonly week: string;
  readonly created_at: string;
  readonly state: string;
  readonly status: string | null;
  readonly value: number | null;
  readonly job_id: number | null;
  readonly job_state: JobState | null;
}

export interface PlanList {
  readonly items: readonly PlanSummary[];
}

/** One day of a team away from its base. */
export interface ShiftOut {
  readonly day: string;
  readonly departure: string;
  readonly arrival: string;
  readonly with_kit: boolean;
  /** Village where the team sleeps after it; null: at its base. */
  readonly sleeps_code: string | null;
  readonly sleeps_name: string | null;
  /** The place of the office's list where it sleeps there, if any. */
  readonly sleeps_place: string | null;
}

export interface TeamWeek {
  readonly team: string;
  readonly base: string;
  readonly vehicle: string;
  readonly days: number;
  readonly nights: number;
  readonly n_stops: number;
  readonly hours: number;
  readonly km: number;
  readonly cost_rupiah: number;
  readonly expected: Expected;
  readonly shifts: readonly ShiftOut[];
}

export interface StopOut {
  readonly stop_id: string;
  readonly team: string;
  readonly day: string;
  readonly order: number;
  readonly village_code: string;
  readonly village_name: string;
  readonly district: string;
  readonly point_code: string;
  readonly point_name: string;
  readonly lon: number;
  readonly lat: number;
  readonly arrive: string;
  readonly start: string;
  readonly depart: string;
  readonly minutes: number;
  readonly break_minutes: number;
  readonly travel_break_minutes: number;
  readonly service_mode: string;
  readonly travel_mode: string;
  readonly travel_minutes: number;
  readonly n_rapids: number;
  readonly off_network_m: number | null;
  readonly is_straight_line: boolean;
  readonly with_kit: boolean;
  readonly expected: Expected;
}

export interface UnservedOut {
  readonly village_code: string;
  readonly village_name: string;
  readonly district: string;
  readonly people_to_look_for: number | null;
  readonly reason: string;
  readonly detail: string | null;
}

export interface ViolationOut {
  readonly rule: string;
  readonly message: string;
}

export interface WarningOut {
  readonly code: string;
  readonly message: string;
  readonly count: number | null;
}

/** A rule of the whole plan, or what would help or costs, in words. */
export interface RuleOut {
  readonly message: string;
  readonly excess?: number;
}

export interface RuleContradiction {
  readonly is_minimal: boolean;
  readonly rules: readonly RuleOut[];
}

/** About what one more of each scarce thing brings, in weighted documents; not proven. */
export interface Shadow {
  readonly team_days: readonly { readonly team: string; readonly value: number }[];
  readonly kits: readonly { readonly base: string; readonly value: number }[];
  readonly million_rupiah: number | null;
  readonly card_blank: number | null;
}

/** The plan that another was made of, on the numbers of today. */
export interface AgainstOut {
  readonly plan_id: number;
  readonly value: number;
  readonly worth: number;
  readonly cost_rupiah: number;
  readonly n_stops: number;
  readonly n_violations: number;
}

/** A session that is not as it was. */
export interface StopChange {
  readonly kind: string;
  readonly village_code: string;
  readonly message: string;
}

/** Result fields are null until a solution exists; bound and gap until something is proven. */
export interface PlanOut {
  readonly plan_id: number;
  readonly regency: { readonly code: string; readonly name: string };
  readonly week: string;
  readonly timezone: string;
  readonly timezone_label: string;
  readonly state: string;
  readonly status: string | null;
  readonly stop_reason: string | null;
  readonly solved_at: string | null;
  readonly value: number | null;
  readonly worth: number | null;
  readonly bound: number | null;
  readonly gap: number | null;
  readonly cost_rupiah: number | null;
  readonly distance_m: number | null;
  readonly hours_work: number | null;
  readonly expected: Expected | null;
  readonly coverage_before: number | null;
  readonly coverage_after: number | null;
  readonly not_recorded: number | null;
  readonly people_to_look_for: number | null;
  readonly teams: readonly TeamWeek[];
  readonly stops: readonly StopOut[];
  readonly unserved: readonly UnservedOut[];
  readonly violations: readonly ViolationOut[];
  readonly warnings: readonly WarningOut[];
  readonly rules: readonly RuleOut[];
  readonly contradiction: RuleContradiction | null;
  readonly remedies: readonly RuleOut[];
  readonly wishes: readonly RuleOut[];
  readonly expected_p10: Expected | null;
  readonly expected_p90: Expected | null;
  readonly worth_p10: number | null;
  readonly worth_p90: number | null;
  readonly shadow: Shadow | null;
  readonly origin: { readonly kind: string; readonly plan_id: number } | null;
  readonly against: AgainstOut | null;
  readonly changes: readonly StopChange[];
}

export interface JobOut {
  readonly job_id: number;
  readonly kind: string;
  readonly state: JobState;
  /** Counts what happened to it. */
  readonly version: number;
  readonly progress: { readonly elapsed_s?: number; readonly value?: number | null } | null;
  readonly error: { readonly title: string; readonly detail: string } | null;
}

/** A number that a planner gave, beside the imported one. */
export interface VillageCorrection {
  readonly column: string;
  readonly imported: number | null;
  readonly value: number;
  readonly kind: "correction" | "estimate";
  readonly day: string;
  readonly reason: string;
}

export interface VillageProperties {
  readonly code: string;
  readonly name: string;
  readonly district: string;
  readonly wajib_ktp: number | null;
  readonly sudah_rekam: number | null;
  readonly not_recorded: number | null;
  readonly people_to_look_for: number | null;
  readonly usia_16_17: number | null;
  readonly corrections: readonly VillageCorrection[];
  /** Counts that are known, but not shown to who asks. */
  readonly withheld: readonly string[];
  readonly signal: string | null;
  readonly signal_source: string | null;
  readonly signal_on: string | null;
  /** What says so: report, raster, area or tower. */
  readonly signal_kind: string | null;
  readonly share_covered: number | null;
  readonly power: string;
  readonly n_contradictions: number;
  readonly is_blank_spot: boolean | null;
}

export interface TowerProperties {
  readonly site_id: string;
  readonly name: string;
  readonly status: string | null;
  readonly class: string | null;
  readonly source: string | null;
  readonly observed_on: string | null;
}

export interface RouteProperties {
  readonly team: string;
  readonly day: string;
  readonly order: number;
  readonly mode: string;
  readonly minutes: number;
  readonly metres: number;
  readonly follows_network: boolean;
  readonly is_straight_line: boolean;
}

export type Villages = FeatureCollection<Geometry, VillageProperties>;
export type BlankSpots = FeatureCollection<Geometry, Readonly<Record<string, unknown>>>;
export type Towers = FeatureCollection<Point, TowerProperties>;
export type Routes = FeatureCollection<LineString, RouteProperties>;

/** RFC 9457. */
export interface ProblemDocument {
  readonly title: string;
  readonly detail: string | null;
  readonly status: number;
}

/** Where a programme stands at the end of a week of a campaign. */
export interface StandingOut {
  readonly week: string;
  readonly share: number | null;
  readonly not_recorded: number;
  readonly gap_to_target: number;
}

export interface CampaignTarget {
  readonly programme: string;
  readonly share: number;
  readonly is_goal: boolean;
  readonly start: StandingOut;
  readonly standings: readonly StandingOut[];
  readonly reached_week: string | null;
  readonly reached_p10: string | null;
  readonly reached_p90: string | null;
  readonly chance: number | null;
  readonly earliest_week: string | null;
  readonly ceiling: number | null;
  readonly to_verify: number | null;
}

export interface CampaignDistrict {
  readonly district: string;
  readonly n_visits: number;
  readonly teams: readonly string[];
}

export interface CampaignWeekOut {
  readonly week: string;
  readonly idle: string | null;
  readonly is_planned: boolean;
  readonly n_teams: number;
  readonly n_visits: number;
  readonly n_second_visits: number;
  readonly expected: Expected;
  readonly cost_rupiah: number | null;
  readonly districts: readonly CampaignDistrict[];
}

export interface CampaignOut {
  readonly campaign_id: number;
  readonly first_week: string;
  readonly last_week: string;
  readonly is_complete: boolean;
  readonly value: number | null;
  readonly reached_week: string | null;
  readonly weeks_until_reached: number | null;
  readonly team_weeks_until_reached: number | null;
  readonly targets: readonly CampaignTarget[];
  readonly weeks: readonly CampaignWeekOut[];
  readonly job_state: JobState | null;
}

export interface CampaignSummary {
  readonly campaign_id: number;
}

export interface CampaignList {
  readonly items: readonly CampaignSummary[];
}

export type StepName =
  | "propose"
  | "withdraw"
  | "approve"
  | "return"
  | "publish"
  | "start"
  | "close"
  | "discard"
  | "cancel";

export interface StepRequest {
  readonly action: StepName;
  readonly version: number;
  readonly reason?: string;
  readonly letters?: Readonly<Record<string, string>>;
  readonly replaces?: number;
}

/** A step that was taken in the life of a plan. */
export interface StepOut {
  readonly version: number;
  readonly at: string;
  readonly account: string;
  readonly action: string;
  readonly before: string;
  readonly after: string;
  readonly reason: string | null;
}

/** A change made by hand; `at` is the code of a village or service point. */
export type EditAction =
  | { readonly action: "move" | "add"; readonly at: string; readonly team: string; readonly day: string }
  | { readonly action: "length"; readonly at: string; readonly minutes: number }
  | { readonly action: "drop" | "lock" | "unlock"; readonly at: string };

export interface EditRequest {
  readonly version: number;
  readonly actions: readonly EditAction[];
  readonly reason?: string;
}

export interface FiguresOut {
  readonly value: number;
  readonly worth: number;
  readonly cost_rupiah: number;
}

/** What a change by hand did; `is_kept` false: it breaks rules, and no reason was given. */
export interface EditAnswer {
  readonly plan_id: number;
  readonly version: number;
  readonly is_kept: boolean;
  readonly before: FiguresOut;
  readonly after: FiguresOut;
  readonly worth_lost: number;
  readonly violations: readonly ViolationOut[];
  readonly changes: readonly StopChange[];
}

/** Who keeps a plan that breaks rules, and why. */
export interface KeptOut {
  readonly account: string;
  readonly at: string;
  readonly reason: string;
}

export interface EditOut {
  readonly is_open: boolean;
}

/** The changes made by hand to a plan, the newest first, and what may be changed. */
export interface EditList {
  readonly plan_id: number;
  readonly version: number;
  readonly can_edit: boolean;
  readonly kept: KeptOut | null;
  readonly locked: readonly { readonly point_code: string }[];
  readonly minutes: readonly number[];
  readonly items: readonly EditOut[];
}

export type CheckName = "signal" | "weather" | "blanks" | "fuel" | "attendance";
export type CheckAnswer = "yes" | "no" | "unknown";
export type Verdict = "go" | "no_go";

/** The newest answer to one check. */
export interface AnswerOut {
  readonly answer: CheckAnswer;
  readonly note: string;
}

/** A team's day: what is known of it the evening before, and whether it goes. */
export interface TeamDayReadiness {
  readonly team: string;
  readonly day: string;
  readonly is_on_tour: boolean;
  readonly answers: Readonly<Partial<Record<CheckName, AnswerOut>>>;
  readonly verdict: Verdict | null;
  readonly reason: string | null;
  readonly replan_id: number | null;
}

export interface ReadinessList {
  readonly items: readonly TeamDayReadiness[];
}

export interface ReadinessIn {
  readonly team: string;
  readonly day: string;
  readonly answers: Readonly<Partial<Record<CheckName, AnswerOut>>>;
  readonly verdict?: Verdict;
  readonly reason?: string;
}

/** People by what became of them; `cleared`: records of those who died or moved. */
export interface Outcomes {
  readonly served: number;
  readonly cleared: number;
}

/** What counts of one session. */
export interface SessionOut {
  readonly team: string;
  readonly day: string;
  readonly village_name: string;
  readonly in_plan: "planned" | "moved" | "dropped";
  readonly entry_id: number;
  readonly is_contested: boolean;
  readonly is_late: boolean;
  readonly programmes: Readonly<Partial<Record<Programme, Outcomes>>>;
  readonly expected: Expected | null;
}

/** What a report tells of one thing; of a programme people by outcome. */
export type Fact = string | number | Readonly<Record<string, number>> | null;

/** Reports of a session that tell different things; all are kept. */
export interface ReportContradiction {
  readonly team: string;
  readonly day: string;
  readonly village_name: string;
  readonly kind: "reports-differ" | "key-reused" | "other-team" | "other-day";
  readonly why: "settled" | "told-last" | "all-count";
  readonly is_open: boolean;
  readonly counts_entry_id: number;
  readonly entries: readonly number[];
  /** By fact, what each of `entries` tells. */
  readonly facts: Readonly<Record<string, readonly Fact[]>>;
}

export interface StopMissing {
  readonly team: string;
  readonly day: string;
  readonly village_name: string;
}

export interface PlanResults {
  readonly plan_id: number;
  readonly sessions: readonly SessionOut[];
  readonly contradictions: readonly ReportContradiction[];
  readonly missing: readonly StopMissing[];
}

export interface RecordOutcome {
  readonly key: string | null;
  readonly outcome: "accepted" | "known" | "contradicts" | "refused";
  readonly reason: string | null;
  readonly detail: string | null;
}

/** What became of reports that were sent. */
export interface ResultsOut {
  readonly accepted: number;
  readonly known: number;
  readonly contradicts: number;
  readonly refused: number;
  readonly records: readonly RecordOutcome[];
}

export interface SettlementIn {
  readonly key: string;
  readonly entries: readonly number[];
  readonly adopt: number;
  readonly reason: string;
}

export interface TargetInForce {
  readonly year: number;
  readonly share: number;
  /** Whether it is of an earlier year: no newer is known. */
  readonly is_carried: boolean;
}

/** Where a programme stands by the counts of today; null: not known, or withheld. */
export interface ProgrammeProgress {
  readonly programme: Programme;
  readonly base: number | null;
  readonly recorded: number | null;
  readonly share: number | null;
  readonly not_recorded: number | null;
  readonly gap_to_target: number | null;
  readonly n_over: number | null;
  readonly withheld: boolean;
  readonly target: TargetInForce | null;
}

export interface ForecastStanding {
  readonly ends: string;
  readonly share: number | null;
  readonly share_p10: number | null;
  readonly share_p90: number | null;
}

export interface ForecastProgramme {
  readonly programme: Programme;
  readonly is_goal: boolean;
  readonly reached_week: string | null;
  readonly reached_p10: string | null;
  readonly reached_p90: string | null;
  readonly standings: readonly ForecastStanding[];
}

/** What the newest campaign expects. */
export interface Forecast {
  readonly missing: "no-campaign" | "campaign-over" | null;
  readonly last_week: string | null;
  readonly is_outdated: boolean;
  readonly programmes: readonly ForecastProgramme[];
}

export interface TrajectoryPoint {
  readonly day: string;
  readonly programme: Programme;
  readonly share: number | null;
}

/** How far a regency is. */
export interface ProgressOut {
  readonly code: string | null;
  readonly year: number;
  readonly programmes: readonly ProgrammeProgress[];
  readonly trajectory: readonly TrajectoryPoint[];
  readonly forecast: Forecast | null;
  readonly is_withheld: boolean;
}

export type RequestAction = "verify" | "refuse" | "reopen" | "finish";

/** A letter that asks for a visit. */
export interface RequestOut {
  readonly request_id: number;
  readonly village_code: string;
  readonly village_name: string;
  readonly district: string;
  readonly number: string;
  readonly letter_date: string;
  readonly programmes: readonly Programme[];
  readonly people: number;
  readonly contact: string;
  readonly is_required: boolean;
  readonly state: string;
  readonly version: number;
  readonly plan_id: number | null;
  readonly next: readonly RequestAction[];
}

export interface RequestList {
  readonly items: readonly RequestOut[];
}

export interface RequestStepIn {
  readonly action: RequestAction;
  readonly version: number;
  readonly reason?: string;
}

export interface PlannedDate {
  readonly plan_id: number | null;
  readonly team: string;
  readonly day: string;
  readonly timezone_label: string;
  readonly start: string;
}

export interface SuggestedDate extends PlannedDate {
  readonly depart: string;
  readonly worth: number;
  readonly cost_rupiah: number;
  readonly others_moved_minutes: number;
}

export interface SkippedWeek {
  readonly week: string;
  readonly reason: string;
}

/** Days and teams for a request, those that bring most first. */
export interface Suggestions {
  readonly request_id: number;
  readonly dates: readonly SuggestedDate[];
  readonly planned: readonly PlannedDate[];
  readonly skipped: readonly SkippedWeek[];
}

export interface PlanLife {
  readonly plan_id: number;
  readonly state: string;
  readonly version: number;
  readonly replaced_by: number | null;
  /** Number of the assignment letter of each team. */
  readonly letters: Readonly<Record<string, string>>;
  /** Steps that its state and the role of who looks allow. */
  readonly next: readonly StepName[];
  readonly steps: readonly StepOut[];
}
