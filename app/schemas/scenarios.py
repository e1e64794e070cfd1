"""Bodies of scenarios, and of plans side by side."""

from datetime import time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from app.schemas.plan_changes import TeamName
from app.schemas.plan_rules import PlanRules
from app.schemas.plans import SessionMinutes


def _whole_minute(value: time) -> time:
    if value.tzinfo is not None or value.second or value.microsecond:
        raise ValueError("write a local time in hours and minutes, such as 08:00")
    return value


Clock = Annotated[time, AfterValidator(_whole_minute)]


class TeamChange(BaseModel):
    """A team with other hours or other equipment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    team: TeamName
    starts: Clock | None = Field(default=None, description="When its day begins, local time.")
    ends: Clock | None = Field(default=None, description="When its day ends, local time.")
    staff: int | None = Field(default=None, ge=1, le=100)
    kits: int | None = Field(default=None, ge=0, le=100, description="Recording kits.")
    satellite_kits: int | None = Field(default=None, ge=0, le=100)

    @model_validator(mode="after")
    def _says_something(self) -> "TeamChange":
        if not self.values():
            raise ValueError("a change names starts, ends, staff, kits or satellite_kits")
        return self

    def values(self) -> dict[str, Any]:
        """Give what is other, as plain types."""
        named = self.model_dump(exclude={"team"}, exclude_none=True)
        return {k: f"{v:%H:%M}" if isinstance(v, time) else v for k, v in named.items()}


class ExtraTeam(BaseModel):
    """A team that there is not, equipped like one that there is; it has no satellite kit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: TeamName
    like: TeamName


class ScenarioRequest(PlanRules):
    """A plan again with something else; what is left out stays as in the plan it is made of."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "name": "Tanpa tim B, KIA lebih penting",
                    "without_teams": ["62.02-B"],
                    "params": {"worth.weight.kia": 1.0},
                }
            ]
        },
    )

    name: str = Field(min_length=1, max_length=100, description="What the scenario is called.")
    seconds: float | None = Field(default=None, gt=0, le=3600)
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    minutes: tuple[SessionMinutes, ...] | None = Field(default=None, min_length=1, max_length=8)
    costs: bool | None = None
    rupiah_per_document: int | None = Field(default=None, gt=0, le=10**12)
    season: Literal["dry", "wet", "low_water"] | None = None
    max_nights: int | None = Field(default=None, ge=0, le=6)
    params: dict[str, Any] = Field(
        default_factory=dict, max_length=100,
        description="The office's parameters by name (weights, hours, prices), for this plan only.",
    )  # fmt: skip
    without_teams: tuple[TeamName, ...] = Field(default=(), max_length=200)
    teams: tuple[TeamChange, ...] = Field(default=(), max_length=200)
    extra_teams: tuple[ExtraTeam, ...] = Field(default=(), max_length=20)

    @model_validator(mode="after")
    def _names_each_team_once(self) -> "ScenarioRequest":
        changed, extra = [row.team for row in self.teams], [row.name for row in self.extra_teams]
        for field, names in (("teams", changed), ("extra_teams", extra)):
            if len({*names}) < len(names):
                raise ValueError(f"{field} names a team twice")
        return self


class ComparedPlan(BaseModel):
    """A plan beside others; figures as in the plan's own document."""

    model_config = ConfigDict(extra="allow")

    plan_id: int
    name: str | None = Field(description="Of the scenario; null: no scenario.")
    week: str
    state: str
    status: str | None
    figures: dict[str, float | None]
    expected: dict[str, float]
    coverage: list[dict[str, Any]] = Field(description="By programme with a target.")
    districts: list[dict[str, Any]]
    teams: list[dict[str, Any]]
    shadow: dict[str, Any] | None
    differs: list[dict[str, Any]] = Field(description="What was asked otherwise than of the first.")
    changes: list[dict[str, Any]] = Field(description="Sessions that are not as in the first.")
    n_changes: dict[str, int]


class Comparison(BaseModel):
    """Two to four plans of one regency side by side; the first is what others are held against."""

    regency: str
    plans: list[ComparedPlan]
