"""The main job on real input, over HTTP: six uploads, a plan, itineraries and map layers."""

import csv
import io
import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import httpx
import pyogrio
import pytest
import shapely

from tests.app.browser import chromium
from tests.app.conftest import LiveServer, ServerOf, live_servers, make_settings
from tests.app.office import KOTIM_IMPORTS, assert_plan_holds, nights_of

pytestmark = pytest.mark.slow
REQUEST = {"regency": "62.02", "week": "2026-W49", "seconds": 4}
DAYS = {f"2026-{day}" for day in ("11-30", "12-01", "12-02", "12-03", "12-04")}
LAYERS = ("villages", "blank-spots", "towers", "stops", "routes")
FEATURES = "/api/v1/features"
METRES = 32749  # UTM 49 south, in which Kotim lies
COUNTS = ("wajib_ktp", "sudah_rekam", "usia_16_17", "anak_0_17", "memiliki_kia",
          "belum_akta", "ikd_aktif")  # fmt: skip


class Upload(NamedTuple):
    """The answer to an upload, and its job at the end."""

    answer: httpx.Response
    job: dict[str, Any]

    @property
    def report(self) -> dict[str, Any]:
        return self.job["result"]


class Solved(NamedTuple):
    """A plan asked for: the answer, how long it took, what was seen meanwhile, what came out."""

    answer: httpx.Response
    seconds: float
    seen: list[dict[str, Any]]
    unsolved: dict[str, Any]
    document: dict[str, Any]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder: the office as it begins."""
    return tmp_path_factory.mktemp("http")


@pytest.fixture(scope="module")
def server(data_dir: Path) -> Iterator[LiveServer]:
    """A server on the empty folder, its jobs running."""
    with live_servers() as start:
        yield start(make_settings(data_dir, database_url=""))


@pytest.fixture(scope="module")
def uploads(server: LiveServer, kotim: Path) -> list[Upload]:
    """The six imports, one after the other."""
    done = []
    for kind, name in KOTIM_IMPORTS:
        with (kotim / name).open("rb") as file:
            answer = server.client.post(f"/api/v1/imports/{kind}", files={"file": (name, file)})
        assert answer.status_code == 202, answer.text
        done.append(Upload(answer, server.wait_for_job(answer.json()["job_id"], 60)))
    return done


@pytest.fixture(scope="module")
def client(server: LiveServer, uploads: list[Upload]) -> httpx.Client:
    """Talks to the server that has the six files."""
    assert [upload.job["error"] for upload in uploads] == [None] * len(KOTIM_IMPORTS)
    return server.client


@pytest.fixture(scope="module")
def solved(client: httpx.Client) -> Solved:
    """A plan, watched while it is solved."""
    began = time.monotonic()
    answer = client.post("/api/v1/plans", json=REQUEST)
    seconds = time.monotonic() - began
    address = f"/api/v1/plans/{answer.json()['plan_id']}"
    unsolved = client.get(address).json()
    seen = [client.get(answer.headers["location"]).json()]
    while seen[-1]["state"] in {"todo", "doing"}:
        assert time.monotonic() - began < 90, seen[-1]
        time.sleep(0.1)
        seen.append(client.get(answer.headers["location"]).json())
    return Solved(answer, seconds, seen, unsolved, client.get(address).json())


@pytest.fixture(scope="module")
def plan(solved: Solved) -> dict[str, Any]:
    return solved.document


@pytest.fixture(scope="module")
def teams(kotim: Path) -> dict[str, dict[str, str]]:
    with (kotim / "tim.csv").open(encoding="utf-8") as file:
        return {row["tim"]: row for row in csv.DictReader(file)}


def layer(client: httpx.Client, name: str, **filters: object) -> list[dict[str, Any]]:
    answer = client.get(f"{FEATURES}/{name}", params=filters)
    assert answer.status_code == 200, answer.text
    return answer.json()["features"]


def test_an_upload_is_a_job(uploads: list[Upload]):
    for upload in uploads:
        job_id = upload.answer.json()["job_id"]
        assert upload.answer.headers["location"] == f"/api/v1/jobs/{job_id}"
        assert (upload.job["state"], upload.job["error"]) == ("succeeded", None)
        assert upload.job["attempts"] == 1


def test_the_uploads_say_what_they_hold(uploads: list[Upload]):
    """The same facts as through the command line; those of the counts are published."""
    villages, counts, blank_spots, signals, network, teams = (u.report for u in uploads)
    assert (villages["accepted"], villages["refused"]) == (185, 0)
    totals = counts["totals"]
    assert (totals["wajib_ktp"], totals["sudah_rekam"]) == (308_309, 300_110)
    assert (totals["not_recorded"], totals["people_to_look_for"]) == (8_199, 8_273)
    found = {finding["code"]: finding["count"] for finding in counts["findings"]}
    assert found["recorded-exceeds-wajib"] == 9
    assert "total-mismatch" not in found
    assert (blank_spots["accepted"], blank_spots["refused"]) == (92, 8)
    assert (signals["accepted"], signals["refused"]) == (185, 0)
    assert (network["refused"], teams["accepted"], teams["refused"]) == (0, 5, 0)


def test_the_stored_reports_can_be_read_again(client: httpx.Client, uploads: list[Upload]):
    listed = client.get("/api/v1/imports").json()["items"]
    assert [item["kind"] for item in reversed(listed)] == [kind for kind, _ in KOTIM_IMPORTS]
    counts = client.get(f"/api/v1/imports/{uploads[1].report['import_id']}").json()
    assert counts["as_of"] == "2023-06-30"  # SEMESTER I TAHUN 2023 in its title
    over = [f for f in counts["findings"] if f["code"] == "recorded-exceeds-wajib"]
    assert len(over) == 9
    assert all(f["message"] for f in over)


def test_every_village_equals_the_answer_key(client: httpx.Client, kotim: Path):
    with (kotim / "rekap_perekaman_desa_kunci.csv").open(encoding="utf-8") as file:
        key = {row["kode"]: {c: int(row[c]) for c in COUNTS} for row in csv.DictReader(file)}
    served = {f["id"]: f["properties"] for f in layer(client, "villages")}
    assert {code: {c: p[c] for c in COUNTS} for code, p in served.items()} == key
    gaps = [p["wajib_ktp"] - p["sudah_rekam"] for p in served.values()]
    assert [p["not_recorded"] for p in served.values()] == gaps
    assert sum(p["people_to_look_for"] for p in served.values()) == 8_273


def test_a_file_of_residents_is_refused_with_a_reason(client: httpx.Client, server: LiveServer):
    rows = "nik,nama\n6202010101900001,Budi\n6202010101900002,Siti\n"
    answer = client.post("/api/v1/imports/counts", files={"file": ("warga.csv", rows.encode())})
    assert answer.status_code == 202
    job = server.wait_for_job(answer.json()["job_id"])
    assert (job["state"], job["result"]) == ("failed", None)
    assert job["error"]["type"].startswith("/problems/")
    assert "6202010101900001" not in json.dumps(job), "the refusal repeats what it must not keep"
    assert len(client.get("/api/v1/imports").json()["items"]) == len(KOTIM_IMPORTS)


def test_a_plan_is_taken_at_once_and_solved_elsewhere(solved: Solved):
    body = solved.answer.json()
    assert solved.answer.status_code == 202
    assert solved.answer.headers["location"] == f"/api/v1/jobs/{body['job_id']}"
    assert solved.seconds < REQUEST["seconds"]
    assert solved.unsolved["plan_id"] == body["plan_id"]
    assert (solved.unsolved["status"], solved.unsolved["stops"]) == (None, [])


def test_progress_is_seen_while_a_plan_is_solved(solved: Solved):
    assert solved.seen[-1]["state"] == "succeeded"
    running = [job["progress"] for job in solved.seen if job["state"] == "doing"]
    solving = [p for p in running if p is not None and p.get("value") is not None]
    assert len({p["elapsed_s"] for p in solving}) >= 2
    for name in ("elapsed_s", "value"):
        values = [p[name] for p in solving]
        assert values == sorted(values), "the best plan so far may only get better"
    assert solved.seen[-1]["result"]["plan_id"] == solved.document["plan_id"]


def test_the_plan_has_every_field(plan: dict[str, Any]):
    """Issue 2, point 2."""
    assert plan.keys() >= {
        "plan_id", "status", "value", "worth", "bound", "gap", "cost_rupiah", "expected",
        "coverage_before", "coverage_after", "teams", "stops", "unserved", "violations",
    }  # fmt: skip
    for stop in plan["stops"]:
        assert stop.keys() >= {
            "team", "day", "order", "village_code", "arrive", "depart", "minutes",
            "service_mode", "travel_mode", "expected",
        }  # fmt: skip
    assert set(plan["expected"]) == {"ktp_el", "pemula", "kia", "akta", "ikd"}
    assert plan["status"] in {"feasible", "optimal"}
    assert (plan["bound"] is None) == (plan["gap"] is None)
    assert (plan["not_recorded"], plan["people_to_look_for"]) == (8_199, 8_273)
    assert plan["coverage_before"] == pytest.approx(300_110 / 308_309)


def test_the_plan_holds(plan: dict[str, Any], teams: dict[str, dict[str, str]]):
    used = {(t["team"], shift["day"]) for t in plan["teams"] for shift in t["shifts"]}
    home = {name for name, team in teams.items() if team["boleh_bermalam"] == "tidak"}
    assert used >= {(t, d) for t in home for d in DAYS}
    assert {s["team"] for s in plan["stops"]} == set(teams)
    assert plan["violations"] == []
    assert_plan_holds(plan, teams, fastest_kmh=45)
    assert all(s["arrive"].endswith("+07:00") for s in plan["stops"])
    assert len(plan["stops"]) + len(plan["unserved"]) == 185


def test_itineraries_share_out_the_plan(client: httpx.Client, plan: dict[str, Any]):
    address = f"/api/v1/plans/{plan['plan_id']}/itineraries"
    items = client.get(address).json()["items"]
    assert {item["team"] for item in items} == {team["team"] for team in plan["teams"]}
    stops = [stop for item in items for day in item["days"] for stop in day["stops"]]
    by_id = {stop["stop_id"]: stop for stop in plan["stops"]}
    assert len(stops) == len(by_id)
    assert {stop["stop_id"]: stop for stop in stops} == by_id
    for item in items:
        assert client.get(f"{address}/{item['team']}").json() == item
        for day in item["days"]:
            times = [day["departure"], *(s["arrive"] for s in day["stops"]), day["arrival"]]
            assert times == sorted(times)


def test_a_team_reads_its_week(client: httpx.Client, plan: dict[str, Any]):
    answer = client.get("/api/v1/teams/62.02-C/itinerary", params={"week": "2026-W49"})
    assert answer.status_code == 200
    assert answer.json()["plan_id"] == plan["plan_id"]
    mine = [stop["stop_id"] for stop in plan["stops"] if stop["team"] == "62.02-C"]
    assert [s["stop_id"] for day in answer.json()["days"] for s in day["stops"]] == mine
    again = client.get(
        "/api/v1/teams/62.02-C/itinerary",
        params={"week": "2026-W49"},
        headers={"If-None-Match": answer.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.usefixtures("solved")
def test_a_week_without_plan_is_a_404_with_its_reason(client: httpx.Client):
    answer = client.get(
        "/api/v1/teams/62.02-C/itinerary", params={"week": "2026-W50", "lang": "en"}
    )
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "/problems/itinerary-not-found"
    assert problem["reason"]
    assert problem["reason"] in problem["detail"]
    assert "2026-W50" in problem["detail"]
    page = client.get(problem["type"])
    assert page.status_code == 200


@pytest.mark.usefixtures("solved")
@pytest.mark.parametrize("name", LAYERS)
def test_gdal_of_the_wheel_opens_every_layer(client: httpx.Client, name: str):
    answer = client.get(f"{FEATURES}/{name}", params={"regency": "62.02"})
    assert answer.headers["content-type"] == "application/geo+json"
    features = answer.json()["features"]
    frame = pyogrio.read_dataframe(io.BytesIO(answer.content))
    assert len(frame) == len(features)
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.is_valid.all()
    # No towers are among the six files; the rest has something to show.
    assert bool(features) == (name != "towers")
    assert len({feature["id"] for feature in features}) == len(features)


@pytest.mark.usefixtures("solved")
@pytest.mark.parametrize(("name", "kind"), [("villages", "Polygon"), ("routes", "Line String")])
def test_debian_s_gdal_opens_layers_by_their_address(client: httpx.Client, name: str, kind: str):
    """An older reader than the wheel's, straight from the server."""
    url, secret = (
        f"{client.base_url}{FEATURES}/{name}?regency=62.02",
        client.headers["Authorization"],
    )
    read = subprocess.run(  # noqa: S603 (a program of the system)
        ["ogrinfo", "-ro", "-so", "-al", url],  # noqa: S607
        env={**os.environ, "GDAL_HTTP_HEADERS": f"Authorization: {secret}"},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "ERROR" not in read.stderr + read.stdout
    assert f"Feature Count: {len(layer(client, name, regency='62.02'))}" in read.stdout
    assert 'GEOGCRS["WGS 84"' in read.stdout
    assert f"Geometry: {kind}" in read.stdout.replace("Multi Polygon", "Polygon")


BOXES = [
    (112.9, -2.6, 113.0, -2.45),
    (112.6, -2.0, 112.75, -1.8),
    (112.3, -1.5, 113.1, -1.2),
    (110.0, -2.0, 111.0, -1.0),
]


@pytest.mark.parametrize("box", BOXES, ids=["town", "middle", "north", "elsewhere"])
def test_bbox_gives_what_touches_it(
    client: httpx.Client, kotim: Path, plan: dict[str, Any], box: tuple[float, ...]
):
    """Against the outlines as the office sent them, and the plan's own positions."""
    bbox, window = ",".join(map(str, box)), shapely.box(*box)
    source = pyogrio.read_dataframe(kotim / "batas_desa.gpkg", layer="desa")
    expected = set(source.loc[source.intersects(window), "village_code"])
    assert {f["id"] for f in layer(client, "villages", bbox=bbox)} == expected
    west, south, east, north = box
    inside = [
        s["stop_id"] for s in plan["stops"]
        if west <= s["lon"] <= east and south <= s["lat"] <= north
    ]  # fmt: skip
    assert [f["id"] for f in layer(client, "stops", bbox=bbox)] == inside
    lines = [
        f["id"] for f in layer(client, "routes")
        if shapely.from_geojson(json.dumps(f["geometry"])).intersects(window)
    ]  # fmt: skip
    assert [f["id"] for f in layer(client, "routes", bbox=bbox)] == lines


@pytest.mark.usefixtures("solved")
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_that_is_known_is_not_sent_again(client: httpx.Client, name: str):
    first = client.get(f"{FEATURES}/{name}")
    etag = first.headers["etag"]
    assert etag.startswith('"'), "a strong ETag has no W/"
    again = client.get(f"{FEATURES}/{name}", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    one_team = client.get(f"{FEATURES}/{name}", params={"team": "62.02-A"})
    assert one_team.content == first.content or one_team.headers["etag"] != etag


def projected(features: list[dict[str, Any]]) -> gpd.GeoSeries:
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    return gpd.GeoSeries(shapes, crs=4326).to_crs(METRES)


def test_routes_follow_roads_and_rivers(client: httpx.Client, plan: dict[str, Any], kotim: Path):
    """No part of a line travelled leaves the network of the file by more than a metre."""
    routes = layer(client, "routes", plan=plan["plan_id"])
    modes = {route["properties"]["mode"] for route in routes}
    assert {"road", "river"} <= modes <= {"road", "river", "walk"}
    shapes = projected(routes)
    for mode, name in (("road", "jalan"), ("river", "sungai")):
        lines = pyogrio.read_dataframe(kotim / "jaringan.gpkg", layer=name).to_crs(METRES)
        network = shapely.STRtree(lines.geometry.to_numpy())
        travelled = shapes[[route["properties"]["mode"] == mode for route in routes]]
        # A point every 100 m besides the corners: a straight line between two would be seen.
        places = shapely.points(shapely.get_coordinates(shapely.segmentize(travelled, 100)))
        _, distances = network.query_nearest(places, return_distance=True, all_matches=False)
        assert distances.max() < 1


def test_only_the_way_between_village_and_network_is_straight(
    client: httpx.Client, plan: dict[str, Any]
):
    for route in layer(client, "routes", plan=plan["plan_id"]):
        if route["properties"]["mode"] == "walk":
            assert len(route["geometry"]["coordinates"]) == 2
        assert route["properties"]["minutes"] > 0


def test_routes_lead_from_the_base_by_every_stop_and_home(
    client: httpx.Client, plan: dict[str, Any], teams: dict[str, dict[str, str]]
):
    """Lines without a gap; the legs' metres are about as long as they are drawn.

    A tour starts in the morning where the team slept; that place is known here if it served there.
    """
    tolerance = 2e-6  # six decimals, rounded twice
    slept, out = nights_of(plan)
    for team, day in sorted({(s["team"], s["day"]) for s in plan["stops"]}):
        routes = layer(client, "routes", plan=plan["plan_id"], team=team, day=day)
        stops = [s for s in plan["stops"] if (s["team"], s["day"]) == (team, day)]
        base = (float(teams[team]["lon"]), float(teams[team]["lat"]))
        targets = [*((s["lon"], s["lat"]) for s in stops), out.get((team, day), base)]
        here = slept.get((team, day), base)
        for order, target in enumerate(targets, start=1):
            for route in (r for r in routes if r["properties"]["order"] == order):
                corners = route["geometry"]["coordinates"]
                assert here is None or corners[0] == pytest.approx(here, abs=tolerance)
                here = tuple(corners[-1])
            assert target is None or here == pytest.approx(target, abs=tolerance)
        for route, shape in zip(routes, projected(routes), strict=True):
            # The projection stretches by less than 0.1 % here; metres are whole.
            assert route["properties"]["metres"] == pytest.approx(shape.length, rel=2e-3, abs=2)


PAGE = """<!doctype html><title>map elsewhere</title><script>
const [api, token] = location.hash.slice(1).split("|");
const headers = {"Authorization": "Bearer " + token};
async function ask() {
  const stops = await fetch(api + "/features/stops", {headers});
  const refused = await fetch(api + "/plans", {
    method: "POST", headers: {"Content-Type": "application/json", ...headers}, body: "{}"});
  return [stops.status, (await stops.json()).features.length, stops.headers.get("ETag"),
          refused.status, (await refused.json()).type].join(" ");
}
ask().catch((error) => "stopped: " + error.name)
     .then((said) => document.body.append(Object.assign(
        document.createElement("output"), {textContent: said})));
</script><body></body>"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep test output clean."""


@contextmanager
def map_page_elsewhere(folder: Path) -> Iterator[str]:
    """Serve a page of another origin that asks the API named in its hash."""
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as pages:
        thread = threading.Thread(target=pages.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{pages.server_port}"
        pages.shutdown()
        thread.join()


@pytest.mark.browser
def test_only_the_configured_origin_may_read(
    server: LiveServer, plan: dict[str, Any], tmp_path: Path, data_dir: Path,
    live_server_of: ServerOf,
):  # fmt: skip
    """The same page on two ports, in a real browser; one of them is in the settings."""
    with map_page_elsewhere(tmp_path) as friend, map_page_elsewhere(tmp_path) as stranger:
        open_server = live_server_of(
            make_settings(data_dir, database_url=""), CORS_ORIGINS=f"{friend},http://maps.test"
        )
        api = f"{open_server.client.base_url}/api/v1"
        token = open_server.client.headers["Authorization"].removeprefix("Bearer ")
        etag = server.client.get(f"{FEATURES}/stops").headers["etag"]
        said = {}
        with chromium() as browser:
            for origin in (friend, stranger):
                page = browser.new_page()
                page.goto(f"{origin}/#{api}|{token}")
                page.wait_for_selector("output")
                said[origin] = page.inner_text("output")
                page.close()
    status, n_stops, seen_etag, refusal, problem = said[friend].split(" ")
    assert (status, int(n_stops)) == ("200", len(plan["stops"]))
    assert seen_etag.strip('"').removesuffix("-gzip") == etag.strip('"').removesuffix("-gzip")
    assert (refusal, problem) == ("422", "/problems/validation-error")
    assert said[stranger] == "stopped: TypeError"
