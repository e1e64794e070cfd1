"""Improve a plan by choosing a few of its routes anew, with routes priced for just that choice.

Large neighbourhood search over the master (Shaw 1998): the routes of some shifts near each other
are freed, all others stay; sampling prices routes against the duals that hold then, and SCIP
chooses. Small choices of this kind find what one choice among all columns does not.
"""

from typing import TYPE_CHECKING

import numpy as np

from routing.draft import Draft

if TYPE_CHECKING:
    from routing.columns.master import Column
    from routing.columns.proof import Proof

FREED = (5, 14)
"""Least and greatest number of routes chosen anew: one more with every choice that fails."""
ROUNDS = 4
"""Rounds of sampling for one choice."""
COLUMNS = 2_000
"""Columns that one choice is made among."""
NODES = 60
"""Nodes of SCIP's tree that one choice may take."""
OCCUPIED = 1e12
"""Dual of a visit that stays where it is: no route gains by it."""


class Neighbourhoods:
    """Choices of a few routes anew; repeatable by seed."""

    def __init__(self, proof: "Proof", seed: int) -> None:
        self._proof = proof
        self._n = FREED[0]
        self.is_exhausted = False
        self._random = np.random.default_rng(seed)
        insertions = proof.insertions
        matrix = insertions.problem.matrices[0]
        grid = np.ix_(insertions.nodes, insertions.nodes)
        away = np.where(matrix.reachable[grid], matrix.durations[grid], 0)
        self._away = np.where(matrix.reachable[grid], away, away.max(initial=0))

    def _choose_anew(self) -> bool:
        proof, run = self._proof, self._proof.run
        before = run.best.rank
        free = self._freed(run.best)
        kept = [
            proof.column_of(run.best, s)
            for s, choices in enumerate(run.best.choices)
            if choices and s not in free
        ]
        occupied = frozenset[int]().union(*(column.visits for column in kept))
        with proof.master.keeping(kept):
            for _ in range(ROUNDS):
                solved = proof.master_solution()
                if solved is None or solved.value <= proof.run_value + 1e-6:
                    break
                duals = solved.duals
                visits = duals.visits.copy()
                visits[list(occupied)] = OCCUPIED
                added = proof.sample(duals.with_visits(visits))
                if not added:
                    break
            else:
                solved = proof.master_solution()
        if solved is None or run.is_finished() or solved.value <= proof.run_value + 1e-6:
            return False
        room = solved.value - proof.run_value
        order = np.argsort(-solved.reduced, kind="stable")
        columns: list[Column] = []
        for i in order:
            column = proof.master.columns[i]
            if solved.reduced[i] < -room - 1e-6 or len(columns) >= COLUMNS:
                break
            if not column.visits & occupied:
                columns.append(column)
        proof.choose(columns, kept, NODES)
        return run.best.rank > before

    def improve(self) -> bool:
        """Choose some routes anew; whether the plan became better."""
        is_better = self._choose_anew()
        least, most = FREED
        n_routes = sum(map(bool, self._proof.run.best.choices))
        self.is_exhausted = not is_better and self._n >= n_routes
        self._n = least if is_better or self._n >= most else self._n + 1
        return is_better

    def _freed(self, best: Draft) -> set[int]:
        """Draw shifts whose stops are near each other."""
        used = [s for s, choices in enumerate(best.choices) if choices]
        idle = [s for s, choices in enumerate(best.choices) if not choices]
        centre = int(self._random.integers(len(self._away)))
        distance = [
            min(int(self._away[centre, v]) for v, _ in best.choices[s]) for s in used
        ] * self._random.uniform(0.5, 1.5, len(used))
        return {used[i] for i in np.argsort(distance, kind="stable")[: self._n]} | set(idle)
