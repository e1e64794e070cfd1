"""Tours that come twice to a visit: columns of the LP, which no plan can use, until forbidden.

With them the LP converges on the bound that labels of short memory give, and its duals say which
cycles are worth forbidding (Roberti and Mingozzi 2014, "Dynamic ng-path relaxation for the delivery
man problem").
"""

from collections.abc import Iterator, Sequence

from routing.columns.layout import Floats
from routing.columns.master import Column, Master
from routing.tours.tour_groups import TeamGroup
from routing.tours.tour_pricing import TourPricer

Pricers = Sequence[tuple[TeamGroup, TourPricer]]
"""Pricers of tours, and whose tours they are."""
SHARE = 1e-6
"""Less of a column than this is nothing."""


def forbid_cycles(master: Master, pricers: Pricers, weights: Floats) -> int:
    """Make the cycles of a solution of the LP impossible, there and in pricing.

    Parameters
    ----------
    weights
        Of every column, as ``Solved.weights``.

    Returns
    -------
    int
        How many visits some node remembers now and did not before; 0 when there is no cycle.
    """
    n_before = len(weights)
    used = [c for c, w in zip(master.columns[:n_before], weights, strict=True) if w > SHARE]
    cyclic = [column for column in used if column.has_cycle]
    added = sum(
        pricer.remember(column.days_made, column.sleeps)
        for column in cyclic
        for pricer in _of(column, pricers)
    )
    if added:
        master.drop(
            lambda column: (
                column.has_cycle
                and not any(p.allows(column.days_made, column.sleeps) for p in _of(column, pricers))
            )
        )
    return added


def _of(column: Column, pricers: Pricers) -> Iterator[TourPricer]:
    """Give the pricers that find such a tour."""
    for group, pricer in pricers:
        if column.type in group.types and pricer.with_kit == column.with_kit:
            yield pricer
