"""How many people of a village are visited at home: a count, and nothing else about them."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class HomeVisitCount(SQLModel, table=True):
    """So many people of a village wait for a visit at home; rows are only added, the newest counts.

    Who they are and why is not kept: neither here nor anywhere else.
    """

    __tablename__ = "home_visit_count"
    __table_args__ = (CheckConstraint("number >= 0", name="number"),)

    id: int | None = Field(default=None, primary_key=True)
    village_code: str = Field(foreign_key="village.code", index=True)
    number: int
    account: str
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    import_id: int | None = Field(default=None, foreign_key="data_import.id")
