"""Bodies of the life of a plan."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

ActionName = Literal[
    "propose", "withdraw", "approve", "return", "publish", "start", "close", "discard", "cancel"
]
LetterNumber = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)
]


class StepRequest(BaseModel):
    """A step of a plan's life."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"action": "propose", "version": 0},
                {"action": "return", "version": 1, "reason": "Tim B cuti hari Kamis"},
                {"action": "publish", "version": 2, "letter": "800.1.11.1/123/2026"},
            ]
        },
    )

    action: ActionName
    version: int = Field(ge=0, description="Version of the plan that was looked at.")
    reason: str | None = Field(
        default=None,
        max_length=2000,
        description="For return, discard and cancel, and to propose a plan that breaks rules.",
    )
    letter: LetterNumber | None = Field(
        default=None, description="publish: number of the assignment letter of every team."
    )
    letters: dict[str, LetterNumber] = Field(
        default_factory=dict, max_length=200, description="publish: the number by team."
    )
    replaces: int | None = Field(
        default=None, ge=1, description="publish: the published plan whose place it takes."
    )


class StepOut(BaseModel):
    """A step that was taken."""

    version: int = Field(description="Of the plan after it.")
    at: AwareDatetime
    account: str
    action: str
    before: str
    after: str
    reason: str | None
    details: dict[str, Any]


class PlanLife(BaseModel):
    """Where a plan stands, how it came there, and what may come next."""

    plan_id: int
    state: str
    version: int
    replaced_by: int | None
    letters: dict[str, str]
    next: list[str] = Field(description="Steps that its state and the caller's role allow.")
    steps: list[StepOut]
