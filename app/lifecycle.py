"""The life of a plan: who may move it from which state to which, and what each state freezes.

    draft -> proposed -> approved -> published -> in_progress -> closed

and cancelled from any of them but closed.

Only a draft can be solved again. What is planned never changes from then on: whoever wants other
stops judges, mends or re-plans, which makes a new plan, and publishes that one in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.access import ADMINS, PLANNERS, Caller
from app.access_errors import RoleRefused
from app.db import now
from app.errors import PlanBusy, PlanChanged, PlanNotFound, PlanNotSolved
from app.lifecycle_errors import (
    LettersMissing,
    OnlySupposed,
    PlanBreaksRules,
    PlanFrozen,
    ReasonMissing,
    RevisionMissing,
    StepRefused,
    TeamOutTwice,
    WeekClosed,
    WeekTaken,
)
from app.models import UNFINISHED, AssignmentLetter, Job, Plan, PlanState, PlanStep, Role
from app.plan_diff import differences, sessions_of_plan
from app.requests import follow_plan
from app.supposed import supposes
from app.under_way import out_twice

DRAFT, PROPOSED, APPROVED = PlanState.DRAFT, PlanState.PROPOSED, PlanState.APPROVED
PUBLISHED, IN_PROGRESS = PlanState.PUBLISHED, PlanState.IN_PROGRESS
CLOSED, CANCELLED = PlanState.CLOSED, PlanState.CANCELLED
CARRIED_OUT = (PUBLISHED, IN_PROGRESS)
"""States of the one plan of a week that teams work by."""
DECIDERS = ADMINS | {Role.APPROVER}
REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Action:
    """A step: from which states, to which, by whom, and whether it has to be explained."""

    before: tuple[PlanState, ...]
    after: PlanState
    roles: frozenset[Role]
    needs_reason: bool = False


ACTIONS: Mapping[str, Action] = {
    "propose": Action((DRAFT,), PROPOSED, PLANNERS),
    "withdraw": Action((PROPOSED,), DRAFT, PLANNERS),
    "approve": Action((PROPOSED,), APPROVED, DECIDERS),
    "return": Action((PROPOSED, APPROVED), DRAFT, DECIDERS, needs_reason=True),
    "publish": Action((APPROVED,), PUBLISHED, PLANNERS),
    "start": Action((PUBLISHED,), IN_PROGRESS, PLANNERS),
    "close": Action((IN_PROGRESS,), CLOSED, PLANNERS),
    "discard": Action((DRAFT, PROPOSED), CANCELLED, PLANNERS, needs_reason=True),
    "cancel": Action(
        (DRAFT, PROPOSED, APPROVED, *CARRIED_OUT), CANCELLED, DECIDERS, needs_reason=True
    ),
}
"""Every step there is, but that a published plan is replaced by another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that somebody asks for.

    ``version`` is the one that was seen, None: whatever it is. ``letters`` gives the number of the
    assignment letter by team, ``letter`` that of all other teams. ``replaces`` is the published
    plan of the week whose place is taken.
    """

    action: str
    version: int | None = None
    reason: str | None = None
    letter: str | None = None
    letters: Mapping[str, str] | None = None
    replaces: int | None = None


def take_step(session: Session, plan_id: int, step: Step, caller: Caller) -> Plan:
    """Move a plan on, in the caller's transaction, and write down who did so and why.

    Raises
    ------
    PlanNotFound, RoleRefused, PlanChanged, StepRefused, ReasonMissing, PlanBusy, PlanNotSolved,
    PlanBreaksRules, LettersMissing, WeekTaken, WeekClosed, TeamOutTwice
        Nothing is moved then.
    """
    action = ACTIONS[step.action]
    plan = _locked(session, plan_id)
    _require_seen(plan, step)
    if caller.role not in action.roles:
        roles = ", ".join(role for role in Role if role in action.roles)
        raise RoleRefused(
            operation=step.action, roles=roles, account=caller.account, role=caller.role.value
        )
    if plan.state not in action.before:
        allowed = [name for name, other in ACTIONS.items() if plan.state in other.before]
        raise StepRefused(
            plan_id=plan_id, action=step.action, state=plan.state, allowed=", ".join(allowed) or "-"
        )
    reason = (step.reason or "").strip() or None
    if action.needs_reason and reason is None:
        raise ReasonMissing(plan_id=plan_id, action=step.action)
    require_idle(session, plan)
    details = _prepare(session, plan, step, reason, caller)
    _move(session, plan, step.action, PlanState(details.pop("after", action.after)), caller,
          reason, details)  # fmt: skip
    return plan


def begin(session: Session, plan: Plan, caller: Caller) -> None:
    """Put a published plan in progress because somebody has reported a session of it."""
    if plan.state == PUBLISHED:
        _move(session, plan, "start", IN_PROGRESS, caller, None, {"by": "report"})


def was_published(session: Session, plan: Plan) -> bool:
    """Tell whether teams ever worked by a plan, whatever became of it."""
    query = select(PlanStep.id).where(PlanStep.plan_id == plan.id, PlanStep.action == "publish")
    return session.exec(query).first() is not None


def require_draft(plan: Plan) -> None:
    """Refuse to solve a plan again that somebody else has seen.

    Raises
    ------
    PlanFrozen
        When it is no draft.
    """
    if plan.state != DRAFT:
        raise PlanFrozen(plan_id=plan.id, state=plan.state)


def require_idle(session: Session, plan: Plan) -> None:
    """Refuse to touch a plan that a job works on.

    Raises
    ------
    PlanBusy
        With that job, and the version of the plan.
    """
    active = session.exec(
        select(Job).where(Job.plan_id == plan.id).where(col(Job.state).in_(UNFINISHED))
    ).first()
    if active is not None:
        raise PlanBusy(plan_id=plan.id, job_id=active.id, version=plan.version)


def steps_of(session: Session, plan_id: int) -> list[PlanStep]:
    """List the steps of a plan, the first one first.

    Raises
    ------
    PlanNotFound
        When there is no such plan.
    """
    if session.get(Plan, plan_id) is None:
        raise PlanNotFound(plan_id=plan_id)
    query = select(PlanStep).where(PlanStep.plan_id == plan_id).order_by(col(PlanStep.version))
    return list(session.exec(query))


def plan_life(session: Session, plan_id: int, caller: Caller) -> dict[str, Any]:
    """Give where a plan stands, the steps taken, and those that the caller can take next.

    Raises
    ------
    PlanNotFound
        When there is no such plan.
    """
    steps = steps_of(session, plan_id)
    plan = session.get_one(Plan, plan_id)
    return {
        "plan_id": plan_id,
        "state": plan.state,
        "version": plan.version,
        "replaced_by": plan.replaced_by,
        "letters": letters_of(session, plan_id),
        "next": [
            name
            for name, action in ACTIONS.items()
            if plan.state in action.before and caller.role in action.roles
        ],
        "steps": [
            {
                "version": taken.version, "at": taken.at, "account": taken.account,
                "action": taken.action, "before": taken.before, "after": taken.after,
                "reason": taken.reason, "details": taken.details,
            }
            for taken in steps
        ],
    }  # fmt: skip


def letters_of(session: Session, plan_id: int) -> dict[str, str]:
    """Give the number of each team's assignment letter; empty before a plan is published."""
    query = select(AssignmentLetter).where(AssignmentLetter.plan_id == plan_id)
    return {letter.team: letter.number for letter in session.exec(query)}


def carried_out(session: Session, regency: str, week: str) -> Plan | None:
    """Find the plan that teams work by in a week: published, or in progress."""
    return session.exec(
        select(Plan)
        .where(Plan.regency_code == regency, Plan.week == week)
        .where(col(Plan.state).in_(CARRIED_OUT))
    ).first()


def _locked(session: Session, plan_id: int) -> Plan:
    # Held to the end: who asks at the same moment sees the step that came first.
    plan = session.get(Plan, plan_id, with_for_update=True, populate_existing=True)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    return plan


def _require_seen(plan: Plan, step: Step) -> None:
    if step.version is not None and step.version != plan.version:
        raise PlanChanged(plan_id=plan.id, version=plan.version, known=step.version)


def _prepare(
    session: Session, plan: Plan, step: Step, reason: str | None, caller: Caller
) -> dict[str, Any]:
    """Do what a step needs besides the state; give what is worth keeping of it."""
    if step.action == "propose":
        return _proposed(plan, reason, caller)
    if step.action == "approve":
        # Undo, and nothing else, brings a proposed plan back to rules that nobody answered for.
        _require_word(plan, rules_broken(plan))
    if step.action == "publish":
        return _published(session, plan, step, caller)
    return {}


def kept_by(caller: Caller, reason: str, rules: list[str]) -> dict[str, Any]:
    """Mark a plan that breaks rules: who keeps it, when, and why."""
    return {
        "account": caller.account, "at": now().isoformat(), "reason": reason, "rules": rules
    }  # fmt: skip


def kept_before(plan: Plan, rules: list[str]) -> dict[str, Any] | None:
    """Give the mark that a plan bears, if it is for all of these rules."""
    mark: dict[str, Any] | None = plan.summary.get("kept")
    return mark if mark and set(rules) <= set(mark["rules"]) else None


def _proposed(plan: Plan, reason: str | None, caller: Caller) -> dict[str, Any]:
    if plan.solved_at is None or not teams_out(plan):
        raise PlanNotSolved(plan_id=plan.id)
    if supposes(plan.params):
        raise OnlySupposed(plan_id=plan.id, name=plan.params["scenario"]["name"])
    broken = rules_broken(plan)
    if not broken:
        return {}
    if reason is not None:
        plan.summary = {**plan.summary, "kept": kept_by(caller, reason, broken)}
    _require_word(plan, broken)
    return {"violations": broken}


def rules_broken(plan: Plan) -> list[str]:
    """Name the rules that a plan breaks; ``no-shift``: a session on a day without work."""
    rows = (*plan.summary.get("violations", ()), *plan.summary.get("without_shift", ()))
    return sorted({row["rule"] for row in rows})


def _require_word(plan: Plan, broken: list[str]) -> None:
    """Refuse a plan that breaks rules without anybody's word on them."""
    if broken and kept_before(plan, broken) is None:
        raise PlanBreaksRules(plan_id=plan.id, rules=", ".join(broken))


def teams_out(plan: Plan) -> list[str]:
    """Name the teams that leave their base in a plan."""
    return [team["team"] for team in plan.summary.get("teams", ()) if team["shifts"]]


def _published(session: Session, plan: Plan, step: Step, caller: Caller) -> dict[str, Any]:
    _require_open_week(session, plan)
    _require_one_plan_a_day(session, plan)
    given = {team: number.strip() for team, number in (step.letters or {}).items()}
    common = (step.letter or "").strip()
    before, same = _letters_before(session, plan, step)
    # Where none is given a letter goes on to hold as long as what it orders is the same.
    known = {team: number for team, number in before.items() if team in same}
    numbers = {team: given.get(team) or common or known.get(team, "") for team in teams_out(plan)}
    unknown = sorted(given.keys() - numbers.keys())
    without = [team for team, number in numbers.items() if not number]
    if without or unknown:
        raise LettersMissing(
            plan_id=plan.id, teams=", ".join(without) or "-", unknown=", ".join(unknown) or "-"
        )
    other = _replaceable(session, plan, step)
    _require_own_numbers(session, plan, numbers)
    for team, number in numbers.items():
        session.add(AssignmentLetter(plan_id=plan.id or 0, team=team, number=number))
    if other is None:
        return {"letters": numbers}
    # What is under way goes on under the new plan.
    after = IN_PROGRESS if other.state == IN_PROGRESS else PUBLISHED
    other.replaced_by = plan.id
    _move(session, other, REPLACED, CANCELLED, caller, step.reason, {"by": plan.id})
    return {"letters": numbers, "replaces": other.id or 0, "after": after.value}


def _require_open_week(session: Session, plan: Plan) -> None:
    """Refuse to publish in a week that was carried out to its end."""
    closed = session.exec(
        select(Plan).where(
            Plan.regency_code == plan.regency_code, Plan.week == plan.week, Plan.state == CLOSED
        )
    ).first()
    if closed is not None:
        raise WeekClosed(week=plan.week, regency=plan.regency_code, plan_id=closed.id)


def _require_own_numbers(session: Session, plan: Plan, numbers: Mapping[str, str]) -> None:
    """Refuse a number that ordered other days of its team in any plan of the week.

    Also in one that was cancelled: the letter is with the team.
    """
    week = (Plan.regency_code == plan.regency_code, Plan.week == plan.week, Plan.id != plan.id)
    letters = select(AssignmentLetter).join(Plan).where(*week)
    again: dict[int, list[str]] = {}
    for one in session.exec(letters.order_by(col(AssignmentLetter.plan_id), AssignmentLetter.team)):
        if numbers.get(one.team) == one.number:
            again.setdefault(one.plan_id, []).append(one.team)
    for number, teams in again.items():
        changed = _changed_teams(session, session.get_one(Plan, number), plan)
        if reused := [team for team in teams if team in changed]:
            raise RevisionMissing(plan_id=plan.id, teams=", ".join(reused), replaced=number)


def _changed_teams(session: Session, before: Plan, after: Plan) -> set[str]:
    """Name the teams whose sessions are not the same in two plans."""
    changed = differences(sessions_of_plan(session, before), sessions_of_plan(session, after))
    return {side["team"] for row in changed for side in (row["before"], row["after"]) if side}


def _require_one_plan_a_day(session: Session, plan: Plan) -> None:
    """Refuse to send a team out on a day on which the plan of a week beside it does."""
    found = out_twice(session, plan)
    if found is not None:
        day, team, other = found
        raise TeamOutTwice(
            plan_id=plan.id, team=team, day=day.isoformat(), other=other.id, week=other.week
        )


def _letters_before(
    session: Session, plan: Plan, step: Step
) -> tuple[dict[str, str], frozenset[str]]:
    """Give the letters of the plan that is replaced, and the teams of which nothing changed."""
    other = carried_out(session, plan.regency_code, plan.week)
    if other is None or step.replaces != other.id:
        return {}, frozenset()
    letters = letters_of(session, other.id or 0)
    return letters, frozenset(letters.keys() - _changed_teams(session, other, plan))


def _replaceable(session: Session, plan: Plan, step: Step) -> Plan | None:
    """Find the plan whose place is taken, if that is what was asked for."""
    other = carried_out(session, plan.regency_code, plan.week)
    if step.replaces != (None if other is None else other.id):
        taken = "-" if other is None else other.id
        raise WeekTaken(week=plan.week, regency=plan.regency_code, plan_id=taken)
    if other is not None:
        require_idle(session, other)
    return other


def _move(
    session: Session,
    plan: Plan,
    action: str,
    after: PlanState,
    caller: Caller,
    reason: str | None,
    details: dict[str, Any],
) -> None:
    before, seen = plan.state, plan.version
    plan.state, plan.version = after.value, seen + 1
    move = PlanStep(
        plan_id=plan.id or 0, version=plan.version, account=caller.account, action=action,
        before=before, after=after.value, reason=reason, details=details,
    )  # fmt: skip
    session.add(move)
    try:
        session.flush()
    except IntegrityError as error:
        # SQLite knows no lock on a row: of two that read the same version one comes second here.
        raise PlanChanged(plan_id=plan.id, version=seen + 1, known=seen) from error
    follow_plan(session, plan, caller.account)
