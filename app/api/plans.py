"""Plans: ask for one, read it, solve it again, take it along."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.responses import Response

from app.api.deps import (
    LangDep,
    LimitQuery,
    PlanId,
    ReadDep,
    RegencyQuery,
    SessionDep,
    SettingsDep,
    TeamName,
)
from app.api.problems import problems
from app.calendar import today_in
from app.errors import (
    BadCalendar,
    BadOption,
    BadWeek,
    BodyTooLarge,
    CampaignNotFound,
    MissingInput,
    NoDaylight,
    NoWorkingDay,
    PlanBusy,
    PlanChanged,
    PlanNotFound,
    RegencyNotFound,
    TeamNotFound,
    TooShort,
    VillageNotFound,
)
from app.export import plan_csv
from app.features import plan_geojson
from app.lifecycle_errors import PlanFrozen
from app.models import Job
from app.plan_document import itinerary_document, plan_document, plan_list
from app.planning import create_plan, solve_again
from app.schemas.plans import (
    ItineraryList,
    ItineraryOut,
    PlanAccepted,
    PlanList,
    PlanOut,
    PlanRequest,
)

router = APIRouter(prefix="/api/v1/plans", tags=["plans"])

ACCEPTED = {
    "headers": {
        "Location": {"description": "Where the job's state is.", "schema": {"type": "string"}}
    }
}


VersionQuery = Annotated[int | None, Query(ge=0, description="The version that you know.")]


class ExportFormat(StrEnum):
    """What a plan can be taken along as."""

    GEOJSON = "geojson"
    CSV = "csv"


FormatQuery = Annotated[ExportFormat, Query(alias="format", description="Kind of file.")]


@router.post(
    "",
    operation_id="create_plan",
    status_code=202,
    summary="Ask for a plan",
    responses={
        202: ACCEPTED,
        **problems(
            RegencyNotFound,
            MissingInput,
            NoDaylight,
            BadWeek,
            BadCalendar,
            NoWorkingDay,
            TooShort,
            VillageNotFound,
            TeamNotFound,
            CampaignNotFound,
            PlanNotFound,
            BadOption,
            BodyTooLarge,
        ),
    },
)
def post_plan(
    request: PlanRequest, session: SessionDep, settings: SettingsDep, response: Response
) -> PlanAccepted:
    """Store the request and its job in one transaction; the job solves it in the background.

    Follow `Location` until the job's state is `succeeded`, then read the plan.
    """
    plan, job = create_plan(
        session,
        request,
        today=today_in(request.regency),
        calendar_file=settings.calendar_file,
        solve_seconds=settings.solve_seconds,
        has_road_server=bool(settings.road_server),
    )
    return accepted(plan.id or 0, job, response)


@router.get("", operation_id="list_plans", summary="List plans", responses=problems())
def list_plans(session: ReadDep, regency: RegencyQuery = None, limit: LimitQuery = 100) -> PlanList:
    """Give plans, the newest first, each with the state of its last job."""
    return PlanList.model_validate({"items": plan_list(session, regency, limit)})


@router.get(
    "/{plan_id}",
    operation_id="read_plan",
    summary="Read a plan",
    responses=problems(PlanNotFound),
)
def read_plan(session: ReadDep, plan_id: PlanId, lang: LangDep) -> PlanOut:
    """Give a plan with its stops, what was left out and why, and what to doubt."""
    return PlanOut.model_validate(plan_document(session, plan_id, lang))


@router.get(
    "/{plan_id}/itineraries",
    operation_id="list_itineraries",
    summary="Read the itineraries of all teams",
    responses=problems(PlanNotFound),
)
def list_itineraries(session: ReadDep, plan_id: PlanId, lang: LangDep) -> ItineraryList:
    """Give each team's days with their stops in order."""
    return ItineraryList.model_validate({"items": _itineraries(session, plan_id, lang)})


@router.get(
    "/{plan_id}/itineraries/{team}",
    operation_id="read_itinerary",
    summary="Read one team's itinerary",
    responses=problems(PlanNotFound, TeamNotFound),
)
def read_itinerary(
    session: ReadDep, plan_id: PlanId, team: TeamName, lang: LangDep
) -> ItineraryOut:
    """Give one team's days with their stops in order."""
    return ItineraryOut.model_validate(itinerary_document(session, plan_id, team, lang))


@router.post(
    "/{plan_id}/solve",
    operation_id="solve_plan_again",
    status_code=202,
    summary="Solve a plan again",
    responses={202: ACCEPTED, **problems(PlanNotFound, PlanBusy, PlanChanged, PlanFrozen)},
)
def post_solve(
    session: SessionDep, plan_id: PlanId, response: Response, version: VersionQuery = None
) -> PlanAccepted:
    """Defer another solve, on the data there is now; one job at a time may work on a plan.

    With `version`, a plan that has changed since is left alone: 409 tells its version today.
    """
    return accepted(plan_id, solve_again(session, plan_id, version), response)


@router.get(
    "/{plan_id}/export",
    operation_id="export_plan",
    summary="Take a plan along as a file",
    response_class=Response,
    responses={
        200: {
            "description": "The plan as a file.",
            "content": {
                "application/geo+json": {"schema": {"type": "object"}},
                "text/csv": {"schema": {"type": "string"}},
            },
        },
        **problems(PlanNotFound),
    },
)
def export_plan(
    session: ReadDep,
    plan_id: PlanId,
    lang: LangDep,
    file_format: FormatQuery,
) -> Response:
    """Give stops and routes as GeoJSON, or stops as a table for a spreadsheet."""
    if file_format is ExportFormat.GEOJSON:
        body, media_type = plan_geojson(session, plan_id), "application/geo+json"
    else:
        # A byte order mark tells spreadsheets that this is UTF-8.
        body, media_type = plan_csv(session, plan_id, lang).encode("utf-8-sig"), "text/csv"
    name = f'attachment; filename="plan-{plan_id}.{file_format}"'
    return Response(body, media_type=media_type, headers={"Content-Disposition": name})


def accepted(plan_id: int, job: Job, response: Response) -> PlanAccepted:
    """Answer with a stored plan, and where the state of its job is."""
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return PlanAccepted(plan_id=plan_id, job_id=job.id or 0, state=job.state)


def _itineraries(session: Session, plan_id: int, lang: LangDep) -> list[dict[str, Any]]:
    teams = plan_document(session, plan_id, lang)["teams"]
    return [itinerary_document(session, plan_id, row["team"], lang) for row in teams]
