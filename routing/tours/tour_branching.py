"""Where to split plans: the counts that are least whole are tried in the LP as it is.

Strong branching (Applegate, Bixby, Chvátal and Cook 1995, "Finding cuts in the TSP"). Tours not
found yet can only make the halves worth more, so this chooses a split and bounds nothing.
"""

from collections.abc import Callable
from math import inf
from typing import NamedTuple

from routing.columns.master import Solved
from routing.tours.tour_master import Node, Place, TourMaster

TRIED = 3
"""Counts that are tried: those least whole."""


class Split(NamedTuple):
    """A count that is not whole, its number in the LP, and what the better half is worth there."""

    place: Place
    number: float
    value: float


def best_split(
    master: TourMaster, node: Node, solved: Solved, solve: Callable[[], Solved | None]
) -> Split | None:
    """Choose, of the counts least whole, that whose better half is worth least; None without any.

    Parameters
    ----------
    solved
        The LP's solution within the node.
    solve
        Solves the LP; None once it is time to stop.
    """
    best: Split | None = None
    counts = master.fractions(solved.weights)
    for place in sorted(counts, key=lambda p: -abs(counts[p] - round(counts[p])))[:TRIED]:
        value = -inf
        for part in node.parts(place, counts[place], node.bound):
            master.limit(part.limits)
            found = solve()
            value = max(value, solved.value if found is None else found.value)
            if best is not None and value >= best.value:
                break
        if best is None or value < best.value:
            best = Split(place, counts[place], value)
    master.limit(node.limits)
    return best
