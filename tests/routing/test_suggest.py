"""One more visit in a plan that stands, against every way there is to put it in."""

from itertools import product

import pytest

from routing import Budget, HandMade, KitPool, Problem, Solution, check, judge, recompute, suggest
from tests.builders import HOUR, make_problem, make_shift, make_visit, regency

NEW = 3


def by_hand(problem: Problem, *days: tuple[int, ...]) -> Solution:
    """Make shift n the visits of the n-th of ``days``, first option, no kit."""
    made = [
        HandMade(shift=s, choices=tuple((v, 0) for v in visits)) for s, visits in enumerate(days)
    ]
    return judge(problem, made).solution


def brute(problem: Problem, solution: Solution, visit: int, shift: int) -> float | None:
    """Try every position, length and kit; the best gain of those that break no rule more."""
    before, best = recompute(problem, solution)[3], None
    own = [day for day in solution.itineraries if day.shift == shift]
    rest = [
        HandMade(shift=d.shift, with_kit=d.with_kit,
                 choices=tuple((s.visit, s.option) for s in d.stops))
        for d in solution.itineraries if d.shift != shift
    ]  # fmt: skip
    stops = [(s.visit, s.option) for day in own for s in day.stops]
    kits = (False,) if problem.shifts[shift].kit_pool is None else (False, True)
    for at, o, kit in product(
        range(len(stops) + 1), range(len(problem.visits[visit].options)), kits
    ):
        choices = (*stops[:at], (visit, o), *stops[at:])
        judged = judge(problem, [*rest, HandMade(shift=shift, choices=choices, with_kit=kit)])
        if not judged.violations and (best is None or judged.value - before > best):
            best = judged.value - before
    return best


def test_it_finds_the_best_place_of_every_shift_by_brute_force():
    """A made-up regency of 30 villages, two bases, five days: each of 8 shifts, 3 villages."""
    problem = regency(n_villages=30, n_teams=4, n_days=2, seed=3)
    solution = by_hand(problem, (0, 1), (2,), (), (4,), (6,))
    assert check(problem, solution) == []
    for visit in (7, 11, 20):
        found = {one.itinerary.shift: one for one in suggest(problem, solution, {visit}, range(8))}
        for shift in range(8):
            expected = brute(problem, solution, visit, shift)
            assert (shift in found) == (expected is not None)
            if expected is not None:
                one = found[shift]
                assert one.gain == pytest.approx(expected)
                days = (*(d for d in solution.itineraries if d.shift != shift), one.itinerary)
                after = Solution(itineraries=days)
                assert check(problem, after) == []
                prize, cost, _, value = recompute(problem, after)
                old = recompute(problem, solution)
                told = (one.prize, one.cost, one.gain)
                assert told == (prize - old[0], cost - old[1], pytest.approx(value - old[3]))
                assert one.itinerary.stops[one.position] == one.stop


def test_the_best_shift_comes_first_and_others_are_told_how_far_they_move():
    """Nodes ten minutes apart; nodes 1 and 3 are visited on day 0, node 2 is to be added.

    On day 0 it lies on the way: no metre more, and the visit of node 3 begins an hour later.
    """
    visits = [make_visit(1), make_visit(3), make_visit(5), make_visit(2)]
    shifts = (make_shift(), make_shift(hours=(24, 32)))
    problem = make_problem(visits, shifts)
    solution = by_hand(problem, (0, 1), (2,))
    first, second = suggest(problem, solution, {NEW}, (0, 1))
    assert (first.itinerary.shift, first.position, first.moved) == (0, 1, HOUR)
    assert (second.itinerary.shift, second.position) == (1, 0)
    assert (first.gain, first.prize, first.cost) == (1000, 1000, 0)


@pytest.mark.parametrize(("hours", "fits"), [(2 + 20 / 60, True), (2 + 19 / 60, False)])
def test_a_day_is_long_enough_or_it_is_not(hours: float, fits: bool):
    """An hour at node 1 and one beside it, and ten minutes there and back: 2 h 20 min."""
    problem = make_problem([make_visit(1), make_visit(1)], (make_shift(hours=(0, hours)),))
    solution = by_hand(problem, (0,))
    assert bool(suggest(problem, solution, {1}, (0,))) is fits


@pytest.mark.parametrize(("limit", "fits"), [(1500, True), (1499, False)])
def test_the_budget_of_the_whole_plan_holds(limit: int, fits: bool):
    shifts = (make_shift(fixed_cost=500), make_shift(hours=(24, 32), fixed_cost=1000))
    problem = make_problem(
        [make_visit(1), make_visit(2)], shifts, rules=(Budget(limit=limit),),
        rupiah_per_document=1_000_000,
    )  # fmt: skip
    found = suggest(problem, by_hand(problem, (0,)), {1}, (1,))
    assert [one.cost for one in found] == ([1000] if fits else [])


@pytest.mark.parametrize(("capacity", "shifts"), [(1, [0]), (2, [0, 1])])
def test_a_kit_that_another_team_has_is_not_taken_twice(capacity: int, shifts: list[int]):
    """Without a kit nothing is delivered; team 0 is out with one already."""
    options = ((HOUR, (0, 1000)),)
    visits = [make_visit(1, options=options), make_visit(2, options=options)]
    teams = tuple(make_shift(team=t, crew=0, crew_with_kit=1, kit_pool=0) for t in (0, 1))
    problem = make_problem(visits, teams, kit_pools=(KitPool(capacity=capacity),))
    out = judge(problem, [HandMade(shift=0, choices=((0, 0),), with_kit=True)]).solution
    found = suggest(problem, out, {1}, (0, 1))
    assert sorted(one.itinerary.shift for one in found if one.prize == 1000) == shifts


def test_a_forbidden_visit_and_a_broken_plan():
    """What is broken already does not hinder; what would be broken in addition does."""
    visits = [make_visit(1, required=True), make_visit(2), make_visit(3, shifts=frozenset())]
    problem = make_problem(visits, (make_shift(), make_shift(hours=(24, 32))))
    solution = by_hand(problem, (), (1,))
    assert [v.rule for v in check(problem, solution)] == ["required"]
    assert suggest(problem, solution, {2}, (0, 1)) == []
    assert len(suggest(problem, solution, {0}, (0, 1))) == 2
