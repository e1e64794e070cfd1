"""Codes of other lists and of earlier years."""

from datetime import date

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel


class CodeMapping(SQLModel, table=True):
    """One line of a crosswalk: what an old code is today, None when it has no successor.

    ``kind`` is ``bps`` (the old code is that of BPS, ten digits) or ``changes`` (an earlier
    Kemendagri code, dotted). An old code may stand on several rows: it was split.
    """

    __tablename__ = "code_mapping"
    __table_args__ = (CheckConstraint("kind IN ('bps', 'changes')", name="kind"),)

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="data_import.id", index=True)
    kind: str
    old_code: str = Field(index=True)
    new_code: str | None = None
    old_name: str
    old_district: str
    old_regency: str
    new_name: str
    new_district: str
    new_regency: str
    note: str
    valid_from: date | None = None
    row: int
