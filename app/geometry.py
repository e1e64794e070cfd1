"""Geometry in the database: one column type, and one question by box that an index answers.

PostgreSQL keeps ``geometry`` of PostGIS with a GiST index, SQLite well-known binary with an R*Tree
beside it that triggers keep in step. The tables of `SEARCHED` have such an index and, as columns,
the box ``west, south, east, north`` of each row; where nobody drew an outline that is a point.
"""

from collections.abc import Callable, Iterable
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Connection, Dialect, and_, inspect, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, UserDefinedType

SRID = 4326
SEARCHED = {"village": "code", "coverage_area": "id", "network_line": "id"}
"""The tables that are searched by box, and the key of each."""


class Geometry(UserDefinedType[BaseGeometry]):
    """A shapely geometry in WGS 84, lon lat."""

    cache_ok = True

    def __init__(self, *_reflected: object) -> None:
        """Take what reflection reads in ``geometry(Geometry,4326)``: there is no other."""

    def get_col_spec(self, **_: object) -> str:
        """Name the column's type on SQLite; that of PostgreSQL is below."""
        return "BLOB"

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], bytes | str | None]:
        """Write well-known binary, for PostGIS as hexadecimal digits with the reference system."""
        return _to_postgis if dialect.name == "postgresql" else _to_binary

    def result_processor(
        self, dialect: Dialect, coltype: object  # noqa: ARG002 (SQLAlchemy's signature)
    ) -> Callable[[Any], BaseGeometry | None]:  # fmt: skip
        """Read well-known binary."""
        return _from_binary


def _to_binary(value: BaseGeometry | None) -> bytes | None:
    return None if value is None else bytes(shapely.to_wkb(value))


def _to_postgis(value: BaseGeometry | None) -> str | None:
    if value is None:
        return None
    return str(shapely.to_wkb(shapely.set_srid(value, SRID), hex=True, include_srid=True))


def _from_binary(value: bytes | str | None) -> BaseGeometry | None:
    # Without the number that PostGIS adds: a geometry is the same from either database.
    return None if value is None else shapely.set_srid(shapely.from_wkb(value), 0)


@compiles(Geometry, "postgresql")
def _postgis_type(_type: Geometry, _compiler: object, **_: object) -> str:
    return f"geometry(Geometry,{SRID})"


ischema_names["geometry"] = Geometry  # what reflection makes of such a column


def meets_box(
    table: Any, west: float, south: float, east: float, north: float  # noqa: ANN401 (a table class)
) -> ColumnElement[bool]:  # fmt: skip
    """Say that the box of a row of ``table``, one of `SEARCHED`, touches one in degrees."""
    return and_(
        _InIndex(table.geometry, west, south, east, north),
        table.west <= east, table.east >= west, table.south <= north, table.north >= south,
    )  # fmt: skip


class _InIndex(FunctionElement[bool]):
    """What the index finds: all rows whose box touches, and by its coarse numbers a few more."""

    type = Boolean()
    inherit_cache = True


@compiles(_InIndex, "postgresql")
def _by_gist(element: _InIndex, compiler: SQLCompiler, **words: Any) -> str:  # noqa: ANN401
    geometry, *box = (compiler.process(clause, **words) for clause in element.clauses)
    bounds = ", ".join(f"CAST({bound} AS double precision)" for bound in box)
    # A village known as a point has no geometry; its columns decide.
    return f"({geometry} && ST_MakeEnvelope({bounds}, {SRID}) OR {geometry} IS NULL)"


@compiles(_InIndex, "sqlite")
def _by_rtree(element: _InIndex, compiler: SQLCompiler, **words: Any) -> str:  # noqa: ANN401
    geometry, *box = list(element.clauses)
    table = geometry.table.name
    key = SEARCHED[table]
    west, south, east, north = (compiler.process(bound, **words) for bound in box)
    return (
        f"{table}.{key} IN (SELECT {key} FROM {table}_box WHERE west <= {east}"  # noqa: S608 (our own names)
        f" AND east >= {west} AND south <= {north} AND north >= {south})"
    )


def make_indexes(connection: Connection, tables: Iterable[str]) -> None:
    """Make the indexes by box of some tables, filled; any that is there is made anew."""
    for table in tables:
        drop_indexes(connection, [table])
        if connection.dialect.name == "postgresql":
            statements = [f"CREATE INDEX ix_{table}_geometry ON {table} USING gist (geometry)"]
        else:
            statements = _rtree(table, SEARCHED[table])
        for statement in statements:
            connection.execute(text(statement))


def mend_indexes(connection: Connection) -> None:
    """Make anew what altering a table took away: on SQLite its triggers go with it."""
    if connection.dialect.name == "sqlite":
        there = set(inspect(connection).get_table_names())
        make_indexes(connection, [table for table in SEARCHED if f"{table}_box" in there])


def drop_indexes(connection: Connection, tables: Iterable[str]) -> None:
    """Remove the indexes by box of some tables where they have any."""
    for table in tables:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"DROP INDEX IF EXISTS ix_{table}_geometry"))
            continue
        for event in _EVENTS:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_box_{event}"))
        connection.execute(text(f"DROP TABLE IF EXISTS {table}_box"))


def is_index(name: str | None, kind: str) -> bool:
    """Tell whether a table or an index, as alembic names its kind, serves searches by box."""
    if kind == "index":
        return name in {f"ix_{table}_geometry" for table in SEARCHED}
    # An R*Tree comes with three tables of its own; PostGIS has one of reference systems.
    boxes = {f"{table}_box{part}" for table in SEARCHED for part in _PARTS}
    return kind == "table" and (name == "spatial_ref_sys" or name in boxes)


_EVENTS = ("insert", "update", "delete")
_PARTS = ("", "_node", "_parent", "_rowid")


def _rtree(table: str, key: str) -> list[str]:
    """Write an R*Tree of ``table``, which is filled at once, and the triggers that keep it so.

    Its ids are numbers, and they are not rowids: VACUUM may deal those out anew.
    """
    # 62.02.15.2010 is known there as 6202152010.
    number = "{row}id" if key == "id" else "CAST(replace({row}code, '.', '') AS INTEGER)"
    columns = f"west, east, south, north{'' if key == 'id' else ', +code'}"
    cells = "{row}west, {row}east, {row}south, {row}north" + ("" if key == "id" else ", {row}code")
    put = f"INSERT OR REPLACE INTO {table}_box SELECT {number}, {cells}"
    remove = f"DELETE FROM {table}_box WHERE id = {number}"  # noqa: S608 (our own names)
    return [
        f"CREATE VIRTUAL TABLE {table}_box USING rtree(id, {columns})",
        f"{put.format(row='')} FROM {table}",
        f"CREATE TRIGGER {table}_box_insert AFTER INSERT ON {table}"
        f" BEGIN {put.format(row='NEW.')}; END",
        f"CREATE TRIGGER {table}_box_update AFTER UPDATE ON {table}"
        f" BEGIN {remove.format(row='OLD.')}; {put.format(row='NEW.')}; END",
        f"CREATE TRIGGER {table}_box_delete AFTER DELETE ON {table}"
        f" BEGIN {remove.format(row='OLD.')}; END",
    ]
