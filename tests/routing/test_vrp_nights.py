"""OR-Tools routing on plans with nights out: days of tours get better, nights stay."""

from dataclasses import replace

import pytest

from routing import Engine, SolveParams, check, recompute, solve
from routing.draft import Draft
from routing.heuristics.construct import greedy_draft, never
from routing.heuristics.night_moves import NightMoves
from routing.heuristics.vrp import RoutingSearch
from routing.insertion import Insertions
from routing.problem import Away, KitPool, Night, Problem, TimeWindow
from routing.run import Run
from routing.solve import _route
from routing.stages import Stage
from routing.tours.tour import make_tour, put_tour
from tests.builders import DAY, HOUR, line_matrix, make_problem, make_shift, make_visit
from tests.routing.naive_tours import best_plan, small_problem


def with_tours(insertions: Insertions, seed: int = 0, n: int = 60) -> Draft:
    """A plan that has tours, made without any other search."""
    best = greedy_draft(insertions)
    moves = NightMoves(insertions, seed)
    for _ in range(n):
        draft = moves.moved(best, never)
        if draft is not None and draft.rank > best.rank:
            best = draft
    return best


def search(insertions: Insertions, start: Draft, limit: int = 30) -> list[Draft]:
    found: list[Draft] = []
    routing = RoutingSearch(insertions, start)
    routing.run(start, should_stop=never, found=found.append, solution_limit=limit)
    return found


@pytest.mark.parametrize("seed", [*range(100, 107), *range(108, 112)])
def test_plans_it_passes_are_legal_and_sleep_where_the_plan_does(seed: int) -> None:
    problem = small_problem(seed, n_visits=14, n_days=6, n_teams=3)
    insertions = Insertions(problem)
    start = with_tours(insertions)
    assert start.tours
    assert check(problem, start.solution()) == []
    found = search(insertions, start)
    per_prize = problem.rupiah_per_document or 1
    for draft in found:
        assert check(problem, draft.solution()) == []
        value = recompute(problem, draft.solution())[3]
        assert draft.rank == (0, pytest.approx(value * per_prize))
        for stage, before in zip(draft.stages, start.stages, strict=True):
            assert stage in (before, Stage(before.shift))
    assert found
    assert max(draft.rank for draft in found) >= start.rank


def test_some_plans_get_better() -> None:
    gains = []
    for seed in range(100, 106):
        insertions = Insertions(small_problem(seed, n_visits=14, n_days=6, n_teams=3))
        start = with_tours(insertions, n=10)
        best = max(draft.rank for draft in search(insertions, start))
        gains.append(best[1] - start.rank[1])
    assert sum(gain > 0 for gain in gains) >= 2


def two_days(hours: float, *, nodes: tuple[int, ...] = (), n_visits: int = 2) -> Problem:
    """Villages 4 h and 5 h from the base on a line, an hour each; two days of so many hours."""
    visits = [make_visit(node, duration=HOUR) for node in range(1, 1 + n_visits)]
    days = [(24 * day + 8, 24 * day + 8 + hours) for day in range(2)]
    shifts = [
        make_shift(
            hours=of_day,
            away=Away(window=TimeWindow(start=int(of_day[0] * HOUR), end=int(of_day[1] * HOUR))),
            night=Night(morning=1, nodes=nodes, at_last_stop=not nodes) if day == 0 else None,
        )
        for day, of_day in enumerate(days)
    ]
    return make_problem(visits, shifts, matrices=(line_matrix(0, 4 * HOUR, 5 * HOUR),))


@pytest.mark.parametrize(("hours", "n_made"), [(6, 2), (5.99, 1)], ids=["fits", "too-short"])
def test_a_day_before_a_night_at_its_last_visit_leaves_time_for_that(
    hours: float, n_made: int
) -> None:
    """To the nearer village 4 h and 1 h there; the next day 1 + 1 + 5 h to the farther and back."""
    problem = replace(two_days(hours + 1), max_tour_days=2)
    insertions = Insertions(problem)
    start = Draft(problem)
    tour = make_tour(insertions, (0, 1), (1,), False, (((0, 0),), ()))
    assert tour is not None
    put_tour(start, tour)
    found = search(insertions, start)
    assert max(len(draft.made) for draft in found) == n_made
    assert all(draft.choices[0][-1] == (0, 0) for draft in found)


def test_a_tour_that_is_left_without_a_visit_is_given_up() -> None:
    """The way to the farther village and back costs 7,200,000 Rp, its document brings 1,000."""
    problem = two_days(9, nodes=(1,))
    costly = replace(problem.matrices[0], costs=problem.matrices[0].durations * 1000)
    problem = replace(
        problem, visits=problem.visits[1:], matrices=(costly,), rupiah_per_document=1_000
    )
    insertions = Insertions(problem)
    start = Draft(problem)
    tour = make_tour(insertions, (0, 1), (1,), False, (((0, 0),), ()))
    assert tour is not None
    put_tour(start, tour)
    assert start.rank < (0, 0)
    best = max(search(insertions, start), key=lambda draft: draft.rank)
    assert best.stages == [Stage(0), Stage(1)]
    assert best.rank == (0, 0)
    assert RoutingSearch(insertions, start).fits(start)
    assert not RoutingSearch(insertions, start).fits(best)


def test_kits_on_tours_are_not_there_for_others() -> None:
    for seed in range(100, 110):
        problem = small_problem(seed, n_visits=14, n_days=6, n_teams=3)
        problem = replace(problem, kit_pools=tuple(KitPool(capacity=1) for _ in problem.kit_pools))
        insertions = Insertions(problem)
        start = with_tours(insertions, n=30)
        if any(start.with_kit[days[0]] for days in start.tours):
            for draft in search(insertions, start, 10):
                assert {x.rule for x in check(problem, draft.solution())} <= {"required"}
            return
    raise AssertionError("no plan has a tour with a kit: there is nothing to test")


def test_tours_it_passes_are_handed_on_whole_and_credited() -> None:
    problem = small_problem(105, n_visits=14, n_days=6, n_teams=3)
    insertions = Insertions(problem)
    run = Run(insertions, SolveParams(time_limit_s=600, solution_limit=30), None, None)
    run.offer(with_tours(insertions), "start")
    passed: dict = {}
    _route(run, RoutingSearch(insertions, run.best), 1.0, passed)
    assert passed
    for tour in passed:
        draft = Draft(problem)
        put_tour(draft, tour)
        assert check(problem, draft.solution()) == []
        finders = {run._finders[tour.with_kit, frozenset(day)] for day in tour.choices}
        assert finders <= {"start", "routing"}
    assert "routing" in run._finders.values()


@pytest.mark.parametrize("seed", range(6))
def test_alone_it_is_never_better_than_the_best_of_all_plans(seed: int) -> None:
    problem = small_problem(seed)
    params = SolveParams(time_limit_s=600, solution_limit=120, engine=Engine.ROUTING)
    result = solve(problem, params)
    assert check(problem, result.solution) == []
    assert result.value <= best_plan(problem) + 1e-6
    assert set(result.found_by) <= {"greedy", "routing"}


def test_alone_it_plans_nights_and_repeats_exactly() -> None:
    problem = small_problem(105, n_visits=14, n_days=6, n_teams=3)
    params = SolveParams(time_limit_s=600, solution_limit=100, engine=Engine.ROUTING)
    one, two = solve(problem, params), solve(problem, params)
    assert any(itinerary.end is not None for itinerary in one.solution.itineraries)
    assert one.value > greedy_draft(Insertions(problem)).rank[1] / (
        problem.rupiah_per_document or 1
    )
    assert one.solution == two.solution


def test_alone_a_run_that_the_clock_ended_is_made_again_from_its_replay() -> None:
    problem = small_problem(105, n_visits=14, n_days=6, n_teams=3)
    params = SolveParams(time_limit_s=1.0, engine=Engine.ROUTING)
    result = solve(problem, params)
    again = solve(problem, replace(params, time_limit_s=0.01, replay=result.replay))
    assert again.solution == result.solution
    assert again.work == result.work


@pytest.mark.parametrize(("opens", "n_made"), [(9.0, 1), (17.01, 0)], ids=["inside", "after"])
def test_windows_of_visits_are_cut_to_the_hours_of_sessions(opens: float, n_made: int) -> None:
    """On the second day of a tour, sessions end at 17: an hour fits until 16, whatever is open."""
    visit = make_visit(
        2, duration=HOUR, windows=(TimeWindow(start=int(DAY + opens * HOUR), end=DAY + 20 * HOUR),)
    )
    problem = two_days(9, nodes=(1,), n_visits=1)
    shifts = tuple(
        replace(
            shift,
            away=Away(window=TimeWindow(start=day * DAY + 6 * HOUR, end=day * DAY + 22 * HOUR)),
        )
        for day, shift in enumerate(problem.shifts)
    )
    problem = replace(problem, visits=(*problem.visits, visit), shifts=shifts)
    insertions = Insertions(problem)
    start = Draft(problem)
    tour = make_tour(insertions, (0, 1), (1,), False, (((0, 0),), ()))
    assert tour is not None
    put_tour(start, tour)
    best = max(search(insertions, start), key=lambda draft: draft.rank)
    assert len(best.choices[1]) == n_made
