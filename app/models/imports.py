"""What was imported, from which file, and what was seen in it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class DataImport(SQLModel, table=True):
    """One stored file. Rows of every other table of data say which import they came from.

    ``west .. north`` is the box around lines or legs, so that a new edition replaces the old.
    ``area`` is that of the account that imported it, empty for the whole country: who sees less
    than that does not see the report. ``person`` imported it and said ``options`` about it.
    ``totals`` by column; ``details`` are what the report of a kind has besides; ``findings`` is the
    whole report, a list of objects.
    ``job_id`` is the job that stored it: tried again, it does not store it twice.
    ``superseded_by`` is the import that replaced this one; its rows stay but no longer count.
    """

    __tablename__ = "data_import"
    __table_args__ = (
        CheckConstraint("accepted >= 0 AND corrected >= 0 AND refused >= 0", name="rows"),
        CheckConstraint(
            "kind IN ('villages', 'crosswalk', 'counts', 'connectivity', 'network', 'links',"
            " 'teams', 'points', 'staff', 'lodging', 'requests', 'home_visits')",
            name="kind",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(index=True)
    file_name: str
    sha256: str = Field(min_length=64, max_length=64)
    source: str
    person: str | None = None
    area: str = Field(default="", sa_column_kwargs={"server_default": ""})
    options: dict[str, str] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    as_of: date | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    details: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    findings: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    west: float | None = None
    south: float | None = None
    east: float | None = None
    north: float | None = None
    job_id: int | None = Field(default=None, foreign_key="job.id", ondelete="SET NULL", unique=True)
    superseded_by: int | None = Field(default=None, foreign_key="data_import.id")
