"""Accounts: added, changed, closed; and the passwords that open them."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.access_errors import AccountExists, AccountNotFound, BadAccount, LastAdmin
from app.areas import WHOLE_COUNTRY, everywhere, holds, is_area
from app.db import now, one_at_a_time
from app.models import Account, Credential, Role, Team

if TYPE_CHECKING:
    from pwdlib import PasswordHash

NAME = r"[a-z0-9][a-z0-9._@-]{0,63}"
# NIST SP 800-63B 5.1.1: length is what counts; no rules about kinds of characters.
SHORTEST, LONGEST = 10, 200


def add_account(
    session: Session,
    name: str,
    *,
    role: str,
    area: str = WHOLE_COUNTRY,
    team: str | None = None,
    password: str | None = None,
) -> Account:
    """Add an account; without a password only a link or a token opens it.

    Parameters
    ----------
    name
        What one signs in with: small letters, digits and ``._@-``.
    role
        One of ``Role``.
    area
        Empty for the whole country, else ``62`` or ``62.02``.
    team
        Whose phone it is, of role *team*; that team must be known.

    Raises
    ------
    BadAccount, AccountExists
        When a value cannot be used, or the name is taken.
    OutsideArea
        When the session is limited and the area is not within that.
    """
    if re.fullmatch(NAME, name) is None:
        raise BadAccount(field="name", value=name[:80], accepted="a-z 0-9 . _ @ -, 1 .. 64")
    with everywhere(session):  # names are one list for the whole service
        if _named(session, name) is not None:
            raise AccountExists(account=name)
    account = Account(name=name, role="", area=WHOLE_COUNTRY)
    _set(session, account, role=role, area=area, team=team)
    if password is not None:
        account.password_hash = hash_of(password)
    session.add(account)
    try:
        session.flush()
    except IntegrityError as error:  # of two who ask at the same moment one comes second here
        raise AccountExists(account=name) from error
    return account


def change_account(
    session: Session,
    name: str,
    *,
    role: str | None = None,
    area: str | None = None,
    team: str | None = None,
    is_active: bool | None = None,
) -> Account:
    """Change what an account may do, or close and open it; what is None stays.

    Raises
    ------
    AccountNotFound, BadAccount, OutsideArea
        As ``add_account``.
    LastAdmin
        When nobody would be left who may manage the accounts of the whole country.
    """
    one_at_a_time(session, "accounts")  # of two last admins who go at the same moment one stays
    account = find_account(session, name)
    was_chief = _is_chief(account)
    new_role = account.role if role is None else role
    kept_team = account.team if new_role == Role.TEAM else None
    _set(
        session, account, role=new_role, area=account.area if area is None else area,
        team=kept_team if team is None else team,
    )  # fmt: skip
    if is_active is not None:
        account.is_active = is_active
    if not account.is_active:
        _shut_out(session, account)
    session.add(account)
    session.flush()
    if was_chief and not _is_chief(account) and not _chiefs(session):
        raise LastAdmin(account=name)
    return account


def _shut_out(session: Session, account: Account) -> None:
    """Revoke what opens a closed account: opened again it is not to be open to whoever had it."""
    opens = (col(Credential.account_id) == account.id, col(Credential.revoked_at).is_(None))
    session.execute(update(Credential).where(*opens).values(revoked_at=now()))


def find_account(session: Session, name: str) -> Account:
    """Find the account of a name or raise ``AccountNotFound``."""
    account = _named(session, name)
    if account is None:
        raise AccountNotFound(account=name[:80])
    return account


def account_rows(session: Session) -> list[dict[str, Any]]:
    """List accounts by name, as plain values."""
    rows = session.exec(select(Account).order_by(col(Account.name)))
    return [account_row(account) for account in rows]


def account_row(account: Account) -> dict[str, Any]:
    """Give an account as plain values; whether it has a password, never which."""
    return {
        "account_id": account.id,
        "name": account.name,
        "role": account.role,
        "area": account.area or None,
        "team": account.team,
        "is_active": account.is_active,
        "has_password": account.password_hash is not None,
        "created_at": account.created_at.isoformat(),
    }


def hash_of(password: str) -> str:
    """Hash a password (argon2id, the parameters of RFC 9106) or raise ``BadAccount``."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadAccount(field="password", value="***", accepted=f"{SHORTEST} .. {LONGEST}")
    return _hasher().hash(password)


def is_password(password: str, password_hash: str | None) -> bool:
    """Compare a password; as slow when there is none, so that nobody learns which names exist."""
    known = password_hash or _nobodys_hash()
    return _hasher().verify(password[: LONGEST + 1], known) and password_hash is not None


@cache
def _hasher() -> "PasswordHash":
    from pwdlib import PasswordHash  # loads a library of C, which most commands do not need

    return PasswordHash.recommended()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody's password")


def _set(session: Session, account: Account, *, role: str, area: str, team: str | None) -> None:
    if role not in set(Role):
        raise BadAccount(field="role", value=role, accepted=" | ".join(Role))
    if not is_area(area):
        raise BadAccount(field="area", value=area, accepted="62 | 62.02")
    if (role == Role.TEAM) != (team is not None):
        accepted = "62.02-A" if role == Role.TEAM else "-"
        raise BadAccount(field="team", value=team or "-", accepted=accepted)
    if team is not None:
        area = _area_of_team(session, team, area)
    account.role, account.area, account.team = role, area, team


def _area_of_team(session: Session, name: str, area: str) -> str:
    """Give the area of a team's phone: that of its regency, unless a larger one was named."""
    team = session.get(Team, name)
    if team is None:
        known = session.exec(select(Team.name).order_by(col(Team.name))).all()
        raise BadAccount(field="team", value=name, accepted=", ".join(known) or "-")
    if not holds(area, team.regency_code):
        raise BadAccount(field="area", value=area, accepted=team.regency_code)
    return area or team.regency_code


def _named(session: Session, name: str) -> Account | None:
    return session.exec(select(Account).where(Account.name == name)).first()


def _is_chief(account: Account) -> bool:
    is_admin = account.role == Role.ADMIN and account.area == WHOLE_COUNTRY
    return is_admin and account.is_active


def _chiefs(session: Session) -> int:
    return session.exec(
        select(func.count())
        .select_from(Account)
        .where(Account.role == Role.ADMIN)
        .where(Account.area == WHOLE_COUNTRY)
        .where(col(Account.is_active))
    ).one()
