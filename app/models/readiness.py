"""What is ready the evening before a team goes out, and whether it goes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class ReadinessEntry(SQLModel, table=True):
    """What somebody said about a team's day; rows are only added.

    ``answers`` holds ``answer`` and ``note`` by check, of those that were answered this time.
    ``verdict`` is None where no decision was taken. ``replan_id`` is the plan made without the
    team-day, ``job_id`` the job that makes it.
    """

    __tablename__ = "readiness_entry"
    __table_args__ = (
        CheckConstraint("verdict IN ('go', 'no_go')", name="verdict"),
        Index("ix_readiness_entry_day", "plan_id", "team", "day"),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", ondelete="CASCADE")
    team: str
    day: date
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    account: str
    answers: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    verdict: str | None = None
    reason: str | None = None
    replan_id: int | None = Field(default=None, foreign_key="plan.id", ondelete="SET NULL")
    job_id: int | None = Field(default=None, foreign_key="job.id", ondelete="SET NULL")
