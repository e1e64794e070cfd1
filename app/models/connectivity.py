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
    row: int


class Tower(SQLModel, table=True):
    """A transmitter; ``village_code`` as its source tells it, which may be a neighbour's."""

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="data_import.id", index=True)
    site_id: str = Field(index=True)
    name: str
    status: str
    lon: float
    lat: float
    village_code: str | None = None
    source: str
    observed_on: date | None = None
