"""Cells of a frame to rows of a table."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, SQLModel

from app.areas import refuse_taken


def plain(row: Mapping[Any, Any], columns: Iterable[str]) -> dict[str, Any]:
    """Pick the columns of one row of a frame, as plain values."""
    return {name: none(row.get(name)) for name in columns}


def none(value: Any) -> Any:  # noqa: ANN401 (a cell of a frame)
    """Turn the ways a frame says missing into None, numpy numbers into Python's."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def insert_rows(session: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Insert rows, if there are any."""
    if rows:
        session.execute(insert(table), rows)


def upsert(
    session: Session,
    table: type[SQLModel],
    rows: list[dict[str, Any]],
    *,
    key: str,
    keep: Collection[str] = (),
) -> None:
    """Insert rows, or overwrite those that have the same ``key``, all but the columns to keep."""
    if not rows:
        return
    refuse_taken(session, table, key, (row[key] for row in rows))
    dialect = session.get_bind().dialect.name
    make = postgresql_insert if dialect == "postgresql" else sqlite_insert
    statement = make(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in {key, *keep}}
    session.execute(statement.on_conflict_do_update(index_elements=[key], set_=changed), rows)
