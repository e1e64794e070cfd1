"""The arrays of ruin and recreate: the week as it is given, plans being changed, routes seen.

They stand apart from the loops in ``ruin_kernels.py``, as ``layout.py`` does from ``kernels.py``.
Places are the visits, then the nodes where shifts start and end. Times are working seconds of a
shift, values are thousandths of a weighted document.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.columns.layout import Bits, Floats, Ints

Small = npt.NDArray[np.int32]
Costs = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


class Week(NamedTuple):
    """What does not change.

    ``times`` and ``costs`` have shape (matrices, places, places), ``FAR`` where there is no way;
    ``lows`` and ``highs`` (clocks, visits, windows); ``break_works``, ``break_lengths`` (shifts,
    breaks), the working seconds at which breaks begin and their seconds; ``longer_than`` and
    ``allowances`` (shifts, allowances); ``prizes`` (crews, visits, options) with the bonus of
    required visits; ``crews`` (shifts, 2) without and with a kit; ``near`` (visits, so many) the
    visits nearest to each.
    ``marks`` are random numbers that name a set of visits.
    """

    times: Small
    costs: Costs
    matrices: Ints
    starts: Ints
    ends: Ints
    horizons: Ints
    fixed: Floats
    clocks: Ints
    lows: Ints
    highs: Ints
    break_works: Ints
    break_lengths: Ints
    longer_than: Ints
    allowances: Floats
    allowed: Flags
    durations: Ints
    prizes: Floats
    crews: Ints
    pools: Ints
    kinds: Ints
    near: Small
    marks: Bits


class Plan(NamedTuple):
    """A plan being changed: per shift its visits and options in order, kit, times and value.

    ``leaves`` is when each stop is left, ``latest`` the last moment at which to arrive at each
    stop, and after the last one at the end; ``totals`` the cost of the legs. ``at`` is the shift
    of each visit, -1 for none.
    """

    visits: Small
    options: Small
    lengths: Ints
    kits: Flags
    leaves: Ints
    latest: Ints
    values: Floats
    at: Ints


class Inserts(NamedTuple):
    """The best way to put each visit into each shift, of shape (shifts, visits); score 0: none."""

    scores: Floats
    places: Small
    options: Small


class Seen(NamedTuple):
    """Routes of good plans, at most so many: an open hash table by kind, kit and set of visits.

    ``keys`` 0 is free. ``made`` counts them, its one entry.
    """

    keys: Bits
    shifts: Small
    kits: Flags
    lengths: Small
    visits: Small
    options: Small
    values: Floats
    made: Ints
