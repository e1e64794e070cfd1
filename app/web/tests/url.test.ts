import { describe, expect, it } from "vitest";
import { nothingSelected, type Selection } from "../src/state";
import { fromHash, toHash } from "../src/url";

const full: Selection = {
  lang: "en",
  regency: "62.02",
  plan: "7",
  team: "62.02-A & Ké/#",
  day: "2026-11-30",
  stop: "7-62.02-A-2026-11-30-1",
  village: null,
  view: { zoom: 8.25, lat: -2.1234, lon: 112.5 },
};

describe("the address", () => {
  it("is empty for an untouched page", () => {
    expect(toHash(nothingSelected)).toBe("");
    expect(fromHash("")).toEqual(nothingSelected);
  });

  it("gives back what was written, also with signs of its own grammar", () => {
    expect(fromHash(toHash(full))).toEqual(full);
  });

  it("reads as people would write it", () => {
    expect(toHash({ ...nothingSelected, regency: "62.02", plan: "7" })).toBe(
      "#regency=62.02&plan=7",
    );
    expect(toHash({ ...nothingSelected, view: full.view })).toBe("#map=8.25/-2.1234/112.5000");
  });

  it.each([
    ["#day=30-11-2026", "day"],
    ["#map=8/-2", "view"],
    ["#map=8/-91/112", "view"],
    ["#map=8/-2/181", "view"],
    ["#map=25/-2/112", "view"],
    ["#map=8//112", "view"],
    ["#map=a/b/c", "view"],
    ["#regency=", "regency"],
  ] as const)("lets go of what makes no sense: %s", (hash, key) => {
    expect(fromHash(hash)[key]).toBeNull();
  });

  it.each(["#map=24/-90/180", "#map=0/90/-180"])("takes a view at the very edge: %s", (hash) => {
    expect(fromHash(hash).view).not.toBeNull();
  });

  it("speaks Indonesian unless English is asked for", () => {
    expect(fromHash("#lang=fr").lang).toBe("id");
    expect(fromHash("#lang=en").lang).toBe("en");
  });
});
