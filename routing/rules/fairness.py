"""Fairness: a row of the master over the visits of a group, as a rule or at a price."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from routing.rules.row import Row, Term, at_least_zero, known_visits

if TYPE_CHECKING:
    from routing.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """At least so many visits of a group, such as a district, or villages left too long.

    ``price`` is what each visit too few costs, in thousandths of a weighted document; None makes
    it a rule that no plan may break.
    """

    visits: frozenset[int]
    at_least: int
    price: int | None = None

    def __post_init__(self) -> None:
        at_least_zero(self.at_least, "fairness, visits")
        at_least_zero(self.price, "fairness, price")

    def rows(self, problem: "Problem", position: int) -> tuple[Row, ...]:
        """Give the one row, in visits."""
        amounts = np.zeros((1, len(problem.visits), 1), dtype=np.int64)
        amounts[0, known_visits(problem, self.visits, "fairness")] = 1
        row = Row(
            rule=position, terms=(Term(amounts=amounts),), least=self.at_least, price=self.price
        )
        return (row,)
