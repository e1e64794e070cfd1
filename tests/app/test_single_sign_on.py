"""Signing in with an office's own service: a real provider on loopback, with faults on demand."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from app import audit
from app.access_errors import BadSingleSignOn
from app.accounts import add_account, change_account
from app.db import reading, transaction
from app.settings import Settings
from tests.app.conftest import AppClient, ClientOf, make_settings
from tests.app.loaded import ROOT
from tests.app.sign_in_service import CLIENT, SECRET

SITI = "siti@dukcapil.example"
KEPT, COOKIE = "jemput_bola_8000_service", "jemput_bola_8000"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider as a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.app.sign_in_service"], cwd=ROOT, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout:
        yield process.stdout.readline().strip()
        process.terminate()
        process.wait(20)


@pytest.fixture
def service(settings: Settings, issuer: str) -> Settings:
    return make_settings(
        settings.data_dir,
        database_url=settings.database_url,
        oidc_issuer=issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
    )


@pytest.fixture
def browser(service: Settings, client_of: ClientOf, engine: Engine) -> AppClient:
    """A browser that is not signed in; siti has an account, budi one that was closed."""
    with transaction(engine) as session:
        add_account(session, SITI, role="planner", area="62.02")
        add_account(session, "budi@dukcapil.example", role="viewer")
        change_account(session, "budi@dukcapil.example", is_active=False)
    return client_of(service, signed_in=False)


def begin(browser: AppClient, goes_to: str = "/") -> tuple[str, dict[str, str]]:
    """Follow the link of the sign-in page: the provider's page, and what the browser keeps."""
    answer = browser.get("/sign-in/service", params={"next": goes_to})
    assert answer.status_code == 303, answer.text
    kept = SimpleCookie(answer.headers["set-cookie"])[KEPT]
    assert (kept["httponly"], kept["samesite"], kept["path"]) == (True, "lax", "/sign-in/service")
    return answer.headers["location"], {"Cookie": f"{KEPT}={kept.value}"}


def let_in(page: str, who: str = SITI, fault: str = "") -> str:
    """Say who one is on the provider's page: the address that it sends the browser to."""
    place = httpx.get(page, params={**_query(page), "who": who, "fault": fault})
    return place.headers["location"].removeprefix("http://localhost")


def _query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def is_let_in(answer: httpx.Response) -> bool:
    return answer.status_code == 303 and f"{COOKIE}=" in answer.headers.get("set-cookie", "")


def test_who_the_service_knows_and_who_has_an_account_is_let_in(browser: AppClient, engine: Engine):
    page, kept = begin(browser, "/#plan=3")
    asked = _query(page)
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"] == "http://localhost/sign-in/service/back"
    answer = browser.get(let_in(page), headers=kept)
    assert is_let_in(answer), answer.text
    assert answer.headers["location"] == "/#plan=3"
    cookies = [SimpleCookie(text) for text in answer.headers.get_list("set-cookie")]
    secret = next(cookie[COOKIE].value for cookie in cookies if COOKIE in cookie)
    seen = browser.get("/api/v1/session", headers={"Cookie": f"{COOKIE}={secret}"}).json()
    assert (seen["account"], seen["role"], seen["area"]) == (SITI, "planner", "62.02")
    with reading(engine) as session:
        newest = audit.entries(session)[0]
    assert (newest["account"], newest["via"], newest["action"]) == (SITI, "service", "sign_in")


@pytest.mark.parametrize(
    ("who", "fault", "said"),
    [
        (SITI, "audience", "aud"),
        (SITI, "audiences", "azp"),
        (SITI, "expired", "expired"),
        (SITI, "issuer", "iss"),
        (SITI, "nonce", "nonce"),
        (SITI, "key", "bad_signature"),
        (SITI, "unsigned", "none"),
        (SITI, "unverified", "email_verified"),
        (SITI, "nameless", "email"),
        (SITI, "refused", "access_denied"),
        ("orang@lain.example", "", "orang@lain.example has no account here"),
        # U+212A, the sign of kelvin, is k in lower case: this would be siti@dukcapil.example.
        ("siti@du\u212acapil.example", "", "has no account here"),
        ("budi@dukcapil.example", "", "budi@dukcapil.example has no account here, or it is closed"),
    ],
)
def test_nobody_else_is_let_in_and_is_told_why(
    browser: AppClient, engine: Engine, who: str, fault: str, said: str
):
    page, kept = begin(browser)
    answer = browser.get(let_in(page, who, fault) + "&lang=en", headers=kept)
    assert (answer.status_code, is_let_in(answer)) == (401, False)
    assert said in answer.text
    with reading(engine) as session:
        newest = audit.entries(session)[0]
    assert (newest["action"], newest["via"]) == ("sign_in_refused", "service")


def test_an_answer_opens_nothing_twice_and_nothing_elsewhere(browser: AppClient):
    page, kept = begin(browser)
    back = let_in(page) + "&lang=en"
    # In a browser that did not begin it, or began another; nothing was asked of the provider yet.
    numbers = {"state": 1, "nonce": "a", "verifier": "a", "goes_to": "/"}
    strange = base64.urlsafe_b64encode(json.dumps(numbers).encode()).decode()
    cookies = [f"{KEPT}={value}" for value in ("x", "e30=", strange)]
    for headers in ({}, begin(browser)[1], *({"Cookie": cookie} for cookie in cookies)):
        lost = browser.get(back, headers=headers)
        assert (lost.status_code, is_let_in(lost)) == (401, False)
        assert "begin again" in lost.text
    first = browser.get(back, headers=kept)
    assert is_let_in(first)
    assert any(f'{KEPT}=""' in text for text in first.headers.get_list("set-cookie"))
    # Even with what the browser has dropped, the provider takes its code once.
    again = browser.get(back, headers=kept)
    assert (again.status_code, is_let_in(again)) == (401, False)
    assert "invalid_grant" in again.text


def test_a_stolen_answer_needs_the_verifier(browser: AppClient):
    page, _ = begin(browser)
    own_page, own = begin(browser)
    stolen = _query(let_in(page))["code"]
    state = _query(own_page)["state"]
    answer = browser.get(
        "/sign-in/service/back", params={"code": stolen, "state": state, "lang": "en"}, headers=own
    )
    assert (answer.status_code, "invalid_grant" in answer.text) == (401, True)


def test_a_service_that_is_down_leaves_the_password(settings: Settings, client_of: ClientOf):
    gone = make_settings(
        settings.data_dir,
        database_url=settings.database_url,
        oidc_issuer="http://127.0.0.1:9",
        oidc_client_id=CLIENT,
    )
    client = client_of(gone, signed_in=False)
    answer = client.get("/sign-in/service", params={"lang": "en"})
    assert (answer.status_code, 'name="password"' in answer.text) == (503, True)
    assert "http://127.0.0.1:9" in answer.text


def test_only_an_office_with_a_service_is_offered_it(
    browser: AppClient, settings: Settings, client_of: ClientOf
):
    assert "/sign-in/service?" in browser.get("/sign-in").text
    without = client_of(settings, signed_in=False)
    assert "/sign-in/service" not in without.get("/sign-in").text
    for path in ("/sign-in/service", "/sign-in/service/back"):
        assert without.get(path).status_code == 404


@pytest.mark.parametrize(
    ("issuer", "client", "is_taken"),
    [
        ("https://masuk.example", "a", True),
        ("http://127.0.0.1:9", "a", True),
        ("", "", True),
        ("http://masuk.example", "a", False),
        ("https://masuk.example", "", False),
        ("", "a", False),
        ("ftp://masuk.example", "a", False),
        ("https://", "a", False),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    settings: Settings, issuer: str, client: str, is_taken: bool
):
    given = {"oidc_issuer": issuer, "oidc_client_id": client}
    if is_taken:
        assert make_settings(settings.data_dir, **given).oidc_issuer == issuer
    else:
        with pytest.raises((BadSingleSignOn, ValidationError), match="JEMPUTBOLA_OIDC_ISSUER"):
            make_settings(settings.data_dir, **given)
