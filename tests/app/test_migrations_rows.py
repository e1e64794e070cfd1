"""Migrations go back and forth with rows in every table, on SQLite and on PostgreSQL alike."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    CheckConstraint,
    Column,
    Engine,
    Table,
    column,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from app import backup
from app.copying import count_rows, layout
from app.db import MIGRATIONS, connect, migrate, unchecked
from app.geometry import is_index
from tests.app.databases import Databases

SHAPE = shapely.box(112.0, -3.0, 113.0, -2.0)
# What rules of tables ask for beyond a list of words; see their CHECK constraints.
BESIDES: dict[str, Any] = {
    "account.role": "planner", "account.team": None, "job.lease_until": None,
    "count_correction.withdraws": None, "target_change.year": 2026, "job.once": "plan-all",
}  # fmt: skip
_KINDS = layout(SQLModel.metadata)
_WORDS = re.compile(r"(\w+) IN \('(\w+)'")


def value_of(of: Table, one: Column[Any], order: int, kind: str) -> Any:
    """Make up a value that a column may hold; later columns have later moments."""
    name = f"{of.name}.{one.name}"
    if name in BESIDES:
        return BESIDES[name]
    for key in one.foreign_keys:
        target = key.column.table
        if target is of:
            return None
        return value_of(target, key.column, 0, _KINDS[target.name][key.column.name])
    for rule in of.constraints:
        if isinstance(rule, CheckConstraint):
            found = _WORDS.search(str(rule.sqltext))
            if found is not None and found[1] == one.name:
                return found[2]
    moment = datetime(2026, 11, 30, 8, order, tzinfo=UTC)
    return {
        "geometry": SHAPE, "datetime": moment, "date": date(2026, 11, 1) + timedelta(order),
        "time": time(8, order), "bytes": b"x", "json": {"a": [1]}, "bool": True, "float": 0.5,
        "int": 1, "text": "a",
    }[kind]  # fmt: skip


def fill(engine: Engine) -> None:
    """Add a row to every table without one, of values in every column that may have one."""
    with unchecked(engine) as connection:
        for each in SQLModel.metadata.sorted_tables:
            if count_rows(connection, each.name):
                continue
            values = {
                one.name: value_of(each, one, order, _KINDS[each.name][one.name])
                for order, one in enumerate(each.columns)
            }
            connection.execute(each.insert(), [values])


def rows_of(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Read every table as it is now, but shapes, which are kept in another way before PostGIS."""
    found = {}
    with engine.connect() as connection:
        seen = inspect(connection)
        for name in seen.get_table_names():
            if is_index(name, "table") or name in {"alembic_version", "spatial_ref_sys"}:
                continue
            columns = [one["name"] for one in seen.get_columns(name) if one["name"] != "geometry"]
            query = select(*map(column, columns)).select_from(table(name))
            found[name] = [dict(row._mapping) for row in connection.execute(query)]
    return found


def shared(
    one: dict[str, list[dict[str, Any]]], other: dict[str, list[dict[str, Any]]]
) -> Iterator[tuple[str, list[dict[str, Any]], list[dict[str, Any]]]]:
    """Give the rows of tables that both have, by the columns that both have."""
    for name in one.keys() & other.keys():
        assert len(one[name]) == len(other[name]), name
        names = one[name][0].keys() & other[name][0].keys()
        yield name, *([{k: row[k] for k in names} for row in rows[name]] for rows in (one, other))


def config_of(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def test_rows_of_every_table_go_back_and_forth(empty: Engine):
    """Each migration is undone, done and undone with rows in all that it finds, to the first."""
    migrate(empty)
    fill(empty)
    before = rows_of(empty)
    assert {name for name, rows in before.items() if rows} == {*SQLModel.metadata.tables}
    config = config_of(empty)
    newest, *earlier = ScriptDirectory.from_config(config).walk_revisions()
    for script in earlier:
        command.downgrade(config, script.revision)
        left = rows_of(empty)
        command.upgrade(config, newest.revision)
        again = rows_of(empty)
        command.downgrade(config, script.revision)
        for now in (left, again, rows_of(empty)):
            for name, was, kept in shared(left, now):
                assert kept == was, (script.revision, name)
        for name, was, kept in shared(before, left):
            assert kept == was, (script.revision, name)
        newest = script
    assert {"village", "plan", "stop", "job"} <= left.keys()
    migrate(empty)
    for name, was, kept in shared(left, rows_of(empty)):
        assert kept == was, name
    fill(empty)
    for log in ("audit_entry", "result_entry", "result_count"):
        with pytest.raises(DBAPIError, match="append-only"), empty.begin() as connection:
            connection.execute(text(f"DELETE FROM {log}"))  # noqa: S608 (our own names)


BEFORE_REQUESTS = "e5c07a1b84d2"


def test_a_backup_of_an_earlier_version_is_brought_to_this_one(
    empty: Engine, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As that version wrote it: its tables and columns; into a database that has today's."""
    migrate(empty)
    fill(empty)
    command.downgrade(config_of(empty), BEFORE_REQUESTS)
    before, seen = rows_of(empty), inspect(empty)
    assert "visit_request" not in before
    earlier = {
        name: {one["name"]: kinds[one["name"]] for one in seen.get_columns(name)}
        for name, kinds in _KINDS.items()
        if seen.has_table(name)
    }
    with monkeypatch.context() as patch:
        patch.setattr(backup, "layout", lambda _: earlier)
        backup.write_backup(empty, tmp_path / "a.zip")
    url = databases.new(tmp_path / "other")
    other = connect(url)
    migrate(other)
    made, n_cancelled = backup.restore_backup(other, tmp_path / "a.zip")
    assert (made.revision, n_cancelled) == (BEFORE_REQUESTS, 1)
    ended = {"job", "audit_entry"}  # the job that waited is cancelled, and the log says so
    old = {name: rows for name, rows in before.items() if name not in ended}
    for name, was, now in shared(old, rows_of(other)):
        assert now == was, name
    fill(other)  # what has come since is there, and takes rows
    assert all(rows_of(other).values())
    other.dispose()
    databases.give_back(url)
