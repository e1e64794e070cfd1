"""One try at a job that was claimed, whoever runs it: its child, its lease, its end."""

import logging
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from app.errors import JobCrashed
from app.jobs import cancel_mark, lease
from app.jobs.keeping import Keeper
from app.jobs.process import END, Child, Message, Nursery, NurseryGone
from app.models import Job, JobState

log = logging.getLogger(__name__)

TICK_S = 0.25
# A child that was asked to stop gets this long to store its best plan.
CANCEL_GRACE_S = 60.0
# One that has not begun, because what it is forked from is still loading, has nothing to store.
UNBORN_GRACE_S = 0.25
# SQLite waits its time-out for another writer; a database that is away refuses at once.
FINISH_TRIES = 12
FINISH_WAIT_S = 5.0

OnProgress = Callable[[dict[str, Any]], None]


def _never() -> bool:
    return False


class Attempt:
    """One try at a claimed job: the child, its lease, its progress, its end.

    Parameters
    ----------
    job
        As it was claimed.
    quits
        Becomes True when the server stops: the child is ended, the job put back.
    presses
        How often Ctrl-C was pressed: once asks the job to stop, twice does not wait for it.
    """

    def __init__(
        self,
        engine: Engine,
        nursery: Nursery,
        job: Job,
        *,
        quits: Callable[[], bool] = _never,
        presses: Callable[[], int] = lambda: 0,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._engine, self._nursery = engine, nursery
        self._job_id, self._owner = job.id or 0, job.lease_owner or ""
        self._kind, self._attempts = job.kind, job.attempts
        self._quits, self._presses, self._on_progress = quits, presses, on_progress
        self._keeper: Keeper | None = None
        self._last: Message | None = None
        self._has_begun = False
        self._asked_at: float | None = None

    def run(self) -> None:
        """Work until the job has ended, is given back, or belongs to somebody else."""
        facts = {"job_id": self._job_id, "kind": self._kind, "attempts": self._attempts}
        log.info("job began", extra=facts)
        child = self._child()
        if child is None:
            self._conclude("no process to fork from", quit_early=False)
            return
        self._keeper = Keeper(self._engine, self._job_id, self._owner)
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
            ending = child.close(kill=not ended, has_begun=self._has_begun)
            self._keeper.stop()
        self._conclude(ending, quit_early=not ended)

    def _child(self) -> Child | None:
        try:
            return Child(self._nursery, self._job_id, self._kind, self._owner)
        except NurseryGone:
            log.exception("no process to fork from", extra={"job_id": self._job_id})
            return None

    def _take(self, message: Message | None) -> None:
        if message is None or message is END:
            return
        self._has_begun = True
        if message["type"] == "progress":
            if self._keeper is not None:
                self._keeper.show(message["progress"])
            if self._on_progress is not None:
                self._on_progress(message["progress"])
        elif message["type"] != "began":
            self._last = message

    def _tick(self, child: Child) -> bool:
        """Look whether the job goes on as it does; False when the child must end now."""
        if self._quits():
            return False
        if self._presses() and self._asked_at is None:
            self._ask(child)
            self._write_down()
        try:
            held = lease.look(self._engine, self._job_id, self._owner)
        except OperationalError:  # away: the lease lasts several ticks
            log.warning("job row not reachable, trying again", extra={"job_id": self._job_id})
            return True
        if not held.mine:
            return False
        if held.cancel_requested or cancel_mark.is_left(self._engine, self._job_id):
            self._ask(child)
        return self._asked_at is None or self._has_patience(self._asked_at)

    def _ask(self, child: Child) -> None:
        if self._asked_at is None:
            child.cancel()
            self._asked_at = time.monotonic()

    def _write_down(self) -> None:
        try:
            lease.cancel(self._engine, self._job_id)
        except OperationalError:  # the child knows, and its end will say so
            log.warning("job row not reachable", extra={"job_id": self._job_id})

    def _has_patience(self, since: float) -> bool:
        grace = CANCEL_GRACE_S if self._has_begun else UNBORN_GRACE_S
        return self._presses() < 2 and time.monotonic() < since + grace

    def _conclude(self, ending: str, *, quit_early: bool) -> None:
        """Write how the job ended; a lost lease makes each of these change nothing."""
        if self._last is None and quit_early and self._quits():
            self._patiently(lambda: lease.give_back(self._engine, self._job_id, self._owner))
            return
        if self._may_be_retried(quit_early=quit_early):
            why = self._failure(ending)
            log.warning("job is tried again", extra={"job_id": self._job_id, "error": why})
            self._patiently(lambda: lease.put_back(self._engine, self._job_id, self._owner, why))
            return
        state, result, error = self._outcome(ending, quit_early=quit_early)
        facts = {"job_id": self._job_id, "kind": self._kind, "state": str(state), "error": error}
        log.info("job ended", extra=facts)
        if not self._patiently(
            lambda: lease.finish(
                self._engine, self._job_id, self._owner, state, result=result, error=error
            )
        ):
            log.warning("job was taken over, result dropped", extra={"job_id": self._job_id})

    def _patiently(self, change: Callable[[], bool]) -> bool:
        """Change the row, and try again while the database is locked, full or away."""
        for _ in range(FINISH_TRIES - 1):
            try:
                return change()
            except OperationalError:
                log.warning("job row not reachable", extra={"job_id": self._job_id}, exc_info=True)
                time.sleep(FINISH_WAIT_S)
        return change()

    def _may_be_retried(self, *, quit_early: bool) -> bool:
        """Tell whether what went wrong may go well another time: a crash, a database away."""
        if self._attempts >= lease.MAX_ATTEMPTS or quit_early:
            return False
        return self._last is None or bool(self._last.get("again"))

    def _failure(self, ending: str) -> dict[str, Any]:
        if self._last is not None:
            told: dict[str, Any] = self._last["error"]
            return told
        log.error("child of job died", extra={"job_id": self._job_id, "ending": ending})
        return lease.describe(JobCrashed(job_id=self._job_id, reason=ending))

    def _outcome(
        self, ending: str, *, quit_early: bool
    ) -> tuple[JobState, dict[str, Any] | None, dict[str, Any] | None]:
        if self._last is None and quit_early:  # it did not stop in the time it was given
            return JobState.CANCELLED, None, None
        if self._last is None or self._last["type"] == "failed":
            return JobState.FAILED, None, self._failure(ending)
        state = JobState.CANCELLED if self._last["cancelled"] else JobState.SUCCEEDED
        return state, self._last["result"], None
