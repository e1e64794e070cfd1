/** Villages left out, most people first, each with its reason in words. */
import type { UnservedOut } from "../api-types";
import { emit, h, Panel } from "../dom";
import { chooseVillage, valueOf, type State } from "../state";
import type { Texts } from "../texts";
import { byPeople } from "../week";

const FIRST = 20;

export class Unserved extends Panel {
  protected facts({ answers }: State): readonly unknown[] {
    return [answers.plan];
  }

  protected draw(state: State, words: Texts): readonly Node[] {
    const plan = valueOf(state.answers.plan);
    if (!plan || plan.unserved.length === 0) return [];
    const { t, format } = words;
    const villages = byPeople(plan.unserved);
    const known = villages.filter((v) => v.people_to_look_for !== null);
    const people = known.reduce((sum, v) => sum + (v.people_to_look_for ?? 0), 0);
    const body = h(
      "tbody",
      {},
      villages.slice(0, FIRST).map((v) => this.row(v, words)),
    );
    const columns = (["unserved.village", "unserved.count", "unserved.reason"] as const).map(
      (key) => h("th", { scope: "col", class: key === "unserved.count" ? "number" : null }, t(key)),
    );
    const more = h(
      "button",
      { type: "button", class: "more" },
      t("unserved.all", { n: villages.length }),
    );
    more.addEventListener("click", () => {
      body.append(...villages.slice(FIRST).map((v) => this.row(v, words)));
      more.remove();
    });
    const title = h(
      "summary",
      {},
      t("unserved.title", { n: villages.length }),
      known.length > 0 && h("span", {}, t("unserved.people", { people: format.count(people) })),
    );
    const table = h("table", {}, h("thead", {}, h("tr", {}, columns)), body);
    return [
      h(
        "details",
        { class: "unserved" },
        title,
        h("div", { class: "scroll" }, table),
        villages.length > FIRST && more,
      ),
    ];
  }

  private row(village: UnservedOut, { format, word }: Texts): Node {
    const pick = h(
      "button",
      {
        type: "button",
        class: "link",
        onclick: () => emit(this, (state) => chooseVillage(state, village.village_code)),
      },
      village.village_name,
    );
    return h(
      "tr",
      { "data-village": village.village_code },
      h("th", { scope: "row" }, pick, h("span", { class: "district" }, village.district)),
      h("td", { class: "number" }, format.count(village.people_to_look_for)),
      h("td", {}, village.detail || word("reason", village.reason)),
    );
  }
}
