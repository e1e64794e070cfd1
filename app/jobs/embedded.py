"""Runs jobs inside a server with SQLite: threads that take them from the database."""

import logging
import threading

from sqlalchemy import Engine

from app.jobs import lease
from app.jobs.attempt import Attempt
from app.jobs.keeping import RENEW_S
from app.jobs.process import Nursery
from app.settings import Settings

log = logging.getLogger(__name__)

IDLE_S = 0.25


class ThreadRunner:
    """Threads that take jobs from the database, for as long as a server runs.

    Parameters
    ----------
    n_jobs
        How many jobs run at a time.
    """

    def __init__(self, engine: Engine, settings: Settings, *, n_jobs: int = 1) -> None:
        self._engine = engine
        self._nursery = Nursery(settings)
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._loop, name=f"jobs-{n}") for n in range(n_jobs)
        ]

    def start(self) -> None:
        """Begin to take jobs; what a server before left undone is prepared for at once."""
        self._nursery.expect(lease.unfinished_kinds(self._engine))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the children, put their jobs back, and wait until that is done."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._nursery.close()

    def _loop(self) -> None:
        owner = lease.new_owner()
        while not self._stop.is_set():
            try:
                job = lease.claim(self._engine, owner)
                if job is not None:
                    Attempt(self._engine, self._nursery, job, quits=self._stop.is_set).run()
                    continue
            except Exception:  # the thread must live: jobs would wait for ever
                log.exception("could not run a job")
                self._stop.wait(RENEW_S)
            self._stop.wait(IDLE_S)
