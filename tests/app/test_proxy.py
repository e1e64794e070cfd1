"""What a proxy says of a request, and who is believed: cookies, origins, limits, the log."""

import asyncio
from pathlib import Path

import httpx
import pytest
import yaml
from sqlalchemy import Engine
from sqlmodel import col, select

from app import server
from app.accounts import add_account
from app.api.allowance import RATES, SIGN_IN_ADDRESS
from app.db import reading, transaction
from app.main import create_app
from app.models import AuditEntry
from app.settings import Settings
from tests.app.loaded import ROOT

PROXY, ELSEWHERE, CLIENT = "172.30.86.3", "203.0.113.8", "198.51.100.7"
NAME, WORD = "siti", "sungai-mentaya"
SITE = "https://peta.example.go.id"


class Served:
    """The application as the server wraps it; requests come from a peer."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)
        config = server.config_of(settings, self.app)
        config.load()
        self._whole = config.loaded_app

    def sign_in(self, peer: str, word: str = "salah", **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): text for name, text in headers.items()}

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._whole, client=(peer, 5))
            # The proxy speaks plain HTTP with the server and keeps the name of the site.
            async with httpx.AsyncClient(
                transport=transport, base_url=SITE.replace("https", "http")
            ) as client:
                form = {"name": NAME, "password": word}
                return await client.post("/sign-in", data=form, headers=sent)

        return asyncio.run(send())


@pytest.fixture
def served(
    regency: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Engine, Served]:
    """An office behind the proxy of ``compose.yaml``: only its network is believed."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    believed = compose["services"]["server"]["environment"]["FORWARDED_ALLOW_IPS"]
    [network] = compose["networks"]["default"]["ipam"]["config"]
    assert believed == network["subnet"]
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", believed)
    with transaction(regency) as session:
        add_account(session, NAME, role="planner", area="62.02", password=WORD)
    url = regency.url.render_as_string(hide_password=False)
    return regency, Served(Settings(_env_file=None, data_dir=tmp_path, database_url=url))


def refused_from(engine: Engine) -> list[str]:
    with reading(engine) as session:
        query = select(AuditEntry.subject).where(AuditEntry.action == "sign_in_refused")
        return list(session.exec(query.order_by(col(AuditEntry.id))).all())


@pytest.mark.parametrize(
    ("peer", "proto", "is_secure"),
    [(PROXY, "https", True), (PROXY, "http", False), (ELSEWHERE, "https", False)],
)
def test_a_cookie_is_secure_when_the_proxy_says_that_its_client_is(
    served: tuple[Engine, Served], peer: str, proto: str, is_secure: bool
):
    answer = served[1].sign_in(peer, WORD, x_forwarded_proto=proto, origin=SITE)
    assert answer.status_code == 303
    assert ("Secure" in answer.headers["set-cookie"]) is is_secure


@pytest.mark.parametrize("origin", ["https://evil.example", "https://example.go.id", "null"])
def test_a_page_of_another_site_is_refused_behind_the_proxy(
    served: tuple[Engine, Served], origin: str
):
    answer = served[1].sign_in(PROXY, WORD, x_forwarded_proto="https", origin=origin)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("peer", "said", "known_as"),
    [
        (PROXY, CLIENT, CLIENT),
        (PROXY, f"10.9.9.9, {CLIENT}", CLIENT),  # a proxy that adds to what its client sent
        (PROXY, f"10.9.9.9, {CLIENT}, 172.30.86.9", CLIENT),  # two proxies of ours
        (ELSEWHERE, "10.9.9.9", ELSEWHERE),
    ],
    ids=["replaced", "appended", "two proxies", "no proxy"],
)
def test_the_log_names_who_the_proxy_heard_and_not_who_a_client_says_it_is(
    served: tuple[Engine, Served], peer: str, said: str, known_as: str
):
    engine, office = served
    assert office.sign_in(peer, x_forwarded_for=said).status_code == 401
    assert refused_from(engine) == [known_as]


@pytest.mark.parametrize(("peer", "after"), [(PROXY, f", {CLIENT}"), (ELSEWHERE, "")])
def test_a_made_up_address_does_not_evade_the_limit_of_guesses(
    served: tuple[Engine, Served], peer: str, after: str
):
    """Each guess says that it comes from elsewhere; the limit of the address counts them all."""
    engine, office = served
    allowances = office.app.state.allowances
    known_as = CLIENT if peer == PROXY else ELSEWHERE
    for _ in range(RATES[SIGN_IN_ADDRESS].most):
        allowances.spend(SIGN_IN_ADDRESS, known_as)
    for n in range(3):
        assert office.sign_in(peer, x_forwarded_for=f"10.0.0.{n}{after}").status_code == 429
    assert refused_from(engine) == []
