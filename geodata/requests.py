"""An office's list of letters that ask for visits; a row with a fault is set aside."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from geodata import village_rows
from geodata.crosswalk import Crosswalk
from geodata.findings import Finding, RowLabel, tally
from geodata.privacy import is_resident_number, name_sign
from geodata.row_reader import RowReader
from geodata.schema import PROGRAMMES
from geodata.tables import bare, read_records

COLUMNS = {
    "number": ("nomor_surat", "no_surat", "nomor"),
    "letter_date": ("tanggal_surat", "tgl_surat", "tanggal"),
    "kind": ("jenis", "dari", "pemohon"),
    **village_rows.COLUMNS,
    "programmes": ("program", "layanan"),
    "people": ("perkiraan_orang", "jumlah_orang", "perkiraan", "orang"),
    "contact": ("kontak", "kontak_kantor"),
    "is_required": ("wajib",),
}
REQUIRED = ("number", "letter_date", "programmes", "people")
KINDS = ("village", "school", "complaint")
MAX_PEOPLE = 100_000
_KIND_WORDS = {
    "village": ("desa", "kelurahan", "kampung", "kades", "camat", "kecamatan"),
    "school": ("sekolah",),
    "complaint": ("keluhan", "aduan", "pengaduan", "warga"),
}
_KINDS = {bare(word): kind for kind, words in _KIND_WORDS.items() for word in (kind, *words)}
_PROGRAMME_WORDS = {
    "ktp_el": ("ktp", "ktp-el", "rekam", "perekaman"),
    "pemula": ("pemula", "pemilih pemula"),
    "kia": ("kia",),
    "akta": ("akta", "akta lahir", "akta kelahiran"),
    "ikd": ("ikd",),
}
_PROGRAMMES = {bare(word): p for p, words in _PROGRAMME_WORDS.items() for word in (p, *words)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """One letter; ``kind`` is one of ``KINDS``, ``people`` what it estimates."""

    village_code: str
    kind: str
    number: str
    letter_date: date
    programmes: tuple[str, ...]
    people: int
    contact: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestImport:
    """Letters of a file with their rows; ``totals`` are ``requests`` and ``people``."""

    requests: tuple[tuple[RowLabel, RequestRow], ...]
    findings: tuple[Finding, ...] = field(repr=False)
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, int]


def read_requests(
    path: Path,
    *,
    villages: pd.DataFrame,
    crosswalk: Crosswalk | None = None,
    changes: Crosswalk | None = None,
) -> RequestImport:
    """Read a list of letters; a village is named by its code, or by name and district.

    Parameters
    ----------
    villages
        All villages known: ``code``, ``name``, ``district``, ``regency``.
    crosswalk, changes
        As ``resolve.resolve_codes`` takes them.

    Raises
    ------
    GeodataError
        When the whole file is refused: residents, a missing column, no row, codes of no certain
        list.
    """
    records = read_records(path, columns=COLUMNS, required=REQUIRED).rows
    codes, found = village_rows.find_villages(
        records, villages, crosswalk, changes, place=path.name
    )
    findings = list(found)
    letters: list[tuple[RowLabel, RequestRow]] = []
    first_rows: dict[tuple[str, str, str], RowLabel] = {}
    for record, code in zip(records, codes, strict=True):
        row = _Row(record)
        letter = row.letter(code)
        key = (letter.number, letter.village_code, letter.kind)
        if code is not None and not row.is_refused and key in first_rows:
            row.refuse("row-duplicate", "number", first_row=first_rows[key])
        findings += row.findings
        if code is not None and not row.is_refused:
            first_rows[key] = record.row
            letters.append((record.row, letter))
    counted = tally(findings, len(letters))
    return RequestImport(
        requests=tuple(letters),
        findings=tuple(findings),
        accepted=counted.accepted,
        corrected=counted.corrected,
        refused=counted.refused,
        totals={"requests": len(letters), "people": sum(row.people for _, row in letters)},
    )


class _Row(RowReader):
    """One letter."""

    def letter(self, village: str | None) -> RequestRow:
        """Read the row; meaningless when it is refused or its village is not known."""
        number = self.text("number")
        if len(number) > 100:
            self.refuse("text-too-long", "number", most=100)
        return RequestRow(
            village_code=village or "",
            kind=self._kind(),
            number=number,
            letter_date=self._date(),
            programmes=self._programmes(),
            people=self.number("people", 1, MAX_PEOPLE, is_required=True) or 0,
            contact=self._contact(),
            is_required=self.yes("is_required", default=False),
        )

    def _kind(self) -> str:
        if not self.record.text("kind"):
            return "village"
        return self.word("kind", _KINDS, ("desa", "sekolah", "keluhan")) or "village"

    def _date(self) -> date:
        if not self.record.text("letter_date"):
            self.refuse("value-missing", "letter_date")
        return self.day("letter_date") or date.min

    def _programmes(self) -> tuple[str, ...]:
        """Read words between commas or semicolons; in the order of ``PROGRAMMES``."""
        text = self.text("programmes")
        words = [bare(part) for part in text.replace(";", ",").replace("+", ",").split(",")]
        found = {_PROGRAMMES.get(word) for word in words if word}
        if text and (None in found or not found):
            self.refuse("word-unknown", "programmes", accepted=", ".join(PROGRAMMES))
        return tuple(p for p in PROGRAMMES if p in found)

    def _contact(self) -> str:
        contact = self.record.text("contact")
        sign = name_sign(contact)
        if sign is not None or is_resident_number(contact):
            # The finding names the row and never repeats who it is.
            self.findings.append(
                Finding(
                    code="contact-names-person", severity="refused", row=self.record.row,
                    column="contact",
                )
            )  # fmt: skip
        if len(contact) > 200:
            self.refuse("text-too-long", "contact", most=200)
        return contact
