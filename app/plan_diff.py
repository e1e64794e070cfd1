"""What differs between two plans, session by session: the one way in which that is told."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from app.calendar import moment, zone_of
from app.models import Plan, PlanStop
from app.week import Week
from routing import Solution

Sessions = Mapping[str, dict[str, Any]]
"""By code of the service point: ``village_code, team, day, start, minutes``."""
SIDE = ("team", "day", "start", "minutes")


def changes(week: Week, before: Solution, after: Solution) -> list[dict[str, Any]]:
    """List the sessions of one week that are not as they were, by day and team."""
    return differences(sessions_of(week, before), sessions_of(week, after))


def differences(before: Sessions, after: Sessions) -> list[dict[str, Any]]:
    """List the sessions that are not the same, by day and team.

    ``moved`` went to another team or day, ``retimed`` to another hour or length of the same.
    """
    rows = []
    for point in sorted(before.keys() | after.keys()):
        old, new = _side(before.get(point)), _side(after.get(point))
        kind = _difference(old, new)
        if kind is not None:
            village = (after.get(point) or before[point])["village_code"]
            rows.append({"kind": kind, "village_code": village, "point_code": point,
                         "before": old, "after": new})  # fmt: skip
    return sorted(rows, key=_when)


def sessions_of(week: Week, solution: Solution) -> dict[str, dict[str, Any]]:
    """Name the sessions of a solution."""
    return {
        week.points[stop.visit].code: {
            "village_code": week.points[stop.visit].village_code,
            "team": week.shifts[day.shift].team.name,
            "day": week.shifts[day.shift].day.isoformat(),
            "start": moment(week.monday, stop.start, week.zone).isoformat(),
            "minutes": week.params["minutes"][stop.option],
        }
        for day in solution.itineraries
        for stop in day.stops
    }


def sessions_of_plan(session: Session, plan: Plan) -> dict[str, dict[str, Any]]:
    """Name the sessions of a stored plan."""
    zone = ZoneInfo(zone_of(plan.regency_code))
    return {
        row.point_code or row.village_code: {
            "village_code": row.village_code,
            "team": row.team,
            "day": row.day.isoformat(),
            "start": row.start.astimezone(zone).isoformat(),
            "minutes": row.minutes,
        }
        for row in session.exec(select(PlanStop).where(PlanStop.plan_id == plan.id))
    }


def _side(session: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if session is None else {name: session[name] for name in SIDE}


def _when(row: dict[str, Any]) -> tuple[str, str, str]:
    session = row["after"] or row["before"]
    return session["day"], session["team"], session["start"]


def _difference(old: dict[str, Any] | None, new: dict[str, Any] | None) -> str | None:
    if old is None:
        return "added"
    if new is None:
        return "dropped"
    if (old["team"], old["day"]) != (new["team"], new["day"]):
        return "moved"
    return None if old == new else "retimed"
