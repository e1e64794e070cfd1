"""Lists and maps of service points -> rows."""

from typing import Any

import pandas as pd
from sqlmodel import Session

from app.ingest.source import Reading, Source, reading_of
from app.points import DECIMALS, store_points
from app.rows import plain
from geodata.schema import PROGRAMMES


def read_points(source: Source) -> Reading:
    """Read service points; points that a file does not name stay as they are."""
    from geodata.points import read_points as read_file

    found = read_file(
        source.path, villages=source.villages, crosswalk=source.bps, changes=source.changes
    )
    rows = found.frame.to_dict("records")

    def store(session: Session, import_id: int) -> None:
        store_points(session, [(_values(row, import_id), row["serves"]) for row in rows])

    return reading_of(found, store)


def _values(row: dict[Any, Any], import_id: int) -> dict[str, Any]:
    columns = ("village_code", "name", "kind", "power", "signal", "opens", "is_active")
    return {
        **plain(row, columns),
        "code": row["point"],
        "lon": round(row["lon"], DECIMALS),
        "lat": round(row["lat"], DECIMALS),
        "expected": {p: int(row[p]) for p in PROGRAMMES if not pd.isna(row[p]) and row[p]},
        "import_id": import_id,
        "changed_by": None,
        "reason": None,
    }
