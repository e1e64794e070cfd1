"""What JSON, forms and addresses can say but no database or answer can hold: refused, no fault."""

import json

import pytest
from fastapi import FastAPI
from starlette.requests import Request

from app.api.problems import problem
from app.settings import Settings
from app.usable import is_usable
from tests.app.conftest import AppClient, ClientOf, slug

API = "/api/v1"
JSON = {"Content-Type": "application/json"}
SAID = '"by": "Kabid", "reason": "uji"'
DEEP = "[" * 300 + "]" * 300
CORRECTION = (
    '{"village_code": "62.02.01.2001", "column": "wajib_ktp", "value": %s, '
    '"day": "2026-11-20", "reason": "uji", "by": "Siti"}'
)


def params(value: str, name: str = "worth.turnout_first", said: str = SAID) -> str:
    return f'{{"values": {{"{name}": {value}}}, {said}}}'


@pytest.fixture
def client(settings: Settings, client_of: ClientOf) -> AppClient:
    return client_of(settings)


def test_the_least_and_most_that_is_usable():
    """64 bits hold -2^63 and 2^64 - 1; after an escaped backslash u0000 is plain text."""
    for value in (-(2**63), 2**64 - 1, "\\u0000", "\ufffd", "\U0001f600", {"a": [None, 0.5]}):
        assert is_usable(value), value
    for value in (-(2**63) - 1, 2**64, "\x00", "\\\x00", "\ud800", {"\x00": 1}, {"\ud800": 1}):
        assert not is_usable([value]), value


@pytest.mark.parametrize(
    "body",
    [
        params("100000000000000000000"),
        params(r'"\ud800"'),
        params(DEEP),
        params("1", name=r"\ud800"),
        params(r'["\ud800"]', name="travel.wet_closed"),
        params("0.5", said=r'"by": "a\u0000", "reason": "uji"'),
    ],
    ids=["large", "surrogate", "deep", "name", "list", "nul"],
)
def test_a_body_that_nothing_can_hold_is_refused_in_both_languages(client: AppClient, body: str):
    for lang, word in (("id", "memuat"), ("en", "holds")):
        answer = client.put(f"{API}/params?lang={lang}", content=body, headers=JSON)
        assert (answer.status_code, slug(answer)) == (422, "unusable-input"), answer.text
        assert word in answer.json()["detail"]
        assert "body" in answer.json()["detail"]


def test_a_correction_of_more_than_64_bits_is_refused(client: AppClient):
    answer = client.post(f"{API}/corrections", content=CORRECTION % 2**64, headers=JSON)
    assert (answer.status_code, slug(answer)) == (422, "unusable-input")


@pytest.mark.parametrize(
    ("method", "address", "form", "place"),
    [
        ("GET", f"{API}/audit?account=%00", None, "query"),
        ("GET", f"{API}/teams/a%00b/staff", None, "path"),
        ("POST", "/sign-in", {"name": "\x00"}, "form"),
        ("GET", "/sign-in?next=%00", None, "query"),
        ("POST", "/account/tokens", {"name": "\x00", "days": "1"}, "form"),
    ],
)
def test_nul_is_refused_wherever_it_stands(
    client: AppClient, method: str, address: str, form: dict[str, str] | None, place: str
):
    answer = client.request(method, address, data=form)
    assert (answer.status_code, slug(answer)) == (422, "unusable-input"), answer.text
    assert answer.json()["place"] == place


@pytest.mark.parametrize("number", ["99999999999999999999999", "2147483648", "0"])
def test_a_token_of_no_possible_number_is_refused(client: AppClient, number: str):
    answer = client.post(f"/account/tokens/{number}/revoke")
    assert (answer.status_code, slug(answer)) == (422, "validation-error")


@pytest.mark.parametrize("name", ["a%00b", "assets/a%00b", "problems/a%00b"])
def test_no_page_has_nul_in_its_name(client: AppClient, name: str):
    assert client.get(f"/{name}").status_code == 404


@pytest.mark.parametrize(
    ("value", "told"), [(2**64, str(2**64)), ("\ud800", "\\ud800")], ids=["large", "surrogate"]
)
def test_a_problem_tells_as_text_what_json_cannot_say(value: object, told: str):
    request = Request({"type": "http", "path": "/x", "headers": [], "app": FastAPI(),
                       "query_string": b"", "server": ("localhost", 80)})  # fmt: skip
    answer = problem(
        request, slug="bad-param", status=422, title="t", detail=f"{value}", found=value
    )
    found = json.loads(bytes(answer.body))
    assert (found["found"], found["detail"], found["status"]) == (told, told, 422)
