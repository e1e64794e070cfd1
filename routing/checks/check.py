"""Independent checker: recomputes a plan second by second from the problem and lists what is wrong.

It shares no code with the solver. Where the solver counts working seconds, this looks at every
break in turn; it also judges plans that a person edited.

Rules, and the unit of ``Violation.amount``: ``position`` (the position that does not exist),
``shift-twice`` and ``visit-twice`` (times used), ``empty``, ``kit-without-pool``,
``not-allowed`` (none), ``unreachable`` (none), ``travel`` (seconds early or late against the time
the leg takes), ``break`` (seconds into the break), ``session`` (seconds too few or too many),
``order`` (seconds backwards), ``window`` (seconds outside the best window), ``shift-window``
(seconds outside), ``required`` (none), ``kit-pool`` (kits too many); the rules of nights out are in
``check_tours.py``. Of the rules of a whole plan (``check_rules.py``): ``budget`` (rupiah too much),
``blanks`` (thousandths of a card too many), ``fairness`` (visits too few), ``hub`` (sessions too
many or too few), ``stability`` (changes too many).
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from routing.checks.check_rules import Use, uses
from routing.checks.check_tours import Violation as Violation
from routing.checks.check_tours import day_cost, hours, nodes_of, tour_violations
from routing.problem import Problem, Shift, Visit
from routing.solution import Itinerary, Solution, Stop


def check(problem: Problem, solution: Solution) -> list[Violation]:
    """List every rule the solution breaks; an empty list means it may be driven as it stands."""
    found = list(_positions(problem, solution))
    if found:
        return found
    found += _uses(solution)
    found += _required(problem, solution)
    found += _kit_pools(problem, solution)
    found += _rules(problem, solution)
    found += tour_violations(problem, solution)
    for itinerary in solution.itineraries:
        found += _itinerary(problem, itinerary)
    return found


def recompute(problem: Problem, solution: Solution) -> tuple[int, int, int, float]:
    """Compute prize, cost, distance and value of a solution from the problem alone."""
    prize = distance = 0
    for itinerary in solution.itineraries:
        shift = problem.shifts[itinerary.shift]
        matrix = problem.matrices[shift.matrix]
        crew = shift.crew_with_kit if itinerary.with_kit else shift.crew
        here, end = nodes_of(problem, itinerary)
        for stop in itinerary.stops:
            visit = problem.visits[stop.visit]
            if crew is not None:
                prize += visit.options[stop.option].prizes[crew]
            distance += int(matrix.distances[here, visit.node])
            here = visit.node
        distance += int(matrix.distances[here, end])
    costs = _costs(problem, solution)
    cost = sum(costs.values())
    value = float(prize)
    if problem.rupiah_per_document is not None:
        value -= 1000 * cost / problem.rupiah_per_document
    found = uses(problem, solution, costs)
    value -= sum(use.penalty or 0 for of_rule in found for use in of_rule)
    return prize, cost, distance, value


def _costs(problem: Problem, solution: Solution) -> dict[int, int]:
    """Add up the rupiah of every shift that is used."""
    costs: Counter[int] = Counter()
    for itinerary in solution.itineraries:
        here, end = nodes_of(problem, itinerary)
        legs = problem.matrices[problem.shifts[itinerary.shift].matrix].costs
        nodes = [problem.visits[stop.visit].node for stop in itinerary.stops]
        rupiah = sum(int(legs[leg]) for leg in pairwise([here, *nodes, end]))
        costs[itinerary.shift] += rupiah + day_cost(problem, itinerary)
    return costs


def rule_uses(problem: Problem, solution: Solution) -> list[list[Use]]:
    """Tell how much of each of ``Problem.rules`` a plan uses, a list for each."""
    return uses(problem, solution, _costs(problem, solution))


def _rules(problem: Problem, solution: Solution) -> Iterator[Violation]:
    for of_rule in rule_uses(problem, solution):
        for use in of_rule:
            if use.excess and use.penalty is None:
                yield Violation(rule=use.rule, amount=use.excess, message=use.message)


def _positions(problem: Problem, solution: Solution) -> Iterator[Violation]:
    for itinerary in solution.itineraries:
        s = itinerary.shift
        if not 0 <= s < len(problem.shifts):
            yield Violation(rule="position", amount=s, message=f"there is no shift {s}")
        for node in (itinerary.start, itinerary.end):
            if node is not None and not 0 <= node < problem.n_nodes:
                yield Violation(rule="position", amount=node, message=f"there is no node {node}")
        for stop in itinerary.stops:
            v, o = stop.visit, stop.option
            if not 0 <= v < len(problem.visits):
                yield Violation(
                    rule="position", shift=s, amount=v, message=f"there is no visit {v}"
                )
            elif not 0 <= o < len(problem.visits[v].options):
                text = f"visit {v} has no option {o}"
                yield Violation(rule="position", shift=s, visit=v, amount=o, message=text)


def _uses(solution: Solution) -> Iterator[Violation]:
    for s, n in Counter(i.shift for i in solution.itineraries).items():
        if n > 1:
            text = f"shift {s} has {n} itineraries"
            yield Violation(rule="shift-twice", shift=s, amount=n, message=text)
    made = Counter(stop.visit for i in solution.itineraries for stop in i.stops)
    for v, n in made.items():
        if n > 1:
            text = f"visit {v} is made {n} times"
            yield Violation(rule="visit-twice", visit=v, amount=n, message=text)


def _required(problem: Problem, solution: Solution) -> Iterator[Violation]:
    made = {stop.visit for i in solution.itineraries for stop in i.stops}
    for v, visit in enumerate(problem.visits):
        if visit.required and v not in made:
            yield Violation(rule="required", visit=v, message=f"required visit {v} is not made")


def _kit_pools(problem: Problem, solution: Solution) -> Iterator[Violation]:
    taken: Counter[int] = Counter()
    for itinerary in solution.itineraries:
        pool = problem.shifts[itinerary.shift].kit_pool
        if not itinerary.with_kit:
            continue
        if pool is None:
            text = f"shift {itinerary.shift} takes a kit but has no pool to take it from"
            yield Violation(rule="kit-without-pool", shift=itinerary.shift, message=text)
        else:
            taken[pool] += 1
    for pool, n in taken.items():
        capacity = problem.kit_pools[pool].capacity
        if n > capacity:
            text = f"{n} shifts take a kit from pool {pool}, which has {capacity}"
            yield Violation(rule="kit-pool", amount=n - capacity, message=text)


def _itinerary(problem: Problem, itinerary: Itinerary) -> Iterator[Violation]:
    s = itinerary.shift
    window = hours(problem, itinerary)
    early = window.start - itinerary.departure
    if early > 0:
        text = f"shift {s} leaves {early} s before it may"
        yield Violation(rule="shift-window", shift=s, amount=early, message=text)
    late = itinerary.arrival - window.end
    if late > 0:
        text = f"shift {s} is back {late} s after its end"
        yield Violation(rule="shift-window", shift=s, amount=late, message=text)
    (node, end), left = nodes_of(problem, itinerary), itinerary.departure
    for stop in itinerary.stops:
        visit = problem.visits[stop.visit]
        yield from _leg(problem, itinerary, (node, visit.node), left, stop.arrival, stop.visit)
        yield from _session(problem, itinerary, stop)
        node, left = visit.node, stop.departure
    yield from _leg(problem, itinerary, (node, end), left, itinerary.arrival, None)


def _leg(
    problem: Problem,
    itinerary: Itinerary,
    leg: tuple[int, int],
    left: int,
    arrived: int,
    visit: int | None,
) -> Iterator[Violation]:
    s, shift = itinerary.shift, problem.shifts[itinerary.shift]
    matrix = problem.matrices[shift.matrix]
    to = f"visit {visit}" if visit is not None else "its end"
    if not matrix.reachable[leg]:
        text = f"shift {s} cannot get from node {leg[0]} to {to} (node {leg[1]})"
        yield Violation(rule="unreachable", shift=s, visit=visit, message=text)
        return
    due = _after(shift, left, int(matrix.durations[leg]))
    if arrived != due:
        how = f"{due - arrived} s too early" if arrived < due else f"{arrived - due} s too late"
        text = f"shift {s} reaches {to} {how}: it left at {left} s and arrives at {due} s"
        yield Violation(rule="travel", shift=s, visit=visit, amount=arrived - due, message=text)


def _after(shift: Shift, moment: int, work: int) -> int:
    """Walk from break to break until the work is used up."""
    if work == 0:
        return moment
    for pause in shift.breaks:
        if pause.end <= moment:
            continue
        free = pause.start - moment
        if free >= work:
            return moment + work
        work -= max(0, free)
        moment = pause.end
    return moment + work


def _session(problem: Problem, itinerary: Itinerary, stop: Stop) -> Iterator[Violation]:
    s, v = itinerary.shift, stop.visit
    shift, visit = problem.shifts[s], problem.visits[v]
    if visit.shifts is not None and s not in visit.shifts:
        text = f"shift {s} may not make visit {v}"
        yield Violation(rule="not-allowed", shift=s, visit=v, message=text)
    for rule, early in (
        ("order", stop.arrival - stop.start),
        ("order", stop.start - stop.departure),
    ):
        if early > 0:
            text = f"visit {v}: its times go back by {early} s"
            yield Violation(rule=rule, shift=s, visit=v, amount=early, message=text)
    for pause in shift.breaks:
        if pause.start <= stop.start < pause.end:
            into = stop.start - pause.start
            text = f"visit {v} starts {into} s into a break of shift {s}"
            yield Violation(rule="break", shift=s, visit=v, amount=into, message=text)
    served = stop.departure - stop.start
    for pause in shift.breaks:
        served -= max(0, min(stop.departure, pause.end) - max(stop.start, pause.start))
    extra = served - visit.options[stop.option].duration
    idle = any(p.start < stop.departure <= p.end for p in shift.breaks)
    if extra != 0 or idle:
        wanted = visit.options[stop.option].duration
        text = f"visit {v} is served {served} s, its option takes {wanted} s"
        if idle and extra == 0:
            text = f"visit {v} ends inside a break of shift {s}, not when its service ends"
        yield Violation(rule="session", shift=s, visit=v, amount=extra, message=text)
    yield from _window(s, v, visit, stop)


def _window(s: int, v: int, visit: Visit, stop: Stop) -> Iterator[Violation]:
    if not visit.windows:
        return
    outside = min(
        max(0, w.start - stop.start) + max(0, stop.departure - w.end) for w in visit.windows
    )
    if outside > 0:
        text = f"visit {v} lies {outside} s outside its windows"
        yield Violation(rule="window", shift=s, visit=v, amount=outside, message=text)
