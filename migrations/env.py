"""Runs migrations on the engine that the application hands over, or on the one of the settings."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import app.models  # noqa: F401 (fills the metadata)
from app.db import connect
from app.settings import Settings


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Commit at the end; on SQLite without checking references until then.

    It alters a table by dropping it, which rows of others may refer to. The switch does nothing
    within a transaction, so it is thrown before and after.
    """
    if connection.dialect.name != "sqlite":
        yield
        connection.commit()
        return
    raw = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"rows without the row they refer to: {broken[:5]}")
        connection.commit()
    finally:
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=ON")


def run() -> None:
    engine = context.config.attributes.get("engine") or connect(Settings().url)
    with engine.connect() as connection, transaction(connection):
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
