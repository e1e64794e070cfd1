"""Counts by village, district and regency."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.deps import REGENCY, ReadDep
from app.api.problems import problems
from app.errors import RegencyNotFound
from app.figures import figures, figures_csv
from app.schemas.figures import FigureList

router = APIRouter(prefix="/api/v1/figures", tags=["figures"])
Regency = Annotated[str, Query(pattern=REGENCY, description="Kemendagri code.", examples=["62.02"])]


@router.get(
    "", operation_id="list_figures", summary="Read counts by place",
    responses=problems(RegencyNotFound),
)  # fmt: skip
def list_figures(session: ReadDep, regency: Regency) -> FigureList:
    """Give the counts that hold today of a regency, its districts and its villages.

    Planners, approvers and admins get every number. Others get none under the smallest count of
    the service (5 unless its operator says otherwise), and `withheld` names what is missing.
    """
    return FigureList.model_validate({"items": figures(session, regency)})


@router.get(
    "/export",
    operation_id="export_figures",
    summary="Take counts by place along as a table",
    response_class=Response,
    responses={
        200: {"description": "CSV.", "content": {"text/csv": {"schema": {"type": "string"}}}},
        **problems(RegencyNotFound),
    },
)
def export_figures(session: ReadDep, regency: Regency) -> Response:
    """Give the same as CSV with a header."""
    text = figures_csv(figures(session, regency))
    headers = {"Content-Disposition": f'attachment; filename="figures-{regency}.csv"'}
    return Response(text.encode("utf-8-sig"), media_type="text/csv", headers=headers)
