"""Independent checker of nights out: which days belong together, where a team sleeps, the cost.

Like ``check.py`` it shares no code with the solver. Rules, and the unit of ``Violation.amount``:
``empty`` (none; a day from base to base, or a whole tour, without a visit), ``tour`` (node; a team
does not go on where it slept), ``night`` (node; it may not sleep there), ``tour-start`` (none; it
leaves its base on a day on which it may not), ``tour-days`` (days too many), ``tour-kit`` (none;
not all days of a tour have its kit), ``no-session-day`` (none), ``session-hours`` (seconds
outside the hours of sessions).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from routing.problem import DAY_S, Problem, TimeWindow
from routing.solution import Itinerary, Solution


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule that a plan breaks, and the positions of the shift and visit it concerns."""

    rule: str
    message: str
    shift: int | None = None
    visit: int | None = None
    amount: int | None = None


def is_away(itinerary: Itinerary) -> bool:
    """Tell whether a day starts or ends away from the base."""
    return not (itinerary.start is None and itinerary.end is None)


def nodes_of(problem: Problem, itinerary: Itinerary) -> tuple[int, int]:
    """Nodes at which a day starts and ends."""
    shift = problem.shifts[itinerary.shift]
    first = itinerary.start if itinerary.start is not None else shift.start
    return first, itinerary.end if itinerary.end is not None else shift.end


def hours(problem: Problem, itinerary: Itinerary) -> TimeWindow:
    """When the team may be under way."""
    shift = problem.shifts[itinerary.shift]
    return shift.away.window if is_away(itinerary) and shift.away is not None else shift.window


def day_cost(problem: Problem, itinerary: Itinerary) -> int:
    """Rupiah of a day beside its legs: vehicle, per diem, and the night that follows it."""
    shift = problem.shifts[itinerary.shift]
    cost = 0
    if itinerary.stops or is_away(itinerary):
        cost += shift.fixed_cost
    if is_away(itinerary):
        cost += shift.away.cost if shift.away is not None else 0
        if itinerary.end is not None and shift.night is not None:
            cost += shift.night.cost_at(itinerary.end)
        return cost
    duty = itinerary.arrival - itinerary.departure
    return cost + sum(a.cost for a in shift.allowances if duty > a.longer_than)


def tour_violations(problem: Problem, solution: Solution) -> Iterator[Violation]:
    """List what is wrong with how the days of each team follow each other."""
    by_team: dict[int, list[Itinerary]] = defaultdict(list)
    for itinerary in solution.itineraries:
        by_team[problem.shifts[itinerary.shift].team].append(itinerary)
        yield from _day(problem, itinerary)
    for team in sorted(by_team):
        days = sorted(by_team[team], key=lambda i: problem.shifts[i.shift].window.start)
        for tour in _tours(days):
            yield from _tour(problem, tour)


def _tours(days: list[Itinerary]) -> Iterator[list[Itinerary]]:
    """Cut a team's days where it leaves its base or is back at it."""
    tour: list[Itinerary] = []
    for itinerary in days:
        if tour and (itinerary.start is None or tour[-1].end is None):
            yield tour
            tour = []
        tour.append(itinerary)
    if tour:
        yield tour


def _day(problem: Problem, itinerary: Itinerary) -> Iterator[Violation]:
    s, shift = itinerary.shift, problem.shifts[itinerary.shift]
    if itinerary.start is None and not shift.starts_tour:
        text = f"the team of shift {s} may not leave its base on that day"
        yield Violation(rule="tour-start", shift=s, message=text)
    if is_away(itinerary) and shift.away is None:
        text = f"shift {s} may not be a day of a tour"
        yield Violation(rule="night", shift=s, amount=itinerary.end, message=text)
    for stop in itinerary.stops:
        v = stop.visit
        if not shift.serves:
            text = f"visit {v} is made by shift {s}, on a day without sessions"
            yield Violation(rule="no-session-day", shift=s, visit=v, message=text)
        outside = max(0, shift.window.start - stop.start)
        outside += max(0, stop.departure - shift.window.end)
        if is_away(itinerary) and outside:
            text = f"visit {v} lies {outside} s outside the hours of sessions of shift {s}"
            yield Violation(rule="session-hours", shift=s, visit=v, amount=outside, message=text)


def _tour(problem: Problem, tour: list[Itinerary]) -> Iterator[Violation]:
    first, last = tour[0], tour[-1]
    if not any(itinerary.stops for itinerary in tour):
        text = f"the itinerary of shift {first.shift} has no stop"
        yield Violation(rule="empty", shift=first.shift, message=text)
    if first.start is not None:
        text = f"shift {first.shift} starts at node {first.start}, where its team did not sleep"
        yield Violation(rule="tour", shift=first.shift, amount=first.start, message=text)
    if last.end is not None:
        text = f"after shift {last.shift} the team does not come home from node {last.end}"
        yield Violation(rule="tour", shift=last.shift, amount=last.end, message=text)
    starts = [problem.shifts[i.shift].window.start // DAY_S for i in (first, last)]
    extra = starts[1] - starts[0] + 1 - problem.max_tour_days
    if extra > 0 and len(tour) > 1:
        text = f"the tour from shift {first.shift} on is {extra} days too long"
        yield Violation(rule="tour-days", shift=first.shift, amount=extra, message=text)
    if len({itinerary.with_kit for itinerary in tour}) > 1:
        text = f"the tour from shift {first.shift} on has its kit on some days only"
        yield Violation(rule="tour-kit", shift=first.shift, message=text)
    yield from _nights(problem, tour)


def _nights(problem: Problem, tour: list[Itinerary]) -> Iterator[Violation]:
    """Follow a tour from night to night."""
    last_visited: int | None = None
    for today, tomorrow in zip(tour, [*tour[1:], None], strict=True):
        night = problem.shifts[today.shift].night
        if today.stops:
            last_visited = problem.visits[today.stops[-1].visit].node
        if today.end is None and tomorrow is None:
            return
        text = f"after shift {today.shift} the team may not sleep at node {today.end}"
        slept = Violation(rule="night", shift=today.shift, amount=today.end, message=text)
        if night is None or today.end is None:
            yield slept
        else:
            is_last = night.at_last_stop and today.end == last_visited
            if today.end not in night.nodes and not is_last:
                yield slept
            if tomorrow is not None and tomorrow.shift != night.morning:
                text = f"shift {tomorrow.shift} does not follow the night after {today.shift}"
                yield Violation(rule="tour", shift=tomorrow.shift, message=text)
        if tomorrow is not None and tomorrow.start != today.end:
            text = f"shift {tomorrow.shift} does not start at node {today.end}, where it slept"
            yield Violation(rule="tour", shift=tomorrow.shift, amount=tomorrow.start, message=text)
