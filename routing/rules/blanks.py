"""Card blanks: a row of the master over the cards that all visits are expected to need."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from routing.errors import InvalidProblem
from routing.rules.row import Row, Term, at_least_zero

if TYPE_CHECKING:
    from routing.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Blanks:
    """Blank cards there are, and how many each visit takes.

    ``cards[v][o][c]`` are thousandths of a card expected from option o of visit v by crew c, in
    the order of ``VisitOption.prizes``. ``taken`` thousandths were taken before this problem; when
    that is more than the stock nothing is left.
    """

    stock: int
    cards: tuple[tuple[tuple[int, ...], ...], ...]
    taken: int = 0

    def __post_init__(self) -> None:
        at_least_zero(self.stock, "card blanks")
        at_least_zero(self.taken, "card blanks, taken")

    @property
    def left(self) -> int:
        """Thousandths of a card that are left."""
        return max(0, 1000 * self.stock - self.taken)

    def rows(self, problem: "Problem", position: int) -> tuple[Row, ...]:
        """Give the one row, in thousandths of a card.

        Raises
        ------
        InvalidProblem
            When a visit, option or crew lacks its number of cards, or it is negative.
        """
        if len(self.cards) != len(problem.visits):
            msg = f"card blanks: cards of {len(self.cards)} visits, not of {len(problem.visits)}"
            raise InvalidProblem(msg)
        n_options = max((len(visit.options) for visit in problem.visits), default=0)
        amounts = np.zeros((problem.n_crews, len(problem.visits), n_options), dtype=np.int64)
        for v, options in enumerate(self.cards):
            if [len(o) for o in options] != [problem.n_crews] * len(problem.visits[v].options):
                msg = f"card blanks, visit {v}: must have a number for every option and crew"
                raise InvalidProblem(msg)
            for o, by_crew in enumerate(options):
                at_least_zero(min(by_crew), f"card blanks, visit {v} option {o}: cards")
                amounts[:, v, o] = by_crew
        return (Row(rule=position, terms=(Term(amounts=amounts),), most=self.left),)
