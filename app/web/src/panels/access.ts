/** Asks for the token of a server that wants one; while it does, it stands in place of the page. */
import { emit, h, Panel } from "../dom";
import { enterToken, isLocked, type State } from "../state";
import type { Texts } from "../texts";

export class Access extends Panel {
  private wasLocked = false;

  protected facts(state: State): readonly unknown[] {
    return [isLocked(state), state.token];
  }

  protected draw(state: State, { t }: Texts): readonly Node[] {
    if (!isLocked(state)) return [];
    const isWrong = state.token !== null;
    const field = h("input", {
      id: "token",
      type: "password",
      required: true,
      autocomplete: "off",
      spellcheck: "false",
      "aria-describedby": isWrong ? "token-wrong" : "token-help",
      "aria-invalid": isWrong && "true",
    });
    const onsubmit = (event: Event): void => {
      event.preventDefault();
      const token = field.value.trim();
      if (token) emit(this, (before) => enterToken(before, token));
    };
    const wrong = h("p", { id: "token-wrong", class: "wrong", role: "alert" }, t("access.wrong"));
    return [
      h(
        "form",
        { class: "access", "aria-labelledby": "access-title", onsubmit },
        h("h2", { id: "access-title" }, t("access.title")),
        h("p", { id: "token-help" }, t("access.help")),
        h("label", { for: "token" }, t("access.token")),
        field,
        isWrong && wrong,
        h("button", { type: "submit" }, t("access.enter")),
      ),
    ];
  }

  /** Nothing else can be done: typing may begin at once. */
  override show(state: State): void {
    super.show(state);
    const locked = isLocked(state);
    if (locked && !this.wasLocked) this.querySelector("input")?.focus();
    this.wasLocked = locked;
  }
}
