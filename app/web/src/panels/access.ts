/** Leads to where one signs in; while nobody is signed in, it stands in place of the page. */
import { h, Panel } from "../dom";
import { isLocked, type State } from "../state";
import type { Texts } from "../texts";
import { signInAddress } from "../url";

export class Access extends Panel {
  private wasLocked = false;

  protected facts(state: State): readonly unknown[] {
    return [isLocked(state), state.selection];
  }

  protected draw(state: State, { t }: Texts): readonly Node[] {
    if (!isLocked(state)) return [];
    return [
      h(
        "section",
        { class: "access", "aria-labelledby": "access-title" },
        h("h2", { id: "access-title" }, t("access.title")),
        h("p", {}, t("access.help")),
        h("a", { class: "button", href: signInAddress(state.selection) }, t("access.enter")),
      ),
    ];
  }

  /** Nothing else can be done: Enter may follow the link at once. */
  override show(state: State): void {
    super.show(state);
    const locked = isLocked(state);
    if (locked && !this.wasLocked) this.querySelector("a")?.focus();
    this.wasLocked = locked;
  }
}
