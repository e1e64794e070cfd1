"""What is made of a plan that exists: judge one made by hand, mend it, plan the rest anew."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, File, UploadFile
from starlette.responses import Response

from app.api.deps import PlanId, SessionDep, SettingsDep
from app.api.plans import ACCEPTED, accepted
from app.api.problems import problems
from app.calendar import today_in
from app.changes import ask_judgement, ask_repair, ask_replan, solved_plan
from app.errors import (
    BadHandPlan,
    BadOption,
    BodyTooLarge,
    NothingClosed,
    PlanNotFound,
    PlanNotSolved,
    TeamNotFound,
    UploadTooLarge,
    VillageNotFound,
    VillageTwice,
)
from app.hand_plan import named_in_request, read_hand_made
from app.jobs import uploads
from app.models import Job, Plan
from app.schemas.plan_changes import HandPlan, ReplanRequest, SearchAgain
from app.schemas.plans import PlanAccepted
from geodata.errors import EmptyFile, MissingColumn, UnreadableSource

router = APIRouter(prefix="/api/v1/plans", tags=["plans"])


def _sheet(
    settings: SettingsDep,
    file: Annotated[UploadFile, File(description="CSV or workbook, a row for each entry.")],
) -> Iterator[Path]:
    path = uploads.store(settings.data_dir, file.filename, file.file, settings.max_upload_mb)
    try:
        yield path
    finally:
        shutil.rmtree(path.parent, ignore_errors=True)


SheetDep = Annotated[Path, Depends(_sheet)]


@router.post(
    "/{plan_id}/judge",
    operation_id="judge_plan",
    status_code=202,
    summary="Judge a plan made by hand",
    responses={
        202: ACCEPTED,
        **problems(PlanNotFound, PlanNotSolved, BadHandPlan, VillageTwice, BodyTooLarge),
    },
)
def post_judge(
    plan_id: PlanId, session: SessionDep, response: Response, made: HandPlan | None = None
) -> PlanAccepted:
    """Store a plan made by hand beside a solved one of its week; the job times and judges it.

    Read the new plan when the job has succeeded: `violations` by rule, worth, cost, and under
    `against` and `changes` how it differs from the solved one. Without a body the solved plan
    itself is judged, on what is known today.
    """
    base = solved_plan(session, plan_id)
    days = None if made is None else named_in_request(session, base, made.model_dump())
    return _answer(ask_judgement(session, plan_id, days), response)


@router.post(
    "/{plan_id}/judge/file",
    operation_id="judge_plan_file",
    status_code=202,
    summary="Judge the sheet of a plan made by hand",
    responses={
        202: ACCEPTED,
        **problems(
            PlanNotFound, PlanNotSolved, BadHandPlan, VillageTwice, UploadTooLarge, MissingColumn,
            EmptyFile, UnreadableSource,
        ),
    },
)  # fmt: skip
def post_judge_file(
    plan_id: PlanId, sheet: SheetDep, session: SessionDep, response: Response
) -> PlanAccepted:
    """Do the same with a sheet of team, day, village, minutes; the CSV of a plan is one."""
    base = solved_plan(session, plan_id)
    days = read_hand_made(session, base, sheet)
    return _answer(ask_judgement(session, plan_id, days), response)


@router.post(
    "/{plan_id}/repair",
    operation_id="repair_plan",
    status_code=202,
    summary="Mend a plan",
    responses={202: ACCEPTED, **problems(PlanNotFound, PlanNotSolved, BodyTooLarge)},
)
def post_repair(
    plan_id: PlanId, session: SessionDep, response: Response, request: SearchAgain | None = None
) -> PlanAccepted:
    """Make a plan that keeps to every rule with the fewest changes, and of those the best."""
    return _answer(ask_repair(session, plan_id, request or SearchAgain()), response)


@router.post(
    "/{plan_id}/replan",
    operation_id="replan_plan",
    status_code=202,
    summary="Plan the rest of a week anew",
    responses={
        202: ACCEPTED,
        **problems(
            PlanNotFound, PlanNotSolved, VillageNotFound, TeamNotFound, BadOption, NothingClosed,
            BodyTooLarge,
        ),
    },
)  # fmt: skip
def post_replan(
    plan_id: PlanId, request: ReplanRequest, session: SessionDep, response: Response
) -> PlanAccepted:
    """Keep what is over, and plan the days left with what happened and few changes.

    A tour that is under way goes on as published.
    """
    today = today_in(solved_plan(session, plan_id).regency_code)
    return _answer(ask_replan(session, plan_id, request, today=today), response)


def _answer(stored: tuple[Plan, Job], response: Response) -> PlanAccepted:
    plan, job = stored
    return accepted(plan.id or 0, job, response)
