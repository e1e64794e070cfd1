"""Find the header of a sheet of counts: by content, below titles, in one to three merged rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from geodata.errors import DoubledColumn, MissingColumn
from geodata.tables import Cell, Sheet, bare, is_filled, text_of

COUNT_COLUMNS = (
    "wajib_ktp",
    "sudah_rekam",
    "belum_rekam",
    "usia_16_17",
    "anak_0_17",
    "memiliki_kia",
    "belum_akta",
    "ikd_aktif",
)
_WITHIN_ROWS = 60
_MAX_DEPTH = 3
_KTP = r"(KTP|KTPEL|EKTP|KTPELEKTRONIK)?"
_RECORDED = r"(REKAM|PEREKAMAN|TEREKAM|MEREKAM|DIREKAM)"
_GROUP = rf"({_KTP}{_RECORDED}|KTP|KTPEL|EKTP)"
_PERCENT = r"(%|PERSEN|PERSENTASE|PROSENTASE)"
_YEARS = r"(TAHUN|THN|TH)?"
_HAVE = r"(MEMILIKI|SUDAHMEMILIKI|SUDAH|PUNYA|KEPEMILIKAN)"
_NOT_YET = r"(BELUM|BLM|BELUMMEMILIKI|BLMMEMILIKI|TIDAKMEMILIKI)"
_BIRTH = r"(LAHIR|KELAHIRAN)?"
# A heading is tried alone, then with the headings above it; JUMLAH in front or behind says nothing.
_PATTERNS = {
    "code": r"KODE(WILAYAH|DESA|KELURAHAN|DESAKEL\w*|KEL\w*DESA|KEMENDAGRI)?|VILLAGECODE|CODE",
    "name": r"(NAMA)?(DESA|KELURAHAN|DESAKEL|DESAKELURAHAN|KELDESA|KELURAHANDESA|KAMPUNG\w*)"
    r"|NAMAWILAYAH|NAME|VILLAGE",
    "district": r"(NAMA)?(KECAMATAN|KEC|DISTRICT)",
    "wajib_ktp": r"(WAJIB|WJB|W)(KTP|KTPEL|EKTP)",
    "sudah_rekam": rf"{_KTP}(SUDAH|SDH|TELAH)?{_RECORDED}{_KTP}|{_GROUP}(SUDAH|SDH)",
    "belum_rekam": rf"{_KTP}(BELUM|BLM){_RECORDED}{_KTP}|{_GROUP}(BELUM|BLM|SISA)|SISA",
    "usia_16_17": rf"(USIA|UMUR|PENDUDUKUSIA)?1617{_YEARS}|(PEMILIH|WAJIBKTP)?PEMULA",
    "anak_0_17": rf"(ANAK|USIA|ANAKUSIA|USIAANAK|ANAKUMUR)017{_YEARS}|ANAK",
    "memiliki_kia": rf"{_HAVE}?KIA|KIA{_HAVE}",
    "belum_akta": rf"{_NOT_YET}AKTA{_BIRTH}|AKTA{_BIRTH}{_NOT_YET}|TANPAAKTA{_BIRTH}",
    "ikd_aktif": r"IKD(AKTIF|AKTIVASI|SUDAHAKTIVASI|SUDAH)?|(AKTIF|AKTIVASI)IKD",
    "percentage": rf"{_PERCENT}|{_KTP}{_PERCENT}({_KTP}|{_RECORDED})|CAPAIAN%?|{_PERCENT}CAPAIAN",
}
_COMPILED = {column: re.compile(pattern) for column, pattern in _PATTERNS.items()}
_SUM = re.compile(r"^(JUMLAH|JML|TOTAL)|(JUMLAH|JML|TOTAL|LP)$")
# Headings that every such sheet has and nobody misses when they are not read.
_UNREMARKABLE = re.compile(r"NO|NOMOR|NOURUT|JENIS|KABUPATEN\w*|KAB\w*|PROVINSI|KET|KETERANGAN|")


@dataclass(frozen=True, slots=True)
class Header:
    """Where a table of counts begins: ``first_row`` is the position of its first row of data."""

    first_row: int
    columns: dict[str, int]
    ignored: tuple[str, ...]

    def at(self, cells: Sequence[Cell], column: str) -> Cell:
        """Give a row's cell of a column; None when the sheet has no such column."""
        position = self.columns.get(column)
        return None if position is None else _at(cells, position)


def find_header(sheet: Sheet, place: str) -> Header:
    """Find the rows that name the most columns.

    Raises
    ------
    MissingColumn
        When there is no code, no name, no wajib KTP, or nothing recorded nor left to record.
    DoubledColumn
        When two headings say they are the same column.
    """
    best: tuple[int, int, dict[str, list[int]]] = (0, 1, {})
    for start in range(min(_WITHIN_ROWS, len(sheet.rows))):
        for depth in range(1, _MAX_DEPTH + 1):
            found = _columns(sheet.rows[start : start + depth])
            if len(found) > len(best[2]):
                best = (start, depth, found)
    start, depth, found = best
    rows = sheet.rows[start : start + depth]
    _require(found, rows, place)
    columns = {column: positions[0] for column, positions in found.items()}
    return Header(start + depth, columns, _ignored(rows, columns))


def _require(found: dict[str, list[int]], rows: Sequence[Sequence[Cell]], place: str) -> None:
    printed = list(dict.fromkeys(text_of(cell) for cells in rows for cell in cells))
    accepted = {
        "code": "KODE, KODE WILAYAH, KODE DESA",
        "name": "DESA, KELURAHAN, DESA/KELURAHAN, NAMA DESA",
        "wajib_ktp": "WAJIB KTP, WKTP, wajib_ktp",
        "sudah_rekam": "SUDAH REKAM, PEREKAMAN, sudah_rekam",
    }
    for column, headings in accepted.items():
        if column in found or (column == "sudah_rekam" and "belum_rekam" in found):
            continue
        listed = ", ".join(filter(None, printed[:30])) or "-"
        raise MissingColumn(place=place, column=column, found=listed, accepted=headings)
    for column, positions in found.items():
        if len(positions) > 1:
            headings = ", ".join(" ".join(_chain(rows, position)) for position in positions)
            raise DoubledColumn(place=place, column=column, found=headings)


def _columns(rows: Sequence[Sequence[Cell]]) -> dict[str, list[int]]:
    """Find the columns that these rows name, when taken for the header."""
    found: dict[str, list[int]] = {}
    for position in range(max((len(cells) for cells in rows), default=0)):
        column = _column_of(_chain(rows, position))
        if column == "percentage" and not _is_about_recording(found):
            continue
        if column:
            found.setdefault(column, []).append(position)
    return found


def _is_about_recording(found: dict[str, list[int]]) -> bool:
    """Tell whether a percentage is the one of recording: the first, right after the recorded."""
    if not found or "percentage" in found:
        return False
    nearest = max(found, key=lambda column: found[column][-1])
    return nearest in ("wajib_ktp", "sudah_rekam", "belum_rekam")


def _chain(rows: Sequence[Sequence[Cell]], position: int) -> list[str]:
    """List the headings over a column, from the top; a merged one covers the cells right of it.

    The office merges cells; a CSV of the same sheet has only the empty cells, so those decide.
    """
    chain: list[str] = []
    for level, cells in enumerate(rows):
        heading = text_of(_at(cells, position))
        has_lower = any(is_filled(_at(lower, position)) for lower in rows[level + 1 :])
        if not heading and has_lower:
            left = [text_of(cell) for cell in cells[:position]]
            heading = next(filter(None, reversed(left)), "")
        if heading:
            chain.append(heading)
    return chain


def _at(cells: Sequence[Cell], position: int) -> Cell:
    return cells[position] if position < len(cells) else None


def _column_of(chain: Sequence[str]) -> str | None:
    parts = [bare(heading) for heading in chain]
    for first in range(len(parts) - 1, -1, -1):
        joined = "".join(parts[first:])
        for text in (joined, _SUM.sub("", joined)):
            for column, pattern in _COMPILED.items():
                if text and pattern.fullmatch(text):
                    return column
    return None


def _ignored(rows: Sequence[Sequence[Cell]], columns: dict[str, int]) -> tuple[str, ...]:
    width = max((len(cells) for cells in rows), default=0)
    unread = [p for p in range(width) if p not in columns.values()]
    names = (" ".join(_chain(rows, position)) for position in unread)
    return tuple(name for name in names if not _UNREMARKABLE.fullmatch(bare(name)))
