/** Blank spots hatched, towers as triangles. */
import type { LayerSpecification } from "maplibre-gl";
import { map } from "../palette";

export const HATCH = "hatch";
export const TOWER = "tower";

export const blankSpotLayers: readonly LayerSpecification[] = [
  {
    id: "blank-spots",
    type: "fill",
    source: "blank-spots",
    filter: ["!=", ["geometry-type"], "Point"],
    paint: { "fill-pattern": HATCH },
  },
  {
    id: "blank-spots-points",
    type: "circle",
    source: "blank-spots",
    filter: ["==", ["geometry-type"], "Point"],
    paint: {
      "circle-radius": 9,
      "circle-opacity": 0,
      "circle-stroke-color": map.hatch,
      "circle-stroke-width": 2,
    },
  },
];

export const towerLayers: readonly LayerSpecification[] = [
  {
    id: "towers",
    type: "symbol",
    source: "towers",
    layout: { "icon-image": TOWER, "icon-allow-overlap": true },
  },
];
