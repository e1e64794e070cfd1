"""A sequence of visit options on a shift -> a timed itinerary, its prize and cost."""

from collections.abc import Sequence

from routing.clock import finish, pauses_at, resumes_at
from routing.departures import Session, allowances_of, best_starts, first_end
from routing.problem import Problem, Shift
from routing.rules import ledger
from routing.solution import Itinerary, Solution, Stop
from routing.stages import Stage, day_of, may_sleep, sessions_of, windows_of

Choice = tuple[int, int]
"""A visit and one of its options, by position."""


def timed(
    problem: Problem,
    shift_index: int,
    with_kit: bool,
    choices: Sequence[Choice],
    *,
    start: int | None = None,
    end: int | None = None,
) -> Itinerary | None:
    """Time the visits of one shift in the order given.

    Allowances are as low as they can be, and with that every session starts as early as it can
    (``departures.py``); the team leaves its start as late as the first session allows. ``start``
    and ``end`` are the nodes where the team slept before and sleeps after, on a day of a tour;
    without visits it leaves at once.

    Returns
    -------
    Itinerary or None
        None when it cannot be done: no visit on a day from base to base, a leg that is unreachable,
        a session that fits in no window, an end after the shift's window, a visit this shift may
        not make, a night where it may not sleep, a kit where there is no pool. Whether the pool
        still has one, and whether the days of a tour fit together, are questions of the whole plan.
    """
    stage = Stage(shift_index, start, end)
    shift = day_of(problem, stage)
    if shift is None or (with_kit and shift.kit_pool is None):
        return None
    return timed_day(problem, stage, shift, with_kit, choices)


def timed_day(
    problem: Problem, stage: Stage, shift: Shift, with_kit: bool, choices: Sequence[Choice]
) -> Itinerary | None:
    """Time the visits of a stage whose ``day_of`` is known, see ``timed``."""
    sessions = _sessions(problem, stage, shift, choices)
    starts = None if sessions is None else best_starts(shift, *sessions)
    if starts is None:
        return None
    if not choices:
        return _without_stops(problem, stage, shift, with_kit)
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
        shift=stage.shift,
        with_kit=with_kit,
        departure=departure,
        arrival=finish(shift, leave, int(durations[node, shift.end])),
        stops=tuple(stops),
        start=stage.start,
        end=stage.end,
    )


def _without_stops(problem: Problem, stage: Stage, shift: Shift, with_kit: bool) -> Itinerary:
    """Time a day of a tour that only moves on, or rests."""
    work = int(problem.matrices[shift.matrix].durations[shift.start, shift.end])
    leave = resumes_at(shift, 0) if work else shift.window.start
    return Itinerary(
        shift=stage.shift, with_kit=with_kit, departure=leave, arrival=finish(shift, leave, work),
        stops=(), start=stage.start, end=stage.end,
    )  # fmt: skip


def earliest_end(
    problem: Problem, stage: Stage, shift: Shift, choices: Sequence[Choice]
) -> int | None:
    """Working second at which a stage ends at the earliest; None when it cannot be driven."""
    sessions = _sessions(problem, stage, shift, choices)
    return None if sessions is None else first_end(shift, *sessions)


def _sessions(
    problem: Problem, stage: Stage, shift: Shift, choices: Sequence[Choice]
) -> tuple[list[Session], int] | None:
    """Read the sessions and the seconds from the last to the end, or None when infeasible."""
    if (not choices and not stage.is_away) or (choices and not shift.serves):
        return None
    matrix, hours = problem.matrices[shift.matrix], sessions_of(problem, stage)
    node = shift.start
    sessions = []
    for v, o in choices:
        visit = problem.visits[v]
        windows = windows_of(visit, hours)
        if windows is None or (visit.shifts is not None and stage.shift not in visit.shifts):
            return None
        if not matrix.reachable[node, visit.node]:
            return None
        leg = int(matrix.durations[node, visit.node])
        sessions.append(Session(leg, windows, visit.options[o].duration))
        node = visit.node
    if shift.night is not None and stage.end is not None:
        last = problem.visits[choices[-1][0]].node if choices else None
        if not may_sleep(shift.night, stage, last):
            return None
    if not matrix.reachable[node, shift.end]:
        return None
    return sessions, int(matrix.durations[node, shift.end])


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
    """Pairs of nodes travelled, from where the shift starts to where it ends."""
    shift = problem.shifts[itinerary.shift]
    start = shift.start if itinerary.start is None else itinerary.start
    end = shift.end if itinerary.end is None else itinerary.end
    nodes = [problem.visits[stop.visit].node for stop in itinerary.stops]
    return list(zip([start, *nodes], [*nodes, end], strict=True))


def stage_of(itinerary: Itinerary) -> Stage:
    """Read the shift and where its team sleeps before and after it."""
    return Stage(itinerary.shift, itinerary.start, itinerary.end)


def distance_of(problem: Problem, itinerary: Itinerary) -> int:
    """Metres."""
    distances = problem.matrices[problem.shifts[itinerary.shift].matrix].distances
    return sum(int(distances[leg]) for leg in legs_of(problem, itinerary))


def cost_of(problem: Problem, itinerary: Itinerary) -> int:
    """Rupiah: the shift's fixed cost, its legs, and its allowances; on a tour per diem and night.

    Raises
    ------
    ValueError
        When the shift allows no such day.
    """
    shift = day_of(problem, stage_of(itinerary))
    if shift is None:
        raise ValueError(f"shift {itinerary.shift} cannot be driven as {stage_of(itinerary)}")
    costs = problem.matrices[shift.matrix].costs
    duty = itinerary.arrival - itinerary.departure
    legs = sum(int(costs[leg]) for leg in legs_of(problem, itinerary))
    return shift.fixed_cost + legs + allowances_of(shift, duty)


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
    value = value_of(problem, prize, cost)
    if problem.rows:
        value -= ledger.penalty(problem, row_sums(problem, solution))
    return prize, cost, distance, value


def row_sums(problem: Problem, solution: Solution) -> list[int]:
    """Add up what a solution adds to each of ``Problem.rows``."""
    by_shift = [
        ledger.amounts(
            problem, plan.shift, crew_of(problem.shifts[plan.shift], plan.with_kit),
            choices_of(plan), cost_of(problem, plan),
        )
        for plan in solution.itineraries
    ]  # fmt: skip
    return ledger.totals(problem, by_shift)
