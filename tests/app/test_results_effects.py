"""What reports change: the need and rates of later plans, schools, the signal layer."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.areas import limit
from app.connectivity import rejoin
from app.current import CurrentCount
from app.db import reading, transaction
from app.models import (
    Plan,
    PlanStep,
    PlanStop,
    ResultEntry,
    Role,
    ServicePoint,
    SignalReport,
    VillageConnectivity,
    VillageCount,
)
from app.params import set_params
from app.points import Point
from app.results.ledger import take_in
from app.results.left import reported_since, still_expected
from app.results.lessons import lessons
from app.results.outcomes import Outcomes
from app.results.standing import Place, SessionResult, Told
from app.results.totals import village_totals
from app.viewing import set_view, view_for
from app.week import Week, load_week
from routing import WorthParams
from tests.app.planned import PALANGAN, A, ask, visit_of
from tests.app.reports import MONDAY_STOP, OTHER_STOP, person, publish, report

# What is asked of a database here is what test_results_http.py asks of both.
pytestmark = pytest.mark.search

SESSION = (A, "2026-11-30", PALANGAN)
DISTRICT = PALANGAN[:8]


def week_after(engine: Engine, week: str = "2026-W50") -> Week:
    plan_id = ask(engine, week=week)
    with reading(engine) as session:
        return load_week(session, plan_id)


def published(engine: Engine) -> int:
    """Store a plan that teams worked by, without solving it."""
    plan_id = ask(engine)
    with transaction(engine) as session:
        plan = session.get_one(Plan, plan_id)
        plan.state, plan.version = "published", 1
        session.add(PlanStep(plan_id=plan_id, version=1, account="x", action="publish",
                             before="approved", after="published"))  # fmt: skip
    return plan_id


def test_later_plans_look_for_who_is_left(kotim_engine: Engine):
    before = week_after(kotim_engine)
    at = visit_of(before, PALANGAN)
    listed = before.needs[at].listed.ktp_el
    n = int(listed)
    plan_id = published(kotim_engine)
    sent = report(
        1, SESSION, plan_id=plan_id, served=n // 5, absent=n // 5, deceased=1, not_found=n // 5
    )
    with transaction(kotim_engine) as session:
        assert take_in(session, plan_id, [sent], person())["accepted"] == 1

    after = week_after(kotim_engine)
    left = after.needs[at]
    # Who was listed on the day of the session is taken off; a week of 17-year-olds is new.
    assert 0 < left.listed.ktp_el < 1
    then = listed - left.listed.ktp_el
    reach = after.params_in(PALANGAN).reachable_share.ktp_el
    assert left.missed.ktp_el == pytest.approx(then * reach - n // 5)
    assert left.listed.kia == before.needs[at].listed.kia
    # The corrected share by hand: 2k of 3k + 1 people were reached, k of 2k came.
    k, people = n // 5, 3 * (n // 5) + 1
    effective = people / (1 + (people - 1) * 0.05)
    assert reach == pytest.approx((effective * 2 * k / people + 15 * 0.5) / (effective + 15))
    # No stop of the plan: whether it was announced is not known, so turnout is not learned.
    assert after.params_in(PALANGAN).turnout_first == before.worth_params.turnout_first
    assert after.params_in("62.02.05.1008") == before.worth_params
    # The plan of the session's own week plans that session itself.
    own = week_after(kotim_engine, "2026-W49").needs[at]
    assert own.missed.ktp_el == 0
    assert listed - 1 < own.listed.ktp_el < listed  # a week of 17-year-olds less
    # What is reported later changes other plans, not the one that was asked for before.
    with transaction(kotim_engine) as session:
        more = report(2, SESSION, plan_id=plan_id, corrects=1, served=n)
        take_in(session, plan_id, [more], person())
        assert load_week(session, after.plan_id).needs[at] == left

    with transaction(kotim_engine) as session:
        values = {"results.lower_need": False, "results.learn": False}
        set_params(session, values, by="A", reason="a test")
    unused = week_after(kotim_engine)
    assert unused.needs[at] == before.needs[at]
    assert unused.params_in(PALANGAN) == before.worth_params


def test_a_week_made_anew_does_not_make_its_old_stops_late(seeded: Engine):
    # Made anew on the Sunday; Monday's stop of A was told ten days ahead, that of B only then.
    publish(seeded)
    asked = {
        "announced_on": "2026-11-29",
        "announced_before": {"on": "2026-11-20", "points": [MONDAY_STOP[2]]},
    }
    with transaction(seeded) as session:
        session.get_one(Plan, 1).params = asked
        sent = [report(1, served=4), report(2, OTHER_STOP, served=5)]
        assert take_in(session, 1, sent, person())["accepted"] == 2
        told = lessons(session, "62.02", WorthParams())  # late: less than three days ahead
    assert {one.counts["ktp_el"].served: one.is_announced for one in told} == {4: True, 5: False}


def test_a_school_is_known_by_its_stop_and_also_where_no_plan_has_one(seeded: Engine):
    publish(seeded)
    school = f"{OTHER_STOP[2]}-SMA"
    with transaction(seeded) as session:
        stop = session.exec(
            select(PlanStop).where(PlanStop.plan_id == 1, PlanStop.village_code == MONDAY_STOP[2])
        ).one()
        stop.point_kind = "school"
        session.get_one(Plan, 1).params = {"announced_on": "2026-11-20"}
        session.add(
            ServicePoint(code=school, village_code=OTHER_STOP[2], name="SMA", kind="school",
                         lon=112.0, lat=-2.0)
        )  # fmt: skip
        sent = [
            report(1, served=4),
            report(2, (*OTHER_STOP[:2], school), village_code=OTHER_STOP[2], served=5),
            report(3, OTHER_STOP, served=6),
        ]
        assert take_in(session, 1, sent, person())["accepted"] == 3
        told = lessons(session, "62.02", WorthParams())
    assert {one.counts["ktp_el"].served: one.gathers for one in told} == {
        4: True,
        5: True,
        6: False,
    }


@pytest.mark.parametrize(("home_visits", "minutes"), [(0, 120), (3, None)])
def test_a_session_with_visits_at_home_teaches_no_minutes(
    seeded: Engine, home_visits: int, minutes: float | None
):
    publish(seeded)
    times = {"start": "2026-11-30T08:00:00+07:00", "end": "2026-11-30T10:00:00+07:00"}
    with transaction(seeded) as session:
        session.get_one(Plan, 1).params = {"announced_on": "2026-11-20"}
        for stop in session.exec(select(PlanStop).where(PlanStop.plan_id == 1)):
            stop.home_visits, stop.break_minutes = home_visits, 0
        assert take_in(session, 1, [report(1, served=4, **times)], person())["accepted"] == 1
        (told,) = lessons(session, "62.02", WorthParams())
    assert told.minutes == minutes


def result(day: date, *, code: str = "62.02.01.2001", serves=None, **programmes) -> SessionResult:
    entry = ResultEntry(
        plan_id=1, key=str(uuid.uuid4()), digest=uuid.uuid4().hex, team="A", day=day,
        point_code=code, village_code=code[:13], serves=serves or [code[:13]],
        told_at=datetime(2026, 12, 1, tzinfo=UTC), account="x", via="phone", plan_state="closed",
    )  # fmt: skip
    told = Told(entry, programmes)
    return SessionResult(place=Place("A", day, code), live=(told,), counts=programmes)


def test_only_what_came_after_a_count_is_taken_off_programme_by_programme():
    code, june, july = "62.02.01.2001", date(2026, 6, 30), date(2026, 7, 31)
    old = VillageCount(village_code=code, as_of=june, import_id=1, belum_akta=9)
    new = VillageCount(village_code=code, as_of=july, import_id=2, wajib_ktp=90, sudah_rekam=50,
                       belum_rekam=40)  # fmt: skip
    held = {"belum_akta": old, "wajib_ktp": new, "sudah_rekam": new, "belum_rekam": new}
    count = CurrentCount(as_of=july, imported=new, held=held, wajib_ktp=90, sudah_rekam=50,
                         belum_rekam=40, belum_akta=9)  # fmt: skip
    both = {"ktp_el": Outcomes(served=2), "akta": Outcomes(served=3)}
    sessions = [result(day, **both) for day in (june, july, july + timedelta(1))]
    since = reported_since(sessions, {code: count}, before=date(2026, 8, 2))[code]
    assert since.people == {"ktp_el": Outcomes(served=2), "akta": Outcomes(served=6)}
    assert since.n_sessions == 2
    assert reported_since(sessions, {code: count}, before=date(2026, 8, 1))[code].people == {
        "akta": Outcomes(served=3)
    }


def test_a_school_expects_no_more_who_was_served_there(seeded: Engine):
    code = "62.02.01.2001-SMA"
    point = Point(
        code=code, name="SMA", kind="school", village_code=code[:13], lon=112.0, lat=-2.4,
        serves=(code[:13],), expected={"pemula": 60, "ktp_el": 5},
    )  # fmt: skip
    served = result(date(2026, 11, 30), code=code, pemula=Outcomes(served=40, already_had=5))
    with Session(seeded) as session:
        session.add(
            ServicePoint(code=code, village_code=code[:13], name="SMA", kind="school", lon=112.0,
                         lat=-2.4, expected={"pemula": 60},
                         changed_at=datetime(2026, 11, 29, 1, tzinfo=UTC))
        )  # fmt: skip
        session.flush()
        (left,) = still_expected(session, [point], [served], before=date(2026, 12, 7))
        assert left.expected == {"pemula": 15, "ktp_el": 5}
        for before in (date(2026, 11, 30), date(2026, 11, 1)):
            assert still_expected(session, [point], [served], before=before) == [point]
        # 17:00 UTC on the 29th is midnight of the 30th in WIB: told on the session's own day.
        row = session.get_one(ServicePoint, code)
        for hour, taken in ((16, 45), (17, 0)):
            row.changed_at = datetime(2026, 11, 29, hour, tzinfo=UTC)
            session.flush()
            (left,) = still_expected(session, [point], [served], before=date(2026, 12, 7))
            assert left.expected["pemula"] == 60 - taken


def test_villages_of_a_hub_share_what_it_served(seeded: Engine):
    publish(seeded)
    with transaction(seeded) as session:
        take_in(session, 1, [report(1, served=8), report(2, OTHER_STOP, served=5)], person())
        # 62.02.01.2001 has 10 people to look for, 62.02.02.2001 has 30.
        hub = report(3, ("A", "2026-12-01", "62.02.02.2001-HUB"), served=8)
        hub["village_code"] = "62.02.02.2001"
        session.add(ServicePoint(code="62.02.02.2001-HUB", village_code="62.02.02.2001",
                                 name="Hub", kind="other", lon=112.2, lat=-2.4))  # fmt: skip
        session.flush()
        take_in(session, 1, [hub], person())
        totals = village_totals(session, "62.02")
        assert {code: table["ktp_el"].served for code, table in totals.items()} == {
            "62.02.01.2001": 8, "62.02.01.2002": 5, "62.02.02.2001": 8,
        }  # fmt: skip
        assert set(village_totals(session, "62.02", since=date(2026, 11, 30))) == {"62.02.02.2001"}
        assert len(village_totals(session, "62.02", until=date(2026, 11, 30))) == 2


@pytest.mark.parametrize(("days", "signal"), [(180, "strong"), (181, "none")])
def test_a_measurement_beats_lists_that_are_little_newer(seeded: Engine, days: int, signal: str):
    publish(seeded)
    with transaction(seeded) as session:
        sent = report(1, served=1, signal="strong", signal_mbps=3.5, power="no")
        take_in(session, 1, [sent], person())
        known = session.get_one(VillageConnectivity, MONDAY_STOP[2])
        assert (known.signal, known.definition, known.power) == (
            "strong", "field_measurement", "no",
        )  # fmt: skip
        session.add(
            SignalReport(import_id=3, village_code=MONDAY_STOP[2], signal="none", status="x",
                         observed_on=date(2026, 11, 30) + timedelta(days), source="podes",
                         definition="podes", confidence="medium", row=9)
        )  # fmt: skip
        session.flush()
        rejoin(session)
        session.expire_all()
        found = session.exec(select(VillageConnectivity.signal).where(
            VillageConnectivity.village_code == MONDAY_STOP[2])).one()  # fmt: skip
        assert found == signal


def test_a_team_measures_without_hiding_what_others_did(seeded: Engine):
    publish(seeded)
    with transaction(seeded) as session:
        take_in(session, 1, [report(1, OTHER_STOP, served=1, signal="strong")], person())
    team = person(Role.TEAM, "A")
    with transaction(seeded) as session:
        limit(session, "62.02")
        set_view(session, view_for(team, 5))
        take_in(session, 1, [report(2, served=1, signal="weak")], team)
    with reading(seeded) as session:
        found = {code: session.get_one(VillageConnectivity, code).signal
                 for code in (OTHER_STOP[2], MONDAY_STOP[2])}  # fmt: skip
        assert found == {OTHER_STOP[2]: "strong", MONDAY_STOP[2]: "weak"}
