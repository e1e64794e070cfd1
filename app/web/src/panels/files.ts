/** What teams take along and the letters that go with it, for the team and day chosen. */
import { h, Panel } from "../dom";
import { valueOf, type Selection, type State } from "../state";
import type { Texts } from "../texts";

const SHEETS = [
  "pdf",
  "html",
  "text",
  "ics",
  "gpx",
  "kml",
  "poster",
  "posters",
  "xlsx",
  "costs",
  "districts",
] as const;
const LETTERS = [
  "assignment-letter",
  "travel-order",
  "notice-district",
  "notice-village",
  "attendance",
  "minutes",
  "recap",
] as const;

export class Files extends Panel {
  protected facts({ answers, selection }: State): readonly unknown[] {
    return [answers.plan, answers.session, selection.team, selection.day];
  }

  protected draw(state: State, words: Texts): readonly Node[] {
    const plan = valueOf(state.answers.plan);
    if (!plan || plan.stops.length === 0) return [];
    const { t } = words;
    const { selection } = state;
    const isViewer = valueOf(state.answers.session)?.role === "viewer";
    const link = (path: string, name: string): Node =>
      h(
        "li",
        {},
        h("a", { href: fileAddress(plan.plan_id, path, selection), download: true }, name),
      );
    const sheets = SHEETS.map((sheet) => link(`sheets/${sheet}`, t(`files.sheet.${sheet}`)));
    const letters = LETTERS.map((kind) => link(`letters/${kind}`, t(`files.letter.${kind}`)));
    return [
      h(
        "details",
        { class: "panel files" },
        h("summary", {}, t("files.title"), h("span", {}, chosen(selection, words))),
        h("h3", {}, t("files.take")),
        h("ul", {}, sheets),
        // Some letters name the staff, so a viewer is given none.
        isViewer ? [] : [h("h3", {}, t("files.letters")), h("ul", {}, letters)],
      ),
    ];
  }
}

/** Where a file of a plan is fetched, in the language and for the team and day shown. */
export function fileAddress(plan: number, path: string, { lang, team, day }: Selection): string {
  const query = new URLSearchParams({ lang });
  if (team !== null) query.set("team", team);
  if (day !== null) query.set("day", day);
  return `/api/v1/plans/${plan}/${path}?${query}`;
}

function chosen({ team, day }: Selection, { t, format }: Texts): string {
  if (team === null && day === null) return t("files.all");
  const what = [team, day === null ? null : format.longDay(day)].filter(Boolean).join(", ");
  return t("files.chosen", { what });
}
