"""Changes that people made to plans by hand."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, UniqueConstraint, true
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class PlanEdit(SQLModel, table=True):
    """Actions that one person took on a plan at once; rows are only added.

    ``version`` is that of the plan after them, ``before`` the days, locks and mark that undoing
    them brings back, ``result`` what they did to worth and rules. ``is_open``: they can still be
    undone; not any more once they were, or the plan was solved again.
    """

    __tablename__ = "plan_edit"
    __table_args__ = (
        UniqueConstraint("plan_id", "version"),
        CheckConstraint("version > 0", name="version"),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", index=True, ondelete="CASCADE")
    version: int
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    account: str
    actions: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    before: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    result: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    reason: str | None = None
    is_open: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
