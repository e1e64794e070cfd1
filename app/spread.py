"""What a plan's figures rest on: P10 and P90 of people and worth, and every factor of each stop."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from routing import (
    Attendance,
    Draws,
    Programme,
    Result,
    draw_served,
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


def plan_spread(week: "Week", result: Result) -> PlanSpread:
    """Work out how far a solved week may differ from what is expected.

    Positions of all draws belong together, so what all villages share is shared in the sums.
    """
    keys: list[StopKey] = []
    factors: list[float] = []
    homes: list[dict[str, Any]] = []
    visits: list[Attendance] = []
    for itinerary in result.solution.itineraries:
        for order, stop in enumerate(itinerary.stops):
            minutes = week.params["minutes"][stop.option]
            keys.append((itinerary.shift, order))
            factors.append(week.multiplier(stop.visit))
            homes.append(_home(week, stop.visit, itinerary.shift, with_kit=itinerary.with_kit))
            visits.append(
                week.attendance(stop.visit, itinerary.shift, minutes, with_kit=itinerary.with_kit)
            )
    draws = draw_served(visits)
    rows = {
        key: {
            **_bounds(drawn, visit, factor, home["home_worth"]),
            "factors": {**_factors(visit, factor), **home},
        }
        for key, visit, drawn, factor, home in zip(keys, visits, draws, factors, homes, strict=True)
    }
    totals = {p: sum((drawn[p] for drawn in draws), np.zeros(1)) for p in Programme}
    low, high = _by_programme(totals)
    weight = week.worth_params.weight
    worths = (f * _weighted(drawn, weight) for drawn, f in zip(draws, factors, strict=True))
    certain = sum(home["home_worth"] for home in homes)
    worth_low, worth_high = low_and_high(sum(worths, np.zeros(1)) + certain)
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
