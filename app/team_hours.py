"""When a team may be under way: its days in a week, and its hours on each of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from app.calendar import OfficePattern, Span, read_span
from app.errors import NoDaylight
from app.models import Team
from geodata.speeds import has_boat


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamDate:
    """A day of a team: whether it serves then, whether it lies after the week, and short hours."""

    is_working: bool
    is_spare: bool
    hours: Span | None


def team_days(
    team: Team, params: Mapping[str, Any], pattern: OfficePattern, *, stays_out: bool
) -> Iterator[tuple[date, TeamDate]]:
    """List the days of a team in a week, as a plan's parameters keep them.

    Days off of the team itself are left out, and days too short for any of its hours. A team that
    stays out is also under way on days that are not worked, from its first on.
    """
    days = {day: on for day, on in _days(team, params) if _fits(team, pattern, on)}
    working = [day for day, on in days.items() if on.is_working and not on.is_spare]
    if not working:
        return
    if not stays_out:
        yield from ((day, days[day]) for day in working)
        return
    last = working[-1] + timedelta(days=int(params["max_nights"]))
    yield from ((day, on) for day, on in days.items() if working[0] <= day <= last)


def _days(team: Team, params: Mapping[str, Any]) -> Iterator[tuple[date, TeamDate]]:
    own = {row["day"]: row for row in params.get("team_days", ()) if row["team"] == team.name}
    for name in ("days", "spare_days"):
        for common in params.get(name, ()):
            row = common | own.get(common["day"], {})
            if common["day"] in own and not row["is_working"]:
                continue
            # A short day of everybody is one of the team too, unless it has hours of its own.
            hours = row.get("hours") or common.get("hours")
            yield date.fromisoformat(row["day"]), TeamDate(
                is_working=row["is_working"], is_spare=name == "spare_days",
                hours=read_span(hours) if hours else None,
            )  # fmt: skip


def _fits(team: Team, pattern: OfficePattern, on: TeamDate) -> bool:
    """Whether anything of the team's hours is left on a short day."""
    if on.hours is None:
        return True
    try:
        starts, ends = duty_hours(team, pattern, hours=on.hours)
    except NoDaylight:
        return False
    return starts < ends


def duty_hours(
    team: Team, pattern: OfficePattern, longer: int = 0, hours: Span | None = None
) -> Span:
    """Tell from when to when a team may be under way: its hours, with a boat those of daylight.

    It may come back so many minutes later, but before midnight; ``hours`` of a short day bound the
    team's own.

    Raises
    ------
    NoDaylight
        When nothing is left of them.
    """
    first, last = team.starts, team.ends
    if hours is not None:
        first, last = max(first, hours[0]), min(last, hours[1])
    late = _clock(min(60 * last.hour + last.minute + longer, 24 * 60 - 1))
    if not has_boat(team.vehicle):
        return first, max(last, late)
    opens, closes = pattern.boat_daylight
    starts, ends = max(first, opens), min(max(last, late), closes)
    if starts >= ends:
        raise NoDaylight(
            team=team.name, opens=f"{opens:%H:%M}", closes=f"{closes:%H:%M}",
            starts=f"{first:%H:%M}", ends=f"{last:%H:%M}",
        )  # fmt: skip
    return starts, ends


def away_hours(
    team: Team, pattern: OfficePattern, duty: float, longer: int = 0, hours: Span | None = None
) -> Span:
    """Tell from when to when a team may be under way on a day away from its base.

    So many hours of ``duty`` around those of the office, half of what they are longer before and
    half after them; with a boat only in daylight.
    """
    starts, ends = duty_hours(team, pattern, longer, hours)
    opens, closes = pattern.boat_daylight if has_boat(team.vehicle) else (time(0), time(23, 59))
    first, last, low, high = (60 * t.hour + t.minute for t in (starts, ends, opens, closes))
    more = max(0, round(60 * duty) - (last - first))
    before = min(more // 2, first - low)
    after = min(more - before, high - last)
    before = min(more - after, first - low)
    return _clock(first - before), _clock(last + after)


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
