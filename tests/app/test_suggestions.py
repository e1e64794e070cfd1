"""Dates for a request in a planned week of Kotim, each judged again from scratch."""

from datetime import date

import pytest
from sqlalchemy import Engine

from app.db import transaction
from app.models import Plan
from app.plan_days import days_of_plan, place
from app.plan_rules import visits_of
from app.requests import add_request
from app.suggestions import suggest_dates
from app.travel import TravelMeans
from app.week_problem import problem_of
from geodata.requests import RequestRow
from routing import HandMade, judge
from tests.app.planned import HILIR, MONDAY, PALANGAN, A, B, by_hand

pytestmark = pytest.mark.search
THURSDAY = date(2026, 12, 3)
TELAGA_BARU = "62.02.06.2010"  # minutes from the bases of Sampit


def test_dates_fit_into_the_week_as_it_is_planned(kotim_engine: Engine):
    made = {(A, MONDAY): [HILIR], (B, THURSDAY): [PALANGAN]}
    plan_id, week, _ = by_hand(kotim_engine, made)
    problem = problem_of(week)
    with transaction(kotim_engine) as session:
        days = place(week, problem, days_of_plan(session, session.get_one(Plan, plan_id))).days
        numbers = [
            add_request(session, _letter(code), account="siti").id or 0
            for code in (TELAGA_BARU, HILIR)
        ]
        found, known = (
            suggest_dates(session, n, today=MONDAY, n_weeks=1, lang="en", means=TravelMeans())
            for n in numbers
        )
    base = judge(problem, days)
    assert (known["dates"], [row["plan_id"] for row in known["planned"]]) == ([], [plan_id])
    assert found["dates"]
    (visit,) = visits_of(week, TELAGA_BARU)
    shifts = {(s.team.name, s.day.isoformat()): n for n, s in enumerate(week.shifts)}
    for row in found["dates"]:
        assert row["day"] > MONDAY.isoformat()
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
