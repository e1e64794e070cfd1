"""Plans made in one go, on roads where the answer is seen."""

from collections.abc import Sequence
from time import perf_counter

import pytest

from routing.checks.check import check, recompute
from routing.heuristics.construct import greedy, greedy_draft, nearest_first, never
from routing.insertion import Insertions, Placements
from routing.problem import KitPool, Problem, TimeWindow
from routing.rules import Budget
from routing.solution import Solution
from routing.timing import Choice
from tests.builders import HOUR, line_matrix, make_problem, make_shift, make_visit, regency


def made(problem: Problem, solution: Solution) -> list[list[tuple[int, int]]]:
    assert check(problem, solution) == []
    return [[(s.visit, s.option) for s in plan.stops] for plan in solution.itineraries]


def test_nearest_first_goes_to_the_nearest_and_stays_longest() -> None:
    options = ((HOUR, 10), (2 * HOUR, 11))
    problem = make_problem([make_visit(2, options=options), make_visit(1, options=options)])
    # 8 h: out 10 min, 2 h, on 10 min, 2 h, back 20 min.
    assert made(problem, nearest_first(problem)) == [[(1, 1), (0, 1)]]


def test_nearest_first_takes_the_longest_that_still_fits() -> None:
    options = ((HOUR, 10), (2 * HOUR, 11))
    shift = make_shift(window=TimeWindow(start=0, end=2 * HOUR + 1199))
    problem = make_problem([make_visit(1, options=options)], [shift])
    assert made(problem, nearest_first(problem)) == [[(0, 0)]]


def test_nearest_first_passes_by_a_village_where_it_can_do_nothing() -> None:
    problem = make_problem([make_visit(1, prize=0), make_visit(2)])
    assert made(problem, nearest_first(problem)) == [[(1, 0)]]


def test_nearest_first_gives_kits_to_the_first_teams() -> None:
    visits = [make_visit(1, prize=(0, 5), duration=6 * HOUR) for _ in range(3)]
    shifts = [make_shift(crew_with_kit=1, kit_pool=0) for _ in range(3)]
    problem = make_problem(visits, shifts, kit_pools=(KitPool(capacity=2),))
    assert len(made(problem, nearest_first(problem))) == 2


def test_greedy_prefers_the_visit_that_brings_more_in_the_same_time() -> None:
    shift = make_shift(window=TimeWindow(start=0, end=4800))
    problem = make_problem([make_visit(1, prize=10), make_visit(1, prize=20)], [shift])
    assert made(problem, greedy(problem)) == [[(1, 0)]]


def test_greedy_makes_the_required_visit_before_a_better_one() -> None:
    shift = make_shift(window=TimeWindow(start=0, end=4800))
    visits = [make_visit(1, prize=0, required=True), make_visit(1, prize=20)]
    problem = make_problem(visits, [shift])
    assert made(problem, greedy(problem)) == [[(0, 0)]]


def test_greedy_leaves_what_costs_more_than_it_is_worth() -> None:
    # A leg costs 500 each way, a document is worth 1000 rupiah: one document breaks even.
    matrix = line_matrix(0, 600, costs=[[0, 500], [500, 0]])
    for prize, expected in ((1000, []), (1001, [[(0, 0)]])):
        problem = make_problem(
            [make_visit(1, prize=prize)], matrices=(matrix,), rupiah_per_document=1000
        )
        assert made(problem, greedy(problem)) == expected


def test_greedy_plans_a_regency_within_a_second_and_beats_the_plan_by_hand() -> None:
    problem = regency()
    assert (len(problem.visits), len(problem.shifts)) == (185, 25)
    started = perf_counter()
    solution = greedy(problem)
    assert perf_counter() - started < 1
    assert check(problem, solution) == []
    by_hand = nearest_first(problem)
    assert check(problem, by_hand) == []
    assert recompute(problem, solution)[3] > recompute(problem, by_hand)[3]


@pytest.mark.parametrize(
    ("limit", "prize"), [(399, 0), (400, 700), (799, 700), (800, 1400), (1000, 1400), (1950, 2400)]
)
def test_a_budget_goes_to_the_visits_that_bring_most_for_their_rupiah(
    limit: int, prize: int
) -> None:
    """Village 1 is near and worth 1000 but costs Rp 900; 2 and 3 bring 1400 for Rp 800."""
    rupiah = [[0, 450, 200, 200], [450, 0, 900, 900], [200, 900, 0, 400], [200, 900, 400, 0]]
    visits = [make_visit(1, prize=1000), make_visit(2, prize=700), make_visit(3, prize=700)]
    matrix = line_matrix(0, 600, 1800, 2400, costs=rupiah)
    problem = make_problem(visits, matrices=(matrix,), rules=(Budget(limit=limit),))
    solution = greedy(problem)
    assert check(problem, solution) == []
    assert recompute(problem, solution)[0] == prize


def test_greedy_looks_at_no_further_shift_once_told_to_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_at: list[int] = []

    def placements(
        self: Insertions, day: int, with_kit: bool, choices: Sequence[Choice]
    ) -> Placements:
        looked_at.append(day)
        return evaluate(self, day, with_kit, choices)

    evaluate = Insertions.placements
    monkeypatch.setattr(Insertions, "placements", placements)
    problem = regency(n_villages=20, n_teams=4, n_days=5, seed=1)
    draft = greedy_draft(Insertions(problem), lambda: len(looked_at) >= 3)
    assert len(looked_at) == 3
    assert draft.solution().itineraries == ()


def test_the_first_plan_is_filled_although_there_is_no_time_for_another_attempt() -> None:
    # The required visit never fits, which asks for another attempt; the other one does.
    visits = [make_visit(1, duration=9 * HOUR, required=True), make_visit(2)]
    insertions = Insertions(make_problem(visits))
    assert greedy_draft(insertions, lambda: True, never).made == {1}
    assert greedy_draft(insertions, lambda: True).made == set()
