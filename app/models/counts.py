"""How many people there are and how many are recorded."""

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class VillageCount(SQLModel, table=True):
    """One village's counts on one day, under the names the offices use.

    ``belum_rekam`` is signed: recorded people may be more than wajib KTP. None means that the
    file did not say. The row with the newest ``as_of`` counts, of equals the last imported.
    """

    __tablename__ = "village_count"
    __table_args__ = (UniqueConstraint("import_id", "village_code"),)

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="data_import.id", index=True)
    village_code: str = Field(foreign_key="village.code", index=True)
    as_of: date
    wajib_ktp: int | None = None
    sudah_rekam: int | None = None
    belum_rekam: int | None = None
    usia_16_17: int | None = None
    anak_0_17: int | None = None
    memiliki_kia: int | None = None
    belum_akta: int | None = None
    ikd_aktif: int | None = None
