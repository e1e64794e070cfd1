"""Dates to working windows: time zones, ISO weeks, holidays, breaks.

``routing`` sees only seconds from Monday 00:00 of the planned week in the office's zone; this is
where they come from. Holidays are the public and government (cuti bersama) days of the package
``holidays``, then the office's own file on top (``JEMPUTBOLA_CALENDAR_FILE``).
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from app.errors import BadCalendar, BadWeek

WIB, WITA, WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
ZONE_LABELS = {WIB: "WIB", WITA: "WITA", WIT: "WIT"}
# Kepres 41/1987: the first two digits of a Kemendagri code decide; all others keep WIB.
_WITA_PROVINCES = frozenset({"51", "52", "53", "63", "64", "65", *(str(n) for n in range(71, 77))})
_WIT_PROVINCES = frozenset({"81", "82", *(str(n) for n in range(91, 97))})

FRIDAY = 5
FIRST_YEAR, LAST_YEAR = 2000, 2100
_SPANS = ("lunch", "friday_prayer", "boat_daylight")
_REGENCY = re.compile(r"[0-9]{2}\.[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficePattern:
    """When an office works: ISO weekdays (1 = Monday) and breaks, local time.

    Defaults: Perpres 21/2023 (five days, 60 minutes at noon, Friday 90) and ``domain.md`` 6
    (Friday prayer 11:30-13:00). Boats move in daylight only (``domain.md`` 8).
    """

    working_days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    lunch: tuple[time, time] = (time(12), time(13))
    friday_prayer: tuple[time, time] = (time(11, 30), time(13))
    boat_daylight: tuple[time, time] = (time(6, 30), time(17))

    def to_dict(self) -> dict[str, str]:
        """All values as text: weekdays as digits, spans as ``12:00-13:00``."""
        spans = {name: getattr(self, name) for name in _SPANS}
        return {
            "working_days": "".join(map(str, sorted(self.working_days))),
            **{name: f"{a:%H:%M}-{b:%H:%M}" for name, (a, b) in spans.items()},
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, str]) -> Self:
        """Build from ``to_dict`` or a part of it; what is not given keeps its default."""
        made: dict[str, Any] = {}
        for name, text in values.items():
            if name == "working_days":
                made[name] = frozenset(map(int, text))
            else:
                made[name] = tuple(time.fromisoformat(part) for part in text.split("-"))
        return cls(**made)

    def breaks(self, day: date) -> tuple[tuple[time, time], ...]:
        """Tell the breaks of ``day``."""
        return (self.friday_prayer if day.isoweekday() == FRIDAY else self.lunch,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What an office decided about a date, against pattern and holidays."""

    is_working: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """One day of a week: worked or not, and why not; a weekly rest day needs no reason."""

    day: date
    is_working: bool
    reason: str = ""


def zone_of(regency_code: str) -> str:
    """Tell the time zone of a regency by its province."""
    province = regency_code[:2]
    if province in _WITA_PROVINCES:
        return WITA
    return WIT if province in _WIT_PROVINCES else WIB


def today_in(regency_code: str) -> date:
    """Tell today's date at the office."""
    return datetime.now(ZoneInfo(zone_of(regency_code))).date()


def monday_of(week: str) -> date:
    """Tell the Monday of an ISO week written like ``2026-W49``.

    Raises
    ------
    BadWeek
        When the text is no week, or the year has no such week.
    """
    year, _, number = week.partition("-W")
    if not (len(year) == 4 and len(number) == 2 and (year + number).isascii()):
        raise BadWeek(week=week)
    try:
        monday = date.fromisocalendar(int(year), int(number), 1)
    except ValueError as error:
        raise BadWeek(week=week) from error
    # Before, the offices kept other times than now; after, nobody plans.
    if not FIRST_YEAR <= monday.year <= LAST_YEAR:
        raise BadWeek(week=week)
    return monday


def week_of(day: date) -> str:
    """Tell the ISO week a day lies in, like ``2026-W49``."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"


def coming_week(today: date) -> str:
    """Tell the first ISO week that starts after ``today``."""
    return week_of(today + timedelta(days=8 - today.isoweekday()))


def week_days(
    week: str, pattern: OfficePattern, overrides: Mapping[date, Override]
) -> list[CalendarDay]:
    """Tell for each of the seven days of ``week`` whether the office works."""
    import holidays  # slow to load: an import needs the office's pattern, but no holidays

    monday = monday_of(week)
    days = [monday + timedelta(days=n) for n in range(7)]
    off = holidays.country_holidays(
        "ID",
        years={day.year for day in days},
        categories=(holidays.PUBLIC, holidays.GOVERNMENT),
        language="id",
    )
    return [_day(day, pattern, overrides, off) for day in days]


def _day(
    day: date,
    pattern: OfficePattern,
    overrides: Mapping[date, Override],
    off: Mapping[date, str],
) -> CalendarDay:
    if day in overrides:
        own = overrides[day]
        return CalendarDay(day=day, is_working=own.is_working, reason=own.reason)
    if day in off:
        return CalendarDay(day=day, is_working=False, reason=off[day])
    if day.isoweekday() not in pattern.working_days:
        return CalendarDay(day=day, is_working=False, reason="")
    return CalendarDay(day=day, is_working=True)


def read_overrides(path: Path | None, regency_code: str) -> dict[date, Override]:
    """Read an office's own dates.

    The file is a CSV with ``tanggal`` (2026-12-24), ``kerja`` (ya or tidak), ``keterangan`` and
    optionally ``kabupaten`` (a regency code; empty: every regency).

    Raises
    ------
    BadCalendar
        When the file, a column, a date or a word cannot be understood: a wrong calendar sends a
        crew to a closed village, so nothing of it is used.
    """
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadCalendar(
            file=path.name, row="-", value=str(path), expected="CSV, UTF-8"
        ) from error
    reader = csv.DictReader(text.splitlines())
    missing = {"tanggal", "kerja", "keterangan"} - set(reader.fieldnames or ())
    if missing:
        raise BadCalendar(
            file=path.name, row=1, value=", ".join(reader.fieldnames or ()),
            expected="tanggal, kerja, keterangan",
        )  # fmt: skip
    overrides: dict[date, Override] = {}
    for number, row in enumerate(reader, start=2):
        place = (row.get("kabupaten") or "").strip() or regency_code
        if not _REGENCY.fullmatch(place):
            raise BadCalendar(file=path.name, row=number, value=place, expected="62.02")
        if place != regency_code:
            continue
        day = _override_date(path, number, row["tanggal"])
        word = (row["kerja"] or "").strip().lower()
        if word not in {"ya", "tidak"}:
            raise BadCalendar(file=path.name, row=number, value=word, expected="ya, tidak")
        overrides[day] = Override(is_working=word == "ya", reason=row["keterangan"] or "")
    return overrides


def _override_date(path: Path, number: int, text: str | None) -> date:
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError as error:
        raise BadCalendar(file=path.name, row=number, value=text, expected="2026-12-24") from error


def seconds(monday: date, day: date, at: time) -> int:
    """Count the seconds from Monday 00:00 of the horizon to a local time."""
    return (day - monday).days * 86_400 + at.hour * 3600 + at.minute * 60 + at.second


def moment(monday: date, second: int, zone: str) -> datetime:
    """Turn seconds of the horizon into an aware time with the office's offset."""
    # Wall clock arithmetic is exact: no Indonesian zone changes its offset.
    naive = datetime.combine(monday, time()) + timedelta(seconds=second)
    return naive.replace(tzinfo=ZoneInfo(zone))
