"""A plan while it is being made: where each shift sleeps, its kit, its visits."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from routing.problem import Problem
from routing.rules import ledger
from routing.solution import Itinerary, Solution
from routing.stages import Stage
from routing.timing import Choice, choices_of, cost_of, crew_of, stage_of, timed


@dataclass(slots=True)
class Draft:
    """Changeable plan; every shift is feasible by itself and the pools are kept to.

    ``merits`` are those of ``insertion.Insertions``, one per shift, 0 for a shift that stays home.
    ``stages`` tell where the team sleeps before and after each shift; the days of a tour fit
    together and all of them have its kit.
    """

    problem: Problem
    choices: list[tuple[Choice, ...]] = field(default_factory=list)
    with_kit: list[bool] = field(default_factory=list)
    merits: list[int] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    amounts: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """What shifts add to ``Problem.rows``, as far as it is known."""

    def __post_init__(self) -> None:
        if not self.choices:
            n = len(self.problem.shifts)
            self.choices, self.with_kit, self.merits = [()] * n, [False] * n, [0] * n
            self.stages = [Stage(s) for s in range(n)]

    def copy(self) -> "Draft":
        """Return an independent copy."""
        return Draft(
            self.problem, list(self.choices), list(self.with_kit), list(self.merits),
            list(self.stages), dict(self.amounts),
        )  # fmt: skip

    def put(self, shift: int, with_kit: bool, choices: Iterable[Choice], merit: int) -> None:
        """Replace what a shift does where it is; one that stays home takes no kit."""
        self.choices[shift] = tuple(choices)
        is_out = bool(self.choices[shift]) or self.stages[shift].is_away
        self.with_kit[shift] = with_kit and is_out
        self.merits[shift] = merit
        self.amounts.pop(shift, None)

    def put_tour(
        self, stages: Sequence[Stage], with_kit: bool,
        choices: Sequence[tuple[Choice, ...]], merits: Sequence[int],
    ) -> None:  # fmt: skip
        """Replace what the shifts of a tour do; tours that they were part of are given up."""
        for stage in stages:
            self.stay_home(stage.shift)
        for stage, visits, merit in zip(stages, choices, merits, strict=True):
            self.stages[stage.shift] = stage
            self.put(stage.shift, with_kit, visits, merit)

    def stay_home(self, shift: int) -> None:
        """Empty a shift, and with it all days of the tour that it is a part of."""
        for s in self.tour_of(shift):
            self.stages[s] = Stage(s)
            self.put(s, False, (), 0)

    def tour_of(self, shift: int) -> list[int]:
        """Shifts of the tour that a shift is a part of, in order; itself on a day from home."""
        before = {night.morning: s for s, x in enumerate(self.problem.shifts) if (night := x.night)}
        while self.stages[shift].start is not None:
            shift = before[shift]
        days = [shift]
        while self.stages[days[-1]].end is not None:
            night = self.problem.shifts[days[-1]].night
            if night is None:
                raise AssertionError(f"shift {days[-1]} sleeps out where it has no night")
            days.append(night.morning)
        return days

    def drop_idle_tours(self) -> None:
        """Leave the teams of tours without a visit at home."""
        for days in self.tours:
            if not any(self.choices[s] for s in days):
                self.stay_home(days[0])

    def kits_of(self, shift: int) -> tuple[bool, ...]:
        """Whether a shift may take a kit: on a tour only what the whole tour has."""
        if self.stages[shift].is_away:
            return (self.with_kit[shift],)
        return (False,) if self.problem.shifts[shift].kit_pool is None else (False, True)

    @property
    def tours(self) -> list[list[int]]:
        """Shifts of each tour of several days."""
        firsts = [s for s, x in enumerate(self.stages) if x.is_away and x.start is None]
        return [self.tour_of(s) for s in firsts]

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
        """Order of plans, the greatest is best: first what has to be, then the merit.

        The first number is 0 when every required visit is made and no rule is broken; the second
        is the value times ``Insertions.per_prize``.
        """
        if not self.problem.rows:
            return -len(self.missed), sum(self.merits)
        sums = self.sums()
        wrong = len(self.missed) + ledger.broken(self.problem, sums)
        per_prize = self.problem.rupiah_per_document or 1
        return -wrong, sum(self.merits) - per_prize * ledger.penalty(self.problem, sums)

    def sums(self) -> list[int]:
        """Add up what the plan adds to each of ``Problem.rows``."""
        return ledger.totals(self.problem, [self.amounts_of(s) for s in range(len(self.choices))])

    def amounts_of(self, shift: int) -> tuple[int, ...]:
        """Tell what a shift adds to each of ``Problem.rows``."""
        if shift not in self.amounts:
            kit, choices, cost = self.with_kit[shift], self.choices[shift], 0
            is_out = bool(choices) or self.stages[shift].is_away
            if is_out and ledger.limits_cost(self.problem):
                _, start, end = self.stages[shift]
                plan = timed(self.problem, shift, kit, choices, start=start, end=end)
                cost = 0 if plan is None else cost_of(self.problem, plan)
            crew = crew_of(self.problem.shifts[shift], kit)
            self.amounts[shift] = ledger.amounts(self.problem, shift, crew, choices, cost)
        return self.amounts[shift]

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
            _, start, end = self.stages[s]
            itinerary = timed(self.problem, s, self.with_kit[s], choices, start=start, end=end)
            if itinerary is not None:
                itineraries.append(itinerary)
        return Solution(itineraries=tuple(itineraries))

    @classmethod
    def read(cls, problem: Problem, solution: Solution, merits: list[int]) -> "Draft":
        """Take up a solution; ``merits`` has one entry per shift."""
        draft = cls(problem)
        for plan in solution.itineraries:
            draft.stages[plan.shift] = stage_of(plan)
            draft.put(plan.shift, plan.with_kit, choices_of(plan), merits[plan.shift])
        return draft
