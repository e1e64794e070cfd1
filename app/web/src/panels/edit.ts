/** A chosen stop, or a village left out, changed by hand: answered at once by the checker. */
import type { Problem } from "../api";
import type { EditAction, EditAnswer, EditList, PlanOut, StopOut } from "../api-types";
import { h, Panel, perform } from "../dom";
import { askLife, selectedStop, stopsEdited, teamNames, valueOf, type State } from "../state";
import type { Texts } from "../texts";
import { field, reasonField, refusal } from "./forms";

const CONFLICT = 409;

/** What a change would break, until it is kept with a reason or given up. */
interface Asked {
  readonly action: EditAction;
  readonly answer: EditAnswer;
}

export class Edit extends Panel {
  private asked: Asked | null = null;
  private done: EditAnswer | null = null;
  private problem: Problem | null = null;
  private subject: string | null = null;

  protected facts({ answers, selection }: State): readonly unknown[] {
    return [answers.plan, answers.edits, selection.stop, selection.village];
  }

  protected draw(state: State, words: Texts): readonly (Node | null)[] {
    const plan = valueOf(state.answers.plan);
    const edits = valueOf(state.answers.edits);
    if (!plan || !edits || !edits.can_edit) return [];
    const stop = selectedStop(state) ?? stopAt(plan, state.selection.village);
    const code = stop?.point_code ?? state.selection.village;
    this.turnTo(`${plan.plan_id} ${code}`);
    const isOut = code !== null && stop === null;
    if (code === null && edits.items.length === 0 && edits.kept === null) return [];
    const { t } = words;
    return [
      h(
        "section",
        { class: "panel edit", "aria-labelledby": "edit-title" },
        h("h2", { id: "edit-title" }, title(plan, stop, code, words)),
        edits.kept ? h("p", { class: "notice" }, t("edit.kept", { ...edits.kept })) : null,
        stop ? this.ofStop(stop, plan, edits, words) : null,
        isOut && stop === null ? this.ofVillage(code, plan, edits, words) : null,
        this.asked ? this.confirm(this.asked, edits, words) : null,
        refusal(this.problem, words),
        this.done ? told(this.done, words) : null,
        this.undo(edits, words),
      ),
    ];
  }

  /** Another subject forgets what was asked of the one before. */
  private turnTo(subject: string): void {
    if (this.subject !== subject && this.asked === null) this.problem = null;
    if (this.subject !== subject) this.asked = null;
    this.subject = subject;
  }

  private ofStop(stop: StopOut, plan: PlanOut, edits: EditList, words: Texts): Node {
    const { t, format } = words;
    const at = stop.point_code;
    const isLocked = edits.locked.some((row) => row.point_code === at);
    // What was asked for last stays in the fields while it is decided on.
    const asked = this.asked?.action;
    const to = asked?.action === "move" ? asked : stop;
    const wanted = asked?.action === "length" ? asked.minutes : stop.minutes;
    const team = choice("team", teamNames(plan).map((name) => [name, name]), to.team);
    const days = workdays(plan).map((day) => [day, format.day(day)] as const);
    const day = choice("day", days, to.day);
    const lengths = edits.minutes.map((n) => [String(n), format.minutes(n)] as const);
    const minutes = choice("minutes", lengths, String(wanted));
    const move = (): void =>
      this.ask({ action: "move", at, team: team.value, day: day.value }, edits);
    const length = (): void =>
      this.ask({ action: "length", at, minutes: Number(minutes.value) }, edits);
    const lock = isLocked ? "unlock" : "lock";
    return h(
      "div",
      { class: "fields" },
      field(t("edit.team"), team),
      field(t("edit.day"), day),
      button(t("edit.move"), "edit-move", move),
      field(t("edit.minutes"), minutes),
      button(t("edit.length"), "edit-length", length),
      button(t("edit.drop"), "edit-drop", () => this.ask({ action: "drop", at }, edits), "final"),
      button(t(`edit.${lock}`), "edit-lock", () => this.ask({ action: lock, at }, edits)),
    );
  }

  private ofVillage(code: string, plan: PlanOut, edits: EditList, words: Texts): Node {
    const { t, format } = words;
    const team = choice("team", teamNames(plan).map((name) => [name, name]), "");
    const day = choice("day", workdays(plan).map((one) => [one, format.day(one)]), "");
    const add = (): void =>
      this.ask({ action: "add", at: code, team: team.value, day: day.value }, edits);
    return h(
      "div",
      { class: "fields" },
      field(t("edit.team"), team),
      field(t("edit.day"), day),
      button(t("edit.add"), "edit-add", add),
    );
  }

  private confirm({ action, answer }: Asked, edits: EditList, words: Texts): Node {
    const { t } = words;
    const broken = answer.violations.map(({ rule, message }) =>
      h("li", { "data-rule": rule }, message),
    );
    const onsubmit = (event: Event): void => {
      event.preventDefault();
      const reason = new FormData(event.target as HTMLFormElement).get("reason");
      this.ask(action, edits, String(reason));
    };
    const giveUp = (): void => {
      this.asked = null;
      this.redraw();
    };
    return h(
      "form",
      { onsubmit },
      h(
        "div",
        { class: "notice error", role: "alert" },
        h("p", {}, h("strong", {}, t("edit.breaks", { n: answer.violations.length }))),
        h("ul", {}, broken),
        h("p", {}, lost(answer, words)),
      ),
      reasonField(t("edit.reason")),
      h(
        "div",
        { class: "steps" },
        h("button", { type: "submit", class: "main", id: "edit-keep" }, t("edit.keep")),
        button(t("edit.give_up"), "edit-give-up", giveUp),
      ),
    );
  }

  private undo(edits: EditList, { t }: Texts): Node | null {
    const n = edits.items.filter((item) => item.is_open).length;
    if (n === 0) return null;
    const press = (): void => {
      this.send((api) => api.undoEdit(String(edits.plan_id), edits.version), null, edits);
    };
    return h("p", {}, button(t("edit.undo", { n }), "edit-undo", press));
  }

  private ask(action: EditAction, edits: EditList, reason?: string): void {
    const body = { version: edits.version, actions: [action], ...(reason ? { reason } : {}) };
    this.send((api) => api.edit(String(edits.plan_id), body), action, edits);
  }

  private send(
    call: (api: Parameters<Parameters<typeof perform>[1]["ask"]>[0]) => Promise<EditAnswer>,
    action: EditAction | null,
    edits: EditList,
  ): void {
    for (const control of this.querySelectorAll("button")) control.disabled = true;
    this.problem = null;
    perform(this, {
      ask: async (api) => {
        const answer = await call(api);
        this.asked = answer.is_kept || action === null ? null : { action, answer };
        this.done = answer.is_kept ? answer : null;
        this.redraw();
        return (state) => (answer.is_kept ? stopsEdited(state, edits.plan_id, action?.at) : state);
      },
      refused: (problem) => {
        this.problem = problem;
        this.redraw();
        if (problem.status === CONFLICT)
          perform(this, { ask: async () => askLife, refused: () => undefined });
      },
    });
  }
}

function stopAt(plan: PlanOut, village: string | null): StopOut | null {
  return plan.stops.find((stop) => stop.village_code === village) ?? null;
}

function title(plan: PlanOut, stop: StopOut | null, code: string | null, { t, format }: Texts): string {
  if (stop) {
    const { village_name: village, team, day } = stop;
    return t("edit.stop", { village, team, day: format.day(day) });
  }
  const left = plan.unserved.find((one) => one.village_code === code);
  return left ? t("edit.village", { village: left.village_name }) : t("edit.title");
}

/** The days of the plan's week that any team works on, and those between them. */
function workdays(plan: PlanOut): readonly string[] {
  return [...new Set(plan.teams.flatMap(({ shifts }) => shifts.map(({ day }) => day)))].sort();
}

function choice(
  name: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen: string,
): HTMLSelectElement {
  return h(
    "select",
    { name },
    options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
  );
}

function button(text: string, id: string, onclick: () => void, kind: string | null = null): Node {
  return h("button", { type: "button", id, class: kind, onclick }, text);
}

function lost({ worth_lost: worth, before, after }: EditAnswer, { t, format }: Texts): string {
  const key = worth > 0 ? "edit.lost" : "edit.gained";
  const cost = after.cost_rupiah - before.cost_rupiah;
  return t(key, { value: format.decimal(Math.abs(worth), 1), cost: format.rupiah(cost) });
}

function told(answer: EditAnswer, words: Texts): Node {
  const changes = answer.changes.map(({ message }) => h("li", {}, message));
  return h(
    "div",
    { class: "notice", role: "status" },
    h("p", {}, h("strong", {}, words.t("edit.done")), " ", lost(answer, words)),
    changes.length > 0 ? h("ul", {}, changes) : null,
  );
}
