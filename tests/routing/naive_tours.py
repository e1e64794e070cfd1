"""Everything a team can do, by trying all of it: slow, and without any idea of its own.

Times come from ``timed`` alone, worth and cost from ``recompute`` of the independent checker.
"""

from collections.abc import Iterator
from itertools import permutations, product

import numpy as np

from routing.checks.check import recompute
from routing.problem import Away, KitPool, Night, Problem, TimeWindow
from routing.solution import Itinerary, Solution
from routing.timing import timed
from tests.builders import DAY, HOUR, make_matrix, make_problem, make_shift, make_visit

Tour = tuple[Itinerary, ...]


def days_from(problem: Problem, s: int, kit: bool, start: int | None, free: frozenset[int],
              last: int | None) -> Iterator[Itinerary]:  # fmt: skip
    """Every way to drive one shift, with every way to end it."""
    night = problem.shifts[s].night
    for n in range(len(free) + 1):
        for visits in permutations(sorted(free), n):
            here = problem.visits[visits[-1]].node if visits else last
            places = set(night.nodes) if night else set()
            if night and night.at_last_stop and here is not None:
                places.add(here)
            options = [range(len(problem.visits[v].options)) for v in visits]
            for chosen, end in product(product(*options), [None, *sorted(places)]):
                choices = list(zip(visits, chosen, strict=True))
                plan = timed(problem, s, kit, choices, start=start, end=end)
                if plan is not None:
                    yield plan


def tours_from(problem: Problem, first: int, kit: bool) -> Iterator[Tour]:
    """Every tour that leaves its base on a shift, days from base to base included."""
    everything = frozenset(range(len(problem.visits)))
    stack: list[tuple[int, int | None, Tour]] = [(first, None, ())]
    while stack:
        s, last, done = stack.pop()
        made = frozenset(stop.visit for i in done for stop in i.stops)
        start = done[-1].end if done else None
        for plan in days_from(problem, s, kit, start, everything - made, last):
            tour = (*done, plan)
            if plan.end is None:
                if any(i.stops for i in tour):
                    yield tour
                continue
            night = problem.shifts[s].night
            if night is not None and len(tour) < problem.max_tour_days:
                here = problem.visits[plan.stops[-1].visit].node if plan.stops else last
                stack.append((night.morning, here, tour))


def best_plan(problem: Problem) -> float:
    """Value of the best plan: every choice of tours that share no shift, visit or kit too many."""
    columns: list[tuple[frozenset[int], frozenset[int], bool, float]] = []
    best_of: dict[tuple[frozenset[int], frozenset[int], bool], float] = {}
    for s, shift in enumerate(problem.shifts):
        for kit in (False, True) if shift.kit_pool is not None else (False,):
            for tour in tours_from(problem, s, kit):
                key = (
                    frozenset(i.shift for i in tour),
                    frozenset(stop.visit for i in tour for stop in i.stops),
                    kit,
                )
                value = recompute(problem, Solution(itineraries=tour))[3]
                best_of[key] = max(value, best_of.get(key, 0.0))
    columns = [(*key, value) for key, value in best_of.items() if value > 0]
    return _pack(problem, columns, 0, frozenset(), frozenset(), {})


def _pack(problem, columns, s, taken, made, kits) -> float:
    """Decide shift by shift, in order."""
    if s == len(problem.shifts):
        return 0.0
    best = _pack(problem, columns, s + 1, taken, made, kits)
    for shifts, visits, kit, value in columns:
        if min(shifts) != s or shifts & taken or visits & made:
            continue
        used = dict(kits)
        for x in shifts if kit else ():
            pool = problem.shifts[x].kit_pool
            used[pool] = used.get(pool, 0) + 1
        if any(n > problem.kit_pools[pool].capacity for pool, n in used.items()):
            continue
        rest = _pack(problem, columns, s + 1, taken | shifts, made | visits, used)
        best = max(best, value + rest)
    return best


def small_problem(seed: int, *, n_visits: int = 4, n_days: int = 3, n_teams: int = 1) -> Problem:
    """A few far villages: nights, windows, breaks, costs and kits as the seed has it."""
    rng = np.random.default_rng(seed)
    n_places = int(rng.integers(0, 3))
    n = 2 + n_visits + n_places
    points = rng.uniform(0, 3.2 * HOUR, (n, 2))
    points[:2] = 1.6 * HOUR + rng.normal(0, HOUR / 2, (2, 2))  # two bases
    durations = np.rint(np.linalg.norm(points[:, None] - points[None, :], axis=2))
    costs = (durations * rng.integers(0, 3)).astype(np.int64)
    slower = np.rint(durations * 1.2)
    matrices = (make_matrix(durations, costs=costs), make_matrix(slower, costs=costs))
    visits = []
    for i in range(n_visits):
        windows = ()
        if rng.random() < 0.3:
            day = int(rng.integers(0, n_days))
            opens = day * DAY + int(rng.uniform(7, 13) * HOUR)
            windows = (TimeWindow(start=opens, end=opens + 3 * HOUR),)
        prizes = [int(x) for x in np.cumsum(rng.integers(0, 2000, 4))]
        options = [(2 * HOUR, (prizes[0], prizes[1])), (3 * HOUR, (prizes[2], prizes[3]))]
        visits.append(
            make_visit(2 + i, options=options[: int(rng.integers(1, 3))], windows=windows)
        )
    at_last = bool(rng.random() < 0.6) or n_places == 0
    places = tuple(range(2 + n_visits, n))
    # Drawn apart, so that the other draws stay what they were.
    prices = np.random.default_rng([seed, n_places]).integers(0, 900_000, n_places)
    priced = () if at_last else tuple(int(price) for price in prices)
    shifts = []
    for team in range(n_teams):
        base = team % 2
        for day in range(n_days):
            at, free = day * DAY, rng.random() < 0.8
            night = None
            if day + 1 < n_days and (n_days == 2 or rng.random() < 0.85):
                night = Night(morning=len(shifts) + 1, nodes=places, at_last_stop=at_last,
                              cost=int(rng.integers(0, 500_000)), prices=priced)  # fmt: skip
            shifts.append(
                make_shift(
                    team=team, hours=(24 * day + 8, 24 * day + 15), start=base, end=base,
                    matrix=int(rng.integers(0, 2)), crew=0, crew_with_kit=1,
                    kit_pool=day * 2 + base,
                    breaks=(TimeWindow(start=at + 12 * HOUR, end=at + 13 * HOUR),),
                    away=Away(window=TimeWindow(start=at + 7 * HOUR, end=at + 18 * HOUR),
                              cost=int(rng.integers(0, 300_000))),
                    night=night, fixed_cost=int(rng.integers(0, 200_000)),
                    serves=bool(free or day == 0), starts_tour=bool(rng.random() < 0.85),
                )
            )  # fmt: skip
    return make_problem(
        visits, shifts, matrices=matrices, n_crews=2,
        kit_pools=tuple(KitPool(capacity=int(rng.integers(0, 2))) for _ in range(2 * n_days)),
        rupiah_per_document=None if rng.random() < 0.2 else 1_000_000,
        max_tour_days=int(rng.integers(2, n_days + 1)),
    )  # fmt: skip
