"""A sequence of visit options on a shift -> a timed itinerary, its prize and cost."""

from collections.abc import Sequence

from routing.clock import finish, pauses_at, resumes_at, worked
from routing.problem import Problem, Shift, TimeWindow
from routing.solution import Itinerary, Solution, Stop

Choice = tuple[int, int]
"""A visit and one of its options, by position."""


def timed(
    problem: Problem, shift_index: int, with_kit: bool, choices: Sequence[Choice]
) -> Itinerary | None:
    """Time the visits of one shift in the order given.

    Every session starts as early as it can; the team leaves its start as late as that allows, which
    keeps the duty short and so the allowances low.

    Returns
    -------
    Itinerary or None
        None when it cannot be done: no visit at all, a leg that is unreachable, a session that fits
        in no window, an end after the shift's window, a visit this shift may not make, a kit where
        there is no pool. Whether the pool still has one is a question of the whole plan.
    """
    shift = problem.shifts[shift_index]
    starts = _starts(problem, shift_index, choices)
    if starts is None or (with_kit and shift.kit_pool is None):
        return None
    durations = problem.matrices[shift.matrix].durations
    node = problem.visits[choices[0][0]].node
    leave = departure = resumes_at(shift, starts[0] - int(durations[shift.start, node]))
    node = shift.start
    stops = []
    for (v, o), start in zip(choices, starts, strict=True):
        visit = problem.visits[v]
        arrival = finish(shift, leave, int(durations[node, visit.node]))
        leave = pauses_at(shift, start + visit.options[o].duration)
        begin = resumes_at(shift, start)
        stops.append(Stop(visit=v, option=o, arrival=arrival, start=begin, departure=leave))
        node = visit.node
    return Itinerary(
        shift=shift_index,
        with_kit=with_kit,
        departure=departure,
        arrival=finish(shift, leave, int(durations[node, shift.end])),
        stops=tuple(stops),
    )


def _starts(problem: Problem, shift_index: int, choices: Sequence[Choice]) -> list[int] | None:
    """Earliest session starts in working seconds of the shift, or None when infeasible."""
    shift = problem.shifts[shift_index]
    matrix = problem.matrices[shift.matrix]
    node, now = shift.start, 0
    starts = []
    for v, o in choices:
        visit = problem.visits[v]
        if visit.shifts is not None and shift_index not in visit.shifts:
            return None
        if not matrix.reachable[node, visit.node]:
            return None
        arrival = now + int(matrix.durations[node, visit.node])
        duration = visit.options[o].duration
        start = earliest_start(shift, visit.windows, arrival, duration)
        if start is None:
            return None
        starts.append(start)
        node, now = visit.node, start + duration
    if not starts or not matrix.reachable[node, shift.end]:
        return None
    end = now + int(matrix.durations[node, shift.end])
    return starts if end <= worked(shift, shift.window.end) else None


def earliest_start(
    shift: Shift, windows: Sequence[TimeWindow], arrival: int, duration: int
) -> int | None:
    """Find the first start of a session not before ``arrival``, both in working seconds.

    None if no window fits.

    That the whole session with its breaks lies in a window is the same as that its working seconds
    lie between the window's ends counted in working seconds: it starts after a break and stops
    before one.
    """
    if not windows:
        return arrival
    candidates = ((max(arrival, worked(shift, w.start)), worked(shift, w.end)) for w in windows)
    return min((start for start, end in candidates if start + duration <= end), default=None)


def choices_of(itinerary: Itinerary) -> list[Choice]:
    """Read the visits and options of an itinerary, in order."""
    return [(stop.visit, stop.option) for stop in itinerary.stops]


def crew_of(shift: Shift, with_kit: bool) -> int:
    """Position of the crew in ``VisitOption.prizes``."""
    return shift.crew_with_kit if with_kit and shift.crew_with_kit is not None else shift.crew


def prize_of(problem: Problem, itinerary: Itinerary) -> int:
    """Thousandths of a weighted document."""
    crew = crew_of(problem.shifts[itinerary.shift], itinerary.with_kit)
    return sum(problem.visits[v].options[o].prizes[crew] for v, o in choices_of(itinerary))


def legs_of(problem: Problem, itinerary: Itinerary) -> list[tuple[int, int]]:
    """Pairs of nodes travelled, from the shift's start to its end."""
    shift = problem.shifts[itinerary.shift]
    nodes = [problem.visits[stop.visit].node for stop in itinerary.stops]
    return list(zip([shift.start, *nodes], [*nodes, shift.end], strict=True))


def distance_of(problem: Problem, itinerary: Itinerary) -> int:
    """Metres."""
    distances = problem.matrices[problem.shifts[itinerary.shift].matrix].distances
    return sum(int(distances[leg]) for leg in legs_of(problem, itinerary))


def cost_of(problem: Problem, itinerary: Itinerary) -> int:
    """Rupiah: the shift's fixed cost, its legs, and the allowances its duty reaches."""
    shift = problem.shifts[itinerary.shift]
    costs = problem.matrices[shift.matrix].costs
    duty = itinerary.arrival - itinerary.departure
    legs = sum(int(costs[leg]) for leg in legs_of(problem, itinerary))
    return shift.fixed_cost + legs + allowances_of(shift, duty)


def allowances_of(shift: Shift, duty: int) -> int:
    """Rupiah due for a duty of so many seconds."""
    return sum(a.cost for a in shift.allowances if duty > a.longer_than)


def value_of(problem: Problem, prize: int, cost: int) -> float:
    """Thousandths of a weighted document, net of what the cost could have bought."""
    if problem.rupiah_per_document is None:
        return float(prize)
    return prize - cost * 1000 / problem.rupiah_per_document


def totals(problem: Problem, solution: Solution) -> tuple[int, int, int, float]:
    """Prize, cost, distance and value of a solution."""
    plans = solution.itineraries
    prize = sum(prize_of(problem, plan) for plan in plans)
    cost = sum(cost_of(problem, plan) for plan in plans)
    distance = sum(distance_of(problem, plan) for plan in plans)
    return prize, cost, distance, value_of(problem, prize, cost)
