"""The arrays that the compiled loops of ``tour_kernels.py`` work on; without code, like ``layout``.

Nodes are local: visits 0..n-1, then the places to sleep, then the base. Days are positions in the
days of one team, in order.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.columns.layout import Bits, Floats, Ints

Bools = npt.NDArray[np.bool_]
Parts = npt.NDArray[np.int32]


class Days(NamedTuple):
    """What the days of a team's tours are driven in.

    ``times`` and ``costs`` of shape (matrices, nodes, nodes); ``matrix``, ``horizons``,
    ``may_start``, ``may_end`` and ``may_stay`` (out, over the night after it) have one entry a day;
    ``night_costs`` of shape (days, 1 + places to sleep), the first that of sleeping at a visit;
    ``lows`` and ``highs`` shape (days, visits, windows), in working seconds of the day. ``costs``
    and ``night_costs`` are values. ``n_visits``, then ``at_last_stop``: whether a team may sleep at
    its last visit; ``at_next_stop``: at the visit that it makes first on the next day, as whoever
    drives such a tour backward does. ``max_days`` is the longest tour.
    """

    times: Ints
    costs: Floats
    matrix: Ints
    horizons: Ints
    lows: Ints
    highs: Ints
    night_costs: Floats
    may_start: Bools
    may_end: Bools
    may_stay: Bools
    n_visits: int
    at_last_stop: bool
    at_next_stop: bool
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


class Ways(NamedTuple):
    """Visits that each node leads to within a day, the soonest first.

    Those of node i on matrix m are ``to[m, i, :counts[m, i]]``, so many ``steps`` away. ``lasts``
    has for each day the last step at which a session can still begin, -1 where there is none.
    """

    to: Ints
    steps: Ints
    counts: Ints
    lasts: Ints


class TourTable(NamedTuple):
    """Bounds after leaving a node, and on arriving at a visit with its session still to come.

    ``waking`` has what follows a morning, at step 0: that of leaving where one slept, or with
    ``Days.at_next_stop`` of arriving there.
    """

    step: int
    leaving: TourBounds
    arriving: TourBounds
    waking: TourBounds
    ways: Ways


class TourLabels(NamedTuple):
    """Partial tours: ``values`` less all duals, ``parts`` and ``memory`` with a row for each.

    ``parts`` has the columns that ``tour_kernels`` names: the second of the day, the node,
    the option (-1 for a morning after a night, and at the base), the label before (-1: none), the
    day of leaving the base, and the next label of the node or of the bucket. The first word of
    ``memory`` has a bit for each cut of which an odd number of visits is made, the others those
    that may not be made again, and where tours are listed by options too, further ones those taken.
    ``made``: rows in use, and the first of those free again (-1: none).
    """

    values: Floats
    parts: Parts
    memory: Bits
    made: Ints


class TourSearch(NamedTuple):
    """Where one call keeps its labels and what it found.

    ``heads`` lists labels by node; ``mornings`` those that begin the next day; ``buckets`` those
    not looked at yet, by the time they end. ``found`` and ``ends`` of shape (days, nodes): the best
    tour that ends on a day from a node; ``spans`` of shape (days, days) the best from day to day.
    ``scratch`` has room for the memory of one label, ``waiting`` for the labels not looked at yet.
    ``members``, ``prices``, ``stays``: those of the cuts. ``firsts`` of shape (days + 1,): rows in
    use when each day begins, and at last. ``is_apart``: tours that leave on different days are told
    apart.
    """

    heads: Ints
    mornings: Ints
    buckets: Ints
    found: Floats
    ends: Ints
    spans: Floats
    neighbours: Bits
    members: Bits
    prices: Floats
    stays: np.uint64
    scratch: Bits
    waiting: TourLabels
    firsts: Ints
    is_apart: bool
    floor: float
    width: int
    slack: int
