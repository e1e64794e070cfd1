"""What a visit would bring if it were the only one of the shortest tour to it."""

from collections.abc import Callable, Hashable

import numpy as np
import numpy.typing as npt

from routing.heuristics.construct import never
from routing.insertion import NOTHING, Insertions
from routing.problem import Problem
from routing.shift_types import home_kinds
from routing.stages import Stage, can_tour, chain, team_days

LOOKED_AT = 3
"""Days of the longest tour that is looked at."""
IntArray = npt.NDArray[np.int64]


def best_on_tours(
    insertions: Insertions, best: IntArray, watch: Callable[[], object] = never
) -> IntArray:
    """Give the best merit of each visit alone, ``best`` being that on a day from base to base.

    Both of shape (visits,), in thousandths times ``Insertions.per_prize``,
    ``NOTHING`` where neither can make it. Looked at are tours of two or three days: a night after
    the visit, where it is or at another place, one at such a place before it, or both. ``watch``
    is called at each of these places and visits.
    """
    problem = insertions.problem
    if not problem.has_nights:
        return best
    kinds, known = home_kinds(problem), set[Hashable]()
    for days in team_days(problem):
        for s in days if can_tour(problem, days) else ():
            looked_at = chain(problem, s, LOOKED_AT)
            key = tuple((kinds[d], _away_key(problem, d)) for d in looked_at)
            if not problem.shifts[s].starts_tour or len(looked_at) == 1 or key in known:
                continue
            known.add(key)
            for kit in _kits(problem, s):
                best = _with_nights(insertions, s, kit, best, watch)
    return best


def _away_key(problem: Problem, s: int) -> Hashable:
    """Tell what a shift is as a day of a tour, beside its kind: alike days give alike tours."""
    shift, night = problem.shifts[s], problem.shifts[s].night
    hours = None
    if shift.away is not None:
        window = shift.away.window
        hours = (
            window.start - shift.window.start, window.end - shift.window.end, shift.away.cost,
        )  # fmt: skip
    sleeps = None if night is None else (
        night.nodes, night.at_last_stop, night.cost, night.prices,
    )  # fmt: skip
    return shift.serves, shift.kit_pool is None, _kits(problem, s), hours, sleeps


def _kits(problem: Problem, s: int) -> tuple[bool, ...]:
    pool = problem.shifts[s].kit_pool
    has_kit = pool is not None and problem.kit_pools[pool].capacity > 0
    return (False, True) if has_kit else (False,)


def _placed(insertions: Insertions, stage: Stage, kit: bool) -> IntArray:
    """Best merit of each visit alone on one day."""
    merit = insertions.placements(insertions.at(stage), kit, ()).merit
    found: IntArray = merit.max(axis=(0, 2), initial=NOTHING)
    return found


def _empty(insertions: Insertions, stage: Stage, kit: bool) -> int | None:
    """Merit of a day of a tour without a visit, None when it cannot be driven."""
    pool = insertions.problem.shifts[stage.shift].kit_pool
    return None if kit and pool is None else insertions.merit_of(insertions.at(stage), kit, ())


def _with_nights(
    insertions: Insertions, first: int, kit: bool, best: IntArray, watch: Callable[[], object]
) -> IntArray:
    """Improve on the best by the shortest tours that leave on one shift."""
    problem = insertions.problem
    days = chain(problem, first, LOOKED_AT)
    second, third = days[1], days[2] if len(days) > 2 else None
    night = problem.shifts[first].night
    for place in night.nodes if night else ():
        watch()
        there, back = Stage(first, None, place), Stage(second, place)
        home, out = _empty(insertions, back, kit), _empty(insertions, there, kit)
        if home is not None:
            best = _better(best, _placed(insertions, there, kit), home)
        if out is None:
            continue
        best = _better(best, _placed(insertions, back, kit), out)
        after = None if third is None else _empty(insertions, Stage(third, place), kit)
        if after is not None:
            between = Stage(second, place, place)
            best = _better(best, _placed(insertions, between, kit), out + after)
    if night and night.at_last_stop:
        best = _at_the_visit(insertions, (first, second), kit, best, watch)
    return best


def _at_the_visit(
    insertions: Insertions, days: tuple[int, int], kit: bool, best: IntArray,
    watch: Callable[[], object],
) -> IntArray:  # fmt: skip
    """Improve on what loses or cannot be done by sleeping where the visit is."""
    found = best.copy()
    for v in np.flatnonzero(best <= 0):
        watch()
        node = int(insertions.nodes[v])
        home = _empty(insertions, Stage(days[1], node), kit)
        day = insertions.at(Stage(days[0], None, node))
        options = range(len(insertions.problem.visits[v].options))
        merits = [insertions.merit_of(day, kit, ((int(v), o),)) for o in options]
        known = [merit + home for merit in merits if merit is not None and home is not None]
        found[v] = max([int(found[v]), *known])
    return found


def _better(best: IntArray, merits: IntArray, more: int) -> IntArray:
    found: IntArray = np.maximum(best, np.where(merits == NOTHING, NOTHING, merits + more))
    return found
