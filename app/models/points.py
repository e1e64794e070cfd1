"""Where teams serve."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Column
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class ServicePoint(SQLModel, table=True):
    """A place where a team serves, other than the default of a village: its own point.

    ``code`` is the village's for its hall, else the village's and the name in short. ``power`` yes
    or no and ``signal`` a class, None where the office does not say; ``opens`` as
    ``geodata.opening`` writes it, empty: always. ``expected``: people who come, by programme; empty
    where only the villages served do. A point that is not active counts for nothing. ``import_id``
    is None when a person set it (``changed_by``, ``reason``).
    """

    __tablename__ = "service_point"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('village_hall', 'district_office', 'mpp', 'school', 'company', 'prison',"
            " 'other')",
            name="kind",
        ),
        CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="position"),
        CheckConstraint("power IN ('yes', 'no')", name="power"),
        CheckConstraint("signal IN ('none', 'weak', 'strong', 'very_strong')", name="signal"),
    )

    code: str = Field(primary_key=True)
    village_code: str = Field(foreign_key="village.code", index=True)
    name: str
    kind: str
    lon: float
    lat: float
    power: str | None = None
    signal: str | None = None
    opens: str = ""
    expected: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    is_active: bool = True
    import_id: int | None = Field(default=None, foreign_key="data_import.id", index=True)
    changed_by: str | None = None
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    reason: str | None = None


class PointVillage(SQLModel, table=True):
    """A village that a point serves."""

    __tablename__ = "point_village"

    point_code: str = Field(primary_key=True, foreign_key="service_point.code", ondelete="CASCADE")
    village_code: str = Field(primary_key=True, foreign_key="village.code", index=True)
