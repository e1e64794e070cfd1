"""Who may ask, what every answer has in common, and the pages beside the API."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.api import pages, problems
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

API = "/api/v1"
MB = 1 << 20
ASK = {"regency": "62.02", "week": "2026-W49"}


def with_token(settings: Settings, **values: object) -> Settings:
    return make_settings(settings.data_dir, token="rahasia", **values)  # noqa: S106 (a test's)


# --- who may ask -------------------------------------------------------------------------------


def test_token_guards_everything_but_health_and_pages(settings: Settings, client_of: ClientOf):
    client = client_of(with_token(settings))
    for path in ("plans", "features/villages", "openapi.json", "jobs/1"):
        answer = client.get(f"{API}/{path}")
        assert (answer.status_code, slug(answer)) == (401, "unauthorised")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert client.get(f"{API}/health").status_code == 200
    assert client.get("/problems/unauthorised").status_code == 200


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer rahasia", 200),
        ("bearer rahasia", 200),
        ("Bearer rahasiA", 401),
        ("Bearer rahasi", 401),
        ("Bearer rahasia2", 401),
        ("Bearer ", 401),
        ("Basic rahasia", 401),
        ("rahasia", 401),
        ("Bearer räh", 401),
    ],
)
def test_only_the_token_itself_opens(
    settings: Settings, client_of: ClientOf, header: str, status: int
):
    client = client_of(with_token(settings))
    headers = {"Authorization": header.encode()}
    assert client.get(f"{API}/plans", headers=headers).status_code == status


def test_body_is_not_read_before_the_token(settings: Settings, client_of: ClientOf):
    client = client_of(with_token(settings))
    answer = client.post(f"{API}/imports/counts", files={"file": ("a.csv", b"x")})
    assert answer.status_code == 401
    assert uploaded(settings) == []


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("localhost:8000", 200), ("127.0.0.1:8000", 200), ("127.8.8.8", 200),
        ("[::1]:8000", 200), ("LOCALHOST", 200), ("evil.example", 403),
        ("localhost.evil.example", 403), ("10.0.0.1:8000", 403), ("[::2]", 403), ("[::1", 403),
        ("", 403),
    ],
)  # fmt: skip
def test_without_token_only_names_of_this_machine(client: AppClient, host: str, status: int):
    answer = client.get(f"{API}/health", headers={"Host": host})
    assert answer.status_code == status
    if status == 403:
        assert slug(answer) == "host-refused"


def test_with_token_any_name_will_do(settings: Settings, client_of: ClientOf):
    client = client_of(with_token(settings))
    assert client.get(f"{API}/health", headers={"Host": "dukcapil.example"}).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (HERE, 422), ("https://peta.example", 422), ("https://evil.example", 403),
        ("http://localhost:9999", 403), ("null", 403),
    ],
)  # fmt: skip
def test_pages_from_elsewhere_may_not_write(
    settings: Settings, client_of: ClientOf, origin: str, status: int
):
    """422: the request came through and was found wrong."""
    client = client_of(make_settings(settings.data_dir, cors_origins="https://peta.example"))
    answer = client.post(f"{API}/plans", json={}, headers={"Origin": origin})
    assert answer.status_code == status
    reading_it = client.get(f"{API}/plans", headers={"Origin": origin})
    assert reading_it.status_code == 200


@pytest.mark.usefixtures("seeded")
def test_second_origin_may_read_the_layers(settings: Settings, client_of: ClientOf):
    origin = "https://peta.example"
    client = client_of(with_token(settings, cors_origins=origin))
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
        headers={"Origin": origin, "Authorization": "Bearer rahasia"},
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
    client = client_of(make_settings(settings.data_dir, cors_origins="https://peta.example"))

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
    assert answer.headers["allow"] == "GET, POST"
    one = client.request("DELETE", f"{API}/jobs/1/cancel")
    assert one.headers["allow"] == "POST"


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
