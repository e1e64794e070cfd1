/** Sources and layers of the map, the latter from bottom to top: the one place that knows the order. */
import type { StyleSpecification } from "maplibre-gl";
import { map } from "../palette";
import { blankSpotLayers, towerLayers } from "./connectivity";
import { labelLayers } from "./labels";
import { routeLayers } from "./routes";
import { stopDayLayers, stopLayers } from "./stops";
import { focusLayers, villageLayers } from "./villages";

export const sourceIds = [
  "villages",
  "blank-spots",
  "towers",
  "routes",
  "stops",
  "districts",
  "focus",
] as const;
export type SourceId = (typeof sourceIds)[number];

/** The style holds empty sources and no address: nothing is ever fetched by the map itself. */
export const style: StyleSpecification = {
  version: 8,
  sources: Object.fromEntries(
    sourceIds.map((id) => [
      id,
      { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    ]),
  ),
  layers: [
    { id: "background", type: "background", paint: { "background-color": map.background } },
    ...villageLayers,
    ...blankSpotLayers,
    ...focusLayers,
    ...towerLayers,
    ...routeLayers,
    ...labelLayers,
    ...stopDayLayers,
    ...stopLayers,
  ],
};
