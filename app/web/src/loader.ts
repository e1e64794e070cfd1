/** Keeps the answers in step with the selection: asks for what is wanted, drops what came too late. */
import { asProblem, type Api } from "./api";
import {
  chosenSummary,
  complete,
  isSolving,
  jobEnded,
  receive,
  valueOf,
  wanted,
  type Answers,
  type State,
  type Store,
} from "./state";

const POLL_MS = 2000;

type Key = keyof Answers;
type Ready<K extends Key> = Extract<Answers[K], { is: "ready" }>["value"];
type Fetchers = { readonly [K in Key]: (state: State) => Promise<Ready<K>> };

function fetchers(api: Api): Fetchers {
  const regency = (state: State): string => state.selection.regency ?? "";
  const plan = (state: State): string => state.selection.plan ?? "";
  const job = (state: State): number =>
    valueOf(state.answers.job)?.job_id ?? chosenSummary(state)?.job_id ?? 0;
  return {
    session: () => api.session(),
    regencies: () => api.regencies(),
    plans: async (state) => (await api.plans(regency(state))).items,
    plan: (state) => api.plan(plan(state)),
    job: (state) => api.job(job(state)),
    villages: (state) => api.villages(regency(state)),
    blankSpots: (state) => api.blankSpots(regency(state)),
    towers: (state) => api.towers(regency(state)),
    routes: (state) => api.routes(plan(state)),
    campaign: (state) => api.campaign(regency(state)),
    life: (state) => api.life(plan(state)),
    progress: (state) => api.progress(regency(state)),
    requests: async (state) => (await api.requests(regency(state))).items,
  };
}

/** What an answer depends on; an answer whose ground has changed meanwhile is not taken. */
const ground: { readonly [K in Key]: (state: State) => string } = {
  session: () => "",
  regencies: () => "",
  plans: ({ selection }) => `${selection.regency}`,
  plan: ({ selection }) => `${selection.plan} ${selection.lang}`,
  job: ({ selection }) => `${selection.plan}`,
  villages: ({ selection }) => `${selection.regency}`,
  blankSpots: ({ selection }) => `${selection.regency}`,
  towers: ({ selection }) => `${selection.regency}`,
  routes: ({ selection }) => `${selection.plan}`,
  campaign: ({ selection }) => `${selection.regency}`,
  life: ({ selection }) => `${selection.plan}`,
  progress: ({ selection }) => `${selection.regency}`,
  requests: ({ selection }) => `${selection.regency}`,
};

/** Start loading, and go on whenever the store changes. */
export function startLoader(store: Store, api: Api, pollMs = POLL_MS): void {
  const ask = fetchers(api);
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function load<K extends Key>(key: K): Promise<void> {
    const asked = ground[key](store.get());
    const isStale = (): boolean => ground[key](store.get()) !== asked;
    try {
      const value = await ask[key](store.get());
      if (isStale()) return;
      store.update((state) => receive(state, key, { is: "ready", value } as Answers[K]));
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (isStale()) return;
      store.update((state) => receive(state, key, { is: "failed", problem } as Answers[K]));
    }
  }

  /** Ask for the job of one plan until it ends, is refused, or another plan is chosen. */
  async function follow(plan: string | null): Promise<void> {
    if (store.get().selection.plan !== plan) return;
    const wasSolving = isSolving(store.get());
    await load("job");
    const state = store.get();
    if (state.selection.plan !== plan || state.answers.job.is !== "ready") return;
    if (isSolving(state)) setTimeout(() => void follow(plan), pollMs);
    else if (wasSolving) store.update(jobEnded);
  }

  /** Ask for the campaign again as long as a job plans its weeks, each of which is stored. */
  async function followCampaign(of: string | null): Promise<void> {
    clearTimeout(timer);
    await load("campaign");
    const { answers, selection } = store.get();
    const state = valueOf(answers.campaign)?.job_state;
    if (selection.regency !== of || (state !== "todo" && state !== "doing")) return;
    clearTimeout(timer);
    timer = setTimeout(() => void followCampaign(of), pollMs);
  }

  function start(key: Key, { selection }: State): void {
    if (key === "job") void follow(selection.plan);
    else if (key === "campaign") void followCampaign(selection.regency);
    else void load(key);
  }

  function step(): void {
    const completed = complete(store.get());
    if (completed !== store.get()) {
      store.update(() => completed);
      return;
    }
    const keys = wanted(completed);
    if (keys.length === 0) return;
    store.update((state) =>
      keys.reduce((next, key) => receive(next, key, { is: "loading" }), state),
    );
    for (const key of keys) start(key, completed);
  }

  store.subscribe(step);
  step();
}
