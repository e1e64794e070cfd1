"""Other nights for plans of OR-Tools routing, which keeps the nights that a plan has.

A move sends one team out anew: over how many days, and to sleep where, is drawn; what it and all
others then do is filled in by greedy insertion. What brings more is kept. Places to sleep are
looked for near visits that are left out, or are these visits where a team may sleep at its last.
"""

from collections.abc import Callable

import numpy as np

from routing.draft import Draft
from routing.heuristics.construct import add_all
from routing.insertion import Insertions
from routing.problem import Night
from routing.stages import Stage, chain
from routing.timing import Choice

STAYS = 0.15
"""Share of moves in which the team comes home every day."""
AGAIN = 0.5
"""Chance that a team stays where it slept the night before."""


class NightMoves:
    """Draws other nights, one team at a time; repeatable by seed."""

    def __init__(self, insertions: Insertions, seed: int) -> None:
        self._insertions = insertions
        self._random = np.random.default_rng(seed)
        problem = insertions.problem
        self._firsts = [
            s
            for s, shift in enumerate(problem.shifts)
            if shift.starts_tour and len(chain(problem, s)) > 1
        ]
        self._best = insertions.prizes.max(axis=(0, 2), initial=0)

    def moved(self, draft: Draft, should_stop: Callable[[], bool]) -> Draft | None:
        """Give a plan with other nights; None where the nights drawn cannot be.

        The plan may be worth less, or break a rule that the one given keeps.
        """
        if not self._firsts:
            return None
        first = int(self._random.choice(self._firsts))
        longest = chain(self._insertions.problem, first)
        days = longest[: int(self._random.integers(2, len(longest) + 1))]
        other = draft.copy()
        for s in days:
            other.stay_home(s)
        if self._random.random() >= STAYS and not self._send_out(other, days):
            return None
        add_all(self._insertions, other, should_stop)
        other.drop_idle_tours()
        return other

    def _send_out(self, draft: Draft, days: list[int]) -> bool:
        """Put a tour over these days into a plan; False where it cannot be driven."""
        kit = self._kit(draft, days)
        stages, choices = self._nights(draft, days)
        merits = []
        for stage, visits in zip(stages, choices, strict=True):
            merit = self._insertions.merit_of(self._insertions.at(stage), kit, visits)
            if merit is None:
                return False
            merits.append(merit)
        draft.put_tour(stages, kit, choices, merits)
        return True

    def _kit(self, draft: Draft, days: list[int]) -> bool:
        """Draw whether the tour takes a kit, where there is one on each of its days."""
        left = draft.kits_left()
        pools = [draft.problem.shifts[s].kit_pool for s in days]
        has_kits = all(pool is not None and left[pool] > 0 for pool in pools)
        return has_kits and bool(self._random.random() < 0.5)

    def _nights(
        self, draft: Draft, days: list[int]
    ) -> tuple[list[Stage], list[tuple[Choice, ...]]]:
        """Draw where each night is spent, and visits that have to be made for that."""
        shifts, made = draft.problem.shifts, draft.made
        nodes: list[int] = []
        choices: list[tuple[Choice, ...]] = []
        for s in days[:-1]:
            night = shifts[s].night
            if night is None:
                raise AssertionError(f"shift {s} has no night, but a tour goes on after it")
            if nodes and self._random.random() < AGAIN:
                nodes.append(nodes[-1])
                choices.append(())
                continue
            node, visits = self._place(s, night, made, nodes[-1] if nodes else shifts[s].start)
            made |= {v for v, _ in visits}
            nodes.append(node)
            choices.append(visits)
        ends = [None, *nodes, None]
        stages = [Stage(s, ends[i], ends[i + 1]) for i, s in enumerate(days)]
        return stages, [*choices, ()]

    def _place(
        self, s: int, night: Night, made: set[int], slept: int
    ) -> tuple[int, tuple[Choice, ...]]:
        """Draw a place to sleep near a visit that is left, or at it."""
        visit = self._target(s, made, slept)
        matrix = self._insertions.problem.matrices[self._insertions.problem.shifts[s].matrix]
        if visit is None:
            return (night.nodes[0] if night.nodes else slept), ()
        node = int(self._insertions.nodes[visit])
        if not night.nodes or (night.at_last_stop and self._random.random() < 0.5):
            n_options = len(self._insertions.problem.visits[visit].options)
            return node, ((visit, int(self._random.integers(n_options))),)
        places = np.array(night.nodes)
        ways = np.where(matrix.reachable[node, places], matrix.durations[node, places], np.inf)
        return int(places[int(ways.argmin())]), ()

    def _target(self, s: int, made: set[int], slept: int) -> int | None:
        """Draw a visit that is left and can be reached, likely one that brings much."""
        insertions = self._insertions
        matrix = insertions.problem.matrices[insertions.problem.shifts[s].matrix]
        weights = np.where(matrix.reachable[slept, insertions.nodes], self._best, 0).astype(float)
        weights *= insertions.allowed_away(s)
        weights[list(made)] = 0.0
        total = weights.sum()
        return int(self._random.choice(len(weights), p=weights / total)) if total > 0 else None
