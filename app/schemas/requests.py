"""Bodies of requests for visits."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.schemas.plan_rules import VillageCode

KindName = Literal["village", "school", "complaint"]
ProgrammeName = Literal["ktp_el", "pemula", "kia", "akta", "ikd"]
StateName = Literal["received", "verified", "scheduled", "done", "refused"]
RequestAction = Literal["verify", "refuse", "reopen", "finish"]
_EXAMPLE: dict[str, Any] = {
    "village_code": "62.02.05.1008", "kind": "village", "number": "474.4/17/DS-KBH/2026",
    "letter_date": "2026-11-18", "programmes": ["ktp_el", "kia"], "people": 40,
    "contact": "Kantor Desa, Kasi Pelayanan",
}  # fmt: skip
_OUT: dict[str, Any] = {
    "request_id": 1, **_EXAMPLE, "is_required": False, "village_name": "Mentawa Baru Hilir",
    "district": "Mentawa Baru Ketapang", "state": "received", "version": 0, "plan_id": None,
    "import_id": None, "created_at": "2026-11-22T08:00:00Z", "next": ["verify", "refuse"],
}  # fmt: skip


class RequestIn(BaseModel):
    """A letter that asks for a visit; nothing in it may tell who a resident is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    village_code: VillageCode
    kind: KindName = Field(default="village", description="Who asks.")
    number: str = Field(
        min_length=1, max_length=100,
        description="Of the letter, or of the complaint in the office's own book.",
    )  # fmt: skip
    letter_date: dt.date
    programmes: tuple[ProgrammeName, ...] = Field(min_length=1, max_length=5)
    people: int = Field(ge=1, le=100_000, description="As the letter estimates.")
    contact: str = Field(
        default="", max_length=200, description="An office or a function, never a resident."
    )
    is_required: bool = Field(
        default=False, description="Whether, once verified, every new plan must serve it."
    )


class RequestStepIn(BaseModel):
    """A step of a request."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"action": "verify", "version": 0, "is_required": True},
                {"action": "refuse", "version": 0, "reason": "Dilayani di kecamatan pekan lalu"},
            ]
        },
    )

    action: RequestAction
    version: int = Field(ge=0, description="Version of the request that was looked at.")
    reason: str | None = Field(
        default=None, max_length=500, description="For refuse, reopen and finish."
    )
    is_required: bool | None = Field(
        default=None, description="Whether it must be served from now on; null: as it is."
    )


class RequestOut(BaseModel):
    """A request, how far it is, and the steps that are possible now."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    request_id: int
    village_code: str
    village_name: str
    district: str
    kind: KindName
    number: str
    letter_date: dt.date
    programmes: list[str]
    people: int
    contact: str
    is_required: bool
    state: StateName = Field(description="scheduled and done follow the plan that holds the visit.")
    version: int
    plan_id: int | None = Field(description="The published plan that holds, or held, the visit.")
    import_id: int | None
    created_at: AwareDatetime
    next: list[str]


class RequestStepOut(BaseModel):
    """A step that was taken, by a person or by the life of a plan."""

    version: int
    at: AwareDatetime
    account: str
    action: str
    before: str | None
    after: str
    reason: str | None
    details: dict[str, Any]


class RequestDocument(RequestOut):
    """A request with every step taken."""

    steps: list[RequestStepOut]


class RequestList(BaseModel):
    """Requests, the newest letter first."""

    items: list[RequestOut]


class PlannedDate(BaseModel):
    """Where a plan has the village already."""

    week: str
    plan_id: int | None
    plan_state: str | None
    team: str
    day: dt.date
    timezone_label: str
    start: AwareDatetime


class SuggestedDate(PlannedDate):
    """A team-day into which the village fits, and what the plan gains and pays by it."""

    order: int = Field(description="Among the stops of the team that day, from 1.")
    n_stops: int = Field(description="Stops of the team that day, this one included.")
    point_code: str
    point_name: str
    depart: AwareDatetime
    minutes: int
    with_kit: bool
    value: float = Field(description="Change of the plan's value, weighted documents.")
    worth: float = Field(description="Change of its worth, weighted documents.")
    cost_rupiah: int
    others_moved_minutes: Annotated[
        int, Field(description="The most that another session of that team-day begins otherwise.")
    ]


class SkippedWeek(BaseModel):
    """A week that cannot be used."""

    week: str
    reason: str


class Suggestions(BaseModel):
    """Days and teams for a request, those that bring most first."""

    request_id: int
    village_code: str
    village_name: str
    dates: list[SuggestedDate]
    planned: list[PlannedDate] = Field(description="Plans that serve the village already.")
    skipped: list[SkippedWeek]
