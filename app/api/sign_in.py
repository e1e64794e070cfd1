"""Pages for signing in and out, plain forms that need no script."""

import re
from datetime import timedelta
from html import escape
from ipaddress import IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, Form, HTTPException, Query, Request
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app import audit
from app.access_errors import (
    STATUS,
    LinkRefused,
    NoAccountHere,
    SignInRefused,
    SingleSignOnDown,
    SingleSignOnLost,
    SingleSignOnRefused,
    TooManyRequests,
)
from app.api import account_page
from app.api.allowance import SIGN_IN_ADDRESS, SIGN_IN_NAME, Allowances
from app.api.deps import EngineDep, LangDep, SettingsDep
from app.api.forms import field, form, page
from app.api.guard import cookie_name, usable
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
_SERVICE = "/sign-in/service"
BY_SERVICE = "service"
Text = Annotated[str, Form(max_length=300)]


def install(app: FastAPI) -> None:
    """Add the pages to ``app``."""
    for part in (router, account_page.router):
        app.include_router(part, dependencies=[Depends(usable)])


@router.get("/sign-in")
def show_sign_in(
    settings: SettingsDep,
    lang: LangDep,
    link: Annotated[str | None, Query(max_length=300)] = None,
    goes_to: Annotated[str, Query(alias="next", max_length=2000)] = "/",
) -> HTMLResponse:
    """Show the form; a link is used by its button, not by whatever fetches the page."""
    return _sign_in_page(lang, settings, link=link, goes_to=goes_to)


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
    address, allowances = _address(request), _allowances(request)
    household = household_of(address)
    try:
        allowances.spend(SIGN_IN_ADDRESS, household)
        if not link:
            allowances.spend(SIGN_IN_NAME, tried)
        with transaction(engine) as session:
            account = use_link(session, link) if link else check_password(session, tried, password)
            via = "link" if link else "password"
            secret = _open(session, account, settings, via)
            is_new = account.password_hash is None
    except TooManyRequests as error:  # not written down: that would have no limit
        return _sign_in_page(lang, settings, goes_to=goes_to, name=tried, error=error)
    except (SignInRefused, LinkRefused) as error:
        with transaction(engine) as session:
            via = "link" if link else "password"
            audit.record(session, "sign_in_refused", address, account=tried[:64], via=via)
        return _sign_in_page(lang, settings, goes_to=goes_to, name=tried, error=error)
    allowances.give_back(SIGN_IN_ADDRESS, household)
    if not link:
        allowances.give_back(SIGN_IN_NAME, tried)
    place = f"/account?lang={lang}" if is_new else _own_place(goes_to)
    return _signed_in(request, settings, place, secret)


@router.get("/sign-in/service")
def begin_at_service(
    request: Request,
    engine: EngineDep,
    settings: SettingsDep,
    lang: LangDep,
    goes_to: Annotated[str, Query(alias="next", max_length=2000)] = "/",
) -> Response:
    """Send the browser to the office's sign-in service."""
    if not settings.oidc_issuer:
        raise HTTPException(404)
    from app.single_sign_on import LASTS_S, SignInService

    try:
        _allowances(request).spend(SIGN_IN_ADDRESS, household_of(_address(request)))
        place, attempt = SignInService(settings).begin(_back(request), _own_place(goes_to))
    except (SingleSignOnDown, SingleSignOnRefused, TooManyRequests) as error:
        return _refused_by_service(engine, request, settings, lang, error)
    answer = RedirectResponse(place, 303)
    answer.set_cookie(
        _attempt_name(settings), attempt.packed(), max_age=LASTS_S, path=_SERVICE, httponly=True,
        samesite="lax", secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


@router.get("/sign-in/service/back")
def back_from_service(
    request: Request, engine: EngineDep, settings: SettingsDep, lang: LangDep
) -> Response:
    """Let in whom the service sends back; what the browser kept for it is used once."""
    if not settings.oidc_issuer:
        raise HTTPException(404)
    from app.single_sign_on import Attempt, SignInService, account_of

    name = ""
    try:
        _allowances(request).spend(SIGN_IN_ADDRESS, household_of(_address(request)))
        attempt = Attempt.unpacked(request.cookies.get(_attempt_name(settings)))
        name = SignInService(settings).finish(attempt, request.query_params, _back(request))
        with transaction(engine) as session:
            secret = _open(session, account_of(session, name), settings, BY_SERVICE)
    except (
        SingleSignOnLost, SingleSignOnRefused, SingleSignOnDown, NoAccountHere, TooManyRequests
    ) as error:  # fmt: skip
        return _refused_by_service(engine, request, settings, lang, error, name)
    _allowances(request).give_back(SIGN_IN_ADDRESS, household_of(_address(request)))
    answer = _signed_in(request, settings, _own_place(attempt.goes_to), secret)
    answer.delete_cookie(_attempt_name(settings), path=_SERVICE)
    return answer


def _refused_by_service(
    engine: Engine, request: Request, settings: Settings, lang: Lang, error: AppError,
    name: str = "",
) -> Response:  # fmt: skip
    if not isinstance(error, TooManyRequests):  # written down, those would have no limit
        with transaction(engine) as session:
            audit.record(
                session, "sign_in_refused", _address(request), account=name[:64], via=BY_SERVICE,
                details={"code": error.code},
            )  # fmt: skip
    answer = _sign_in_page(lang, settings, error=error)
    answer.delete_cookie(_attempt_name(settings), path=_SERVICE)
    return answer


def _signed_in(request: Request, settings: Settings, place: str, secret: str) -> Response:
    answer = RedirectResponse(place, 303)
    answer.set_cookie(
        cookie_name(settings), secret, max_age=_lasts(settings).days * 86_400, httponly=True,
        samesite="lax", secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


def _own_place(goes_to: str) -> str:
    return goes_to if _OWN_PLACE.fullmatch(goes_to) else "/"


def _back(request: Request) -> str:
    """Give the address that the service sends the browser to; it must have been told of it."""
    return f"{request.url.scheme}://{request.url.netloc}{_SERVICE}/back"


def _attempt_name(settings: Settings) -> str:
    return f"{cookie_name(settings)}_service"


def _allowances(request: Request) -> Allowances:
    allowances: Allowances = request.app.state.allowances
    return allowances


def _address(request: Request) -> str:
    return request.client.host if request.client else "-"


def household_of(address: str) -> str:
    """Name who shares a limit with an address: of IPv6 the 64 bits that one line is given.

    Within these everybody takes as many addresses as they like.
    """
    try:
        is_old = IPv6Address(address).ipv4_mapped is not None
        return address if is_old else str(IPv6Network(f"{address}/64", strict=False))
    except ValueError:  # IPv4, or none
        return address


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
    settings: Settings,
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
        if settings.oidc_issuer:
            asked = urlencode({"lang": lang, "next": goes_to})
            body += f'<p><a href="{_SERVICE}?{escape(asked)}">{escape(words["by-service"])}</a></p>'
        body += f"<p>{escape(words['no-account'])}</p>"
    other = "en" if lang == "id" else "id"
    body += f'<p><a href="/sign-in?lang={other}" lang="{other}">{words["other-lang"]}</a></p>'
    status = 200 if error is None else STATUS[type(error)]
    wrong = None if error is None else render(error, lang)
    return page(words["sign-in"], body, lang, status=status, wrong=wrong)
