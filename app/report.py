"""The report of an import as a workbook, for the person who has to mend the file."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from sqlmodel import Session, col, select

from app.errors import ImportNotFound
from app.models import COUNT_COLUMNS, DataImport, Village, VillageCount
from app.texts import REPORT, Lang, finding_text

FINDING_COLUMNS = ("row", "village_code", "column", "value")
WIDEST = 90


def report_xlsx(session: Session, import_id: int, lang: Lang) -> bytes:
    """Write an import's report: what it is, every finding, and the totals by district.

    Text cells are written as text, so nothing that a file said is run as a formula.

    Raises
    ------
    ImportNotFound
        When there is no such import.
    """
    row = session.get(DataImport, import_id)
    if row is None:
        raise ImportNotFound(import_id=import_id)
    words = REPORT[lang]
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_formulas": False,
                                      "strings_to_urls": False})  # fmt: skip
    book.set_properties({"created": row.created_at})  # the same import, the same bytes
    _sheet(book, words["summary"], (words["field"], words["value"]), _facts(row, lang))
    heads = (words["severity"], words["finding"], *(words[name] for name in FINDING_COLUMNS))
    _sheet(book, words["findings"], heads, _findings(row, lang))
    if row.kind == "counts":
        heads = (words["district"], words["villages"], *COUNT_COLUMNS)
        _sheet(book, words["districts"], heads, _districts(session, import_id, words["all"]))
    book.close()
    return data.getvalue()


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


def _districts(session: Session, import_id: int, whole: str) -> Iterable[tuple[Any, ...]]:
    """Sum the stored counts by district, then over the whole file."""
    rows = session.exec(
        select(Village.district, VillageCount)
        .join(Village, col(Village.code) == col(VillageCount.village_code))
        .where(VillageCount.import_id == import_id)
        .order_by(col(Village.district_code))
    ).all()
    groups: dict[str, list[VillageCount]] = {}
    for district, count in rows:
        groups.setdefault(district, []).append(count)
    for name, counts in [*groups.items(), (whole, [count for _, count in rows])]:
        sums = (sum(getattr(c, column) or 0 for c in counts) for column in COUNT_COLUMNS)
        yield (name, len(counts), *sums)


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
                sheet.write_string(y, x, str(value), wrap)
            widths[x] = max(widths[x], len(str(value or "")))
    for x, width in enumerate(widths):
        sheet.set_column(x, x, min(width, WIDEST) + 2)
    sheet.freeze_panes(1, 0)
