"""Tiny campaigns, and every way to carry one out; the arithmetic of visits is worked out anew."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, product

from hypothesis import strategies as st

from routing import (
    Attendance,
    ByProgramme,
    Campaign,
    CampaignWeek,
    Crew,
    Need,
    Programme,
    ServiceMode,
    WorthParams,
)
from routing.worth import NOBODY
from tests.builders import HOUR, make_problem, make_shift, make_visit

PARAMS = WorthParams()


def people(**numbers: float) -> ByProgramme:
    return ByProgramme(**{p.value: float(numbers.get(p.value, 0.0)) for p in Programme})


def listed(ktp_el: float, **more: float) -> Need:
    return Need(listed=people(ktp_el=ktp_el, **more), inflow=0.0, is_stale=False)


def make_campaign(
    weeks: Sequence[Sequence[float]], *, hours: float = 8, kits: int = 5, minutes: int = 240,
    params: WorthParams = PARAMS, rupiah: int | None = None, day_cost: int = 0,
    budget: int | None = None,
) -> Campaign:  # fmt: skip
    """Places ten minutes apart on a road; ``weeks`` is who is listed at each by week.

    One team works one day a week, ``hours`` long.
    """
    shift = make_shift(hours=(0, hours), fixed_cost=day_cost)
    problem = make_problem(
        [make_visit(1 + v, duration=60 * minutes) for v in range(len(weeks[0]))], [shift],
        rupiah_per_document=rupiah,
    )  # fmt: skip
    session = Attendance(
        need=listed(0), turnout=params.turnout_first, turnout_again=params.turnout_second,
        minutes=minutes, mode=ServiceMode.ONLINE, crew=Crew(kits=kits, desks=1), params=params,
    )  # fmt: skip
    return Campaign(
        weeks=tuple(
            CampaignWeek(
                problem=problem, needs=tuple(listed(n) for n in needs),
                sessions=tuple(((session,),) for _ in needs),
            )
            for needs in weeks
        ),
        budget=budget,
    )  # fmt: skip


def optimum(campaign: Campaign) -> tuple[float, list[float]]:
    """Try every set of places in every week.

    Gives the best worth less cost, and by week the most KTP-el served until its end.
    """
    weeks = campaign.weeks
    plans = [_day_plans(week) for week in weeks]
    best, most = 0.0, [0.0] * len(weeks)
    for chosen in product(*plans):
        cost = sum(c for _, c in chosen)
        if campaign.budget is not None and cost > campaign.budget:
            continue
        by_week = [0.0] * len(weeks)
        for v in range(campaign.n_visits):
            at = [w for w, (made, _) in enumerate(chosen) if v in made]
            for w, served in zip(at, _course(campaign, v, at), strict=True):
                by_week[w] += served
        rate = weeks[0].problem.rupiah_per_document
        best = max(best, sum(by_week) - (cost / rate if rate else 0.0))
        most = [max(old, sum(by_week[: w + 1])) for w, old in enumerate(most)]
    return best, most


def _day_plans(week: CampaignWeek) -> list[tuple[frozenset[int], int]]:
    """Sets of places that one day holds, and their cost; the road is a line, so its end counts."""
    problem = week.problem
    shift, n = problem.shifts[0], len(problem.visits)
    found = [(frozenset[int](), 0)]
    for size in range(1, n + 1):
        for made in combinations(range(n), size):
            travel = 2 * max(problem.visits[v].node for v in made) * 600
            work = sum(problem.visits[v].options[0].duration for v in made)
            if travel + work <= shift.window.end - shift.window.start:
                found.append((frozenset(made), shift.fixed_cost))
    return found


def _course(campaign: Campaign, v: int, weeks: Sequence[int]) -> list[float]:
    """Count two groups of people by hand: those never called, and those called before."""
    found, new_before, called = [], 0.0, 0.0
    for w in weeks:
        session = campaign.weeks[w].sessions[v][0][0]
        params, need = session.params, campaign.weeks[w].needs[v]
        everybody = need.listed.ktp_el * params.reachable_share.ktp_el
        fresh = everybody - new_before
        come = fresh * session.turnout + called * session.turnout_again
        places = (session.minutes - 90) * session.crew.kits / 7
        served = min(come, places)
        part = served / come if come else 0.0
        called = fresh * (1 - part * session.turnout) + called * (1 - part * session.turnout_again)
        new_before = everybody
        found.append(served)
    return found


@st.composite
def campaigns(draw: st.DrawFn) -> Campaign:
    """Two or three weeks, up to four places, more people listed week by week, one or two kits."""
    n = draw(st.integers(1, 4))
    first = [draw(st.floats(0, 120)) for _ in range(n)]
    weeks = [first]
    for _ in range(draw(st.integers(1, 2))):
        weeks.append([x + draw(st.sampled_from([0.0, 3.0, 20.0])) for x in weeks[-1]])
    params = replace(
        PARAMS, turnout_first=draw(st.sampled_from([0.2, 0.6, 1.0])),
        turnout_second=draw(st.sampled_from([0.0, 0.35, 0.9])),
    )  # fmt: skip
    return make_campaign(
        weeks, hours=draw(st.sampled_from([4.4, 6, 9, 14])), kits=draw(st.integers(0, 2)),
        params=params, rupiah=draw(st.sampled_from([None, 100_000])), day_cost=1_000_000,
    )  # fmt: skip


__all__ = ["HOUR", "NOBODY", "campaigns", "listed", "make_campaign", "optimum", "people"]
