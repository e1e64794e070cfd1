"""Nights out, on a tour written by hand: each rule just inside and just outside."""

from dataclasses import replace
from typing import Any

import pytest

from routing.checks.check import check, recompute
from routing.errors import InvalidProblem
from routing.problem import Allowance, Away, KitPool, Night, Problem, Shift, TimeWindow
from routing.solution import Itinerary, Solution, Stop
from routing.timing import timed, totals
from tests.builders import DAY, line_matrix, make_problem, make_shift, make_visit

# Base at 0 s, villages at 700 and 900 s of the same road, sessions of 200 s. Office hours 1000 to
# 2000, on a day away under way from 800 to 2400: neither village can be made in a day (1000 + 700
# + 200 + 700 = 2600), both in two days.
FIRST = Itinerary(
    shift=0, with_kit=False, departure=800, arrival=1700, end=1,
    stops=(Stop(visit=0, option=0, arrival=1500, start=1500, departure=1700),),
)  # fmt: skip
SECOND = Itinerary(
    shift=1, with_kit=False, departure=DAY + 800, arrival=DAY + 2100, start=1,
    stops=(
        Stop(visit=1, option=0, arrival=DAY + 1000, start=DAY + 1000, departure=DAY + 1200),
    ),
)  # fmt: skip


def shift_on(day: int, **kwargs: Any) -> Shift:
    at = day * DAY
    values: dict[str, Any] = {
        "window": TimeWindow(start=at + 1000, end=at + 2000),
        "away": Away(window=TimeWindow(start=at + 800, end=at + 2400), cost=70),
        "fixed_cost": 5,
        "allowances": (Allowance(longer_than=0, cost=1_000_000),),
        "crew_with_kit": 0,
        "kit_pool": day,
    }
    return make_shift(**(values | kwargs))


def problem_with(
    second: dict[str, Any] | None = None, night: dict[str, Any] | None = None, **kwargs: Any
) -> Problem:
    stay = Night(**({"morning": 1, "at_last_stop": True, "cost": 300} | (night or {})))
    shifts = (shift_on(0, night=stay), shift_on(1, **(second or {})))
    matrix = line_matrix(0, 700, 900, costs=[[0, 11, 13], [17, 0, 19], [23, 29, 0]])
    return make_problem(
        [make_visit(1, duration=200), make_visit(2, duration=200)], shifts, matrices=(matrix,),
        kit_pools=(KitPool(capacity=1), KitPool(capacity=1)), rupiah_per_document=1000, **kwargs,
    )  # fmt: skip


def rules(problem: Problem, *plans: Itinerary) -> dict[str, int | None]:
    return {x.rule: x.amount for x in check(problem, Solution(itineraries=plans))}


def session(plan: Itinerary, **times: int) -> Itinerary:
    return replace(plan, stops=(replace(plan.stops[0], **times),))


def test_the_tour_by_hand_is_legal_and_costs_what_is_counted_by_hand() -> None:
    # Two days of vehicle and per diem, one night, legs 0-1, 1-2 and 2-0; no allowance of a day.
    cost = 2 * (5 + 70) + 300 + 11 + 19 + 23
    tour = Solution(itineraries=(FIRST, SECOND))
    assert check(problem_with(), tour) == []
    assert recompute(problem_with(), tour) == (2000, cost, 10 * (700 + 200 + 900), 2000 - cost)
    assert totals(problem_with(), tour) == recompute(problem_with(), tour)


def test_the_solver_times_the_tour_as_by_hand() -> None:
    problem = problem_with()
    assert timed(problem, 0, False, [(0, 0)], end=1) == FIRST
    assert timed(problem, 1, False, [(1, 0)], start=1) == SECOND
    assert timed(problem, 0, False, [(0, 0)]) is None  # 2600 > 2000


REST = Itinerary(
    shift=1, with_kit=False, departure=DAY + 800, arrival=DAY + 800, stops=(), start=1, end=1
)
HOME = Itinerary(
    shift=2, with_kit=False, departure=2 * DAY + 800, arrival=2 * DAY + 1500, stops=(), start=1
)


def three_days(**kwargs: Any) -> Problem:
    nights = [Night(morning=m, at_last_stop=True) for m in (1, 2)]
    shifts = (
        shift_on(0, night=nights[0]),
        shift_on(1, night=nights[1], **kwargs.pop("second", {})),
        shift_on(2, **kwargs.pop("third", {})),
    )
    return make_problem(
        [make_visit(1, duration=200)], shifts, matrices=(line_matrix(0, 700),),
        kit_pools=(KitPool(capacity=1),) * 3, **kwargs,
    )  # fmt: skip


def test_a_team_may_rest_where_it_slept_and_come_home_without_a_visit() -> None:
    problem = three_days()
    assert rules(problem, FIRST, REST, HOME) == {}
    assert timed(problem, 1, False, [], start=1, end=1) == REST
    assert timed(problem, 2, False, [], start=1) == HOME


def test_days_without_sessions_and_days_that_start_no_tour_lie_within_one() -> None:
    closed = {"serves": False, "starts_tour": False}
    problem = three_days(second=closed, third=closed)
    assert rules(problem, FIRST, REST, HOME) == {}
    moved = replace(FIRST, shift=1, departure=DAY + 800, arrival=DAY + 1700)
    at = {"arrival": DAY + 1500, "start": DAY + 1500, "departure": DAY + 1700}
    plans = (session(moved, **at), HOME)
    assert rules(problem, *plans) == {"tour-start": None, "no-session-day": None}
    assert rules(three_days(), *plans) == {}
    assert timed(problem, 1, False, [(0, 0)], end=1) is None
    assert timed(three_days(), 1, False, [(0, 0)], end=1) == plans[0]


def test_a_tour_is_as_long_as_it_may_be() -> None:
    assert rules(three_days(max_tour_days=3), FIRST, REST, HOME) == {}
    assert rules(three_days(max_tour_days=2), FIRST, REST, HOME) == {"tour-days": 1}


@pytest.mark.parametrize(
    ("plans", "expected"),
    [
        pytest.param((FIRST,), {"tour": 1}, id="does not come home"),
        pytest.param((SECOND,), {"tour": 1}, id="starts where it did not sleep"),
        pytest.param((FIRST, replace(SECOND, with_kit=True)), {"tour-kit": None}, id="half a kit"),
        pytest.param(
            (replace(FIRST, with_kit=True), replace(SECOND, with_kit=True)), {}, id="its kit"
        ),
        pytest.param(
            (session(FIRST, start=1801, departure=2001), SECOND),
            {"session-hours": 1, "travel": -301},
            id="session a second after hours",
        ),
        pytest.param(
            (FIRST, session(replace(SECOND, departure=DAY + 799), arrival=DAY + 999,
                            start=DAY + 999, departure=DAY + 1199)),
            {"session-hours": 1, "shift-window": 1, "travel": 1},
            id="all a second early",
        ),
    ],
)  # fmt: skip
def test_rules_of_a_tour(plans: tuple[Itinerary, ...], expected: dict[str, int | None]) -> None:
    assert rules(problem_with(), *plans) == expected


def test_where_a_team_may_sleep() -> None:
    assert rules(problem_with(night={"nodes": (1,), "at_last_stop": False}), FIRST, SECOND) == {}
    elsewhere = problem_with(night={"nodes": (2,), "at_last_stop": False})
    assert rules(elsewhere, FIRST, SECOND) == {"night": 1}
    assert timed(elsewhere, 0, False, [(0, 0)], end=1) is None


def test_a_duty_day_away_is_kept_to_the_second() -> None:
    # Home at 2100: a day that ends then is enough, a second less is not.
    for end, broken in ((2100, {}), (2099, {"shift-window": 1})):
        away = Away(window=TimeWindow(start=DAY + 800, end=DAY + end), cost=70)
        problem = problem_with(second={"away": away})
        assert rules(problem, FIRST, SECOND) == broken
        assert (timed(problem, 1, False, [(1, 0)], start=1) is None) is bool(broken)


def test_two_tours_may_not_be_joined_across_another_team() -> None:
    shifts = (shift_on(0, night=Night(morning=1, at_last_stop=True)), shift_on(1, team=1))
    with pytest.raises(InvalidProblem, match="team 1 on day 1; it must be team 0 on day 1"):
        make_problem([make_visit(1)], shifts, kit_pools=(KitPool(capacity=1),) * 2)


@pytest.mark.parametrize(
    ("night", "match"),
    [
        ({"morning": 2}, r"night\.morning 2 is not in 0\.\.1"),
        ({"morning": 0}, "it must be team 0 on day 1"),
        ({"nodes": (3,)}, r"has 3, which is not in 0\.\.2"),
        ({"at_last_stop": False}, "no place to sleep"),
        ({"cost": -1}, "costs -1 Rp"),
    ],
)
def test_a_night_that_makes_no_sense_is_refused(night: dict[str, Any], match: str) -> None:
    with pytest.raises(InvalidProblem, match=match):
        problem_with(night=night)


def test_hours_and_costs_of_a_day_away_are_checked() -> None:
    late = Away(window=TimeWindow(start=DAY + 1001, end=DAY + 2400))
    with pytest.raises(InvalidProblem, match="lies outside that of a day away"):
        problem_with(second={"away": late})
    with pytest.raises(InvalidProblem, match="a night needs ``away``"):
        problem_with(second={"away": None})
    with pytest.raises(InvalidProblem, match="max_tour_days 0"):
        problem_with(max_tour_days=0)


@pytest.mark.parametrize(("prices", "expected"), [((), 300), ((70,), 370), ((0,), 300)])
def test_a_night_costs_what_its_place_does(prices, expected):
    stay = Night(morning=1, nodes=(4,), cost=300, prices=prices)
    assert (stay.cost_at(4), stay.dearest, stay.cost_at(3)) == (expected, expected, 300)


@pytest.mark.parametrize(
    ("night", "match"),
    [
        ({"at_last_stop": False, "nodes": (1, 2), "prices": (5,)}, r"1 night.prices for 2"),
        ({"at_last_stop": False, "nodes": (1, 1), "prices": (5, 6)}, r"2 night.prices for 1"),
        ({"at_last_stop": False, "nodes": (1,), "prices": (-1,)}, r"has -1 Rp, is negative"),
        ({"at_last_stop": True, "nodes": (1,), "prices": (1,)}, "must not be at_last_stop"),
    ],
)
def test_prices_of_places_are_one_for_each(night, match):
    with pytest.raises(InvalidProblem, match=match):
        problem_with(night=night)
