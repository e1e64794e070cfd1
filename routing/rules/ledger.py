"""What a plan adds up to in each row of the rules, and what that costs."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from routing.problem import Problem

Choice = tuple[int, int]


def amounts(
    problem: "Problem", shift: int, crew: int, choices: Iterable[Choice], cost: int
) -> tuple[int, ...]:
    """Add up what one shift adds to each row: its stops, given as visits and options, and rupiah.

    ``cost`` counts only where a row limits it; leave it 0 when none does (``limits_cost``).
    """
    made, found = list(choices), []
    for row in problem.rows:
        total = cost if shift in row.cost_of else 0
        for term in row.terms:
            if term.counts(shift):
                by_visit = term.of(crew)
                total += sum(int(by_visit[v, o if by_visit.shape[1] > 1 else 0]) for v, o in made)
        found.append(total)
    return tuple(found)


def totals(problem: "Problem", by_shift: Iterable[Sequence[int]]) -> list[int]:
    """Add the shifts of a plan up."""
    sums = [0] * len(problem.rows)
    for of_shift in by_shift:
        for r, amount in enumerate(of_shift):
            sums[r] += amount
    return sums


def limits_cost(problem: "Problem") -> bool:
    """Tell whether any row limits what a plan costs."""
    return any(row.cost_of for row in problem.rows)


def broken(problem: "Problem", sums: Sequence[int]) -> int:
    """Count the units outside rows that may not be broken."""
    pairs = zip(problem.rows, sums, strict=True)
    return sum(row.outside(amount) for row, amount in pairs if row.price is None)


def too_much(problem: "Problem", sums: Sequence[int]) -> bool:
    """Tell whether a row that may not be broken is exceeded: more visits cannot mend that."""
    return any(
        row.price is None and row.most is not None and amount > row.most
        for row, amount in zip(problem.rows, sums, strict=True)
    )


def penalty(problem: "Problem", sums: Sequence[int]) -> int:
    """Price of what lies outside the other rows, in thousandths of a weighted document."""
    pairs = zip(problem.rows, sums, strict=True)
    return sum(row.price * row.outside(amount) for row, amount in pairs if row.price is not None)


def priced_amounts(
    problem: "Problem", shift: int, crew: int, prices: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Weigh what each visit and option would add to the rows by a price for each row.

    Returns
    -------
    array
        Of shape (visits, options or 1).
    """
    total: npt.NDArray[np.float64] = np.zeros((len(problem.visits), 1))
    for row, price in zip(problem.rows, prices, strict=True):
        for term in row.terms if price else ():
            if term.counts(shift):
                total = total + price * term.of(crew)
    return total


def cost_price(problem: "Problem", shift: int, prices: npt.NDArray[np.float64]) -> float:
    """Add up what a rupiah spent by a shift costs at ``prices``, one for each row: (rows,)."""
    pairs = zip(problem.rows, prices, strict=True)
    return float(sum(price for row, price in pairs if shift in row.cost_of))
