/** Where a plan stands, who moved it, and the steps that who looks may take. */
import type { Problem } from "../api";
import type { PlanLife, PlanOut, StepName, StepOut, StepRequest } from "../api-types";
import { h, Panel, perform } from "../dom";
import { askLife, stepTaken, valueOf, type State } from "../state";
import type { Key, Texts } from "../texts";
import { field, reasonField, refusal } from "./forms";

const WAY = ["draft", "proposed", "approved", "published", "in_progress", "closed"] as const;
const EXPLAINED: readonly StepName[] = ["return", "discard", "cancel"];
const FINAL: readonly StepName[] = ["discard", "cancel"];
const CONFLICT = 409;

export class Life extends Panel {
  private open: StepName | null = null;
  private refusal: Problem | null = null;
  private of: string | null = null;

  protected facts({ answers, selection }: State): readonly unknown[] {
    return [answers.life, answers.plan, answers.plans, selection.plan];
  }

  protected draw(state: State, words: Texts): readonly (Node | null)[] {
    const life = valueOf(state.answers.life);
    const plan = valueOf(state.answers.plan);
    if (this.of !== state.selection.plan) this.close();
    this.of = state.selection.plan;
    if (!life || !plan) return [];
    if (this.open && !life.next.includes(this.open)) this.open = null;
    return [
      h(
        "section",
        { class: "panel life", "aria-labelledby": "life-title" },
        h("h2", { id: "life-title", class: "unseen" }, words.t("life.title")),
        way(life, words),
        this.buttons(life, words),
        this.open ? this.form(this.open, life, plan, state, words) : null,
        refusal(this.refusal, words),
        history(life, plan, words),
      ),
    ];
  }

  private close(): void {
    this.open = null;
    this.refusal = null;
  }

  private buttons({ next }: PlanLife, { t }: Texts): Node | null {
    if (next.length === 0) return null;
    const button = (step: StepName): Node =>
      h(
        "button",
        {
          id: `step-${step}`,
          type: "button",
          class: FINAL.includes(step) ? "final" : null,
          "aria-expanded": String(step === this.open),
          onclick: () => this.toggle(step),
        },
        t(`life.step.${step}`),
      );
    return h("div", { class: "steps" }, next.map(button));
  }

  private toggle(step: StepName): void {
    const isOpen = this.open === step;
    this.close();
    this.open = isOpen ? null : step;
    this.redraw();
    this.querySelector<HTMLElement>("form input, form textarea, form button")?.focus();
  }

  private form(
    step: StepName,
    life: PlanLife,
    plan: PlanOut,
    state: State,
    { t, word }: Texts,
  ): Node {
    const breaks = step === "propose" && plan.violations.length > 0;
    const fields: Node[] = [];
    if (step === "publish") {
      const old = inForce(state, plan);
      // A team of which nothing changed keeps the letter it has; the server knows which.
      for (const { team, shifts } of plan.teams)
        if (shifts.length > 0) fields.push(field(t("life.letter", { team }), letter(team, !old)));
      if (old) {
        const said = t("life.replaces", { plan: old.plan_id, state: word("state", old.state) });
        const box = { type: "checkbox", name: "replaces", value: old.plan_id, required: true };
        fields.push(h("label", { class: "check" }, h("input", box), said));
      }
    }
    if (EXPLAINED.includes(step) || breaks) {
      fields.push(reasonField(t(breaks ? "life.reason_violations" : "form.reason")));
    }
    const onsubmit = (event: Event): void => {
      event.preventDefault();
      this.take(String(life.plan_id), asked(step, life.version, event.target as HTMLFormElement));
    };
    const close = { type: "button", onclick: () => this.toggle(step) };
    return h(
      "form",
      { onsubmit },
      h("p", {}, t(`life.do.${step}`)),
      fields,
      h(
        "div",
        { class: "steps" },
        h("button", { type: "submit", class: "main" }, t(`life.step.${step}`)),
        h("button", close, t("life.cancel_form")),
      ),
    );
  }

  private take(plan: string, step: StepRequest): void {
    const submit = this.querySelector<HTMLButtonElement>("button[type=submit]");
    if (submit) submit.disabled = true;
    perform(this, {
      ask: async (api) => {
        const life = await api.step(plan, step);
        this.close();
        // Meanwhile another plan may have been chosen.
        return (state) =>
          state.selection.plan === plan ? stepTaken(state, life, step.replaces) : state;
      },
      refused: (problem) => {
        this.refusal = problem;
        this.redraw();
        if (problem.status === CONFLICT)
          perform(this, { ask: async () => askLife, refused: () => undefined });
      },
    });
  }
}

function letter(team: string, required: boolean): Node {
  return h("input", { name: `letter ${team}`, required, maxlength: 100, autocomplete: "off" });
}

/** The plan that teams work by in that week, whose place another takes. */
function inForce(
  { answers }: State,
  { plan_id, week }: PlanOut,
): { readonly plan_id: number; readonly state: string } | null {
  const others = valueOf(answers.plans) ?? [];
  const works = (state: string): boolean => state === "published" || state === "in_progress";
  return (
    others.find((one) => one.week === week && one.plan_id !== plan_id && works(one.state)) ?? null
  );
}

function asked(action: StepName, version: number, form: HTMLFormElement): StepRequest {
  const data = new FormData(form);
  const letters: Record<string, string> = {};
  for (const [name, value] of data)
    if (name.startsWith("letter ") && value !== "")
      letters[name.slice("letter ".length)] = String(value);
  const reason = data.get("reason");
  const replaces = data.get("replaces");
  return {
    action,
    version,
    ...(reason === null ? {} : { reason: String(reason) }),
    ...(action === "publish" ? { letters } : {}),
    ...(replaces === null ? {} : { replaces: Number(replaces) }),
  };
}

/** The states in their order, the present one marked; a cancelled plan has left the way. */
function way(life: PlanLife, { t, word }: Texts): Node {
  if (life.state === "cancelled") {
    const by = life.replaced_by;
    const replaced = by === null ? "" : ` ${t("life.replaced_by", { plan: by })}`;
    return h("p", { class: "cancelled" }, h("strong", {}, word("state", life.state)), replaced);
  }
  const at = WAY.findIndex((state) => state === life.state);
  const items = WAY.map((state, i) =>
    h(
      "li",
      { class: i < at ? "past" : null, "aria-current": i === at ? "step" : null },
      word("state", state),
    ),
  );
  return h("ol", { class: "way" }, items);
}

function history({ steps, letters }: PlanLife, plan: PlanOut, words: Texts): Node | null {
  if (steps.length === 0) return null;
  const { t, format } = words;
  const line = ({ at, action, account, reason }: StepOut): Node =>
    h(
      "li",
      {},
      t("life.taken", {
        when: format.instant(at, plan.timezone),
        step: t(`life.step.${action}` as Key),
        account,
      }),
      reason ? h("span", {}, t("life.because", { reason })) : null,
    );
  const numbers = Object.entries(letters).map(([team, number]) =>
    h("li", {}, `${t("life.letter", { team })}: ${number}`),
  );
  const title = t("life.steps", { n: steps.length });
  return h(
    "details",
    {},
    h("summary", {}, title),
    h("ul", {}, steps.map(line), numbers),
  );
}
