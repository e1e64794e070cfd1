"""What a job does when its worker dies after storing, or the disk is full."""

import errno
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import select

from app.db import connect, reading, transaction
from app.ingest import ingest
from app.jobs import child, lease
from app.jobs.defer import defer
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


def told_by(engine: Engine, settings: Settings, job_id: int) -> dict[str, object]:
    said = child.work(engine, settings, job_id, "a", lambda: False, lambda _: None)
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
    said = child.work(engine, settings, job_id, "a", lambda: False, lambda _: None)
    assert (said["type"], said.get("again")) == ("failed", None)
    assert said["error"]["code"] == "job-incomplete"
    assert said["error"]["params"]["missing"] == missing


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
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
        child.work(engine, settings, job_id, "a", lambda: False, lambda _: None)


def test_a_job_is_stopped_amid_its_travel_tables(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    """Asked to stop after the second word on travel, it says no third."""
    told: list[float] = []

    def task(_engine: Engine, _settings: Settings, _job: Job, on_progress, _should_stop) -> None:
        for share in (0.1, 0.2, 0.3, 0.4):
            on_progress({"phase": "travel", "done": share, "n_tables": 1})

    monkeypatch.setattr(child, "run_task", task)
    job_id = add_job(engine)
    lease.claim(engine, "a", job_id)
    said = child.work(
        engine, settings, job_id, "a", lambda: len(told) == 2,
        lambda message: told.append(message["progress"]["done"]),
    )  # fmt: skip
    assert told == [0.1, 0.2]
    assert said == {"type": "done", "result": None, "cancelled": True}
