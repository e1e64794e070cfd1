"""Photos of stops: a row each, the picture itself in the data folder under its own hash."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class StopPhoto(SQLModel, table=True):
    """A photo that a team took at a stop, without any word on where.

    ``sha256`` is that of the picture as it is kept. A photo that was deleted keeps its row, with
    who and when; its picture is gone unless another photo is the same.
    """

    __tablename__ = "stop_photo"
    __table_args__ = (
        CheckConstraint("width > 0 AND height > 0 AND n_bytes > 0", name="size"),
        CheckConstraint("(deleted_at IS NULL) = (deleted_by IS NULL)", name="deleted"),
        Index("ix_stop_photo_stop", "plan_id", "team", "day", "order"),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", ondelete="CASCADE")
    team: str
    day: date
    order: int
    village_code: str = Field(foreign_key="village.code")
    sha256: str = Field(min_length=64, max_length=64, index=True)
    media_type: str
    width: int
    height: int
    n_bytes: int
    account: str
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    deleted_by: str | None = None
