"""The report of an import as a workbook, for the person who has to mend the file."""

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from sqlmodel import Session, select

from app.areas import area_of, imports_in
from app.cells import safe_cell
from app.errors import ImportNotFound
from app.models import DataImport
from app.texts import REPORT, Lang, finding_text
from geodata.columns import COUNT_COLUMNS

FINDING_COLUMNS = ("row", "village_code", "column", "value")
WIDEST = 90


def report_xlsx(session: Session, import_id: int, lang: Lang) -> bytes:
    """Write an import's report: what it is, every finding and correction, totals by district.

    Nothing that a file said is run as a formula, here or once a sheet is saved as CSV.

    Raises
    ------
    ImportNotFound
        When there is no such import.
    """
    row = find_import(session, import_id)
    words = REPORT[lang]
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_formulas": False,
                                      "strings_to_urls": False})  # fmt: skip
    book.set_properties({"created": row.created_at})  # the same import, the same bytes
    _sheet(book, words["summary"], (words["field"], words["value"]), _facts(row, lang))
    heads = (words["severity"], words["finding"], *(words[name] for name in FINDING_COLUMNS))
    _sheet(book, words["findings"], heads, _findings(row, lang))
    heads = (*(words[name] for name in ("row", "village_code", "column", "written", "became")),
             words["finding"])  # fmt: skip
    _sheet(book, words["corrections"], heads, (tuple(c.values()) for c in corrections(row, lang)))
    if "districts" in row.details:
        heads = (words["district"], words["sums"], words["villages"], *COUNT_COLUMNS)
        _sheet(book, words["districts"], heads, _districts(row.details["districts"], lang))
    book.close()
    return data.getvalue()


def find_import(session: Session, import_id: int) -> DataImport:
    """Find an import that the session may see the report of, or raise ``ImportNotFound``."""
    query = select(DataImport).where(DataImport.id == import_id)
    row = session.exec(query.where(imports_in(area_of(session)))).first()
    if row is None:
        raise ImportNotFound(import_id=import_id)
    return row


def _facts(row: DataImport, lang: Lang) -> Iterable[tuple[Any, ...]]:
    words = REPORT[lang]
    yield from (
        (words["import"], row.id),
        (words["kind"], row.kind),
        (words["file"], row.file_name),
        (words["source"], row.source),
        (words["person"], row.person or ""),
        (words["as_of"], row.as_of.isoformat() if row.as_of else ""),
        (words["stored"], row.created_at.isoformat(timespec="seconds")),
        ("SHA-256", row.sha256),
        (words["accepted"], row.accepted),
        (words["corrected"], row.corrected),
        (words["refused"], row.refused),
    )
    for column, total in row.totals.items():
        yield (f"{words['total']}: {column}", total)


def _findings(row: DataImport, lang: Lang) -> Iterable[tuple[Any, ...]]:
    """List the findings, those that need a person first."""
    order = {"refused": 0, "corrected": 1, "warning": 2, "info": 3}
    for found in sorted(row.findings, key=lambda f: order[f["severity"]]):
        cells = (found[name] for name in FINDING_COLUMNS)
        yield (REPORT[lang][found["severity"]], finding_text(found, lang), *cells)


def corrections(row: DataImport, lang: Lang) -> list[dict[str, Any]]:
    """List what an import stored other than it is written: where, what, as what, and why."""
    return [
        {
            "row": found["row"],
            "village_code": found["village_code"],
            "column": found["column"],
            "written": found["value"],
            "stored": _stored(found),
            "why": finding_text(found, lang),
        }
        for found in row.findings
        if found["severity"] == "corrected"
    ]


def _stored(found: dict[str, Any]) -> str | None:
    if found["column"] == "code":
        return str(found["village_code"])
    stored = found["params"].get("to")
    return None if stored is None else str(stored)


def _districts(districts: Iterable[dict[str, Any]], lang: Lang) -> Iterable[tuple[Any, ...]]:
    """Give the sums of each district, and those the file prints beside them with the difference."""
    words = REPORT[lang]
    for district in districts:
        name = words["all"] if district["name"] is None else district["name"]
        stored = [district["stored"].get(column) for column in COUNT_COLUMNS]
        yield (name, words["sum_stored"], district["villages"], *stored)
        if district["printed"] is None:
            continue
        printed = [_number(district["printed"].get(column, "")) for column in COUNT_COLUMNS]
        yield (name, words["sum_printed"].format(row=district["row"]), None, *printed)
        differences = map(_difference, stored, printed)
        yield (name, words["difference"], None, *differences)


def _number(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else text


def _difference(stored: int | None, printed: int | str) -> int | None:
    return stored - printed if stored is not None and isinstance(printed, int) else None


def _sheet(
    book: xlsxwriter.Workbook, name: str, heads: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bottom": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    widths = [len(head) for head in heads]
    sheet.write_row(0, 0, heads, bold)
    for y, row in enumerate(rows, start=1):
        for x, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(y, x, value, wrap)
            elif value not in (None, ""):
                sheet.write_string(y, x, safe_cell(str(value)), wrap)
            widths[x] = max(widths[x], len(str(value or "")))
    for x, width in enumerate(widths):
        sheet.set_column(x, x, min(width, WIDEST) + 2)
    sheet.freeze_panes(1, 0)
