/** The schedule: one table per team, one group of rows per day. The map's equal, by keyboard. */
import type { PlanOut, ShiftOut, StopOut } from "../api-types";
import { emit, h, Panel } from "../dom";
import { clock } from "../format";
import { teamColour } from "../palette";
import { chooseStop, valueOf, type State } from "../state";
import type { Texts } from "../texts";
import { placeOf, weekRows, type DayRows, type TeamRows } from "../week";
import { PROGRAMMES } from "./summary";

export class Week extends Panel {
  private selected: string | null = null;

  protected facts({ answers, selection }: State): readonly unknown[] {
    return [answers.plan, selection.team, selection.day];
  }

  protected draw(state: State, words: Texts): readonly Node[] {
    const plan = valueOf(state.answers.plan);
    if (!plan || plan.status === null) return [];
    const teams = weekRows(plan, state.selection);
    const { t } = words;
    const isEmpty = teams.every((team) => team.days.length === 0);
    return [
      h("h2", { class: "unseen" }, t("page.week")),
      h("p", { class: "hint" }, isEmpty ? t("week.empty") : t("week.hint")),
      ...teams.map((team) => this.team(team, plan, words)),
    ];
  }

  /** Mark the selected row without drawing the tables anew, and bring it into sight. */
  override show(state: State): void {
    super.show(state);
    const { stop } = state.selection;
    for (const row of this.rows()) {
      if (row.dataset.stopId === stop) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    if (stop !== this.selected)
      this.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    this.selected = stop;
  }

  private rows(): readonly HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>("tr[data-stop-id]")];
  }

  private team(team: TeamRows, plan: PlanOut, words: Texts): Node {
    const { t } = words;
    const heading = h(
      "h3",
      {},
      h("span", { class: "swatch", fill: teamColour(team.position).fill }),
      t("week.team", { team: team.name }),
    );
    const table = h(
      "table",
      {},
      h(
        "caption",
        { class: "unseen" },
        t("week.caption", { team: team.name, zone: plan.timezone_label }),
      ),
      head(plan, words),
      team.days.map((day) => this.day(day, plan, team, words)),
    );
    return h(
      "section",
      { class: "team", "data-team": team.name },
      h("div", { class: "team-head" }, heading, teamFacts(team, words)),
      team.days.length === 0
        ? h("p", { class: "hint" }, t("week.idle"))
        : h("div", { class: "scroll" }, table),
    );
  }

  private day({ day, stops }: DayRows, plan: PlanOut, team: TeamRows, words: Texts): Node {
    const shift = team.totals?.shifts.find((s) => s.day === day);
    const about = shift ? h("span", { class: "shift" }, shiftText(shift, plan, words)) : null;
    const heading = h("th", { scope: "rowgroup", colspan: 11 }, words.format.longDay(day), about);
    return h(
      "tbody",
      { "data-day": day },
      h("tr", { class: "day" }, heading),
      stops.map((stop) => this.row(stop, plan, team, words)),
    );
  }

  private row(stop: StopOut, plan: PlanOut, team: TeamRows, words: Texts): Node {
    const { format } = words;
    const { fill, ink } = teamColour(team.position);
    const badge = h("span", { class: "order", fill }, String(stop.order));
    badge.style.color = ink;
    const place = [
      h("span", { class: "village" }, placeOf(stop)),
      h("span", { class: "district" }, stop.district),
    ];
    const people = PROGRAMMES.map((p) =>
      h("td", { class: "number" }, format.people(stop.expected[p])),
    );
    return h(
      "tr",
      {
        id: `stop-${stop.stop_id}`,
        "data-stop-id": stop.stop_id,
        tabindex: 0,
        onclick: () => emit(this, (state) => chooseStop(state, stop.stop_id)),
        onkeydown: (event) => this.key(event as KeyboardEvent, stop),
      },
      h("td", {}, badge),
      h("td", { class: "time" }, clock(stop.arrive, plan.timezone)),
      h("td", { class: "time" }, clock(stop.depart, plan.timezone)),
      h("th", { scope: "row" }, place),
      h("td", { class: "number" }, format.count(stop.minutes)),
      people,
      h(
        "td",
        { class: "modes" },
        words.word("service", stop.service_mode),
        h("span", {}, words.word("travel", stop.is_straight_line ? "straight" : stop.travel_mode)),
      ),
    );
  }

  private key(event: KeyboardEvent, stop: StopOut): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      const rows = this.rows();
      rows[rows.indexOf(event.currentTarget as HTMLElement) + step]?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      emit(this, (state) => chooseStop(state, stop.stop_id));
    } else return;
    event.preventDefault();
  }
}

function head(plan: PlanOut, { t, word }: Texts): Node {
  const column = (text: string, help: string | null = null, kind: string | null = null): Node =>
    h("th", { scope: "col", class: kind }, help === null ? text : h("abbr", { title: help }, text));
  const zone = (text: string): Node =>
    h(
      "th",
      { scope: "col", class: "time" },
      text,
      h("span", { class: "zone" }, plan.timezone_label),
    );
  return h(
    "thead",
    {},
    h(
      "tr",
      {},
      column(t("week.order")),
      zone(t("week.arrive")),
      zone(t("week.depart")),
      column(t("week.village")),
      column(t("week.minutes"), t("week.minutes_help"), "number"),
      PROGRAMMES.map((p) =>
        column(
          word("programme", p),
          `${t("week.expected")}: ${word("programme_help", p)}`,
          "number",
        ),
      ),
      h("th", { scope: "col", class: "modes" }, t("week.service"), h("span", {}, t("week.travel"))),
    ),
  );
}

function shiftText(shift: ShiftOut, { timezone, timezone_label }: PlanOut, { t }: Texts): string {
  const times = {
    departure: clock(shift.departure, timezone),
    arrival: clock(shift.arrival, timezone),
  };
  const { sleeps_name: village, sleeps_place: listed } = shift;
  const night = village !== null && listed !== null ? `${listed}, ${village}` : village;
  const isRest = shift.departure === shift.arrival;
  const hours = night === null ? "week.shift" : isRest ? "week.rest" : "week.shift_out";
  const parts = [t(hours, { ...times, zone: timezone_label, place: night ?? "" })];
  if (shift.with_kit) parts.push(t("week.kit"));
  return parts.join(" · ");
}

function teamFacts({ totals }: TeamRows, { t, word, format }: Texts): Node | null {
  if (!totals) return null;
  const facts = t("week.facts", {
    days: totals.days,
    stops: totals.n_stops,
    hours: format.hours(totals.hours),
    km: format.km(totals.km * 1000),
    cost: format.rupiah(totals.cost_rupiah),
  });
  // A team may have one vehicle for the road and one for the river: car+longboat.
  const vehicles = totals.vehicle.split("+").map((vehicle) => word("vehicle", vehicle));
  return h(
    "p",
    {},
    `${t("week.base", { base: totals.base })} · ${vehicles.join(" + ")} · ${facts}`,
  );
}
