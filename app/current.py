"""Which of several rows counts today: the newest signal report and the newest counts of a village.

The one place among the queries that decides it. Rows of a superseded import never count.
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, true
from sqlmodel import Session, col, select

from app.models import DataImport, SignalReport, Village, VillageCount

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
