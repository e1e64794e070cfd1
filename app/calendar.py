"""Dates to working windows: time zones, ISO weeks, holidays, breaks.

``routing`` sees only seconds from Monday 00:00 of the planned week in the office's zone; this is
where they come from. Holidays are the public and government (cuti bersama) days of the package
``holidays``, then the office's own file on top (``office_days.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from app.errors import BadWeek

WIB, WITA, WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
ZONE_LABELS = {WIB: "WIB", WITA: "WITA", WIT: "WIT"}
# Kepres 41/1987: the first two digits of a Kemendagri code decide; all others keep WIB.
_WITA_PROVINCES = frozenset({"51", "52", "53", "63", "64", "65", *(str(n) for n in range(71, 77))})
_WIT_PROVINCES = frozenset({"81", "82", *(str(n) for n in range(91, 97))})

FRIDAY = 5
FIRST_YEAR, LAST_YEAR = 2000, 2100
_SPANS = (
    "lunch", "friday_prayer", "boat_daylight", "ramadan_hours", "ramadan_lunch", "ramadan_friday",
)  # fmt: skip
Span = tuple[time, time]
Period = tuple[date, date]
"""First and last day, both included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficePattern:
    """When an office works: ISO weekdays (1 = Monday) and breaks, local time.

    Defaults: Perpres 21/2023 (five days, 60 minutes at noon, Friday 90) and ``domain.md`` 6
    (Friday prayer 11:30-13:00). Boats move in daylight only (``domain.md`` 8).

    In Ramadan an office keeps ``ramadan_hours`` with shorter breaks (``domain.md`` 8), or sends
    nobody out. 1 Ramadan 1447 is that of the ministry's session of 17 February 2026; later ones end
    on the eve of the Idul Fitri that is expected, after 30 days.
    """

    working_days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    lunch: tuple[time, time] = (time(12), time(13))
    friday_prayer: tuple[time, time] = (time(11, 30), time(13))
    boat_daylight: tuple[time, time] = (time(6, 30), time(17))
    works_in_ramadan: bool = True
    ramadan: tuple[Period, ...] = (
        (date(2026, 2, 19), date(2026, 3, 20)),
        (date(2027, 2, 8), date(2027, 3, 9)),
        (date(2028, 1, 28), date(2028, 2, 26)),
    )
    ramadan_hours: Span = (time(8), time(14))
    ramadan_lunch: Span = (time(12), time(12, 30))
    ramadan_friday: Span = (time(11, 30), time(12, 30))

    def to_dict(self) -> dict[str, Any]:
        """All values as JSON: weekdays as digits, spans as ``12:00-13:00``."""
        spans = {name: getattr(self, name) for name in _SPANS}
        return {
            "working_days": "".join(map(str, sorted(self.working_days))),
            **{name: span_text(span) for name, span in spans.items()},
            "works_in_ramadan": self.works_in_ramadan,
            "ramadan": [f"{a.isoformat()}..{b.isoformat()}" for a, b in self.ramadan],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from ``to_dict`` or a part of it; what is not given keeps its default."""
        made: dict[str, Any] = {}
        for name, text in values.items():
            if name == "working_days":
                made[name] = frozenset(map(int, text))
            elif name == "ramadan":
                made[name] = tuple(read_period(period) for period in text)
            else:
                made[name] = read_span(text) if name in _SPANS else text
        return cls(**made)

    def is_ramadan(self, day: date) -> bool:
        """Whether ``day`` lies in Ramadan."""
        return any(first <= day <= last for first, last in self.ramadan)

    def breaks(self, day: date) -> tuple[Span, ...]:
        """Tell the breaks of ``day``."""
        if self.is_ramadan(day):
            return (self.ramadan_friday if day.isoweekday() == FRIDAY else self.ramadan_lunch,)
        return (self.friday_prayer if day.isoweekday() == FRIDAY else self.lunch,)

    def hours(self, day: date) -> Span | None:
        """Tell the hours that bound those of every team on ``day``, None where nothing does."""
        return self.ramadan_hours if self.is_ramadan(day) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What an office decided about a date, against pattern and holidays; ``hours`` of a short day.

    Of one team it holds against what was decided for all.
    """

    is_working: bool
    reason: str
    hours: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """One day of a week: worked or not, and why not; a weekly rest day needs no reason.

    ``hours`` bound those of every team, None: nothing does.
    """

    day: date
    is_working: bool
    reason: str = ""
    hours: Span | None = None


def zone_of(regency_code: str) -> str:
    """Tell the time zone of a regency by its province."""
    province = regency_code[:2]
    if province in _WITA_PROVINCES:
        return WITA
    return WIT if province in _WIT_PROVINCES else WIB


def day_in(regency_code: str, at: datetime) -> date:
    """Tell the date at the office of an aware moment."""
    return at.astimezone(ZoneInfo(zone_of(regency_code))).date()


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
    hours = pattern.hours(day)
    if day in overrides:
        own = overrides[day]
        return CalendarDay(
            day=day, is_working=own.is_working, reason=own.reason, hours=own.hours or hours
        )
    if day in off:
        return CalendarDay(day=day, is_working=False, reason=off[day])
    if day.isoweekday() not in pattern.working_days:
        return CalendarDay(day=day, is_working=False, reason="")
    if hours is not None and not pattern.works_in_ramadan:
        return CalendarDay(day=day, is_working=False, reason="Ramadan")
    return CalendarDay(day=day, is_working=True, hours=hours)


def read_span(text: str) -> Span:
    """Read ``12:00-13:00``."""
    first, last = (time.fromisoformat(part) for part in text.split("-"))
    return first, last


def span_text(span: Span) -> str:
    """Write ``12:00-13:00``."""
    return f"{span[0]:%H:%M}-{span[1]:%H:%M}"


def read_period(text: str) -> Period:
    """Read ``2026-02-19..2026-03-20``."""
    first, last = (date.fromisoformat(part) for part in text.split(".."))
    return first, last


def seconds(monday: date, day: date, at: time) -> int:
    """Count the seconds from Monday 00:00 of the horizon to a local time."""
    return (day - monday).days * 86_400 + at.hour * 3600 + at.minute * 60 + at.second


def moment(monday: date, second: int, zone: str) -> datetime:
    """Turn seconds of the horizon into an aware time with the office's offset."""
    # Wall clock arithmetic is exact: no Indonesian zone changes its offset.
    naive = datetime.combine(monday, time()) + timedelta(seconds=second)
    return naive.replace(tzinfo=ZoneInfo(zone))
