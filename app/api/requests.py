"""Requests for visits."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api.deps import MAX_ID, VILLAGE, LangDep, ReadDep, RegencyQuery, SessionDep, SettingsDep
from app.api.guard import CallerDep
from app.api.problems import problems
from app.calendar import today_in
from app.errors import RegencyNotFound, VillageNotFound
from app.request_errors import (
    BadRequest,
    RequestChanged,
    RequestKnown,
    RequestNotFound,
    RequestReasonMissing,
    RequestStepRefused,
)
from app.requests import (
    Asked,
    add_request,
    get_request,
    request_document,
    request_list,
    take_request_step,
)
from app.schemas.requests import (
    RequestDocument,
    RequestIn,
    RequestList,
    RequestStepIn,
    StateName,
    Suggestions,
)
from app.suggestions import suggest_dates
from app.travel import TravelMeans
from geodata.codes import regency_of
from geodata.errors import ResidentName, ResidentNumbers
from geodata.requests import RequestRow

router = APIRouter(prefix="/api/v1/requests", tags=["requests"])
RequestId = Annotated[int, Path(ge=1, le=MAX_ID, description="Number of a request.")]


@router.get(
    "",
    operation_id="list_requests",
    summary="List requests",
    responses=problems(RegencyNotFound, VillageNotFound),
)
def list_requests(
    session: ReadDep,
    regency: RegencyQuery = None,
    village: Annotated[
        str | None,
        Query(pattern=VILLAGE, description="Code of a village.", examples=["62.02.01.1009"]),
    ] = None,
    state: Annotated[StateName | None, Query(description="Only those in a state.")] = None,
) -> RequestList:
    """Give the letters that ask for visits, the newest first, and how far each is."""
    rows = request_list(session, regency=regency, village=village, state=state)
    return RequestList.model_validate({"items": rows})


@router.post(
    "",
    operation_id="add_request",
    status_code=201,
    summary="Enter a request",
    responses=problems(
        VillageNotFound, BadRequest, RequestKnown, ResidentNumbers, ResidentName
    ),
)  # fmt: skip
def post_request(body: RequestIn, session: SessionDep, caller: CallerDep) -> RequestDocument:
    """Keep a letter; it counts in plans once it is verified."""
    request = add_request(session, RequestRow(**body.model_dump()), account=caller.account)
    return RequestDocument.model_validate(request_document(session, request.id or 0))


@router.get(
    "/{request_id}",
    operation_id="read_request",
    summary="Read a request",
    responses=problems(RequestNotFound),
)
def read_request(session: ReadDep, request_id: RequestId) -> RequestDocument:
    """Give a request with every step taken, by whom and when."""
    return RequestDocument.model_validate(request_document(session, request_id))


@router.post(
    "/{request_id}/steps",
    operation_id="take_request_step",
    summary="Take a step with a request",
    responses=problems(
        RequestNotFound, RequestChanged, RequestStepRefused, RequestReasonMissing, ResidentNumbers,
        ResidentName,
    ),
)  # fmt: skip
def post_step(
    request_id: RequestId, body: RequestStepIn, session: SessionDep, caller: CallerDep
) -> RequestDocument:
    """Verify, refuse, reopen or finish a request.

    A verified one raises what the visit is worth in every new plan, or must be served. It is
    scheduled by the plan that is published with the visit, and done when that plan is closed and
    a team reported that people came.
    """
    take_request_step(session, request_id, Asked(**body.model_dump()), account=caller.account)
    return RequestDocument.model_validate(request_document(session, request_id))


@router.get(
    "/{request_id}/suggestions",
    operation_id="suggest_dates",
    summary="Suggest dates for a request",
    responses=problems(RequestNotFound),
)
def get_suggestions(
    session: ReadDep,
    settings: SettingsDep,
    lang: LangDep,
    request_id: RequestId,
    weeks: Annotated[int, Query(ge=1, le=8, description="Weeks to look at, from this one.")] = 3,
) -> Suggestions:
    """Give the team-days into which the village fits, with what each brings, costs and moves.

    Plans stand as they are published or drafted; nothing is searched and nothing stored. Travel
    tables that no plan has made yet are made now, which may take some seconds.
    """
    code = get_request(session, request_id).village_code
    found = suggest_dates(
        session, request_id, today=today_in(regency_of(code)), n_weeks=weeks, lang=lang,
        means=TravelMeans.of(settings), calendar_file=settings.calendar_file,
    )  # fmt: skip
    return Suggestions.model_validate(found)
