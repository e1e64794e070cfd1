"""Peers: what they are asked, how their answers become plans, and that they know their trade."""

import argparse
from itertools import permutations, product

import pytest

from benchmarks.peers import PACKAGES, NotModelled, PeerMissing, peer, peers
from benchmarks.peers.plain import Piece, Plain
from benchmarks.regencies import regency
from routing import KitPool, Problem, SolveParams, TimeWindow, check, recompute, solve, timed
from routing.compiling import compile_kernels
from routing.problem import DAY_S
from tests.builders import DAY, HOUR, line_matrix, make_problem, make_shift, make_visit


def small(**kwargs) -> Problem:
    """Four villages on a road, two lengths, two crews of which one brings half at village 2."""
    visits = [
        make_visit(1, options=((HOUR, (500, 500)), (2 * HOUR, (800, 800)))),
        make_visit(2, options=((HOUR, (900, 450)), (2 * HOUR, (1100, 550)))),
        make_visit(3, options=((HOUR, (400, 400)), (2 * HOUR, (700, 700)))),
        make_visit(4, options=((HOUR, (650, 0)),)),
    ]
    shifts = [
        make_shift(hours=(7, 12), crew=0),
        make_shift(hours=(31, 35), crew=1),
    ]
    return make_problem(
        visits, shifts, matrices=(line_matrix(0, 1800, 2400, 3600, 5400),), n_crews=2, **kwargs
    )


def best_value(problem: Problem) -> float:
    """Try every sequence on the first shift with every one on the second."""
    every = [(v, o) for v, visit in enumerate(problem.visits) for o in range(len(visit.options))]
    days = []
    for s in range(2):
        crew = problem.shifts[s].crew
        days.append({frozenset(): 0})
        for n in (1, 2, 3):
            for chosen in permutations(every, n):
                made = frozenset(v for v, _ in chosen)
                if len(made) == n and timed(problem, s, False, chosen) is not None:
                    prize = sum(problem.visits[v].options[o].prizes[crew] for v, o in chosen)
                    days[s][made] = max(prize, days[s].get(made, 0))
    return max(p + q for (a, p), (b, q) in product(*(day.items() for day in days)) if not a & b)


@pytest.mark.parametrize("name", PACKAGES)
@pytest.mark.parametrize("has_windows", [False, True], ids=["any time", "windows"])
def test_a_peer_finds_the_best_of_a_problem_small_enough_to_try_all(name: str, has_windows: bool):
    problem = small()
    if has_windows:  # village 2 opens late on the first day and early on the second
        windows = (
            TimeWindow(start=10 * HOUR, end=12 * HOUR),
            TimeWindow(start=DAY + 7 * HOUR, end=DAY + 8 * HOUR),
        )
        visits = list(problem.visits)
        visits[1] = make_visit(2, options=((HOUR, (900, 450)),), windows=windows)
        problem = make_problem(visits, problem.shifts, matrices=problem.matrices)
    answer = peer(name)(problem, 1.0, 1, 0)
    assert check(problem, answer.solution) == []
    value = recompute(problem, answer.solution)[3]
    best = best_value(problem)
    # VROOM knows one prize of each job, OR-Tools minimises travel too.
    assert value == best if name == "pyvrp" else 0.8 * best <= value <= best
    assert answer.version
    assert 20 < answer.peak_mb < 2000


@pytest.mark.parametrize("name", PACKAGES)
def test_a_peer_plans_a_regency_on_two_cores_and_stays_below_its_optimum(name: str):
    problem = regency(1, n_villages=20, n_teams=2, n_days=2).problem()
    answer = peer(name)(problem, 1.0, 2, 3)
    assert check(problem, answer.solution) == []
    compile_kernels()
    bound = solve(problem, SolveParams(time_limit_s=10.0)).bound
    assert bound is not None
    assert 0.8 * bound <= recompute(problem, answer.solution)[3] <= bound


def test_pieces_are_what_each_longer_session_adds():
    plain = Plain(small())
    first, longer, *_ = plain.pieces
    assert first == Piece(0, HOUR, {0: 500, 1: 500})
    assert longer == Piece(0, HOUR, {0: 300, 1: 300})
    assert plain.pieces[-1] == Piece(3, HOUR, {0: 650})
    assert len(plain.pieces) == 7


def test_lengths_that_bring_no_more_or_fit_no_day_are_no_pieces():
    problem = make_problem([make_visit(0, options=((HOUR, 9), (2 * HOUR, 9), (9 * HOUR, 20)))])
    assert Plain(problem).pieces == [Piece(0, HOUR, {0: 9})]


def test_pieces_are_joined_where_most_of_their_time_was_planned():
    plain = Plain(small())
    first, longer = plain.pieces[:2]
    other = plain.pieces[2]
    assert plain.joined({0: [first, other, longer], 1: []}) == {0: [(0, 1), (1, 0)], 1: []}
    two_hours = Piece(0, 2 * HOUR, {})
    assert plain.joined({0: [first], 1: [two_hours]}) == {0: [], 1: [(0, 1)]}
    # Village 4 brings the second crew nothing, and half an hour is no session.
    assert plain.joined({0: [Piece(0, HOUR // 2, {})], 1: [plain.pieces[-1]]}) == {0: [], 1: []}


def test_days_without_windows_are_counted_from_their_own_start():
    plain = Plain(small())
    assert [(kind.crew, kind.early, kind.late) for kind in plain.kinds] == [
        (0, 0, 5 * HOUR), (1, 0, 4 * HOUR),
    ]  # fmt: skip
    assert plain.unit == 600  # half hours, forty minutes and hours


@pytest.mark.parametrize(
    ("problem", "what"),
    [
        (make_problem([make_visit(0, required=True)]), "required visits"),
        (make_problem([make_visit(0, shifts=frozenset({0}))]), "pinned visits"),
        (
            make_problem([make_visit(0)], [make_shift(fixed_cost=1)], rupiah_per_document=1),
            "costs of a day",
        ),
        (make_problem([make_visit(0)], kit_pools=(KitPool(capacity=1),)), "kit pools"),
        (
            make_problem(
                [make_visit(0)], [make_shift(breaks=(TimeWindow(start=HOUR, end=2 * HOUR),))]
            ),
            "breaks",
        ),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_what_peers_cannot_express_is_refused_by_name(problem: Problem, what: str):
    with pytest.raises(NotModelled, match=f"peers do not model {what}"):
        Plain(problem)


def test_a_peer_that_is_not_installed_or_unknown_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("benchmarks.peers.find_spec", lambda _: None)
    with pytest.raises(PeerMissing, match=r"pyvroom is not installed; pip install .*bench\.lock"):
        peer("vroom")
    with pytest.raises(argparse.ArgumentTypeError, match="pyvrp is not installed"):
        peers("pyvrp")
    with pytest.raises(argparse.ArgumentTypeError, match="'lkh': known are pyvrp, vroom, ortools"):
        peers("lkh")


def test_a_list_of_peers_is_read():
    assert peers("ortools") == ["ortools"]
    assert peers("") == []


def test_where_teams_may_stay_out_peers_plan_day_tours():
    nights = Plain(regency(1, n_villages=20, n_teams=1, overnight=True).problem())
    days = Plain(regency(1, n_villages=20, n_teams=1).problem())
    assert nights.kinds == days.kinds
    assert nights.pieces == days.pieces


def test_an_instance_of_several_days_keeps_its_days_apart():
    problem = regency(1, n_villages=20, n_teams=1, n_days=2).problem()
    plan = Plain(problem).plan({0: [(0, 0)], 1: []})
    assert [stop.start // DAY_S for i in plan.itineraries for stop in i.stops] == [0]
    with pytest.raises(ValueError, match="shift 1: a peer's stops"):
        Plain(problem).plan({1: [(v, 2) for v in range(20)]})
