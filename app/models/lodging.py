"""Where teams may sleep."""

from sqlalchemy import JSON, CheckConstraint, Column
from sqlmodel import Field, SQLModel


class Lodging(SQLModel, table=True):
    """A place of an office's list where teams sleep when they stay out.

    Where ``lon, lat`` are None, it is where the village is served. ``cost_rupiah`` is that of one
    person and night, None: that of the parameters. ``teams`` are those that may sleep there, none:
    all.
    """

    __table_args__ = (
        CheckConstraint("cost_rupiah >= 0", name="cost_rupiah"),
        CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="position"),
        CheckConstraint("(lon IS NULL) = (lat IS NULL)", name="both"),
    )

    code: str = Field(primary_key=True)
    village_code: str = Field(foreign_key="village.code", index=True)
    name: str
    lon: float | None = None
    lat: float | None = None
    cost_rupiah: int | None = None
    teams: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    import_id: int = Field(foreign_key="data_import.id", index=True)
