"""An office's list of how many people of each village are visited at home."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from geodata import village_rows
from geodata.crosswalk import Crosswalk
from geodata.findings import Finding, RowLabel, tally
from geodata.row_reader import RowReader
from geodata.tables import read_records

COLUMNS = {
    **village_rows.COLUMNS,
    "number": ("kunjungan_rumah", "jumlah", "jumlah_kunjungan_rumah"),
}
REQUIRED = ("number",)
MAX_NUMBER = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeVisitsImport:
    """Numbers of a file by village; ``totals`` are ``villages`` and ``home_visits``."""

    numbers: dict[str, int]
    findings: tuple[Finding, ...] = field(repr=False)
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, int]


def read_home_visits(
    path: Path,
    *,
    villages: pd.DataFrame,
    crosswalk: Crosswalk | None = None,
    changes: Crosswalk | None = None,
) -> HomeVisitsImport:
    """Read a list of villages with a number each; a column about persons refuses the file.

    A village is named by its code, or by name and district.

    Parameters
    ----------
    villages
        All villages known: ``code``, ``name``, ``district``, ``regency``.
    crosswalk, changes
        As ``resolve.resolve_codes`` takes them.

    Raises
    ------
    GeodataError
        When the whole file is refused: residents, a missing column, no row, codes of no certain
        list.
    """
    records = read_records(path, columns=COLUMNS, required=REQUIRED).rows
    codes, found = village_rows.find_villages(
        records, villages, crosswalk, changes, place=path.name
    )
    findings = list(found)
    numbers: dict[str, int] = {}
    first_rows: dict[str, RowLabel] = {}
    for record, code in zip(records, codes, strict=True):
        row = RowReader(record)
        number = row.number("number", 0, MAX_NUMBER, is_required=True)
        if code in first_rows:
            row.refuse("row-duplicate", "code", first_row=first_rows[code])
        findings += row.findings
        if code is not None and number is not None and not row.is_refused:
            first_rows[code] = record.row
            numbers[code] = number
    counted = tally(findings, len(numbers))
    return HomeVisitsImport(
        numbers=numbers,
        findings=tuple(findings),
        accepted=counted.accepted,
        corrected=counted.corrected,
        refused=counted.refused,
        totals={"villages": len(numbers), "home_visits": sum(numbers.values())},
    )
