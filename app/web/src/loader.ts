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
/** So long may events be silent before the job is asked for; the first is sent at once. */
const QUIET_MS = 5000;

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
    edits: (state) => api.edits(plan(state)),
    readiness: async (state) => (await api.readiness(plan(state))).items,
    results: (state) => api.results(plan(state)),
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
  edits: ({ selection }) => `${selection.plan}`,
  readiness: ({ selection }) => `${selection.plan}`,
  results: ({ selection }) => `${selection.plan}`,
  progress: ({ selection }) => `${selection.regency}`,
  requests: ({ selection }) => `${selection.regency}`,
};

interface Listening {
  readonly id: number;
  /** Of the job, as last heard. */
  version: number;
  readonly stop: () => void;
  readonly lose: () => void;
  readonly askAgain: () => void;
}

const nothing = (): void => undefined;
const noEvents: Listening = { id: 0, version: 0, stop: nothing, lose: nothing, askAgain: nothing };

/** Start loading, and go on whenever the store changes. */
export function startLoader(store: Store, api: Api, pollMs = POLL_MS): void {
  const ask = fetchers(api);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let listening = noEvents;

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

  /**
   * Follow the job of one plan until it ends, is refused, or another plan is chosen: by its events,
   * and by asking where they do not come through.
   */
  async function follow(plan: string | null): Promise<void> {
    if (store.get().selection.plan !== plan) return listening.stop();
    const wasSolving = isSolving(store.get());
    await load("job");
    const state = store.get();
    const job = valueOf(state.answers.job);
    if (state.selection.plan !== plan || job === null) return;
    if (!isSolving(state)) {
      listening.stop();
      if (wasSolving) store.update(jobEnded);
      return;
    }
    if (listening.id !== job.job_id) listening = listen(plan, job.job_id);
    // Something happened that was not heard of: a proxy keeps events back until it has many.
    else if (job.version > listening.version) listening.lose();
    listening.askAgain();
  }

  /** Hear of a job; `askAgain` asks for it after a silence, or soon when nothing can be heard. */
  function listen(plan: string | null, id: number): Listening {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    let isDeaf = false;
    let close = nothing;
    listening.stop();
    const current: Listening = {
      id,
      version: -1,
      stop: () => {
        clearTimeout(waiting);
        close();
      },
      lose: () => {
        isDeaf = true;
        close();
      },
      askAgain: () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => void follow(plan), isDeaf ? pollMs : QUIET_MS);
      },
    };
    const end = api.jobEvents(
      id,
      (job) => {
        if (store.get().selection.plan !== plan) return current.stop();
        current.version = job.version;
        store.update((state) => receive(state, "job", { is: "ready", value: job }));
        if (isSolving(store.get())) return current.askAgain();
        current.stop();
        store.update(jobEnded);
      },
      () => {
        current.lose();
        current.askAgain();
      },
    );
    if (isDeaf) end();
    else close = end;
    return current;
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
