"""What a plan's figures rest on: P10 and P90 of people and worth, and every factor of each stop."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from routing import (
    Attendance,
    Draws,
    Programme,
    Result,
    draw_visit,
    low_and_high,
    minutes_each,
    overhead_of,
)

if TYPE_CHECKING:
    from app.week import Week

StopKey = tuple[int, int]
"""A shift of the problem, and a stop of its itinerary counted from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSpread:
    """``stops``: what a stop's row keeps beside its expectation; ``plan``: the same of all."""

    stops: dict[StopKey, dict[str, Any]]
    plan: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One session: its row, and all draws of its people and of its worth, shape (draws,)."""

    row: dict[str, Any]
    people: dict[Programme, Draws]
    worth: Draws


Sessions = dict[tuple[int, int, int, bool], Drawn]
"""Sessions of a week that were drawn before: by visit, shift, option and whether with a kit."""


def plan_spread(week: "Week", result: Result, known: Sessions | None = None) -> PlanSpread:
    """Work out how far a solved week may differ from what is expected.

    Positions of all draws belong together, so what all villages share is shared in the sums.
    ``known`` sessions of the same week are not drawn again; others are added to it.
    """
    known = {} if known is None else known
    rows: dict[StopKey, dict[str, Any]] = {}
    sessions: list[Drawn] = []
    for itinerary in result.solution.itineraries:
        for order, stop in enumerate(itinerary.stops):
            key = (stop.visit, itinerary.shift, stop.option, itinerary.with_kit)
            if key not in known:
                known[key] = _drawn(week, *key)
            rows[itinerary.shift, order] = known[key].row
            sessions.append(known[key])
    totals = {p: sum((one.people[p] for one in sessions), np.zeros(1)) for p in Programme}
    low, high = _by_programme(totals)
    worth_low, worth_high = low_and_high(sum((one.worth for one in sessions), np.zeros(1)))
    return PlanSpread(
        stops=rows,
        plan={
            "expected_p10": low,
            "expected_p90": high,
            "worth_p10": round(worth_low, 3),
            "worth_p90": round(worth_high, 3),
        },
    )


def _home(week: "Week", visit: int, shift: int, *, with_kit: bool) -> dict[str, Any]:
    """Tell what visits at home add: they are agreed on, so nothing of it is chance."""
    return {
        "home_visits": week.home_visits(visit),
        "home_minutes": week.home_minutes(visit),
        "home_worth": round(week.home_worth(visit, shift, with_kit=with_kit), 4),
    }


def _drawn(week: "Week", visit: int, shift: int, option: int, with_kit: bool) -> Drawn:
    """Draw one session of a week; what happens in a village has nothing to do with others."""
    minutes, factor = week.params["minutes"][option], week.multiplier(visit)
    there = week.attendance(visit, shift, minutes, with_kit=with_kit)
    home = _home(week, visit, shift, with_kit=with_kit)
    people = draw_visit(there, visit)
    return Drawn(
        row={
            **_bounds(people, there, factor, home["home_worth"]),
            "factors": {**_factors(there, factor), **home},
        },
        people=people,
        worth=factor * _weighted(people, week.worth_params.weight) + home["home_worth"],
    )


def _bounds(
    drawn: dict[Programme, Draws], visit: Attendance, factor: float, certain: float
) -> dict[str, Any]:
    low, high = _by_programme(drawn)
    worths = factor * _weighted(drawn, visit.params.weight) + certain
    worth_low, worth_high = low_and_high(worths)
    return {
        "expected_p10": low,
        "expected_p90": high,
        "worth_p10": round(worth_low, 4),
        "worth_p90": round(worth_high, 4),
    }


def _by_programme(drawn: dict[Programme, Draws]) -> tuple[dict[str, float], dict[str, float]]:
    found = {p.value: low_and_high(draws) for p, draws in drawn.items()}
    return (
        {name: round(low, 2) for name, (low, _) in found.items()},
        {name: round(high, 2) for name, (_, high) in found.items()},
    )


def _weighted(drawn: dict[Programme, Draws], weight: Any) -> Draws:  # noqa: ANN401 (ByProgramme)
    total: Draws = sum((weight[p] * draws for p, draws in drawn.items()), np.zeros(1))
    return total


def _factors(visit: Attendance, factor: float) -> dict[str, Any]:
    """Name every number that the worth of a stop is made of; ``multiplier`` is the planner's."""
    params, need, arrivals = visit.params, visit.need, visit.arrivals()
    overhead = overhead_of(visit.minutes, params)
    net = max(0.0, visit.minutes - overhead)
    return {
        "turnout": round(visit.turnout, 4),
        "turnout_again": round(visit.turnout_again, 4),
        "neighbour_factor": params.neighbour_factor,
        "overhead_minutes": overhead,
        "kits": visit.crew.kits,
        "desks": visit.crew.desks,
        "kit_minutes": net * visit.crew.kits,
        "desk_minutes": net * visit.crew.desks,
        "multiplier": factor,
        "programmes": {
            p.value: {
                "listed": round(need.listed[p], 2),
                "neighbours": round(need.neighbours[p], 2),
                "gathered": round(need.gathered[p], 2),
                "missed": round(need.missed[p] + need.missed_neighbours[p], 2),
                "reachable_share": params.reachable_share[p],
                "arrivals": round(arrivals[p], 4),
                "minutes_each": minutes_each(p, visit.mode, params),
                "weight": params.weight[p],
            }
            for p in Programme
        },
    }
