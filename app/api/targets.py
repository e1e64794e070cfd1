"""Targets by year, programme and area."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.responses import Response

from app.access_errors import OutsideArea
from app.api.changes import SheetDep
from app.api.deps import ReadDep, SessionDep
from app.api.guard import CallerDep
from app.api.problems import problems
from app.db import one_at_a_time
from app.errors import BodyTooLarge, UploadTooLarge
from app.schemas.targets import TargetList, TargetsChange
from app.target_errors import BadTarget, TargetsChanged
from app.targets import read_targets, set_targets, target_rows, targets_csv, targets_digest
from geodata.errors import EmptyFile, MissingColumn, UnreadableSource

router = APIRouter(prefix="/api/v1/targets", tags=["progress"])
AREA = r"^[0-9]{2}(\.[0-9]{2})?$"
AreaQuery = Annotated[
    str | None,
    Query(pattern=AREA, description="Code of a province or regency.", examples=["62.02"]),
]
YearQuery = Annotated[int | None, Query(ge=2011, le=2100, examples=[2026])]


@router.get("", operation_id="list_targets", summary="List targets", responses=problems())
def list_targets(session: ReadDep, area: AreaQuery = None, year: YearQuery = None) -> TargetList:
    """Give the targets that hold: those of an area and of what it lies in, or all of them.

    Built in are the national ones that were published; of years without any nobody found one.
    """
    return _list(session, area, year)


@router.put(
    "",
    operation_id="set_targets",
    summary="Set targets",
    responses=problems(BadTarget, TargetsChanged, OutsideArea, BodyTooLarge),
)
def put_targets(change: TargetsChange, session: SessionDep) -> TargetList:
    """Decide about some targets, with where each is written; all are kept, or none.

    None if `known` is given and somebody has changed them since (409). Who answers for a regency
    sets its targets, not those of the province or the country.
    """
    one_at_a_time(session, "targets")
    version = targets_digest(session)
    if change.known is not None and change.known != version:
        raise TargetsChanged(version=version, known=change.known)
    set_targets(session, [item.model_dump() for item in change.items], by=change.by)
    return _list(session, None, None)


@router.post(
    "/file",
    operation_id="import_targets",
    summary="Set targets from a sheet",
    responses=problems(
        BadTarget, OutsideArea, UploadTooLarge, MissingColumn, EmptyFile, UnreadableSource
    ),
)
def post_targets(sheet: SheetDep, session: SessionDep, caller: CallerDep) -> TargetList:
    """Do the same with a CSV file or a workbook such as the one that `export` gives."""
    rows = read_targets(sheet)
    one_at_a_time(session, "targets")
    set_targets(session, rows, by=caller.account)
    return _list(session, None, None)


@router.get(
    "/export",
    operation_id="export_targets",
    summary="Take targets along as a table",
    response_class=Response,
    responses={
        200: {"description": "CSV.", "content": {"text/csv": {"schema": {"type": "string"}}}},
        **problems(),
    },
)
def export_targets(session: ReadDep, area: AreaQuery = None, year: YearQuery = None) -> Response:
    """Give the same as CSV with a header; shares are percentages."""
    text = targets_csv(target_rows(session, area=area, year=year))
    headers = {"Content-Disposition": 'attachment; filename="targets.csv"'}
    # A byte order mark tells spreadsheets that this is UTF-8.
    return Response(text.encode("utf-8-sig"), media_type="text/csv", headers=headers)


def _list(session: Session, area: str | None, year: int | None) -> TargetList:
    return TargetList.model_validate(
        {
            "digest": targets_digest(session),
            "items": target_rows(session, area=area, year=year),
        }
    )
