"""Campaigns: what is asked of several weeks, and what is planned for each."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class Campaign(SQLModel, table=True):
    """Several weeks of one regency, to a day and a target share.

    ``params`` is the request with every default filled in, and what differs from week to week;
    ``step`` counts the searches that are done and stored, so that a job which was ended goes on.
    ``summary`` (targets, bounds, totals) is empty until a job ends. ``inputs`` as those of a plan;
    what was planned on other inputs is planned anew.
    """

    __table_args__ = (CheckConstraint("step >= 0", name="step"),)

    id: int | None = Field(default=None, primary_key=True)
    regency_code: str = Field(index=True)
    first_week: str = Field(max_length=8)
    last_week: str = Field(max_length=8)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    solved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    params: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    inputs: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    step: int = 0
    summary: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class CampaignWeek(SQLModel, table=True):
    """One planned week of a campaign: each team's days with their stops, as JSON."""

    __tablename__ = "campaign_week"
    __table_args__ = (UniqueConstraint("campaign_id", "week"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True, ondelete="CASCADE")
    week: str = Field(max_length=8)
    days: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    planned_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
