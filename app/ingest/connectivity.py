"""Signal, power and towers -> rows."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
from sqlmodel import Session

from app.ingest.source import Reading, Source, known_only, reading_of
from app.models import PowerReport, SignalReport, Tower
from app.rows import insert_rows, none, plain


def read_connectivity(source: Source) -> Reading:
    """Read a list or map of signal, power or towers."""
    from geodata.connectivity import read_connectivity as read_file

    found = read_file(
        source.path, villages=source.villages, as_of=source.as_of, source=source.source,
        crosswalk=source.bps, changes=source.changes,
    )  # fmt: skip
    if found.kind == "tower":
        return reading_of(
            found, lambda session, number: _store_towers(session, number, found.frame)
        )
    signals, unknown = known_only(found.frame, source)
    power, powerless = known_only(found.power, source)

    def store(session: Session, import_id: int) -> None:
        common = ("status", "observed_on", "source", "confidence", "row")
        insert_rows(
            session, SignalReport, _reports(signals, import_id, (*common, "signal", "definition"))
        )
        insert_rows(session, PowerReport, _reports(power, import_id, (*common, "power")))

    told = {found.row for found in unknown}
    return reading_of(
        found, store, set_aside=[*unknown, *(f for f in powerless if f.row not in told)]
    )


def _reports(frame: pd.DataFrame, import_id: int, columns: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {**plain(row, columns), "village_code": row["code"], "import_id": import_id}
        for row in frame.to_dict("records")
    ]


def _store_towers(session: Session, import_id: int, frame: pd.DataFrame) -> None:
    columns = (
        "site_id", "name", "status", "state", "radius_km", "lon", "lat", "source", "observed_on",
    )  # fmt: skip
    rows = [
        {**plain(row, columns), "village_code": none(row["code"]), "import_id": import_id}
        for row in frame.to_dict("records")
    ]
    insert_rows(session, Tower, rows)
