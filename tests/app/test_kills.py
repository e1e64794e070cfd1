"""kill -9 at ten moments of a real import and a real solve, on both databases.

A server with SQLite does its jobs itself; with PostgreSQL a worker of its own does them, and the
server only imports the files that it took. Who dies: the server, the process that jobs are forked
from (with PostgreSQL: the whole worker), or one job's child.
"""

import itertools
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, func, text
from sqlmodel import col, select

from app.db import reading
from app.jobs import lease
from app.models import DataImport, Job, ParamChange, Plan, PlanStop, VillageCount
from app.settings import PREFIX, Settings
from tests.app.conftest import LiveServer, ServerOf, make_settings, uploaded
from tests.app.loaded import Copy

pytestmark = pytest.mark.slow

PROMISE_S = 15.0
REQUEST = {"regency": "62.02", "week": "2026-W49", "seconds": 0.5, "max_nights": 0}
COUNTS = "rekap_perekaman_desa.xlsx"
VICTIMS = ["server"] * 4 + ["worker"] * 3 + ["child"] * 3
UP_S = 120.0
"""No promise, only an end: a process of Python may load long on a busy machine."""


def children_of(pid: int) -> list[int]:
    words: list[str] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            words += task.read_text().split()
        except OSError:  # it ended meanwhile
            continue
    return [int(word) for word in words]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def kill(pid: int) -> None:
    if is_running(pid):
        os.kill(pid, signal.SIGKILL)


def wait_until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + UP_S
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)


@dataclass
class Service:
    """An office that is up: its server, its worker if it has one, and what it acknowledged."""

    settings: Settings
    engine: Engine
    start_server: ServerOf
    counts: Path
    server: LiveServer | None = None
    worker: Copy | None = None
    acknowledged: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def client(self) -> httpx.Client:
        assert self.server is not None
        return self.server.client

    @property
    def has_worker(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    def start(self) -> None:
        """Start what does not run, until it answers and takes jobs."""
        if self.has_worker and (self.worker is None or self.worker.poll() is not None):
            before = self._newest_worker()
            names = {"DATA_DIR": str(self.settings.data_dir), "DATABASE_URL": self.settings.url}
            around = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
            with Path(os.devnull).open("w") as nothing:
                self.worker = Copy(
                    "app.cli", "worker", "--jobs", "2", stdout=nothing,
                    env={**around, **{PREFIX + name: text for name, text in names.items()}},
                )  # fmt: skip
            wait_until(lambda: self._newest_worker() > before)
        if self.server is None or self.server.process.poll() is not None:
            jobs = "0" if self.has_worker else "2"
            self.server = self.start_server(self.settings, SERVER_JOBS=jobs)

    def _newest_worker(self) -> int:
        """Give the number of the last that told the queue that it takes jobs."""
        query = text("SELECT max(id) FROM procrastinate.procrastinate_workers")
        with reading(self.engine) as session:
            return session.execute(query).scalar_one() or 0

    def bring_back(self, victim: str, jobs: list[int]) -> float:
        """Start what was killed, and tell when it was back; what is forked comes back by itself."""
        self.start()
        if victim == "worker" and not self.has_worker:
            assert self.server is not None
            pid = self.server.process.pid
            wait_until(
                lambda: (
                    any(map(children_of, children_of(pid)))
                    or all(self.job(job_id).state in lease.FINAL for job_id in jobs)
                )
            )
        return time.monotonic()

    def stop(self) -> None:
        if self.worker is not None and self.worker.poll() is None:
            self.worker.terminate()
            self.worker.wait(20)

    def kill(self, victim: str) -> None:
        """End one process at once, and see that what it had forked ends with it."""
        assert self.server is not None
        jobs = (self.worker if self.has_worker else self.server.process).pid  # type: ignore[union-attr]
        below = children_of(jobs)
        children = [child for nursery in below for child in children_of(nursery)]
        if victim == "child":
            doomed = children[:1]
        elif victim == "worker":
            doomed = [jobs] if self.has_worker else below
        else:
            doomed = [self.server.process.pid]
            below = children_of(self.server.process.pid)
            children = [child for nursery in below for child in children_of(nursery)]
        for pid in doomed:
            kill(pid)
        if victim == "server":
            self.server.process.wait(10)
        if victim == "worker" and self.worker is not None:
            self.worker.wait(10)
        orphans = children if victim != "child" else []
        ends = time.monotonic() + 5
        while any(map(is_running, orphans)) and time.monotonic() < ends:
            time.sleep(0.01)
        assert not any(map(is_running, orphans))

    def ask_import(self) -> int:
        with self.counts.open("rb") as file:
            answer = self.client.post("/api/v1/imports/counts", files={"file": (COUNTS, file)})
        assert answer.status_code == 202, answer.text
        return answer.json()["job_id"]

    def ask_solve(self, plan_id: int) -> int:
        answer = self.client.post(f"/api/v1/plans/{plan_id}/solve")
        assert answer.status_code == 202, answer.text
        return answer.json()["job_id"]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Change parameters all the while, and remember what was acknowledged."""
        stop, client = threading.Event(), self.client

        def write() -> None:
            while not stop.is_set():
                reason = f"change {next(self._numbers)}"
                values = {"worth.turnout_first": 0.5 + next(self._numbers) % 7 / 100}
                body = {"by": "Kabid", "reason": reason, "values": values}
                try:
                    answer = client.put("/api/v1/params", json=body)
                except httpx.TransportError:
                    return
                assert answer.status_code == 200, answer.text
                self.acknowledged.append(reason)
                stop.wait(0.1)

        thread = threading.Thread(target=write)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def job(self, job_id: int) -> Job:
        return lease.read(self.engine, job_id)

    def wait_for_ends(self, jobs: list[int], since: float) -> list[Job]:
        """Wait until jobs have ended; the promise is kept or broken here."""
        while True:  # the row says when it ended; the clock is that of who waits
            found = [self.job(job_id) for job_id in jobs]
            if all(job.state in lease.FINAL for job in found):
                return found
            assert time.monotonic() - since < PROMISE_S, found
            time.sleep(0.05)


@pytest.fixture
def service(
    kotim: Path,
    tmp_path: Path,
    kotim_engine: Engine,
    live_server_of: ServerOf,
) -> Iterator[Service]:
    """Kotim, up."""
    url = kotim_engine.url.render_as_string(hide_password=False)
    settings = make_settings(tmp_path / "data", database_url=url)
    service = Service(settings, kotim_engine, live_server_of, kotim / COUNTS)
    service.start()
    yield service
    service.stop()


def test_ten_deaths_lose_nothing_and_every_job_ends_soon(service: Service):
    dice = random.Random(8)  # noqa: S311 (moments, no secrets)
    answer = service.client.post("/api/v1/plans", json=REQUEST)
    plan_id = answer.json()["plan_id"]
    service.wait_for_ends([answer.json()["job_id"]], since=time.monotonic() + UP_S)
    with reading(service.engine) as session:
        n_counts = session.exec(select(func.count()).select_from(VillageCount)).one()
        n_imports = session.exec(select(func.count()).select_from(DataImport)).one()
    n_done = n_hit = 0
    for victim in dice.sample(VICTIMS, len(VICTIMS)):
        jobs = [service.ask_import(), service.ask_solve(plan_id)]
        with service.writing():
            _wait_for_moment(service, dice.choice(jobs), dice)
            service.kill(victim)
        back_at = service.bring_back(victim, jobs)
        done = service.wait_for_ends(jobs, since=back_at)
        assert [job.state for job in done] == ["succeeded"] * 2, done
        assert all(job.attempts <= 2 for job in done)
        n_done += 1
        n_hit += sum(job.attempts - 1 for job in done)
        _assert_whole(service, plan_id, done[0], n_counts)
    with reading(service.engine) as session:
        found = session.exec(select(func.count()).select_from(DataImport)).one()
        reasons = Counter(session.exec(select(ParamChange.reason)))
    assert n_hit >= n_done / 2  # deaths found jobs at work, and not only waiting ones
    assert found == n_imports + n_done  # each acknowledged upload is stored, and once
    assert len(service.acknowledged) >= n_done
    assert {reasons[reason] for reason in service.acknowledged} == {1}
    assert uploaded(service.settings) == []


def _wait_for_moment(service: Service, job_id: int, dice: random.Random) -> None:
    """Wait until so much has happened to a job, and a little longer."""
    n_changes, ends = dice.randrange(4), time.monotonic() + PROMISE_S
    while time.monotonic() < ends:
        job = service.job(job_id)
        if job.version >= n_changes or job.state in lease.FINAL:
            break
        time.sleep(0.01)
    time.sleep(dice.uniform(0, 0.5))


def _assert_whole(service: Service, plan_id: int, imported: Job, n_counts: int) -> None:
    """Check that an import has all of its rows, and a plan the stops that it says it has."""
    with reading(service.engine) as session:
        row = session.exec(select(DataImport).where(DataImport.job_id == imported.id)).one()
        query = select(func.count()).where(col(VillageCount.import_id) == row.id)
        assert session.exec(query).one() == row.accepted == n_counts
        plan = session.get_one(Plan, plan_id)
        told = sum(team["n_stops"] for team in plan.summary["teams"])
        stops = session.exec(select(PlanStop).where(PlanStop.plan_id == plan_id)).all()
        assert len(stops) == told > 0
        assert sum(stop.worth for stop in stops) == pytest.approx(plan.worth, rel=0.01)
