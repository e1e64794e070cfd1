"""Bodies of counts by place."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class FigureOut(BaseModel):
    """The counts of a village, a district or a regency; null: not known, or withheld."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "level": "village", "code": "62.02.01.2003", "name": "Palangan",
                    "wajib_ktp": 887, "sudah_rekam": None, "belum_rekam": None, "usia_16_17": 41,
                    "anak_0_17": None, "memiliki_kia": None, "belum_akta": None, "ikd_aktif": 12,
                    "withheld": ["belum_rekam", "sudah_rekam"],
                }
            ]
        }
    )  # fmt: skip

    level: Literal["regency", "district", "village"]
    code: str
    name: str
    wajib_ktp: int | None
    sudah_rekam: int | None
    belum_rekam: int | None = Field(description="wajib KTP less recorded, signed.")
    usia_16_17: int | None
    anak_0_17: int | None
    memiliki_kia: int | None
    belum_akta: int | None
    ikd_aktif: int | None
    withheld: list[str] = Field(
        description="Columns that are known, but not shown to whoever asks: small, or such that a "
        "small one could be worked out with them."
    )


class FigureList(BaseModel):
    """The regency, its districts by code, its villages by code."""

    items: list[FigureOut]
