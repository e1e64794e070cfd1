"""What holds on each day of a week: worked or not and why, hours, breaks, days of single teams."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from app.calendar import ZONE_LABELS, Override, span_text, week_days, zone_of
from app.errors import RegencyNotFound
from app.models import Village
from app.office_days import office_days_of
from app.params import current_params


def week_view(
    session: Session, regency: str, week: str, calendar_file: Path | None
) -> dict[str, Any]:
    """Give the seven days of a week as the office's pattern, the decree and its own file have them.

    Raises
    ------
    RegencyNotFound, BadWeek, BadCalendar
        When there is no such regency or week, or the office's file cannot be read.
    """
    known = sorted(set(session.exec(select(Village.regency_code).distinct())))
    if regency not in known:
        raise RegencyNotFound(regency=regency, known=", ".join(known) or "-")
    pattern = current_params(session).office
    own = office_days_of(session, calendar_file, regency)
    days = week_days(week, pattern, own.office)
    return {
        "regency_code": regency,
        "week": week,
        "timezone_label": ZONE_LABELS[zone_of(regency)],
        "days": [
            {
                "day": one.day.isoformat(),
                "is_working": one.is_working,
                "reason": one.reason,
                "hours": span_text(one.hours) if one.hours else None,
                "breaks": [span_text(span) for span in pattern.breaks(one.day)],
                "is_ramadan": pattern.is_ramadan(one.day),
                "teams": _teams(own.teams, one.day),
            }
            for one in days
        ],
    }


def _teams(decided: Mapping[tuple[str, date], Override], day: date) -> list[dict[str, Any]]:
    return [
        {"team": team, "is_working": one.is_working, "reason": one.reason,
         "hours": span_text(one.hours) if one.hours else None}
        for (team, on), one in sorted(decided.items())
        if on == day
    ]  # fmt: skip
