"""The whole solver, against every plan of tiny problems and against the checker."""

import sys
from collections.abc import Callable
from concurrent.futures import Future
from fractions import Fraction
from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings

from routing import Progress, SolveParams, check, greedy, recompute, solve
from routing.errors import InvalidProblem
from routing.heuristics.construct import nearest_first
from routing.problem import KitPool, Problem, TimeWindow
from routing.solution import Result, Status, StopReason
from tests.builders import HOUR, line_matrix, make_problem, make_shift, make_visit, regency
from tests.routing.brute import optimum, problems
from tests.routing.patience import ATTEMPTS, undisturbed_s

QUICK = SolveParams(time_limit_s=60, solution_limit=60)
TOO_LONG = make_problem([make_visit(1, duration=HOUR * 9)])  # for a shift of 8 hours


def judged(problem: Problem, result: Result) -> Result:
    """The checker agrees with the plan and with every figure told about it."""
    assert check(problem, result.solution) == []
    totals = (result.prize, result.cost, result.distance, result.value)
    assert recompute(problem, result.solution) == pytest.approx(totals)
    made = {stop.visit for plan in result.solution.itineraries for stop in plan.stops}
    left = sorted(set(range(len(problem.visits))) - made)
    assert [u.visit for u in result.unserved] == left
    return result


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_no_plan_beats_the_optimum_and_infeasible_is_true(problem: Problem) -> None:
    best = optimum(problem)
    result = solve(problem, QUICK)
    if result.status in (Status.INFEASIBLE, Status.NO_SOLUTION):
        assert {x.rule for x in check(problem, result.solution)} == {"required"}
        assert best is None or result.status is Status.NO_SOLUTION
        return
    assert best is not None
    assert judged(problem, result).value <= float(best) + 1e-9
    assert result.bound is not None
    assert result.bound >= float(best) - 1e-9


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_tiny_problems_are_solved_to_the_optimum_and_proven(problem: Problem) -> None:
    best = optimum(problem)
    if best is not None:
        result = judged(problem, solve(problem, QUICK))
        assert Fraction(result.value).limit_denominator(10**6) == best
        assert (result.status, result.stop_reason) == (Status.OPTIMAL, StopReason.PROVEN)
        assert result.bound == pytest.approx(float(best))
        assert result.gap == pytest.approx(0)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(max_visits=4, max_shifts=2))
def test_greedy_is_legal_and_never_better_than_the_optimum(problem: Problem) -> None:
    solution = greedy(problem)
    assert {x.rule for x in check(problem, solution)} <= {"required"}
    best = optimum(problem)
    if best is not None and not check(problem, solution):
        assert recompute(problem, solution)[3] <= float(best) + 1e-9


@settings(max_examples=30, deadline=None)
@given(problems(max_visits=4))
def test_nearest_first_is_legal(problem: Problem) -> None:
    assert {x.rule for x in check(problem, nearest_first(problem))} <= {"required"}


def test_infeasible_is_said_only_when_it_is_proven() -> None:
    visit = make_visit(1, required=True)
    just_long_enough = make_problem([visit], [make_shift(window=TimeWindow(start=0, end=4800))])
    assert judged(just_long_enough, solve(just_long_enough, QUICK)).solution.itineraries
    too_short = make_problem([visit], [make_shift(window=TimeWindow(start=0, end=4799))])
    result = solve(too_short, QUICK)
    assert (result.status, result.bound, result.gap) == (Status.INFEASIBLE, None, None)


def test_a_detour_that_opens_a_closed_way_is_not_called_infeasible() -> None:
    # Node 2 is reached only from node 1, so the visit cannot be made alone, but after the other.
    reachable = [[True, True, False], [True, True, True], [True, True, True]]
    matrix = line_matrix(0, 600, 1200, reachable=reachable)
    visits = [make_visit(1, prize=0), make_visit(2, required=True)]
    problem = make_problem(visits, matrices=(matrix,))
    assert solve(problem, QUICK).status is not Status.INFEASIBLE


@pytest.mark.parametrize(("end", "status"), [(9600, "optimal"), (9599, "infeasible")])
def test_two_required_visits_and_time_for_one_are_proven_infeasible(end: int, status: str) -> None:
    # There and back 2 x 1200, two sessions of 3600.
    visits = [make_visit(1, required=True), make_visit(2, required=True)]
    problem = make_problem(visits, [make_shift(window=TimeWindow(start=0, end=end))])
    result = solve(problem, QUICK)
    assert (result.status, result.stop_reason) == (status, StopReason.PROVEN)


@pytest.mark.parametrize(
    "problem",
    [
        pytest.param(make_problem([], matrices=(line_matrix(0),)), id="no visit"),
        pytest.param(make_problem([make_visit(1)], []), id="no shift"),
        pytest.param(make_problem([make_visit(1, prize=0)]), id="nothing to gain"),
        pytest.param(make_problem([make_visit(1, shifts=frozenset())]), id="all forbidden"),
    ],
)
def test_where_nothing_can_be_gained_the_empty_plan_is_proven(problem: Problem) -> None:
    result = judged(problem, solve(problem, SolveParams(time_limit_s=60)))
    assert result.solution.itineraries == ()
    assert (result.status, result.stop_reason) == (Status.OPTIMAL, StopReason.PROVEN)
    assert (result.value, result.bound, result.gap) == (0.0, 0.0, 0.0)


def test_a_plan_that_takes_every_prize_for_nothing_is_proven() -> None:
    problem = make_problem([make_visit(1), make_visit(2)])
    result = judged(problem, solve(problem, SolveParams(time_limit_s=60)))
    assert (result.status, result.value, result.bound) == (Status.OPTIMAL, 2000.0, 2000.0)


def test_nothing_is_claimed_while_nothing_is_proven() -> None:
    result = solve(TOO_LONG, SolveParams(time_limit_s=60, solution_limit=0))
    assert (result.status, result.bound, result.gap) == (Status.FEASIBLE, None, None)
    assert result.stop_reason is StopReason.WORK


def test_that_nothing_can_be_done_is_proven() -> None:
    result = solve(TOO_LONG, QUICK)
    assert (result.status, result.bound, result.gap) == (Status.OPTIMAL, 0.0, 0.0)
    assert result.stop_reason is StopReason.PROVEN


def test_the_kit_goes_to_the_team_that_gains_most_by_it() -> None:
    # Two teams at two ends of a road too long to swap; one kit; visit 1 gains 800, visit 2 100.
    visits = [make_visit(1, prize=(100, 900)), make_visit(2, prize=(500, 600))]
    shifts = [make_shift(hours=(0, 2), start=n, end=n, crew_with_kit=1, kit_pool=0) for n in (1, 2)]
    problem = make_problem(
        visits, shifts, matrices=(line_matrix(0, 0, 40000),), kit_pools=(KitPool(capacity=1),)
    )
    result = judged(problem, solve(problem, QUICK))
    assert [plan.with_kit for plan in result.solution.itineraries] == [True, False]
    assert result.prize == 1400


def test_the_same_seed_and_limit_repeat_exactly() -> None:
    problem = regency(n_villages=40, n_teams=2, n_days=3, seed=7)
    runs = [judged(problem, solve(problem, QUICK)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0].stop_reason is StopReason.PROVEN


def test_a_limit_that_ends_pricing_early_repeats_too() -> None:
    problem = regency(n_villages=60, n_teams=3, n_days=3, seed=7)
    few = SolveParams(time_limit_s=60, solution_limit=4)
    runs = [judged(problem, solve(problem, few)) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0].stop_reason is StopReason.WORK
    assert runs[0].work["solutions"] == 4


def test_the_search_never_ends_below_its_greedy_start() -> None:
    problem = regency(n_villages=60, n_teams=3, n_days=3, seed=3)
    result = judged(problem, solve(problem, QUICK))
    assert result.value >= recompute(problem, greedy(problem))[3]


def test_cancel_keeps_the_best_plan() -> None:
    problem = regency(n_villages=300, n_teams=8, n_days=5, seed=3)
    seen: list[Progress] = []
    started = perf_counter()
    result = solve(
        problem,
        SolveParams(time_limit_s=60),
        on_progress=seen.append,
        should_stop=lambda: perf_counter() - started > 1,
    )
    assert perf_counter() - started < 3
    assert judged(problem, result).stop_reason is StopReason.CANCELLED
    assert result.value == max(p.value for p in seen)
    assert result.solution == seen[-1].solution


def test_a_solve_does_not_wait_for_loops_that_are_still_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    never: Future[None] = Future()
    monkeypatch.setattr(sys.modules["routing.solve"], "loading", lambda **_: never)
    problem = regency(n_villages=60, n_teams=3, n_days=3, seed=3)
    started = perf_counter()
    result = judged(problem, solve(problem, SolveParams(time_limit_s=1.0)))
    assert perf_counter() - started < 1.05 + 1
    assert (result.stop_reason, result.bound) == (StopReason.TIME, None)
    assert result.value >= recompute(problem, greedy(problem))[3]


def test_a_clock_that_has_run_out_still_lets_the_first_plan_be_completed() -> None:
    problem = regency(n_villages=30, n_teams=2, n_days=2, seed=1)
    result = judged(problem, solve(problem, SolveParams(time_limit_s=1e-9)))
    assert result.stop_reason is StopReason.TIME
    assert result.solution == greedy(problem)
    assert len({stop.visit for plan in result.solution.itineraries for stop in plan.stops}) > 4


def test_a_clock_that_has_run_out_leaves_required_visits_beside_others() -> None:
    # Both required visits fit at once, so there is no other attempt; the others are filled in.
    visits = [make_visit(n, duration=HOUR, required=n < 3) for n in range(1, 6)]
    problem = make_problem(visits, [make_shift()])
    result = judged(problem, solve(problem, SolveParams(time_limit_s=1e-9)))
    assert result.value == 5000


def test_nothing_is_compiled_before_there_is_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    module, order = sys.modules["routing.solve"], []

    def noted(name: str, call: Callable[..., object]) -> Callable[..., object]:
        return lambda *args, **kwargs: (order.append(name), call(*args, **kwargs))[1]

    monkeypatch.setattr(module, "loading", noted("compiler", module.loading))
    monkeypatch.setattr(module, "greedy_draft", noted("plan", module.greedy_draft))
    solve(regency(n_villages=5, n_teams=1, n_days=1, seed=1), SolveParams(time_limit_s=1e-9))
    assert order == ["plan", "compiler"]


def test_a_run_cancelled_at_once_still_returns_a_legal_plan() -> None:
    problem = regency(n_villages=30, n_teams=2, n_days=2, seed=1)
    result = solve(problem, SolveParams(time_limit_s=60), should_stop=lambda: True)
    assert judged(problem, result).stop_reason is StopReason.CANCELLED


def test_progress_only_gets_better_and_comes_each_second() -> None:
    problem = regency(n_villages=300, n_teams=8, n_days=5, seed=5)
    for _ in range(ATTEMPTS):  # a busy machine is not late every time
        seen: list[Progress] = []
        times: list[float] = [undisturbed_s()]

        def note(progress: Progress, seen: list[Progress] = seen, at: list[float] = times) -> None:
            seen.append(progress)
            at.append(undisturbed_s())

        result = solve(problem, SolveParams(time_limit_s=2.5), on_progress=note)
        times.append(undisturbed_s())
        assert judged(problem, result).stop_reason is StopReason.TIME
        values = [p.value for p in seen]
        assert values == sorted(values)
        for progress in seen[:3]:
            assert check(problem, progress.solution) == []
        silence, whole = max(b - a for a, b in pairwise(times)), times[-1] - times[0]
        if silence <= 1 and whole < 2.5 * 1.05 + 1:
            return
    raise AssertionError(f"silent for {silence:.2f} s, {whole:.2f} s in all")


@pytest.mark.parametrize(
    "values",
    [{"time_limit_s": 0}, {"time_limit_s": 86401}, {"seed": -1}, {"solution_limit": -1}],
)
def test_parameters_out_of_range_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(InvalidProblem, match=next(iter(values))):
        SolveParams(**values)  # type: ignore[arg-type]
