/** The selection in the address, both ways: `#regency=62.02&plan=7&team=62.02-A&lang=en`. */
import { nothingSelected, type Selection, type View } from "./state";

const TEXTS = ["regency", "plan", "team", "day", "stop", "village"] as const;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Write the selection as a hash, without defaults; an untouched page has an empty one. */
export function toHash(selection: Selection): string {
  const query = new URLSearchParams();
  for (const key of TEXTS) {
    const value = selection[key];
    if (value !== null) query.set(key, value);
  }
  if (selection.lang !== nothingSelected.lang) query.set("lang", selection.lang);
  if (selection.view) query.set("map", writeView(selection.view));
  const text = query.toString().replaceAll("%2F", "/");
  return text && `#${text}`;
}

/** Read a hash; what is missing or makes no sense falls back to "not chosen". */
export function fromHash(hash: string): Selection {
  const query = new URLSearchParams(hash.replace(/^#/, ""));
  const text = (key: string): string | null => query.get(key) || null;
  const day = text("day");
  return {
    lang: query.get("lang") === "en" ? "en" : "id",
    regency: text("regency"),
    plan: text("plan"),
    team: text("team"),
    day: day !== null && DAY.test(day) ? day : null,
    stop: text("stop"),
    village: text("village"),
    view: readView(text("map")),
  };
}

function writeView({ zoom, lat, lon }: View): string {
  return `${zoom.toFixed(2)}/${lat.toFixed(4)}/${lon.toFixed(4)}`;
}

function readView(text: string | null): View | null {
  const parts = text?.split("/") ?? [];
  const [zoom = NaN, lat = NaN, lon = NaN] = parts.map((part) => (part ? Number(part) : NaN));
  const isView =
    parts.length === 3 && zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
  return isView ? { zoom, lat, lon } : null;
}

/** Where one signs in, and comes back from to what is shown now. */
export function signInAddress(selection: Selection): string {
  const query = new URLSearchParams({ lang: selection.lang, next: `/${toHash(selection)}` });
  return `/sign-in?${query}`;
}
