"""Dates for one request: where its village fits into the weeks to come as they are planned.

Each week stands as its published plan has it, else as the newest draft; a week without a plan is
empty. Nothing is searched, so that the answer comes within seconds; every place is checked.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from app.calendar import ZONE_LABELS, moment, week_of
from app.errors import AppError
from app.home_visits import home_visits_of_week
from app.models import Plan, PlanState, Village, VisitRequest
from app.plan_days import PlanDays, days_of_plan, place
from app.plan_rules import visits_of
from app.planning import week_params
from app.requests import get_request
from app.schemas.plans import PlanRequest
from app.texts import Lang, render
from app.travel import TravelMeans
from app.under_way import WORKED_BY
from app.week import Week, load_week, read_week
from app.week_problem import problem_of
from routing import Judgement, Suggestion, judge, suggest

MOST = 10


def suggest_dates(
    session: Session,
    request_id: int,
    *,
    today: date,
    n_weeks: int,
    lang: Lang,
    means: TravelMeans,
    calendar_file: Path | None = None,
) -> dict[str, Any]:
    """Suggest days and teams for a request, those that bring most first.

    Parameters
    ----------
    today
        At the office; the first day suggested is the one after.
    n_weeks
        The current week and so many less one after it.

    Returns
    -------
    dict
        ``dates``: team, day, times, the change of the plan's value and worth (weighted documents)
        and cost (rupiah), and by how much other sessions of that team-day shift (minutes).
        ``planned``: where a plan has the village already. ``skipped``: weeks that cannot be used,
        with the reason.

    Raises
    ------
    RequestNotFound
        When there is none of that number.
    """
    request = get_request(session, request_id)
    village = session.get_one(Village, request.village_code)
    found: dict[str, list[dict[str, Any]]] = {"dates": [], "planned": [], "skipped": []}
    for n in range(n_weeks):
        name = week_of(today + timedelta(weeks=n))
        try:
            week, plan, days = _week(session, village.regency_code, name, today, means,
                                     calendar_file)  # fmt: skip
        except AppError as error:
            found["skipped"].append({"week": name, "reason": render(error, lang)})
            continue
        _look(found, request, week, plan, days, today)
    # The need grows a little by the week: that is no reason to wait.
    found["dates"].sort(key=lambda row: (-round(row["value"]), row["day"], row["team"]))
    found["dates"] = found["dates"][:MOST]
    return {"request_id": request_id, "village_code": village.code, "village_name": village.name,
            **found}  # fmt: skip


def _week(
    session: Session, regency: str, name: str, today: date, means: TravelMeans,
    calendar_file: Path | None,
) -> tuple[Week, Plan | None, PlanDays]:  # fmt: skip
    """Read a week as it is planned, or empty."""
    plans = session.exec(
        select(Plan)
        .where(Plan.regency_code == regency, Plan.week == name)
        .where(col(Plan.solved_at).is_not(None), Plan.state != PlanState.CANCELLED)
        .order_by(col(Plan.state).in_(WORKED_BY).desc(), col(Plan.id).desc())
    )
    # A plan of the first versions does not keep its days: it cannot be taken up again.
    plan = next((plan for plan in plans if "days" in plan.params), None)
    if plan is not None:
        week, days = load_week(session, plan.id or 0, means), days_of_plan(session, plan)
    else:
        params = week_params(
            session, PlanRequest(regency=regency), name, today=today, calendar_file=calendar_file,
            solve_seconds=1, has_road_server=means.roads is not None,
        )  # fmt: skip
        params["home_visits"] = home_visits_of_week(
            session, regency, name, params["plan"]["home_visits_most"]
        )
        week, days = read_week(session, 0, regency, name, params, means=means), PlanDays([], [])
    week.travel.compute(lambda _done, _n: None)
    return week, plan, days


def _look(
    found: dict[str, list[dict[str, Any]]], request: VisitRequest, week: Week, plan: Plan | None,
    days: PlanDays, today: date,
) -> None:  # fmt: skip
    """Add what one week has for a request."""
    problem = problem_of(week)
    base = judge(problem, place(week, problem, days).days)
    visits = frozenset(visits_of(week, request.village_code))
    known = {"week": _name(week), "plan_id": plan.id if plan else None,
             "plan_state": plan.state if plan else None}  # fmt: skip
    planned = _planned(week, base, visits)
    if planned:
        found["planned"] += [known | row for row in planned]
        return
    coming = [s for s, shift in enumerate(week.shifts) if shift.day > today and not shift.is_spare]
    found["dates"] += [
        known | _row(week, one) for one in suggest(problem, base.solution, visits, coming)
    ]


def _name(week: Week) -> str:
    return week_of(week.monday)


def _planned(week: Week, base: Judgement, visits: frozenset[int]) -> list[dict[str, Any]]:
    return [
        _where(week, day.shift) | {"start": moment(week.monday, stop.start, week.zone).isoformat()}
        for day in base.solution.itineraries
        for stop in day.stops
        if stop.visit in visits
    ]


def _where(week: Week, shift: int) -> dict[str, Any]:
    there = week.shifts[shift]
    return {"team": there.team.name, "day": there.day.isoformat(),
            "timezone_label": ZONE_LABELS[week.zone]}  # fmt: skip


def _row(week: Week, one: Suggestion) -> dict[str, Any]:
    point = week.points[one.stop.visit]
    return {
        **_where(week, one.itinerary.shift),
        "order": one.position + 1,
        "point_code": point.code,
        "point_name": point.name,
        "start": moment(week.monday, one.stop.start, week.zone).isoformat(),
        "depart": moment(week.monday, one.stop.departure, week.zone).isoformat(),
        "minutes": week.params["minutes"][one.stop.option],
        "with_kit": one.itinerary.with_kit,
        "n_stops": len(one.itinerary.stops),
        "value": round(one.gain / 1000, 3),
        "worth": round(one.prize / 1000, 3),
        "cost_rupiah": one.cost,
        "others_moved_minutes": -(-one.moved // 60),
    }
