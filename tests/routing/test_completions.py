"""Bounds of what can follow: with sessions shorter than ways, and when told to stop."""

from itertools import permutations

import numpy as np
import pytest

from routing.columns import kernels, pricing
from routing.columns.completion_kernels import WORST, completions
from routing.columns.pricing import STEPS, Pricer
from routing.insertion import Insertions
from routing.problem import Problem, TimeWindow
from routing.shift_types import shift_types
from tests.builders import make_matrix, make_problem, make_shift, make_visit, regency

GO_ON, STOP = np.zeros(1, dtype=bool), np.ones(1, dtype=bool)
N_VISITS, HORIZON_H = 6, 8


def pricer_of(problem: Problem) -> Pricer:
    return Pricer(Insertions(problem), shift_types(problem).types[0], with_kit=False)


def short_sessions(seed: int) -> Problem:
    """Sessions of a second, ways of 600 s at least that differ by direction, some windows."""
    rng = np.random.default_rng(seed)
    times = rng.integers(600, 9000, (N_VISITS + 1, N_VISITS + 1))
    np.fill_diagonal(times, 0)
    visits = [
        make_visit(v, duration=1, prize=int(rng.integers(1, 9)), windows=windows)
        for v in range(1, N_VISITS + 1)
        for windows in [(TimeWindow(start=7200, end=20000),) if rng.random() < 0.3 else ()]
    ]
    return make_problem(visits, [make_shift(hours=(0, HORIZON_H))], matrices=(make_matrix(times),))


def worth(problem: Problem, order: tuple[int, ...]) -> float | None:
    """Prizes of visits made in this order; None where that cannot be done in time."""
    times, now, here = problem.matrices[0].durations, 0, 0
    for v in order:
        visit = problem.visits[v]
        now += int(times[here, visit.node])
        low, high = ((w := visit.windows[0]).start, w.end) if visit.windows else (0, 10**9)
        now, here = max(now, low) + 1, visit.node
        if now > high:
            return None
    is_home = now + int(times[here, 0]) <= HORIZON_H * 3600
    return float(sum(problem.visits[v].options[0].prizes[0] for v in order)) if is_home else None


@pytest.mark.parametrize("seed", range(6))
def test_steps_longer_than_sessions_lose_no_route(seed: int) -> None:
    problem = short_sessions(seed)
    pricer = pricer_of(problem)
    assert pricer._step == HORIZON_H * 3600 // STEPS  # 225 s, in spite of sessions of a second
    every = {
        frozenset(order): value
        for n in range(1, N_VISITS + 1)
        for order in permutations(range(N_VISITS), n)
        if (value := worth(problem, order)) is not None
    }
    best = max(every.values())
    found = pricer.price(np.zeros(N_VISITS), 0.0, GO_ON)
    while found.has_cycles:
        found = pricer.price(np.zeros(N_VISITS), 0.0, GO_ON)
    assert found.best == best
    listed = pricer.enumerate(np.zeros(N_VISITS), best - 5.5, best, GO_ON)
    assert listed is not None
    got = {frozenset(v for v, _ in route.choices): route.value for route in listed}
    assert got == {made: value for made, value in every.items() if value > best - 5.5}


@pytest.mark.parametrize(
    ("way", "session", "step"),
    [(100, 1, 100), (225, 1, 225), (226, 1, 225), (0, 100, 100), (100, 90, 100), (90, 100, 100)],
    ids=["way", "most", "above it", "same place", "way longer", "session longer"],
)
def test_a_step_is_the_longer_of_the_shortest_session_and_way(
    way: int, session: int, step: int
) -> None:
    times = np.array([[0, 900, 900], [900, 0, way], [900, way, 0]])
    visits = [make_visit(1, duration=session), make_visit(2, duration=session)]
    problem = make_problem(visits, [make_shift()], matrices=(make_matrix(times),))
    pricer = pricer_of(problem)
    assert pricer._step == step
    # Both visits fit: two sessions, the way between them and half an hour of driving.
    assert pricer.price(np.zeros(2), 0.0, GO_ON).best == 2000.0


def test_a_table_told_to_stop_is_not_filled_in() -> None:
    pricer = pricer_of(short_sessions(1))
    offers = pricer._offers(np.zeros(N_VISITS), 0.0, pricing.FREE)
    filled = [
        int((part.best > WORST).sum())
        for stop in (GO_ON, STOP)
        for part in completions(pricer.day, offers, pricer._step, stop)[1:]
    ]
    assert filled[0] > 0
    assert filled[1] > 0
    assert filled[2:] == [0, 0]


def test_no_label_is_made_of_a_table_that_was_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = regency(n_villages=12, n_teams=1, n_days=1, seed=1)
    pricer, made = pricer_of(problem), []
    monkeypatch.setattr(kernels, "price", lambda *_: made.append("labels"))
    monkeypatch.setattr(pricing, "enumerate_routes", lambda *_: made.append("routes"))
    duals = np.zeros(12)
    assert pricer.price(duals, 0.0, STOP) == pricing.Priced(None, ())
    assert pricer.sample(duals, 0.0, STOP) == ()
    assert pricer.enumerate(duals, 0.0, 1.0, STOP) is None
    assert made == []


def test_a_visit_alone_needs_no_way() -> None:
    pricer = pricer_of(make_problem([make_visit(1, duration=1)]))
    assert pricer.price(np.zeros(1), 0.0, GO_ON).best == 1000.0
