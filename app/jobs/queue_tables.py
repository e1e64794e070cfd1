"""The tables of the queue (procrastinate), in a schema of their own beside ours.

The package brings its tables as one script, and changes to them as one script each, named so that
they sort. The last that was applied is kept as the comment of its main table.
"""

from pathlib import Path

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text

SCHEMA = "procrastinate"
SEARCH_PATH = f'"$user",public,{SCHEMA}'


def use_queue(connection: Connection) -> None:
    """Let the package's functions find their tables until the transaction ends."""
    connection.execute(text(f"SET LOCAL search_path TO {SEARCH_PATH}"))


def bring_up(connection: Connection) -> None:
    """Make the tables of the queue, or bring them to the installed package's version.

    A revision calls this whenever the package brings new scripts; a test tells when.
    """
    known = _applied(connection)
    before = connection.scalar(text("SHOW search_path"))
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}, public"))
    if known is None:
        connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    else:
        for script in (path for path in _scripts() if path.name > known):
            connection.exec_driver_sql(script.read_text(encoding="utf-8").replace("%", "%%"))
    connection.execute(text(f"COMMENT ON TABLE procrastinate_jobs IS '{newest()}'"))
    connection.execute(text(f"SET LOCAL search_path TO {before}"))


def drop(connection: Connection) -> None:
    """Remove the queue; jobs to do stay in our own table and are queued again."""
    connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))


def newest() -> str:
    """Name the last script of the installed package."""
    return _scripts()[-1].name


def _scripts() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _applied(connection: Connection) -> str | None:
    found = connection.scalar(text(f"SELECT to_regclass('{SCHEMA}.procrastinate_jobs')"))
    if found is None:
        return None
    query = f"SELECT obj_description('{SCHEMA}.procrastinate_jobs'::regclass)"
    return str(connection.scalar(text(query)))
