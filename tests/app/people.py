"""Accounts for tests, and the tokens that open them."""

import hashlib
from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session, select

from app.db import now, transaction
from app.models import Account, Credential

CHIEF = "uji"
"""An admin of the whole country: what a client of a test is, unless it says otherwise."""


def let_in(
    engine: Engine, name: str = CHIEF, role: str = "admin", area: str = "", team: str | None = None
) -> str:
    """Make an account, once, and give the secret of a token of it."""
    with transaction(engine) as session:
        if session.exec(select(Account).where(Account.name == name)).first() is None:
            _add(session, Account(name=name, role=role, area=area, team=team))
    return f"token-{name}"


def session_of(name: str = CHIEF) -> str:
    """Give what the cookie of a browser holds in which that account is signed in."""
    return f"session-{name}"


def _add(session: Session, account: Account) -> None:
    session.add(account)
    session.flush()
    for kind in ("token", "session"):
        secret = f"{kind}-{account.name}"
        session.add(
            Credential(
                account_id=account.id or 0, kind=kind, name=account.name,
                expires_at=now() + timedelta(1),
                secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
            )
        )  # fmt: skip
