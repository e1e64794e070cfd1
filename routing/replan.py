"""Change a plan as little as it takes: after a cancellation, in the middle of a week, by hand.

Both are the same solve as any, with a row that counts the published stops that are left
(``rules/stability.py``), begun from the plan that was there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from routing.bounds import prize_bound, worst_value
from routing.checks.check import recompute
from routing.errors import InvalidProblem
from routing.judge import HandMade, timed_anyway
from routing.problem import KitPool, Problem, Shift, Visit
from routing.rules import Blanks, Budget, Fairness, KeepPublished, Rule, ServedOnce
from routing.run import Progress, SolveParams
from routing.solution import Itinerary, Result, ShadowValues, Solution
from routing.solve import solve
from routing.timing import choices_of, cost_of, crew_of, stage_of

CHANGE_PRICE = 500
"""What a changed stop costs unless told otherwise: half a weighted document (model.md 2)."""

Stops = frozenset[tuple[int, int]]
"""Visits with the shift that makes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """What has happened since a plan was published.

    ``cancelled`` visits can no longer be made; ``lost`` shifts can no longer be driven, as when a
    team falls out; ``done`` shifts are over, and what they made stays, but for ``missed`` visits,
    which were not made although their shift is over. A tour that is under way goes on as published,
    without the visits that were cancelled.
    Closed roads come with the problem: give the one with the matrices of today.
    """

    cancelled: frozenset[int] = frozenset()
    lost: frozenset[int] = frozenset()
    done: frozenset[int] = frozenset()
    missed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanned:
    """A changed plan: the whole week, with what is over.

    ``result`` tells prize, cost and value of the whole week, as without the price of changes. Its
    bound is the value and what the part still to come may at most be better, changes paid for.
    In a contradiction the rule at position ``len(problem.rules)`` is that of published stops.
    ``changed`` are the stops that could have been kept and were not, of ``n_published``; ``added``
    those that are new; ``over`` the shifts that are over or on a tour under way.
    """

    result: Result
    changed: Stops
    added: Stops
    n_published: int
    over: frozenset[int] = frozenset()


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
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Replanned:
    """Plan what is left of a week anew, keeping to what was published where that is best.

    Parameters
    ----------
    price
        Thousandths of a weighted document that each changed stop must bring.
    max_changes
        Stops that may change at most, beside those that the events take away; None for any.
    on_progress
        Called as by ``solve``, with what is still to come.

    Raises
    ------
    InvalidProblem
        When a team is lost on a day of a tour that is under way.
    """
    over = events.done | _under_way(problem, published, events)
    past = [
        day for plan in published.itineraries if plan.shift in over
        for day in _as_made(
            problem, plan, events.missed if plan.shift in events.done else events.cancelled
        )
    ]  # fmt: skip
    events = replace(events, done=over)
    left = [plan for plan in published.itineraries if plan.shift not in over | events.lost]
    made = {v for v, _ in stops_of(Solution(itineraries=tuple(past)))}
    kept = frozenset(
        (v, s) for v, s in stops_of(Solution(itineraries=tuple(left)))
        if v not in events.cancelled | made
    )  # fmt: skip
    rule = KeepPublished(stops=kept, price=price, max_changes=max_changes)
    rest = _rest_of_week(problem, past, events)
    result = solve(
        replace(rest, rules=(*rest.rules, rule)), params, start=Solution(itineraries=tuple(left)),
        on_progress=on_progress, should_stop=should_stop,
    )  # fmt: skip
    return _replanned(problem, result, past, kept, over)


def repair(
    problem: Problem,
    plan: Solution,
    params: SolveParams,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Replanned:
    """Mend a plan with the fewest changes; of those that need as many, the one worth most.

    What cannot be kept counts as a change: a stop on a shift that cannot make it, or made twice.
    """
    known = frozenset(
        (v, s) for v, s in stops_of(plan) if v < len(problem.visits) and s < len(problem.shifts)
    )
    rule = KeepPublished(stops=known, price=repair_price(problem))
    result = solve(
        replace(problem, rules=(*problem.rules, rule)), params, start=plan, on_progress=on_progress,
        should_stop=should_stop,
    )  # fmt: skip
    return _replanned(problem, result, [], known, frozenset())


def repair_price(problem: Problem) -> int:
    """Give the price of a change that no plan can be worth: the fewest changes come first."""
    return int(1 + prize_bound(problem) - worst_value(problem))


def _replanned(
    problem: Problem, result: Result, past: list[Itinerary], kept: Stops, over: frozenset[int]
) -> Replanned:
    new = stops_of(result.solution)
    whole = Solution(itineraries=(*past, *result.solution.itineraries))
    made = {v for v, _ in stops_of(Solution(itineraries=tuple(past)))}
    prize, cost, distance, value = recompute(problem, whole)
    left = tuple(unserved for unserved in result.unserved if unserved.visit not in made)
    bound = None if result.bound is None else value + max(0.0, result.bound - result.value)
    whole_result = replace(
        result, solution=whole, prize=prize, cost=cost, distance=distance, value=value,
        unserved=left, bound=bound, gap=_gap(value, bound), shadow=_of_own_rules(result.shadow),
    )  # fmt: skip
    return Replanned(
        result=whole_result, changed=kept - new, added=new - kept, n_published=len(kept), over=over
    )


def _of_own_rules(shadow: ShadowValues | None) -> ShadowValues | None:
    """Leave out the rule of published stops, which the caller's problem does not have."""
    return None if shadow is None else replace(shadow, rules=shadow.rules[:-1])


def _gap(value: float, bound: float | None) -> float | None:
    # As run.py: what is forced may cost more than it brings, and the bound be 0.
    return None if bound is None else (bound - value) / max(abs(bound), 1.0)


def _as_made(problem: Problem, plan: Itinerary, missed: frozenset[int]) -> list[Itinerary]:
    """Give a day that stays without the visits that are not made; none when none is left."""
    if missed.isdisjoint(stop.visit for stop in plan.stops):
        return [plan]
    choices = tuple(choice for choice in choices_of(plan) if choice[0] not in missed)
    if not choices and not stage_of(plan).is_away:
        return []
    made = HandMade(
        shift=plan.shift, choices=choices, with_kit=plan.with_kit, start=plan.start, end=plan.end
    )
    return [timed_anyway(problem, made)]


def _under_way(problem: Problem, published: Solution, events: Events) -> frozenset[int]:
    """List the shifts still to come of tours that have begun."""
    found: set[int] = set()
    by_time = sorted(published.itineraries, key=lambda plan: plan.departure)
    last: dict[int, Itinerary] = {}
    for plan in by_time:
        team = problem.shifts[plan.shift].team
        before, last[team] = last.get(team), plan
        goes_on = before is not None and before.end is not None and plan.start is not None
        if before is None or not goes_on or before.shift not in events.done | found:
            continue
        if plan.shift in events.done:
            continue
        if plan.shift in events.lost:
            raise InvalidProblem(
                f"shift {plan.shift} is lost, but its team is on a tour that has begun: lose it "
                "from the day on which it is back at its base"
            )
        found.add(plan.shift)
    return frozenset(found)


def _rest_of_week(problem: Problem, past: list[Itinerary], events: Events) -> Problem:
    """Take what is over, cancelled or lost out of a problem; positions stay as they are."""
    over = {v for v, _ in stops_of(Solution(itineraries=tuple(past)))}
    gone = events.done | events.lost
    open_ = frozenset(range(len(problem.shifts))) - gone

    def left(v: int, visit: Visit) -> Visit:
        if v in over or v in events.cancelled:
            return replace(visit, shifts=frozenset(), required=False)
        shifts = open_ if visit.shifts is None else visit.shifts & open_
        return visit if len(open_) == len(problem.shifts) else replace(visit, shifts=shifts)

    def shift(s: int, of: Shift) -> Shift:
        # Nobody leaves on a day that is gone, nor sleeps out before or after it.
        if s in gone:
            return replace(of, night=None, starts_tour=False)
        return replace(of, night=None) if of.night and of.night.morning in gone else of

    kits = [problem.shifts[plan.shift].kit_pool for plan in past if plan.with_kit]
    pools = tuple(
        KitPool(capacity=max(0, pool.capacity - kits.count(p)))
        for p, pool in enumerate(problem.kit_pools)
    )
    return replace(
        problem,
        visits=tuple(left(v, visit) for v, visit in enumerate(problem.visits)),
        shifts=tuple(shift(s, of) for s, of in enumerate(problem.shifts)),
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
        return replace(rule, taken=rule.taken + taken)
    if isinstance(rule, Fairness):
        n = sum(
            stop.visit in rule.visits
            and (stop.visit, crew_of(problem.shifts[plan.shift], plan.with_kit)) not in rule.idle
            for plan in past
            for stop in plan.stops
        )
        return replace(rule, at_least=max(0, rule.at_least - n))
    if isinstance(rule, ServedOnce):
        sessions = {(stop.visit, stop.option) for plan in past for stop in plan.stops}
        possible = {v for v, _ in rule.sessions} - events.cancelled
        return replace(
            rule,
            is_served=rule.is_served or bool(sessions & rule.sessions),
            is_required=rule.is_required and bool(possible),
        )
    open_ = frozenset((v, s) for v, s in rule.stops if s not in events.done)
    lost = len(rule.stops - open_ - made)
    changes = None if rule.max_changes is None else max(0, rule.max_changes - lost)
    return replace(rule, stops=open_, max_changes=changes)
