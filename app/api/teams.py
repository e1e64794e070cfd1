"""Regencies and their teams."""

from fastapi import APIRouter, Request
from sqlalchemy import func
from sqlmodel import Session, col, select
from starlette.responses import Response

from app.api.conditional import DocumentCache, respond, unchanged
from app.api.deps import LangDep, ReadDep, RegencyQuery, SettingsDep, TeamName, WeekQuery
from app.api.problems import problems
from app.calendar import zone_of
from app.errors import BadWeek, ItineraryNotFound, TeamNotFound
from app.itineraries.formats import Asked, Sheet, edition
from app.models import Plan, Team, Village
from app.plan_document import itinerary_document, newest_plan_of_team
from app.schemas.places import RegencyOut, StaffOut, TeamOut
from app.schemas.plans import ItineraryOut
from app.staff import staff_of

router = APIRouter(prefix="/api/v1", tags=["teams"])


@router.get(
    "/regencies",
    operation_id="list_regencies",
    summary="List the regencies of which villages are known",
    responses=problems(),
)
def list_regencies(session: ReadDep) -> list[RegencyOut]:
    """Give each regency with the box around its villages, its time zone and its newest plan."""
    latest = latest_plans(session)
    box = (
        func.min(Village.west),
        func.min(Village.south),
        func.max(Village.east),
        func.max(Village.north),
    )
    rows = session.exec(
        select(Village.regency_code, func.min(Village.regency), func.count(), *box)  # type: ignore[call-overload]  # more columns than its overloads know
        .group_by(Village.regency_code)
        .order_by(Village.regency_code)
    )
    return [
        RegencyOut(
            code=code,
            name=name,
            province_code=code[:2],
            n_villages=n_villages,
            bbox=corners,
            timezone=zone_of(code),
            latest_plan_id=latest.get(code),
        )
        for code, name, n_villages, *corners in rows
    ]


@router.get("/teams", operation_id="list_teams", summary="List teams by name", responses=problems())
def list_teams(session: ReadDep, regency: RegencyQuery = None) -> list[TeamOut]:
    """Give the teams of a regency, or all."""
    query = select(Team).order_by(col(Team.name))
    if regency is not None:
        query = query.where(Team.regency_code == regency)
    return [TeamOut.model_validate(team) for team in session.exec(query)]


@router.get(
    "/teams/{team}/itinerary",
    operation_id="read_team_itinerary",
    summary="Read a team's stops of a week",
    response_model=ItineraryOut,
    responses={
        304: {"description": "The itinerary has not changed since the ETag sent."},
        **problems(TeamNotFound, ItineraryNotFound, BadWeek),
    },
)
def read_team_itinerary(
    request: Request, session: ReadDep, settings: SettingsDep, team: TeamName, lang: LangDep,
    week: WeekQuery = "current",
) -> Response:  # fmt: skip
    """Give the team's part of the newest solved plan of that week, with a strong ETag.

    `current` is the ISO week of today at the team's office. When there is no such plan the problem
    says why: none was made, or it is not solved yet.
    """
    plan_id = newest_plan_of_team(session, team, week, lang)
    asked = Asked(plan_id=plan_id, lang=lang, team=team)
    known = edition(session, Sheet.JSON, asked, settings.data_dir)
    if (answer := unchanged(request, known)) is not None:
        return answer

    def make() -> bytes:
        found = itinerary_document(session, plan_id, team, lang)
        return ItineraryOut.model_validate(found).model_dump_json().encode()

    documents: DocumentCache = request.app.state.documents
    return respond(request, documents.get(("team", known), make, known), "application/json")


@router.get(
    "/teams/{team}/staff",
    operation_id="list_staff",
    summary="List a team's staff",
    responses=problems(TeamNotFound),
)
def list_staff(session: ReadDep, team: TeamName) -> list[StaffOut]:
    """Give the people of a team with their leave; no layer and no plan holds their names."""
    return [StaffOut.model_validate(row) for row in staff_of(session, team)]


def latest_plans(session: Session) -> dict[str, int]:
    """Find the newest solved plan of each regency that has one."""
    rows = session.exec(
        select(Plan.regency_code, func.max(Plan.id))
        .where(col(Plan.solved_at).is_not(None))
        .group_by(col(Plan.regency_code))
    )
    return {regency: plan_id for regency, plan_id in rows if plan_id is not None}
