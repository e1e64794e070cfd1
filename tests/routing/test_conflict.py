"""Rules that contradict each other: no plan keeps them, and each of them is needed for that."""

from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings

from routing import Budget, Fairness, SolveParams, solve
from routing.explanation.conflict import Clash, ClashKind, relaxed
from routing.problem import KitPool, Problem, TimeWindow
from routing.solution import Contradiction, Status
from tests.builders import HOUR, line_matrix, make_problem, make_shift, make_visit
from tests.routing.brute_rules import optimum, ruled_problems

QUICK = SolveParams(time_limit_s=60, solution_limit=60)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(ruled_problems())
def test_a_contradiction_is_true_and_has_nothing_to_spare(problem: Problem) -> None:
    found = solve(problem, QUICK).contradiction
    assume(found is not None)
    assert found is not None
    assert found.is_minimal
    every = range(len(problem.visits))
    assert optimum(relaxed(problem, every, found.rules)) is None
    for rule in found.rules:
        rest = [clash for clash in found.rules if clash != rule]
        assert optimum(relaxed(problem, every, rest)) is not None


def clashes(problem: Problem) -> set[tuple[str, int]]:
    result = solve(problem, QUICK)
    assert result.status is Status.INFEASIBLE
    assert result.contradiction is not None
    assert result.contradiction.is_minimal
    return {(clash.kind.value, clash.position) for clash in result.contradiction.rules}


def test_a_required_visit_in_a_window_that_nobody_can_keep() -> None:
    # It takes ten minutes to get there, so no session can end within the first hour.
    early = (TimeWindow(start=0, end=HOUR),)
    visits = [make_visit(1), make_visit(1, required=True, windows=early)]
    assert clashes(make_problem(visits)) == {("required", 1), ("windows", 1)}


def test_two_required_visits_on_the_only_day_of_their_team() -> None:
    # 2 x 1200 + 2 x 3600 on a day of 9000 s; the second shift could take one of them.
    shifts = [make_shift(window=TimeWindow(start=0, end=9000))] * 2
    own = frozenset({0})
    visits = [make_visit(n, required=True, shifts=own) for n in (1, 2)] + [make_visit(1)]
    expected = {("required", 0), ("required", 1), ("shifts", 0), ("shifts", 1)}
    assert clashes(make_problem(visits, shifts)) == expected


def test_a_budget_that_is_too_small_for_a_district() -> None:
    matrix = line_matrix(0, HOUR, 2 * HOUR, costs=[[0, 10, 20], [10, 0, 10], [20, 10, 0]])
    rules = (Budget(limit=39), Fairness(visits=frozenset({1}), at_least=1), Budget(limit=99))
    visits = [make_visit(1, required=True), make_visit(2)]
    problem = make_problem(visits, matrices=(matrix,), rules=rules)
    assert clashes(problem) == {("rule", 0), ("rule", 1)}
    enough = replace(problem, rules=(Budget(limit=40), *rules[1:]))
    assert solve(enough, QUICK).status is Status.OPTIMAL


def test_a_required_visit_needs_no_kit() -> None:
    # Without signal a visit that must be made is made for nothing.
    shifts = [make_shift(crew_with_kit=1, kit_pool=0)]
    visits = [make_visit(1, prize=(0, 5), required=True)]
    problem = make_problem(visits, shifts, kit_pools=(KitPool(capacity=0),))
    assert solve(problem, QUICK).status is Status.OPTIMAL


def test_rules_that_are_kept_and_taken_away() -> None:
    pinned = make_visit(1, required=True, shifts=frozenset({0}))
    problem = make_problem([pinned, make_visit(2)], rules=(Budget(limit=5),))
    kept = relaxed(problem, {0}, [Clash(kind=ClashKind.REQUIRED, position=0)])
    assert [visit.required for visit in kept.visits] == [True, False]
    assert [visit.shifts for visit in kept.visits] == [None, frozenset()]
    assert kept.rules == ()


def test_what_is_seen_at_once_is_told_within_any_time() -> None:
    """The search would take all of a time that is over; which rules clash is told before it."""
    late = TimeWindow(start=0, end=HOUR - 1)
    visits = [
        make_visit(1, required=True, windows=(late,), shifts=frozenset({0})), make_visit(2),
    ]  # fmt: skip
    result = solve(make_problem(visits), SolveParams(time_limit_s=1))
    assert result.status is Status.INFEASIBLE
    assert result.contradiction == Contradiction(
        rules=(
            Clash(kind=ClashKind.WINDOWS, position=0), Clash(kind=ClashKind.REQUIRED, position=0),
        ),
        is_minimal=True,
    )  # fmt: skip
