"""Visits that villages, schools and residents ask for."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class RequestState(StrEnum):
    """How far a request is."""

    RECEIVED = "received"
    VERIFIED = "verified"
    SCHEDULED = "scheduled"
    DONE = "done"
    REFUSED = "refused"


class VisitRequest(SQLModel, table=True):
    """A letter that asks for a visit, with no word about any resident.

    ``number`` is that of the letter, or of the complaint in the office's own book; ``people`` is
    what the letter estimates. ``contact`` is an office or a function, never a resident. While it is
    open it raises what a visit is worth, or, with ``is_required``, must be served. ``plan_id`` is
    the published plan that holds the visit. ``version`` counts the steps.
    """

    __tablename__ = "visit_request"
    __table_args__ = (
        CheckConstraint("kind IN ('village', 'school', 'complaint')", name="kind"),
        CheckConstraint(
            "state IN ('received', 'verified', 'scheduled', 'done', 'refused')", name="state"
        ),
        CheckConstraint("people > 0", name="people"),
        CheckConstraint("number <> ''", name="number"),
        UniqueConstraint("number", "village_code", "kind"),
    )

    id: int | None = Field(default=None, primary_key=True)
    village_code: str = Field(foreign_key="village.code", index=True)
    kind: str
    number: str = Field(max_length=100)
    letter_date: date
    programmes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    people: int
    contact: str = ""
    is_required: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    state: str = RequestState.RECEIVED
    version: int = 0
    plan_id: int | None = Field(
        default=None, foreign_key="plan.id", index=True, ondelete="SET NULL"
    )
    import_id: int | None = Field(default=None, foreign_key="data_import.id")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class RequestStep(SQLModel, table=True):
    """One step of a request; rows are only added.

    ``version`` is that of the request after it, so that of two who step at once one is told.
    """

    __tablename__ = "request_step"
    __table_args__ = (UniqueConstraint("request_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    request_id: int = Field(foreign_key="visit_request.id", index=True, ondelete="CASCADE")
    version: int
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    account: str
    action: str
    before: str | None
    after: str
    reason: str | None = None
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
