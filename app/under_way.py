"""Tours that reach into the next week: their teams are away, as the plan of the tour has it.

The plan of the week before is the one that was published; where none was, the newest solved one of
the regency. One that was cancelled counts for nothing. Its days after the week enter the next plan
as fixed: the team has no day of its own there, its kit is not at the base, and what it visits is
not visited a second time in that week. Where either plan came about without the other they may
still have a team out twice: such a plan is not published.
"""

from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from app.calendar import monday_of, week_of
from app.models import Plan, PlanState, PlanStop

Row = dict[str, Any]
WORKED_BY = (PlanState.PUBLISHED, PlanState.IN_PROGRESS, PlanState.CLOSED)


def days_under_way(session: Session, regency: str, week: str) -> list[Row]:
    """List the days of a week on which teams are on tours that began in the week before.

    Returns
    -------
    list
        ``plan_id, team, day`` (ISO), ``with_kit`` and ``points``: the codes of those visited.
    """
    monday = monday_of(week)
    plan = session.exec(
        select(Plan)
        .where(Plan.regency_code == regency)
        .where(Plan.week == week_of(monday - timedelta(days=1)))
        .where(col(Plan.solved_at).is_not(None))
        .where(Plan.state != PlanState.CANCELLED)
        .order_by(col(Plan.state).in_(WORKED_BY).desc(), col(Plan.id).desc())
    ).first()
    if plan is None:
        return []
    stops = session.exec(
        select(PlanStop)
        .where(PlanStop.plan_id == plan.id)
        .where(PlanStop.day >= monday)
        .order_by(col(PlanStop.order))
    ).all()
    return [
        {
            "plan_id": plan.id,
            "team": team["team"],
            "day": shift["day"],
            "with_kit": shift["with_kit"],
            "points": [
                stop.point_code or stop.village_code
                for stop in stops
                if (stop.team, stop.day.isoformat()) == (team["team"], shift["day"])
            ],
        }
        for team in plan.summary.get("teams", ())
        for shift in team["shifts"]
        if date.fromisoformat(shift["day"]) >= monday
    ]


def out_twice(session: Session, plan: Plan) -> tuple[date, str, Plan] | None:
    """Find the first day on which a team is out under a plan and one of a week beside it.

    Only plans that teams work by, or worked by, count; with that plan.
    """
    monday = monday_of(plan.week)
    beside = [week_of(monday - timedelta(days=1)), week_of(monday + timedelta(days=7))]
    others = session.exec(
        select(Plan)
        .where(Plan.regency_code == plan.regency_code)
        .where(col(Plan.week).in_(beside))
        .where(col(Plan.state).in_(WORKED_BY))
    )
    ours = _days_out(plan)
    found = [(day, team, other) for other in others for day, team in ours & _days_out(other)]
    return min(found, key=lambda one: one[:2], default=None)


def _days_out(plan: Plan) -> set[tuple[date, str]]:
    return {
        (date.fromisoformat(shift["day"]), team["team"])
        for team in plan.summary.get("teams", ())
        for shift in team["shifts"]
    }


def is_under_way(params: Row, team: str, day: date) -> bool:
    """Tell whether a team is still on a tour of the week before on a day."""
    return any(_is_of(row, team, day) for row in params.get("under_way", ()))


def has_kit_with_it(params: Row, team: str, day: date) -> bool:
    """Tell whether it has a satellite kit with it there."""
    return any(row["with_kit"] and _is_of(row, team, day) for row in params.get("under_way", ()))


def points_under_way(params: Row) -> frozenset[str]:
    """Give the codes of the points that such tours visit in the week."""
    return frozenset(code for row in params.get("under_way", ()) for code in row["points"])


def _is_of(row: Row, team: str, day: date) -> bool:
    return bool(row["team"] == team and row["day"] == day.isoformat())
