/** What the map draws, worked out of the state: plain GeoJSON, no map in sight. */
import type {
  Feature,
  FeatureCollection,
  Geometry,
  LineString,
  MultiPolygon,
  Point,
  Polygon,
} from "geojson";
import type { Bounds, RouteProperties, VillageProperties, Villages } from "./api-types";
import { teamColour } from "./palette";
import { classLimits, classOf } from "./scale";
import { isShown, shownStops, teamNames, valueOf, type State } from "./state";
import { texts } from "./texts";

export interface StopFeature {
  readonly stop_id: string;
  readonly team: string;
  readonly order: string;
  readonly day: string;
  readonly fill: string;
  readonly ink: string;
  /** Name of its image. */
  readonly badge: string;
  readonly selected: boolean;
  /** Drawn upwards in this order: the selected stop lies on top. */
  readonly height: number;
}

export function collection<G extends Geometry, P>(
  features: Feature<G, P>[],
): FeatureCollection<G, P> {
  return { type: "FeatureCollection", features };
}

export function peopleLimits(villages: Villages): readonly number[] {
  return classLimits(villages.features.map((f) => f.properties.people_to_look_for ?? 0));
}

/** Villages with their class of people to look for. */
export function villageFeatures(
  state: State,
): FeatureCollection<Geometry, VillageProperties & { class: number }> {
  const villages = valueOf(state.answers.villages);
  if (!villages) return collection([]);
  const limits = peopleLimits(villages);
  return collection(
    villages.features.map((feature) => ({
      ...feature,
      properties: {
        ...feature.properties,
        class: classOf(feature.properties.people_to_look_for, limits),
      },
    })),
  );
}

export function selectedVillage(state: State): Feature<Geometry, VillageProperties> | null {
  const { village: code } = state.selection;
  if (code === null) return null;
  return valueOf(state.answers.villages)?.features.find((f) => f.properties.code === code) ?? null;
}

export function focusFeatures(state: State): FeatureCollection {
  const village = selectedVillage(state);
  return collection(village ? [village] : []);
}

/** Stops as filtered, each with its team's colour. */
export function stopFeatures(state: State): FeatureCollection<Point, StopFeature> {
  const colours = coloursByTeam(state);
  const { format } = texts(state.selection.lang);
  return collection(
    shownStops(state).map((stop, i) => {
      const { fill, ink } = teamColour(colours.get(stop.team) ?? 0);
      const id = stop.stop_id;
      return {
        type: "Feature",
        geometry: { type: "Point", coordinates: [stop.lon, stop.lat] },
        properties: {
          stop_id: id,
          team: stop.team,
          order: String(stop.order),
          day: format.weekday(stop.day),
          fill,
          ink,
          badge: `stop ${fill} ${stop.order}`,
          selected: id === state.selection.stop,
          height: id === state.selection.stop ? Number.MAX_SAFE_INTEGER : i,
        },
      };
    }),
  );
}

/** How a stretch is drawn: by its travel mode, or as a straight line where no way is known. */
export function strokeOf({ mode, is_straight_line }: RouteProperties): string {
  return is_straight_line ? "straight" : mode;
}

/** Routes as filtered; teams on the same road are set side by side by `lane`. */
export function routeFeatures(
  state: State,
): FeatureCollection<Geometry, RouteProperties & { fill: string; lane: number; stroke: string }> {
  const colours = coloursByTeam(state);
  const middle = (colours.size - 1) / 2;
  const routes = valueOf(state.answers.routes)?.features ?? [];
  return collection(
    routes
      .filter(({ properties }) => isShown(state.selection, properties))
      .map((route) => {
        const position = colours.get(route.properties.team) ?? 0;
        const stroke = strokeOf(route.properties);
        const drawn = { fill: teamColour(position).fill, lane: position - middle, stroke };
        const geometry = eastwards(route.geometry);
        return { ...route, geometry, properties: { ...route.properties, ...drawn } };
      }),
  );
}

/** The map sets a line aside to its right: turned one way, there and back lie in one lane. */
function eastwards(line: LineString): LineString {
  const [first, last] = [line.coordinates.at(0), line.coordinates.at(-1)];
  const isWestward = first && last && (first[0]! - last[0]! || first[1]! - last[1]!) > 0;
  return isWestward ? { ...line, coordinates: line.coordinates.toReversed() } : line;
}

/** The box around all stops and routes of the plan, filtered or not; null while they are not there. */
export function planBounds({ answers }: State): Bounds | null {
  const stops = valueOf(answers.plan)?.stops ?? [];
  const routes = valueOf(answers.routes);
  if (stops.length === 0 || !routes) return null;
  const lines = routes.features.flatMap(({ geometry }) =>
    geometry.type === "LineString" ? geometry.coordinates : [],
  );
  return boxAround([...stops.map(({ lon, lat }) => [lon, lat]), ...lines]);
}

/** One label per district, in the middle of its villages. */
export function districtLabels(state: State): FeatureCollection<Point, { readonly name: string }> {
  const centres = new Map<string, (readonly [number, number])[]>();
  for (const { geometry, properties } of valueOf(state.answers.villages)?.features ?? []) {
    const bounds = boundsOf(geometry);
    if (!bounds) continue;
    const [west, south, east, north] = bounds;
    const list = centres.get(properties.district) ?? [];
    centres.set(properties.district, [...list, [(west + east) / 2, (south + north) / 2]]);
  }
  return collection(
    [...centres].map(([name, points]) => ({
      type: "Feature",
      geometry: {
        type: "Point",
        coordinates: [mean(points.map((p) => p[0])), mean(points.map((p) => p[1]))],
      },
      properties: { name },
    })),
  );
}

/** The box around a polygon or point; null for geometries a village cannot have. */
export function boundsOf(geometry: Geometry): Bounds | null {
  const points = cornersOf(geometry);
  return points.length === 0 ? null : boxAround(points);
}

/** A loop, because a call takes only so many arguments and lines have many corners. */
function boxAround(points: readonly (readonly number[])[]): Bounds {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon = 0, lat = 0] of points) {
    west = Math.min(west, lon);
    south = Math.min(south, lat);
    east = Math.max(east, lon);
    north = Math.max(north, lat);
  }
  return [west, south, east, north];
}

function cornersOf(geometry: Geometry): readonly (readonly number[])[] {
  switch (geometry.type) {
    case "Point":
      return [geometry.coordinates];
    case "Polygon":
      return (geometry as Polygon).coordinates[0] ?? [];
    case "MultiPolygon":
      return (geometry as MultiPolygon).coordinates.flatMap((polygon) => polygon[0] ?? []);
    default:
      return [];
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function coloursByTeam(state: State): ReadonlyMap<string, number> {
  const plan = valueOf(state.answers.plan);
  return new Map(plan ? teamNames(plan).map((team, i) => [team, i]) : []);
}
