"""Fairness: a row of the master over the visits of a group, as a rule or at a price."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from routing.errors import InvalidProblem
from routing.rules.row import Row, Term, at_least_zero, known_visits

if TYPE_CHECKING:
    from routing.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """At least so many visits of a group, such as a district, or villages left too long.

    ``price`` is what each visit too few costs, in thousandths of a weighted document; None makes
    it a rule that no plan may break. A visit by a crew that can serve nobody there does not count:
    ``idle`` are such pairs of a visit and a crew, by its position in ``VisitOption.prizes``.
    """

    visits: frozenset[int]
    at_least: int
    price: int | None = None
    idle: frozenset[tuple[int, int]] = frozenset()

    def __post_init__(self) -> None:
        at_least_zero(self.at_least, "fairness, visits")
        at_least_zero(self.price, "fairness, price")

    def rows(self, problem: "Problem", position: int) -> tuple[Row, ...]:
        """Give the one row, in visits.

        Raises
        ------
        InvalidProblem
            When a visit or a crew does not exist.
        """
        n_crews = problem.n_crews if self.idle else 1
        amounts = np.zeros((n_crews, len(problem.visits), 1), dtype=np.int64)
        amounts[:, known_visits(problem, self.visits, "fairness")] = 1
        known_visits(problem, frozenset(v for v, _ in self.idle), "fairness")
        for v, crew in self.idle:
            if not 0 <= crew < n_crews:
                raise InvalidProblem(f"fairness: crew {crew} is not in 0..{n_crews - 1}")
            amounts[crew, v] = 0
        row = Row(
            rule=position, terms=(Term(amounts=amounts),), least=self.at_least, price=self.price
        )
        return (row,)
