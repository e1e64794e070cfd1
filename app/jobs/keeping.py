"""Renews the lease of a job, beside whoever listens to the job and to cancels."""

import logging
import threading
import time
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from app.jobs import lease

log = logging.getLogger(__name__)

RENEW_S = 2.0
PROGRESS_S = 0.5


class Keeper:
    """A thread that renews a lease and shows progress until ``stop``.

    Renewing writes, and with SQLite it waits for whoever writes: for the job itself, while an
    import stores what it read. Nobody else can take the lease meanwhile, as that writes too.
    """

    def __init__(self, engine: Engine, job_id: int, owner: str) -> None:
        self._engine, self._job_id, self._owner = engine, job_id, owner
        self._lock = threading.Lock()
        self._progress: dict[str, Any] | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)
        self._thread.start()

    def show(self, progress: dict[str, Any]) -> None:
        """Write this with the next renewal, ``PROGRESS_S`` after the last at the earliest."""
        with self._lock:
            self._progress = progress

    def stop(self) -> None:
        """Renew no more."""
        self._over.set()
        self._thread.join()

    def _renew(self) -> None:
        renewed_at = time.monotonic()
        while not self._over.wait(PROGRESS_S):
            with self._lock:
                progress, self._progress = self._progress, None
            if progress is None and time.monotonic() - renewed_at < RENEW_S:
                continue
            try:
                lease.renew(self._engine, self._job_id, self._owner, progress)
                renewed_at = time.monotonic()
            except OperationalError:  # locked for long: the lease lasts several renewals
                log.warning("lease not renewed, trying again", extra={"job_id": self._job_id})
