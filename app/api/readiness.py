"""What is ready the evening before, and what goes."""

from fastapi import APIRouter

from app.access_errors import OtherTeam
from app.api.deps import DayQuery, PlanId, ReadDep, SessionDep, TeamQuery
from app.api.guard import CallerDep
from app.api.problems import problems
from app.calendar import today_in
from app.errors import BadOption, PlanNotFound, TeamNotFound
from app.models import Plan
from app.readiness import Answer, Told, readiness, tell
from app.readiness_errors import BadReadiness, NotUnderWay, VerdictReasonMissing
from app.schemas.readiness import ReadinessIn, ReadinessList, TeamDayReadiness
from geodata.errors import ResidentName, ResidentNumbers

router = APIRouter(prefix="/api/v1/plans", tags=["readiness"])


@router.get(
    "/{plan_id}/readiness",
    operation_id="list_readiness",
    summary="List what is ready",
    responses=problems(PlanNotFound, TeamNotFound),
)
def list_readiness(
    session: ReadDep, plan_id: PlanId, team: TeamQuery = None, day: DayQuery = None
) -> ReadinessList:
    """Give the team-days of a plan with checks, verdict, and everything that was said of them."""
    rows = readiness(session, plan_id, team=team, day=day)
    return ReadinessList.model_validate({"plan_id": plan_id, "items": rows})


@router.post(
    "/{plan_id}/readiness",
    operation_id="tell_readiness",
    summary="Answer checks of a team-day, or decide",
    responses=problems(
        PlanNotFound, TeamNotFound, OtherTeam, BadOption, NotUnderWay, BadReadiness,
        VerdictReasonMissing, ResidentNumbers, ResidentName,
    ),
)  # fmt: skip
def tell_readiness(
    plan_id: PlanId, body: ReadinessIn, session: SessionDep, caller: CallerDep
) -> TeamDayReadiness:
    """Keep answers and, of a planner, the verdict; a team's account answers for its own team.

    `no_go` starts a job that plans the rest of the week without that team-day: `job_id` follows it,
    `replan_id` is its plan, to be published in place of this one.
    """
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    given = body.model_dump(exclude={"answers"})
    answers = {str(name): Answer(one.answer, one.note) for name, one in body.answers.items()}
    tell(session, plan_id, Told(**given, answers=answers), caller,
         today=today_in(plan.regency_code))  # fmt: skip
    (row,) = readiness(session, plan_id, team=body.team, day=body.day)
    return TeamDayReadiness.model_validate(row)
