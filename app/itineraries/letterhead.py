"""What an office puts on its letters: its name, who signs, what is charged; one file it edits.

``templates/office.toml`` in the data folder; a table named by a regency's code holds for that
regency before the rest. What is not told stays a dotted line on paper.
"""

import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from app.errors import BadTemplate
from app.itineraries.team_day import COST_LINES

FILE = "office.toml"
BLANK = "." * 22
_LINE = re.compile(r"at line (\d+)")
_REGENCY = re.compile(r"[0-9]{2}\.[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Facts of an office that no import holds; each is a dotted line until it is told.

    ``account_codes`` is the code of each cost line in the office's budget.
    """

    office: str = ""
    address: str = ""
    city: str = BLANK
    basis: str = BLANK
    head_title: str = "Kepala Dinas"
    head_name: str = BLANK
    head_rank: str = BLANK
    head_nip: str = BLANK
    technical_officer: str = BLANK
    budget_office: str = BLANK
    budget_line: str = BLANK
    budget_document: str = BLANK
    contact: str = BLANK
    account_codes: dict[str, str] = field(default_factory=dict)


TEXTS = tuple(f.name for f in fields(Letterhead) if f.name != "account_codes")


def read_letterhead(folder: Path, regency_code: str) -> Letterhead:
    """Read the office's file; without one every field has its default.

    Raises
    ------
    BadTemplate
        With the line, when the file is no TOML or names something unknown.
    """
    path = folder / FILE
    if not path.is_file():
        return Letterhead()
    text = text_of_file(path, FILE)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise BadTemplate(file=FILE, line=line, reason=str(error)) from error
    own = values.get(regency_code, {})
    everybody = {name: one for name, one in values.items() if not _REGENCY.fullmatch(name)}
    for table in (everybody, *(values[name] for name in values if name not in everybody)):
        _check(table, text)
    return Letterhead(**{**everybody, **own})


_FIRST = """\
# Data kantor untuk surat; yang tidak diisi menjadi titik-titik. Hapus tanda # untuk mengisi.
# Facts of the office for letters; what is not told becomes a dotted line. Remove # to tell it.
# office = "Dinas Kependudukan dan Pencatatan Sipil"
# address = ""
# city = ""
# basis = ""                # dasar surat tugas
# head_title = "Kepala Dinas"
# head_name = ""
# head_rank = ""            # pangkat/golongan
# head_nip = ""
# technical_officer = ""    # PPTK
# budget_office = ""        # pembebanan: instansi
# budget_line = ""          # mata anggaran
# budget_document = ""      # nomor DPA
# contact = ""              # telepon kantor

# [account_codes]           # kode rekening
# vehicle = ""
# travel = ""
# per_diem = ""
# lodging = ""

# ["62.02"]                 # hanya untuk kabupaten ini
# head_name = ""
"""


def write_letterhead(folder: Path) -> list[Path]:
    """Put a file to fill in where there is none, and tell whether it was written."""
    path = folder / FILE
    if path.is_file():
        return []
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(_FIRST, encoding="utf-8")
    return [path]


def text_of_file(path: Path, name: str) -> str:
    """Read a text of the office, or raise ``BadTemplate`` with the line that is no UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadTemplate(file=name, line=line, reason="UTF-8") from error


def _check(table: Any, text: str) -> None:  # noqa: ANN401 (any TOML value)
    """Refuse what is no field, with the line that says it."""
    if not isinstance(table, dict):
        raise BadTemplate(file=FILE, line=_line_of(str(table), text), reason='["62.02"]')
    for name, value in table.items():
        is_text = name in TEXTS and isinstance(value, str)
        is_codes = name == "account_codes" and isinstance(value, dict)
        if not is_text and not is_codes:
            reason = f"{name}: {', '.join((*TEXTS, 'account_codes'))}"
            raise BadTemplate(file=FILE, line=_line_of(name, text), reason=reason)
        for line in value if is_codes else ():
            if line not in COST_LINES or not isinstance(value[line], str):
                reason = f"{line}: {', '.join(COST_LINES)}"
                raise BadTemplate(file=FILE, line=_line_of(line, text), reason=reason)


def _line_of(name: str, text: str) -> int:
    for number, line in enumerate(text.splitlines(), start=1):
        if name in line:
            return number
    return 1
