"""Who did what."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class AuditEntry(SQLModel, table=True):
    """One thing that was done; triggers of the database refuse to change or delete it.

    ``account`` is the name as it was then, ``via`` how it came in: session, token, link, password
    or command. ``area`` is that of the account, ``subject`` what it was done to.
    """

    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)
    account: str = Field(index=True)
    via: str
    area: str = ""
    action: str = Field(index=True)
    subject: str
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
