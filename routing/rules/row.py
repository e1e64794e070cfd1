"""A linear row over a plan: what every stop and every rupiah adds, and between what the sum lies.

A row is all that the solver knows of a rule. Its amounts are whole and at least 0. What lies
outside the limits is forbidden, or costs ``price`` a unit.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from routing.errors import InvalidProblem

if TYPE_CHECKING:
    from routing.problem import Problem

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Term:
    """What the stops of some shifts add to a row.

    ``amounts`` has three axes, crews, visits and options, each as long as the problem's or 1 where
    it makes no difference. ``shifts`` are those whose stops count; None means all.
    """

    amounts: IntArray
    shifts: frozenset[int] | None = None

    def counts(self, shift: int) -> bool:
        """Whether the stops of a shift add anything."""
        return self.shifts is None or shift in self.shifts

    def of(self, crew: int) -> IntArray:
        """Amounts with one crew, of shape (visits, options or 1)."""
        amounts: IntArray = self.amounts[crew if len(self.amounts) > 1 else 0]
        return amounts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """One sum and its limits.

    ``rule`` is the position in ``Problem.rules``. ``cost_of`` are the shifts whose cost in rupiah
    adds to the sum. ``least`` and ``most`` belong to what is allowed; None means no limit.
    ``price`` is what a unit outside costs, in thousandths of a weighted document; None forbids it.
    """

    rule: int
    terms: tuple[Term, ...] = ()
    cost_of: frozenset[int] = frozenset()
    least: int | None = None
    most: int | None = None
    price: int | None = None

    @property
    def is_met_by_one(self) -> bool:
        """Whether it asks for one unit, which any stop that counts brings.

        Of several such stops of one route or tour only one is of use to it.
        """
        return (
            self.least == 1
            and self.most is None
            and not self.cost_of
            and len(self.terms) == 1
            and self.terms[0].amounts.shape[2] == 1
            and bool((self.terms[0].amounts <= 1).all())
        )

    def outside(self, amount: int) -> int:
        """By how many units a sum lies outside the limits."""
        short = 0 if self.least is None else max(0, self.least - amount)
        return short + (0 if self.most is None else max(0, amount - self.most))


def known_shifts(problem: "Problem", shifts: frozenset[int], rule: str) -> frozenset[int]:
    """Give positions of shifts back when all of them exist.

    Raises
    ------
    InvalidProblem
        Naming the rule and the position that does not exist.
    """
    bad = sorted(s for s in shifts if not 0 <= s < len(problem.shifts))
    if bad:
        raise InvalidProblem(f"{rule}: shift {bad[0]} is not in 0..{len(problem.shifts) - 1}")
    return shifts


def known_visits(problem: "Problem", visits: frozenset[int], rule: str) -> list[int]:
    """Give positions of visits back, sorted, when all of them exist.

    Raises
    ------
    InvalidProblem
        Naming the rule and the position that does not exist.
    """
    bad = sorted(v for v in visits if not 0 <= v < len(problem.visits))
    if bad:
        raise InvalidProblem(f"{rule}: visit {bad[0]} is not in 0..{len(problem.visits) - 1}")
    return sorted(visits)


def at_least_zero(value: int | None, what: str) -> None:
    """Refuse a negative number.

    Raises
    ------
    InvalidProblem
        Naming what it is, and the number.
    """
    if value is not None and value < 0:
        raise InvalidProblem(f"{what} {value}: must be at least 0")
