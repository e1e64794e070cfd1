"""What an office has taught the reader of counts about its headings."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now

EVERY_OFFICE = ""


class LearnedHeading(SQLModel, table=True):
    """One heading: as printed (``text``), reduced to its letters (``key``), and what it means.

    ``regency_code`` is the office whose files it holds for, empty for every file; ``meaning`` a
    column or *ignore*.
    """

    __tablename__ = "learned_heading"
    __table_args__ = (UniqueConstraint("regency_code", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    regency_code: str = EVERY_OFFICE
    key: str
    text: str
    meaning: str
    person: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
