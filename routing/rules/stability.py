"""Stability: rows of the master over the published stops that a new plan keeps.

A stop is kept when the same shift, a team on a day, makes the visit, at whatever hour and length.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from routing.rules.row import Row, Term, at_least_zero, known_shifts, known_visits

if TYPE_CHECKING:
    from routing.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPublished:
    """What was published, as (visit, shift), and what leaving it costs.

    ``price`` of each changed stop in thousandths of a weighted document; ``max_changes``: no more
    stops than that may change, None lets all.
    """

    stops: frozenset[tuple[int, int]]
    price: int = 0
    max_changes: int | None = None

    def __post_init__(self) -> None:
        at_least_zero(self.price, "published stops, price")
        at_least_zero(self.max_changes, "published stops, changes")

    def rows(self, problem: "Problem", position: int) -> tuple[Row, ...]:
        """Give a row for the price and one for the limit, in stops kept."""
        known_visits(problem, frozenset(v for v, _ in self.stops), "published stops")
        by_shift: dict[int, list[int]] = defaultdict(list)
        for v, s in sorted(self.stops):
            by_shift[s].append(v)
        known_shifts(problem, frozenset(by_shift), "published stops")
        terms = []
        for s, visits in by_shift.items():
            amounts = np.zeros((1, len(problem.visits), 1), dtype=np.int64)
            amounts[0, visits] = 1
            terms.append(Term(amounts=amounts, shifts=frozenset({s})))
        n, kept, rows = len(self.stops), tuple(terms), []
        if self.price and n:
            rows.append(Row(rule=position, terms=kept, least=n, price=self.price))
        if self.max_changes is not None and n > self.max_changes:
            rows.append(Row(rule=position, terms=kept, least=n - self.max_changes))
        return tuple(rows)
