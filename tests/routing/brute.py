"""Every plan of a tiny problem, walked second by second; shares no code with routing."""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import combinations, permutations, product

from hypothesis import strategies as st

from routing.problem import Allowance, KitPool, Problem, Shift, TimeWindow
from tests.builders import make_matrix, make_problem, make_shift, make_visit

Choices = tuple[tuple[int, int], ...]


@cache
def walks(window: TimeWindow, breaks: tuple[TimeWindow, ...], work: int) -> list[int]:
    """When so much work ends that begins at each second, read from a list of all seconds."""
    seconds = range(window.end + work + sum(b.end - b.start for b in breaks) + 1)
    paused = {t for b in breaks for t in range(b.start, b.end)}
    free = [t for t in seconds if t not in paused]
    found, n = [], 0
    for begin in range(window.end + 1):
        found.append(free[n + work - 1] + 1 if work else begin)
        n += begin not in paused
    return found


Ready = dict[int, int]
"""Seconds at which a team can stand somewhere, each with the latest departure that allows it."""


def after(shift: Shift, ready: Ready, work: int) -> Ready:
    """Go on at once from every second: travel, or the way home."""
    found: Ready = {}
    ends = walks(shift.window, shift.breaks, work)
    for at, left in ready.items():
        to = ends[at]
        if to <= shift.window.end:
            found[to] = max(left, found.get(to, left))
    return found


def served(shift: Shift, windows: tuple[TimeWindow, ...], ready: Ready, duration: int) -> Ready:
    """Begin a session at every second there is from the arrival on, however long that waits."""
    found: Ready = {}
    left = -1
    ends = walks(shift.window, shift.breaks, duration)
    for start in range(min(ready, default=shift.window.end), shift.window.end):
        left = max(left, ready.get(start, -1))
        if any(b.start <= start < b.end for b in shift.breaks):
            continue
        end = ends[start]
        if end > shift.window.end:
            break
        if not windows or any(w.start <= start and end <= w.end for w in windows):
            found[end] = max(left, found.get(end, left))
            if not shift.allowances:  # nobody asks when it left: early is best
                break
    return found


def shift_merit(problem: Problem, s: int, kit: bool, choices: Choices) -> Fraction | None:
    """Value of one shift in thousandths of a document, None when it cannot be driven.

    Of all moments at which the team may leave and sessions may begin the best.
    """
    shift = problem.shifts[s]
    matrix = problem.matrices[shift.matrix]
    crew = shift.crew_with_kit if kit else shift.crew
    assert crew is not None
    node, cost, prize = shift.start, shift.fixed_cost, 0
    leaves = range(shift.window.start, shift.window.end + 1)
    ready = {at: at for at in (leaves if shift.allowances else leaves[:1])}
    for v, o in choices:
        visit = problem.visits[v]
        option = visit.options[o]
        if (visit.shifts is not None and s not in visit.shifts) or not matrix.reachable[
            node, visit.node
        ]:
            return None
        ready = after(shift, ready, int(matrix.durations[node, visit.node]))
        ready = served(shift, visit.windows, ready, option.duration)
        cost += int(matrix.costs[node, visit.node])
        prize += option.prizes[crew]
        node = visit.node
    if not choices or not matrix.reachable[node, shift.end]:
        return None
    ready = after(shift, ready, int(matrix.durations[node, shift.end]))
    if not ready:
        return None
    cost += int(matrix.costs[node, shift.end]) + min(
        sum(a.cost for a in shift.allowances if at - left > a.longer_than)
        for at, left in ready.items()
    )
    if problem.rupiah_per_document is None:
        return Fraction(prize)
    return prize - Fraction(1000 * cost, problem.rupiah_per_document)


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
        allowances=tuple(
            Allowance(longer_than=draw(st.integers(0, 40)), cost=draw(st.integers(0, 20)))
            for _ in range(draw(st.integers(0, 2)))
        ),
    )
