"""How far areas are."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.deps import LangDep, ReadDep
from app.api.guard import CallerDep
from app.api.problems import problems
from app.api.targets import AreaQuery, YearQuery
from app.calendar import today_in
from app.errors import RegencyNotFound
from app.progress import progress_document
from app.progress_workbook import progress_csv, progress_xlsx
from app.schemas.progress import ProgressOut
from app.targets import target_rows

router = APIRouter(prefix="/api/v1/progress", tags=["progress"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ProgressFormat(StrEnum):
    """What progress can be taken along as."""

    CSV = "csv"
    XLSX = "xlsx"


FormatQuery = Annotated[ProgressFormat, Query(alias="format", description="Kind of file.")]


@router.get(
    "",
    operation_id="read_progress",
    summary="Read progress and forecast",
    responses=problems(RegencyNotFound),
)
def read_progress(
    session: ReadDep, caller: CallerDep, area: AreaQuery = None, year: YearQuery = None
) -> ProgressOut:
    """Give coverage by programme beside the targets of a year, how it went, and what is expected.

    Of a regency, of a province by regency, or, without an area, of all that you answer for. The
    forecast is that of the newest campaign; without one none is made up.
    """
    place = area or caller.area
    return ProgressOut.model_validate(
        progress_document(session, place, today=today_in(place), year=year)
    )


@router.get(
    "/export",
    operation_id="export_progress",
    summary="Take progress along as a file",
    response_class=Response,
    responses={
        200: {
            "description": "The file.",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                XLSX: {"schema": {"type": "string", "format": "binary"}},
            },
        },
        **problems(RegencyNotFound),
    },
)
def export_progress(
    session: ReadDep,
    caller: CallerDep,
    lang: LangDep,
    area: AreaQuery = None,
    year: YearQuery = None,
    file_format: FormatQuery = ProgressFormat.XLSX,
) -> Response:
    """Give coverage as a table; or a workbook, with how it went, forecast, weeks and targets."""
    place = area or caller.area
    document = progress_document(session, place, today=today_in(place), year=year)
    if file_format is ProgressFormat.CSV:
        body, media_type = progress_csv(document).encode("utf-8-sig"), "text/csv"
    else:
        body = progress_xlsx(document, target_rows(session, area=area), lang)
        media_type = XLSX
    name = f'attachment; filename="progress-{place or "all"}.{file_format}"'
    return Response(body, media_type=media_type, headers={"Content-Disposition": name})
