/** Every colour of the page and the map. `applyPalette` hands the first group to the style sheet. */

export const ui = {
  ink: "#1d2327",
  "ink-soft": "#545c61",
  paper: "#ffffff",
  ground: "#f3f1ed",
  line: "#d5d0c8",
  accent: "#14506e",
  "accent-ink": "#ffffff",
  "accent-soft": "#e2eef4",
  focus: "#0b63ce",
  warning: "#6b4300",
  "warning-soft": "#fff3d6",
  danger: "#9b1c1c",
  "danger-soft": "#fdeaea",
} as const;

/** Pairs that carry text, foreground first: WCAG AA is held by a test. */
export const textPairs: readonly (readonly [keyof typeof ui, keyof typeof ui])[] = [
  ["ink", "paper"],
  ["ink", "ground"],
  ["ink", "accent-soft"],
  ["ink-soft", "paper"],
  ["ink-soft", "ground"],
  ["ink-soft", "accent-soft"],
  ["accent", "paper"],
  ["accent", "ground"],
  ["accent-ink", "accent"],
  ["warning", "warning-soft"],
  ["danger", "danger-soft"],
  ["danger", "paper"],
];

/**
 * Stone greys: a ramp without hue, so that no team's colour drowns in it. First entry: nobody to
 * look for.
 */
export const ramp = ["#fbfaf8", "#ece8e1", "#dad4c9", "#c5bcae", "#aca191", "#8f8473"] as const;

export const map = {
  background: "#eef1f2",
  outline: "#8c8272",
  unknown: "#ffffff",
  label: "#3a3631",
  halo: "#ffffff",
  hatch: "#8e1b4d",
  tower: "#222222",
  casing: "#ffffff",
  selected: "#111111",
} as const;

export interface TeamColour {
  readonly fill: string;
  /** Text on the fill. */
  readonly ink: string;
}

const white = "#ffffff";
const black = "#000000";

/** The palette of Okabe and Ito (2008) without its yellow, then dark tones of Tol's muted scheme. */
export const teamColours: readonly TeamColour[] = [
  { fill: "#0072b2", ink: white },
  { fill: "#d55e00", ink: black },
  { fill: "#009e73", ink: black },
  { fill: "#cc79a7", ink: black },
  { fill: "#e69f00", ink: black },
  { fill: "#56b4e9", ink: black },
  { fill: "#332288", ink: white },
  { fill: "#882255", ink: white },
  { fill: "#117733", ink: white },
  { fill: "#999933", ink: black },
];

/** The colour of the n-th team; after the last the first comes again, labels tell them apart. */
export function teamColour(position: number): TeamColour {
  return teamColours[position % teamColours.length]!;
}

export function applyPalette(root: HTMLElement): void {
  for (const [name, colour] of Object.entries(ui)) root.style.setProperty(`--${name}`, colour);
  root.style.setProperty("--hatch", map.hatch);
}
