"""Bodies of the office's parameters."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class ParamOut(BaseModel):
    """One parameter: what holds, what would hold by default, who decided otherwise."""

    name: str
    value: Any
    default: Any
    kind: str = Field(
        description="number, whole, flag, span, weekdays, wholes, word, words or table."
    )
    unit: str
    accepted: str = Field(description="Which values are accepted, limits included.")
    meaning: str
    source: str = Field(description="Where the default comes from.")
    changed_by: str | None
    changed_at: AwareDatetime | None
    reason: str | None


class ParamList(BaseModel):
    """All parameters of the office."""

    digest: str = Field(description="Names this set of values; a plan keeps the one it used.")
    items: list[ParamOut]


class ParamsChange(BaseModel):
    """What an office decides: all of it is kept, or none."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "values": {"worth.turnout_first": 0.7, "worth.weight.kia": None},
                    "by": "Kabid Dafduk",
                    "reason": "seen in three visits of October",
                }
            ]
        },
    )

    values: dict[str, Any] = Field(
        min_length=1, max_length=200, description="Value by name; null: back to the default."
    )
    known: str | None = Field(
        default=None,
        max_length=64,
        description="`digest` of the values that you know; others are not overwritten.",
    )
    by: Said = Field(description="Who decides.")
    reason: Said = Field(description="Why.")
