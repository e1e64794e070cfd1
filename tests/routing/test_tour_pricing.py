"""Pricing of whole tours against plain enumeration of every tour."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from routing.checks.check import recompute
from routing.columns.cuts import OddSet, priced
from routing.insertion import Insertions
from routing.problem import Problem
from routing.rules import Fairness
from routing.solution import Solution
from routing.stages import can_tour, team_days
from routing.tours import tour_pricing
from routing.tours.tour import make_tour
from routing.tours.tour_days import backward
from routing.tours.tour_kernels import price_tours, tabulate
from routing.tours.tour_pricing import PricedTour, TourPricer
from tests.routing.naive_tours import small_problem, tours_from


def within(spans: np.ndarray) -> np.ndarray:
    """Best from any day on or after the first to any on or before the last, at least 0."""
    n = len(spans)
    return np.array(
        [[spans[a : b + 1, a : b + 1].max(initial=0.0) for b in range(n)] for a in range(n)]
    )


NO_STOP = np.zeros(1, dtype=bool)


def best_spans(
    problem: Problem, kit: bool, duals: np.ndarray, entry: np.ndarray, paid: dict[OddSet, float]
) -> np.ndarray:
    """Best tour from day to day, at least 0, by trying every tour."""
    (shifts,) = team_days(problem)
    best = np.zeros((len(shifts), len(shifts)))
    for a, s in enumerate(shifts):
        for tour in tours_from(problem, s, kit):
            if len(tour) > 1:
                made = {stop.visit for i in tour for stop in i.stops}
                value = recompute(problem, Solution(itineraries=tour))[3]
                value -= sum(duals[v] for v in made)
                value -= sum(price for three, price in paid.items() if len(three & made) >= 2)
                b = a + len(tour) - 1
                best[a, b] = max(best[a, b], value - entry[a : b + 1].sum())
    return best


def prices(problem: Problem, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Prices of visits, some of them below 0, and of days."""
    rng = np.random.default_rng(seed)
    duals = rng.uniform(-200, 1500, len(problem.visits)) * (rng.random() < 0.7)
    (shifts,) = team_days(problem)
    return duals, rng.uniform(0, 400, len(shifts))


def check_values(
    problem: Problem, kit: bool, tours: Sequence[PricedTour], duals: np.ndarray,
    entry: np.ndarray, paid: dict[OddSet, float],
) -> None:  # fmt: skip
    """Time and weigh every tour again."""
    insertions, (shifts,) = Insertions(problem), team_days(problem)
    for tour in tours:
        days = slice(tour.first, tour.first + len(tour.choices))
        made = make_tour(insertions, shifts[days], tour.sleeps, kit, tour.choices)
        assert made is not None
        value = made.merit / insertions.per_prize - sum(duals[v] for v in made.visits)
        value -= sum(price for three, price in paid.items() if len(three & made.visits) >= 2)
        assert value - entry[days].sum() == pytest.approx(tour.value, abs=1e-6)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kit", [False, True])
@pytest.mark.parametrize("with_cuts", [False, True])
def test_no_tour_is_worth_more_than_pricing_says_and_the_best_is_found(
    seed: int, kit: bool, with_cuts: bool
) -> None:
    problem = small_problem(seed)
    (shifts,) = team_days(problem)
    duals, entry = prices(problem, seed)
    triples = [frozenset(three) for three in combinations(range(len(problem.visits)), 3)]
    paid = {three: 100.0 * (1 + k) for k, three in enumerate(triples)} if with_cuts else {}
    cuts = priced(list(paid), np.array(list(paid.values())), len(problem.visits))
    best = best_spans(problem, kit, duals, entry, paid)
    if not can_tour(problem, shifts):
        assert (best == 0).all()
        return
    pricer = TourPricer(Insertions(problem), shifts, kit)
    # Until the last cycle is remembered pricing may promise too much, never too little.
    for _ in range(20):
        answer = pricer.price(duals, entry, 0.0, NO_STOP, cuts=cuts)
        assert answer.spans is not None
        assert (within(answer.spans) >= within(best) - 1e-6).all()
        cycles = [tour for tour in answer.tours if tour.has_cycle]
        if not cycles:
            break
        for tour in cycles:
            pricer.remember(tour.choices, tour.sleeps)
    assert within(answer.spans) == pytest.approx(within(best), abs=1e-6)
    found = max((tour.value for tour in answer.tours), default=0.0)
    assert found == pytest.approx(best.max(), abs=1e-6)
    check_values(problem, kit, answer.tours, duals, entry, paid)
    # With the floor that a sample sets: the same best, and nothing promised too low.
    bound = pricer.bound(duals, entry, 0.0, NO_STOP, cuts=cuts)
    assert bound.spans is not None
    assert (within(bound.spans) >= within(best) - 1e-6).all()
    assert bound.spans.max() == pytest.approx(best.max(), abs=1e-6)
    check_values(problem, kit, bound.tours, duals, entry, paid)


@pytest.mark.parametrize("seed", range(12))
def test_a_sample_makes_no_visit_twice_and_is_worth_what_it_says(seed: int) -> None:
    problem = small_problem(seed)
    (shifts,) = team_days(problem)
    duals, entry = prices(problem, seed)
    best = best_spans(problem, False, duals, entry, {}).max()
    if not can_tour(problem, shifts):
        return
    sample = TourPricer(Insertions(problem), shifts, with_kit=False).sample(
        duals, entry, 0.0, NO_STOP
    )
    assert sample.spans is None
    assert not any(tour.has_cycle for tour in sample.tours)
    assert bool(sample.tours) == (best > 0)
    assert all(0 < tour.value <= best + 1e-6 for tour in sample.tours)
    check_values(problem, False, sample.tours, duals, entry, {})


@pytest.mark.parametrize("seed", range(6))
def test_a_sample_that_may_return_is_worth_no_more_than_the_best_of_its_kind(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tour_pricing, "NEIGHBOURS", 0)
    problem = small_problem(seed)
    (shifts,) = team_days(problem)
    if not can_tour(problem, shifts):
        return
    duals, entry = np.zeros(len(problem.visits)), np.zeros(len(shifts))
    pricer = TourPricer(Insertions(problem), shifts, with_kit=False)
    exact = pricer.price(duals, entry, 0.0, NO_STOP)
    assert exact.spans is not None
    once = pricer.sample(duals, entry, 0.0, NO_STOP)
    often = pricer.sample(duals, entry, 0.0, NO_STOP, may_return=True)
    best = max(tour.value for tour in often.tours)
    assert max(tour.value for tour in once.tours) <= best + 1e-6
    assert best <= exact.spans.max() + 1e-6


def test_a_sample_keeps_away_from_visits_that_nobody_pays_for() -> None:
    problem = small_problem(3)
    (shifts,) = team_days(problem)
    pricer = TourPricer(Insertions(problem), shifts, with_kit=False)
    duals, entry = np.zeros(len(problem.visits)), np.zeros(len(shifts))
    tours = pricer.sample(duals, entry, 0.0, NO_STOP).tours
    made = {v for day in tours[0].choices for v, _ in day}
    duals[list(made)] = 1e9
    left = pricer.sample(duals, entry, 0.0, NO_STOP).tours
    assert not any(v in made for tour in left for day in tour.choices for v, _ in day)


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


def test_a_pricer_made_in_haste_promises_no_less_than_there_is() -> None:
    """Told to stop while it is made, it drops no visit, so its bound can only be looser."""
    n_dropping = 0
    for seed in range(12):
        problem = small_problem(seed)
        (shifts,) = team_days(problem)
        if not can_tour(problem, shifts):
            continue
        duals, entry = prices(problem, seed)
        pricer = TourPricer(Insertions(problem), shifts, False)
        n_dropping += pricer._may_drop
        hasty = TourPricer(Insertions(problem), shifts, False, np.ones(1, dtype=bool))
        assert not hasty._may_drop
        answer = hasty.price(duals, entry, 0.0, NO_STOP)
        assert answer.spans is not None
        best = best_spans(problem, False, duals, entry, {})
        assert (within(answer.spans) >= within(best) - 1e-6).all()
    assert n_dropping > 0


@pytest.mark.parametrize("seed", range(16))
def test_tours_driven_backward_are_worth_what_they_are_forward(seed: int) -> None:
    base = small_problem(seed)
    (shifts,) = team_days(base)
    problem = replace(base, max_tour_days=len(shifts))  # backward there is no limit
    duals, entry = prices(problem, seed)
    pricer = TourPricer(Insertions(problem), shifts, with_kit=False)
    asked = pricer._asked(duals, entry, np.zeros(0), None)
    days, offers = backward(asked.days, asked.offers)
    table = tabulate(days, offers, pricer._step, NO_STOP)
    cuts = priced([], np.zeros(0), len(asked.offers.first) - 1)
    made, _, _, spans, _ = price_tours(
        days, offers, table, pricer._all, cuts, 0.0, pricer._step, 0, 1000, NO_STOP
    )
    assert made >= 0
    best = best_spans(problem, False, duals, entry, {})
    assert within(spans[::-1, ::-1].T) == pytest.approx(within(best), abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_a_tour_gets_what_a_district_pays_once(seed: int) -> None:
    base = small_problem(seed)
    district = frozenset({0, 1, 2})
    problem = replace(base, rules=(Fairness(visits=district, at_least=1, price=900),))
    (shifts,) = team_days(problem)
    if not can_tour(problem, shifts):
        return
    duals, entry = prices(problem, seed)
    best = np.zeros((len(shifts), len(shifts)))
    for a, s in enumerate(shifts):
        for tour in tours_from(base, s, kit=False):
            if len(tour) > 1:
                made = {stop.visit for i in tour for stop in i.stops}
                value = recompute(base, Solution(itineraries=tour))[3] - sum(duals[v] for v in made)
                b = a + len(tour) - 1
                value += 900 * bool(made & district) - entry[a : b + 1].sum()
                best[a, b] = max(best[a, b], value)
    pricer = TourPricer(Insertions(problem), shifts, with_kit=False)
    rules = np.array([-900.0])
    for _ in range(20):
        answer = pricer.price(duals, entry, 0.0, NO_STOP, rules)
        assert answer.spans is not None
        assert (within(answer.spans) >= within(best) - 1e-6).all()
        cycles = [tour for tour in answer.tours if tour.has_cycle]
        if not cycles:
            break
        for tour in cycles:
            pricer.remember(tour.choices, tour.sleeps)
    assert within(answer.spans) == pytest.approx(within(best), abs=1e-6)
    sample = pricer.sample(duals, entry, 0.0, NO_STOP, rules)
    assert all(0 < tour.value <= best.max() + 1e-6 for tour in sample.tours)


@pytest.mark.parametrize("seed", range(4))
def test_every_tour_pays_once_for_being_one_and_for_each_night(seed: int) -> None:
    problem = small_problem(seed)
    (shifts,) = team_days(problem)
    if not can_tour(problem, shifts):
        return
    duals, entry = prices(problem, seed)
    nights = np.append(np.full(len(shifts), 40.0), 300.0)
    pricer = TourPricer(Insertions(problem), shifts, with_kit=False)
    tours = pricer.sample(duals, entry, -1000.0, NO_STOP, nights=nights).tours
    assert tours
    before = [replace(tour, value=tour.value + 300 + 40 * len(tour.sleeps)) for tour in tours]
    check_values(problem, False, before, duals, entry, {})
