"""What happened to plans since they were made."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class PlanStep(SQLModel, table=True):
    """One step in the life of a plan; rows are only added.

    ``version`` is that of the plan after it: two people who take a step from the same version
    cannot both do so. ``details`` holds what the step needed besides a reason.
    """

    __tablename__ = "plan_step"
    __table_args__ = (
        UniqueConstraint("plan_id", "version"),
        CheckConstraint("version > 0", name="version"),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", index=True, ondelete="CASCADE")
    version: int
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    account: str
    action: str
    before: str
    after: str
    reason: str | None = None
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class AssignmentLetter(SQLModel, table=True):
    """The number of the letter (surat tugas) that sends a team out on a published plan."""

    __tablename__ = "assignment_letter"
    __table_args__ = (CheckConstraint("number <> ''", name="number"),)

    plan_id: int = Field(foreign_key="plan.id", primary_key=True, ondelete="CASCADE")
    team: str = Field(primary_key=True)
    number: str = Field(max_length=100)
