"""Read the rows of one sheet of counts: villages, sums, lines that name a district."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from geodata.codes import district_of, parse_code, read_code
from geodata.columns import COUNT_COLUMNS
from geodata.count_checks import check_village
from geodata.errors import BadCode
from geodata.findings import Finding, RowLabel
from geodata.headers import Header
from geodata.numbers import NotNumber, NotWhole, read_count
from geodata.tables import Cell, Sheet, bare, is_filled, row_label, text_of

MAX_COUNT = 1_000_000
"""More than any village has, inclusive; the largest has about 200,000."""
_TOTAL = re.compile(r"(SUB|GRAND)?(JUMLAH|JML|TOTAL)")
_DISTRICT_LINE = re.compile(r"(?:KECAMATAN|KEC\.?)\s*:?\s+(?P<name>\S.*)", re.IGNORECASE)
_COLUMN_NUMBER = re.compile(r"\(?(\d{1,2})\)?(?:\s*=.*)?")
_UNDOTTED = re.compile(r"[\d\s\-/]{10,16}")


class TotalRow(NamedTuple):
    """A row of sums and how many of the sheet's villages stand above it.

    ``area`` are the digits of the code beside it, empty when it has none.
    """

    row: RowLabel
    text: str
    n_above: int
    cells: dict[str, Cell]
    area: str = ""


@dataclass(slots=True)
class VillageRow:
    """One village as far as its row could be read.

    ``is_refused`` when a count could not; then, where it was the code, that is empty. ``digits``
    are those of the code as printed, empty when there is none that can be read.
    """

    row: RowLabel
    code: str
    name: str
    district: str | None
    counts: dict[str, int | None] = field(default_factory=lambda: dict.fromkeys(COUNT_COLUMNS))
    is_refused: bool = False
    digits: str = ""


@dataclass(slots=True)
class CountTable:
    """What one sheet holds. ``bad_codes`` are ready for a message: row and text."""

    villages: list[VillageRow] = field(default_factory=list)
    totals: list[TotalRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    bad_codes: list[str] = field(default_factory=list)


def village_rows(
    sheet: Sheet, sheets: Sequence[Sheet], header: Header, sums: Mapping[RowLabel, str]
) -> Iterator[dict[str, object]]:
    """Give code, name and district as printed on each row of a village.

    Without a code that is a row with a name and numbers: its code is None and its district, where
    it prints none itself, the one named last. ``sums`` are the rows of ``area_sums``.
    """
    named = ""
    for position in range(header.first_row, len(sheet.rows)):
        cells = sheet.rows[position]
        row = row_label(sheet, sheets, position)
        if _is_column_numbers(cells) or row in sums:
            continue
        district = text_of(header.at(cells, "district"))
        if not _has_no_code(cells, header):
            code = header.at(cells, "code")
        elif _is_unnumbered_village(cells, header):
            code, district = None, district or named
        else:
            named = _district_line(cells) or named
            continue
        named = district or named
        name = header.at(cells, "name")
        yield {"row": row, "code": code, "name": name, "district": district or None}


def read_table(
    sheet: Sheet,
    sheets: Sequence[Sheet],
    header: Header,
    sums: Mapping[RowLabel, str],
    codes: Mapping[RowLabel, str | None] | None = None,
) -> CountTable:
    """Read all rows under the header.

    Parameters
    ----------
    sums
        The rows of ``area_sums``.
    codes
        The code of each row that ``village_rows`` gives, None when it was set aside: the counts of
        such a row take part in the sums only. Default: the codes as they are printed.

    A district that is named once holds for the rows below it, as long as their codes are of the
    same district. What has neither a code nor numbers is a note and is passed over; so is the
    header where it is printed again.
    """
    table = CountTable()
    districts: dict[str, str] = {}
    named_above: str | None = None
    for position in range(header.first_row, len(sheet.rows)):
        cells = sheet.rows[position]
        row = row_label(sheet, sheets, position)
        if _is_column_numbers(cells):
            continue
        if row in sums:
            table.totals.append(_area_total(table, row, cells, header)._replace(area=sums[row]))
            continue
        if _has_no_code(cells, header) and row not in (codes or {}):
            named_above = _read_line(table, row, cells, header) or named_above
            continue
        code = codes[row] if codes is not None else _read_code(table, row, header.at(cells, "code"))
        if code is None:
            if codes is not None:
                table.villages.append(_set_aside(table, row, cells, header))
            continue
        key = district_of(code)
        district = text_of(header.at(cells, "district")) or named_above or districts.get(key)
        named_above = None
        if district:
            districts[key] = district
        name = text_of(header.at(cells, "name"))
        village = VillageRow(row, code, name or code, district)
        village.digits = read_code(header.at(cells, "code")).digits or ""
        table.villages.append(village)
        if not name:
            table.findings.append(
                Finding(code="name-missing", severity="warning", row=row, village_code=code)
            )
        table.findings += _read_counts(village, cells, header)
    return table


def _set_aside(
    table: CountTable, row: RowLabel, cells: Sequence[Cell], header: Header
) -> VillageRow:
    """Keep the counts of a row without a code, so that the sums below it can be verified."""
    above = table.villages[-1].district if table.villages else None
    name, district = (text_of(header.at(cells, column)) for column in ("name", "district"))
    village = VillageRow(row, "", name, district or above)
    village.digits = read_code(header.at(cells, "code")).digits or ""
    _read_counts(village, cells, header)
    village.is_refused = True
    return village


def _is_column_numbers(cells: Sequence[Cell]) -> bool:
    """Tell whether a row only numbers the columns: 1, 2, 3 or (1), (2), (3=1-2)."""
    texts = [text_of(cell) for cell in cells if is_filled(cell)]
    matches = [_COLUMN_NUMBER.fullmatch(text) for text in texts]
    numbers = [int(match[1]) for match in matches if match]
    return (
        len(numbers) == len(texts) >= 3
        and numbers[0] <= 2
        and all(b - a == 1 for a, b in pairwise(numbers))
    )


def _has_no_code(cells: Sequence[Cell], header: Header) -> bool:
    """Tell a row of sums, a note or a blank line from a village, even when its code is spoilt."""
    code = text_of(header.at(cells, "code"))
    if not bare(code):
        return True
    if code[0].isdigit():
        return False
    return bool(_total_text(cells, header)) or not _has_counts(cells, header)


def _is_unnumbered_village(cells: Sequence[Cell], header: Header) -> bool:
    """Tell a village by its name, on a row without a code."""
    has_name = bool(bare(header.at(cells, "name"))) and not bare(header.at(cells, "code"))
    return has_name and _has_counts(cells, header) and not _total_text(cells, header)


def _has_counts(cells: Sequence[Cell], header: Header) -> bool:
    """Tell a village's numbers from one that stands in a note or a signature, without a name."""
    n_numbers = _n_numbers(cells, header)
    return n_numbers > 1 or (n_numbers == 1 and is_filled(header.at(cells, "name")))


def _total_text(cells: Sequence[Cell], header: Header) -> str | None:
    """Give the text of a row of sums: it stands left of the counts, in whichever column."""
    first_count = min(header.columns[c] for c in COUNT_COLUMNS if c in header.columns)
    for cell in cells[:first_count]:
        if isinstance(cell, str) and _TOTAL.match(bare(cell)):
            return text_of(cell)
    return None


def _n_numbers(cells: Sequence[Cell], header: Header) -> int:
    """Count the cells that hold a number, whole or not, where counts belong."""
    n_numbers = 0
    for column in COUNT_COLUMNS:
        try:
            n_numbers += read_count(header.at(cells, column)).value is not None
        except NotWhole:
            n_numbers += 1
        except NotNumber:
            continue
    return n_numbers


def _total_row(
    table: CountTable, row: RowLabel, text: str, cells: Sequence[Cell], header: Header
) -> TotalRow:
    counts = {c: header.at(cells, c) for c in COUNT_COLUMNS if c in header.columns}
    return TotalRow(row, text, len(table.villages), counts)


def _area_total(
    table: CountTable, row: RowLabel, cells: Sequence[Cell], header: Header
) -> TotalRow:
    """Read a row of sums beside the code of its area, which names it when nothing else does."""
    texts = [text_of(header.at(cells, column)) for column in ("code", "district", "name")]
    return _total_row(table, row, " ".join(filter(None, texts)), cells, header)


def _read_line(
    table: CountTable, row: RowLabel, cells: Sequence[Cell], header: Header
) -> str | None:
    """Take a row without a code; give the district that it names for the rows below, if any."""
    total = _total_text(cells, header)
    if total:
        table.totals.append(_total_row(table, row, total, cells, header))
        return None
    if _has_counts(cells, header):
        name = text_of(header.at(cells, "name")) or "-"
        finding = Finding(code="code-missing", severity="refused", row=row, params={"name": name})
        table.findings.append(finding)
        return None
    return _district_line(cells)


def _district_line(cells: Sequence[Cell]) -> str | None:
    """Give the district that stands alone on its row, as ``KECAMATAN KOTA BESI``."""
    texts = [text_of(cell) for cell in cells if is_filled(cell)]
    match = _DISTRICT_LINE.fullmatch(texts[0]) if len(texts) == 1 else None
    return match["name"] if match else None


def _read_code(table: CountTable, row: RowLabel, cell: Cell) -> str | None:
    printed = text_of(cell)
    try:
        code = parse_code(cell)
    except BadCode:
        table.bad_codes.append(f"{row}: '{printed}'")
        return None
    if printed != code:
        is_text = isinstance(cell, str) and _UNDOTTED.fullmatch(printed)
        kind = "code-undotted" if is_text else "code-from-number"
        table.findings.append(
            Finding(
                code=kind,
                severity="corrected",
                row=row,
                village_code=code,
                column="code",
                value=printed,
            )
        )
    return code


def _read_counts(village: VillageRow, cells: Sequence[Cell], header: Header) -> list[Finding]:
    """Fill in the counts of a village; one bad count refuses the row, all its faults are listed."""
    refusals: list[Finding] = []
    rewritten: list[Finding] = []
    for column in COUNT_COLUMNS:
        cell = header.at(cells, column)
        try:
            reading = read_count(cell)
        except NotWhole as error:
            readings = {"as_decimal": error.as_decimal, "as_thousands": error.as_thousands}
            refusals.append(_refusal(village, "count-not-whole", column, cell, readings))
            continue
        except NotNumber:
            refusals.append(_refusal(village, "count-not-number", column, cell, {}))
            continue
        fault = _out_of_range(column, reading.value)
        if fault:
            refusals.append(_refusal(village, fault, column, cell, {"limit": MAX_COUNT}))
            continue
        village.counts[column] = reading.value
        if reading.rewritten:
            rewritten.append(_rewritten(village, column, cell))
    if refusals:
        village.is_refused = True
        return refusals
    return [*check_village(village, header.at(cells, "percentage")), *rewritten]


def _rewritten(village: VillageRow, column: str, cell: Cell) -> Finding:
    return Finding(
        code="number-rewritten",
        severity="corrected",
        row=village.row,
        village_code=village.code,
        column=column,
        value=text_of(cell),
        params={"to": village.counts[column]},
    )


def _out_of_range(column: str, value: int | None) -> str | None:
    if value is None or 0 <= value <= MAX_COUNT:
        return None
    if value > MAX_COUNT:
        return "count-too-large"
    is_signed = column == "belum_rekam" and value >= -MAX_COUNT
    return None if is_signed else "count-negative"


def _refusal(
    village: VillageRow, code: str, column: str, cell: Cell, params: Mapping[str, object]
) -> Finding:
    return Finding(
        code=code,
        severity="refused",
        row=village.row,
        village_code=village.code,
        column=column,
        value=text_of(cell),
        params=params,
    )
