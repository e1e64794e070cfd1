"""Where a plan in the making stands in each row, and what one more visit would change there."""

from itertools import compress

import numpy as np
import numpy.typing as npt

from routing.draft import Draft
from routing.insertion import NOTHING, Insertions, IntArray, Placements
from routing.rules.row import Row
from routing.timing import crew_of

FloatArray = npt.NDArray[np.float64]

DEMAND = 1e17
"""Gain of a unit that a row still lacks and must have: more than any merit."""


class Standing:
    """The sums of a draft; ``version`` counts the changes made to it."""

    def __init__(self, insertions: Insertions, draft: Draft) -> None:
        self._insertions, self._draft = insertions, draft
        self.version = 0
        self._sums = draft.sums()

    def refresh(self) -> None:
        """Take note of a change of the draft."""
        self.version += 1
        self._sums = self._draft.sums()

    def gains(self, s: int, kit: bool, placements: Placements) -> FloatArray:
        """Judge every placement into a shift: what it adds to the value times ``per_prize``.

        Of the shape of ``placements``; minus infinity where it is impossible or would exceed a row
        that may not be exceeded.
        """
        problem, draft = self._insertions.problem, self._draft
        merit, _, cost = placements
        gain = np.where(merit == NOTHING, -np.inf, (merit - draft.merits[s]).astype(float))
        day = self._insertions.at(draft.stages[s])
        held = self._insertions.amounts_of(day, kit, draft.choices[s])
        change: FloatArray = np.zeros((merit.shape[1], 1))
        for row, total, mine, kept in zip(
            problem.rows, self._sums, draft.amounts_of(s), held, strict=True
        ):
            counts = [term.counts(s) for term in row.terms]
            counts_cost = s in row.cost_of
            if not counts_cost and not any(counts):
                continue
            crew = crew_of(problem.shifts[s], kit)
            after = np.full((len(problem.visits), 1), total - mine)
            for term in compress(row.terms, counts):
                after = after + term.of(crew)
            if counts_cost and cost is not None:
                gain = gain - self._change(row, total, after + cost)
            else:
                change = change + self._change(row, total, after + kept)
        return gain - change

    def spent(self, s: int, placements: Placements) -> FloatArray:
        """Tell which share of the rupiah that are limited every placement into a shift takes.

        Of the shape of ``placements``; shares of several budgets are added up.
        """
        share: FloatArray = np.zeros(placements.merit.shape)
        if placements.cost is None:
            return share
        rows = zip(self._insertions.problem.rows, self._draft.amounts_of(s), strict=True)
        for row, mine in rows:
            if s in row.cost_of and row.price is None and row.most:
                share += np.maximum(0, placements.cost - mine) / row.most
        return share

    def _change(self, row: Row, before: int, after: IntArray) -> FloatArray:
        """Tell what a row costs more, times ``per_prize``, when its sum becomes ``after``."""
        least = -np.inf if row.least is None else row.least
        most = np.inf if row.most is None else row.most
        short = np.maximum(0.0, least - after) - max(0.0, least - before)
        over = np.maximum(0.0, after - most)
        if row.price is None:
            return np.asarray(DEMAND * short + np.where(over > 0, np.inf, 0.0))
        price = float(row.price * self._insertions.per_prize)
        return np.asarray(price * (short + over - max(0.0, before - most)))
