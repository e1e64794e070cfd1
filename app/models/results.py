"""What teams report of their sessions: only added to."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now

REPORT, SETTLEMENT = "report", "settlement"
OUTCOMES = (
    "served", "failed", "not_eligible", "already_had", "absent", "deceased", "moved", "not_found",
)  # fmt: skip
"""What may have become of a person who was to be served."""
MOST_PEOPLE = 9999
MEASURED, MEASURED_POWER = "measured", "measured_power"
"""Kinds of evidence of signal and power that these give."""


class ResultEntry(SQLModel, table=True):
    """One report of a session, or a planner's word on reports that contradict each other.

    Triggers of the database refuse to change or delete it. ``key`` comes with the report; under one
    key other content is another row, ``digest`` (SHA-256 of the content) tells them apart. A
    session is ``team, day, point_code``, whatever plan it was in. ``corrects`` is the key of the
    report of the same session that this one replaces, ``settles`` the digests that a *settlement*
    decides on. ``told_at`` is when the reporter says that it was written, ``received_at`` when it
    came. ``serves`` are the villages whose people were served. ``stop_id, stop_order`` as the
    report names the stop; ``plan_state`` was that of the plan when it came: *closed* means late.
    ``started_at, ended_at, signal, signal_mbps, power`` are None
    where not told. ``via`` is phone, sheet or planner.
    """

    __tablename__ = "result_entry"
    __table_args__ = (
        UniqueConstraint("digest"),
        CheckConstraint("kind IN ('report', 'settlement')", name="kind"),
        CheckConstraint("via IN ('phone', 'sheet', 'planner')", name="via"),
        CheckConstraint("signal IN ('none', 'weak', 'strong', 'very_strong')", name="signal"),
        CheckConstraint("signal_mbps >= 0", name="signal_mbps"),
        CheckConstraint("power IN ('yes', 'no')", name="power"),
        CheckConstraint("started_at < ended_at", name="times"),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="plan.id", index=True)
    kind: str = REPORT
    key: str = Field(index=True, max_length=36)
    digest: str = Field(max_length=64)
    corrects: str | None = Field(default=None, max_length=36)
    settles: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    team: str = Field(index=True)
    day: date = Field(index=True)
    point_code: str
    village_code: str = Field(foreign_key="village.code", index=True)
    serves: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    stop_id: str | None = None
    stop_order: int | None = None
    plan_version: str | None = None
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    signal: str | None = None
    signal_mbps: float | None = None
    power: str | None = None
    notes: str = Field(default="", max_length=1000)
    reason: str | None = None
    told_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    account: str
    via: str
    plan_state: str


class ResultCount(SQLModel, table=True):
    """People of one programme by what became of them, as one entry tells it."""

    __tablename__ = "result_count"
    __table_args__ = tuple(
        CheckConstraint(f"{name} BETWEEN 0 AND {MOST_PEOPLE}", name=name) for name in OUTCOMES
    )

    entry_id: int = Field(primary_key=True, foreign_key="result_entry.id")
    programme: str = Field(primary_key=True)
    served: int = 0
    failed: int = 0
    not_eligible: int = 0
    already_had: int = 0
    absent: int = 0
    deceased: int = 0
    moved: int = 0
    not_found: int = 0
