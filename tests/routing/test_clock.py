"""Time with breaks, against counting second by second."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.clock import all_worked, finish, pauses_at, resumes_at, worked
from routing.problem import Shift, TimeWindow
from routing.shift_types import windows_of
from tests.builders import make_problem, make_shift, make_visit


def shift_with(*breaks: tuple[int, int], start: int = 0, end: int = 200) -> Shift:
    pauses = tuple(TimeWindow(start=a, end=b) for a, b in breaks)
    return make_shift(window=TimeWindow(start=start, end=end), breaks=pauses)


LUNCH = shift_with((50, 60))


@pytest.mark.parametrize(
    ("at", "work", "ends"),
    [
        pytest.param(0, 50, 50, id="ends as the break begins"),
        pytest.param(0, 51, 61, id="one second goes over the break"),
        pytest.param(50, 1, 61, id="begins as the break begins"),
        pytest.param(55, 1, 61, id="begins inside the break"),
        pytest.param(60, 1, 61, id="begins as the break ends"),
        pytest.param(55, 0, 55, id="no work stays inside the break"),
        pytest.param(100, 7, 107, id="after the break"),
    ],
)
def test_finish_skips_the_break(at: int, work: int, ends: int) -> None:
    assert finish(LUNCH, at, work) == ends


def test_adjacent_breaks_count_as_one() -> None:
    assert finish(shift_with((50, 60), (60, 80)), 49, 2) == 81


def test_a_break_at_the_very_start_delays_the_first_second() -> None:
    shift = shift_with((10, 20), start=10)
    assert (pauses_at(shift, 0), resumes_at(shift, 0), finish(shift, 10, 1)) == (10, 20, 21)


def test_architecture_example_two_hours_from_eleven_over_lunch_end_at_two() -> None:
    hour = 3600
    pause = TimeWindow(start=12 * hour, end=13 * hour)
    shift = make_shift(hours=(8, 17), breaks=(pause,))
    assert finish(shift, 11 * hour, 2 * hour) == 14 * hour


@st.composite
def shifts(draw: st.DrawFn) -> Shift:
    start = draw(st.integers(0, 20))
    cuts = sorted(draw(st.lists(st.integers(start, start + 60), max_size=6, unique=True)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return shift_with(*pairs, start=start, end=start + 70)


@given(shifts(), st.integers(0, 80), st.integers(0, 40))
def test_finish_equals_a_walk_second_by_second(shift: Shift, offset: int, work: int) -> None:
    at = shift.window.start + offset
    clock, left = at, work
    while left:
        left -= not any(b.start <= clock < b.end for b in shift.breaks)
        clock += 1
    assert finish(shift, at, work) == clock


@given(shifts(), st.integers(0, 60))
def test_both_ends_of_a_working_second_bracket_all_moments_with_that_work(
    shift: Shift, done: int
) -> None:
    moments = [t for t in range(shift.window.start, 200) if worked(shift, t) == done]
    assert (moments[0], moments[-1]) == (pauses_at(shift, done), resumes_at(shift, done))


@given(st.lists(st.integers(0, 300), max_size=9))
def test_an_array_is_counted_like_each_of_its_moments(moments: list[int]) -> None:
    shift = shift_with((50, 60), (60, 80), (120, 121), start=10)
    counted = all_worked(shift, np.array(moments, dtype=np.int64))
    assert counted.tolist() == [worked(shift, at) for at in moments]


def test_windows_are_laid_out_by_visit_in_order_and_cut_to_the_shift() -> None:
    # A shift of 100 s from 10 on, with a break of 10 s at 50: 90 working seconds.
    shift = shift_with((50, 60), start=10, end=110)
    spans = [[], [(70, 90), (20, 40)], [(0, 55)], [(200, 210)]]
    visits = [
        make_visit(1, windows=tuple(TimeWindow(start=a, end=b) for a, b in span)) for span in spans
    ]
    lows, highs = windows_of(make_problem(visits, [shift]), shift)
    none = (91, -1)
    assert lows.shape == (4, 2)
    pairs = [list(zip(low, high, strict=True)) for low, high in zip(lows, highs, strict=True)]
    assert pairs[0] == [(0, 90), none]
    assert pairs[1] == [(10, 30), (50, 70)]
    assert pairs[2] == [(0, 40), none]
    assert pairs[3][0][0] > pairs[3][0][1]  # empty: first after last
