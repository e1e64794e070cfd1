import { describe, expect, it } from "vitest";
import { map, ramp, teamColour, teamColours, textPairs, ui } from "../src/palette";

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

describe("contrast", () => {
  it("is measured as WCAG does", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
    // A published pair: #767676 is the lightest grey that passes AA on white.
    expect(contrast("#767676", "#ffffff")).toBeGreaterThanOrEqual(4.5);
    expect(contrast("#777777", "#ffffff")).toBeLessThan(4.5);
  });

  it.each(textPairs)("%s on %s reaches AA", (ink, paper) => {
    expect(contrast(ui[ink], ui[paper])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(teamColours)("a number reads on $fill", ({ fill, ink }) => {
    expect(contrast(fill, ink)).toBeGreaterThanOrEqual(4.5);
  });

  it.each([ui.paper, ui.ground])("the focus ring stands out on %s", (paper) => {
    expect(contrast(ui.focus, paper)).toBeGreaterThanOrEqual(3);
  });

  it("lets labels read on their halo and hatches show on every class", () => {
    expect(contrast(map.label, map.halo)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(map.hatch, ramp[2])).toBeGreaterThanOrEqual(3);
  });

  it("lets the classes darken step by step", () => {
    const steps = ramp.map(luminance);
    expect(steps).toEqual([...steps].sort((a, b) => b - a));
  });
});

describe("team colours", () => {
  it("are all different, and begin again after the last", () => {
    expect(new Set(teamColours.map((c) => c.fill)).size).toBe(teamColours.length);
    expect(teamColour(teamColours.length)).toBe(teamColour(0));
  });
});
