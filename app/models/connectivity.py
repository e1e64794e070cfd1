"""Where there is a signal, and how we know."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime
from app.geometry import Geometry


class SignalReport(SQLModel, table=True):
    """What one source says of one village's signal; all are kept, the join ranks them.

    ``status`` is the word as printed, ``observed_on`` None when the source gives no date.
    """

    __tablename__ = "signal_report"
    __table_args__ = (
        CheckConstraint("signal IN ('none', 'weak', 'strong', 'very_strong')", name="signal"),
    )

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="data_import.id", index=True)
    village_code: str = Field(foreign_key="village.code", index=True)
    signal: str
    status: str
    observed_on: date | None = None
    source: str
    definition: str
    confidence: str
    row: int


class PowerReport(SQLModel, table=True):
    """What one source says of mains power in one village; all are kept, the join ranks them."""

    __tablename__ = "power_report"
    __table_args__ = (CheckConstraint("power IN ('yes', 'no')", name="power"),)

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="data_import.id", index=True)
    village_code: str = Field(foreign_key="village.code", index=True)
    power: str
    status: str
    observed_on: date | None = None
    source: str
    confidence: str
    row: int


class Tower(SQLModel, table=True):
    """A transmitter.

    ``status`` is the word as printed, ``state`` on_air, off, planned or unknown; ``radius_km`` None
    when not told; ``village_code`` as its source tells it, which may be a neighbour's; ``row`` None
    where it was not kept.
    """

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="data_import.id", index=True)
    site_id: str = Field(index=True)
    name: str | None = None
    status: str | None = None
    state: str
    radius_km: float | None = None
    lon: float
    lat: float
    village_code: str | None = None
    source: str
    observed_on: date | None = None
    definition: str = "tower_range"
    confidence: str
    row: int | None = None


class CoverageArea(SQLModel, table=True):
    """An area of one class of signal; ``status`` is its attribute as it stood in the map."""

    __tablename__ = "coverage_area"
    __table_args__ = (
        CheckConstraint("signal IN ('none', 'weak', 'strong', 'very_strong')", name="signal"),
    )

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="data_import.id", index=True)
    signal: str
    status: str
    geometry: Any = Field(sa_column=Column(Geometry, nullable=False))
    west: float
    south: float
    east: float
    north: float
    observed_on: date | None = None
    source: str
    definition: str
    confidence: str
    row: int


class CoverageRaster(SQLModel, table=True):
    """A raster of signal; ``cells`` is a GeoTIFF of classes, see ``geodata/packed_raster.py``."""

    __tablename__ = "coverage_raster"

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="data_import.id", index=True)
    cells: bytes
    observed_on: date | None = None
    source: str
    definition: str
    confidence: str


class ConnectivityJoin(SQLModel, table=True):
    """The one join that is kept: when it was made, and what was assumed."""

    __tablename__ = "connectivity_join"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: int = Field(default=1, primary_key=True)
    joined_at: datetime = Field(sa_type=UtcDateTime)
    params: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class VillageConnectivity(SQLModel, table=True):
    """What holds in one village of which anything is known; written by the join alone.

    ``signal`` is None where only the power or a share is known. ``kind`` says what the row that
    counts is: report, raster, area or tower; ``status`` its words as printed. ``share_covered`` is
    None without an outline or without layers.
    """

    __tablename__ = "village_connectivity"

    village_code: str = Field(primary_key=True, foreign_key="village.code")
    signal: str | None = None
    kind: str | None = None
    status: str | None = None
    as_of: date | None = None
    source: str | None = None
    definition: str | None = None
    confidence: str | None = None
    import_id: int | None = Field(default=None, foreign_key="data_import.id")
    share_covered: float | None = None
    power: str
    power_as_of: date | None = None
    power_source: str | None = None
    power_import_id: int | None = Field(default=None, foreign_key="data_import.id")
    n_contradictions: int


class ConnectivityEvidence(SQLModel, table=True):
    """A row that speaks of a village, as the join ranked it: rank 1 counts.

    ``kind`` is report, raster, area, tower or power, ``evidence_id`` the row in its own table;
    ``says`` a class of signal, or yes and no for power; ``label`` its file and row. Of kinds
    measured and measured_power it is an entry of the ledger of results, and there is no import.
    """

    __tablename__ = "connectivity_evidence"

    id: int | None = Field(default=None, primary_key=True)
    village_code: str = Field(foreign_key="village.code", index=True)
    rank: int
    kind: str
    evidence_id: int
    says: str
    status: str | None = None
    observed_on: date | None = None
    source: str
    definition: str | None = None
    confidence: str
    distance_m: float | None = None
    label: str
    import_id: int | None = Field(default=None, foreign_key="data_import.id")


class ConnectivityContradiction(SQLModel, table=True):
    """Two rows that cannot both be right; ``one`` counts. See ``geodata/contradictions.py``.

    ``village_code`` is None for a tower that is told in no village; it may be a village unknown.
    """

    __tablename__ = "connectivity_contradiction"

    id: int | None = Field(default=None, primary_key=True)
    village_code: str | None = Field(default=None, index=True)
    kind: str
    one: str
    one_says: str
    one_day: date | None = None
    other: str | None = None
    other_says: str
    other_day: date | None = None
    days_apart: int | None = None
