"""Improve a plan with nights out by planning a few of its tours and days anew.

As ``columns/neighbourhood.py`` for days: all other tours stay, what the freed teams could do beside
them is sampled at the duals that hold then, and SCIP chooses among that.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from routing.columns.neighbourhood import NODES, OCCUPIED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.columns.master import Column
    from routing.tours.tour_proof import TourProof

FREED = (2, 6)
"""Least and greatest number of tours and days freed at once."""
COLUMNS = 3_000
"""Columns that one choice is made among."""
CHOICE_S = 1.5
"""Seconds that one choice may take."""
ROUNDS = 3
"""Rounds of sampling for one choice."""
ANY = 0.3
"""Share of the times that any tours are freed, not those near each other."""


class TourNeighbourhoods:
    """Choices of a few tours anew; repeatable by seed."""

    def __init__(self, proof: "TourProof", seed: int) -> None:
        self._proof = proof
        self._random = np.random.default_rng(seed)

    def improve(self) -> bool:
        """Plan anew what some teams do on some days; False when there is nothing to free."""
        proof = self._proof
        columns = proof.columns_of(proof.run.best)
        freed = self._freed(columns)
        held = [c for i, c in enumerate(columns) if i not in freed]
        if not freed:
            return False
        with proof.keeping_tours(held):
            candidates = self._candidates(held)
        if candidates:
            proof.choose(candidates, held, NODES, CHOICE_S)
        return True

    def _candidates(self, held: "Sequence[Column]") -> "list[Column]":
        """Price what can be done beside the columns held, and give the best of all of that."""
        proof = self._proof
        made = {v for column in held for v, _ in column.choices}
        for _ in range(ROUNDS):
            duals = proof.tour_duals()
            if duals is None:
                return []
            visits = duals.visits.copy()
            visits[list(made)] = OCCUPIED
            if not proof.sample_round(replace(duals, visits=visits)):
                break
        solved = proof.master_solution()
        if solved is None:
            return []
        value = proof.run.value
        room = np.inf if value is None else max(0.0, solved.value - value) + 1e-6
        keys = {column.key for column in held}
        found: list[Column] = []
        for i in np.argsort(-solved.reduced, kind="stable"):
            if solved.reduced[i] < -room or len(found) >= COLUMNS:
                break
            column = proof.master.columns[i]
            if column.key not in keys and not column.has_cycle and not column.visits & made:
                found.append(column)
        return found

    def _freed(self, columns: "Sequence[Column]") -> set[int]:
        """Draw columns to free: those nearest to a random visit, or any."""
        if not columns:
            return set()
        n = min(len(columns), int(self._random.integers(FREED[0], FREED[1] + 1)))
        if self._random.random() < ANY:
            return {int(i) for i in self._random.choice(len(columns), n, replace=False)}
        insertions = self._proof.insertions
        nodes, matrix = insertions.nodes, insertions.problem.matrices[0]
        centre = nodes[int(self._random.integers(len(nodes)))]
        away = [
            min(int(matrix.durations[centre, nodes[v]]) for v in column.visits)
            for column in columns
        ]
        return {int(i) for i in np.argsort(away, kind="stable")[:n]}
