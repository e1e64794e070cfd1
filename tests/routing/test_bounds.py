"""What is proven without a search."""

import pytest
from hypothesis import HealthCheck, given, settings

from routing import bounds
from routing.bounds import Ways, fastest, impossible_required, prize_bound
from routing.problem import KitPool, Problem, Shift, TimeWindow
from tests.builders import line_matrix, make_problem, make_shift, make_visit
from tests.routing.brute import optimum, problems


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_no_plan_is_worth_more_and_none_makes_the_impossible(problem: Problem) -> None:
    best = optimum(problem)
    if best is not None:
        assert best <= prize_bound(problem)
        assert impossible_required(problem) == []


@pytest.mark.parametrize(("capacity", "bound"), [(0, 5), (1, 8)])
def test_the_bound_counts_kits_only_where_there_are_any(capacity: int, bound: int) -> None:
    problem = make_problem(
        [make_visit(1, options=((60, (5, 1)), (90, (4, 8))))],
        [make_shift(crew_with_kit=1, kit_pool=0)],
        kit_pools=(KitPool(capacity=capacity),),
    )
    assert prize_bound(problem) == bound


@pytest.mark.parametrize(("end", "impossible"), [(4800, []), (4799, [0])])
def test_a_required_visit_beyond_every_shift_is_found(end: int, impossible: list[int]) -> None:
    shift = make_shift(window=TimeWindow(start=0, end=end))
    assert impossible_required(make_problem([make_visit(1, required=True)], [shift])) == impossible


@pytest.mark.parametrize(("end", "impossible"), [(4200, []), (4199, [0])])
def test_its_windows_count(end: int, impossible: list[int]) -> None:
    visit = make_visit(1, required=True, windows=(TimeWindow(start=0, end=end),))
    assert impossible_required(make_problem([visit])) == impossible


def test_a_faster_way_over_another_node_is_not_overlooked() -> None:
    # The direct leg takes 9000 s each way, over node 1 it is 1200 s.
    durations = line_matrix(0, 600, 1200).durations.copy()
    durations[0, 2] = durations[2, 0] = 9000
    matrix = line_matrix(0, 600, 1200)
    slow = type(matrix)(
        durations=durations,
        distances=matrix.distances,
        costs=matrix.costs,
        reachable=matrix.reachable,
    )
    shift = make_shift(window=TimeWindow(start=0, end=1200 + 3600 + 1200))
    visit = make_visit(2, required=True)
    assert impossible_required(make_problem([visit], [shift], matrices=(slow,))) == []


def test_days_of_one_base_are_asked_for_their_ways_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    def counted(problem: Problem, shift: Shift) -> Ways:
        asked.append((shift.start, shift.end))
        return fastest(problem, shift)

    monkeypatch.setattr(bounds, "fastest", counted)
    ends = [(0, 0), (1, 1), (0, 1), (0, 0), (1, 1)]
    shifts = [make_shift(start=start, end=end) for start, end in ends]
    assert impossible_required(make_problem([make_visit(1, required=True)], shifts)) == []
    assert asked == [(0, 0), (1, 1), (0, 1)]
