/** Villages shaded by the people to look for; those known only as a point become a circle. */
import type { LayerSpecification } from "maplibre-gl";
import { map, ramp } from "../palette";
import type { ExpressionSpecification } from "maplibre-gl";

const fill: ExpressionSpecification = [
  "match",
  ["get", "class"],
  ...ramp.flatMap((colour, i) => [i, colour]),
  map.unknown,
] as unknown as ExpressionSpecification;

const isPoint: ExpressionSpecification = ["==", ["geometry-type"], "Point"];

export const villageLayers: readonly LayerSpecification[] = [
  {
    id: "villages",
    type: "fill",
    source: "villages",
    filter: ["!", isPoint],
    paint: { "fill-color": fill },
  },
  {
    id: "villages-outline",
    type: "line",
    source: "villages",
    filter: ["!", isPoint],
    paint: {
      "line-color": map.outline,
      "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.3, 11, 1],
    },
  },
  {
    id: "villages-points",
    type: "circle",
    source: "villages",
    filter: isPoint,
    paint: {
      "circle-radius": 6,
      "circle-color": fill,
      "circle-stroke-color": map.outline,
      "circle-stroke-width": 1,
    },
  },
];

export const focusLayers: readonly LayerSpecification[] = [
  {
    id: "focus",
    type: "line",
    source: "focus",
    layout: { "line-join": "round" },
    paint: { "line-color": map.selected, "line-width": 2.5 },
  },
  {
    id: "focus-point",
    type: "circle",
    source: "focus",
    filter: isPoint,
    paint: {
      "circle-radius": 9,
      "circle-opacity": 0,
      "circle-stroke-color": map.selected,
      "circle-stroke-width": 2.5,
    },
  },
];
