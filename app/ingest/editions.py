"""What a new import replaces: the same file once more, or an older edition of the same area."""

import shapely
from sqlmodel import Session, col, select

from app.ingest.source import Box
from app.models import DataImport

# A new file of lines or legs replaces an older one when their boxes share at least this part of
# the area they cover together: it is another edition of the same place, not a neighbour.
SAME_AREA = 0.5
MODE_TOTALS = ("roads", "rivers", "river", "sea", "air")


def supersede(session: Session, row: DataImport) -> None:
    """Mark what ``row`` replaces: the same file once more, older lines or legs of the same area.

    Rivers do not replace roads, nor planes boats, nor piers either: they may come in files of their
    own.
    """
    older = session.exec(
        select(DataImport)
        .where(DataImport.kind == row.kind)
        .where(col(DataImport.superseded_by).is_(None))
        .where(DataImport.id != row.id)
    )
    for old in older:
        is_edition = _modes(old) <= _modes(row) and _share(_box(row), _box(old)) >= SAME_AREA
        if old.sha256 == row.sha256 or is_edition:
            old.superseded_by = row.id


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
