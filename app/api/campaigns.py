"""Campaigns: ask for several weeks to a day and a target, read them, go on, take them along."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from app.api.deps import (
    MAX_ID,
    LangDep,
    LimitQuery,
    ReadDep,
    RegencyQuery,
    SessionDep,
    SettingsDep,
)
from app.api.problems import problems
from app.calendar import today_in
from app.campaign_document import campaign_csv, campaign_document, campaign_list, campaign_xlsx
from app.campaigns import create_campaign, resume_campaign
from app.errors import (
    BadCalendar,
    BadOption,
    BadWeek,
    BodyTooLarge,
    CampaignBusy,
    CampaignNotFound,
    MissingInput,
    NoDaylight,
    NoWorkingDay,
    RegencyNotFound,
    TooShort,
    VillageNotFound,
)
from app.models import Job
from app.schemas.campaigns import CampaignAccepted, CampaignList, CampaignOut, CampaignRequest

router = APIRouter(prefix="/api/v1/campaigns", tags=["campaigns"])

CampaignId = Annotated[int, Path(ge=1, le=MAX_ID, description="Number of a campaign.")]
_LOCATION = {
    "headers": {
        "Location": {"description": "Where the job's state is.", "schema": {"type": "string"}}
    }
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CampaignFormat(StrEnum):
    """What a campaign can be taken along as."""

    CSV = "csv"
    XLSX = "xlsx"


FormatQuery = Annotated[CampaignFormat, Query(alias="format", description="Kind of file.")]


@router.post(
    "",
    operation_id="create_campaign",
    status_code=202,
    summary="Ask for a campaign of several weeks",
    responses={
        202: _LOCATION,
        **problems(
            RegencyNotFound,
            MissingInput,
            NoDaylight,
            BadWeek,
            BadCalendar,
            NoWorkingDay,
            TooShort,
            VillageNotFound,
            BadOption,
            BodyTooLarge,
        ),
    },
)
def post_campaign(
    request: CampaignRequest, session: SessionDep, settings: SettingsDep, response: Response
) -> CampaignAccepted:
    """Store the request and its job in one transaction; the job plans week by week.

    Each week can be read as soon as it is planned. A job that is cancelled keeps what is there; one
    that is asked for again goes on from it.
    """
    campaign, job = create_campaign(
        session,
        request,
        today=today_in(request.regency),
        calendar_file=settings.calendar_file,
        solve_seconds=settings.solve_seconds,
        has_road_server=bool(settings.road_server),
    )
    return _accepted(campaign.id or 0, job, response)


@router.get("", operation_id="list_campaigns", summary="List campaigns", responses=problems())
def list_campaigns(
    session: ReadDep, regency: RegencyQuery = None, limit: LimitQuery = 100
) -> CampaignList:
    """Give campaigns, the newest first, each with the state of its last job."""
    return CampaignList.model_validate({"items": campaign_list(session, regency, limit)})


@router.get(
    "/{campaign_id}",
    operation_id="read_campaign",
    summary="Read a campaign",
    responses=problems(CampaignNotFound),
)
def read_campaign(session: ReadDep, campaign_id: CampaignId) -> CampaignOut:
    """Give a campaign: weeks, districts, visits, targets, and what is proven of them."""
    return CampaignOut.model_validate(campaign_document(session, campaign_id))


@router.post(
    "/{campaign_id}/solve",
    operation_id="resume_campaign",
    status_code=202,
    summary="Go on with a campaign",
    responses={202: _LOCATION, **problems(CampaignNotFound, CampaignBusy)},
)
def post_solve(
    session: SessionDep, campaign_id: CampaignId, response: Response
) -> CampaignAccepted:
    """Defer a job that goes on where the last one ended; on data that changed it begins anew."""
    return _accepted(campaign_id, resume_campaign(session, campaign_id), response)


@router.get(
    "/{campaign_id}/export",
    operation_id="export_campaign",
    summary="Take a campaign along as a file",
    response_class=Response,
    responses={
        200: {
            "description": "The campaign as a file.",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                XLSX: {"schema": {"type": "string", "format": "binary"}},
            },
        },
        **problems(CampaignNotFound),
    },
)
def export_campaign(
    session: ReadDep, campaign_id: CampaignId, lang: LangDep, file_format: FormatQuery
) -> Response:
    """Give the visits as a table, or targets, weeks, districts and visits as a workbook."""
    if file_format is CampaignFormat.CSV:
        # A byte order mark tells spreadsheets that this is UTF-8.
        body, media_type = campaign_csv(session, campaign_id).encode("utf-8-sig"), "text/csv"
    else:
        body, media_type = campaign_xlsx(session, campaign_id, lang), XLSX
    name = f'attachment; filename="campaign-{campaign_id}.{file_format}"'
    return Response(body, media_type=media_type, headers={"Content-Disposition": name})


def _accepted(campaign_id: int, job: Job, response: Response) -> CampaignAccepted:
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return CampaignAccepted(campaign_id=campaign_id, job_id=job.id or 0, state=job.state)
