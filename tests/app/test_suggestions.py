"""Dates for a request in a planned week of Kotim, each judged again from scratch."""

from datetime import date

import pytest
from sqlalchemy import Engine

from app.db import reading, transaction
from app.models import Plan
from app.plan_days import days_of_plan, place
from app.plan_rules import visits_of
from app.requests import add_request
from app.suggestions import suggest_dates
from app.travel import TravelMeans
from app.week_problem import problem_of
from geodata.requests import RequestRow
from routing import HandMade, judge
from tests.app.planned import solved

pytestmark = pytest.mark.search
TODAY = date(2026, 11, 30)


def test_dates_fit_into_the_week_as_it_is_planned(kotim_engine: Engine):
    plan_id, week, result = solved(kotim_engine, solutions=3)
    problem = problem_of(week)
    with reading(kotim_engine) as session:
        days = place(week, problem, days_of_plan(session, session.get_one(Plan, plan_id))).days
    base = judge(problem, days)
    made = {v for day in days for v, _ in day.choices}
    left = [week.points[u.visit].village_code for u in result.unserved if u.reason == "not-chosen"]
    held = week.points[min(made)].village_code
    with transaction(kotim_engine) as session:
        numbers = [
            add_request(session, _letter(code), account="siti").id or 0 for code in (left[0], held)
        ]
        found, known = (
            suggest_dates(session, n, today=TODAY, n_weeks=1, lang="en", means=TravelMeans())
            for n in numbers
        )
    assert (known["dates"], [row["plan_id"] for row in known["planned"]]) == ([], [plan_id])
    assert found["dates"]
    (visit,) = visits_of(week, left[0])
    shifts = {(s.team.name, s.day.isoformat()): n for n, s in enumerate(week.shifts)}
    for row in found["dates"]:
        assert row["day"] > TODAY.isoformat()
        shift = shifts[row["team"], row["day"]]
        own = next((d for d in days if d.shift == shift), HandMade(shift=shift, choices=()))
        at, option = row["order"] - 1, week.params["minutes"].index(row["minutes"])
        choices = (*own.choices[:at], (visit, option), *own.choices[at:])
        added = HandMade(shift=shift, choices=choices, with_kit=row["with_kit"])
        after = judge(problem, [*(d for d in days if d.shift != shift), added])
        assert after.violations == ()
        assert row["value"] == pytest.approx((after.value - base.value) / 1000, abs=0.001)
        assert row["worth"] == pytest.approx((after.prize - base.prize) / 1000, abs=0.001)
        assert row["cost_rupiah"] == after.cost - base.cost


def _letter(village: str) -> RequestRow:
    return RequestRow(
        village_code=village, kind="village", number="1", letter_date=date(2026, 11, 1),
        programmes=("ktp_el",), people=9,
    )  # fmt: skip
