"""The arrays that the compiled loops of pricing work on.

The loops are in ``completion_kernels.py``, ``kernels.py`` and ``listing_kernels.py``.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.uint64]
Flag = npt.NDArray[np.bool_]


class Day(NamedTuple):
    """What a route is driven in: one shift type.

    ``lows``, ``highs`` of shape (n, windows). ``break_works`` are the working seconds at which each
    break begins, ``break_lengths`` its seconds; ``longer_than`` and ``allowances`` the duty in
    seconds and the loss in value, ``most_due`` the sum of these losses. ``may_wait`` tells whether
    a team can have to wait for a window to open.
    """

    times: Ints
    costs: Floats
    lows: Ints
    highs: Ints
    horizon: int
    break_works: Ints
    break_lengths: Ints
    longer_than: Ints
    allowances: Floats
    most_due: float
    may_wait: bool


class Offers(NamedTuple):
    """What may be visited at given duals: the options of visit j at ``first[j]:first[j + 1]``.

    ``gains`` are prizes less duals; ``active`` lists the visits that have an option; ``options``
    are the positions in ``Visit.options``.
    """

    first: Ints
    durations: Ints
    gains: Floats
    active: Ints
    options: Ints


class Cuts(NamedTuple):
    """Rows on three or five visits each, of which a plan holds few pairs (Jepsen et al. 2008).

    ``members`` has a bit for each cut that a visit belongs to, of shape (n,); ``prices`` are the
    duals of the cuts, at most 64. A route pays for every second visit of a cut, and where the
    cut's bit is in ``stays`` for every visit but the first.
    """

    members: Bits
    prices: Floats
    stays: np.uint64 = np.uint64(0)


class Bounds(NamedTuple):
    """Best that can follow a moment: ``best[j, x]`` not before ``x * step`` at visit j.

    ``onward`` is the visit that it goes to next (-1: none), ``other`` the best that goes to another
    one. Routes in it may come back to a visit, but not at once. All of shape (n, steps).
    """

    best: Floats
    onward: Ints
    other: Floats


class Completions(NamedTuple):
    """Bounds after leaving a visit, and on arriving at it with its session still to come.

    ``step`` seconds are at most the shortest session, or the shortest way between two visits.
    """

    step: int
    leaving: Bounds
    arriving: Bounds


class Span(NamedTuple):
    """When a partial route ends, for every moment at which it can leave.

    Leaving at working second t, from 0 to ``latest``, it ends at ``max(end, t + work)``: ``work``
    is its travel and sessions without waiting. All 0 but ``end`` where no allowance asks for it.
    """

    end: int
    work: int
    latest: int


class Labels(NamedTuple):
    """Partial routes, a column for each property; ``parents`` is -1 for the first stop.

    ``ends``, ``works`` and ``latest`` are those of ``Span``; ``odd`` has a bit for each cut of
    which an odd number of visits is made.
    """

    values: Floats
    ends: Ints
    works: Ints
    latest: Ints
    visits: Ints
    options: Ints
    parents: Ints
    odd: Bits
    memory: Bits


class Queue(NamedTuple):
    """Labels not looked at yet, by the time they end; ``made`` counts the labels, its one entry.

    A bucket is no wider than the shortest step from one visit to the end of the next.
    """

    width: int
    buckets: Ints
    after: Ints
    made: Ints


class Sets(NamedTuple):
    """Sets of visits by ``key_of``: the best value of each and the last label of its route.

    ``made`` counts them, its one entry.
    """

    heads: Ints
    links: Ints
    values: Floats
    ends: Ints
    made: Ints
