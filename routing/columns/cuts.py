"""Cuts on three visits each, which bring the master's bound nearer to the best plan.

Of the routes that make two or three of three visits a plan holds at most one, because each visit is
made once: subset-row inequalities (Jepsen, Petersen, Spoorendonk and Pisinger 2008, "Subset-row
inequalities applied to the vehicle-routing problem with time windows").
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np

from routing.columns.layout import Cuts, Floats

Triple = frozenset[int]

MOST = 64
"""Cuts that a label of pricing has bits for."""
PER_ROUND = 15
PER_VISIT = 3
"""New cuts of one round that a visit may be in: they are most use when they are apart."""
VIOLATED = 0.05
"""A cut less violated than this is not worth its price."""


def separate(
    routes: Sequence[tuple[frozenset[int], float]], known: Iterable[Triple], room: int
) -> list[Triple]:
    """Find the cuts that a solution of the LP violates most.

    Parameters
    ----------
    routes
        The visits and the weight of every column of the solution.
    known
        Cuts that are there already.
    room
        How many may be added.
    """
    found = sorted(_violated(routes), key=lambda cut: (-cut[0], sorted(cut[1])))
    old, used = set(known), Counter[int]()
    chosen: list[Triple] = []
    for _, triple in found:
        if len(chosen) >= min(room, PER_ROUND):
            break
        if triple not in old and all(used[v] < PER_VISIT for v in triple):
            used.update(triple)
            chosen.append(triple)
    return chosen


def _violated(routes: Sequence[tuple[frozenset[int], float]]) -> Iterator[tuple[float, Triple]]:
    """Weigh the routes that make two or three of three visits, where that is above 1.

    Two of the three pairs of a violated cut stand in some route together, so one visit of it has
    both others beside it.
    """
    pairs: dict[frozenset[int], float] = defaultdict(float)
    triples: dict[Triple, float] = defaultdict(float)
    beside: dict[int, set[int]] = defaultdict(set)
    for visits, weight in routes:
        for pair in combinations(sorted(visits), 2):
            pairs[frozenset(pair)] += weight
            beside[pair[0]].add(pair[1])
            beside[pair[1]].add(pair[0])
        for triple in combinations(sorted(visits), 3):
            triples[frozenset(triple)] += weight
    seen: set[Triple] = set()
    for a in sorted(beside):
        for b, c in combinations(sorted(beside[a]), 2):
            three = frozenset((a, b, c))
            if three in seen:
                continue
            seen.add(three)
            two = sum(pairs.get(frozenset(p), 0.0) for p in combinations(three, 2))
            excess = two - 2 * triples.get(three, 0.0) - 1
            if excess > VIOLATED:
                yield excess, three


def priced(triples: Sequence[Triple], prices: Floats, n_visits: int) -> Cuts:
    """Lay out the cuts that have a price, for pricing; at most 64 (``MOST``)."""
    active = [k for k, price in enumerate(prices) if price > 0]
    members = np.zeros(n_visits, dtype=np.uint64)
    for bit, k in enumerate(active):
        for v in triples[k]:
            members[v] |= np.uint64(1) << np.uint64(bit)
    return Cuts(members, np.array([prices[k] for k in active], dtype=np.float64))
