"""Weeks whose days are all alike: which tours fit, what is listed, and the best plan of them."""

from collections import Counter
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from routing.checks.check import check, recompute
from routing.columns.cuts import OddSet, priced
from routing.insertion import Insertions
from routing.problem import Problem, TimeWindow
from routing.run import SolveParams
from routing.shift_types import shift_types
from routing.solution import Solution, Status
from routing.solve import solve
from routing.stages import team_days
from routing.tours.tour_groups import team_groups, with_weeks
from routing.tours.tour_pricing import TourPricer
from routing.tours.tour_weeks import dealt, highest, patterns
from tests.builders import DAY
from tests.routing.naive_tours import best_plan, small_problem, tours_from

NO_STOP = np.zeros(1, dtype=bool)
SEEDS = [2, 3, 5, 6, 7, 9]


def later(window: TimeWindow, day: int) -> TimeWindow:
    return TimeWindow(start=window.start + day * DAY, end=window.end + day * DAY)


def alike(seed: int, *, n_visits: int = 4, n_days: int = 3, n_teams: int = 1) -> Problem:
    """Make every day of a small problem like its first, for teams that are alike too."""
    base = small_problem(seed, n_visits=n_visits, n_days=n_days)
    first, shifts = base.shifts[0], []
    away = first.away
    assert away is not None
    out = next(shift.night for shift in base.shifts if shift.night)
    for team, day in product(range(n_teams), range(n_days)):
        night = replace(out, morning=len(shifts) + 1) if day + 1 < n_days else None
        shifts.append(
            replace(
                first, team=team, window=later(first.window, day), night=night, kit_pool=None,
                crew_with_kit=None, breaks=tuple(later(b, day) for b in first.breaks),
                away=replace(away, window=later(away.window, day)),
                serves=True, starts_tour=True,
            )
        )  # fmt: skip
    visits = tuple(replace(visit, windows=()) for visit in base.visits)
    return replace(base, visits=visits, shifts=tuple(shifts))


def fits(lengths: list[int], n_teams: int, n_days: int) -> bool:
    """Whether each can get a team, by trying all."""
    for teams in product(range(n_teams), repeat=len(lengths)):
        used = Counter[int]()
        for team, length in zip(teams, lengths, strict=True):
            used[team] += length
        if max(used.values(), default=0) <= n_days:
            return True
    return False


@pytest.mark.parametrize(
    ("n_days", "longest", "n"),
    [(1, 1, 1), (5, 5, 7), (7, 7, 15), (7, 3, 8), (4, 1, 1)],  # numbers of partitions
)
def test_patterns_fill_a_week(n_days: int, longest: int, n: int) -> None:
    found = patterns(n_days, longest)
    assert len(set(found)) == len(found) == n
    assert {len(pattern) for pattern in found} == {longest}
    for pattern in found:
        assert sum(k * count for k, count in enumerate(pattern, 1)) == n_days


def test_tours_are_dealt_where_they_fit_and_only_there() -> None:
    rng, outcomes = np.random.default_rng(0), set()
    for _ in range(300):
        n_teams, n_days = int(rng.integers(1, 4)), int(rng.integers(3, 7))
        lengths = [int(x) for x in rng.integers(1, n_days + 1, int(rng.integers(0, 6)))]
        outcomes.add(fits(lengths, n_teams, n_days))
        if not fits(lengths, n_teams, n_days):
            with pytest.raises(AssertionError, match=f"no weeks of {n_teams} teams"):
                dealt(lengths, n_teams, n_days)
            continue
        taken = Counter(
            (team, first + k)
            for (team, first), length in zip(dealt(lengths, n_teams, n_days), lengths, strict=True)
            for k in range(length)
        )
        assert max(taken.values(), default=0) <= 1
        assert all(team < n_teams and 0 <= day < n_days for team, day in taken)
    assert outcomes == {True, False}


def test_prices_are_raised_as_far_as_the_best_week_allows() -> None:
    prices = np.array([2.0, 12.0, 18.0, 19.0, 25.0])
    # The best five days are 3 + 2, worth 30. A tour may be worth what is missing to that beside the
    # best rest of a week: 2 + 2 (24) beside one day, 3 (18) beside two, 2 (12) beside three, 1 (2)
    # beside four, nothing beside five.
    assert highest(prices) == pytest.approx([6.0, 12.0, 18.0, 28.0, 30.0])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n_teams", [1, 2])
def test_the_best_plan_of_days_all_alike_is_found(seed: int, n_teams: int) -> None:
    problem = alike(seed, n_visits=5 - n_teams, n_teams=n_teams)
    types = shift_types(problem)
    weeks = with_weeks(problem, types, team_groups(problem, types)).weeks
    assert [(week.n_teams, week.n_days) for week in weeks] == [(n_teams, 3)]
    best = best_plan(problem)
    result = solve(problem, SolveParams(time_limit_s=3600, solution_limit=150))
    assert check(problem, result.solution) == []
    assert result.value == pytest.approx(best, abs=1e-6)
    assert result.status == Status.OPTIMAL
    assert result.bound == pytest.approx(best, abs=1e-3 * max(1.0, best))


def test_days_that_differ_at_home_are_no_week() -> None:
    problem = alike(3)
    types = shift_types(problem)
    (group,) = team_groups(problem, types)
    assert with_weeks(problem, types, [group]).weeks
    first = problem.shifts[0]
    dearer = replace(problem, shifts=(replace(first, fixed_cost=9), *problem.shifts[1:]))
    types = shift_types(dearer)
    assert with_weeks(dearer, types, team_groups(dearer, types)) == types


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("by_length", [False, True])
@pytest.mark.parametrize("with_cuts", [False, True])
def test_the_best_tour_of_each_set_of_visits_is_listed(
    seed: int, by_length: bool, with_cuts: bool
) -> None:
    problem = alike(seed)
    rng, n_visits = np.random.default_rng(seed), len(problem.visits)
    duals, entry = rng.uniform(0, 1500, n_visits), rng.uniform(0, 300, 3)
    triples = [frozenset(three) for three in combinations(range(n_visits), 3)]
    paid: dict[OddSet, float] = dict.fromkeys(triples, 80.0) if with_cuts else {}
    cuts = priced(list(paid), np.array(list(paid.values())), n_visits)
    best: dict[tuple[int, int, frozenset[int]], float] = {}
    for first in range(1 if by_length else 3):
        for tour in tours_from(problem, first, False):
            made = frozenset(stop.visit for i in tour for stop in i.stops)
            value = recompute(problem, Solution(itineraries=tour))[3]
            value -= sum(duals[v] for v in made) + entry[first : first + len(tour)].sum()
            value -= sum(price for three, price in paid.items() if len(three & made) >= 2)
            if len(tour) > 1:
                key = first, len(tour), made
                best[key] = max(value, best.get(key, -np.inf))
    (shifts,) = team_days(problem)
    pricer = TourPricer(Insertions(problem), shifts, with_kit=False)
    assert pricer.is_uniform
    pricer.by_length = by_length
    most = max(best.values())
    floor = float(np.median(list(best.values())))
    listed = pricer.enumerate(duals, entry, floor, most, NO_STOP, cuts=cuts)
    assert listed is not None
    found = {
        (tour.first, len(tour.choices), frozenset(v for day in tour.choices for v, _ in day)):
        tour.value for tour in listed
    }  # fmt: skip
    wanted = {key: value for key, value in best.items() if value > floor + 1e-6}
    assert len(found) == len(listed)
    assert {key: found[key] for key in wanted} == pytest.approx(wanted, abs=1e-6)
    assert len(found) <= sum(value > floor - 1e-6 for value in best.values())
    n = len(listed)
    assert pricer.enumerate(duals, entry, floor, most, NO_STOP, cuts=cuts, most=n) is not None
    assert pricer.enumerate(duals, entry, floor, most, NO_STOP, cuts=cuts, most=n - 1) is None
    stopped = np.ones(1, dtype=bool)
    assert pricer.enumerate(duals, entry, floor, most, stopped, cuts=cuts) is None
