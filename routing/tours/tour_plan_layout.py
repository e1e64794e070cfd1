"""The arrays of ruin and recreate over tours: nights, plans being changed, tours seen.

They add to those of ``week_layout.py``. What a shift is driven in has two rows in ``Week``: row s
for the day from base to base, row n + s, with n shifts, for a day of a tour. Places are the visits,
then the nodes where shifts start and end and where teams may sleep.
"""

from typing import NamedTuple

from routing.columns.layout import Bits, Floats, Ints
from routing.heuristics.week_layout import Flags, Small

HOME = -1
"""In place of a place to sleep: at the base."""
LAST = -2
"""Where the tour made its last visit."""


class Nights(NamedTuple):
    """Who may stay out where; one entry per shift but for ``longest``, the days of a tour at most.

    ``before`` and ``after`` are the shifts from and to which a night leads, -1 for none;
    ``lodges`` of shape (shifts, so many) the places to sleep after a shift, -1 for none;
    ``at_last`` whether at the last visit too; ``begins`` whether a tour may leave on this day;
    ``costs`` of shape (shifts, visits and places) the value of sleeping there.
    """

    before: Ints
    after: Ints
    lodges: Small
    at_last: Flags
    begins: Flags
    costs: Floats
    longest: int


class TourPlan(NamedTuple):
    """As ``week_layout.Plan``, with where a team sleeps after each shift, and where it starts.

    ``sleeps`` is a place, ``HOME`` or ``LAST``. All days of a tour have its kit. A day of a tour
    has a value without visits too: what it costs.
    """

    visits: Small
    options: Small
    lengths: Ints
    kits: Flags
    sleeps: Ints
    starts: Ints
    leaves: Ints
    latest: Ints
    values: Floats
    at: Ints


class SeenTours(NamedTuple):
    """Tours of good plans, an open hash table by kind of first shift, days, kit and visits.

    ``keys`` 0 is free, ``made`` counts them. ``lengths`` and ``sleeps`` of shape (places, days)
    tell how many of ``visits`` and ``options`` belong to each day, and where the night after it is
    spent.
    """

    keys: Bits
    shifts: Small
    days: Small
    kits: Flags
    lengths: Small
    sleeps: Small
    visits: Small
    options: Small
    values: Floats
    made: Ints
