"""Change a plan as little as it takes: after a cancellation, in the middle of a week, by hand.

Both are the same solve as any, with a row that counts the published stops that are left
(``rules/stability.py``), begun from the plan that was there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from routing.bounds import prize_bound, worst_value
from routing.errors import InvalidProblem
from routing.problem import KitPool, Problem, Visit
from routing.rules import Blanks, Budget, Fairness, KeepPublished, Rule, ServedOnce
from routing.run import SolveParams
from routing.solution import Itinerary, Result, Solution
from routing.solve import solve
from routing.timing import cost_of, crew_of, totals

CHANGE_PRICE = 500
"""What a changed stop costs unless told otherwise: half a weighted document (model.md 2)."""

Stops = frozenset[tuple[int, int]]
"""Visits with the shift that makes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """What has happened since a plan was published.

    ``cancelled`` visits can no longer be made; ``lost`` shifts can no longer be driven, as when a
    team falls out; ``done`` shifts are over, and what they made stays. Closed roads come with the
    problem: give the one with the matrices of today.
    """

    cancelled: frozenset[int] = frozenset()
    lost: frozenset[int] = frozenset()
    done: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanned:
    """A changed plan: the whole week, with what is over.

    ``result`` tells prize, cost and value of the whole week, as without the price of changes; its
    bound and gap are those of the part still to come, at that price. ``changed`` are the stops that
    could have been kept and were not, of ``n_published``; ``added`` those that are new.
    """

    result: Result
    changed: Stops
    added: Stops
    n_published: int


def stops_of(solution: Solution) -> Stops:
    """Read the visits of a plan with the shift that makes each."""
    return frozenset(
        (stop.visit, plan.shift) for plan in solution.itineraries for stop in plan.stops
    )


def replan(
    problem: Problem,
    published: Solution,
    events: Events,
    params: SolveParams,
    *,
    price: int = CHANGE_PRICE,
    max_changes: int | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Replanned:
    """Plan what is left of a week anew, keeping to what was published where that is best.

    Parameters
    ----------
    price
        Thousandths of a weighted document that each changed stop must bring.
    max_changes
        Stops that may change at most, beside those that the events take away; None for any.

    Raises
    ------
    InvalidProblem
        When a shift that is over was a part of a tour that is not.
    """
    past = [plan for plan in published.itineraries if plan.shift in events.done]
    _require_whole_tours(published, events)
    gone = events.done | events.lost
    kept = frozenset(
        (v, s) for v, s in stops_of(published) if s not in gone and v not in events.cancelled
    )
    rule = KeepPublished(stops=kept, price=price, max_changes=max_changes)
    rest = _rest_of_week(problem, past, events)
    result = solve(
        replace(rest, rules=(*rest.rules, rule)), params, start=published, should_stop=should_stop
    )
    return _replanned(problem, result, past, kept)


def repair(problem: Problem, plan: Solution, params: SolveParams) -> Replanned:
    """Mend a plan with the fewest changes; of those that need as many, the one worth most.

    What cannot be kept counts as a change: a stop on a shift that cannot make it, or made twice.
    """
    known = frozenset(
        (v, s) for v, s in stops_of(plan) if v < len(problem.visits) and s < len(problem.shifts)
    )
    dear = int(1 + prize_bound(problem) - worst_value(problem))
    rule = KeepPublished(stops=known, price=dear)
    result = solve(replace(problem, rules=(*problem.rules, rule)), params, start=plan)
    return _replanned(problem, result, [], known)


def _replanned(problem: Problem, result: Result, past: list[Itinerary], kept: Stops) -> Replanned:
    new = stops_of(result.solution)
    whole = Solution(itineraries=(*past, *result.solution.itineraries))
    over = {v for v, _ in stops_of(Solution(itineraries=tuple(past)))}
    prize, cost, distance, value = totals(problem, whole)
    left = tuple(unserved for unserved in result.unserved if unserved.visit not in over)
    whole_result = replace(
        result, solution=whole, prize=prize, cost=cost, distance=distance, value=value,
        unserved=left,
    )  # fmt: skip
    return Replanned(
        result=whole_result, changed=kept - new, added=new - kept, n_published=len(kept)
    )


def _require_whole_tours(published: Solution, events: Events) -> None:
    for plan in published.itineraries:
        if plan.shift in events.done and plan.end is not None:
            msg = (
                f"shift {plan.shift} is over but its tour is not: re-plan from the day on which "
                f"the team is back at its base"
            )
            nexts = [p for p in published.itineraries if p.departure > plan.departure]
            if not any(p.shift in events.done and p.start == plan.end for p in nexts):
                raise InvalidProblem(msg)


def _rest_of_week(problem: Problem, past: list[Itinerary], events: Events) -> Problem:
    """Take what is over, cancelled or lost out of a problem; positions stay as they are."""
    over = {v for v, _ in stops_of(Solution(itineraries=tuple(past)))}
    open_ = frozenset(range(len(problem.shifts))) - events.done - events.lost

    def left(v: int, visit: Visit) -> Visit:
        if v in over or v in events.cancelled:
            return replace(visit, shifts=frozenset(), required=False)
        shifts = open_ if visit.shifts is None else visit.shifts & open_
        return visit if len(open_) == len(problem.shifts) else replace(visit, shifts=shifts)

    kits = [problem.shifts[plan.shift].kit_pool for plan in past if plan.with_kit]
    pools = tuple(
        KitPool(capacity=max(0, pool.capacity - kits.count(p)))
        for p, pool in enumerate(problem.kit_pools)
    )
    return replace(
        problem,
        visits=tuple(left(v, visit) for v, visit in enumerate(problem.visits)),
        kit_pools=pools,
        rules=tuple(_rest_of(problem, rule, past, events) for rule in problem.rules),
    )


def _rest_of(problem: Problem, rule: Rule, past: list[Itinerary], events: Events) -> Rule:
    """Give what a rule still asks for, or leaves, after what is over."""
    made = stops_of(Solution(itineraries=tuple(past)))
    if isinstance(rule, Budget):
        spent = sum(
            cost_of(problem, plan) for plan in past
            if rule.shifts is None or plan.shift in rule.shifts
        )  # fmt: skip
        return replace(rule, limit=max(0, rule.limit - spent))
    if isinstance(rule, Blanks):
        taken = sum(
            rule.cards[stop.visit][stop.option][crew_of(problem.shifts[plan.shift], plan.with_kit)]
            for plan in past
            for stop in plan.stops
        )
        return replace(rule, stock=max(0, (1000 * rule.stock - taken) // 1000))
    if isinstance(rule, Fairness):
        n = sum(1 for v, _ in made if v in rule.visits)
        return replace(rule, at_least=max(0, rule.at_least - n))
    if isinstance(rule, ServedOnce):
        sessions = {(stop.visit, stop.option) for plan in past for stop in plan.stops}
        return replace(rule, is_served=rule.is_served or bool(sessions & rule.sessions))
    open_ = frozenset((v, s) for v, s in rule.stops if s not in events.done)
    lost = len(rule.stops - open_ - made)
    changes = None if rule.max_changes is None else max(0, rule.max_changes - lost)
    return replace(rule, stops=open_, max_changes=changes)
