"""Bodies of progress."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from app.schemas.targets import TargetOut


class TargetInForce(TargetOut):
    """The target that holds in an area and year."""

    is_carried: bool = Field(description="Whether it is of an earlier year: no newer is known.")


class WithReports(BaseModel):
    """Coverage by the counts and by what teams reported since each was taken."""

    served: int = Field(description="Reported as served since the counts: recorded as well.")
    cleared: int = Field(description="Found to have died or moved since: off the base.")
    base: int
    recorded: int
    share: float | None
    not_recorded: int
    gap_to_target: int | None


class ProgrammeProgress(BaseModel):
    """Where a programme stands by the counts that hold today; null: not known, or withheld."""

    programme: str
    base_column: str = Field(description="The count that is the base.")
    base: int | None
    recorded: int | None = Field(description="As counted; may be more than the base.")
    share: float | None = Field(description="Recorded of the base; over 1 where more are recorded.")
    not_recorded: int | None = Field(description="Base less recorded, signed.")
    wanted: int | None = Field(description="The target as people, rounded.")
    gap_to_target: int | None = Field(description="People missing to the target; 0: reached.")
    n_villages: int | None = Field(description="Villages with both numbers; others are in neither.")
    n_over: int | None = Field(description="Of these, with more recorded than the base.")
    oldest: date | None
    newest: date | None
    withheld: bool = Field(description="Whether it is known but not shown to whoever asks.")
    target: TargetInForce | None
    with_reports: WithReports | None = Field(description="Null where counts are withheld.")


class ForecastStanding(BaseModel):
    """What is expected at the end of a week."""

    week: str
    ends: date
    base: float
    recorded: float
    share: float | None
    share_p10: float | None = Field(description="Fallen short of in one course of ten.")
    share_p90: float | None = Field(description="Exceeded in one course of ten.")
    not_recorded: float
    gap_to_target: int = Field(description="To the campaign's own target share.")


class ForecastProgramme(BaseModel):
    """What a campaign expects of a programme; see campaigns for what the fields mean."""

    programme: str
    is_goal: bool
    target_share: float = Field(description="The target that the campaign was planned for.")
    reached_week: str | None
    reached_p10: str | None
    reached_p90: str | None
    chance: float | None
    earliest_week: str | None
    ceiling: float | None
    to_verify: int | None
    standings: list[ForecastStanding]


class Forecast(BaseModel):
    """What the newest campaign that goes beyond today expects."""

    missing: Literal["no-campaign", "campaign-over"] | None = Field(
        description="Why there is none: plan a campaign."
    )
    campaign_id: int | None = None
    first_week: str | None = None
    last_week: str | None = None
    solved_at: AwareDatetime | None = None
    is_outdated: bool = Field(
        default=False, description="Whether data were imported after it was planned."
    )
    programmes: list[ForecastProgramme]


class PartProgress(BaseModel):
    """A regency of the province, or a province of the country."""

    code: str
    name: str | None
    programmes: list[ProgrammeProgress]
    forecast: Forecast | None


class TrajectoryPoint(BaseModel):
    """Coverage as it was known on a day that counts are of, or today."""

    day: date
    programme: str
    base: int
    recorded: int
    share: float | None
    not_recorded: int
    n_villages: int


class WorkedWeek(BaseModel):
    """A week that teams worked or will work."""

    week: str
    plan_id: int
    state: str
    expected: dict[str, float] = Field(description="People, by programme, as planned.")
    n_sessions: int = Field(description="Sessions of the week that were reported.")
    served: dict[str, int] = Field(description="People, by programme, as reported.")
    cleared: dict[str, int] = Field(description="Found to have died or moved, as reported.")


class ProgressOut(BaseModel):
    """How far an area is."""

    level: Literal["national", "province", "regency"]
    code: str | None
    name: str | None
    year: int = Field(description="Whose targets are meant.")
    today: date
    programmes: list[ProgrammeProgress]
    parts: list[PartProgress] = Field(description="Of a regency none.")
    trajectory: list[TrajectoryPoint] = Field(description="The oldest first.")
    forecast: Forecast | None = Field(description="Of a regency; else each part has its own.")
    weeks: list[WorkedWeek]
    is_withheld: bool = Field(
        description="Whether trajectory, forecast and weeks are withheld from whoever asks."
    )
