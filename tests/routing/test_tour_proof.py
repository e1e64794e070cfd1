"""Proofs over tours, their parts: against every plan there is."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from routing import Problem, check, recompute
from routing.compiling import loading
from routing.draft import Draft
from routing.heuristics.construct import greedy_draft
from routing.insertion import Insertions
from routing.run import Run, SolveParams
from routing.shift_types import shift_types
from routing.tours.tour_proof import TourProof
from tests.routing.naive_tours import small_problem
from tests.routing.test_tour_rules import every_plan


def dearer(problem: Problem, price: int) -> Problem:
    """Make every night dearer."""
    shifts = tuple(
        replace(
            s,
            night=s.night
            and replace(
                s.night,
                cost=s.night.cost + price,
                prices=tuple(p + price for p in s.night.prices),
            ),
        )
        for s in problem.shifts
    )
    return replace(problem, shifts=shifts, rupiah_per_document=1_000_000)


def answers(problem: Problem) -> list[tuple[bool, float]]:
    """Ask beside the best plan found and beside none at all; with what each of them is worth."""
    insertions = Insertions(problem)
    run = Run(insertions, SolveParams(time_limit_s=3600), None, None)
    loading(nights=True).result()
    run.offer(greedy_draft(insertions), "greedy")
    found = []
    with ThreadPoolExecutor(2) as threads:
        proof = TourProof(insertions, shift_types(problem), run, threads)
        proof._work_on_tours(())
        for plan in (run.best, Draft(problem)):
            run.best, proof._sought = plan, float("inf")
            found.append((proof._needs_no_tour(), run.value or 0.0))
        proof.close()
    return found


def best_with_a_night(problem: Problem) -> float:
    """Value of the best of all plans that have a night out; minus infinity without any."""
    return max(
        (
            recompute(problem, plan)[3]
            for plan in every_plan(problem)
            if any(itinerary.end is not None for itinerary in plan.itineraries)
            and not check(problem, plan)
        ),
        default=float("-inf"),
    )


@pytest.mark.parametrize("price", [0, 300_000, 3_000_000])
def test_where_no_tour_is_needed_no_plan_with_a_night_out_is_better(price: int) -> None:
    found = []
    for seed in range(10):
        problem = dearer(small_problem(seed, n_visits=3, n_days=2), price)
        best = best_with_a_night(problem)
        for is_needless, value in answers(problem):
            assert not is_needless or best <= value + 1e-6
            found.append(is_needless)
    assert any(found)
    assert not all(found) or price == 3_000_000  # then no night pays
