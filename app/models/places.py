"""Villages and where they are."""

from typing import Any

from sqlalchemy import CheckConstraint, Column
from sqlmodel import Field, SQLModel

from app.db import Geometry


class Village(SQLModel, table=True):
    """A settlement that may be visited.

    ``lon, lat`` is where a team goes; ``geometry`` the boundary, or None when only the point is
    known; ``west .. north`` the box around it, for map clients.
    """

    __table_args__ = (
        CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="position"),
    )

    code: str = Field(primary_key=True, max_length=13)
    name: str
    kind: str
    district_code: str
    district: str
    regency_code: str = Field(index=True)
    regency: str
    lon: float
    lat: float
    west: float
    south: float
    east: float
    north: float
    geometry: Any = Field(default=None, sa_column=Column(Geometry))
    import_id: int = Field(foreign_key="data_import.id", index=True)
