/** Headline numbers of the plan, warnings and broken rules. */
import type { PlanOut, Programme, RuleOut } from "../api-types";
import { h, Panel } from "../dom";
import { valueOf, type State } from "../state";
import type { Key, Texts } from "../texts";

export const PROGRAMMES: readonly Programme[] = ["ktp_el", "pemula", "kia", "akta", "ikd"];

interface Figure {
  readonly name: Key;
  readonly value: string;
  readonly unit?: string;
  readonly help?: string;
}

export class Summary extends Panel {
  protected facts({ answers }: State): readonly unknown[] {
    return [answers.plan];
  }

  protected draw(state: State, words: Texts): readonly (Node | null)[] {
    const plan = valueOf(state.answers.plan);
    if (!plan) return [];
    return [
      h("h2", { class: "unseen" }, words.t("summary.title")),
      contradiction(plan, words),
      violations(plan, words),
      h(
        "dl",
        { class: "figures" },
        figures(plan, words).map((figure) => drawn(figure, words)),
      ),
      isWithheld(plan) ? h("p", { class: "help" }, words.t("summary.withheld")) : null,
      rules(plan, words),
      warnings(plan, words),
    ];
  }
}

/** Whether who looks may not see what was worked out of counts. */
function isWithheld({ solved_at: solved, status, value }: PlanOut): boolean {
  return solved !== null && value === null && (status === "optimal" || status === "feasible");
}

/** What an account that sees no counts is shown. */
const OF_NO_COUNT: readonly Key[] = [
  "summary.cost",
  "summary.hours",
  "summary.distance",
  "summary.status",
];

function figures(plan: PlanOut, words: Texts): readonly Figure[] {
  const all = allFigures(plan, words);
  return isWithheld(plan) ? all.filter(({ name }) => OF_NO_COUNT.includes(name)) : all;
}

function allFigures(plan: PlanOut, words: Texts): readonly Figure[] {
  const { t, format } = words;
  const people = t("summary.people");
  const change = {
    before: format.percent(plan.coverage_before),
    after: format.percent(plan.coverage_after),
  };
  const unproven = t("summary.not_proven");
  return [
    {
      name: "summary.ktp_el",
      value: format.people(plan.expected?.ktp_el),
      unit: people,
      help: [
        between(plan.expected_p10?.ktp_el, plan.expected_p90?.ktp_el, words),
        others(plan, words),
      ]
        .filter(Boolean)
        .join(" · "),
    },
    { name: "summary.coverage", value: t("summary.coverage_change", change) },
    {
      name: "summary.not_recorded",
      value: format.count(plan.not_recorded),
      unit: people,
      help: t("summary.not_recorded_help"),
    },
    {
      name: "summary.people_to_look_for",
      value: format.count(plan.people_to_look_for),
      unit: people,
      help: t("summary.people_to_look_for_help"),
    },
    { name: "summary.cost", value: format.rupiah(plan.cost_rupiah) },
    { name: "summary.hours", value: format.hours(plan.hours_work) },
    { name: "summary.distance", value: format.km(plan.distance_m) },
    {
      name: "summary.value",
      value: format.decimal(plan.value, 1),
      help: [
        t("summary.value_help", { worth: format.decimal(plan.worth, 1) }),
        between(plan.worth_p10, plan.worth_p90, words),
      ]
        .filter(Boolean)
        .join(" · "),
    },
    {
      name: "summary.bound",
      value: plan.bound === null ? unproven : format.decimal(plan.bound, 1),
    },
    { name: "summary.gap", value: plan.gap === null ? unproven : format.percent(plan.gap) },
    // A plan made by hand was not searched for: it keeps to the rules or it does not.
    plan.origin?.kind === "judge"
      ? { name: "summary.status", value: words.word("judged", plan.status) }
      : {
          name: "summary.status",
          value: words.word("status", plan.status),
          help: words.word("stop_reason", plan.stop_reason),
        },
  ];
}

/** What is fallen short of, and exceeded, once in ten weeks; empty where a plan does not know. */
function between(
  low: number | null | undefined,
  high: number | null | undefined,
  { t, format }: Texts,
): string {
  if (low === null || low === undefined || high === null || high === undefined) return "";
  return t("summary.between", { low: format.people(low), high: format.people(high) });
}

function others(plan: PlanOut, words: Texts): string {
  const [, ...rest] = PROGRAMMES;
  return rest
    .map((p) => `${words.word("programme", p)} ${words.format.people(plan.expected?.[p])}`)
    .join(" · ");
}

function drawn({ name, value, unit, help }: Figure, { t }: Texts): Node {
  return h(
    "div",
    { class: "figure", "data-figure": name.replace("summary.", "") },
    h("dt", {}, t(name)),
    h("dd", {}, h("strong", {}, value), unit ? ` ${unit}` : null),
    help ? h("dd", { class: "help" }, help) : null,
  );
}

function warnings(plan: PlanOut, { t, format }: Texts): Node | null {
  if (plan.warnings.length === 0) return null;
  const items = plan.warnings.map(({ message, count, code }) => {
    const n = count !== null && count > 1 ? ` (${format.count(count)})` : "";
    return h("li", { "data-code": code }, `${message}${n}`);
  });
  const title = t("summary.warnings", { n: plan.warnings.length });
  return h("details", { class: "warnings" }, h("summary", {}, title), h("ul", {}, items));
}

function violations(plan: PlanOut, { t }: Texts): Node | null {
  if (plan.violations.length === 0) return null;
  const items = plan.violations.map(({ rule, message }) => h("li", { "data-rule": rule }, message));
  const title = h("p", {}, h("strong", {}, t("summary.violations", { n: plan.violations.length })));
  return h("div", { class: "notice error", role: "alert" }, title, h("ul", {}, items));
}

/** Rules that exclude each other, when no plan keeps to all of them. */
function contradiction({ contradiction: found }: PlanOut, { t }: Texts): Node | null {
  if (found === null) return null;
  const key = found.is_minimal ? "summary.contradiction" : "summary.contradiction_part";
  const items = found.rules.map(({ message }) => h("li", {}, message));
  const title = h("p", {}, h("strong", {}, t(key)));
  return h("div", { class: "notice error", role: "alert" }, title, h("ul", {}, items));
}

/** How the rules of the whole plan are used, what would help and what wishes cost. */
function rules(plan: PlanOut, words: Texts): Node | null {
  const { t } = words;
  const rows = [...plan.rules, ...plan.remedies, ...plan.wishes, ...oneMore(plan, words)];
  if (rows.length === 0) return null;
  const items = rows.map(({ message, excess }) =>
    h("li", {}, excess ? h("strong", {}, message) : message),
  );
  const title = t("summary.rules", { n: plan.rules.length });
  return h("details", { class: "warnings" }, h("summary", {}, title), h("ul", {}, items));
}

/** About what one more of each scarce thing would bring. */
function oneMore({ shadow }: PlanOut, { t, format }: Texts): readonly RuleOut[] {
  if (shadow === null) return [];
  const line = (what: string, value: number): RuleOut => ({
    message: t("summary.one_more", { what, value: format.decimal(value, 1) }),
  });
  const { million_rupiah: million, card_blank: card } = shadow;
  return [
    ...shadow.team_days.map(({ team, value }) => line(t("summary.one_day", { team }), value)),
    ...shadow.kits.map(({ base, value }) => line(t("summary.one_kit", { base }), value)),
    ...(million === null ? [] : [line(t("summary.one_million"), million)]),
    ...(card === null ? [] : [line(t("summary.one_card"), card)]),
  ];
}
