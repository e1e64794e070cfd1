"""Service points."""

from fastapi import APIRouter

from app.api.deps import ReadDep, RegencyQuery, SessionDep
from app.api.problems import problems
from app.errors import BadPoint, BodyTooLarge, PointNotFound, VillageNotFound
from app.points import add_point, current_points, move_point, point_row, retire_point
from app.public_plan import expected_as_seen
from app.schemas.points import PointAdded, PointList, PointMoved, PointOut, PointRetired
from app.viewing import view_of

router = APIRouter(prefix="/api/v1/points", tags=["points"])


@router.get("", operation_id="list_points", summary="List service points", responses=problems())
def list_points(session: ReadDep, regency: RegencyQuery = None) -> PointList:
    """Give where each village is served, and the places that bring their own people, by code."""
    view = view_of(session)
    rows = [
        point_row(point) | {"expected": expected_as_seen(point.expected, view)}
        for point in current_points(session, regency)
    ]
    return PointList.model_validate({"items": rows})


@router.post(
    "",
    operation_id="add_point",
    status_code=201,
    summary="Add or change a service point",
    responses=problems(VillageNotFound, BadPoint, BodyTooLarge),
)
def post_point(body: PointAdded, session: SessionDep) -> PointOut:
    """Keep a point with who and why; villages it serves are served there only."""
    values = body.model_dump(exclude={"by", "reason"})
    point = add_point(session, values, by=body.by, reason=body.reason)
    return PointOut.model_validate(point_row(point))


@router.post(
    "/move",
    operation_id="move_point",
    summary="Move a service point",
    responses=problems(PointNotFound, BadPoint, BodyTooLarge),
)
def post_move(body: PointMoved, session: SessionDep) -> PointOut:
    """Move a point, a village's own too; plans made before keep where it was."""
    point = move_point(session, body.code, body.lon, body.lat, by=body.by, reason=body.reason)
    return PointOut.model_validate(point_row(point))


@router.post(
    "/retire",
    operation_id="retire_point",
    status_code=204,
    summary="Take a service point out of use",
    responses=problems(PointNotFound, BodyTooLarge),
)
def post_retire(body: PointRetired, session: SessionDep) -> None:
    """Take a point out of use; villages it served go back to their own."""
    retire_point(session, body.code, by=body.by, reason=body.reason)
