"""What is proven without a search: a simple upper bound, required visits nobody can make."""

import numpy as np
import numpy.typing as npt

from routing.clock import worked
from routing.departures import earliest_start
from routing.problem import Problem, Shift, TravelMatrix

FAR = 2**40


def prize_bound(problem: Problem) -> int:
    """Sum of the best prize of each visit: no plan is worth more, because costs only take away."""
    total = 0
    for visit in problem.visits:
        allowed = range(len(problem.shifts)) if visit.shifts is None else visit.shifts
        crews = {c for s in allowed for c in _crews(problem, problem.shifts[s])}
        total += max((o.prizes[c] for o in visit.options for c in crews), default=0)
    return total


def worst_value(problem: Problem) -> float:
    """Bound from below what a plan can be worth that keeps to all rules, in thousandths.

    It brings nothing, makes as many legs as its shifts have time for sessions, each the dearest,
    pays every allowance and night, and lies outside every priced row as far as that goes.
    """
    lost = 0.0
    if problem.rupiah_per_document is not None:
        shortest = min((o.duration for v in problem.visits for o in v.options), default=FAR)
        dearest = [int(np.where(m.reachable, m.costs, 0).max()) for m in problem.matrices]
        n_left = len(problem.visits)
        for shift in problem.shifts:
            seconds = worked(shift, shift.window.end)
            lost += shift.fixed_cost + sum(a.cost for a in shift.allowances)
            if shift.away is not None:
                seconds = max(seconds, shift.away.window.end - shift.away.window.start)
                lost += shift.away.cost + (shift.night.dearest if shift.night else 0)
            n_stops = min(n_left, seconds // shortest)
            lost += (n_stops + 1) * dearest[shift.matrix]
        lost *= 1000 / problem.rupiah_per_document
    for row in problem.rows:
        if row.price is not None:
            most = sum(int(term.amounts.max(axis=(0, 2)).sum()) for term in row.terms)
            lost += row.price * max(row.outside(0), row.outside(most))
    return -lost


def _crews(problem: Problem, shift: Shift) -> list[int]:
    if shift.crew_with_kit is None or shift.kit_pool is None:
        return [shift.crew]
    has_kit = problem.kit_pools[shift.kit_pool].capacity > 0
    return [shift.crew, shift.crew_with_kit] if has_kit else [shift.crew]


def impossible_required(problem: Problem) -> list[int]:
    """Find required visits that no shift can make, whatever else it does.

    A proof even where a detour is shorter than the direct way or opens a way that is closed: legs
    are replaced by the fastest way over any nodes, without any service there. Of what a team can
    reach that stays out nothing is proven here.
    """
    required = [v for v, visit in enumerate(problem.visits) if visit.required]
    if not required:
        return []
    # Days of a team, and teams of a base, mostly share their ways.
    known = {(s.matrix, s.start, s.end): s for s in problem.shifts}
    found = {key: fastest(problem, shift) for key, shift in known.items()}
    ways = [found[s.matrix, s.start, s.end] for s in problem.shifts]
    return [v for v in required if not _is_possible(problem, v, ways)]


Ways = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def _is_possible(problem: Problem, v: int, ways: list[Ways]) -> bool:
    visit = problem.visits[v]
    shortest = min(option.duration for option in visit.options)
    allowed = range(len(ways)) if visit.shifts is None else visit.shifts
    for s in allowed:
        shift, (there, back) = problem.shifts[s], ways[s]
        if not shift.serves:
            continue
        if shift.away is not None:
            return True
        start = earliest_start(shift, visit.windows, int(there[visit.node]), shortest)
        if start is not None:
            end = start + shortest + int(back[visit.node])
            if end <= worked(shift, shift.window.end):
                return True
    return False


def fastest(problem: Problem, shift: Shift) -> Ways:
    """Fastest seconds from the shift's start to every node, and from every node to its end."""
    matrix = problem.matrices[shift.matrix]
    return _from(matrix, shift.start), _to(matrix, shift.end)


def _from(matrix: TravelMatrix, node: int) -> npt.NDArray[np.int64]:
    return _dijkstra(np.where(matrix.reachable, matrix.durations, FAR), node)


def _to(matrix: TravelMatrix, node: int) -> npt.NDArray[np.int64]:
    return _dijkstra(np.where(matrix.reachable, matrix.durations, FAR).T, node)


def _dijkstra(lengths: npt.NDArray[np.int64], source: int) -> npt.NDArray[np.int64]:
    """Shortest ways from one node in a dense graph (Dijkstra 1959); at least one leg is travelled.

    Every itinerary leaves its start by a leg, so the way from a node to itself counts as given.
    """
    best = np.minimum(lengths[source], FAR)
    open_ = np.ones(len(best), dtype=bool)
    for _ in range(len(best)):
        node = int(np.where(open_, best, 2 * FAR).argmin())
        open_[node] = False
        best = np.minimum(best, best[node] + lengths[node])
    reached: npt.NDArray[np.int64] = np.minimum(best, FAR)
    return reached
