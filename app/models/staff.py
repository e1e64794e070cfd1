"""Who works in the teams: the only names of persons that the service keeps."""

from datetime import date

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel


class Staff(SQLModel, table=True):
    """One member of staff of one team; never part of a layer or of a plan's document."""

    __table_args__ = (
        CheckConstraint(
            "role IN ('leader', 'operator', 'verifier', 'printer', 'driver', 'other')", name="role"
        ),
    )

    nip: str = Field(primary_key=True, min_length=18, max_length=18)
    name: str
    rank: str
    role: str
    team: str = Field(index=True)
    import_id: int = Field(foreign_key="data_import.id", index=True)


class StaffLeave(SQLModel, table=True):
    """Days on which somebody does not work, both ends included."""

    __tablename__ = "staff_leave"
    __table_args__ = (CheckConstraint("starts <= ends", name="days"),)

    id: int | None = Field(default=None, primary_key=True)
    nip: str = Field(foreign_key="staff.nip", index=True, ondelete="CASCADE")
    starts: date
    ends: date
