"""Counts of people -> rows."""

from typing import Any

import pandas as pd
from sqlmodel import Session

from app.areas import limit
from app.current import known_counts
from app.db import reading
from app.errors import RegencyNotFound
from app.headings import learned, teach
from app.ingest.options import Option, regency_code
from app.ingest.source import Reading, Source, known_only, reading_of
from app.models import VillageCount
from app.models.headings import EVERY_OFFICE
from app.rows import insert_rows, plain
from geodata.columns import COUNT_COLUMNS
from geodata.count_changes import changed_counts, kept_counts
from geodata.counts import CountsImport
from geodata.counts import read_counts as read_sheet
from geodata.headers import key_of
from geodata.totals import totals_by_district, totals_of

OPTIONS = (Option("regency", "62.02", regency_code),)


def read_counts(source: Source) -> Reading:
    """Read a sheet of counts with the headings of its office (``regency``) and of every office."""
    office = _office(source)
    with reading(source.engine) as session:
        limit(session, source.area)
        taught = learned(session, office)
        earlier = known_counts(session)
    found = read_sheet(
        source.path, as_of=source.as_of, villages=source.villages, crosswalk=source.bps,
        changes=source.changes,
        headings=taught | {key_of(text): meaning for text, meaning in source.headings.items()},
    )  # fmt: skip
    frame, extra = known_only(found.frame, source)
    newest = earlier.drop_duplicates("code", keep="last")
    changed = (
        *changed_counts(frame, newest, found.as_of),
        *kept_counts(frame, earlier.loc[earlier["as_of"] <= found.as_of]),
    )

    def store(session: Session, import_id: int) -> None:
        teach(session, source.headings, regency=office, person=source.person)
        rows = [
            {**plain(row, COUNT_COLUMNS), "village_code": row["code"], "as_of": found.as_of,
             "import_id": import_id}
            for row in frame.to_dict("records")
        ]  # fmt: skip
        insert_rows(session, VillageCount, rows)

    return reading_of(
        found, store, set_aside=extra, remarks=changed, as_of=found.as_of,
        totals=dict(totals_of(frame)), details=_details(found, frame, source.villages),
    )  # fmt: skip


def _office(source: Source) -> str:
    office = str(source.options.get("regency", EVERY_OFFICE))
    known = source.villages["regency_code"].unique()
    if office and office not in known:
        raise RegencyNotFound(regency=office, known=", ".join(sorted(known)))
    return office


def _details(found: CountsImport, frame: pd.DataFrame, villages: pd.DataFrame) -> dict[str, Any]:
    """Give what the report shows beside rows and findings."""
    printed = [total.to_dict() for total in found.printed_totals]
    places = villages[["code", "district", "regency"]]
    named = frame[["code", *COUNT_COLUMNS]].merge(places, on="code")
    return {
        "sheets": [layout.to_dict() for layout in found.layout],
        "districts": totals_by_district(named, printed),
    }
