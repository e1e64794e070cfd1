"""Calendars of teams by a secret address: calendar programs of telephones cannot sign in."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select, update

from app import __version__
from app.access_errors import FeedNotFound
from app.calendar import week_of, zone_of
from app.db import now
from app.errors import NobodyOut, TeamNotFound
from app.itineraries.ics import calendar_of
from app.itineraries.team_day import itineraries, plan_version, revised_at
from app.itineraries.words import WORDS
from app.models import CalendarFeed, DataImport, Plan, PlanState, Team
from app.texts import Lang
from app.under_way import WORKED_BY

PATH = "/calendar/{secret}.ics"
# What is over stays so long, so that a report can be written from the telephone.
_WEEKS_BACK = 4


def add_feed(
    session: Session, team: str, *, name: str, lang: Lang, person: str
) -> tuple[CalendarFeed, str]:
    """Make an address for a team's calendar; its secret is given back here and nowhere else.

    Raises
    ------
    TeamNotFound
        When there is no such team.
    """
    if session.get(Team, team) is None:
        known = session.exec(select(Team.name).order_by(col(Team.name))).all()
        raise TeamNotFound(team=team, known=", ".join(known[:20]) or "-")
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed(
        team=team, name=name, lang=lang, secret_hash=_hash(secret), created_by=person
    )
    session.add(feed)
    session.flush()
    return feed, secret


def revoke_feed(session: Session, feed_id: int, *, team: str | None = None) -> CalendarFeed:
    """Let an address open nothing from now on; of ``team`` only where one is given.

    Raises
    ------
    FeedNotFound
        When there is no such address, or it was revoked.
    """
    # By a query, which is narrowed to the session's area.
    feed = session.exec(select(CalendarFeed).where(CalendarFeed.id == feed_id)).first()
    if feed is None or feed.revoked_at is not None or team not in {None, feed.team}:
        raise FeedNotFound(feed_id=feed_id)
    session.execute(
        update(CalendarFeed).where(col(CalendarFeed.id) == feed_id).values(revoked_at=now())
    )
    return feed


def feed_rows(session: Session, *, team: str | None = None) -> list[dict[str, Any]]:
    """List the addresses that were not revoked, by team; never their secrets."""
    query = select(CalendarFeed).where(col(CalendarFeed.revoked_at).is_(None))
    if team is not None:
        query = query.where(CalendarFeed.team == team)
    rows = session.exec(query.order_by(col(CalendarFeed.team), col(CalendarFeed.id)))
    return [feed_row(feed) for feed in rows]


def feed_row(feed: CalendarFeed) -> dict[str, Any]:
    """Give an address as plain values."""
    return {
        "feed_id": feed.id,
        "team": feed.team,
        "name": feed.name,
        "lang": feed.lang,
        "created_by": feed.created_by,
        "created_at": feed.created_at.isoformat(),
    }


def find_feed(session: Session, secret: str) -> CalendarFeed | None:
    """Find the address that a secret belongs to, unless it was revoked."""
    query = select(CalendarFeed).where(CalendarFeed.secret_hash == _hash(secret))
    return session.exec(query.where(col(CalendarFeed.revoked_at).is_(None))).first()


def feed_plans(session: Session, feed: CalendarFeed, today: datetime | None = None) -> list[Plan]:
    """Choose the plan of each week that the team works by, from four weeks ago on.

    It is the published one, else the newest that was solved (``newest_plan_of_team``).
    """
    team = session.get(Team, feed.team)
    if team is None:
        return []
    here = today or datetime.now(ZoneInfo(zone_of(team.regency_code)))
    since = week_of(here.date() - timedelta(weeks=_WEEKS_BACK))
    found: dict[str, Plan] = {}
    plans = session.exec(
        select(Plan)
        .where(Plan.regency_code == team.regency_code)
        .where(Plan.week >= since)
        .where(col(Plan.solved_at).is_not(None))
        .where(Plan.state != PlanState.CANCELLED)
        .order_by(col(Plan.week), col(Plan.state).in_(WORKED_BY).desc(), col(Plan.id).desc())
    )
    for plan in plans:
        if any(row["team"] == feed.team for row in plan.summary.get("teams", ())):
            found.setdefault(plan.week, plan)
    return list(found.values())


def feed_edition(session: Session, feed: CalendarFeed, plans: list[Plan]) -> str:
    """Give a digest that changes whenever the calendar may change."""
    newest = session.exec(select(func.max(DataImport.id))).one()
    facts = (
        feed.id,
        newest,
        __version__,
        *((plan_version(p), p.state, revised_at(session, p)) for p in plans),
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def feed_calendar(session: Session, feed: CalendarFeed, plans: list[Plan]) -> bytes:
    """Write the calendar of a feed; weeks in which the team stays at its base are empty."""
    lang: Lang = "en" if feed.lang == "en" else "id"
    weeks = []
    for plan in plans:
        try:
            weeks.append(itineraries(session, plan.id or 0, lang, team=feed.team))
        except NobodyOut:
            continue
    return calendar_of(weeks, f"{WORDS[lang]['title']}: {feed.team}")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
