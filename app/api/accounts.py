"""Who is asking; accounts and tokens."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from sqlmodel import Session

from app.access import ADMINS, Caller
from app.access_errors import (
    AccountExists,
    AccountNotFound,
    BadAccount,
    LastAdmin,
    RoleRefused,
    TokenNotFound,
)
from app.accounts import account_row, account_rows, add_account, change_account, find_account
from app.api.deps import ReadDep, SessionDep, TokenId
from app.api.guard import CallerDep
from app.api.problems import problems
from app.areas import WHOLE_COUNTRY
from app.credentials import LINK_LASTS, issue, issue_token, revoke_token, token_row, token_rows
from app.models import CredentialKind
from app.schemas.accounts import (
    AccountChange,
    AccountIn,
    AccountList,
    AccountOut,
    CallerOut,
    SignInLink,
    TokenIn,
    TokenList,
    TokenMade,
)

router = APIRouter(prefix="/api/v1", tags=["accounts"])
AccountName = Annotated[str, Path(max_length=64, description="Name of an account.")]


@router.get(
    "/session", operation_id="read_session", summary="Tell who is asking", responses=problems()
)
def read_session(caller: CallerDep) -> CallerOut:
    """Give the account of the token or of the browser, with its role and area."""
    return CallerOut(
        account=caller.account, role=caller.role, area=caller.area or None, team=caller.team,
        via=caller.via,
    )  # fmt: skip


@router.get(
    "/accounts", operation_id="list_accounts", summary="List accounts", responses=problems()
)
def list_accounts(session: ReadDep) -> AccountList:
    """Give the accounts of one's area, by name."""
    return AccountList.model_validate({"items": account_rows(session)})


@router.post(
    "/accounts",
    operation_id="create_account",
    status_code=201,
    summary="Add an account",
    responses=problems(AccountExists, BadAccount),
)
def create_account(body: AccountIn, session: SessionDep) -> AccountOut:
    """Add an account within one's own area; it has no password until its owner chooses one.

    `create_sign_in_link` gives the link with which the owner comes in.
    """
    made = add_account(
        session, body.name, role=body.role, area=body.area or WHOLE_COUNTRY, team=body.team
    )
    return AccountOut.model_validate(account_row(made))


@router.patch(
    "/accounts/{name}",
    operation_id="change_account",
    summary="Change, close or open an account",
    responses=problems(AccountNotFound, BadAccount, LastAdmin),
)
def patch_account(name: AccountName, body: AccountChange, session: SessionDep) -> AccountOut:
    """Change what an account may do; a closed one opens nothing, and what it did stays known."""
    area = (body.area or WHOLE_COUNTRY) if "area" in body.model_fields_set else None
    changed = change_account(
        session, name, role=body.role, area=area, team=body.team, is_active=body.is_active
    )
    return AccountOut.model_validate(account_row(changed))


@router.post(
    "/accounts/{name}/link",
    operation_id="create_sign_in_link",
    status_code=201,
    summary="Make a link that signs in once",
    responses=problems(AccountNotFound),
)
def post_link(name: AccountName, session: SessionDep) -> SignInLink:
    """Give a link for who is new or has forgotten a password; it ends after a day."""
    account = find_account(session, name)
    _, secret = issue(session, account, CredentialKind.LINK, lasts=LINK_LASTS)
    hours = LINK_LASTS // timedelta(hours=1)
    return SignInLink(name=name, path=f"/sign-in?link={secret}", hours=hours)


@router.get("/tokens", operation_id="list_tokens", summary="List tokens", responses=problems())
def list_tokens(session: ReadDep, caller: CallerDep) -> TokenList:
    """Give one's own tokens; to an admin those of all accounts of the area."""
    return TokenList.model_validate({"items": token_rows(session, owner=_own(caller))})


@router.post(
    "/tokens",
    operation_id="create_token",
    status_code=201,
    summary="Make a token",
    responses=problems(AccountNotFound, BadAccount, RoleRefused),
)
def post_token(body: TokenIn, session: SessionDep, caller: CallerDep) -> TokenMade:
    """Make a token for a machine or a team's phone; its secret is told in this answer only."""
    return TokenMade.model_validate(make_token(session, caller, body))


@router.delete(
    "/tokens/{token_id}",
    operation_id="revoke_token",
    status_code=204,
    summary="Revoke a token",
    responses=problems(TokenNotFound),
)
def delete_token(token_id: TokenId, session: SessionDep, caller: CallerDep) -> None:
    """Let a token open nothing from now on: one's own, or as an admin any of the area."""
    revoke_token(session, token_id, owner=_own(caller))


def make_token(session: Session, caller: Caller, body: TokenIn) -> dict[str, object]:
    """Make the token that a body asks for, or raise ``RoleRefused`` when it is for another."""
    name = body.account or caller.account
    if name != caller.account and caller.role not in ADMINS:
        raise RoleRefused(
            operation="create_token (account)", roles=", ".join(ADMINS), account=caller.account,
            role=caller.role.value,
        )  # fmt: skip
    row, secret = issue_token(session, find_account(session, name), body.name, body.days)
    return {**token_row(row, name), "token": secret}


def _own(caller: Caller) -> int | None:
    """Narrow tokens to the caller's own, unless it manages those of others."""
    return None if caller.role in ADMINS else caller.account_id
