"""Plans made again from their records."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.deps import PlanId, SessionDep
from app.api.plans import ACCEPTED, accepted
from app.api.problems import problems
from app.errors import PlanNotFound
from app.lifecycle_errors import PlanNotRecorded
from app.records import ask_reproduction
from app.schemas.plans import PlanAccepted

router = APIRouter(prefix="/api/v1/plans", tags=["plans"])


@router.post(
    "/{plan_id}/reproduce",
    operation_id="reproduce_plan",
    status_code=202,
    summary="Make a plan again and compare",
    responses={202: ACCEPTED, **problems(PlanNotFound, PlanNotRecorded)},
)
def post_reproduce(plan_id: PlanId, session: SessionDep, response: Response) -> PlanAccepted:
    """Defer a job that does the recorded search again, without a clock; the plan stays as it is.

    Its result says whether stops, value and bound are the same, which versions of libraries
    differ, and which imports of the plan are gone or were followed by others.
    """
    return accepted(plan_id, ask_reproduction(session, plan_id), response)
