"""What is ready the evening before a team goes out, and whether it goes.

For each team-day of a published plan people answer five checks and a planner decides. What was said
stays; of each check the newest answer counts, of the verdicts the newest. A *no-go* asks for a plan
of the rest of the week without that team-day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from app.access import PLANNERS, Caller, own_team
from app.access_errors import RoleRefused
from app.changes import ask_replan
from app.errors import BadOption, PlanNotFound, TeamNotFound
from app.lifecycle import CARRIED_OUT
from app.models import Plan, PlanState, ReadinessEntry, Role
from app.plan_diff import differences, sessions_of_plan
from app.readiness_errors import BadReadiness, NotUnderWay, VerdictReasonMissing
from app.results.standing import lineage
from app.schemas.plan_changes import Absence, ReplanRequest
from app.viewing import view_of
from geodata.privacy import refuse_persons

CHECKS = ("signal", "weather", "blanks", "fuel", "attendance")
ANSWERS = ("yes", "no", "unknown")
GO, NO_GO = "go", "no_go"
MAX_NOTE = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one check; ``note`` may be empty."""

    answer: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody says about a team's day: answers by check, and a planner's verdict."""

    team: str
    day: date
    answers: Mapping[str, Answer] = field(default_factory=dict)
    verdict: str | None = None
    reason: str | None = None


def tell(
    session: Session, plan_id: int, told: Told, caller: Caller, *, today: date
) -> ReadinessEntry:
    """Keep what was said; a no-go defers the job that plans the rest of the week anew.

    That plan does without every team-day of the week that does not go, so that one can be
    published for all of them. Who says no-go again while that plan stands is given the same plan
    and job. A team that is on a tour since the day before cannot be taken out of the week: its
    no-go is kept, and no plan made.

    Parameters
    ----------
    today
        At the office; days before it are over.

    Raises
    ------
    PlanNotFound, NotUnderWay, TeamNotFound, OtherTeam, RoleRefused, BadOption, BadReadiness,
    VerdictReasonMissing
        Nothing is kept then.
    ResidentNumbers, ResidentName
        When a text tells who a resident is.
    """
    plan = _plan(session, plan_id, is_locked=True)
    if plan.state not in CARRIED_OUT:
        raise NotUnderWay(plan_id=plan_id, state=plan.state)
    own_team(caller, told.team)
    if told.verdict is not None and caller.role not in PLANNERS:
        roles = ", ".join(role for role in Role if role in PLANNERS)
        raise RoleRefused(
            operation="verdict", roles=roles, account=caller.account, role=caller.role.value
        )
    _require_day(plan, told, today)
    _judge(told)
    before = _entries(session, plan, told.team, told.day)
    reason = (told.reason or "").strip() or None
    _require_reason(told, reason, _current(before))
    entry = ReadinessEntry(
        plan_id=plan_id, team=told.team, day=told.day, account=caller.account,
        answers={name: {"answer": a.answer, "note": a.note.strip()}
                 for name, a in told.answers.items()},
        verdict=told.verdict, reason=reason,
    )  # fmt: skip
    if told.verdict == NO_GO:
        _without(session, plan, entry, today)
    session.add(entry)
    session.flush()
    return entry


def _plan(session: Session, plan_id: int, *, is_locked: bool = False) -> Plan:
    # Held to the end: of two no-gos at one moment the second makes the plan for both.
    plan = session.get(Plan, plan_id, with_for_update=is_locked, populate_existing=is_locked)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    return plan


def team_days(plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """Give the days on which each team of a plan is out, by team, as its summary has them."""
    return {row["team"]: row["shifts"] for row in plan.summary.get("teams", ()) if row["shifts"]}


def _require_day(plan: Plan, told: Told, today: date) -> None:
    days = team_days(plan)
    if told.team not in days:
        raise TeamNotFound(team=told.team, known=", ".join(days) or "-")
    coming = [row["day"] for row in days[told.team] if row["day"] >= today.isoformat()]
    if told.day.isoformat() not in coming:
        raise BadOption(option="day", value=told.day, accepted=", ".join(coming) or "-")


def _judge(told: Told) -> None:
    refuse_persons({"reason": told.reason, **{n: a.note for n, a in told.answers.items()}},
                   "go/no-go")  # fmt: skip
    if not told.answers and told.verdict is None:
        raise BadReadiness(field="answers", value="-", accepted=", ".join(CHECKS))
    rules = [("verdict", told.verdict, f"{GO} | {NO_GO}", told.verdict in {None, GO, NO_GO})]
    for name, one in told.answers.items():
        rules += [
            ("check", name, ", ".join(CHECKS), name in CHECKS),
            (name, one.answer, " | ".join(ANSWERS), one.answer in ANSWERS),
            (name, f"{len(one.note)}", f"0 .. {MAX_NOTE}", len(one.note) <= MAX_NOTE),
        ]
    rules.append(("reason", f"{len(told.reason or '')}", f"0 .. {MAX_NOTE}",
                  len(told.reason or "") <= MAX_NOTE))  # fmt: skip
    for what, found, accepted, is_fine in rules:
        if not is_fine:
            raise BadReadiness(field=what, value=found, accepted=accepted)


def _require_reason(told: Told, reason: str | None, known: Mapping[str, Any]) -> None:
    """Have a no-go explained, and a go although something is known not to be ready."""
    answers = {name: row["answer"] for name, row in known["answers"].items()}
    answers |= {name: one.answer for name, one in told.answers.items()}
    unready = [name for name in CHECKS if answers.get(name) == "no"]
    if reason is None and (told.verdict == NO_GO or (told.verdict == GO and unready)):
        raise VerdictReasonMissing(
            team=told.team, day=told.day, verdict=told.verdict, unready=", ".join(unready) or "-"
        )


def _without(session: Session, plan: Plan, entry: ReadinessEntry, today: date) -> None:
    """Ask for the rest of the week without all team-days that do not go, unless that was done."""
    said = _entries(session, plan)
    off = _off(plan, (entry, *said), today)
    own = (entry.team, entry.day)
    if own not in off:
        return
    wanted = {(team, day.isoformat(), day.isoformat()) for team, day in off}
    known = _absences(plan)
    for old in said:
        if (old.team, old.day) == own and old.verdict == GO:
            break
        # What was made of a plan whose place this one took was made of other days.
        asked = old.replan_id if old.plan_id == plan.id else None
        made = None if asked is None else session.get(Plan, asked)
        if made is None or made.state == PlanState.CANCELLED:
            continue
        if _absences(made) - known == wanted - known:
            entry.replan_id, entry.job_id = old.replan_id, old.job_id
            return
    absent = tuple(Absence(team=team, first=day, last=day) for team, day in off)
    request = ReplanRequest(from_day=min(day for _, day in off), absent=absent)
    replan, job = ask_replan(session, plan.id or 0, request, today=today)
    entry.replan_id, entry.job_id = replan.id, job.id


def _off(plan: Plan, said: Sequence[ReadinessEntry], today: date) -> list[tuple[str, date]]:
    """List the team-days to come that do not go, by day; what was said is the newest first.

    Not those of a tour that goes on since the day before.
    """
    verdicts: dict[tuple[date, str], str] = {}
    for entry in said:
        if entry.verdict is not None and entry.day >= today:
            verdicts.setdefault((entry.day, entry.team), entry.verdict)
    off: list[tuple[str, date]] = []
    for day, team in sorted(key for key, verdict in verdicts.items() if verdict == NO_GO):
        if not is_on_tour(plan, team, day) or (team, day - timedelta(days=1)) in off:
            off.append((team, day))
    return off


def _absences(plan: Plan) -> set[tuple[str, str, str]]:
    known = plan.params.get("replan") or {}
    return {(row["team"], row["first"], row["last"]) for row in known.get("absent", ())}


def is_on_tour(plan: Plan, team: str, day: date) -> bool:
    """Tell whether a team sleeps out in the night before a day."""
    eve = (day - timedelta(days=1)).isoformat()
    rows = team_days(plan).get(team, ())
    return any(row["day"] == eve and row.get("sleeps_code") for row in rows)


def _entries(
    session: Session, plan: Plan, team: str | None = None, day: date | None = None
) -> list[ReadinessEntry]:
    """List what was said of a plan, the newest first.

    Also of those whose place it took, about team-days of which no session changed since.
    """
    plans = lineage(session, plan.id or 0)
    query = select(ReadinessEntry).where(col(ReadinessEntry.plan_id).in_(plans))
    if team is not None:
        query = query.where(ReadinessEntry.team == team)
    if day is not None:
        query = query.where(ReadinessEntry.day == day)
    found = session.exec(query.order_by(col(ReadinessEntry.id).desc())).all()
    changed = {
        number: _changed(session, session.get_one(Plan, number), plan)
        for number in {entry.plan_id for entry in found} - {plan.id}
    }
    return [e for e in found if (e.team, e.day.isoformat()) not in changed.get(e.plan_id, ())]


def _changed(session: Session, before: Plan, after: Plan) -> set[tuple[str, str]]:
    """Name the team-days whose sessions are not those of an earlier plan."""
    rows = differences(sessions_of_plan(session, before), sessions_of_plan(session, after))
    sides = (side for row in rows for side in (row["before"], row["after"]) if side)
    return {(side["team"], side["day"]) for side in sides}


def _current(entries: Iterable[ReadinessEntry]) -> dict[str, Any]:
    """Give what counts now: of each check and of the verdict the newest; entries newest first."""
    now: dict[str, Any] = {
        "verdict": None, "reason": None, "account": None, "at": None, "replan_id": None,
        "job_id": None, "answers": {},
    }  # fmt: skip
    for entry in entries:
        for name, row in entry.answers.items():
            now["answers"].setdefault(name, row | {"account": entry.account, "at": entry.at})
        if now["verdict"] is None and entry.verdict is not None:
            names = ("verdict", "reason", "account", "at", "replan_id", "job_id")
            now |= {name: getattr(entry, name) for name in names}
    return now


def readiness(
    session: Session, plan_id: int, *, team: str | None = None, day: date | None = None
) -> list[dict[str, Any]]:
    """List the team-days of a plan with what counts of each now, and everything that was said.

    Those that the session may see, by day and team.

    Raises
    ------
    PlanNotFound, TeamNotFound
        When the plan, or the team in it, is not there.
    """
    plan, view = _plan(session, plan_id), view_of(session)
    days = {name: rows for name, rows in team_days(plan).items() if view.sees_team(name)}
    if team is not None and team not in days:
        raise TeamNotFound(team=team, known=", ".join(days) or "-")
    said: dict[tuple[str, str], list[ReadinessEntry]] = {}
    for entry in _entries(session, plan, team, day):
        said.setdefault((entry.day.isoformat(), entry.team), []).append(entry)
    wanted = sorted(
        (row["day"], name)
        for name, rows in days.items()
        for row in rows
        if team in {None, name} and (day is None or row["day"] == day.isoformat())
    )
    return [
        {"day": on, "team": name, "is_on_tour": is_on_tour(plan, name, date.fromisoformat(on)),
         **_current(said.get((on, name), ())),
         "history": [_row(entry) for entry in said.get((on, name), ())]}
        for on, name in wanted
    ]  # fmt: skip


def _row(entry: ReadinessEntry) -> dict[str, Any]:
    return entry.model_dump(exclude={"plan_id", "team", "day"})


def standing(session: Session, plan: Plan) -> dict[tuple[str, date], dict[str, Any]]:
    """Give what counts now of each team-day about which anything was said, for the itineraries.

    Of teams whose figures the session may see: what is wrong in the office is not for everybody.
    """
    view = view_of(session)
    said: dict[tuple[str, date], list[ReadinessEntry]] = {}
    for entry in _entries(session, plan):
        if view.sees_figures_of(entry.team):
            said.setdefault((entry.team, entry.day), []).append(entry)
    return {key: _current(entries) for key, entries in said.items()}


def newest_word(session: Session, plan: Plan) -> int:
    """Give the number of what was said last about any plan of a plan's week; 0: nothing was."""
    week = (Plan.regency_code == plan.regency_code, Plan.week == plan.week)
    entries = select(func.max(ReadinessEntry.id)).join(Plan, col(ReadinessEntry.plan_id) == Plan.id)
    return session.exec(entries.where(*week)).one() or 0
