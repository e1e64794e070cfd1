"""The OR-Tools model by itself: started from nothing, it must still keep every rule."""

from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings

from routing.check import check, recompute
from routing.draft import Draft
from routing.insertion import Insertions
from routing.problem import Problem
from routing.vrp import RoutingSearch
from tests.builders import regency
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
