"""Nights out are sought from the best plan of day tours."""

from dataclasses import replace

import pytest

from routing import Progress, SolveParams, check, solve_days_first
from tests.routing.naive_tours import best_plan, small_problem


@pytest.mark.parametrize("seed", range(2))
def test_the_best_plan_with_nights_is_found(seed: int) -> None:
    problem = small_problem(seed)
    result = solve_days_first(problem, SolveParams(time_limit_s=20))
    assert check(problem, result.solution) == []
    assert result.value == pytest.approx(best_plan(problem))


def test_days_on_which_no_tour_may_begin_are_left_to_tours() -> None:
    """The last day is after the horizon: alone it would be a tour that begins there."""
    problem = small_problem(1)
    shifts = (*problem.shifts[:-1], replace(problem.shifts[-1], starts_tour=False))
    spare = replace(problem, shifts=shifts)
    result = solve_days_first(spare, SolveParams(time_limit_s=20))
    assert check(spare, result.solution) == []
    assert result.value == pytest.approx(best_plan(spare))


def test_no_bound_of_days_is_told_for_nights() -> None:
    heard: list[Progress] = []
    problem = small_problem(2)
    result = solve_days_first(problem, SolveParams(time_limit_s=20), on_progress=heard.append)
    assert heard
    assert all(p.bound is None or p.bound >= result.value - 1e-6 for p in heard)
    assert [p.elapsed_s for p in heard] == sorted(p.elapsed_s for p in heard)
