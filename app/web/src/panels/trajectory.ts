/** Coverage over time as a picture: what was counted, what is expected with its range, the target. */
import type { ProgressOut } from "../api-types";
import type { Texts } from "../texts";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 58;
const RIGHT = 12;
const TOP = 14;
const BOTTOM = 26;
const DAY_MS = 86_400_000;

export interface Point {
  readonly day: string;
  readonly share: number;
}

export interface Range extends Point {
  readonly low: number;
  readonly high: number;
}

export interface Chart {
  readonly counted: readonly Point[];
  readonly expected: readonly Range[];
  readonly target: number | null;
}

/** What is drawn of a programme; null where there is not even a line to draw. */
export function chartOf(progress: ProgressOut, programme: string): Chart | null {
  const counted = progress.trajectory.flatMap(({ day, programme: of, share }) =>
    of === programme && share !== null ? [{ day, share }] : [],
  );
  const standings =
    progress.forecast?.programmes.find((one) => one.programme === programme)?.standings ?? [];
  const expected = standings.flatMap(({ ends, share, share_p10, share_p90 }) =>
    share === null
      ? []
      : [{ day: ends, share, low: share_p10 ?? share, high: share_p90 ?? share }],
  );
  const target =
    progress.programmes.find((one) => one.programme === programme)?.target?.share ?? null;
  const days = new Set([...counted, ...expected].map(({ day }) => day));
  return days.size < 2 ? null : { counted, expected, target };
}

/** Least and greatest of what is drawn, with a little room; never flat. */
export function extentOf({ counted, expected, target }: Chart): readonly [number, number] {
  const shares = [
    ...counted.map(({ share }) => share),
    ...expected.flatMap(({ low, high }) => [low, high]),
    ...(target === null ? [] : [target]),
  ];
  const low = Math.min(...shares);
  const high = Math.max(...shares);
  const room = Math.max((high - low) * 0.12, 0.0005);
  return [low - room, high + room];
}

export function drawChart(chart: Chart, { t, format }: Texts): Element {
  const days = [...chart.counted, ...chart.expected].map(({ day }) => Date.parse(day));
  const first = Math.min(...days);
  const span = Math.max(Math.max(...days) - first, DAY_MS);
  const [low, high] = extentOf(chart);
  const x = (day: string): number =>
    LEFT + ((Date.parse(day) - first) / span) * (WIDTH - LEFT - RIGHT);
  const y = (share: number): number =>
    TOP + ((high - share) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const line = (points: readonly Point[]): string =>
    points.map(({ day, share }) => `${x(day).toFixed(1)},${y(share).toFixed(1)}`).join(" ");
  const parts: Element[] = [...grid(low, high, y, format.percent)];
  for (const at of [first, first + span]) {
    const day = new Date(at).toISOString().slice(0, 10);
    const anchor = at === first ? "start" : "end";
    parts.push(text(format.date(day), x(day), HEIGHT - 8, anchor));
  }
  const { expected, counted, target } = chart;
  if (expected.length > 1) {
    const upper = expected.map(({ day, high: share }) => ({ day, share }));
    const lower = expected.map(({ day, low: share }) => ({ day, share })).reverse();
    parts.push(shape("polygon", { class: "fan", points: line([...upper, ...lower]) }));
    parts.push(shape("polyline", { class: "expected", points: line(expected) }));
  }
  parts.push(shape("polyline", { class: "counted", points: line(counted) }));
  for (const { day, share } of counted)
    parts.push(shape("circle", { class: "dot", cx: x(day), cy: y(share), r: 3.5 }));
  if (target !== null) {
    const at = { x1: LEFT, x2: WIDTH - RIGHT, y1: y(target), y2: y(target) };
    parts.push(shape("line", { class: "target", ...at }));
    const name = t("progress.target_line", { target: format.percent(target) });
    parts.push(text(name, LEFT + 6, y(target) - 5, "start"));
  }
  const picture = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart", role: "img" });
  picture.setAttribute("aria-label", t("progress.chart"));
  picture.append(...parts);
  return picture;
}

/** Round shares within the extent, three to six of them. */
export function ticksOf(low: number, high: number): readonly number[] {
  const rough = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([5, 2, 1].find((factor) => factor * power <= rough) ?? 1);
  const first = Math.ceil(low / step);
  const n = Math.floor(high / step) - first + 1;
  return Array.from({ length: n }, (_, i) => (first + i) * step);
}

/** Lines across, with their percentages. */
function grid(
  low: number,
  high: number,
  y: (share: number) => number,
  percent: (share: number) => string,
): readonly Element[] {
  return ticksOf(low, high).flatMap((share) => {
    const at = { x1: LEFT, x2: WIDTH - RIGHT, y1: y(share), y2: y(share) };
    return [shape("line", { class: "grid", ...at }), text(percent(share), LEFT - 6, y(share) + 4, "end")];
  });
}

function shape(name: string, attributes: Readonly<Record<string, string | number>>): Element {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function text(said: string, x: number, y: number, anchor: string): Element {
  const element = shape("text", { x, y, "text-anchor": anchor });
  element.textContent = said;
  return element;
}
