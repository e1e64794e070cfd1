"""As-of dates as offices write them: semesters, days, months, years."""

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

from geodata.errors import BadValue

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february pebruari feb peb",
            "maret march mar mrt",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "agustus august agust agu aug agt ags",
            "september sept sep",
            "oktober october okt oct",
            "november nopember nov nop",
            "desember december des dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?<!\d)(?P<year>20\d\d)(?!\d)"
_SEMESTER = re.compile(
    rf"\bsem(?:ester)?\b[\s._-]*(?P<half>ii|i|2|1|satu|dua|genap|ganjil)\b"
    rf"[\s._,/-]*(?:dan\s)?(?:tahun|thn\.?|th\.?)?[\s._,/-]*{_YEAR}",
    re.IGNORECASE,
)
_FIRST_HALF = frozenset(("i", "1", "satu", "ganjil"))
_DAYS = (
    re.compile(
        rf"(?<!\d)(?P<day>\d{{1,2}})[\s.-]+(?P<name>{_MONTH})\.?[\s,-]+{_YEAR}", re.IGNORECASE
    ),
    re.compile(r"(?<!\d)(?P<year>20\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>20\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)(?!\d)"),
)
_NAMED_MONTH = re.compile(rf"\b(?P<name>{_MONTH})\.?[\s,-]+{_YEAR}", re.IGNORECASE)
_NUMBERED_MONTH = re.compile(r"(?P<year>20\d\d)[-/](?P<month>\d{1,2})")
_PER = re.compile(r"\b(?:per|posisi|keadaan|kondisi|as of|s\.?d\.?|sampai dengan)\b", re.IGNORECASE)
_UNKNOWN = frozenset(
    ("", "-", "?", "unknown", "n/a", "na", "none", "null", "tidak diketahui", "tidak ada")
)


def as_of_from_text(text: str) -> date | None:
    """Find the day that titles or a file name speak of.

    A semester comes before a day, since that is what the counts were closed for, and a day after
    *per* before any other (the day of printing). A month alone is its last day; a year alone says
    too little. Several different dates of one rank say nothing: None.
    """
    spaced = text.replace("_", " ")
    ranks = (
        _semesters(spaced),
        # "per desa" is in most titles, so every "per" is tried.
        (day for per in _PER.finditer(spaced) for day in _days(spaced[per.end() :][:30])),
        _days(spaced),
        _months(spaced),
    )
    for found in map(set, ranks):
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def latest_day(text: str) -> date | None:
    """Give the last day that a date can mean: ``2024`` is 2024-12-31, ``2023-03`` is 2023-03-31.

    An empty text, a dash and *unknown* are None.

    Raises
    ------
    BadValue
        When there is something else that is no date.
    """
    bare = text.strip()
    if bare.lower() in _UNKNOWN:
        return None
    if re.fullmatch(_YEAR, bare):
        return date(int(bare), 12, 31)
    numbered = _NUMBERED_MONTH.fullmatch(bare)
    found = _day(numbered, last=True) if numbered else as_of_from_text(bare)
    if found is None:
        accepted = "2024-06-30, 2024-06, 2024, 30 Juni 2024"
        raise BadValue(place="latest_day", value=text, column="date", accepted=accepted)
    return found


def past_day(text: str, today: date | None = None) -> date | None:
    """Give the last day that a date can mean; of a period that is not over, ``today``.

    ``today`` is by default the machine's, and a day of grace covers every zone.

    Raises
    ------
    BadValue
        When it is no date, or a day that has not come yet.
    """
    last = latest_day(text)
    today = today or date.today()  # noqa: DTZ011 (a day of grace covers every zone)
    if last is None or last <= today + timedelta(days=1):
        return last
    if exact_day(text) is None and _first_day(text.strip(), last) <= today:
        return today
    raise BadValue(place="past_day", value=text, column="date", accepted=f"<= {today}")


def date_fault(text: str) -> str:
    """Name the finding of a date that ``past_day`` refuses."""
    try:
        latest_day(text)
    except BadValue:
        return "date-unreadable"
    return "date-to-come"


def _first_day(text: str, last: date) -> date:
    """Give the day on which the year, half year or month that ends on ``last`` begins."""
    if re.fullmatch(_YEAR, text):
        return date(last.year, 1, 1)
    months = 5 if any(_semesters(text)) else 0
    return last.replace(month=last.month - months, day=1)


def exact_day(text: str) -> date | None:
    """Give the one day that a text names; None when it names none, several, or only a month."""
    found = set(_days(text))
    return found.pop() if len(found) == 1 else None


def _semesters(text: str) -> Iterator[date]:
    for match in _SEMESTER.finditer(text):
        year = int(match["year"])
        is_first = match["half"].lower() in _FIRST_HALF
        yield date(year, 6, 30) if is_first else date(year, 12, 31)


def _days(text: str) -> Iterator[date]:
    for pattern in _DAYS:
        for match in pattern.finditer(text):
            found = _day(match)
            if found:
                yield found


def _months(text: str) -> Iterator[date]:
    for match in _NAMED_MONTH.finditer(text):
        found = _day(match, last=True)
        if found:
            yield found


def _day(match: re.Match[str], *, last: bool = False) -> date | None:
    parts = match.groupdict()
    year = int(parts["year"])
    month = _MONTHS[parts["name"].lower()] if "name" in parts else int(parts["month"])
    if not 1 <= month <= 12:
        return None
    days = calendar.monthrange(year, month)[1]
    day = days if last else int(parts["day"])
    return date(year, month, day) if 1 <= day <= days else None
