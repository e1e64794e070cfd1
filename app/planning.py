"""The seam from rows to a routing problem and back: the only module that knows both.

``create_plan`` stores what is asked, ``solve_plan`` answers it. Everything a solve depends on is in
``Plan.params`` (every default filled in) and ``Plan.inputs`` (the imports used, with their hash).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Engine, delete, tuple_
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from app.calendar import (
    CalendarDay,
    OfficePattern,
    coming_week,
    moment,
    monday_of,
    span_text,
    week_days,
    week_of,
)
from app.campaign_prices import campaign_row, for_campaign, require_campaign
from app.changes import answer
from app.db import now, reading, transaction
from app.errors import NoWorkingDay, PlanChanged, PlanNotFound, TooShort
from app.home_visits import home_visits_of_week
from app.jobs.defer import defer
from app.lifecycle import require_draft, require_idle
from app.models import Job, JobKind, Plan, PlanLeg, PlanRecord, PlanStop
from app.office_days import OfficeDays, office_days_of
from app.open_weeks import OpenWeek, digest_without_locks
from app.params import changes_of, current_params, digest_of, params_with
from app.plan_rules import (
    announced_before,
    published_days,
    published_plan,
    require_known,
)
from app.points import DECIMALS
from app.records import keep_record, record_of
from app.requests import asked_of_week
from app.results.lessons import learned_for
from app.rule_report import remedy_rows, wish_rows
from app.schemas.plans import PlanRequest
from app.spread import PlanSpread, plan_spread
from app.summary import summarise_plan
from app.travel import TravelMeans, travel_mode
from app.under_way import days_under_way
from app.week import Week, load_week, require_inputs
from app.week_problem import problem_of
from geodata.legs import off_network_m
from routing import Engine as SearchEngine
from routing import (
    Itinerary,
    Problem,
    Progress,
    Result,
    SolveParams,
    StopReason,
    Work,
    WorkKind,
    WorthParams,
    overhead_of,
    perform,
    remedies,
    wishes,
    worth,
)

# SQLite waits 10 s for another writer; a server that is away refuses at once.
STORE_TRIES = 12
STORE_WAIT_S = 5.0

OnProgress = Callable[[dict[str, Any]], None]


def create_plan(
    session: Session,
    request: PlanRequest,
    *,
    today: date,
    calendar_file: Path | None = None,
    solve_seconds: float = 30.0,
    has_road_server: bool = False,
    priority: int = 0,
) -> tuple[Plan, Job]:
    """Store a request for a plan and the job that will solve it, in the caller's transaction.

    Of jobs to do those of the highest ``priority`` come first.

    Raises
    ------
    RegencyNotFound, MissingInput, NoDaylight, BadWeek, BadCalendar, NoWorkingDay, TooShort,
    VillageNotFound, TeamNotFound, PlanNotFound, CampaignNotFound, BadOption
        When the plan could not be made whatever the solver does.
    """
    week = request.week or coming_week(today)
    params = week_params(
        session, request, week, today=today, calendar_file=calendar_file,
        solve_seconds=solve_seconds, has_road_server=has_road_server,
    )  # fmt: skip
    params |= _requests(session, request, week)
    most = params["plan"]["home_visits_most"]
    params["home_visits"] = home_visits_of_week(session, request.regency, week, most)
    plan = Plan(regency_code=request.regency, week=week, params=params)
    session.add(plan)
    session.flush()
    return plan, defer(session, Job(kind=JobKind.SOLVE, plan_id=plan.id, priority=priority))


def _requests(session: Session, request: PlanRequest, week: str) -> dict[str, Any]:
    """Weigh the requests that are open; what the planner forbids is not required."""
    rows = asked_of_week(session, request.regency, week)
    wanted = {row["village"] for row in rows if row["is_required"]} - {*request.forbidden}
    return {"requests": rows, "required": sorted({*request.required, *wanted})}


def week_params(
    session: Session,
    request: PlanRequest,
    week: str,
    *,
    today: date,
    calendar_file: Path | None,
    solve_seconds: float,
    has_road_server: bool,
    supposed: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Fill in every default of what is asked of a week; raises what ``create_plan`` does.

    ``supposed`` are parameters of the office by name that are otherwise in this plan.
    """
    regency = request.regency
    monday_of(week)
    office = params_with(current_params(session), supposed or {})
    office = replace(office, travel=office.travel.in_season(request.season))
    pattern, minutes = office.office, request.minutes or office.plan.minutes
    require_inputs(session, regency, pattern, needs_network=not has_road_server)
    _require_long_enough(minutes, office.worth)
    require_known(session, request, regency, week)
    require_campaign(session, request.campaign, regency, week)
    own = office_days_of(session, calendar_file, regency)
    days = week_days(week, pattern, own.office)
    if not any(day.is_working for day in days):
        why = "; ".join(f"{d.day} {d.reason}" for d in days if d.reason)
        raise NoWorkingDay(week=week, regency=regency, reason=why)
    max_nights = office.plan.max_nights if request.max_nights is None else request.max_nights
    kept = published_days(session, request.keep)
    newest, learned = learned_for(session, regency, week, office)
    return {
        **request.model_dump(mode="json"),
        "week": week,
        "season": office.travel.season,
        "minutes": list(minutes),
        "rupiah_per_document": (
            request.rupiah_per_document
            if "rupiah_per_document" in request.model_fields_set
            else office.cost.rupiah_per_document
        ),
        "seconds": request.seconds or solve_seconds,
        "published": kept.stops,
        "published_nights": kept.nights,
        "announced_before": announced_before(session, request.keep, kept),
        "under_way": days_under_way(session, regency, week),
        "announced_on": (request.announced_on or today).isoformat(),
        "days": _day_rows(days),
        "max_nights": max_nights,
        "spare_days": _day_rows(_spare_days(days, max_nights, pattern, own)),
        "team_days": _team_day_rows(own, days[0].day),
        **office.to_dict(),
        "reported_until": newest,
        "learned": learned,
        "params_digest": digest_of(office.to_dict()),
        "changed_params": changes_of(session),
    }


def _day_rows(days: Sequence[CalendarDay]) -> list[dict[str, Any]]:
    return [
        {"day": d.day.isoformat(), "is_working": d.is_working, "reason": d.reason,
         "hours": span_text(d.hours) if d.hours else None}
        for d in days
    ]  # fmt: skip


def _team_day_rows(own: OfficeDays, monday: date) -> list[dict[str, Any]]:
    """List what was decided about single teams in a week and the one after it."""
    return [
        {"team": team, "day": day.isoformat(), "is_working": one.is_working, "reason": one.reason,
         "hours": span_text(one.hours) if one.hours else None}
        for (team, day), one in sorted(own.teams.items())
        if 0 <= (day - monday).days < 14
    ]  # fmt: skip


def _spare_days(
    days: Sequence[CalendarDay],
    max_nights: int,
    pattern: OfficePattern,
    own: OfficeDays,
) -> list[CalendarDay]:
    """Give the days after a week on which a tour that began in it may still be under way."""
    last = max(d.day for d in days if d.is_working) + timedelta(days=max_nights)
    if last <= days[-1].day:
        return []
    following = week_of(days[-1].day + timedelta(days=1))
    return [d for d in week_days(following, pattern, own.office) if d.day <= last]


def _require_long_enough(minutes: Sequence[int], params: WorthParams) -> None:
    """Refuse sessions that are over before anyone is served."""
    longest = max(minutes)
    overhead = overhead_of(longest, params)
    if longest <= overhead:
        raise TooShort(minutes=", ".join(map(str, minutes)), overhead=round(overhead))


def solve_again(
    session: Session, plan_id: int, known: int | None = None, *, priority: int = 0
) -> Job:
    """Defer another solve of a plan; ``known`` is the version that is to be improved.

    Raises
    ------
    PlanNotFound, PlanBusy, PlanChanged, PlanFrozen
        When there is no such plan, a job is at it already, it has another version, or is no draft.
    """
    # Held to the end: who asks at the same moment sees the job of who came first.
    plan = session.get(Plan, plan_id, with_for_update=True)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    if known is not None and known != plan.version:
        raise PlanChanged(plan_id=plan_id, version=plan.version, known=known)
    require_draft(plan)
    require_idle(session, plan)
    return defer(session, Job(kind=JobKind.SOLVE, plan_id=plan_id, priority=priority))


def solve_plan(
    engine: Engine,
    plan_id: int,
    *,
    on_progress: OnProgress,
    should_stop: Callable[[], bool],
    means: TravelMeans | None = None,
) -> dict[str, Any]:
    """Solve a stored plan and store the answer in one transaction.

    A search that was cancelled before it had any visit stores nothing: what was there stays.

    Returns
    -------
    dict
        ``plan_id, status, stop_reason, value`` (weighted documents), ``n_stops``,
        ``travel_tables``: how many were ``computed`` and how many ``kept`` from before, and
        ``search_s``: what the search took, without what it was made ready and stored in.
    """
    on_progress({"phase": "travel"})
    with reading(engine) as session:
        week = for_campaign(session, load_week(session, plan_id, means), means)
    week.travel.compute(
        lambda done, n: on_progress({"phase": "travel", "done": round(done, 3), "n_tables": n})
    )
    problem = problem_of(week)

    def report(progress: Progress) -> None:
        on_progress(
            {
                "phase": "solve",
                "elapsed_s": round(progress.elapsed_s, 2),
                "value": round(progress.value / 1000, 3),
                "worth": round(progress.prize / 1000, 3),
                "bound": None if progress.bound is None else round(progress.bound / 1000, 3),
                "n_stops": sum(len(i.stops) for i in progress.solution.itineraries),
            }
        )

    params = SolveParams(
        time_limit_s=float(week.params["seconds"]),
        seed=int(week.params["seed"]),
        engine=SearchEngine(week.params.get("engine", SearchEngine.ALL)),
    )
    told: dict[str, Any] = {}
    work: Work | None
    began = monotonic()
    if week.params.get("origin"):
        result, told, work = answer(week, problem, params, report, should_stop)
    else:
        start = published_plan(week, problem)
        work = Work(kind=WorkKind.SOLVE, problem=problem, params=params, start=start)
        result = perform(work, on_progress=report, should_stop=should_stop).result
    search_s = monotonic() - began
    n_stops = sum(len(i.stops) for i in result.solution.itineraries)
    if n_stops or result.stop_reason != StopReason.CANCELLED:
        told = {
            **told, **campaign_row(week, result),
            "problem_digest": digest_without_locks(week, problem),
        }  # fmt: skip
        record = None if work is None else record_of(week, work, result)
        _store_patiently(engine, week, problem, result, told, record)
        if week.params.get("explain_seconds") and not should_stop():
            on_progress({"phase": "explain"})
            more = _explained(week, problem, result, params, should_stop)
            _store_patiently(engine, week, problem, result, told | more, record)
    return {
        "plan_id": plan_id,
        "status": result.status,
        "stop_reason": result.stop_reason,
        "value": round(result.value / 1000, 3),
        "n_stops": n_stops,
        "travel_tables": week.travel.origins,
        "search_s": round(search_s, 3),
    }


def _explained(
    week: Week,
    problem: Problem,
    result: Result,
    params: SolveParams,
    should_stop: Callable[[], bool],
) -> dict[str, Any]:
    """Find out what would bring more and what wishes cost, half of the time each."""
    half = replace(params, time_limit_s=float(week.params["explain_seconds"]) / 2)
    minutes = week.longer_minutes
    found = remedies(
        problem, result, half, longer_day=_with_days_longer_by(week, minutes + 60),
        should_stop=should_stop,
    )  # fmt: skip
    usual = _with_days_longer_by(week, 0) if minutes else None
    costs = wishes(problem, result, half, usual_day=usual, should_stop=should_stop)
    return {"remedies": remedy_rows(week, found), "wishes": wish_rows(costs)}


def _with_days_longer_by(week: Week, minutes: int) -> Problem:
    """Build the problem with other hours; boats keep to daylight, and midnight ends every day."""
    return problem_of(replace(week, params={**week.params, "longer_day_minutes": minutes}))


def _store_patiently(
    engine: Engine, week: Week, problem: Problem, result: Result, more: dict[str, Any],
    record: PlanRecord | None,
) -> None:  # fmt: skip
    """Store a result, and try again while the database is locked or away: a solve took its time."""
    for tries_left in reversed(range(STORE_TRIES)):
        try:
            with transaction(engine) as session:
                store_result(session, week, problem, result, more)
                keep_record(session, week.plan_id, record)
        except OperationalError:
            if not tries_left:
                raise
            sleep(STORE_WAIT_S)
        else:
            return


def store_result(
    session: Session,
    week: Week,
    problem: Problem,
    result: Result,
    more: dict[str, Any] | None = None,
    *,
    opened: OpenWeek | None = None,
    unchanged: frozenset[int] = frozenset(),
) -> None:
    """Replace what a plan held by a new result, in the caller's transaction.

    ``more`` goes into the summary as it is; ``opened`` knows what was worked out of the week
    before. Rows of ``unchanged`` shifts stay.
    """
    plan = session.get(Plan, week.plan_id)
    if plan is None:
        raise PlanNotFound(plan_id=week.plan_id)
    stays = [(week.shifts[s].team.name, week.shifts[s].day) for s in sorted(unchanged)]
    for table in (PlanStop, PlanLeg):
        rows = delete(table).where(col(table.plan_id) == plan.id)
        session.execute(rows.where(tuple_(col(table.team), col(table.day)).not_in(stays)))
    spread = plan_spread(week, result, opened.sessions if opened else None)
    for itinerary in result.solution.itineraries:
        if itinerary.shift not in unchanged:
            session.add_all(stop_rows_of(week, itinerary, spread))
            session.add_all(leg_rows_of(week, itinerary))
    plan.status, plan.stop_reason = result.status, result.stop_reason
    plan.value, plan.worth = result.value / 1000, result.prize / 1000
    plan.bound = None if result.bound is None else result.bound / 1000
    plan.gap = result.gap
    plan.cost_rupiah, plan.distance_m = result.cost, result.distance
    plan.inputs = week.inputs
    baseline = opened.baseline if opened else None
    plan.summary = {
        **summarise_plan(week, problem, result, baseline), **spread.plan, **(more or {})
    }  # fmt: skip
    plan.solved_at, plan.version = now(), plan.version + 1
    session.flush()


def stop_rows_of(week: Week, itinerary: Itinerary, spread: PlanSpread) -> list[PlanStop]:
    """Give the stops of one day as rows."""
    shift = week.shifts[itinerary.shift]
    travel = week.travel.table(shift.travel)
    here = week.travel.base_node(shift.team) if itinerary.start is None else itinerary.start
    left = itinerary.departure
    rows = []
    for order, stop in enumerate(itinerary.stops, start=1):
        point = week.points[stop.visit]
        minutes = int(week.params["minutes"][stop.option])
        span = (stop.departure - stop.start) // 60 - week.home_minutes(stop.visit)
        # A plan made by hand may go where no way leads; its violation says so.
        is_way = bool(travel.reachable[here, stop.visit])
        travel_s = int(travel.durations[here, stop.visit]) if is_way else 0
        legs = travel.path(here, stop.visit) if is_way and here != stop.visit else ()
        expected = week.expected(stop.visit, itinerary.shift, minutes, with_kit=itinerary.with_kit)
        rows.append(
            PlanStop(
                plan_id=week.plan_id,
                team=shift.team.name,
                day=shift.day,
                order=order,
                village_code=point.village_code,
                point_code=point.code,
                point_name=point.name,
                point_kind=point.kind,
                lon=round(point.lon, DECIMALS),
                lat=round(point.lat, DECIMALS),
                serves=[] if point.gathers else list(point.serves),
                arrive=moment(week.monday, stop.arrival, week.zone),
                start=moment(week.monday, stop.start, week.zone),
                depart=moment(week.monday, stop.departure, week.zone),
                minutes=minutes,
                break_minutes=span - minutes,
                service_mode=week.service(stop.visit, itinerary.shift, with_kit=itinerary.with_kit),
                travel_mode=travel_mode(travel, here, stop.visit),
                travel_minutes=round(travel_s / 60, 2),
                travel_break_minutes=round((stop.arrival - left - travel_s) / 60, 2),
                distance_m=int(travel.distances[here, stop.visit]) if is_way else 0,
                n_rapids=sum(leg.n_rapids for leg in legs),
                off_network_m=round(off_network_m(legs)),
                is_straight_line=not travel.straight.isdisjoint({here, stop.visit}),
                with_kit=itinerary.with_kit,
                home_visits=week.home_visits(stop.visit),
                worth=round(
                    week.multiplier(stop.visit) * worth(expected, week.worth_params)
                    + week.home_worth(stop.visit, itinerary.shift, with_kit=itinerary.with_kit),
                    4,
                ),
                expected={p.value: round(n, 4) for p, n in expected.items()},
                **spread.stops[itinerary.shift, order - 1],
            )
        )
        here, left = stop.visit, stop.departure
    return rows


def leg_rows_of(week: Week, itinerary: Itinerary) -> list[PlanLeg]:
    """Give the ways of one day as rows."""
    shift = week.shifts[itinerary.shift]
    travel = week.travel.table(shift.travel)
    base = week.travel.base_node(shift.team)
    first = base if itinerary.start is None else itinerary.start
    last = base if itinerary.end is None else itinerary.end
    nodes = [first, *(stop.visit for stop in itinerary.stops), last]
    return [
        PlanLeg(
            plan_id=week.plan_id,
            team=shift.team.name,
            day=shift.day,
            order=order,
            part=part,
            mode=leg.mode,
            note=leg.note or None,
            minutes=round(leg.seconds / 60, 2),
            metres=round(leg.metres),
            n_rapids=leg.n_rapids,
            follows_network=leg.follows_network,
            is_straight_line=leg.is_straight_line,
            geometry=leg.line,
        )
        for order, (a, b) in enumerate(pairwise(nodes), start=1)
        for part, leg in enumerate(travel.path(a, b) if a != b and travel.reachable[a, b] else ())
    ]
