"""Runs migrations on the engine that the application hands over, or on the one of the settings."""

from alembic import context
from sqlmodel import SQLModel

import app.models  # noqa: F401 (fills the metadata)
from app.db import connect
from app.settings import Settings


def run() -> None:
    engine = context.config.attributes.get("engine") or connect(Settings().url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
