"""Plans with nights out, from end to end, against every plan there is."""

from dataclasses import replace

import pytest

from routing.checks.check import check
from routing.compiling import loading
from routing.run import SolveParams
from routing.solution import Status
from routing.solve import solve
from routing.tours import tour_pricing
from tests.routing.naive_tours import best_plan, small_problem

WORK = SolveParams(time_limit_s=3600, solution_limit=150)


@pytest.mark.parametrize("seed", range(10))
def test_the_best_plan_of_one_team_is_found(seed: int) -> None:
    problem = small_problem(seed)
    best = best_plan(problem)
    result = solve(problem, WORK)
    assert check(problem, result.solution) == []
    assert result.value == pytest.approx(best, abs=1e-6)
    assert result.bound is not None
    assert result.bound >= best - 1e-6


@pytest.mark.parametrize("seed", range(20, 26))
def test_two_teams_share_villages_and_kits(seed: int) -> None:
    problem = small_problem(seed, n_visits=3, n_teams=2)
    best = best_plan(problem)
    result = solve(problem, WORK)
    assert check(problem, result.solution) == []
    assert result.value == pytest.approx(best, abs=1e-6)
    if result.status == Status.OPTIMAL:
        assert result.bound == pytest.approx(best, abs=1e-3 * max(1.0, best))


def test_days_on_which_no_tour_may_begin_are_left_to_tours() -> None:
    """The last day is after the horizon: alone it would be a tour that begins there."""
    problem = small_problem(1)
    shifts = (*problem.shifts[:-1], replace(problem.shifts[-1], starts_tour=False))
    spare = replace(problem, shifts=shifts)
    result = solve(spare, WORK)
    assert check(spare, result.solution) == []
    assert result.value == pytest.approx(best_plan(spare))


def test_a_plan_with_nights_that_the_clock_cut_short_is_made_again_from_its_replay() -> None:
    problem = small_problem(105, n_visits=14, n_days=6, n_teams=3)
    loading(nights=True).result()
    result = solve(problem, SolveParams(time_limit_s=1.5))
    again = solve(problem, SolveParams(time_limit_s=1.5, replay=result.replay))
    assert again.solution == result.solution
    assert (again.value, again.bound, again.work) == (result.value, result.bound, result.work)


@pytest.mark.parametrize("seed", range(6))
def test_tours_that_come_twice_to_a_visit_never_get_into_a_plan(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nodes remember nothing but themselves the LP is full of such tours."""
    monkeypatch.setattr(tour_pricing, "NEIGHBOURS", 0)
    problem = small_problem(seed)
    best = best_plan(problem)
    result = solve(problem, WORK)
    assert check(problem, result.solution) == []
    assert result.value == pytest.approx(best, abs=1e-6)
    assert result.bound is not None
    assert result.bound >= best - 1e-6
