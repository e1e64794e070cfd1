"""Leases, child processes, cancelling, and what is left when somebody dies.

The work is fake (``fake_child``), everything around it is real: database, processes, server.
"""

import io
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from app.db import connect, now, reading, transaction
from app.errors import JobFinished, JobNotFound
from app.jobs import attempt, lease, process, uploads
from app.jobs.attempt import Attempt
from app.jobs.embedded import ThreadRunner
from app.jobs.foreground import run_one
from app.jobs.process import Nursery
from app.models import Job, Plan
from app.settings import PREFIX, Settings
from tests.app.conftest import ServerOf
from tests.app.loaded import Copy

ENDLESS = 2000


@pytest.fixture(autouse=True)
def _fake_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MODULE", "tests.app.fake_child")


@pytest.fixture
def runner(engine: Engine, settings: Settings) -> Iterator[ThreadRunner]:
    runner = ThreadRunner(engine, settings)
    runner.start()
    yield runner
    runner.stop()


@pytest.fixture
def nursery(settings: Settings) -> Iterator[Nursery]:
    with closing(process.Nursery(settings)) as nursery:
        yield nursery


def add_job(engine: Engine, *, with_plan: bool = False, **args: object) -> int:
    with transaction(engine) as session:
        plan = Plan(regency_code="62.02", week="2026-W49", params={})
        if with_plan:
            session.add(plan)
            session.flush()
        job = Job(kind="solve" if with_plan else "import", plan_id=plan.id, args=args)
        session.add(job)
        session.flush()
        return job.id or 0


def wait_for(engine: Engine, job_id: int, is_there: Callable[[Job], object], seconds: float = 20):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        job = lease.read(engine, job_id)
        if is_there(job):
            return job
        time.sleep(0.02)
    pytest.fail(f"job {job_id} after {seconds} s: {lease.read(engine, job_id)!r}")


def ended(job: Job) -> bool:
    return job.state in lease.FINAL


def expire(engine: Engine, job_id: int, **values: object) -> None:
    late = {"lease_until": now() - timedelta(seconds=1), **values}
    with transaction(engine) as session:
        session.execute(update(Job).where(Job.id == job_id).values(late))


def is_running(pid: int) -> bool:
    try:
        # A zombie has ended; only its parent has not asked how.
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children_of(pid: int) -> list[int]:
    text = "".join(
        task.read_text() for task in Path(f"/proc/{pid}/task").glob("*/children") if task.exists()
    )
    return [int(word) for word in text.split()]


def grandchildren_of(pid: int) -> list[int]:
    """Children are forked by one process of the server's own."""
    [nursery] = children_of(pid)
    return children_of(nursery)


# --- the row -----------------------------------------------------------------------------------


def test_oldest_job_is_claimed_once(engine: Engine):
    first, second = add_job(engine), add_job(engine)
    assert [getattr(lease.claim(engine, owner), "id", None) for owner in "abc"] == [
        first, second, None,
    ]  # fmt: skip
    job = lease.read(engine, first)
    assert (job.state, job.lease_owner, job.attempts) == ("doing", "a", 1)


def test_lease_is_taken_over_only_after_it_ran_out(engine: Engine):
    job_id = add_job(engine)
    lease.claim(engine, "a")
    expire(engine, job_id, lease_until=now() + timedelta(seconds=1))
    assert lease.claim(engine, "b") is None
    expire(engine, job_id)
    taken = lease.claim(engine, "b")
    assert taken is not None
    assert (taken.lease_owner, taken.attempts) == ("b", 2)


def test_worker_that_lost_its_lease_changes_nothing(engine: Engine):
    job_id = add_job(engine)
    lease.claim(engine, "a")
    expire(engine, job_id)
    lease.claim(engine, "b")
    before = lease.read(engine, job_id)
    assert not lease.look(engine, job_id, "a").mine
    lease.renew(engine, job_id, "a", {"step": 1})
    lease.give_back(engine, job_id, "a")
    assert not lease.finish(engine, job_id, "a", lease.JobState.SUCCEEDED, result={"by": "a"})
    assert lease.read(engine, job_id) == before
    assert lease.finish(engine, job_id, "b", lease.JobState.SUCCEEDED, result={"by": "b"})
    assert lease.read(engine, job_id).result == {"by": "b"}


@pytest.mark.parametrize(("attempts", "state"), [(2, "doing"), (3, "failed")])
def test_job_is_given_up_after_three_attempts(engine: Engine, attempts: int, state: str):
    job_id = add_job(engine)
    lease.claim(engine, "a")
    expire(engine, job_id, attempts=attempts)
    lease.claim(engine, "b")
    job = lease.read(engine, job_id)
    assert job.state == state
    if state == "failed":
        assert job.error is not None
        assert job.error["code"] == "job-abandoned"
        assert job.finished_at is not None


def test_cancelled_job_of_a_dead_worker_is_not_tried_again(engine: Engine):
    job_id = add_job(engine)
    lease.claim(engine, "a")
    expire(engine, job_id, cancel_requested=True)
    assert lease.claim(engine, "b") is None
    assert lease.read(engine, job_id).state == "cancelled"


def test_given_back_job_has_not_been_tried(engine: Engine):
    job_id = add_job(engine)
    lease.claim(engine, "a")
    lease.give_back(engine, job_id, "a")
    job = lease.read(engine, job_id)
    assert (job.state, job.attempts, job.lease_owner, job.lease_until) == ("todo", 0, None, None)


def test_cancel_of_a_job_to_do_ends_it_at_once_and_removes_its_upload(
    engine: Engine, settings: Settings
):
    path = uploads.store(settings.data_dir, "a.csv", io.BytesIO(b"a,b"), 1)
    job_id = add_job(engine, upload=str(path))
    with transaction(engine) as session:
        assert lease.request_cancel(session, job_id).state == "cancelled"
    assert not path.parent.exists()
    with transaction(engine) as session, pytest.raises(JobFinished):
        lease.request_cancel(session, job_id)
    with transaction(engine) as session, pytest.raises(JobNotFound):
        lease.request_cancel(session, 999)


# --- the child ---------------------------------------------------------------------------------


def test_job_succeeds_with_progress_on_the_way(engine: Engine, settings: Settings):
    seen: list[dict[str, object]] = []
    job = run_one(engine, settings, add_job(engine, steps=5), seen.append)
    assert (job.state, job.attempts, job.error) == ("succeeded", 1, None)
    assert job.result is not None
    assert job.result["steps"] == 5
    assert seen == [{"step": n} for n in range(1, 6)]
    assert job.result["pid"] != os.getpid()


@pytest.mark.usefixtures("runner")
def test_progress_reaches_the_row_while_the_job_runs(engine: Engine):
    job_id = add_job(engine, steps=ENDLESS)
    first = wait_for(engine, job_id, lambda job: job.progress)
    later = wait_for(engine, job_id, lambda job: job.progress != first.progress)
    # At most one write per half second, of steps of 0.05 s.
    assert later.progress["step"] - first.progress["step"] >= 5


@pytest.mark.usefixtures("runner")
def test_running_job_is_cancelled_within_a_second_and_keeps_its_result(engine: Engine):
    """A busy machine may be late once, so the best of some counts: a delay of ours shows in all."""
    took = []
    while not took or (min(took) >= 1 and len(took) < 5):
        job_id = add_job(engine, with_plan=True, steps=ENDLESS)
        wait_for(engine, job_id, lambda job: job.progress)
        asked = now()
        lease.cancel(engine, job_id)
        job = wait_for(engine, job_id, ended)
        took.append((job.finished_at - asked).total_seconds())
        assert (job.state, job.error) == ("cancelled", None)
        assert 0 < job.result["steps"] < ENDLESS
        assert planned_value(engine, job_id) == job.result["steps"]
    assert min(took) < 1, took


def test_cancelled_import_stores_nothing(engine: Engine, settings: Settings):
    """An import has no better-or-worse: it is rolled back at its commit."""
    job_id = add_job(engine, with_plan=True, steps=20, deaf=True)
    with transaction(engine) as session:
        session.execute(update(Job).where(Job.id == job_id).values(kind="import"))
    job = run_one(engine, settings, job_id, lambda _: lease.cancel(engine, job_id))
    assert (job.state, job.result) == ("cancelled", None)
    with reading(engine) as session:
        plan = session.get(Plan, job.plan_id)
        assert plan is not None
        assert plan.value is None


@pytest.mark.usefixtures("runner")
def test_job_that_does_not_listen_is_ended_after_its_grace(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(attempt, "CANCEL_GRACE_S", 0.5)
    job_id = add_job(engine, steps=ENDLESS, deaf=True)
    wait_for(engine, job_id, lambda job: job.progress)
    lease.cancel(engine, job_id)
    job = wait_for(engine, job_id, ended)
    assert (job.state, job.result, job.error) == ("cancelled", None, None)


@pytest.mark.parametrize(
    ("crash", "reason"),
    [("exit", "exit 7"), ("kill", "SIGKILL"), ("raise", "exit 1")],
)
def test_child_that_dies_fails_its_job_with_a_reason(
    engine: Engine, settings: Settings, crash: str, reason: str
):
    job = run_one(engine, settings, add_job(engine, crash=crash))
    assert (job.state, job.result, job.attempts) == ("failed", None, lease.MAX_ATTEMPTS)
    assert job.error["code"] == "job-crashed"
    assert job.error["params"]["reason"] == reason
    assert "secret" not in str(job.error)


def test_refusal_is_told_with_its_facts(engine: Engine, settings: Settings):
    job = run_one(engine, settings, add_job(engine, refuse=True))
    assert job.state == "failed"
    assert job.error == {
        "code": "missing-input",
        "params": {"regency": "62.02", "what": "teams"},
        "detail": "regency 62.02 has no teams; import teams first",
    }


def test_child_whose_lease_was_taken_stores_nothing(engine: Engine, nursery: Nursery):
    """The child finishes its work, but at its commit another holds the job."""
    job_id = add_job(engine, with_plan=True, steps=10)
    claimed = lease.claim(engine, "a")
    assert claimed is not None
    child = process.Child(nursery, job_id, claimed.kind, "a")
    while child.next_message(10) != {"type": "progress", "progress": {"step": 1}}:
        pass
    expire(engine, job_id, lease_owner="b", lease_until=now() + timedelta(seconds=60))
    while (message := child.next_message(10)) is not process.END:
        assert message is not None
        assert message["type"] == "progress"
    assert child.close(kill=False) == "exit 4"
    job = lease.read(engine, job_id)
    assert (job.lease_owner, job.state) == ("b", "doing")
    with reading(engine) as session:
        plan = session.get(Plan, job.plan_id)
        assert plan is not None
        assert plan.value is None


def test_attempt_ends_its_child_when_the_lease_is_lost(engine: Engine, nursery: Nursery):
    job_id = add_job(engine, steps=ENDLESS)
    claimed = lease.claim(engine, "a")
    assert claimed is not None

    def take_away(_progress: dict[str, object]) -> None:
        expire(engine, job_id, lease_owner="b", lease_until=now() + timedelta(seconds=60))

    Attempt(engine, nursery, claimed, on_progress=take_away).run()
    job = lease.read(engine, job_id)
    assert (job.state, job.lease_owner, job.error) == ("doing", "b", None)


def test_lease_is_renewed_while_a_job_runs(engine: Engine, nursery: Nursery):
    job_id = add_job(engine, steps=30)
    claimed = lease.claim(engine, "a")
    assert claimed is not None
    ends = now() + timedelta(seconds=1)
    expire(engine, job_id, lease_until=ends)
    seen = []
    Attempt(
        engine,
        nursery,
        claimed,
        on_progress=lambda _: seen.append(lease.read(engine, job_id).lease_until),
    ).run()
    assert seen[-1] > ends + timedelta(seconds=lease.LEASE_S - 2)


def test_runner_stop_puts_the_job_back(engine: Engine, settings: Settings):
    job_id = add_job(engine, with_plan=True, steps=ENDLESS)
    runner = ThreadRunner(engine, settings)
    runner.start()
    wait_for(engine, job_id, lambda job: job.progress)
    runner.stop()
    job = lease.read(engine, job_id)
    assert (job.state, job.attempts, job.lease_until) == ("todo", 0, None)


def test_a_worker_ends_though_loops_are_still_compiled(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    """On a busy machine that takes minutes, in which nobody listens to its parent."""
    monkeypatch.setattr(process, "MODULE", "tests.app.busy_nursery")
    nursery, stop = Nursery(settings, eager=True), threading.Event()
    ends = [threading.Thread(target=nursery.wait_until_ready, args=(stop,), daemon=True),
            threading.Thread(target=nursery.close, daemon=True)]  # fmt: skip
    ends[0].start()
    stop.set()
    ends[0].join(30)
    ends[1].start()
    ends[1].join(30)
    assert [thread.is_alive() for thread in ends] == [False, False]


def test_two_workers_do_every_job_once(engine: Engine, settings: Settings):
    jobs = [add_job(engine, steps=1) for _ in range(4)]
    runner = ThreadRunner(engine, settings, n_jobs=2)
    runner.start()
    done = [wait_for(engine, job_id, ended) for job_id in jobs]
    runner.stop()
    assert [(job.state, job.attempts) for job in done] == [("succeeded", 1)] * 4


def test_run_one_follows_a_job_that_a_server_took(engine: Engine, settings: Settings):
    job_id = add_job(engine, steps=30)
    lease.claim(engine, "other")
    runner = ThreadRunner(engine, settings)
    lease.give_back(engine, job_id, "other")
    runner.start()
    wait_for(engine, job_id, lambda job: job.state == "doing")
    seen: list[dict[str, object]] = []
    job = run_one(engine, settings, job_id, seen.append)
    runner.stop()
    assert (job.state, job.attempts) == ("succeeded", 1)
    assert seen


def planned_value(engine: Engine, job_id: int) -> float | None:
    with reading(engine) as session:
        plan = session.get(Plan, lease.read(engine, job_id).plan_id)
        assert plan is not None
        return plan.value


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_asks_once_and_insists_twice(
    engine: Engine, settings: Settings, tmp_path: Path, presses: int
):
    """Once: the best so far is kept. Twice: a job that does not listen is not waited for."""
    job_id = add_job(engine, with_plan=True, steps=ENDLESS, deaf=presses == 2)
    environment = {**os.environ, PREFIX + "DATABASE_URL": settings.url}
    told = tmp_path / "told"
    with told.open("w") as out:
        command = Copy("tests.app.worker", str(job_id), env=environment, stdout=out)
    wait_for(engine, job_id, lambda job: job.progress)
    command.send_signal(signal.SIGINT)
    wait_for(engine, job_id, lambda job: job.cancel_requested)
    if presses == 2:
        command.send_signal(signal.SIGINT)
    assert (command.wait(20), told.read_text().strip()) == (0, "cancelled")
    value = planned_value(engine, job_id)
    assert (value is None) if presses == 2 else (value or 0) > 0


# --- the server --------------------------------------------------------------------------------


def test_killed_server_leaves_no_child_and_its_job_is_done_after_a_restart(
    settings: Settings, engine: Engine, live_server_of: ServerOf
):
    first = live_server_of(settings, fake_jobs=True)
    job_id = add_job(engine, with_plan=True, steps=20)
    wait_for(engine, job_id, lambda job: job.progress)
    [child] = grandchildren_of(first.process.pid)
    first.process.kill()
    first.process.wait(10)
    ends = time.monotonic() + 5
    while is_running(child) and time.monotonic() < ends:
        time.sleep(0.02)
    assert not is_running(child)
    assert lease.read(engine, job_id).state == "doing"  # nobody was left to say otherwise
    expire(engine, job_id)  # as ten seconds would
    second = live_server_of(settings, fake_jobs=True)
    job = second.wait_for_job(job_id)
    assert (job["state"], job["attempts"]) == ("succeeded", 2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped_server_puts_its_job_back(
    settings: Settings, engine: Engine, live_server_of: ServerOf, number: int
):
    server = live_server_of(settings, fake_jobs=True)
    job_id = add_job(engine, steps=ENDLESS)
    wait_for(engine, job_id, lambda job: job.progress)
    [child] = grandchildren_of(server.process.pid)
    server.process.send_signal(number)
    server.process.wait(15)
    assert not is_running(child)
    job = lease.read(engine, job_id)
    assert (job.state, job.attempts) == ("todo", 0)


def test_cancel_over_http_reaches_the_child(
    settings: Settings, engine: Engine, live_server_of: ServerOf
):
    server = live_server_of(settings, fake_jobs=True)
    job_id = add_job(engine, with_plan=True, steps=ENDLESS)
    wait_for(engine, job_id, lambda job: job.progress)
    answer = server.client.post(f"/api/v1/jobs/{job_id}/cancel")
    assert (answer.status_code, answer.json()["cancel_requested"]) == (202, True)
    job = server.wait_for_job(job_id)
    assert job["state"] == "cancelled"
    assert job["result"]["steps"] > 0
    again = server.client.post(f"/api/v1/jobs/{job_id}/cancel")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/job-finished")


# --- uploads -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("rekap.xlsx", "rekap.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\data\\tim é.csv", "tim_e.csv"),
        (".ssh", "ssh"),
        ("..", "upload"),
        ("", "upload"),
        (None, "upload"),
        ("a\x00b\n.csv", "a_b_.csv"),
        ("x" * 300 + ".csv", "x" * 96 + ".csv"),
    ],
)
def test_names_of_uploads_are_neutralised(given: str | None, kept: str):
    assert uploads.safe_name(given) == kept


def test_uploads_are_swept_when_old_and_nobody_waits_for_them(tmp_path: Path):
    paths = [uploads.store(tmp_path, "a.csv", io.BytesIO(b"a,b"), 1) for _ in range(3)]
    old = time.time() - uploads.SWEEP_AFTER_S - 1
    for path in paths[:2]:
        os.utime(path.parent, (old, old))
    uploads.sweep(tmp_path, [str(paths[0])])
    assert [path.exists() for path in paths] == [True, False, True]


def test_an_upload_outlives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its bytes are on the disk before its name is, and that before its folder's."""
    synced, flush = [], os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(
            (str(Path(f"/proc/self/fd/{descriptor}").readlink()), os.fstat(descriptor).st_size)
        )
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    path = uploads.store(tmp_path.resolve(), "a.csv", io.BytesIO(b"a,b"), 1)
    assert synced[0] == (str(path), 3)
    assert [name for name, _ in synced[1:]] == [str(place) for place in path.parents[:3]]


def test_only_uploads_are_ever_removed(tmp_path: Path):
    mine = tmp_path / "office" / "data.csv"
    mine.parent.mkdir()
    mine.touch()
    uploads.discard({"upload": str(mine)})
    uploads.discard({})
    assert mine.exists()


def test_engines_do_not_share_a_lease(engine: Engine, settings: Settings):
    """Two processes see the same row: the second claim through another engine finds nothing."""
    other = connect(settings.url)
    add_job(engine)
    assert lease.claim(engine, "a") is not None
    assert lease.claim(other, "b") is None
    other.dispose()
