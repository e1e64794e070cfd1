"""Accounts, and what opens them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, true
from sqlmodel import Field, SQLModel

from app.db import UtcDateTime, now


class Role(StrEnum):
    """What somebody does in an office; ``access.py`` says what each may."""

    ADMIN = "admin"
    PLANNER = "planner"
    APPROVER = "approver"
    TEAM = "team"
    VIEWER = "viewer"


class CredentialKind(StrEnum):
    """A browser's session, a token of a machine or a phone, or a link that signs in once."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 (a kind, no secret)
    LINK = "link"


class Account(SQLModel, table=True):
    """Somebody, or some machine, that may use the service.

    ``area`` is empty for the whole country, else the code of a province (``62``) or a regency
    (``62.02``). ``password_hash`` is argon2's, None while no password was chosen. ``team`` is whose
    phone it is, of role *team* only. An account is closed (``is_active``), never deleted: the log
    of what was done names it.
    """

    __table_args__ = (
        CheckConstraint("role IN ('admin', 'planner', 'approver', 'team', 'viewer')", name="role"),
        CheckConstraint("(role = 'team') = (team IS NOT NULL)", name="team"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=64)
    password_hash: str | None = None
    role: str
    area: str = ""
    team: str | None = None
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Credential(SQLModel, table=True):
    """A secret that opens an account until it ends, is revoked or, a link, was used.

    Only the SHA-256 of the secret is kept: it has 256 random bits, there is nothing to guess.
    """

    __table_args__ = (CheckConstraint("kind IN ('session', 'token', 'link')", name="kind"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    kind: str
    name: str = ""
    secret_hash: str = Field(unique=True, min_length=64, max_length=64)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
