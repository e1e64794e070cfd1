"""Scheduled boats and planes -> rows."""

from sqlmodel import Session

from app.ingest.source import Reading, Source, reading_of
from app.models import Link
from app.rows import insert_rows, plain


def read_links(source: Source) -> Reading:
    """Read scheduled boats and planes."""
    from geodata.links import DTYPES
    from geodata.links import read_links as read_file

    found = read_file(source.path)
    frame = found.frame

    def store(session: Session, import_id: int) -> None:
        rows = [
            {**plain(row, DTYPES), "import_id": import_id}
            for row in frame.astype({"cost": "Int64"}).to_dict("records")
        ]
        insert_rows(session, Link, rows)

    lons = [*frame["from_lon"], *frame["to_lon"]]
    lats = [*frame["from_lat"], *frame["to_lat"]]
    box = (min(lons), min(lats), max(lons), max(lats)) if lons else None
    return reading_of(found, store, box=box)
