"""The search for long routes: its plans keep the rules, reach brute force, and repeat by seed."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest

from routing import (
    Away,
    Blanks,
    KitPool,
    Night,
    SolveParams,
    StopReason,
    TimeWindow,
    check,
    solve,
)
from routing.draft import Draft
from routing.heuristics.construct import greedy_draft
from routing.insertion import Insertions
from routing.long.long_kernels import fill, retime
from routing.long.long_layout import Table
from routing.long.long_routes import LONG, is_long, suits
from routing.long.long_search import LongSearch
from routing.problem import DAY_S, Problem
from routing.run import Run
from routing.shift_types import shift_types
from tests.builders import make_matrix, make_problem, make_shift, make_visit

MINUTE = 60


def plane(seed: int, n: int, *, n_shifts: int = 2, minutes: int = 100, **more: bool) -> Problem:
    """Visits of five minutes scattered around a base (node 0), with prizes 1 to 9."""
    random = np.random.default_rng(seed)
    points = random.uniform(0, 40, (n + 1, 2))
    apart = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
    times = np.ceil(apart).astype(np.int64) * MINUTE
    if more.get("uneven"):
        times += np.triu(random.integers(0, 3, times.shape)) * MINUTE
        np.fill_diagonal(times, 0)
    opens = random.integers(0, minutes // 2, n) * MINUTE
    visits = [
        make_visit(
            v + 1, duration=5 * MINUTE, prize=int(random.integers(1, 10)),
            windows=(TimeWindow(start=int(opens[v]), end=int(opens[v]) + 40 * MINUTE),)
            if more.get("windows") else (),
        )
        for v in range(n)
    ]  # fmt: skip
    shifts = [make_shift(team=s, hours=(0, minutes / 60)) for s in range(n_shifts)]
    return make_problem(visits, shifts, matrices=(make_matrix(times),))


def searched(problem: Problem, calls: int, rounds: int = 6000) -> tuple[Run, LongSearch]:
    """A run after so many calls; every plan that was kept on the way is checked."""
    insertions = Insertions(problem)
    kept: list[object] = []
    run = Run(
        insertions, SolveParams(time_limit_s=600, seed=1),
        lambda progress: kept.append(progress.solution), None,
    )  # fmt: skip
    run.offer(greedy_draft(insertions))
    search = LongSearch(insertions, shift_types(problem), 1)
    search._rounds = rounds
    with ThreadPoolExecutor(2) as threads:
        for _ in range(calls):
            search.call(run, threads)
    for solution in kept:
        assert check(problem, solution) == []  # type: ignore[arg-type]
    return run, search


def duration(problem: Problem, nodes: Sequence[int], order: Sequence[int]) -> float:
    """Seconds from the first node to the last by way of visits; infinity when one is too late."""
    times, now, here = problem.matrices[0].durations, 0, nodes[0]
    for v in order:
        visit = problem.visits[v]
        now += int(times[here, visit.node])
        for window in visit.windows:
            now = max(now, window.start)
            if now + visit.options[0].duration > window.end:
                return float("inf")
        now, here = now + visit.options[0].duration, visit.node
    return now + int(times[here, nodes[1]])


def best_by_hand(problem: Problem, ends: Callable[[], list[list[tuple[int, int]]]]) -> int:
    """Try every set of visits on every shift in every order, for every choice of ends."""
    n, best = len(problem.visits), 0
    prizes = [visit.options[0].prizes[0] for visit in problem.visits]
    for chain in ends():
        worth = []
        for s, nodes in enumerate(chain):
            limit = problem.shifts[s].window.end - problem.shifts[s].window.start
            fits = {0} if duration(problem, nodes, ()) <= limit else set()
            for k in range(1, n + 1):
                for order in permutations(range(n), k):
                    if duration(problem, nodes, order) <= limit:
                        fits.add(sum(1 << v for v in order))
            worth.append(fits)
        for chosen in product(*worth):
            if sum(c.bit_count() for c in chosen) == (union := _union(chosen)).bit_count():
                best = max(best, sum(prizes[v] for v in range(n) if union >> v & 1))
    return best


def _union(sets: Sequence[int]) -> int:
    whole = 0
    for one in sets:
        whole |= one
    return whole


KINDS = {"free": {}, "windows": {"windows": True}, "uneven": {"uneven": True}}


@pytest.mark.parametrize("more", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("seed", range(6))
def test_on_small_problems_nothing_better_exists(seed: int, more: dict[str, bool]) -> None:
    problem = plane(seed, 6, minutes=80, **more)
    run, _ = searched(problem, 2, 2000)
    assert run.best.rank == (0, best_by_hand(problem, lambda: [[(0, 0), (0, 0)]]))


def away(seed: int, days: int = 3, n: int = 6) -> Problem:
    """One team on one tour of so many days; it sleeps at nodes 1 to 3, no two days alike."""
    base = plane(seed, n + 3, n_shifts=1, uneven=False)
    windows = [
        TimeWindow(start=d * DAY_S, end=d * DAY_S + (45 + 10 * d) * MINUTE) for d in range(days)
    ]
    shifts = tuple(
        replace(
            base.shifts[0], window=window, away=Away(window=window), starts_tour=d == 0,
            night=Night(morning=d + 1, nodes=(1, 2, 3)) if d + 1 < days else None,
        )
        for d, window in enumerate(windows)
    )  # fmt: skip
    visits = tuple(visit for visit in base.visits if visit.node > 3)
    return replace(base, visits=visits, shifts=shifts, max_tour_days=days)


@pytest.mark.parametrize("seed", range(4))
def test_the_places_to_sleep_are_the_best_there_are(seed: int) -> None:
    problem = away(seed)

    def ends() -> list[list[tuple[int, int]]]:
        return [[(0, a), (a, b), (b, 0)] for a, b in product((1, 2, 3), repeat=2)]

    run, _ = searched(problem, 12, 2000)
    assert run.best.rank[1] == best_by_hand(problem, ends)
    assert check(problem, run.solution()) == []


@pytest.mark.parametrize("more", KINDS.values(), ids=KINDS)
def test_what_the_loops_count_is_what_the_routes_take(more: dict[str, bool]) -> None:
    problem = plane(11, 60, n_shifts=3, minutes=150, **more)
    run, search = searched(problem, 40, 200)
    for worker in search._workers:
        routes, ground = worker.routes, worker.chain.ground
        for s in range(3):
            order = routes.stops[s, 1 : routes.lengths[s] + 1].tolist()
            told = int(routes.spent[s]), float(routes.prizes[s])
            took = duration(problem, (0, 0), order)
            assert told[0] == took <= 150 * MINUTE
            assert told[1] == sum(problem.visits[v].options[0].prizes[0] for v in order)
            assert [int(routes.at[v]) for v in order] == [s] * len(order)
            assert [int(routes.position[v]) for v in order] == list(range(1, len(order) + 1))
            assert retime(ground, routes, s)
            assert (int(routes.spent[s]), float(routes.prizes[s])) == told
        made = int(routes.lengths.sum())
        assert (routes.at >= 0).sum() == made
        assert (worker.found.keys != 0).sum() == worker.found.made[0]
    assert check(problem, run.solution()) == []


@pytest.mark.parametrize("first", [0, 1])
def test_a_shift_that_is_favoured_is_filled_before_the_other(first: int) -> None:
    problem, other = plane(3, 30, minutes=90), 1 - first
    chain = LongSearch(Insertions(problem), shift_types(problem), 0)._chains[0]
    routes, room = chain.best, np.zeros((2, 30), dtype=np.int64)
    favour = np.array([1.0, 1.0])
    favour[first] = 1000.0  # prizes differ by 9 times, seconds added by less than 100 times
    fill(
        chain.ground, routes, Table(room, room.copy(), np.zeros(32, np.int64)),
        chain.ground.prizes[0].copy(), favour, np.zeros(2, np.bool_), np.zeros(30, np.int64),
    )  # fmt: skip
    full = routes.stops[first, 1 : routes.lengths[first] + 1].tolist()
    assert len(full) > 2
    assert routes.lengths[other] > 0
    for v in set(range(30)) - set(full):
        for i in range(len(full) + 1):
            assert duration(problem, (0, 0), [*full[:i], v, *full[i:]]) > 90 * MINUTE


def test_a_seed_and_a_limit_of_work_give_the_same_plan() -> None:
    problem = plane(5, 60, minutes=200)
    one, two = (
        solve(problem, SolveParams(time_limit_s=600, seed=7, solution_limit=8)) for _ in range(2)
    )
    assert one.solution == two.solution
    assert one.work == two.work
    assert one.work["rounds"] > 0
    assert one.stop_reason is StopReason.WORK


def test_a_run_is_done_again_from_what_its_clock_said() -> None:
    problem = plane(6, 60, minutes=200)
    stopped: list[int] = []

    def after_some() -> bool:
        stopped.append(0)
        return len(stopped) > 6

    params = SolveParams(time_limit_s=600, seed=3)
    first = solve(problem, params, should_stop=after_some)
    again = solve(problem, replace(params, replay=first.replay))
    assert again.solution == first.solution
    assert again.work == first.work


def test_the_search_finds_more_than_greedy_and_says_so() -> None:
    problem = plane(8, 70, minutes=240)
    greedy = greedy_draft(Insertions(problem)).rank[1]
    result = solve(problem, SolveParams(time_limit_s=600, seed=0, solution_limit=4))
    assert result.prize > greedy
    assert result.bound is None
    assert set(result.found_by) & {"search", "choice"}


def with_stops(problem: Problem, n: int) -> Draft:
    draft = Draft(problem)
    draft.put(0, False, [(v, 0) for v in range(n)], 0)
    return draft


def test_routes_are_long_from_seven_stops_on() -> None:
    problem = plane(1, 10, n_shifts=1)
    assert LONG == 6
    assert not is_long(problem, with_stops(problem, 6))
    assert is_long(problem, with_stops(problem, 7))
    assert not is_long(problem, Draft(problem))


def test_the_search_is_given_only_what_it_knows() -> None:
    problem = plane(1, 10)
    visit, shift = problem.visits[0], problem.shifts[0]
    assert suits(problem)
    twice = (TimeWindow(start=0, end=600), TimeWindow(start=900, end=1500))
    for odd in (
        replace(visit, required=True),
        replace(visit, windows=twice),
        replace(visit, options=visit.options * 2),
    ):
        assert not suits(replace(problem, visits=(odd, *problem.visits[1:])))
    assert suits(replace(problem, visits=(replace(visit, windows=twice[:1]), *problem.visits[1:])))
    with_kit = replace(shift, crew_with_kit=0, kit_pool=0)
    pools = (KitPool(capacity=1),)
    assert not suits(replace(problem, shifts=(with_kit, *problem.shifts[1:]), kit_pools=pools))
    assert not suits(replace(problem, rupiah_per_document=1000))
    blanks = Blanks(stock=1000, cards=tuple(((1000,),) for _ in problem.visits))
    assert not suits(replace(problem, rules=(blanks,)))


def test_only_tours_of_a_fixed_length_are_searched() -> None:
    problem = away(1)
    assert suits(problem)
    free = replace(problem.shifts[1], starts_tour=True)
    assert not suits(replace(problem, shifts=(problem.shifts[0], free, problem.shifts[2])))
    homely = [
        replace(s, night=None if s.night is None else replace(s.night, at_last_stop=True))
        for s in problem.shifts
    ]
    assert not suits(replace(problem, shifts=tuple(homely)))


def test_the_first_calls_are_short() -> None:
    problem = plane(5, 60, minutes=200)
    made = [searched(problem, calls)[0].n_rounds for calls in (1, 2, 3)]
    assert made == [2 * 200, 2 * (200 + 400), 2 * (200 + 400 + 800)]


@pytest.mark.parametrize(("left_s", "chooses"), [(47.9, False), (48.0, True)])
def test_no_choice_is_begun_near_the_end(
    left_s: float, chooses: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = plane(5, 20, minutes=100)
    asked: list[float] = []
    monkeypatch.setattr(Run, "left_s", property(lambda _: left_s))
    monkeypatch.setattr(
        LongSearch, "_choose", lambda _self, _run, _threads, limit_s: asked.append(limit_s)
    )
    searched(problem, 8, 50)  # of a limit of 600 s, of which a choice may take 4 %
    assert asked == ([24.0] if chooses else [])
