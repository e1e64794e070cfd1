"""Local search over whole shifts, with exact times, costs and kits.

For every shift, with and without a kit, and for every stop taken out of it (or none), a row of a
table holds what the shift would bring with each of all visits put in at its best place and length.
From this table all moves are read at once: insert, remove, change of length or place, swap in and
out, toggle the kit, move a stop to another shift, exchange two, and move one while a visit from
outside takes its place. The best is made; only the shifts it touched are computed again.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.draft import Draft
from routing.heuristics.construct import never
from routing.insertion import NOTHING, Insertions
from routing.timing import Choice

IntArray = npt.NDArray[np.int64]

REQUIRED = 2**54
"""Added for each required visit in a shift: more than any merit, so that none is given up."""
FINE = 2**20
"""Where costs do not count, equal prizes are told apart by seconds: one prize is so many."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A shift, with or without a kit, less one stop (or none: ``removed`` None)."""

    shift: int
    with_kit: bool
    rest: tuple[Choice, ...]
    removed: int | None
    base: int
    scores: IntArray
    positions: IntArray
    options: IntArray


class LocalSearch:
    """A draft and the table of its moves."""

    def __init__(self, insertions: Insertions, draft: Draft) -> None:
        self.insertions = insertions
        self.draft = draft
        problem = insertions.problem
        self._bonus = np.array([REQUIRED * v.required for v in problem.visits], dtype=np.int64)
        self._rows: list[list[_Row]] = [[] for _ in problem.shifts]
        self.scores: list[int] = [0] * len(problem.shifts)
        for s in range(len(problem.shifts)):
            self._refresh(s)

    def run(self, should_stop: Callable[[], bool] = never) -> int:
        """Make the best move until none gains or told to stop; the number of moves made."""
        n = 0
        while not should_stop() and self._step():
            n += 1
        return n

    def replace(self, draft: Draft) -> None:
        """Go on from another draft, computing again only the shifts that differ."""
        changed = [
            s
            for s in range(len(draft.choices))
            if (draft.choices[s], draft.with_kit[s], draft.stages[s])
            != (self.draft.choices[s], self.draft.with_kit[s], self.draft.stages[s])
        ]
        self.draft = draft
        for s in changed:
            self._refresh(s)

    def _score(self, merit: IntArray | int, end: IntArray | int) -> IntArray | int:
        return merit if self.insertions.per_rupiah else merit * FINE - end

    def _sequence_score(self, s: int, kit: bool, choices: tuple[Choice, ...]) -> int:
        day = self.insertions.at(self.draft.stages[s])
        merit = self.insertions.merit_of(day, kit, choices)
        if merit is None:
            return int(NOTHING)
        bonus = sum(int(self._bonus[v]) for v, _ in choices)
        return int(self._score(merit, self.insertions.end_of(day, choices))) + bonus

    def _refresh(self, s: int) -> None:
        choices, now = self.draft.choices[s], self.draft.with_kit[s]
        kits = self.draft.kits_of(s)
        if not self.insertions.is_possible(self.insertions.at(self.draft.stages[s])):
            kits = (now,)  # one row that has no move
        rows = []
        for kit in kits:
            rows.append(self._row(s, kit, choices, None))
            for i, (v, _) in enumerate(choices):
                rows.append(self._row(s, kit, choices[:i] + choices[i + 1 :], v))
        self._rows[s] = rows
        self.scores[s] = self._sequence_score(s, now, choices)

    def _row(self, s: int, kit: bool, rest: tuple[Choice, ...], removed: int | None) -> _Row:
        day = self.insertions.at(self.draft.stages[s])
        merit, end, _ = self.insertions.placements(day, kit, rest)
        score = np.where(merit == NOTHING, NOTHING, self._score(merit, end))
        n = len(self._bonus)
        by_visit = score.transpose(1, 0, 2).reshape(n, -1)
        best = by_visit.argmax(axis=1)
        positions, options = np.divmod(best, merit.shape[2])
        scores = by_visit[np.arange(n), best]
        bonus = self._bonus + sum(int(self._bonus[v]) for v, _ in rest)
        scores = np.where(scores == NOTHING, NOTHING, scores + bonus)
        base = self._sequence_score(s, kit, rest)
        return _Row(s, kit, rest, removed, base, scores, positions, options)

    def _step(self) -> bool:
        """Make the best of all moves; False when none gains."""
        rows = [row for of_shift in self._rows for row in of_shift]
        table = _Table(self, rows)
        single, pair = table.best_single(), table.best_pair()
        gain, changes = max(single, pair, key=lambda move: move[0])
        if gain <= 0:
            return False
        before = self.draft.copy() if self.insertions.problem.rows else None
        for row, v in changes:
            choices = list(row.rest)
            if v is not None:
                choices.insert(int(row.positions[v]), (v, int(row.options[v])))
            day = self.insertions.at(self.draft.stages[row.shift])
            merit = self.insertions.merit_of(day, row.with_kit, choices)
            if merit is None:
                raise AssertionError(
                    f"shift {row.shift}: a move read as feasible is not: {choices}"
                )
            self.draft.put(row.shift, row.with_kit, choices, merit)
        if before is not None and self.draft.rank <= before.rank:
            # The table knows nothing of rules over the whole plan: what breaks one is taken back.
            for row, _ in changes:
                s = row.shift
                self.draft.put(s, before.with_kit[s], before.choices[s], before.merits[s])
            return False
        for row, _ in changes:
            self._refresh(row.shift)
        return True


Change = tuple[_Row, int | None]
Move = tuple[int, list[Change]]


class _Table:
    """The rows of all shifts side by side, for one step."""

    def __init__(self, search: LocalSearch, rows: list[_Row]) -> None:
        draft, problem = search.draft, search.insertions.problem
        self.rows = rows
        self.scores = np.stack([row.scores for row in rows])
        self.base = np.array([row.base for row in rows])
        self.now = np.array([search.scores[row.shift] for row in rows])
        self.shift = np.array([row.shift for row in rows])
        self.removed = np.array([-1 if row.removed is None else row.removed for row in rows])
        pools = [problem.shifts[row.shift].kit_pool for row in rows]
        self.pool = np.array([-1 if pool is None else pool for pool in pools])
        self.more = np.array([row.with_kit - draft.with_kit[row.shift] for row in rows])
        # The last entry stands for shifts without a pool, which take no kit.
        self.left = np.array([*draft.kits_left(), 0])
        is_free = np.ones(len(problem.visits), dtype=bool)
        is_free[list(draft.made)] = False
        free = np.where(is_free, self.scores, NOTHING)
        self.best_free = free.argmax(axis=1)
        self.free_score = free.max(axis=1)

    def best_single(self) -> Move:
        """Best change of one shift."""
        here = np.arange(len(self.rows))
        back = np.where(self.removed >= 0, self.scores[here, self.removed], NOTHING)
        outcomes = np.stack([self.base, self.free_score, back])
        gains = np.where(self.left[self.pool] >= self.more, outcomes - self.now, NOTHING)
        which, r = np.unravel_index(int(gains.argmax()), gains.shape)
        visits = (None, int(self.best_free[r]), int(self.removed[r]))
        return int(gains[which, r]), [(self.rows[r], visits[which])]

    def best_pair(self) -> Move:
        """Best move of a stop from the second row's shift to the first's.

        The second shift then stays as it is, takes a visit from outside, or the one that the first
        gave up.
        """
        if (self.removed < 0).all():
            return int(NOTHING), []
        taken = self.scores[:, self.removed]
        swapped = np.where(self.removed[:, None] >= 0, self.scores[:, self.removed].T, NOTHING)
        outcomes = np.maximum(swapped, np.maximum(self.base, self.free_score)[None, :])
        gains = taken - self.now[:, None] + outcomes - self.now[None, :]
        possible = (self.shift[:, None] != self.shift[None, :]) & (self.removed >= 0)[None, :]
        gains = np.where(possible & self._has_kits(), gains, NOTHING)
        r, t = np.unravel_index(int(gains.argmax()), gains.shape)
        visit = int(self.removed[t])
        after: list[tuple[int, int | None]] = [
            (int(self.base[t]), None),
            (int(self.free_score[t]), int(self.best_free[t])),
            (int(swapped[r, t]), int(self.removed[r])),
        ]
        second = max(after, key=lambda choice: choice[0])[1]
        return int(gains[r, t]), [(self.rows[r], visit), (self.rows[t], second)]

    def _has_kits(self) -> npt.NDArray[np.bool_]:
        same = self.pool[:, None] == self.pool[None, :]
        both = same * self.more[None, :]
        first = self.left[self.pool][:, None] >= self.more[:, None] + both
        other = same * self.more[:, None]
        second = self.left[self.pool][None, :] >= self.more[None, :] + other
        return np.asarray(first & second)


def improve(insertions: Insertions, draft: Draft, should_stop: Callable[[], bool] = never) -> int:
    """Improve a draft in place until no move gains or told to stop; the number of moves made."""
    if not insertions.problem.visits or not insertions.problem.shifts:
        return 0
    return LocalSearch(insertions, draft).run(should_stop)
