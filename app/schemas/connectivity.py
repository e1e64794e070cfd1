"""Bodies of what is known of signal and power."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field


class EvidenceOut(BaseModel):
    """A row that speaks of a village."""

    rank: int = Field(description="1 counts; of power and of signal apart.")
    counts: bool
    kind: str = Field(
        description="report, measured (by a team), raster, area, tower; power, measured_power."
    )
    says: str = Field(description="A class of signal; yes or no for power.")
    status: str | None = Field(description="The words as printed.")
    observed_on: date | None
    source: str
    definition: str | None
    confidence: str
    distance_m: float | None = Field(description="From the tower to the service point.")
    label: str = Field(description="File and row.")
    import_id: int | None = Field(description="null where a team measured it.")
    message: str


class SignalContradiction(BaseModel):
    """Two rows that cannot both be right; `one` counts."""

    village_code: str | None
    kind: str
    one: str
    one_says: str
    one_day: date | None
    other: str | None
    other_says: str
    other_day: date | None
    days_apart: int | None
    message: str


class VillageConnectivityOut(BaseModel):
    """What holds at a village's service point, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "62.02.15.2010",
                    "name": "Tumbang Tawan",
                    "district": "Bukit Santuai",
                    "regency_code": "62.02",
                    "signal": "none",
                    "kind": "report",
                    "status": "tidak ada",
                    "as_of": "2024-12-31",
                    "source": "sinyal_desa.csv",
                    "definition": "phone_signal",
                    "confidence": "high",
                    "import_id": 4,
                    "share_covered": 0.149,
                    "power": "unknown",
                    "power_as_of": None,
                    "power_source": None,
                    "power_import_id": None,
                    "evidence": [],
                    "contradictions": [],
                }
            ]
        }
    )

    code: str
    name: str
    district: str
    regency_code: str
    signal: str = Field(description="none, weak, strong, very_strong or unknown.")
    kind: str | None = Field(description="What the row that counts is.")
    status: str | None
    as_of: date | None
    source: str | None
    definition: str | None
    confidence: str | None
    import_id: int | None
    share_covered: float | None = Field(
        description="Part of the outline within reach of towers and maps with a signal, 0 to 1."
    )
    power: str = Field(description="yes, no or unknown.")
    power_as_of: date | None
    power_source: str | None
    power_import_id: int | None
    evidence: list[EvidenceOut]
    contradictions: list[SignalContradiction]


class ConnectivityOut(BaseModel):
    """Villages by class, and all that contradicts itself."""

    regency: str | None
    n_villages: int
    signal: dict[str, int]
    power: dict[str, int]
    contradictions: list[SignalContradiction]
