"""Plans made by hand are timed, judged and mended."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing import (
    Allowance,
    Budget,
    Fairness,
    HandMade,
    InvalidProblem,
    Problem,
    SolveParams,
    TimeWindow,
    check,
    explain,
    judge,
    repair,
    solve,
)
from routing.replan import stops_of
from routing.solution import Solution, Status
from routing.timing import timed
from tests.builders import HOUR, line_matrix, make_problem, make_shift, make_visit, regency
from tests.routing.brute import problems
from tests.routing.brute_rules import optimum, ruled_problems
from tests.routing.naive_tours import small_problem

QUICK = SolveParams(time_limit_s=60, solution_limit=60)
NOON = TimeWindow(start=3 * HOUR, end=4 * HOUR)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), st.data())
def test_what_can_be_driven_is_timed_the_same(problem: Problem, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(problem.visits))))
    choices = tuple((v, 0) for v in order)
    driven = timed(problem, 0, False, choices)
    judged = judge(problem, [HandMade(shift=0, choices=choices)])
    if driven is not None:
        assert judged.solution.itineraries == (driven,)
    own = {"required", "empty"}
    assert (driven is not None) == (not {x.rule for x in judged.violations} - own)


def test_a_day_by_hand_spares_the_allowance_that_leaving_later_spares() -> None:
    """One village opens at 15:00: leaving at 13:00 instead of 7:00 makes a duty of 4 hours."""
    shift = make_shift(hours=(7, 17), allowances=(Allowance(longer_than=8 * HOUR, cost=500_000),))
    late = TimeWindow(start=15 * HOUR, end=17 * HOUR)
    problem = make_problem(
        [make_visit(1), make_visit(2, windows=(late,))], [shift], rupiah_per_document=2_000_000
    )
    judged = judge(problem, [HandMade(shift=0, choices=((0, 0), (1, 0)))])
    assert (judged.cost, judged.violations) == (0, ())


def test_a_day_that_cannot_be_driven_says_why() -> None:
    # Ten minutes there, five hours and a half, ten minutes on, an hour, 20 minutes back = 7 h 10.
    visits = [
        make_visit(1, duration=int(5.5 * HOUR), prize=4000),
        make_visit(2, shifts=frozenset({1}), windows=(TimeWindow(start=0, end=HOUR),)),
        make_visit(2, required=True),
    ]
    shifts = [make_shift(hours=(0, 7), fixed_cost=10), make_shift()]
    problem = make_problem(visits, shifts, rupiah_per_document=1000, rules=(Budget(limit=9),))
    judged = judge(
        problem, [HandMade(shift=0, choices=((0, 0), (1, 0))), HandMade(shift=1, choices=())]
    )
    assert judged.by_rule == {
        "budget": 1, "not-allowed": 1, "required": 1, "shift-window": 1, "window": 1,
    }  # fmt: skip
    late = next(x for x in judged.violations if x.rule == "shift-window")
    assert late.amount == 600
    # Two visits worth 4,000 and 1,000; Rp 10 at 1 thousandth a rupiah.
    assert (judged.prize, judged.cost, judged.value) == (5000, 10, 4990.0)
    assert judged.solution.itineraries[0].arrival == int(7 * HOUR) + 600


def test_an_unreachable_leg_takes_no_time_and_is_told() -> None:
    reachable = [[True, False], [True, True]]
    problem = make_problem([make_visit(1)], matrices=(line_matrix(0, 600, reachable=reachable),))
    judged = judge(problem, [HandMade(shift=0, choices=((0, 0),))])
    assert judged.by_rule == {"unreachable": 1}
    assert judged.solution.itineraries[0].stops[0].arrival == 0


@pytest.mark.parametrize(
    ("day", "message"),
    [
        (HandMade(shift=3, choices=()), "there is no shift 3"),
        (HandMade(shift=0, choices=((9, 0),)), "shift 0: there is no visit 9"),
        (HandMade(shift=0, choices=((0, 4),)), "shift 0: visit 0 has no option 4"),
    ],
)
def test_a_plan_that_names_what_is_not_there(day: HandMade, message: str) -> None:
    with pytest.raises(InvalidProblem, match=message):
        judge(make_problem([make_visit(1)]), [day])


def test_a_plan_is_mended_with_the_fewest_changes() -> None:
    # A day of 3 h 20 holds two sessions at 1 and 2 (40 minutes on the road), three do not fit.
    # Dropping the one in the middle is enough; the better plan would change both others.
    visits = [make_visit(n, prize=p) for n, p in ((1, 500), (2, 100), (1, 400), (2, 9000))]
    problem = make_problem(visits, [make_shift(hours=(0, 8 / 3))])
    plan = judge(problem, [HandMade(shift=0, choices=((0, 0), (1, 0), (2, 0)))])
    assert set(plan.by_rule) == {"shift-window"}
    mended = repair(problem, plan.solution, QUICK)
    assert check(problem, mended.result.solution) == []
    # Two of three can stay, and 500 + 400 is the best pair.
    assert mended.changed == {(1, 0)}
    assert (mended.result.prize, mended.n_published) == (900, 3)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(ruled_problems(), st.data())
def test_a_mended_plan_keeps_to_every_rule_if_any_plan_does(
    problem: Problem, data: st.DataObject
) -> None:
    shifts = [make_shift(window=s.window, crew=s.crew) for s in problem.shifts]
    plain = replace(problem, shifts=tuple(shifts))  # without allowances and pools all is settled
    choices = data.draw(st.permutations([(v, 0) for v in range(len(plain.visits))]))
    plan = judge(plain, [HandMade(shift=0, choices=tuple(choices))]).solution
    mended = repair(plain, plan, QUICK)
    if optimum(plain) is None:
        assert mended.result.status is Status.INFEASIBLE
    else:
        assert check(plain, mended.result.solution) == []
        if check(plain, plan) == []:
            assert mended.changed == frozenset()


def test_a_sound_plan_is_left_alone() -> None:
    problem = regency(n_villages=20, n_teams=2, n_days=2, seed=3)
    plan = solve(problem, QUICK).solution
    again = repair(problem, plan, QUICK)
    assert (again.changed, again.added) == (frozenset(), frozenset())
    assert stops_of(again.result.solution) == stops_of(plan)


def test_nothing_is_judged_as_a_plan_without_stops() -> None:
    problem = make_problem(
        [make_visit(1)], rules=(Fairness(visits=frozenset({0}), at_least=1, price=7),)
    )
    judged = judge(problem, Solution())
    assert (judged.violations, judged.prize, judged.value) == ((), 0, -7.0)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 400), st.data())
def test_a_tour_that_can_be_driven_is_timed_the_same(seed: int, data: st.DataObject) -> None:
    problem = small_problem(seed)
    shift = data.draw(st.sampled_from(range(len(problem.shifts))))
    nodes = st.none() | st.integers(0, problem.n_nodes - 1)
    start, end = data.draw(nodes), data.draw(nodes)
    order = data.draw(st.permutations(range(len(problem.visits))))
    choices = tuple((v, 0) for v in order[: data.draw(st.integers(0, len(order)))])
    driven = timed(problem, shift, False, choices, start=start, end=end)
    day = HandMade(shift=shift, choices=choices, start=start, end=end)
    judged = judge(problem, [day])
    if driven is not None:
        assert judged.solution.itineraries == (driven,)
    explain(problem, judged.solution)  # whatever is wrong with a plan, what it leaves out has names


def test_a_night_where_nobody_may_stay_is_told() -> None:
    problem = make_problem([make_visit(1)], [make_shift(), make_shift(hours=(24, 32))])
    days = [
        HandMade(shift=0, choices=((0, 0),), end=1), HandMade(shift=1, choices=(), start=1),
    ]  # fmt: skip
    assert judge(problem, days).by_rule == {"night": 3}


def test_a_place_to_sleep_that_is_not_there() -> None:
    with pytest.raises(InvalidProblem, match="shift 0: there is no node 99"):
        judge(make_problem([make_visit(1)]), [HandMade(shift=0, choices=((0, 0),), end=99)])
