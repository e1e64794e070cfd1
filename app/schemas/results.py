"""Bodies of results: what teams report, what came of it, what counts."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from app.models.results import MOST_PEOPLE
from app.schemas.plan_rules import VillageCode

MOST_RECORDS = 500
FORMAT, FORMAT_VERSION = "jemput-bola-results", 1
ProgrammeName = Literal["ktp_el", "pemula", "kia", "akta", "ikd"]
People = Annotated[int, Field(ge=0, le=MOST_PEOPLE, strict=True)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)]


class OutcomeCounts(BaseModel):
    """People by what became of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    served: People = 0
    failed: People = 0
    not_eligible: People = 0
    already_had: People = 0
    absent: People = 0
    deceased: People = 0
    moved: People = 0
    not_found: People = 0


class ResultRecord(BaseModel):
    """One report of one session, as telephones write it (docs/itineraries.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: UUID = Field(description="Made when the report was saved: it counts once.")
    corrects: UUID | None = Field(default=None, description="Key of the report that this replaces.")
    plan_id: Number
    plan_version: str | None = Field(default=None, max_length=20)
    team: Annotated[str, Field(min_length=1, max_length=100)]
    day: dt.date
    stop_id: str | None = Field(default=None, max_length=200)
    order: Number | None = None
    village_code: VillageCode
    point_code: Annotated[str, Field(min_length=1, max_length=100)]
    counts: dict[ProgrammeName, OutcomeCounts] = Field(min_length=1)
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    signal: Literal["none", "weak", "strong", "very_strong"] | None = None
    signal_mbps: float | None = Field(default=None, ge=0, le=100_000)
    power: Literal["yes", "no"] | None = None
    notes: str = Field(default="", max_length=1000)
    device_time: AwareDatetime

    @model_validator(mode="after")
    def _is_possible(self) -> "ResultRecord":
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("start must be before end")
        if self.corrects == self.key:
            raise ValueError("a report cannot correct itself")
        return self


_EXAMPLE: dict[str, Any] = {
    "key": "65afd65f-9c9a-4a27-8159-5fa4162b2b2c", "corrects": None,
    "plan_id": 1, "plan_version": "c0b332", "team": "62.02-A", "day": "2026-11-30",
    "stop_id": "1-62.02-A-2026-11-30-1", "order": 1,
    "village_code": "62.02.01.2003", "point_code": "62.02.01.2003",
    "counts": {"ktp_el": {"served": 12, "failed": 1, "absent": 4, "deceased": 1}},
    "start": "2026-11-30T08:10:00+07:00", "end": "2026-11-30T10:00:00+07:00",
    "signal": "none", "signal_mbps": None, "power": "yes", "notes": "",
    "device_time": "2026-11-30T10:05:40+07:00",
}  # fmt: skip


class ResultsIn(BaseModel):
    """Reports as a telephone saves them; one that cannot be read is refused by itself."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"format": FORMAT, "format_version": 1, "records": [_EXAMPLE]}]
        },
    )

    format: Literal["jemput-bola-results"]
    format_version: Literal[1]
    exported_at: AwareDatetime | None = None
    records: list[Annotated[ResultRecord | dict[str, Any], Field(union_mode="left_to_right")]] = (
        Field(max_length=MOST_RECORDS)
    )


class RecordOutcome(BaseModel):
    """What became of one report.

    Whatever is not `refused` is kept for ever. `contradicts` is kept as well: another report of
    that session tells something else.
    """

    key: str | None = Field(description="As it was sent; null where there is none to read.")
    outcome: Literal["accepted", "known", "contradicts", "refused"]
    entry_id: int | None
    reason: str | None = Field(description="Why it was refused: a code.")
    detail: str | None = Field(description="What is wrong, and what would be accepted.")
    is_late: bool = Field(description="It came when the plan was closed.")
    notes_masked: bool = Field(description="Numbers like a NIK were taken out of the notes.")


class ResultsOut(BaseModel):
    """What became of reports; nothing is told here that is not stored."""

    plan_id: int
    plan_state: str
    accepted: int
    known: int
    contradicts: int
    refused: int
    records: list[RecordOutcome]
