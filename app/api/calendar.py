"""The office's calendar."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.deps import REGENCY, ReadDep, SettingsDep
from app.api.problems import problems
from app.calendar import coming_week, today_in
from app.calendar_view import week_view
from app.errors import BadCalendar, BadWeek, RegencyNotFound
from app.schemas.calendar import CalendarWeek

router = APIRouter(prefix="/api/v1/calendar", tags=["teams"])


@router.get(
    "",
    operation_id="read_calendar",
    summary="Read the calendar of a week",
    responses=problems(RegencyNotFound, BadWeek, BadCalendar),
)
def read_calendar(
    session: ReadDep,
    settings: SettingsDep,
    regency: Annotated[
        str, Query(pattern=REGENCY, description="Kemendagri code.", examples=["62.02"])
    ],
    week: Annotated[
        str | None,
        Query(max_length=10, description="ISO week; default: the coming one.",
              examples=["2026-W49"]),
    ] = None,
) -> CalendarWeek:  # fmt: skip
    """Tell of each day whether the office works, why not, the hours, the breaks, and team leave."""
    name = week or coming_week(today_in(regency))
    return CalendarWeek.model_validate(week_view(session, regency, name, settings.calendar_file))
