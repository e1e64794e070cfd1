/** What the page has to say before, or instead of, a plan; worked out of the state. */
import { UNAUTHORISED, type Problem } from "./api";
import { chosenSummary, isSolving, valueOf, type State } from "./state";
import type { Texts } from "./texts";

export interface Notice {
  readonly kind: "busy" | "info" | "error";
  readonly title: string;
  readonly detail?: string | null;
  readonly canRetry?: boolean;
}

export const PLAN_COMMAND = "jemput-bola plan --regency";

export function notices(state: State, words: Texts): readonly Notice[] {
  const refusals = refused(state, words);
  if (refusals.length > 0) return refusals;
  if (isSolving(state)) return [solving(state, words)];
  const { answers } = state;
  if ([answers.regencies, answers.plans, answers.plan].some((answer) => answer.is === "loading")) {
    return [{ kind: "busy", title: words.t("notice.loading") }];
  }
  const found = [noData(state, words), lastJob(state, words), noResult(state, words)];
  return found.filter((notice): notice is Notice => notice !== null);
}

/** Each refusal once, however many requests met it. */
function refused({ answers }: State, words: Texts): readonly Notice[] {
  const byTitle = new Map<string, Notice>();
  for (const answer of Object.values(answers)) {
    // Who is not signed in is led to where one signs in.
    if (answer.is !== "failed" || answer.problem.status === UNAUTHORISED) continue;
    const notice = fromProblem(answer.problem, words);
    byTitle.set(`${notice.title} ${notice.detail}`, notice);
  }
  return [...byTitle.values()];
}

function fromProblem(problem: Problem, { t }: Texts): Notice {
  const own = { kind: "error", canRetry: true } as const;
  if (problem.title === "unreachable") {
    return { ...own, title: t("notice.unreachable"), detail: t("notice.unreachable_detail") };
  }
  if (problem.title === "unreadable") {
    return { ...own, title: t("notice.unreadable"), detail: problem.detail };
  }
  return { ...own, title: `${problem.title} (${problem.status})`, detail: problem.detail };
}

function solving(state: State, { t, format }: Texts): Notice {
  const job = valueOf(state.answers.job);
  if (job?.state !== "doing") return { kind: "busy", title: t("notice.solving_todo") };
  const elapsed = format.count(job.progress?.elapsed_s);
  const value = format.decimal(job.progress?.value, 1);
  return { kind: "busy", title: t("notice.solving", { elapsed, value }) };
}

function noData({ answers, selection }: State, { t }: Texts): Notice | null {
  if (valueOf(answers.regencies)?.length === 0)
    return { kind: "info", title: t("notice.no_regency") };
  const isEmpty = valueOf(answers.plans)?.length === 0 && selection.plan === null;
  const command = `${PLAN_COMMAND} ${selection.regency}`;
  return isEmpty ? { kind: "info", title: t("notice.no_plan", { command }) } : null;
}

function lastJob(state: State, { t }: Texts): Notice | null {
  const last = chosenSummary(state)?.job_state;
  if (last === "failed") {
    const error = valueOf(state.answers.job)?.error;
    const detail = error ? t("notice.job_failed_detail", { ...error }) : null;
    return { kind: "error", title: t("notice.job_failed"), detail };
  }
  return last === "cancelled" ? { kind: "info", title: t("notice.job_cancelled") } : null;
}

function noResult({ answers }: State, { t }: Texts): Notice | null {
  const plan = valueOf(answers.plan);
  // A plan made by hand that breaks rules has its visits all the same.
  if (!plan || plan.origin?.kind === "judge") return null;
  const isEmpty = plan.status === "infeasible" || plan.status === "no_solution";
  return isEmpty ? { kind: "info", title: t("notice.no_solution") } : null;
}
