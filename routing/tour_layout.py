"""The arrays that the compiled loops of ``tour_kernels.py`` work on; without code, like ``layout``.

Nodes are local: visits 0..n-1, then the places to sleep, then the base. Days are positions in the
days of one team, in order.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.layout import Bits, Floats, Ints

Bools = npt.NDArray[np.bool_]


class Days(NamedTuple):
    """What the days of a team's tours are driven in.

    ``times`` and ``costs`` of shape (matrices, nodes, nodes); ``matrix``, ``horizons``,
    ``night_costs``, ``may_start`` and ``may_stay`` (out, over the night after it) have one entry
    per day; ``lows`` and ``highs`` shape (days, visits, windows), in working seconds of the day.
    ``costs`` and ``night_costs`` are values. ``n_visits``, then ``at_last_stop``: whether a team
    may sleep at its last visit; ``max_days`` is the longest tour.
    """

    times: Ints
    costs: Floats
    matrix: Ints
    horizons: Ints
    lows: Ints
    highs: Ints
    night_costs: Floats
    may_start: Bools
    may_stay: Bools
    n_visits: int
    at_last_stop: bool
    max_days: int


class TourOffers(NamedTuple):
    """What may be visited at given duals: the options of visit j at ``first[j]:first[j + 1]``.

    ``gains`` of shape (days, options) are prizes less duals, ``WORST`` where a day may not;
    ``entry`` is what each day costs before anything is done; ``active`` lists the visits with an
    option.
    """

    first: Ints
    durations: Ints
    gains: Floats
    entry: Floats
    active: Ints


class TourBounds(NamedTuple):
    """Best that can follow leaving, or arriving at, a node: ``best[day, node, x]`` not before x.

    ``x`` counts steps. ``onward`` is the visit made next, ``other`` the best with another one.
    """

    best: Floats
    onward: Ints
    other: Floats


class TourTable(NamedTuple):
    """Bounds after leaving a node, and on arriving at a visit with its session still to come."""

    step: int
    leaving: TourBounds
    arriving: TourBounds


class TourLabels(NamedTuple):
    """Partial tours, a column for each property.

    ``options`` is -1 for a morning after a night at the node; ``starts`` is the day of leaving the
    base, ``parents`` -1 for the first label of a tour. ``made`` counts them, its one entry.
    """

    values: Floats
    times: Ints
    nodes: Ints
    options: Ints
    parents: Ints
    starts: Ints
    links: Ints
    after: Ints
    memory: Bits
    made: Ints


class TourSearch(NamedTuple):
    """Where one call keeps its labels and what it found.

    ``heads`` lists labels looked at, by node; ``mornings`` those that begin the next day;
    ``buckets`` those not looked at yet, by the time they end. ``found`` and ``ends`` of shape
    (days, nodes): the best tour that ends on a day from a node; ``spans`` of shape (days, days) the
    best from day to day. ``mask``: the part of a memory that counts in dominance.
    """

    heads: Ints
    mornings: Ints
    buckets: Ints
    found: Floats
    ends: Ints
    spans: Floats
    neighbours: Bits
    mask: Bits
    memory: Bits
    floor: float
    width: int
