"""Bounds are never below a plan, and equal to the best of all plans where these can be listed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from time import perf_counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing import Engine, KitPool, Progress, SolveParams, TimeWindow, check, recompute, solve
from routing.columns.cuts import priced
from routing.columns.master import Duals, lagrangian_bound
from routing.columns.pricing import Pricer
from routing.columns.proof import Proof
from routing.heuristics.construct import greedy, nearest_first
from routing.insertion import Insertions
from routing.problem import Allowance, Problem, Shift, Visit
from routing.run import Run
from routing.shift_types import place, shift_types
from routing.solution import Result, Status, StopReason
from routing.start import taken_up
from tests.builders import line_matrix, make_problem, make_shift, make_visit, regency
from tests.routing.brute import optimum, problems, shift_plans
from tests.routing.patience import ATTEMPTS, undisturbed_s, within

GO_ON = np.zeros(1, dtype=bool)


def mixed(seed: int) -> Problem:
    """A small week with kits, required and pinned visits, drawn by seed.

    Of three seeds one has allowances, one has opening windows, and one has both.
    """
    rng = np.random.default_rng(seed)
    base = regency(
        n_villages=int(rng.integers(3, 14)), n_teams=int(rng.integers(1, 4)),
        n_days=int(rng.integers(1, 4)), seed=seed,
        rupiah_per_document=None if rng.random() < 0.3 else 200_000,
    )  # fmt: skip
    shifts = base.shifts if seed % 3 == 1 else tuple(_with_step(s, seed, rng) for s in base.shifts)
    visits = tuple(_with_rules(visit, len(shifts), rng) for visit in base.visits)
    if seed % 3 == 0:
        visits = tuple(replace(visit, windows=()) for visit in visits)
    return replace(base, visits=visits, shifts=shifts)


def _with_step(shift: Shift, seed: int, rng: np.random.Generator) -> Shift:
    if rng.random() < 0.5:
        return shift
    step = Allowance(longer_than=int(rng.integers(2, 8)) * 3600, cost=300_000)
    return replace(shift, allowances=(step,), breaks=() if seed % 3 == 0 else shift.breaks)


def _with_rules(visit: Visit, n_shifts: int, rng: np.random.Generator) -> Visit:
    if rng.random() < 0.2:
        day, hour = int(rng.integers(0, 3)), int(rng.integers(7, 12))
        start = (24 * day + hour) * 3600
        visit = replace(visit, windows=(TimeWindow(start=start, end=start + 6 * 3600),))
    if rng.random() < 0.1:
        visit = replace(visit, shifts=frozenset(int(s) for s in rng.integers(0, n_shifts, 2)))
    return replace(visit, required=bool(rng.random() < 0.05))


def assert_none_above(problem: Problem, result: Result) -> None:
    """No plan that any method finds is worth more than the bound."""
    assert result.bound is not None
    few = SolveParams(time_limit_s=20, solution_limit=3, engine=Engine.ROUTING)
    found = (result, solve(problem, few))
    for plan in (*(x.solution for x in found), greedy(problem), nearest_first(problem)):
        if check(problem, plan) == []:
            assert recompute(problem, plan)[3] <= result.bound + 1e-6


@pytest.mark.parametrize("seeds", [range(a, a + 25) for a in range(0, 200, 25)])
def test_no_plan_is_worth_more_than_the_bound(seeds: range) -> None:
    for seed in seeds:
        problem = mixed(seed)
        result = solve(problem, SolveParams(time_limit_s=20, solution_limit=20))
        left = {x.rule for x in check(problem, result.solution)}
        assert left <= ({"required"} if result.bound is None else set())
        if result.bound is None:
            assert result.status in (Status.INFEASIBLE, Status.NO_SOLUTION)
        else:
            assert_none_above(problem, result)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), st.lists(st.integers(-4, 12), min_size=3, max_size=3), st.integers(0, 9))
def test_the_best_route_at_any_duals_is_the_best_of_all_routes(
    problem: Problem, prices: list[int], cut_price: int
) -> None:
    insertions = Insertions(problem)
    # A cut on the first three visits: whoever makes two or three of them pays.
    triple = frozenset(range(3))
    cuts = priced([triple], np.array([float(cut_price)]), max(3, len(problem.visits)))
    duals = np.array(prices[: len(problem.visits)], dtype=np.float64)
    for kind in shift_types(problem).types:
        every = list(shift_plans(problem, kind.first))
        for kit in kind.kits:
            worth = {
                made: max(
                    float(value)
                    - sum(duals[v] for v in made)
                    - cut_price * (len(made & triple) >= 2)
                    for m, k, value in every
                    if m == made and k == kit
                )
                for made in {m for m, k, _ in every if k == kit and m}
            }
            best = max([0.0, *worth.values()])
            pricer = Pricer(insertions, kind, kit)
            found = pricer.price(duals, 0.0, GO_ON, cuts=cuts)
            while found.has_cycles:
                assert found.best is not None
                assert found.best >= best - 1e-6
                found = pricer.price(duals, 0.0, GO_ON, cuts=cuts)
            assert found.best == pytest.approx(best, abs=1e-6)
            for route in pricer.sample(duals, 0.0, GO_ON, cuts=cuts):
                assert route.value <= worth[frozenset(v for v, _ in route.choices)] + 1e-6
            floor = best - 5.5
            listed = pricer.enumerate(duals, floor, best, GO_ON, cuts=cuts)
            assert listed is not None
            got = {frozenset(v for v, _ in route.choices): route.value for route in listed}
            assert got == pytest.approx({m: x for m, x in worth.items() if x > floor})


def _proof(problem: Problem, threads: ThreadPoolExecutor) -> Proof:
    insertions = Insertions(problem)
    run = Run(insertions, SolveParams(time_limit_s=60), None, None)
    return Proof(insertions, shift_types(problem), run, threads)


def test_a_call_over_its_cap_of_labels_gives_no_bound() -> None:
    problem = regency(n_villages=12, n_teams=1, n_days=1, seed=1)
    insertions = Insertions(problem)
    pricer = Pricer(insertions, shift_types(problem).types[0], with_kit=False)
    duals = np.zeros(12)
    exact = pricer.price(duals, 0.0, GO_ON)
    assert exact.best is not None
    capped = pricer.price(duals, 0.0, GO_ON, cap=3)
    assert (capped.best, capped.routes) == (None, ())
    assert pricer.enumerate(duals, 0.0, exact.best, GO_ON, cap=3) is None


def test_a_call_told_to_stop_gives_no_bound() -> None:
    problem = regency(n_villages=120, n_teams=1, n_days=1, seed=1)
    pricer = Pricer(Insertions(problem), shift_types(problem).types[0], with_kit=False)
    started = perf_counter()
    told = pricer.price(np.zeros(120), 0.0, np.ones(1, dtype=bool))
    assert told.best is None or told.best >= 0
    assert perf_counter() - started < 2


def test_the_bound_holds_at_any_duals() -> None:
    # Two teams a day's ride from two villages worth 1000 and 400: the best plan is worth 1400.
    problem = make_problem(
        [make_visit(1, prize=1000), make_visit(2, prize=400)], [make_shift()] * 2
    )
    types = shift_types(problem)
    assert [kind.shifts for kind in types.types] == [(0, 1)]
    for visits, team in ((0.0, 0.0), (300.0, 50.0), (1000.0, 0.0), (0.0, 1400.0)):
        duals = Duals(np.full(2, visits), np.array([team]), np.zeros(0))
        best = max(0.0, 1000 - visits, 400 - visits, 1400 - 2 * visits) - team
        assert lagrangian_bound(types, duals, [max(0.0, best)]) >= 1400


def test_days_alike_are_one_type_and_friday_another() -> None:
    problem = regency(n_villages=5, n_teams=2, n_days=5, seed=1)
    sizes = sorted(len(kind.shifts) for kind in shift_types(problem).types)
    # Two teams with crews of their own, or one type of both: four days alike and one Friday each.
    assert sum(sizes) == 10
    assert sizes in ([1, 1, 4, 4], [2, 8])


@pytest.mark.parametrize(
    "change",
    [
        {"fixed_cost": 1},
        {"crew": 1},
        {"end": 1},
        {"window": TimeWindow(start=3600, end=8 * 3600)},
        {"breaks": (TimeWindow(start=4 * 3600, end=5 * 3600),)},
        {"allowances": (Allowance(longer_than=1, cost=1),)},
    ],
)
def test_shifts_that_differ_in_anything_are_of_two_types(change: dict[str, object]) -> None:
    visits = [make_visit(1, prize=(1, 2))]
    same = make_problem(visits, [make_shift(), make_shift(team=1)])
    assert len(shift_types(same).types) == 1
    differ = make_problem(visits, [make_shift(), make_shift(**change)])
    assert len(shift_types(differ).types) == 2


def test_a_pinned_visit_tells_its_shift_from_the_others() -> None:
    problem = make_problem([make_visit(1, shifts=frozenset({0}))], [make_shift()] * 3)
    assert [kind.shifts for kind in shift_types(problem).types] == [(0,), (1, 2)]


def test_kits_are_dealt_so_that_no_pool_gives_more_than_it_has() -> None:
    # Three days with two kinds of shift, two of each a day, and two kits a day: six in all.
    shifts = [
        make_shift(fixed_cost=kind, crew_with_kit=1, kit_pool=day)
        for day in range(3)
        for kind in (0, 0, 1, 1)
    ]
    problem = make_problem(
        [make_visit(1, prize=(1, 2))],
        shifts,
        kit_pools=tuple(KitPool(capacity=2) for _ in range(3)),
    )
    types = shift_types(problem)
    assert types.kit_capacities == (6,)
    assert sorted(len(kind.shifts) for kind in types.types) == [6, 6]
    for n in range(7):
        chosen = [(0, True)] * n + [(1, True)] * (6 - n) + [(0, False)] * (6 - n) + [(1, False)] * n
        placed = place(problem, types, chosen)
        assert sorted(placed) == list(range(12))
        assert all(s in types.types[t].shifts for s, (t, _) in zip(placed, chosen, strict=True))
        kits = [shifts[s].kit_pool for s, (_, kit) in zip(placed, chosen, strict=True) if kit]
        assert max(kits.count(day) for day in range(3)) == 2


def test_pools_of_different_size_are_never_added_up() -> None:
    shifts = [make_shift(crew_with_kit=1, kit_pool=day) for day in (0, 1)]
    pools = (KitPool(capacity=1), KitPool(capacity=0))
    problem = make_problem([make_visit(1, prize=(1, 2))], shifts, kit_pools=pools)
    assert sorted(shift_types(problem).kit_capacities) == [0, 1]


def test_one_kit_for_two_days_of_one_team_each_is_used_on_both() -> None:
    # Each day one kit; two villages that only a kit can serve, each a day's work.
    visits = [make_visit(n, prize=(0, 900), duration=5 * 3600) for n in (1, 2)]
    shifts = [make_shift(crew_with_kit=1, kit_pool=day) for day in (0, 1)]
    problem = make_problem(visits, shifts, kit_pools=(KitPool(capacity=1), KitPool(capacity=1)))
    result = solve(problem, SolveParams(time_limit_s=60, solution_limit=60))
    assert check(problem, result.solution) == []
    assert (result.status, result.prize, result.bound) == (Status.OPTIMAL, 1800, 1800.0)


def test_a_detour_that_saves_money_is_found() -> None:
    # Straight to village 2 costs Rp 9,000; through village 1, which brings nothing, Rp 2,000.
    costs = [[0, 1, 9], [1, 0, 1], [9, 1, 0]]
    matrix = line_matrix(0, 600, 1200)
    matrix = replace(matrix, costs=np.array(costs, dtype=np.int64) * 1000)
    visits = [make_visit(1, prize=0), make_visit(2, prize=10_000)]
    problem = make_problem(visits, matrices=(matrix,), rupiah_per_document=1000)
    result = solve(problem, SolveParams(time_limit_s=60, solution_limit=60))
    assert result.status is Status.OPTIMAL
    assert Fraction(result.value) == optimum(problem)


def test_times_and_costs_that_are_all_zero_keep_their_types() -> None:
    # Loops would be compiled anew for other types, in the middle of a solve.
    problem = make_problem([make_visit(1)], matrices=(line_matrix(0, 0),))
    insertions = Insertions(problem)
    day = Pricer(insertions, shift_types(problem).types[0], with_kit=False).day
    assert (day.times.dtype, day.costs.dtype) == (np.int64, np.float64)


def test_a_better_plan_found_later_never_passes_the_bound() -> None:
    problem = regency(n_villages=40, n_teams=2, n_days=3, seed=2)
    seen: list[tuple[float, float | None]] = []
    result = solve(
        problem,
        SolveParams(time_limit_s=60, solution_limit=200),
        on_progress=lambda p: seen.append((p.value, p.bound)),
    )
    bounds = [bound for _, bound in seen if bound is not None]
    assert bounds == sorted(bounds, reverse=True)
    assert result.bound is not None
    assert max(value for value, _ in seen) <= result.bound <= min(bounds)


def cancelled(problem: Problem, after_s: float) -> tuple[Result, float, Progress | None]:
    """Cancel a solve after so many seconds; how long it took to hear, and the last progress."""
    told: list[float] = []
    seen: list[Progress] = []
    started = perf_counter()

    def should_stop() -> bool:
        is_over = perf_counter() - started > after_s
        if is_over and not told:
            told.append(undisturbed_s())
        return is_over

    result = solve(
        problem, SolveParams(time_limit_s=60), on_progress=seen.append, should_stop=should_stop
    )
    late = undisturbed_s() - told[0] if told else 0.0
    return result, late, seen[-1] if seen else None


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.floats(0.0, 2.5), st.integers(0, 10_000))
def test_a_cancel_at_any_moment_keeps_the_best_within_half_a_second(
    after_s: float, seed: int
) -> None:
    problem = mixed_week(seed)
    for _ in range(ATTEMPTS):  # a busy machine is not late every time
        result, late, last = cancelled(problem, after_s)
        assert check(problem, result.solution) == []
        assert result.stop_reason in (StopReason.CANCELLED, StopReason.PROVEN)
        assert last is not None
        assert (result.value, result.solution) == (last.value, last.solution)
        if late <= 0.5:
            return
    raise AssertionError(f"heard {late:.2f} s after the cancel at {after_s:.2f} s")


def mixed_week(seed: int) -> Problem:
    """A week of a large regency; of four one has windows, allowances, both or neither."""
    problem = regency(n_villages=200, n_teams=6, n_days=5, seed=seed)
    if seed & 1:
        days = [TimeWindow(start=d * 86400 + 8 * 3600, end=d * 86400 + 14 * 3600) for d in range(5)]
        visits = tuple(
            replace(visit, windows=(days[v % 5],)) if v % 4 == 0 else visit
            for v, visit in enumerate(problem.visits)
        )
        problem = replace(problem, visits=visits)
    if seed & 2:
        step = Allowance(longer_than=8 * 3600, cost=700_000)
        shifts = tuple(replace(shift, allowances=(step,)) for shift in problem.shifts)
        problem = replace(problem, shifts=shifts)
    return problem


@pytest.mark.parametrize("seconds", [0.3, 1.0, 3.0])
def test_the_time_limit_is_kept(seconds: float) -> None:
    problem = regency(n_villages=250, n_teams=8, n_days=5, seed=6)
    result = within(1.05 * seconds + 1, lambda: solve(problem, SolveParams(time_limit_s=seconds)))
    assert check(problem, result.solution) == []
    assert result.bound is None or result.value <= result.bound


def test_a_proof_that_cannot_price_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.columns.pricing.TABLE_CAP", 0)
    problem = regency(n_villages=10, n_teams=1, n_days=1, seed=1)
    with ThreadPoolExecutor(2) as threads:
        proof = _proof(problem, threads)
        proof.attempt()
    assert proof.run.bound is None


def test_a_later_start_that_spares_an_allowance_is_taken_and_proven() -> None:
    """One free visit and an afternoon market: leaving at 07:00 costs more than leaving late."""
    shift = make_shift(hours=(7, 17), allowances=(Allowance(longer_than=8 * 3600, cost=700_000),))
    market = (TimeWindow(start=14 * 3600, end=17 * 3600),)
    visits = (
        make_visit(1, duration=7200, prize=5_000),
        make_visit(2, duration=7200, prize=5_000, windows=market),
    )
    problem = make_problem(visits, [shift], rupiah_per_document=2_000_000)
    result = solve(problem, SolveParams(time_limit_s=60, solution_limit=5))
    assert check(problem, result.solution) == []
    assert (result.status, result.value, result.cost) == (Status.OPTIMAL, 10_000, 0)


@pytest.mark.parametrize("seed", range(6))
def test_a_list_less_deep_than_the_gap_bounds_every_plan(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = regency(n_villages=16, n_teams=2, n_days=2, seed=seed)
    best = solve(problem, SolveParams(time_limit_s=60, solution_limit=500))
    assert best.status is Status.OPTIMAL
    with ThreadPoolExecutor(2) as threads:
        proof = _proof(problem, threads)
        # A poor plan leaves a gap, of which the list is a part only.
        proof.run.offer(taken_up(proof.insertions, nearest_first(problem)))
        assert proof._prepare()
        assert proof._generate()
        before, listed = proof._bound, proof._listed
        depths: list[float] = []

        def shallow(reach: float) -> object:
            depths.append(reach)
            return None if reach > depths[0] / 2 else listed(reach)

        monkeypatch.setattr(proof, "_listed", shallow)
        proof._close_gap(is_tight=False)
        assert len(depths) == 1, "only once cuts have done what they can is a part worth its time"
        proof._close_gap(is_tight=True)
    bound = proof.run.proven
    assert bound is not None
    assert bound >= best.value - 1e-6
    assert bound <= max(before - depths[-1], best.value) + 1e-3
