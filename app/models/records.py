"""What a plan was made of and how, so that it can be made again."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class PlanRecord(SQLModel, table=True):
    """The search that made a plan: its problem, parameters and the answers of the clock.

    ``problem_digest`` is the SHA-256 of the problem's JSON, ``versions`` are those of whatever may
    change a result; ``body`` is what ``app/records.py`` writes. A plan solved again has another.
    """

    __tablename__ = "plan_record"

    plan_id: int = Field(foreign_key="plan.id", primary_key=True, ondelete="CASCADE")
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    problem_digest: str = Field(max_length=64)
    versions: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
