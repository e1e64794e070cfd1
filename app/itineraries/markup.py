"""Lines of a filled-in letter -> a Word document.

A line's first characters say what it is::

    = text           of the letterhead, centred
    ===              the rule below the letterhead
    # text           title;  ## text: the line below it
    : name | text    a field
    | a | b |        a row of a table with borders; its first row is the head unless it begins with
                     a number; a row of empty cells is high: room for a picture; a cell that is the
                     mark of a picture holds it
    || a | b |       a row of a table without borders, for signatures
    - text           an item of a list
    ---              a new page
    text             a paragraph; **text** is bold
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby

from docx import Document
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

FONT = "Times New Roman"
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_KINDS = ("===", "---", "= ", "## ", "# ", ": ", "||", "|", "- ")
_WIDTH_CM = 17.0
_FIELD_CM = 4.5
_PICTURE_CM = 4.2
_BY_HAND = 14  # letters
_LETTER_CM = 0.24
"""Of bold 10 points in the widest fonts that programs put in place of Times."""
_EDGES_CM = 0.45
# The oldest moment a ZIP can name: a letter made again is the same file.
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def docx_of(
    text: str, *, title: str, made: datetime, pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """Write a letter as a Word document of A4; the same text gives the same bytes.

    ``pictures`` are JPEG or PNG by the marks that stand for them in cells of tables.
    """
    word = Document()
    _prepare(word, title, made)
    for kind, lines in groupby(_lines(text), key=lambda line: line[0]):
        rows = [line for _, line in lines]
        if kind in {"|", "||"}:
            _table(word, [_cells(row) for row in rows], pictures or {}, has_borders=kind == "|")
        elif kind == ": ":
            _fields(word, rows)
        else:
            for row in rows:
                _paragraph(word, kind, row)
    data = io.BytesIO()
    word.save(data)
    return _without_clock(data.getvalue())


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Give each line's kind and what follows the mark; empty lines only separate."""
    for line in text.splitlines():
        if not (bare := line.strip()):
            yield "", ""
            continue
        kind = next((k for k in _KINDS if bare.startswith(k) or bare == k.strip()), "text")
        yield kind, bare.removeprefix(kind.strip()).strip() if kind != "text" else bare


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.rstrip("|").split("|")]


def _prepare(word: Word, title: str, made: datetime) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(1.8)
    style = word.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(12)
    style.paragraph_format.space_after = Pt(4)
    properties = word.core_properties
    properties.title, properties.author = title, "jemput bola"
    properties.created = properties.modified = made.replace(tzinfo=None)


def _paragraph(word: Word, kind: str, text: str) -> None:
    if kind == "":
        return
    if kind == "---":
        word.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        return
    if kind == "===":
        _rule_below(word.paragraphs[-1] if word.paragraphs else word.add_paragraph())
        return
    style = "List Bullet" if kind == "- " else None
    made = word.add_paragraph(style=style)
    _write(made, text, bold=kind in {"# ", "## "}, size=14 if kind == "# " else 12)
    if kind in {"= ", "# ", "## "}:
        made.alignment = WD_ALIGN_PARAGRAPH.CENTER
        made.paragraph_format.keep_with_next = True
        made.paragraph_format.space_after = Pt(0 if kind == "= " else 6)


def _write(at: Paragraph, text: str, *, bold: bool = False, size: float = 12) -> None:
    for number, part in enumerate(_BOLD.split(text)):
        if part:
            run = at.add_run(part)
            run.bold = bold or number % 2 == 1
            run.font.size = Pt(size)


def _rule_below(at: Paragraph) -> None:
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "double"), ("sz", "8"), ("space", "4"), ("color", "000000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    at._p.get_or_add_pPr().append(borders)  # noqa: SLF001 (python-docx has no borders)
    at.paragraph_format.space_after = Pt(10)


def _fields(word: Word, rows: list[str]) -> None:
    table = word.add_table(rows=0, cols=3)
    widths = [_FIELD_CM, 0.5, _WIDTH_CM - _FIELD_CM - 0.5]
    _set_columns(table, widths)
    for row in rows:
        name, _, text = row.partition("|")
        cells = table.add_row().cells
        for cell, part, width in zip(cells, (name, ":", text), widths, strict=True):
            _fill(cell, part.strip(), width)
    _close(word)


def _table(
    word: Word, rows: list[list[str]], pictures: Mapping[str, bytes], *, has_borders: bool
) -> None:
    columns = max(map(len, rows))
    table = word.add_table(rows=0, cols=columns, style="Table Grid" if has_borders else None)
    widths = _widths(rows, columns) if has_borders else [_WIDTH_CM / columns] * columns
    _set_columns(table, widths)
    # A row that begins with a number is no head: forms count their rows.
    has_head = has_borders and len(rows) > 1 and not rows[0][0].isdigit()
    for number, row in enumerate(rows):
        cells = table.add_row().cells
        for cell, text, width in zip(cells, [*row, *[""] * columns], widths, strict=False):
            if text in pictures:
                _show(cell, pictures[text], width)
                continue
            _fill(cell, text, width, bold=has_head and number == 0, size=_size(columns))
        if not any(row):
            cells[0].paragraphs[0].paragraph_format.space_after = Pt(120 if has_borders else 40)
        elif has_head and number == 0:
            _repeat(table)
    _close(word)


def _size(columns: int) -> float:
    """Tell the points of a table's letters: the more columns, the smaller."""
    return 12 if columns < 5 else 10 if columns < 8 else 8.5


def _widths(rows: list[list[str]], columns: int) -> list[float]:
    """Share the page by the longest text of each column; what is to be written by hand needs room.

    No column is narrower than its longest word, as far as the page allows.
    """
    texts = [[row[n] for row in rows if n < len(row)] for n in range(columns)]
    by_hand = [not any(column[1:]) for column in texts]
    longest = [
        _BY_HAND if empty and len(rows) > 1 else max(map(len, column)) + 2
        for column, empty in zip(texts, by_hand, strict=True)
    ]
    words = [max((len(w) for text in column for w in text.split()), default=1) for column in texts]
    return _shared([one**0.6 for one in longest], [_LETTER_CM * n + _EDGES_CM for n in words])


def _shared(parts: list[float], least: list[float]) -> list[float]:
    """Share the page by parts among the columns to which that gives enough; the rest get least."""
    if sum(least) >= _WIDTH_CM:
        return [_WIDTH_CM * one / sum(least) for one in least]
    free = set(range(len(parts)))
    while True:
        left = _WIDTH_CM - sum(one for n, one in enumerate(least) if n not in free)
        scale = left / sum(parts[n] for n in free)
        short = {n for n in free if parts[n] * scale < least[n]}
        if not short:
            return [parts[n] * scale if n in free else one for n, one in enumerate(least)]
        free -= short


def _set_columns(table: Table, widths: list[float]) -> None:
    """Fix the widths in the grid too: some programs look at nothing else."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)


def _fill(cell: _Cell, text: str, width: float, *, bold: bool = False, size: float = 12) -> None:
    cell.width = Cm(width)
    at = cell.paragraphs[0]
    at.paragraph_format.space_before = at.paragraph_format.space_after = Pt(2)
    _write(at, text, bold=bold, size=size)


def _show(cell: _Cell, picture: bytes, width: float) -> None:
    """Put a picture into a cell, as wide as the cell is, but no higher than ``_PICTURE_CM``."""
    cell.width = Cm(width)
    shown = cell.paragraphs[0].add_run().add_picture(io.BytesIO(picture), width=Cm(width - 0.5))
    if shown.height > Cm(_PICTURE_CM):
        shown.width = round(shown.width * Cm(_PICTURE_CM) / shown.height)
        shown.height = Cm(_PICTURE_CM)


def _repeat(table: Table) -> None:
    """Let the head stand on every page."""
    properties = table.rows[0]._tr.get_or_add_trPr()  # noqa: SLF001 (python-docx cannot do that)
    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    properties.append(head)


def _close(word: Word) -> None:
    """Keep a small distance below a table, and two tables from growing into one."""
    after = word.add_paragraph()
    after.paragraph_format.space_after = Pt(0)
    after.paragraph_format.line_spacing = Pt(8)


def _without_clock(data: bytes) -> bytes:
    """Write the archive again without the time of day."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for item in old.infolist():
            entry = zipfile.ZipInfo(item.filename, _ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(item))
    return made.getvalue()
