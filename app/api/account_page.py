"""The page of one's account: password, tokens; for admins the accounts of their area."""

from collections.abc import Callable
from datetime import timedelta
from html import escape
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from sqlmodel import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app import audit
from app.access import ADMINS, Caller, require_role
from app.accounts import SHORTEST, account_rows, add_account, change_account, find_account
from app.api.accounts import make_token
from app.api.allowance import SIGN_IN_NAME, Allowances
from app.api.deps import EngineDep, LangDep, SettingsDep, TokenId
from app.api.forms import choice, field, form, page, table
from app.api.guard import cookie_name
from app.areas import limit
from app.credentials import (
    LINK_LASTS,
    check_password,
    issue,
    revoke_token,
    set_password,
    token_rows,
)
from app.db import reading, transaction
from app.errors import AppError
from app.models import Account, CredentialKind, Role
from app.page_texts import PAGE_TEXTS
from app.schemas.accounts import TokenIn
from app.texts import Lang, render

router = APIRouter(include_in_schema=False, prefix="/account")
Text = Annotated[str, Form(max_length=300)]
Said = tuple[str, str | None]
"""What to tell, and the secret that follows it."""


@router.get("")
def show(request: Request, engine: EngineDep, lang: LangDep) -> Response:
    """Show the page, or where to sign in."""
    caller: Caller | None = request.state.caller
    return _page(engine, caller, lang) if caller else _to_sign_in(lang)


@router.post("/password")
def post_password(
    request: Request,
    engine: EngineDep,
    settings: SettingsDep,
    lang: LangDep,
    current: Text = "",
    new: Text = "",
    again: Text = "",
) -> Response:
    """Choose a password; this browser stays signed in."""
    words = PAGE_TEXTS[lang]
    caller: Caller | None = request.state.caller
    if caller is not None and caller.via != CredentialKind.SESSION:
        return _to_sign_in(lang)  # a token may be taken back; whoever has it is to get nothing more
    if caller is not None and new != again:
        return _page(engine, caller, lang, wrong=words["differ"])
    secrets: list[str] = []

    def change(session: Session, caller: Caller) -> Said:
        account = find_account(session, caller.account)
        if account.password_hash is not None:
            allowances: Allowances = request.app.state.allowances
            allowances.spend(SIGN_IN_NAME, caller.account)
            check_password(session, caller.account, current)
            allowances.give_back(SIGN_IN_NAME, caller.account)
        set_password(session, account, new)
        lasts = timedelta(days=settings.session_days)
        secrets.append(issue(session, account, CredentialKind.SESSION, lasts=lasts)[1])
        return words["saved"], None

    answer = _act(request, engine, lang, "change_password", change, own=True)
    for secret in secrets:
        answer.set_cookie(
            cookie_name(settings), secret, max_age=settings.session_days * 86_400, httponly=True,
            samesite="lax", secure=request.url.scheme == "https",
        )  # fmt: skip
    return answer


@router.post("/tokens")
def post_token(
    request: Request,
    engine: EngineDep,
    lang: LangDep,
    name: Text = "",
    days: Text = "",
    account: Text = "",
) -> Response:
    """Make a token and show it once."""

    def make(session: Session, caller: Caller) -> Said:
        given = {"name": name, "days": days, "account": account or None}
        made = make_token(session, caller, TokenIn.model_validate(given))
        return PAGE_TEXTS[lang]["made"], str(made["token"])

    return _act(request, engine, lang, "create_token", make)


@router.post("/tokens/{token_id}/revoke")
def post_revoke(request: Request, engine: EngineDep, lang: LangDep, token_id: TokenId) -> Response:
    """Revoke a token."""

    def take_back(session: Session, caller: Caller) -> Said:
        revoke_token(session, token_id, owner=None if caller.role in ADMINS else caller.account_id)
        return PAGE_TEXTS[lang]["revoked"], None

    return _act(request, engine, lang, "revoke_token", take_back)


@router.post("/accounts")
def post_account(
    request: Request,
    engine: EngineDep,
    lang: LangDep,
    name: Text = "",
    role: Text = "",
    area: Text = "",
    team: Text = "",
) -> Response:
    """Add an account and show the link for its owner."""

    def add(session: Session, caller: Caller) -> Said:
        place = area.strip() or caller.area
        made = add_account(session, name.strip(), role=role, area=place, team=team.strip() or None)
        return _link(request, session, made, PAGE_TEXTS[lang]["added"])

    return _act(request, engine, lang, "create_account", add)


@router.post("/accounts/{name}/link")
def post_link(request: Request, engine: EngineDep, lang: LangDep, name: str) -> Response:
    """Show a new link for an account."""

    def link(session: Session, _caller: Caller) -> Said:
        return _link(request, session, find_account(session, name), PAGE_TEXTS[lang]["linked"])

    return _act(request, engine, lang, "create_sign_in_link", link)


@router.post("/accounts/{name}/{state}")
def post_state(
    request: Request, engine: EngineDep, lang: LangDep, name: str, state: Literal["close", "open"]
) -> Response:
    """Close or open an account."""

    def change(session: Session, _caller: Caller) -> Said:
        change_account(session, name, is_active=state == "open")
        return PAGE_TEXTS[lang]["done"], None

    return _act(request, engine, lang, "change_account", change)


def _act(
    request: Request,
    engine: EngineDep,
    lang: Lang,
    operation: str,
    act: Callable[[Session, Caller], Said],
    *,
    own: bool = False,
) -> Response:
    """Do something in a transaction, write it down, and show the page with what came of it."""
    caller: Caller | None = request.state.caller
    if caller is None:
        return _to_sign_in(lang)
    try:
        if not own:  # one's own password is everybody's
            require_role(caller, operation, reads=False)
        with transaction(engine) as session:
            limit(session, caller.area)
            audit.watch(session)
            said, secret = act(session, caller)
            details = {"changes": audit.changes_of(session)}
            audit.record(session, operation, request.url.path, caller=caller, details=details)
    except AppError as error:
        return _page(engine, caller, lang, wrong=render(error, lang))
    except ValidationError as error:
        first = error.errors()[0]
        return _page(engine, caller, lang, wrong=f"{first['loc'][0]}: {first['msg']}")
    return _page(engine, caller, lang, said=said, secret=secret)


def _to_sign_in(lang: Lang) -> Response:
    return RedirectResponse(f"/sign-in?lang={lang}&next=/account", 303)


def _link(request: Request, session: Session, account: Account, text: str) -> Said:
    _, secret = issue(session, account, CredentialKind.LINK, lasts=LINK_LASTS)
    hours = LINK_LASTS // timedelta(hours=1)
    address = f"{request.url.scheme}://{request.url.netloc}/sign-in?link={secret}"
    return text.format(name=account.name, hours=hours), address


def _page(
    engine: EngineDep,
    caller: Caller,
    lang: Lang,
    *,
    wrong: str | None = None,
    said: str | None = None,
    secret: str | None = None,
) -> HTMLResponse:
    words = PAGE_TEXTS[lang]
    is_admin = caller.role in ADMINS
    with reading(engine) as session:
        limit(session, caller.area)
        has_password = find_account(session, caller.account).password_hash is not None
        tokens = token_rows(session, owner=None if is_admin else caller.account_id)
        accounts = account_rows(session) if is_admin else []
    area = caller.area or words["whole-country"]
    who = words["signed-in"].format(account=caller.account, role=caller.role, area=area)
    body = f'<p>{escape(who)}</p><p><a href="/">{words["to-map"]}</a></p>'
    body += form("/sign-out", [], words["sign-out"], lang=lang)
    body += _password_part(words, lang, has_password=has_password)
    body += _token_part(words, lang, tokens, accounts)
    if is_admin:
        body += _account_part(words, lang, accounts)
    status = 200 if wrong is None else 422
    return page(words["account"], body, lang, status=status, wrong=wrong, said=said, secret=secret)


def _password_part(words: dict[str, str], lang: Lang, *, has_password: bool) -> str:
    new = words["new"].format(shortest=SHORTEST)
    fresh = {"kind": "password", "autocomplete": "new-password"}
    fields = [field("new", new, **fresh), field("again", words["again"], **fresh)]
    if has_password:
        known = field("current", words["current"], kind="password", autocomplete="current-password")
        fields.insert(0, known)
    told = words["change" if has_password else "choose"]
    head = f"<h2>{escape(words['password'])}</h2><p>{escape(told)}</p>"
    return head + form("/account/password", fields, words["save"], lang=lang)


def _token_part(
    words: dict[str, str], lang: Lang, tokens: list[dict[str, Any]], accounts: list[dict[str, Any]]
) -> str:
    rows = [
        (
            escape(row["account"]), escape(row["name"]), row["expires_at"][:10],
            (row["used_at"] or "")[:10] or words["never"],
            form(f"/account/tokens/{row['token_id']}/revoke", [], words["revoke"], lang=lang),
        )
        for row in tokens
    ]  # fmt: skip
    heads = (words["whose"], words["token-for"], words["expires"], words["used"], "")
    names = {row["name"]: row["name"] for row in accounts if row["is_active"]}
    fields = [
        *([choice("account", words["whose"], names)] if names else []),
        field("name", words["token-for"]),
        field("days", words["days"], "365", kind="number", min="1"),
    ]
    head = f"<h2>{escape(words['tokens'])}</h2><p>{escape(words['token-help'])}</p>"
    listed = table(heads, rows) if rows else ""
    return head + listed + form("/account/tokens", fields, words["make"], lang=lang)


def _account_part(words: dict[str, str], lang: Lang, accounts: list[dict[str, Any]]) -> str:
    heads = (words["name"], words["role"], words["area"].partition(" (")[0], words["state"], "")
    rows = [
        (
            escape(row["name"]), escape(row["role"]),
            escape(row["area"] or words["whole-country"]),
            words["open" if row["is_active"] else "closed"], _actions(words, lang, row),
        )
        for row in accounts
    ]  # fmt: skip
    roles = {role.value: words[f"role-{role}"] for role in Role}
    fields = [
        field("name", words["name"], autocapitalize="none", autocomplete="off"),
        choice("role", words["role"], roles),
        field("area", words["area"], required="", autocomplete="off"),
        field("team", words["team"], required="", autocomplete="off"),
    ]
    log = (
        f"<h2>{escape(words['log'])}</h2>"
        f'<p><a href="/api/v1/audit/export">{escape(words["log-csv"])}</a></p>'
    )
    head = f"<h2>{escape(words['accounts'])}</h2>"
    return head + table(heads, rows) + form("/account/accounts", fields, words["add"],
                                            lang=lang) + log  # fmt: skip


def _actions(words: dict[str, str], lang: Lang, row: dict[str, Any]) -> str:
    base = f"/account/accounts/{row['name']}"
    state = "close" if row["is_active"] else "open"
    button = words["close" if row["is_active"] else "reopen"]
    return form(f"{base}/link", [], words["link"], lang=lang) + form(
        f"{base}/{state}", [], button, lang=lang
    )
