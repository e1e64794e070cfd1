/** Loading, refusals, empty states and a running job, announced to screen readers. */
import { emit, h, Panel } from "../dom";
import { notices, type Notice } from "../notices";
import { retry, type State } from "../state";
import type { Texts } from "../texts";

export class NoticePanel extends Panel {
  protected facts({ answers, selection }: State): readonly unknown[] {
    return [answers, selection.plan, selection.regency];
  }

  protected draw(state: State, words: Texts): readonly Node[] {
    return notices(state, words).map((notice) => this.notice(notice, words));
  }

  private notice({ kind, title, detail, canRetry }: Notice, { t }: Texts): Node {
    const again = h(
      "button",
      { type: "button", onclick: () => emit(this, retry) },
      t("notice.retry"),
    );
    return h(
      "div",
      { class: `notice ${kind}`, role: kind === "error" ? "alert" : "status" },
      h("p", {}, kind === "error" ? h("strong", {}, title) : title),
      detail ? h("p", {}, detail) : null,
      canRetry ? again : null,
    );
  }
}
