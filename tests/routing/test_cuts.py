"""Cuts on three visits: found where they are violated, true of every plan."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.columns.cuts import MOST, VIOLATED, priced, separate

ROUTES = st.lists(
    st.tuples(st.frozensets(st.integers(0, 6), min_size=1, max_size=5), st.floats(0, 1)), max_size=9
)


def excess(routes: list[tuple[frozenset[int], float]], triple: frozenset[int]) -> float:
    """By definition: the weight of the routes with two or three of the visits, above 1."""
    return sum(weight for visits, weight in routes if len(visits & triple) >= 2) - 1


@settings(deadline=None)
@given(ROUTES)
def test_the_most_violated_of_all_triples_is_found(
    routes: list[tuple[frozenset[int], float]],
) -> None:
    found = separate(routes, (), 100)
    every = [frozenset(t) for t in combinations(range(7), 3)]
    # A weight above 1 of one pair alone is no solution of an LP; there the third is any visit.
    worst = max(excess(routes, t) for t in every)
    for triple in found:
        assert excess(routes, triple) > VIOLATED - 1e-9
    if found:
        assert excess(routes, found[0]) == pytest.approx(
            max(excess(routes, t) for t in every if _is_joined(routes, t))
        )
    else:
        assert worst <= VIOLATED + 1e-9 or not any(
            excess(routes, t) > VIOLATED for t in every if _is_joined(routes, t)
        )


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
