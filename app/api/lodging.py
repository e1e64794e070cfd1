"""Places where teams sleep."""

from fastapi import APIRouter

from app.api.deps import ReadDep, RegencyQuery
from app.api.problems import problems
from app.lodging import lodging_places, lodging_row
from app.schemas.places import LodgingList

router = APIRouter(prefix="/api/v1/lodging", tags=["teams"])


@router.get("", operation_id="list_lodging", summary="List lodging places", responses=problems())
def list_lodging(session: ReadDep, regency: RegencyQuery = None) -> LodgingList:
    """Give where teams may sleep when they stay out, by code.

    A regency without a place has no list: its teams sleep where they made the last visit or in a
    district's seat.
    """
    items = [lodging_row(place) for place in lodging_places(session, regency)]
    return LodgingList.model_validate({"items": items})
