"""Following jobs, listing them, and refusing changes of what has changed."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.api import job_events
from app.api.job_events import MOST_STREAMS
from app.db import now, transaction
from app.jobs import lease
from app.jobs.defer import defer
from app.models import Account, Credential, Job
from app.settings import Settings
from tests.app.conftest import AppClient, ClientOf, ServerOf, slug
from tests.app.people import CHIEF


def add_job(engine: Engine, **values: object) -> int:
    with transaction(engine) as session:
        return defer(session, Job(kind="import", **values)).id or 0


def events(text: str) -> list[tuple[int, dict[str, object]]]:
    """Read an event stream as the standard says, with a second reading of our own."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if fields.get("event") == "job":
            job = json.loads(fields["data"])
            number, version = map(int, fields["id"].split("."))
            assert number == job["job_id"]
            found.append((version, job))
    return found


def test_the_end_of_a_job_ends_its_stream(engine: Engine, client: AppClient):
    job_id = add_job(engine)
    lease.claim(engine, "a", job_id)  # version 1
    lease.renew(engine, job_id, "a", {"phase": "read"})  # 2
    lease.renew(engine, job_id, "a")  # nothing that a client sees
    lease.finish(engine, job_id, "a", lease.JobState.SUCCEEDED, result={"accepted": 3})  # 3
    answer = client.get(f"/api/v1/jobs/{job_id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    [(version, job)] = events(answer.text)
    assert (version, job["version"], job["state"]) == (3, 3, "succeeded")
    assert job["result"] == {"accepted": 3}


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ("1.1", [2]),
        ("1.2", []),
        ("1.0", [2]),
        ("x", [2]),
        ("", [2]),
        ("2.2", [2]),
        ("1.3", [2]),
        ("1." + "9" * 5000, [2]),
        ("9" * 5000 + ".2", [2]),
    ],
    ids=[
        "one behind",
        "up to date",
        "two behind",
        "not ours",
        "none",
        "of another job",
        "yet to come",
        "absurd",
        "absurd job",
    ],
)
def test_a_stream_goes_on_after_the_event_that_is_known(
    engine: Engine, client: AppClient, known: str, told: list[int]
):
    job_id = add_job(engine)
    lease.claim(engine, "a", job_id)
    lease.renew(engine, job_id, "a", {"phase": "read"})
    headers = {"Last-Event-ID": known} if known else {}
    answer = client.get(f"/api/v1/jobs/{job_id}/events?wait_s=0", headers=headers)
    assert answer.status_code == 200
    assert [version for version, _ in events(answer.text)] == told


def test_an_account_has_so_many_streams_and_no_more(engine: Engine, client: AppClient):
    job_id = add_job(engine)
    address = f"/api/v1/jobs/{job_id}/events?wait_s=0"
    streams = client.app.state.streams
    streams[CHIEF] = MOST_STREAMS - 1
    assert client.get(address).status_code == 200
    assert streams[CHIEF] == MOST_STREAMS - 1, "it has ended"
    streams[CHIEF] += 1
    refused = client.get(address)
    assert (refused.status_code, slug(refused)) == (429, "too-many-requests")


def test_nobody_waits_for_events_after_the_last(engine: Engine, client: AppClient):
    job_id = add_job(engine)
    lease.cancel(engine, job_id)
    address = f"/api/v1/jobs/{job_id}/events"
    assert client.get(address, headers={"Last-Event-ID": f"{job_id}.1"}).status_code == 204
    another = client.get(address, headers={"Last-Event-ID": f"{job_id + 1}.1"})
    assert [version for version, _ in events(another.text)] == [1]
    assert [version for version, _ in events(client.get(address).text)] == [1]
    assert slug(client.get("/api/v1/jobs/999/events")) == "job-not-found"


def test_events_arrive_while_a_job_runs(
    settings: Settings, engine: Engine, live_server_of: ServerOf
):
    server = live_server_of(settings, fake_jobs=True)
    job_id = add_job(engine, args={"steps": 2000})  # until it is cancelled
    seen: list[tuple[int, dict[str, object]]] = []
    with server.client.stream("GET", f"/api/v1/jobs/{job_id}/events") as answer:
        for part in answer.iter_text():
            seen += events(part)
            if any(job["progress"] for _, job in seen):
                lease.cancel(engine, job_id)
    versions = [version for version, _ in seen]
    assert versions == sorted(set(versions))
    assert any(job["state"] == "doing" and job["progress"] for _, job in seen)
    assert seen[-1][1]["state"] == "cancelled"


def test_failed_jobs_are_listed_with_their_reason(engine: Engine, client: AppClient):
    waiting, failed = add_job(engine), add_job(engine)
    lease.claim(engine, "a", failed)
    error = {"code": "job-crashed", "params": {"job_id": failed, "reason": "SIGKILL"}, "detail": ""}
    lease.finish(engine, failed, "a", lease.JobState.FAILED, error=error)
    jobs = client.get("/api/v1/jobs").json()["items"]
    assert [job["job_id"] for job in jobs] == [failed, waiting]
    [job] = client.get("/api/v1/jobs?state=failed&lang=id").json()["items"]
    assert (job["job_id"], job["error"]["code"]) == (failed, "job-crashed")
    assert "SIGKILL" in job["error"]["detail"]


def test_a_job_put_back_is_cancelled_rather_than_tried_again(engine: Engine):
    job_id = add_job(engine)
    lease.claim(engine, "a", job_id)
    lease.cancel(engine, job_id)
    assert lease.put_back(engine, job_id, "a", {"code": "x", "params": {}, "detail": "x"})
    assert lease.claim(engine, "b") is None
    assert lease.read(engine, job_id).state == "cancelled"


@pytest.mark.parametrize("change", ["revoked", "closed", "moved"])
def test_who_is_shut_out_hears_nothing_more(
    engine: Engine, client: AppClient, monkeypatch: pytest.MonkeyPatch, change: str
):
    job_id, waits = add_job(engine), []

    async def shut_out(_seconds: float) -> None:
        waits.append(1)
        assert len(waits) == 1, "the stream went on"
        with transaction(engine) as session:
            account = session.exec(select(Account).where(Account.name == CHIEF)).one()
            if change == "revoked":
                for row in session.exec(select(Credential)):
                    row.revoked_at = now()
            elif change == "closed":
                account.is_active = False
            else:
                account.area = "62.02"

    monkeypatch.setattr(job_events, "anyio", SimpleNamespace(sleep=shut_out))
    answer = client.get(f"/api/v1/jobs/{job_id}/events?wait_s=600")
    assert [version for version, _ in events(answer.text)] == [0]
    assert waits == [1]


# --- versions ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("seeded")
def test_a_plan_is_solved_again_only_at_the_version_that_is_known(client: AppClient):
    plan = client.get("/api/v1/plans").json()["items"][0]["plan_id"]
    version = client.get(f"/api/v1/plans/{plan}").json()["version"]
    late = client.post(f"/api/v1/plans/{plan}/solve?version={version + 1}")
    assert (late.status_code, slug(late), late.json()["version"]) == (409, "plan-changed", version)
    assert client.post(f"/api/v1/plans/{plan}/solve?version={version}").status_code == 202
    busy = client.post(f"/api/v1/plans/{plan}/solve")
    assert (busy.status_code, slug(busy), busy.json()["version"]) == (409, "plan-busy", version)


def test_parameters_that_somebody_changed_are_not_overwritten(client: AppClient):
    def change(known: str | None, value: float):
        body = {"values": {"worth.turnout_first": value}, "by": "A", "reason": "r", "known": known}
        return client.put("/api/v1/params", json=body)

    first = client.get("/api/v1/params").json()["digest"]
    second = change(first, 0.7).json()["digest"]
    assert second != first
    late = change(first, 0.6)
    assert (late.status_code, slug(late), late.json()["version"]) == (409, "params-changed", second)
    assert client.get("/api/v1/params").json()["digest"] == second
    assert change(second, 0.6).status_code == 200
    assert change(None, 0.5).status_code == 200  # who does not say what it knows goes ahead


def test_events_of_another_area_are_not_heard(
    engine: Engine, settings: Settings, client_of: ClientOf
):
    from tests.app.people import let_in

    client = client_of(settings)
    token = let_in(engine, "siti", "planner", "62.02")
    there = add_job(engine, area="65.01", created_at=now() - timedelta(1))
    here = add_job(engine, area="62.02")
    theirs = AppClient(client.app, token)
    assert slug(theirs.get(f"/api/v1/jobs/{there}/events?wait_s=0")) == "job-not-found"
    assert theirs.get(f"/api/v1/jobs/{here}/events?wait_s=0").status_code == 200
    assert [job["job_id"] for job in theirs.get("/api/v1/jobs").json()["items"]] == [here]
