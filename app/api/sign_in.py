"""Pages for signing in and out, plain forms that need no script."""

import re
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, FastAPI, Form, Query, Request
from sqlmodel import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app import audit
from app.access_errors import LinkRefused, SignInRefused, TooManyRequests
from app.api import account_page
from app.api.allowance import SIGN_IN_ADDRESS, SIGN_IN_NAME, Allowances
from app.api.deps import EngineDep, LangDep, SettingsDep
from app.api.forms import field, form, page
from app.api.guard import cookie_name
from app.credentials import caller, check_password, issue, revoke, use_link
from app.db import transaction
from app.errors import AppError
from app.models import Account, CredentialKind
from app.page_texts import PAGE_TEXTS
from app.settings import Settings
from app.texts import Lang, render

if TYPE_CHECKING:
    from app.access import Caller

router = APIRouter(include_in_schema=False)
# Back to a place of the map or to the account, never to another site.
_OWN_PLACE = re.compile(r"/(account)?(#[^\s]*)?")
Text = Annotated[str, Form(max_length=300)]


def install(app: FastAPI) -> None:
    """Add the pages to ``app``."""
    app.include_router(router)
    app.include_router(account_page.router)


@router.get("/sign-in")
def show_sign_in(
    lang: LangDep,
    link: Annotated[str | None, Query(max_length=300)] = None,
    goes_to: Annotated[str, Query(alias="next", max_length=2000)] = "/",
) -> HTMLResponse:
    """Show the form; a link is used by its button, not by whatever fetches the page."""
    return _sign_in_page(lang, link=link, goes_to=goes_to)


@router.post("/sign-in")
def sign_in(
    request: Request,
    engine: EngineDep,
    settings: SettingsDep,
    lang: LangDep,
    name: Text = "",
    password: Text = "",
    link: Text = "",
    goes_to: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Let in who has the right password or link, with a cookie."""
    tried = name.strip().lower()
    address = request.client.host if request.client else "-"
    allowances: Allowances = request.app.state.allowances
    try:
        allowances.spend(SIGN_IN_ADDRESS, address)
        if not link:
            allowances.spend(SIGN_IN_NAME, tried)
        with transaction(engine) as session:
            account = use_link(session, link) if link else check_password(session, tried, password)
            via = "link" if link else "password"
            secret = _open(session, account, settings, via)
            is_new = account.password_hash is None
    except (SignInRefused, LinkRefused, TooManyRequests) as error:
        with transaction(engine) as session:
            via = "link" if link else "password"
            audit.record(session, "sign_in_refused", address, account=tried[:64], via=via)
        return _sign_in_page(lang, goes_to=goes_to, name=tried, error=error)
    allowances.give_back(SIGN_IN_ADDRESS, address)
    if not link:
        allowances.give_back(SIGN_IN_NAME, tried)
    place = goes_to if _OWN_PLACE.fullmatch(goes_to) else "/"
    answer = RedirectResponse(f"/account?lang={lang}" if is_new else place, 303)
    answer.set_cookie(
        cookie_name(settings), secret, max_age=_lasts(settings).days * 86_400, httponly=True,
        samesite="lax", secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


@router.post("/sign-out")
def sign_out(request: Request, engine: EngineDep, settings: SettingsDep, lang: LangDep) -> Response:
    """End the session of this browser."""
    who: Caller | None = request.state.caller
    if who is not None and who.via == CredentialKind.SESSION:
        with transaction(engine) as session:
            revoke(session, who.credential_id)
            audit.record(session, "sign_out", "/sign-out", caller=who)
    answer = RedirectResponse(f"/sign-in?lang={lang}", 303)
    answer.delete_cookie(cookie_name(settings))
    return answer


def _open(session: Session, account: Account, settings: Settings, via: str) -> str:
    _, secret = issue(session, account, CredentialKind.SESSION, lasts=_lasts(settings))
    audit.record(session, "sign_in", "/sign-in", caller=caller(account, via))
    return secret


def _lasts(settings: Settings) -> timedelta:
    return timedelta(days=settings.session_days)


def _sign_in_page(
    lang: Lang,
    *,
    link: str | None = None,
    goes_to: str = "/",
    name: str = "",
    error: AppError | None = None,
) -> HTMLResponse:
    words = PAGE_TEXTS[lang]
    hidden = {"next": goes_to, "lang": lang}
    if link:
        body = f"<p>{escape(words['follow'])}</p>"
        body += form("/sign-in", [], words["sign-in"], {**hidden, "link": link}, lang)
    else:
        fields = [
            field("name", words["name"], name, autocomplete="username", autocapitalize="none"),
            field("password", words["password"], kind="password", autocomplete="current-password"),
        ]
        body = form("/sign-in", fields, words["sign-in"], hidden, lang)
        body += f"<p>{escape(words['no-account'])}</p>"
    other = "en" if lang == "id" else "id"
    body += f'<p><a href="/sign-in?lang={other}" lang="{other}">{words["other-lang"]}</a></p>'
    status = 200 if error is None else 429 if isinstance(error, TooManyRequests) else 401
    wrong = None if error is None else render(error, lang)
    return page(words["sign-in"], body, lang, status=status, wrong=wrong)
