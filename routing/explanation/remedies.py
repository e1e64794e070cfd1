"""What would bring more, and what each wish costs: only what another solve has confirmed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from routing.checks.check import check
from routing.problem import KitPool, Problem, Shift, TimeWindow, Visit
from routing.rules import Blanks, Budget, Fairness, KeepPublished, Rule, ServedOnce
from routing.run import CLOSED_GAP, SolveParams
from routing.solution import Result, Solution, Status
from routing.solve import solve
from routing.timing import totals

T = TypeVar("T")

HOUR_S = 3600
RUPIAH = 1_000_000
CARDS = 10
HAS_PLAN = {Status.OPTIMAL, Status.FEASIBLE}


class RemedyKind(StrEnum):
    """What there is more of; the comment tells what ``Remedy.position`` is."""

    KIT = "kit"  # one satellite kit more at a base, every day; node of the base
    TEAM_DAY = "team-day"  # one day more of a team; shift that it is like
    HOUR = "hour"  # one hour more for every team on every day; 0
    BUDGET = "budget"  # a million rupiah more; position of the rule
    BLANKS = "blanks"  # ten cards more; position of the rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What another solve with a little more of something brought.

    ``prize`` and ``value`` are gains in thousandths of a weighted document; ``admits`` are visits
    that were left out before and are made now.
    """

    kind: RemedyKind
    position: int
    prize: int
    value: float
    admits: frozenset[int]


class WishKind(StrEnum):
    """Wishes that cost something."""

    REQUIRED = "required"
    PINNED = "pinned"
    FORBIDDEN = "forbidden"
    FAIRNESS = "fairness"
    STABILITY = "stability"
    LONGER_DAY = "longer-day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What all wishes of a kind cost: thousandths of a weighted document lost to them.

    A longer day costs less than nothing: it brings so much.
    ``is_exact`` when both plans are proven; otherwise it is what the search found.
    """

    kind: WishKind
    cost: float
    is_exact: bool


def remedies(
    problem: Problem,
    result: Result,
    params: SolveParams,
    *,
    longer_day: Problem | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[Remedy, ...]:
    """Try each remedy by another solve that begins with the plan, and keep those that help.

    A better plan that keeps to the rules as they are needs no remedy, and is none. Nothing is told
    of a plan that breaks rules.

    Parameters
    ----------
    params
        The time limit is for all of them together.
    longer_day
        The same problem with days an hour longer, as far as the caller lets them be; None lets all.
    """
    if result.status not in HAS_PLAN:
        return ()
    tries = list(_changes(problem, result, longer_day))
    made = _made(result.solution)
    found = []
    for left, (kind, position, changed) in _in_turn(tries, should_stop):
        share = replace(params, time_limit_s=params.time_limit_s / left)
        again = solve(changed, share, start=result.solution, should_stop=should_stop)
        admits = _made(again.solution) - made
        if again.value > result.value + 1e-6 and check(problem, again.solution):
            found.append(
                Remedy(
                    kind=kind, position=position, prize=again.prize - result.prize,
                    value=again.value - result.value, admits=admits,
                )
            )  # fmt: skip
    return tuple(found)


def wishes(
    problem: Problem,
    result: Result,
    params: SolveParams,
    *,
    usual_day: Problem | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[Wish, ...]:
    """Tell what each kind of wish costs: the worth, net of cost, of the plan without it.

    Nothing is told of a plan that breaks rules.

    Parameters
    ----------
    params
        The time limit is for all of them together.
    usual_day
        The same problem with the hours that hold without the wish for longer days; None: there is
        no such wish.
    """
    if result.status not in HAS_PLAN:
        return ()
    tries = [(kind, free) for kind in WishKind if (free := _without(problem, kind)) is not None]
    if usual_day is not None:
        tries.append((WishKind.LONGER_DAY, usual_day))
    found = []
    for left, (kind, free) in _in_turn(tries, should_stop):
        share = replace(params, time_limit_s=params.time_limit_s / left)
        again = solve(free, share, start=result.solution, should_stop=should_stop)
        # Both plans are judged without the wish, so that its own price is not counted as a loss.
        is_longer = kind is WishKind.LONGER_DAY
        value = result.value if is_longer else totals(free, result.solution)[3]
        cost = again.value - value
        is_exact = all(x.gap is not None and x.gap <= CLOSED_GAP for x in (result, again))
        cost = min(0.0, cost) if is_longer else max(0.0, cost)
        found.append(Wish(kind=kind, cost=cost, is_exact=is_exact))
    return tuple(found)


def _in_turn(tries: list[T], should_stop: Callable[[], bool] | None) -> Iterator[tuple[int, T]]:
    for x in tries:
        if should_stop is not None and should_stop():
            return
        yield len(tries), x


def _made(solution: Solution) -> frozenset[int]:
    return frozenset(stop.visit for plan in solution.itineraries for stop in plan.stops)


def _changes(
    problem: Problem, result: Result, longer_day: Problem | None
) -> Iterator[tuple[RemedyKind, int, Problem]]:
    """List the problems with a little more of something."""
    bases: dict[int, set[int]] = {}
    for shift in problem.shifts:
        if shift.kit_pool is not None:
            bases.setdefault(shift.start, set()).add(shift.kit_pool)
    for base, pools in bases.items():
        more = tuple(
            KitPool(capacity=pool.capacity + (p in pools))
            for p, pool in enumerate(problem.kit_pools)
        )
        yield RemedyKind.KIT, base, replace(problem, kit_pools=more)
    busiest = _busiest(result)
    if busiest is not None:
        yield RemedyKind.TEAM_DAY, busiest, with_another_day(problem, busiest)
    if problem.shifts:
        longer = replace(problem, shifts=tuple(_an_hour_longer(s) for s in problem.shifts))
        yield RemedyKind.HOUR, 0, longer_day or longer
    for r, rule in enumerate(problem.rules):
        if isinstance(rule, Budget):
            raised = replace(rule, limit=rule.limit + RUPIAH)
            yield RemedyKind.BUDGET, r, _with_rule(problem, r, raised)
        elif isinstance(rule, Blanks):
            raised_stock = replace(rule, stock=rule.stock + CARDS)
            yield RemedyKind.BLANKS, r, _with_rule(problem, r, raised_stock)


def _an_hour_longer(shift: Shift) -> Shift:
    def later(window: TimeWindow) -> TimeWindow:
        return replace(window, end=window.end + HOUR_S)

    away = shift.away and replace(shift.away, window=later(shift.away.window))
    return replace(shift, window=later(shift.window), away=away)


def _with_rule(problem: Problem, position: int, rule: Rule) -> Problem:
    return replace(
        problem,
        rules=tuple(rule if r == position else old for r, old in enumerate(problem.rules)),
    )


def _busiest(result: Result) -> int | None:
    """Give the shift of which another one promises most."""
    if result.shadow is not None and any(result.shadow.days):
        days = result.shadow.days
        return max(range(len(days)), key=lambda s: days[s])
    by_stops = [(len(plan.stops), plan.shift) for plan in result.solution.itineraries]
    return max(by_stops)[1] if by_stops else None


def with_another_day(problem: Problem, like: int) -> Problem:
    """Add a shift at the end that is like another, from its base and back on the same day."""
    new = len(problem.shifts)
    shift = replace(problem.shifts[like], away=None, night=None, starts_tour=True)

    def also(shifts: frozenset[int]) -> frozenset[int]:
        return shifts | {new} if like in shifts else shifts

    def visit(x: Visit) -> Visit:
        return x if x.shifts is None else replace(x, shifts=also(x.shifts))

    def rule(x: Rule) -> Rule:
        if isinstance(x, Budget) and x.shifts is not None:
            return replace(x, shifts=also(x.shifts))
        return x

    return replace(
        problem,
        shifts=(*problem.shifts, shift),
        visits=tuple(visit(x) for x in problem.visits),
        rules=tuple(rule(x) for x in problem.rules),
    )


def _without(problem: Problem, kind: WishKind) -> Problem | None:
    """Take all wishes of a kind away; None when there are none."""
    visits, rules = problem.visits, problem.rules
    if kind is WishKind.REQUIRED:
        visits = tuple(replace(v, required=False) for v in visits)
        rules = tuple(
            replace(rule, is_required=False) if isinstance(rule, ServedOnce) else rule
            for rule in rules
        )
    elif kind is WishKind.PINNED:
        visits = tuple(replace(v, shifts=None) if v.shifts else v for v in visits)
    elif kind is WishKind.LONGER_DAY:
        return None  # hours are the caller's to tell
    elif kind is WishKind.FORBIDDEN:
        visits = tuple(replace(v, shifts=None) if v.shifts == frozenset() else v for v in visits)
    else:
        gone = Fairness if kind is WishKind.FAIRNESS else KeepPublished
        rules = tuple(rule for rule in rules if not isinstance(rule, gone))
    if visits == problem.visits and rules == problem.rules:
        return None
    return replace(problem, visits=visits, rules=rules)
