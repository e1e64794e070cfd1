/** Regency, plan and language. */
import type { PlanSummary } from "../api-types";
import { emit, h, Panel } from "../dom";
import {
  chooseLang,
  choosePlan,
  chooseRegency,
  chosenRegency,
  chosenSummary,
  isLocked,
  valueOf,
  type Lang,
  type State,
} from "../state";
import type { Texts } from "../texts";

const LANGS: readonly (readonly [Lang, string])[] = [
  ["id", "Bahasa Indonesia"],
  ["en", "English"],
];

export class Toolbar extends Panel {
  protected facts(state: State): readonly unknown[] {
    const { answers, selection } = state;
    return [
      answers.regencies,
      answers.plans,
      selection.regency,
      selection.plan,
      isLocked(state),
    ];
  }

  protected draw(state: State, words: Texts): readonly Node[] {
    const { t } = words;
    return [
      h(
        "a",
        { class: "skip", href: "#week", onclick: (event) => this.skip(event) },
        t("page.skip"),
      ),
      h(
        "header",
        { class: "toolbar" },
        h("h1", {}, t("page.title"), " ", h("small", {}, t("page.subtitle"))),
        h(
          "div",
          { class: "choices", role: "group", "aria-label": t("toolbar.label") },
          // Until somebody is signed in there is nothing to choose from.
          isLocked(state) ? [] : [this.regency(state, words), this.plan(state, words)],
        ),
        isLocked(state)
          ? []
          : h("a", { class: "account", href: `/account?lang=${state.selection.lang}` }, t("toolbar.account")),
        this.languages(state, words),
      ),
    ];
  }

  /** The address belongs to the state, so the link only moves the focus. */
  private skip(event: Event): void {
    event.preventDefault();
    const [row, filter] = ["tr[data-stop-id]", "jb-filters select"].map((selector) =>
      document.querySelector<HTMLElement>(selector),
    );
    (row ?? filter)?.focus();
  }

  private regency(state: State, { t }: Texts): Node {
    const chosen = state.selection.regency;
    const options = (valueOf(state.answers.regencies) ?? []).map(({ code, name }) =>
      h("option", { value: code, selected: code === chosen }, `${name} (${code})`),
    );
    const onchange = (event: Event): void => {
      const { value } = event.target as HTMLSelectElement;
      emit(this, (before) => chooseRegency(before, value));
    };
    return h("label", {}, t("toolbar.regency"), h("select", { id: "regency", onchange }, options));
  }

  private plan(state: State, words: Texts): Node {
    const { t, format } = words;
    const plans = valueOf(state.answers.plans) ?? [];
    const zone = chosenRegency(state)?.timezone ?? "Asia/Jakarta";
    const text = ({ week, state: word, created_at }: PlanSummary): string =>
      `${t("toolbar.plan_option", { week, dates: format.week(week), state: words.word("state", word) })} · ${format.instant(created_at, zone)}`;
    const options = plans.map((plan) => {
      const selected = String(plan.plan_id) === state.selection.plan;
      return h("option", { value: String(plan.plan_id), selected }, text(plan));
    });
    if (state.selection.plan !== null && !chosenSummary(state)) {
      options.unshift(
        h("option", { value: state.selection.plan, selected: true }, state.selection.plan),
      );
    }
    const onchange = (event: Event): void => {
      const { value } = event.target as HTMLSelectElement;
      emit(this, (before) => choosePlan(before, value));
    };
    const nothing = h("option", { value: "" }, t("toolbar.no_plan"));
    const select = h(
      "select",
      { id: "plan", onchange, disabled: options.length === 0 },
      options.length ? options : nothing,
    );
    return h("label", {}, t("toolbar.plan"), select);
  }

  private languages(state: State, { t }: Texts): Node {
    const buttons = LANGS.map(([lang, name]) =>
      h(
        "button",
        {
          id: `lang-${lang}`,
          type: "button",
          lang,
          title: name,
          "aria-label": name,
          "aria-pressed": String(lang === state.selection.lang),
          onclick: () => emit(this, (before) => chooseLang(before, lang)),
        },
        lang.toUpperCase(),
      ),
    );
    return h(
      "div",
      { class: "languages", role: "group", "aria-label": t("toolbar.language") },
      buttons,
    );
  }
}
