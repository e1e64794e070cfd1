"""Published instances are read as their formats say, and every score is checked from the file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.instances import (
    Instance,
    InstanceError,
    WrongScore,
    best_known,
    read_ophs,
    read_top,
    read_toptw,
    with_hotels,
)
from benchmarks.published import files, with_gap
from benchmarks.results import Row
from routing import Itinerary, Solution, SolveParams, Stop, check, greedy, solve, timed

TOP = """n 4
m 1
tmax {tmax}
0 0 0
3 0 5
3 4 7
0 4 0
"""
"""Start (0, 0), then 5 at (3, 0), 7 at (3, 4), end (0, 4): by both it is 3 + 4 + 3 = 10 long."""

TOPTW = """4 1 2 1
0 200
  0 0.00 0.00 0.00 0.00 0 0 0 {back}
  1 1.00 1.00 10.00 6.00 1 1 1 5 {close}
  2 2.00 2.00 10.00 9.00 1 1 1 0 100
"""
"""Legs are sqrt(2) = 1.414.., cut to 1.4, and sqrt(8) = 2.828.., cut to 2.8."""

OPHS = """4 1 2
12
{limits}

0 0 0
8 0 0
4 0 0
2 0 3
6 0 4
-----
"""
"""From hotel (0, 0) by (4, 0) to (8, 0), with scores 3 and 4 in the middle of the trips."""


def written(folder: Path, text: str, name: str = "x.txt") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def plan(instance: Instance, *orders: list[int], nights: tuple[int, ...] = ()) -> Solution:
    """Visits of each shift in order, whether they can be made or not."""
    problem = instance.problem
    assert all(v < len(problem.visits) for order in orders for v in order)
    starts, ends = (None, *nights), (*nights, None)
    return Solution(
        itineraries=tuple(
            Itinerary(
                shift=s, with_kit=False, departure=0, arrival=0,
                start=starts[s] if nights else None, end=ends[s] if nights else None,
                stops=tuple(Stop(visit=v, option=0, arrival=0, start=0, departure=0) for v in o),
            )
            for s, o in enumerate(orders)
        )
    )  # fmt: skip


@pytest.mark.parametrize(("tmax", "fits"), [("10", True), ("9.9999", False)])
def test_a_top_route_may_be_as_long_as_the_limit(tmp_path: Path, tmax: str, fits: bool):
    instance = read_top(written(tmp_path, TOP.format(tmax=tmax)))
    assert (timed(instance.problem, 0, False, [(0, 0), (1, 0)]) is not None) == fits
    both = plan(instance, [0, 1])
    if fits:
        assert instance.score(both) == 12
    else:
        with pytest.raises(WrongScore, match=r"route 0 is 10 long, above 9\.9999"):
            instance.score(both)
    # By the first alone it is 3 + 5 = 8 long, by the second 5 + 3.
    assert instance.score(plan(instance, [1])) == 7


def test_top_distances_are_rounded_up_to_ten_thousandths(shared_data: Path):
    instance = read_top(shared_data / "instances/top/Set4/p4.2.f.txt")
    # From (18.19, 6.32) to (15.52, 28.03): sqrt(2.67^2 + 21.71^2) = 21.873568.., one unit is the
    # session's.
    assert instance.problem.matrices[0].durations[0, 1] == 218736 - 1
    assert [s.window.end for s in instance.problem.shifts] == [500_000] * 2
    assert len(instance.problem.visits) == 98
    assert instance.problem.visits[0].options[0].prizes == (7,)


def test_points_without_a_score_are_left_out(tmp_path: Path):
    text = TOP.format(tmax=10).replace("3 0 5", "3 0 0")
    instance = read_top(written(tmp_path, text))
    assert instance.point_of == (2,)
    assert instance.score(plan(instance, [0])) == 7


@pytest.mark.parametrize(("close", "back", "fits"), [
    (5, "32.6", True), (5, "32.5", False), (4, "32.6", False),
])  # fmt: skip
def test_toptw_drives_in_tenths_and_waits_for_windows(
    tmp_path: Path, close: float, back: str, fits: bool
):
    """Arrive at 1.4, wait to 5, leave at 15, arrive at 16.4, leave at 26.4, back at 29.2.

    With the window of the first from 8.4 on instead of 5 that is 32.6: see the shift below.
    """
    text = TOPTW.format(back=back, close=close + 3.4).replace(" 5 ", " 8.4 ")
    instance = read_toptw(written(tmp_path, text), 1)
    # Begun at 8.4: 18.4, 19.8, 29.8, and 2.8 more is 32.6. Closing at 8.4 is in time, 7.4 is not.
    both = plan(instance, [0, 1])
    if fits:
        assert timed(instance.problem, 0, False, [(0, 0), (1, 0)]) is not None
        assert instance.score(both) == 15
    else:
        with pytest.raises(WrongScore):
            instance.score(both)


def test_toptw_has_as_many_routes_as_asked(shared_data: Path):
    instance = read_toptw(shared_data / "instances/toptw/r101.txt", 3)
    assert instance.name == "r101-m3"
    assert len(instance.problem.shifts) == 3
    visit = instance.problem.visits[0]
    # Point 1: window 161 to 171, ten long; a session may begin at 171 and end at 181.
    assert [(w.start, w.end) for w in visit.windows] == [(1610, 1810)]
    assert visit.options[0].duration == 100


@pytest.mark.parametrize(("limits", "fits"), [("4 4", True), ("4 3.9999", False)])
def test_ophs_trips_go_from_hotel_to_hotel(tmp_path: Path, limits: str, fits: bool):
    instance = read_ophs(written(tmp_path, OPHS.format(limits=limits), "x.ophs"))
    by_the_middle = plan(instance, [0], [1], nights=(2,))
    if fits:
        assert instance.score(by_the_middle) == 7
        result = solve(instance.problem, SolveParams(time_limit_s=60, solution_limit=3))
        assert instance.score(result.solution) == 7
        assert [i.end for i in result.solution.itineraries] == [2, None]
    else:
        with pytest.raises(WrongScore, match=r"route 1 is 4 long"):
            instance.score(by_the_middle)
    first, second = by_the_middle.itineraries
    elsewhere = replace(second, start=0)
    with pytest.raises(WrongScore, match="trip 2 does not go on"):
        instance.score(Solution(itineraries=(first, elsewhere)))
    with pytest.raises(WrongScore, match="does not reach the last hotel"):
        instance.score(Solution(itineraries=(first,)))


def test_hotels_can_be_fixed_for_those_who_cannot_choose(tmp_path: Path):
    instance = read_ophs(written(tmp_path, OPHS.format(limits="4 4"), "x.ophs"))
    fixed = with_hotels(instance, plan(instance, [0], [1], nights=(2,)))
    assert [(s.start, s.end) for s in fixed.problem.shifts] == [(5, 2), (2, 5)]
    assert not fixed.problem.has_nights
    solution = greedy(fixed.problem)
    assert check(fixed.problem, solution) == []
    assert fixed.score(solution) == 7
    with pytest.raises(WrongScore, match="route 0 is 8 long"):
        fixed.score(plan(fixed, [1], [0]))


def test_a_point_visited_twice_is_found(tmp_path: Path):
    instance = read_top(written(tmp_path, TOP.format(tmax=10)))
    with pytest.raises(WrongScore, match="visited twice"):
        instance.score(plan(instance, [0, 0]))


READ: dict[str, tuple[Callable[[Path], Instance], str]] = {
    "top": (read_top, TOP.format(tmax=10)),
    "toptw": (lambda path: read_toptw(path, 1), TOPTW.format(back=100, close=50)),
    "ophs": (read_ophs, OPHS.format(limits="4 4")),
}


@pytest.mark.parametrize(
    ("kind", "old", "new", "told"),
    [
        ("top", "m 1", "k 1", r"x\.txt line 2: m and a whole number should be here, not 'k 1'"),
        ("top", "3 0 5", "3 zero 5", r"line 5: x, y and score should be here, not '3 zero 5'"),
        ("top", "0 4 0\n", "", r"x\.txt: ends where x, y and score should be"),
        ("top", "0 4 0\n", "0 4 0\n1 1 1\n", r"line 8: nothing more, .* not '1 1 1'"),
        ("top", "tmax 10", "tmax inf", r"line 3: tmax and a number should be here"),
        ("top", "n 4", "n 1", r"n 1 must be whole, at least 2"),
        ("top", "3 0 5", "3 0 5.5", r"score 5\.5 is not whole"),
        ("toptw", "0 200", "zero", r"line 2: two numbers should be here"),
        ("toptw", "1 1 1 0 100", "", r"point 2 has 5 numbers, not 8 or more"),
        ("ophs", "4 4\n", "4\n", r"line 3: a limit for each trip should be here, not '4'"),
        ("ophs", "-----", "9 9 9", r"line 10: nothing more"),
    ],
)
def test_a_file_that_is_not_so_is_refused_by_line(
    tmp_path: Path, kind: str, old: str, new: str, told: str
):
    read, text = READ[kind]
    read(written(tmp_path, text))
    assert old in text
    with pytest.raises(InstanceError, match=told):
        read(written(tmp_path, text.replace(old, new, 1)))


def test_a_file_of_bytes_is_refused(tmp_path: Path):
    path = tmp_path / "x.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InstanceError, match="cannot be read as text"):
        read_top(path)


def test_every_shared_instance_is_read_and_its_greedy_plan_scores(shared_data: Path):
    folder = shared_data / "instances"
    readers: list[Callable[[], Instance]] = [
        *(lambda p=p: read_top(p) for p in sorted((folder / "top").rglob("p*.[m-t].txt"))[::25]),
        *(lambda p=p: read_toptw(p, 2) for p in sorted((folder / "toptw").glob("*1.txt"))),
        *(lambda p=p: read_ophs(p) for p in sorted((folder / "ophs").rglob("6*.ophs"))),
    ]
    assert len(readers) >= 10
    for read in readers:
        instance = read()
        solution = greedy(instance.problem)
        made = [stop.visit for i in solution.itineraries for stop in i.stops]
        prize = sum(instance.problem.visits[v].options[0].prizes[0] for v in made)
        assert instance.score(solution) == prize > 0


def test_best_known_values_are_found_above_the_folder(shared_data: Path, tmp_path: Path):
    # As in the file: p4.3.q was raised to 1253 by a checked solution.
    found = best_known(shared_data / "instances" / "top" / "Set4")
    assert (found["p4.3.q"], found["c101-m4"]) == (1253.0, 1020.0)
    written(tmp_path, "instance,best_known\na,1\nb,many\n", "best_known.csv")
    with pytest.raises(InstanceError, match=r"best_known\.csv line 3"):
        best_known(tmp_path)


def test_the_gap_is_to_the_best_known_and_else_to_the_bound():
    row = Row(
        instance="x", seed=1, method="ours", cores=2, seconds=10, peak_mb=1, status="feasible",
        score=990, bound=1100, gap=None, best_known=None, version="1",
    )  # fmt: skip
    assert (with_gap(row, 1000).gap, with_gap(row, 1000).best_known) == (0.01, 1000)
    assert (with_gap(row, None).gap, with_gap(row, None).best_known) == (0.1, None)


def test_a_folder_is_searched_for_instances(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    for name in ("deep/a.txt", "b.txt", "TOP_format.txt"):
        (tmp_path / name).write_text("")
    assert [p.name for p in files(tmp_path, ".txt", None)] == ["b.txt", "a.txt"]
    assert [p.name for p in files(tmp_path, ".txt", ["a"])] == ["a.txt"]
    assert files(tmp_path / "b.txt", ".txt", ["a"]) == [tmp_path / "b.txt"]
    with pytest.raises(SystemExit, match=r"no file \*\.ophs"):
        files(tmp_path, ".ophs", None)
