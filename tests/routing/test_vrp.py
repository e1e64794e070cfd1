"""The OR-Tools model by itself: started from nothing, it must still keep every rule."""

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from routing.checks.check import check, recompute
from routing.draft import Draft
from routing.heuristics.vrp import MAX_CELLS, RoutingSearch
from routing.insertion import Insertions
from routing.problem import Problem
from tests.builders import make_problem, make_shift, make_visit, regency
from tests.routing.brute import optimum, problems


def search(problem: Problem, limit: int = 40) -> list[Draft]:
    insertions = Insertions(problem)
    start = Draft(problem)
    found: list[Draft] = []
    routing = RoutingSearch(insertions, start)
    routing.run(start, should_stop=lambda: False, found=found.append, solution_limit=limit)
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_every_solution_it_passes_is_legal(problem: Problem) -> None:
    best = optimum(problem)
    for draft in search(problem):
        assert {x.rule for x in check(problem, draft.solution())} <= {"required"}
        if best is not None and not draft.missed:
            assert recompute(problem, draft.solution())[3] <= float(best) + 1e-9


def test_it_plans_alone_and_knows_what_its_plans_are_worth() -> None:
    problem = regency(n_villages=30, n_teams=2, n_days=2, seed=2)
    found = search(problem)
    best = max(found, key=lambda d: d.rank)
    value = recompute(problem, best.solution())[3]
    assert value > 0
    assert best.rank == (0, pytest.approx(value * 2_000_000))


@pytest.mark.parametrize("what", ["no day", "no visit"])
def test_a_week_that_is_over_has_no_model(what: str) -> None:
    """No team may leave any more, or nothing is left that is worth a visit."""
    over, prize = (False, 1000) if what == "no day" else (True, 0)
    problem = make_problem([make_visit(1, prize=prize)], [make_shift(starts_tour=over)])
    search = RoutingSearch(Insertions(problem), Draft(problem))
    found: list[Draft] = []
    assert search.run(Draft(problem), should_stop=lambda: False, found=found.append) == 0
    assert found == []


def test_it_stops_when_told_even_while_it_finds_nothing() -> None:
    problem = regency(n_villages=60, n_teams=3, n_days=3, seed=2)
    start = Draft(problem)
    routing = RoutingSearch(Insertions(problem), start)
    began = perf_counter()
    routing.run(
        start,
        should_stop=lambda: perf_counter() - began > 0.5,
        found=lambda _: None,
    )
    assert perf_counter() - began < 1.5


def test_no_part_of_it_has_a_clock_of_its_own() -> None:
    problem = regency(n_villages=3, n_teams=1, n_days=1, seed=2)
    parameters = RoutingSearch(Insertions(problem), Draft(problem))._parameters
    spans = {
        field.name: getattr(parameters, field.name).ToTimedelta().days
        for field in parameters.DESCRIPTOR.fields
        if field.message_type is not None and field.message_type.name == "Duration"
    }
    assert set(spans) >= {"time_limit", "lns_time_limit"}
    assert min(spans.values()) > 7  # no run is longer than a day


def test_a_stop_that_brings_its_team_nothing_is_left_out_without_a_word(
    capfd: pytest.CaptureFixture[str],
) -> None:
    visits = [make_visit(1, prize=(1000, 1000)), make_visit(2, prize=(0, 900))]
    problem = make_problem(visits, [make_shift(), make_shift(team=1, crew=1)])
    start = Draft(problem)
    start.put(0, False, [(0, 0), (1, 0)], 1000)
    found: list[Draft] = []
    routing = RoutingSearch(Insertions(problem), start)
    routing.run(start, should_stop=lambda: False, found=found.append, solution_limit=5)
    assert max(draft.rank for draft in found) >= (0, 1000)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("n_matrices", "n_nodes"), [(1, 240), (250, 200)])
def test_many_matrices_make_room_for_fewer_visits(n_matrices: int, n_nodes: int) -> None:
    """Times and costs of 250 networks, 500 tables in all: 20,000,000 / 500 = 200 x 200 places."""
    problem = regency(n_villages=80, n_teams=2, n_days=125, seed=1)
    shifts = tuple(
        replace(shift, matrix=s % n_matrices, crew=0, crew_with_kit=None, kit_pool=None)
        for s, shift in enumerate(problem.shifts)
    )
    far = [option.duration for visit in problem.visits for option in visit.options]
    visits = tuple(
        replace(visit, options=tuple(replace(o, prizes=(1, 1, 1, 1)) for o in visit.options))
        for visit in problem.visits
    )
    problem = replace(
        problem, visits=visits, shifts=shifts, matrices=problem.matrices * n_matrices, kit_pools=()
    )
    choices = RoutingSearch(Insertions(problem), Draft(problem), lambda: True).choices
    assert len(choices) == min(len(far), n_nodes)
    assert 2 * n_matrices * n_nodes**2 <= MAX_CELLS


@pytest.mark.parametrize("last", [0, 1, 2, 3, 9, 40])
def test_a_model_that_is_being_built_is_given_up_at_the_next_question(last: int) -> None:
    problem = regency(n_villages=60, n_teams=3, n_days=3, seed=2)
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > last

    routing = RoutingSearch(Insertions(problem), Draft(problem), should_stop)
    assert asked == last + 1
    assert routing.run(
        Draft(problem), should_stop=lambda: False, found=lambda _: None
    ) == 0  # fmt: skip


def test_a_model_is_asked_about_at_every_table_and_visit() -> None:
    problem = regency(n_villages=60, n_teams=3, n_days=3, seed=2)
    rng = np.random.default_rng(2)
    shifts = tuple(replace(s, matrix=int(rng.integers(0, 4))) for s in problem.shifts)
    problem = replace(problem, shifts=shifts, matrices=problem.matrices * 4)
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return False

    n_choices = len(RoutingSearch(Insertions(problem), Draft(problem), should_stop).choices)
    n_tables = len({s.matrix for s in shifts})
    n_classes = len({(s.matrix, c) for s in shifts for c in (s.crew, s.crew_with_kit)})
    assert asked == 5 + n_tables + n_classes + n_choices
