import { describe, expect, it } from "vitest";
import { classLimits, classOf, roundLimit } from "../src/scale";

describe("rounded limits", () => {
  it.each([
    [0.4, 1],
    [1, 1],
    [7.4, 7],
    [10, 10],
    [13, 15],
    [137, 150],
    [88, 80],
    [95, 100],
    [4321, 4000],
  ])("%s is rounded to %s", (value, expected) => {
    expect(roundLimit(value)).toBe(expected);
  });
});

describe("classes", () => {
  it("hold a fifth of the positive villages each, with round limits", () => {
    // 1..100: quantiles at 21, 41, 61, 81; nobody stays outside.
    const values = [0, 0, ...Array.from({ length: 100 }, (_, i) => i + 1)];
    expect(classLimits(values)).toEqual([1, 20, 40, 60, 80]);
  });

  it("melt together where values are few", () => {
    expect(classLimits([0, 1, 1, 1, 2])).toEqual([1, 2]);
    expect(classLimits([3, 3, 3])).toEqual([1, 3]);
  });

  it("are none when nobody is looked for", () => {
    expect(classLimits([0, 0])).toEqual([]);
    expect(classLimits([])).toEqual([]);
  });

  it("take their lower limit in and leave the next out", () => {
    const limits = [1, 20, 50];
    expect([0, 1, 19, 20, 49, 50, 9000].map((v) => classOf(v, limits))).toEqual([
      0, 1, 1, 2, 2, 3, 3,
    ]);
  });

  it("keep an unknown count apart from nobody", () => {
    expect(classOf(null, [1, 20])).toBe(-1);
  });
});
