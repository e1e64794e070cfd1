"""Runs migrations on the connection that the application hands over, else on its own."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import app.models  # noqa: F401 (fills the metadata)
from app.db import connect, unchecked
from app.geometry import is_index, mend_indexes
from app.settings import Settings


def include_object(_object: object, name: str | None, kind: str, *_: object) -> bool:
    """Leave out what no model describes: indexes by box, and what PostGIS brings."""
    return not is_index(name, kind)


def run(connection: Connection) -> None:
    applied: list[object] = []
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
        include_object=include_object,
        on_version_apply=lambda **step: applied.append(step["step"]),
    )
    with context.begin_transaction():
        context.run_migrations()
        if applied:
            mend_indexes(connection)


given = context.config.attributes
if "connection" in given:
    run(given["connection"])
else:
    with unchecked(given.get("engine") or connect(Settings().url)) as own:
        run(own)
