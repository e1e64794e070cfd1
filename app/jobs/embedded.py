"""Runs jobs from the database in this process's children: for a server, or one for the terminal."""

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from app.db import reading, transaction
from app.errors import JobCrashed, JobFinished
from app.jobs import lease, uploads
from app.jobs.process import END, Child, Message
from app.models import Job, JobState
from app.settings import Settings

log = logging.getLogger(__name__)

RENEW_S = 2.0
TICK_S = 0.25
PROGRESS_S = 0.5
IDLE_S = 0.25
# A child that was asked to stop gets this long to store its best plan.
CANCEL_GRACE_S = 60.0
# SQLite has one writer: a big import may keep the others waiting longer than one time-out.
FINISH_TRIES = 6

OnProgress = Callable[[dict[str, Any]], None]


def _never() -> bool:
    return False


class Attempt:
    """One try at a claimed job: the child, its lease, its progress, its end.

    Parameters
    ----------
    quits
        Becomes True when the server stops: the child is ended, the job put back.
    presses
        How often Ctrl-C was pressed: once asks the job to stop, twice does not wait for it.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        job: Job,
        *,
        quits: Callable[[], bool] = _never,
        presses: Callable[[], int] = lambda: 0,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._engine, self._settings = engine, settings
        self._job_id, self._owner = job.id or 0, job.lease_owner or ""
        self._quits, self._presses, self._on_progress = quits, presses, on_progress
        self._progress: dict[str, Any] | None = None
        self._last: Message | None = None
        self._renewed_at = time.monotonic()
        self._grace_ends: float | None = None
        self._asked = False

    def run(self) -> None:
        """Work until the job has ended, is given back, or belongs to somebody else."""
        child = Child(self._job_id, self._owner, self._settings)
        ended, goes_on, ticked_at = False, True, 0.0
        try:
            while goes_on and not ended:
                message = child.next_message(TICK_S)
                ended = message is END
                self._take(message)
                if time.monotonic() - ticked_at >= TICK_S:
                    ticked_at = time.monotonic()
                    goes_on = ended or self._tick(child)
        finally:
            ending = child.close(kill=not ended)
        self._conclude(ending, quit_early=not ended)

    def _take(self, message: Message | None) -> None:
        if message is None or message is END:
            return
        if message["type"] != "progress":
            self._last = message
            return
        self._progress = message["progress"]
        if self._on_progress is not None:
            self._on_progress(message["progress"])

    def _tick(self, child: Child) -> bool:
        """Look at the row and keep the lease; False when the child must end now."""
        if self._quits():
            return False
        try:
            self._pass_on_interrupt()
            held = lease.look(self._engine, self._job_id, self._owner)
            if not held.mine:
                return False
            self._renew()
        except OperationalError:  # locked for long: the lease lasts several ticks
            log.warning("job row not reachable, trying again", extra={"job_id": self._job_id})
            return True
        if held.cancel_requested and self._grace_ends is None:
            child.cancel()
            self._grace_ends = time.monotonic() + CANCEL_GRACE_S
        patience_ends = 0.0 if self._presses() > 1 else self._grace_ends
        return patience_ends is None or time.monotonic() < patience_ends

    def _pass_on_interrupt(self) -> None:
        if self._presses() and not self._asked:
            self._asked = True
            cancel(self._engine, self._job_id)

    def _renew(self) -> None:
        age = time.monotonic() - self._renewed_at
        if age < (RENEW_S if self._progress is None else PROGRESS_S):
            return
        lease.renew(self._engine, self._job_id, self._owner, self._progress)
        self._progress, self._renewed_at = None, time.monotonic()

    def _conclude(self, ending: str, *, quit_early: bool) -> None:
        """Write how the job ended; a lost lease makes each of these change nothing."""
        if self._last is None and quit_early and self._quits():
            lease.give_back(self._engine, self._job_id, self._owner)
            return
        state, result, error = self._outcome(ending, quit_early=quit_early)
        if not self._finish(state, result, error):
            log.warning("job was taken over, result dropped", extra={"job_id": self._job_id})

    def _finish(
        self, state: JobState, result: dict[str, Any] | None, error: dict[str, Any] | None
    ) -> bool:
        for _ in range(FINISH_TRIES - 1):
            try:
                return lease.finish(
                    self._engine, self._job_id, self._owner, state, result=result, error=error
                )
            except OperationalError:
                log.warning("job row locked, trying again", extra={"job_id": self._job_id})
        return lease.finish(
            self._engine, self._job_id, self._owner, state, result=result, error=error
        )

    def _outcome(
        self, ending: str, *, quit_early: bool
    ) -> tuple[JobState, dict[str, Any] | None, dict[str, Any] | None]:
        if self._last is None:
            if quit_early:  # it did not stop in the time it was given
                return JobState.CANCELLED, None, None
            error = JobCrashed(job_id=self._job_id, reason=ending)
            log.error("child of job died", extra={"job_id": self._job_id, "ending": ending})
            return JobState.FAILED, None, lease.describe(error)
        if self._last["type"] == "failed":
            return JobState.FAILED, None, self._last["error"]
        state = JobState.CANCELLED if self._last["cancelled"] else JobState.SUCCEEDED
        return state, self._last["result"], None


class Runner:
    """Threads that take jobs from the database, for as long as a server runs.

    Parameters
    ----------
    n_workers
        How many jobs run at a time.
    """

    def __init__(self, engine: Engine, settings: Settings, *, n_workers: int = 1) -> None:
        self._engine, self._settings = engine, settings
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._loop, name=f"jobs-{n}") for n in range(n_workers)
        ]

    def start(self) -> None:
        """Begin to take jobs."""
        with reading(self._engine) as session:
            active = select(Job).where(col(Job.state).not_in(lease.FINAL))
            keep = [str(job.args.get("upload", "")) for job in session.exec(active)]
        uploads.sweep(self._settings.data_dir, keep)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the children, put their jobs back, and wait until that is done."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _loop(self) -> None:
        owner = new_owner()
        while not self._stop.is_set():
            try:
                job = lease.claim(self._engine, owner)
                if job is not None:
                    Attempt(self._engine, self._settings, job, quits=self._stop.is_set).run()
                    continue
            except Exception:  # the thread must live: jobs would wait for ever
                log.exception("could not run a job")
                self._stop.wait(RENEW_S)
            self._stop.wait(IDLE_S)


def run_one(
    engine: Engine, settings: Settings, job_id: int, on_progress: OnProgress | None = None
) -> Job:
    """Run one job and wait for its end; Ctrl-C cancels it and keeps the best plan so far.

    When a server takes the job first, its progress is shown and its end waited for.
    """
    owner = new_owner()
    with _interrupts() as presses:
        asked = False
        while True:
            claimed = lease.claim(engine, owner, job_id)
            if claimed is not None:
                Attempt(engine, settings, claimed, presses=presses, on_progress=on_progress).run()
            job = lease.read(engine, job_id)
            if job.state in lease.FINAL:
                return job
            if on_progress is not None and job.progress is not None:
                on_progress(job.progress)
            if presses() and not asked:
                asked = True
                cancel(engine, job_id)
            time.sleep(TICK_S)


def cancel(engine: Engine, job_id: int) -> None:
    """Ask a job to stop; nothing happens when it has ended meanwhile."""
    try:
        with transaction(engine) as session:
            lease.request_cancel(session, job_id)
    except JobFinished:
        log.info("job ended before it could be cancelled", extra={"job_id": job_id})


def new_owner() -> str:
    """Make a name for a holder of leases that no other has."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


@contextmanager
def _interrupts() -> Iterator[Callable[[], int]]:
    """Count Ctrl-C instead of raising; elsewhere than in the main thread there is none to count."""
    count = 0

    def press(_number: int, _frame: FrameType | None) -> None:
        nonlocal count
        count += 1

    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return
    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: count
    finally:
        signal.signal(signal.SIGINT, before)
