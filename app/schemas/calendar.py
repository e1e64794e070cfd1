"""Bodies of the calendar."""

import datetime as dt

from pydantic import BaseModel, Field


class TeamDecision(BaseModel):
    """What the office decided about a day of one team."""

    team: str
    is_working: bool
    reason: str
    hours: str | None


class CalendarDayOut(BaseModel):
    """A day: worked or not, and why not; a weekly rest day has no reason."""

    day: dt.date
    is_working: bool
    reason: str
    hours: str | None = Field(description="08:00-14:00: they bound those of every team; null: not.")
    breaks: list[str]
    is_ramadan: bool
    teams: list[TeamDecision]


class CalendarWeek(BaseModel):
    """The seven days of a week; hours are local."""

    regency_code: str
    week: str
    timezone_label: str
    days: list[CalendarDayOut]
