"""Rules over the whole plan: against every plan of tiny problems, and each at its limit."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from routing import (
    Clash,
    ClashKind,
    HandMade,
    SolveParams,
    check,
    greedy,
    judge,
    nearest_first,
    recompute,
    solve,
)
from routing.errors import InvalidProblem
from routing.problem import Allowance, KitPool, Problem
from routing.rules import Blanks, Budget, Fairness, KeepPublished, Rule, ServedOnce
from routing.solution import Solution, Status, StopReason
from tests.builders import HOUR, line_matrix, make_problem, make_shift, make_visit, regency
from tests.routing.brute_rules import optimum, ruled_problems
from tests.routing.test_proof import mixed

QUICK = SolveParams(time_limit_s=60, solution_limit=60)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ruled_problems())
def test_any_mix_of_rules_is_solved_to_the_optimum_and_proven(problem: Problem) -> None:
    known = optimum(problem)
    result = solve(problem, QUICK)
    if known is None:
        assert result.status is Status.INFEASIBLE
        assert check(problem, result.solution) != []
        return
    assert check(problem, result.solution) == []
    assert recompute(problem, result.solution)[3] == pytest.approx(result.value)
    assert Fraction(result.value).limit_denominator(10**6) == known
    assert (result.status, result.stop_reason) == (Status.OPTIMAL, StopReason.PROVEN)
    assert result.bound == pytest.approx(float(known))


# Two villages an hour from the base and a third two hours away, each worth 1000 for an hour there;
# every leg costs Rp 100 an hour of travel, a day Rp 50, and costs do not count in the value.
ROAD = line_matrix(0, HOUR, HOUR, 2 * HOUR, costs=[
    [0, 100, 100, 200], [100, 0, 0, 100], [100, 0, 0, 100], [200, 100, 100, 0],
])  # fmt: skip


def week(*rules: Rule, n_shifts: int = 2, **kwargs: Any) -> Problem:
    visits = kwargs.pop("visits", [make_visit(1), make_visit(2), make_visit(3)])
    shifts = [make_shift(hours=(0, 5), fixed_cost=50) for _ in range(n_shifts)]
    return make_problem(visits, shifts, matrices=(ROAD,), rules=rules, **kwargs)


def best(problem: Problem) -> tuple[float, set[int]]:
    """Value and visits of the best plan, which the checker accepts."""
    result = solve(problem, QUICK)
    assert check(problem, result.solution) == []
    assert result.status is Status.OPTIMAL
    assert recompute(problem, result.solution)[3] == pytest.approx(result.value)
    return result.value, made(result.solution)


def made(solution: Solution) -> set[int]:
    return {stop.visit for plan in solution.itineraries for stop in plan.stops}


# One day to 1 and 2 costs 100 + 0 + 100 + 50, a day to 3 alone 200 + 200 + 50.
@pytest.mark.parametrize(("limit", "value"), [(700, 3000), (699, 2000), (250, 2000), (249, 0)])
def test_budget(limit: int, value: int) -> None:
    assert best(week(Budget(limit=limit)))[0] == value


def test_budget_of_one_team() -> None:
    # The first team may spend nothing, the second goes to 1 and 2.
    assert best(week(Budget(limit=0, shifts=frozenset({0})))) == (2000, {0, 1})


def test_a_budget_pays_per_diem_steps() -> None:
    # Out and back to 1 and 2 with two hours there is a duty of four hours.
    visits = [make_visit(1), make_visit(2)]
    for longer_than, value in ((4 * HOUR, 2000), (4 * HOUR - 1, 1000)):
        step = Allowance(longer_than=longer_than, cost=1)
        shift = make_shift(hours=(0, 5), fixed_cost=50, allowances=(step,))
        problem = make_problem(visits, [shift], matrices=(ROAD,), rules=(Budget(limit=250),))
        assert best(problem)[0] == value


@pytest.mark.parametrize(("stock", "n_visits"), [(4, 3), (3, 2), (1, 0)])
def test_card_blanks(stock: int, n_visits: int) -> None:
    # 1.1, 1.4 and 1.5 cards: 4 for all three, 2.5 for the first two, more than 1 for any.
    cards = (((1100,),), ((1400,),), ((1500,),))
    assert len(best(week(Blanks(stock=stock, cards=cards)))[1]) == n_visits


def test_card_blanks_choose_the_length() -> None:
    # Two hours give 1,500 for 3 cards, one hour 1,000 for one card.
    visits = [make_visit(1, options=((HOUR, 1000), (2 * HOUR, 1500)))]
    for stock, value in ((3, 1500), (2, 1000)):
        rule = Blanks(stock=stock, cards=(((1000,), (3000,)),))
        assert best(week(rule, visits=visits))[0] == value


def far_third(**kwargs: Any) -> Problem:
    """One day: 1 and 2 fit together (4 h), 3 alone (5 h)."""
    return week(n_shifts=1, **kwargs)


def test_fairness_as_a_rule_and_as_a_price() -> None:
    third = frozenset({2})
    assert best(far_third()) == (2000, {0, 1})
    must = replace(far_third(), rules=(Fairness(visits=third, at_least=1),))
    assert best(must) == (1000, {2})
    for price, value, visits in ((999, 1001, {0, 1}), (1001, 1000, {2})):
        rule = Fairness(visits=third, at_least=1, price=price)
        assert best(replace(far_third(), rules=(rule,))) == (value, visits)


def test_a_visit_that_serves_nobody_is_none_for_a_district() -> None:
    """Crew 0 can serve nobody there; crew 1 can, at a fixed cost of 600 thousandths."""
    visits = [make_visit(1, prize=(0, 100))]
    shifts = [make_shift(), make_shift(team=1, crew=1, fixed_cost=600)]
    for idle, expected in ((frozenset(), 0), (frozenset({(0, 0)}), 1)):
        fair = Fairness(visits=frozenset({0}), at_least=1, price=900, idle=idle)
        problem = make_problem(visits, shifts, rules=(fair,), rupiah_per_document=1000)
        (day,) = solve(problem, QUICK).solution.itineraries
        assert day.shift == expected


@pytest.mark.parametrize(("at_least", "is_possible"), [(2, True), (3, False)])
def test_fairness_that_no_plan_can_keep(at_least: int, is_possible: bool) -> None:
    problem = far_third()
    rule = Fairness(visits=frozenset({0, 1, 2}), at_least=at_least)
    result = solve(replace(problem, rules=(rule,)), QUICK)
    expected = Status.OPTIMAL if is_possible else Status.INFEASIBLE
    assert result.status is expected
    assert [x.rule for x in check(replace(problem, rules=(rule,)), result.solution)] == (
        [] if is_possible else ["fairness"]
    )


def test_a_village_is_served_by_its_own_visit_or_by_a_hub() -> None:
    # A session at 1 of two hours also serves 2: 1,900 instead of 2 x 1,000.
    visits = [make_visit(1, options=((HOUR, 1000), (2 * HOUR, 1900))), make_visit(2), make_visit(3)]
    problem = week(visits=visits)
    own = frozenset({(0, 1), (1, 0)})
    assert best(problem)[0] == 3900  # without the rule village 2 is served twice
    assert best(replace(problem, rules=(ServedOnce(sessions=own),)))[0] == 3000
    # When nobody may go to 2 it has to be the hub, and is when 2 must be served.
    closed = (visits[0], replace(visits[1], shifts=frozenset()), visits[2])
    rule = ServedOnce(sessions=own, is_required=True)
    assert best(replace(problem, visits=closed, rules=(rule,)))[0] == 2900


@pytest.mark.parametrize("n_kits", [1, 0])
def test_a_required_session_is_by_a_crew_that_can_serve_there(n_kits: int) -> None:
    # Crew 1 has the kit; without one nobody is served at the first village, though it is required.
    visits = [make_visit(1, prize=(0, 10)), make_visit(2, prize=(900, 900))]
    shift = make_shift(crew_with_kit=1, kit_pool=0)
    rule = ServedOnce(
        sessions=frozenset({(0, 0)}), is_required=True, idle=frozenset({(0, 0), (1, 0)})
    )
    problem = make_problem(
        visits, [shift], kit_pools=(KitPool(capacity=n_kits),), rules=(rule,)
    )  # fmt: skip
    result = solve(problem, QUICK)
    if n_kits:
        assert best(problem) == (910, {0, 1})
        return
    assert result.status is Status.INFEASIBLE
    assert result.contradiction is not None
    assert set(result.contradiction.rules) == {
        Clash(kind=ClashKind.KITS, position=0), Clash(kind=ClashKind.RULE, position=0),
    }  # fmt: skip
    idle = judge(problem, [HandMade(shift=0, choices=((0, 0), (1, 0)))])
    assert [x.rule for x in idle.violations] == ["hub"]
    assert "nobody can be served" in idle.violations[0].message


@pytest.mark.parametrize(("price", "expected"), [(999, (2000 - 999, {0, 1})), (1001, (1000, {2}))])
def test_leaving_a_published_stop_costs(price: int, expected: tuple[float, set[int]]) -> None:
    rule = KeepPublished(stops=frozenset({(2, 0)}), price=price)
    assert best(replace(far_third(), rules=(rule,))) == expected


@pytest.mark.parametrize(("max_changes", "expected"), [(1, (2000, {0, 1})), (0, (1000, {2}))])
def test_so_many_published_stops_may_change(
    max_changes: int, expected: tuple[float, set[int]]
) -> None:
    rule = KeepPublished(stops=frozenset({(2, 0)}), max_changes=max_changes)
    assert best(replace(far_third(), rules=(rule,))) == expected


def test_a_stop_moved_to_another_day_is_a_change() -> None:
    # Only the second shift may go to 3: what was published for the first cannot be kept.
    visits = [make_visit(1), make_visit(2), make_visit(3, shifts=frozenset({1}))]
    for shift, value in ((1, 3000), (0, 2500)):
        rule = KeepPublished(stops=frozenset({(2, shift)}), price=500)
        assert best(week(rule, visits=visits))[0] == value


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (Budget(limit=1, shifts=frozenset({7})), "budget: shift 7 is not in 0..1"),
        (Blanks(stock=1, cards=()), "cards of 0 visits, not of 3"),
        (Blanks(stock=1, cards=(((1,), (1,)),) * 3), "visit 0: must have a number for every"),
        (Blanks(stock=1, cards=(((-1,),),) * 3), "visit 0 option 0: cards -1"),
        (Fairness(visits=frozenset({3}), at_least=1), "fairness: visit 3 is not in 0..2"),
        (ServedOnce(sessions=frozenset({(0, 1)})), "hub: visit 0 has no option 1"),
        (KeepPublished(stops=frozenset({(0, 2)})), "published stops: shift 2 is not in 0..1"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value[:20],
)
def test_rules_that_name_what_is_not_there(rule: Rule, message: str) -> None:
    with pytest.raises(InvalidProblem, match=message):
        week(rule)


def test_numbers_below_zero_are_refused() -> None:
    for make in (
        lambda: Budget(limit=-1),
        lambda: Blanks(stock=-1, cards=()),
        lambda: Fairness(visits=frozenset(), at_least=-1),
        lambda: Fairness(visits=frozenset(), at_least=1, price=-1),
        lambda: KeepPublished(stops=frozenset(), price=-1),
        lambda: KeepPublished(stops=frozenset(), max_changes=-1),
    ):
        with pytest.raises(InvalidProblem, match="-1: must be at least 0"):
            make()


def test_the_first_plan_keeps_to_the_rules() -> None:
    base = regency(n_villages=40, n_teams=3, n_days=3, seed=4)
    cards = tuple(
        tuple(tuple(prize // 2 for prize in option.prizes) for option in visit.options)
        for visit in base.visits
    )
    rules = (
        Budget(limit=7_000_000),
        Blanks(stock=40, cards=cards),
        Fairness(visits=frozenset(range(0, 40, 4)), at_least=2),
    )
    problem = replace(base, rules=rules)
    free, plan = greedy(base), greedy(problem)
    assert {x.rule for x in check(problem, free)} >= {"budget", "blanks"}
    assert check(problem, plan) == []
    assert check(problem, nearest_first(problem)) == [] or {
        x.rule for x in check(problem, nearest_first(problem))
    } == {"fairness"}
    assert recompute(problem, plan)[3] > 0


def ruled(seed: int) -> Problem:
    """A week of ``mixed`` with a budget, cards, districts or published stops, drawn by seed."""
    base = mixed(seed)
    rng = np.random.default_rng(seed)
    plan = greedy(base)
    _, cost, _, _ = recompute(base, plan)
    cards = tuple(
        tuple(tuple(int(p * rng.uniform(0.3, 0.9)) for p in option.prizes) for option in v.options)
        for v in base.visits
    )
    used = sum(
        cards[stop.visit][stop.option][base.shifts[i.shift].crew]
        for i in plan.itineraries
        for stop in i.stops
    )
    stops = frozenset((stop.visit, i.shift) for i in plan.itineraries for stop in i.stops)
    districts = [frozenset(range(d, len(base.visits), 3)) for d in range(3)]
    price = None if rng.random() < 0.3 else int(rng.integers(0, 9000))
    every: list[Rule] = [
        Budget(limit=int(cost * rng.uniform(0.4, 1.1))),
        Blanks(stock=int(used * rng.uniform(0.4, 1.1)) // 1000, cards=cards),
        *(Fairness(visits=d, at_least=1, price=price) for d in districts),
        KeepPublished(stops=stops, price=int(rng.integers(0, 9000))),
    ]
    chosen = rng.permutation(len(every))[: int(rng.integers(1, 4))]
    return replace(base, rules=tuple(every[i] for i in sorted(chosen)))


@pytest.mark.parametrize("seeds", [range(a, a + 50) for a in range(0, 500, 50)])
def test_no_plan_under_rules_is_worth_more_than_the_bound(seeds: range) -> None:
    for seed in seeds:
        problem = ruled(seed)
        result = solve(problem, SolveParams(time_limit_s=60, solution_limit=9))
        left = {x.rule for x in check(problem, result.solution)}
        assert left <= ({"required", "fairness"} if result.bound is None else set())
        if result.bound is None:
            assert result.status in (Status.INFEASIBLE, Status.NO_SOLUTION)
            continue
        handed = judge(problem, result.solution)
        assert handed.violations == ()
        for plan in (result.solution, greedy(problem), nearest_first(problem)):
            if check(problem, plan) == []:
                assert recompute(problem, plan)[3] <= result.bound + 1e-6
