"""Ruin and recreate: every plan it offers keeps the rules, and a seed repeats exactly."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from routing import SolveParams, TimeWindow, check, greedy, recompute
from routing.draft import Draft
from routing.heuristics.construct import greedy_draft
from routing.heuristics.search import Shaker
from routing.insertion import Insertions
from routing.problem import Allowance, KitPool, Problem
from routing.run import Run
from routing.shift_types import shift_types
from tests.builders import HOUR, line_matrix, make_problem, make_shift, make_visit, regency
from tests.routing.brute import optimum


def searched(problem: Problem, calls: int, start: Draft | None = None) -> tuple[Run, Shaker]:
    """A run after so many calls; every plan that was kept on the way is checked."""
    insertions = Insertions(problem)
    run = Run(
        insertions,
        SolveParams(time_limit_s=600, seed=4),
        lambda progress: kept.append(progress.solution),
        None,
    )
    kept: list[object] = []
    run.offer(start or greedy_draft(insertions))
    shaker = Shaker(insertions, shift_types(problem), 4)
    with ThreadPoolExecutor(2) as threads:
        for _ in range(calls):
            shaker.call(run, threads)
    for solution in kept:
        assert check(problem, solution) == []  # type: ignore[arg-type]
    return run, shaker


def with_windows(problem: Problem) -> Problem:
    """Every third village opens on Tuesday and Wednesday mornings only; long days are dearer."""
    mornings = tuple(
        TimeWindow(start=(24 * day + 8) * HOUR, end=(24 * day + 12) * HOUR) for day in (1, 2)
    )
    visits = tuple(
        replace(visit, windows=mornings) if v % 3 == 0 else visit
        for v, visit in enumerate(problem.visits)
    )
    step = (Allowance(longer_than=7 * HOUR, cost=150_000),)
    return replace(
        problem, visits=visits, shifts=tuple(replace(s, allowances=step) for s in problem.shifts)
    )


@pytest.mark.parametrize("change", [lambda p: p, with_windows], ids=["plain", "windows"])
def test_ruin_and_recreate_stays_legal_and_repeats_by_seed(change: object) -> None:
    problem = change(regency(n_villages=50, n_teams=3, n_days=3, seed=11))  # type: ignore[operator]
    runs = [searched(problem, 4)[0] for _ in range(2)]
    assert runs[0].best.choices == runs[1].best.choices
    assert runs[0].best.with_kit == runs[1].best.with_kit
    assert runs[0].n_rounds == runs[1].n_rounds > 0
    value = recompute(problem, runs[0].best.solution())[3]
    assert value >= recompute(problem, greedy(problem))[3]


def test_it_finds_the_best_of_all_plans_of_a_small_problem() -> None:
    # A near village worth 900 an hour, or 1000 in two; two far ones worth 2000 together only when
    # the near one stays short: 8 h = 3.5 h there and back + 2 h + 2 h + half an hour to spare.
    visits = [
        make_visit(1, options=((HOUR, 900), (2 * HOUR, 1000))),
        make_visit(2, duration=2 * HOUR),
        make_visit(3, duration=2 * HOUR),
    ]
    problem = make_problem(visits, matrices=(line_matrix(0, 600, 3600, 4800),))
    run, _ = searched(problem, 3)
    assert run.value == optimum(problem) == 2900


def test_a_required_visit_is_not_given_up_for_a_better_one() -> None:
    visits = [
        make_visit(1, duration=7 * HOUR, prize=1, required=True),
        make_visit(2, duration=7 * HOUR, prize=5000),
    ]
    run, _ = searched(make_problem(visits), 2)
    assert run.best.made == {0}


def test_a_kit_changes_hands_but_the_pool_is_kept_to() -> None:
    visits = [make_visit(1, prize=(0, 900)), make_visit(2, prize=(0, 600))]
    shifts = [make_shift(start=n, end=n, crew_with_kit=1, kit_pool=0, hours=(0, 2)) for n in (1, 2)]
    problem = make_problem(
        visits, shifts, matrices=(line_matrix(0, 0, 40000),), kit_pools=(KitPool(capacity=1),)
    )
    start = Draft(problem)
    start.put(1, True, ((1, 0),), 600)
    run, _ = searched(problem, 3, start)
    assert (run.value, run.best.with_kit) == (900, [True, False])


def test_the_routes_it_hands_on_are_worth_what_it_says() -> None:
    problem = regency(n_villages=40, n_teams=2, n_days=2, seed=3)
    _, shaker = searched(problem, 3)
    routes = list(shaker.routes())
    assert len(routes) > 4
    for shift, kit, choices, merit in routes:
        draft = Draft(problem)
        draft.put(shift, kit, choices, merit)
        assert check(problem, draft.solution()) == []
        assert merit == pytest.approx(2_000_000 * recompute(problem, draft.solution())[3])
    assert list(shaker.routes()) == []
