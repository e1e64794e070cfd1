"""Cuts on three or five visits each, which bring the master's bound nearer to the best plan.

Of three visits a plan holds at most one route that makes two or three, because each visit is made
once; of five visits its routes make at most two pairs: subset-row inequalities (Jepsen, Petersen,
Spoorendonk and Pisinger 2008, "Subset-row inequalities applied to the vehicle-routing problem with
time windows").
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations

import numpy as np

from routing.columns.layout import Cuts, Flag, Floats, Ints
from routing.problem import Problem
from routing.timing import crew_of

OddSet = frozenset[int]
"""The three or five visits of a cut."""

MOST = 64
"""Cuts that a label of pricing has bits for."""
ONCE = 24
"""Rows of rules that have such a bit, at most."""
PER_ROUND = 15
PER_VISIT = 3
"""New cuts of one round that a visit may be in: they are most use when they are apart."""
VIOLATED = 0.05
"""A cut less violated than this is not worth its price."""
BESIDE = 6
"""Visits beside each that cuts on five begin with."""


def limit_of(odd_set: OddSet) -> int:
    """Count the pairs of a cut that a plan holds at most."""
    return len(odd_set) // 2


def separate(
    routes: Sequence[tuple[frozenset[int], float]], known: Iterable[OddSet], room: int, *,
    with_fives: bool = True,
) -> list[OddSet]:  # fmt: skip
    """Find the cuts that a solution of the LP violates most.

    Parameters
    ----------
    routes
        The visits and the weight of every column of the solution.
    known
        Cuts that are there already.
    room
        How many may be added.
    with_fives
        Whether to look for cuts on five visits as well.
    """
    violated = chain(_violated(routes), _violated_fives(routes) if with_fives else ())
    found = sorted(violated, key=lambda cut: (-cut[0], sorted(cut[1])))
    old, used = set(known), Counter[int]()
    chosen: list[OddSet] = []
    for _, odd_set in found:
        if len(chosen) >= min(room, PER_ROUND):
            break
        if odd_set not in old and all(used[v] < PER_VISIT for v in odd_set):
            used.update(odd_set)
            old.add(odd_set)  # five visits may have been come by in several ways
            chosen.append(odd_set)
    return chosen


def _violated(routes: Sequence[tuple[frozenset[int], float]]) -> Iterator[tuple[float, OddSet]]:
    """Weigh the routes that make two or three of three visits, where that is above 1.

    Two of the three pairs of a violated cut stand in some route together, so one visit of it has
    both others beside it.
    """
    pairs: dict[frozenset[int], float] = defaultdict(float)
    triples: dict[OddSet, float] = defaultdict(float)
    beside: dict[int, set[int]] = defaultdict(set)
    for visits, weight in routes:
        for pair in combinations(sorted(visits), 2):
            pairs[frozenset(pair)] += weight
            beside[pair[0]].add(pair[1])
            beside[pair[1]].add(pair[0])
        for triple in combinations(sorted(visits), 3):
            triples[frozenset(triple)] += weight
    seen: set[OddSet] = set()
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


def _violated_fives(
    routes: Sequence[tuple[frozenset[int], float]],
) -> Iterator[tuple[float, OddSet]]:
    """Weigh the pairs of five visits, where that is above 2: three visits and the best two others.

    The three are a visit and two of those that are most often beside it; the others are beside any
    of the three.
    """
    visits = sorted(frozenset[int]().union(*(made for made, _ in routes)))
    if len(visits) < 5:
        return
    made = np.array([[v in on for v in visits] for on, _ in routes], dtype=np.float64)
    weights = np.array([weight for _, weight in routes])
    beside = (made * weights[:, None]).T @ made
    np.fill_diagonal(beside, 0.0)
    near = np.argsort(-beside, axis=1, kind="stable")[:, :BESIDE]
    triples = {
        frozenset((v, int(a), int(b)))
        for v in range(len(visits))
        for a, b in combinations([u for u in near[v] if beside[v, u] > 0], 2)
    }
    for three in sorted(triples, key=sorted):
        excess, fourth, fifth = _best_two(made, weights, beside, sorted(three))
        if excess > VIOLATED:
            yield excess, frozenset(visits[k] for k in (*three, fourth, fifth))


def _best_two(
    made: Floats, weights: Floats, beside: Floats, three: list[int]
) -> tuple[float, int, int]:
    """Find the two visits beside three with which these make most pairs, and their weight above 2.

    A visit makes one pair more in the routes that make an odd number of the others.
    """
    others = np.flatnonzero(beside[three].sum(axis=0) > 0)
    others = others[~np.isin(others, three)]
    if len(others) < 2:
        return 0.0, -1, -1
    n_made, along = made[:, three].sum(axis=1), made[:, others]
    with_fourth = (weights * (n_made % 2)) @ along
    n_four = (n_made[:, None] + along) % 2
    with_fifth = (n_four * weights[:, None]).T @ along
    np.fill_diagonal(with_fifth, -np.inf)
    total = with_fourth[:, None] + with_fifth
    fourth, fifth = np.unravel_index(int(total.argmax()), total.shape)
    pairs = float(weights @ (n_made // 2)) + float(total[fourth, fifth])
    return pairs - 2.0, int(others[fourth]), int(others[fifth])


def rows_once(problem: Problem) -> tuple[int, ...]:
    """List the rows of the rules that count no more than one unit of a column.

    A row that asks for a single unit has it from any column that brings one. What else the column
    brings is of no use, but without this half of two such columns would do in the LP.
    """
    return tuple(r for r, row in enumerate(problem.rows) if row.is_met_by_one)[:ONCE]


def counted_once(
    problem: Problem, shifts: Sequence[int], with_kit: bool, visits: Ints
) -> dict[int, Flag]:
    """Tell for each of these rows which of some visits count on every one of some shifts."""
    found = {}
    for r in rows_once(problem):
        term = problem.rows[r].terms[0]
        shape = len(problem.visits), 1
        counts = [
            np.broadcast_to(term.of(crew_of(problem.shifts[s], with_kit)), shape)[visits, 0] > 0
            if term.counts(s)
            else np.zeros(len(visits), dtype=bool)
            for s in shifts
        ]
        found[r] = np.logical_and.reduce(counts)
    return found


def beside(cuts: Cuts, visits: Ints, once: Mapping[int, Flag], rules: Floats) -> Cuts:
    """Give the cuts of some visits, and beside them the rows whose second unit is of no use.

    Parameters
    ----------
    once
        As ``counted_once`` gives it, of these visits.
    rules
        Prices of ``Problem.rows``, below 0 where a unit is asked for.
    """
    members = np.zeros(len(visits), dtype=np.uint64)
    if len(cuts.prices):
        members |= cuts.members[visits]
    prices, stays = list(cuts.prices), 0
    for r, counts in once.items():
        if len(rules) and rules[r] < 0:
            members |= np.where(counts, np.uint64(1 << len(prices)), np.uint64(0))
            stays |= 1 << len(prices)
            prices.append(-float(rules[r]))
    return Cuts(members, np.array(prices, dtype=np.float64), np.uint64(stays))


def priced(odd_sets: Sequence[OddSet], prices: Floats, n_visits: int) -> Cuts:
    """Lay out the cuts that have a price, for pricing; at most 64 (``MOST``).

    ``prices`` are for all the pairs that a plan holds at most; a route pays for each pair.
    """
    active = [k for k, price in enumerate(prices) if price > 0]
    members = np.zeros(n_visits, dtype=np.uint64)
    for bit, k in enumerate(active):
        for v in odd_sets[k]:
            members[v] |= np.uint64(1) << np.uint64(bit)
    each = [prices[k] / limit_of(odd_sets[k]) for k in active]
    return Cuts(members, np.array(each, dtype=np.float64))
