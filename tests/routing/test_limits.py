"""Limits of days that no other file has as a pair: just inside and just outside, by hand.

Nodes lie ten minutes apart on a road; a session takes an hour unless it says otherwise.
"""

import pytest

from routing import SolveParams, check, solve
from routing.problem import KitPool, Problem, TimeWindow
from routing.solution import Status
from tests.builders import HOUR, line_matrix, make_problem, make_shift, make_visit


def best(problem: Problem) -> float:
    """Value of a plan that is proven to be the best."""
    result = solve(problem, SolveParams(time_limit_s=60, solution_limit=60))
    assert check(problem, result.solution) == []
    assert result.status is Status.OPTIMAL
    return result.value


@pytest.mark.parametrize(("end", "value"), [(8400, 1500), (8399, 1000), (4800, 1000), (4799, 0)])
def test_the_length_of_a_session_is_the_longest_there_is_time_for(end: int, value: int) -> None:
    # Ten minutes there and back, and two hours for 1,500 or one for 1,000.
    visit = make_visit(1, options=((HOUR, 1000), (2 * HOUR, 1500)))
    assert best(make_problem([visit], [make_shift(window=TimeWindow(start=0, end=end))])) == value


@pytest.mark.parametrize(("end", "value"), [(4800, 1000), (4799, 0)])
def test_a_team_ends_its_day_at_its_own_base(end: int, value: int) -> None:
    # From base 0 by way of 1 to base 2: 10 minutes, an hour, 10 minutes.
    shift = make_shift(start=0, end=2, window=TimeWindow(start=0, end=end))
    assert best(make_problem([make_visit(1)], [shift], matrices=(line_matrix(0, 600, 1200),))) == (
        value
    )


@pytest.mark.parametrize(("end", "made"), [(4800, 1000), (4799, 0)])
def test_whose_base_is_nearer_goes(end: int, made: int) -> None:
    # Base 0 is 10 minutes from the village, base 2 is 20: only the first can be back by then.
    road = line_matrix(0, 600, 1800)
    window = TimeWindow(start=0, end=end)
    shifts = [make_shift(team=t, start=n, end=n, window=window) for t, n in enumerate((0, 2))]
    assert best(make_problem([make_visit(1)], shifts, matrices=(road,))) == made
    assert best(make_problem([make_visit(1)], shifts[1:], matrices=(road,))) == 0


@pytest.mark.parametrize(
    ("capacities", "value"),
    [((2, 0), 2000), ((1, 0), 1000), ((0, 0), 0)],
    ids=["two", "one", "none"],
)
def test_no_more_kits_leave_a_base_than_lie_there(capacities: tuple[int, int], value: int) -> None:
    # Two teams of one base on one day; a team of another base has a pool of its own.
    visits = [make_visit(1, prize=(0, 1000)), make_visit(2, prize=(0, 1000))]
    shifts = [make_shift(team=t, hours=(0, 1.7), crew_with_kit=1, kit_pool=0) for t in (0, 1)]
    pools = tuple(KitPool(capacity=n) for n in capacities)
    assert best(make_problem(visits, shifts, kit_pools=pools)) == value


@pytest.mark.parametrize(("pools", "value"), [((1, 1), 2000), ((2, 0), 1000)])
def test_a_kit_of_another_base_does_not_help(pools: tuple[int, int], value: int) -> None:
    visits = [make_visit(1, prize=(0, 1000)), make_visit(2, prize=(0, 1000))]
    shifts = [make_shift(team=t, hours=(0, 1.7), crew_with_kit=1, kit_pool=t) for t in (0, 1)]
    problem = make_problem(visits, shifts, kit_pools=tuple(KitPool(capacity=n) for n in pools))
    assert best(problem) == value
