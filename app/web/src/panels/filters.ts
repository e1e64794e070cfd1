/** Team and day: what the table and the map show. */
import { emit, h, Panel } from "../dom";
import { days, filter, teamNames, valueOf, type State } from "../state";
import type { Key, Texts } from "../texts";

interface Choice {
  readonly key: "team" | "day";
  readonly label: Key;
  readonly all: Key;
  readonly options: readonly (readonly [value: string, text: string])[];
}

export class Filters extends Panel {
  protected facts({ answers, selection }: State): readonly unknown[] {
    return [answers.plan, selection.team, selection.day];
  }

  protected draw(state: State, words: Texts): readonly Node[] {
    const plan = valueOf(state.answers.plan);
    if (!plan || plan.stops.length === 0) return [];
    const { format, t } = words;
    const choices: readonly Choice[] = [
      {
        key: "team",
        label: "filter.team",
        all: "filter.all_teams",
        options: teamNames(plan).map((x) => [x, x]),
      },
      {
        key: "day",
        label: "filter.day",
        all: "filter.all_days",
        options: days(plan).map((x) => [x, format.day(x)]),
      },
    ];
    const controls = choices.map((choice) => this.control(choice, state, words));
    return [
      h("div", { class: "filters", role: "group", "aria-label": t("filter.label") }, controls),
    ];
  }

  private control({ key, label, all, options }: Choice, state: State, { t }: Texts): Node {
    const chosen = state.selection[key];
    const items = options.map(([value, text]) =>
      h("option", { value, selected: value === chosen }, text),
    );
    const onchange = (event: Event): void => {
      const { value } = event.target as HTMLSelectElement;
      emit(this, (before) => filter(before, { [key]: value || null }));
    };
    const select = h(
      "select",
      { id: `filter-${key}`, onchange },
      h("option", { value: "" }, t(all)),
      items,
    );
    return h("label", {}, t(label), select);
  }
}
