"""Which of several rows counts today: a village's counts and connectivity; codes.

The one place among the queries that decides it. Rows of a superseded import never count. Signal
and power were decided when they were imported, see ``connectivity.py``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy
from sqlalchemy import ColumnElement, true
from sqlmodel import Session, col, select

from app.areas import inside
from app.models import (
    CodeMapping,
    CountCorrection,
    DataImport,
    Village,
    VillageConnectivity,
    VillageCount,
)
from geodata.columns import COUNT_COLUMNS, COUNT_GROUPS
from geodata.crosswalk import Crosswalk, Kind

MAPPING_COLUMNS = (
    "old_code", "new_code", "old_name", "old_district", "old_regency", "new_name", "new_district",
    "new_regency", "note", "valid_from", "row",
)  # fmt: skip
_PARTS = frozenset({"wajib_ktp", "sudah_rekam"})
"""What ``belum_rekam`` is the difference of."""
VILLAGE_COLUMNS = ("code", "name", "kind", "district_code", "district", "regency_code", "regency")


def current_connectivity(
    session: Session, regency: str | None = None
) -> dict[str, VillageConnectivity]:
    """Find what the join holds true of each village it knows anything of."""
    found = session.exec(
        select(VillageConnectivity).where(_in_area(VillageConnectivity.village_code, regency))
    )
    return {row.village_code: row for row in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentCount:
    """A village's counts as they hold today; None where neither a file nor a planner gave one.

    Parameters
    ----------
    imported
        The newest of the imported rows, None when there is none.
    held
        By column the imported row that its number is from: the newest that has any of its group,
        ``columns.COUNT_GROUPS``. A later file without children says nothing about children.
    corrections
        What planners put right or estimated, as far as it holds: at most one of each column.
    outdated
        The same, beaten by a file of a later day.
    as_of
        The day of ``imported``; without it that of the newest correction. Numbers of earlier files
        may be older, see ``days``.
    """

    as_of: date
    imported: VillageCount | None
    held: Mapping[str, VillageCount] = field(default_factory=dict)
    corrections: tuple[CountCorrection, ...] = ()
    outdated: tuple[CountCorrection, ...] = ()
    wajib_ktp: int | None = None
    sudah_rekam: int | None = None
    belum_rekam: int | None = None
    usia_16_17: int | None = None
    anak_0_17: int | None = None
    memiliki_kia: int | None = None
    belum_akta: int | None = None
    ikd_aktif: int | None = None

    @property
    def import_id(self) -> int | None:
        """The newest import that has the village."""
        return self.imported.import_id if self.imported is not None else None

    @property
    def days(self) -> dict[str, date]:
        """The day of each number that there is, by column: of its file, or of its correction.

        Who is not recorded, when that follows from corrected numbers, is as old as the older.
        """
        found = {name: row.as_of for name, row in self.held.items()}
        corrected = {row.column: row.day for row in self.corrections}
        found |= corrected
        known = [name for name in COUNT_COLUMNS if getattr(self, name) is not None]
        is_moved = corrected.keys() & _PARTS and set(known) >= _PARTS
        if is_moved and "belum_rekam" not in corrected:
            found["belum_rekam"] = min(found[name] for name in _PARTS)
        return {name: found[name] for name in known}

    @property
    def import_ids(self) -> frozenset[int]:
        """The imports that the counts come from."""
        rows = (*self.held.values(), *((self.imported,) if self.imported is not None else ()))
        return frozenset(row.import_id for row in rows)


def current_counts(
    session: Session, area: str | None = None, on: date | None = None, *, corrected: bool = True
) -> dict[str, CurrentCount]:
    """Find the counts of each village that has any, of a regency, a province or all.

    With ``on`` as they held on a day: of what speaks of later days nothing is known.

    Of imported counts the newest ``as_of``, then the last imported, for each group of columns that
    a file has of the village (``columns.COUNT_GROUPS``). A correction holds beside
    them, number by number, until a file of a later day has that number again; of several
    corrections the newest ``day``, then the last entered. ``corrected`` False leaves them out.
    """
    found = session.exec(
        select(VillageCount)
        .join(DataImport)
        .where(col(DataImport.superseded_by).is_(None))
        .where(_in_area(VillageCount.village_code, area))
        .where(true() if on is None else col(VillageCount.as_of) <= on)
        .order_by(col(VillageCount.as_of), col(VillageCount.id))
    )
    imported: dict[str, list[VillageCount]] = {}
    for count in found:
        imported.setdefault(count.village_code, []).append(count)
    corrections = _open_corrections(session, area, on) if corrected else {}
    return {
        code: _current(imported.get(code, ()), corrections.get(code, {}).values())
        for code in dict.fromkeys((*imported, *corrections))
    }


def _open_corrections(
    session: Session, area: str | None, on: date | None
) -> dict[str, dict[str, CountCorrection]]:
    """Find the newest correction of each village and column that was not withdrawn."""
    withdrawn = select(CountCorrection.withdraws).where(col(CountCorrection.withdraws).is_not(None))
    found = session.exec(
        select(CountCorrection)
        .where(col(CountCorrection.withdraws).is_(None))
        .where(col(CountCorrection.id).not_in(withdrawn))
        .where(_in_area(CountCorrection.village_code, area))
        .where(true() if on is None else col(CountCorrection.day) <= on)
        .order_by(col(CountCorrection.day), col(CountCorrection.id))
    )
    by_village: dict[str, dict[str, CountCorrection]] = {}
    for row in found:
        by_village.setdefault(row.village_code, {})[row.column] = row
    return by_village


def _held(rows: Sequence[VillageCount]) -> dict[str, VillageCount]:
    """Find which of the rows, oldest first, each column's number is from."""
    held: dict[str, VillageCount] = {}
    for group in COUNT_GROUPS:
        for row in reversed(rows):
            if any(getattr(row, column) is not None for column in group):
                held |= dict.fromkeys(group, row)
                break
    return held


def _current(rows: Sequence[VillageCount], corrections: Iterable[CountCorrection]) -> CurrentCount:
    """Set corrections beside what was imported; who is not recorded follows from the rest."""
    imported, held = (rows[-1] if rows else None), _held(rows)
    holding: list[CountCorrection] = []
    outdated: list[CountCorrection] = []
    for row in corrections:
        source = held.get(row.column)
        has_newer = source is not None and source.as_of > row.day
        is_beaten = has_newer and getattr(source, row.column) is not None
        (outdated if is_beaten else holding).append(row)
    values: dict[str, int | None] = {
        name: getattr(held.get(name), name, None) for name in COUNT_COLUMNS
    }
    corrected = {row.column: row.value for row in holding}
    values |= corrected
    wajib, recorded = values["wajib_ktp"], values["sudah_rekam"]
    is_moved = bool(_PARTS & corrected.keys())
    if is_moved and "belum_rekam" not in corrected and wajib is not None and recorded is not None:
        values["belum_rekam"] = wajib - recorded
    day = imported.as_of if imported is not None else max(row.day for row in (*holding, *outdated))
    return CurrentCount(
        as_of=day, imported=imported, held=held, corrections=tuple(holding),
        outdated=tuple(outdated), **values,
    )  # fmt: skip


def known_counts(session: Session) -> pd.DataFrame:
    """Give all counts as imported, the oldest first: ``code``, ``as_of`` and the eight columns."""
    columns = [getattr(VillageCount, name) for name in ("village_code", "as_of", *COUNT_COLUMNS)]
    rows = session.execute(
        sqlalchemy.select(*columns)
        .join(DataImport)
        .where(col(DataImport.superseded_by).is_(None))
        .order_by(col(VillageCount.as_of), col(VillageCount.id))
    ).all()
    return pd.DataFrame.from_records(
        [tuple(row) for row in rows], columns=["code", "as_of", *COUNT_COLUMNS]
    )


def _in_area(village_code: Any, area: str | None) -> ColumnElement[bool]:  # noqa: ANN401 (SQLModel types a column as its value)
    if area is None:
        return true()
    codes = select(Village.code).where(inside(Village.regency_code, area))
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
