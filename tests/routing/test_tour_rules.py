"""Rules over the whole plan where teams stay out: against every plan there is."""

from dataclasses import replace

import numpy as np
import pytest

from routing import Blanks, Budget, Fairness, KeepPublished, Problem, Rule, check, recompute
from routing.checks.check import rule_uses
from routing.run import SolveParams
from routing.solution import Itinerary, Solution, Status
from routing.solve import solve
from tests.routing.naive_tours import small_problem, tours_from

WORK = SolveParams(time_limit_s=3600, solution_limit=60)


def every_plan(problem: Problem) -> list[Solution]:
    """All plans of one team over two days, kits within their pools; orders of alike worth too."""
    by_first: dict[int, list[tuple[Itinerary, ...]]] = {}
    for s in range(len(problem.shifts)):
        pool = problem.shifts[s].kit_pool
        has_kit = pool is not None and problem.kit_pools[pool].capacity > 0
        for kit in (False, True) if has_kit else (False,):
            by_first.setdefault(s, []).extend(tours_from(problem, s, kit))
    first, second = by_first.get(0, []), by_first.get(1, [])
    plans = [Solution(), *(Solution(itineraries=tour) for tour in (*first, *second))]
    pairs: list[tuple[Itinerary, ...]] = []
    for a in (tour for tour in first if len(tour) == 1):
        made = {stop.visit for stop in a[0].stops}
        for b in second:
            if not made & {stop.visit for i in b for stop in i.stops}:
                pairs.append((*a, *b))  # noqa: PERF401 - one comprehension of this is not read
    return [*plans, *(Solution(itineraries=pair) for pair in pairs)]


def optimum(problem: Problem) -> float | None:
    """Best value of a plan that keeps to every rule, read by the independent checker."""
    best = None
    for plan in every_plan(problem):
        if any(x.excess and x.penalty is None for of in rule_uses(problem, plan) for x in of):
            continue
        value = recompute(problem, plan)[3]
        best = value if best is None else max(best, value)
    return best


def rules(problem: Problem, seed: int) -> tuple[Rule, ...]:
    rng = np.random.default_rng(seed)
    cards = tuple(
        tuple(tuple(int(x) for x in rng.integers(0, 1500, problem.n_crews)) for _ in v.options)
        for v in problem.visits
    )
    every: list[Rule] = [
        Budget(limit=int(rng.integers(0, 1_500_000))),
        Blanks(stock=int(rng.integers(0, 4)), cards=cards),
        Fairness(visits=frozenset({0, 1}), at_least=1, price=int(rng.integers(0, 3000))),
        Fairness(visits=frozenset({2}), at_least=1),
        KeepPublished(stops=frozenset({(0, 1), (1, 0)}), price=int(rng.integers(0, 2000))),
    ]
    chosen = rng.permutation(len(every))[: int(rng.integers(1, 4))]
    return tuple(every[i] for i in sorted(chosen))


@pytest.mark.parametrize("seed", range(10))
def test_tours_keep_to_rules_and_the_best_of_them_is_found(seed: int) -> None:
    base = small_problem(seed, n_visits=3, n_days=2)
    problem = replace(base, rules=rules(base, seed))
    best = optimum(problem)
    result = solve(problem, WORK)
    if best is None:
        assert result.status in (Status.INFEASIBLE, Status.NO_SOLUTION)
        return
    assert check(problem, result.solution) == []
    assert result.value == pytest.approx(best, abs=1e-6)
    assert result.bound is None or result.bound >= best - 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_a_budget_of_one_day_of_a_tour(seed: int) -> None:
    """The rupiah of one day are scarce: its way costs more than the same way the day before."""
    base = small_problem(seed, n_visits=3, n_days=2)
    free = optimum(base)
    for limit in (100_000, 400_000):
        problem = replace(base, rules=(Budget(limit=limit, shifts=frozenset({1})),))
        best = optimum(problem)
        result = solve(problem, WORK)
        assert check(problem, result.solution) == []
        assert best is not None
        assert free is not None
        assert result.value == pytest.approx(best)
        assert best <= free
