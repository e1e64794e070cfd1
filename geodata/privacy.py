"""Refuse files of residents before anything else is done with them.

The service keeps counts per village, never people. A sheet whose columns are about single persons,
or one cell with a number shaped like a NIK or a family card number, refuses the whole file; the
error names the cell and never repeats its value.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from geodata.codes import read_code
from geodata.errors import ResidentName, ResidentNumbers, ResidentsFile, StaffFile

# Headings, letters and digits only. A bare NAMA is the name of a village in many files.
_PERSONAL_HEADINGS = frozenset(
    (
        "NAMALENGKAP",
        "NAMAPENDUDUK",
        "NAMAWARGA",
        "NAMAPEMOHON",
        "NAMAORANG",
        "NAMAANAK",
        "NAMASISWA",
        "NAMAAYAH",
        "NAMAIBU",
        "NAMAIBUKANDUNG",
        "NAMAKEPALAKELUARGA",
        "NAMAKK",
        "FULLNAME",
        "NIK",
        "NONIK",
        "NOMORNIK",
        "NOKTP",
        "NOMORKTP",
        "NOMORINDUKKEPENDUDUKAN",
        "NOINDUKKEPENDUDUKAN",
        "NOKK",
        "NOMORKK",
        "NIKKK",
        "NOMORKARTUKELUARGA",
        "NOKARTUKELUARGA",
        "NOAKTA",
        "NOMORAKTA",
        "NOAKTALAHIR",
        "NOMORAKTALAHIR",
        "TEMPATLAHIR",
        "TMPLAHIR",
        "TMPTLAHIR",
        "TANGGALLAHIR",
        "TGLLAHIR",
        "TEMPATTANGGALLAHIR",
        "TEMPATTGLLAHIR",
        "TTL",
        "ALAMAT",
        "ALAMATLENGKAP",
        "ALAMATRUMAH",
        "ALAMATTINGGAL",
        "ALAMATDOMISILI",
        "ALAMATKTP",
        "NOHP",
        "NOMORHP",
        "NOTELEPON",
        "NOMORTELEPON",
        "NOTELP",
        "NOWA",
        "NOMORWA",
    )
)
# What offices write behind these: NIK PEMOHON, NAMA LENGKAP SISWA, NAMA SESUAI KTP. Tributaries
# (NAMA ANAK SUNGAI) and capitals (NAMA IBU KOTA) are no persons, and NIK GANDA is a count.
_PERSON = (
    r"(CALON)?(PENDUDUK|WARGA|PEMOHON|PELAPOR|ORANG|ANAK(?!SUNGAI|DESA|AIR)|BAYI|SISWA|SISWI"
    r"|SANTRI|PELAJAR|MURID|MAHASISWA|PEMILIH|PEMULA|AYAH|IBU(?!KOTA)|ISTRI|SUAMI|KEPALAKELUARGA"
    r"|PENGHUNI|NARAPIDANA|NAPI|TAHANAN|WBP|KARYAWAN|PESERTA|PASIEN|LANSIA|JENAZAH|ALMARHUM"
    r"|WAJIBKTP|((SESUAI|DI|DALAM|PADA)+(KTP|KK|AKTA|IJAZAH)))"
)
_PERSONAL_COLUMN = re.compile(
    rf"(?P<what>(NO|NOMOR)?NIK|NAMA(LENGKAP)?){_PERSON}\w*"
    r"|(?P<born>(TANGGAL|TGL|TEMPAT|TMPT|TMP)LAHIR)\w*"
)
# A heading may say two things, or one and what it means: NIK/No. KK, NIK (Nomor Induk ...).
_PARTS = re.compile(r"[/()\[\]\n;,&+]")
# Names of villages that read like such a heading: 52.05.05.2007 is Nowa, NO. WA a telephone number.
_VILLAGES_NAMED_ALIKE = frozenset(("NOWA",))
_STAFF_HEADINGS = frozenset(("NIP", "NO NIP", "NO. NIP", "NOMOR INDUK PEGAWAI"))
_PROVINCES = (
    "1[1-9]|2[1-9]|3[1-9]|5[1-9]|6[1-9]|7[1-9]|8[1-9]|9[1-9]"  # room for provinces made in future
)
# Province, regency, district; day (40 added for women), month, year; a serial number.
_NUMBER = re.compile(
    rf"(?<!\d)(?<!\d[.,])(?:{_PROVINCES})(?!00)\d\d(?!00)\d\d"
    r"(?:0[1-9]|[12]\d|3[01]|4[1-9]|[56]\d|7[01])(?:0[1-9]|1[0-2])\d\d(?!0000)\d{4}(?!\d)"
)
# A comma only between thousands: it stands between two coordinates as well.
_GROUPED = re.compile(r"\d[\d .'\u2019/_\-]{14,30}\d|\d(,\d{3}){5}|\d[.,]\d{15}[eE]\+?15")
_SEPARATORS = re.compile(r"[ ,.'\u2019/_\-]|[eE]\+?15$")

# What stands before the name of a person in a letter. The name begins with a capital; functions do
# as well (Bapak Camat), and they may be named.
_NAMES_A_PERSON = re.compile(
    r"(?<!\w)(?P<sign>(?i:a\.\s?n\.?|a/n|an\.|atas nama|bernama|nama\s*:|sdr[i.]?\.?|saudar[ai]"
    r"|bpk\.?|bapak|ibu|pak|bu|almh?\.|almarhum(?:ah)?|bint?i?|anak dari|istri dari))\s+"
    r"(?P<who>[A-Z][\w'.-]*)"
)
_FUNCTIONS = frozenset(
    (
        "ADAT", "BENDAHARA", "BIDAN", "BUPATI", "CAMAT", "DAMANG", "DESA", "DINAS", "DIREKTUR",
        "GURU", "KADES", "KADUS", "KAMPUNG", "KANTOR", "KASI", "KAUR", "KECAMATAN", "KELURAHAN",
        "KEPALA", "KEPSEK", "KETUA", "KOTA", "KOORDINATOR", "LURAH", "MANTRI", "OPERATOR",
        "PAMBAKAL", "PEMERINTAH", "PETINGGI", "PIMPINAN", "PJ", "PKK", "PLH", "PLT", "RT", "RW",
        "RUMAH", "SEKDES", "SEKRETARIS", "SEKOLAH", "SMA", "SMAN", "SMK", "SMKN", "STAF", "WAKIL",
        "WALIKOTA", "WARGA",
    )
)  # fmt: skip


def refuse_residents(
    rows: Iterable[Sequence[object]], place: str, *, is_staff: bool = False
) -> None:
    """Raise when a sheet is about single persons.

    Parameters
    ----------
    rows
        All cells of the sheet, from its first row: a list of residents may stand below a table of
        counts.
    place
        File and sheet, for the message.
    is_staff
        Whether a list of the office's own staff is read, which alone may have a column of NIP. A
        NIP in a line of signature below a table of counts is no column.

    Raises
    ------
    ResidentsFile
        At the first heading of a personal column, or the first number like a NIK.
    StaffFile
        At a column of NIP in any other file.
    """
    for number, row in enumerate(rows, start=1):
        for position, value in enumerate(row):
            if isinstance(value, str):
                heading = _personal_heading(value) if len(value) <= 60 else None
                if heading and not _is_village(heading, row):
                    cell = cell_name(number, position)
                    raise ResidentsFile(place=place, cell=cell, column=heading)
                if not is_staff and value.strip().upper() in _STAFF_HEADINGS:
                    raise StaffFile(place=place, cell=cell_name(number, position))
            if is_resident_number(value):
                raise ResidentNumbers(place=place, cell=cell_name(number, position))


def cell_name(row: int, position: int) -> str:
    """Name a cell as a spreadsheet does: row 7, position 27 is ``AB7``."""
    return f"{column_letters(position)}{row}"


def column_letters(position: int) -> str:
    """Name a column as a spreadsheet does: position 27 is ``AB``."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _is_village(heading: str, row: Sequence[object]) -> bool:
    """Tell a village that is called like a heading: its code stands beside it."""
    return heading in _VILLAGES_NAMED_ALIKE and any(read_code(cell).digits for cell in row)


@lru_cache(maxsize=4096)
def _personal_heading(text: str) -> str | None:
    """Give the known heading that a text or one part of it is, never the text itself."""
    for part in dict.fromkeys((text, *_PARTS.split(text))):
        bare = re.sub(r"[^A-Z0-9]", "", part.upper())
        if bare in _PERSONAL_HEADINGS:
            return bare
        match = _PERSONAL_COLUMN.fullmatch(bare)
        if match:
            return match["what"] or match["born"]
    return None


def refuse_numbers(texts: Mapping[str, str | None], place: str) -> None:
    """Raise when one of the texts said beside a file, by what it is, holds a number like a NIK.

    Raises
    ------
    ResidentNumbers
        The text is named and not repeated.
    """
    for what, text in texts.items():
        if is_resident_number(text):
            raise ResidentNumbers(place=place, cell=what)


def refuse_persons(texts: Mapping[str, str | None], place: str) -> None:
    """Raise when one of the texts of an office, by what it is, tells who a person is.

    A number like a NIK is found for certain; a name only where a letter announces one (*a.n.*,
    *Bapak*, *Sdr.*), because villages and people share names.

    Raises
    ------
    ResidentNumbers, ResidentName
        The text is named and not repeated.
    """
    refuse_numbers(texts, place)
    for what, text in texts.items():
        sign = name_sign(text or "")
        if sign is not None:
            raise ResidentName(place=place, cell=what, sign=sign)


def name_sign(text: str) -> str | None:
    """Give what announces the name of a person in a text, None where no name is announced."""
    for match in _NAMES_A_PERSON.finditer(text):
        if match["who"].strip(".,'-").upper() not in _FUNCTIONS:
            return match["sign"]
    return None


def is_resident_number(value: object) -> bool:
    """Tell whether a cell or a text is, or holds, a number shaped like a NIK or a KK number."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        # Above 2**53 a float has lost the last digit of the number, which its shape does not need.
        return 1e15 <= value < 1e16 and _NUMBER.search(f"{value:.0f}") is not None
    if isinstance(value, list | tuple | dict):  # what stands inside a property of GeoJSON
        value = str(value)
    if not isinstance(value, str) or len(value) < 16:
        return False
    if not value.isascii():
        plain = unicodedata.normalize("NFKC", value)
        value = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    if _NUMBER.search(value):
        return True
    bare = value.strip()
    return bool(_GROUPED.fullmatch(bare)) and bool(_NUMBER.fullmatch(_SEPARATORS.sub("", bare)))
