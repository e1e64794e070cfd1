"""Judge a plan that a person made: time it as it stands, list what it breaks, tell its worth.

Any sequence can be timed, also one that nobody can drive; the checker then says what is wrong.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from routing.check import Violation, check, recompute
from routing.clock import finish, pauses_at, resumes_at
from routing.errors import InvalidProblem
from routing.problem import Problem
from routing.solution import Itinerary, Solution, Stop
from routing.timing import Choice, earliest_start


@dataclass(frozen=True, slots=True, kw_only=True)
class HandMade:
    """One day of a plan made by hand: a shift, whether it takes a kit, visits and options in order.

    A day begins and ends at the base of its shift.
    """

    shift: int
    choices: tuple[Choice, ...]
    with_kit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A plan with its times, what it breaks, and what it is worth and costs all the same.

    ``prize`` and ``value`` in thousandths of a weighted document, ``cost`` in rupiah, ``distance``
    in metres. What is broken does not lower the value; a rule with a price does.
    """

    solution: Solution
    violations: tuple[Violation, ...]
    prize: int
    cost: int
    distance: int
    value: float

    @property
    def by_rule(self) -> dict[str, int]:
        """Count the violations of each rule."""
        rules = [violation.rule for violation in self.violations]
        return {rule: rules.count(rule) for rule in sorted(set(rules))}


def judge(problem: Problem, plan: Solution | Iterable[HandMade]) -> Judgement:
    """Judge a plan with its own times, or the days of one made by hand.

    Raises
    ------
    InvalidProblem
        When the plan names a shift, visit or option that does not exist.
    """
    if isinstance(plan, Solution):
        solution = plan
    else:
        days = list(plan)
        for day in days:
            _require_known(problem, day)
        timed = (timed_anyway(problem, d.shift, d.with_kit, d.choices) for d in days if d.choices)
        solution = Solution(itineraries=tuple(timed))
    found = check(problem, solution)
    missing = [violation for violation in found if violation.rule == "position"]
    if missing:
        raise InvalidProblem(f"plan: {missing[0].message}")
    prize, cost, distance, value = recompute(problem, solution)
    return Judgement(
        solution=solution, violations=tuple(found), prize=prize, cost=cost, distance=distance,
        value=value,
    )  # fmt: skip


def timed_anyway(
    problem: Problem, shift_index: int, with_kit: bool, choices: Sequence[Choice]
) -> Itinerary:
    """Time the visits of one shift in the order given, even where that cannot be driven.

    Every session starts as early as its windows allow, or on arrival where none fits; a leg that
    is not reachable takes no time; the day ends whenever it ends.
    """
    shift = problem.shifts[shift_index]
    matrix = problem.matrices[shift.matrix]

    def travel(a: int, b: int) -> int:
        return int(matrix.durations[a, b]) if matrix.reachable[a, b] else 0

    node, now, starts = shift.start, 0, []
    for v, o in choices:
        visit = problem.visits[v]
        arrival, duration = now + travel(node, visit.node), visit.options[o].duration
        start = earliest_start(shift, visit.windows, arrival, duration)
        starts.append(arrival if start is None else start)
        node, now = visit.node, starts[-1] + duration
    first = problem.visits[choices[0][0]].node
    leave = departure = resumes_at(shift, starts[0] - travel(shift.start, first))
    node, stops = shift.start, []
    for (v, o), start in zip(choices, starts, strict=True):
        visit = problem.visits[v]
        arrival = finish(shift, leave, travel(node, visit.node))
        leave = pauses_at(shift, start + visit.options[o].duration)
        begin = resumes_at(shift, start)
        stops.append(Stop(visit=v, option=o, arrival=arrival, start=begin, departure=leave))
        node = visit.node
    return Itinerary(
        shift=shift_index, with_kit=with_kit, departure=departure,
        arrival=finish(shift, leave, travel(node, shift.end)), stops=tuple(stops),
    )  # fmt: skip


def _require_known(problem: Problem, day: HandMade) -> None:
    if not 0 <= day.shift < len(problem.shifts):
        raise InvalidProblem(f"plan: there is no shift {day.shift}")
    for v, o in day.choices:
        if not 0 <= v < len(problem.visits):
            raise InvalidProblem(f"plan, shift {day.shift}: there is no visit {v}")
        if not 0 <= o < len(problem.visits[v].options):
            raise InvalidProblem(f"plan, shift {day.shift}: visit {v} has no option {o}")
