"""Plans with hubs begin from the best plan without them."""

from dataclasses import replace

from routing import ServedOnce, SolveParams, check, solve_hubs_last
from routing.heuristics.hubs_last import hubs_of, without_hubs
from routing.problem import Problem
from routing.replan import stops_of
from tests.builders import make_problem, make_shift, make_visit

QUICK = SolveParams(time_limit_s=3600, solution_limit=60)


def two_villages(hub_prize: int, **rule: bool) -> Problem:
    """One day with time for one session: at village 0, at village 1, or at 0 for both (visit 2)."""
    visits = [make_visit(1, prize=500), make_visit(2, prize=400), make_visit(1, prize=hub_prize)]
    once = tuple(ServedOnce(sessions=frozenset({(v, 0), (2, 0)}), **rule) for v in (0, 1))
    return make_problem(visits, [make_shift(hours=(0, 1.7))], rules=once)


def test_a_visit_of_two_rules_is_a_hub() -> None:
    problem = two_villages(700)
    assert hubs_of(problem) == {2}
    plain = without_hubs(problem, frozenset({2}))
    assert (plain.rules, plain.visits[2].shifts) == ((), frozenset())
    assert not any(visit.required for visit in plain.visits)
    due = without_hubs(two_villages(700, is_required=True), frozenset({2}))
    assert [visit.required for visit in due.visits] == [True, True, False]


def test_a_hub_is_held_where_it_brings_more() -> None:
    for hub_prize, expected in ((499, (0, 0)), (501, (2, 0))):
        problem = two_villages(hub_prize)
        result = solve_hubs_last(problem, QUICK)
        assert stops_of(result.solution) == {expected}
        assert check(problem, result.solution) == []


def test_where_both_must_be_served_only_the_hub_will_do() -> None:
    problem = two_villages(10, is_required=True)
    result = solve_hubs_last(problem, QUICK)
    assert stops_of(result.solution) == {(2, 0)}
    assert check(problem, result.solution) == []


def test_without_hubs_it_is_the_plain_search() -> None:
    problem = replace(two_villages(700), rules=())
    assert hubs_of(problem) == frozenset()
    assert solve_hubs_last(problem, QUICK).value == 700
