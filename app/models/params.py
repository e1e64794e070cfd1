"""What an office set instead of the defaults."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class ParamChange(SQLModel, table=True):
    """One decision about one parameter; the last of a name counts, earlier ones are history.

    ``value`` as JSON, None: back to the default.
    """

    __tablename__ = "param_change"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    value: Any = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    changed_by: str
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    reason: str
