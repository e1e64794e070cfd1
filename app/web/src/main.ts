/** Wires store, server, address, map and panels. */
import "maplibre-gl/dist/maplibre-gl.css";
import "./style/index.css";
import type { Map as MapLibre } from "maplibre-gl";
import { asProblem, createApi } from "./api";
import { h, onChange, onDeed, type Deed } from "./dom";
import { startLoader } from "./loader";
import { PlanMap, type MapEvents } from "./map";
import { applyPalette } from "./palette";
import { definePanels } from "./panels";
import {
  adopt,
  chooseStop,
  chooseVillage,
  createStore,
  initialState,
  isSettled,
  moveView,
  valueOf,
  type State,
} from "./state";
import { texts } from "./texts";
import { fromHash, toHash } from "./url";

declare global {
  interface Window {
    /** For tests and for the console. */
    jemputBola?: {
      readonly map: MapLibre | null;
      /** Select a stop as a click would; false when the plan shown has no such stop. */
      readonly selectStop: (id: string) => boolean;
      /** Where a stop is drawn, in pixels of the window; null when it is not known. */
      readonly screenPoint: (id: string) => [x: number, y: number] | null;
    };
  }
}

const root = document.documentElement;
applyPalette(root);
root.dataset.mapState = "loading";

const store = createStore(initialState(fromHash(location.hash)));
const api = createApi(() => store.get().selection.lang);
const panels = definePanels();
const planMap = createMap();

function createMap(): PlanMap | null {
  const container = document.querySelector<HTMLElement>("#map")!;
  const { lang, view } = store.get().selection;
  const words = texts(lang);
  const events: MapEvents = {
    stop: (id) => store.update((state) => chooseStop(state, id)),
    village: (code) => store.update((state) => chooseVillage(state, code)),
    nothing: () => store.update((state) => chooseStop(state, null)),
    moved: (moved) => store.update((state) => moveView(state, moved)),
    idle: () => {
      if (isSettled(store.get())) root.dataset.mapState = "idle";
    },
  };
  try {
    return new PlanMap(container, view, words, events);
  } catch {
    container.replaceChildren(
      h("p", { class: "notice error", role: "alert" }, words.t("notice.no_map")),
    );
    return null;
  }
}

/** What the user moved to gets an entry to go back to; the rest only changes the entry. */
function writeAddress(state: State, before: State): void {
  const hash = toHash(state.selection);
  if (hash === location.hash) return;
  const { regency, plan } = before.selection;
  const isMove =
    (regency !== null && regency !== state.selection.regency) ||
    (plan !== null && state.selection.plan !== null && plan !== state.selection.plan);
  const address = hash || location.pathname + location.search;
  if (isMove) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

function describe(state: State): void {
  const { t } = texts(state.selection.lang);
  const name = valueOf(state.answers.plan)?.regency.name;
  root.lang = state.selection.lang;
  document.title = name ? `${name} – ${t("page.title")}` : t("page.title");
  document.querySelector(".map-pane")?.setAttribute("aria-label", t("page.map"));
  document.querySelector(".side-pane")?.setAttribute("aria-label", t("page.week"));
}

function render(state: State): void {
  describe(state);
  for (const panel of panels) panel.show(state);
  planMap?.show(state);
}

store.subscribe((state, before) => {
  root.dataset.mapState = planMap ? "loading" : "unavailable";
  render(state);
  writeAddress(state, before);
  const { stop, village } = state.selection;
  if (stop !== before.selection.stop || village !== before.selection.village)
    planMap?.reveal(state);
});

onChange((change) => store.update(change));
onDeed((deed) => void done(deed));
addEventListener("hashchange", () => {
  const selection = fromHash(location.hash);
  if (toHash(selection) !== toHash(store.get().selection))
    store.update((state) => adopt(state, selection));
});

window.jemputBola = {
  map: planMap?.map ?? null,
  selectStop: (id) => {
    const isKnown = stopOf(id) !== null;
    if (isKnown) store.update((state) => chooseStop(state, id));
    return isKnown;
  },
  screenPoint: (id) => {
    const stop = stopOf(id);
    return stop && planMap ? planMap.screenPoint(stop.lon, stop.lat) : null;
  },
};

async function done({ ask, refused }: Deed): Promise<void> {
  try {
    store.update(await ask(api));
  } catch (thrown) {
    refused(asProblem(thrown));
  }
}

function stopOf(id: string): { readonly lon: number; readonly lat: number } | null {
  const stops = valueOf(store.get().answers.plan)?.stops ?? [];
  return stops.find((stop) => stop.stop_id === id) ?? null;
}

render(store.get());
startLoader(store, api);
