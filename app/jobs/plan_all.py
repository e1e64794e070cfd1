"""One week for every office of a province, or of the country: a plan and a job for each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.areas import inside
from app.audit import record
from app.calendar import coming_week, monday_of, today_in
from app.db import reading, transaction
from app.errors import AppError, NoOffices, PlanBusy
from app.jobs.lease import describe
from app.models import Plan, PlanState, Team
from app.planning import create_plan, solve_again
from app.schemas.plans import PlanRequest
from app.settings import Settings

# Behind what a planner waits for.
PRIORITY = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What became of one regency: a plan and its job, or why there is none.

    ``error`` as a job stores it; without one, and without ``job_id``, the plan was solved before.
    """

    regency: str
    week: str
    plan_id: int | None = None
    job_id: int | None = None
    error: dict[str, Any] | None = None


def offices(engine: Engine, area: str) -> list[str]:
    """List the regencies of an area that have teams, by code.

    Raises
    ------
    NoOffices
        When none has.
    """
    with reading(engine) as session:
        found = session.exec(
            select(Team.regency_code)
            .distinct()
            .where(inside(Team.regency_code, area))
            .order_by(col(Team.regency_code))
        ).all()
    if not found:
        raise NoOffices(area=area or "-")
    return list(found)


def plan_all(
    engine: Engine,
    settings: Settings,
    area: str,
    *,
    week: str | None = None,
    seconds: float | None = None,
    today: date | None = None,
    on_asked: Callable[[list[Asked]], None] = lambda _: None,
    is_scheduled: bool = False,
) -> list[Asked]:
    """Ask for a plan of one week in every regency of an area that has teams.

    A regency whose week has a solved plan already, unless that was cancelled, keeps it; one not
    solved yet is, by the job that is at it or by a new one. So, asked again after a crash, only
    what is missing is asked for. Each regency is a transaction of its own.

    Parameters
    ----------
    area
        A province, a regency, or empty: the whole country.
    week
        ISO week; default: the coming one where the office is.
    on_asked
        Told all that is stored, after each regency.
    is_scheduled
        Nobody asked: each plan goes into the log of who did what as the schedule's.

    Raises
    ------
    NoOffices, BadWeek
        When there is nobody to plan for, or no such week.
    """
    if week is not None:
        monday_of(week)
    found: list[Asked] = []
    for regency in offices(engine, area):
        day = today or today_in(regency)
        found.append(_ask(engine, settings, regency, week, seconds, day, is_scheduled=is_scheduled))
        on_asked(found)
    return found


def _ask(
    engine: Engine,
    settings: Settings,
    regency: str,
    week: str | None,
    seconds: float | None,
    today: date,
    *,
    is_scheduled: bool,
) -> Asked:
    monday = week or coming_week(today)
    request = PlanRequest(regency=regency, week=monday, seconds=seconds)
    try:
        with transaction(engine) as session:
            # Held to the end: whoever asks at the same moment sees this plan.
            session.exec(select(Team).where(Team.regency_code == regency).with_for_update()).all()
            there = session.exec(
                select(Plan)
                .where(Plan.regency_code == regency, Plan.week == monday)
                .where(Plan.state != PlanState.CANCELLED)
                .order_by(col(Plan.solved_at).is_(None), col(Plan.id).desc())
            ).first()
            if there is not None:
                job_id = None if there.solved_at else _job_at(session, there.id or 0)
                return Asked(regency=regency, week=monday, plan_id=there.id, job_id=job_id)
            plan, job = create_plan(
                session, request, today=today, calendar_file=settings.calendar_file,
                solve_seconds=settings.solve_seconds,
                has_road_server=bool(settings.road_server), priority=PRIORITY,
            )  # fmt: skip
            if is_scheduled:
                record(session, "create_plan", f"/api/v1/plans/{plan.id}", account="-",
                       via="schedule", details={"regency": regency, "week": monday})  # fmt: skip
            return Asked(regency=regency, week=monday, plan_id=plan.id, job_id=job.id)
    except AppError as error:
        return Asked(regency=regency, week=monday, error=describe(error))


def _job_at(session: Session, plan_id: int) -> int | None:
    """Give the job that will solve a plan: the one at it, else, as that came to nothing, a new."""
    try:
        return solve_again(session, plan_id, priority=PRIORITY).id
    except PlanBusy as busy:
        return cast("int", busy.params["job_id"])
