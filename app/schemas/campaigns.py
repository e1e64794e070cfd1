"""Bodies of campaigns: several weeks to a day and a target share."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from app.schemas.plan_rules import VillageCode
from app.schemas.plans import RegencyName, SessionMinutes

MOST_WEEKS = 26
IsoWeek = Annotated[str, Field(pattern=r"^[0-9]{4}-W[0-9]{2}$")]
TargetProgramme = Literal["ktp_el", "kia", "akta", "ikd"]
Share = Annotated[float, Field(ge=0, le=1)]


class SeasonSpan(BaseModel):
    """Weeks of one season, both ends included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    season: Literal["dry", "wet", "low_water"]
    first: IsoWeek
    last: IsoWeek

    @classmethod
    def read(cls, text: str) -> dict[str, str]:
        """Read ``wet=2026-W50..2027-W05``, or one week, into the fields of a span."""
        season, _, weeks = text.partition("=")
        first, _, last = weeks.partition("..")
        return {"season": season.strip(), "first": first.strip(), "last": (last or first).strip()}


class CampaignRequest(BaseModel):
    """What is asked of a campaign; whatever is left out takes its default."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"regency": "62.02", "until": "2027-01-31", "targets": {"ktp_el": 0.994}}]
        },
    )

    regency: str = Field(
        pattern=r"^[0-9]{2}\.[0-9]{2}$", description="Kemendagri code of the regency."
    )
    first_week: IsoWeek | None = Field(
        default=None, description="First ISO week; default: the coming one."
    )
    until: date | None = Field(
        default=None, description="The day by which it is to be done; its week is the last."
    )
    weeks: int | None = Field(
        default=None, ge=1, le=MOST_WEEKS,
        description="How many weeks instead of a day; default: 8.",
    )  # fmt: skip
    targets: dict[TargetProgramme, Share] | None = Field(
        default=None, min_length=1,
        description="Shares to be reached, by programme; default: KTP-el, at the share "
        "that holds in the year in which the campaign ends (`targets`).",
    )  # fmt: skip
    verified_share: float = Field(
        default=0.0, ge=0, le=1,
        description="Share of the people who cannot be reached in a visited village that the team "
        "finds to have died or moved; they are taken off wajib KTP.",
    )  # fmt: skip
    seconds: float | None = Field(
        default=None, gt=0, le=600,
        description="How long to search for each week, in seconds; default: the server's.",
    )  # fmt: skip
    rounds: int = Field(
        default=1, ge=0, le=10, description="Rounds in which weeks are planned anew in pairs."
    )
    proofs: int = Field(
        default=3, ge=0, le=50,
        description="Searches for the bound of the value, and of each target; 0: the quick bound.",
    )  # fmt: skip
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="Makes a search repeatable.")
    minutes: tuple[SessionMinutes, ...] | None = Field(
        default=None, min_length=1, max_length=8,
        description="Lengths a session may have, in minutes; default: the office's (plan.minutes).",
    )  # fmt: skip
    costs: bool = Field(default=True, description="Whether cost counts against worth.")
    budget_rupiah: int | None = Field(
        default=None, ge=0, le=10**13, description="What all weeks may cost together, in rupiah."
    )
    max_nights: int | None = Field(
        default=None, ge=0, le=6,
        description="Most nights out in a row; tours of a campaign end in their own week.",
    )  # fmt: skip
    forbidden: tuple[VillageCode, ...] = Field(
        default=(), max_length=5000, description="Villages that must not be visited."
    )
    seasons: tuple[SeasonSpan, ...] = Field(
        default=(), max_length=20,
        description="Seasons of weeks; the others have the office's (travel.wet, "
        "travel.low_water). Of two that overlap the later one counts.",
    )  # fmt: skip

    @field_validator("minutes")
    @classmethod
    def _sort_minutes(cls, minutes: tuple[int, ...] | None) -> tuple[int, ...] | None:
        return None if minutes is None else tuple(sorted(set(minutes)))

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.until is not None and self.weeks is not None:
            raise ValueError("a campaign has a last day or a number of weeks, not both")
        return self


class CampaignAccepted(BaseModel):
    """A stored request and the job that will plan it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"campaign_id": 2, "job_id": 9, "state": "todo"}]}
    )

    campaign_id: int
    job_id: int
    state: str = Field(description="State of the job.")


class CampaignSummary(BaseModel):
    """One line of the list of campaigns."""

    campaign_id: int
    regency_code: str
    first_week: str
    last_week: str
    created_at: AwareDatetime
    reached_week: str | None = Field(description="Week at whose end every target is reached.")
    is_complete: bool = Field(description="Whether every search that was asked for was done.")
    job_id: int | None
    job_state: str | None


class CampaignList(BaseModel):
    """Campaigns, the newest first."""

    items: list[CampaignSummary]


class StandingOut(BaseModel):
    """Where a programme is expected to stand at the end of a week."""

    week: str
    served: float = Field(description="By the campaign so far.")
    verified: float = Field(description="Taken off the base so far.")
    base: float = Field(description="People who count: wajib KTP, children, people recorded.")
    recorded: float
    share: float | None
    not_recorded: float = Field(
        description="Base less recorded, signed, as expected for that day: those who turned 17 "
        "since the counts are in it. The `not_recorded` of a plan is that of the counts."
    )
    gap_to_target: int = Field(description="People missing to the target share; 0: reached.")


class CampaignTarget(BaseModel):
    """One target: where it stands week by week, when it is reached, and what is proven."""

    programme: str
    share: float = Field(description="What shall be recorded, of the base.")
    is_goal: bool = Field(description="Whether the campaign was asked to reach it.")
    start: StandingOut = Field(description="Before the first week.")
    standings: list[StandingOut]
    reached_week: str | None = Field(description="When it is expected to be reached; null: not.")
    reached_p10: str | None = Field(description="Reached by then once in ten; null: not.")
    reached_p90: str | None = Field(description="Reached by then nine times in ten; null: not.")
    chance: float | None = Field(description="That it is reached by the last week.")
    earliest_week: str | None = Field(
        description="No campaign can reach it before; null: none can by the last week."
    )
    ceiling: float | None = Field(
        description="Share at the end if everybody who can be reached had been served."
    )
    to_verify: int | None = Field(
        description="People to be found dead or moved besides for what is planned to suffice."
    )
    bound_served: list[float] | None = Field(
        description="The most people any campaign serves until the end of each week: proven."
    )
    recorded_p10: list[float] | None = Field(
        default=None, description="Recorded at the end of each week: fallen short of once in ten."
    )
    recorded_p90: list[float] | None = Field(
        default=None, description="Recorded at the end of each week: exceeded once in ten."
    )


class CampaignDistrict(BaseModel):
    """A district in a week."""

    district: str
    n_visits: int
    teams: list[str]
    people: float | None = Field(description="Expected for KTP-el and pemula.")


class CampaignWeekOut(BaseModel):
    """One week: what is planned, or why nobody works."""

    week: str
    monday: date
    season: str | None
    idle: str | None = Field(description="Why nobody works; null: a week that is worked.")
    working_days: int
    is_planned: bool
    n_teams: int = Field(description="Teams that make any visit: team-weeks.")
    n_visits: int
    n_second_visits: int = Field(description="Of these, to places that were visited before.")
    expected: dict[str, float]
    worth: float | None
    cost_rupiah: int | None
    distance_m: int | None
    districts: list[CampaignDistrict]


class CampaignVisit(BaseModel):
    """One visit."""

    week: str
    team: str
    day: date
    order: int
    village_code: str
    village_name: str
    district: str
    point_code: str
    point_name: str
    minutes: int
    service_mode: str
    with_kit: bool
    arrive: AwareDatetime
    depart: AwareDatetime
    visit_number: int = Field(description="Counts the visits to this place.")
    worth: float | None
    expected: dict[str, float]


class CampaignOut(BaseModel):
    """A campaign and, as far as it is planned, its weeks; ``bound`` and ``gap`` once proven."""

    model_config = ConfigDict(extra="allow")

    campaign_id: int
    regency: RegencyName
    first_week: str
    last_week: str
    timezone: str
    created_at: AwareDatetime
    solved_at: AwareDatetime | None
    request: dict[str, Any]
    is_complete: bool
    value: float | None = Field(description="Worth less cost, in weighted documents.")
    worth: float | None
    bound: float | None = Field(description="No campaign of these weeks has a higher value.")
    gap: float | None
    cost_rupiah: int | None
    distance_m: int | None
    expected: dict[str, float] | None
    expected_p10: dict[str, float] | None
    expected_p90: dict[str, float] | None
    reached_week: str | None = Field(description="Week at whose end every target is reached.")
    weeks_until_reached: int | None
    team_weeks: int | None = Field(description="Teams that make any visit, summed over weeks.")
    team_weeks_until_reached: int | None
    people_to_look_for: int | None
    targets: list[CampaignTarget]
    weeks: list[CampaignWeekOut]
    visits: list[CampaignVisit]
    unvisited: list[dict[str, Any]] = Field(description="Places with people, not visited.")
    job_id: int | None
    job_state: str | None
