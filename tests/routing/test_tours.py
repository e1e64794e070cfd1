"""Plans with nights out, from end to end, against every plan there is."""

import pytest

from routing.check import check
from routing.run import SolveParams
from routing.solution import Status
from routing.solve import solve
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
