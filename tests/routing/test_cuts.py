"""Cuts on three or five visits: found where they are violated, true of every plan."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.columns.cuts import MOST, ONCE, VIOLATED, limit_of, priced, rows_once, separate
from routing.columns.master import Column, Master, lagrangian_bound
from routing.columns.pricing import Pricer
from routing.insertion import Insertions
from routing.problem import Problem
from routing.rules import Fairness
from routing.shift_types import shift_types
from tests.builders import make_problem, make_shift, make_visit

ROUTES = st.lists(
    st.tuples(st.frozensets(st.integers(0, 6), min_size=1, max_size=5), st.floats(0, 1)), max_size=9
)


def excess(routes: list[tuple[frozenset[int], float]], cut: frozenset[int]) -> float:
    """By definition: the weight of all pairs of the visits in one route, above half their number.

    Of three visits a route that makes two or three has one pair, and a plan holds one; of five a
    route that makes four or five has two, and a plan holds two.
    """
    pairs = (0, 0, 1, 1, 2, 2)
    return sum(weight * pairs[len(visits & cut)] for visits, weight in routes) - len(cut) // 2


@settings(deadline=None)
@given(ROUTES)
def test_the_most_violated_of_all_triples_is_found_or_five_visits_more_violated(
    routes: list[tuple[frozenset[int], float]],
) -> None:
    found = separate(routes, (), 100)
    assert {len(cut) for cut in found} <= {3, 5}
    assert len(set(found)) == len(found)
    assert all(excess(routes, cut) > VIOLATED - 1e-9 for cut in found)
    # A weight above 1 of one pair alone is no solution of an LP; there the third is any visit.
    every = [frozenset(t) for t in combinations(range(7), 3)]
    worst = max((excess(routes, t) for t in every if _is_joined(routes, t)), default=0.0)
    if worst > VIOLATED + 1e-9:
        assert excess(routes, found[0]) >= worst - 1e-9
        if len(found[0]) == 3:
            assert excess(routes, found[0]) == pytest.approx(worst)


@given(st.permutations(range(7)), st.lists(st.integers(1, 4), min_size=1, max_size=7))
def test_no_plan_is_cut_off(order: list[int], sizes: list[int]) -> None:
    # A plan makes each visit in one route at most.
    ends = np.minimum(np.cumsum([0, *sizes]), 7)
    routes = [(frozenset(order[a:b]), 1.0) for a, b in pairwise(ends)]
    assert separate(routes, (), 100) == []
    for cut in (*combinations(range(7), 3), *combinations(range(7), 5)):
        made = sum(len(visits & frozenset(cut)) // 2 for visits, _ in routes)
        assert made <= limit_of(frozenset(cut))


def _is_joined(routes: list[tuple[frozenset[int], float]], triple: frozenset[int]) -> bool:
    pairs = [p for p in combinations(triple, 2) if any(set(p) <= visits for visits, _ in routes)]
    return len(pairs) >= 2


def test_three_halves_are_cut_off_and_known_cuts_are_not_found_again() -> None:
    # Three routes of two visits each at one half: 1.5 in all, a plan has one of them.
    routes = [(frozenset(pair), 0.5) for pair in ((1, 2), (2, 3), (1, 3))]
    cut = frozenset((1, 2, 3))
    assert separate(routes, (), 5) == [cut]
    assert separate(routes, [cut], 5) == []
    assert separate(routes, (), 0) == []


def test_only_cuts_with_a_price_take_a_bit() -> None:
    triples = [frozenset((k, k + 1, k + 2)) for k in range(MOST + 3)]
    prices = np.zeros(MOST + 3)
    prices[[1, MOST + 2]] = (2.0, 3.0)
    cuts = priced(triples, prices, MOST + 5)
    assert cuts.prices.tolist() == [2.0, 3.0]
    assert [v for v, bits in enumerate(cuts.members) if bits & np.uint64(1)] == [1, 2, 3]
    last = [v for v, bits in enumerate(cuts.members) if bits & np.uint64(2)]
    assert last == [MOST + 2, MOST + 3, MOST + 4]


TEN_PAIRS = [frozenset(pair) for pair in combinations(range(5), 2)]


def test_ten_quarters_of_five_visits_are_cut_off_by_no_triple() -> None:
    # Of three visits three pairs at one quarter are 0.75; of all five ten are 2.5, a plan has 2.
    routes = [(pair, 0.25) for pair in TEN_PAIRS]
    assert separate(routes, (), 5) == [frozenset(range(5))]
    assert separate([*routes, (frozenset((7, 8)), 1.0)], [frozenset(range(5))], 5) == []
    assert separate(routes, (), 5, with_fives=False) == []


def test_a_cut_on_five_lowers_the_master_and_its_duals_still_add_up() -> None:
    insertions = Insertions(
        make_problem([make_visit(n) for n in range(1, 6)], [make_shift(team=t) for t in range(5)])
    )
    types = shift_types(insertions.problem)
    master = Master(insertions, types)
    for pair in TEN_PAIRS:
        master.add(Column(0, False, tuple((v, 0) for v in sorted(pair)), insertions.merit(1, 0)))
    values = []
    for cuts in ([], [frozenset(range(5))]):
        for cut in cuts:
            master.cut(cut)
        solved = master.solve()
        assert solved is not None
        bound = lagrangian_bound(types, solved.duals, [0.0] * len(types.types))
        assert bound == pytest.approx(solved.value)
        values.append(solved.value)
    # Each of five visits once: two pairs and a half; with the cut two whole ones.
    assert values == pytest.approx([2.5, 2.0])


def test_a_route_pays_for_each_pair_of_a_cut() -> None:
    problem = make_problem([make_visit(1) for _ in range(5)])  # eight hours, five sessions of one
    pricer = Pricer(Insertions(problem), shift_types(problem).types[0], with_kit=False)
    cuts = priced([frozenset(range(5))], np.array([600.0]), 5)
    found = pricer.price(np.zeros(5), 0.0, np.zeros(1, dtype=bool), cuts=cuts)
    assert found.best == 5 * 1000 - 2 * 300


def in_district(visits: Sequence[int], price: int) -> Problem:
    """Three villages, some of them of a district that wants a visit."""
    district = Fairness(visits=frozenset(visits), at_least=1, price=price)
    return make_problem([make_visit(1) for _ in range(3)], rules=(district,))


@pytest.mark.parametrize(
    ("visits", "counted"),
    [((0, 1, 2), 1), ((0, 1), 1), ((0,), 1), ((), 0)],
    ids=["three", "two", "one", "none"],
)
def test_a_route_gets_what_a_district_pays_once(visits: tuple[int, ...], counted: int) -> None:
    problem = in_district(visits, 700)
    pricer = Pricer(Insertions(problem), shift_types(problem).types[0], with_kit=False)
    asked = np.zeros(3), 0.0, np.zeros(1, dtype=bool)
    rules = np.array([-700.0])
    # Three visits worth 1000 each, and the district beside them, however many are in it.
    assert pricer.price(*asked, rules=rules).best == 3000 + 700 * counted
    assert pricer.sample(*asked, rules)[0].value == 3000 + 700 * counted
    listed = pricer.enumerate(np.zeros(3), 0.0, 9000.0, asked[2], rules=rules)
    assert listed is not None
    values = {frozenset(v for v, _ in route.choices): route.value for route in listed}
    assert values == {
        made: 1000 * len(made) + 700 * bool(made & set(visits))
        for n in range(1, 4)
        for made in map(frozenset, combinations(range(3), n))
    }


def test_half_a_route_with_two_visits_is_half_a_visit_in_a_district() -> None:
    problem = in_district((0, 1), 700)
    insertions, types = Insertions(problem), shift_types(problem)
    master = Master(insertions, types)
    assert master.add(Column(0, False, ((0, 0), (1, 0)), insertions.merit(2000, 0), (2,)))
    assert master.add(Column(0, False, ((2, 0),), insertions.merit(2600, 0), (0,)))
    solved = master.solve()
    assert solved is not None
    # One shift: the first for 2000, or the other for 2600 less 700. Half of each would be worth
    # 2300 if it made one visit in the district.
    assert solved.value == pytest.approx(2000)
    assert in_district((0, 1), 700).rows[0].is_met_by_one
    assert not replace(problem.rows[0], least=2).is_met_by_one
    assert not replace(problem.rows[0], most=1).is_met_by_one


def test_only_so_many_rows_have_a_bit() -> None:
    rules = tuple(Fairness(visits=frozenset({0}), at_least=1, price=1) for _ in range(ONCE + 2))
    problem = make_problem([make_visit(1)], rules=rules)
    assert rows_once(problem) == tuple(range(ONCE))
    pricer = Pricer(Insertions(problem), shift_types(problem).types[0], with_kit=False)
    paid = pricer.price(np.zeros(1), 0.0, np.zeros(1, dtype=bool), rules=np.full(ONCE + 2, -1.0))
    assert paid.best == 1000 + ONCE + 2
