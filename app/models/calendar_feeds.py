"""Calendars of teams that a telephone reads by a secret address."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class CalendarFeed(SQLModel, table=True):
    """An address that gives a team's itineraries as a calendar until it is revoked.

    Calendar programs cannot sign in: the address itself is the secret, 256 random bits. Only its
    SHA-256 is kept.
    """

    __tablename__ = "calendar_feed"

    id: int | None = Field(default=None, primary_key=True)
    team: str = Field(index=True)
    name: str = Field(default="", max_length=100)
    lang: str = Field(max_length=2)
    secret_hash: str = Field(unique=True, min_length=64, max_length=64)
    created_by: str
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
