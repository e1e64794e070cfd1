"""A run is its problem, parameters, seed and the answers of the clock: a replay is the same run."""

from dataclasses import replace

import pytest

from routing import Engine, SolveParams, check, greedy, recompute, solve
from routing.problem import Problem
from routing.replay import Questions, Replay
from routing.solution import Result, StopReason
from tests.builders import regency


def same(problem: Problem, first: Result) -> Result:
    """Run again with the answers of the first run, and compare everything but the reason."""
    assert first.replay is not None
    again = solve(problem, SolveParams(time_limit_s=0.01, seed=3, replay=first.replay))
    assert check(problem, again.solution) == []
    assert replace(again, stop_reason=first.stop_reason) == first
    return again


@pytest.mark.parametrize("seconds", [0.05, 0.8, 2.0])
def test_a_run_ended_by_the_clock_is_repeated_without_one(seconds: float) -> None:
    problem = regency(n_villages=90, n_teams=5, n_days=5, seed=8)
    first = solve(problem, SolveParams(time_limit_s=seconds, seed=3))
    again = same(problem, first)
    ends = {StopReason.TIME: StopReason.WORK, StopReason.PROVEN: StopReason.PROVEN}
    assert again.stop_reason is ends[first.stop_reason]


def test_a_cancelled_run_is_repeated() -> None:
    problem = regency(n_villages=90, n_teams=5, n_days=5, seed=9)
    asked = iter(range(1000))
    first = solve(
        problem, SolveParams(time_limit_s=60, seed=3), should_stop=lambda: next(asked) > 12
    )
    assert first.stop_reason is StopReason.CANCELLED
    assert same(problem, first).stop_reason is StopReason.WORK


def test_routing_alone_goes_on_from_the_greedy_plan_and_proves_nothing() -> None:
    problem = regency(n_villages=40, n_teams=2, n_days=3, seed=2)
    params = SolveParams(time_limit_s=60, solution_limit=30, engine=Engine.ROUTING)
    result = solve(problem, params)
    assert check(problem, result.solution) == []
    assert set(result.found_by) <= {"greedy", "routing"}
    assert sum(result.found_by.values()) == len(result.solution.itineraries)
    assert (result.bound, result.work["pricings"], result.work["rounds"]) == (None, 0, 0)
    assert result.value >= recompute(problem, greedy(problem))[3]


def test_every_route_has_a_finder() -> None:
    problem = regency(n_villages=40, n_teams=2, n_days=3, seed=2)
    result = solve(problem, SolveParams(time_limit_s=60, solution_limit=40))
    assert sum(result.found_by.values()) == len(result.solution.itineraries)
    assert set(result.found_by) <= {"greedy", "local", "search", "pricing", "routing"}


def test_questions_are_numbered_and_answered_again() -> None:
    asked = Questions(None)
    answers = [asked.is_over(lambda: False), asked.is_over(lambda: True)]
    answers.append(asked.is_end(lambda: False))
    assert asked.choice() is None
    asked.cut_short(asked.number, (0, 2), 7.5)
    answers.append(asked.is_end(lambda: True))
    assert asked.replay == Replay(end=5, over=(2,), choices=((4, (0, 2), 7.5),))
    again = Questions(asked.replay)
    assert [again.is_over(lambda: True), again.is_over(lambda: False)] == answers[:2]
    assert again.is_end(lambda: False) is False
    assert again.choice() == ((0, 2), 7.5)
    assert again.is_end(lambda: False) is True
    assert again.is_end(lambda: False) is True  # for good, and not counted any more
    assert again.replay == asked.replay
