"""Every kind of rule at once, nights out included: against every plan there is."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing import Problem, ServedOnce, SolveParams, check, greedy, nearest_first, recompute, solve
from routing.problem import Allowance
from routing.solution import Status
from tests.builders import HOUR
from tests.routing.naive_tours import small_problem
from tests.routing.test_proof import assert_none_above
from tests.routing.test_tour_rules import every_plan, rules

WORK = SolveParams(time_limit_s=3600, solution_limit=60)
PRESSED = {"required", "budget", "blanks", "fairness", "hub", "stability"}
"""Rules that a plan may break when none was found that keeps to all."""


def mixed(seed: int, n_visits: int = 3) -> Problem:
    """Draw two days of one team that may stay out, with any of the rules that there are."""
    rng = np.random.default_rng(seed)
    base = small_problem(seed, n_visits=n_visits, n_days=2)
    steps = tuple(
        Allowance(longer_than=int(rng.integers(2, 7)) * HOUR, cost=int(rng.integers(0, 400_000)))
        for _ in range(int(rng.integers(0, 3)))
    )
    visits = tuple(
        replace(
            visit,
            required=bool(rng.random() < 0.15),
            shifts=frozenset({int(rng.integers(0, 2))}) if rng.random() < 0.2 else None,
        )
        for visit in base.visits
    )
    shifts = tuple(replace(shift, allowances=steps) for shift in base.shifts)
    problem = replace(base, visits=visits, shifts=shifts)
    hub = ServedOnce(sessions=frozenset({(0, 0), (1, 0)}), is_required=bool(rng.random() < 0.2))
    return replace(problem, rules=(*rules(problem, seed), *([hub] if rng.random() < 0.4 else [])))


def optimum(problem: Problem) -> float | None:
    """Value of the best plan that the checker accepts; None when there is none."""
    kept = (plan for plan in every_plan(problem) if check(problem, plan) == [])
    return max((recompute(problem, plan)[3] for plan in kept), default=None)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 100_000))
def test_any_mix_of_all_rules_is_kept_and_no_plan_is_above_the_bound(seed: int) -> None:
    problem = mixed(seed)
    best = optimum(problem)
    result = solve(problem, WORK)
    if best is None:
        assert result.status in (Status.INFEASIBLE, Status.NO_SOLUTION)
        assert {x.rule for x in check(problem, result.solution)} <= PRESSED
        return
    if result.status is Status.NO_SOLUTION:  # never called infeasible
        return
    assert check(problem, result.solution) == []
    assert recompute(problem, result.solution)[3] == pytest.approx(result.value)
    assert result.value <= best + 1e-6
    if result.status is Status.OPTIMAL:
        assert result.value == pytest.approx(best, abs=1e-4 * max(1.0, abs(best)))
    assert result.bound is None or result.bound >= best - 1e-6
    for plan in (greedy(problem), nearest_first(problem)):
        if check(problem, plan) == []:
            assert recompute(problem, plan)[3] <= best + 1e-6


@pytest.mark.parametrize("seeds", [range(a, a + 25) for a in range(0, 100, 25)])
def test_no_plan_with_nights_and_rules_is_worth_more_than_the_bound(seeds: range) -> None:
    """Larger than what can be listed: no plan that any method finds is above it."""
    for seed in seeds:
        problem = mixed(seed, n_visits=6)
        result = solve(problem, SolveParams(time_limit_s=20, solution_limit=20))
        assert {x.rule for x in check(problem, result.solution)} <= PRESSED
        if result.bound is not None:
            assert check(problem, result.solution) == []
            assert_none_above(problem, result)
