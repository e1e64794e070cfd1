"""Counts of people -> rows."""

from dataclasses import replace

from sqlmodel import Session

from app.ingest.source import Reading, Source, known_only, reading_of
from app.models import COUNT_COLUMNS, VillageCount
from app.rows import insert_rows, plain
from geodata.counts import read_counts as read_sheet
from geodata.counts import totals_of


def read_counts(source: Source) -> Reading:
    """Read a sheet of counts."""
    found = read_sheet(
        source.path, as_of=source.as_of, villages=source.villages, crosswalk=source.bps,
        changes=source.changes,
    )  # fmt: skip
    frame, extra = known_only(found.frame, source)

    def store(session: Session, import_id: int) -> None:
        rows = [
            {**plain(row, COUNT_COLUMNS), "village_code": row["code"], "as_of": found.as_of,
             "import_id": import_id}
            for row in frame.to_dict("records")
        ]  # fmt: skip
        insert_rows(session, VillageCount, rows)

    return replace(
        reading_of(found, store, set_aside=extra, as_of=found.as_of), totals=dict(totals_of(frame))
    )
