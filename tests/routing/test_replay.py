"""A run is its problem, parameters, seed and the answers of the clock: a replay is the same run."""

import math
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import product
from threading import Event
from typing import Any

import pytest

from routing import Engine, SolveParams, check, greedy, recompute, solve
from routing.columns.choice import BACKSTOP_S
from routing.columns.master import Choosing, Column
from routing.columns.proof import Proof
from routing.insertion import Insertions
from routing.problem import Problem, TimeWindow
from routing.replay import Questions, Replay
from routing.run import FOREVER_S, Run
from routing.shift_types import shift_types
from routing.solution import Result, StopReason
from tests.builders import make_problem, make_shift, make_visit, regency


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


def test_a_contradiction_is_found_again_without_a_clock() -> None:
    # Two sessions of an hour and 40 minutes of driving do not fit into 9599 s; the third one may.
    early = make_shift(window=TimeWindow(start=0, end=9599))
    required = [make_visit(n, required=True, shifts=frozenset({0})) for n in (1, 2)]
    third = make_visit(1, required=True, shifts=frozenset({1}))
    problem = make_problem([*required, third], [early, early])
    first = solve(problem, SolveParams(time_limit_s=60, seed=3))
    assert first.contradiction is not None
    assert first.contradiction.is_minimal
    assert first.replay is not None
    assert set(first.replay.verdicts) == {True, False}
    again = solve(problem, SolveParams(time_limit_s=0.01, seed=3, replay=first.replay))
    assert replace(again, stop_reason=first.stop_reason) == first
    # A run that had no time left to decide anything is repeated as it was, too.
    undecided = replace(first.replay, verdicts=(None,) * len(first.replay.verdicts))
    again = solve(problem, SolveParams(seed=3, replay=undecided))
    assert again.contradiction is not None
    assert not again.contradiction.is_minimal


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


Pair = tuple[Proof, list[Column]]
LOOKS = 3
"""Times that a run looks after slow work before it is done."""


def look_after(
    replay: Replay | None, patience_s: float, *, is_cancelled: bool = False
) -> tuple[bool, bool, Replay]:
    """Wait for work that lasts until it is interrupted or for some looks, however long these take.

    Whether it ended by itself, whether it was interrupted, and the answers of the clock.
    """
    looks, done, interrupted = iter(range(10**6)), Event(), Event()

    def should_stop() -> bool:
        if next(looks) >= LOOKS:
            done.set()
        return is_cancelled

    def interrupt() -> None:
        interrupted.set()
        done.set()

    insertions = Insertions(regency(n_villages=2, n_teams=1, n_days=1, seed=1))
    run = Run(insertions, SolveParams(time_limit_s=3600, replay=replay), None, should_stop)
    with ThreadPoolExecutor(1) as threads:
        is_whole = run.wait([threads.submit(done.wait)], interrupt, patience_s)
    return is_whole, interrupted.is_set(), run.questions.replay


def test_a_replay_has_all_the_patience_that_slow_work_needs() -> None:
    assert look_after(None, math.inf) == (True, False, Replay())
    assert look_after(None, 0.0) == (False, True, Replay(over=(1,)))
    assert look_after(Replay(), 0.0) == (True, False, Replay())


def test_what_was_cut_short_is_cut_short_again_and_a_cancel_cuts_a_replay_short() -> None:
    cut = Replay(over=(1,))
    assert look_after(cut, math.inf) == (False, True, cut)
    assert look_after(Replay(), math.inf, is_cancelled=True) == (False, True, cut)


@pytest.mark.parametrize(("patience_s", "is_whole"), [(-1.0, False), (3600.0, True)])
def test_work_found_done_only_after_its_time_counts_as_cut_short(
    patience_s: float, is_whole: bool
) -> None:
    insertions = Insertions(regency(n_villages=2, n_teams=1, n_days=1, seed=1))
    run = Run(insertions, SolveParams(time_limit_s=7200), None, None)
    future: Future[None] = Future()
    future.set_result(None)
    assert run.wait([future], lambda: None, patience_s) is is_whole
    assert run.questions.replay.over == (() if is_whole else (1,))


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def pair_of(problem: Problem, replay: Replay | None, threads: ThreadPoolExecutor) -> Pair:
    """Make a proof, and two columns of the same visit, with the worse option first."""
    insertions = Insertions(problem)
    run = Run(insertions, SolveParams(time_limit_s=3600, replay=replay), None, None)
    proof = Proof(insertions, shift_types(problem), run, threads)
    for visit, option in product(range(len(problem.visits)), (1, 2)):
        orders = ((visit, 0),), ((visit, option),)
        merits = [insertions.merit_of(0, with_kit=False, choices=order) or 0 for order in orders]
        if 0 < merits[0] < merits[1]:
            return proof, [Column(0, False, o, m) for o, m in zip(orders, merits, strict=True)]
    raise AssertionError("no visit has an option that is worth more than its first")


def test_of_columns_with_the_same_visits_a_replay_takes_the_one_that_was_chosen(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = regency(n_villages=12, n_teams=1, n_days=1, seed=1)
    proof, pair = pair_of(problem, None, threads)
    assert pair[0].key == pair[1].key

    def cut_when_done(futures: Collection[Future[Any]], *_: object) -> bool:
        wait(futures)
        return not proof.run.questions.is_cut(lambda _: True)

    monkeypatch.setattr(proof.run, "wait", cut_when_done)
    proof.choose(pair, [], 60)
    replay = proof.run.questions.replay
    assert [(number, positions) for number, positions, _ in replay.choices] == [(1, (1,))]
    again, _ = pair_of(problem, replay, threads)
    again.choose(pair, [], 60)
    assert again.run.best.choices == proof.run.best.choices == [pair[1].choices]
    assert again.run.questions.replay == replay


@pytest.mark.parametrize(("replay", "seconds"), [(None, 7 + BACKSTOP_S), (Replay(), FOREVER_S)])
def test_a_choice_has_a_clock_of_its_own_but_not_in_a_replay(
    replay: Replay | None,
    seconds: float,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[float] = []

    def choose(_: Choosing, time_s: float) -> tuple[None, float]:
        given.append(time_s)
        return None, math.inf

    monkeypatch.setattr(Choosing, "solve", choose)
    problem = regency(n_villages=12, n_teams=1, n_days=1, seed=1)
    proof, pair = pair_of(problem, replay, threads)
    proof.choose(pair, [], 60, 7.0)
    assert given == [seconds]


@pytest.mark.parametrize(("n_columns", "n_asked"), [(500, 1), (501, 2), (1001, 3)])
def test_a_choice_asks_the_clock_while_it_is_laid_out_and_a_replay_knows_what_came_of_it(
    n_columns: int,
    n_asked: int,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = regency(n_villages=12, n_teams=1, n_days=1, seed=1)
    proof, pair = pair_of(problem, None, threads)
    columns, asked = [pair[0]] * n_columns, []

    def at_last() -> bool:
        asked.append(True)
        return len(asked) == n_asked

    monkeypatch.setattr(proof.run, "is_told", at_last)
    monkeypatch.setattr(Choosing, "solve", lambda *_: pytest.fail("there is no time to choose"))
    proof.choose(columns, [], 60, 7.0)
    replay = proof.run.questions.replay
    assert len(asked) == n_asked
    assert replay.choices == ((1, None, math.inf),)
    again, _ = pair_of(problem, replay, threads)
    again.choose(columns, [], 60, 7.0)
    assert again.run.questions.replay == replay
