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


class ImportReport(ImportSummary):
    """One stored file with everything that was seen in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_EXAMPLE,
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

    findings: list[dict[str, Any]]
