/** The regency's newest campaign: targets, weeks, and which week which district. */
import type { CampaignOut, CampaignTarget, CampaignWeekOut } from "../api-types";
import { h, Panel } from "../dom";
import { valueOf, type State } from "../state";
import type { Key, Texts } from "../texts";

export class Campaign extends Panel {
  protected facts({ answers }: State): readonly unknown[] {
    return [answers.campaign];
  }

  protected draw(state: State, words: Texts): readonly Node[] {
    const campaign = valueOf(state.answers.campaign);
    if (!campaign || campaign.value === null) return [];
    const { t } = words;
    const weeks = `${campaign.first_week} – ${campaign.last_week}`;
    const goals = campaign.targets.filter((target) => target.is_goal);
    return [
      h(
        "details",
        { class: "campaign", open: true },
        h("summary", {}, t("campaign.title", { weeks }), h("span", {}, reached(campaign, words))),
        h("div", { class: "scroll" }, targetsTable(campaign, words)),
        ...goals.map((target) => h("p", {}, sentences(campaign, target, words).join(" "))),
        h("div", { class: "scroll" }, weeksTable(campaign, goals[0], words)),
        h("h3", {}, t("campaign.districts")),
        h("div", { class: "scroll" }, districtsTable(campaign, words)),
        links(campaign, words),
      ),
    ];
  }
}

function reached(campaign: CampaignOut, { t }: Texts): string {
  if (!campaign.is_complete) return t("campaign.incomplete");
  if (campaign.reached_week === null)
    return t("campaign.not_reached", { week: campaign.last_week });
  return t("campaign.reached", {
    week: campaign.reached_week,
    weeks: campaign.weeks_until_reached ?? 0,
    team_weeks: campaign.team_weeks_until_reached ?? 0,
  });
}

/** What is expected of a target and what is proven, as the command line says it. */
function sentences(
  campaign: CampaignOut,
  target: CampaignTarget,
  { t, format, word }: Texts,
): readonly string[] {
  const programme = word("programme", target.programme);
  if (target.chance === null) return [t("campaign.no_proof", { programme })];
  const never = t("campaign.never", { week: campaign.last_week });
  const said = [
    t(target.reached_p10 === null ? "campaign.unlikely" : "campaign.range", {
      programme,
      week: campaign.last_week,
      low: target.reached_p10 ?? never,
      high: target.reached_p90 ?? never,
      chance: format.percent(target.chance),
    }),
    target.earliest_week === null
      ? t("campaign.impossible", {
          week: campaign.last_week,
          ceiling: format.percent(target.ceiling),
        })
      : t("campaign.earliest", { week: target.earliest_week }),
  ];
  if (target.to_verify)
    said.push(t("campaign.to_verify", { people: format.count(target.to_verify) }));
  return said;
}

function targetsTable(campaign: CampaignOut, { t, format, word }: Texts): Node {
  const rows = campaign.targets.map((target) => {
    const end = target.standings[target.standings.length - 1];
    const cells = [
      format.percent(target.share),
      format.percent(target.start.share),
      format.percent(end?.share),
      format.count(end?.not_recorded),
      format.count(end?.gap_to_target),
    ];
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, word("programme", target.programme)),
      cells.map((cell) => h("td", { class: "number" }, cell)),
    );
  });
  return table(
    ["programme", "target", "now", "at_end", "not_recorded", "gap_to_target"],
    rows,
    t,
  );
}

function weeksTable(campaign: CampaignOut, goal: CampaignTarget | undefined, words: Texts): Node {
  return table(
    ["week", "teams", "visits", "again", "people", "cost", "share", "gap_to_target"],
    campaign.weeks.map((week) => weekRow(week, goal, words)),
    words.t,
  );
}

function weekRow(week: CampaignWeekOut, goal: CampaignTarget | undefined, words: Texts): Node {
  const { t, format } = words;
  const head = h("th", { scope: "row", class: "week" }, week.week);
  if (week.idle !== null || !week.is_planned) {
    const why =
      week.idle === null ? t("campaign.unplanned") : t("campaign.idle", { reason: week.idle });
    return h("tr", {}, head, h("td", { colspan: 7 }, why));
  }
  const standing = goal?.standings.find((one) => one.week === week.week);
  const cells = [
    format.count(week.n_teams),
    format.count(week.n_visits),
    format.count(week.n_second_visits),
    format.people((week.expected.ktp_el ?? 0) + (week.expected.pemula ?? 0)),
    format.rupiah(week.cost_rupiah),
    format.percent(standing?.share),
    format.count(standing?.gap_to_target),
  ];
  return h(
    "tr",
    { "data-week": week.week },
    head,
    cells.map((cell) => h("td", { class: "number" }, cell)),
  );
}

/** How many visits each district gets in which week, with their teams. */
function districtsTable({ weeks }: CampaignOut, { t, format }: Texts): Node {
  const names = [...new Set(weeks.flatMap((week) => week.districts.map((d) => d.district)))].sort();
  const heads = weeks.map((week) =>
    h("th", { scope: "col", class: "number", title: week.week }, week.week.slice(5)),
  );
  const rows = names.map((name) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      weeks.map((week) => {
        const found = week.districts.find((d) => d.district === name);
        const title = found ? found.teams.join(", ") : null;
        return h("td", { class: "number", title }, found ? format.count(found.n_visits) : "");
      }),
    ),
  );
  const head = h("tr", {}, h("th", { scope: "col" }, t("campaign.district")), heads);
  return h("table", {}, h("thead", {}, head), h("tbody", {}, rows));
}

function table(
  columns: readonly string[],
  rows: readonly Node[],
  t: Texts["t"],
): HTMLTableElement {
  const heads = columns.map((name, i) =>
    h("th", { scope: "col", class: i ? "number" : null }, t(`campaign.${name}` as Key)),
  );
  return h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows));
}

function links({ campaign_id }: CampaignOut, { lang, t }: Texts): Node {
  const address = `/api/v1/campaigns/${campaign_id}/export?lang=${lang}&format=`;
  return h(
    "p",
    {},
    h("a", { href: `${address}xlsx`, download: true }, t("campaign.xlsx")),
    " · ",
    h("a", { href: `${address}csv`, download: true }, t("campaign.csv")),
  );
}
