"""Itineraries in every format, and the letters that go with them."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from app.access import own_team
from app.access_errors import OtherTeam
from app.api.conditional import DocumentCache, respond, unchanged
from app.api.deps import DayQuery, LangDep, PlanId, ReadDep, SettingsDep, TeamQuery
from app.api.guard import CallerDep
from app.api.problems import problems
from app.errors import BadTemplate, NobodyOut, PlanNotFound, PlanNotSolved, TeamNotFound
from app.itineraries.formats import (
    DOCUMENT,
    SHEETS,
    Asked,
    Letter,
    Sheet,
    edition,
    file_name,
    write,
)

router = APIRouter(prefix="/api/v1/plans", tags=["itineraries"])

SheetPath = Annotated[Sheet, Path(description="Format of the file.", examples=["json"])]
LetterPath = Annotated[Letter, Path(description="Kind of letter.", examples=["attendance"])]
_UNCHANGED = {"description": "The file has not changed since the ETag sent."}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_REFUSED = (PlanNotFound, PlanNotSolved, TeamNotFound, NobodyOut, BadTemplate)


@router.get(
    "/{plan_id}/sheets/{sheet}",
    operation_id="read_sheet",
    summary="Take itineraries along",
    response_class=Response,
    responses={
        200: {
            "description": "The itineraries as a file.",
            "content": {media_type: _BINARY for media_type, *_ in SHEETS.values()},
        },
        304: _UNCHANGED,
        **problems(*_REFUSED),
    },
)
def read_sheet(
    request: Request, session: ReadDep, settings: SettingsDep, plan_id: PlanId, sheet: SheetPath,
    lang: LangDep, team: TeamQuery = None, day: DayQuery = None,
) -> Response:  # fmt: skip
    """Give what each team does on each day, all formats with the same stops and times.

    The ETag is strong and known before the file is made, so that asking again costs little. A
    team's account gets its own team.
    """
    asked = Asked(plan_id=plan_id, lang=lang, team=team, day=day)
    return _answer(request, session, settings, sheet, asked)


@router.get(
    "/{plan_id}/letters/{letter}",
    operation_id="read_letter",
    summary="Take letters along",
    response_class=Response,
    responses={
        200: {"description": "The letters as a document.", "content": {DOCUMENT: _BINARY}},
        304: _UNCHANGED,
        **problems(*_REFUSED, OtherTeam),
    },
)
def read_letter(
    request: Request, session: ReadDep, settings: SettingsDep, caller: CallerDep, plan_id: PlanId,
    letter: LetterPath, lang: LangDep, team: TeamQuery = None, day: DayQuery = None,
) -> Response:  # fmt: skip
    """Give letters as a Word document, filled in from the office's texts or the built-in ones.

    Some name the staff: a team's account gets those of its own team only.
    """
    asked = Asked(plan_id=plan_id, lang=lang, team=own_team(caller, team), day=day)
    return _answer(request, session, settings, letter, asked)


def _answer(
    request: Request, session: ReadDep, settings: SettingsDep, kind: Sheet | Letter, asked: Asked
) -> Response:
    known = edition(session, kind, asked, settings.data_dir)
    if (answer := unchanged(request, known)) is not None:
        return answer
    documents: DocumentCache = request.app.state.documents

    def make() -> bytes:
        return write(session, kind, asked, settings.data_dir).body

    document = documents.get(("itineraries", known), make, known)
    media_type = DOCUMENT if isinstance(kind, Letter) else SHEETS[kind][0]
    response = respond(request, document, media_type)
    if kind is not Sheet.JSON:
        name = file_name(kind, asked).encode("ascii", "replace").decode().replace('"', "")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
