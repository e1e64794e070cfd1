"""Pricing of whole tours against plain enumeration of every tour."""

import numpy as np
import pytest

from routing.check import recompute
from routing.insertion import Insertions
from routing.solution import Solution
from routing.stages import can_tour, team_days
from routing.tour_pricing import TourPricer
from routing.tours import make_tour
from tests.routing.naive_tours import small_problem, tours_from


def within(spans: np.ndarray) -> np.ndarray:
    """Best from any day on or after the first to any on or before the last, at least 0."""
    n = len(spans)
    return np.array(
        [[spans[a : b + 1, a : b + 1].max(initial=0.0) for b in range(n)] for a in range(n)]
    )


NO_STOP = np.zeros(1, dtype=bool)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kit", [False, True])
def test_no_tour_is_worth_more_than_pricing_says_and_the_best_is_found(
    seed: int, kit: bool
) -> None:
    problem = small_problem(seed)
    insertions = Insertions(problem)
    (shifts,) = team_days(problem)
    rng = np.random.default_rng(seed)
    duals = rng.uniform(-200, 1500, len(problem.visits)) * (rng.random() < 0.7)
    entry = rng.uniform(0, 400, len(shifts))
    best = np.zeros((len(shifts), len(shifts)))
    for a, s in enumerate(shifts):
        for tour in tours_from(problem, s, kit):
            if len(tour) > 1:
                value = recompute(problem, Solution(itineraries=tour))[3]
                value -= sum(duals[stop.visit] for i in tour for stop in i.stops)
                b = a + len(tour) - 1
                best[a, b] = max(best[a, b], value - entry[a : b + 1].sum())
    if not can_tour(problem, shifts):
        assert (best == 0).all()
        return
    pricer = TourPricer(insertions, shifts, kit)
    # Until the last cycle is remembered pricing may promise too much, never too little.
    for _ in range(20):
        priced = pricer.price(duals, entry, 0.0, NO_STOP)
        assert priced.spans is not None
        assert (within(priced.spans) >= within(best) - 1e-6).all()
        cycles = [tour for tour in priced.tours if tour.has_cycle]
        if not cycles:
            break
        for tour in cycles:
            pricer.remember(tour.choices, tour.sleeps)
    assert within(priced.spans) == pytest.approx(within(best), abs=1e-6)
    found = max((tour.value for tour in priced.tours), default=0.0)
    assert found == pytest.approx(best.max(), abs=1e-6)
    for tour in priced.tours:
        made = make_tour(
            insertions, shifts[tour.first : tour.first + len(tour.choices)], tour.sleeps, kit,
            tour.choices,
        )  # fmt: skip
        assert made is not None
        value = made.merit / insertions.per_prize - sum(duals[v] for v in made.visits)
        days = slice(tour.first, tour.first + len(tour.choices))
        assert value - entry[days].sum() == pytest.approx(tour.value, abs=1e-6)


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_with_too_few_labels_the_bound_is_loose_but_holds(seed: int) -> None:
    problem = small_problem(seed)
    (shifts,) = team_days(problem)
    pricer = TourPricer(Insertions(problem), shifts, with_kit=False)
    duals, entry = np.zeros(len(problem.visits)), np.zeros(len(shifts))
    exact = pricer.price(duals, entry, 0.0, NO_STOP)
    assert exact.spans is not None
    assert exact.n_labels > 2
    assert exact.spans.max() > 0
    assert pricer.price(duals, entry, 0.0, NO_STOP, cap=exact.n_labels + 1).n_labels > 0
    loose = pricer.price(duals, entry, 0.0, NO_STOP, cap=2)
    assert loose.spans is not None
    assert loose.n_labels < 0
    assert (within(loose.spans) >= within(exact.spans) - 1e-6).all()


def test_a_call_that_is_told_to_stop_gives_no_bound() -> None:
    problem = small_problem(0)
    (shifts,) = team_days(problem)
    pricer = TourPricer(Insertions(problem), shifts, with_kit=False)
    duals, entry = np.zeros(len(problem.visits)), np.zeros(len(shifts))
    assert pricer.price(duals, entry, 0.0, np.ones(1, dtype=bool)).spans is None
