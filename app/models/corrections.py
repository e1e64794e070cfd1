"""What planners know better than an imported file."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now

CORRECTION, ESTIMATE, WITHDRAWAL = "correction", "estimate", "withdrawal"


class CountCorrection(SQLModel, table=True):
    """One village's count as a planner puts it right or estimates it; rows are only added.

    ``imported`` is the number it stands beside, as it was when this was entered, None where the
    import has none. A *withdrawal* takes back the row that it ``withdraws`` and has no ``value``.
    ``day`` is the day that the number speaks of.
    """

    __tablename__ = "count_correction"
    __table_args__ = (
        CheckConstraint("kind IN ('correction', 'estimate', 'withdrawal')", name="kind"),
        CheckConstraint(
            "(kind = 'withdrawal') = (value IS NULL) AND"
            " (kind = 'withdrawal') = (withdraws IS NOT NULL)",
            name="withdrawal",
        ),
        CheckConstraint("reason <> '' AND person <> ''", name="accounted"),
        UniqueConstraint("withdraws"),
    )

    id: int | None = Field(default=None, primary_key=True)
    village_code: str = Field(foreign_key="village.code", index=True)
    column: str
    kind: str
    value: int | None = None
    imported: int | None = None
    imported_as_of: date | None = None
    import_id: int | None = Field(default=None, foreign_key="data_import.id")
    withdraws: int | None = Field(default=None, foreign_key="count_correction.id")
    day: date
    reason: str
    person: str
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
