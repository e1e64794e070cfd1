"""Fifty requests at once on one plan: a real server, two workers, PostgreSQL.

The work of jobs is fake (``fake_child``), everything around it is real.
"""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.db import connect, reading, transaction
from app.jobs import lease
from app.models import AuditEntry, Job, ParamChange, Plan, PlanStep
from app.settings import PREFIX, Settings
from tests.app.conftest import LiveServer, live_servers, make_settings
from tests.app.databases import PostgresqlDatabases
from tests.app.loaded import Copy
from tests.app.people import let_in
from tests.app.postgresql import server
from tests.app.seed import seed

pytestmark = pytest.mark.postgresql
N_REQUESTS = 50
PLAN = 1


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as address:
        url = PostgresqlDatabases(address).migrated()
        yield make_settings(tmp_path_factory.mktemp("crowd"), database_url=url)


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    engine = connect(settings.url)
    with transaction(engine) as session:
        seed(session)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def _workers(settings: Settings, engine: Engine) -> Iterator[None]:
    values = {
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": engine.url.render_as_string(False),
    }
    around = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    started = [
        Copy(
            "tests.app.worker",
            env={**around, **{PREFIX + name: value for name, value in values.items()}},
        )
        for _ in range(2)
    ]
    yield
    for worker in started:
        worker.terminate()
        worker.wait(20)


@pytest.fixture(scope="module")
def up(settings: Settings, engine: Engine, _workers: None) -> Iterator[LiveServer]:
    """A server that leaves its jobs to the workers."""
    assert engine.dialect.name == "postgresql"
    with live_servers() as start:
        yield start(settings, SERVER_JOBS="0")


Send = Callable[[httpx.Client, int], httpx.Response]


def at_once(up: LiveServer, engine: Engine, send: Send) -> list[httpx.Response]:
    """Send fifty requests in the same moment, from five accounts, and give the answers."""
    tokens = [let_in(engine, f"kabid-{number}") for number in range(5)]
    together = Barrier(N_REQUESTS)

    def one(number: int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {tokens[number % 5]}"}
        with httpx.Client(base_url=up.client.base_url, headers=headers, timeout=60) as client:
            together.wait(60)
            return send(client, number)

    with ThreadPoolExecutor(N_REQUESTS) as threads:
        return list(threads.map(one, range(N_REQUESTS)))


def statuses(answers: list[httpx.Response]) -> dict[int, int]:
    return dict(Counter(answer.status_code for answer in answers))


def version_of(engine: Engine) -> int:
    with reading(engine) as session:
        return session.get_one(Plan, PLAN).version


def n_audited(engine: Engine, action: str) -> int:
    with reading(engine) as session:
        return len(session.exec(select(AuditEntry).where(AuditEntry.action == action)).all())


def test_a_plan_is_solved_once_however_many_ask(up: LiveServer, engine: Engine):
    """One is accepted; the others hear that it is busy, or what its version is by then."""
    seen = version_of(engine)
    answers = at_once(
        up, engine, lambda client, _: client.post(f"/api/v1/plans/{PLAN}/solve?version={seen}")
    )
    assert statuses(answers) == {202: 1, 409: N_REQUESTS - 1}
    [accepted] = [answer.json() for answer in answers if answer.status_code == 202]
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {one["type"] for one in refused} <= {"/problems/plan-busy", "/problems/plan-changed"}
    job = up.wait_for_job(accepted["job_id"], 60)
    assert (job["state"], job["attempts"]) == ("succeeded", 1)
    after = version_of(engine)
    assert after == seen + 1
    for one in refused:
        assert one["version"] == (seen if one["type"] == "/problems/plan-busy" else after)
    with reading(engine) as session:
        jobs = session.exec(select(Job).where(Job.plan_id == PLAN)).all()
        assert [job.attempts for job in jobs] == [1]
    assert n_audited(engine, "solve_plan_again") == 1


def test_no_acknowledged_change_is_lost_and_late_ones_hear_the_version(
    up: LiveServer, engine: Engine
):
    """All saw the same parameters: one change counts, and forty-nine are told of it."""
    before = up.client.get("/api/v1/params").json()["digest"]
    audited = n_audited(engine, "set_params")

    def change(client: httpx.Client, number: int) -> httpx.Response:
        values = {"worth.turnout_first": 0.5 + number / 1000}
        body = {"by": "A", "reason": f"with {number}", "values": values, "known": before}
        return client.put("/api/v1/params", json=body)

    answers = at_once(up, engine, change)
    assert statuses(answers) == {200: 1, 409: N_REQUESTS - 1}
    now_known = up.client.get("/api/v1/params").json()["digest"]
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {one["version"] for one in refused} == {now_known} != {before}
    assert n_audited(engine, "set_params") == audited + 1


def test_every_acknowledged_change_is_in_the_log_once(up: LiveServer, engine: Engine):
    """Who does not say what it knows is not refused, and none of them is forgotten."""
    audited = n_audited(engine, "set_params")

    def change(client: httpx.Client, number: int) -> httpx.Response:
        values = {"worth.turnout_first": 0.6 + number / 1000}
        body = {"by": "A", "reason": f"blind {number}", "values": values}
        return client.put("/api/v1/params", json=body)

    answers = at_once(up, engine, change)
    assert statuses(answers) == {200: N_REQUESTS}
    with reading(engine) as session:
        reasons = Counter(session.exec(select(ParamChange.reason)))
    assert [reasons[f"blind {number}"] for number in range(N_REQUESTS)] == [1] * N_REQUESTS
    assert n_audited(engine, "set_params") == audited + N_REQUESTS


def test_a_step_is_taken_once(up: LiveServer, engine: Engine):
    """A plan is proposed by one; the others acted on what they had seen before."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        with reading(engine) as session:
            busy = session.exec(select(Job.state).where(Job.plan_id == PLAN)).all()
        if set(busy) <= set(lease.FINAL):
            break
        time.sleep(0.05)
    seen = version_of(engine)
    body = {"action": "propose", "version": seen, "reason": "ready"}
    answers = at_once(
        up, engine, lambda client, _: client.post(f"/api/v1/plans/{PLAN}/steps", json=body)
    )
    assert statuses(answers) == {200: 1, 409: N_REQUESTS - 1}
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {one["type"] for one in refused} == {"/problems/plan-changed"}
    assert {one["version"] for one in refused} == {seen + 1}
    with reading(engine) as session:
        steps = session.exec(select(PlanStep).where(PlanStep.plan_id == PLAN)).all()
        assert [(step.action, step.version) for step in steps] == [("propose", seen + 1)]
    assert n_audited(engine, "take_plan_step") == 1
