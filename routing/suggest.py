"""Where one more visit fits into a plan that stands: the best place on each shift, checked.

Nothing else moves to another team or day: stops of that shift keep their order, and only their
times give way. No search: one insertion for each shift, judged by the independent checker.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from routing.checks.check import check, recompute
from routing.insertion import NEVER, NOTHING, Insertions
from routing.judge import HandMade, timed_anyway
from routing.problem import Problem
from routing.solution import Itinerary, Solution, Stop
from routing.stages import Stage
from routing.timing import Choice, choices_of, stage_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One more visit on one shift.

    ``gain`` is what the whole plan's value changes by, ``prize`` what its prize does, thousandths
    of a weighted document; ``cost`` what it costs more, rupiah. ``moved`` is the most that a stop
    of that shift begins earlier or later than before, seconds.
    """

    itinerary: Itinerary
    stop: Stop
    position: int
    gain: float
    prize: int
    cost: int
    moved: int


def suggest(
    problem: Problem, solution: Solution, visits: Collection[int], shifts: Iterable[int]
) -> list[Suggestion]:
    """Find the best place for one of some visits on each of some shifts, the best shift first.

    Parameters
    ----------
    solution
        A plan that makes none of ``visits``; it may break rules already.
    visits
        Visits that would each do: a village's own point, or a hub that serves it.

    Returns
    -------
    list
        At most one for each shift; none where the visit does not fit, or where the plan would break
        a rule that it does not break now.
    """
    insertions, base = Insertions(problem), _broken(problem, solution)
    before = recompute(problem, solution)
    made = {day.shift: day for day in solution.itineraries}
    found = []
    for s in shifts:
        rest = tuple(day for day in solution.itineraries if day.shift != s)
        for with_kit in _kits(problem, s, made.get(s)):
            day = _best(problem, insertions, s, made.get(s), with_kit, visits)
            if day is None:
                continue
            after = Solution(itineraries=(*rest, day))
            if _broken(problem, after) - base:
                continue
            prize, cost, _, value = recompute(problem, after)
            position = next(n for n, stop in enumerate(day.stops) if stop.visit in visits)
            found.append(
                Suggestion(
                    itinerary=day, stop=day.stops[position], position=position,
                    gain=value - before[3], prize=prize - before[0], cost=cost - before[1],
                    moved=_moved(made.get(s), day),
                )
            )  # fmt: skip
    best: dict[int, Suggestion] = {}
    for one in sorted(found, key=lambda one: (-one.gain, one.itinerary.with_kit, one.moved)):
        best.setdefault(one.itinerary.shift, one)
    return list(best.values())


def _broken(problem: Problem, solution: Solution) -> Counter[tuple[str, int | None, int | None]]:
    """Add up by how much each rule is broken, and where; 1 for a rule without an amount."""
    found: Counter[tuple[str, int | None, int | None]] = Counter()
    for one in check(problem, solution):
        found[one.rule, one.shift, one.visit] += abs(one.amount or 0) or 1
    return found


def _kits(problem: Problem, shift: int, day: Itinerary | None) -> tuple[bool, ...]:
    """Tell whether a shift may take a kit: on a tour only what the whole tour has."""
    if day is not None and stage_of(day).is_away:
        return (day.with_kit,)
    return (False,) if problem.shifts[shift].kit_pool is None else (False, True)


def _best(
    problem: Problem, insertions: Insertions, shift: int, day: Itinerary | None, with_kit: bool,
    visits: Collection[int],
) -> Itinerary | None:  # fmt: skip
    """Time the shift with the visit, length and position of most merit; None where none fits."""
    stage = Stage(shift) if day is None else stage_of(day)
    choices: tuple[Choice, ...] = () if day is None else tuple(choices_of(day))
    columns = sorted(visits)
    found = insertions.placements(insertions.at(stage), with_kit, choices)
    merits, ends = found.merit[:, columns, :], found.end[:, columns, :]
    if merits.size == 0 or merits.max() <= NOTHING:
        return None
    # Of places that are worth the same, the one after which the team is back first.
    best = np.where(merits == merits.max(), ends, NEVER).argmin()
    position, column, option = (int(n) for n in np.unravel_index(best, merits.shape))
    with_it = (*choices[:position], (columns[column], option), *choices[position:])
    return timed_anyway(
        problem,
        HandMade(shift=shift, choices=with_it, with_kit=with_kit, start=stage.start, end=stage.end),
    )


def _moved(before: Itinerary | None, after: Itinerary) -> int:
    old = {} if before is None else {stop.visit: stop.start for stop in before.stops}
    return max((abs(stop.start - old[stop.visit]) for stop in after.stops if stop.visit in old),
               default=0)  # fmt: skip
