"""Tours listed under rules, and what is chosen among them: against every tour and plan there is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from routing import Budget, Fairness, Problem, check, recompute
from routing.compiling import loading
from routing.heuristics.construct import greedy_draft
from routing.insertion import Insertions
from routing.run import Run, SolveParams
from routing.shift_types import shift_types
from routing.solution import Solution
from routing.stages import can_tour, team_days
from routing.tours import tour_proof
from routing.tours.tour_master import Node, TourDuals
from routing.tours.tour_pricing import TourPricer
from routing.tours.tour_proof import TourProof
from tests.routing.naive_tours import best_plan, small_problem, tours_from
from tests.routing.test_tour_rules import every_plan, optimum, rules

NO_STOP = np.zeros(1, dtype=bool)
DISTRICT = frozenset({0, 1})
PAID, EACH = np.array([0.0007, -900.0]), 900.0
"""Prices of a rupiah and of the district's visit, and what that visit brings."""


def ruled(seed: int) -> Problem:
    """Give a small problem a budget and a district."""
    base = small_problem(seed)
    of_plan = Budget(limit=900_000), Fairness(visits=DISTRICT, at_least=1, price=2000)
    return replace(base, rules=of_plan)


def made_of(choices) -> frozenset[tuple[int, int]]:
    return frozenset(choice for day in choices for choice in day)


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 6, 8, 10, 11])
@pytest.mark.parametrize("kit", [False, True])
def test_the_best_tour_of_each_set_of_options_is_listed(seed: int, kit: bool) -> None:
    problem = ruled(seed)
    (shifts,) = team_days(problem)
    assert can_tour(problem, shifts)
    rng = np.random.default_rng(seed)
    duals, entry = rng.uniform(0, 800, len(problem.visits)), rng.uniform(0, 300, len(shifts))
    best: dict[tuple[int, int, frozenset[tuple[int, int]]], float] = {}
    for first in range(len(shifts)):
        for tour in tours_from(problem, first, kit):
            if len(tour) < 2:
                continue
            made = made_of([(s.visit, s.option) for s in i.stops] for i in tour)
            visits = {v for v, _ in made}
            prize, cost, _, _ = recompute(problem, Solution(itineraries=tour))
            per_rupiah = 1e3 / problem.rupiah_per_document if problem.rupiah_per_document else 0.0
            value = prize - cost * (per_rupiah + PAID[0]) + EACH * bool(visits & DISTRICT)
            value -= sum(duals[v] for v in visits) + entry[first : first + len(tour)].sum()
            key = first, len(tour), made
            best[key] = max(value, best.get(key, -np.inf))
    most, floor = max(best.values()), float(np.median(list(best.values())))
    pricer = TourPricer(Insertions(problem), shifts, kit)
    listed = pricer.enumerate(duals, entry, floor, most, NO_STOP, PAID)
    assert listed is not None
    found = {(t.first, len(t.choices), made_of(t.choices)): t.value for t in listed}
    wanted = {key: value for key, value in best.items() if value > floor + 1e-6}
    assert wanted
    assert len(found) == len(listed)
    assert {key: found[key] for key in wanted} == pytest.approx(wanted, abs=1e-6)
    assert len(found) <= sum(value > floor - 1e-6 for value in best.values())


def test_no_tours_are_listed_where_a_rule_or_a_prize_tells_days_apart() -> None:
    problem = ruled(10)
    (shifts,) = team_days(problem)
    n, duals = len(shifts), np.zeros(len(problem.visits))

    def listed(of: Problem) -> bool:
        pricer = TourPricer(Insertions(of), shifts, with_kit=False)
        prices = PAID[: len(of.rows)]
        return pricer.enumerate(duals, np.zeros(n), 0.0, 1e6, NO_STOP, prices) is not None

    assert listed(problem)
    one_day = Budget(limit=900_000, shifts=frozenset({1}))
    assert listed(replace(problem, rules=(Budget(limit=900_000, shifts=frozenset(shifts)),)))
    assert not listed(replace(problem, rules=(one_day,)))
    served = [s for s in shifts if problem.shifts[s].serves]
    assert len(served) > 1
    crews = [replace(x, crew=int(s == served[-1])) for s, x in enumerate(problem.shifts)]
    assert not listed(replace(problem, shifts=tuple(crews)))


@contextmanager
def proving(problem: Problem) -> Iterator[TourProof]:
    """Prove beside the greedy plan."""
    insertions = Insertions(problem)
    run = Run(insertions, SolveParams(time_limit_s=3600), None, None)
    loading(nights=True).result()
    run.offer(greedy_draft(insertions), "greedy")
    with ThreadPoolExecutor(2) as threads:
        proof = TourProof(insertions, shift_types(problem), run, threads)
        try:
            yield proof
        finally:
            proof.close()


def closed(problem: Problem, best: float, share: float) -> tuple[bool, bool]:
    """List at the first bound, so deep at most, beside the greedy plan.

    Whether that was tried, and closed the gap.
    """
    with proving(problem) as proof:
        assert proof._prepare()
        for column in proof.columns_of(proof.run.best):
            proof.master.add(column)
        while proof._price_quickly():
            pass
        while proof._price_exactly():
            pass
        bound = proof._bound
        assert bound >= best - 1e-6
        listed, n = proof._listed, []

        def some(reach: float):
            n.append(reach)
            return listed(reach) if reach <= share * n[0] else None

        proof._listed = some
        proof._close_node()
        assert proof._bound >= best - 1e-6
        assert proof._bound <= bound
        assert (proof.run.value or -np.inf) <= best + 1e-6
        return bool(n), proof._is_fathomed()


@pytest.mark.parametrize("share", [1.0, 0.4])
def test_a_choice_among_listed_tours_under_rules_bounds_every_plan(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tour_proof, "DEEPEST", (10.0, 10.0))
    outcomes = []
    for seed in range(14):
        base = small_problem(seed, n_visits=3, n_days=2)
        problem = replace(base, rules=rules(base, seed))
        best = optimum(problem)
        insertions = Insertions(problem)
        has_plan = best is not None and not greedy_draft(insertions).rank[0]
        if not has_plan or not can_tour(problem, team_days(problem)[0]):
            continue
        outcomes.append(closed(problem, best, share))
    assert (True, True) in outcomes


@pytest.mark.parametrize("seed", range(6))
def test_a_choice_that_counts_alike_days_together_bounds_plans_of_two_teams(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tour_proof, "DEEPEST", (10.0, 10.0))
    problem = small_problem(seed, n_visits=3, n_days=2, n_teams=2)
    closed(problem, best_plan(problem), 1.0)


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5])
def test_a_split_where_a_call_had_too_many_labels_bounds_every_plan(seed: int) -> None:
    base = small_problem(seed, n_visits=3, n_days=2)
    problem = replace(base, rules=(Budget(limit=500_000),))
    best = optimum(problem)
    assert best is not None
    with proving(problem) as proof:
        assert proof._prepare()
        assert proof.tour_duals() is not None
        proof._bound = 1e6
        assert proof._unanswered() is None
        proof._over = (0,)
        assert proof._branch()
        place = 0, 2  # the number of all tours stands behind the days
        parts = [proof._node, *proof._nodes]
        assert [part.limits[place] for part in parts] == [(1.0, np.inf), (0.0, 0.0)]
        proof._over = (0,)
        assert proof._unanswered() is None  # that it has one is settled here
        proof._work_on_tours(())
        assert (proof.run.value or 0.0) <= best + 1e-6
        assert proof.run.bound is not None
        assert proof.run.bound >= best - 1e-6


def cautious(problem: Problem, limits: tuple[float, float], best: float) -> list[float]:
    """Bound plans with so many tours where the first calls are said to have too many labels.

    How near to other duals the calls stayed.
    """
    shares: list[float] = []
    with proving(problem) as proof:
        assert proof._prepare()
        while proof._price_exactly():
            pass
        proof._node = Node(proof._bound, {(0, 2): limits})
        proof._tour_master.limit(proof._node.limits)
        proof._centre = proof._priced = None
        whole = proof._price_round

        def at_first_too_many(duals: TourDuals, **asked) -> int | None:
            added = whole(duals, **asked)
            shares.append(proof._caution)
            proof._over = (0,) if len(shares) < 3 else ()
            return added

        proof._price_round = at_first_too_many
        for _ in range(30):
            if not proof._price_exactly():
                break
        assert proof._bound >= best - 1e-6
        assert proof._bound <= proof._node.bound
    return shares


def test_duals_nearer_to_those_of_the_whole_week_bound_a_part_of_the_plans() -> None:
    shares = []
    for seed in (0, 1, 2, 3, 5):
        base = small_problem(seed, n_visits=3, n_days=2)
        problem = replace(base, rules=(Budget(limit=500_000),))
        for has_tour, limits in ((False, (0.0, 0.0)), (True, (1.0, np.inf))):
            values = [
                recompute(problem, plan)[3]
                for plan in every_plan(problem)
                if any(i.end is not None for i in plan.itineraries) == has_tour
                and not check(problem, plan)
            ]
            shares.append(cautious(problem, limits, max(values, default=-np.inf)))
    assert [0.0, 0.5, 0.75] in [asked[:3] for asked in shares]
