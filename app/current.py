"""Which of several rows counts today: a village's newest signal, power and counts; codes.

The one place among the queries that decides it. Rows of a superseded import never count.
"""

from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy
from sqlalchemy import ColumnElement, true
from sqlmodel import Session, col, select

from app.models import (
    CodeMapping,
    DataImport,
    PowerReport,
    SignalReport,
    Village,
    VillageCount,
)
from geodata.crosswalk import Crosswalk, Kind

MAPPING_COLUMNS = (
    "old_code", "new_code", "old_name", "old_district", "old_regency", "new_name", "new_district",
    "new_regency", "note", "valid_from", "row",
)  # fmt: skip
VILLAGE_COLUMNS = ("code", "name", "kind", "district_code", "district", "regency_code", "regency")
SIGNAL_RANK = {"none": 0, "weak": 1, "strong": 2, "very_strong": 3}
"""Signal classes from worst to best."""


def signal_reports(session: Session, regency: str | None = None) -> dict[str, list[SignalReport]]:
    """List every report of each village that has any, the one that counts first.

    The newest ``observed_on`` counts and an undated report loses against any date; of equals the
    worse signal counts (a team that expects none is not stranded), then the later row.
    """
    found = session.exec(
        select(SignalReport)
        .join(DataImport)
        .where(col(DataImport.superseded_by).is_(None))
        .where(_in_regency(SignalReport.village_code, regency))
    )
    by_village: dict[str, list[SignalReport]] = {}
    for report in sorted(found, key=_report_order, reverse=True):
        by_village.setdefault(report.village_code, []).append(report)
    return by_village


def current_signals(session: Session, regency: str | None = None) -> dict[str, SignalReport]:
    """Find the report that counts for each village that has one; all regencies when None."""
    return {code: reports[0] for code, reports in signal_reports(session, regency).items()}


def current_power(session: Session, regency: str | None = None) -> dict[str, bool]:
    """Tell where there is mains power, of the villages that any source speaks of.

    The newest report counts and an undated one loses; of equals *no*, then the later row.
    """
    found = session.exec(
        select(PowerReport)
        .join(DataImport)
        .where(col(DataImport.superseded_by).is_(None))
        .where(_in_regency(PowerReport.village_code, regency))
    )
    rows = sorted(found, key=lambda r: (r.observed_on or date.min, r.power == "no", r.id or 0))
    return {report.village_code: report.power == "yes" for report in rows}


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


def _in_regency(village_code: Any, regency: str | None) -> ColumnElement[bool]:  # noqa: ANN401 (SQLModel types a column as its value)
    if regency is None:
        return true()
    codes = select(Village.code).where(Village.regency_code == regency)
    return col(village_code).in_(codes)


def _report_order(report: SignalReport) -> tuple[date, int, int]:
    return (report.observed_on or date.min, -SIGNAL_RANK[report.signal], report.id or 0)


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
