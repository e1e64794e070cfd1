"""Scenarios of a plan, and plans side by side."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.deps import MAX_ID, LangDep, PlanId, ReadDep, SessionDep, SettingsDep
from app.api.plans import ACCEPTED, accepted
from app.api.problems import problems
from app.comparison import FEWEST, MOST, compare_plans, comparison_csv, comparison_workbook
from app.errors import (
    BadOption,
    BadParam,
    BodyTooLarge,
    MissingInput,
    NoDaylight,
    NoWorkingDay,
    ParamNotFound,
    PlanNotFound,
    PlanNotSolved,
    TeamNotFound,
    TooShort,
    VillageNotFound,
)
from app.scenarios import ask_scenario
from app.schemas.plans import PlanAccepted
from app.schemas.scenarios import Comparison, ScenarioRequest

router = APIRouter(prefix="/api/v1/plans", tags=["plans"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Plans = Annotated[
    list[Annotated[int, Query(ge=1, le=MAX_ID)]],
    Query(
        alias="plan", min_length=FEWEST, max_length=MOST,
        description="Plans to compare; the others are held against the first.",
    ),
]  # fmt: skip


class TableFormat(StrEnum):
    """Files that plans side by side may be taken along as."""

    CSV = "csv"
    XLSX = "xlsx"


@router.post(
    "/{plan_id}/scenarios",
    operation_id="create_scenario",
    status_code=202,
    summary="Ask for a plan again with something else",
    responses={
        202: ACCEPTED,
        **problems(
            PlanNotFound, PlanNotSolved, TeamNotFound, VillageNotFound, BadOption, ParamNotFound,
            BadParam, MissingInput, NoDaylight, NoWorkingDay, TooShort, BodyTooLarge,
        ),
    },
)  # fmt: skip
def post_scenario(
    plan_id: PlanId, asked: ScenarioRequest, session: SessionDep, settings: SettingsDep,
    response: Response,
) -> PlanAccepted:  # fmt: skip
    """Store a plan with other teams, hours, weights, kits or rules under a name; its job solves it.

    What is left out stays as in the plan it is made of. One that supposes teams, hours,
    kits or parameters (but weights, prices, rules) that are not the office's can be compared, but
    not proposed.
    """
    plan, job = ask_scenario(
        session, plan_id, asked, calendar_file=settings.calendar_file,
        solve_seconds=settings.solve_seconds, has_road_server=bool(settings.road_server),
    )  # fmt: skip
    return accepted(plan.id or 0, job, response)


@router.get(
    "/compare",
    operation_id="compare_plans",
    summary="Put plans side by side",
    responses=problems(PlanNotFound, PlanNotSolved, BadOption),
)
def get_comparison(session: ReadDep, lang: LangDep, plan: Plans) -> Comparison:
    """Give two to four plans of one regency: people, coverage, cost, hours, fairness, changes."""
    return Comparison.model_validate(compare_plans(session, plan, lang))


@router.get(
    "/compare/file",
    operation_id="export_comparison",
    summary="Take plans side by side along as a file",
    response_class=Response,
    responses={
        200: {
            "description": "Figures as CSV; as a workbook districts, teams and changes too.",
            "content": {"text/csv": {"schema": {"type": "string"}}, XLSX: {}},
        },
        **problems(PlanNotFound, PlanNotSolved, BadOption),
    },
)
def export_comparison(
    session: ReadDep,
    lang: LangDep,
    plan: Plans,
    file_format: Annotated[TableFormat, Query(alias="format")] = TableFormat.XLSX,
) -> Response:
    """Give the same as a table for a spreadsheet."""
    found = compare_plans(session, plan, lang)
    if file_format is TableFormat.CSV:
        # A byte order mark tells spreadsheets that this is UTF-8.
        body, media_type = comparison_csv(found, lang).encode("utf-8-sig"), "text/csv"
    else:
        body, media_type = comparison_workbook(found, lang, datetime.now(UTC)), XLSX
    named = "-".join(map(str, plan))
    name = f'attachment; filename="plans-{named}.{file_format}"'
    return Response(body, media_type=media_type, headers={"Content-Disposition": name})
