"""Who may ask, what every answer has in common, and the pages beside the API."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import select

from app.access_errors import TooManyRequests
from app.api import pages, problems
from app.api.allowance import RATES, Allowances
from app.db import reading
from app.models import Credential
from app.schemas import imports, jobs, places, plans
from app.settings import Settings
from tests.app.conftest import (
    HERE,
    AppClient,
    ClientOf,
    make_settings,
    slug,
    uploaded,
)
from tests.app.people import CHIEF, let_in, session_of
from tests.app.test_job_faults import written_elsewhere

API = "/api/v1"
MB = 1 << 20
ASK = {"regency": "62.02", "week": "2026-W49"}


COOKIE = f"jemput_bola_8000={session_of()}"


# --- who may ask -------------------------------------------------------------------------------


@pytest.fixture
def nobody(settings: Settings, client_of: ClientOf) -> AppClient:
    """A client that is not signed in, where one could be."""
    client = client_of(settings, signed_in=False)
    let_in(client.app.state.engine)
    return client


def test_nothing_but_health_and_pages_is_for_nobody(nobody: AppClient):
    for path in ("plans", "features/villages", "openapi.json", "jobs/1", "nothing"):
        answer = nobody.get(f"{API}/{path}")
        assert (answer.status_code, slug(answer)) == (401, "unauthorised")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert nobody.get(f"{API}/health").status_code == 200
    assert nobody.get("/problems/unauthorised").status_code == 200


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer token-uji", 200),
        ("bearer token-uji", 200),
        ("Bearer token-ujI", 401),
        ("Bearer token-uj", 401),
        ("Bearer token-uji2", 401),
        ("Bearer ", 401),
        ("Basic token-uji", 401),
        ("token-uji", 401),
        ("Bearer töken", 401),
        ("Bearer session-uji", 401),
    ],
)
def test_only_a_token_opens_as_a_token(nobody: AppClient, header: str, status: int):
    headers = {"Authorization": header.encode()}
    assert nobody.get(f"{API}/plans", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("cookie", "status"),
    [
        ("jemput_bola_8000=session-uji", 200),
        ("a=b; jemput_bola_8000=session-uji", 200),
        ("jemput_bola_8000=token-uji", 401),
        ("jemput_bola_8000=", 401),
        ("jemput_bola_8001=session-uji", 401),
    ],
)
def test_only_a_session_opens_as_a_cookie(nobody: AppClient, cookie: str, status: int):
    assert nobody.get(f"{API}/plans", headers={"Cookie": cookie}).status_code == status


def test_a_wrong_token_is_not_helped_by_a_cookie(nobody: AppClient):
    headers = {"Authorization": "Bearer wrong", "Cookie": COOKIE}
    assert nobody.get(f"{API}/plans", headers=headers).status_code == 401


def test_body_is_not_read_before_the_token(nobody: AppClient, settings: Settings):
    answer = nobody.post(f"{API}/imports/counts", files={"file": ("a.csv", b"x")})
    assert answer.status_code == 401
    assert uploaded(settings) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 422),
        ({"Origin": HERE}, 422),
        ({"Sec-Fetch-Site": "same-origin"}, 422),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost:9999"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[::1"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example", "Authorization": ""}, 403),
    ],
)  # fmt: skip
def test_a_browser_writes_from_our_own_pages_only(
    nobody: AppClient, headers: dict[str, str], status: int
):
    """422: the request came through and was found wrong."""
    answer = nobody.post(f"{API}/plans", json={}, headers={**headers, "Cookie": COOKIE})
    assert answer.status_code == status
    if status == 403:
        assert slug(answer) == "origin-refused"
        refused = nobody.post("/sign-in", data={"name": "siti"}, headers=headers)
        assert (refused.status_code, slug(refused)) == (403, "origin-refused")
    assert nobody.get(f"{API}/plans", headers={**headers, "Cookie": COOKIE}).status_code == 200


def test_a_token_may_write_from_anywhere(client: AppClient):
    answer = client.post(f"{API}/plans", json={}, headers={"Origin": "https://peta.example"})
    assert answer.status_code == 422


def test_a_database_that_does_not_answer_is_no_reason_to_let_in(
    settings: Settings, client_of: ClientOf, tmp_path: Path
):
    (tmp_path / "folder.sqlite").mkdir()
    broken = make_settings(settings.data_dir, database_url=f"sqlite:///{tmp_path}/folder.sqlite")
    client = client_of(broken, signed_in=False)
    answer = client.get(f"{API}/plans", headers={"Authorization": "Bearer token-uji"})
    assert (answer.status_code, slug(answer)) == (503, "database-unavailable")


def test_who_reads_is_let_in_while_others_write_long(
    regency: Engine, tmp_path: Path, client_of: ClientOf
):
    """When the token was used is written down another time, and nobody waits for that."""
    client = client_of(make_settings(tmp_path, database_url=str(regency.url)))
    with written_elsewhere(regency):
        assert client.get(f"{API}/plans").status_code == 200
    assert last_uses(regency) == {None}
    assert client.get(f"{API}/plans").status_code == 200
    (used,) = last_uses(regency) - {None}
    assert used is not None
    with client.app.state.engine.connect() as connection:  # and who writes waits as before
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000


def last_uses(engine: Engine) -> set[datetime | None]:
    with reading(engine) as session:
        return set(session.exec(select(Credential.used_at)))


# --- how often -----------------------------------------------------------------------------------


def test_an_allowance_is_spent_and_comes_back():
    moment = 100.0
    allowances = Allowances(lambda: moment)
    rate = RATES["check_travel"]
    for _ in range(rate.most):
        allowances.spend("check_travel", "siti")
        moment += 1
    with pytest.raises(TooManyRequests) as refused:
        allowances.spend("check_travel", "siti")
    # The first of 20 requests, one a second, is 20 s old: it leaves the 60 s in 40.
    assert refused.value.params == {"seconds": 40}
    allowances.spend("check_travel", "budi")
    allowances.spend("list_plans", "siti")
    moment += 39
    with pytest.raises(TooManyRequests):
        allowances.spend("check_travel", "siti")
    moment += 1
    allowances.spend("check_travel", "siti")
    with pytest.raises(TooManyRequests):
        allowances.spend("check_travel", "siti")


def test_too_many_expensive_requests_are_told_to_wait(client: AppClient):
    allowances: Allowances = client.app.state.allowances
    for _ in range(RATES["check_travel"].most):
        allowances.spend("check_travel", CHIEF)
    answer = client.get(f"{API}/travel/check", params={"regency": "62.02"})
    assert (answer.status_code, slug(answer)) == (429, "too-many-requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


@pytest.mark.usefixtures("seeded")
def test_second_origin_may_read_the_layers(settings: Settings, client_of: ClientOf):
    origin = "https://peta.example"
    client = client_of(settings.model_copy(update={"cors_origins": (origin,)}), signed_in=False)
    token = let_in(client.app.state.engine)
    preflight = client.request(
        "OPTIONS",
        f"{API}/features/villages",
        headers={"Origin": origin, "Access-Control-Request-Method": "GET",
                 "Access-Control-Request-Headers": "authorization,if-none-match"},
    )  # fmt: skip
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == origin
    answer = client.get(
        f"{API}/features/villages",
        headers={"Origin": origin, "Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == origin
    exposed = {name.strip() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert exposed == {"ETag", "Location"}
    # A refusal must be readable too, or the page could not say why.
    refused = client.get(f"{API}/features/villages", headers={"Origin": origin})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, origin)
    stranger = client.get(f"{API}/health", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in stranger.headers


# --- what every answer has ---------------------------------------------------------------------


def test_bug_is_a_500_that_says_nothing_and_is_logged(
    settings: Settings, client_of: ClientOf, caplog: pytest.LogCaptureFixture
):
    origins = ("https://peta.example",)
    client = client_of(settings.model_copy(update={"cors_origins": origins}))

    def bug() -> None:
        raise RuntimeError("secret inside")

    client.app.get("/api/v1/bug")(bug)
    answer = client.get(f"{API}/bug", headers={"Origin": "https://peta.example"})
    assert (answer.status_code, slug(answer)) == (500, "internal-error")
    assert "secret" not in answer.text
    assert answer.headers["access-control-allow-origin"] == "https://peta.example"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret inside" in caplog.text


@pytest.mark.parametrize("path", ["/", f"{API}/health", f"{API}/plans/99", "/problems"])
def test_security_headers_are_on_every_answer(client: AppClient, path: str):
    headers = client.get(path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "worker-src 'self' blob:" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_wrong_method_names_the_right_one(client: AppClient):
    answer = client.request("DELETE", f"{API}/plans")
    assert (answer.status_code, slug(answer)) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"
    one = client.request("DELETE", f"{API}/jobs/1/cancel")
    assert one.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/livez", f"{API}/plans", f"{API}/openapi.json", "/problems"])
def test_head_is_answered_as_get_is_but_for_the_body(client: AppClient, path: str):
    head, whole = client.request("HEAD", path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert whole.content
    told = {"content-type", "content-length", "etag", "cache-control"}
    assert {k: v for k, v in head.headers.items() if k in told} == {
        k: v for k, v in whole.headers.items() if k in told
    }


def test_head_of_what_is_only_written_or_never_ends_is_refused(client: AppClient):
    for path, allowed in ((f"{API}/jobs/1/cancel", "POST"), (f"{API}/jobs/1/events", "GET")):
        answer = client.request("HEAD", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    nobody = AppClient(client.app)
    assert nobody.request("HEAD", f"{API}/plans").status_code == 401


def test_every_problem_type_has_its_page(client: AppClient):
    listed = re.findall(r'href="(/problems/[a-z0-9-]+)"', client.get("/problems").text)
    assert {"/problems/plan-not-found", "/problems/validation-error"} <= set(listed)
    assert {f"/problems/{code}" for code in problems.error_classes()} <= set(listed)
    for page in listed:
        assert client.get(page).status_code == 200
    assert client.get("/problems/nonsense").status_code == 404


def test_openapi_is_readable_and_complete(client: AppClient):
    schema = client.get(f"{API}/openapi.json").json()
    operations = [
        operation
        for path in schema["paths"].values()
        for method, operation in path.items()
        if method in {"get", "post", "put", "delete"}
    ]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids)) > 20
    for operation in operations:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"])
        assert operation["summary"]
        assert operation["description"]
        assert ("security" in operation) == (operation["operationId"] != "read_health")
        refusals = [code for code in operation["responses"] if code >= "400"]
        assert "422" in refusals
        for code in refusals:
            assert "application/problem+json" in operation["responses"][code]["content"]
    for name in ("PlanRequest", "PlanOut", "JobOut", "TeamOut", "RegencyOut", "ItineraryOut"):
        assert schema["components"]["schemas"][name]["examples"]


def test_examples_of_bodies_fit_their_own_schema():
    models = [
        plans.PlanRequest, plans.PlanAccepted, plans.PlanSummary, plans.PlanOut,
        plans.ItineraryOut, jobs.JobOut, places.RegencyOut, places.TeamOut,
        imports.ImportSummary, imports.ImportReport,
    ]  # fmt: skip
    for model in models:
        for example in model.model_config["json_schema_extra"]["examples"]:
            shown = model.model_validate(example).model_dump(mode="json", exclude_unset=True)
            assert set(shown) == set(example)


# --- pages -------------------------------------------------------------------------------------


def test_page_that_is_not_built_says_how():
    app = FastAPI()
    pages.install(app, Path("/nonexistent"))
    answer = AppClient(app).get("/")
    assert answer.status_code == 503
    assert "make run" in answer.text
    assert AppClient(app).get("/assets/x.js").status_code == 404


def test_built_page_is_served_with_its_caching_rules(tmp_path: Path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>peta</title>")
    (tmp_path / "icon.svg").write_text("<svg/>")
    (tmp_path / "assets" / "main-1a2b.js").write_text("1")
    (tmp_path.parent / "secret.txt").write_text("secret")
    app = FastAPI()
    pages.install(app, tmp_path)
    client = AppClient(app)
    index = client.get("/")
    assert (index.text, index.headers["cache-control"]) == ("<title>peta</title>", "no-cache")
    script = client.get("/assets/main-1a2b.js")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"].startswith("text/javascript")
    assert client.get("/icon.svg").status_code == 200
    for path in ("/..%2Fsecret.txt", "/assets/..%2F..%2Fsecret.txt", "/assets/../../secret.txt"):
        assert client.get(path).status_code == 404
