"""Compiled loops that list every tour worth more than a floor, each set of visits once."""

import numpy as np

from routing.columns.layout import Cuts, Flag, Floats, Ints
from routing.jit import compiled, inner
from routing.tours.tour_kernels import (
    LISTING,
    NODE,
    OVER_CAP,
    SLOT_BITS,
    START,
    TIME,
    begun,
    empty_labels,
    run,
    slot_of,
)
from routing.tours.tour_layout import Days, TourLabels, TourOffers, TourTable


@inner
def same(labels: TourLabels, a: int, b: int) -> bool:
    """Whether two labels left on the same day and remember the same."""
    if labels.parts[a, START] != labels.parts[b, START]:
        return False
    for w in range(1, labels.memory.shape[1]):  # noqa: SIM110 - a generator does not compile
        if labels.memory[a, w] != labels.memory[b, w]:
            return False
    return True


@inner
def ended(
    days: Days, labels: TourLabels, firsts: Ints, d: int, floor: float, most: int, n: int,
    ends: Ints, lasts: Ints, totals: Floats,
) -> int:  # fmt: skip
    """Add the tours that end on day d; how many there are then, ``OVER_CAP`` above ``most``."""
    parts, base = labels.parts, days.times.shape[1] - 1
    heads = np.full(1 << SLOT_BITS, -1, np.int64)
    links = np.full(most, -1, np.int64)
    for i in range(firsts[d], firsts[d + 1]):
        here = parts[i, NODE]
        if parts[i, START] == d or here == base:
            continue
        if parts[i, TIME] + days.times[days.matrix[d], here, base] > days.horizons[d]:
            continue
        total = labels.values[i] - days.costs[days.matrix[d], here, base]
        if total <= floor:
            continue
        slot = slot_of(0, labels.memory, i, LISTING)
        e = heads[slot]
        while e >= 0 and not same(labels, ends[e], i):
            e = links[e]
        if e < 0:
            if n == most:
                return OVER_CAP
            e, n = n, n + 1
            links[e], heads[slot] = heads[slot], e
            ends[e], lasts[e], totals[e] = i, d, total
        elif total > totals[e]:
            ends[e], totals[e] = i, total
    return n


@compiled
def list_tours(
    days: Days, offers: TourOffers, table: TourTable, cuts: Cuts, floor: float, width: int,
    cap: int, most: int, has_options: bool, stop: Flag,
) -> tuple[int, Ints, Ints, Floats, TourLabels]:  # fmt: skip
    """List the best tour of each set of visits and span of days, where it is above ``floor``.

    Parameters
    ----------
    cap, most
        Labels, and tours, that are too many.
    has_options
        Whether to tell sets of visits apart by the options taken.

    Returns
    -------
    tuple
        How many tours (``OVER_CAP`` or ``STOPPED`` when there is no answer); of each its last
        label, its last day and its value; the labels.
    """
    words = (days.n_visits + 63) >> 6
    if has_options:
        words += (len(offers.durations) + 63) >> 6
    everything = np.full((days.times.shape[1] - 1, words), ~np.uint64(0))
    labels = empty_labels(cap, 1 + words)
    search = begun(days, everything, cuts, floor, width, LISTING, cap, True)
    ends, lasts = np.full(most, -1, np.int64), np.full(most, -1, np.int64)
    totals = np.full(most, floor)
    made = run(days, offers, table, labels, search, stop)
    n = made
    if made >= 0:
        n = 0
        for d in range(len(days.matrix)):
            if days.may_end[d] and n >= 0:
                n = ended(days, labels, search.firsts, d, floor, most, n, ends, lasts, totals)
    return n, ends, lasts, totals, labels
