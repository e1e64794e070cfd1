"""Headings that offices taught: list, teach, forget."""

from fastapi import APIRouter
from starlette.responses import Response

from app.api.deps import HeadingId, ReadDep, SessionDep
from app.api.problems import problems
from app.errors import BadOption, HeadingNotFound
from app.headings import forget, heading_row, heading_rows, teach
from app.schemas.headings import HeadingIn, HeadingList, HeadingOut

router = APIRouter(prefix="/api/v1/headings", tags=["imports"])


@router.get("", operation_id="list_headings", summary="List taught headings", responses=problems())
def list_headings(session: ReadDep) -> HeadingList:
    """Give the headings that offices taught, by office."""
    return HeadingList.model_validate({"items": heading_rows(session)})


@router.put(
    "", operation_id="teach_heading", summary="Teach a heading", responses=problems(BadOption)
)
def teach_heading(body: HeadingIn, session: SessionDep) -> HeadingOut:
    """Say what a heading means, in the files of one office or of all; replaces what was said."""
    (row,) = teach(
        session, {body.heading: body.meaning}, regency=body.regency_code or "", person=body.person
    )
    return HeadingOut.model_validate(heading_row(row))


@router.delete(
    "/{heading_id}",
    operation_id="forget_heading",
    status_code=204,
    summary="Forget a heading",
    responses=problems(HeadingNotFound),
)
def forget_heading(heading_id: HeadingId, session: SessionDep) -> Response:
    """Take a heading out of the dictionary; imports that used it stay as they are."""
    forget(session, heading_id)
    return Response(status_code=204)
