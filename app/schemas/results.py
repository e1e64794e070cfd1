"""Bodies of results: what teams report, what came of it, what counts."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from app.models.results import MOST_PEOPLE
from app.schemas.plan_rules import VillageCode
from app.usable import is_usable

MOST_RECORDS = 500
FORMAT, FORMAT_VERSION = "jemput-bola-results", 1


def _usable(text: str) -> str:
    if not is_usable(text):
        raise ValueError("text must not hold the character NUL")
    return text


def _of_our_time(moment: dt.datetime) -> dt.datetime:
    if not 2000 <= moment.year < 2200:
        raise ValueError("a moment must be of the years 2000 to 2199")
    return moment


Text = Annotated[str, AfterValidator(_usable)]
Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
ProgrammeName = Literal["ktp_el", "pemula", "kia", "akta", "ikd"]
People = Annotated[int, Field(ge=0, le=MOST_PEOPLE, strict=True)]
LARGEST_NUMBER = 2**31 - 1
Number = Annotated[int, Field(ge=1, le=LARGEST_NUMBER, strict=True)]


class OutcomeCounts(BaseModel):
    """People by what became of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    served: People = 0
    failed: People = 0
    not_eligible: People = 0
    already_had: People = 0
    absent: People = 0
    deceased: People = 0
    moved: People = 0
    not_found: People = 0


class ResultRecord(BaseModel):
    """One report of one session, as telephones write it (docs/itineraries.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: UUID = Field(description="Made when the report was saved: it counts once.")
    corrects: UUID | None = Field(default=None, description="Key of the report that this replaces.")
    plan_id: Number
    plan_version: Text | None = Field(default=None, max_length=20)
    team: Annotated[Text, Field(min_length=1, max_length=100)]
    day: dt.date
    stop_id: Text | None = Field(default=None, max_length=200)
    order: Number | None = None
    village_code: VillageCode
    point_code: Annotated[Text, Field(min_length=1, max_length=100)]
    counts: dict[ProgrammeName, OutcomeCounts] = Field(min_length=1)
    start: Moment | None = None
    end: Moment | None = None
    signal: Literal["none", "weak", "strong", "very_strong"] | None = None
    signal_mbps: float | None = Field(default=None, ge=0, le=100_000)
    power: Literal["yes", "no"] | None = None
    notes: Text = Field(default="", max_length=1000)
    device_time: Moment

    @model_validator(mode="after")
    def _is_possible(self) -> "ResultRecord":
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("start must be before end")
        for moment in (self.start, self.end):
            if moment is not None and abs(moment.date() - self.day) > dt.timedelta(days=1):
                raise ValueError("start and end must be of the session's day, or of one beside it")
        if self.corrects == self.key:
            raise ValueError("a report cannot correct itself")
        return self


_EXAMPLE: dict[str, Any] = {
    "key": "65afd65f-9c9a-4a27-8159-5fa4162b2b2c", "corrects": None,
    "plan_id": 1, "plan_version": "c0b332", "team": "62.02-A", "day": "2026-11-30",
    "stop_id": "1-62.02-A-2026-11-30-1", "order": 1,
    "village_code": "62.02.01.2003", "point_code": "62.02.01.2003",
    "counts": {"ktp_el": {"served": 12, "failed": 1, "absent": 4, "deceased": 1}},
    "start": "2026-11-30T08:10:00+07:00", "end": "2026-11-30T10:00:00+07:00",
    "signal": "none", "signal_mbps": None, "power": "yes", "notes": "",
    "device_time": "2026-11-30T10:05:40+07:00",
}  # fmt: skip


class ResultsIn(BaseModel):
    """Reports as a telephone saves them; one that cannot be read is refused by itself."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"format": FORMAT, "format_version": 1, "records": [_EXAMPLE]}]
        },
    )

    format: Literal["jemput-bola-results"]
    format_version: Literal[1]
    exported_at: AwareDatetime | None = None
    records: list[Annotated[ResultRecord | dict[str, Any], Field(union_mode="left_to_right")]] = (
        Field(max_length=MOST_RECORDS)
    )


class RecordOutcome(BaseModel):
    """What became of one report.

    Whatever is not `refused` is kept for ever. `contradicts` is kept as well: another report of
    that session tells something else.
    """

    key: str | None = Field(description="As it was sent; null where there is none to read.")
    outcome: Literal["accepted", "known", "contradicts", "refused"]
    entry_id: int | None
    reason: str | None = Field(description="Why it was refused: a code.")
    detail: str | None = Field(description="What is wrong, and what would be accepted.")
    is_late: bool = Field(description="It came when the plan was closed.")
    notes_masked: bool = Field(description="Numbers like a NIK were taken out of the notes.")


class ResultsOut(BaseModel):
    """What became of reports; nothing is told here that is not stored."""

    plan_id: int
    plan_state: str
    accepted: int
    known: int
    contradicts: int
    refused: int
    records: list[RecordOutcome]


class SettlementIn(BaseModel):
    """A planner's word on the reports of one session: which one counts, or what holds instead."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "key": "0f3a1c1e-3f7e-4c86-9f0e-4c4a7c7b8a11", "entries": [4, 6], "adopt": 6,
                    "reason": "Counted again with the attendance list",
                }
            ]
        },
    )  # fmt: skip

    key: UUID = Field(description="Made by the client: sent twice, it counts once.")
    entries: list[Number] = Field(
        min_length=1, max_length=100, description="All reports that stand for the session now."
    )
    adopt: Number | None = Field(default=None, description="The one of them that counts.")
    counts: dict[ProgrammeName, OutcomeCounts] = Field(
        default_factory=dict, description="Counts that hold instead, by programme."
    )
    reason: Annotated[Text, Field(min_length=1, max_length=500)]


class Outcomes(OutcomeCounts):
    """People by what became of them, and sums: who came, and records cleared without a document."""

    came: int
    cleared: int


ByProgramme = dict[str, Outcomes]


class SessionOut(BaseModel):
    """What counts of one session."""

    team: str
    day: dt.date
    point_code: str
    village_code: str
    village_name: str
    serves: list[str] = Field(description="Villages whose people were served.")
    in_plan: Literal["planned", "moved", "dropped"] = Field(
        description="Whether the plan that teams work by now has the stop there and then, "
        "has it elsewhere or for another team, or has it no more."
    )
    entry_id: int = Field(description="The entry that counts.")
    n_entries: int = Field(description="Entries that stand for it; more than one: see whether "
                           "`is_contested`.")  # fmt: skip
    is_contested: bool
    is_late: bool = Field(description="Reported when the plan was closed.")
    start: AwareDatetime | None
    end: AwareDatetime | None
    signal: str | None
    signal_mbps: float | None
    power: str | None
    notes: list[str]
    programmes: ByProgramme
    expected: dict[str, float] | None = Field(description="People by programme, as planned.")


class ReportContradiction(BaseModel):
    """Reports of a session that tell different things; all are kept."""

    team: str
    day: dt.date
    point_code: str
    village_name: str
    kind: Literal["reports-differ", "key-reused", "other-team", "other-day"]
    is_open: bool = Field(description="Until a planner has settled it.")
    counts_entry_id: int = Field(description="The entry whose word stands.")
    why: Literal["settled", "told-last", "all-count"]
    entries: list[int]
    facts: dict[str, list[Any]] = Field(description="By fact, what each of `entries` tells.")
    reason: str | None = Field(description="Of who settled it.")


class StopMissing(BaseModel):
    """A stop of the plan that nobody has reported."""

    stop_id: str
    team: str
    day: dt.date
    point_code: str
    village_name: str


class PlanResults(BaseModel):
    """What counts of a plan's reports."""

    plan_id: int
    plan_state: str
    sessions: list[SessionOut]
    contradictions: list[ReportContradiction]
    missing: list[StopMissing]


class EntryOut(BaseModel):
    """One row of the ledger, as it came."""

    entry_id: int
    kind: Literal["report", "settlement"]
    state: Literal["counts", "agrees", "contradicts", "replaced"]
    replaced_by: int | None
    key: str
    corrects: str | None
    settles: list[int]
    plan_id: int
    plan_version: str | None
    stop_id: str | None
    team: str
    day: dt.date
    point_code: str
    village_code: str
    start: AwareDatetime | None
    end: AwareDatetime | None
    signal: str | None
    signal_mbps: float | None
    power: str | None
    notes: str
    reason: str | None
    told_at: AwareDatetime
    received_at: AwareDatetime
    account: str
    via: Literal["phone", "sheet", "planner"]
    is_late: bool
    programmes: ByProgramme


class Ledger(BaseModel):
    """Everything that was reported of a plan, the first received first."""

    plan_id: int
    entries: list[EntryOut]


class DaySum(BaseModel):
    """A day's sum."""

    day: dt.date
    n_sessions: int
    programmes: ByProgramme


class TeamSum(BaseModel):
    """A team's sum."""

    team: str
    n_sessions: int
    programmes: ByProgramme


class StopSum(BaseModel):
    """A session's outcomes."""

    team: str
    day: dt.date
    point_code: str
    village_code: str
    programmes: ByProgramme


class ResultTotals(BaseModel):
    """Sums of what counts."""

    plan_id: int
    plan_state: str
    n_sessions: int
    n_contested: int
    value: float = Field(
        description="Weighted documents: who was served by the weights of the plan, and each "
        "record cleared by `results.cleared_weight`."
    )
    cleared_value: float = Field(description="The part of `value` that cleared records make.")
    programmes: ByProgramme
    by_day: list[DaySum]
    by_team: list[TeamSum]
    by_stop: list[StopSum]


class RateOut(BaseModel):
    """A rate as corrected: weight x observed + (1 - weight) x default."""

    n: float = Field(description="People behind it; of minutes: sessions.")
    n_sessions: int
    effective: float = Field(description="What these count for: people of a session are alike.")
    observed: float | None
    default: float
    weight: float
    corrected: float


class DistrictRatesOut(BaseModel):
    """What results taught of one district; minutes as multiples of the default."""

    district_code: str
    district: str
    n_sessions: int
    turnout: RateOut
    turnout_second: float = Field(description="Corrected in proportion.")
    reachable_share: dict[str, RateOut]
    kit_minutes: RateOut
    desk_minutes: RateOut
    service_minutes: dict[str, float] = Field(description="Corrected, a person at kit or desk.")


class LearnedRates(BaseModel):
    """What an office's results taught, district by district."""

    regency_code: str
    is_used: bool
    spread_district: float
    districts: list[DistrictRatesOut]


class NeedRow(BaseModel):
    """People of one programme: listed, reported since, left."""

    listed: float
    served: int
    already_had: int
    cleared: int
    left: float
    last_day: dt.date | None


class VillageNeedOut(BaseModel):
    """A village's need beside what was reported since it was counted."""

    village_code: str
    village_name: str
    district: str
    as_of: dt.date
    n_sessions: int
    programmes: dict[str, NeedRow]


class RemainingNeed(BaseModel):
    """Who is left to serve, village by village."""

    regency_code: str
    on: dt.date
    is_used: bool
    villages: list[VillageNeedOut]
