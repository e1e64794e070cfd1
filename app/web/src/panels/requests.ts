/** Letters that ask for visits: how far each is, its next steps, and days that would suit. */
import type { Problem } from "../api";
import type { RequestAction, RequestOut, SuggestedDate, Suggestions } from "../api-types";
import { emit, h, Panel, perform } from "../dom";
import { clock } from "../format";
import { chosenRegency, chooseVillage, requestChanged, valueOf, type State } from "../state";
import type { Texts } from "../texts";
import { reasonField, refusal } from "./forms";

const EXPLAINED: readonly RequestAction[] = ["refuse", "reopen", "finish"];
const ENDED: readonly string[] = ["done", "refused"];

interface Open {
  readonly request: number;
  readonly action: RequestAction;
}

export class Requests extends Panel {
  private form: Open | null = null;
  private problem: Problem | null = null;
  private suggestions: Suggestions | null = null;
  private isAsking: number | null = null;
  private isOpen = false;

  protected facts({ answers }: State): readonly unknown[] {
    return [answers.requests];
  }

  protected draw(state: State, words: Texts): readonly Node[] {
    const requests = valueOf(state.answers.requests);
    if (!requests || requests.length === 0) return [];
    const { t } = words;
    const open = requests.filter((request) => !ENDED.includes(request.state));
    const ended = requests.filter((request) => ENDED.includes(request.state));
    const zone = chosenRegency(state)?.timezone ?? "Asia/Jakarta";
    const items = [...open, ...ended].map((request) => this.item(request, zone, words));
    const ontoggle = (event: Event): void => {
      this.isOpen = (event.target as HTMLDetailsElement).open;
    };
    return [
      h(
        "details",
        { class: "panel requests", open: this.isOpen, ontoggle },
        h(
          "summary",
          {},
          t("requests.title", { n: requests.length }),
          h("span", {}, t("requests.open", { n: open.length })),
        ),
        h("ul", {}, items),
      ),
    ];
  }

  private item(request: RequestOut, zone: string, words: Texts): Node {
    const { t, word, format } = words;
    const { request_id: id } = request;
    const village = h(
      "button",
      {
        type: "button",
        class: "link",
        onclick: () => emit(this, (state) => chooseVillage(state, request.village_code)),
      },
      `${request.village_name} (${request.district})`,
    );
    const about = [
      t("requests.about", {
        number: request.number,
        date: format.date(request.letter_date),
        people: format.count(request.people),
        programmes: request.programmes.map((one) => word("programme", one)).join(", "),
      }),
      request.contact,
      request.plan_id === null ? "" : t("requests.plan", { plan: request.plan_id }),
    ];
    const isHere = this.form?.request === id;
    return h(
      "li",
      { "data-request": id },
      h("p", {}, village, " ", this.badge(request, words)),
      h("p", { class: "help" }, about.filter(Boolean).join(" · ")),
      this.buttons(request, words),
      isHere && this.form ? this.explain(this.form, request, words) : null,
      this.suggestions?.request_id === id ? suggested(this.suggestions, zone, words) : null,
      isHere || this.isAsking === id ? refusal(this.problem, words) : null,
    );
  }

  private badge({ state, is_required: required }: RequestOut, { t, word }: Texts): Node {
    const text = word("request", state);
    const said = required ? `${text}, ${t("requests.required")}` : text;
    return h("span", { class: `badge ${state}` }, said);
  }

  private buttons(request: RequestOut, { t }: Texts): Node | null {
    const { request_id: id } = request;
    const step = (action: RequestAction): Node =>
      h(
        "button",
        {
          id: `request-${id}-${action}`,
          type: "button",
          onclick: () => this.press({ request: id, action }, request),
        },
        t(`requests.step.${action}`),
      );
    const dates = h(
      "button",
      {
        id: `request-${id}-dates`,
        type: "button",
        disabled: this.isAsking === id && this.problem === null,
        onclick: () => this.suggest(id),
      },
      t(this.isAsking === id && this.problem === null ? "requests.asking" : "requests.dates"),
    );
    return h(
      "div",
      { class: "steps" },
      request.next.map(step),
      ENDED.includes(request.state) ? null : dates,
    );
  }

  private press(open: Open, request: RequestOut): void {
    this.problem = null;
    if (!EXPLAINED.includes(open.action)) {
      this.form = open;
      this.take(open, request, null);
      return;
    }
    const isSame = this.form?.request === open.request && this.form.action === open.action;
    this.form = isSame ? null : open;
    this.redraw();
    this.querySelector<HTMLElement>("textarea")?.focus();
  }

  private explain(open: Open, request: RequestOut, { t }: Texts): Node | null {
    if (!EXPLAINED.includes(open.action)) return null;
    const onsubmit = (event: Event): void => {
      event.preventDefault();
      const said = new FormData(event.target as HTMLFormElement).get("reason");
      this.take(open, request, String(said));
    };
    const submit = h("button", { type: "submit", class: "main" }, t(`requests.step.${open.action}`));
    return h(
      "form",
      { onsubmit },
      reasonField(t("form.reason")),
      h("div", { class: "steps" }, submit),
    );
  }

  private take({ action }: Open, request: RequestOut, reason: string | null): void {
    perform(this, {
      ask: async (api) => {
        const after = await api.requestStep(request.request_id, {
          action,
          version: request.version,
          ...(reason === null ? {} : { reason }),
        });
        this.form = null;
        return (state) => requestChanged(state, after);
      },
      refused: (problem) => this.tell(problem),
    });
  }

  private suggest(id: number): void {
    this.isAsking = id;
    this.problem = null;
    this.suggestions = null;
    this.form = null;
    this.redraw();
    perform(this, {
      ask: async (api) => {
        this.suggestions = await api.suggestions(id);
        this.isAsking = null;
        this.redraw();
        return (state) => state;
      },
      refused: (problem) => this.tell(problem),
    });
  }

  private tell(problem: Problem): void {
    this.problem = problem;
    this.redraw();
  }
}

/** Days that would suit, those that bring most first, and why a week cannot be used. */
function suggested(found: Suggestions, zone: string, words: Texts): Node {
  const { t } = words;
  const planned = found.planned.map(({ team, day, start, plan_id: plan }) =>
    h(
      "p",
      {},
      t("requests.planned", {
        team,
        day: words.format.longDay(day),
        time: clock(start, zone),
        plan: plan ?? "–",
      }),
    ),
  );
  const skipped = found.skipped.map(({ week, reason }) =>
    h("p", { class: "help" }, `${week}: ${reason}`),
  );
  const columns = ["day", "team", "time", "worth", "cost", "moved"] as const;
  const head = columns.map((name) =>
    h(
      "th",
      { scope: "col", class: columns.indexOf(name) > 2 ? "number" : null },
      t(`requests.${name}`),
    ),
  );
  const table = h(
    "div",
    { class: "scroll" },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, head)),
      h(
        "tbody",
        {},
        found.dates.map((date) => dateRow(date, zone, words)),
      ),
    ),
  );
  const nothing = found.dates.length === 0 && planned.length === 0;
  return h(
    "div",
    { class: "dates" },
    planned,
    nothing ? h("p", {}, t("requests.none")) : found.dates.length > 0 ? table : null,
    skipped,
  );
}

function dateRow(date: SuggestedDate, zone: string, { format }: Texts): Node {
  const times = `${clock(date.start, zone)}–${clock(date.depart, zone)} ${date.timezone_label}`;
  const figures = [
    format.decimal(date.worth, 1),
    format.rupiah(date.cost_rupiah),
    format.minutes(date.others_moved_minutes),
  ];
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, format.day(date.day)),
    h("td", {}, date.team),
    h("td", { class: "time" }, times),
    figures.map((text) => h("td", { class: "number" }, text)),
  );
}
