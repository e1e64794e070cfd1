"""The checker, on plans written by hand: each rule just inside and just outside."""

from dataclasses import replace
from typing import Any

import pytest

from routing.checks.check import check, recompute
from routing.problem import Allowance, KitPool, Problem, TimeWindow
from routing.solution import Itinerary, Solution, Stop
from tests.builders import line_matrix, make_problem, make_shift, make_visit

# A road with a node every 100 s; sessions of 50 s; a break at 120..140 that falls into the first
# session: leave 0, arrive 100, serve 100..170 (50 s and the break), arrive 270, serve 270..320,
# back at node 0 after 200 s: 520.
PAUSE = TimeWindow(start=120, end=140)
STOPS = (
    Stop(visit=0, option=0, arrival=100, start=100, departure=170),
    Stop(visit=1, option=0, arrival=270, start=270, departure=320),
)
PLAN = Itinerary(shift=0, with_kit=False, departure=0, arrival=520, stops=STOPS)


def problem_with(visit: dict[str, Any] | None = None, **shift: Any) -> Problem:
    values: dict[str, Any] = {
        "window": TimeWindow(start=0, end=520),
        "breaks": (PAUSE,),
        "crew_with_kit": 1,
        "kit_pool": 0,
    }
    matrix = line_matrix(0, 100, 200)
    visits = [
        make_visit(1, duration=50, prize=(10, 20), **(visit or {})),
        make_visit(2, duration=50, prize=(30, 40)),
    ]
    return make_problem(
        visits,
        [make_shift(**(values | shift)), make_shift(**values)],
        matrices=(matrix,),
        kit_pools=(KitPool(capacity=1),),
    )


def rules(problem: Problem, *plans: Itinerary) -> dict[str, int | None]:
    return {x.rule: x.amount for x in check(problem, Solution(itineraries=plans))}


def moved(stop: int, **times: int) -> Itinerary:
    """The plan with one stop's fields changed."""
    stops = list(PLAN.stops)
    stops[stop] = replace(stops[stop], **times)
    return replace(PLAN, stops=tuple(stops))


def test_the_plan_by_hand_is_legal() -> None:
    assert check(problem_with(), Solution(itineraries=(PLAN,))) == []
    assert check(problem_with(), Solution()) == []


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        pytest.param(moved(0, arrival=99), {"travel": -1}, id="arrives a second early"),
        pytest.param(moved(1, arrival=269), {"travel": -1}, id="next leg a second short"),
        pytest.param(replace(PLAN, arrival=519), {"travel": -1}, id="home a second early"),
        pytest.param(replace(PLAN, departure=1), {"travel": -1}, id="leaves a second later"),
        pytest.param(moved(1, departure=321), {"session": 1, "travel": -1}, id="session too long"),
        pytest.param(moved(1, departure=319), {"session": -1, "travel": 1}, id="session too short"),
        pytest.param(
            moved(0, arrival=101), {"travel": 1, "order": 1}, id="starts before it arrives"
        ),
        pytest.param(
            moved(0, start=120), {"session": -20, "break": 0}, id="starts as the break begins"
        ),
        pytest.param(moved(0, start=119), {"session": -19}, id="starts just before the break"),
        pytest.param(moved(0, start=139), {"session": -20, "break": 19}, id="starts in the break"),
        pytest.param(moved(0, start=140), {"session": -20}, id="starts as the break ends"),
        pytest.param(replace(PLAN, with_kit=True), {}, id="takes the only kit"),
        pytest.param(replace(PLAN, stops=()), {"empty": None, "travel": 520}, id="no stop at all"),
        pytest.param(moved(0, option=1), {"position": 1}, id="option that does not exist"),
        pytest.param(moved(0, visit=2), {"position": 2}, id="visit that does not exist"),
        pytest.param(replace(PLAN, shift=2), {"position": 2}, id="shift that does not exist"),
        pytest.param(moved(0, visit=-1), {"position": -1}, id="negative position"),
    ],
)
def test_a_plan_changed_by_a_second_is_caught(
    plan: Itinerary, expected: dict[str, int | None]
) -> None:
    assert rules(problem_with(), plan) == expected


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ((100, 170), {}),
        ((101, 170), {"window": 1}),
        ((100, 169), {"window": 1}),
        ((105, 160), {"window": 15}),
    ],
)
def test_window(window: tuple[int, int], expected: dict[str, int]) -> None:
    visit = {"windows": (TimeWindow(start=window[0], end=window[1]),)}
    assert rules(problem_with(visit), PLAN) == expected


def test_a_session_may_not_use_two_windows() -> None:
    halves = (TimeWindow(start=0, end=130), TimeWindow(start=130, end=400))
    assert rules(problem_with({"windows": halves}), PLAN) == {"window": 30}


@pytest.mark.parametrize(("end", "expected"), [(520, {}), (519, {"shift-window": 1})])
def test_end_of_the_shift(end: int, expected: dict[str, int]) -> None:
    assert rules(problem_with(window=TimeWindow(start=0, end=end)), PLAN) == expected


def test_start_of_the_shift() -> None:
    late = problem_with(window=TimeWindow(start=1, end=520))
    assert rules(late, PLAN) == {"shift-window": 1}


@pytest.mark.parametrize(("shifts", "expected"), [({0}, {}), ({1}, {"not-allowed": None})])
def test_shifts_that_may_make_a_visit(shifts: set[int], expected: dict[str, None]) -> None:
    assert rules(problem_with({"shifts": frozenset(shifts)}), PLAN) == expected


def test_unreachable_leg() -> None:
    reachable = [[True] * 3, [True, True, False], [True] * 3]
    problem = problem_with()
    closed = make_problem(
        problem.visits,
        problem.shifts,
        matrices=(line_matrix(0, 100, 200, reachable=reachable),),
        kit_pools=problem.kit_pools,
    )
    assert rules(closed, PLAN) == {"unreachable": None}


def test_kit_pool() -> None:
    other = replace(PLAN, shift=1, with_kit=True)
    both = rules(problem_with(), replace(PLAN, with_kit=True), other)
    assert both == {"kit-pool": 1, "visit-twice": 2}
    assert rules(problem_with(), PLAN, other) == {"visit-twice": 2}


def test_kit_without_a_pool() -> None:
    problem = problem_with(crew_with_kit=None, kit_pool=None)
    assert rules(problem, replace(PLAN, with_kit=True)) == {"kit-without-pool": None}


def test_one_itinerary_per_shift() -> None:
    assert rules(problem_with(), PLAN, PLAN) == {"shift-twice": 2, "visit-twice": 2}


def test_required_visit() -> None:
    # Only the second stop: leave 0, over the break, arrive 220, serve until 270, back at 470.
    stop = Stop(visit=1, option=0, arrival=220, start=220, departure=270)
    short = replace(PLAN, arrival=470, stops=(stop,))
    assert rules(problem_with(), short) == {}
    assert rules(problem_with({"required": True}), short) == {"required": None}
    assert rules(problem_with({"required": True}), PLAN) == {}


def test_violations_say_where_and_how_much() -> None:
    (found,) = check(problem_with(), Solution(itineraries=(moved(0, arrival=99),)))
    assert (found.shift, found.visit) == (0, 0)
    assert "1 s too early" in found.message


@pytest.mark.parametrize(("longer_than", "due"), [(520, 0), (519, 50)])
def test_figures_by_hand(longer_than: int, due: int) -> None:
    shift = make_shift(
        window=TimeWindow(start=0, end=520), breaks=(PAUSE,), fixed_cost=7,
        allowances=(Allowance(longer_than=longer_than, cost=50),),
    )  # fmt: skip
    costs = [[0, 1, 2], [3, 0, 4], [5, 6, 0]]
    problem = make_problem(
        [make_visit(1, duration=50, prize=10), make_visit(2, duration=50, prize=30)],
        [shift],
        matrices=(line_matrix(0, 100, 200, costs=costs),),
        rupiah_per_document=100,
    )
    # Prize 10 + 30; legs 1 + 4 + 5 and 7 fixed; 1000 + 1000 + 2000 metres; 10 thousandths a rupiah.
    solution = Solution(itineraries=(PLAN,))
    assert recompute(problem, solution) == (40, 17 + due, 4000, 40 - 10 * (17 + due))
    assert recompute(problem, Solution()) == (0, 0, 0, 0.0)
