"""Judge a plan that a person made: time it as it stands, list what it breaks, tell its worth.

Any sequence can be timed, also one that nobody can drive; the checker then says what is wrong.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from routing.checks.check import Violation, check, recompute
from routing.clock import finish, pauses_at, resumes_at
from routing.departures import earliest_start
from routing.errors import InvalidProblem
from routing.problem import Problem, Shift
from routing.solution import Itinerary, Solution, Stop
from routing.stages import Stage, day_of, sessions_of, windows_of
from routing.timing import Choice, timed


@dataclass(frozen=True, slots=True, kw_only=True)
class HandMade:
    """One day of a plan made by hand: a shift, whether it takes a kit, visits and options in order.

    ``start`` and ``end`` are the nodes where the team slept before and sleeps after, None where it
    is at its base. A day of a tour may have no visit.
    """

    shift: int
    choices: tuple[Choice, ...]
    with_kit: bool = False
    start: int | None = None
    end: int | None = None

    @property
    def stage(self) -> Stage:
        """The shift and where its team sleeps before and after it."""
        return Stage(self.shift, self.start, self.end)


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
        When the plan names a shift, visit, option or node that does not exist.
    """
    if isinstance(plan, Solution):
        solution = plan
    else:
        days = list(plan)
        for day in days:
            _require_known(problem, day)
        made = (day for day in days if day.choices or day.stage.is_away)
        solution = Solution(itineraries=tuple(timed_anyway(problem, day) for day in made))
    found = check(problem, solution)
    missing = [violation for violation in found if violation.rule == "position"]
    if missing:
        raise InvalidProblem(f"plan: {missing[0].message}")
    prize, cost, distance, value = recompute(problem, solution)
    return Judgement(
        solution=solution, violations=tuple(found), prize=prize, cost=cost, distance=distance,
        value=value,
    )  # fmt: skip


def timed_anyway(problem: Problem, made: HandMade) -> Itinerary:
    """Time the visits of one day in the order given, even where that cannot be driven.

    A day that can be driven is timed as ``timing.timed`` does, so that it costs no more by hand.
    In others every session starts as early as its windows allow, or on arrival where none fits; a
    leg that is not reachable takes no time; the day ends whenever it ends.
    """
    stage = made.stage
    driven = timed(problem, made.shift, made.with_kit, made.choices, start=made.start, end=made.end)
    if driven is not None:
        return driven
    shift = day_of(problem, stage) or _as_asked(problem, stage)
    matrix = problem.matrices[shift.matrix]

    def travel(a: int, b: int) -> int:
        return int(matrix.durations[a, b]) if matrix.reachable[a, b] else 0

    starts = _starts(problem, stage, shift, made.choices)
    first = problem.visits[made.choices[0][0]].node if made.choices else shift.end
    way = travel(shift.start, first)
    leave = departure = shift.window.start
    if starts or way:
        leave = departure = resumes_at(shift, starts[0] - way if starts else 0)
    node, stops = shift.start, []
    for (v, o), start in zip(made.choices, starts, strict=True):
        visit = problem.visits[v]
        arrival = finish(shift, leave, travel(node, visit.node))
        leave = pauses_at(shift, start + visit.options[o].duration)
        begin = resumes_at(shift, start)
        stops.append(Stop(visit=v, option=o, arrival=arrival, start=begin, departure=leave))
        node = visit.node
    return Itinerary(
        shift=made.shift, with_kit=made.with_kit, departure=departure,
        arrival=finish(shift, leave, travel(node, shift.end)), stops=tuple(stops),
        start=made.start, end=made.end,
    )  # fmt: skip


def _as_asked(problem: Problem, stage: Stage) -> Shift:
    """Build the day of a stage that its shift does not allow."""
    shift = problem.shifts[stage.shift]
    return replace(
        shift,
        start=shift.start if stage.start is None else stage.start,
        end=shift.end if stage.end is None else stage.end,
    )


def _starts(problem: Problem, stage: Stage, shift: Shift, choices: Sequence[Choice]) -> list[int]:
    """Give the start of each session in working seconds of the shift."""
    matrix, sessions = problem.matrices[shift.matrix], sessions_of(problem, stage)
    node, now, starts = shift.start, 0, []
    for v, o in choices:
        visit = problem.visits[v]
        leg = (node, visit.node)
        arrival = now + (int(matrix.durations[leg]) if matrix.reachable[leg] else 0)
        duration = visit.options[o].duration
        start = earliest_start(shift, windows_of(visit, sessions) or (), arrival, duration)
        starts.append(arrival if start is None else start)
        node, now = visit.node, starts[-1] + duration
    return starts


def _require_known(problem: Problem, day: HandMade) -> None:
    if not 0 <= day.shift < len(problem.shifts):
        raise InvalidProblem(f"plan: there is no shift {day.shift}")
    for node in (day.start, day.end):
        if node is not None and not 0 <= node < problem.n_nodes:
            raise InvalidProblem(f"plan, shift {day.shift}: there is no node {node}")
    for v, o in day.choices:
        if not 0 <= v < len(problem.visits):
            raise InvalidProblem(f"plan, shift {day.shift}: there is no visit {v}")
        if not 0 <= o < len(problem.visits[v].options):
            raise InvalidProblem(f"plan, shift {day.shift}: visit {v} has no option {o}")
