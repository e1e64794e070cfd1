"""A cancel is heard wherever a job happens to be, and leaves nothing half done.

The jobs are real (``held_child``): each waits at a place of the program, for ever unless it is let
go on, and so its end shows that it was not a check point which heard of the cancel.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func
from sqlmodel import SQLModel, select

from app.campaigns import create_campaign
from app.db import connect, reading, transaction
from app.jobs import cancel_mark, lease, process
from app.jobs.foreground import run_one
from app.jobs.process import Nursery
from app.jobs.stopping import Cancelled, Stop
from app.models import FINAL, Job, Plan, Team
from app.planning import create_plan
from app.schemas.campaigns import CampaignRequest
from app.schemas.plans import PlanRequest
from app.settings import Settings
from tests.app.conftest import AppClient, ClientOf, make_settings
from tests.app.databases import Databases
from tests.app.planned import TEAM_HEADER
from tests.app.seed import seed

TODAY, WEEK = date(2026, 11, 22), "2026-W49"
# An import of it replaces the teams of 65.01, so no other test here knows these by name.
ROW = "{name},Kabupaten Bulungan,Desa 65.01.01.2001,116.05,3.55,mobil,1,5,0,07:30,16:00,ya"


@pytest.fixture(scope="module")
def home(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The little regency with a plan to make, and a team beyond the island; for every test here."""
    folder = tmp_path_factory.mktemp("cancel")
    settings = make_settings(folder, database_url=databases.migrated(folder))
    engine = connect(settings.url)
    with transaction(engine) as session:
        seed(session)
        values = session.exec(select(Team)).all()[0].model_dump()
        session.add(Team(**{**values, "name": "Timur Jauh", "regency_code": "65.01"}))
    engine.dispose()
    yield settings
    databases.give_back(settings.url)


@pytest.fixture(scope="module")
def office(home: Settings) -> Iterator[Engine]:
    engine = connect(home.url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def nursery(home: Settings) -> Iterator[Nursery]:
    """What the jobs are forked from: it loads the planner once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "MODULE", "tests.app.held_child")
        nursery = Nursery(home)
        nursery.expect(["import", "solve"])
        with closing(nursery):
            yield nursery


def of_import(engine: Engine, folder: Path, name: str = "65.01-Z", **args: Any) -> int:
    file = folder / "tim.csv"
    file.write_text(f"{TEAM_HEADER}\n{ROW.format(name=name)}\n", encoding="utf-8")
    told = {"kind": "teams", "upload": str(file), "file_name": file.name, "place": str(folder)}
    with transaction(engine) as session:
        job = Job(kind="import", args={**told, **args})
        session.add(job)
        session.flush()
        return job.id or 0


def of_plan(engine: Engine, folder: Path, **args: Any) -> int:
    with transaction(engine) as session:
        request = PlanRequest(regency="62.02", week=WEEK, seconds=0.3)
        return _named(create_plan(session, request, today=TODAY)[1], folder, args)


def of_campaign(engine: Engine, folder: Path, **args: Any) -> int:
    with transaction(engine) as session:
        request = CampaignRequest(regency="62.02", first_week=WEEK, weeks=2, seconds=0.3)
        return _named(create_campaign(session, request, today=TODAY)[1], folder, args)


def of_all_plans(engine: Engine, folder: Path, **args: Any) -> int:
    with transaction(engine) as session:
        job = Job(kind="plan_all", args={"area": "", "week": "2027-W02"})
        session.add(job)
        session.flush()
        return _named(job, folder, args)


def _named(job: Job, folder: Path, args: dict[str, Any]) -> int:
    job.args = {**job.args, "place": str(folder), **args}
    return job.id or 0


def rows(engine: Engine) -> dict[str, int]:
    """Count the rows of every table but those of the queue."""
    with reading(engine) as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in SQLModel.metadata.sorted_tables
        }


@contextmanager
def running(engine: Engine, settings: Settings, job_id: int, nursery: Nursery) -> Iterator[None]:
    """Do a job as a terminal would, from where it waits to its end."""
    thread = threading.Thread(target=run_one, args=(engine, settings, job_id, None, nursery))
    thread.start()
    there = Path(lease.read(engine, job_id).args["place"]) / "there"
    try:
        wait_until(lambda: there.exists() or lease.read(engine, job_id).state in FINAL)
        assert there.exists(), lease.read(engine, job_id)
        yield
    finally:
        thread.join(60)
    assert not thread.is_alive()


def wait_until(is_so: Callable[[], object], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it did not come to that"
        time.sleep(0.01)


STORING = "app.ingest.run:supersede"
BEFORE = [
    pytest.param(of_import, {"hold": "app.ingest.run:known_villages"}, id="import reads"),
    pytest.param(of_import, {"hold": STORING}, id="import stores"),
    pytest.param(of_import, {"hold": "app.ingest.run:_outcome", "dry_run": True}, id="dry run"),
    pytest.param(of_plan, {"hold": "app.planning:load_week"}, id="plan loads"),
    pytest.param(of_plan, {"hold": "geodata.cache:travel"}, id="cold travel tables"),
    pytest.param(of_plan, {"hold": "app.planning:problem_of"}, id="plan is prepared"),
    pytest.param(of_campaign, {"hold": "app.campaigns:compute_travel"}, id="campaign's tables"),
    pytest.param(of_all_plans, {"hold": "app.jobs.plan_all:create_plan"}, id="first of all plans"),
]


@pytest.mark.parametrize(("ask", "args"), BEFORE)
def test_what_has_nothing_to_keep_ends_at_once_and_changes_nothing(
    office: Engine, home: Settings, nursery: Nursery, tmp_path: Path,
    ask: Callable[..., int], args: dict[str, Any],
):  # fmt: skip
    job_id = ask(office, tmp_path, **args)
    before = rows(office)
    with running(office, home, job_id, nursery):
        lease.cancel(office, job_id)
    job = lease.read(office, job_id)
    assert (job.state, job.result, job.error, job.attempts) == ("cancelled", None, None, 1)
    assert rows(office) == before
    assert not cancel_mark.is_left(office, job_id)


def test_a_commit_that_has_begun_ends_as_succeeded(
    office: Engine, home: Settings, nursery: Nursery, tmp_path: Path
):
    """The word comes after the lease was looked at in the commit, before that was done."""
    job_id = of_import(office, tmp_path, "65.01-Y", hold="app.jobs.child:hold", after=True)
    with running(office, home, job_id, nursery):
        cancelling = threading.Thread(target=lease.cancel, args=(office, job_id))
        cancelling.start()  # it waits for the commit
        if office.dialect.name == "sqlite":
            wait_until(lambda: cancel_mark.is_left(office, job_id))
        (tmp_path / "go").touch()
        cancelling.join(60)
    job = lease.read(office, job_id)
    assert (job.state, (job.result or {}).get("accepted")) == ("succeeded", 1)
    with reading(office) as session:
        assert session.get(Team, "65.01-Y") is not None


@pytest.mark.postgresql
def test_an_import_whose_row_says_cancelled_is_not_committed(
    office: Engine, home: Settings, nursery: Nursery, tmp_path: Path
):
    """Its worker has not heard yet: what was answered to who cancelled holds all the same.

    On SQLite nobody can write into the row before the import has ended.
    """
    job_id = of_import(office, tmp_path, "65.01-X", hold="app.jobs.child:hold")
    with running(office, home, job_id, nursery):
        with transaction(office) as session:
            lease.request_cancel(session, job_id)
        (tmp_path / "go").touch()
    assert lease.read(office, job_id).state == "cancelled"
    with reading(office) as session:
        assert session.get(Team, "65.01-X") is None


def test_who_cancels_over_http_does_not_wait_for_what_an_import_writes(
    office: Engine, home: Settings, nursery: Nursery, tmp_path: Path, client_of: ClientOf
):
    client: AppClient = client_of(home)
    job_id = of_import(office, tmp_path, hold=STORING)
    with running(office, home, job_id, nursery):
        answer = client.post(f"/api/v1/jobs/{job_id}/cancel")
    assert (answer.status_code, answer.json()["cancel_requested"]) == (202, True)
    assert lease.read(office, job_id).state == "cancelled"
    again = client.post(f"/api/v1/jobs/{job_id}/cancel")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/job-finished")


def test_of_all_plans_those_asked_for_stay(
    office: Engine, home: Settings, nursery: Nursery, tmp_path: Path
):
    """It waits at the second regency; the first one's plan is stored, and told."""
    job_id = of_all_plans(office, tmp_path, hold="app.jobs.plan_all:create_plan", nth=2)
    with running(office, home, job_id, nursery):
        lease.cancel(office, job_id)
    job = lease.read(office, job_id)
    assert job.state == "cancelled"
    [item] = (job.result or {})["items"]
    with reading(office) as session:
        plan = session.exec(select(Plan).where(Plan.week == "2027-W02")).one()
    assert (item["regency"], item["plan_id"]) == ("62.02", plan.id)


def test_a_job_is_cancelled_while_what_it_is_forked_from_still_loads(
    office: Engine, home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(process, "MODULE", "tests.app.busy_nursery")
    job_id = of_import(office, tmp_path)
    asked = threading.Event()

    def cancel_when_claimed() -> None:
        wait_until(lambda: lease.read(office, job_id).state == "doing")
        lease.cancel(office, job_id)
        asked.set()

    thread = threading.Thread(target=cancel_when_claimed)
    thread.start()
    nursery = Nursery(home)
    job = run_one(office, home, job_id, None, nursery)
    thread.join(60)
    assert (asked.is_set(), job.state, job.result) == (True, "cancelled", None)
    threading.Thread(target=nursery.close, daemon=True).start()


@pytest.mark.parametrize("ends", ["at once", "kept", "settled"])
def test_what_a_job_has_to_keep_decides_when_it_ends(ends: str):
    told: list[object] = []
    stop = Stop(told.append)
    if ends != "at once":
        stop.keep()
    if ends == "settled":
        stop.settle({"n": 1})
    assert not stop()
    stop.ask()
    assert told == {"at once": [None], "kept": [], "settled": [{"n": 1}]}[ends]
    if ends == "kept":
        stop.keep()  # it goes on to what it keeps, and ends there
        stop.settle({"n": 2})
        assert told == [{"n": 2}]
    else:
        with pytest.raises(Cancelled):
            stop.keep()
    assert stop()
