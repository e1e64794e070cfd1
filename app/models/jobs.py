"""Background work: its state lives here and nowhere else."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, text
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class JobState(StrEnum):
    """Where a job is."""

    TODO = "todo"
    DOING = "doing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobState.TODO, JobState.DOING)
"""A job is at work, or will be."""
FINAL = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class JobKind(StrEnum):
    """What a job does."""

    SOLVE = "solve"
    IMPORT = "import"
    CAMPAIGN = "campaign"
    PLAN_ALL = "plan_all"
    REPRODUCE = "reproduce"


class Job(SQLModel, table=True):
    """One run of background work.

    Whoever does it holds a lease (``lease_owner`` until ``lease_until``) and keeps renewing it; a
    job whose lease ran out belongs to nobody and is taken up again, at most ``MAX_ATTEMPTS`` times.
    Of those to do the highest ``priority`` comes first, then the oldest. ``version`` counts what
    happened to the job: clients name the last they know of. ``once`` names what must not be done
    twice, such as the plans of one Friday.
    ``area`` is that of the account that asked for it; a job on a plan is of the plan's regency.
    """

    __table_args__ = (
        CheckConstraint(
            "state IN ('todo', 'doing', 'succeeded', 'failed', 'cancelled')", name="state"
        ),
        CheckConstraint(
            "kind IN ('solve', 'import', 'campaign', 'plan_all', 'reproduce')", name="kind"
        ),
        CheckConstraint("(state = 'doing') = (lease_until IS NOT NULL)", name="lease"),
        # A plan is solved by one job at a time, and so is a campaign.
        Index(
            "uq_job_active_plan",
            "plan_id",
            unique=True,
            sqlite_where=text("state IN ('todo', 'doing')"),
            postgresql_where=text("state IN ('todo', 'doing')"),
        ),
        Index(
            "uq_job_active_campaign",
            "campaign_id",
            unique=True,
            sqlite_where=text("state IN ('todo', 'doing')"),
            postgresql_where=text("state IN ('todo', 'doing')"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    state: str = Field(default=JobState.TODO, index=True)
    plan_id: int | None = Field(default=None, foreign_key="plan.id", ondelete="CASCADE")
    area: str = Field(default="", sa_column_kwargs={"server_default": ""})
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id", ondelete="CASCADE")
    args: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    progress: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    result: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    error: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    attempts: int = 0
    priority: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    once: str | None = Field(default=None, unique=True)
    cancel_requested: bool = False
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
