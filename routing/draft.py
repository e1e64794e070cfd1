"""A plan while it is being made: for each shift whether it takes a kit, and its visits in order."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from routing.problem import Problem
from routing.solution import Itinerary, Solution
from routing.timing import Choice, choices_of, timed


@dataclass(slots=True)
class Draft:
    """Changeable plan; every shift is feasible by itself and the pools are kept to.

    ``merits`` are those of ``insertion.Insertions``, one per shift, 0 for a shift that stays home.
    """

    problem: Problem
    choices: list[tuple[Choice, ...]] = field(default_factory=list)
    with_kit: list[bool] = field(default_factory=list)
    merits: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.choices:
            n = len(self.problem.shifts)
            self.choices, self.with_kit, self.merits = [()] * n, [False] * n, [0] * n

    def copy(self) -> "Draft":
        """Return an independent copy."""
        return Draft(self.problem, list(self.choices), list(self.with_kit), list(self.merits))

    def put(self, shift: int, with_kit: bool, choices: Iterable[Choice], merit: int) -> None:
        """Replace what a shift does; one that stays home takes no kit."""
        self.choices[shift] = tuple(choices)
        self.with_kit[shift] = with_kit and bool(self.choices[shift])
        self.merits[shift] = merit

    @property
    def made(self) -> set[int]:
        """Visits in the plan."""
        return {v for choices in self.choices for v, _ in choices}

    @property
    def missed(self) -> set[int]:
        """Required visits that are not in the plan."""
        return {v for v, visit in enumerate(self.problem.visits) if visit.required} - self.made

    @property
    def rank(self) -> tuple[int, int]:
        """Order of plans, the greatest is best: first the required visits, then the merit."""
        return -len(self.missed), sum(self.merits)

    def kits_left(self) -> list[int]:
        """Kits that still lie in each pool."""
        taken = Counter(
            self.problem.shifts[s].kit_pool for s, kit in enumerate(self.with_kit) if kit
        )
        return [pool.capacity - taken[k] for k, pool in enumerate(self.problem.kit_pools)]

    def solution(self) -> Solution:
        """Time the plan."""
        itineraries: list[Itinerary] = []
        for s, choices in enumerate(self.choices):
            itinerary = timed(self.problem, s, self.with_kit[s], choices)
            if itinerary is not None:
                itineraries.append(itinerary)
        return Solution(itineraries=tuple(itineraries))

    @classmethod
    def read(cls, problem: Problem, solution: Solution, merits: list[int]) -> "Draft":
        """Take up a solution; ``merits`` has one entry per shift."""
        draft = cls(problem)
        for plan in solution.itineraries:
            draft.put(plan.shift, plan.with_kit, choices_of(plan), merits[plan.shift])
        return draft
