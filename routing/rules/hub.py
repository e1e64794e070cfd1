"""Hub sessions: a row of the master for each village that more than one session could serve.

A session that also serves neighbours is an option of the visit where it is held, with the worth of
all of them. Which neighbours are near enough is decided where the options are made.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from routing.errors import InvalidProblem
from routing.rules.row import Row, Term, known_visits

if TYPE_CHECKING:
    from routing.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedOnce:
    """A village is served by at most one of these sessions, given as (visit, option).

    ``is_required``: by exactly one, and by a crew that can serve somebody there: ``idle`` are the
    pairs of a visit and a crew, by its position in ``VisitOption.prizes``, that cannot.
    ``is_served``: it was served before, so by none of them.
    """

    sessions: frozenset[tuple[int, int]]
    is_required: bool = False
    is_served: bool = False
    idle: frozenset[tuple[int, int]] = frozenset()

    def rows(self, problem: "Problem", position: int) -> tuple[Row, ...]:
        """Give the one row, in sessions, or one for each limit where crews may be idle.

        Raises
        ------
        InvalidProblem
            When a visit, its option or a crew does not exist.
        """
        known_visits(problem, frozenset(v for v, _ in self.sessions | self.idle), "hub")
        n_options = max((len(visit.options) for visit in problem.visits), default=0)
        amounts = np.zeros((1, len(problem.visits), n_options), dtype=np.int64)
        for v, o in sorted(self.sessions):
            if not 0 <= o < len(problem.visits[v].options):
                raise InvalidProblem(f"hub: visit {v} has no option {o}")
            amounts[0, v, o] = 1
        least = 1 if self.is_required and not self.is_served else None
        most = 0 if self.is_served else 1
        if least is None or not self.idle:
            return (Row(rule=position, terms=(Term(amounts=amounts),), least=least, most=most),)
        serving = amounts.repeat(problem.n_crews, axis=0)
        for v, crew in sorted(self.idle):
            if not 0 <= crew < problem.n_crews:
                raise InvalidProblem(f"hub: crew {crew} is not in 0..{problem.n_crews - 1}")
            serving[crew, v] = 0
        return (
            Row(rule=position, terms=(Term(amounts=amounts),), most=most),
            Row(rule=position, terms=(Term(amounts=serving),), least=least),
        )
