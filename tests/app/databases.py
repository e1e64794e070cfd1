"""The databases that tests run on: SQLite files, and those of a private PostgreSQL server.

Every test has a database and engines of its own; what SQLAlchemy makes of a statement is the same
for all of a kind, and takes longer than to carry it out: engines share it. Migrating takes longer
than copying, and on PostgreSQL copying takes longer than emptying: there a database that a test
gives back is emptied and lent to the next.
"""

import itertools
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import Dialect, Engine, create_engine, event

from app.db import connect, migrate

FILE_NAME = "jemput-bola.sqlite"

# Replicas fire no triggers: neither do references hold the order, nor is the log append-only.
_EMPTY = """
DO $$ DECLARE one record; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR one IN SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname IN ('public', 'procrastinate')
    AND tablename NOT IN ('alembic_version', 'spatial_ref_sys')
  LOOP EXECUTE format('DELETE FROM %I.%I', one.schemaname, one.tablename); END LOOP;
  FOR one IN SELECT schemaname, sequencename FROM pg_sequences
    WHERE schemaname IN ('public', 'procrastinate') AND last_value IS NOT NULL
  LOOP EXECUTE format('ALTER SEQUENCE %I.%I RESTART', one.schemaname, one.sequencename); END LOOP;
END $$
"""


_shared: dict[str, tuple[Dialect, Any]] = {}


def engine_that_shares(*words: Any, **how: Any) -> Engine:
    """Make an engine as ``create_engine`` does, that knows the statements of those before it."""
    engine = create_engine(*words, query_cache_size=3000, **how)
    kind = engine.dialect.name
    if kind in _shared:
        engine.dialect, engine._compiled_cache = _shared[kind]
        engine.pool._dialect = engine.dialect
    else:  # a dialect knows its server only once it was connected
        kept = (engine.dialect, engine._compiled_cache)
        event.listen(engine, "connect", lambda *_: _shared.setdefault(kind, kept))
    return engine


class Databases(Protocol):
    """Lends databases by their addresses; those on PostgreSQL lie in no folder."""

    kind: str

    def new(self, folder: Path) -> str:
        """Make one without tables."""

    def migrated(self, folder: Path) -> str:
        """Lend one with this version's tables and no rows."""

    def copy(self, url: str, folder: Path) -> str:
        """Copy one that nobody is connected to."""

    def restore(self, url: str, kept: str) -> None:
        """Make one what another is that nobody is connected to, whatever it was."""

    def spoil(self, url: str) -> None:
        """Lend this one to nobody else: its tables will change."""

    def give_back(self, url: str) -> None:
        """Take back what was lent, whoever is still connected to it."""


class SqliteFiles:
    """One file for each, under the name that an office's has; pytest removes the folders."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._template = self.new(folder)
        _migrate(self._template)

    def new(self, folder: Path) -> str:
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{folder / FILE_NAME}"

    def migrated(self, folder: Path) -> str:
        return self.copy(self._template, folder)

    def copy(self, url: str, folder: Path) -> str:
        made = self.new(folder)
        # The last connection that was closed has written everything into the file itself.
        shutil.copy(url.removeprefix("sqlite:///"), made.removeprefix("sqlite:///"))
        return made

    def restore(self, url: str, kept: str) -> None:
        file = Path(url.removeprefix("sqlite:///"))
        for part in file.parent.glob(f"{file.name}*"):  # with what was not written into it yet
            part.unlink()
        shutil.copy(kept.removeprefix("sqlite:///"), file)

    def spoil(self, url: str) -> None:
        assert url.startswith("sqlite:///")

    def give_back(self, url: str) -> None:
        assert url.startswith("sqlite:///")


class PostgresqlDatabases:
    """Databases of the server at an address."""

    kind = "postgresql"

    def __init__(self, address: str) -> None:
        self._address = address
        self._names = (f"test_{number}" for number in itertools.count())
        self._emptied: list[str] = []
        self._spare: list[str] = []
        self._template = self.new()
        _migrate(self._template)

    def new(self, folder: Path | None = None) -> str:  # noqa: ARG002 (as for files)
        return self._create("template1")

    def migrated(self, folder: Path | None = None) -> str:  # noqa: ARG002 (as for files)
        if not self._spare:
            self._spare.append(self.copy(self._template))
            self._emptied.append(self._spare[-1])
        return self._spare.pop()

    def copy(self, url: str, folder: Path | None = None) -> str:  # noqa: ARG002 (as for files)
        return self._create(url.rpartition("/")[2])

    def restore(self, url: str, kept: str) -> None:
        name, template = url.rpartition("/")[2], kept.rpartition("/")[2]
        self._do(f'DROP DATABASE "{name}" WITH (FORCE)')
        self._do(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')

    def spoil(self, url: str) -> None:
        self._emptied.remove(url)

    def give_back(self, url: str) -> None:
        name = url.rpartition("/")[2]
        if url not in self._emptied:
            self._do(f'DROP DATABASE "{name}" WITH (FORCE)')
            return
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
        self._do(others.format(name))
        with psycopg.connect(url) as connection:
            connection.execute(_EMPTY)
        connection.close()
        self._spare.append(url)

    def _create(self, template: str) -> str:
        name = next(self._names)
        self._do(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return f"{self._address}/{name}"

    def _do(self, statement: str) -> None:
        with closing(psycopg.connect(f"{self._address}/postgres", autocommit=True)) as connection:
            connection.execute(statement)


def _migrate(url: str) -> None:
    engine = connect(url)
    migrate(engine)
    engine.dispose()
