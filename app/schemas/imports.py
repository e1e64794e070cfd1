"""Bodies of imports."""

from datetime import date
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

_EXAMPLE: dict[str, Any] = {
    "import_id": 2,
    "kind": "counts",
    "file_name": "rekap_perekaman_desa.xlsx",
    "source": "rekap_perekaman_desa.xlsx",
    "person": "Siti, operator SIAK",
    "options": {},
    "as_of": "2023-06-30",
    "created_at": "2026-11-22T08:00:00Z",
    "accepted": 185,
    "corrected": 12,
    "refused": 0,
    "totals": {"wajib_ktp": 308309, "sudah_rekam": 300110},
    "superseded_by": None,
}


class ImportSummary(BaseModel):
    """One stored file."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    import_id: int
    kind: str
    file_name: str
    source: str
    person: str | None = Field(description="Who imported it.")
    options: dict[str, str] = Field(description="What else was said about the file.")
    as_of: date | None
    created_at: AwareDatetime
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, Any] = Field(description="Sums by column, or what else was counted.")
    superseded_by: int | None = Field(description="The import that replaced this one.")


class ImportList(BaseModel):
    """Imports, the newest first."""

    items: list[ImportSummary]


class Correction(BaseModel):
    """A cell that was stored other than it is written."""

    row: int | str | None
    village_code: str | None
    column: str | None
    written: str | None = Field(description="What the file says.")
    stored: str | None = Field(description="What was stored.")
    why: str


class ImportReport(ImportSummary):
    """One stored file with everything that was seen in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_EXAMPLE,
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "corrections": [
                        {
                            "row": 7,
                            "village_code": "62.02.01.1009",
                            "column": "wajib_ktp",
                            "written": "2.878",
                            "stored": "2878",
                            "why": "Row 7: '2.878' in wajib_ktp is text and was read as 2878.",
                        }
                    ],
                    "details": {},
                    "findings": [
                        {
                            "code": "recorded-exceeds-wajib",
                            "severity": "warning",
                            "row": 41,
                            "village_code": "62.02.05.2004",
                            "message": "Row 41: 62.02.05.2004 has 903 recorded of 899 wajib KTP.",
                        }
                    ],
                }
            ]
        }
    )

    sha256: str = Field(description="Hash of the file.")
    corrections: list[Correction] = Field(description="What was stored other than it is written.")
    details: dict[str, Any] = Field(
        description="Of counts: `sheets`, how each was read, and `districts`, the sums stored "
        "beside those the file prints."
    )
    findings: list[dict[str, Any]]
