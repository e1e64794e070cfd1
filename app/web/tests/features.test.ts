import { describe, expect, it } from "vitest";
import type { Routes } from "../src/api-types";
import {
  boundsOf,
  districtLabels,
  planBounds,
  routeFeatures,
  stopFeatures,
  villageFeatures,
} from "../src/features";
import { style } from "../src/layers";
import { teamColours } from "../src/palette";
import { hatch, triangle } from "../src/patterns";
import { makePlan, makeState, makeStop, makeTeam, makeVillages } from "./builders";

const stops = [
  makeStop({ stop_id: "a" }),
  makeStop({ stop_id: "b", team: "B", order: 2, lon: 113, lat: -3, day: "2026-12-01" }),
];
const state = makeState({ stop: "a" }, { plan: makePlan({ stops }) });

describe("what the map draws", () => {
  it("gives each stop its team's colour, order and weekday", () => {
    const [, second] = stopFeatures(state).features;
    expect(second!.geometry.coordinates).toEqual([113, -3]);
    // 1 December 2026 is a Tuesday; B is the second team.
    expect(second!.properties).toMatchObject({
      order: "2",
      day: "Sel",
      fill: teamColours[1]!.fill,
    });
  });

  it("draws the selected stop above all others", () => {
    const heights = stopFeatures(state).features.map((f) => f.properties.height);
    expect(heights[0]).toBeGreaterThan(heights[1]!);
  });

  it("keeps a team's colour when the others are filtered away", () => {
    const only = stopFeatures({ ...state, selection: { ...state.selection, team: "B" } }).features;
    expect(only.map((f) => f.properties.fill)).toEqual([teamColours[1]!.fill]);
  });

  it("filters routes like stops, and sets three teams side by side", () => {
    const features = ["A", "B", "C"].map((team) => ({
      type: "Feature",
      properties: { team, day: "2026-11-30", order: 1, mode: "road", minutes: 5, metres: 900 },
      geometry: {
        type: "LineString",
        coordinates: [
          [112, -2],
          [113, -3],
        ],
      },
    }));
    const routes = { type: "FeatureCollection", features } as Routes;
    const plan = makePlan({ teams: ["A", "B", "C"].map(makeTeam) });
    const lanes = (team: string | null): number[] =>
      routeFeatures(makeState({ team }, { plan, routes })).features.map((f) => f.properties.lane);
    expect(lanes(null)).toEqual([-1, 0, 1]);
    expect(lanes("C")).toEqual([1]);
  });

  it("draws a way that is not known as a straight line, whatever its mode", () => {
    const features = [false, true].map((is_straight_line) => ({
      type: "Feature",
      properties: { team: "A", day: "2026-11-30", mode: "walk", is_straight_line },
      geometry: { type: "LineString", coordinates: [[112, -2], [113, -3]] },
    }));
    const routes = { type: "FeatureCollection", features } as unknown as Routes;
    const drawn = routeFeatures(makeState({}, { routes })).features;
    expect(drawn.map((f) => f.properties.stroke)).toEqual(["walk", "straight"]);
  });

  it.each([
    ["west", [[112, -2], [111.5, -2.5], [111, -2]]],
    ["south", [[112, -2], [113, -2.5], [112, -3]]],
  ])("lays the way %s and the way back into one lane", (_, there) => {
    const features = [there, there.toReversed()].map((coordinates) => ({
      type: "Feature",
      properties: { team: "A", day: "2026-11-30" },
      geometry: { type: "LineString", coordinates },
    }));
    const routes = { type: "FeatureCollection", features } as unknown as Routes;
    const [out, home] = routeFeatures(makeState({}, { routes })).features;
    expect(out!.geometry).toEqual(home!.geometry);
    expect(features[0]!.geometry.coordinates).toEqual(there);
  });

  it("frames all that is travelled, whatever the filter, once stops and routes are there", () => {
    const line = { type: "LineString", coordinates: [[112.5, -2], [111, -2.5]] };
    const features = [{ type: "Feature", properties: { team: "A" }, geometry: line }];
    const routes = { type: "FeatureCollection", features } as unknown as Routes;
    const plan = makePlan({ stops });
    // Stops at 112.74, -2.37 and 113, -3; the line reaches west to 111 and north to -2.
    const framed = planBounds(makeState({ team: "A" }, { plan, routes }));
    expect(framed).toEqual([111, -3, 113, -2]);
    expect(planBounds(makeState({}, { plan }))).toBeNull();
    expect(planBounds(makeState({}, { plan: makePlan({ stops: [] }), routes }))).toBeNull();
  });

  it("classes villages and keeps an unknown count apart", () => {
    const drawn = villageFeatures(
      makeState({}, { villages: makeVillages([0, 1, 2, null]) }),
    ).features;
    expect(drawn.map((f) => f.properties.class)).toEqual([0, 1, 2, -1]);
  });

  it("puts a district's name in the middle of its villages", () => {
    const labels = districtLabels(makeState({}, { villages: makeVillages([1, 1, 1]) })).features;
    // Villages 0 and 2 lie in Genap at (112, -2) and (114, -4); village 1 in Ganjil at (113, -3).
    expect(labels.map((f) => [f.properties.name, f.geometry.coordinates])).toEqual([
      ["Genap", [113, -3]],
      ["Ganjil", [113, -3]],
    ]);
  });

  it("finds the box of a polygon of several parts", () => {
    const ring = (x: number) => [
      [x, 0],
      [x + 1, 0],
      [x + 1, 2],
      [x, 0],
    ];
    const geometry = { type: "MultiPolygon" as const, coordinates: [[ring(0)], [ring(5)]] };
    expect(boundsOf(geometry)).toEqual([0, 0, 6, 2]);
  });
});

describe("the style", () => {
  it("names no address, so the map fetches nothing", () => {
    expect(JSON.stringify(style)).not.toMatch(/https?:|\/\/|glyphs|sprite/);
  });

  it("has the layers tests rely on, stops above routes above villages", () => {
    const ids = style.layers.map((layer) => layer.id);
    expect(new Set(ids).size).toBe(ids.length);
    const order = ["villages", "blank-spots", "routes", "stops"].map((id) => ids.indexOf(id));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it("draws every layer from a source it has", () => {
    const used = style.layers.flatMap((layer) => ("source" in layer ? [layer.source] : []));
    expect([...new Set(used)].sort()).toEqual(Object.keys(style.sources).sort());
  });
});

describe("patterns", () => {
  const alphas = (data: Uint8ClampedArray): number[] => [...data].filter((_, i) => i % 4 === 3);

  it("hatch repeats without a seam: each row is the one above, moved by a pixel", () => {
    const rows = [0, 1, 2, 3].map((y) =>
      alphas(hatch("#ff0000", 4, 1).data).slice(y * 4, y * 4 + 4),
    );
    expect(rows).toEqual([
      [255, 0, 0, 0],
      [0, 0, 0, 255],
      [0, 0, 255, 0],
      [0, 255, 0, 0],
    ]);
  });

  it("a triangle is wide at its foot and narrow at its top", () => {
    const solid = alphas(triangle("#102030", 9).data).map(Number);
    const width = (y: number): number => solid.slice(y * 9, y * 9 + 9).filter((a) => a > 0).length;
    expect([width(0), width(8)]).toEqual([1, 9]);
    expect([...triangle("#102030", 9).data.slice(0, 3)]).toEqual([16, 32, 48]);
  });
});
