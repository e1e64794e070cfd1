"""The database: engine, column types that SQLite and PostgreSQL share, transactions."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    DateTime,
    Dialect,
    Engine,
    ExceptionContext,
    Executable,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, InternalError, OperationalError
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from app.errors import BadDatabase, NoPostgis

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
BUSY_TIMEOUT_MS = 10_000
CONNECT_TIMEOUT_S = 5
THREADS = 40  # that a server answers requests in: each may have a connection of its own
# As SQLite and PostgreSQL say it: a file or disk that may not be written, a standby, an upgrade.
_READ_ONLY = re.compile("readonly database|read-only transaction", re.IGNORECASE)
_LOCKED = re.compile("database is locked")
_REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
_GOES_ON_FROM = re.compile(r'^down_revision = "(\w+)"$', re.MULTILINE)

# Names that alembic can find again on both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored as UTC; SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Refuse a time without zone: nobody could tell what it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time {value.isoformat()} has no zone; give an aware time")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Give back an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """Tell the present time, aware, UTC."""
    return datetime.now(UTC)


def connect(url: str) -> Engine:
    """Open an engine on ``url``; a SQLite file's folder is made when missing.

    Raises
    ------
    BadDatabase
        When the address, or the folder it names, cannot be used.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "postgresql":
        try:
            engine = create_engine(
                parsed, pool_pre_ping=True, pool_size=10, max_overflow=THREADS - 10,
                connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
            )  # fmt: skip
        except ModuleNotFoundError as error:
            raise BadDatabase(place=str(parsed), reason=str(error)) from error
        event.listen(engine, "handle_error", _judge_read_only)
        return engine
    try:
        Path(parsed.database or "").parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadDatabase(place=parsed.database, reason=error.strerror) from error
    engine = create_engine(parsed)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _parse(url: str) -> URL:
    place = url.rpartition("@")[2]  # what stands before it may be a password
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadDatabase(place=place, reason="URL") from error
    if parsed.drivername == "postgresql":  # the driver this project installs
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise BadDatabase(place=place, reason=parsed.drivername)
    if parsed.drivername == "sqlite" and parsed.database in {None, "", ":memory:"}:
        # Each process would have its own, and lose it at its end.
        raise BadDatabase(place=place, reason=":memory:")
    return parsed


def _judge_read_only(context: ExceptionContext) -> None:
    # The driver files a write on a standby under its own bugs. It passes, as a locked file does.
    if isinstance(context.sqlalchemy_exception, InternalError) and is_read_only(
        context.original_exception
    ):
        raise OperationalError(
            context.statement, None, context.original_exception
        ) from context.original_exception


def is_read_only(error: BaseException) -> bool:
    """Tell whether a database refused to write because it takes no changes at all."""
    return _READ_ONLY.search(str(getattr(error, "orig", error))) is not None


def takes_changes(engine: Engine) -> bool:
    """Tell whether a database may be written; changes no row, and waits for nobody."""
    try:
        with transaction(engine, waits=False) as session:
            session.execute(text("UPDATE alembic_version SET version_num = '' WHERE false"))
    except OperationalError as error:
        if is_read_only(error):
            return False
        if not _LOCKED.search(str(error.orig)):  # else somebody is writing
            raise
    return True


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 (a DBAPI connection has no type)
    connection.isolation_level = None  # SQLAlchemy says BEGIN itself, see _begin_sqlite
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # With NORMAL what was committed last is lost at a power cut; phones forget what was taken.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    # Else REPLACE takes a row away without asking the triggers that keep logs append-only.
    cursor.execute("PRAGMA recursive_triggers=ON")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:  # noqa: ANN401 (an event hook of SQLAlchemy)
    # A transaction that reads first and writes later cannot wait for the write lock in WAL mode,
    # it fails at once; so whoever will write takes the lock at the start.
    options = connection.get_execution_options()
    mode = options.get("sqlite_begin", "BEGIN")
    if options.get("sqlite_waits", True):
        connection.exec_driver_sql(mode)
        return
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        connection.exec_driver_sql(mode)
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


@contextmanager
def transaction(engine: Engine, *, waits: bool = True) -> Iterator[Session]:
    """Open a session that writes: committed at the end, rolled back when anything is raised.

    Where it does not wait, SQLite refuses (``OperationalError``) while somebody else writes.
    """
    with Session(engine, expire_on_commit=False) as session:
        options = {"sqlite_begin": "BEGIN IMMEDIATE", "sqlite_waits": waits}
        session.connection(execution_options=options)
        yield session
        session.commit()


def write_if_free(engine: Engine, statement: Executable) -> None:
    """Write what may as well be written another time, where that needs no waiting and succeeds."""
    try:
        with transaction(engine, waits=False) as session:
            session.execute(statement)
    except OperationalError as error:
        log.warning("left for another time", extra={"reason": first_line(error)})


def one_at_a_time(on: Session | Connection, what: str) -> None:
    """Wait until no other transaction does ``what``, and keep others waiting until this one ends.

    SQLite has one writer anyway.
    """
    bind = on.get_bind() if isinstance(on, Session) else on
    if bind.dialect.name == "postgresql":
        on.execute(text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": what})


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Open a session that only reads."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def unchecked(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that alters tables, or fills them in any order, and commit at its end.

    SQLite alters a table by dropping it, which rows of others may refer to: references are looked
    at only before the commit. That switch does nothing within a transaction.
    """
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            yield connection
            connection.commit()
            return
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys=OFF")
        connection.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        try:
            yield connection
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"rows without the row they refer to: {broken[:5]}")
            connection.commit()
        finally:
            connection.rollback()
            raw.execute("PRAGMA foreign_keys=ON")


def migrate(engine: Engine) -> None:
    """Bring the database to this version's tables; nothing happens when it is there already.

    Raises
    ------
    BadDatabase
        When it does not open, may not be written, or was made by a newer version.
    NoPostgis
        When a PostgreSQL database has no PostGIS and this account may not add it.
    """
    if _revision(engine) == head():
        return
    try:
        with unchecked(engine) as connection:
            one_at_a_time(connection, "migrate")  # who comes second finds the tables made
            migrate_within(connection, "head")
    except DBAPIError as error:
        raise unusable(engine, error) from error


def migrate_within(connection: Connection, target: str) -> None:
    """Bring the tables to those of a revision, `head` or `base`, in a transaction of the caller's.

    Raises
    ------
    BadDatabase, NoPostgis
        As ``migrate`` does.
    """
    # Imported here: it takes a third of a second, and most processes find the tables made.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    _require_postgis(connection)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        (command.downgrade if target == "base" else command.upgrade)(config, target)
    except CommandError as error:
        raise unusable(connection.engine, error) from error


def _require_postgis(connection: Connection) -> None:
    """Add PostGIS where this account may; most may not, and an administrator did before."""
    if connection.dialect.name != "postgresql":
        return
    if connection.scalar(text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")):
        return
    try:
        connection.execute(text("CREATE EXTENSION postgis"))
    except DBAPIError as error:
        raise NoPostgis(place=place_of(connection.engine), reason=first_line(error)) from error


def _revision(engine: Engine) -> str | None:
    try:
        with engine.connect() as connection:
            return revision(connection)
    except DBAPIError:  # one that alembic will find unusable, and say why
        return None


def revision(connection: Connection) -> str | None:
    """Read which migration a database is at; None when it has none, or does not say."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def head() -> str:
    """Find the newest migration: the one that no other goes on from."""
    texts = _migrations()
    (head,) = texts.keys() - {name for one in texts.values() for name in _GOES_ON_FROM.findall(one)}
    return head


def knows(name: str) -> bool:
    """Tell whether this version has a migration of that name."""
    return name in _migrations()


def _migrations() -> dict[str, str]:
    """Give the source of every migration by its name."""
    texts = [path.read_text(encoding="utf-8") for path in (MIGRATIONS / "versions").glob("*.py")]
    return {name: one for one in texts for name in _REVISION.findall(one)}


def place_of(engine: Engine) -> str:
    """Name a database for people: a file, or an address without its password."""
    return str(engine.url.database if engine.dialect.name == "sqlite" else engine.url)


def unusable(engine: Engine, error: Exception) -> BadDatabase:
    """Say what a database answered, without the statement that it was asked."""
    return BadDatabase(place=place_of(engine), reason=first_line(error))


def first_line(error: Exception) -> str:
    """Give the first line of what a database answered, without the statement that it was asked."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
