"""The days of a plan as plain rows, and back: what a plan keeps of one that was there before.

A row of ``stops`` has ``team, day, village_code, point_code, minutes, with_kit``, in the order in
which they are made; a row of ``nights`` has ``team, day, sleeps_code, sleeps_point, with_kit``: in
which village and, where it is known, at which point the team sleeps after that day, and whether it
has a kit with it. Days are ISO dates, places codes.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from app.models import Plan, PlanStop
from app.week import Week
from routing import HandMade, Problem

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PlanDays:
    """The stops and nights of a plan."""

    stops: list[Row]
    nights: list[Row]

    @classmethod
    def of(cls, rows: dict[str, Any]) -> "PlanDays":
        """Read what ``to_dict`` gave."""
        return cls(list(rows.get("stops", ())), list(rows.get("nights", ())))

    def to_dict(self) -> dict[str, list[Row]]:
        """Give it as JSON."""
        return {"stops": self.stops, "nights": self.nights}


def days_of_plan(session: Session, plan: Plan) -> PlanDays:
    """Read the days of a solved plan."""
    rows = session.exec(
        select(PlanStop)
        .where(PlanStop.plan_id == plan.id)
        .order_by(col(PlanStop.team), col(PlanStop.day), col(PlanStop.order))
    )
    stops = [
        {
            "team": row.team,
            "day": row.day.isoformat(),
            "village_code": row.village_code,
            "point_code": row.point_code or row.village_code,
            "minutes": row.minutes,
            "with_kit": row.with_kit,
        }
        for row in rows
    ]
    nights = [
        {
            "team": team["team"],
            "day": shift["day"],
            "sleeps_code": shift["sleeps_code"],
            "sleeps_point": shift.get("sleeps_point"),
            "with_kit": shift["with_kit"],
        }
        for team in plan.summary.get("teams", ())
        for shift in team["shifts"]
        if shift.get("sleeps_code")
    ]
    return PlanDays(stops, nights)


@dataclass(frozen=True, slots=True)
class Placed:
    """Days of a plan in a week's problem; ``stops_left``, ``nights_left`` have no place in it."""

    days: list[HandMade]
    stops_left: list[Row]
    nights_left: list[Row]


def place(week: Week, problem: Problem, plan: PlanDays) -> Placed:
    """Find the shifts, visits, lengths and places to sleep that rows speak of.

    A length that is not offered becomes the next shorter one, or the shortest. A row is left over
    where its team does not work on that day, or its place is not in the week.
    """
    stops, stops_left = _stops(week, plan)
    sleeps, nights_left = _nights(week, plan)
    kits = {s for s, made in stops.items() if any(row["with_kit"] for _, row in made)}
    starts: dict[int, int] = {}
    shifts = _shifts(week)
    for s, (node, row) in sleeps.items():
        tomorrow = (week.shifts[s].day + timedelta(days=1)).isoformat()
        days = {s, shifts.get((week.shifts[s].team.name, tomorrow), s)}
        starts |= dict.fromkeys(days - {s}, node)
        kits |= days if row["with_kit"] else set()
    days_made = [
        HandMade(
            shift=s,
            choices=tuple((v, _option(week, row["minutes"])) for v, row in stops.get(s, ())),
            with_kit=s in kits and problem.shifts[s].kit_pool is not None,
            start=starts.get(s),
            end=sleeps[s][0] if s in sleeps else None,
        )
        for s in sorted({*stops, *sleeps, *starts})
    ]
    return Placed(days_made, stops_left, nights_left)


def _stops(week: Week, plan: PlanDays) -> tuple[dict[int, list[tuple[int, Row]]], list[Row]]:
    visits = {point.code: v for v, point in enumerate(week.points)}
    shifts = _shifts(week)
    found: dict[int, list[tuple[int, Row]]] = {}
    left = []
    for row in plan.stops:
        shift, visit = shifts.get((row["team"], row["day"])), visits.get(row["point_code"])
        if shift is None or visit is None:
            left.append(row)
        else:
            found.setdefault(shift, []).append((visit, row))
    return found, left


def _nights(week: Week, plan: PlanDays) -> tuple[dict[int, tuple[int, Row]], list[Row]]:
    points = {point.code: node for node, point in enumerate(week.points)}
    villages: dict[str, int] = {}
    for at, point in enumerate(week.points):
        if not point.gathers and not point.is_hub:
            villages.setdefault(point.village_code, at)
            villages |= dict.fromkeys(point.serves, at)
    # Where the office has a list, the village of a night is the listed place there.
    points |= week.lodging_codes
    villages |= {place.village_code: points[place.code] for place in reversed(week.lodgings)}
    shifts = _shifts(week)
    found: dict[int, tuple[int, Row]] = {}
    left = []
    for row in plan.nights:
        shift = shifts.get((row["team"], row["day"]))
        node = points.get(row.get("sleeps_point") or "")
        if node is None:
            node = villages.get(row["sleeps_code"])
        if shift is None or node is None:
            left.append(row)
        else:
            found[shift] = (node, row)
    return found, left


def _shifts(week: Week) -> dict[tuple[str, str], int]:
    return {(x.team.name, x.day.isoformat()): s for s, x in enumerate(week.shifts)}


def _option(week: Week, minutes: int) -> int:
    lengths: list[int] = week.params["minutes"]
    return max(0, sum(length <= minutes for length in lengths) - 1)
