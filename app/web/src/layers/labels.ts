/** District names. */
import type { LayerSpecification } from "maplibre-gl";
import { map } from "../palette";
import { FONT } from "./stops";

export const labelLayers: readonly LayerSpecification[] = [
  {
    id: "districts",
    type: "symbol",
    source: "districts",
    layout: {
      "text-field": ["get", "name"],
      "text-font": FONT,
      "text-size": ["interpolate", ["linear"], ["zoom"], 6, 10, 10, 13],
      "text-letter-spacing": 0.04,
      "text-max-width": 7,
    },
    paint: {
      "text-color": map.label,
      "text-halo-color": map.halo,
      "text-halo-width": 1.5,
      "text-opacity": 0.85,
    },
  },
];
