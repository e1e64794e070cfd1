"""One reason for each visit left out; every reason at its limit."""

import pytest

from routing.explain import Reason, explain
from routing.problem import KitPool, Problem, TimeWindow
from routing.solution import Solution
from routing.solve import SolveParams, solve
from tests.builders import HOUR, line_matrix, make_problem, make_shift, make_visit


def reason(problem: Problem) -> tuple[str, int | None]:
    found = explain(problem, Solution())[0]
    return found.reason, found.limit


def test_forbidden() -> None:
    assert reason(make_problem([make_visit(1, shifts=frozenset())])) == (Reason.FORBIDDEN, None)
    assert reason(make_problem([make_visit(1)], [])) == (Reason.FORBIDDEN, None)


def test_no_need() -> None:
    assert reason(make_problem([make_visit(1, prize=0)])) == (Reason.NO_NEED, None)
    # Only a crew that may not make the visit could deliver something.
    visit = make_visit(1, prize=(0, 5), shifts=frozenset({0}))
    assert reason(make_problem([visit], [make_shift(), make_shift(crew=1)])) == (
        Reason.NO_NEED,
        None,
    )


@pytest.mark.parametrize("closed", [(0, 1), (1, 0)])
def test_unreachable_there_or_back(closed: tuple[int, int]) -> None:
    reachable = [[(i, j) != closed for j in range(2)] for i in range(2)]
    problem = make_problem([make_visit(1)], matrices=(line_matrix(0, 600, reachable=reachable),))
    assert reason(problem) == (Reason.UNREACHABLE, None)


def test_too_far_tells_the_seconds_missing_for_the_shortest_option_on_the_best_shift() -> None:
    # 600 out, 3600 there, 600 back = 4800; the longer of the two days is 4700.
    shifts = [make_shift(window=TimeWindow(start=0, end=end)) for end in (4000, 4700)]
    visit = make_visit(1, options=((2 * HOUR, 9), (HOUR, 5)))
    assert reason(make_problem([visit], shifts)) == (Reason.TOO_FAR, 100)
    fitting = make_problem([visit], [make_shift(window=TimeWindow(start=0, end=4800))])
    assert reason(fitting) == (Reason.NOT_CHOSEN, None)


def test_a_window_that_no_session_fits_is_not_called_too_far() -> None:
    for end, expected in ((4599, Reason.WINDOW), (4600, Reason.NOT_CHOSEN)):
        visit = make_visit(1, windows=(TimeWindow(start=1000, end=end),))
        assert reason(make_problem([visit])) == (expected, None)


def test_worth_nothing_without_a_kit() -> None:
    shift = make_shift(crew_with_kit=1, kit_pool=0)
    for capacity in (0, 1):
        problem = make_problem(
            [make_visit(1, prize=(0, 5))], [shift], kit_pools=(KitPool(capacity=capacity),)
        )
        assert reason(problem) == (Reason.WITHOUT_KIT, None)


@pytest.mark.parametrize(
    ("prize", "expected"),
    [
        (999, (Reason.COSTS_MORE, 1)),
        (1000, (Reason.COSTS_MORE, 0)),
        (1001, (Reason.NOT_CHOSEN, None)),
    ],
)
def test_costs_more_than_worth_tells_the_rupiah(
    prize: int, expected: tuple[str, int | None]
) -> None:
    # 1000 rupiah there and back, one rupiah buys one thousandth of a document.
    matrix = line_matrix(0, 600, costs=[[0, 500], [500, 0]])
    problem = make_problem(
        [make_visit(1, prize=prize)], matrices=(matrix,), rupiah_per_document=1000
    )
    assert reason(problem) == expected


def test_only_visits_left_out_are_explained() -> None:
    shift = make_shift(window=TimeWindow(start=0, end=4800))
    problem = make_problem([make_visit(1, prize=10), make_visit(1, prize=20)], [shift])
    result = solve(problem, SolveParams(time_limit_s=60, solution_limit=20))
    assert [(u.visit, u.reason) for u in result.unserved] == [(0, Reason.NOT_CHOSEN)]
