/** The only place that asks the server; every refusal arrives as a `Problem`. */
import type {
  BlankSpots,
  CallerOut,
  CampaignList,
  CampaignOut,
  EditAnswer,
  EditList,
  EditRequest,
  JobOut,
  PlanLife,
  PlanList,
  PlanOut,
  PlanResults,
  ProblemDocument,
  ProgressOut,
  ReadinessIn,
  ReadinessList,
  RegencyOut,
  RequestList,
  RequestOut,
  RequestStepIn,
  ResultsOut,
  Routes,
  SettlementIn,
  StepRequest,
  Suggestions,
  TeamDayReadiness,
  Towers,
  Villages,
} from "./api-types";

export const UNAUTHORISED = 401;
/** `EventSource.CLOSED`, which tests do not have. */
const CLOSED = 2;

export class Problem extends Error {
  constructor(
    readonly title: string,
    readonly detail: string | null,
    /** HTTP status; 0 when no answer came at all. */
    readonly status: number,
  ) {
    super(detail ?? title);
    this.name = "Problem";
  }
}

export interface Api {
  session(): Promise<CallerOut>;
  regencies(): Promise<readonly RegencyOut[]>;
  plans(regency: string): Promise<PlanList>;
  plan(id: string): Promise<PlanOut>;
  job(id: number): Promise<JobOut>;
  /**
   * Hear of a job whenever something happens to it. A connection that breaks is made anew from the
   * last event; `lost` is told once, when there will be no more. Gives what ends it.
   */
  jobEvents(id: number, heard: (job: JobOut) => void, lost: () => void): () => void;
  villages(regency: string): Promise<Villages>;
  blankSpots(regency: string): Promise<BlankSpots>;
  towers(regency: string): Promise<Towers>;
  routes(plan: string): Promise<Routes>;
  /** The regency's newest campaign; null when it has none. */
  campaign(regency: string): Promise<CampaignOut | null>;
  life(plan: string): Promise<PlanLife>;
  /** Take a step in the life of a plan; gives where it stands then. */
  step(plan: string, asked: StepRequest): Promise<PlanLife>;
  edits(plan: string): Promise<EditList>;
  edit(plan: string, asked: EditRequest): Promise<EditAnswer>;
  undoEdit(plan: string, version: number): Promise<EditAnswer>;
  readiness(plan: string): Promise<ReadinessList>;
  tellReadiness(plan: string, said: ReadinessIn): Promise<TeamDayReadiness>;
  results(plan: string): Promise<PlanResults>;
  /** Send reports of one plan, in the form of a telephone's file. */
  report(plan: string, file: string): Promise<ResultsOut>;
  settle(plan: string, word: SettlementIn): Promise<unknown>;
  progress(regency: string): Promise<ProgressOut>;
  requests(regency: string): Promise<RequestList>;
  requestStep(id: number, asked: RequestStepIn): Promise<RequestOut>;
  /** Days for a request; may take some seconds. */
  suggestions(id: number): Promise<Suggestions>;
}

/**
 * `language` is read at each request, because the user may switch it, and goes out as
 * `Accept-Language`, so that the server's messages match the page. Who asks is in a cookie that
 * no script can read.
 */
export function createApi(
  language: () => string,
  fetcher: typeof fetch = fetch,
  open: (url: string) => EventSource = (url) => new EventSource(url),
): Api {
  function get<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    const search = new URLSearchParams(query).toString();
    return ask(`/api/v1/${path}${search && `?${search}`}`);
  }

  function post<T>(path: string, body: unknown): Promise<T> {
    return send(path, JSON.stringify(body));
  }

  function send<T>(path: string, body: string): Promise<T> {
    const headers = { "Content-Type": "application/json" };
    return ask(`/api/v1/${path}`, { method: "POST", headers, body });
  }

  async function ask<T>(url: string, init: RequestInit = {}): Promise<T> {
    const headers = {
      Accept: "application/geo+json, application/json",
      "Accept-Language": language(),
      ...init.headers,
    };
    let response: Response;
    try {
      response = await fetcher(url, { ...init, headers });
    } catch {
      throw new Problem("unreachable", null, 0);
    }
    if (!response.ok) throw await problemOf(response);
    try {
      return (await response.json()) as T;
    } catch {
      throw new Problem("unreadable", url, response.status);
    }
  }
  return {
    session: () => get("session"),
    regencies: () => get("regencies"),
    plans: (regency) => get("plans", { regency }),
    plan: (id) => get(`plans/${encodeURIComponent(id)}`),
    job: (id) => get(`jobs/${id}`),
    jobEvents: (id, heard, lost) => {
      const events = open(`/api/v1/jobs/${id}/events?lang=${language()}`);
      events.addEventListener("job", (event) => heard(JSON.parse(event.data as string) as JobOut));
      events.addEventListener("error", () => {
        if (events.readyState === CLOSED) lost();
      });
      return () => events.close();
    },
    villages: (regency) => get("features/villages", { regency }),
    blankSpots: (regency) => get("features/blank-spots", { regency }),
    towers: (regency) => get("features/towers", { regency }),
    routes: (plan) => get("features/routes", { plan }),
    campaign: async (regency) => {
      const { items } = await get<CampaignList>("campaigns", { regency, limit: "1" });
      return items[0] ? get(`campaigns/${items[0].campaign_id}`) : null;
    },
    life: (plan) => get(`plans/${encodeURIComponent(plan)}/steps`),
    edits: (plan) => get(`plans/${encodeURIComponent(plan)}/edits`),
    edit: (plan, asked) => post(`plans/${encodeURIComponent(plan)}/edits`, asked),
    undoEdit: (plan, version) => post(`plans/${encodeURIComponent(plan)}/edits/undo`, { version }),
    readiness: (plan) => get(`plans/${encodeURIComponent(plan)}/readiness`),
    tellReadiness: (plan, said) => post(`plans/${encodeURIComponent(plan)}/readiness`, said),
    results: (plan) => get(`plans/${encodeURIComponent(plan)}/results`),
    report: (plan, file) => send(`plans/${encodeURIComponent(plan)}/results`, file),
    settle: (plan, word) => post(`plans/${encodeURIComponent(plan)}/results/settlements`, word),
    progress: (regency) => get("progress", { area: regency }),
    requests: (regency) => get("requests", { regency }),
    requestStep: (id, asked) => post(`requests/${id}/steps`, asked),
    suggestions: (id) => get(`requests/${id}/suggestions`),
    step: (plan, asked) => post(`plans/${encodeURIComponent(plan)}/steps`, asked),
  };
}

async function problemOf(response: Response): Promise<Problem> {
  const body: Partial<ProblemDocument> | null = await response.json().catch(() => null);
  const title = body?.title ?? (response.statusText || `HTTP ${response.status}`);
  return new Problem(title, body?.detail ?? null, response.status);
}

/** What was thrown, as a `Problem`; a fault of our own code is thrown on, not shown as a refusal. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  throw thrown;
}
