"""Ruin and recreate: take a part of the plan out, fill it again, improve, keep it or go back.

After Schrimpf et al. (2000), "Record breaking optimization results using the ruin and recreate
principle", with their record-to-record acceptance.
"""

from collections.abc import Callable

import numpy as np

from routing.construct import add_all
from routing.draft import Draft
from routing.improve import LocalSearch
from routing.insertion import Insertions

RUINED = (0.06, 0.30)
"""Least and greatest share of the plan's stops taken out in one round."""
NOISE = 0.35
"""Relative spread of the visits' appeal when the plan is filled again."""
SLACK = 0.002
"""A plan this much worse than the best, relative to it, is still gone on from."""


class Shaker:
    """Rounds of ruin and recreate from a plan; repeatable by seed."""

    def __init__(self, insertions: Insertions, local: LocalSearch, seed: int) -> None:
        self.insertions = insertions
        self._random = np.random.default_rng(seed)
        self._local = local
        nodes = insertions.nodes
        matrix = insertions.problem.matrices[0]
        there = matrix.durations[np.ix_(nodes, nodes)]
        self._away = np.where(matrix.reachable[np.ix_(nodes, nodes)], there, there.max())

    def round(self, current: Draft, best: Draft, should_stop: Callable[[], bool]) -> Draft:
        """Make one round; the plan to go on from, better or worse than the one given."""
        draft = current.copy()
        self._ruin(draft)
        spread = self._random.uniform(1 - NOISE, 1 + NOISE, len(self.insertions.nodes))
        add_all(self.insertions, draft, should_stop, spread)
        self._local.replace(draft)
        self._local.run(should_stop)
        result = draft.copy()
        missed, merit = best.rank
        floor = merit - abs(merit) * SLACK
        return result if result.rank >= (missed, floor) else current

    def _ruin(self, draft: Draft) -> None:
        """Take out the stops around a random visit, or all of a few random shifts."""
        made = sorted(draft.made)
        if not made:
            return
        share = self._random.uniform(*RUINED)
        n = max(1, round(share * len(made)))
        if self._random.random() < 0.5:
            centre = int(self._random.integers(len(self._away)))
            out = set(sorted(made, key=lambda v: int(self._away[centre, v]))[:n])
        else:
            used = [s for s, choices in enumerate(draft.choices) if choices]
            out = set()
            for s in self._random.permutation(used):
                out |= {v for v, _ in draft.choices[s]}
                if len(out) >= n:
                    break
        for s, choices in enumerate(draft.choices):
            rest = tuple(choice for choice in choices if choice[0] not in out)
            if rest == choices:
                continue
            day = self.insertions.at(draft.stages[s])
            merit = self.insertions.merit_of(day, draft.with_kit[s], rest)
            if merit is not None:
                draft.put(s, draft.with_kit[s], rest, merit)
            else:  # what is left may be out of reach without the stops between
                draft.stay_home(s)
