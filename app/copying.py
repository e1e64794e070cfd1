"""Rows of any table as plain values, which read the same from SQLite and from PostgreSQL.

A table is known by its name and the kind of each column, so that rows of an earlier version can be
written to the tables that it had.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

import shapely
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Time,
    column,
    func,
    select,
    table,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.db import UtcDateTime
from app.geometry import Geometry

BATCH = 500
Row = list[Any]
Columns = dict[str, str]
"""Name of a column to its kind: a key of `_KINDS`."""


def _same(value: Any) -> Any:  # noqa: ANN401 (a value of any column)
    return value


@dataclass(frozen=True, slots=True)
class _Kind:
    """How values of a kind of column are stored, and how they are written as JSON and read."""

    stored: TypeEngine[Any]
    plain: Callable[[Any], Any] = _same
    value: Callable[[Any], Any] = _same


_KINDS = {
    "geometry": _Kind(
        Geometry(), lambda value: shapely.to_wkb(value, hex=True), shapely.from_wkb
    ),
    "datetime": _Kind(UtcDateTime(), datetime.isoformat, datetime.fromisoformat),
    "date": _Kind(Date(), date.isoformat, date.fromisoformat),
    "time": _Kind(Time(), time.isoformat, time.fromisoformat),
    "bytes": _Kind(
        LargeBinary(), lambda value: base64.b64encode(value).decode(), base64.b64decode
    ),
    "json": _Kind(JSON(none_as_null=True)),
    "bool": _Kind(Boolean()),
    "float": _Kind(Float()),
    "int": _Kind(Integer()),
    "text": _Kind(String()),
}  # fmt: skip


def layout(tables: MetaData) -> dict[str, Columns]:
    """Describe tables, each after those that it refers to."""
    return {
        str(one.name): {str(each.name): _kind_of(each.type) for each in one.columns}
        for one in tables.sorted_tables
    }


def _kind_of(stored: TypeEngine[Any]) -> str:
    inner = stored.impl_instance if isinstance(stored, TypeDecorator) else stored
    for name, kind in _KINDS.items():
        if isinstance(stored, type(kind.stored)) or isinstance(inner, type(kind.stored)):
            return name
    raise TypeError(f"columns of type {stored!r} have no plain form; add one to app/copying.py")


@dataclass(slots=True)
class Tally:
    """How many rows a table has, and a checksum that does not depend on their order.

    It is the sum of the SHA-256 of every row's JSON, modulo 2**256: databases sort text
    differently.
    """

    n_rows: int = 0
    _sum: int = 0

    def add(self, line: bytes) -> None:
        """Count one row, as `line_of` writes it."""
        self.n_rows += 1
        digest = hashlib.sha256(line).digest()
        self._sum = (self._sum + int.from_bytes(digest, "big")) % (1 << 256)

    @property
    def checksum(self) -> str:
        """Give the checksum as 64 hexadecimal digits."""
        return f"{self._sum:064x}"


def line_of(row: Row) -> bytes:
    """Write a row as one line of JSON, always the same for the same values."""
    return json.dumps(row, separators=(",", ":"), sort_keys=True).encode()


def read_rows(connection: Connection, name: str, columns: Columns) -> Iterator[Row]:
    """Read every row of a table as plain values, in no particular order."""
    typed = [column(each, _KINDS[kind].stored) for each, kind in columns.items()]
    kinds = [_KINDS[kind] for kind in columns.values()]
    query = select(*typed).select_from(table(name)).execution_options(yield_per=BATCH)
    for row in connection.execute(query):
        yield [
            None if value is None else kind.plain(value)
            for kind, value in zip(kinds, row, strict=True)
        ]


def count_rows(connection: Connection, name: str) -> int:
    """Count the rows of a table."""
    return connection.scalar(select(func.count()).select_from(table(name))) or 0


def tally(connection: Connection, name: str, columns: Columns) -> Tally:
    """Count and add up the rows of a table."""
    found = Tally()
    for row in read_rows(connection, name, columns):
        found.add(line_of(row))
    return found


def write_rows(connection: Connection, name: str, columns: Columns, rows: Iterable[Row]) -> None:
    """Write rows of plain values to a table.

    References within the table may point forward: PostgreSQL looks at them after all rows, and on
    SQLite the caller has switched them off.
    """
    values = (
        [
            None if plain is None else _KINDS[kind].value(plain)
            for kind, plain in zip(columns.values(), row, strict=True)
        ]
        for row in rows
    )
    if connection.dialect.name == "postgresql":
        _copy(connection, name, columns, values)
        return
    into = table(name, *(column(each, _KINDS[kind].stored) for each, kind in columns.items()))
    while some := list(islice(values, BATCH)):
        connection.execute(into.insert(), [dict(zip(columns, row, strict=True)) for row in some])


def _copy(connection: Connection, name: str, columns: Columns, values: Iterator[Row]) -> None:
    """Send rows by COPY, the one statement that PostgreSQL takes any number of rows in."""
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(map(quote, columns))
    kinds = (_KINDS[kind].stored.dialect_impl(connection.dialect) for kind in columns.values())
    writers = [kind.bind_processor(connection.dialect) or _same for kind in kinds]
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {quote(name)} ({names}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(
                None if value is None else write(value)
                for write, value in zip(writers, row, strict=True)
            )


def catch_up(connection: Connection, tables: MetaData) -> None:
    """Let PostgreSQL number new rows after those that came with a number of their own."""
    if connection.dialect.name != "postgresql":
        return
    for one in tables.sorted_tables:
        key = one.autoincrement_column
        if key is not None:
            statement = (
                f"SELECT setval(pg_get_serial_sequence('\"{one.name}\"', '{key.name}'), "  # noqa: S608 (our own names)
                f'max({key.name})) FROM "{one.name}" HAVING max({key.name}) IS NOT NULL'
            )
            connection.execute(text(statement))
