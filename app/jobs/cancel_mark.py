"""A word to the worker of a job that keeps everybody else from writing: a file beside SQLite's.

SQLite has one writer. While an import stores what it read, nobody can write into its row that it
is to stop; with this file its worker hears so all the same, the import ends, and the row can be
written. It says nothing that the row is not told a moment later, so one that is lost costs time
only. PostgreSQL needs none.
"""

import contextlib
from pathlib import Path

from sqlalchemy import Engine


def leave(engine: Engine, job_id: int) -> None:
    """Leave the word; without room for it the cancel waits for the writer."""
    if (path := _path(engine, job_id)) is not None:
        with contextlib.suppress(OSError):
            path.touch(mode=0o600)


def is_left(engine: Engine, job_id: int) -> bool:
    """Tell whether the job is asked to stop by a word."""
    path = _path(engine, job_id)
    return path is not None and path.exists()


def take_away(engine: Engine, job_id: int) -> None:
    """Remove the word, if there is one."""
    if (path := _path(engine, job_id)) is not None:
        path.unlink(missing_ok=True)


def _path(engine: Engine, job_id: int) -> Path | None:
    if engine.dialect.name != "sqlite":
        return None
    return Path(f"{engine.url.database}-cancel-{job_id}")
