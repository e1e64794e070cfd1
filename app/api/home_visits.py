"""How many people of each village are visited at home."""

from fastapi import APIRouter

from app.api.deps import ReadDep, RegencyQuery, SessionDep, VillageCode
from app.api.guard import CallerDep
from app.api.problems import problems
from app.errors import VillageNotFound
from app.home_visits import home_visit_rows, set_home_visits
from app.schemas.home_visits import HomeVisitsIn, HomeVisitsList

router = APIRouter(prefix="/api/v1", tags=["requests"])


@router.get(
    "/home-visits",
    operation_id="list_home_visits",
    summary="List home visits",
    responses=problems(),
)
def list_home_visits(session: ReadDep, regency: RegencyQuery = None) -> HomeVisitsList:
    """Give the villages that have a number, and how many people no plan has visited yet."""
    return HomeVisitsList.model_validate({"items": home_visit_rows(session, regency)})


@router.put(
    "/villages/{code}/home-visits",
    operation_id="set_home_visits",
    status_code=204,
    summary="Set the home visits of a village",
    responses=problems(VillageNotFound),
)
def put_home_visits(
    code: VillageCode, body: HomeVisitsIn, session: SessionDep, caller: CallerDep
) -> None:
    """Say how many people of a village wait for a visit at home from now on; nothing about them.

    New plans make that village's session longer for them.
    """
    set_home_visits(session, code, body.number, account=caller.account)
