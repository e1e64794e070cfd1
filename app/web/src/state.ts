/** The whole state of the page: one immutable object, changed by pure functions only. */
import { UNAUTHORISED, type Problem } from "./api";
import type {
  BlankSpots,
  CallerOut,
  CampaignOut,
  EditList,
  JobOut,
  JobState,
  PlanLife,
  PlanOut,
  PlanResults,
  PlanSummary,
  ProgressOut,
  RegencyOut,
  RequestOut,
  Routes,
  StopOut,
  TeamDayReadiness,
  Towers,
  Villages,
} from "./api-types";

export type Lang = "id" | "en";

export interface View {
  readonly zoom: number;
  readonly lat: number;
  readonly lon: number;
}

/** What the user chose; exactly this is kept in the address. Null means "not chosen". */
export interface Selection {
  readonly lang: Lang;
  readonly regency: string | null;
  readonly plan: string | null;
  readonly team: string | null;
  readonly day: string | null;
  readonly stop: string | null;
  readonly village: string | null;
  readonly view: View | null;
}

export type Remote<T> =
  | { readonly is: "absent" }
  | { readonly is: "loading" }
  | { readonly is: "failed"; readonly problem: Problem }
  | { readonly is: "ready"; readonly value: T };

/** What the server answered. */
export interface Answers {
  readonly session: Remote<CallerOut>;
  readonly regencies: Remote<readonly RegencyOut[]>;
  readonly plans: Remote<readonly PlanSummary[]>;
  readonly plan: Remote<PlanOut>;
  readonly job: Remote<JobOut>;
  readonly villages: Remote<Villages>;
  readonly blankSpots: Remote<BlankSpots>;
  readonly towers: Remote<Towers>;
  readonly routes: Remote<Routes>;
  /** The newest one of the regency; null when there is none. */
  readonly campaign: Remote<CampaignOut | null>;
  readonly life: Remote<PlanLife>;
  readonly results: Remote<PlanResults>;
  readonly readiness: Remote<readonly TeamDayReadiness[]>;
  readonly edits: Remote<EditList>;
  readonly progress: Remote<ProgressOut>;
  readonly requests: Remote<readonly RequestOut[]>;
}

export interface State {
  readonly selection: Selection;
  readonly answers: Answers;
}

const absent = { is: "absent" } as const;

export const nothingSelected: Selection = {
  lang: "id",
  regency: null,
  plan: null,
  team: null,
  day: null,
  stop: null,
  village: null,
  view: null,
};

export function initialState(selection: Partial<Selection> = {}): State {
  return {
    selection: { ...nothingSelected, ...selection },
    answers: {
      session: absent,
      regencies: absent,
      plans: absent,
      plan: absent,
      job: absent,
      villages: absent,
      blankSpots: absent,
      towers: absent,
      routes: absent,
      campaign: absent,
      life: absent,
      results: absent,
      readiness: absent,
      edits: absent,
      progress: absent,
      requests: absent,
    },
  };
}

export function valueOf<T>(remote: Remote<T>): T | null {
  return remote.is === "ready" ? remote.value : null;
}

function select(state: State, change: Partial<Selection>): State {
  return { ...state, selection: { ...state.selection, ...change } };
}

export function receive<K extends keyof Answers>(state: State, key: K, answer: Answers[K]): State {
  return { ...state, answers: { ...state.answers, [key]: answer } };
}

/** What is known of the chosen plan. */
const OF_PLAN = ["plan", "routes", "life", "edits", "readiness", "results"] as const;

function forget(state: State, ...keys: readonly (keyof Answers)[]): State {
  const gone = Object.fromEntries(keys.map((key) => [key, absent]));
  return { ...state, answers: { ...state.answers, ...gone } };
}

/** Begin anew with another selection, knowing still who looks and which regencies there are. */
function elsewhere({ answers }: State, selection: Partial<Selection>): State {
  const { session, regencies } = answers;
  return receive(receive(initialState(selection), "session", session), "regencies", regencies);
}

/** Another regency has other plans, teams and stops: everything chosen below it goes. */
export function chooseRegency(state: State, regency: string): State {
  const { lang } = state.selection;
  return elsewhere(state, { lang, regency });
}

/** Another plan keeps the village looked at and the view, not teams, days and stops. */
export function choosePlan(state: State, plan: string): State {
  const change = { plan, team: null, day: null, stop: null };
  return forget(select(state, change), "job", ...OF_PLAN);
}

/** The plan carries texts of the server, so another language asks for it again. */
export function chooseLang(state: State, lang: Lang): State {
  return forget(select(state, { lang }), "plan");
}

/** Ask again for what was refused. */
export function retry(state: State): State {
  const failed = Object.entries(state.answers).filter(([, answer]) => answer.is === "failed");
  return forget(state, ...failed.map(([key]) => key as keyof Answers));
}

/** Whether who looks works on plans, and so may read their life. */
export function isOffice({ answers }: State): boolean {
  const role = valueOf(answers.session)?.role;
  return role === "admin" || role === "planner" || role === "approver";
}

function isTeam({ answers }: State): boolean {
  return valueOf(answers.session)?.role === "team";
}

/** Whether who looks makes plans. */
export function isPlanner({ answers }: State): boolean {
  const role = valueOf(answers.session)?.role;
  return role === "admin" || role === "planner";
}

/** Whether teams work by a plan. */
function isCarriedOut(plan: PlanSummary | null): boolean {
  return plan?.state === "published" || plan?.state === "in_progress";
}

/** Whether reports of a plan are taken. */
function isReported(plan: PlanSummary | null): boolean {
  return isCarriedOut(plan) || plan?.state === "closed";
}

/** Whether a plan can still be changed by hand. */
function isOpen(plan: PlanSummary | null): boolean {
  return plan?.state === "draft" || plan?.state === "proposed";
}

/** Nobody is signed in, or not any more. */
export function isLocked(state: State): boolean {
  return Object.values(state.answers).some(
    (answer) => answer.is === "failed" && answer.problem.status === UNAUTHORISED,
  );
}

/** The job has ended: its plan and the list must be read anew. */
export function jobEnded(state: State): State {
  return forget(state, "plans", ...OF_PLAN);
}

/** A step was taken: the list tells the new state, also of the plan whose place was taken. */
export function stepTaken(state: State, life: PlanLife, replaced?: number): State {
  const told = (plan: PlanSummary): PlanSummary => {
    if (plan.plan_id === life.plan_id) return { ...plan, state: life.state };
    return plan.plan_id === replaced ? { ...plan, state: "cancelled" } : plan;
  };
  const plans = valueOf(state.answers.plans);
  // A plan that is published schedules requests, and gives them back when it is cancelled.
  const known = forget(receive(state, "life", { is: "ready", value: life }), "requests", "edits", "readiness", "results");
  return plans ? receive(known, "plans", { is: "ready", value: plans.map(told) }) : known;
}

/** A step was taken with a request. */
export function requestChanged(state: State, after: RequestOut): State {
  const told = (request: RequestOut): RequestOut =>
    request.request_id === after.request_id ? after : request;
  const value = valueOf(state.answers.requests)?.map(told) ?? null;
  return value ? receive(state, "requests", { is: "ready", value }) : state;
}

/** Reports were taken in: what counts may have changed, and with the first the week began. */
export function askResults(state: State): State {
  return forget(state, "results", "plans", "life");
}

/** A check was answered, or a verdict given. */
export function readinessTold(state: State, after: TeamDayReadiness): State {
  const isSame = (one: TeamDayReadiness): boolean =>
    one.team === after.team && one.day === after.day;
  const value = valueOf(state.answers.readiness)?.map((one) => (isSame(one) ? after : one));
  const told = value ? receive(state, "readiness", { is: "ready", value }) : state;
  // A no-go makes a new plan, which is in the list from now on.
  return after.replan_id === null ? told : forget(told, "plans");
}

/** Days of teams, those of the team and day chosen, that are asked about the evening before. */
export function shownDays(state: State): readonly TeamDayReadiness[] {
  const days = valueOf(state.answers.readiness) ?? [];
  return days.filter((day) => isShown(state.selection, day));
}

/** Ask again where the plan stands: somebody else has moved it. */
export function askLife(state: State): State {
  return forget(state, "life", "edits", "readiness", "results");
}

/** Stops were changed by hand: the plan is read anew, and the village changed stays in view. */
export function stopsEdited(state: State, plan: number, at?: string): State {
  if (state.selection.plan !== String(plan)) return state;
  const village = selectedStop(state)?.village_code ?? state.selection.village ?? at ?? null;
  const chosen = select(state, { stop: null, village });
  return forget(chosen, "plan", "routes", "life", "edits", "plans");
}

export function chooseStop(state: State, stop: string | null): State {
  return select(state, { stop, village: null });
}

export function chooseVillage(state: State, village: string | null): State {
  return select(state, { village, stop: null });
}

export function moveView(state: State, view: View | null): State {
  return select(state, { view });
}

/** Narrow what is shown; a selected stop that is no longer shown is let go. */
export function filter(state: State, change: Partial<Pick<Selection, "team" | "day">>): State {
  const narrowed = select(state, change);
  const stop = selectedStop(narrowed);
  return stop && !isShown(narrowed.selection, stop) ? select(narrowed, { stop: null }) : narrowed;
}

/** Take over an address typed or gone back to, asking anew only for what it changes. */
export function adopt(state: State, selection: Selection): State {
  const { regency, plan, lang } = state.selection;
  if (selection.regency !== regency) {
    return elsewhere(state, selection);
  }
  const stale: (keyof Answers)[] = [];
  if (selection.plan !== plan) stale.push("job", ...OF_PLAN);
  if (selection.lang !== lang) stale.push("plan");
  return forget(select(state, selection), ...stale);
}

export function isShown(
  selection: Selection,
  item: { readonly team: string; readonly day: string },
): boolean {
  const { team, day } = selection;
  return (team === null || item.team === team) && (day === null || item.day === day);
}

export function shownStops(state: State): readonly StopOut[] {
  return (valueOf(state.answers.plan)?.stops ?? []).filter((stop) =>
    isShown(state.selection, stop),
  );
}

export function selectedStop(state: State): StopOut | null {
  const { stop: id } = state.selection;
  return valueOf(state.answers.plan)?.stops.find((stop) => stop.stop_id === id) ?? null;
}

export function chosenRegency(state: State): RegencyOut | null {
  const { regency: code } = state.selection;
  return valueOf(state.answers.regencies)?.find((regency) => regency.code === code) ?? null;
}

export function chosenSummary(state: State): PlanSummary | null {
  const { plan: id } = state.selection;
  return valueOf(state.answers.plans)?.find((plan) => String(plan.plan_id) === id) ?? null;
}

/** Team names in the plan's own order, which also gives each team its colour. */
export function teamNames(plan: PlanOut): readonly string[] {
  return [...new Set([...plan.teams.map((t) => t.team), ...plan.stops.map((s) => s.team)])];
}

export function days(plan: PlanOut): readonly string[] {
  return [...new Set(plan.stops.map((stop) => stop.day))].sort();
}

/** Where the page begins: the regency asked for, else one that has a plan, else the first. */
export function firstRegency(regencies: readonly RegencyOut[]): string | null {
  const planned = regencies.find((regency) => regency.latest_plan_id !== null);
  return (planned ?? regencies[0])?.code ?? null;
}

export interface Store {
  readonly get: () => State;
  readonly update: (change: (state: State) => State) => void;
  readonly subscribe: (listener: (state: State, before: State) => void) => void;
}

export function createStore(initial: State): Store {
  let state = initial;
  const listeners: ((state: State, before: State) => void)[] = [];
  return {
    get: () => state,
    update(change) {
      const before = state;
      state = change(before);
      if (state !== before) for (const listener of listeners) listener(state, before);
    },
    subscribe: (listener) => void listeners.push(listener),
  };
}

function isRunning(job: JobState | null | undefined): boolean {
  return job === "todo" || job === "doing";
}

/** Whether the chosen plan's job has not come to its end yet, as far as is known. */
export function isSolving(state: State): boolean {
  return isRunning(valueOf(state.answers.job)?.state ?? chosenSummary(state)?.job_state);
}

/**
 * What the selection needs and nobody has asked for yet.
 *
 * A plan that is being solved for the first time has nothing to show: its job is asked for instead.
 * The job of a failed solve tells why it failed.
 */
export function wanted(state: State): readonly (keyof Answers)[] {
  const { regency, plan } = state.selection;
  const summary = chosenSummary(state);
  const hasResult = !isSolving(state) || (summary !== null && summary.status !== null);
  const isPlanKnown = plan !== null && (regency === null || state.answers.plans.is === "ready");
  const needs: Readonly<Record<keyof Answers, boolean>> = {
    session: true,
    regencies: true,
    plans: regency !== null,
    villages: regency !== null,
    blankSpots: regency !== null,
    towers: regency !== null,
    campaign: regency !== null,
    progress: regency !== null,
    plan: isPlanKnown && hasResult,
    routes: isPlanKnown && hasResult && regency !== null,
    life: isPlanKnown && hasResult && isOffice(state),
    readiness: isPlanKnown && isCarriedOut(summary) && (isOffice(state) || isTeam(state)),
    results: isPlanKnown && isReported(summary) && (isOffice(state) || isTeam(state)),
    edits: isPlanKnown && hasResult && !isSolving(state) && isPlanner(state) && isOpen(summary),
    requests: regency !== null && isOffice(state),
    job: isSolving(state) || summary?.job_state === "failed",
  };
  const keys = Object.keys(needs) as (keyof Answers)[];
  return keys.filter((key) => needs[key] && state.answers[key].is === "absent");
}

/** Nothing is on its way and nothing is left to ask for. */
export function isSettled(state: State): boolean {
  const loading = Object.values(state.answers).some((answer) => answer.is === "loading");
  return !loading && wanted(state).length === 0;
}

/**
 * Fill in what the user left open once it can be known: the regency of a plan given alone, the first
 * regency with a plan (also when the plan given cannot be had), the regency's newest plan.
 */
export function complete(state: State): State {
  const { regency, plan } = state.selection;
  if (regency === null) {
    const code =
      plan === null || state.answers.plan.is === "failed"
        ? firstRegency(valueOf(state.answers.regencies) ?? [])
        : (valueOf(state.answers.plan)?.regency.code ?? null);
    return code === null ? state : select(state, { regency: code });
  }
  if (plan !== null) return state;
  const first = firstPlan(valueOf(state.answers.plans) ?? []);
  return first === null ? state : select(state, { plan: String(first.plan_id) });
}

/** The newest plan that has or will have something to show; else the newest. */
function firstPlan(plans: readonly PlanSummary[]): PlanSummary | null {
  return (
    plans.find((plan) => plan.status !== null || isRunning(plan.job_state)) ?? plans[0] ?? null
  );
}
