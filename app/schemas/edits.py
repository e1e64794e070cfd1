"""Bodies of changes that a person makes to a plan by hand."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.schemas.plan_changes import StopChange, TeamName
from app.schemas.plans import ViolationOut

Place = Annotated[
    str,
    Field(min_length=1, max_length=100, description="Code of a village, or of a service point."),
]
Position = Annotated[
    int | None,
    Field(default=None, ge=1, le=100, description="Place in the day, from 1; null: the best."),
]
_FORM = ConfigDict(extra="forbid", frozen=True)


class Move(BaseModel):
    """Take a stop to another day, team or place in the order."""

    model_config = _FORM

    action: Literal["move"]
    at: Place
    team: TeamName
    day: date
    position: Position


class Swap(BaseModel):
    """Let two stops change places; each keeps its length."""

    model_config = _FORM

    action: Literal["swap"]
    at: Place
    other: Place


class Add(BaseModel):
    """Visit a place that is left out."""

    model_config = _FORM

    action: Literal["add"]
    at: Place
    team: TeamName
    day: date
    position: Position
    minutes: int | None = Field(
        default=None, ge=15, le=600, description="One of the plan's lengths; null: the best."
    )


class Drop(BaseModel):
    """Leave a place out."""

    model_config = _FORM

    action: Literal["drop"]
    at: Place


class Length(BaseModel):
    """Stay for another time."""

    model_config = _FORM

    action: Literal["length"]
    at: Place
    minutes: int = Field(ge=15, le=600, description="One of the plan's lengths.")


class LockStop(BaseModel):
    """Keep a stop with its team and day, in edits and when the plan is solved or made anew."""

    model_config = _FORM

    action: Literal["lock", "unlock"]
    at: Place


Action = Annotated[Move | Swap | Add | Drop | Length | LockStop, Field(discriminator="action")]


class EditRequest(BaseModel):
    """Changes to a plan, taken one after the other and kept all or none."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "version": 1,
                    "actions": [
                        {"action": "move", "at": "62.02.01.2003", "team": "62.02-A",
                         "day": "2026-12-01"}
                    ],
                }
            ]
        },
    )  # fmt: skip

    version: int = Field(ge=0, description="Version of the plan that was looked at.")
    actions: tuple[Action, ...] = Field(min_length=1, max_length=50)
    keep: bool = Field(default=True, description="false: only tell what they would do.")
    reason: str | None = Field(
        default=None, max_length=2000, description="Why a plan that breaks rules is kept."
    )


class UndoRequest(BaseModel):
    """Take the last change back."""

    model_config = _FORM

    version: int = Field(ge=0, description="Version of the plan that was looked at.")


class KeptOut(BaseModel):
    """Who keeps a plan that breaks rules, and why."""

    account: str
    at: AwareDatetime
    reason: str
    rules: list[str]


class FiguresOut(BaseModel):
    """A plan on the numbers it is edited on; weighted documents and rupiah."""

    value: float
    worth: float
    cost_rupiah: int
    distance_m: int
    n_stops: int


class EditAnswer(BaseModel):
    """What changes did, or would do."""

    model_config = ConfigDict(extra="allow")

    plan_id: int
    version: int = Field(description="Of the plan now.")
    is_kept: bool = Field(
        description="false: it was only asked, or rules are broken and no reason is given."
    )
    has_new_numbers: bool = Field(
        description="Data changed since the plan was made: it is judged on those of today."
    )
    before: FiguresOut
    after: FiguresOut
    worth_lost: float = Field(description="Of the value, in weighted documents; below 0: gained.")
    violations: list[ViolationOut]
    by_rule: dict[str, int]
    kept: KeptOut | None
    changes: list[StopChange]
    days: list[dict[str, Any]] = Field(description="The days that changed, timed, with stops.")


class EditOut(BaseModel):
    """Changes that one person made at once."""

    edit_id: int
    version: int
    at: AwareDatetime
    account: str
    actions: list[dict[str, Any]]
    result: dict[str, Any]
    reason: str | None
    is_open: bool = Field(description="Whether it can still be undone.")


class EditList(BaseModel):
    """The changes made by hand to a plan, the newest first, and what may be changed."""

    plan_id: int
    version: int
    can_edit: bool
    kept: KeptOut | None
    locked: list[dict[str, Any]]
    minutes: list[int] = Field(description="Lengths that a session may have.")
    items: list[EditOut]
