"""Why a visit that a shift could make by itself is not in a plan: a rule, the kits, or the time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.draft import Draft
from routing.insertion import NEVER, NOTHING, Insertions, IntArray
from routing.rules import Blanks, Budget, Rule, ServedOnce
from routing.solution import Reason, Solution, Unserved
from routing.timing import Choice, choices_of, stage_of

REASON_OF: dict[type[Rule], Reason] = {
    Blanks: Reason.BLANKS_USED,
    Budget: Reason.BUDGET_SPENT,
    ServedOnce: Reason.SERVED_AT_HUB,
}


@dataclass(frozen=True, slots=True)
class _Place:
    """A shift that would gain by a visit and has the time: what it would then do."""

    shift: int
    with_kit: bool
    choices: tuple[Choice, ...]


class Blocking:
    """A plan, asked about one visit after the other."""

    def __init__(
        self, insertions: Insertions, solution: Solution, able: npt.NDArray[np.bool_]
    ) -> None:
        """``able`` tells for every shift and visit whether it gains by it alone."""
        self._insertions, self._able = insertions, able
        self._problem = insertions.problem
        self._draft = draft = Draft(self._problem)
        for plan in solution.itineraries:
            draft.stages[plan.shift] = stage_of(plan)
            draft.put(plan.shift, plan.with_kit, choices_of(plan), 0)
        self._sums = draft.sums()
        self._kits_left = [*draft.kits_left(), 0]
        self._days = [insertions.at(stage) for stage in draft.stages]
        self._overtime: dict[int, IntArray] = {}
        self._gain_of: dict[int, npt.NDArray[np.bool_]] = {}

    def reason(self, v: int) -> Unserved:
        """Tell what keeps a visit out."""
        shifts = np.flatnonzero(self._able[:, v]).tolist()
        blocks, lacks_kit = list[Unserved](), False
        for place in (place for s in shifts if self._gains(s)[v] for place in self._places(s, v)):
            block = self._rule(v, place)
            if block is not None:
                blocks.append(block)
            elif not self._lacks_kit(place):
                return Unserved(visit=v, reason=Reason.NOT_CHOSEN)
            else:
                lacks_kit = True
        if lacks_kit:
            return Unserved(visit=v, reason=Reason.NO_KIT_LEFT)
        return min(blocks, key=lambda x: x.limit or 0) if blocks else self._busy(v, shifts)

    def _gains(self, s: int) -> npt.NDArray[np.bool_]:
        """Tell of every visit whether a shift would gain by it, in the time it has left."""
        if s not in self._gain_of:
            draft, insertions, day = self._draft, self._insertions, self._days[s]
            found = np.zeros(len(self._problem.visits), dtype=bool)
            if insertions.is_possible(day):
                now = insertions.merit_of(day, draft.with_kit[s], draft.choices[s]) or 0
                for kit in draft.kits_of(s):
                    merit = insertions.placements(day, kit, draft.choices[s]).merit
                    found |= merit.max(axis=(0, 2), initial=NOTHING) > now
            self._gain_of[s] = found
        return self._gain_of[s]

    def _places(self, s: int, v: int) -> Iterator[_Place]:
        draft, insertions, day = self._draft, self._insertions, self._days[s]
        now = insertions.merit_of(day, draft.with_kit[s], draft.choices[s]) or 0
        for kit in draft.kits_of(s):
            merit = insertions.placements(day, kit, draft.choices[s]).merit[:, v, :]
            if merit.max(initial=NOTHING) > now:
                position, option = np.unravel_index(int(merit.argmax()), merit.shape)
                choices = list(draft.choices[s])
                choices.insert(int(position), (v, int(option)))
                yield _Place(s, kit, tuple(choices))

    def _lacks_kit(self, place: _Place) -> bool:
        pool = self._problem.shifts[place.shift].kit_pool
        has_kit = self._draft.with_kit[place.shift]
        return place.with_kit and not has_kit and self._kits_left[-1 if pool is None else pool] < 1

    def _rule(self, v: int, place: _Place) -> Unserved | None:
        """Tell which rule of the whole plan would be exceeded, and by how much."""
        if not self._problem.rows:
            return None
        s = place.shift
        added = self._insertions.amounts_of(self._days[s], place.with_kit, place.choices)
        mine = self._draft.amounts_of(s)
        for row, total, more, less in zip(self._problem.rows, self._sums, added, mine, strict=True):
            excess = total - less + more - (row.most or 0)
            if row.price is None and row.most is not None and excess > 0:
                rule = self._problem.rules[row.rule]
                reason = REASON_OF[type(rule)]
                is_hub = reason is Reason.SERVED_AT_HUB
                return Unserved(visit=v, reason=reason, limit=None if is_hub else excess)
        return None

    def _busy(self, v: int, shifts: list[int]) -> Unserved:
        """Tell by how many seconds the best of the days that could make it is too short."""
        draft = self._draft
        is_idle = any(
            not choices and not stage.is_away and self._insertions.is_possible(day)
            for choices, stage, day in zip(draft.choices, draft.stages, self._days, strict=True)
        )
        reason = Reason.ONLY_BUSY if is_idle else Reason.NOT_CHOSEN
        missing = min((int(self._missing(s)[v]) for s in shifts), default=NEVER)
        limit = missing if 0 < missing < NEVER // 2 else None
        return Unserved(visit=v, reason=reason, limit=limit)

    def _missing(self, s: int) -> IntArray:
        if s not in self._overtime:
            made = self._draft.choices[s]
            self._overtime[s] = self._insertions.overtime(self._days[s], made)
        return self._overtime[s]
