"""Mobile teams."""

from datetime import time

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel


class Team(SQLModel, table=True):
    """People with a vehicle, or one for the road and a boat (``car+longboat``), and a base.

    ``kits`` are recording kits, ``desks`` other counters (None: worked out from the staff),
    ``satellite_kits`` what lies at the base on this team's account; ``starts``, ``ends`` bound a
    day, local time.
    """

    __table_args__ = (
        CheckConstraint("kits >= 0 AND staff >= 1 AND satellite_kits >= 0", name="numbers"),
        CheckConstraint("starts < ends", name="hours"),
    )

    name: str = Field(primary_key=True)
    regency_code: str = Field(index=True)
    base: str
    lon: float
    lat: float
    vehicle: str
    kits: int
    desks: int | None = None
    staff: int
    satellite_kits: int
    starts: time
    ends: time
    may_stay_overnight: bool
    import_id: int = Field(foreign_key="data_import.id", index=True)
