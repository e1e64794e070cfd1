/** The map: draws what `features.ts` says, and tells which stop or village was clicked. */
import type { FeatureCollection, Point } from "geojson";
import {
  Map as MapLibre,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
  type GeoJSONSource,
  type MapMouseEvent,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { Bounds } from "./api-types";
import {
  boundsOf,
  districtLabels,
  focusFeatures,
  planBounds,
  routeFeatures,
  selectedVillage,
  stopFeatures,
  villageFeatures,
  type StopFeature,
} from "./features";
import { style, type SourceId } from "./layers";
import { HATCH, TOWER } from "./layers/connectivity";
import { map as colours } from "./palette";
import { badge, hatch, triangle } from "./patterns";
import { chosenRegency, selectedStop, valueOf, type State, type View } from "./state";
import type { Texts } from "./texts";

setWorkerUrl(workerUrl);

const INDONESIA: Bounds = [95, -11, 141, 6];
const PADDING = 40;
/** Width taken on the left by legend and card where they lie over the map (see style/map.css). */
const OVERLAY = 280;
/** Height the open legend comes to once everything is loaded; the view is chosen before that. */
const LEGEND = 350;
/** Nearer than this a single stop would stand alone in an empty window. */
const FIT_ZOOM = 12;
const VILLAGE_LAYERS = ["villages", "villages-points"];

export interface MapEvents {
  readonly stop: (id: string) => void;
  readonly village: (code: string) => void;
  readonly nothing: () => void;
  readonly moved: (view: View) => void;
  /** All data drawn and nothing moving. */
  readonly idle: () => void;
}

/** One source: the facts its data depends on, and the data. */
interface Feed {
  readonly source: SourceId;
  readonly facts: (state: State) => readonly unknown[];
  readonly data: (state: State) => FeatureCollection;
}

const feeds: readonly Feed[] = [
  { source: "villages", facts: (s) => [s.answers.villages], data: villageFeatures },
  { source: "districts", facts: (s) => [s.answers.villages], data: districtLabels },
  { source: "focus", facts: (s) => [s.answers.villages, s.selection.village], data: focusFeatures },
  {
    source: "blank-spots",
    facts: (s) => [s.answers.blankSpots],
    data: (s) => valueOf(s.answers.blankSpots) ?? empty,
  },
  {
    source: "towers",
    facts: (s) => [s.answers.towers],
    data: (s) => valueOf(s.answers.towers) ?? empty,
  },
  {
    source: "routes",
    facts: (s) => [s.answers.routes, s.answers.plan, s.selection.team, s.selection.day],
    data: routeFeatures,
  },
  {
    source: "stops",
    facts: (s) => [
      s.answers.plan,
      s.selection.team,
      s.selection.day,
      s.selection.stop,
      s.selection.lang,
    ],
    data: stopFeatures,
  },
];

const empty: FeatureCollection = { type: "FeatureCollection", features: [] };

export class PlanMap {
  readonly map: MapLibre;
  private readonly drawn = new Map<SourceId, readonly unknown[]>();
  private readonly fitted = new Set<string>();
  private isLoaded = false;
  private pending: State | null = null;

  /** Throws when the browser has no WebGL. */
  constructor(container: HTMLElement, view: View | null, words: Texts, events: MapEvents) {
    this.map = new MapLibre({
      container,
      style,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      maxZoom: 17,
      locale: {
        "Map.Title": words.t("page.map"),
        "NavigationControl.ZoomIn": words.t("map.zoom_in"),
        "NavigationControl.ZoomOut": words.t("map.zoom_out"),
      },
      ...(view
        ? { center: [view.lon, view.lat] as [number, number], zoom: view.zoom }
        : { bounds: [...INDONESIA] as [number, number, number, number] }),
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new ScaleControl({ unit: "metric" }), "bottom-right");
    this.map.on("load", () => this.start());
    this.map.on("click", (event) => this.pick(event, events));
    this.map.on("mousemove", (event) => this.point(event));
    this.map.on("moveend", (event) => {
      // Only a move of the user's own is worth remembering in the address.
      if (event.originalEvent) events.moved(this.view());
    });
    this.map.on("idle", () => this.isLoaded && events.idle());
  }

  show(state: State): void {
    if (!this.isLoaded) {
      this.pending = state;
      return;
    }
    this.addBadges(stopFeatures(state));
    for (const feed of feeds) {
      const facts = feed.facts(state);
      if (this.drawn.get(feed.source)?.every((fact, i) => Object.is(fact, facts[i]))) continue;
      this.drawn.set(feed.source, facts);
      this.map.getSource<GeoJSONSource>(feed.source)?.setData(feed.data(state));
    }
    this.fit(state);
    // Without new data the map would not say again that it is idle.
    this.map.triggerRepaint();
  }

  /** Bring what is selected into sight, moving no more than needed. */
  reveal(state: State): void {
    const stop = selectedStop(state);
    const village = selectedVillage(state);
    const bounds = stop
      ? ([stop.lon, stop.lat, stop.lon, stop.lat] as const)
      : village && boundsOf(village.geometry);
    if (!bounds) return;
    const [west, south, east, north] = bounds;
    const centre: [number, number] = [(west + east) / 2, (south + north) / 2];
    const { x, y } = this.map.project(centre);
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    const { left } = this.overlay();
    const isClear = x > left && x < width - PADDING && y > PADDING && y < height - PADDING;
    if (!isClear) this.map.easeTo({ center: centre, offset: [left / 2, 0] });
  }

  /** Where a place is drawn, in pixels of the window. */
  screenPoint(lon: number, lat: number): [number, number] {
    const { x, y } = this.map.project([lon, lat]);
    const { left, top } = this.map.getCanvas().getBoundingClientRect();
    return [left + x, top + y];
  }

  private start(): void {
    this.map.addImage(HATCH, hatch(colours.hatch, 16, 3), { pixelRatio: 2 });
    this.map.addImage(TOWER, triangle(colours.tower, 22), { pixelRatio: 2 });
    this.isLoaded = true;
    if (this.pending) this.show(this.pending);
    this.pending = null;
  }

  /** The images of stops must be there before the data that name them. */
  private addBadges({ features }: FeatureCollection<Point, StopFeature>): void {
    const pixelRatio = 2;
    for (const { badge: id, order, fill, ink } of features.map((feature) => feature.properties)) {
      if (this.map.hasImage(id)) continue;
      this.map.addImage(id, badge(order, fill, ink, colours.casing, pixelRatio), { pixelRatio });
    }
  }

  /**
   * Show the regency when it is entered, then what is travelled in the first plan seen of it, each
   * once and unless the address or the user's own move gave a view.
   */
  private fit(state: State): void {
    const regency = chosenRegency(state);
    const travelled = planBounds(state);
    const extent = travelled ?? regency?.bbox;
    const key = `${state.selection.regency} ${travelled ? "plan" : "regency"}`;
    if (!extent || this.fitted.has(key)) return;
    this.fitted.add(key);
    if (!state.selection.view) this.frame(extent);
  }

  /** Zoom to an extent, leaving the legend the side or the foot, whichever costs less. */
  private frame(extent: Bounds): void {
    const { left, foot, head } = this.overlay();
    const even = { top: PADDING + head, right: PADDING, bottom: PADDING, left: PADDING };
    const cameras = [
      { ...even, left: PADDING + left },
      { ...even, bottom: PADDING + foot },
    ].map((padding) =>
      this.map.cameraForBounds([...extent] as [number, number, number, number], {
        padding,
        maxZoom: FIT_ZOOM,
      }),
    );
    const best = cameras.reduce((a, b) => ((b?.zoom ?? 0) > (a?.zoom ?? 0) ? b : a));
    if (best) this.map.jumpTo(best);
  }

  /** What card and legend take of the map; on a narrow window only the folded legend, on top. */
  private overlay(): Readonly<Record<"left" | "foot" | "head", number>> {
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    const legend = document.querySelector("jb-legend")?.clientHeight ?? 0;
    if (width <= 2 * OVERLAY) return { left: 0, foot: 0, head: Math.min(legend, height / 2) };
    return { left: OVERLAY, foot: Math.min(Math.max(legend, LEGEND), height / 2), head: 0 };
  }

  private view(): View {
    const { lng, lat } = this.map.getCenter();
    return { zoom: this.map.getZoom(), lat, lon: lng };
  }

  private pick(event: MapMouseEvent, events: MapEvents): void {
    const stop = this.nearestStop(event);
    if (stop !== null) {
      events.stop(stop);
      return;
    }
    const [village] = this.map.queryRenderedFeatures(event.point, { layers: VILLAGE_LAYERS });
    if (village) events.village(String(village.properties.code));
    else events.nothing();
  }

  /** Of circles that overlap under the pointer, the one whose middle is nearest. */
  private nearestStop(event: MapMouseEvent): string | null {
    const hits = this.map.queryRenderedFeatures(event.point, { layers: ["stops"] });
    const nearest = hits
      .map(({ geometry, properties }) => {
        const [lon = 0, lat = 0] = geometry.type === "Point" ? geometry.coordinates : [];
        return {
          id: String(properties.stop_id),
          distance: this.map.project([lon, lat]).dist(event.point),
        };
      })
      .sort((a, b) => a.distance - b.distance)[0];
    return nearest?.id ?? null;
  }

  private point(event: MapMouseEvent): void {
    const layers = ["stops", ...VILLAGE_LAYERS];
    const [hit] = this.map.queryRenderedFeatures(event.point, { layers });
    this.map.getCanvas().style.cursor = hit ? "pointer" : "";
  }
}
