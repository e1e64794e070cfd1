/** Stops: a disc in the team's colour with the order of the day, the weekday beside it. */
import type { LayerSpecification } from "maplibre-gl";
import { map } from "../palette";

export const FONT = ["Noto Sans Bold", "DejaVu Sans Bold", "sans-serif"];

/** Weekdays lie below the discs: names are placed from the top down and find what is still free. */
export const stopDayLayers: readonly LayerSpecification[] = [
  {
    id: "stops-day",
    type: "symbol",
    source: "stops",
    layout: {
      "text-field": ["get", "day"],
      "text-font": FONT,
      "text-size": 11,
      "text-variable-anchor": ["top", "bottom", "left", "right"],
      "text-radial-offset": 1.2,
      "text-padding": 0,
    },
    paint: { "text-color": map.label, "text-halo-color": map.halo, "text-halo-width": 1.5 },
  },
];

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
      "icon-size": ["interpolate", ["linear"], ["zoom"], 7, 0.75, 10, 1],
      // Drawn in any case, and names keep clear of it.
      "icon-allow-overlap": true,
      "icon-padding": 0,
      "symbol-sort-key": ["get", "height"],
    },
  },
];
