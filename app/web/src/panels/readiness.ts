/** The evening before: what is known of each team's day, and whether it goes. */
import type { Problem } from "../api";
import type { CheckAnswer, CheckName, ReadinessIn, TeamDayReadiness } from "../api-types";
import { h, Panel, perform } from "../dom";
import { isPlanner, readinessTold, shownDays, type State } from "../state";
import type { Texts } from "../texts";
import { field, refusal } from "./forms";

const CHECKS: readonly CheckName[] = ["signal", "weather", "blanks", "fuel", "attendance"];
const ANSWERS: readonly CheckAnswer[] = ["unknown", "yes", "no"];
const SIGNS: Readonly<Record<CheckAnswer, string>> = { yes: "✓", no: "✗", unknown: "?" };
const MAX_NOTE = 500;

export class Readiness extends Panel {
  private isOpen = false;
  private edited: string | null = null;
  private problem: Problem | null = null;

  protected facts({ answers, selection }: State): readonly unknown[] {
    return [answers.readiness, answers.session, selection.team, selection.day];
  }

  protected draw(state: State, words: Texts): readonly Node[] {
    const days = shownDays(state);
    if (days.length === 0) return [];
    const { t } = words;
    const gone = days.filter(({ verdict }) => verdict === "go").length;
    const stopped = days.filter(({ verdict }) => verdict === "no_go").length;
    const ontoggle = (event: Event): void => {
      this.isOpen = (event.target as HTMLDetailsElement).open;
    };
    const head = ["day", "team", ...CHECKS, "verdict"].map((name) =>
      h("th", { scope: "col" }, words.word("readiness", name)),
    );
    return [
      h(
        "details",
        { class: "panel readiness", open: this.isOpen, ontoggle },
        h(
          "summary",
          {},
          t("readiness.title"),
          h("span", {}, t("readiness.count", { go: gone, no_go: stopped, n: days.length })),
        ),
        h(
          "div",
          { class: "scroll" },
          h(
            "table",
            {},
            h("thead", {}, h("tr", {}, head)),
            h(
              "tbody",
              {},
              days.map((day) => this.row(day, words)),
            ),
          ),
        ),
        ...days
          .filter((day) => keyOf(day) === this.edited)
          .map((day) => this.form(day, state, words)),
      ),
    ];
  }

  private row(day: TeamDayReadiness, { t, word, format }: Texts): Node {
    const key = keyOf(day);
    const checks = CHECKS.map((name) => {
      const known = day.answers[name];
      const answer = known?.answer ?? "unknown";
      const said = `${word("readiness", name)}: ${word("answer", answer)} ${known?.note ?? ""}`;
      return h(
        "td",
        { class: `check ${answer}`, title: said.trim() },
        h("span", { "aria-hidden": "true" }, SIGNS[answer]),
        h("span", { class: "unseen" }, word("answer", answer)),
      );
    });
    const press = (): void => {
      this.edited = this.edited === key ? null : key;
      this.problem = null;
      this.redraw();
    };
    const open = h(
      "button",
      { type: "button", class: "link", "aria-expanded": String(this.edited === key), onclick: press },
      format.day(day.day),
    );
    const plan = day.replan_id === null ? null : t("readiness.replan", { plan: day.replan_id });
    return h(
      "tr",
      { "data-day": day.day, "data-team": day.team },
      h("th", { scope: "row" }, open),
      h("td", {}, day.team),
      checks,
      h(
        "td",
        { class: day.verdict },
        word("verdict", day.verdict),
        [day.reason, plan].filter(Boolean).map((said) => h("span", { class: "help" }, said)),
      ),
    );
  }

  private form(day: TeamDayReadiness, state: State, words: Texts): Node {
    const { t, word, format } = words;
    const checks = CHECKS.map((name) => {
      const known = day.answers[name];
      const options = ANSWERS.map((answer) =>
        h(
          "option",
          { value: answer, selected: answer === (known?.answer ?? "unknown") },
          word("answer", answer),
        ),
      );
      const note = {
        name: `note ${name}`,
        value: known?.note ?? "",
        maxlength: MAX_NOTE,
        placeholder: t("readiness.note"),
        "aria-label": `${word("readiness", name)}: ${t("readiness.note")}`,
      };
      return h(
        "div",
        { class: "check-row" },
        field(word("readiness", name), h("select", { name }, options)),
        h("input", note),
      );
    });
    const verdict = ["", "go", "no_go"].map((value) =>
      h("option", { value }, value === "" ? t("readiness.no_verdict") : word("verdict", value)),
    );
    const onsubmit = (event: Event): void => {
      event.preventDefault();
      this.tell(day, new FormData(event.target as HTMLFormElement), state.selection.plan ?? "");
    };
    return h(
      "form",
      { onsubmit },
      h("h3", {}, `${format.longDay(day.day)}, ${day.team}`),
      day.is_on_tour ? h("p", { class: "help" }, t("readiness.on_tour")) : null,
      checks,
      isPlanner(state)
        ? [
            field(t("readiness.verdict"), h("select", { name: "verdict" }, verdict)),
            field(t("form.reason"), h("input", { name: "reason", maxlength: MAX_NOTE })),
          ]
        : [],
      refusal(this.problem, words),
      h(
        "div",
        { class: "steps" },
        h("button", { type: "submit", class: "main" }, t("readiness.save")),
      ),
    );
  }

  private tell(day: TeamDayReadiness, form: FormData, plan: string): void {
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const answers: Partial<Record<CheckName, { answer: CheckAnswer; note: string }>> = {};
    for (const name of CHECKS) {
      const answer = text(name) as CheckAnswer;
      const note = text(`note ${name}`);
      const known = day.answers[name];
      // Only what is new is said: who says it is kept with it.
      if (answer !== (known?.answer ?? "unknown") || note !== (known?.note ?? ""))
        answers[name] = { answer, note };
    }
    const verdict = text("verdict");
    const reason = text("reason");
    const body: ReadinessIn = {
      team: day.team,
      day: day.day,
      answers,
      ...(verdict === "go" || verdict === "no_go" ? { verdict } : {}),
      ...(reason === "" ? {} : { reason }),
    };
    perform(this, {
      ask: async (api) => {
        const after = await api.tellReadiness(plan, body);
        this.edited = null;
        return (state) => (state.selection.plan === plan ? readinessTold(state, after) : state);
      },
      refused: (problem) => {
        this.problem = problem;
        this.redraw();
      },
    });
  }
}

function keyOf({ day, team }: TeamDayReadiness): string {
  return `${day} ${team}`;
}
