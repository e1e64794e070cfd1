"""An office's own days: holidays, working Saturdays, short days, days off of single teams.

The file (``JEMPUTBOLA_CALENDAR_FILE``) is a CSV with ``tanggal`` (2026-12-24), ``kerja`` (ya or
tidak) and ``keterangan``; optionally ``sampai`` (the last of several days), ``jam_mulai`` and
``jam_selesai`` (the hours of a short day), ``kabupaten`` (a regency code; empty: every regency) and
``tim`` (a team; empty: all of them).
"""

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path

from sqlmodel import Session, select

from app.areas import everywhere
from app.calendar import Override, Span
from app.errors import BadCalendar
from app.models import Team

REQUIRED = ("tanggal", "kerja", "keterangan")
MAX_DAYS = 366
_REGENCY = re.compile(r"[0-9]{2}\.[0-9]{2}")
_WORDS = {"ya": True, "tidak": False}


@dataclass(frozen=True, slots=True)
class OfficeDays:
    """What an office decided about dates: of everybody, and of single teams by team and date."""

    office: Mapping[date, Override] = field(default_factory=dict)
    teams: Mapping[tuple[str, date], Override] = field(default_factory=dict)


def office_days_of(session: Session, path: Path | None, regency_code: str) -> OfficeDays:
    """Read the days of one regency, whose teams are those of the list; raises ``BadCalendar``."""
    with everywhere(session):
        teams = session.exec(select(Team.name, Team.regency_code)).all()
    own = [name for name, regency in teams if regency == regency_code]
    others = [name for name, regency in teams if regency != regency_code]
    return read_office_days(path, regency_code, own, others)


def read_office_days(
    path: Path | None,
    regency_code: str,
    teams: Collection[str] = (),
    others: Collection[str] = (),
) -> OfficeDays:
    """Read the days of one regency; of two rows about the same day the later holds.

    Parameters
    ----------
    teams
        Names of the regency's teams; a row about another team of it is refused.
    others
        Names of teams of other regencies; a row about one that names no regency is theirs.

    Raises
    ------
    BadCalendar
        When the file, a column, a date or a word cannot be understood: a wrong calendar sends a
        crew to a closed village, so nothing of it is used.
    """
    if path is None:
        return OfficeDays()
    office: dict[date, Override] = {}
    own: dict[tuple[str, date], Override] = {}
    for row in _rows(path):
        if row.place(regency_code) != regency_code:
            continue
        decided, team = row.decided(), row.text("tim")
        if team in others and not row.text("kabupaten"):
            continue
        if team and team not in teams:
            raise row.bad(team, ", ".join(sorted(teams)) or "-")
        for day in row.days():
            if team:
                own[team, day] = decided
            else:
                office[day] = decided
    return OfficeDays(office, own)


def _rows(path: Path) -> Iterator["_Row"]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadCalendar(
            file=path.name, row="-", value=str(path), expected="CSV, UTF-8"
        ) from error
    reader = csv.DictReader(text.splitlines())
    if set(REQUIRED) - set(reader.fieldnames or ()):
        raise BadCalendar(
            file=path.name, row=1, value=", ".join(reader.fieldnames or ()),
            expected=", ".join(REQUIRED),
        )  # fmt: skip
    for number, cells in enumerate(reader, start=2):
        yield _Row(path.name, number, cells)


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the file."""

    file: str
    number: int
    cells: Mapping[str, str | None]

    def text(self, column: str) -> str:
        return (self.cells.get(column) or "").strip()

    def bad(self, value: object, expected: str) -> BadCalendar:
        return BadCalendar(file=self.file, row=self.number, value=value, expected=expected)

    def place(self, default: str) -> str:
        place = self.text("kabupaten") or default
        if not _REGENCY.fullmatch(place):
            raise self.bad(place, "62.02")
        return place

    def decided(self) -> Override:
        word = self.text("kerja").lower()
        if word not in _WORDS:
            raise self.bad(word, "ya, tidak")
        hours = self._hours()
        if hours is not None and not _WORDS[word]:
            raise self.bad(self.text("jam_mulai"), "kerja = ya")
        return Override(is_working=_WORDS[word], reason=self.text("keterangan"), hours=hours)

    def days(self) -> list[date]:
        first = self._date("tanggal")
        last = self._date("sampai") if self.text("sampai") else first
        if not 0 <= (last - first).days < MAX_DAYS:
            raise self.bad(self.text("sampai"), f"{first} .. {first + timedelta(MAX_DAYS - 1)}")
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def _date(self, column: str) -> date:
        try:
            return date.fromisoformat(self.text(column))
        except ValueError as error:
            raise self.bad(self.text(column), "2026-12-24") from error

    def _hours(self) -> Span | None:
        texts = [self.text(column) for column in ("jam_mulai", "jam_selesai")]
        if not any(texts):
            return None
        try:
            first, last = (time.fromisoformat(text) for text in texts)
        except ValueError as error:
            raise self.bad("-".join(texts), "08:00, 11:00") from error
        if first.tzinfo or last.tzinfo:  # hours are those of the office
            raise self.bad("-".join(texts), "08:00, 11:00")
        if first >= last:
            raise self.bad("-".join(texts), "jam_mulai < jam_selesai")
        return first, last
