"""What a planner may ask of a week beyond its worth: limits, wishes, and what to keep."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
VillageCode = Annotated[str, Field(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$")]


class Pin(BaseModel):
    """A village that only one team, or only one day, may visit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    village: VillageCode = Field(description="Kemendagri code of the village.")
    team: str | None = Field(default=None, description="The only team that may visit it.")
    day: date | None = Field(default=None, description="The only day on which it may be visited.")

    @model_validator(mode="after")
    def _says_something(self) -> "Pin":
        if self.team is None and self.day is None:
            raise ValueError("a pin names a team, a day, or both")
        return self

    @classmethod
    def read(cls, text: str) -> dict[str, str]:
        """Read ``CODE=TEAM``, ``CODE=DAY`` or ``CODE=TEAM,DAY`` into the fields of a pin."""
        village, _, rest = text.partition("=")
        fields = {"village": village.strip()}
        for part in rest.split(",") if rest else ():
            fields["day" if _DAY.fullmatch(part.strip()) else "team"] = part.strip()
        return fields


class Priority(BaseModel):
    """A village whose visit is worth more, or less, than the people expected there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    village: VillageCode = Field(description="Kemendagri code of the village.")
    factor: float = Field(ge=0, le=100, description="What its worth is multiplied by.")

    @classmethod
    def read(cls, text: str) -> dict[str, str]:
        """Read ``CODE=FACTOR`` into the fields of a priority."""
        village, _, factor = text.partition("=")
        return {"village": village.strip(), "factor": factor.strip()}


class PlanRules(BaseModel):
    """Rules of a whole plan; none is asked for unless it is given."""

    budget_rupiah: int | None = Field(
        default=None, ge=0, le=10**13, description="What the week may cost in all, in rupiah."
    )
    card_blanks: int | None = Field(
        default=None, ge=0, le=10**6, description="KTP-el card blanks that there are."
    )
    district_visits: int | None = Field(
        default=None, ge=1, le=100, description="Visits that every district gets at least."
    )
    district_price: float | None = Field(
        default=None,
        ge=0,
        le=10**6,
        description="What each visit too few in a district costs, in weighted documents; null: "
        "not allowed at any price.",
    )
    required: tuple[VillageCode, ...] = Field(
        default=(), max_length=500, description="Villages that must be visited."
    )
    forbidden: tuple[VillageCode, ...] = Field(
        default=(), max_length=5000, description="Villages that must not be visited."
    )
    pins: tuple[Pin, ...] = Field(
        default=(), max_length=500, description="Villages bound to a team or a day."
    )
    priorities: tuple[Priority, ...] = Field(
        default=(), max_length=500, description="Villages that a planner prefers, or not."
    )
    hub_km: float | None = Field(
        default=None,
        gt=0,
        le=100,
        description="Sessions may serve up to three neighbours that lie so many kilometres away "
        "at most, measured straight; each village is served once. Null: no such sessions.",
    )
    longer_day_minutes: int | None = Field(
        default=None,
        ge=1,
        le=240,
        description="Minutes that every team may come back later than its hours say, on each day.",
    )
    keep: int | None = Field(
        default=None, ge=1, description="Number of the published plan whose stops to keep."
    )
    change_price: float = Field(
        default=0.5,
        ge=0,
        le=10**6,
        description="What each changed stop of that plan must bring, in weighted documents.",
    )
    max_changes: int | None = Field(
        default=None, ge=0, description="Stops of that plan that may change; null: any number."
    )
    explain_seconds: float | None = Field(
        default=None,
        gt=0,
        le=3600,
        description="Seconds to find out, after the plan, what would bring more and what wishes "
        "cost; null: not asked.",
    )


class RuleOut(BaseModel):
    """How a rule of the whole plan is used, in its own unit."""

    model_config = ConfigDict(extra="allow")

    rule: str = Field(description="budget, blanks, fairness or stability.")
    district: str | None
    amount: float
    limit: float
    excess: float = Field(description="How far it is outside; 0 when the rule is kept.")
    penalty: float | None = Field(description="Its price in weighted documents; null: forbidden.")
    message: str


class RuleContradiction(BaseModel):
    """Rules that no plan keeps all of."""

    is_minimal: bool = Field(description="Whether a plan exists without any one of them.")
    rules: list[dict[str, Any]]


class ShadowOut(BaseModel):
    """About what one more of each scarce thing would bring, in weighted documents; not proven."""

    model_config = ConfigDict(extra="allow")

    team_days: list[dict[str, Any]]
    kits: list[dict[str, Any]]
    million_rupiah: float | None
    card_blank: float | None


class RemedyOut(BaseModel):
    """What would bring more, confirmed by another solve."""

    model_config = ConfigDict(extra="allow")

    kind: str
    value: float = Field(description="Gain in weighted documents, net of cost.")
    worth: float
    villages: list[str] = Field(description="Villages that would be visited in addition.")
    message: str


class WishOut(BaseModel):
    """What all wishes of one kind cost, in weighted documents."""

    model_config = ConfigDict(extra="allow")

    kind: str
    cost: float
    is_exact: bool
    message: str
