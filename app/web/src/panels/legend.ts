/** What colours, hatches and dashes mean. */
import { h, Panel } from "../dom";
import { peopleLimits, strokeOf } from "../features";
import { dashes } from "../layers/routes";
import { map, ramp, teamColour } from "../palette";
import { teamNames, valueOf, type State } from "../state";
import type { Texts } from "../texts";

const NARROW = "(max-width: 800px)";

export class Legend extends Panel {
  private isOpen = !matchMedia(NARROW).matches;

  protected facts({ answers }: State): readonly unknown[] {
    return [answers.villages, answers.plan, answers.routes, answers.towers];
  }

  protected draw(state: State, words: Texts): readonly Node[] {
    const villages = valueOf(state.answers.villages);
    if (!villages) return [];
    const { t } = words;
    const hasUnknown = villages.features.some((f) => f.properties.people_to_look_for === null);
    const hasTowers = (valueOf(state.answers.towers)?.features.length ?? 0) > 0;
    const details = h(
      "details",
      { class: "legend", open: this.isOpen },
      h("summary", {}, t("legend.title")),
      h("h4", {}, t("legend.people")),
      h(
        "ul",
        { class: "classes" },
        classes(peopleLimits(villages), words).map(([colour, text]) => item("box", colour, text)),
        hasUnknown && item("box", map.unknown, t("legend.unknown")),
      ),
      h(
        "ul",
        {},
        item("box hatched", map.hatch, t("legend.blank_spot")),
        hasTowers && item("tower", map.tower, t("legend.tower")),
      ),
      ...teams(state, words),
      h("p", { class: "hint" }, t("legend.note")),
    );
    details.addEventListener("toggle", () => (this.isOpen = details.open));
    return [details];
  }
}

/** Colour and words of each class: 0, 1–19, 20–49, 50 and more. */
function classes(
  limits: readonly number[],
  { format }: Texts,
): readonly (readonly [string, string])[] {
  const text = (limit: number, i: number): string => {
    const next = limits[i + 1];
    if (next === undefined) return `≥ ${format.count(limit)}`;
    return next - limit === 1
      ? format.count(limit)
      : `${format.count(limit)}–${format.count(next - 1)}`;
  };
  return [[ramp[0], "0"], ...limits.map((limit, i) => [ramp[i + 1]!, text(limit, i)] as const)];
}

function teams(state: State, words: Texts): readonly Node[] {
  const plan = valueOf(state.answers.plan);
  if (!plan || plan.stops.length === 0) return [];
  const names = teamNames(plan).map((team, i) => item("dot", teamColour(i).fill, team));
  const drawn = new Set(valueOf(state.answers.routes)?.features.map((f) => strokeOf(f.properties)));
  const known = Object.keys(dashes).filter((stroke) => drawn.has(stroke));
  return [
    h("h4", {}, words.t("legend.teams")),
    h("ul", { class: "names" }, names),
    ...(known.length > 0 ? [h("h4", {}, words.t("legend.routes"))] : []),
    h(
      "ul",
      { class: "names" },
      known.map((stroke) => item(`stroke ${stroke}`, map.label, words.word("travel", stroke))),
    ),
  ];
}

function item(kind: string, fill: string, text: string): Node {
  return h("li", {}, h("span", { class: `key ${kind}`, fill, "aria-hidden": "true" }), text);
}
