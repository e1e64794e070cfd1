"""One reason for each visit left out; every reason at its limit."""

from dataclasses import replace

import numpy as np
import pytest

from routing.explanation import alone
from routing.explanation.alone import best_on_tours
from routing.explanation.explain import Explainer, explain
from routing.heuristics.construct import greedy
from routing.insertion import NOTHING, Insertions
from routing.problem import Away, KitPool, Night, Problem, TimeWindow
from routing.rules import Blanks, Budget, ServedOnce
from routing.solution import Reason, Solution
from routing.solve import SolveParams, solve
from tests.builders import HOUR, line_matrix, make_matrix, make_problem, make_shift, make_visit
from tests.routing.naive_tours import small_problem


def reason(problem: Problem) -> tuple[str, int | None]:
    found = explain(problem, Solution())[0]
    return found.reason, found.limit


def test_forbidden() -> None:
    assert reason(make_problem([make_visit(1, shifts=frozenset())])) == (Reason.FORBIDDEN, None)
    assert reason(make_problem([make_visit(1)], [])) == (Reason.FORBIDDEN, None)


def test_no_need() -> None:
    assert reason(make_problem([make_visit(1, prize=0)])) == (Reason.NO_NEED, None)
    # Only a crew that may not make the visit could deliver something.
    visit = make_visit(1, prize=(0, 5), shifts=frozenset({0}))
    assert reason(make_problem([visit], [make_shift(), make_shift(crew=1)])) == (
        Reason.NO_NEED,
        None,
    )


@pytest.mark.parametrize("closed", [(0, 1), (1, 0)])
def test_unreachable_there_or_back(closed: tuple[int, int]) -> None:
    reachable = [[(i, j) != closed for j in range(2)] for i in range(2)]
    problem = make_problem([make_visit(1)], matrices=(line_matrix(0, 600, reachable=reachable),))
    assert reason(problem) == (Reason.UNREACHABLE, None)


def test_too_far_tells_the_seconds_missing_for_the_shortest_option_on_the_best_shift() -> None:
    # 600 out, 3600 there, 600 back = 4800; the longer of the two days is 4700.
    shifts = [make_shift(window=TimeWindow(start=0, end=end)) for end in (4000, 4700)]
    visit = make_visit(1, options=((2 * HOUR, 9), (HOUR, 5)))
    assert reason(make_problem([visit], shifts)) == (Reason.TOO_FAR, 100)
    fitting = make_problem([visit], [make_shift(window=TimeWindow(start=0, end=4800))])
    assert reason(fitting) == (Reason.NOT_CHOSEN, None)


def test_a_window_that_no_session_fits_is_not_called_too_far() -> None:
    for end, expected in ((4599, Reason.WINDOW), (4600, Reason.NOT_CHOSEN)):
        visit = make_visit(1, windows=(TimeWindow(start=1000, end=end),))
        assert reason(make_problem([visit])) == (expected, None)


def test_worth_nothing_without_a_kit() -> None:
    shift = make_shift(crew_with_kit=1, kit_pool=0)
    # With a kit at its base something else keeps it out.
    for capacity, expected in ((0, Reason.WITHOUT_KIT), (1, Reason.NOT_CHOSEN)):
        problem = make_problem(
            [make_visit(1, prize=(0, 5))], [shift], kit_pools=(KitPool(capacity=capacity),)
        )
        assert reason(problem) == (expected, None)


def test_a_day_on_which_nobody_is_served_makes_no_visit() -> None:
    """Pinned to a Sunday on the way: no team may make it, whatever its hours are."""
    away = Away(window=TimeWindow(start=0, end=8 * HOUR))
    shifts = [make_shift(), make_shift(team=1, serves=False, away=away)]
    visit = make_visit(1, shifts=frozenset({1}))
    assert reason(make_problem([visit], shifts)) == (Reason.FORBIDDEN, None)


@pytest.mark.parametrize("cost", [0, 640_000])
def test_a_team_that_gets_there_but_delivers_nothing_is_no_reason(cost: int) -> None:
    """The team that delivers is 4 h away: with an hour there its day of 8 h is an hour short."""
    shifts = [make_shift(fixed_cost=cost), make_shift(team=1, crew=1, matrix=1)]
    problem = make_problem(
        [make_visit(1, prize=(0, 1000))], shifts,
        matrices=(line_matrix(0, 600), line_matrix(0, 4 * HOUR)), rupiah_per_document=2_000_000,
    )  # fmt: skip
    assert reason(problem) == (Reason.TOO_FAR, HOUR)


@pytest.mark.parametrize(
    ("prize", "expected"),
    [
        (999, (Reason.COSTS_MORE, 1)),
        (1000, (Reason.COSTS_MORE, 0)),
        (1001, (Reason.NOT_CHOSEN, None)),
    ],
)
def test_costs_more_than_worth_tells_the_rupiah(
    prize: int, expected: tuple[str, int | None]
) -> None:
    # 1000 rupiah there and back, one rupiah buys one thousandth of a document.
    matrix = line_matrix(0, 600, costs=[[0, 500], [500, 0]])
    problem = make_problem(
        [make_visit(1, prize=prize)], matrices=(matrix,), rupiah_per_document=1000
    )
    assert reason(problem) == expected


def test_only_visits_left_out_are_explained() -> None:
    shift = make_shift(window=TimeWindow(start=0, end=4800))
    problem = make_problem([make_visit(1, prize=10), make_visit(1, prize=20)], [shift])
    result = solve(problem, SolveParams(time_limit_s=60, solution_limit=20))
    assert [(u.visit, u.reason) for u in result.unserved] == [(0, Reason.NOT_CHOSEN)]


def left_out(problem: Problem) -> dict[int, tuple[str, int | None]]:
    """Reasons of a solved problem."""
    result = solve(problem, SolveParams(time_limit_s=60, solution_limit=40))
    return {u.visit: (u.reason, u.limit) for u in result.unserved}


# Three villages ten minutes away in different directions (20 minutes apart), an hour each.
STAR = line_matrix(0, 0, 0, 0, reachable=None)
STAR = replace(
    STAR,
    durations=np.array(
        [[0, 600, 600, 600], [600, 0, 1200, 1200], [600, 1200, 0, 1200], [600, 1200, 1200, 0]],
        dtype=np.int64,
    ),
)


def test_a_day_that_is_full_tells_the_seconds_missing() -> None:
    # 600 + 3600 + 1200 + 3600 + 600 = 9600 for two visits, on a day of 9000.
    visits = [make_visit(1, prize=900), make_visit(2, prize=800)]
    problem = make_problem(
        visits, [make_shift(window=TimeWindow(start=0, end=9000))], matrices=(STAR,)
    )
    assert left_out(problem) == {1: (Reason.NOT_CHOSEN, 600)}


def test_an_idle_team_that_cannot_get_there_does_not_count() -> None:
    # The second team may make none of the visits.
    own = frozenset({0})
    visits = [make_visit(1, prize=900, shifts=own), make_visit(2, prize=800, shifts=own)]
    shifts = [make_shift(window=TimeWindow(start=0, end=9000))] * 2
    problem = make_problem(visits, shifts, matrices=(STAR,))
    assert left_out(problem) == {1: (Reason.ONLY_BUSY, 600)}


def test_kits_that_are_with_other_teams() -> None:
    visits = [make_visit(1, prize=(0, 900)), make_visit(2, prize=(1, 800), shifts=frozenset({1}))]
    shifts = [
        make_shift(crew_with_kit=1, kit_pool=0, hours=(0, 1.5), fixed_cost=n) for n in (0, 20)
    ]
    problem = make_problem(
        visits,
        shifts,
        matrices=(STAR,),
        kit_pools=(KitPool(capacity=1),),
        rupiah_per_document=1000,
    )
    # Alone the second is worth 800 with a kit; without one its 1 does not pay the Rp 20 of a day.
    assert left_out(problem) == {1: (Reason.NO_KIT_LEFT, None)}


@pytest.mark.parametrize(("limit", "missing"), [(10, 10), (19, 1)])
def test_a_budget_that_is_spent_tells_the_rupiah_missing(limit: int, missing: int) -> None:
    visits = [make_visit(1, prize=900), make_visit(2, prize=800)]
    shifts = [make_shift(hours=(0, 1.5), fixed_cost=10)] * 2
    problem = make_problem(visits, shifts, matrices=(STAR,), rules=(Budget(limit=limit),))
    assert left_out(problem) == {1: (Reason.BUDGET_SPENT, missing)}


def test_cards_that_are_used_and_villages_served_at_a_hub() -> None:
    visits = [make_visit(1, prize=900), make_visit(2, prize=800), make_visit(3, prize=700)]
    shifts = [make_shift(hours=(0, 1.5))] * 3
    rules = (
        Blanks(stock=2, cards=(((1500,),), ((600,),), ((500,),))),
        ServedOnce(sessions=frozenset({(0, 0), (2, 0)})),
    )
    problem = make_problem(visits, shifts, matrices=(STAR,), rules=rules)
    # 900 + 700 take both cards; the second would need 0.6 more. At the hub the third is served too.
    assert left_out(replace(problem, rules=rules[:1])) == {1: (Reason.BLANKS_USED, 600)}
    assert left_out(replace(problem, rules=rules[1:])) == {2: (Reason.SERVED_AT_HUB, None)}


@pytest.mark.parametrize(("n_teams", "expected"), [(1, Reason.NOT_CHOSEN), (2, Reason.ONLY_BUSY)])
def test_on_a_tour_only_teams_that_are_out_could_bring_it(n_teams: int, expected: Reason) -> None:
    """Both villages are a day away, in two directions; the second team cannot get there."""
    visits = [make_visit(1), make_visit(2)]
    shifts = [
        make_shift(
            team=team, matrix=team, hours=(24 * d, 24 * d + 4),
            away=Away(window=TimeWindow(start=24 * d * HOUR, end=(24 * d + 4) * HOUR)),
            night=Night(morning=2 * team + 1, at_last_stop=True) if d == 0 else None,
        )
        for team in range(n_teams)
        for d in range(2)
    ]  # fmt: skip
    ways = [[0, 3, 3], [3, 0, 9], [3, 9, 0]]
    there = make_matrix([[HOUR * way for way in row] for row in ways])
    nowhere = make_matrix(there.durations, reachable=np.eye(3))
    problem = make_problem(visits, shifts, matrices=(there, nowhere))
    result = solve(problem, SolveParams(time_limit_s=3600, solution_limit=60))
    assert len({stop.visit for day in result.solution.itineraries for stop in day.stops}) == 1
    assert [unserved.reason for unserved in result.unserved] == [expected]


@pytest.mark.parametrize("seed", range(4))
def test_days_taken_for_alike_on_tours_are_alike(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every day looked at by itself a visit brings the same."""
    problem = small_problem(seed, n_visits=8, n_days=5, n_teams=3)
    nothing = np.full(8, NOTHING)
    found = best_on_tours(Insertions(problem), nothing)
    monkeypatch.setattr(alone, "_away_key", lambda *_: object())
    assert (found == best_on_tours(Insertions(problem), nothing)).all()
    assert (found > NOTHING).any()


def test_what_visits_are_worth_alone_is_worked_out_once_and_watched() -> None:
    """Reasons for two plans are those of each plan by itself; a watcher is called, not obeyed."""
    problem = small_problem(105, n_visits=14, n_days=6, n_teams=3)
    calls = []
    explainer = Explainer(Insertions(problem), lambda: calls.append(1) or True)
    assert len(calls) > 2
    for solution in (Solution(), greedy(problem)):
        assert explainer.explain(solution) == explain(problem, solution)


def test_a_week_with_nights_and_nothing_to_visit_is_planned() -> None:
    problem = replace(small_problem(3), visits=())
    assert problem.has_nights
    assert solve(problem, SolveParams(time_limit_s=5)).solution == Solution()
