"""What happens to the row of a job: claimed, renewed, finished, given back.

Whoever works on a job holds its lease. Every change is one UPDATE that names the holder, so a
worker that was asleep while its lease ran out changes nothing any more. On PostgreSQL, where
workers may be on several machines, leases are told by the clock of the database.
"""

import logging
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, or_, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.db import now, reading, transaction
from app.errors import JobAbandoned, JobFinished, JobNotFound
from app.jobs import cancel_mark, uploads
from app.models import FINAL, UNFINISHED, Job, JobState

log = logging.getLogger(__name__)

# Three renewals: what a dead worker had is free so soon. docs/scale.md has what follows from it.
LEASE_S = 6.0
MAX_ATTEMPTS = 3


class Held(NamedTuple):
    """What a holder sees of its job: is the lease still its own, is it asked to stop."""

    mine: bool
    cancel_requested: bool


def find(session: Session, job_id: int) -> Job:
    """Read a job or raise ``JobNotFound``."""
    job = session.get(Job, job_id)
    if job is None:
        raise JobNotFound(job_id=job_id)
    return job


def read(engine: Engine, job_id: int) -> Job:
    """Read a job in a transaction of its own or raise ``JobNotFound``."""
    with reading(engine) as session:
        return find(session, job_id)


def unfinished_kinds(engine: Engine) -> list[str]:
    """List the kinds of jobs that have not ended."""
    with reading(engine) as session:
        asked = select(Job.kind).distinct().where(col(Job.state).in_(UNFINISHED))
        return list(session.exec(asked))


def held(job_id: int, owner: str) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions under which ``owner`` works on the job."""
    return (
        col(Job.id) == job_id,
        col(Job.lease_owner) == owner,
        col(Job.state) == JobState.DOING,
    )


def claim(engine: Engine, owner: str, job_id: int | None = None) -> Job | None:
    """Take the free job that comes first, or the one named if that is free; None when none is.

    Free is a job to do, and one whose lease ran out and that was not tried ``MAX_ATTEMPTS`` times.
    """
    close_abandoned(engine)
    with reading(engine) as session:  # an idle worker never takes the write lock
        if session.exec(_first(_free(engine), job_id)).first() is None:
            return None
    with _judging(engine) as (session, is_fair):
        free = _free(engine) if is_fair else _to_do()
        job = session.execute(
            update(Job)
            .where(col(Job.id) == _first(free, job_id).scalar_subquery(), free)
            .values(
                state=JobState.DOING,
                lease_owner=owner,
                lease_until=lease_end(engine),
                attempts=Job.attempts + 1,
                started_at=now(),
                progress=None,
                version=Job.version + 1,
            )
            .returning(Job)
        ).scalar_one_or_none()
    if job is not None:
        cancel_mark.take_away(engine, job.id or 0)
    return job


def close_abandoned(engine: Engine) -> None:
    """End jobs that nobody holds and nobody may take up again, with a reason."""
    no_more = or_(col(Job.cancel_requested), col(Job.attempts) >= MAX_ATTEMPTS)
    given_up = and_(_expired(engine), no_more)
    hopeless = or_(given_up, and_(col(Job.state) == JobState.TODO, col(Job.cancel_requested)))
    with reading(engine) as session:
        if session.exec(select(Job.id).where(hopeless).limit(1)).first() is None:
            return
    try:
        with transaction(engine, waits=False) as session:  # as for a lease that is judged
            for job in session.exec(select(Job).where(hopeless).with_for_update()).all():
                _close(session, job)
    except OperationalError as error:
        log.info("jobs are closed another time", extra={"reason": str(error.orig)})


def _close(session: Session, job: Job) -> None:
    error = JobAbandoned(job_id=job.id, attempts=job.attempts)
    job.state = JobState.CANCELLED if job.cancel_requested else JobState.FAILED
    job.error = None if job.cancel_requested else describe(error)
    job.finished_at, job.lease_owner, job.lease_until = now(), None, None
    job.version += 1
    session.add(job)
    uploads.discard(job.args)
    log.warning("job closed, its worker is gone", extra={"job_id": job.id})


def look(engine: Engine, job_id: int, owner: str) -> Held:
    """Tell whether ``owner`` still holds the job and whether it is to stop; writes nothing."""
    with reading(engine) as session:
        flag = session.exec(select(Job.cancel_requested).where(*held(job_id, owner))).one_or_none()
    return Held(mine=flag is not None, cancel_requested=bool(flag))


def renew(engine: Engine, job_id: int, owner: str, progress: dict[str, Any] | None = None) -> None:
    """Hold the job ``LEASE_S`` longer and show ``progress``, if any."""
    values = {} if progress is None else {"progress": progress, "version": Job.version + 1}
    with transaction(engine) as session:
        values["lease_until"] = lease_end(engine)  # it may have waited as long as a lease lasts
        session.execute(update(Job).where(*held(job_id, owner)).values(values))


def finish(
    engine: Engine,
    job_id: int,
    owner: str,
    state: JobState,
    *,
    result: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
) -> bool:
    """End a job; False, and nothing changed, when it is no longer held by ``owner``."""
    with transaction(engine) as session:
        args = session.execute(
            update(Job)
            .where(*held(job_id, owner))
            .values(
                state=state,
                result=result,
                error=error,
                finished_at=now(),
                lease_owner=None,
                lease_until=None,
                version=Job.version + 1,
            )
            .returning(col(Job.args))
        ).scalar_one_or_none()
        if args is not None and args.get("url"):
            # An address may have a key in it; what it was stays with the import, without the key.
            bare = {**args, "url": None}
            session.execute(update(Job).where(col(Job.id) == job_id).values(args=bare))
    if args is None:
        return False
    uploads.discard(args)
    cancel_mark.take_away(engine, job_id)
    return True


def give_back(engine: Engine, job_id: int, owner: str) -> bool:
    """Put a job back among those to do, as if it had not been tried: its server stops."""
    return _put_back(engine, job_id, owner, attempts=Job.attempts - 1)


def put_back(engine: Engine, job_id: int, owner: str, error: dict[str, Any]) -> bool:
    """Put a job back to be tried again; ``error`` tells what went wrong this time."""
    return _put_back(engine, job_id, owner, error=error)


def _put_back(engine: Engine, job_id: int, owner: str, **values: object) -> bool:
    """Let go of a job; one that is to be cancelled is closed by the next claim."""
    with transaction(engine) as session:
        done = session.scalar(
            update(Job)
            .where(*held(job_id, owner))
            .values(
                state=JobState.TODO,
                lease_owner=None,
                lease_until=None,
                progress=None,
                version=Job.version + 1,
                **values,
            )
            .returning(col(Job.id))
        )
    return done is not None


def hasten(engine: Engine, job_id: int) -> bool:
    """Let a cancel be heard that may have to wait for SQLite's writer, who may be the job itself.

    To be called by who may cancel the job, before the transaction of ``request_cancel``, which is
    given the answer: whether the job was at work.
    """
    if not _is_doing(engine, job_id):
        return False
    cancel_mark.leave(engine, job_id)
    if _is_doing(engine, job_id):
        return True
    cancel_mark.take_away(engine, job_id)  # it has ended meanwhile, and would have done so itself
    return True


def _is_doing(engine: Engine, job_id: int) -> bool:
    with reading(engine) as session:
        state = session.exec(select(Job.state).where(Job.id == job_id)).one_or_none()
    return state == JobState.DOING


def request_cancel(session: Session, job_id: int, *, was_hastened: bool = False) -> Job:
    """Ask a job to stop: one still to do is cancelled at once, another as soon as it hears.

    One that was hastened may have ended by that already.

    Raises
    ------
    JobNotFound, JobFinished
        When there is nothing to cancel.
    """
    # Held to the end: a worker that claims it at the same moment comes before or after. An import
    # that stores refers to its job and goes on meanwhile (``key_share``).
    held = {"key_share": True}
    job = session.get(Job, job_id, with_for_update=held, populate_existing=True)
    if job is None:
        raise JobNotFound(job_id=job_id)
    if job.state in FINAL and not (was_hastened and job.state == JobState.CANCELLED):
        raise JobFinished(job_id=job_id, state=job.state)
    job.cancel_requested = True
    job.version += 1
    if job.state == JobState.TODO:
        job.state = JobState.CANCELLED
        job.finished_at = now()
        uploads.discard(job.args)
    session.add(job)
    session.flush()
    return job


def cancel(engine: Engine, job_id: int) -> Job | None:
    """Ask a job to stop; None when it has ended meanwhile."""
    was_hastened = hasten(engine, job_id)
    try:
        with transaction(engine) as session:
            return request_cancel(session, job_id, was_hastened=was_hastened)
    except JobFinished:
        log.info("job ended before it could be cancelled", extra={"job_id": job_id})
        return None


def new_owner() -> str:
    """Make a name for a holder of leases that no other has."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


def describe(error: Exception) -> dict[str, Any]:
    """Give an error as a job stores it: code, facts and the English sentence."""
    params = {name: _plain(value) for name, value in getattr(error, "params", {}).items()}
    return {
        "code": getattr(error, "code", "invalid-problem"),
        "params": params,
        "detail": str(error),
    }


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def lease_end(on: Engine | Connection) -> datetime | ColumnElement[datetime]:
    """Tell until when a lease lasts that is taken or renewed now."""
    return _clock(on) + timedelta(seconds=LEASE_S)


def _clock(on: Engine | Connection) -> datetime | ColumnElement[datetime]:
    return func.clock_timestamp() if on.dialect.name == "postgresql" else now()


@contextmanager
def _judging(engine: Engine) -> Iterator[tuple[Session, bool]]:
    """Open a session that writes, and tell whether leases that ran out may be judged in it.

    Not where SQLite's write lock was held: nobody could renew a lease meanwhile, and who is alive
    does so as soon as it is free, well before the next look.
    """
    with ExitStack() as stack:
        try:
            session, is_fair = stack.enter_context(transaction(engine, waits=False)), True
        except OperationalError:
            session, is_fair = stack.enter_context(transaction(engine)), False
        yield session, is_fair


def _expired(engine: Engine) -> ColumnElement[bool]:
    return and_(col(Job.state) == JobState.DOING, col(Job.lease_until) < _clock(engine))


def _free(engine: Engine) -> ColumnElement[bool]:
    again = and_(_expired(engine), col(Job.attempts) < MAX_ATTEMPTS, ~col(Job.cancel_requested))
    return or_(_to_do(), again)


def _to_do() -> ColumnElement[bool]:
    return and_(col(Job.state) == JobState.TODO, ~col(Job.cancel_requested))


def _first(free: ColumnElement[bool], job_id: int | None) -> SelectOfScalar[int | None]:
    """Choose of free jobs the one that comes first, or the one named."""
    wanted = free if job_id is None else and_(free, col(Job.id) == job_id)
    return (
        select(col(Job.id))
        .where(wanted)
        .order_by(col(Job.priority).desc(), col(Job.created_at), col(Job.id))
        .limit(1)
        .with_for_update(skip_locked=True)  # two workers on PostgreSQL; SQLite has one writer
    )
