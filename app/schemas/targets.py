"""Bodies of targets."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.schemas.params import Said

Programme = Literal["ktp_el", "kia", "akta", "ikd"]
Area = Annotated[str, Field(pattern=r"^[0-9]{2}(\.[0-9]{2})?$")]


class TargetOut(BaseModel):
    """One target that holds."""

    year: int
    programme: Programme
    level: Literal["national", "province", "regency"]
    area: str | None = Field(description="Code of the province or regency; null: the country.")
    share: float = Field(description="A fraction of those who count.")
    default: float | None = Field(description="The national target that was published, if any.")
    source: str = Field(description="Where it is written.")
    changed_by: str | None
    changed_at: AwareDatetime | None


class TargetList(BaseModel):
    """Targets by year, programme and level."""

    digest: str = Field(description="Names the targets that hold everywhere you may see.")
    items: list[TargetOut]


class TargetIn(BaseModel):
    """One target to be set."""

    model_config = ConfigDict(extra="forbid")

    year: int = Field(ge=2011, le=2100)
    programme: Programme
    area: Area | None = Field(default=None, description="Null: the whole country.")
    share: Annotated[float, Field(ge=0, le=1)] | None = Field(
        description="A fraction; null: back to what is known."
    )
    source: Said = Field(description="Where it is written.")


class TargetsChange(BaseModel):
    """What is decided: all of it is kept, or none."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {"year": 2026, "programme": "kia", "area": "62.02", "share": 0.65,
                         "source": "Renstra Disdukcapil 2025-2029"}
                    ],
                    "by": "Kabid Dafduk",
                }
            ]
        },
    )  # fmt: skip

    items: list[TargetIn] = Field(min_length=1, max_length=500)
    known: str | None = Field(
        default=None,
        max_length=64,
        description="`digest` of the targets that you know; others are not overwritten.",
    )
    by: Said = Field(description="Who decides.")
