"""Every plan of a tiny problem, walked second by second; shares no code with routing."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, permutations, product

from hypothesis import strategies as st

from routing.bounds import departures_are_settled
from routing.problem import Allowance, KitPool, Problem, Shift, TimeWindow
from tests.builders import make_matrix, make_problem, make_shift, make_visit

Choices = tuple[tuple[int, int], ...]


def walk(shift: Shift, at: int, work: int) -> int:
    """Second by second."""
    while work:
        work -= not any(b.start <= at < b.end for b in shift.breaks)
        at += 1
    return at


def shift_merit(problem: Problem, s: int, kit: bool, choices: Choices) -> Fraction | None:
    """Value of one shift in thousandths of a document, None when it cannot be driven."""
    shift = problem.shifts[s]
    matrix = problem.matrices[shift.matrix]
    crew = shift.crew_with_kit if kit else shift.crew
    assert crew is not None
    at, node, cost, prize, first = shift.window.start, shift.start, shift.fixed_cost, 0, None
    for v, o in choices:
        visit = problem.visits[v]
        option = visit.options[o]
        if (visit.shifts is not None and s not in visit.shifts) or not matrix.reachable[
            node, visit.node
        ]:
            return None
        at = walk(shift, at, int(matrix.durations[node, visit.node]))
        start = first_start(shift, visit.windows, at, option.duration)
        if start is None:
            return None
        first = start if first is None else first
        at = walk(shift, start, option.duration)
        cost += int(matrix.costs[node, visit.node])
        prize += option.prizes[crew]
        node = visit.node
    if first is None or not matrix.reachable[node, shift.end]:
        return None
    at = walk(shift, at, int(matrix.durations[node, shift.end]))
    if at > shift.window.end:
        return None
    cost += int(matrix.costs[node, shift.end])
    leg = int(matrix.durations[shift.start, problem.visits[choices[0][0]].node])
    departure = max(d for d in range(shift.window.start, first + 1) if walk(shift, d, leg) <= first)
    cost += sum(a.cost for a in shift.allowances if at - departure > a.longer_than)
    if problem.rupiah_per_document is None:
        return Fraction(prize)
    return prize - Fraction(1000 * cost, problem.rupiah_per_document)


def first_start(
    shift: Shift, windows: tuple[TimeWindow, ...], at: int, duration: int
) -> int | None:
    """Try every second."""
    for start in range(at, shift.window.end + 1):
        if any(b.start <= start < b.end for b in shift.breaks):
            continue
        end = walk(shift, start, duration)
        if not windows or any(w.start <= start and end <= w.end for w in windows):
            return start
    return None


def shift_plans(problem: Problem, s: int) -> Iterator[tuple[frozenset[int], bool, Fraction]]:
    """Visits made, kit taken and value of every way to drive one shift."""
    yield frozenset(), False, Fraction(0)
    n = len(problem.visits)
    kits = (False,) if problem.shifts[s].kit_pool is None else (False, True)
    for size in range(1, n + 1):
        for made in combinations(range(n), size):
            for order in permutations(made):
                for options in product(*(range(len(problem.visits[v].options)) for v in order)):
                    for kit in kits:
                        choices = tuple(zip(order, options, strict=True))
                        merit = shift_merit(problem, s, kit, choices)
                        if merit is not None:
                            yield frozenset(made), kit, merit


def optimum(problem: Problem) -> Fraction | None:
    """Best value of any plan that makes every required visit; None when there is no such plan."""
    required = frozenset(v for v, visit in enumerate(problem.visits) if visit.required)
    no_kits = tuple(0 for _ in problem.kit_pools)
    states: dict[tuple[frozenset[int], tuple[int, ...]], Fraction] = {
        (frozenset(), no_kits): Fraction(0)
    }
    for s, shift in enumerate(problem.shifts):
        after: dict[tuple[frozenset[int], tuple[int, ...]], Fraction] = {}
        best: dict[tuple[frozenset[int], bool], Fraction] = {}
        for plan_made, kit, merit in shift_plans(problem, s):
            best[plan_made, kit] = max(merit, best.get((plan_made, kit), merit))
        for (made, kits), value in states.items():
            for (more, kit), merit in best.items():
                if made & more:
                    continue
                taken = list(kits)
                if kit:
                    assert shift.kit_pool is not None
                    taken[shift.kit_pool] += 1
                    if taken[shift.kit_pool] > problem.kit_pools[shift.kit_pool].capacity:
                        continue
                key = (made | more, tuple(taken))
                after[key] = max(value + merit, after.get(key, value + merit))
        states = after
    return max((value for (made, _), value in states.items() if required <= made), default=None)


@st.composite
def windows(draw: st.DrawFn, latest: int) -> TimeWindow:
    start = draw(st.integers(0, latest - 1))
    return TimeWindow(start=start, end=draw(st.integers(start + 1, latest)))


@st.composite
def problems(draw: st.DrawFn, max_visits: int = 3, max_shifts: int = 2) -> Problem:
    """Tiny problems with breaks, windows, kits, closed legs, allowances and required visits."""
    n_nodes = draw(st.integers(2, 5))
    square = st.lists(
        st.lists(st.integers(0, 12), min_size=n_nodes, max_size=n_nodes),
        min_size=n_nodes,
        max_size=n_nodes,
    )
    closed = draw(st.lists(st.tuples(*[st.integers(0, n_nodes - 1)] * 2), max_size=4))
    reachable = [[(i, j) not in closed for j in range(n_nodes)] for i in range(n_nodes)]
    matrix = make_matrix(draw(square), draw(square), draw(square), reachable)
    n_shifts = draw(st.integers(1, max_shifts))
    node = st.integers(0, n_nodes - 1)
    shifts = [draw(_shifts(node)) for _ in range(n_shifts)]
    options = st.lists(
        st.tuples(st.integers(1, 15), st.tuples(st.integers(0, 9), st.integers(0, 9))),
        min_size=1,
        max_size=2,
    )
    visits = [
        make_visit(
            draw(node),
            options=draw(options),
            windows=tuple(draw(st.lists(windows(60), max_size=2))),
            shifts=draw(st.none() | st.frozensets(st.integers(0, n_shifts - 1))),
            required=draw(st.integers(0, 4)) == 0,
        )
        for _ in range(draw(st.integers(1, max_visits)))
    ]
    return make_problem(
        visits,
        shifts,
        matrices=(matrix,),
        kit_pools=(KitPool(capacity=draw(st.integers(0, 1))),),
        rupiah_per_document=draw(st.none() | st.just(10_000)),
    )


def settled(problem: Problem) -> Problem:
    """Take the allowances away where a later start could spare one: nothing is proven there."""
    if departures_are_settled(problem):
        return problem
    shifts = tuple(replace(shift, allowances=()) for shift in problem.shifts)
    return replace(problem, shifts=shifts)


@st.composite
def _shifts(draw: st.DrawFn, node: st.SearchStrategy[int]) -> Shift:
    window = TimeWindow(start=draw(st.integers(0, 10)), end=draw(st.integers(20, 60)))
    cuts = sorted(draw(st.lists(st.integers(window.start, window.end), max_size=4, unique=True)))
    pauses = tuple(TimeWindow(start=a, end=b) for a, b in zip(cuts[::2], cuts[1::2], strict=False))
    has_pool = draw(st.booleans())
    return make_shift(
        window=window,
        start=draw(node),
        end=draw(node),
        breaks=pauses,
        crew_with_kit=1 if has_pool else None,
        kit_pool=0 if has_pool else None,
        fixed_cost=draw(st.integers(0, 20)),
        allowances=(
            Allowance(longer_than=draw(st.integers(0, 40)), cost=draw(st.integers(0, 20))),
        ),
    )
