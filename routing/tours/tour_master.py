"""The master over tours, with rows to branch on.

A row counts the tours of a team group that spend a certain night out. Where all days of a team are
alike it is the night's number within the tour, else the day before it. Another row counts all tours
of a group. In a plan each count is whole; where the LP's is not, it is at most the one or at least
the other whole number beside it. Where a budget is scarce the LP may have a part of a dear tour, on
any days: of all counts, whether there is a tour at all is split at first.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from routing.columns.layout import Floats
from routing.columns.master import Column, Duals, Master
from routing.insertion import Insertions
from routing.shift_types import ShiftTypes
from routing.tours.tour_groups import TeamGroup

FRACTION = 0.02
"""A count no farther than this from a whole number is taken for one."""
NEVER = 1e9
"""Price of what a node has none of: it costs the bound nothing, and no call looks for it."""

Place = tuple[int, int]
"""A team group and a night, by position; behind the nights the number of all its tours."""
Limits = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TourDuals(Duals):
    """Prices of the rows, and of nights and of lengths of each group of teams.

    ``nights`` are of shape (groups, days + 1), the last that of each tour. ``lengths``, of shape
    (groups, days), are those of tours by their length where all days are alike (else 0): the price
    of the type is that of a tour of one day then.
    """

    nights: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    lengths: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    def towards(self, other: Duals, share: float) -> "TourDuals":
        """Go a share of the way to other duals; cuts that one does not know yet are free in it."""
        mixed = Duals.towards(self, other, share)
        nights, lengths = self.nights, self.lengths
        if isinstance(other, TourDuals):
            nights = (1 - share) * nights + share * other.nights
            lengths = (1 - share) * lengths + share * other.lengths
        return TourDuals(
            mixed.visits, mixed.types, mixed.kits, mixed.rules, mixed.cuts, nights, lengths
        )


@dataclass(frozen=True, slots=True)
class Node:
    """Plans whose counts lie within ``limits``; none of them is worth more than ``bound``."""

    bound: float = math.inf
    limits: Mapping[Place, Limits] = field(default_factory=dict)

    def parts(self, place: Place, count: float, bound: float) -> tuple["Node", "Node"]:
        """Split at a count that is not whole."""
        low, high = self.limits.get(place, (0.0, math.inf))
        below, above = (low, float(math.floor(count))), (float(math.ceil(count)), high)
        return (
            Node(bound, {**self.limits, place: below}),
            Node(bound, {**self.limits, place: above}),
        )


class TourMaster(Master):
    """The LP over all days and tours found so far, within the limits of a node."""

    def __init__(
        self, insertions: Insertions, types: ShiftTypes, groups: Sequence[TeamGroup], penalty: float
    ) -> None:
        super().__init__(insertions, types)
        self._groups = groups
        self._day_of = {
            t: (g, d) for g, group in enumerate(groups) for d, t in enumerate(group.types)
        }
        self.n_days = max((len(group.types) for group in groups), default=0)
        none = self._solver.infinity()
        self._counts = {
            (g, d): self._solver.Constraint(-none, none)
            for g, group in enumerate(groups)
            for d in (*range(len(group.types) - 1), self.n_days)
        }
        self._limits: Mapping[Place, Limits] = {}
        for row in self._counts.values():
            lacking = self._solver.NumVar(0, none, "")
            self._objective.SetCoefficient(lacking, -penalty)
            row.SetCoefficient(lacking, 1)

    def add(self, column: Column) -> bool:
        """Add a column unless one at least as good is there."""
        added = super().add(column)
        if added:
            for place in self._nights_of(column):
                self._counts[place].SetCoefficient(self._variables[-1], 1)
        return added

    def _nights_of(self, column: Column) -> list[Place]:
        if len(column.days) < 2:
            return []
        g, first = self._day_of[column.days[0]]
        start = 0 if self._groups[g].is_week else first
        return [*((g, start + k) for k in range(len(column.days) - 1)), (g, self.n_days)]

    def limit(self, limits: Mapping[Place, Limits]) -> None:
        """Keep counts within limits, all others free."""
        none = self._solver.infinity()
        for place in {*self._limits, *limits}:
            low, high = limits.get(place, (0.0, math.inf))
            self._counts[place].SetBounds(low or -none, min(high, none))
        self._limits = limits

    def nights(self) -> Floats:
        """Read the prices of nights and tours after a solve, of the sign of a limit they have."""
        found = np.zeros((len(self._groups), self.n_days + 1))
        for place, (low, high) in self._limits.items():
            if high == 0:
                found[place] = NEVER
                continue
            dual = float(self._counts[place].dual_value())
            found[place] = min(
                max(dual, -math.inf if low else 0.0), 0.0 if high == math.inf else dual
            )
        return found

    def lengths(self) -> Floats:
        """Read the prices of tours by length after a solve, where all days are alike."""
        found = np.zeros((len(self._groups), self.n_days))
        for g, group in enumerate(self._groups):
            for k, row in enumerate(self._rows.lengths.get(group.types[0], ())):
                found[g, k] = max(0.0, row.dual_value())
        return found

    def fractional(self, weights: Floats) -> tuple[Place, float] | None:
        """Give the count of a solution that is least whole; None when all are.

        Whether a group has a tour at all comes first.
        """
        counts = self.fractions(weights)
        if not counts:
            return None
        away = {place: abs(count - round(count)) for place, count in counts.items()}
        place = max(away, key=lambda p: (self.is_first(p, counts[p]), away[p]))
        return place, counts[place]

    def fractions(self, weights: Floats) -> dict[Place, float]:
        """Give all counts of a solution that are not whole."""
        counts = dict.fromkeys(self._counts, 0.0)
        for i in np.flatnonzero(weights):
            for place in self._nights_of(self.columns[i]):
                counts[place] += float(weights[i])
        return {
            place: count for place, count in counts.items() if abs(count - round(count)) >= FRACTION
        }

    def tours_made(self, weights: Floats) -> Floats:
        """Sum the tours of each group in a solution."""
        made = np.zeros(len(self._groups))
        for i in np.flatnonzero(weights):
            days = self.columns[i].days
            if days:
                made[self._day_of[days[0]][0]] += weights[i]
        return made

    def is_first(self, place: Place, count: float) -> bool:
        """Whether a count tells of a part of a tour where there is no whole one."""
        return place[1] == self.n_days and FRACTION <= count <= 1 - FRACTION


def limits_worth(limits: Mapping[Place, Limits], nights: Floats) -> float:
    """Sum what the limits of a node add to its Lagrangian bound."""
    total = 0.0
    for place, (low, high) in limits.items():
        price = float(nights[place])
        total += price * (high if price > 0 else low) if price else 0.0
    return total
