"""Crosswalks: from the codes of another list, or of an earlier year, to today's Kemendagri codes.

Two kinds of file are read, told apart by their headings:

- BPS: ``kode_bps`` and ``kode_kemendagri``, and as far as known ``nama_bps``, ``kecamatan_bps``,
  ``kabupaten_bps`` and ``desa``, ``kecamatan``, ``kabupaten``;
- changes (pemekaran, mergers, new names): ``kode_lama``, ``kode_baru``, ``berlaku_sejak`` (a date),
  ``keterangan``, and as far as known ``nama_lama``, ``kecamatan_lama``, ``nama_baru``,
  ``kecamatan_baru``. Headings with years (``code_2020``, ``code_2025``) are old and new as well.

An old code may stand on several rows: it was split. A new code may too: they were merged. A row
without a new code says that the old one has no successor.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

import pandas as pd

from geodata.codes import CodeReading, Scheme, dotted, is_possible, read_code
from geodata.dates import latest_day
from geodata.errors import BadCodes, BadValue, MissingColumn
from geodata.findings import Finding
from geodata.names import normalise
from geodata.tables import Record, Records, read_records, read_sheets, text_of

Kind = Literal["bps", "changes"]
COLUMNS: dict[Kind, dict[str, tuple[str, ...]]] = {
    "bps": {
        "old_code": ("kode_bps", "bps_code", "kode desa bps", "iddesa", "kd_bps"),
        "old_name": ("nama_bps", "bps_name", "nama_desa_bps", "desa_bps"),
        "old_district": ("kecamatan_bps", "bps_district", "nama_kecamatan_bps"),
        "old_regency": ("kabupaten_bps", "bps_regency", "nama_kabupaten_bps"),
        "new_code": ("kode_kemendagri", "village_code", "kode_dagri", "kode", "kode_desa"),
        "new_name": ("desa", "name", "nama_desa", "nama_kemendagri", "desa/kelurahan"),
        "new_district": ("kecamatan", "district", "nama_kecamatan"),
        "new_regency": ("kabupaten", "regency", "kabupaten/kota", "nama_kabupaten"),
    },
    "changes": {
        "old_code": ("kode_lama", "code_old"),
        "old_name": ("nama_lama", "name_old", "desa_lama"),
        "old_district": ("kecamatan_lama", "district_old"),
        "new_code": ("kode_baru", "code_new"),
        "new_name": ("nama_baru", "name_new", "desa_baru"),
        "new_district": ("kecamatan_baru", "district_new"),
        "valid_from": ("berlaku_sejak", "valid_from", "tmt"),
        "note": ("keterangan", "catatan"),
    },
}
_TEXTS = ("old_name", "old_district", "old_regency", "new_name", "new_district", "new_regency",
          "note")  # fmt: skip
_WITH_YEAR = re.compile(r"(code|name|district)_((?:19|20)[0-9]{2})", re.IGNORECASE)
_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosswalk:
    """Old codes and what became of them.

    Parameters
    ----------
    kind
        ``bps``: the old codes are those of BPS; ``changes``: earlier ones of Kemendagri.
    frame
        ``old_code`` and ``new_code`` (dotted; None when there is no successor), both ten digits
        for BPS and dotted for Kemendagri; ``old_name, old_district, old_regency, new_name,
        new_district, new_regency, note`` (empty when not told); ``valid_from`` (a date or None);
        ``row``.
    findings
        One ``village-renamed`` for each village that bears another name now, a word on rows that
        stand twice and on dates that cannot be read.
    """

    kind: Kind
    frame: pd.DataFrame = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)

    @property
    def n_renamed(self) -> int:
        """Count the villages whose name changed by more than its spelling."""
        return sum(found.code == "village-renamed" for found in self.findings)


def read_crosswalk(path: Path) -> Crosswalk:
    """Read a crosswalk: from BPS codes, or from the codes before a pemekaran.

    Raises
    ------
    GeodataError
        When the file cannot be read, has not both columns of codes, or holds a code that cannot be
        read for certain: one wrong line would send a village's numbers elsewhere for years.
    """
    columns = {**COLUMNS["changes"], **_headings_with_years(path)}
    records = read_records(path, columns=_both(columns), required=())
    kind: Kind = "bps" if "bps.old_code" in records.columns else "changes"
    _require(records, kind, path.name)
    reader = _Reader(kind, path.name)
    for record in records.rows:
        reader.read(record)
    return reader.result()


def _both(changes: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Name the columns of both kinds, so that one pass over the file finds out which it is."""
    kinds: dict[Kind, Mapping[str, Sequence[str]]] = {"bps": COLUMNS["bps"], "changes": changes}
    return {
        f"{kind}.{column}": names for kind, columns in kinds.items()
        for column, names in columns.items()
    }  # fmt: skip


def _headings_with_years(path: Path) -> dict[str, tuple[str, ...]]:
    """Take ``code_2020`` and ``code_2025`` for old and new when exactly two years are named."""
    matches = [
        match
        for sheet in read_sheets(path)
        for cells in sheet.rows[:5]
        for cell in cells
        if (match := _WITH_YEAR.fullmatch(text_of(cell)))
    ]
    years = sorted({match[2] for match in matches})
    if len(years) != 2:
        return {}
    ages = {years[0]: "old", years[1]: "new"}
    found: dict[str, tuple[str, ...]] = {}
    for match in matches:
        column = f"{ages[match[2]]}_{match[1].lower()}"
        found[column] = (*COLUMNS["changes"][column], match[0])
    return found


def _require(records: Records, kind: Kind, place: str) -> None:
    for column in ("old_code", "new_code"):
        if f"{kind}.{column}" not in records.columns:
            found = ", ".join(sorted(name.partition(".")[2] for name in records.columns)) or "-"
            accepted = ", ".join(COLUMNS[kind][column])
            if column == "old_code":
                accepted = ", ".join((*COLUMNS["bps"][column], accepted))
            raise MissingColumn(place=place, column=column, found=found, accepted=accepted)


class _Reader:
    """One pass over a crosswalk."""

    def __init__(self, kind: Kind, place: str) -> None:
        self.kind = kind
        self.place = place
        self.old_scheme: Scheme = "bps" if kind == "bps" else "kemendagri"
        self.rows: list[dict[str, object]] = []
        self.findings: list[Finding] = []
        self.bad_codes: list[str] = []
        self.first_rows: dict[tuple[str, str | None], int | str] = {}

    def read(self, record: Record) -> None:
        old = self._code(record, "old_code", self.old_scheme)
        has_new = bool(record.text(f"{self.kind}.new_code"))
        new = self._code(record, "new_code", "kemendagri") if has_new else None
        if old is None or (has_new and new is None):
            return
        if (old, new) in self.first_rows:
            facts = {"first_row": self.first_rows[old, new]}
            self._note(record, "row-duplicate", "old_code", "kode_lama", **facts)
            return
        self.first_rows[old, new] = record.row
        texts = {column: record.text(f"{self.kind}.{column}") for column in _TEXTS}
        self.rows.append(
            {"old_code": old, "new_code": new, **texts, "valid_from": self._day(record),
             "row": record.row}
        )  # fmt: skip
        if new and is_other_name(texts["old_name"], texts["new_name"]):
            self.findings.append(
                Finding(code="village-renamed", severity="info", row=record.row, village_code=new,
                        column="name", value=texts["old_name"], params={"name": texts["new_name"]})
            )  # fmt: skip

    def _code(self, record: Record, column: str, scheme: Scheme) -> str | None:
        reading: CodeReading = read_code(record.cells.get(f"{self.kind}.{column}"))
        digits = reading.digits
        if digits is None or reading.layout not in (scheme, None) or not is_possible(
            digits, scheme
        ):  # fmt: skip
            self.bad_codes.append(f"{record.row}: '{record.text(f'{self.kind}.{column}')}'")
            return None
        return digits if scheme == "bps" else dotted(digits)

    def _day(self, record: Record) -> date | None:
        try:
            return latest_day(record.text(f"{self.kind}.valid_from"))
        except BadValue:
            self._note(record, "date-unreadable", "valid_from", "berlaku_sejak")
            return None

    def _note(self, record: Record, code: str, column: str, heading: str, **params: object) -> None:
        value = record.text(f"{self.kind}.{column}")
        self.findings.append(
            Finding(code=code, severity="warning", row=record.row, column=heading, value=value,
                    params=params)
        )  # fmt: skip

    def result(self) -> Crosswalk:
        if self.bad_codes:
            listed = ", ".join(self.bad_codes[:_LISTED])
            raise BadCodes(place=self.place, count=len(self.bad_codes), value=listed)
        columns = ["old_code", "new_code", *_TEXTS, "valid_from", "row"]
        frame = pd.DataFrame(self.rows, columns=columns, dtype=object)
        return Crosswalk(kind=self.kind, frame=frame, findings=tuple(self.findings))


def is_other_name(one: str, other: str) -> bool:
    """Tell whether two printed names differ by more than their spelling."""
    return bool(one and other) and normalise(one) != normalise(other)
