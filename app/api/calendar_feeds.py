"""Addresses of teams' calendars, and the calendars themselves."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from app.access import own_team
from app.access_errors import FeedNotFound, OtherTeam
from app.api.conditional import DocumentCache, respond, unchanged
from app.api.deps import MAX_ID, EngineDep, ReadDep, SessionDep, TeamName
from app.api.guard import CallerDep
from app.api.problems import problems
from app.calendar_feeds import (
    PATH,
    add_feed,
    feed_calendar,
    feed_edition,
    feed_plans,
    feed_row,
    feed_rows,
    find_feed,
    revoke_feed,
)
from app.db import reading
from app.errors import TeamNotFound
from app.schemas.calendar_feeds import CalendarFeedIn, CalendarFeedList, CalendarFeedMade
from app.viewing import View, set_view

router = APIRouter(prefix="/api/v1", tags=["itineraries"])
public = APIRouter(include_in_schema=False)

FeedId = Annotated[int, Path(ge=1, le=MAX_ID, description="Number of a calendar address.")]
Secret = Annotated[str, Path(min_length=20, max_length=100)]


@router.get(
    "/calendar-feeds",
    operation_id="list_calendar_feeds",
    summary="List calendar addresses",
    responses=problems(),
)
def list_calendar_feeds(session: ReadDep, caller: CallerDep) -> CalendarFeedList:
    """Give the addresses that were not revoked; to a team its own."""
    rows = feed_rows(session, team=own_team(caller, None))
    return CalendarFeedList.model_validate({"items": rows})


@router.post(
    "/teams/{team}/calendar-feeds",
    operation_id="create_calendar_feed",
    status_code=201,
    summary="Make a calendar address",
    responses=problems(TeamNotFound, OtherTeam),
)
def create_calendar_feed(
    team: TeamName, body: CalendarFeedIn, session: SessionDep, caller: CallerDep
) -> CalendarFeedMade:
    """Make an address by which a telephone reads a team's itineraries as a calendar (ICS).

    Who knows it needs no account: it is told in this answer only, and can be revoked.
    """
    own_team(caller, team)
    feed, secret = add_feed(session, team, name=body.name, lang=body.lang, person=caller.account)
    return CalendarFeedMade.model_validate({**feed_row(feed), "path": PATH.format(secret=secret)})


@router.delete(
    "/calendar-feeds/{feed_id}",
    operation_id="revoke_calendar_feed",
    status_code=204,
    summary="Revoke a calendar address",
    responses=problems(FeedNotFound),
)
def revoke_calendar_feed(feed_id: FeedId, session: SessionDep, caller: CallerDep) -> None:
    """Let an address open nothing from now on."""
    revoke_feed(session, feed_id, team=own_team(caller, None))


@public.get(PATH)
def read_calendar(request: Request, engine: EngineDep, secret: Secret) -> Response:
    """Give the calendar that an address stands for; one that was revoked is as if it never was."""
    with reading(engine) as session:
        feed = find_feed(session, secret)
        if feed is None:
            return Response(status_code=404, headers={"Cache-Control": "no-store"})
        # What the team's own phone sees, and no more.
        set_view(session, View(sees_counts=False, team=feed.team))
        plans = feed_plans(session, feed)
        known = feed_edition(session, feed, plans)
        if (answer := unchanged(request, known)) is not None:
            return answer
        documents: DocumentCache = request.app.state.documents
        document = documents.get(
            ("calendar", known), lambda: feed_calendar(session, feed, plans), known
        )
    return respond(request, document, "text/calendar")
