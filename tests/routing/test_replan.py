"""Plans changed after something happened: what is over stays, the rest changes little."""

from dataclasses import replace

import pytest

from routing import (
    Away,
    Blanks,
    Budget,
    Events,
    Fairness,
    HandMade,
    InvalidProblem,
    Itinerary,
    KeepPublished,
    KitPool,
    Night,
    Problem,
    ServedOnce,
    Solution,
    SolveParams,
    Status,
    Stop,
    TimeWindow,
    check,
    judge,
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
    # left: enough for 3 with 1.1, but 2 brings more.
    assert stops_of(again.result.solution) == {(0, 0), (2, 1)} or stops_of(
        again.result.solution
    ) == {(0, 0), (2, 2)}
    assert check(problem, again.result.solution) == []
    assert recompute(problem, again.result.solution)[3] == again.result.value == 1800
    assert {u.visit for u in again.result.unserved} == {1, 3}


@pytest.mark.parametrize(("taken", "is_left"), [(900, True), (901, False)])
def test_thousandths_of_cards_are_left(taken: int, is_left: bool) -> None:
    # Of two cards 1.1 are left, as many as village 3 takes; 1 and 2 take more than there were.
    cards = (((taken,),), ((3000,),), ((3000,),), ((1100,),))
    problem = replace(three_days(), rules=(Blanks(stock=2, cards=cards),))
    again = replan(problem, published(problem, 0), Events(done=frozenset({0})), QUICK)
    assert {v for v, _ in stops_of(again.result.solution)} == ({0, 3} if is_left else {0})
    assert check(problem, again.result.solution) == []
    assert again.result.bound == again.result.value == (1300 if is_left else 1000)


@pytest.mark.parametrize(("cancelled", "is_asked"), [({1}, False), ({0}, True)])
def test_a_cancelled_village_need_not_be_served(cancelled: set[int], is_asked: bool) -> None:
    rule = ServedOnce(sessions=frozenset({(1, 0)}), is_required=True, idle=frozenset({(0, 0)}))
    problem = replace(three_days(), rules=(rule,))
    again = replan(
        problem, published(problem, 0, 1, 2), Events(cancelled=frozenset(cancelled)), QUICK, price=0
    )
    assert (1 in {v for v, _ in stops_of(again.result.solution)}) is is_asked


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


def on_tour(n_days: int = 3) -> Problem:
    """One team that may sleep where its tour ends the day; each village is a day of its own away.

    Villages lie 1, 2, 3 and 4 hours out; a day away lasts 5 hours, one from base to base 3.
    """
    visits = [make_visit(n, prize=1000) for n in range(1, 5)]
    shifts = [
        make_shift(
            hours=(24 * d, 24 * d + 4),
            away=Away(window=TimeWindow(start=24 * d * HOUR, end=(24 * d + 5) * HOUR)),
            night=Night(morning=d + 1, at_last_stop=True) if d + 1 < n_days else None,
        )
        for d in range(n_days)
    ]
    matrix = line_matrix(0, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR)
    return make_problem(visits, shifts, matrices=(matrix,))


def tour(problem: Problem) -> Solution:
    """Out to the second village, on to the third, and back from the fourth."""
    days = (
        HandMade(shift=0, choices=((1, 0),), end=2),
        HandMade(shift=1, choices=((2, 0),), start=2, end=3),
        HandMade(shift=2, choices=(), start=3),
    )
    return judge(problem, days).solution


def test_a_tour_under_way_goes_on_as_published() -> None:
    problem = on_tour()
    plan = tour(problem)
    assert check(problem, plan) == []
    again = replan(problem, plan, Events(done=frozenset({0})), QUICK)
    assert again.over == {0, 1, 2}
    assert again.result.solution == plan
    assert (again.n_published, again.changed, again.added) == (0, frozenset(), frozenset())


def test_a_tour_under_way_leaves_out_a_village_that_was_cancelled() -> None:
    """On the first day it was made before; the second still lies ahead, the night there too."""
    problem = on_tour()
    plan = tour(problem)
    for v, made, rules in ((1, {(1, 0), (2, 1)}, set()), (2, {(1, 0)}, {"night"})):
        again = replan(
            problem, plan, Events(done=frozenset({0}), cancelled=frozenset({v})), QUICK
        ).result.solution
        assert stops_of(again) == made
        assert {violation.rule for violation in check(problem, again)} == rules


def test_a_tour_still_to_come_may_change() -> None:
    problem = on_tour()
    again = replan(problem, tour(problem), Events(cancelled=frozenset({2})), QUICK)
    assert check(problem, again.result.solution) == []
    made = stops_of(again.result.solution)
    assert (1, 0) in made
    assert 2 not in {v for v, _ in made}


def test_a_team_is_not_called_back_from_a_tour() -> None:
    problem = on_tour()
    with pytest.raises(InvalidProblem, match="shift 1 is lost, but its team is on a tour"):
        replan(problem, tour(problem), Events(done=frozenset({0}), lost=frozenset({1})), QUICK)


def test_nobody_leaves_on_a_tour_on_a_day_that_is_gone() -> None:
    # The third village is 3 hours out: its tour leaves on the first day, is back on the second.
    problem = on_tour(2)
    visits = (v if n == 2 else replace(v, shifts=frozenset()) for n, v in enumerate(problem.visits))
    far = replace(problem, visits=tuple(visits))
    free = replan(far, Solution(), Events(), QUICK)
    assert stops_of(free.result.solution) == {(2, 0)}
    for events in (Events(done=frozenset({0})), Events(lost=frozenset({0}))):
        assert stops_of(replan(far, Solution(), events, QUICK).result.solution) == frozenset()


def test_a_visit_that_was_missed_may_be_made_again() -> None:
    problem = three_days()
    plan = published(problem, 0, 1, 2)
    events = Events(done=frozenset({0}), missed=frozenset({0}))
    again = replan(problem, plan, events, QUICK, price=0)
    # The day of village 0 is over and empty; the two days left go to the best two of all.
    assert stops_of(again.result.solution) in ({(0, 1), (1, 2)}, {(1, 1), (0, 2)})
    assert again.result.value == 1900
    assert {u.visit for u in again.result.unserved} == {2, 3}


def test_the_bound_holds_for_the_whole_week() -> None:
    problem = three_days()
    plan = published(problem, 0, 3, 1)
    again = replan(problem, plan, Events(done=frozenset({0})), QUICK, price=0)
    # 1000 is made; of what is left the best two bring 900 + 800.
    assert (again.result.value, again.result.bound) == (2700, 2700)
    assert again.result.gap == 0


@pytest.mark.parametrize("closed", [{"starts_tour": False}, {"serves": False}])
def test_a_day_that_is_gone_has_no_routes(closed: dict[str, bool]) -> None:
    # The first day is not driven, though nothing else keeps a visit off it.
    problem = three_days()
    first = replace(problem.shifts[0], **closed)
    gone = replace(problem, shifts=(first, *problem.shifts[1:]))
    result = solve(gone, QUICK)
    assert stops_of(result.solution) in ({(0, 1), (1, 2)}, {(1, 1), (0, 2)})
    assert (result.value, result.bound) == (1900, 1900)
    required = tuple(replace(visit, required=True) for visit in gone.visits[:3])
    torn = solve(replace(gone, visits=(*required, gone.visits[3])), QUICK)
    assert torn.status is Status.INFEASIBLE
    assert torn.contradiction is not None
