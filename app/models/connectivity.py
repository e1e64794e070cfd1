"""Where there is a signal, and how we know."""

from datetime import date

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel


class SignalReport(SQLModel, table=True):
    """What one source says of one village's signal. All are kept; the newest counts.

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
    """What one source says of mains power in one village. All are kept; the newest counts."""

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
    when not told; ``village_code`` as its source tells it, which may be a neighbour's.
    """

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="data_import.id", index=True)
    site_id: str = Field(index=True)
    name: str
    status: str
    state: str
    radius_km: float | None = None
    lon: float
    lat: float
    village_code: str | None = None
    source: str
    observed_on: date | None = None
