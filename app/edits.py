"""Plans changed by hand: every change checked at once by the independent checker.

A draft or proposed plan is changed on the numbers it was made with (``open_weeks.py``), so its
worth, cost and bound can be compared. A plan that breaks rules is kept only with a reason, and
bears who keeps it, when and why until it breaks none any more.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.access import Caller
from app.calendar import moment
from app.changes import as_result, without_shift
from app.edit_actions import Edited, apply_actions
from app.edit_errors import NotEditable, NothingToUndo
from app.errors import AppError, PlanChanged, PlanNotFound, PlanNotSolved
from app.lifecycle import DRAFT, PROPOSED, kept_before, kept_by, require_idle
from app.models import Plan, PlanEdit
from app.open_weeks import OpenWeek, OpenWeeks
from app.plan_days import PlanDays, days_of_plan, place
from app.plan_diff import changes
from app.planning import leg_rows_of, stop_rows_of, store_result
from app.spread import plan_spread
from app.summary import violation_facts
from app.travel import TravelMeans
from app.week import Week
from routing import Judgement, Result, Solution, Status, judge

EDITABLE = (DRAFT, PROPOSED)
PROVEN_GAP = 1e-4
UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What somebody wants to change.

    ``version`` is the plan's that was seen, None: whatever it is. With ``keep`` False it is only
    told what the actions would do.
    """

    actions: Sequence[Mapping[str, Any]]
    version: int | None = None
    keep: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What changes are made with: the database, the weeks kept open, the means of travel."""

    engine: Engine
    weeks: OpenWeeks
    means: TravelMeans


def edit_plan(
    session: Session, bench: Bench, plan_id: int, edit: Edit, caller: Caller
) -> dict[str, Any]:
    """Change a plan in the caller's transaction, or tell what that would do.

    Raises
    ------
    PlanNotFound, PlanNotSolved, PlanChanged, PlanBusy, NotEditable, BadEdit, StopLocked
        Nothing is changed then.
    """
    plan = _editable(session, plan_id, edit.version)
    opened = bench.weeks.of(bench.engine, plan, bench.means)
    before = Edited(days_of_plan(session, plan), list(plan.params.get("locked", ())))
    with opened.lock:
        after = apply_actions(opened, before, edit.actions)
        actions = [dict(action) for action in edit.actions]
        return _changed(session, opened, plan, before, after, actions, edit, caller)


def undo_edit(
    session: Session, bench: Bench, plan_id: int, version: int | None, caller: Caller
) -> dict[str, Any]:
    """Bring back the days, locks and mark that the last change by hand found.

    Raises
    ------
    PlanNotFound, PlanNotSolved, PlanChanged, PlanBusy, NotEditable, NothingToUndo
        The last also when the plan was solved since.
    """
    plan = _editable(session, plan_id, version)
    last = session.exec(
        select(PlanEdit)
        .where(PlanEdit.plan_id == plan_id, col(PlanEdit.is_open))
        .order_by(col(PlanEdit.version).desc())
    ).first()
    if last is None:
        raise NothingToUndo(plan_id=plan_id)
    opened = bench.weeks.of(bench.engine, plan, bench.means)
    before = Edited(days_of_plan(session, plan), list(plan.params.get("locked", ())))
    after = Edited(PlanDays.of(last.before), last.before["locked"])
    kept = last.before["kept"]
    # A plan that was kept with violations before is so again, for the reason given then; one that
    # breaks rules without anybody's word, as on numbers of today, is proposed only with one.
    edit = Edit(
        actions=[{"action": UNDO, "version": last.version}], reason=(kept or {}).get("reason")
    )
    with opened.lock:
        answer = _changed(
            session, opened, plan, before, after, list(map(dict, edit.actions)), edit, caller, kept
        )
    last.is_open = False
    return answer


def edits_of(session: Session, bench: Bench, plan_id: int) -> dict[str, Any]:
    """List the changes made by hand, the newest first; and make the next one quick.

    Raises
    ------
    PlanNotFound
        When there is no such plan.
    """
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    can_edit = plan.state in EDITABLE and plan.solved_at is not None
    # A plan of an earlier version names no problem: its week is loaded by the first change.
    if can_edit and plan.summary.get("problem_digest"):
        with suppress(AppError):  # what is missing the first change says, the list is the same
            opened = bench.weeks.of(bench.engine, plan, bench.means)
            with opened.lock:
                _warm(session, opened, plan)
    rows = session.exec(
        select(PlanEdit).where(PlanEdit.plan_id == plan_id).order_by(col(PlanEdit.version).desc())
    )
    return {
        "plan_id": plan_id,
        "version": plan.version,
        "can_edit": can_edit,
        "kept": plan.summary.get("kept"),
        "locked": list(plan.params.get("locked", ())),
        "minutes": plan.params["minutes"],
        "items": [
            {"edit_id": row.id, "version": row.version, "at": row.at, "account": row.account,
             "actions": row.actions, "result": row.result, "reason": row.reason,
             "is_open": row.is_open}
            for row in rows
        ],
    }  # fmt: skip


def _warm(session: Session, opened: OpenWeek, plan: Plan) -> None:
    """Work out what the first change would have to: sessions, ways, and what keeps visits out."""
    days = place(opened.week, opened.problem, days_of_plan(session, plan)).days
    result = _result(opened, judge(opened.problem, days), None)
    spread = plan_spread(opened.week, result, opened.sessions)
    for day in result.solution.itineraries:
        stop_rows_of(opened.week, day, spread)
        leg_rows_of(opened.week, day)


def _editable(session: Session, plan_id: int, known: int | None) -> Plan:
    # Held to the end: who asks at the same moment sees the change that came first.
    plan = session.get(Plan, plan_id, with_for_update=True, populate_existing=True)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    if known is not None and known != plan.version:
        raise PlanChanged(plan_id=plan_id, version=plan.version, known=known)
    if plan.solved_at is None:
        raise PlanNotSolved(plan_id=plan_id)
    if plan.state not in EDITABLE:
        raise NotEditable(plan_id=plan_id, state=plan.state)
    require_idle(session, plan)
    return plan


def _changed(
    session: Session,
    opened: OpenWeek,
    plan: Plan,
    before: Edited,
    after: Edited,
    actions: list[dict[str, Any]],
    edit: Edit,
    caller: Caller,
    kept: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Judge days beside those that were there, and keep them if they may be kept."""
    week, problem = opened.week, opened.problem
    old = judge(problem, place(week, problem, before.days).days)
    placed = place(week, problem, after.days)
    new = judge(problem, placed.days)
    left = [*placed.stops_left, *placed.nights_left]
    rules = sorted({*new.by_rule, *(["no-shift"] if left else ())})
    mark = _mark(plan, rules, edit, caller) if kept is None else kept
    may_keep = mark is not None or not rules or actions[0]["action"] == UNDO
    has_new_numbers = plan.summary.get("problem_digest") != opened.digest
    answer = {
        "plan_id": plan.id,
        "names": {village.code: village.name for village in week.villages},
        "has_new_numbers": has_new_numbers,
        "before": _figures(old),
        "after": _figures(new),
        "worth_lost": round((old.value - new.value) / 1000, 3),
        "violations": [*violation_facts(week, new.violations), *without_shift(left)],
        "by_rule": new.by_rule,
        "days": _days(week, old, new),
        "changes": changes(week, old.solution, new.solution),
    }
    if edit.keep and may_keep:
        figures = {n: answer[n] for n in ("before", "after", "worth_lost", "by_rule")}
        row = PlanEdit(
            plan_id=plan.id or 0, version=plan.version + 1, account=caller.account,
            actions=_plain(actions), reason=edit.reason, result=figures,
            is_open=actions[0]["action"] != UNDO,
            before={**before.days.to_dict(), "locked": before.locked,
                    "kept": plan.summary.get("kept")},
        )  # fmt: skip
        session.add(row)
        told = {"kept": mark, "without_shift": without_shift(left)}
        _store(session, opened, plan, old, new, after, told, is_new=has_new_numbers)
    return answer | {
        "version": plan.version, "is_kept": edit.keep and may_keep,
        "kept": plan.summary.get("kept"),
    }  # fmt: skip


def _plain(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: str(v) if k == "day" else v for k, v in action.items()} for action in actions]


def _mark(plan: Plan, rules: list[str], edit: Edit, caller: Caller) -> dict[str, Any] | None:
    """Give who keeps a plan that breaks rules, and why; None when nobody does."""
    if not rules:
        return None
    reason = (edit.reason or "").strip()
    # Who has kept it before answers for the same rules, not for others.
    return kept_by(caller, reason, rules) if reason else kept_before(plan, rules)


def _store(
    session: Session,
    opened: OpenWeek,
    plan: Plan,
    old: Judgement,
    new: Judgement,
    after: Edited,
    told: dict[str, Any],
    *,
    is_new: bool,
) -> None:
    """Store the days that changed, and the plan's figures; a bound holds on the same numbers."""
    summary = plan.summary
    bound = None if is_new or plan.bound is None else 1000 * plan.bound
    same = frozenset(
        day.shift for day in new.solution.itineraries
        if not is_new and day in set(old.solution.itineraries)
    )  # fmt: skip
    plan.params = plan.params | {"locked": after.locked}
    carried = ("found_by", "work", "shadow", "origin", "against", "n_published", "campaign")
    more = told | {name: summary[name] for name in carried if name in summary}
    if "base" in plan.params:
        base = place(opened.week, opened.problem, PlanDays.of(plan.params["base"]))
        first = judge(opened.problem, base.days).solution
        more["changes"] = changes(opened.week, first, new.solution)
    store_result(
        session, opened.week, opened.problem, _result(opened, new, bound),
        {**more, "problem_digest": opened.digest}, opened=opened, unchanged=same,
    )  # fmt: skip


def _result(opened: OpenWeek, judged: Judgement, bound: float | None) -> Result:
    unserved = opened.explainer.explain(judged.solution)
    result = as_result(opened.problem, judged, is_whole=True, unserved=unserved)
    if bound is None or judged.violations:
        return result
    return _with_bound(result, bound)


def _with_bound(result: Result, bound: float) -> Result:
    """Give a plan that breaks no rule the bound that is proven for its problem."""
    gap = max(0.0, bound - result.value) / max(abs(bound), 1.0)
    status = Status.OPTIMAL if gap <= PROVEN_GAP else result.status
    return replace(result, bound=bound, gap=gap, status=status)


def _figures(judged: Judgement) -> dict[str, Any]:
    return {
        "value": round(judged.value / 1000, 3),
        "worth": round(judged.prize / 1000, 3),
        "cost_rupiah": judged.cost,
        "distance_m": judged.distance,
        "n_stops": sum(len(day.stops) for day in judged.solution.itineraries),
    }


def _days(week: Week, old: Judgement, new: Judgement) -> list[dict[str, Any]]:
    """Time the days that are not as they were; one without stops is there too."""
    before = {day.shift: day for day in old.solution.itineraries}
    after = {day.shift: day for day in new.solution.itineraries}
    changed = sorted(s for s in before.keys() | after.keys() if before.get(s) != after.get(s))
    return [_day(week, s, Solution(itineraries=(after[s],) if s in after else ())) for s in changed]


def _day(week: Week, shift: int, solution: Solution) -> dict[str, Any]:
    def clock(seconds: int) -> str:
        return moment(week.monday, seconds, week.zone).isoformat()

    row: dict[str, Any] = {
        "team": week.shifts[shift].team.name, "day": week.shifts[shift].day.isoformat(),
        "departure": None, "arrival": None, "with_kit": False, "stops": [],
    }  # fmt: skip
    for day in solution.itineraries:
        row |= {"departure": clock(day.departure), "arrival": clock(day.arrival),
                "with_kit": day.with_kit}  # fmt: skip
        row["stops"] = [
            {
                "order": order,
                "village_code": week.points[stop.visit].village_code,
                "point_code": week.points[stop.visit].code,
                "point_name": week.points[stop.visit].name,
                "arrive": clock(stop.arrival),
                "start": clock(stop.start),
                "depart": clock(stop.departure),
                "minutes": week.params["minutes"][stop.option],
                "worth": round(
                    week.worth_of(
                        stop.visit, shift, week.params["minutes"][stop.option],
                        with_kit=day.with_kit,
                    ), 4,
                ),
            }
            for order, stop in enumerate(day.stops, start=1)
        ]  # fmt: skip
    return row
