/** What a plan was made of, figures beside figures, and every session that is not as it was. */
import type { PlanOut } from "../api-types";
import { emit, h, Panel } from "../dom";
import { chooseVillage, valueOf, type State } from "../state";
import type { Key, Texts } from "../texts";

interface Line {
  readonly name: Key;
  readonly before: string;
  readonly after: string;
}

export class Changes extends Panel {
  protected facts({ answers }: State): readonly unknown[] {
    return [answers.plan];
  }

  protected draw(state: State, words: Texts): readonly (Node | null)[] {
    const plan = valueOf(state.answers.plan);
    if (!plan?.origin || !plan.against) return [];
    const { kind, plan_id } = plan.origin;
    const title = words.t(`changes.${kind}` as Key, { plan: plan_id });
    const parts = [h("h2", {}, title), figures(plan, words), this.list(plan, words)];
    return [h("section", { class: "changes" }, parts)];
  }

  private list(plan: PlanOut, { t }: Texts): Node {
    if (plan.changes.length === 0) return h("p", {}, t("changes.none"));
    const rows = plan.changes.map(({ kind, village_code, message }) =>
      h(
        "li",
        { "data-change": kind },
        h(
          "button",
          {
            type: "button",
            class: "link",
            onclick: () => emit(this, (state) => chooseVillage(state, village_code)),
          },
          message,
        ),
      ),
    );
    const title = t("changes.list", { n: plan.changes.length });
    return h("details", {}, h("summary", {}, title), h("ul", {}, rows));
  }
}

function figures(plan: PlanOut, { t, format }: Texts): Node {
  const old = plan.against;
  if (!old) return h("p", {});
  const lines: readonly Line[] = [
    {
      name: "summary.value",
      before: format.decimal(old.value, 1),
      after: format.decimal(plan.value, 1),
    },
    {
      name: "summary.cost",
      before: format.rupiah(old.cost_rupiah),
      after: format.rupiah(plan.cost_rupiah),
    },
    {
      name: "changes.sessions",
      before: format.count(old.n_stops),
      after: format.count(plan.stops.length),
    },
    {
      name: "changes.broken",
      before: format.count(old.n_violations),
      after: format.count(plan.violations.length),
    },
  ];
  const head = [
    h("td", {}),
    h("th", { scope: "col", class: "number" }, t("changes.old", { plan: old.plan_id })),
    h("th", { scope: "col", class: "number" }, t("changes.new", { plan: plan.plan_id })),
  ];
  return h(
    "table",
    {},
    h("thead", {}, h("tr", {}, head)),
    h(
      "tbody",
      {},
      lines.map(({ name, before, after }) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, t(name)),
          h("td", { class: "number" }, before),
          h("td", { class: "number" }, after),
        ),
      ),
    ),
  );
}
