"""Workbooks of plain tables."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from app.cells import safe_cell

_NOT_IN_NAMES, _LONGEST = "[]:*?/\\'", 31


def workbook(made: datetime) -> tuple[io.BytesIO, xlsxwriter.Workbook]:
    """Begin a workbook in memory, in which no text becomes a formula or a link.

    ``made`` stands in the file as when it was made: the same tables are the same bytes.
    """
    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(data, options)
    book.set_properties({"created": made})
    return data, book


def write_sheet(
    book: xlsxwriter.Workbook, name: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Add a sheet: a bold row of heads that stays in view, then rows of plain values."""
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, heads, book.add_format({"bold": True, "bottom": 1}))
    for y, row in enumerate(rows, start=1):
        for x, value in enumerate(row):
            if isinstance(value, bool):
                sheet.write_boolean(y, x, value)
            elif isinstance(value, int | float):
                sheet.write_number(y, x, value)
            elif value not in (None, ""):
                sheet.write_string(y, x, safe_cell(str(value)))
    for x, head in enumerate(heads):
        width = max([len(str(head)), *(len(str(row[x])) for row in rows if row[x] is not None)])
        sheet.set_column(x, x, min(width, 40) + 2)
    sheet.freeze_panes(1, 0)


def sheet_name(name: str, taken: set[str]) -> str:
    """Name a sheet as spreadsheets take it, unlike those that are ``taken``; takes it as well."""
    plain = "".join("-" if c in _NOT_IN_NAMES else c for c in name)[:_LONGEST].strip("'") or "-"
    found, n = plain, 1
    while found.casefold() in {one.casefold() for one in taken}:
        n += 1
        found = f"{plain[: _LONGEST - len(str(n)) - 1]} {n}"
    taken.add(found)
    return found
