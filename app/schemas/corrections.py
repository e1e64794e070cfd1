"""Bodies of corrections."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

_EXAMPLE: dict[str, Any] = {
    "village_code": "62.02.01.1009",
    "column": "belum_rekam",
    "value": 52,
    "day": "2026-11-20",
    "reason": "Counted with the head of the village",
}
_OUT: dict[str, Any] = {
    "correction_id": 4,
    **_EXAMPLE,
    "kind": "estimate",
    "imported": 36,
    "imported_as_of": "2023-06-30",
    "import_id": 2,
    "person": "Siti, operator SIAK",
    "created_at": "2026-11-22T08:00:00Z",
}
Words = Annotated[str, Field(min_length=1, max_length=500)]


class CorrectionIn(BaseModel):
    """What one count of one village is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{**_EXAMPLE, "is_estimate": True, "by": "Siti, operator SIAK"}]
        },
    )

    village_code: Annotated[str, Field(max_length=13)]
    column: Annotated[str, Field(max_length=30, description="A column of counts.")]
    value: Annotated[int, Field(description="People; only `belum_rekam` may be negative.")]
    day: Annotated[dt.date, Field(description="The day the number speaks of.")]
    reason: Words
    by: Annotated[Words, Field(description="Who answers for it.")]
    is_estimate: Annotated[
        bool, Field(description="Whether it is a field estimate, not a number put right.")
    ] = False


class WithdrawalIn(BaseModel):
    """Why a correction is taken back."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "Wrong village", "by": "Siti, operator SIAK"}]},
    )

    reason: Words
    by: Words


class CorrectionOut(BaseModel):
    """A number that a planner gave, and the imported one that it stands beside."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    correction_id: int
    village_code: str
    column: str
    kind: Literal["correction", "estimate"]
    value: int
    imported: int | None = Field(description="The imported number when this was entered.")
    imported_as_of: dt.date | None
    import_id: int | None
    day: dt.date
    reason: str
    person: str
    created_at: AwareDatetime


class WithdrawalOut(BaseModel):
    """Who took a correction back, and why."""

    reason: str
    person: str
    created_at: AwareDatetime


class ListedCorrection(CorrectionOut):
    """A correction and what became of it."""

    village_name: str
    state: Literal["in_force", "replaced", "outdated", "withdrawn"] = Field(
        description="Plans use it; a later correction counts; a file of a later day does; it was "
        "taken back."
    )
    outdated_by: int | None = Field(description="The import that beats it.")
    withdrawal: WithdrawalOut | None


class CorrectionList(BaseModel):
    """Corrections, the newest first."""

    items: list[ListedCorrection]
