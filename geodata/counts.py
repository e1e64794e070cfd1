"""An office's sheet of counts per village -> a checked frame, every sum verified.

``belum_rekam`` is signed: wajib KTP less recorded. Where both are known it is computed, and another
printed number is a finding; where one of them is missing the printed number is kept, and neither of
them is invented from it. A row counts as *corrected* when its code had to be spelled anew or one of
its numbers was written as text with separators or a dash; white space alone is no correction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from geodata.area_sums import area_sums
from geodata.columns import COUNT_COLUMNS
from geodata.count_checks import verify_totals
from geodata.count_names import match_unnumbered
from geodata.count_rows import CountTable, VillageRow, read_table, village_rows
from geodata.crosswalk import Crosswalk
from geodata.dates import as_of_from_text
from geodata.errors import (
    BadCodes,
    ContradictingAsOf,
    DuplicateCodes,
    EmptyFile,
    MissingAsOf,
    MissingColumn,
)
from geodata.findings import Finding, RowLabel, tally
from geodata.headers import Header, find_header
from geodata.layout import SheetLayout, layout_of
from geodata.resolve import resolve_codes
from geodata.schema import check_counts
from geodata.tables import Sheet, is_filled, place_of, read_sheets, text_of
from geodata.totals import PrintedTotal, totals_of

_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsImport:
    """Counts per village as the office prints them.

    Parameters
    ----------
    frame
        One row per village: ``code``, ``name``, ``district`` (as printed, NA when nowhere named),
        the eight columns of counts (Int64, NA when empty) and ``row``, its place in the file.
    totals
        Sum of each column that says anything, ``not_recorded`` (signed) and ``people_to_look_for``
        (each village at least 0).
    layout
        How each sheet was read.
    printed_totals
        The file's own sums.
    """

    frame: pd.DataFrame = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, int]
    as_of: date
    layout: tuple[SheetLayout, ...] = field(repr=False)
    printed_totals: tuple[PrintedTotal, ...] = field(repr=False)


def read_counts(
    path: Path,
    *,
    as_of: date | None = None,
    villages: pd.DataFrame | None = None,
    crosswalk: Crosswalk | None = None,
    changes: Crosswalk | None = None,
    headings: Mapping[str, str] | None = None,
) -> CountsImport:
    """Read the counts of a file: CSV, XLSX, XLS or ODS, one table on each of its sheets.

    Parameters
    ----------
    as_of
        The day that the counts describe; default: what the titles, the sheets' names or the file's
        name say.
    villages
        All villages known: ``code, name, district, regency``. With them the codes may also be BPS
        codes (``crosswalk``) or earlier ones (``changes``), see ``resolve.py``, and one that cannot
        be read for certain sets its row aside; a row without a code, or a file without a column of
        codes, is read by name, see ``count_names.py``. Without them the codes must be today's
        Kemendagri codes, and one that cannot be read refuses the file.
    headings
        What the office says its headings are, see ``headers.find_header``.

    Raises
    ------
    GeodataError
        When the whole file is refused: residents, no header, codes of which it is not certain whose
        they are or that stand twice, no as-of date.
    """
    sheets = read_sheets(path)
    read = _find_headers(path, sheets, headings or {}, needs_code=villages is None)
    headers, findings = [(s, h) for s, h in read if h is not None], list(_about_sheets(read))
    sums = area_sums(headers, sheets, villages)
    codes: dict[RowLabel, str | None] | None = None
    if villages is not None:
        codes, about_codes = _resolved(path, sheets, headers, sums, (villages, crosswalk, changes))
        findings += about_codes
    tables = [read_table(sheet, sheets, header, sums, codes) for sheet, header in headers]
    _check_codes(path, tables)
    day = as_of or _as_of(path, headers)
    for table in tables:
        findings += table.findings
    printed, mismatches = verify_totals(tables)
    findings += mismatches
    kept = [v for table in tables for v in table.villages if not v.is_refused]
    if not any(table.villages for table in tables):
        raise EmptyFile(place=path.name)
    frame = _frame(kept)
    check_counts(frame)
    numbers = tally(findings, len(frame))
    return CountsImport(
        frame=frame,
        findings=tuple(findings),
        accepted=numbers.accepted,
        corrected=numbers.corrected,
        refused=numbers.refused,
        totals=totals_of(frame),
        as_of=day,
        layout=tuple(layout_of(sheet, header) for sheet, header in read),
        printed_totals=printed,
    )


def _resolved(
    path: Path,
    sheets: Sequence[Sheet],
    headers: Sequence[tuple[Sheet, Header]],
    sums: Mapping[RowLabel, str],
    known: tuple[pd.DataFrame, Crosswalk | None, Crosswalk | None],
) -> tuple[dict[RowLabel, str | None], tuple[Finding, ...]]:
    """Find the village of each row's code or name, over all sheets of the file at once."""
    rows = [row for sheet, header in headers for row in village_rows(sheet, sheets, header, sums)]
    frame = pd.DataFrame(rows, columns=["row", "code", "name", "district"], dtype=object)
    codes, findings = resolve_codes(frame, *known, place=path.name)
    codes, about_names = match_unnumbered(frame, codes, known[0])
    meant = [None if pd.isna(code) else str(code) for code in codes]
    return dict(zip(frame["row"], meant, strict=True)), (*findings, *about_names)


def _find_headers(
    path: Path, sheets: Sequence[Sheet], learned: Mapping[str, str], *, needs_code: bool
) -> list[tuple[Sheet, Header | None]]:
    """Find the header of every sheet; one that has none has no table of counts."""
    found: list[tuple[Sheet, Header | None]] = []
    refusals: list[MissingColumn] = []
    for sheet in sheets:
        try:
            place = place_of(path, sheet, sheets)
            found.append((sheet, find_header(sheet, place, learned, needs_code=needs_code)))
        except MissingColumn as error:
            refusals.append(error)
            found.append((sheet, None))
    if len(refusals) == len(sheets):
        # The sheet that came closest says best what is missing.
        raise min(refusals, key=lambda error: error.params["column"] == "code")
    return found


def _about_sheets(read: Sequence[tuple[Sheet, Header | None]]) -> Iterator[Finding]:
    """Say which sheets were not read and, once for the file, which columns."""
    seen: set[str] = set()
    for sheet, header in read:
        if header is not None:
            yield from _about_columns(header, seen)
        elif any(is_filled(cell) for cells in sheet.rows for cell in cells):
            yield Finding(code="sheet-skipped", severity="warning", value=sheet.name)


def _about_columns(header: Header, seen: set[str]) -> Iterator[Finding]:
    """Say once for the file which columns it lacks and which were not read."""
    for column in COUNT_COLUMNS:
        if column not in header.columns and column not in seen:
            yield Finding(code="column-missing", severity="info", column=column)
            seen.add(column)
    for heading in header.ignored:
        if heading not in seen:
            yield Finding(code="column-ignored", severity="info", value=heading)
            seen.add(heading)


def _as_of(path: Path, headers: Sequence[tuple[Sheet, Header]]) -> date:
    """Find the one day that the titles speak of, else the sheets' names, else the file's name."""
    titles = [
        "\n".join(text_of(cell) for cells in sheet.rows[: header.first_row] for cell in cells)
        for sheet, header in headers
    ]
    for texts in (titles, [sheet.name for sheet, _ in headers], [path.stem]):
        days = {day for text in texts if (day := as_of_from_text(text))}
        if len(days) > 1:
            found = ", ".join(sorted(day.isoformat() for day in days))
            raise ContradictingAsOf(place=path.name, found=found)
        if days:
            return days.pop()
    raise MissingAsOf(place=path.name)


def _check_codes(path: Path, tables: Sequence[CountTable]) -> None:
    bad = [text for table in tables for text in table.bad_codes]
    if bad:
        raise BadCodes(place=path.name, count=len(bad), value=_some(bad))
    rows: dict[str, list[RowLabel]] = {}
    for village in (village for table in tables for village in table.villages):
        if village.code:
            rows.setdefault(village.code, []).append(village.row)
    doubled = [
        f"{code} ({', '.join(map(str, where))})" for code, where in rows.items() if len(where) > 1
    ]
    if doubled:
        raise DuplicateCodes(place=path.name, count=len(doubled), value=_some(doubled))


def _some(texts: Sequence[str]) -> str:
    return ", ".join(texts[:_LISTED]) + (", ..." if len(texts) > _LISTED else "")


def _frame(villages: Sequence[VillageRow]) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {
        "code": pd.Series([v.code for v in villages], dtype="str"),
        "name": pd.Series([v.name for v in villages], dtype="str"),
        "district": pd.Series([v.district for v in villages], dtype="str"),
    }
    for column in COUNT_COLUMNS:
        columns[column] = pd.Series([v.counts[column] for v in villages], dtype="Int64")
    columns["row"] = pd.Series([v.row for v in villages], dtype=object)
    return pd.DataFrame(columns)
