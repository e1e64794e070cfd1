"""Roads, rivers and scheduled legs."""

from typing import Any

from sqlalchemy import CheckConstraint, Column
from sqlmodel import Field, SQLModel

from app.geometry import Geometry


class NetworkLine(SQLModel, table=True):
    """A road or river as a line, with the attributes that decide its speed."""

    __tablename__ = "network_line"
    __table_args__ = (
        CheckConstraint("mode IN ('road', 'river')", name="mode"),
        CheckConstraint("flow IN ('down', 'up')", name="flow"),
        CheckConstraint("fixed_min >= 0", name="fixed_min"),
    )

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="data_import.id", index=True)
    mode: str
    highway: str | None = None
    surface: str | None = None
    waterway: str | None = None
    name: str | None = None
    oneway: str | None = None
    structure: str | None = None
    flow: str | None = None
    fixed_min: float | None = None
    west: float
    south: float
    east: float
    north: float
    geometry: Any = Field(sa_column=Column(Geometry, nullable=False))


class Pier(SQLModel, table=True):
    """A place where people change between road and water."""

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="data_import.id", index=True)
    name: str | None = None
    lon: float
    lat: float


class Link(SQLModel, table=True):
    """A scheduled boat or plane; ``weekdays`` as digits, 1 = Monday; ``cost`` in Rp a person."""

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="data_import.id", index=True)
    from_name: str
    from_lon: float
    from_lat: float
    to_name: str
    to_lon: float
    to_lat: float
    mode: str
    travel_mode: str
    minutes: int
    minutes_back: int
    weekdays: str
    cost: int | None = None
    timetable: str | None = None
