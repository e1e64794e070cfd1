"""What a job does when its worker dies after storing, or the disk is full."""

import errno
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, event, update
from sqlmodel import Session, col, select

from app.db import connect, now, reading, transaction
from app.ingest import ingest
from app.jobs import child, lease
from app.jobs.defer import defer
from app.jobs.stopping import Stop
from app.models import DataImport, Job, Plan, Team
from app.settings import Settings
from tests.app.conftest import make_settings
from tests.app.planned import TEAM_HEADER, team_row


def add_job(engine: Engine) -> int:
    with transaction(engine) as session:
        return defer(session, Job(kind="import", args={})).id or 0


@pytest.mark.usefixtures("seeded")
def test_an_import_tried_again_after_it_was_stored_is_not_stored_twice(
    engine: Engine, tmp_path: Path
):
    """Its worker died between the commit and the word that the job has ended."""
    job_id = add_job(engine)
    file = tmp_path / "tim.csv"
    file.write_text(f"{TEAM_HEADER}\n{team_row('62.02-X')}\n", encoding="utf-8")
    first = ingest(engine, "teams", file, job_id=job_id)
    file.unlink()  # and its upload with it
    again = ingest(engine, "teams", file, job_id=job_id)
    assert again.to_dict() == first.to_dict()
    with reading(engine) as session:
        rows = session.exec(select(DataImport).where(DataImport.job_id == job_id)).all()
        assert [row.id for row in rows] == [first.import_id]
        assert session.get(Team, "62.02-X") is not None


def _ended(_result: object) -> None:
    """Stand for the end of the process."""


def told_by(engine: Engine, settings: Settings, job_id: int) -> dict[str, object]:
    said = child.work(engine, settings, job_id, "a", Stop(_ended), lambda _: None)
    assert (said["type"], said["again"]) == ("failed", True)
    return said["error"]


def test_a_full_database_is_told_and_leaves_nothing_half_done(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copy(template, tmp_path)
    settings = make_settings(tmp_path)
    engine = connect(settings.url)

    @event.listens_for(engine, "connect")
    def allow_ten_more_pages(connection, _record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 10}")

    def task(engine: Engine, *_: object) -> None:
        with transaction(engine) as session:
            for week in range(100, 999):
                session.add(Plan(regency_code="62.02", week=f"2{week}-W01", params={"x": "y" * 99}))

    monkeypatch.setattr(child, "run_task", task)
    job_id = add_job(engine)
    lease.claim(engine, "a", job_id)
    error = told_by(engine, settings, job_id)
    assert error["code"] == "bad-database"
    assert "full" in str(error["detail"])
    with reading(engine) as session:
        assert session.exec(select(Plan)).all() == []
    engine.dispose()


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"kind": "import", "args": {}}, "kind, file_name, upload"),
        ({"kind": "import", "args": {"kind": "teams", "file_name": "a.csv"}}, "upload"),
        ({"kind": "solve"}, "plan_id"),
        ({"kind": "campaign"}, "campaign_id"),
        ({"kind": "plan_all", "args": {"area": "65"}}, "week"),
    ],
    ids=["empty import", "no file", "no plan", "no campaign", "no week"],
)
def test_a_row_that_does_not_say_what_to_do_is_refused_and_not_tried_again(
    engine: Engine, settings: Settings, values: dict[str, Any], missing: str
):
    with transaction(engine) as session:
        job_id = defer(session, Job(**values)).id or 0
    lease.claim(engine, "a", job_id)
    said = child.work(engine, settings, job_id, "a", Stop(_ended), lambda _: None)
    assert (said["type"], said.get("again")) == ("failed", None)
    assert said["error"]["code"] == "job-incomplete"
    assert said["error"]["params"]["missing"] == missing


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_told(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch, number: int
):
    def task(*_: object) -> None:
        raise OSError(number, "no room", "/srv/travel/7.npz")

    monkeypatch.setattr(child, "run_task", task)
    job_id = add_job(engine)
    lease.claim(engine, "a", job_id)
    error = told_by(engine, settings, job_id)
    assert error["code"] == "disk-full"
    assert "/srv/travel/7.npz" in str(error["detail"])


def test_another_fault_of_a_file_is_a_bug(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    def task(*_: object) -> None:
        raise OSError(errno.EACCES, "not allowed")

    monkeypatch.setattr(child, "run_task", task)
    job_id = add_job(engine)
    lease.claim(engine, "a", job_id)
    with pytest.raises(PermissionError):
        child.work(engine, settings, job_id, "a", Stop(_ended), lambda _: None)


@contextmanager
def written_elsewhere(engine: Engine) -> Iterator[Callable[[], None]]:
    """Hold SQLite's write lock until what is given is called, at the latest to the end."""
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        yield writer.rollback


def let_run_out(engine: Engine, *job_ids: int, **values: object) -> None:
    late = {"lease_until": now() - timedelta(seconds=1), **values}
    with transaction(engine) as session:
        session.execute(update(Job).where(col(Job.id).in_(job_ids)).values(late))


def test_who_waits_while_others_write_long_takes_no_living_worker_s_job(regency: Engine):
    """The living one waits, too: on release either may come first."""
    lost, fresh = add_job(regency), add_job(regency)
    lease.claim(regency, "a", lost)
    let_run_out(regency, lost)
    other, waits, begun = connect(str(regency.url)), Event(), []

    @event.listens_for(other, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_more):
        begun.append(statement)
        if begun.count("BEGIN IMMEDIATE") == 2:  # the first one does not wait
            waits.set()

    with ThreadPoolExecutor(1) as thread, written_elsewhere(regency) as release:
        claimed = thread.submit(lease.claim, other, "b")
        assert waits.wait(60)
        release()
        taken = claimed.result(60)
    other.dispose()
    assert (taken and taken.id, lease.read(regency, lost).lease_owner) == (fresh, "a")
    again = lease.claim(regency, "b")  # nobody writes, and still nobody has renewed it
    assert (again and again.id, again and again.attempts) == (lost, 2)


def test_nobody_is_declared_dead_while_others_write_long(regency: Engine):
    job_id = add_job(regency)
    lease.claim(regency, "a", job_id)
    let_run_out(regency, job_id, attempts=lease.MAX_ATTEMPTS)
    with written_elsewhere(regency):
        lease.close_abandoned(regency)
    assert lease.read(regency, job_id).state == "doing"
    lease.close_abandoned(regency)
    assert lease.read(regency, job_id).state == "failed"


def test_a_lease_that_waited_to_be_renewed_lasts_from_then_on(
    regency: Engine, monkeypatch: pytest.MonkeyPatch
):
    """Ten seconds for the lock: a lease reckoned before it would have run out at once."""
    job_id = add_job(regency)
    lease.claim(regency, "a", job_id)
    clock = [now()]
    monkeypatch.setattr(lease, "now", lambda: clock[0])

    @contextmanager
    def slow(engine: Engine) -> Iterator[Session]:
        with transaction(engine) as session:
            clock[0] += timedelta(seconds=10)
            yield session

    monkeypatch.setattr(lease, "transaction", slow)
    lease.renew(regency, job_id, "a")
    assert lease.read(regency, job_id).lease_until == clock[0] + timedelta(seconds=lease.LEASE_S)


@pytest.mark.postgresql
@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(hours=-1)])
def test_leases_hold_on_machines_whose_clocks_differ(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
):
    job_id = add_job(engine)
    monkeypatch.setattr(lease, "now", lambda: now() + ahead)
    assert lease.claim(engine, "a", job_id)
    lease.renew(engine, job_id, "a")
    assert lease.claim(engine, "b", job_id) is None
    monkeypatch.undo()
    assert lease.claim(engine, "c", job_id) is None
    let_run_out(engine, job_id)
    monkeypatch.setattr(lease, "now", lambda: now() + ahead)
    taken = lease.claim(engine, "b", job_id)
    assert (taken and taken.lease_owner) == "b"
