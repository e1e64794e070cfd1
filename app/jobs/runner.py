"""Which runner does the jobs: threads on SQLite's rows, or a worker of PostgreSQL's queue."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sqlalchemy import Engine
from sqlmodel import col, select

from app.db import reading
from app.errors import QueueNeedsPostgresql
from app.jobs import uploads
from app.jobs.schedule import Clock
from app.models import UNFINISHED, Job
from app.settings import Settings


class Runner(Protocol):
    """Does jobs in the background, each in a child process."""

    def start(self) -> None:
        """Begin to take jobs."""

    def stop(self) -> None:
        """End the children, put their jobs back, and wait until that is done."""


def runner_of_server(engine: Engine, settings: Settings) -> Runner:
    """Give the runner inside a server.

    With PostgreSQL and ``server_jobs`` of 0 it only imports files, which lie beside the server.
    """
    _sweep(engine, settings)
    n_jobs = settings.server_jobs
    if engine.dialect.name == "postgresql":
        from app.jobs.queue import QueueRunner

        return QueueRunner(engine, settings, n_jobs=n_jobs or 1, only_files=not n_jobs, eager=False)
    from app.jobs.embedded import ThreadRunner

    return ThreadRunner(engine, settings, n_jobs=n_jobs or 1)


def runner_of_worker(engine: Engine, settings: Settings, n_jobs: int) -> Runner:
    """Give the runner of a process that does nothing else.

    Raises
    ------
    QueueNeedsPostgresql
        When the database is another.
    """
    if engine.dialect.name != "postgresql":
        raise QueueNeedsPostgresql(backend=engine.dialect.name)
    from app.jobs.queue import QueueRunner

    return QueueRunner(engine, settings, n_jobs=n_jobs)


@contextmanager
def running(runner: Runner, clock: Clock) -> Iterator[None]:
    """Let a runner do jobs, and a clock ask for them, until the block ends."""
    runner.start()
    clock.start()
    try:
        yield
    finally:
        clock.stop()
        runner.stop()


def _sweep(engine: Engine, settings: Settings) -> None:
    """Remove uploads that no job names any more."""
    with reading(engine) as session:
        active = select(Job).where(col(Job.state).in_(UNFINISHED))
        keep = [str(job.args.get("upload", "")) for job in session.exec(active)]
    uploads.sweep(settings.data_dir, keep)
