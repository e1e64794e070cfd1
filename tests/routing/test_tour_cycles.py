"""Tours in the LP that come twice to a visit, and how they are forbidden."""

import numpy as np
import pytest

from routing.columns.master import Column
from routing.insertion import Insertions
from routing.shift_types import shift_types
from routing.stages import Stage
from routing.tours import tour_pricing
from routing.tours.tour import Tour
from routing.tours.tour_cycles import forbid_cycles
from routing.tours.tour_groups import team_groups
from routing.tours.tour_master import TourMaster, limits_worth
from routing.tours.tour_pricing import TourPricer
from tests.routing.naive_tours import small_problem

A, B, C = 0, 1, 2
ELSEWHERE = 99
"""A node where nobody sleeps, so that pricing knows no memory of it."""


def column(*visits: int, merit: int = 0) -> Column:
    """Two days: what the first visits, and in the morning after the last visit."""
    *early, late = [(v, 0) for v in visits]
    stages = Stage(0, None, ELSEWHERE), Stage(1, ELSEWHERE, None)
    tour = Tour(stages, False, (tuple(early), (late,)), (merit, 0))
    return Column(0, False, (*early, late), merit, (), (0, 1), tour)


@pytest.mark.parametrize(
    ("visits", "triple", "pairs"),
    [
        ((A,), {A, B, C}, 0),
        ((A, B), {A, B, C}, 1),
        ((A, B, C), {A, B, C}, 1),  # one pair and one over
        ((A, B, A), {A, 8, 9}, 1),  # twice to the same visit is a pair too
        ((A, B, A, B), {A, B, C}, 2),
        ((A, B, A), {7, 8, 9}, 0),
    ],
)
def test_pairs_of_a_cut_count_every_coming(
    visits: tuple[int, ...], triple: set[int], pairs: int
) -> None:
    assert column(*visits).pairs(frozenset(triple)) == pairs


def test_a_cycle_is_another_column_than_the_same_visits_once() -> None:
    once, twice, other = column(A, B), column(A, B, A), column(B, A, B)
    assert [c.has_cycle for c in (once, twice, other)] == [False, True, True]
    assert len({once.key, twice.key, other.key}) == 3


def test_cycles_that_make_another_of_the_same_visits_most_often_are_told_apart() -> None:
    # Three times A and twice B: the LP has other coefficients than for twice A and three times B.
    assert column(A, B, A, B, A).key != column(B, A, B, A, B).key
    assert column(A, B, A, B, A).key == column(A, A, B, B, A).key


def test_only_cycles_that_the_lp_uses_are_forbidden_and_all_like_them_leave_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tour_pricing, "NEIGHBOURS", 0)
    problem = small_problem(0)
    insertions, types = Insertions(problem), shift_types(problem)
    (group,) = team_groups(problem, types)
    pricer = TourPricer(insertions, group.first, with_kit=False)
    master = TourMaster(insertions, types, [group], penalty=1e6)
    used, alike = column(A, B, A, merit=9000), column(A, B, A, C, merit=5000)
    unlike, once = column(B, A, B, merit=4000), column(A, B, merit=1000)
    columns = [used, alike, unlike, once]
    assert all(master.add(c) for c in columns)
    before = master.solve()
    assert before is not None
    weights = np.array([0.5, 0.0, 0.0, 0.5])
    # A is remembered at B, which lies between; at A itself it always was.
    assert forbid_cycles(master, [(group, pricer)], weights) == 1
    assert [pricer.allows(c.days_made, c.sleeps) for c in columns] == [False, False, True, True]
    after = master.solve()
    assert after is not None
    assert after.weights[[0, 1]] == pytest.approx(0.0)
    assert after.value < before.value
    assert forbid_cycles(master, [(group, pricer)], np.array([0.0, 0.0, 0.0, 1.0])) == 0


def test_cycles_stay_out_where_a_part_of_the_plan_is_kept() -> None:
    problem = small_problem(0)
    insertions, types = Insertions(problem), shift_types(problem)
    master = TourMaster(insertions, types, team_groups(problem, types), penalty=1e6)
    cyclic, once = column(A, B, A, merit=9000), column(A, B, merit=1000)
    assert master.add(cyclic)
    assert master.add(once)
    with master.keeping([]):
        kept = master.solve()
    free = master.solve()
    assert kept is not None
    assert free is not None
    assert kept.weights == pytest.approx([0.0, 1.0])
    assert free.weights[0] > 0.4


def test_whether_there_is_a_tour_at_all_is_asked_before_which_nights_are_spent_out() -> None:
    problem = small_problem(0)
    insertions, types = Insertions(problem), shift_types(problem)
    (group,) = team_groups(problem, types)
    master = TourMaster(insertions, types, [group], penalty=1e6)
    assert master.add(column(A, B, merit=9000))
    any_tour = 0, len(group.types)
    for weight, is_first in ((0.01, None), (0.02, True), (0.5, True), (0.98, True), (1.5, False)):
        found = master.fractional(np.array([weight]))
        if is_first is None:
            assert found is None
            continue
        assert found is not None
        assert found[1] == pytest.approx(weight)
        assert (found[0] == any_tour) == is_first
    # Forbidden, a tour has a price that none pays, and the LP has none.
    master.limit({any_tour: (0.0, 0.0)})
    solved = master.solve()
    assert solved is not None
    assert solved.value == pytest.approx(0.0)
    assert master.nights()[any_tour] > 1e6
    assert limits_worth({any_tour: (0.0, 0.0)}, master.nights()) == 0.0
    # Asked for, it may gain by being one: the LP lacks half of it at a penalty else.
    master.limit({any_tour: (2.0, np.inf)})
    solved = master.solve()
    assert solved is not None
    assert solved.value == pytest.approx(9000 / insertions.per_prize - 1e6)
    assert master.nights()[any_tour] == pytest.approx(-1e6)
