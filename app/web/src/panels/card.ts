/** Details of the stop or village selected, over the map. */
import type { VillageCorrection, PlanOut, StopOut, VillageProperties } from "../api-types";
import { emit, h, Panel } from "../dom";
import { selectedVillage } from "../features";
import { clock } from "../format";
import { teamColour } from "../palette";
import { chooseStop, selectedStop, teamNames, valueOf, type State } from "../state";
import type { Texts } from "../texts";
import { placeOf } from "../week";
import { PROGRAMMES } from "./summary";

type Row = readonly [name: string, value: string];

export class Card extends Panel {
  protected facts({ answers, selection }: State): readonly unknown[] {
    const village = selection.village === null ? null : answers.villages;
    return [answers.plan, selection.stop, selection.village, village];
  }

  protected draw(state: State, words: Texts): readonly Node[] {
    const plan = valueOf(state.answers.plan);
    const stop = selectedStop(state);
    if (plan && stop) return [this.stop(stop, plan, words)];
    const village = selectedVillage(state);
    return village ? [this.village(village.properties, plan, words)] : [];
  }

  private stop(stop: StopOut, plan: PlanOut, words: Texts): Node {
    const { t, format } = words;
    const { fill, ink } = teamColour(teamNames(plan).indexOf(stop.team));
    const badge = h("span", { class: "order", fill }, String(stop.order));
    badge.style.color = ink;
    const visit = t("card.visit", { team: stop.team, order: stop.order });
    return this.frame(
      "card.stop",
      words,
      h("h3", {}, badge, placeOf(stop)),
      h("p", {}, `${t("card.place", { district: stop.district })} · ${visit}`),
      h("p", { class: "when" }, format.longDay(stop.day)),
      list(stopRows(stop, plan, words)),
      ...(Object.keys(stop.expected).length > 0
        ? [
            h("h4", {}, t("card.expected")),
            list(
              PROGRAMMES.map((p) => [words.word("programme", p), format.people(stop.expected[p])]),
              "programmes",
            ),
          ]
        : []),
    );
  }

  private village(village: VillageProperties, plan: PlanOut | null, words: Texts): Node {
    return this.frame(
      "card.village",
      words,
      h("h3", {}, village.name),
      h("p", {}, `${words.t("card.place", { district: village.district })} · ${village.code}`),
      list(villageRows(village, words)),
      outcome(village.code, plan, words),
    );
  }

  private frame(
    label: "card.stop" | "card.village",
    { t }: Texts,
    ...content: readonly (Node | null)[]
  ): Node {
    const close = (): void => emit(this, (state) => chooseStop(state, null));
    const onkeydown = (event: Event): void => {
      if ((event as KeyboardEvent).key === "Escape") close();
    };
    const button = h(
      "button",
      { type: "button", class: "close", "aria-label": t("card.close"), onclick: close },
      "×",
    );
    return h(
      "article",
      { class: "card", "aria-label": t(label), "aria-live": "polite", onkeydown },
      button,
      content,
    );
  }
}

function stopRows(stop: StopOut, plan: PlanOut, { t, word, format }: Texts): readonly Row[] {
  const time = (iso: string): string => `${clock(iso, plan.timezone)} ${plan.timezone_label}`;
  const travel = {
    minutes: format.minutes(stop.travel_minutes),
    mode: word("travel", stop.is_straight_line ? "straight" : stop.travel_mode),
  };
  const service = word("service", stop.service_mode);
  return [
    [t("card.arrive"), time(stop.arrive)],
    [t("card.start"), time(stop.start)],
    [t("card.depart"), time(stop.depart)],
    [t("card.minutes"), format.minutes(stop.minutes)],
    ...(stop.break_minutes > 0
      ? [[t("card.break"), format.minutes(stop.break_minutes)] as const]
      : []),
    [t("card.travel"), t("card.travel_value", travel)],
    ...((stop.off_network_m ?? 0) >= 50
      ? [[t("card.off_network"), `${format.decimal(stop.off_network_m! / 1000, 1)} km`] as const]
      : []),
    ...(stop.travel_break_minutes > 0
      ? [[t("card.travel_break"), format.minutes(stop.travel_break_minutes)] as const]
      : []),
    ...(stop.n_rapids > 0 ? [[t("card.rapids"), format.count(stop.n_rapids)] as const] : []),
    [t("card.service"), stop.with_kit ? `${service}, ${t("card.kit")}` : service],
  ];
}

function villageRows(village: VillageProperties, words: Texts): readonly Row[] {
  const { t, word, format } = words;
  const spot = village.is_blank_spot ? ` (${t("card.blank_spot")})` : "";
  const source = {
    kind: word("evidence", village.signal_kind),
    source: village.signal_source ?? "",
    date: village.signal_on ? format.date(village.signal_on) : "–",
  };
  const count = (column: string, value: number | null): string =>
    village.withheld.includes(column) ? t("card.withheld") : format.count(value);
  return [
    [t("summary.people_to_look_for"), count("belum_rekam", village.people_to_look_for)],
    [t("summary.not_recorded"), count("belum_rekam", village.not_recorded)],
    [t("card.wajib_ktp"), count("wajib_ktp", village.wajib_ktp)],
    [t("card.sudah_rekam"), count("sudah_rekam", village.sudah_rekam)],
    [t("card.usia_16_17"), count("usia_16_17", village.usia_16_17)],
    ...village.corrections.map((one) => correctionRow(one, words)),
    [t("card.signal"), word("signal", village.signal) + spot],
    ...(village.signal_source ? [[t("card.source"), t("card.source_value", source)] as const] : []),
    ...connectivityRows(village, words),
  ];
}

/** What else is known of the connection, where anything is. */
function connectivityRows(village: VillageProperties, { t, word, format }: Texts): readonly Row[] {
  return [
    ...(village.share_covered === null
      ? []
      : [[t("card.share_covered"), format.percent(village.share_covered)] as const]),
    ...(village.power === "unknown" ? [] : [[t("card.power"), word("power", village.power)] as const]),
    ...(village.n_contradictions > 0
      ? [[t("card.contradictions"), format.count(village.n_contradictions)] as const]
      : []),
  ];
}

/** What a planner put right or estimated, and what was imported. */
function correctionRow(one: VillageCorrection, { t, word, format }: Texts): Row {
  const numbers = {
    column: word("count", one.column),
    value: format.count(one.value),
    imported: format.count(one.imported),
    date: format.date(one.day),
    reason: one.reason,
  };
  return [t(`card.${one.kind}`), t("card.correction_value", numbers)];
}

/** When the village is visited, or why it is not. */
function outcome(code: string, plan: PlanOut | null, { t, word, format }: Texts): Node | null {
  const stop = plan?.stops.find((s) => s.village_code === code);
  if (stop) {
    const when = t("card.visited_value", { day: format.day(stop.day), team: stop.team });
    return list([[t("card.visited"), when]]);
  }
  const left = plan?.unserved.find((u) => u.village_code === code);
  return left ? list([[t("card.unserved"), left.detail || word("reason", left.reason)]]) : null;
}

function list(rows: readonly Row[], kind = "facts"): Node {
  return h(
    "dl",
    { class: kind },
    rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}
