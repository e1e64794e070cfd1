"""What would help and what wishes cost, by hand on small weeks."""

from dataclasses import replace

import pytest

from routing import (
    Blanks,
    Budget,
    Fairness,
    KeepPublished,
    KitPool,
    SolveParams,
    WishKind,
    check,
    recompute,
    remedies,
    solve,
    wishes,
)
from routing.explanation.remedies import with_another_day
from routing.problem import Away, Night, Problem, TimeWindow
from routing.solution import Solution, Status
from tests.builders import DAY, HOUR, line_matrix, make_problem, make_shift, make_visit, regency

QUICK = SolveParams(time_limit_s=60, solution_limit=60)


def days(n: int, **kwargs: object) -> Problem:
    """Days of 3 h 20 from a base with villages 1 h away: one visit a day, worth 900, 800, 700."""
    visits = [make_visit(n, prize=p) for n, p in ((1, 900), (2, 800), (3, 700))]
    matrix = line_matrix(0, HOUR, HOUR, HOUR)
    apart = replace(matrix, durations=matrix.durations + 2 * HOUR * (matrix.durations == 0))
    shifts = [make_shift(hours=(0, 10 / 3), fixed_cost=1_000_000)] * n
    return make_problem(visits, shifts, matrices=(apart,), **kwargs)


def helped(problem: Problem) -> dict[str, tuple[float, set[int]]]:
    result = solve(problem, QUICK)
    found = remedies(problem, result, QUICK)
    return {f"{r.kind}-{r.position}": (r.value, set(r.admits)) for r in found}


def test_another_day_admits_the_next_village() -> None:
    # An hour more is not enough for a second visit: that takes two hours on the road and one there.
    assert helped(days(1)) == {"team-day-0": (800, {1})}
    assert helped(days(3)) == {}


def test_another_million_and_ten_more_cards() -> None:
    cards = Blanks(stock=8, cards=(((8000,),), ((10_000,),), ((99_000,),)))
    problem = days(3, rules=(Budget(limit=1_000_000), cards))
    # One day can be paid; for a second one both money and cards are missing.
    assert helped(problem) == {}
    enough_cards = replace(problem, rules=(Budget(limit=1_000_000), replace(cards, stock=18)))
    assert helped(enough_cards) == {"budget-0": (800, {1})}
    enough_money = replace(problem, rules=(Budget(limit=9_000_000), cards))
    assert helped(enough_money) == {"blanks-1": (800, {1})}


def test_another_kit_at_the_base() -> None:
    visits = [make_visit(1, prize=(0, 900)), make_visit(2, prize=(100, 800))]
    shifts = [make_shift(hours=(0, 1.75), crew_with_kit=1, kit_pool=0) for _ in range(2)]
    problem = make_problem(visits, shifts, kit_pools=(KitPool(capacity=1),))
    # 900 with the kit and 100 without; with two kits 900 + 800.
    assert helped(problem)["kit-0"] == (700, set())


def test_a_longer_day_is_tried() -> None:
    # 40 minutes on the road and 2 h there on a day of 2 h 30.
    problem = make_problem([make_visit(2, duration=2 * HOUR)], [make_shift(hours=(0, 2.5))])
    assert helped(problem) == {"hour-0": (1000, {0})}


def test_an_hour_more_is_tried_on_days_away_too() -> None:
    """An hour there and an hour on site take two days of an hour each an hour longer."""
    hours = [TimeWindow(start=d * DAY, end=d * DAY + HOUR) for d in range(2)]
    shifts = [
        make_shift(
            window=window, away=Away(window=window),
            night=None if d else Night(morning=1, at_last_stop=True),
        )
        for d, window in enumerate(hours)
    ]  # fmt: skip
    problem = make_problem(
        [make_visit(1)], shifts, matrices=(line_matrix(0, HOUR),), max_tour_days=2
    )
    assert helped(problem) == {"hour-0": (1000, {0})}


def test_an_hour_more_is_what_the_caller_lets_it_be() -> None:
    problem = make_problem([make_visit(2, duration=2 * HOUR)], [make_shift(hours=(0, 2.5))])
    result = solve(problem, QUICK)
    assert remedies(problem, result, QUICK, longer_day=problem) == ()


def test_a_better_plan_that_needs_nothing_more_is_no_remedy() -> None:
    """The search had ended before it found the village that one shift can make as it is."""
    problem = make_problem([make_visit(1)])
    early = replace(solve(problem, QUICK), solution=Solution(), prize=0, value=0.0)
    assert remedies(problem, early, QUICK) == ()


def test_nothing_is_told_of_a_plan_that_breaks_rules() -> None:
    problem = days(1, rules=(Budget(limit=0), Fairness(visits=frozenset({0}), at_least=1)))
    result = solve(problem, QUICK)
    assert result.status is Status.INFEASIBLE
    assert (remedies(problem, result, QUICK), wishes(problem, result, QUICK)) == ((), ())


def test_what_wishes_cost() -> None:
    base = days(1)
    visits = list(base.visits)
    visits[2] = replace(visits[2], required=True)
    required = replace(base, visits=tuple(visits))
    assert costs(required) == {"required": 200}  # 700 instead of 900
    visits = list(base.visits)
    visits[0] = replace(visits[0], shifts=frozenset())
    assert costs(replace(base, visits=tuple(visits))) == {"forbidden": 100}
    fair = Fairness(visits=frozenset({2}), at_least=1, price=300)
    assert costs(replace(base, rules=(fair,))) == {"fairness": 200}  # 700 - 0 beats 900 - 300
    cheap = replace(fair, price=100)
    assert costs(replace(base, rules=(cheap,))) == {"fairness": 0}  # 900 - 100: nothing is lost
    keep = KeepPublished(stops=frozenset({(1, 0)}), price=101)
    assert costs(replace(base, rules=(keep,))) == {"stability": 100}


def test_a_pin_costs_what_the_day_could_do_instead() -> None:
    base = days(2)
    visits = list(base.visits)
    visits[2] = replace(visits[2], shifts=frozenset({1}), required=True)
    # Pinned and required; without the pin it would take the other day: no loss. Without being
    # required 800 is made instead of 700.
    assert costs(replace(base, visits=tuple(visits))) == {"required": 100, "pinned": 0}


def test_longer_days_cost_what_shorter_ones_bring_less() -> None:
    # 20 minutes each way and an hour a session: 1 h 40 hold one, an hour more holds two.
    visits = [make_visit(n + 1, prize=p) for n, p in enumerate((900, 800, 700))]
    matrix = (line_matrix(0, 1200, 1200, 1200),)
    usual = make_problem(visits, [make_shift(hours=(0, 5 / 3))], matrices=matrix)
    longer = make_problem(visits, [make_shift(hours=(0, 8 / 3))], matrices=matrix)
    result = solve(longer, QUICK)
    assert result.value == 1700
    (wish,) = wishes(longer, result, QUICK, usual_day=usual)
    assert (wish.kind, wish.cost, wish.is_exact) == (WishKind.LONGER_DAY, -800, True)


def costs(problem: Problem) -> dict[str, float]:
    result = solve(problem, QUICK)
    found = wishes(problem, result, QUICK)
    assert all(wish.is_exact for wish in found)
    return {str(wish.kind): wish.cost for wish in found}


def test_shadow_values_of_a_week_with_one_day() -> None:
    shadow = solve(days(1), QUICK).shadow
    assert shadow is not None
    # Another day brings 800; the dual lies between that and what the one there brings.
    assert 800 - 1e-6 <= shadow.days[0] <= 900 + 1e-6


def test_the_shadow_value_of_money() -> None:
    shadow = solve(days(3, rules=(Budget(limit=1_500_000),)), QUICK).shadow
    assert shadow is not None
    # Half a day can be bought more: at 700 to 900 a million.
    assert 700 <= shadow.rules[0] * 1_000_000 <= 900


@pytest.mark.parametrize("seed", [1, 2])
def test_one_more_never_brings_more_than_its_shadow_value(seed: int) -> None:
    problem = regency(n_villages=25, n_teams=2, n_days=2, seed=seed)
    result = solve(problem, QUICK)
    assert result.shadow is not None
    assert result.bound is not None
    for s in range(len(problem.shifts)):
        more = solve(with_another_day(problem, s), QUICK)
        assert check(with_another_day(problem, s), more.solution) == []
        assert more.value - result.bound <= result.shadow.days[s] + 1e-6
        assert recompute(with_another_day(problem, s), more.solution)[3] == pytest.approx(
            more.value
        )
