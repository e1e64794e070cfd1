"""Accounts, tokens and the log, as clients see them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.accounts import NAME
from app.areas import AREA
from app.credentials import MAX_TOKEN_DAYS
from app.models import Role

AREA_FIELD = Field(
    default=None,
    pattern=f"^{AREA}$",
    description="Province or regency; null: the whole country.",
    examples=["62.02"],
)


class CallerOut(BaseModel):
    """Who is asking."""

    account: str
    role: Role
    area: str | None
    team: str | None
    via: str


class AccountIn(BaseModel):
    """A new account."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "siti", "role": "planner", "area": "62.02"}]},
    )

    name: str = Field(pattern=f"^{NAME}$", max_length=64)
    role: Role
    area: str | None = AREA_FIELD
    team: str | None = Field(default=None, max_length=100, description="Of role team only.")


class AccountChange(BaseModel):
    """What is to change; what is not named stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"is_active": False}]}
    )

    role: Role | None = None
    area: str | None = AREA_FIELD
    team: str | None = Field(default=None, max_length=100, description="Of role team only.")
    is_active: bool | None = Field(default=None, description="False closes the account.")

    @model_validator(mode="after")
    def _say_something(self) -> "AccountChange":
        if not self.model_fields_set:
            raise ValueError("name at least one of role, area, team, is_active")
        return self


class AccountOut(BaseModel):
    """An account."""

    account_id: int = Field(description="Its number, by which logs name it.")
    name: str
    role: Role
    area: str | None
    team: str | None
    is_active: bool
    has_password: bool
    created_at: datetime


class AccountList(BaseModel):
    """Accounts by name."""

    items: list[AccountOut]


class SignInLink(BaseModel):
    """The path of a page that signs in once; it is told here and nowhere else."""

    name: str
    path: str = Field(examples=["/sign-in?link=..."])
    hours: int


class TokenIn(BaseModel):
    """A token to be made."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "ponsel tim A", "days": 365}]}
    )

    name: str = Field(min_length=1, max_length=100, description="What it is for.")
    days: int = Field(default=365, ge=1, le=MAX_TOKEN_DAYS, description="How long it lasts.")
    account: str | None = Field(
        default=None, max_length=64, description="Whose; default: one's own. Others': admins only."
    )


class TokenOut(BaseModel):
    """A token, without its secret."""

    token_id: int
    account: str
    name: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = Field(description="To the hour; null: never.")


class TokenMade(TokenOut):
    """A token with its secret, which is told here and nowhere else."""

    token: str


class TokenList(BaseModel):
    """Tokens that were not revoked."""

    items: list[TokenOut]


class AuditEntryOut(BaseModel):
    """One thing that was done."""

    entry_id: int
    at: datetime
    account: str
    via: str = Field(description="session, token, link, password or command.")
    area: str | None
    action: str = Field(description="The operation.", examples=["create_plan"])
    subject: str
    details: dict[str, Any]


class AuditList(BaseModel):
    """What was done, the newest first."""

    items: list[AuditEntryOut]
