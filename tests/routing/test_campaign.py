"""Campaigns against hand computation and against every way to carry out a tiny one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from routing import (
    Campaign,
    InvalidProblem,
    KitPool,
    Programme,
    Solution,
    SolveParams,
    Target,
    TimeWindow,
    WorthParams,
    added_worth,
    bound_served,
    bound_value,
    check,
    draw_campaign,
    draw_served,
    followed,
    outlook,
    plan_campaign,
    steps_of,
    team_weeks,
    totals_of,
    week_problem,
)
from routing import standing as standing_now
from routing.campaigns.campaign import joined, parted
from routing.rules import Budget
from tests.builders import HOUR, make_shift
from tests.routing.campaigns import campaigns, listed, make_campaign, optimum, people

QUICK = SolveParams(time_limit_s=20.0, solution_limit=4)
CERTAIN = WorthParams(spread_village=0.0, spread_shared=0.0, spread_gathered=0.0)


def visited(plans: list[Solution]) -> list[set[int]]:
    return [{s.visit for i in plan.itineraries for s in i.stops} for plan in plans]


def test_two_weeks_by_hand():
    """One day a week holds one visit: A first, B in the second week, nothing of A's second turn.

    A: 100 listed, half can be reached, 60 % of them come: 30. B: 80 x 0.5 x 0.6 = 24. A again would
    bring (50 - 30) x 0.35 = 7.
    """
    campaign = make_campaign([[100, 80], [100, 80]], hours=5)
    plans = plan_campaign(campaign, QUICK)
    assert visited(plans) == [{0}, {1}]
    totals = totals_of(campaign, plans)
    assert totals.worth == pytest.approx(54)
    assert totals.value == totals.worth
    assert team_weeks(campaign, plans) == [1, 1]
    assert [round(m.worth, 6) for m in followed(campaign, plans).values()] == [30, 24]


def test_a_second_visit_brings_the_second_turnout_and_all_who_are_new():
    """B has 10 listed: 3 come. A again: 20 left x 0.35 = 7; of 20 listed since 20 / 2 x 0.6 = 6."""
    campaign = make_campaign([[100, 10], [120, 10]], hours=5)
    plans = plan_campaign(campaign, QUICK)
    assert visited(plans) == [{0}, {0}]
    assert totals_of(campaign, plans).worth == pytest.approx(30 + 7 + 6)


def test_people_who_came_in_vain_come_again_with_the_second_turnout():
    """One kit serves 150 / 7 = 21.43 of 30 who come; 50 - 21.43 are left, 35 % of them come."""
    campaign = make_campaign([[100], [100]], kits=1)
    plans = plan_campaign(campaign, QUICK)
    first = 150 / 7
    assert totals_of(campaign, plans).worth == pytest.approx(first + 0.35 * (50 - first))


def test_a_week_knows_what_later_weeks_will_do():
    """A is visited in the second week: in the first it adds 7 (30 + 7 less 30), B its whole 24."""
    campaign = make_campaign([[100, 80], [100, 80]], hours=5)
    plans = plan_campaign(campaign, QUICK)
    second = [None, plans[0]]
    added = added_worth(campaign, second, [0])[0]
    assert added[0][0][0] == pytest.approx(7)
    assert added[1][0][0] == pytest.approx(24)
    problem = week_problem(campaign, second, [0])
    assert [visit.options[0].prizes for visit in problem.visits] == [(7000,), (24000,)]


def test_a_visit_that_takes_more_from_later_ones_than_it_brings_has_no_prize():
    """Called late (turnout 0.1) A brings 5 and leaves 45 for the second turnout: 15.75, not 30."""
    campaign = make_campaign([[100], [100]])
    late = replace(campaign.weeks[0].sessions[0][0][0], turnout=0.1)
    weeks = (replace(campaign.weeks[0], sessions=(((late,),),)), campaign.weeks[1])
    campaign = Campaign(weeks=weeks)
    alone = plan_campaign(Campaign(weeks=weeks[1:]), QUICK)[0]
    assert added_worth(campaign, [None, alone], [0])[0][0][0][0] == pytest.approx(20.75 - 30)
    assert week_problem(campaign, [None, alone], [0]).visits[0].options[0].prizes == (0,)


def test_pairs_of_weeks_move_visits_that_single_weeks_cannot():
    """The long day of week 1 holds two visits, the short one of week 0 one, of the near place only.

    Week by week the near place goes first (30), then the second week has 24 + 18. With the near
    place in week 0 there is nothing to gain; with days exchanged the first pass takes near and
    middle in week 0 and leaves far, which the short day cannot reach: the pair mends it.
    """
    campaign = make_campaign([[100, 80, 60]] * 2, hours=9)
    short = replace(
        campaign.weeks[1],
        problem=replace(campaign.weeks[1].problem, shifts=(make_shift(hours=(0, 4.4)),)),
    )
    campaign = Campaign(weeks=(campaign.weeks[0], short))
    alone = plan_campaign(campaign, QUICK, n_rounds=0)
    assert visited(alone) == [{0, 1}, {0}]
    both = plan_campaign(campaign, QUICK, n_rounds=1)
    assert visited(both) == [{1, 2}, {0}]
    assert totals_of(campaign, both).worth == pytest.approx(24 + 18 + 30)


@settings(max_examples=12, deadline=None)
@given(campaigns())
def test_no_plan_exceeds_the_best_and_no_bound_falls_below_it(campaign):
    best, most = optimum(campaign)
    plans = plan_campaign(campaign, QUICK, n_rounds=2)
    found = totals_of(campaign, plans)
    assert found.value <= best + 1e-6
    for week, plan in zip(campaign.weeks, plans, strict=True):
        assert check(week.problem, plan) == []
    for n_solves in (0, 2):
        value = bound_value(campaign, QUICK, best=found.value, n_solves=n_solves)
        assert value.by_week[-1] >= best - 1e-6
        served = bound_served(
            campaign, Programme.KTP_EL, QUICK, n_weeks=1, best=0.0, n_solves=n_solves
        )
        for bound, reached in zip(served.by_week, most, strict=True):
            assert bound >= reached - 1e-6


def test_the_bound_of_the_two_weeks_by_hand_is_tight():
    """No campaign brings more than 54: with a price of 24 for a visit every week is worth 24 at
    most, and 30 - 24 are left of A: 24 + 24 + 6 + 0.
    """
    campaign = make_campaign([[100, 80], [100, 80]], hours=5)
    bound = bound_value(campaign, QUICK, best=54.0, n_solves=8)
    assert 54 - 1e-9 <= bound.by_week[1] <= 54.5
    assert bound.n_proofs > 0


def test_nobody_serves_more_than_can_be_reached():
    """After many weeks the people are the limit, not the time: 100 x 0.5."""
    campaign = make_campaign([[100.0]] * 12, hours=30)
    bound = bound_served(campaign, Programme.KTP_EL, QUICK, n_weeks=12, best=0.0, n_solves=0)
    # 1 - 0.4 x 0.65^11 of 50 have come at least once.
    assert bound.by_week[-1] == pytest.approx(50 * (1 - 0.4 * 0.65**11), abs=0.01)
    assert bound.by_week[0] == pytest.approx(30, abs=0.01)


def test_a_campaign_keeps_to_its_budget():
    """Each day costs 1 million; for 1,999,999 only the best week is driven, for 2 million both."""
    for budget, days in ((1_999_999, 1), (2_000_000, 2)):
        campaign = make_campaign([[100, 80]] * 2, hours=5, day_cost=1_000_000, budget=budget)
        plans = plan_campaign(campaign, QUICK, n_rounds=1)
        assert sum(team_weeks(campaign, plans)) == days
        assert totals_of(campaign, plans).cost <= budget


def test_pairs_get_what_the_other_weeks_leave_of_the_budget():
    campaign = make_campaign([[100, 80, 60]] * 3, hours=5, day_cost=10, budget=25)
    plans = plan_campaign(campaign, QUICK, n_rounds=0)
    problem = week_problem(campaign, plans, [0, 1])
    cost_of_third = totals_of(campaign, [None, None, plans[2]]).cost
    assert problem.rules == (Budget(limit=25 - cost_of_third),)


def test_joint_weeks_come_apart_as_they_were():
    """Kits, windows and shifts of the second week stand a week later, and go back again."""
    campaign = make_campaign([[100, 80]] * 2, hours=5)
    shift = make_shift(hours=(0, 5), crew_with_kit=0, kit_pool=0)
    problem = replace(
        campaign.weeks[0].problem, shifts=(shift,), kit_pools=(KitPool(capacity=1),),
        visits=tuple(
            replace(visit, windows=(TimeWindow(start=0, end=5 * HOUR),), shifts=frozenset({0}))
            for visit in campaign.weeks[0].problem.visits
        ),
    )  # fmt: skip
    campaign = Campaign(weeks=tuple(replace(week, problem=problem) for week in campaign.weeks))
    plans = plan_campaign(campaign, QUICK, n_rounds=0)
    both = week_problem(campaign, plans, [0, 1])
    assert [s.window.start for s in both.shifts] == [0, 7 * 24 * HOUR]
    assert [s.kit_pool for s in both.shifts] == [0, 1]
    assert [s.crew for s in both.shifts] == [0, 1]
    assert both.visits[0].windows[1].start == 7 * 24 * HOUR
    assert both.visits[0].shifts == {0, 1}
    assert len(both.matrices) == 1
    assert check(both, joined(campaign, plans, [0, 1])) == []
    assert parted(campaign, joined(campaign, plans, [0, 1]), [0, 1]) == plans


def test_every_round_pairs_all_weeks_but_mirrors():
    assert steps_of(3, 1) == [(0,), (1,), (2,), (0, 2)]
    assert steps_of(4, 2) == [(0,), (1,), (2,), (3,), (0, 3), (1, 2), (0, 2)]
    assert steps_of(1, 3) == [(0,)]


def test_a_campaign_goes_on_where_it_was():
    campaign = make_campaign([[100, 80, 60]] * 3, hours=5)
    whole: list[int] = []
    plans = plan_campaign(campaign, QUICK, n_rounds=0, on_done=lambda _, weeks: whole.extend(weeks))
    assert whole == [0, 1, 2]
    rest: list[int] = []
    again = plan_campaign(
        campaign, QUICK, n_rounds=0, plans=[plans[0], None, None], done=1,
        on_done=lambda _, weeks: rest.extend(weeks),
    )  # fmt: skip
    assert rest == [1, 2]
    assert again == plans


def test_a_cancelled_campaign_keeps_its_weeks():
    campaign = make_campaign([[100, 80, 60]] * 3, hours=5)
    done: list[int] = []
    plans = plan_campaign(
        campaign,
        QUICK,
        on_done=lambda _, weeks: done.extend(weeks),
        should_stop=lambda: len(done) == 2,
    )
    assert done == [0, 1]
    assert visited(plans) == [{0}, {1}, set()]


def test_weeks_must_fit_each_other():
    with pytest.raises(InvalidProblem, match="week 1 has other visits"):
        Campaign(weeks=(make_campaign([[1, 2]]).weeks[0], make_campaign([[1]]).weeks[0]))
    with pytest.raises(InvalidProblem, match="no week"):
        Campaign(weeks=())
    week = make_campaign([[1]]).weeks[0]
    ruled = replace(week, problem=replace(week.problem, rules=(Budget(limit=1),)))
    with pytest.raises(InvalidProblem, match="rules"):
        Campaign(weeks=(ruled,))
    with pytest.raises(InvalidProblem, match="2 needs and 1 places"):
        replace(week, needs=(listed(1), listed(2)))


TARGET = Target(programme=Programme.KTP_EL, share=0.9, base=(200.0, 200.0), recorded=(130.0, 130.0))


def standing(campaign: Campaign, target: Target = TARGET, n_draws: int = 2000):
    plans = plan_campaign(campaign, QUICK)
    most = bound_served(campaign, Programme.KTP_EL, QUICK, n_weeks=1, best=0.0, n_solves=2)
    drawn = draw_campaign(campaign, plans, n_draws=n_draws)[Programme.KTP_EL]
    return outlook(campaign, plans, target, most_served=most.by_week, drawn=drawn)


def test_the_target_by_hand():
    """Wanted 180 of 200, recorded 130; the weeks serve 30 and 24: 160 and 184.

    Not recorded 40 and 16; missing to the target 20 and none. In one week nobody serves more than
    30, so none can reach it in the first.
    """
    campaign = make_campaign([[100, 80], [100, 80]], hours=5, params=CERTAIN)
    found = standing(campaign)
    assert [round(s.not_recorded, 6) for s in found.standings] == [40, 16]
    assert [s.gap_to_target for s in found.standings] == [20, 0]
    assert [s.share for s in found.standings] == pytest.approx([0.80, 0.92])
    assert (found.reached, found.earliest) == (1, 1)
    # (130 + 90 who can be reached) / 200 is more than everybody: some are listed elsewhere.
    assert found.ceiling == pytest.approx(1.1)
    assert found.to_verify == 0


@pytest.mark.parametrize(("wanted", "week"), [(0.92, 1), (0.9224, 1), (0.9226, None)])
def test_a_target_just_inside_and_just_outside(wanted, week):
    """184 of 200 are recorded: 92.24 % are 184.48 people, so 184; 92.26 % are 185."""
    campaign = make_campaign([[100, 80], [100, 80]], hours=5)
    assert standing(campaign, replace(TARGET, share=wanted)).reached == week


def test_people_found_dead_or_moved_are_taken_off_the_base():
    """All of the 50 of A that cannot be reached, then the 40 of B: 160 of 150, 184 of 110."""
    campaign = make_campaign([[100, 80], [100, 80]], hours=5)
    found = standing(campaign, replace(TARGET, share=1.0, verified_share=1.0))
    assert [s.verified for s in found.standings] == [50, 90]
    assert [s.base for s in found.standings] == [150, 110]
    assert found.reached == 0


def test_what_must_be_verified_for_a_target_out_of_reach():
    """184 are recorded at the end; 99 % of 187 are 185.13, so 185; of 186 184.14: 14 must go."""
    campaign = make_campaign([[100, 80], [100, 80]], hours=5)
    found = standing(campaign, replace(TARGET, share=0.99))
    assert found.reached is None
    assert found.to_verify == 14


def test_the_range_of_weeks_is_that_of_the_courses():
    """P(30 or so of 50 come) decides: the target of 160 after one week is as likely as not."""
    campaign = make_campaign([[100, 80], [100, 80]], hours=5, params=CERTAIN)
    found = standing(campaign, replace(TARGET, share=0.80))
    assert (found.low, found.high) == (0, 1)
    assert found.chance > 0.99
    sure = standing(campaign, replace(TARGET, share=0.70))  # 140: 10 of 30 are always there
    assert (sure.low, sure.high) == (0, 0)
    never = standing(campaign, replace(TARGET, share=1.0, base=(400.0, 400.0)))
    assert (never.low, never.high, never.chance) == (None, None, 0.0)


def test_what_is_recorded_lies_between_its_tenths():
    """Of 100 each comes with 0.5 x 0.6: 30 -+ 1.2816 x sqrt(21), 24.1 to 35.9."""
    campaign = make_campaign([[100, 80], [100, 80]], hours=5, params=CERTAIN)
    found = standing(campaign)
    assert (found.recorded_low[0], found.recorded_high[0]) == (130 + 24, 130 + 36)
    assert found.recorded_low[1] < found.standings[1].recorded < found.recorded_high[1]


@pytest.mark.parametrize(
    ("share", "base", "recorded", "expected"),
    [
        pytest.param(0.994, 530_130, 523_815, (6_315, 3_134), id="Kaltara, June 2024"),
        pytest.param(0.99, 1_250_088, 1_234_871, (15_217, 2_716), id="Kaltim, akta, November 2024"),
        pytest.param(0.994, 2_878_769, 2_868_568, (10_201, 0), id="Kaltim, above its target"),
        pytest.param(0.994, 316_474, 316_632, (-158, 0), id="Kotim 2025, more than wajib KTP"),
        pytest.param(0.5, 3, 1, (2, 1), id="a half upwards"),
        pytest.param(0.5, 3, 2, (1, 0), id="just reached"),
    ],
)
def test_not_recorded_and_gap_to_target_are_two_numbers(share, base, recorded, expected):
    """Published figures; the third lies 7,072 above its target, the fourth was 100.05 %."""
    now = standing_now(share, base, recorded)
    assert (now.not_recorded, now.gap_to_target) == expected


def test_a_campaign_of_one_visit_spreads_like_a_visit():
    """Without a cap on its share the first visit is the beta-binomial of ``draw_served``."""
    campaign = make_campaign([[100.0]], params=replace(CERTAIN, spread_village=0.05))
    plans = plan_campaign(campaign, QUICK)
    drawn = draw_campaign(campaign, plans)[Programme.KTP_EL][0]
    one = draw_served([replace(campaign.weeks[0].sessions[0][0][0], need=listed(100))])[0]
    single = one[Programme.KTP_EL]
    assert drawn.mean() == pytest.approx(single.mean(), rel=0.02)
    assert drawn.std() == pytest.approx(single.std(), rel=0.08)


def test_courses_are_what_is_expected_on_average():
    """Three visits, new people in between: 30, then 20 x .35 + 10 x .6, then the rest x .35."""
    campaign = make_campaign([[100.0], [120.0], [120.0]], params=CERTAIN)
    plans = plan_campaign(campaign, QUICK)
    drawn = draw_campaign(campaign, plans)[Programme.KTP_EL]
    left = 20 * 0.65 + 10 * 0.4
    expected = [30, 20 * 0.35 + 10 * 0.6, left * 0.35]
    assert drawn.mean(axis=1).tolist() == pytest.approx(expected, rel=0.03)


def test_courses_never_serve_more_than_there_are():
    campaign = make_campaign([[40.0]] * 6, params=WorthParams())
    plans = plan_campaign(campaign, QUICK, n_rounds=0)
    total = draw_campaign(campaign, plans)[Programme.KTP_EL].sum(axis=0)
    assert total.max() <= 40
    assert np.all(total == np.round(total))


def test_gathered_people_come_once():
    """A school brings 30, of whom one kit serves 150 / 7; the rest come at the next visit."""
    campaign = make_campaign([[0.0]] * 2, kits=1)
    need = replace(listed(0), gathered=people(pemula=30))
    campaign = Campaign(weeks=tuple(replace(w, needs=(need,)) for w in campaign.weeks))
    plans = plan_campaign(campaign, QUICK)
    served = [m.served[Programme.PEMULA] for m in followed(campaign, plans).values()]
    assert served == pytest.approx([150 / 7, 30 - 150 / 7])
