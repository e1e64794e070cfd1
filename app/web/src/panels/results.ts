/** What teams reported of a plan: what counts, what is missing, what contradicts, and its upload. */
import type { Problem } from "../api";
import type { Fact, PlanResults, ReportContradiction, ResultsOut, SessionOut } from "../api-types";
import { h, Panel, perform } from "../dom";
import { byPlan, together } from "../reports";
import { askResults, isPlanner, isShown, valueOf, type State } from "../state";
import type { Key, Texts } from "../texts";
import { reasonField, refusal } from "./forms";
import { PROGRAMMES } from "./summary";

const OUTCOMES = ["accepted", "known", "contradicts", "refused"] as const;

export class Results extends Panel {
  private isOpen = false;
  private problem: Problem | null = null;
  private taken: ResultsOut | null = null;
  private of: string | null = null;

  protected facts({ answers, selection }: State): readonly unknown[] {
    return [answers.results, answers.session, selection.plan, selection.team, selection.day];
  }

  protected draw(state: State, words: Texts): readonly Node[] {
    const results = valueOf(state.answers.results);
    if (!results) return [];
    if (this.of !== state.selection.plan) {
      this.taken = null;
      this.problem = null;
    }
    this.of = state.selection.plan;
    const { t, format } = words;
    const sessions = results.sessions.filter((one) => isShown(state.selection, one));
    const missing = results.missing.filter((one) => isShown(state.selection, one));
    const open = results.contradictions.filter((one) => one.is_open);
    const ontoggle = (event: Event): void => {
      this.isOpen = (event.target as HTMLDetailsElement).open;
    };
    const counts = { n: sessions.length, missing: missing.length, open: open.length };
    return [
      h(
        "details",
        { class: "panel results", open: this.isOpen, ontoggle },
        h("summary", {}, t("results.title"), h("span", {}, t("results.count", counts))),
        this.upload(results, words),
        this.taken ? told(this.taken, words) : null,
        refusal(this.problem, words),
        ...open.map((one) => this.contradiction(one, results, state, words)),
        sessions.length > 0 ? h("div", { class: "scroll" }, table(sessions, words)) : null,
        missing.length > 0
          ? h(
              "p",
              { class: "help" },
              t("results.missing", {
                stops: missing
                  .map((one) => `${one.village_name} (${one.team}, ${format.day(one.day)})`)
                  .join(", "),
              }),
            )
          : null,
      ),
    ];
  }

  /** A file that a telephone saved; sent twice it counts once. */
  private upload(results: PlanResults, { t }: Texts): Node {
    const onchange = (event: Event): void => {
      const input = event.target as HTMLInputElement;
      const file = input.files?.[0];
      if (file) void this.send(file, results.plan_id);
    };
    return h(
      "label",
      { class: "upload" },
      h("span", {}, t("results.upload")),
      h("input", { type: "file", accept: ".json,application/json", onchange }),
    );
  }

  private async send(file: File, plan: number): Promise<void> {
    this.problem = null;
    this.taken = null;
    const text = await file.text();
    perform(this, {
      ask: async (api) => {
        const answers = [];
        for (const [of, part] of byPlan(text, plan)) {
          answers.push(await api.report(String(of), part));
        }
        this.taken = together(answers);
        return askResults;
      },
      refused: (problem) => {
        this.problem = problem;
        this.redraw();
      },
    });
  }

  private contradiction(
    found: ReportContradiction,
    results: PlanResults,
    state: State,
    words: Texts,
  ): Node {
    const { t, word, format } = words;
    const { village_name: village, team, day, entries } = found;
    const facts = Object.entries(found.facts).map(([fact, told]) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, factName(fact, words)),
        told.map((value) => h("td", {}, factText(value, told, words))),
      ),
    );
    const onsubmit = (event: Event): void => {
      event.preventDefault();
      const data = new FormData(event.target as HTMLFormElement);
      this.settle(results.plan_id, found, Number(data.get("adopt")), String(data.get("reason")));
    };
    const adopt = entries.map((entry) =>
      h(
        "th",
        { scope: "col" },
        h(
          "label",
          { class: "check" },
          h("input", {
            type: "radio",
            name: "adopt",
            value: entry,
            required: true,
            checked: entry === found.counts_entry_id,
          }),
          t("results.entry", { entry }),
        ),
      ),
    );
    const settle = [
      reasonField(t("form.reason")),
      h(
        "div",
        { class: "steps" },
        h("button", { type: "submit", class: "main" }, t("results.settle")),
      ),
    ];
    const title = { kind: word("contradiction", found.kind), village, team, day: format.day(day) };
    return h(
      "form",
      { class: "contradiction", onsubmit },
      h("p", {}, h("strong", {}, t("results.contradiction", title))),
      h(
        "p",
        { class: "help" },
        found.why === "all-count"
          ? t("results.several")
          : t("results.stands", { entry: found.counts_entry_id }),
      ),
      h(
        "div",
        { class: "scroll" },
        h(
          "table",
          {},
          h("thead", {}, h("tr", {}, h("td", {}), adopt)),
          h("tbody", {}, facts),
        ),
      ),
      isPlanner(state) ? settle : [],
    );
  }

  private settle(plan: number, found: ReportContradiction, adopt: number, reason: string): void {
    const { entries } = found;
    const body = { key: crypto.randomUUID(), entries, adopt, reason };
    this.problem = null;
    perform(this, {
      ask: async (api) => {
        await api.settle(String(plan), body);
        return askResults;
      },
      refused: (problem) => {
        this.problem = problem;
        this.redraw();
      },
    });
  }
}

/** A programme, or another thing that a report tells. */
function factName(fact: string, { word }: Texts): string {
  const isProgramme = PROGRAMMES.some((programme) => programme === fact);
  return word(isProgramme ? "programme" : "fact", fact);
}

/** What one report tells of a fact: of a programme the outcomes that are not the same in all. */
function factText(value: Fact, all: readonly Fact[], { word }: Texts): string {
  if (value === null) return "–";
  if (typeof value !== "object") return String(value);
  const differs = (outcome: string): boolean =>
    new Set(all.map((one) => (typeof one === "object" ? (one?.[outcome] ?? 0) : one))).size > 1;
  return Object.entries(value)
    .filter(([outcome]) => word("outcome", outcome) !== outcome && differs(outcome))
    .map(([outcome, n]) => `${word("outcome", outcome)} ${n}`)
    .join(", ");
}

function table(sessions: readonly SessionOut[], { t, word, format }: Texts): Node {
  const shown = PROGRAMMES.filter((p) => sessions.some(({ programmes }) => programmes[p]));
  const head = [
    h("th", { scope: "col" }, t("results.day")),
    h("th", { scope: "col" }, t("results.village")),
    shown.map((p) => h("th", { scope: "col", class: "number" }, word("programme", p))),
    h("th", { scope: "col", class: "number" }, t("results.cleared")),
  ].flat();
  const row = (session: SessionOut): Node => {
    const all = Object.values(session.programmes);
    const cleared = all.reduce((sum, one) => sum + (one?.cleared ?? 0), 0);
    const marks = [
      session.in_plan === "planned" ? null : word("in_plan", session.in_plan),
      session.is_late ? t("results.late") : null,
      session.is_contested ? t("results.contested") : null,
    ].filter(Boolean);
    const served = shown.map((p) => {
      const planned = session.expected?.[p];
      const of = planned === undefined ? "" : ` / ${format.people(planned)}`;
      return h("td", { class: "number" }, `${format.count(session.programmes[p]?.served ?? 0)}${of}`);
    });
    return h(
      "tr",
      { "data-entry": session.entry_id },
      h("td", {}, format.day(session.day), h("span", { class: "help" }, session.team)),
      h(
        "th",
        { scope: "row" },
        session.village_name,
        marks.length > 0 ? h("span", { class: "help" }, marks.join(", ")) : null,
      ),
      served,
      h("td", { class: "number" }, format.count(cleared)),
    );
  };
  return h(
    "table",
    {},
    h("caption", { class: "help" }, t("results.caption")),
    h("thead", {}, h("tr", {}, head)),
    h("tbody", {}, sessions.map(row)),
  );
}

/** What became of the reports of a file, and why any was refused. */
function told(taken: ResultsOut, { t }: Texts): Node {
  const parts = OUTCOMES.filter((outcome) => taken[outcome] > 0).map((outcome) =>
    t(`results.${outcome}` as Key, { n: taken[outcome] }),
  );
  const refused = taken.records.filter((one) => one.outcome === "refused");
  return h(
    "div",
    { class: refused.length > 0 ? "notice error" : "notice", role: "status" },
    h("p", {}, parts.join(" · ")),
    refused.length > 0
      ? h(
          "ul",
          {},
          refused.map(({ key, detail, reason }) => h("li", {}, `${key ?? "–"}: ${detail ?? reason}`)),
        )
      : null,
  );
}
