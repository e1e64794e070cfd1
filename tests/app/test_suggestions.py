"""Dates for a request in a planned week of Kotim, each judged again from scratch."""

from datetime import date

import pytest
from sqlalchemy import Engine, delete
from sqlmodel import select

from app.db import transaction
from app.models import Plan, PlanStop
from app.plan_days import days_of_plan, place
from app.plan_rules import visits_of
from app.requests import add_request
from app.suggestions import suggest_dates
from app.travel import TravelMeans
from app.week_problem import problem_of
from geodata.requests import RequestRow
from routing import HandMade, judge
from tests.app.planned import A, solved

pytestmark = pytest.mark.search
TODAY, THURSDAY = date(2026, 11, 30), date(2026, 12, 3)


def test_dates_fit_into_the_week_as_it_is_planned(kotim_engine: Engine):
    """Team A stays at home on Thursday after all: where it was to go fits at least there."""
    plan_id, week, _ = solved(kotim_engine, solutions=3)
    problem = problem_of(week)
    with transaction(kotim_engine) as session:
        free = (PlanStop.plan_id == plan_id, PlanStop.team == A, PlanStop.day == THURSDAY)
        left = session.exec(select(PlanStop.village_code).where(*free)).first()
        session.execute(delete(PlanStop).where(*free))
        days = place(week, problem, days_of_plan(session, session.get_one(Plan, plan_id))).days
    assert left is not None
    base = judge(problem, days)
    held = week.points[min(v for day in days for v, _ in day.choices)].village_code
    with transaction(kotim_engine) as session:
        numbers = [
            add_request(session, _letter(code), account="siti").id or 0 for code in (left, held)
        ]
        found, known = (
            suggest_dates(session, n, today=TODAY, n_weeks=1, lang="en", means=TravelMeans())
            for n in numbers
        )
    assert (known["dates"], [row["plan_id"] for row in known["planned"]]) == ([], [plan_id])
    assert (A, THURSDAY.isoformat()) in {(row["team"], row["day"]) for row in found["dates"]}
    (visit,) = visits_of(week, left)
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
