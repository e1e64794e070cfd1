"""What a new import replaces: the same file once more, or an older edition of the same rows."""

from typing import Any

import shapely
import sqlalchemy
from sqlmodel import Session, col, select

from app.areas import imports_in
from app.ingest.source import Box
from app.models import (
    CoverageArea,
    CoverageRaster,
    DataImport,
    Link,
    PowerReport,
    SignalReport,
    Tower,
)

# A new file of lines or legs replaces an older one when their boxes share at least this part of
# the area they cover together: it is another edition of the same place, not a neighbour.
SAME_AREA = 0.5
# A list replaces an older one of the same source when it names this part of its rows again: it has
# been corrected. Rows of another day are no correction, but news.
SAME_ROWS = 0.5
_LISTS: dict[Any, tuple[str, ...]] = {
    SignalReport: ("village_code", "definition", "observed_on"),
    PowerReport: ("village_code", "observed_on"),
    Tower: ("site_id", "observed_on"),
    Link: ("from_name", "to_name", "mode"),
}
"""What tells the rows of lists again."""
_MAPS: tuple[Any, ...] = (CoverageArea, CoverageRaster)
MODE_TOTALS = ("roads", "rivers", "river", "sea", "air")


def supersede(session: Session, row: DataImport) -> None:
    """Mark what ``row`` replaces: the same file once more, older lines or legs of the same area.

    A corrected list replaces the older one of its source, a corrected map of signal the one of its
    name, source and day: otherwise what was wrong in it would still count.

    Only what was imported for the same area, or for a part of it, is replaced.

    Rivers do not replace roads, nor planes boats, nor piers either: they may come in files of their
    own.
    """
    older = session.exec(
        select(DataImport)
        .where(DataImport.kind == row.kind)
        .where(col(DataImport.superseded_by).is_(None))
        .where(DataImport.id != row.id)
        # A file of one regency leaves alone what was imported for more than that.
        .where(imports_in(row.area))
    )
    for old in older:
        is_edition = _modes(old) <= _modes(row) and _share(_box(row), _box(old)) >= SAME_AREA
        if old.sha256 == row.sha256 or is_edition or _is_corrected(session, old, row):
            old.superseded_by = row.id


def _is_corrected(session: Session, old: DataImport, new: DataImport) -> bool:
    """Tell whether ``new`` names the rows of ``old`` again, table by table."""
    if old.source != new.source:
        return False
    keys = {**_LISTS}
    if old.file_name == new.file_name:
        keys |= dict.fromkeys(_MAPS, ("observed_on",))
    told = 0
    for table in (*_LISTS, *_MAPS):
        names = keys.get(table, ("id",))  # an own id is never named again
        before, after = (_keys(session, table, names, one.id) for one in (old, new))
        told += len(before)
        if len(before & after) < SAME_ROWS * len(before):
            return False
    return told > 0


def _keys(
    session: Session,
    table: Any,  # noqa: ANN401 (any table that has these columns)
    names: tuple[str, ...],
    import_id: int | None,
) -> set[tuple[Any, ...]]:
    query = sqlalchemy.select(*(getattr(table, name) for name in names))
    return {tuple(key) for key in session.execute(query.where(table.import_id == import_id))}


def _modes(row: DataImport) -> set[str]:
    """Tell what moves on the lines or legs of an import; piers count where there are none."""
    modes = {name for name in MODE_TOTALS if row.totals.get(name)}
    return modes or {name for name in ("piers",) if row.totals.get(name)}


def _box(row: DataImport) -> Box | None:
    if row.west is None or row.south is None or row.east is None or row.north is None:
        return None
    return (row.west, row.south, row.east, row.north)


def _share(one: Box | None, other: Box | None) -> float:
    """Tell which part of the area that two boxes cover together both of them cover."""
    if one is None or other is None:
        return 0.0
    a, b = shapely.box(*one), shapely.box(*other)
    whole = a.union(b).area
    return float(a.intersection(b).area / whole) if whole > 0 else float(a.equals(b))
