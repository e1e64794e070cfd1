"""Find the header of a sheet of counts: by content, below titles, in one to three merged rows.

A dictionary of patterns knows the headings that offices use; what an office has taught (*learned*
headings) goes before it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from geodata.columns import COUNT_COLUMNS
from geodata.errors import DoubledColumn, MissingColumn, MissingSum
from geodata.privacy import column_letters
from geodata.tables import Cell, Sheet, bare, is_filled, text_of

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
    "code": r"KODE(WILAYAH|DESA|KELURAHAN|DESAKEL\w*|KEL\w*DESA|(KE)?MENDAGRI|DAGRI)?|KDEPUM|KDDESA"
    r"|VILLAGECODE|CODE",
    "bps_code": r"(KODE|KD)(DESA|WILAYAH)?BPS|BPSCODE|IDDESA(BPS)?",
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
# BPS codes beside Kemendagri codes are passed over; alone they are the codes.
_SECOND_CHOICE = {"bps_code": "code"}
IGNORE = "ignore"
"""What a heading is taught to be when its column is not to be read."""
MEANINGS = (*(column for column in _PATTERNS if column not in _SECOND_CHOICE), IGNORE)
"""What a heading can be taught to be."""
_COMPILED = {column: re.compile(pattern) for column, pattern in _PATTERNS.items()}
_SUM = re.compile(r"^(JUMLAH|JML|TOTAL)|(JUMLAH|JML|TOTAL|LP)$")
_SEX = re.compile(r"L|LK|LAKI|LAKILAKI|PRIA|P|PR|PEREMPUAN|WANITA")
# Headings that every such sheet has and nobody misses when they are not read.
_UNREMARKABLE = re.compile(r"NO|NOMOR|NOURUT|JENIS|KABUPATEN\w*|KAB\w*|PROVINSI|KET|KETERANGAN|")


class Heading(NamedTuple):
    """What became of one column of a sheet.

    ``text`` is its heading with those above it, ``column`` what it was read as, None when it was
    not read; ``learned`` tells whether the office had said so.
    """

    letters: str
    text: str
    column: str | None
    learned: bool


@dataclass(frozen=True, slots=True)
class Header:
    """Where a table of counts begins, and what its columns are.

    Parameters
    ----------
    top, first_row
        Positions of the first row of the header and of the first row of data.
    columns
        Position of each column that is read.
    """

    top: int
    first_row: int
    columns: dict[str, int]
    headings: tuple[Heading, ...]

    @property
    def ignored(self) -> tuple[str, ...]:
        """The headings that nobody knows; those taught to be ignored are known."""
        return tuple(
            heading.text
            for heading in self.headings
            if heading.column is None
            and not heading.learned
            and not _UNREMARKABLE.fullmatch(bare(heading.text))
        )

    def at(self, cells: Sequence[Cell], column: str) -> Cell:
        """Give a row's cell of a column; None when the sheet has no such column."""
        position = self.columns.get(column)
        return None if position is None else _at(cells, position)


def find_header(
    sheet: Sheet,
    place: str,
    learned: Mapping[str, str] | None = None,
    *,
    needs_code: bool = True,
) -> Header:
    """Find the rows that name the most columns.

    Parameters
    ----------
    learned
        What the office says a heading is: one of ``MEANINGS`` by ``key_of`` the heading, alone or
        with those above it.
    needs_code
        Whether a name alone does not tell a village.

    Raises
    ------
    MissingColumn
        When there is no code (with ``needs_code``), no name, no wajib KTP, or nothing
        recorded nor left to record.
    MissingSum
        When wajib KTP or recorded is there for men and women only.
    DoubledColumn
        When two headings say they are the same column.
    """
    best: tuple[int, int, dict[str, list[int]]] = (0, 1, {})
    taught = learned or {}
    for start in range(min(_WITHIN_ROWS, len(sheet.rows))):
        for depth in range(1, _MAX_DEPTH + 1):
            found = _columns(sheet.rows[start : start + depth], taught)
            # As few rows as say it all: a title above is no part of the header.
            if (len(found), -depth) > (len(best[2]), -best[1]):
                best = (start, depth, found)
    start, depth, found = best
    below = sheet.rows[start + depth : start + _MAX_DEPTH]
    cut = _rows_to_cut_by_sex(below, found)
    if cut:
        depth += cut
        found = _columns(sheet.rows[start : start + depth], taught)
    rows = sheet.rows[start : start + depth]
    _require(found, rows, place, needs_code=needs_code)
    columns = {column: positions[0] for column, positions in found.items()}
    return Header(start, start + depth, columns, _headings(rows, columns, taught))


def key_of(heading: str) -> str:
    """Reduce a heading to that by which it is remembered."""
    return bare(heading)


def _require(
    found: dict[str, list[int]], rows: Sequence[Sequence[Cell]], place: str, *, needs_code: bool
) -> None:
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
        if column == "code" and "name" in found and not needs_code:
            continue
        cut = _cut_by_sex(rows, column)
        if cut:
            raise MissingSum(place=place, column=column, found=", ".join(cut))
        listed = ", ".join(filter(None, printed[:30])) or "-"
        raise MissingColumn(place=place, column=column, found=listed, accepted=headings)
    for column, positions in found.items():
        if len(positions) > 1:
            headings = ", ".join(" ".join(_chain(rows, position)) for position in positions)
            raise DoubledColumn(place=place, column=column, found=headings)


def _columns(rows: Sequence[Sequence[Cell]], learned: Mapping[str, str]) -> dict[str, list[int]]:
    """Find the columns that these rows name, when taken for the header."""
    found: dict[str, list[int]] = {}
    for position in range(max((len(cells) for cells in rows), default=0)):
        chain = _chain(rows, position)
        taught = _taught(chain, learned)
        column = taught or _column_of(chain)
        if column == "percentage" and not taught and not _is_about_recording(found):
            continue
        if column and column != IGNORE:
            found.setdefault(column, []).append(position)
    for second, first in _SECOND_CHOICE.items():
        positions = found.pop(second, None)
        if positions:
            found.setdefault(first, positions)
    return found


def _rows_to_cut_by_sex(rows: Sequence[Sequence[Cell]], found: Mapping[str, list[int]]) -> int:
    """Count the rows down to the one that cuts counts into men, women and both (L, P, JML).

    All columns are named without it, and the leftmost of each three would be read: the men.
    """
    first_count = min((found[c][0] for c in COUNT_COLUMNS if c in found), default=0)
    for number, cells in enumerate(rows, start=1):
        if any(
            is_filled(_at(cells, position)) for position in found.get("code", found.get("name", []))
        ):
            return 0
        if any(_SEX.fullmatch(bare(cell)) for cell in cells[first_count:]):
            return number
    return 0


def _cut_by_sex(rows: Sequence[Sequence[Cell]], column: str) -> list[str]:
    """List the headings that give a column for men or for women."""
    found: list[str] = []
    for position in range(max((len(cells) for cells in rows), default=0)):
        *above, last = _chain(rows, position) or [""]
        *words, sex = re.split(r"[\s()/]+", last.strip(" ()")) or [""]
        if _SEX.fullmatch(bare(sex)) and _column_of([*above, " ".join(words)]) == column:
            found.append(" ".join([*above, last]))
    return found


def _taught(chain: Sequence[str], learned: Mapping[str, str]) -> str | None:
    """Find what the office says a column is; with more of the headings above goes before less."""
    parts = [bare(heading) for heading in chain] if learned else []
    for first in range(len(parts)):
        meaning = learned.get("".join(parts[first:]))
        if meaning:
            return meaning
    return None


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


def _headings(
    rows: Sequence[Sequence[Cell]], columns: Mapping[str, int], learned: Mapping[str, str]
) -> tuple[Heading, ...]:
    """List every column that has a heading."""
    read = {position: column for column, position in columns.items()}
    headings = []
    for position in range(max((len(cells) for cells in rows), default=0)):
        chain = _chain(rows, position)
        if chain:
            letters, text = column_letters(position), " ".join(chain)
            is_learned = _taught(chain, learned) is not None
            headings.append(Heading(letters, text, read.get(position), is_learned))
    return tuple(headings)
