"""Compiled loops that bound what can follow on a tour by labels made backward in time.

Labels of tours driven the other way round remember visits, so these bounds are closer than those of
the completion table, which only keep a tour from turning back at once (Righini and Salani 2006).
"""

import numpy as np

from routing.columns.layout import Bits, Cuts, Flag, Floats, Ints
from routing.jit import compiled, inner
from routing.tours.tour_kernels import (
    NODE,
    OPTION,
    TIME,
    WORST,
    begun,
    empty_labels,
    is_left,
    leave,
    run,
)
from routing.tours.tour_layout import Days, TourLabels, TourOffers, TourTable


@inner
def by_arrival(
    days: Days, entry: Floats, labels: TourLabels, firsts: Ints, bounds: Floats, step: int
) -> None:
    """Fill in for each day, visit and time of arrival the best label that begins no sooner."""
    n_days = len(firsts) - 1
    parts, values = labels.parts, labels.values
    for back in range(n_days):
        for i in range(firsts[back], firsts[back + 1]):
            if parts[i, OPTION] >= 0:
                x = (days.horizons[back] - parts[i, TIME]) // step
                d, node = n_days - 1 - back, parts[i, NODE]
                # Who has come there has paid for the day.
                bounds[d, node, x] = max(bounds[d, node, x], values[i] + entry[back])
    for d in range(n_days):
        for node in range(bounds.shape[1]):
            for x in range(bounds.shape[2] - 2, -1, -1):
                bounds[d, node, x] = max(bounds[d, node, x], bounds[d, node, x + 1])


@compiled
def tails(
    days: Days, offers: TourOffers, table: TourTable, neighbours: Bits, cuts: Cuts, floor: float,
    width: int, cap: int, stop: Flag,
) -> tuple[int, Floats]:  # fmt: skip
    """Bound what a tour can gain from its arrival at a visit on, that visit included.

    ``days``, ``offers`` and ``table`` are those of the tours driven the other way round, the last
    day first; the rest is as in ``price_tours``.

    Returns
    -------
    tuple
        Labels made (``OVER_CAP`` or ``STOPPED`` when there is no answer), and by day, node and step
        of the tours themselves the best from an arrival then or later on: enough for all tours
        worth more than ``floor``.
    """
    labels = empty_labels(cap, 1 + neighbours.shape[1])
    search = begun(days, neighbours, cuts, floor, width, 0, cap, False)
    made = run(days, offers, table, labels, search, stop)
    bounds = np.full(table.arriving.best.shape, WORST)
    if made >= 0:
        by_arrival(days, offers.entry, labels, search.firsts, bounds, table.step)
    return made, bounds


@compiled
def tighten(days: Days, offers: TourOffers, table: TourTable, bounds: Floats, stop: Flag) -> None:
    """Lower a completion table to bounds on what follows an arrival."""
    arriving = table.arriving
    arriving.best[:] = np.minimum(arriving.best, bounds)
    arriving.other[:] = np.minimum(arriving.other, bounds)
    places = np.arange(days.n_visits, days.times.shape[1] - 1)
    for d in range(len(days.matrix) - 1, -1, -1):
        for x in range(days.horizons[d] // table.step, -1, -1):
            if stop[0]:
                return
            if is_left(offers, table, d, x):
                leave(days, offers, table, d, x, offers.active)
        leave(days, offers, table, d, 0, places)
