/** Parts of the small forms with which a step is taken. */
import type { Problem } from "../api";
import { h } from "../dom";
import type { Texts } from "../texts";

const MAX_REASON = 500;

export function field(title: string, input: Node): Node {
  return h("label", {}, h("span", {}, title), input);
}

export function reasonField(title: string): Node {
  return field(
    title,
    h("textarea", { name: "reason", required: true, rows: 2, maxlength: MAX_REASON }),
  );
}

/** What the server said against it, beside the form and not at the top of the page. */
export function refusal(problem: Problem | null, { t }: Texts): Node | null {
  if (!problem) return null;
  const { title, detail } = problem;
  const said = title === "unreachable" ? t("notice.unreachable") : (detail ?? title);
  return h(
    "div",
    { class: "notice error", role: "alert" },
    h("p", {}, h("strong", {}, t("form.refused"))),
    h("p", {}, said),
  );
}
