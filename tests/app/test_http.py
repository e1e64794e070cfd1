"""Endpoints over HTTP."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app import __version__, plan_document
from app.api import features, problems, teams
from app.api.deps import SessionDep
from app.db import reading, transaction
from app.jobs import lease
from app.models import Job, Plan, VillageCount
from app.settings import Settings
from tests.app.conftest import (
    AppClient,
    ClientOf,
    LiveServer,
    ServerOf,
    make_settings,
    slug,
    uploaded,
)

API = "/api/v1"
MB = 1 << 20
ASK = {"regency": "62.02", "week": "2026-W49"}


# --- reading -----------------------------------------------------------------------------------


def test_health_tells_the_version(client: AppClient):
    answer = client.get(f"{API}/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": __version__})


def test_health_without_database_is_503(settings: Settings, client_of: ClientOf, tmp_path: Path):
    """A folder where the database file should be cannot be opened."""
    (tmp_path / "folder.sqlite").mkdir()
    broken = make_settings(settings.data_dir, database_url=f"sqlite:///{tmp_path}/folder.sqlite")
    answer = client_of(broken, signed_in=False).get(f"{API}/health")
    assert (answer.status_code, slug(answer)) == (503, "database-unavailable")
    assert "sqlite" not in answer.text


@pytest.mark.usefixtures("seeded")
def test_regencies_with_box_zone_and_newest_plan(client: AppClient):
    kotim, bulungan = sorted(client.get(f"{API}/regencies").json(), key=lambda r: r["code"])
    # Three squares from 112.0 to 112.3 and a point at 112.35, -2.45.
    assert kotim == {
        "code": bulungan["code"].replace("65.01", "62.02"),
        "name": "Kabupaten Kotawaringin Timur",
        "province_code": "62",
        "n_villages": 4,
        "bbox": [112.0, -2.5, pytest.approx(112.35), -2.4],
        "timezone": "Asia/Jakarta",
        "latest_plan_id": 1,
    }
    assert (bulungan["timezone"], bulungan["latest_plan_id"]) == ("Asia/Makassar", None)


@pytest.mark.usefixtures("seeded")
def test_teams_of_a_regency(client: AppClient):
    assert [t["name"] for t in client.get(f"{API}/teams").json()] == ["A", "B", "C", "Utara"]
    utara = client.get(f"{API}/teams", params={"regency": "65.01"}).json()
    assert [(t["name"], t["starts"]) for t in utara] == [("Utara", "07:30:00")]


@pytest.mark.usefixtures("seeded")
def test_plan_with_its_stops(client: AppClient):
    plan = client.get(f"{API}/plans/1").json()
    assert (plan["value"], plan["bound"], plan["gap"]) == (9.5, None, None)
    assert (plan["timezone"], plan["timezone_label"]) == ("Asia/Jakarta", "WIB")
    assert [stop["village_code"] for stop in plan["stops"]] == [
        "62.02.01.2001",
        "62.02.02.2001",
        "62.02.01.2002",
    ]
    assert plan["stops"][0]["arrive"] == "2026-11-30T08:30:00+07:00"
    assert plan["unserved"][0]["reason"] == "no-need"
    unsolved = client.get(f"{API}/plans/2").json()
    assert (unsolved["status"], unsolved["value"], unsolved["stops"]) == (None, None, [])


@pytest.mark.usefixtures("seeded")
def test_plans_are_listed_newest_first(client: AppClient):
    ids = [row["plan_id"] for row in client.get(f"{API}/plans").json()["items"]]
    assert ids == [2, 1]
    one = client.get(f"{API}/plans", params={"regency": "62.02", "limit": 1}).json()["items"]
    assert [row["plan_id"] for row in one] == [2]
    assert client.get(f"{API}/plans", params={"regency": "65.01"}).json() == {"items": []}


@pytest.mark.parametrize(("limit", "status"), [(0, 422), (1, 200), (500, 200), (501, 422)])
def test_limits_of_a_list(client: AppClient, limit: int, status: int):
    assert client.get(f"{API}/plans", params={"limit": limit}).status_code == status


@pytest.mark.usefixtures("seeded")
def test_itineraries_by_team_and_day(client: AppClient):
    items = client.get(f"{API}/plans/1/itineraries").json()["items"]
    shape = {i["team"]: [(d["day"], len(d["stops"])) for d in i["days"]] for i in items}
    assert shape == {
        "A": [("2026-11-30", 1), ("2026-12-01", 1)],
        "B": [("2026-11-30", 1)],
        "C": [],
    }
    one = client.get(f"{API}/plans/1/itineraries/B").json()
    assert one == items[1]
    assert one["days"][0]["departure"] == "2026-11-30T07:30:00+07:00"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("plans/99", "plan-not-found"),
        ("plans/99/itineraries", "plan-not-found"),
        ("plans/1/itineraries/Z", "team-not-found"),
        ("plans/99/export?format=csv", "plan-not-found"),
        ("plans/99/export?format=geojson", "plan-not-found"),
        ("jobs/99", "job-not-found"),
        ("imports/99", "import-not-found"),
        ("teams/Z/itinerary", "team-not-found"),
        ("teams/A/itinerary?week=2026-W50", "itinerary-not-found"),
        ("teams/Utara/itinerary", "itinerary-not-found"),
        ("nothing", "not-found"),
    ],
)
@pytest.mark.usefixtures("seeded")
def test_what_is_not_there_is_a_problem(client: AppClient, path: str, expected: str):
    answer = client.get(f"{API}/{path}")
    assert (answer.status_code, slug(answer)) == (404, expected)
    assert answer.json()["instance"] == f"{API}/{path}".split("?")[0]


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("plans/0", "#/path/plan_id"),
        ("plans/2147483648", "#/path/plan_id"),
        ("plans/one", "#/path/plan_id"),
        ("plans/1/export", "#/query/format"),
        ("plans/1/export?format=pdf", "#/query/format"),
        ("plans?regency=62", "#/query/regency"),
        ("teams/A/itinerary?week=49", "#/query/week"),
        ("plans/1?lang=fr", "#/query/lang"),
        ("imports?kind=people", "#/query/kind"),
    ],
)
def test_bad_requests_point_to_the_fault(client: AppClient, path: str, pointer: str):
    answer = client.get(f"{API}/{path}")
    assert (answer.status_code, slug(answer)) == (422, "validation-error")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


@pytest.mark.usefixtures("seeded")
def test_week_that_no_year_has(client: AppClient):
    """2025 has 52 ISO weeks (its first of January is a Wednesday), 2026 has 53."""
    assert slug(client.get(f"{API}/teams/A/itinerary?week=2025-W53")) == "bad-week"
    assert slug(client.get(f"{API}/teams/A/itinerary?week=2026-W53")) == "itinerary-not-found"


@pytest.mark.usefixtures("seeded")
def test_itinerary_of_a_week_has_an_etag(client: AppClient):
    path = f"{API}/teams/A/itinerary?week=2026-W49"
    first = client.get(path)
    assert (first.status_code, first.json()["plan_id"]) == (200, 1)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_itinerary_that_is_known_is_not_made_again(
    seeded: Engine, client: AppClient, monkeypatch: pytest.MonkeyPatch
):
    """A phone that asks each hour costs two rows, until something happens to the plan."""
    path = f"{API}/teams/A/itinerary?week=2026-W49"
    known = {"If-None-Match": client.get(path).headers["etag"]}
    with monkeypatch.context() as patch:
        patch.delattr(teams, "itinerary_document")
        assert client.get(path, headers=known).status_code == 304
        assert client.get(path).status_code == 200  # kept from before
        assert client.get(f"{path}&lang=en", headers=known).status_code == 500
    with transaction(seeded) as session:
        session.get_one(Plan, 1).version += 1
    changed = client.get(path, headers=known)
    assert (changed.status_code, changed.headers["etag"] == known["If-None-Match"]) == (200, False)


@pytest.mark.usefixtures("seeded")
def test_current_week_is_that_of_the_office(client: AppClient, monkeypatch):
    """Sunday 17:30 UTC is Monday 00:30 in Sampit: the week has turned there."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2026, 11, 29, 17, 30, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(plan_document, "datetime", Clock)
    answer = client.get(f"{API}/teams/A/itinerary?week=current")
    assert (answer.status_code, answer.json()["week"]) == (200, "2026-W49")


@pytest.mark.usefixtures("seeded")
def test_reasons_come_in_the_language_asked_for(client: AppClient):
    path = f"{API}/teams/Utara/itinerary?week=2026-W49"
    english = client.get(path, headers={"Accept-Language": "en-GB,en;q=0.9"}).json()["detail"]
    indonesian = client.get(path, headers={"Accept-Language": "fr, id;q=0.8"}).json()["detail"]
    explicit = client.get(f"{path}&lang=id", headers={"Accept-Language": "en"}).json()["detail"]
    assert "none was made" in english
    assert "belum dibuat" in indonesian
    assert explicit == indonesian


@pytest.mark.usefixtures("seeded")
def test_imports_and_their_findings(client: AppClient):
    items = client.get(f"{API}/imports").json()["items"]
    assert [(row["import_id"], row["superseded_by"]) for row in items] == [
        (6, None), (5, 2), (4, None), (3, None), (2, None), (1, None),
    ]  # fmt: skip
    counts = client.get(f"{API}/imports?kind=counts").json()["items"]
    assert [row["import_id"] for row in counts] == [5, 2]
    report = client.get(f"{API}/imports/2?lang=en").json()
    assert (report["accepted"], report["as_of"]) == (4, "2023-06-30")
    assert report["findings"][0]["message"] == (
        "Sheet 'Sheet2' has no table of villages and was not read."
    )


# --- plans -------------------------------------------------------------------------------------


def test_plan_and_job_are_stored_together(client: AppClient, seeded: Engine):
    answer = client.post(f"{API}/plans", json=ASK)
    assert answer.status_code == 202
    body = answer.json()
    assert body == {"plan_id": 3, "job_id": 1, "state": "todo"}
    assert answer.headers["location"] == f"{API}/jobs/1"
    job = client.get(answer.headers["location"]).json()
    assert (job["kind"], job["state"], job["plan_id"]) == ("solve", "todo", 3)
    assert client.get(f"{API}/plans/3").json()["job_state"] == "todo"
    with reading(seeded) as session:
        params = session.exec(select(Plan.params).where(Plan.id == 3)).one()
    assert (params["minutes"], params["rupiah_per_document"]) == ([120, 240, 360], 2_000_000)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"regency": "6202"}, "#/body/regency"),
        ({"week": "2026-49"}, "#/body/week"),
        ({"seconds": 0}, "#/body/seconds"),
        ({"seconds": 3600.1}, "#/body/seconds"),
        ({"minutes": []}, "#/body/minutes"),
        ({"minutes": [14]}, "#/body/minutes/0"),
        ({"minutes": [601]}, "#/body/minutes/0"),
        ({"minutes": list(range(20, 29))}, "#/body/minutes"),
        ({"seed": -1}, "#/body/seed"),
        ({"rupiah_per_document": 0}, "#/body/rupiah_per_document"),
        ({"secnods": 3}, "#/body/secnods"),
    ],
)
@pytest.mark.usefixtures("seeded")
def test_requests_just_outside_the_limits(client: AppClient, change: dict[str, object], pointer):
    answer = client.post(f"{API}/plans", json={**ASK, **change})
    assert slug(answer) == "validation-error"
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


@pytest.mark.parametrize(
    "change",
    [
        {"seconds": 0.001},
        {"seconds": 3600},
        {"minutes": [15, 600]},
        {"minutes": list(range(46, 54))},
        {"rupiah_per_document": 1},
        {"rupiah_per_document": None},
        {"costs": False},
        {"week": None},
    ],
)
@pytest.mark.usefixtures("seeded")
def test_requests_just_inside_the_limits(client: AppClient, change: dict[str, object]):
    assert client.post(f"{API}/plans", json={**ASK, **change}).status_code == 202


@pytest.mark.parametrize(
    ("ask", "status", "expected"),
    [
        ({"regency": "99.99"}, 404, "regency-not-found"),
        ({**ASK, "week": "2025-W53"}, 422, "bad-week"),
    ],
)
def test_refused_request_stores_nothing(
    client: AppClient, seeded: Engine, ask: dict[str, object], status: int, expected: str
):
    answer = client.post(f"{API}/plans", json=ask)
    assert (answer.status_code, slug(answer)) == (status, expected)
    with reading(seeded) as session:
        assert session.exec(select(Job.id)).all() == []
        assert session.exec(select(Plan.id)).all() == [1, 2]


@pytest.mark.usefixtures("seeded")
def test_a_plan_is_solved_by_one_job_at_a_time(client: AppClient):
    first = client.post(f"{API}/plans/1/solve")
    assert (first.status_code, first.json()["plan_id"]) == (202, 1)
    second = client.post(f"{API}/plans/1/solve")
    assert (second.status_code, slug(second)) == (409, "plan-busy")
    assert second.json()["job_id"] == first.json()["job_id"]
    cancelled = client.post(f"{API}/jobs/{first.json()['job_id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert client.post(f"{API}/plans/1/solve").status_code == 202
    assert slug(client.post(f"{API}/plans/99/solve")) == "plan-not-found"


def test_stored_error_of_a_job_is_worded_when_read(client: AppClient, seeded: Engine):
    with transaction(seeded) as session:
        error = {"code": "missing-input", "params": {"regency": "62.02", "what": "teams"},
                 "detail": "regency 62.02 has no teams; import teams first"}  # fmt: skip
        session.add(Job(kind="solve", state="failed", error=error))
    read = client.get(f"{API}/jobs/1?lang=en").json()["error"]
    assert read == {
        "type": "/problems/missing-input",
        "title": "A plan needs data that was never imported",
        "code": "missing-input",
        "detail": "regency 62.02 has no teams; import teams first",
    }


def test_commit_that_fails_is_told_to_the_client(settings: Settings, client_of: ClientOf):
    """The session ends before the answer goes out; a broken foreign key shows at the commit."""
    client = client_of(settings)

    def broken(session: SessionDep) -> dict[str, str]:
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        session.add(VillageCount(import_id=99, village_code="x", as_of="2023-01-01"))
        return {"state": "stored"}

    client.app.post("/api/v1/broken", status_code=202)(broken)
    answer = client.post(f"{API}/broken")
    assert (answer.status_code, slug(answer)) == (500, "internal-error")


# --- uploads -----------------------------------------------------------------------------------


def test_upload_becomes_a_job(client: AppClient, settings: Settings, engine: Engine):
    answer = client.post(
        f"{API}/imports/counts",
        files={"file": ("../../Rekap Juni.xlsx", b"content")},
        data={
            "as_of": "2023-06-30",
            "source": "Disdukcapil",
            "by": "Siti",
            "dry_run": "true",
        },
    )
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == f"{API}/jobs/{job['job_id']}"
    assert (job["kind"], job["state"]) == ("import", "todo")
    [path] = uploaded(settings)
    assert (path.name, path.read_bytes()) == ("Rekap_Juni.xlsx", b"content")
    assert lease.read(engine, job["job_id"]).args == {
        "kind": "counts",
        "upload": str(path),
        "place": (settings.data_dir / "uploads" / "place").read_text(encoding="ascii"),
        "url": None,
        "file_name": "Rekap Juni.xlsx",
        "as_of": "2023-06-30",
        "source": "Disdukcapil",
        "person": "Siti",
        "options": {},
        "headings": {},
        "dry_run": True,
    }
    assert client.post(f"{answer.headers['location']}/cancel").status_code == 202
    assert uploaded(settings) == []


@pytest.mark.parametrize(("size", "status"), [(MB, 202), (MB + 1, 413), (3 * MB, 413)])
def test_upload_limit(
    settings: Settings, client_of: ClientOf, engine: Engine, size: int, status: int
):
    client = client_of(settings.model_copy(update={"max_upload_mb": 1}))
    answer = client.post(f"{API}/imports/counts", files={"file": ("a.csv", b"x" * size)})
    assert answer.status_code == status
    if status == 413:
        assert slug(answer) == "upload-too-large"
        assert answer.json()["limit_mb"] == 1
        assert uploaded(settings) == []
        with reading(engine) as session:
            assert session.exec(select(Job.id)).all() == []


@pytest.mark.parametrize(
    ("kind", "arguments", "pointer"),
    [
        ("people", {"files": {"file": ("a.csv", b"x")}}, "#/path/kind"),
        ("counts", {"data": {"source": "x"}}, "#/body/file"),
        ("counts", {"files": {"file": ("a.csv", b"x")}, "data": {"as_of": "June"}}, "#/body/as_of"),
    ],
)
def test_bad_upload_leaves_no_file(
    client: AppClient, settings: Settings, kind: str, arguments: dict[str, object], pointer: str
):
    answer = client.post(f"{API}/imports/{kind}", **arguments)
    assert slug(answer) == "validation-error"
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert uploaded(settings) == []


@pytest.mark.parametrize(
    ("option", "problem"), [("flow", "bad-option"), ("colour=red", "unknown-option")]
)
def test_an_option_that_cannot_be_taken_leaves_no_file(
    client: AppClient, settings: Settings, option: str, problem: str
):
    answer = client.post(
        f"{API}/imports/counts", files={"file": ("a.csv", b"x")}, data={"option": [option]}
    )
    assert (answer.status_code, slug(answer)) == (422, problem)
    assert uploaded(settings) == []


@pytest.mark.parametrize("field", ["file", "source", "by"])
def test_a_number_like_a_nik_beside_a_file_is_not_kept(
    client: AppClient, settings: Settings, seeded: Engine, field: str
):
    number = "6202014107990001"
    name = f"{number}.csv" if field == "file" else "a.csv"
    data = {} if field == "file" else {field: f"NIK {number}"}
    answer = client.post(f"{API}/imports/counts", files={"file": (name, b"x")}, data=data)
    assert (answer.status_code, slug(answer)) == (422, "resident-numbers")
    assert number not in answer.text
    assert uploaded(settings) == []
    with reading(seeded) as session:
        assert session.exec(select(Job)).all() == []


def test_json_body_has_a_limit_of_its_own(client: AppClient):
    answer = client.post(f"{API}/plans", json={"regency": "x" * problems.BODY_LIMIT})
    assert (answer.status_code, slug(answer)) == (413, "body-too-large")
    inside = client.post(f"{API}/plans", json={"regency": "x" * (problems.BODY_LIMIT - 100)})
    assert slug(inside) == "validation-error"


def test_broken_json_is_a_problem(client: AppClient):
    answer = client.post(f"{API}/plans", content=b"{", headers={"Content-Type": "application/json"})
    assert slug(answer) == "validation-error"


def test_refused_file_fails_its_job_and_is_removed(live_server: LiveServer, settings: Settings):
    """Through a real server: a file without villages imported before."""
    answer = live_server.client.post(
        f"{API}/imports/counts", files={"file": ("rekap.csv", b"kode,wajib\n1,2\n")}
    )
    job = live_server.wait_for_job(answer.json()["job_id"])
    assert (job["state"], job["error"]["code"]) == ("failed", "no-villages-yet")
    assert uploaded(settings) == []


# --- speed -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("seeded")
def test_villages_are_built_once_and_then_kept(client: AppClient, monkeypatch):
    built = []

    def counted(_session, scope):
        built.append(scope)
        return []

    monkeypatch.setitem(features.LAYERS, "villages", counted)
    for _ in range(3):
        assert client.get(f"{API}/features/villages?regency=62.02").status_code == 200
    assert len(built) == 1
    client.get(f"{API}/features/villages?regency=65.01")
    assert len(built) == 2


def test_full_server_answers_an_upload_beyond_the_limit(
    settings: Settings, live_server_of: ServerOf
):
    """With and without a length told first; the connection must not just break."""
    server = live_server_of(settings, MAX_UPLOAD_MB="1")
    whole = server.client.post(f"{API}/imports/counts", files={"file": ("a.csv", b"x" * 5 * MB)})
    assert (whole.status_code, slug(whole)) == (413, "upload-too-large")

    def pieces():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(50):
            yield b"x" * (MB // 10)
        yield b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    streamed = server.client.post(f"{API}/imports/counts", content=pieces(), headers=headers)
    assert (streamed.status_code, slug(streamed)) == (413, "upload-too-large")
    assert uploaded(settings) == []
