"""Why a visit was left out: one reason code, and the number that binds.

What keeps a visit out by itself is computed exactly: on an otherwise empty shift or on the shortest
tour to it (``alone.py``), with a kit where the pool has any. What in the plan keeps the others out
is told by ``blocked.py``.
"""

from collections.abc import Callable, Collection

import numpy as np

from routing.clock import worked
from routing.explanation.alone import best_on_tours
from routing.explanation.blocked import Blocking
from routing.heuristics.construct import never
from routing.insertion import NOTHING, Insertions, IntArray
from routing.problem import Problem, Shift
from routing.shift_types import home_kinds
from routing.solution import Reason, Solution, Unserved


class Explainer:
    """What keeps visits out by themselves, worked out once; then asked about any plan."""

    def __init__(self, insertions: Insertions, watch: Callable[[], object] = never) -> None:
        """``watch`` is called now and then while this is worked out; its answer does not count."""
        self._insertions = insertions
        self._alone = _alone(insertions)
        self._on_days: IntArray = self._alone.max(axis=0, initial=NOTHING)
        self._best = best_on_tours(insertions, self._on_days, watch)

    def explain(self, solution: Solution) -> tuple[Unserved, ...]:
        """Give a reason for every visit the solution leaves out, by position of the visit."""
        problem, alone, best = self._insertions.problem, self._alone, self._best
        made = {stop.visit for plan in solution.itineraries for stop in plan.stops}
        left = [v for v in range(len(problem.visits)) if v not in made]
        if not left:
            return ()
        blocking = Blocking(self._insertions, solution, alone > 0)
        # A tour would bring it: what keeps it out is the time of the teams that may stay out.
        on_tour = Reason.ONLY_BUSY if _is_team_idle(problem, solution) else Reason.NOT_CHOSEN
        return tuple(
            Unserved(visit=v, reason=on_tour)
            if best[v] > max(0, self._on_days[v])
            else _reason(problem, v, alone[:, v], int(best[v]), blocking)
            for v in left
        )


def explain(problem: Problem, solution: Solution) -> tuple[Unserved, ...]:
    """Give a reason for every visit the solution leaves out, by position of the visit."""
    return Explainer(Insertions(problem)).explain(solution)


def _is_team_idle(problem: Problem, solution: Solution) -> bool:
    """Tell whether a team that may serve stays at its base all the time."""
    used = {problem.shifts[plan.shift].team for plan in solution.itineraries}
    return any(shift.team not in used for shift in problem.shifts if shift.serves)


def _alone(insertions: Insertions) -> IntArray:
    """Best merit of each visit alone on every shift, ``NOTHING`` where it cannot make it."""
    problem = insertions.problem
    best = np.full((len(problem.shifts), len(problem.visits)), NOTHING)
    first: dict[tuple[int, bool], int] = {}
    for s, kind in enumerate(home_kinds(problem)):
        has_kit = _has_kit(problem, s)
        like = first.setdefault((kind, has_kit), s)
        if like != s:
            best[s] = best[like]
            continue
        for kit in (False, True) if has_kit else (False,):
            merit = insertions.placements(s, kit, ()).merit.max(axis=(0, 2), initial=NOTHING)
            best[s] = np.maximum(best[s], merit)
    return best


def _reason(problem: Problem, v: int, alone: IntArray, best: int, blocking: Blocking) -> Unserved:
    """Tell why a visit is left out.

    ``alone`` is its merit alone on every shift, ``best`` that of the best day or tour.
    """
    visit = problem.visits[v]
    allowed = range(len(problem.shifts)) if visit.shifts is None else sorted(visit.shifts)
    shifts = [s for s in allowed if problem.shifts[s].serves]
    if not shifts:
        return Unserved(visit=v, reason=Reason.FORBIDDEN)
    crews = {c for option in visit.options for c, prize in enumerate(option.prizes) if prize > 0}
    if not any(_is_worth(crews, problem.shifts[s], has_kit=True) for s in shifts):
        return Unserved(visit=v, reason=Reason.NO_NEED)
    # What teams can do that deliver nothing there is no reason.
    able = [s for s in shifts if _is_worth(crews, problem.shifts[s], has_kit=_has_kit(problem, s))]
    if not able:
        return Unserved(visit=v, reason=Reason.WITHOUT_KIT)
    merit = int(alone[able].max())
    merit = max(merit, best) if best > int(alone.max()) else merit
    if merit == NOTHING:
        return _impossible(problem, v, able)
    if merit <= 0:
        # Merit is thousandths x rupiah per document: a thousandth of it is rupiah, rounded up.
        return Unserved(visit=v, reason=Reason.COSTS_MORE, limit=-(merit // 1000))
    return blocking.reason(v)


def _has_kit(problem: Problem, s: int) -> bool:
    pool = problem.shifts[s].kit_pool
    return pool is not None and problem.kit_pools[pool].capacity > 0


def _is_worth(crews: Collection[int], shift: Shift, *, has_kit: bool) -> bool:
    """Whether a team is one of the crews that deliver anything at a visit."""
    return shift.crew in crews or (has_kit and shift.crew_with_kit in crews)


def _impossible(problem: Problem, v: int, allowed: list[int]) -> Unserved:
    """Tell the three ways apart in which a visit fits into no shift alone."""
    visit = problem.visits[v]
    shortest = min(option.duration for option in visit.options)
    missing = []
    for s in allowed:
        shift = problem.shifts[s]
        matrix = problem.matrices[shift.matrix]
        there, back = (shift.start, visit.node), (visit.node, shift.end)
        if matrix.reachable[there] and matrix.reachable[back]:
            ways = (int(matrix.durations[there]), int(matrix.durations[back]))
            missing.append(_missing(shift, *ways, shortest))
    if not missing:
        return Unserved(visit=v, reason=Reason.UNREACHABLE)
    if min(missing) > 0:
        return Unserved(visit=v, reason=Reason.TOO_FAR, limit=min(missing))
    return Unserved(visit=v, reason=Reason.WINDOW)


def _missing(shift: Shift, there: int, back: int, session: int) -> int:
    """Tell how many seconds a session is too long for a day, or a way for a day of a tour."""
    if shift.away is None:
        return there + session + back - worked(shift, shift.window.end)
    paused = sum(b.end - b.start for b in shift.breaks)
    away = shift.away.window.end - shift.away.window.start - paused
    return max(there + session, back) - away
