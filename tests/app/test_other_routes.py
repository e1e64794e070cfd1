"""Who may use what the OpenAPI document does not describe: pages, probes, files, metrics.

The routes are those of the application: one that nobody thought of here fails. What the document
describes is in ``test_access.py``.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.accounts import find_account
from app.api.allowance import Allowances
from app.api.pages import DIST
from app.credentials import issue, issue_token
from app.db import reading, transaction
from app.models import Account, CalendarFeed, Credential, CredentialKind, Role
from app.settings import Settings
from tests.app.conftest import AppClient, ClientOf, slug
from tests.app.people import let_in

NOBODY, CHIEF, OTHER = "nobody", "uji", "utara"
LOCAL = tuple(role.value for role in Role)
"""Accounts of 62.02, each named like its role."""
EVERYBODY, SIGNED_IN = (NOBODY, CHIEF, *LOCAL), (CHIEF, *LOCAL)
ADMINS, WHOLE = (CHIEF, "admin"), (CHIEF,)
"""Of an account of 62.02: admins of the same place, or of all; whose area is the whole country."""
FEED = "alamat-kalender-tim-a"
WORD = "sungai-mentaya"


class Route(NamedTuple):
    """Who may use a route, how it is asked, and the status of who may.

    ``refused`` is the status of who is signed in and may not; nobody gets ``stranger``.
    """

    who: tuple[str, ...]
    path: str = ""
    form: dict[str, str] | None = None
    status: int = 200
    refused: int = 422
    stranger: int = 303


ACCOUNT = {"name": "baru-{who}", "role": "viewer", "area": "62.02", "team": ""}
ROUTES: dict[str, list[Route]] = {
    "GET /livez": [Route(EVERYBODY)],
    "GET /readyz": [Route(EVERYBODY)],
    "GET /problems": [Route(EVERYBODY)],
    "GET /problems/{slug}": [Route(EVERYBODY, "/problems/plan-not-found")],
    "GET /": [Route(EVERYBODY, status=200 if (DIST / "index.html").is_file() else 503)],
    "GET /{name}": [Route(EVERYBODY, "/kosong.txt", status=404)],
    "GET /assets": [Route(EVERYBODY, "/assets/kosong.js", status=404)],
    "GET /sign-in": [Route(EVERYBODY)],
    "POST /sign-in": [Route(EVERYBODY, form={"name": "viewer", "password": WORD}, status=401)],
    # This office has no such service; with one: test_single_sign_on.py.
    "GET /sign-in/service": [Route(EVERYBODY, status=404)],
    "GET /sign-in/service/back": [Route(EVERYBODY, status=404)],
    "POST /sign-out": [Route(EVERYBODY, form={}, status=303)],
    # The address is the secret; whoever has it needs no account.
    "GET /calendar/{secret}.ics": [
        Route(EVERYBODY, f"/calendar/{FEED}.ics"),
        Route(EVERYBODY, "/calendar/alamat-yang-tidak-ada.ics", status=404),
    ],
    "GET /account": [Route(SIGNED_IN)],
    "POST /account/password": [Route(SIGNED_IN, form={"new": WORD, "again": WORD})],
    "POST /account/tokens": [
        Route(SIGNED_IN, form={"name": "hp-{who}", "days": "30"}),
        Route(ADMINS, form={"name": "hp-{who}", "days": "30", "account": "siti"}),
        Route(WHOLE, form={"name": "hp-{who}", "days": "30", "account": OTHER}),
    ],
    "POST /account/tokens/{token_id}/revoke": [
        Route(ADMINS, "/account/tokens/{token}/revoke", {}),
        Route(WHOLE, "/account/tokens/{token_there}/revoke", {}),
    ],
    "POST /account/accounts": [
        Route(ADMINS, form=ACCOUNT),
        Route(WHOLE, form={**ACCOUNT, "name": "utara-{who}", "area": "65.01"}),
    ],
    "POST /account/accounts/{name}/link": [
        Route(ADMINS, "/account/accounts/siti/link", {}),
        Route(WHOLE, f"/account/accounts/{OTHER}/link", {}),
    ],
    "POST /account/accounts/{name}/{state}": [
        Route(ADMINS, "/account/accounts/siti/close", {}),
        Route(WHOLE, f"/account/accounts/{OTHER}/close", {}),
    ],
    "GET /api/v1/openapi.json": [Route(SIGNED_IN, stranger=401)],
    "GET /api/v1/metrics": [Route(WHOLE, refused=403, stranger=401)],
}


def routes_of(found: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Give each route of an application with its method and path; those of its routers too."""
    for route in found:
        if hasattr(route, "effective_candidates"):
            yield from routes_of(route.effective_candidates())
        else:
            for method in sorted(getattr(route, "methods", None) or {"GET"}):
                yield f"{method} {route.path}", route


@pytest.fixture
def office(seeded: Engine) -> Engine:
    """An account of each role in 62.02, siti besides, and an admin of 65.01."""
    let_in(seeded)
    for role in LOCAL:
        let_in(seeded, role, role, "62.02", team="A" if role == "team" else None)
    let_in(seeded, "siti", "viewer", "62.02")
    let_in(seeded, OTHER, "admin", "65.01")
    secret_hash = hashlib.sha256(FEED.encode()).hexdigest()
    with transaction(seeded) as session:
        session.add(CalendarFeed(team="A", lang="id", secret_hash=secret_hash, created_by="siti"))
    return seeded


@pytest.fixture
def nobody(office: Engine, settings: Settings, client_of: ClientOf) -> AppClient:
    assert office.dialect.name in settings.url
    return client_of(settings, signed_in=False)


def token_of(engine: Engine, name: str) -> int:
    """Make one more token of an account, to be revoked."""
    with transaction(engine) as session:
        account = find_account(session, name)
        return issue_token(session, account, f"x{secrets.token_hex(4)}", 1)[0].id or 0


def cookie_of(engine: Engine, name: str) -> dict[str, str]:
    """Sign an account in anew: a password that was chosen ends its other sessions."""
    if name == NOBODY:
        return {}
    with transaction(engine) as session:
        account = find_account(session, name)
        secret = issue(session, account, CredentialKind.SESSION, lasts=timedelta(hours=1))[1]
    return {"Cookie": f"jemput_bola_8000={secret}"}


def kept(engine: Engine) -> list[tuple[Any, ...]]:
    """Give what opens which account, but for when it was used."""
    with reading(engine) as session:
        accounts = session.exec(
            select(Account.name, Account.role, Account.is_active, Account.password_hash)
        ).all()
        opening = session.exec(
            select(Credential.id, Credential.account_id, Credential.revoked_at)
        ).all()
        return sorted(map(tuple, accounts)) + sorted(map(tuple, opening), key=str)


def test_every_route_beside_the_document_is_named_here(nobody: AppClient):
    described = {
        f"{method.upper()} {path}"
        for path, methods in nobody.app.openapi()["paths"].items()
        for method in methods
    }
    found = {name for name, _ in routes_of(nobody.app.routes)}
    assert found - described == set(ROUTES), "say in ROUTES who may use a new route"
    assert described - found == set()


def test_a_route_is_used_by_whom_it_is_for_and_by_nobody_else(nobody: AppClient, office: Engine):
    for name, route in ((name, route) for name, routes in ROUTES.items() for route in routes):
        method, template = name.split(" ", 1)
        for who in EVERYBODY:
            path = route.path or template
            for place, owner in (("{token}", "siti"), ("{token_there}", OTHER)):
                if place in path:
                    path = path.replace(place, str(token_of(office, owner)))
            form = {key: text.format(who=who) for key, text in (route.form or {}).items()}
            nobody.app.state.allowances = Allowances()
            headers = cookie_of(office, who)
            before = [] if who in route.who else kept(office)
            sent = {} if route.form is None else {"data": form}
            answer = nobody.request(method, path, headers=headers, **sent)
            at = (who, route, answer.text[:300])
            if who in route.who:
                assert answer.status_code == route.status, at
                continue
            expected = route.stranger if who == NOBODY else route.refused
            assert answer.status_code == expected, at
            assert kept(office) == before, at
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/sign-in?"), at
            elif answer.status_code in {401, 403}:
                assert slug(answer) in {"unauthorised", "role-refused", "whole-service-only"}, at
