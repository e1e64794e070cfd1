"""Plans changed after something happened: what is over stays, the rest changes little."""

from dataclasses import replace

import pytest

from routing import (
    Blanks,
    Budget,
    Events,
    Fairness,
    InvalidProblem,
    Itinerary,
    KeepPublished,
    KitPool,
    Problem,
    ServedOnce,
    Solution,
    SolveParams,
    Stop,
    check,
    recompute,
    replan,
    solve,
)
from routing.replan import stops_of
from tests.builders import HOUR, line_matrix, make_problem, make_shift, make_visit, regency

QUICK = SolveParams(time_limit_s=60, solution_limit=60)


def three_days(**kwargs: object) -> Problem:
    """One team, three days of three hours, a village an hour away each worth an hour there."""
    visits = [make_visit(n, prize=p) for n, p in ((1, 1000), (2, 900), (3, 800), (4, 300))]
    shifts = [make_shift(hours=(24 * day, 24 * day + 3)) for day in range(3)]
    matrix = line_matrix(0, HOUR, HOUR, HOUR, HOUR)
    far = replace(matrix, durations=matrix.durations + 4 * HOUR * (matrix.durations == 0))
    return make_problem(visits, shifts, matrices=(far,), **kwargs)


def published(problem: Problem, *visits: int) -> Solution:
    """One visit a day."""
    days = []
    for day, v in enumerate(visits):
        at = problem.shifts[day].window.start
        stop = Stop(visit=v, option=0, arrival=at + HOUR, start=at + HOUR, departure=at + 2 * HOUR)
        days.append(
            Itinerary(shift=day, with_kit=False, departure=at, arrival=at + 3 * HOUR, stops=(stop,))
        )
    return Solution(itineraries=tuple(days))


def test_a_cancelled_village_makes_room_for_another() -> None:
    problem = three_days()
    plan = published(problem, 0, 1, 2)
    assert check(problem, plan) == []
    again = replan(problem, plan, Events(cancelled=frozenset({1})), QUICK)
    assert stops_of(again.result.solution) == {(0, 0), (3, 1), (2, 2)}
    assert (again.changed, again.added, again.n_published) == (frozenset(), {(3, 1)}, 2)
    assert again.result.value == 1000 + 300 + 800


@pytest.mark.parametrize(("price", "second"), [(599, 1), (601, 3)])
def test_a_change_has_to_bring_its_price(price: int, second: int) -> None:
    # The last day is lost. Going to village 1 instead of 3 on the second brings 900 - 300.
    problem = three_days()
    plan = published(problem, 0, 3, 2)
    again = replan(problem, plan, Events(lost=frozenset({2})), QUICK, price=price)
    assert stops_of(again.result.solution) == {(0, 0), (second, 1)}


def test_no_more_stops_change_than_allowed() -> None:
    problem = three_days()
    plan = published(problem, 3, 2, 1)
    free = replan(problem, plan, Events(), QUICK, price=0)
    one = replan(problem, plan, Events(), QUICK, price=0, max_changes=1)
    none = replan(problem, plan, Events(), QUICK, price=0, max_changes=0)
    assert free.result.value == 2700
    assert (one.result.value, one.changed) == (2700, {(3, 0)})
    assert (none.result.value, none.changed) == (2000, frozenset())


def test_what_is_over_stays_and_counts() -> None:
    costs = [[0, 10, 10, 10, 10]] + [[10, 0, 0, 0, 0]] * 4
    matrix = replace(three_days().matrices[0], costs=line_matrix(0, 0, 0, 0, 0, costs=costs).costs)
    rules = (
        Budget(limit=45),
        Blanks(stock=2, cards=(((800,),), ((900,),), ((1000,),), ((1100,),))),
        Fairness(visits=frozenset({0, 3}), at_least=1),
        ServedOnce(sessions=frozenset({(0, 0), (1, 0)})),
        KeepPublished(stops=frozenset({(0, 0), (3, 2)}), max_changes=1),
    )
    problem = replace(three_days(), matrices=(matrix,), rules=rules)
    plan = published(problem, 0)
    again = replan(problem, plan, Events(done=frozenset({0})), QUICK)
    # Rp 25 are left, so one day of Rp 20; 1 is served by the session at 0, and 1.2 of 2 cards are
    # left, of which whole ones count: village 2 with 1.0, not 3 with 1.1.
    assert stops_of(again.result.solution) == {(0, 0), (2, 1)} or stops_of(
        again.result.solution
    ) == {(0, 0), (2, 2)}
    assert check(problem, again.result.solution) == []
    assert recompute(problem, again.result.solution)[3] == again.result.value == 1800
    assert {u.visit for u in again.result.unserved} == {1, 3}


def test_a_kit_that_was_used_is_gone() -> None:
    shifts = [make_shift(crew_with_kit=1, kit_pool=0), make_shift(crew_with_kit=1, kit_pool=0)]
    visits = [make_visit(1, prize=(0, 500)), make_visit(2, prize=(0, 400))]
    problem = make_problem(visits, shifts, kit_pools=(KitPool(capacity=1),))
    plan = solve(problem, QUICK).solution
    assert plan.itineraries[0].with_kit
    again = replan(problem, plan, Events(done=frozenset({plan.itineraries[0].shift})), QUICK)
    assert again.result.solution == plan


def test_a_plan_changed_by_nothing_stays() -> None:
    problem = regency(n_villages=25, n_teams=2, n_days=3, seed=5)
    plan = solve(problem, QUICK).solution
    again = replan(problem, plan, Events(), QUICK)
    assert (again.changed, again.added) == (frozenset(), frozenset())


def test_a_tour_that_is_not_over_is_refused() -> None:
    problem = three_days()
    plan = published(problem, 0, 1)
    away = replace(plan.itineraries[0], end=2)
    with pytest.raises(InvalidProblem, match="shift 0 is over but its tour is not"):
        replan(problem, Solution(itineraries=(away,)), Events(done=frozenset({0})), QUICK)
