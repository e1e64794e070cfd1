/** Stops: a disc in the team's colour with the order of the day, the weekday below it. */
import type { LayerSpecification } from "maplibre-gl";
import { map } from "../palette";

export const FONT = ["Noto Sans Bold", "DejaVu Sans Bold", "sans-serif"];

export const stopLayers: readonly LayerSpecification[] = [
  {
    id: "stops-selected",
    type: "circle",
    source: "stops",
    filter: ["get", "selected"],
    paint: {
      "circle-radius": 15,
      "circle-color": map.casing,
      "circle-stroke-color": map.selected,
      "circle-stroke-width": 3,
    },
  },
  {
    // Disc and number are one image: where stops overlap, the upper one covers the lower's number.
    id: "stops",
    type: "symbol",
    source: "stops",
    layout: {
      "icon-image": ["get", "badge"],
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
      "symbol-sort-key": ["get", "height"],
    },
  },
  {
    id: "stops-day",
    type: "symbol",
    source: "stops",
    layout: {
      "text-field": ["get", "day"],
      "text-font": FONT,
      "text-size": 11,
      "text-offset": [0, 1.5],
    },
    paint: { "text-color": map.label, "text-halo-color": map.halo, "text-halo-width": 1.5 },
  },
];
