"""Ruin and recreate over tours: the best of small problems, legal plans, values that are exact."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from routing import SolveParams, check, recompute
from routing.draft import Draft
from routing.heuristics.construct import greedy_draft
from routing.insertion import Insertions
from routing.problem import Away, KitPool, Night, Problem, TimeWindow
from routing.run import Run
from routing.shift_types import shift_types
from routing.tours.tour import put_tour, tours_of
from routing.tours.tour_search import TourShaker
from tests.builders import HOUR, line_matrix, make_problem, make_shift, make_visit
from tests.routing.naive_tours import best_plan, small_problem


def searched(problem: Problem, calls: int, seed: int = 4) -> tuple[Run, TourShaker]:
    """A run after so many calls; every plan that was kept on the way is checked."""
    insertions = Insertions(problem)
    kept: list[object] = []
    run = Run(
        insertions,
        SolveParams(time_limit_s=600, seed=seed),
        lambda progress: kept.append(progress.solution),
        None,
    )
    run.offer(greedy_draft(insertions))
    shaker = TourShaker(insertions, shift_types(problem), seed)
    with ThreadPoolExecutor(2) as threads:
        for _ in range(calls):
            shaker.call(run, threads)
    for solution in kept:
        assert check(problem, solution) == []  # type: ignore[arg-type]
    return run, shaker


@pytest.mark.parametrize("seed", range(16))
def test_it_finds_the_best_of_all_plans_of_a_small_problem(seed: int) -> None:
    problem = small_problem(seed)
    run, _ = searched(problem, 6)
    assert run.value == pytest.approx(best_plan(problem), abs=1e-6)


@pytest.mark.parametrize("seed", range(100, 112))
def test_plans_are_legal_and_worth_what_the_loops_think(seed: int) -> None:
    problem = small_problem(seed, n_visits=14, n_days=6, n_teams=3)
    run, shaker = searched(problem, 3)
    assert run.n_rounds > 0
    for worker in shaker._workers:
        draft = shaker._draft(worker.plan)
        assert check(problem, draft.solution()) == []
        # Nothing was left out because it could not be driven exactly so.
        assert draft.made == set(np.flatnonzero(worker.plan.at >= 0).tolist())
        value = recompute(problem, draft.solution())[3]
        assert worker.plan.values.sum() == pytest.approx(value, rel=1e-5, abs=1e-2)
        # A day without visits may hold a kit in the loops.
        assert (worker.left <= draft.kits_left()).all()
        assert (worker.left >= 0).all()


def test_a_seed_repeats_exactly() -> None:
    problem = small_problem(120, n_visits=14, n_days=5, n_teams=3)
    one, two = (searched(problem, 3, seed=7)[0] for _ in range(2))
    assert one.best.choices == two.best.choices
    assert one.best.stages == two.best.stages
    assert one.n_rounds == two.n_rounds > 0


def test_tours_and_days_handed_on_are_worth_what_they_say() -> None:
    problem = small_problem(105, n_visits=14, n_days=6, n_teams=3)
    run, shaker = searched(problem, 3)
    tours, days = list(shaker.tours()), list(shaker.routes())
    assert len(tours) > 10
    assert len(days) > 3
    per_prize = problem.rupiah_per_document or 1
    for tour in tours:
        draft = Draft(problem)
        put_tour(draft, tour)
        assert check(problem, draft.solution()) == []
        worth = per_prize * recompute(problem, draft.solution())[3]
        assert tour.merit == pytest.approx(worth)
    assert {tour.visits for tour in tours_of(run.best)} <= {tour.visits for tour in tours}
    assert list(shaker.tours()) == []


@pytest.mark.parametrize(("hours", "value"), [(6, 2000), (5.99, 1000)], ids=["fits", "too-short"])
def test_two_far_villages_need_days_that_are_long_enough(hours: float, value: int) -> None:
    """On a line, 4 h and 5 h from the base, an hour each, sleeping at the last visit: the farther
    one on the first day takes 6 h, the way back past the other one 1 + 1 + 4 h."""
    visits = [make_visit(node, duration=HOUR) for node in (1, 2)]
    days = [(24 * day + 8, 24 * day + 8 + hours) for day in range(2)]
    shifts = [
        make_shift(
            hours=of_day,
            away=Away(window=TimeWindow(start=int(of_day[0] * HOUR), end=int(of_day[1] * HOUR))),
            night=Night(morning=1, at_last_stop=True) if day == 0 else None,
        )
        for day, of_day in enumerate(days)
    ]
    problem = make_problem(visits, shifts, matrices=(line_matrix(0, 4 * HOUR, 5 * HOUR),))
    run, _ = searched(problem, 2)
    assert run.value == value


def test_a_tour_has_its_kit_on_all_days_or_none() -> None:
    """One kit a day: the tour that needs it takes it from the day trip that would bring less."""
    problem = small_problem(3, n_visits=8, n_days=4, n_teams=3)
    pools = tuple(KitPool(capacity=1) for _ in problem.kit_pools)
    run, _ = searched(replace(problem, kit_pools=pools), 2)
    for tour in tours_of(run.best):
        assert {run.best.with_kit[stage.shift] for stage in tour.stages} == {tour.with_kit}


def test_it_ends_when_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    # More rounds than could be made in hours: only being told so ends them.
    monkeypatch.setattr("routing.tours.tour_search.ROUNDS", (1 << 40, 1 << 40))
    problem = small_problem(104, n_visits=14, n_days=6, n_teams=3)
    insertions = Insertions(problem)
    run = Run(insertions, SolveParams(time_limit_s=600), None, lambda: True)
    run.offer(greedy_draft(insertions))
    before = run.best.rank
    shaker = TourShaker(insertions, shift_types(problem), 0)
    with ThreadPoolExecutor(2) as threads:
        shaker.call(run, threads)
    assert run.is_cancelled
    assert run.best.rank >= before


@pytest.mark.parametrize(("reserve_s", "is_late"), [(0.0, False), (3600.0, True)])
def test_a_search_ends_before_its_limit_by_what_is_reserved(
    reserve_s: float, is_late: bool
) -> None:
    run = Run(Insertions(small_problem(1)), SolveParams(time_limit_s=3600), None, None)
    run.reserve_s = reserve_s
    assert run.stop() is is_late
    assert run.left_s == pytest.approx(0 if is_late else 3600, abs=60)
