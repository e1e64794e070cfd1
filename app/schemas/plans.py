"""Bodies of plans: what is asked and what comes out."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from app.schemas.corrections import CorrectionOut
from app.schemas.plan_changes import AgainstOut, OriginOut, StopChange
from app.schemas.plan_rules import (
    PlanRules,
    RemedyOut,
    RuleContradiction,
    RuleOut,
    ShadowOut,
    WishOut,
)

SessionMinutes = Annotated[int, Field(ge=15, le=600)]


class PlanRequest(PlanRules):
    """What is asked of a plan; whatever is left out takes its default."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"regency": "62.02", "week": "2026-W49", "seconds": 30, "seed": 0}]
        },
    )

    regency: str = Field(
        pattern=r"^[0-9]{2}\.[0-9]{2}$", description="Kemendagri code of the regency."
    )
    week: str | None = Field(
        default=None,
        pattern=r"^[0-9]{4}-W[0-9]{2}$",
        description="ISO week, like 2026-W49; default: the coming one.",
    )
    seconds: float | None = Field(
        default=None,
        gt=0,
        le=3600,
        description="How long to search, in seconds; default: the server's.",
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="Makes a search repeatable.")
    engine: Literal["all", "routing"] = Field(
        default="all",
        description="What searches after the first plan: everything, or OR-Tools routing alone, "
        "which proves nothing.",
    )
    minutes: tuple[SessionMinutes, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=8,
        description="Lengths a session may have, in minutes; sorted, doubles dropped; default: "
        "the office's (plan.minutes).",
    )
    costs: bool = Field(
        default=True, description="Whether cost counts against worth; false: money is no object."
    )
    rupiah_per_document: int | None = Field(
        default=None,
        gt=0,
        le=10**12,
        description="What the office would spend for one weighted document; null: unlimited; "
        "left out: the office's (cost.rupiah_per_document).",
    )
    season: Literal["dry", "wet", "low_water"] | None = Field(
        default=None,
        description="Ordinary, wet roads, or low water in the rivers; default: the office's "
        "(travel.wet, travel.low_water).",
    )
    announced_on: date | None = Field(
        default=None, description="When the villages are told; default: today."
    )
    campaign: int | None = Field(
        default=None,
        ge=1,
        le=2**31 - 1,
        description="Number of a campaign that this week belongs to: people are those its earlier "
        "weeks leave, and what its later weeks would lose is taken off what a visit brings.",
    )
    max_nights: int | None = Field(
        default=None,
        ge=0,
        le=6,
        description="Most nights in a row that a team which may stay out does so; 0: day tours "
        "only; default: the office's (plan.max_nights).",
    )

    @field_validator("minutes")
    @classmethod
    def _sort_minutes(cls, minutes: tuple[int, ...] | None) -> tuple[int, ...] | None:
        return None if minutes is None else tuple(sorted(set(minutes)))


class PlanAccepted(BaseModel):
    """A stored request and the job that will solve it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"plan_id": 3, "job_id": 9, "state": "todo"}]}
    )

    plan_id: int
    job_id: int
    state: str = Field(description="State of the job.")


class PlanSummary(BaseModel):
    """One line of the list of plans."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "plan_id": 3,
                    "regency_code": "62.02",
                    "week": "2026-W49",
                    "created_at": "2026-11-22T08:00:00Z",
                    "state": "draft",
                    "status": "feasible",
                    "value": 412.5,
                    "job_id": 9,
                    "job_state": "succeeded",
                }
            ]
        },
    )

    plan_id: int
    regency_code: str
    week: str
    created_at: AwareDatetime
    state: str
    status: str | None
    kept: dict[str, Any] | None = Field(
        default=None, description="Who keeps the plan although it breaks rules, when and why."
    )
    scenario: str | None = Field(default=None, description="Name, where it is a scenario.")
    value: float | None = Field(description="Worth less cost, in weighted documents.")
    job_id: int | None
    job_state: str | None


class PlanList(BaseModel):
    """Plans, the newest first."""

    items: list[PlanSummary]


class RegencyName(BaseModel):
    """A regency by code and name."""

    code: str
    name: str


class StopOut(BaseModel):
    """A visit as planned; times carry the office's offset."""

    model_config = ConfigDict(extra="allow")

    stop_id: str
    team: str
    day: date
    order: int = Field(description="Counts a team's stops of a day from 1.")
    village_code: str
    village_name: str
    district: str
    point_code: str = Field(description="Service point where the team serves.")
    point_name: str
    point_kind: str
    serves: list[str] = Field(description="Codes of the villages served at this point.")
    lon: float
    lat: float
    arrive: AwareDatetime
    start: AwareDatetime
    depart: AwareDatetime
    minutes: int = Field(description="On site, breaks not counted.")
    break_minutes: int
    home_visits: int | None = Field(
        description="People of the village visited at home from this session; null: withheld."
    )
    home_visit_minutes: int | None = Field(
        description="By which it is longer for that; where withheld they are part of `minutes`."
    )
    service_mode: str
    travel_mode: str
    travel_minutes: float = Field(description="To get here from the stop before, or the base.")
    travel_break_minutes: float = Field(description="Lunch or prayer that fell into the travel.")
    n_rapids: int = Field(description="Rapids passed to get here: people walk around them.")
    distance_m: int
    off_network_m: int | None = Field(
        description="Of that way, metres on foot that follow no road, river or link."
    )
    is_straight_line: bool = Field(
        description="The way is not known: reckoned in a straight line, as the office allows."
    )
    with_kit: bool = Field(description="Whether a satellite kit comes along.")
    worth: float | None
    worth_p10: float | None = Field(description="Fallen short of once in ten weeks.")
    worth_p90: float | None = Field(description="Exceeded once in ten weeks.")
    expected: dict[str, float] = Field(description="People expected, by programme.")
    expected_p10: dict[str, float] | None
    expected_p90: dict[str, float] | None
    factors: dict[str, Any] | None = Field(
        description="Listed, reachable, turnout, capacity: what the expectation is made of."
    )


class ShiftOut(BaseModel):
    """One day of a team away from its base; on a day of rest it leaves and arrives at once."""

    model_config = ConfigDict(extra="allow")

    day: date
    departure: AwareDatetime
    arrival: AwareDatetime
    with_kit: bool
    sleeps_code: str | None = Field(
        default=None, description="Village where the team sleeps after it; null: at its base."
    )
    sleeps_name: str | None = None
    sleeps_place: str | None = Field(
        default=None, description="The place of the office's list where it sleeps there, if any."
    )


class TeamWeek(BaseModel):
    """A team's week in numbers; a team that stays at its base has zeros."""

    model_config = ConfigDict(extra="allow")

    team: str
    base: str
    vehicle: str
    days: int
    nights: int = Field(description="Spent out.")
    n_stops: int
    hours: float = Field(description="From leaving the base to being back, summed.")
    km: float
    cost_rupiah: int
    expected: dict[str, float]
    shifts: list[ShiftOut]


class UnservedOut(BaseModel):
    """A village left out, and why."""

    model_config = ConfigDict(extra="allow")

    village_code: str
    village_name: str
    district: str
    people_to_look_for: int | None
    reason: str = Field(description="Reason code.")
    limit: int | None = Field(description="The binding number, in the unit of the reason.")
    detail: str | None = Field(description="The reason in words.")


class ViolationOut(BaseModel):
    """A hard rule that the independent checker finds broken."""

    model_config = ConfigDict(extra="allow")

    rule: str
    message: str


class WarningOut(BaseModel):
    """What a planner should know before defending the plan."""

    model_config = ConfigDict(extra="allow")

    code: str
    count: int | None
    message: str


_STOP_EXAMPLE: dict[str, Any] = {
    "stop_id": "3-62.02-A-2026-11-30-1",
    "team": "62.02-A",
    "day": "2026-11-30",
    "order": 1,
    "village_code": "62.02.01.2003",
    "village_name": "Palangan",
    "district": "Kota Besi",
    "point_code": "62.02.01.2003",
    "point_name": "Palangan",
    "point_kind": "village_hall",
    "serves": ["62.02.01.2003"],
    "lon": 112.739984,
    "lat": -2.365385,
    "arrive": "2026-11-30T08:40:00+07:00",
    "start": "2026-11-30T08:40:00+07:00",
    "depart": "2026-11-30T10:40:00+07:00",
    "minutes": 120,
    "break_minutes": 0,
    "home_visits": 0,
    "home_visit_minutes": 0,
    "service_mode": "online",
    "travel_mode": "road",
    "travel_minutes": 70.0,
    "travel_break_minutes": 0.0,
    "n_rapids": 0,
    "distance_m": 52500,
    "off_network_m": 240,
    "is_straight_line": False,
    "with_kit": False,
    "worth": 8.1,
    "worth_p10": 4.6,
    "worth_p90": 12.0,
    "expected": {"ktp_el": 5.1, "pemula": 3.8, "kia": 0.0, "akta": 0.0, "ikd": 0.0},
    "expected_p10": {"ktp_el": 2.0, "pemula": 1.0, "kia": 0.0, "akta": 0.0, "ikd": 0.0},
    "expected_p90": {"ktp_el": 8.0, "pemula": 7.0, "kia": 0.0, "akta": 0.0, "ikd": 0.0},
    "factors": {"turnout": 0.6, "overhead_minutes": 45.0, "kits": 1, "desks": 2},
}

_PLAN_EXAMPLE: dict[str, Any] = {
    "plan_id": 3,
    "version": 1,
    "regency": {"code": "62.02", "name": "Kabupaten Kotawaringin Timur"},
    "week": "2026-W49",
    "timezone": "Asia/Jakarta",
    "timezone_label": "WIB",
    "season": "dry",
    "state": "draft",
    "solved_at": "2026-11-22T08:01:00Z",
    "replaced_by": None,
    "letters": {},
    "status": "feasible",
    "stop_reason": "time",
    "value": 412.5,
    "worth": 431.0,
    "bound": None,
    "gap": None,
    "cost_rupiah": 37_000_000,
    "distance_m": 1_840_000,
    "hours_work": 171.5,
    "found_by": {"pricing": 17, "search": 8},
    "expected": {"ktp_el": 310.0, "pemula": 140.2, "kia": 0.0, "akta": 12.0, "ikd": 0.0},
    "expected_p10": {"ktp_el": 228.0, "pemula": 102.0, "kia": 0.0, "akta": 7.0, "ikd": 0.0},
    "expected_p90": {"ktp_el": 391.0, "pemula": 179.0, "kia": 0.0, "akta": 17.0, "ikd": 0.0},
    "worth_p10": 318.0,
    "worth_p90": 545.0,
    "coverage_before": 0.9734,
    "coverage_after": 0.9744,
    "not_recorded": 8199,
    "people_to_look_for": 8273,
    "teams": [],
    "stops": [_STOP_EXAMPLE],
    "unserved": [],
    "violations": [],
    "warnings": [],
    "changed_params": [],
    "corrections": [],
    "job_id": 9,
    "job_state": "succeeded",
}


class ChangedParam(BaseModel):
    """A parameter that had not its default when the plan was made."""

    model_config = ConfigDict(extra="allow")

    name: str
    value: Any
    default: Any
    unit: str


class PlanOut(BaseModel):
    """A plan and, once solved, its answer; numbers are null until then.

    ``value``, ``worth`` and ``bound`` are weighted documents; ``gap`` and coverage are fractions;
    ``bound`` and ``gap`` are null while nothing is proven.
    """

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [_PLAN_EXAMPLE]})

    plan_id: int
    version: int = Field(description="Grows with each answer stored and each step of its life.")
    regency: RegencyName
    week: str
    timezone: str
    timezone_label: str
    season: str = Field(description="dry, wet, low_water; of both at once: wet+low_water.")
    state: str
    replaced_by: int | None = Field(description="The plan that was published in its place.")
    letters: dict[str, str] = Field(description="Number of the assignment letter by team.")
    kept: dict[str, Any] | None = Field(
        default=None,
        description="Who keeps the plan although it breaks rules: account, at, reason, rules.",
    )
    scenario: dict[str, Any] | None = Field(
        default=None, description="name, the plan it was made of, and what is otherwise."
    )
    locked: list[dict[str, Any]] = Field(
        default=[], description="Stops that keep their team and day, by point_code."
    )
    solved_at: AwareDatetime | None = Field(description="When the answer was stored.")
    status: str | None
    stop_reason: str | None
    value: float | None
    worth: float | None
    bound: float | None
    gap: float | None
    cost_rupiah: int | None
    distance_m: int | None
    hours_work: float | None
    found_by: dict[str, int] | None = Field(
        default=None,
        description="How many routes each part of the search came past first: greedy, local, "
        "search, pricing, routing (OR-Tools), start, other.",
    )
    expected: dict[str, float] | None
    expected_p10: dict[str, float] | None
    expected_p90: dict[str, float] | None
    worth_p10: float | None
    worth_p90: float | None
    coverage_before: float | None
    coverage_after: float | None
    not_recorded: int | None = Field(description="wajib KTP less recorded, signed, summed.")
    people_to_look_for: int | None = Field(description="The same, each village at least 0.")
    teams: list[TeamWeek]
    stops: list[StopOut]
    unserved: list[UnservedOut]
    violations: list[ViolationOut]
    warnings: list[WarningOut]
    rules: list[RuleOut] = Field(default=[], description="Rules of the whole plan, as used.")
    contradiction: RuleContradiction | None = Field(
        default=None, description="Where no plan keeps to every rule: rules that exclude another."
    )
    campaign: dict[str, Any] | None = Field(
        default=None, description="The campaign it was made for, and what its later weeks lose."
    )
    shadow: ShadowOut | None = Field(default=None, description="Null while nothing is proven.")
    remedies: list[RemedyOut] = Field(default=[], description="Asked for by explain_seconds.")
    wishes: list[WishOut] = Field(default=[], description="Asked for by explain_seconds.")
    origin: OriginOut | None = Field(
        default=None, description="What it was made of: judged, mended or planned anew."
    )
    against: AgainstOut | None = None
    changes: list[StopChange] = Field(
        default=[], description="Sessions that are not as in the plan it was made of."
    )
    n_published: int | None = Field(
        default=None, description="Sessions of that plan that could have been kept."
    )
    n_changed: int | None = Field(default=None, description="Of those, how many were not.")
    changed_params: list[ChangedParam]
    corrections: list[CorrectionOut] = Field(
        description="Counts that planners put right or estimated, as this plan used them."
    )
    job_id: int | None
    job_state: str | None


class DayOut(ShiftOut):
    """A team's day: when it leaves its base, its stops in order, when it is back."""

    stops: list[StopOut]


class ItineraryOut(BaseModel):
    """One team's week in a plan."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "plan_id": 3,
                    "week": "2026-W49",
                    "state": "published",
                    "version": 3,
                    "letter": "800.1.11.1/123/2026",
                    "team": "62.02-A",
                    "base": "Baamang Tengah",
                    "timezone": "Asia/Jakarta",
                    "timezone_label": "WIB",
                    "days": [
                        {
                            "day": "2026-11-30",
                            "departure": "2026-11-30T07:30:00+07:00",
                            "arrival": "2026-11-30T11:50:00+07:00",
                            "with_kit": False,
                            "stops": [_STOP_EXAMPLE],
                        }
                    ],
                }
            ]
        },
    )

    plan_id: int
    week: str
    state: str
    version: int
    letter: str | None = Field(description="Number of the assignment letter, once published.")
    team: str
    base: str
    timezone: str
    timezone_label: str
    days: list[DayOut]


class ItineraryList(BaseModel):
    """The itineraries of all teams of a plan; a team that stays at its base has no days."""

    items: list[ItineraryOut]
