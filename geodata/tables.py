"""Read an office's sheets: every kind of spreadsheet as rows of cells, headings, plain lists."""

import csv
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook

from geodata.errors import (
    DoubledColumn,
    EmptyFile,
    FileTooLarge,
    GeodataError,
    MissingColumn,
    MissingFile,
    TooManyColumns,
    TooManyRows,
    UnreadableSource,
    UnsupportedFormat,
)
from geodata.privacy import refuse_residents

Cell = str | int | float | bool | date | datetime | time | timedelta | None
"""What a cell may hold; an empty one is ``""`` or None."""

MAX_BYTES = 50_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 500
# A workbook is a zip archive: a small file can unpack to something that fills the memory.
MAX_UNPACKED_BYTES = 600_000_000
TEXT_KINDS = (".csv", ".tsv", ".txt")
WORKBOOK_KINDS = (".xlsx", ".xlsm", ".xls", ".ods")
ACCEPTED_KINDS = "CSV, XLSX, XLS, ODS"
_HEADER_WITHIN_ROWS = 60
_CELL_NAME = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_LONGEST_CELL_NAME = len('r="XFD1048576"')
_BLOCK = 1 << 20
# RuntimeError: an encrypted part, or a way of packing that is not known.
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, RuntimeError)
_WORKBOOK_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: ``rows[0]`` is row 1 as the spreadsheet shows it."""

    name: str
    rows: list[list[Cell]]


@dataclass(frozen=True, slots=True)
class Record:
    """One row under a header: its number and the cells of the known columns."""

    row: int | str
    cells: dict[str, Cell]

    def text(self, column: str) -> str:
        """Give a cell as text; a column that the file does not have is empty."""
        return text_of(self.cells.get(column))


@dataclass(frozen=True, slots=True)
class Records:
    """A plain list: which of the known columns it has, and its rows."""

    columns: frozenset[str]
    titles: str
    rows: list[Record]


def read_sheets(path: Path, *, is_staff: bool = False) -> list[Sheet]:
    """Read every sheet of a file, a text file as one sheet, and refuse files of residents.

    Only the reader of staff says ``is_staff``: to all others a list of staff is refused as well.

    Raises
    ------
    MissingFile, UnsupportedFormat, UnreadableSource, FileTooLarge, TooManyRows,
    TooManyColumns, EmptyFile
        When the file cannot be taken; the limits are ``MAX_BYTES``, ``MAX_ROWS`` and
        ``MAX_COLUMNS``, all inclusive.
    ResidentsFile
        When a sheet is about single persons.
    """
    check_file(path)
    kind = path.suffix.lower()
    if kind in TEXT_KINDS:
        sheets = [_read_text(path)]
    elif kind in WORKBOOK_KINDS:
        sheets = _read_workbook(path)
    else:
        raise UnsupportedFormat(place=path.name, value=kind, accepted=ACCEPTED_KINDS)
    for sheet in sheets:
        refuse_residents(sheet.rows, place_of(path, sheet, sheets), is_staff=is_staff)
    if not any(map(_is_used, sheets)):
        raise EmptyFile(place=path.name)
    return sheets


def check_file(path: Path) -> None:
    """Refuse a file that is missing or too large."""
    if not path.is_file():
        raise MissingFile(place=str(path))
    n_bytes = path.stat().st_size
    if n_bytes > MAX_BYTES:
        raise FileTooLarge(place=path.name, value=n_bytes, limit=MAX_BYTES)


def place_of(path: Path, sheet: Sheet, sheets: Sequence[Sheet]) -> str:
    """Name a sheet for a message."""
    return f"{path.name} [{sheet.name}]" if len(sheets) > 1 else path.name


def row_label(sheet: Sheet, sheets: Sequence[Sheet], position: int) -> int | str:
    """Give the row number a spreadsheet shows, with the sheet when there are several."""
    return f"{sheet.name}!{position + 1}" if len(sheets) > 1 else position + 1


def is_filled(cell: Cell) -> bool:
    """Tell whether a cell holds anything but white space."""
    return cell is not None and text_of(cell) != ""


def text_of(cell: Cell) -> str:
    """Give a cell as text: white space collapsed, whole numbers without a fraction."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return " ".join(cell.split())
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def bare(cell: Cell) -> str:
    """Reduce a heading to what identifies it: capitals, digits and the per cent sign."""
    return re.sub(r"[^A-Z0-9%]", "", text_of(cell).upper())


def find_column(
    headings: Sequence[str], names: Mapping[str, Sequence[str]], place: str
) -> dict[str, int]:
    """Find which heading is which column.

    Parameters
    ----------
    headings
        As printed.
    names
        For each column the headings it may have, compared by ``bare``.

    Returns
    -------
    dict
        Position of each column that was found.

    Raises
    ------
    DoubledColumn
        When two headings say they are the same column.
    """
    known = {bare(alias): column for column, aliases in names.items() for alias in aliases}
    found: dict[str, list[int]] = {}
    for position, heading in enumerate(headings):
        column = known.get(bare(heading))
        if column:
            found.setdefault(column, []).append(position)
    for column, positions in found.items():
        if len(positions) > 1:
            printed = ", ".join(headings[position] for position in positions)
            raise DoubledColumn(place=place, column=column, found=printed)
    return {column: positions[0] for column, positions in found.items()}


def read_records(
    path: Path,
    *,
    columns: Mapping[str, Sequence[str]],
    required: Sequence[str],
    is_staff: bool = False,
) -> Records:
    """Read a plain list: one header row, found by content, and rows under it.

    Several sheets are one list; each needs its own header.

    Parameters
    ----------
    columns
        For each column the headings it may have; the column's own name need not be repeated.
    required
        Columns without which the file is refused.

    Raises
    ------
    MissingColumn
        When no row near the top has all that is required, or any known column.
    EmptyFile
        When nothing stands under the header.
    """
    sheets = [sheet for sheet in read_sheets(path, is_staff=is_staff) if _is_used(sheet)]
    names = {column: (column, *aliases) for column, aliases in columns.items()}
    every_column: set[str] = set()
    titles: list[str] = []
    rows: list[Record] = []
    for sheet in sheets:
        header, found = _find_header_row(sheet, names, required, place_of(path, sheet, sheets))
        every_column |= set(found)
        titles += [text_of(cell) for cells in sheet.rows[:header] for cell in cells]
        for position in range(header + 1, len(sheet.rows)):
            cells = sheet.rows[position]
            record = {name: _at(cells, at) for name, at in found.items()}
            if any(is_filled(cell) for cell in record.values()):
                rows.append(Record(row_label(sheet, sheets, position), record))
    if not rows:
        raise EmptyFile(place=path.name)
    return Records(frozenset(every_column), "\n".join(filter(None, titles)), rows)


def _is_used(sheet: Sheet) -> bool:
    return any(is_filled(cell) for cells in sheet.rows for cell in cells)


def _find_header_row(
    sheet: Sheet, names: Mapping[str, Sequence[str]], required: Sequence[str], place: str
) -> tuple[int, dict[str, int]]:
    best, best_found = 0, dict[str, int]()
    for position, cells in enumerate(sheet.rows[:_HEADER_WITHIN_ROWS]):
        found = find_column([text_of(cell) for cell in cells], names, place)
        if len(found) > len(best_found):
            best, best_found = position, found
    for column in required or tuple(best_found) or tuple(names)[:1]:
        if column not in best_found:
            printed = [text_of(cell) for cell in sheet.rows[best] if is_filled(cell)]
            raise MissingColumn(
                place=place,
                column=column,
                found=", ".join(printed[:30]),
                accepted=", ".join(names[column]),
            )
    return best, best_found


def _at(cells: Sequence[Cell], position: int) -> Cell:
    return cells[position] if position < len(cells) else None


def _read_text(path: Path) -> Sheet:
    raw = path.read_bytes()
    if raw.startswith(_WORKBOOK_STARTS):
        raise UnreadableSource(place=path.name, expected="CSV", reason="XLSX, ODS, XLS")
    content = _decode(raw)
    if "\0" in content:
        raise UnreadableSource(place=path.name, expected="CSV", reason="NUL")
    rows: list[list[Cell]] = []
    try:
        for cells in csv.reader(io.StringIO(content, newline=""), delimiter=_delimiter(content)):
            _check_width(path, len(cells))
            if len(rows) == MAX_ROWS:
                raise TooManyRows(place=path.name, value=MAX_ROWS + 1, limit=MAX_ROWS)
            rows.append(list(cells))
    except csv.Error as error:
        raise UnreadableSource(place=path.name, expected="CSV", reason=str(error)) from error
    return Sheet(path.stem, rows)


def _decode(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _delimiter(content: str) -> str:
    """Choose the delimiter that cuts the first lines into the most columns, equally many each.

    A decimal comma cuts a semicolon file too, but into fewer columns.
    """
    head = content[:20_000].splitlines()[:_HEADER_WITHIN_ROWS]

    def columns(delimiter: str) -> int:
        widths = Counter(len(cells) for cells in csv.reader(head, delimiter=delimiter))
        usual = [(count, width) for width, count in widths.items() if width > 1]
        return max(usual)[1] if usual else 1

    return max(",;\t", key=columns)


def _read_workbook(path: Path) -> list[Sheet]:
    try:
        _check_archive(path)
        with CalamineWorkbook.from_path(path) as workbook:
            sheets: list[Sheet] = []
            n_rows = 0
            for name in workbook.sheet_names:
                sheet = workbook.get_sheet_by_name(name)
                # The last used cell, counted from 0; total_height and total_width are one short.
                last_row, last_column = sheet.end or (-1, -1)
                n_rows += last_row + 1
                _check_width(path, last_column + 1)
                if n_rows > MAX_ROWS:
                    raise TooManyRows(place=path.name, value=n_rows, limit=MAX_ROWS)
                rows = sheet.to_python(skip_empty_area=False)
                sheets.append(Sheet(name, [list(cells) for cells in rows]))
            return sheets
    except (CalamineError, *_BROKEN_ARCHIVE, OSError, ValueError) as error:
        if isinstance(error, GeodataError):
            raise
        reason = str(error) or type(error).__name__
        kind = path.suffix[1:].upper()
        raise UnreadableSource(place=path.name, expected=kind, reason=reason) from error


def _check_width(path: Path, width: int) -> None:
    if width > MAX_COLUMNS:
        raise TooManyColumns(place=path.name, value=width, limit=MAX_COLUMNS)


def _check_archive(path: Path) -> None:
    """Refuse a workbook that would fill the memory before the reader could say so.

    The reader makes room for every cell up to the last one, and ends the whole process when there
    is no such room: one stray cell in XFD1048576 is enough.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        n_bytes = sum(part.file_size for part in archive.infolist())
        if n_bytes > MAX_UNPACKED_BYTES:
            raise FileTooLarge(place=path.name, value=n_bytes, limit=MAX_UNPACKED_BYTES)
        for part in archive.infolist():
            if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                with archive.open(part) as content:
                    rows, columns = _extent(content)
                _check_width(path, columns)
                if rows > MAX_ROWS:
                    raise TooManyRows(place=path.name, value=rows, limit=MAX_ROWS)


def _extent(content: IO[bytes]) -> tuple[int, int]:
    """Count rows and columns up to the last cell that a worksheet names."""
    last_row = 0
    columns: set[bytes] = set()
    rest = b""
    while block := content.read(_BLOCK):
        for letters, number in _CELL_NAME.findall(rest + block):
            columns.add(letters)
            last_row = max(last_row, int(number))
        rest = (rest + block)[-_LONGEST_CELL_NAME:]
    return last_row, max(map(_column_number, columns), default=0)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number
