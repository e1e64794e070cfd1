"""Photos of stops."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, UploadFile
from starlette.responses import Response

from app.access_errors import OtherTeam
from app.api.deps import MAX_ID, DayQuery, PlanId, ReadDep, SessionDep, SettingsDep, TeamQuery
from app.api.guard import CallerDep
from app.api.problems import problems
from app.errors import PlanNotFound
from app.photo_errors import (
    BadPhoto,
    PhotoNotFound,
    PhotoTooEarly,
    PhotoTooLarge,
    StopNotFound,
    TooManyPhotos,
)
from app.photos import add_photo, delete_photo, photo_row, photo_rows, picture_of
from app.pictures import MAX_BYTES
from app.schemas.photos import PhotoList, PhotoOut

router = APIRouter(prefix="/api/v1", tags=["photos"])
PhotoId = Annotated[int, Path(ge=1, le=MAX_ID, description="Number of a photo.")]
_BINARY = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "/plans/{plan_id}/photos",
    operation_id="list_photos",
    summary="List photos",
    responses=problems(PlanNotFound),
)
def list_photos(
    session: ReadDep, plan_id: PlanId, team: TeamQuery = None, day: DayQuery = None
) -> PhotoList:
    """Give the photos of a plan's stops; a team's account gets its own."""
    return PhotoList.model_validate({"items": photo_rows(session, plan_id, team=team, day=day)})


@router.post(
    "/plans/{plan_id}/photos",
    operation_id="add_photo",
    status_code=201,
    summary="Add a photo of a stop",
    responses=problems(
        PlanNotFound, StopNotFound, OtherTeam, PhotoTooEarly, PhotoTooLarge, BadPhoto,
        TooManyPhotos,
    ),
)  # fmt: skip
def post_photo(
    session: SessionDep,
    settings: SettingsDep,
    caller: CallerDep,
    plan_id: PlanId,
    team: Annotated[str, Form(min_length=1, max_length=100)],
    day: Annotated[date, Form()],
    order: Annotated[int, Form(ge=1, le=100, description="The stop of the day, from 1.")],
    file: Annotated[UploadFile, File(description="JPEG, PNG or WebP.")],
) -> PhotoOut:
    """Keep a photo of a stop of a plan that teams work by, or worked by; at most 6 of a stop.

    It is encoded anew, at most 2048 pixels long, so that no position, time or telephone stays in
    it. Sending the same photo twice keeps it once.
    """
    raw = file.file.read(MAX_BYTES + 1)
    photo = add_photo(session, settings.data_dir, plan_id, team, day, order, raw, caller)
    return PhotoOut.model_validate(photo_row(photo))


@router.get(
    "/photos/{photo_id}",
    operation_id="read_photo",
    summary="Read a photo",
    response_class=Response,
    responses={
        200: {
            "description": "The picture.",
            "content": dict.fromkeys(("image/jpeg", "image/png", "image/webp"), _BINARY),
        },
        **problems(PhotoNotFound),
    },
)
def read_photo(session: ReadDep, settings: SettingsDep, photo_id: PhotoId) -> Response:
    """Give a picture; it never changes."""
    photo, body = picture_of(session, settings.data_dir, photo_id)
    headers = {"ETag": f'"{photo.sha256}"', "Cache-Control": "private, max-age=86400"}
    return Response(body, media_type=photo.media_type, headers=headers)


@router.delete(
    "/photos/{photo_id}",
    operation_id="delete_photo",
    status_code=204,
    summary="Delete a photo",
    responses=problems(PhotoNotFound),
)
def remove_photo(
    session: SessionDep, settings: SettingsDep, caller: CallerDep, photo_id: PhotoId
) -> None:
    """Delete a photo for good; who did so, and when, is kept."""
    delete_photo(session, settings.data_dir, photo_id, caller.account)
