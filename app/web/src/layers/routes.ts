/** Routes: a white casing, then a line in the team's colour, whose dashes tell the travel mode,
 * or that no way is known. */
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import { map } from "../palette";

/** Lengths of dash and gap in line widths; the legend draws the same. */
export const dashes: Readonly<Record<string, readonly number[]>> = {
  road: [1],
  river: [3, 1.5],
  sea: [5, 1.5],
  air: [6, 3],
  walk: [0.8, 1.2],
  straight: [0.4, 2.6],
};

const dashByStroke = [
  "match",
  ["get", "stroke"],
  ...Object.entries(dashes).flatMap(([stroke, dash]) => [stroke, ["literal", [...dash]]]),
  ["literal", [2, 2]],
] as unknown as ExpressionSpecification;

const width = (extra: number): ExpressionSpecification => [
  "interpolate",
  ["linear"],
  ["zoom"],
  6,
  2.5 + extra,
  12,
  4.5 + extra,
];
/** A line's width and a little air, so that teams on one road lie side by side. */
const lane: ExpressionSpecification = [
  "interpolate",
  ["linear"],
  ["zoom"],
  6,
  ["*", 2.5, ["get", "lane"]],
  12,
  ["*", 5, ["get", "lane"]],
];

export const routeLayers: readonly LayerSpecification[] = [
  {
    id: "routes-casing",
    type: "line",
    source: "routes",
    layout: { "line-join": "round", "line-cap": "round" },
    paint: {
      "line-color": map.casing,
      "line-width": width(2),
      "line-offset": lane,
      "line-opacity": 0.85,
    },
  },
  {
    id: "routes",
    type: "line",
    source: "routes",
    layout: { "line-join": "round" },
    paint: {
      "line-color": ["get", "fill"],
      "line-width": width(0),
      "line-offset": lane,
      "line-dasharray": dashByStroke,
    },
  },
];
