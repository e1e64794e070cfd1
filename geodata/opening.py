"""When a place is open: ``12345 07:30-14:00; 6 07:30-11:00``, weekdays as digits, 1 = Monday."""

import re
from datetime import time
from itertools import pairwise
from typing import NamedTuple

_PART = re.compile(
    r"([1-7]+)(?:-([1-7]))?\s+(\d{1,2})[:.](\d\d)\s*-\s*(\d{1,2})[:.](\d\d)", re.ASCII
)


class Opening(NamedTuple):
    """One span of one ISO weekday, local time; both ends belong to it."""

    weekday: int
    opens: time
    closes: time


def parse_opening(text: str) -> tuple[Opening, ...] | None:
    """Read opening hours.

    Parts are separated by ``;``. Weekdays are digits, ``135``, or a range, ``1-5``.

    Returns
    -------
    tuple or None
        Spans by weekday and time, empty for an empty text (always open); None when the text cannot
        be read, or spans of one day overlap.
    """
    spans: list[Opening] = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        match = _PART.fullmatch(part)
        if match is None:
            return None
        days = _weekdays(match[1], match[2])
        opens, closes = _time(match[3], match[4]), _time(match[5], match[6])
        if not days or opens is None or closes is None or opens >= closes:
            return None
        spans += [Opening(day, opens, closes) for day in days]
    spans.sort()
    for one, other in pairwise(spans):
        if one.weekday == other.weekday and other.opens < one.closes:
            return None
    return tuple(spans)


def opening_text(spans: tuple[Opening, ...]) -> str:
    """Write opening hours in the one form that is stored: days of the same hours together."""
    days: dict[tuple[time, time], str] = {}
    for span in spans:
        hours = (span.opens, span.closes)
        days[hours] = days.get(hours, "") + str(span.weekday)
    return "; ".join(
        f"{digits} {opens:%H:%M}-{closes:%H:%M}" for (opens, closes), digits in days.items()
    )


def _weekdays(digits: str, last: str | None) -> list[int]:
    if last is None:
        return sorted(set(map(int, digits)))
    return list(range(int(digits), int(last) + 1)) if len(digits) == 1 else []


def _time(hour: str, minute: str) -> time | None:
    return time(int(hour), int(minute)) if int(hour) < 24 and int(minute) < 60 else None
