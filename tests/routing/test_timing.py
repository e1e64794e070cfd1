"""Itineraries timed by hand."""

import pytest

from routing.problem import Allowance, KitPool, Problem, TimeWindow
from routing.solution import Solution
from routing.timing import cost_of, distance_of, prize_of, timed, totals, value_of
from tests.builders import HOUR, line_matrix, make_problem, make_shift, make_visit


def times(problem: Problem, *choices: tuple[int, int], with_kit: bool = False) -> list[int] | None:
    """Departure, then arrival, start and departure of every stop, then arrival at the end."""
    plan = timed(problem, 0, with_kit, choices)
    if plan is None:
        return None
    stops = [t for s in plan.stops for t in (s.arrival, s.start, s.departure)]
    return [plan.departure, *stops, plan.arrival]


def test_two_stops_on_a_road() -> None:
    # 600 s out, 1 h, 600 s on, 1 h, 1200 s back.
    problem = make_problem([make_visit(1), make_visit(2)])
    assert times(problem, (0, 0), (1, 0)) == [0, 600, 600, 4200, 4800, 4800, 8400, 9600]


def test_a_session_runs_over_a_break() -> None:
    shift = make_shift(breaks=(TimeWindow(start=1000, end=1300),))
    problem = make_problem([make_visit(1)], [shift])
    # 600 + 3600 of service + 300 of break, then 600 back.
    assert times(problem, (0, 0)) == [0, 600, 600, 4500, 5100]


def test_a_session_starts_after_the_break_it_would_start_in() -> None:
    shift = make_shift(breaks=(TimeWindow(start=600, end=900),))
    problem = make_problem([make_visit(1)], [shift])
    assert times(problem, (0, 0)) == [0, 600, 900, 4500, 5100]


def test_the_team_leaves_as_late_as_the_first_window_allows() -> None:
    window = TimeWindow(start=5000, end=20000)
    problem = make_problem([make_visit(1, windows=(window,))])
    assert times(problem, (0, 0)) == [4400, 5000, 5000, 8600, 9200]


def test_leaving_late_goes_round_a_break() -> None:
    # The session opens at 5000; 600 s of travel and the break 4500..4900 lie before it.
    shift = make_shift(breaks=(TimeWindow(start=4500, end=4900),))
    visit = make_visit(1, windows=(TimeWindow(start=5000, end=20000),))
    assert times(make_problem([visit], [shift]), (0, 0)) == [4000, 5000, 5000, 8600, 9200]


def test_waiting_between_stops_is_seen_as_arrival_before_start() -> None:
    late = make_visit(2, windows=(TimeWindow(start=10000, end=20000),))
    problem = make_problem([make_visit(1), late])
    assert times(problem, (0, 0), (1, 0)) == [0, 600, 600, 4200, 4800, 10000, 13600, 14800]


@pytest.mark.parametrize(("end", "fits"), [(4200, True), (4199, False)])
def test_the_whole_session_lies_in_the_window(end: int, fits: bool) -> None:
    visit = make_visit(1, windows=(TimeWindow(start=0, end=end),))
    assert (times(make_problem([visit]), (0, 0)) is not None) is fits


@pytest.mark.parametrize(("end", "fits"), [(4500, True), (4499, False)])
def test_the_break_inside_a_session_counts_against_its_window(end: int, fits: bool) -> None:
    shift = make_shift(breaks=(TimeWindow(start=1000, end=1300),))
    visit = make_visit(1, windows=(TimeWindow(start=0, end=end),))
    assert (times(make_problem([visit], [shift]), (0, 0)) is not None) is fits


def test_the_first_window_that_is_long_enough_is_taken() -> None:
    windows = (TimeWindow(start=9000, end=13000), TimeWindow(start=500, end=4000))
    problem = make_problem([make_visit(1, windows=windows)])
    assert times(problem, (0, 0)) == [8400, 9000, 9000, 12600, 13200]


@pytest.mark.parametrize(("end", "fits"), [(4800, True), (4799, False)])
def test_the_day_ends_inside_the_shift(end: int, fits: bool) -> None:
    shift = make_shift(window=TimeWindow(start=0, end=end))
    assert (times(make_problem([make_visit(1)], [shift]), (0, 0)) is not None) is fits


def test_an_unreachable_leg_cannot_be_timed() -> None:
    reachable = [[True, True], [False, True]]
    matrix = line_matrix(0, 600, reachable=reachable)
    assert times(make_problem([make_visit(1)], matrices=(matrix,)), (0, 0)) is None


def test_a_forbidden_shift_cannot_make_the_visit() -> None:
    problem = make_problem([make_visit(1, shifts=frozenset({1}))], [make_shift(), make_shift()])
    assert timed(problem, 0, False, [(0, 0)]) is None
    assert timed(problem, 1, False, [(0, 0)]) is not None


def test_a_kit_needs_a_pool_and_brings_its_own_prize() -> None:
    visit = make_visit(1, prize=(100, 900))
    plain = make_problem([visit])
    assert timed(plain, 0, True, [(0, 0)]) is None
    shift = make_shift(crew_with_kit=1, kit_pool=0)
    problem = make_problem([visit], [shift], kit_pools=(KitPool(capacity=1),))
    prizes = []
    for with_kit in (False, True):
        plan = timed(problem, 0, with_kit, [(0, 0)])
        assert plan is not None
        prizes.append(prize_of(problem, plan))
    assert prizes == [100, 900]


def test_no_stop_is_no_itinerary() -> None:
    assert timed(make_problem([make_visit(1)]), 0, False, []) is None


@pytest.mark.parametrize(("longer_than", "due"), [(4800, 0), (4799, 170)])
def test_the_allowance_is_due_when_the_duty_is_longer(longer_than: int, due: int) -> None:
    # Fixed cost 1000, two legs of 7 rupiah, duty 600 + 3600 + 600 = 4800 s.
    shift = make_shift(fixed_cost=1000, allowances=(Allowance(longer_than=longer_than, cost=170),))
    matrix = line_matrix(0, 600, costs=[[0, 7], [7, 0]], distances=[[0, 5], [6, 0]])
    problem = make_problem([make_visit(1)], [shift], matrices=(matrix,), rupiah_per_document=2000)
    plan = timed(problem, 0, False, [(0, 0)])
    assert plan is not None
    assert cost_of(problem, plan) == 1014 + due
    assert distance_of(problem, plan) == 11
    # 1000 thousandths less 1014 (or 1184) rupiah at 2000 a document.
    expected = (1000, 1014 + due, 11, 1000 - (1014 + due) / 2)
    assert totals(problem, Solution(itineraries=(plan,))) == expected


def test_costs_do_not_count_without_a_price() -> None:
    assert value_of(make_problem([make_visit(1)]), 1234, 10 * HOUR) == 1234.0
