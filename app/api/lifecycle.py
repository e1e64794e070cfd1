"""The life of a plan: steps taken, and the next one."""

from fastapi import APIRouter

from app.api.deps import PlanId, ReadDep, SessionDep
from app.api.guard import CallerDep
from app.api.problems import problems
from app.errors import PlanBusy, PlanChanged, PlanNotFound, PlanNotSolved
from app.lifecycle import Step, plan_life, take_step
from app.lifecycle_errors import (
    LettersMissing,
    OnlySupposed,
    PlanBreaksRules,
    ReasonMissing,
    RevisionMissing,
    StepRefused,
    TeamOutTwice,
    WeekClosed,
    WeekTaken,
)
from app.schemas.lifecycle import PlanLife, StepRequest

router = APIRouter(prefix="/api/v1/plans", tags=["plans"])


@router.get(
    "/{plan_id}/steps",
    operation_id="list_plan_steps",
    summary="Read the life of a plan",
    responses=problems(PlanNotFound),
)
def list_plan_steps(session: ReadDep, plan_id: PlanId, caller: CallerDep) -> PlanLife:
    """Give its state and version, the steps taken so far, and those that are possible now."""
    return PlanLife.model_validate(plan_life(session, plan_id, caller))


@router.post(
    "/{plan_id}/steps",
    operation_id="take_plan_step",
    summary="Take a step in the life of a plan",
    responses=problems(
        PlanNotFound, PlanNotSolved, PlanBusy, PlanChanged, StepRefused, ReasonMissing,
        PlanBreaksRules, OnlySupposed, LettersMissing, RevisionMissing, WeekTaken,
        WeekClosed, TeamOutTwice,
    ),
)  # fmt: skip
def take_plan_step(
    session: SessionDep, plan_id: PlanId, caller: CallerDep, asked: StepRequest
) -> PlanLife:
    """Propose, approve, publish, start, close or cancel a plan.

    A step from another version than the plan's is refused with 409 and the current one. Publishing
    needs the number of the assignment letter of each team that goes out; where the week has a
    published plan already, `replaces` must name it: it is cancelled in the same moment.
    """
    take_step(session, plan_id, Step(**asked.model_dump()), caller)
    return PlanLife.model_validate(plan_life(session, plan_id, caller))
