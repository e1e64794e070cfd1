import { describe, expect, it, vi } from "vitest";
import { Problem, type Api } from "../src/api";
import { startLoader } from "../src/loader";
import { notices } from "../src/notices";
import {
  adopt,
  chooseRegency,
  createStore,
  enterToken,
  initialState,
  isLocked,
  nothingSelected,
  receive,
  type State,
} from "../src/state";
import { texts } from "../src/texts";
import { storedToken, storeToken, type Drawer } from "../src/token";
import { toHash } from "../src/url";
import { makeRegency, makeState } from "./builders";

const refusal = (status: number) => ({ is: "failed", problem: new Problem("no", null, status) }) as const;
const refused = (state: State, status = 401): State => receive(state, "plan", refusal(status));

describe("a server that wants a token", () => {
  it("is known by its 401, and by no other refusal", () => {
    expect(isLocked(makeState())).toBe(false);
    expect(isLocked(refused(makeState(), 403))).toBe(false);
    expect(isLocked(refused(makeState()))).toBe(true);
  });

  it("is asked again, with the token, for what it refused and for nothing else", () => {
    const state = enterToken(refused(makeState()), "rahasia");
    expect([state.token, state.answers.plan.is, state.answers.plans.is]).toEqual([
      "rahasia",
      "absent",
      "ready",
    ]);
    expect(isLocked(state)).toBe(false);
  });

  it("is answered by the form alone, not by a notice as well", () => {
    expect(notices(refused(makeState()), texts("en"))).toEqual([]);
    expect(notices(refused(makeState(), 403), texts("en"))).toHaveLength(1);
  });

  it("keeps its token when another regency is chosen or an address is taken over", () => {
    const state = enterToken(makeState(), "rahasia");
    expect(chooseRegency(state, "64.71").token).toBe("rahasia");
    expect(adopt(state, { ...nothingSelected, regency: "64.71" }).token).toBe("rahasia");
  });

  it("never has its token in the address", () => {
    expect(toHash(enterToken(makeState(), "rahasia").selection)).not.toContain("rahasia");
  });

  it("may refuse an old token late: the answer to the new one counts", async () => {
    vi.useFakeTimers();
    const store = createStore(initialState({}, "lama"));
    const regencies: Api["regencies"] = async () => {
      if (store.get().token === "baru") return [makeRegency({ latest_plan_id: null })];
      await new Promise((done) => setTimeout(done, 1000));
      throw new Problem("no", null, 401);
    };
    const nothing = { type: "FeatureCollection", features: [] };
    const api = new Proxy({ regencies, plans: async () => ({ items: [] }) } as unknown as Api, {
      get: (own, key: keyof Api) => own[key] ?? (async () => nothing),
    });
    startLoader(store, api);
    store.update((state) => enterToken(receive(state, "regencies", refusal(401)), "baru"));
    await vi.advanceTimersByTimeAsync(2000);
    expect(store.get().answers.regencies.is).toBe("ready");
    expect(isLocked(store.get())).toBe(false);
    vi.useRealTimers();
  });
});

describe("the tab's storage", () => {
  it("gives back what was put in", () => {
    const kept = new Map<string, string>();
    const drawer: Drawer = {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
    };
    expect(storedToken(drawer)).toBeNull();
    storeToken(drawer, "rahasia");
    expect(storedToken(drawer)).toBe("rahasia");
  });

  it("may be forbidden: then nothing is kept, and nothing breaks", () => {
    storeToken(null, "rahasia");
    expect(storedToken(null)).toBeNull();
  });
});
