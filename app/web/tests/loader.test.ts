import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem, type Api } from "../src/api";
import type { JobOut, JobState } from "../src/api-types";
import { startLoader } from "../src/loader";
import { chooseRegency, createStore, initialState, isSettled, retry, valueOf } from "../src/state";
import { makeLife, makePlan, makeRegency, makeSummary, makeVillages } from "./builders";

const nothing = { type: "FeatureCollection", features: [] } as never;

/** As behind a proxy that refuses streams. */
const deaf: Api["jobEvents"] = (_id, _heard, lost) => {
  lost();
  return () => undefined;
};

function makeJob(state: JobState, version: number): JobOut {
  return { job_id: 70, kind: "solve", state, version, progress: null, error: null };
}

/** A job that is being done, followed; `says` sends an event. */
async function following(version = 1): Promise<{
  readonly store: ReturnType<typeof createStore>;
  readonly says: (job: JobOut) => void;
  readonly seen: { asked: number; closed: number; version: number };
}> {
  const seen = { asked: 0, closed: 0, version };
  let says: (job: JobOut) => void = () => undefined;
  const store = createStore(initialState());
  let isDone = false;
  const api = makeApi({
    plans: async (regency) => {
      const plan = isDone ? makeSummary() : makeSummary({ status: null, job_state: "doing" });
      return { items: regency === "62.02" ? [plan] : [] };
    },
    job: async () => {
      seen.asked += 1;
      return makeJob("doing", seen.version);
    },
    jobEvents: (_id, heard) => {
      says = (job) => {
        isDone = job.state === "succeeded";
        heard(job);
      };
      return () => void (seen.closed += 1);
    },
  });
  startLoader(store, api, 2000);
  await settle();
  return { store, says: (job) => says(job), seen };
}

function makeApi(change: Partial<Api> = {}): Api {
  return {
    session: async () => ({ account: "siti", role: "planner", team: null }),
    regencies: async () => [makeRegency()],
    plans: async () => ({ items: [makeSummary()] }),
    plan: async () => makePlan(),
    job: async () => Promise.reject(new Error("no job was expected")),
    jobEvents: deaf,
    villages: async () => makeVillages([5]),
    blankSpots: async () => nothing,
    towers: async () => nothing,
    routes: async () => nothing,
    campaign: async () => null,
    life: async () => makeLife(),
    step: async () => Promise.reject(new Error("no step was expected")),
    progress: async () => ({ code: "62.02", year: 2026, programmes: [], trajectory: [], forecast: null, is_withheld: false }),
    edits: async () => ({ plan_id: 7, version: 0, can_edit: true, kept: null, locked: [], minutes: [120], items: [] }),
    edit: async () => Promise.reject(new Error("no change was expected")),
    undoEdit: async () => Promise.reject(new Error("no change was expected")),
    readiness: async () => ({ items: [] }),
    tellReadiness: async () => Promise.reject(new Error("nothing was expected to be told")),
    results: async () => ({ plan_id: 7, sessions: [], contradictions: [], missing: [] }),
    report: async () => Promise.reject(new Error("no report was expected")),
    settle: async () => undefined,
    requests: async () => ({ items: [] }),
    requestStep: async () => Promise.reject(new Error("no step was expected")),
    suggestions: async () => Promise.reject(new Error("no suggestion was expected")),
    ...change,
  };
}

const settle = async (): Promise<void> => void (await vi.advanceTimersByTimeAsync(0));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the loader", () => {
  it("goes from nothing to a plan on the map", async () => {
    const store = createStore(initialState());
    startLoader(store, makeApi());
    expect(isSettled(store.get())).toBe(false);
    await settle();
    expect(store.get().selection).toMatchObject({ regency: "62.02", plan: "7" });
    expect(valueOf(store.get().answers.plan)?.plan_id).toBe(7);
    expect(isSettled(store.get())).toBe(true);
  });

  it("drops an answer that comes after the user has gone elsewhere", async () => {
    const villages = async (regency: string): Promise<ReturnType<typeof makeVillages>> => {
      const isSlow = regency === "62.02";
      if (isSlow) await new Promise((done) => setTimeout(done, 1000));
      return makeVillages(isSlow ? [1, 2, 3] : [9]);
    };
    const store = createStore(initialState());
    startLoader(store, makeApi({ villages }));
    await settle();
    store.update((state) => chooseRegency(state, "64.71"));
    await vi.advanceTimersByTimeAsync(2000);
    expect(valueOf(store.get().answers.villages)?.features).toHaveLength(1);
  });

  it("keeps a refusal until the user tries again", async () => {
    let tries = 0;
    const plan: Api["plan"] = async () => {
      tries += 1;
      if (tries === 1) throw new Problem("Sibuk", "Coba nanti", 503);
      return makePlan();
    };
    const store = createStore(initialState());
    startLoader(store, makeApi({ plan }));
    await settle();
    expect(store.get().answers.plan).toMatchObject({ is: "failed", problem: { status: 503 } });
    store.update(retry);
    await settle();
    expect([store.get().answers.plan.is, tries]).toEqual(["ready", 2]);
  });

  it("follows a job to its end, then reads list and plan anew", async () => {
    const states: JobState[] = ["todo", "doing", "succeeded"];
    let asked = 0;
    const isDone = (): boolean => asked >= states.length;
    const job: Api["job"] = async () => {
      const state = states[asked++]!;
      return { job_id: 70, kind: "solve", version: 1, state, progress: null, error: null };
    };
    const plans: Api["plans"] = async () => ({
      items: [isDone() ? makeSummary() : makeSummary({ status: null, job_state: "todo" })],
    });
    const store = createStore(initialState());
    startLoader(store, makeApi({ job, plans }), 2000);
    await settle();
    expect([asked, store.get().answers.plan.is]).toEqual([1, "absent"]);
    await vi.advanceTimersByTimeAsync(1999);
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toBe(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([asked, store.get().answers.plan.is]).toEqual([3, "ready"]);
  });

  it("hears of a job by its events and asks for nothing meanwhile", async () => {
    const { store, says, seen } = await following();
    for (let version = 2; version < 12; version += 1) {
      says(makeJob("doing", version));
      await vi.advanceTimersByTimeAsync(3000);
    }
    expect(seen).toEqual({ asked: 1, closed: 0, version: 1 });
    says(makeJob("succeeded", 12));
    await vi.advanceTimersByTimeAsync(60_000);
    expect([seen.asked, seen.closed > 0, store.get().answers.plan.is]).toEqual([1, true, "ready"]);
  });

  it("asks after a silence, and goes on listening when there was no news", async () => {
    const { says, seen } = await following(2);
    says(makeJob("doing", 2));
    await vi.advanceTimersByTimeAsync(4999);
    expect(seen.asked).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect([seen.asked, seen.closed]).toEqual([2, 0]);
    await vi.advanceTimersByTimeAsync(5000);
    expect([seen.asked, seen.closed]).toEqual([3, 0]);
  });

  it("polls when a proxy keeps the events back", async () => {
    const { says, seen } = await following(2);
    says(makeJob("doing", 2));
    seen.version = 5;
    await vi.advanceTimersByTimeAsync(5000);
    expect([seen.asked, seen.closed]).toEqual([2, 1]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(seen.asked).toBe(3);
    await vi.advanceTimersByTimeAsync(2000);
    expect(seen.asked).toBe(4);
  });

  it("closes the events of a plan that is not looked at any more", async () => {
    const { store, says, seen } = await following();
    says(makeJob("doing", 2));
    store.update((state) => chooseRegency(state, "64.71"));
    says(makeJob("doing", 3));
    expect(seen.closed).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen.asked).toBe(1);
  });

  it("stops following when another regency is chosen", async () => {
    let asked = 0;
    const job: Api["job"] = async () => {
      asked += 1;
      return { job_id: 70, kind: "solve", version: 1, state: "doing", progress: null, error: null };
    };
    const plans: Api["plans"] = async (regency) => ({
      items: regency === "62.02" ? [makeSummary({ status: null, job_state: "doing" })] : [],
    });
    const store = createStore(initialState());
    startLoader(store, makeApi({ job, plans }), 2000);
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toBe(2);
    store.update((state) => chooseRegency(state, "64.71"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(2);
  });

  it("follows a campaign while its weeks are planned, of the regency that is chosen", async () => {
    const states: (JobState | null)[] = ["todo", "doing", "succeeded"];
    let asked: string[] = [];
    const campaign: Api["campaign"] = async (regency) => {
      const job_state = states[asked.push(regency) - 1] ?? null;
      return { campaign_id: 3, job_state, targets: [], weeks: [] } as never;
    };
    const store = createStore(initialState());
    startLoader(store, makeApi({ campaign }), 2000);
    await vi.advanceTimersByTimeAsync(1999);
    expect(asked).toEqual(["62.02"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual(["62.02", "62.02", "62.02"]);
    asked = [];
    store.update((state) => chooseRegency(state, "64.71"));
    await vi.advanceTimersByTimeAsync(2000);
    store.update((state) => chooseRegency(state, "62.02"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual(["64.71", "64.71", "62.02"]);
  });

  it("asks once why a solve failed, and does not ask the rest again", async () => {
    let plansAsked = 0;
    const plans: Api["plans"] = async () => {
      plansAsked += 1;
      return { items: [makeSummary({ status: null, job_state: "failed" })] };
    };
    const error = { title: "Tidak ada tim", detail: "Impor tim" };
    const job: Api["job"] = async () => ({
      job_id: 70,
      kind: "solve",
      version: 1,
      state: "failed",
      progress: null,
      error,
    });
    const store = createStore(initialState());
    startLoader(store, makeApi({ job, plans }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(valueOf(store.get().answers.job)?.error).toEqual(error);
    expect(plansAsked).toBe(1);
  });
});
