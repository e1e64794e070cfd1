"""Where to split plans: every count that is not whole is tried in the LP as it is.

Strong branching (Applegate, Bixby, Chvátal and Cook 1995, "Finding cuts in the TSP"). Tours not
found yet can only make the halves worth more, so this chooses a split and bounds nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

from routing.columns.master import Solved
from routing.tours.tour_master import Node, Place, TourMaster


class Split(NamedTuple):
    """A count that is not whole, its number in the LP, and what the better half is worth there."""

    place: Place
    number: float
    value: float


def best_split(
    master: TourMaster, node: Node, solved: Solved, solve: Callable[[], Solved | None]
) -> Split | None:
    """Choose the count whose better half is worth least; None when all are whole.

    Parameters
    ----------
    solved
        The LP's solution within the node.
    solve
        Solves the LP; None once it is time to stop.
    """
    best: Split | None = None
    for place, number in master.fractions(solved.weights).items():
        values = []
        for part in node.parts(place, number, node.bound):
            master.limit(part.limits)
            found = solve()
            values.append(solved.value if found is None else found.value)
        if best is None or max(values) < best.value:
            best = Split(place, number, max(values))
    master.limit(node.limits)
    return best
