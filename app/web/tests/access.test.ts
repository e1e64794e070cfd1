import { describe, expect, it } from "vitest";
import { Problem } from "../src/api";
import { notices } from "../src/notices";
import { isLocked, nothingSelected, receive, type State } from "../src/state";
import { texts } from "../src/texts";
import { signInAddress } from "../src/url";
import { makeState } from "./builders";

const refusal = (status: number) =>
  ({ is: "failed", problem: new Problem("no", null, status) }) as const;
const refused = (state: State, status = 401): State => receive(state, "plan", refusal(status));

describe("a server on which nobody is signed in", () => {
  it("is known by its 401, and by no other refusal", () => {
    expect(isLocked(makeState())).toBe(false);
    expect(isLocked(refused(makeState(), 403))).toBe(false);
    expect(isLocked(refused(makeState()))).toBe(true);
  });

  it("is answered by the way to sign in alone, not by a notice as well", () => {
    expect(notices(refused(makeState()), texts("en"))).toEqual([]);
    expect(notices(refused(makeState(), 403), texts("en"))).toHaveLength(1);
  });

  it("is left for a page that leads back to the same place, in the same language", () => {
    expect(signInAddress(nothingSelected)).toBe("/sign-in?lang=id&next=%2F");
    const there = { ...nothingSelected, lang: "en", regency: "62.02", plan: "3" } as const;
    const address = new URL(signInAddress(there), "http://test");
    expect(address.searchParams.get("lang")).toBe("en");
    expect(address.searchParams.get("next")).toMatch(/^\/#.*regency=62\.02/);
  });
});
