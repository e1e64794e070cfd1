"""Bodies of what is made of a plan that exists: judged, mended, planned anew."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.schemas.plan_rules import VillageCode

TeamName = Annotated[str, Field(min_length=1, max_length=100)]


class HandStop(BaseModel):
    """A session of a plan made by hand; those of a team and day stand in the order made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    team: TeamName
    day: date
    village_code: VillageCode | None = Field(
        default=None, description="Village; its own service point is meant."
    )
    point_code: str | None = Field(
        default=None, max_length=100, description="Service point, where it is not the village's."
    )
    minutes: int = Field(ge=15, le=600, description="On site, breaks not counted.")
    with_kit: bool = Field(default=False, description="Whether a satellite kit comes along.")

    @model_validator(mode="after")
    def _is_somewhere(self) -> "HandStop":
        if self.village_code is None and self.point_code is None:
            raise ValueError("a stop names a village_code or a point_code")
        return self


class HandNight(BaseModel):
    """Where a team sleeps after a day, when not at its base."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    team: TeamName
    day: date
    sleeps_code: VillageCode = Field(description="Village where it sleeps.")
    with_kit: bool = Field(default=False, description="Whether a satellite kit comes along.")


class HandPlan(BaseModel):
    """A plan made by hand: its sessions, and its nights out."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "stops": [
                        {
                            "team": "62.02-A",
                            "day": "2026-11-30",
                            "village_code": "62.02.01.2003",
                            "minutes": 120,
                        }
                    ]
                }
            ]
        },
    )

    stops: tuple[HandStop, ...] = Field(max_length=5000)
    nights: tuple[HandNight, ...] = Field(default=(), max_length=1000)


class SearchAgain(BaseModel):
    """How long to search, and from which seed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float | None = Field(
        default=None, gt=0, le=3600, description="How long to search; default: as the plan."
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="Makes a search repeatable.")


class Absence(BaseModel):
    """A team that cannot go out, on some days or for the rest of the week."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    team: TeamName
    first: date | None = Field(default=None, description="Default: the day re-planned from.")
    last: date | None = Field(default=None, description="Included; default: the last of the plan.")


class Breakage(BaseModel):
    """Equipment that a team can no longer use, from the day re-planned from on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    team: TeamName
    kits: int = Field(default=0, ge=0, le=100, description="Recording kits.")
    satellite_kits: int = Field(default=0, ge=0, le=100, description="Satellite kits.")

    @model_validator(mode="after")
    def _says_something(self) -> "Breakage":
        if not self.kits + self.satellite_kits:
            raise ValueError("a breakage names kits, satellite_kits, or both")
        return self


class Closure(BaseModel):
    """A place where roads and rivers cannot be passed, from the day re-planned from on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    radius_m: float = Field(default=100, ge=10, le=20_000, description="Around the place, metres.")


class LinkOff(BaseModel):
    """A scheduled boat or plane that does not go, on some days or for the rest of the week."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_name: str = Field(max_length=200, description="One end, as in the list of links.")
    to_name: str = Field(max_length=200, description="The other end.")
    first: date | None = Field(default=None, description="Default: the day re-planned from.")
    last: date | None = Field(default=None, description="Included; default: the last of the plan.")


class ReplanRequest(SearchAgain):
    """What has happened since a plan was published, and how much of it may change."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "from_day": "2026-12-02",
                    "absent": [{"team": "62.02-B"}],
                    "required": ["62.02.05.1008"],
                    "max_changes": 6,
                }
            ]
        },
    )

    from_day: date | None = Field(
        default=None,
        description="The first day still to come; default: today, or the plan's first day.",
    )
    missed: tuple[VillageCode, ...] = Field(
        default=(), max_length=500, description="Villages not visited although their day is over."
    )
    cancelled: tuple[VillageCode, ...] = Field(
        default=(), max_length=500, description="Villages that can no longer be visited."
    )
    required: tuple[VillageCode, ...] = Field(
        default=(), max_length=500, description="Villages that must now be visited."
    )
    absent: tuple[Absence, ...] = Field(default=(), max_length=200)
    broken: tuple[Breakage, ...] = Field(default=(), max_length=200)
    back: tuple[TeamName, ...] = Field(
        default=(), max_length=200,
        description="Teams that go out again with all their kits, whatever was told before.",
    )  # fmt: skip
    closed: tuple[Closure, ...] = Field(default=(), max_length=50)
    links_off: tuple[LinkOff, ...] = Field(
        default=(), max_length=50, description="Scheduled boats and planes that do not go."
    )
    locked: tuple[VillageCode, ...] = Field(
        default=(), max_length=500, description="Villages whose session keeps its team and day."
    )
    locked_teams: tuple[TeamName, ...] = Field(
        default=(), max_length=200, description="Teams whose days all stay as published."
    )
    change_price: float = Field(
        default=0.5,
        ge=0,
        le=10**6,
        description="What each changed stop must bring, in weighted documents.",
    )
    max_changes: int | None = Field(
        default=None,
        ge=0,
        description="Stops that may change beside those that have to; null: any number.",
    )


class OriginOut(BaseModel):
    """What a plan was made of: a plan that was there before."""

    model_config = ConfigDict(extra="allow")

    kind: str = Field(description="judge, repair or replan.")
    plan_id: int = Field(description="The plan it was made of and is compared with.")


class AgainstOut(BaseModel):
    """The plan it is compared with, on the same numbers of today; weighted documents."""

    model_config = ConfigDict(extra="allow")

    plan_id: int
    value: float
    worth: float
    cost_rupiah: int
    n_stops: int
    n_violations: int


class StopChange(BaseModel):
    """A session that is not as it was; ``before`` and ``after`` tell team, day, start, minutes."""

    model_config = ConfigDict(extra="allow")

    kind: str = Field(description="moved (team or day), retimed, added or dropped.")
    village_code: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    message: str
