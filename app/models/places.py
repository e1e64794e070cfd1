"""Villages and where they are, today and by every file that named them."""

from typing import Any

from sqlalchemy import CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.geometry import Geometry

_POSITION = "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90"


class Village(SQLModel, table=True):
    """A settlement that may be visited.

    ``lon, lat`` is where a team goes; ``geometry`` the boundary, or None when only the point is
    known; ``west .. north`` the box around it, for map clients.

    What holds today, kept ready to be read: ``import_id`` is the newest import that names the
    village, ``outline_import_id`` the one that drew its outline, None without one. What earlier
    imports said is in ``VillageEdition``.
    """

    __table_args__ = (CheckConstraint(_POSITION, name="position"),)

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
    outline_import_id: int | None = Field(default=None, foreign_key="data_import.id", index=True)


class VillageEdition(SQLModel, table=True):
    """A village as one import gave it: written once, never changed.

    ``geometry`` is the outline that this very file has, None when it has only the point.
    """

    __tablename__ = "village_edition"
    __table_args__ = (
        UniqueConstraint("village_code", "import_id"),
        CheckConstraint(_POSITION, name="position"),
    )

    id: int | None = Field(default=None, primary_key=True)
    village_code: str = Field(foreign_key="village.code", max_length=13)
    import_id: int = Field(foreign_key="data_import.id", index=True)
    name: str
    kind: str
    district_code: str
    district: str
    regency_code: str
    regency: str
    lon: float
    lat: float
    geometry: Any = Field(default=None, sa_column=Column(Geometry))
