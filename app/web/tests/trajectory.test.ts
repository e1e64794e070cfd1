import { describe, expect, it } from "vitest";
import type { ProgressOut } from "../src/api-types";
import { chartOf, extentOf, ticksOf } from "../src/panels/trajectory";

function makeProgress(change: Partial<ProgressOut> = {}): ProgressOut {
  return {
    code: "62.02",
    year: 2026,
    programmes: [],
    trajectory: [
      { day: "2026-01-31", programme: "ktp_el", share: 0.97 },
      { day: "2026-06-30", programme: "ktp_el", share: 0.975 },
      { day: "2026-06-30", programme: "kia", share: 0.4 },
    ],
    forecast: null,
    is_withheld: false,
    ...change,
  };
}

describe("the picture of coverage over time", () => {
  it("shows the counts of its programme alone", () => {
    expect(chartOf(makeProgress(), "ktp_el")).toEqual({
      counted: [
        { day: "2026-01-31", share: 0.97 },
        { day: "2026-06-30", share: 0.975 },
      ],
      expected: [],
      target: null,
    });
  });

  it("is left out where a line has no two days", () => {
    expect(chartOf(makeProgress(), "kia")).toBeNull();
    expect(chartOf(makeProgress(), "akta")).toBeNull();
  });

  it("has room for range and target, also over 100 percent", () => {
    const chart = {
      counted: [{ day: "2026-01-31", share: 1.002 }],
      expected: [{ day: "2026-12-31", share: 1, low: 0.98, high: 1.01 }],
      target: 0.994,
    };
    const [low, high] = extentOf(chart);
    expect(low).toBeCloseTo(0.98 - 0.0036);
    expect(high).toBeCloseTo(1.01 + 0.0036);
  });

  it("is never flat", () => {
    const same = { counted: [{ day: "2026-01-31", share: 0.5 }], expected: [], target: null };
    const [low, high] = extentOf(same);
    expect(high - low).toBeCloseTo(0.001);
  });
});

describe("lines across the picture", () => {
  it.each([
    [0.965, 0.997, [0.97, 0.98, 0.99]],
    [0.3, 0.62, [0.3, 0.4, 0.5, 0.6]],
    [0.9701, 0.9711, [0.9702, 0.9704, 0.9706, 0.9708, 0.971]],
  ])("between %d and %d are round", (low, high, expected) => {
    const ticks = ticksOf(low, high);
    expect(ticks).toHaveLength(expected.length);
    ticks.forEach((tick, i) => expect(tick).toBeCloseTo(expected[i]!, 9));
  });
});
