"""Which of several rows counts today: a village's counts and connectivity; codes.

The one place among the queries that decides it. Rows of a superseded import never count. Signal
and power were decided when they were imported, see ``connectivity.py``.
"""

from typing import Any

import pandas as pd
import sqlalchemy
from sqlalchemy import ColumnElement, true
from sqlmodel import Session, col, select

from app.models import (
    CodeMapping,
    DataImport,
    Village,
    VillageConnectivity,
    VillageCount,
)
from geodata.columns import COUNT_COLUMNS
from geodata.crosswalk import Crosswalk, Kind

MAPPING_COLUMNS = (
    "old_code", "new_code", "old_name", "old_district", "old_regency", "new_name", "new_district",
    "new_regency", "note", "valid_from", "row",
)  # fmt: skip
VILLAGE_COLUMNS = ("code", "name", "kind", "district_code", "district", "regency_code", "regency")


def current_connectivity(
    session: Session, regency: str | None = None
) -> dict[str, VillageConnectivity]:
    """Find what the join holds true of each village it knows anything of."""
    found = session.exec(
        select(VillageConnectivity).where(_in_regency(VillageConnectivity.village_code, regency))
    )
    return {row.village_code: row for row in found}


def current_counts(session: Session, regency: str | None = None) -> dict[str, VillageCount]:
    """Find the counts of each village that has any: newest ``as_of``, then the last imported."""
    found = session.exec(
        select(VillageCount)
        .join(DataImport)
        .where(col(DataImport.superseded_by).is_(None))
        .where(_in_regency(VillageCount.village_code, regency))
        .order_by(col(VillageCount.as_of), col(VillageCount.id))
    )
    return {count.village_code: count for count in found}


def known_counts(session: Session) -> pd.DataFrame:
    """Give the counts that hold today, as imported: ``code``, ``as_of`` and the eight columns."""
    columns = [getattr(VillageCount, name) for name in ("village_code", "as_of", *COUNT_COLUMNS)]
    rows = session.execute(
        sqlalchemy.select(*columns)
        .join(DataImport)
        .where(col(DataImport.superseded_by).is_(None))
        .order_by(col(VillageCount.as_of), col(VillageCount.id))
    ).all()
    frame = pd.DataFrame.from_records(
        [tuple(row) for row in rows], columns=["code", "as_of", *COUNT_COLUMNS]
    )
    return frame.drop_duplicates("code", keep="last", ignore_index=True)


def _in_regency(village_code: Any, regency: str | None) -> ColumnElement[bool]:  # noqa: ANN401 (SQLModel types a column as its value)
    if regency is None:
        return true()
    codes = select(Village.code).where(Village.regency_code == regency)
    return col(village_code).in_(codes)


def known_villages(session: Session) -> pd.DataFrame:
    """Give all villages known, without outlines, columns as ``geodata.schema`` wants them."""
    columns = [*(getattr(Village, name) for name in VILLAGE_COLUMNS), Village.lon, Village.lat]
    rows = session.execute(sqlalchemy.select(*columns).order_by(col(Village.code))).all()
    return pd.DataFrame.from_records(
        [tuple(row) for row in rows], columns=[*VILLAGE_COLUMNS, "lon", "lat"]
    )


def known_mappings(session: Session, kind: Kind) -> Crosswalk | None:
    """Give the crosswalk of a kind as it holds today: of each old code, the newest file's rows."""
    rows = session.exec(
        select(CodeMapping)
        .join(DataImport)
        .where(col(DataImport.superseded_by).is_(None))
        .where(CodeMapping.kind == kind)
        .order_by(col(CodeMapping.id))
    ).all()
    newest = {row.old_code: row.import_id for row in rows}
    kept = [row for row in rows if newest[row.old_code] == row.import_id]
    if not kept:
        return None
    frame = pd.DataFrame(
        [{name: getattr(row, name) for name in MAPPING_COLUMNS} for row in kept],
        columns=list(MAPPING_COLUMNS),
        dtype=object,
    )
    return Crosswalk(kind=kind, frame=frame, findings=())
