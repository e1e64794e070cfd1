"""Bodies of the evening before."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

CheckName = Literal["signal", "weather", "blanks", "fuel", "attendance"]
AnswerWord = Literal["yes", "no", "unknown"]
Verdict = Literal["go", "no_go"]
Note = Annotated[str, Field(max_length=500)]


class AnswerIn(BaseModel):
    """What is known of one check."""

    model_config = ConfigDict(extra="forbid")

    answer: AnswerWord
    note: Note = ""


class ReadinessIn(BaseModel):
    """What somebody says about a team's day; the verdict is a planner's."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "team": "62.02-A",
                    "day": "2026-12-01",
                    "answers": {
                        "signal": {"answer": "yes"},
                        "weather": {"answer": "no", "note": "Hujan lebat, sungai naik"},
                    },
                    "verdict": "no_go",
                    "reason": "Banjir di jalan utama",
                }
            ]
        },
    )

    team: str = Field(min_length=1, max_length=100)
    day: dt.date
    answers: dict[CheckName, AnswerIn] = Field(default_factory=dict, max_length=5)
    verdict: Verdict | None = Field(
        default=None, description="no_go asks for a plan of the rest of the week without that day."
    )
    reason: Note | None = Field(
        default=None, description="For no_go, and for go although a check says no."
    )


class AnswerOut(BaseModel):
    """The newest answer to one check, and whose it is."""

    answer: AnswerWord
    note: str
    account: str
    at: AwareDatetime


class ReadinessEntryOut(BaseModel):
    """What was said once."""

    id: int
    at: AwareDatetime
    account: str
    answers: dict[CheckName, AnswerIn]
    verdict: Verdict | None
    reason: str | None
    replan_id: int | None
    job_id: int | None


class TeamDayReadiness(BaseModel):
    """A team's day: what counts now, and everything that was said, the newest first."""

    team: str
    day: dt.date
    is_on_tour: bool = Field(
        description="The team sleeps out the night before: a no-go makes no plan without it."
    )
    answers: dict[CheckName, AnswerOut]
    verdict: Verdict | None
    reason: str | None
    account: str | None = Field(description="Who gave the verdict.")
    at: AwareDatetime | None
    replan_id: int | None = Field(description="The plan of the week without that team-day.")
    job_id: int | None = Field(description="The job that makes it.")
    history: list[ReadinessEntryOut]


class ReadinessList(BaseModel):
    """Team-days of a plan, by day and team."""

    plan_id: int
    items: list[TeamDayReadiness]
