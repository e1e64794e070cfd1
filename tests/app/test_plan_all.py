"""One week for every office, by command and every Friday by itself."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import select

from app.audit import entries
from app.db import connect, reading, transaction
from app.errors import BadWeek, NoOffices, QueueNeedsPostgresql
from app.jobs import lease
from app.jobs.plan_all import plan_all
from app.jobs.runner import runner_of_worker
from app.jobs.schedule import Clock, ask_if_due, last_due
from app.jobs.stopping import Stop
from app.jobs.tasks import run_task
from app.models import Job, Plan, Team
from app.settings import Settings
from tests.app.conftest import make_settings

WEEK = "2026-W50"


@pytest.fixture
def offices(seeded: Engine) -> Engine:
    """The seeded regency, and one beyond the island with a team and nothing else."""
    with transaction(seeded) as session:
        [team, *_] = session.exec(select(Team))
        values = team.model_dump()
        session.add(Team(**{**values, "name": "Timur Jauh", "regency_code": "65.01"}))
    return seeded


def test_every_office_gets_its_plan_or_a_reason(offices: Engine, settings: Settings):
    here, there = plan_all(offices, settings, "", week=WEEK, seconds=1)
    assert (here.regency, here.week, here.error) == ("62.02", WEEK, None)
    job = lease.read(offices, here.job_id or 0)
    assert (job.state, job.plan_id, job.priority) == ("todo", here.plan_id, -1)
    with reading(offices) as session:
        plan = session.get(Plan, here.plan_id)
        assert plan is not None
        assert (plan.week, plan.params["seconds"]) == (WEEK, 1.0)
    assert (there.regency, there.plan_id, there.job_id) == ("65.01", None, None)
    assert there.error is not None
    assert "65.01" in there.error["detail"]


def test_asked_again_only_what_is_missing_is_planned(offices: Engine, settings: Settings):
    [first] = plan_all(offices, settings, "62", week=WEEK)
    with transaction(offices) as session:
        plan = session.get_one(Plan, first.plan_id)
        plan.solved_at = datetime(2026, 12, 1, tzinfo=UTC)
        session.get_one(Job, first.job_id).state = "succeeded"
    [second] = plan_all(offices, settings, "62.02", week=WEEK)
    assert (second.plan_id, second.job_id, second.error) == (first.plan_id, None, None)
    with transaction(offices) as session:
        session.get_one(Plan, first.plan_id).state = "cancelled"
    [third] = plan_all(offices, settings, "62", week=WEEK)
    assert third.plan_id != first.plan_id
    assert third.job_id is not None


def test_asked_again_the_job_at_a_plan_is_told(offices: Engine, settings: Settings):
    """A command that was killed midway left it to do: the second call does it."""
    [first] = plan_all(offices, settings, "62", week=WEEK)
    assert plan_all(offices, settings, "62", week=WEEK) == [first]
    with reading(offices) as session:
        assert len(session.exec(select(Job).where(Job.plan_id == first.plan_id)).all()) == 1


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_a_plan_whose_job_came_to_nothing_is_solved_again(
    offices: Engine, settings: Settings, end: str
):
    [first] = plan_all(offices, settings, "62", week=WEEK)
    with transaction(offices) as session:
        session.get_one(Job, first.job_id).state = end
    [second] = plan_all(offices, settings, "62", week=WEEK)
    assert (second.plan_id, second.error) == (first.plan_id, None)
    assert second.job_id not in {None, first.job_id}
    job = lease.read(offices, second.job_id or 0)
    assert (job.state, job.plan_id, job.priority) == ("todo", first.plan_id, -1)


def test_nobody_to_plan_for_is_said(offices: Engine, settings: Settings):
    with pytest.raises(NoOffices, match="area 11"):
        plan_all(offices, settings, "11", week=WEEK)
    with pytest.raises(BadWeek):
        plan_all(offices, settings, "62", week="2026-W54")


def test_what_the_schedule_asks_for_stands_in_the_log(offices: Engine, settings: Settings):
    plan_all(offices, settings, "62.02", week=WEEK)
    with reading(offices) as session:
        assert entries(session) == [], "a person's command records by itself"
    for _ in range(2):  # the second time it is there
        [asked] = plan_all(offices, settings, "62.02", week="2026-W51", is_scheduled=True)
    with reading(offices) as session:
        (row,) = entries(session)
    assert (row["action"], row["via"]) == ("create_plan", "schedule")
    assert row["subject"] == f"/api/v1/plans/{asked.plan_id}"


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-11-27T06:59:00", "2026-11-20T15:00:00+08:00"),  # 14:59 WITA: last week's
        ("2026-11-27T07:00:00", "2026-11-27T15:00:00+08:00"),
        ("2026-11-30T00:00:00", "2026-11-27T15:00:00+08:00"),
    ],
    ids=["a minute before", "on the minute", "on Monday"],
)
def test_fridays_are_those_of_the_office(moment: str, due: str):
    """2026-11-27 is a Friday; province 65 keeps WITA, UTC+8."""
    told = last_due("fri 15:00", "65", datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert told.isoformat() == due


def test_a_week_is_asked_for_once_and_not_after_it_began(seeded: Engine, tmp_path: Path):
    settings = make_settings(tmp_path, plan_every="fri 15:00", plan_area="62")

    def look(moment: str) -> int | None:
        return ask_if_due(seeded, settings, datetime.fromisoformat(moment + "+00:00"))

    assert look("2026-11-27T07:59:00") is None  # 62 keeps WIB, UTC+7: 14:59
    job_id = look("2026-11-27T08:00:00")
    assert job_id is not None
    job = lease.read(seeded, job_id)
    assert (job.kind, job.area, job.args) == ("plan_all", "62", {"area": "62", "week": "2026-W49"})
    assert look("2026-11-27T08:00:20") is None
    assert look("2026-12-04T08:00:00") is not None
    # A server that was off makes up for it for two days, until Sunday 15:00.
    assert look("2026-12-13T08:00:00") is not None
    assert look("2026-12-20T08:00:01") is None
    assert ask_if_due(seeded, make_settings(tmp_path), datetime.now(UTC)) is None  # never: default
    # Due on Sunday at 20:00: four hours later the week of 2026-12-28 runs.
    settings = make_settings(tmp_path, plan_every="sun 20:00", plan_area="62")
    assert look("2026-12-27T17:00:00") is None  # Monday 00:00 WIB
    assert look("2026-12-27T16:59:59") is not None


def test_the_clock_outlives_any_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """No connection free, or one gone: neither is an ``OperationalError``."""
    errors: list[Exception] = [PoolTimeout("no connection"), InterfaceError("", None, OSError())]
    looked_again = threading.Event()

    def look(*_: object) -> None:
        if errors:
            raise errors.pop()
        looked_again.set()

    monkeypatch.setattr("app.jobs.schedule.ask_if_due", look)
    monkeypatch.setattr("app.jobs.schedule.LOOK_S", 0.01)
    clock = Clock(create_engine("sqlite://"), make_settings(tmp_path, plan_every="fri 15:00"))
    clock.start()
    seen = looked_again.wait(30)
    clock.stop()
    assert seen
    assert caplog.text.count("could not see whether plans are due") == 2


def test_the_job_asks_for_every_office(offices: Engine, settings: Settings):
    with transaction(offices) as session:
        job = Job(kind="plan_all", args={"area": "", "week": WEEK})
        session.add(job)
    result = run_task(offices, settings, job, lambda _: None, Stop(lambda _: None))
    assert [item["regency"] for item in result["items"]] == ["62.02", "65.01"]
    with reading(offices) as session:
        assert len(session.exec(select(Plan).where(Plan.week == WEEK)).all()) == 1


@pytest.mark.parametrize("value", ["fri", "fri 24:00", "friday 15:00", "fri 15:60"])
def test_a_schedule_that_cannot_be_read_is_refused(tmp_path: Path, value: str):
    with pytest.raises(ValidationError):
        make_settings(tmp_path, plan_every=value)


def test_a_worker_of_its_own_needs_postgresql(template: Path, tmp_path: Path):
    engine = connect(f"sqlite:///{template}")
    with pytest.raises(QueueNeedsPostgresql, match="sqlite"):
        runner_of_worker(engine, make_settings(tmp_path), 1)
    engine.dispose()
