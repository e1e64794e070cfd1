import { describe, expect, it } from "vitest";
import en from "../src/i18n/en.json";
import id from "../src/i18n/id.json";
import { texts } from "../src/texts";

const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!).sort();

describe("the dictionaries", () => {
  it("have equal keys in equal order", () => {
    expect(Object.keys(en)).toEqual(Object.keys(id));
  });

  it.each(Object.keys(id) as (keyof typeof id)[])(
    "%s has a text and equal holes in both",
    (key) => {
      expect(id[key].trim()).not.toBe("");
      expect(en[key].trim()).not.toBe("");
      expect(holes(en[key])).toEqual(holes(id[key]));
    },
  );
});

describe("texts", () => {
  it("fill holes in", () => {
    expect(texts("id").t("week.team", { team: "62.02-A" })).toBe("Tim 62.02-A");
  });

  it("show a code without a word as it came", () => {
    expect(texts("en").word("reason", "too-far")).toBe("Too far for one day of work.");
    expect(texts("en").word("reason", "new-code")).toBe("new-code");
    expect(texts("id").word("signal", null)).toBe("–");
  });
});
