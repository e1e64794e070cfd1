"""The arrays of the search for long routes, on which the loops of ``long_kernels.py`` work.

Places are the visits, then the nodes where shifts start or end. Times are working seconds of a
shift, values are thousandths of a weighted document.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.columns.layout import Bits, Floats, Ints

Small = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


class Ground(NamedTuple):
    """What does not change while one choice of places to sleep is searched.

    ``times`` of shape (matrices, places, places), ``FAR`` where there is no way, ``back`` the same
    with the place that is reached first; ``starts``,
    ``ends``, ``horizons``, ``matrices`` one per shift; ``services`` one per visit; ``prizes`` of
    shape (shifts, visits), 0 where the shift does not make the visit; ``opens`` and ``closes``
    (shifts, visits) the first and last start of a session. ``is_free`` tells that no window binds:
    then only the sum of the times counts; ``is_even`` that ways between
    visits are as long back as there. ``near`` (visits, so many) lists the visits nearest to
    each, itself first. ``appeals`` of shape (tastes, visits) are prizes to several powers.
    ``marks`` are random numbers that name a set of visits, ``kinds`` tell alike shifts.
    """

    times: Ints
    back: Ints
    starts: Ints
    ends: Ints
    horizons: Ints
    matrices: Ints
    services: Ints
    prizes: Floats
    opens: Ints
    closes: Ints
    is_free: bool
    is_even: bool
    near: Small
    appeals: Floats
    marks: Bits
    kinds: Ints


class Routes(NamedTuple):
    """A plan being changed: per shift its places in order, the time it takes and its prize.

    ``stops`` has the start at 0, then so many visits as ``lengths`` says, then the end. ``leaves``
    is when each is left, ``latest`` the last moment at which to arrive there; both only where
    windows bind. ``at`` is the shift of each visit, -1 for none, ``position`` where it stands in
    its ``stops``.
    """

    stops: Small
    lengths: Ints
    spent: Ints
    prizes: Floats
    leaves: Ints
    latest: Ints
    at: Ints
    position: Ints


class Table(NamedTuple):
    """The cheapest insertion of each visit into each shift: seconds added, after which stop.

    ``edges`` is room for the edges of one route.
    """

    costs: Ints
    places: Ints
    edges: Ints


class Found(NamedTuple):
    """Routes of good plans: an open hash table by kind of shift and set of visits.

    ``keys`` 0 is free; ``made`` counts them, its one entry. The shortest order of a set is kept.
    """

    keys: Bits
    shifts: Small
    lengths: Small
    visits: Small
    spent: Ints
    prizes: Floats
    made: Ints
