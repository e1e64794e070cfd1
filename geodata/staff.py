"""An office's list of its staff: the only kind of file that may hold names of persons.

One row a person; their leave in one cell. Nothing of it goes into a map, a layer or a finding: a
finding names the row and never repeats a name or a NIP.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from geodata.dates import exact_day
from geodata.findings import Finding, RowLabel, tally
from geodata.row_reader import RowReader
from geodata.tables import bare, read_records

COLUMNS = {
    "name": ("nama", "nama_pegawai", "nama_petugas"),
    "nip": ("nip", "nomor_induk_pegawai"),
    "rank": ("pangkat", "golongan", "pangkat/golongan", "gol"),
    "role": ("peran", "tugas", "jabatan"),
    "team": ("tim", "nama_tim"),
    "leave": ("cuti", "tanggal_cuti"),
}
REQUIRED = ("name", "nip", "role", "team")
ROLES = ("leader", "operator", "verifier", "printer", "driver", "other")
_ROLE_WORDS = {
    "leader": ("ketua", "ketua tim", "koordinator"),
    "operator": ("operator perekaman", "operator ktp-el", "perekam"),
    "verifier": ("verifikator", "operator siak"),
    "printer": ("petugas cetak", "pencetak", "distribusi"),
    "driver": ("sopir", "pengemudi", "motoris", "juru batu"),
    "other": ("lain", "lainnya"),
}
_ROLES = {bare(word): role for role, words in _ROLE_WORDS.items() for word in (role, *words)}
# Born, appointed, 1 or 2, serial number.
_NIP = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d\d(?:0[1-9]|1[0-2])[12]\d{3}"
)
MAX_LEAVE_DAYS = 366
_DAY = r"20\d\d-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]20\d\d"
_SPAN = re.compile(rf"({_DAY})(?:\s*(?:-|\u2013|s\.?d\.?|sampai|to)\s*({_DAY}))?")

Leave = tuple[date, date]
"""First and last day, both included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One member of staff; ``role`` is one of ``ROLES``."""

    name: str = field(repr=False)
    nip: str = field(repr=False)
    rank: str
    role: str
    team: str
    leave: tuple[Leave, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffImport:
    """Staff of a file: ``totals`` are ``people``, ``operators`` and ``leaves``."""

    people: tuple[Person, ...] = field(repr=False)
    findings: tuple[Finding, ...]
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, int]


def read_staff(path: Path, *, teams: frozenset[str]) -> StaffImport:
    """Read a list of staff.

    Parameters
    ----------
    teams
        Names of all teams known; a person of another is set aside.

    Raises
    ------
    GeodataError
        When the whole file is refused: residents, a missing column, no row.
    """
    records = read_records(path, columns=COLUMNS, required=REQUIRED, is_staff=True)
    findings: list[Finding] = []
    people: dict[str, Person] = {}
    first_rows: dict[str, RowLabel] = {}
    for record in records.rows:
        row = _Row(record)
        person = row.person(teams)
        if not row.is_refused and person.nip in people:
            row.refuse("staff-twice", "nip", first_row=first_rows[person.nip])
        if not row.is_refused:
            people[person.nip] = person
            first_rows[person.nip] = record.row
        findings += row.findings
    counted = tally(findings, len(people))
    return StaffImport(
        people=tuple(people.values()),
        findings=tuple(findings),
        accepted=counted.accepted,
        corrected=counted.corrected,
        refused=counted.refused,
        totals={
            "people": len(people),
            "operators": sum(one.role == "operator" for one in people.values()),
            "leaves": sum(len(one.leave) for one in people.values()),
        },
    )


class _Row(RowReader):
    """One person."""

    def refuse(self, code: str, column: str | None = None, **params: object) -> None:
        """Set the row aside; a name or a NIP is never repeated."""
        super().refuse(code, column, **params)
        if column in {"name", "nip"}:
            last = self.findings.pop()
            self.findings.append(
                Finding(
                    code=last.code, severity="refused", row=last.row, column=column,
                    params=last.params,
                )
            )  # fmt: skip

    def person(self, teams: frozenset[str]) -> Person:
        """Read the row; meaningless when it is refused."""
        team = self.text("team")
        if team and team not in teams:
            self.refuse("team-unknown", "team")
        return Person(
            name=self.text("name"),
            nip=self._nip(),
            rank=self.record.text("rank"),
            role=self.word("role", _ROLES, ROLES) or "other",
            team=team,
            leave=self._leave(),
        )

    def _nip(self) -> str:
        digits = re.sub(r"[\s.'\u2019-]", "", self.text("nip"))
        if digits and not _NIP.fullmatch(digits):
            self.refuse("nip-unreadable", "nip")
        return digits

    def _leave(self) -> tuple[Leave, ...]:
        found: list[Leave] = []
        for part in re.split(r"[;\n]", self.record.text("leave")):
            if not part.strip():
                continue
            match = _SPAN.fullmatch(part.strip())
            first = exact_day(match[1]) if match else None
            last = exact_day(match[2] or match[1]) if match else None
            if first is None or last is None or not 0 <= (last - first).days < MAX_LEAVE_DAYS:
                self.refuse("leave-unreadable", "leave")
                return ()
            found.append((first, last))
        return tuple(sorted(found))
