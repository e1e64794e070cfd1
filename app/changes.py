"""What is made of a plan that exists: judged as a person made it, mended, or planned anew.

Each makes a new plan of the same week; ``Plan.params`` keeps under ``origin`` of which, and under
``base`` the days it is compared with. Everything else is asked of it as of the first.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import shapely
from sqlmodel import Session, col, select

from app.calendar import monday_of
from app.errors import BadOption, NothingClosed, PlanNotFound, PlanNotSolved, TeamNotFound
from app.hubs import with_hubs
from app.jobs.defer import defer
from app.models import DataImport, Job, JobKind, Link, NetworkLine, Plan, Team
from app.plan_days import PlanDays, days_of_plan, place
from app.plan_diff import changes
from app.plan_rules import places_of, require_villages, visits_of
from app.points import current_points
from app.schemas.plan_changes import Absence, LinkOff, ReplanRequest, SearchAgain
from app.week import Week
from geodata.closures import Closure
from routing import (
    Events,
    Judgement,
    Problem,
    Progress,
    Result,
    Solution,
    SolveParams,
    Status,
    StopReason,
    Unserved,
    Work,
    WorkKind,
    explain,
    judge,
    perform,
    repair_price,
)

OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


def ask_judgement(session: Session, plan_id: int, made: PlanDays | None) -> tuple[Plan, Job]:
    """Store a plan made by hand and the job that judges it beside a solved plan of its week.

    Parameters
    ----------
    made
        The days of that plan; None judges the solved plan itself, on what is known today.

    Raises
    ------
    PlanNotFound, PlanNotSolved
        When there is no such plan to compare with, or not yet.
    """
    base = solved_plan(session, plan_id)
    days = days_of_plan(session, base)
    own = days if made is None else made
    lengths = {*base.params["minutes"], *(row["minutes"] for row in own.stops)}
    params = {"minutes": sorted(lengths), "hand_made": own.to_dict()}
    return _stored(session, base, "judge", days, params)


def ask_repair(session: Session, plan_id: int, request: SearchAgain) -> tuple[Plan, Job]:
    """Store a plan that mends another with the fewest changes, and its job.

    Raises
    ------
    PlanNotFound, PlanNotSolved
        When there is no such plan, or it has no days yet.
    """
    base = solved_plan(session, plan_id)
    return _stored(session, base, "repair", days_of_plan(session, base), _search(base, request))


def ask_replan(
    session: Session, plan_id: int, request: ReplanRequest, *, today: date
) -> tuple[Plan, Job]:
    """Store a plan that makes the rest of a published week anew, and its job.

    Raises
    ------
    PlanNotFound, PlanNotSolved, VillageNotFound, TeamNotFound, BadOption, NothingClosed
        When something is named that does not exist, or a day outside the plan's week.
    """
    base = solved_plan(session, plan_id)
    days = days_of_plan(session, base)
    events = _events(session, base, days, request, today)
    named = (*request.required, *request.cancelled, *request.missed)
    require_villages(session, named, base.regency_code)
    before = base.params.get("announced_before")
    points = {row["point_code"] for row in days.stops} | set(before["points"] if before else ())
    params = {
        **_search(base, request),
        "replan": events,
        # What was kept of a plan before that one counts no more: this keeps that one.
        "keep": None,
        "published": [],
        "published_nights": [],
        "required": sorted({*base.params.get("required", ()), *request.required}),
        "forbidden": sorted({*base.params.get("forbidden", ())} - {*request.required}),
        "announced_before": {
            "on": before["on"] if before else base.params["announced_on"],
            "points": sorted(points),
        },
        "announced_on": max(events["from_day"], base.params["announced_on"]),
        "locked": _locked(session, base, days, request, events),
    }
    return _stored(session, base, "replan", days, params)


def solved_plan(session: Session, plan_id: int) -> Plan:
    """Give a plan that has been solved.

    Raises
    ------
    PlanNotFound, PlanNotSolved
        When there is none, or not yet.
    """
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    if plan.solved_at is None:
        raise PlanNotSolved(plan_id=plan_id)
    return plan


def _search(base: Plan, request: SearchAgain) -> dict[str, Any]:
    return {"seconds": request.seconds or base.params["seconds"], "seed": request.seed}


def _stored(
    session: Session, base: Plan, kind: str, days: PlanDays, params: Mapping[str, Any]
) -> tuple[Plan, Job]:
    """Store a plan of the same week and wishes as another, and its job.

    What happened in the week before holds in it too.
    """
    kept = {name: value for name, value in base.params.items() if name != "hand_made"}
    plan = Plan(
        regency_code=base.regency_code,
        week=base.week,
        params={
            **kept,
            **params,
            "explain_seconds": None,
            "origin": {"kind": kind, "plan_id": base.id},
            "base": days.to_dict(),
        },
    )
    session.add(plan)
    session.flush()
    return plan, defer(session, Job(kind=JobKind.SOLVE, plan_id=plan.id))


def _events(
    session: Session, base: Plan, days: PlanDays, request: ReplanRequest, today: date
) -> dict[str, Any]:
    """Check what has happened, and fill in the days left out."""
    monday = monday_of(base.week)
    last = monday + timedelta(days=6)
    first = request.from_day or min(max(today, monday), last)
    if not monday <= first <= last:
        raise BadOption(option="from_day", value=first, accepted=f"{monday}..{last}")
    teams = sorted(session.exec(select(Team.name).where(Team.regency_code == base.regency_code)))
    gone = {row.team for row in request.absent} | {row.team for row in request.broken}
    for name in sorted(gone | {*request.back}):
        if name not in teams:
            raise TeamNotFound(team=name, known=", ".join(teams))
    over = _villages_over(session, base, days, first)
    for code in request.missed:
        if code not in over:
            raise BadOption(option="missed", value=code, accepted=", ".join(sorted(over)) or "-")
    horizon = last + timedelta(days=6)
    absent = [{"team": row.team, **_span("absent", row, first, horizon)} for row in request.absent]
    for closure in request.closed:
        _require_line(session, Closure(**closure.model_dump()))
    for name in request.locked_teams:
        if name not in teams or name in {row["team"] for row in absent}:
            there = sorted(set(teams) - {row["team"] for row in absent})
            raise BadOption(option="locked_teams", value=name, accepted=", ".join(there))
    events = {
        **request.model_dump(mode="json", include={"missed", "cancelled", "required", "broken"}),
        "closed": [closure.model_dump() for closure in request.closed],
        "from_day": first.isoformat(),
        "absent": absent,
        "links_off": [
            _off(session, row.from_name, row.to_name) | _span("links_off", row, first, horizon)
            for row in request.links_off
        ],
        "locked_teams": sorted(request.locked_teams),
        "change_price": request.change_price,
        "max_changes": request.max_changes,
    }
    return events | _lasting(base.params.get("replan") or {}, events, request.back)


def _lasting(
    before: Mapping[str, Any], events: Mapping[str, Any], back: Collection[str]
) -> dict[str, Any]:
    """Add to what has happened what a plan that was itself made anew knew and is not over.

    Sessions that were missed are no longer on its days: they were made since, or are still due.
    Of teams that are ``back`` nothing is added: they go out, with all their kits.
    """
    first = events["from_day"]

    def earlier(name: str) -> list[Any]:
        return [row for row in before.get(name, ()) if row.get("team") not in back]

    def rows(name: str) -> list[Any]:
        known = events[name]
        old = (row for row in earlier(name) if row.get("last", first) >= first)
        return [*known, *(row for row in old if row not in known)]

    broken: dict[str, dict[str, Any]] = {}
    for row in (*earlier("broken"), *events["broken"]):
        most = broken.setdefault(row["team"], dict(row))
        for kit in ("kits", "satellite_kits"):
            most[kit] = max(most[kit], row[kit])
    # Who asks for a village now takes back that it was cancelled.
    off = {*before.get("cancelled", ())} - {*events["required"]}
    return {
        **{name: rows(name) for name in ("closed", "absent", "links_off")},
        "broken": list(broken.values()),
        "cancelled": sorted(off | {*events["cancelled"]}),
    }


def _span(option: str, row: Absence | LinkOff, first: date, horizon: date) -> dict[str, str]:
    """Fill in from which day to which something holds."""
    begins, ends = row.first or first, row.last or horizon
    if not first <= begins <= ends <= horizon:
        raise BadOption(option=option, value=f"{begins}..{ends}", accepted=f"{first}..{horizon}")
    return {"first": begins.isoformat(), "last": ends.isoformat()}


def _off(session: Session, one: str, other: str) -> dict[str, list[str]]:
    """Name the ends of a scheduled link as its list does; refuse a link that there is not."""
    query = select(Link).join(DataImport).where(col(DataImport.superseded_by).is_(None))
    known = {
        frozenset(name.casefold() for name in pair): sorted(pair)
        for link in session.exec(query)
        for pair in [(link.from_name, link.to_name)]
    }
    found = known.get(frozenset({one.strip().casefold(), other.strip().casefold()}))
    if found is None:
        accepted = "; ".join(" - ".join(pair) for pair in sorted(known.values())) or "-"
        raise BadOption(option="links_off", value=f"{one} - {other}", accepted=accepted)
    return {"ends": found}


def _locked(
    session: Session, base: Plan, days: PlanDays, request: ReplanRequest, events: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Give the stops that keep their team and day: those locked before, and those named now."""
    first = events["from_day"]
    to_come: dict[str, list[dict[str, Any]]] = {}
    for row in days.stops:
        if row["day"] >= first:
            to_come.setdefault(row["village_code"], []).append(row)
    for code in request.locked:
        if code not in to_come:
            raise BadOption(option="locked", value=code, accepted=", ".join(sorted(to_come)) or "-")
    named = [row for code in request.locked for row in to_come[code]]
    rows = {row["point_code"]: row for row in (*base.params.get("locked", ()), *named)}
    points = with_hubs(current_points(session, base.regency_code), base.params)
    off = {points[v].code for village in events["cancelled"] for v in places_of(points, village)}
    # What is over stays in any case, what is cancelled cannot, wherever it was to be served.
    return [
        {name: row[name] for name in ("point_code", "team", "day")}
        for code, row in sorted(rows.items())
        if row["day"] >= first and code not in off
    ]


def _villages_over(session: Session, base: Plan, days: PlanDays, first: date) -> set[str]:
    """List the villages that sessions before a day were for: their own, and whom they served."""
    points = with_hubs(current_points(session, base.regency_code), base.params)
    serves = {point.code: point.serves for point in points}
    over = [row for row in days.stops if row["day"] < first.isoformat()]
    return {
        code
        for row in over
        for code in (row["village_code"], *serves.get(row["point_code"], ()))
    }  # fmt: skip


def _require_line(session: Session, closure: Closure) -> None:
    """Refuse to close a place where nothing passes: a position was mistyped."""
    area = closure.area
    west, south, east, north = area.bounds
    lines = session.exec(
        select(NetworkLine.geometry)
        .join(DataImport)
        .where(col(DataImport.superseded_by).is_(None))
        .where(col(NetworkLine.east) >= west, col(NetworkLine.west) <= east)
        .where(col(NetworkLine.north) >= south, col(NetworkLine.south) <= north)
    )
    if not any(shapely.intersects(line, area) for line in lines):
        raise NothingClosed(lon=closure.lon, lat=closure.lat, radius_m=closure.radius_m)


def answer(
    week: Week,
    problem: Problem,
    params: SolveParams,
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> tuple[Result, dict[str, Any], Work | None]:
    """Judge, mend or plan anew, as a plan's parameters say.

    Returns
    -------
    tuple
        The result, what the plan's summary keeps of where it comes from, and what was asked of the
        solver: nothing for a plan that is only judged.
    """
    kind = week.params["origin"]["kind"]
    base = judge(problem, place(week, problem, PlanDays.of(week.params["base"])).days)
    if kind == "judge":
        made = place(week, problem, PlanDays.of(week.params["hand_made"]))
        judged = judge(problem, made.days)
        left = [*made.stops_left, *made.nights_left]
        result = as_result(problem, judged, is_whole=not left)
        return result, _told(week, base, judged.solution, left), None
    if "replan" in week.params:
        work = _rest_of_week(week, problem, base.solution, params)
        if kind == "repair":
            work = replace(work, price=repair_price(problem), max_changes=None)
    else:
        work = Work(kind=WorkKind.REPAIR, problem=problem, params=params, start=base.solution)
    found = perform(work, on_progress=on_progress, should_stop=should_stop)
    told = _told(week, base, found.result.solution, []) | {
        "n_published": found.n_published,
        "n_changed": len(found.changed),
    }
    return found.result, told, work


def _rest_of_week(week: Week, problem: Problem, published: Solution, params: SolveParams) -> Work:
    """Say what happened in a week in terms of its problem."""
    asked = week.params["replan"]
    first = date.fromisoformat(asked["from_day"])

    def visits(codes: Iterable[str]) -> frozenset[int]:
        return frozenset(v for code in codes for v in visits_of(week, code))

    missed = set(asked["missed"])
    is_mended = week.params["origin"]["kind"] == "repair"  # nothing of it may stay broken
    kept = set() if is_mended else set(asked.get("locked_teams", ()))
    stays = frozenset(s for s, shift in enumerate(week.shifts) if shift.team.name in kept)
    cancelled = visits(asked["cancelled"])
    events = Events(
        cancelled=cancelled,
        # Of a session that gathered people from elsewhere too: whoever it was for.
        missed=visits(missed)
        | {v for v, p in enumerate(week.points) if missed & {p.village_code, *p.serves}}
        # The days of a locked team stay as if they were over, without what is cancelled on them.
        | {
            stop.visit for day in published.itineraries for stop in day.stops
            if day.shift in stays and week.shifts[day.shift].day >= first
            and stop.visit in cancelled
        },
        done=stays | {s for s, shift in enumerate(week.shifts) if shift.day < first},
        lost=frozenset(
            s for s, shift in enumerate(week.shifts)
            if week.outages.is_absent(shift.team.name, shift.day)
        ),
    )  # fmt: skip
    return Work(
        kind=WorkKind.REPLAN, problem=problem, params=params, start=published, events=events,
        price=round(1000 * asked["change_price"]), max_changes=asked["max_changes"],
    )  # fmt: skip


def as_result(
    problem: Problem,
    judged: Judgement,
    *,
    is_whole: bool,
    unserved: tuple[Unserved, ...] | None = None,
) -> Result:
    """Give what was judged the form of a result; nothing was searched, so nothing is proven.

    ``unserved`` are the visits left out with their reasons, where these are known.
    """
    is_sound = is_whole and not judged.violations
    return Result(
        status=Status.FEASIBLE if is_sound else Status.INFEASIBLE,
        stop_reason=StopReason.WORK,
        solution=judged.solution,
        prize=judged.prize,
        cost=judged.cost,
        distance=judged.distance,
        value=judged.value,
        unserved=explain(problem, judged.solution) if unserved is None else unserved,
    )


def _told(
    week: Week, base: Judgement, solution: Solution, left: list[dict[str, Any]]
) -> dict[str, Any]:
    """Tell what a plan was made of, the figures of that one today, and every difference."""
    return {
        "origin": week.params["origin"],
        "against": {
            "plan_id": week.params["origin"]["plan_id"],
            "value": round(base.value / 1000, 3),
            "worth": round(base.prize / 1000, 3),
            "cost_rupiah": base.cost,
            "n_stops": sum(len(day.stops) for day in base.solution.itineraries),
            "n_violations": len(base.violations),
        },
        "changes": changes(week, base.solution, solution),
        "without_shift": without_shift(left),
    }


def without_shift(left: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Name the rows of a plan on days that are not worked, as violations."""
    return [
        {"rule": "no-shift", "team": row["team"], "day": row["day"], "amount": None,
         "village_code": row.get("village_code") or row.get("sleeps_code")}
        for row in left
    ]  # fmt: skip
