import { describe, expect, it } from "vitest";
import { Problem } from "../src/api";
import { notices } from "../src/notices";
import { receive, type State } from "../src/state";
import { texts } from "../src/texts";
import { makePlan, makeState, makeSummary } from "./builders";

const titles = (state: State): string[] => notices(state, texts("en")).map((n) => n.title);
const refusal = (problem: Problem) => ({ is: "failed", problem }) as const;

describe("notices", () => {
  it("say nothing when there is a plan to show", () => {
    expect(titles(makeState())).toEqual([]);
  });

  it("show the server's title, status and detail", () => {
    const state = receive(makeState(), "plan", refusal(new Problem("Plan not found", "No 9", 404)));
    expect(notices(state, texts("en"))).toEqual([
      { kind: "error", title: "Plan not found (404)", detail: "No 9", canRetry: true },
    ]);
  });

  it("say once that the server is away, however many requests met it", () => {
    const away = refusal(new Problem("unreachable", null, 0));
    const state = receive(receive(makeState(), "villages", away), "towers", away);
    expect(titles(state)).toEqual(["The server cannot be reached"]);
  });

  it("tell an empty database from a regency without plan", () => {
    const empty = makeState(
      { regency: null, plan: null },
      { regencies: [], plans: null, plan: null },
    );
    expect(titles(empty)[0]).toMatch(/no villages yet/);
    const unplanned = makeState({ plan: null }, { plans: [], plan: null });
    expect(titles(unplanned)[0]).toContain("jemput-bola plan --regency 62.02");
  });

  it("follow a running job", () => {
    const plans = [makeSummary({ status: null, job_state: "todo" })];
    const waiting = makeState({}, { plans, plan: null });
    expect(titles(waiting)).toEqual(["The plan is waiting to be computed."]);
    const job = {
      job_id: 70,
      kind: "solve",
      version: 1,
      state: "doing",
      progress: { elapsed_s: 4.4, value: 380.25 },
      error: null,
    };
    expect(titles(makeState({}, { plans, plan: null, job }))[0]).toMatch(/: 4 s.* 380\.3\./);
  });

  it("tell why a solve failed, and that nothing can be planned", () => {
    const plans = [makeSummary({ status: null, job_state: "failed" })];
    const error = { title: "No team", detail: "Import teams." };
    const job = { job_id: 70, kind: "solve", version: 1, state: "failed", progress: null, error };
    const found = notices(makeState({}, { plans, job }), texts("en"));
    expect(found).toMatchObject([{ kind: "error", detail: "No team: Import teams." }]);
    expect(titles(makeState({}, { plan: makePlan({ status: "infeasible" }) }))[0]).toMatch(
      /No visit/,
    );
  });
});
