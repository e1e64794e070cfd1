"""What a geographic file must not hold, found before any driver of GDAL sees it."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from xml.parsers import expat

from geodata import limits
from geodata.errors import ForeignContent, UnreadableSource

_HEADS = {".gpkg": b"SQLite format 3\0", ".shp": b"\0\0\x27\x0a", ".fgb": b"fgb\x03fgb"}
# By these words drivers know documents that name other files, addresses or commands.
_FOREIGN = re.compile(
    rb"<OGR\w{3}DataSource|gdal_streamed_alg|<GDAL_WMS|<VRTDataset", re.IGNORECASE
)
_LOOKED_AT_BYTES = 1 << 16
_RTREE = re.compile(
    r'create virtual table (if not exists )?("[^"]*"|\w+) using rtree ?\([^()]*\)', re.IGNORECASE
)


def check_content(source: Path, kind: str, *, place: str, expected: str) -> None:
    """Refuse a file whose bytes are not what its kind begins with, or hold more than a map.

    Parameters
    ----------
    kind
        The suffix: ``.gpkg``, ``.shp``, ``.fgb``, ``.kml``; nothing is asked of others.

    Raises
    ------
    UnreadableSource
        Other bytes than a file of this kind begins with, or damaged ones.
    ForeignContent
        What makes a reader open other files, fetch, or compute without an end.
    """
    if kind not in (*_HEADS, ".kml"):
        return
    with source.open("rb") as file:
        head = file.read(_LOOKED_AT_BYTES)
    if not head.startswith(_HEADS.get(kind, b"")):
        shown = head[:16].decode("ascii", errors="replace")
        reason = "".join(sign if sign.isprintable() else "?" for sign in shown) or "0 byte"
        raise UnreadableSource(place=place, expected=expected, reason=reason)
    named = _FOREIGN.search(head)
    found: str | None = named[0].decode("ascii") if named else None
    try:
        if kind == ".gpkg":
            found = found or _computed_table(source)
        elif kind == ".kml":
            _read_through(source)
    except _Refused as refused:
        found = str(refused)
    except (sqlite3.Error, expat.ExpatError) as error:
        raise UnreadableSource(place=place, expected=expected, reason=str(error)) from error
    if found:
        raise ForeignContent(place=place, value=found, expected=expected)


def _computed_table(source: Path) -> str | None:
    """Name a table that is computed when it is read: of other files, or without an end."""
    address = f"{source.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as database:
        computed = database.execute(
            "SELECT type, name, sql FROM sqlite_master"
            " WHERE type = 'view' OR (type = 'table' AND coalesce(rootpage, 0) = 0)"
        ).fetchall()
    for kind, name, sql in computed:
        if not _RTREE.fullmatch(" ".join(str(sql).split())):
            return f"{str(kind).upper()} {name:.60}"
    return None


class _Refused(Exception):
    """Stops the XML parser; carries what was found."""


def _read_through(source: Path) -> None:
    """Read XML once, keeping nothing: no declarations, no abyss, the root is ``kml``."""
    depth = 0

    def start(name: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > limits.MAX_XML_DEPTH:
            raise _Refused(f"{'<...>' * 3} > {limits.MAX_XML_DEPTH}")
        if depth == 1 and name.rpartition(":")[2] != "kml":
            raise _Refused(f"<{name[:40]}>")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_facts: object) -> None:
        raise _Refused("<!DOCTYPE")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    with source.open("rb") as file:
        parser.ParseFile(file)
