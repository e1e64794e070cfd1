"""The pages for signing in and for one's account, as plain forms."""

import asyncio
import re
from datetime import timedelta
from http.cookies import SimpleCookie

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.accounts import add_account, find_account
from app.api.allowance import RATES, SIGN_IN_ADDRESS, SIGN_IN_NAME
from app.api.sign_in import household_of
from app.credentials import issue
from app.db import reading, transaction
from app.models import AuditEntry, CredentialKind
from app.page_texts import PAGE_TEXTS
from app.settings import Settings
from tests.app.conftest import HERE, AppClient, ClientOf
from tests.app.test_texts import assert_twins

PASSWORD, NEW, WRONG = "sungai-mentaya", "sungai-kahayan", "sungai-barito"
COOKIE = "jemput_bola_8000"


@pytest.fixture
def nobody(settings: Settings, client_of: ClientOf, engine: Engine) -> AppClient:
    """A browser that is not signed in, where siti has a password and budi has none."""
    with transaction(engine) as session:
        add_account(session, "siti", role="planner", area="62.02", password=PASSWORD)
        add_account(session, "budi", role="admin", area="62.07")
    return client_of(settings, signed_in=False)


def enter(client: AppClient, **form: str) -> httpx.Response:
    return client.post("/sign-in", data=form)


def cookie_of(answer: httpx.Response) -> dict[str, str]:
    """Give what is sent back with the cookie that an answer set."""
    return {"Cookie": f"{COOKIE}={SimpleCookie(answer.headers['set-cookie'])[COOKIE].value}"}


def test_both_languages_say_the_same():
    assert_twins(PAGE_TEXTS["en"], PAGE_TEXTS["id"])


def test_a_password_gives_a_cookie_that_no_script_and_no_other_site_can_use(nobody: AppClient):
    answer = enter(nobody, name="Siti ", password=PASSWORD, next="/#plan=3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/#plan=3")
    flags = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", "path=/", "max-age=604800"} <= set(
        flags.replace(" ", "").split(";")
    )
    seen = nobody.get("/api/v1/session", headers=cookie_of(answer)).json()
    assert (seen["account"], seen["role"], seen["via"]) == ("siti", "planner", "session")


@pytest.mark.parametrize(
    "place",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/x", "javascript:alert(1)",
     "/#a b", "/account\r\nSet-Cookie: a=b"],
)  # fmt: skip
def test_nobody_is_led_to_another_site(nobody: AppClient, place: str):
    answer = enter(nobody, name="siti", password=PASSWORD, next=place)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("name", ["siti", "budi", "nobody", "<script>"])
def test_a_wrong_password_is_told_alike_whoever_it_is(nobody: AppClient, name: str):
    answer = enter(nobody, name=name, password=WRONG, lang="en")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "kata sandi salah" in answer.text
    assert "<script>" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_guessing_is_slowed_down_but_knowing_is_not(nobody: AppClient, engine: Engine):
    """Only guesses that were judged are written down: anybody could fill the log with others."""
    most = RATES[SIGN_IN_NAME].most
    for _ in range(most + 2):
        assert enter(nobody, name="siti", password=PASSWORD).status_code == 303
    for _ in range(most):
        assert enter(nobody, name="siti", password=WRONG).status_code == 401
    for _ in range(3):
        assert enter(nobody, name="siti", password=PASSWORD).status_code == 429
    with reading(engine) as session:
        written = session.exec(select(AuditEntry).where(AuditEntry.action == "sign_in_refused"))
        assert len(written.all()) == most


@pytest.mark.parametrize(
    ("address", "household"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),  # RFC 4291: 64 bits name the interface
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:10.0.0.7", "::ffff:10.0.0.7"),  # IPv4, at a server that listens on both
        ("-", "-"),
    ],
)
def test_who_shares_a_limit(address: str, household: str):
    assert household_of(address) == household


def test_a_line_of_ipv6_has_one_allowance(nobody: AppClient):
    for _ in range(RATES[SIGN_IN_ADDRESS].most):
        nobody.app.state.allowances.spend(SIGN_IN_ADDRESS, "2001:db8:1:2::/64")

    def status_from(address: str) -> int:
        async def send() -> int:
            transport = httpx.ASGITransport(nobody.app, client=(address, 1))
            async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
                return (await client.post("/sign-in", data={"name": "siti"})).status_code

        return asyncio.run(send())

    assert status_from("2001:db8:1:2::77") == 429
    assert status_from("2001:db8:1:3::77") == 401


def test_a_link_is_not_used_up_by_looking_at_its_page(nobody: AppClient, engine: Engine):
    with transaction(engine) as session:
        account = find_account(session, "budi")
        link = issue(session, account, CredentialKind.LINK, lasts=timedelta(hours=1))[1]
    for _ in range(2):
        assert link in nobody.get("/sign-in", params={"link": link}).text
    answer = enter(nobody, link=link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?lang=id")
    assert enter(nobody, link=link).status_code == 401
    page = nobody.get("/account", headers=cookie_of(answer))
    assert "budi" in page.text
    assert "siti" not in page.text  # an account of another area


def test_signing_out_ends_the_session_itself(nobody: AppClient):
    headers = cookie_of(enter(nobody, name="siti", password=PASSWORD))
    assert nobody.get("/api/v1/session", headers=headers).status_code == 200
    assert nobody.post("/sign-out", headers=headers).status_code == 303
    assert nobody.get("/api/v1/session", headers=headers).status_code == 401


def test_a_password_is_changed_by_who_knows_the_old_one(nobody: AppClient):
    mine = cookie_of(enter(nobody, name="siti", password=PASSWORD))
    other = cookie_of(enter(nobody, name="siti", password=PASSWORD))
    new = {"new": NEW, "again": NEW}
    for refused in ({**new, "current": "wrong"}, {**new, "again": "x", "current": PASSWORD}):
        assert nobody.post("/account/password", data=refused, headers=mine).status_code == 422
    answer = nobody.post("/account/password", data={**new, "current": PASSWORD}, headers=mine)
    assert answer.status_code == 200
    assert nobody.get("/api/v1/session", headers=other).status_code == 401
    assert nobody.get("/api/v1/session", headers=cookie_of(answer)).status_code == 200
    assert enter(nobody, name="siti", password=NEW).status_code == 303


def test_a_token_is_shown_once_and_opens(nobody: AppClient):
    mine = cookie_of(enter(nobody, name="siti", password=PASSWORD))
    shown = nobody.post("/account/tokens", data={"name": "hp", "days": "30"}, headers=mine)
    token = re.findall(r"<code>([\w-]{43})</code>", shown.text)[0]
    assert token not in nobody.get("/account", headers=mine).text
    headers = {"Authorization": f"Bearer {token}"}
    assert nobody.get("/api/v1/session", headers=headers).json()["via"] == "token"
    (row,) = nobody.get("/api/v1/tokens", headers=headers).json()["items"]
    nobody.post(f"/account/tokens/{row['token_id']}/revoke", headers=mine)
    assert nobody.get("/api/v1/session", headers=headers).status_code == 401


def test_a_planner_makes_no_account_by_the_page_either(nobody: AppClient, engine: Engine):
    mine = cookie_of(enter(nobody, name="siti", password=PASSWORD))
    form = {"name": "baru", "role": "admin", "area": "62.02", "team": ""}
    assert nobody.post("/account/accounts", data=form, headers=mine).status_code == 422
    assert nobody.post("/account/accounts", data=form).headers["location"].startswith("/sign-in")
    with reading(engine) as session, pytest.raises(LookupError):
        find_account(session, "baru")


def test_a_token_cannot_set_a_password(nobody: AppClient, engine: Engine):
    """It may be revoked; a password, or the browser that it signs in, would outlive that."""
    with transaction(engine) as session:
        budi = find_account(session, "budi")
        _, secret = issue(
            session, budi, CredentialKind.TOKEN, lasts=timedelta(days=1), name="mesin"
        )
    form = {"new": NEW, "again": NEW}
    answer = nobody.post(
        "/account/password", data=form, headers={"Authorization": f"Bearer {secret}"}
    )
    assert (answer.status_code, "set-cookie" in answer.headers) == (303, False)
    assert answer.headers["location"].startswith("/sign-in")
    with reading(engine) as session:
        assert find_account(session, "budi").password_hash is None
