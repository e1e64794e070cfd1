"""Budget ceiling: a row of the master over the cost of all itineraries, per diem steps included."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing.rules.row import Row, at_least_zero, known_shifts

if TYPE_CHECKING:
    from routing.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What the itineraries may cost in all, in rupiah.

    ``shifts`` are those that are paid from it, such as all of one team; None means all.
    """

    limit: int
    shifts: frozenset[int] | None = None

    def __post_init__(self) -> None:
        at_least_zero(self.limit, "budget, Rp")

    def rows(self, problem: "Problem", position: int) -> tuple[Row, ...]:
        """Give the one row."""
        every = frozenset(range(len(problem.shifts)))
        shifts = every if self.shifts is None else known_shifts(problem, self.shifts, "budget")
        return (Row(rule=position, cost_of=shifts, most=self.limit),)
