/** How far each programme is, how it went, and what the campaign expects. */
import type { Forecast, ProgrammeProgress, ProgressOut } from "../api-types";
import { h, Panel } from "../dom";
import { valueOf, type State } from "../state";
import type { Texts } from "../texts";
import { chartOf, drawChart } from "./trajectory";

export class Progress extends Panel {
  private isOpen = false;

  protected facts({ answers }: State): readonly unknown[] {
    return [answers.progress];
  }

  protected draw(state: State, words: Texts): readonly Node[] {
    const progress = valueOf(state.answers.progress);
    if (!progress) return [];
    const known = progress.programmes.filter((one) => one.base !== null || one.withheld);
    if (known.length === 0) return [];
    const { t } = words;
    const ktp = known.find((one) => one.programme === "ktp_el");
    const chart = chartOf(progress, "ktp_el");
    const ontoggle = (event: Event): void => {
      this.isOpen = (event.target as HTMLDetailsElement).open;
    };
    return [
      h(
        "details",
        { class: "panel progress", open: this.isOpen, ontoggle },
        h(
          "summary",
          {},
          t("progress.title", { year: progress.year }),
          h("span", {}, ktp ? headline(ktp, words) : ""),
        ),
        h("div", { class: "scroll" }, table(known, words)),
        over(known, words),
        known.some((one) => one.withheld) ? h("p", { class: "help" }, t("progress.withheld")) : null,
        chart ? drawChart(chart, words) : null,
        forecast(progress, words),
        links(progress, words),
      ),
    ];
  }
}

function headline({ share, target }: ProgrammeProgress, { t, format }: Texts): string {
  const now = format.percent(share);
  return target ? t("progress.of_target", { now, target: format.percent(target.share) }) : now;
}

function table(programmes: readonly ProgrammeProgress[], { t, format, word }: Texts): Node {
  const columns = ["programme", "base", "recorded", "share", "not_recorded", "target", "gap"] as const;
  const head = columns.map((name, i) =>
    h("th", { scope: "col", class: i === 0 ? null : "number" }, t(`progress.${name}`)),
  );
  const rows = programmes.map((one) => {
    const of = one.target?.is_carried ? ` ${t("progress.carried", { year: one.target.year })}` : "";
    const cells = [
      format.count(one.base),
      format.count(one.recorded),
      format.percent(one.share),
      format.count(one.not_recorded),
      one.target ? `${format.percent(one.target.share)}${of}` : t("progress.no_target"),
      format.count(one.gap_to_target),
    ];
    return h(
      "tr",
      { "data-programme": one.programme },
      h("th", { scope: "row" }, word("programme", one.programme)),
      cells.map((cell) => h("td", { class: "number" }, cell)),
    );
  });
  return h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
}

/** More recorded than count: shown as it is, because it tells of the data. */
function over(programmes: readonly ProgrammeProgress[], { t, word }: Texts): readonly Node[] {
  return programmes.flatMap((one) => {
    const programme = word("programme", one.programme);
    return one.n_over
      ? [h("p", { class: "help" }, t("progress.over", { programme, n: one.n_over }))]
      : [];
  });
}

function forecast({ forecast: found, is_withheld: withheld }: ProgressOut, words: Texts): Node | null {
  const { t } = words;
  if (withheld || found === null) return null;
  if (found.missing !== null) return h("p", { class: "help" }, t(`progress.${found.missing}`));
  const said = found.programmes
    .filter((one) => one.is_goal)
    .map((one) => h("p", {}, expected(found, one.programme, words)));
  const old = found.is_outdated ? h("p", { class: "help" }, t("progress.outdated")) : null;
  return h("div", {}, said, old);
}

function expected(found: Forecast, programme: string, { t, word }: Texts): string {
  const one = found.programmes.find((each) => each.programme === programme);
  const name = word("programme", programme);
  const week = found.last_week ?? "";
  if (!one?.reached_week) return t("progress.not_reached", { programme: name, week });
  const low = one.reached_p10 ?? one.reached_week;
  const high = one.reached_p90 ?? t("progress.later", { week });
  return t("progress.reached", { programme: name, week: one.reached_week, low, high });
}

function links({ code }: ProgressOut, { t, lang }: Texts): Node {
  const query = new URLSearchParams({ lang, ...(code === null ? {} : { area: code }) });
  const address = `/api/v1/progress/export?${query}&format=`;
  return h(
    "p",
    {},
    h("a", { href: `${address}xlsx`, download: true }, t("progress.xlsx")),
    " · ",
    h("a", { href: `${address}csv`, download: true }, t("progress.csv")),
  );
}
