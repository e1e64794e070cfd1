"""What opens an account: sessions of browsers, tokens of machines, links that sign in once.

A secret is told once, when it is made; the database has its SHA-256 only.
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine
from sqlmodel import Session, col, select, update

from app.access import Caller
from app.access_errors import BadAccount, LinkRefused, SignInRefused, TokenNotFound
from app.accounts import hash_of, is_password
from app.areas import WHOLE_COUNTRY
from app.db import now, one_at_a_time, reading, transaction, write_if_free
from app.models import Account, Credential, CredentialKind, Role

FIRST_ADMIN = "admin"
LINK_LASTS = timedelta(hours=24)
MAX_TOKEN_DAYS = 3660
# A use is written down at most so often: every request would be a write otherwise.
_USE_EVERY = timedelta(hours=1)


def issue(
    session: Session,
    account: Account,
    kind: CredentialKind,
    *,
    lasts: timedelta,
    name: str = "",
) -> tuple[Credential, str]:
    """Make a secret that opens an account; it is given back here and nowhere else."""
    secret = secrets.token_urlsafe(32)
    row = Credential(
        account_id=account.id or 0, kind=kind, name=name, secret_hash=_hash(secret),
        expires_at=now() + lasts,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row, secret


def issue_token(session: Session, account: Account, name: str, days: int) -> tuple[Credential, str]:
    """Make a token of a name for so many days.

    Raises
    ------
    BadAccount
        When it has no name, or would last too long.
    """
    if not 1 <= len(name.strip()) <= 100:
        raise BadAccount(field="name", value=name[:100], accepted="1 .. 100")
    if not 1 <= days <= MAX_TOKEN_DAYS:
        raise BadAccount(field="days", value=days, accepted=f"1 .. {MAX_TOKEN_DAYS}")
    return issue(
        session, account, CredentialKind.TOKEN, lasts=timedelta(days=days), name=name.strip()
    )


def caller_of(engine: Engine, secret: str, kinds: Collection[CredentialKind]) -> Caller | None:
    """Find who a secret stands for; None when it opens nothing (any more)."""
    moment = now()
    with reading(engine) as session:
        found = session.exec(
            select(Credential, Account)
            .join(Account)
            .where(Credential.secret_hash == _hash(secret))
            .where(col(Credential.kind).in_(kinds))
            .where(*_opens(moment))
        ).first()
    if found is None:
        return None
    credential, account = found
    if credential.used_at is None or moment - credential.used_at > _USE_EVERY:
        # Who only reads must not wait for who writes long, nor be shut out by a disk that is full.
        write_if_free(
            engine,
            update(Credential).where(col(Credential.id) == credential.id).values(used_at=moment),
        )
    return caller(account, credential.kind, credential.id)


def account_behind(session: Session, credential_id: int | None) -> Account | None:
    """Find the account that a credential opens; None when it opens nothing any more."""
    query = select(Account).join(Credential).where(Credential.id == credential_id)
    return session.exec(query.where(*_opens(now()))).first()


def _opens(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Credential.revoked_at).is_(None),
        col(Credential.expires_at) > moment,
        col(Account.is_active).is_(True),
    )


def caller(account: Account, via: str, credential_id: int | None = None) -> Caller:
    """Give an account as the one who asks."""
    return Caller(
        account_id=account.id or 0, account=account.name, role=Role(account.role),
        area=account.area, team=account.team, via=via, credential_id=credential_id,
    )  # fmt: skip


def check_password(session: Session, name: str, password: str) -> Account:
    """Find the open account that name and password belong to.

    Raises
    ------
    SignInRefused
        When there is none; which of the two was wrong is not told.
    """
    account = session.exec(select(Account).where(Account.name == name)).first()
    is_right = is_password(password, account.password_hash if account else None)
    if account is None or not is_right or not account.is_active:
        raise SignInRefused
    return account


def use_link(session: Session, secret: str) -> Account:
    """Find the open account that a link leads to; the link opens nothing from then on.

    Raises
    ------
    LinkRefused
        When it was used before, has expired, or never was.
    """
    moment = now()
    # One statement: of two that follow the same link at once, one is let in.
    used = session.execute(
        update(Credential)
        .where(col(Credential.secret_hash) == _hash(secret))
        .where(col(Credential.kind) == CredentialKind.LINK)
        .where(col(Credential.used_at).is_(None))
        .where(col(Credential.revoked_at).is_(None))
        .where(col(Credential.expires_at) > moment)
        .values(used_at=moment)
        .returning(col(Credential.account_id))
    ).scalar_one_or_none()
    account = None if used is None else session.get(Account, used)
    if account is None or not account.is_active:
        raise LinkRefused
    return account


def set_password(session: Session, account: Account, password: str) -> None:
    """Choose a password; every browser that is signed in, and every link, is shut out."""
    account.password_hash = hash_of(password)
    session.add(account)
    shut = (CredentialKind.SESSION, CredentialKind.LINK)
    session.execute(
        update(Credential)
        .where(col(Credential.account_id) == account.id)
        .where(col(Credential.kind).in_(shut))
        .where(col(Credential.revoked_at).is_(None))
        .values(revoked_at=now())
    )
    session.flush()


def revoke(session: Session, credential_id: int | None) -> None:
    """Let a credential open nothing from now on."""
    session.execute(
        update(Credential)
        .where(col(Credential.id) == credential_id)
        .where(col(Credential.revoked_at).is_(None))
        .values(revoked_at=now())
    )


def revoke_token(session: Session, token_id: int, *, owner: int | None = None) -> Credential:
    """Revoke a token, of ``owner`` only where one is given.

    Raises
    ------
    TokenNotFound
        When there is no such token, or it was revoked.
    """
    row = session.get(Credential, token_id)
    is_own = row is not None and (owner is None or row.account_id == owner)
    if row is None or not is_own or row.kind != CredentialKind.TOKEN or row.revoked_at is not None:
        raise TokenNotFound(token_id=token_id)
    row.revoked_at = now()
    session.add(row)
    session.flush()
    return row


def token_rows(session: Session, *, owner: int | None = None) -> list[dict[str, Any]]:
    """List tokens that were not revoked, by account and name; never their secrets."""
    query = (
        select(Credential, Account.name)
        .join(Account)
        .where(Credential.kind == CredentialKind.TOKEN)
        .where(col(Credential.revoked_at).is_(None))
        .order_by(col(Account.name), col(Credential.name), col(Credential.id))
    )
    if owner is not None:
        query = query.where(Credential.account_id == owner)
    return [token_row(row, account) for row, account in session.exec(query)]


def token_row(row: Credential, account: str) -> dict[str, Any]:
    """Give a token as plain values."""
    return {
        "token_id": row.id,
        "account": account,
        "name": row.name,
        "created_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
        "used_at": _iso(row.used_at),
    }


def first_link(engine: Engine) -> str | None:
    """Make the secret of a sign-in link for a service that no admin has ever opened; else None.

    The account ``admin`` is made when there is none. Asked again before the link was used, it
    makes another, and the earlier one ends.
    """
    with transaction(engine) as session:
        return _first_link(session)


def _first_link(session: Session) -> str | None:
    one_at_a_time(session, "accounts")  # of two servers that start at once one makes the account
    chiefs = session.exec(
        select(Account)
        .where(Account.role == Role.ADMIN)
        .where(Account.area == WHOLE_COUNTRY)
        .order_by(col(Account.id))
    ).all()
    if any(_was_opened(session, account) for account in chiefs):
        return None
    account = chiefs[0] if chiefs else Account(name=FIRST_ADMIN, role=Role.ADMIN)
    session.add(account)
    session.flush()
    session.execute(
        update(Credential)
        .where(col(Credential.account_id) == account.id)
        .where(col(Credential.kind) == CredentialKind.LINK)
        .values(revoked_at=now())
    )
    return issue(session, account, CredentialKind.LINK, lasts=LINK_LASTS)[1]


def _was_opened(session: Session, account: Account) -> bool:
    used = (
        select(Credential.id)
        .where(Credential.account_id == account.id)
        .where(col(Credential.used_at).is_not(None))
    )
    return account.password_hash is not None or session.exec(used).first() is not None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
