"""What shall be reached: shares by year, programme and area."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class TargetChange(SQLModel, table=True):
    """One decision about one target; the last of a year, programme and area counts.

    ``area`` is empty for the whole country, else the code of a province or a regency. ``share`` is
    a fraction; None: back to what is known by default, if anything is.
    """

    __tablename__ = "target_change"
    __table_args__ = (
        CheckConstraint("share >= 0 AND share <= 1", name="share"),
        CheckConstraint("year >= 2011 AND year <= 2100", name="year"),
    )

    id: int | None = Field(default=None, primary_key=True)
    year: int
    programme: str
    area: str = Field(default="", index=True)
    share: float | None = None
    source: str
    changed_by: str
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
