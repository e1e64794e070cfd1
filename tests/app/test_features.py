"""Map layers: what they hold, filters, validity, caching."""

import io
from itertools import pairwise

import orjson
import pyogrio
import pytest
import shapely
from sqlalchemy import Engine

from app.api.conditional import DocumentCache
from app.db import transaction
from app.features import encode_geometries
from app.models import DataImport, Village
from tests.app.conftest import AppClient

LAYERS = ("villages", "blank-spots", "towers", "stops", "routes")
FEATURES = "/api/v1/features"
pytestmark = pytest.mark.usefixtures("seeded")


def ids(client: AppClient, layer: str, **filters: object) -> list[str]:
    answer = client.get(f"{FEATURES}/{layer}", params=filters)
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def short(codes: list[str]) -> list[str]:
    return [code.removeprefix("62.02.0").replace(".200", "/") for code in codes]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["1/1", "1/2", "2/1", "2/2", "65.01.01/1"]),
        ({"regency": "62.02"}, ["1/1", "1/2", "2/1", "2/2"]),
        ({"plan": 1}, ["1/1", "1/2", "2/1"]),
        ({"team": "A"}, ["1/1", "2/1"]),
        ({"regency": "62.02", "day": "2026-11-30"}, ["1/1", "1/2"]),
        ({"plan": 1, "team": "A", "day": "2026-12-01"}, ["2/1"]),
        ({"plan": 1, "team": "C"}, []),
        ({"plan": 2}, []),
        ({"plan": 1, "day": "2027-01-01"}, []),
    ],
)
def test_villages_are_filtered(client: AppClient, filters: dict[str, object], expected: list[str]):
    assert short(ids(client, "villages", **filters)) == expected


@pytest.mark.parametrize(
    ("layer", "filters", "expected"),
    [
        ("blank-spots", {}, ["62.02.01.2001", "62.02.02.2001"]),
        ("blank-spots", {"regency": "65.01"}, []),
        ("blank-spots", {"plan": 1, "day": "2026-11-30"}, ["62.02.01.2001"]),
        ("blank-spots", {"team": "B"}, []),
        ("towers", {}, ["tower-1", "tower-2", "tower-3"]),
        ("towers", {"regency": "62.02"}, ["tower-1", "tower-2"]),
        ("towers", {"plan": 1}, ["tower-1"]),
        ("towers", {"plan": 1, "team": "B"}, []),
        ("towers", {"bbox": "112.3,-3,113,0"}, ["tower-2"]),
        ("coverage", {"regency": "62.02"}, ["area-1"]),
        ("coverage", {"regency": "65.01"}, []),
        ("coverage", {"plan": 1, "team": "B"}, ["area-1"]),
        ("coverage", {"bbox": "112.15,-2.45,112.16,-2.44"}, ["area-1"]),
        ("coverage", {"bbox": "112.150001,-2.45,112.16,-2.44"}, []),
        ("stops", {}, ["1-A-2026-11-30-1", "1-A-2026-12-01-1", "1-B-2026-11-30-1"]),
        ("stops", {"regency": "62.02", "team": "A"}, ["1-A-2026-11-30-1", "1-A-2026-12-01-1"]),
        ("stops", {"day": "2026-11-30"}, ["1-A-2026-11-30-1", "1-B-2026-11-30-1"]),
        ("stops", {"plan": 1, "regency": "65.01"}, []),
        ("stops", {"bbox": "112.1,-3,112.2,0"}, ["1-B-2026-11-30-1"]),
        ("routes", {"team": "B"}, ["1-B-2026-11-30-1-1", "1-B-2026-11-30-2-1"]),
        ("routes", {"plan": 1, "regency": "65.01"}, []),
        ("routes", {"bbox": "113,-3,114,0"}, []),
        ("routes", {"day": "2026-12-01"}, ["1-A-2026-12-01-1-1", "1-A-2026-12-01-2-1"]),
    ],
)
def test_other_layers_are_filtered(
    client: AppClient, layer: str, filters: dict[str, object], expected: list[str]
):
    assert ids(client, layer, **filters) == expected


@pytest.mark.parametrize(
    ("bbox", "expected"),
    [
        # The squares end at lon 112.1, 112.2, 112.3; an edge that is touched belongs to the box.
        ("112.1,-2.45,112.15,-2.44", ["1/1", "1/2"]),
        ("112.100001,-2.45,112.15,-2.44", ["1/2"]),
        ("112.0,-2.4,112.0,-2.4", ["1/1"]),
        ("112.0,-2.399999,112.0,-2.39", []),
        ("112.35,-2.45,112.35,-2.45", ["2/2"]),
        ("112.350001,-2.45,112.4,-2.45", []),
        ("-180,-90,180,90", ["1/1", "1/2", "2/1", "2/2", "65.01.01/1"]),
    ],
)
def test_bbox_takes_what_touches_it(client: AppClient, bbox: str, expected: list[str]):
    assert short(ids(client, "villages", bbox=bbox)) == expected


def test_bbox_looks_at_the_outline_and_not_at_its_box(client: AppClient, seeded: Engine):
    """A triangle leaves half of its box empty: a window in that half shows nothing."""
    triangle = shapely.Polygon([(110, -1), (111, -1), (110, 0)])
    with transaction(seeded) as session:
        row = session.get(Village, "62.02.01.2001")
        assert row is not None
        row.geometry, row.west, row.south, row.east, row.north = triangle, 110, -1, 111, 0
        session.add(row)
    assert ids(client, "villages", bbox="110.8,-0.2,110.9,-0.1") == []
    assert ids(client, "villages", bbox="110.1,-0.9,110.2,-0.8") == ["62.02.01.2001"]


@pytest.mark.parametrize(
    "bbox",
    ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,0,1,1", "inf,0,1,1", "-180.000001,0,1,1",
     "0,0,180.000001,1", "0,-90.000001,1,1", "0,0,1,90.000001", "2,0,1,1", "0,2,1,1"],
)  # fmt: skip
def test_bad_bbox_is_refused_by_every_layer(client: AppClient, bbox: str):
    for layer in LAYERS:
        answer = client.get(f"{FEATURES}/{layer}", params={"bbox": bbox})
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-filter"), layer
        assert answer.json()["name"] == "bbox"


@pytest.mark.parametrize(
    ("filters", "status", "slug"),
    [
        ({"regency": "99.99"}, 404, "regency-not-found"),
        ({"regency": "6202"}, 422, "validation-error"),
        ({"plan": 99}, 404, "plan-not-found"),
        ({"plan": 0}, 422, "validation-error"),
        ({"plan": 2**31}, 422, "validation-error"),
        ({"team": "Z"}, 404, "team-not-found"),
        ({"plan": 1, "team": "Utara"}, 404, "team-not-found"),
        ({"team": "Utara"}, 404, "no-solved-plan"),
        ({"regency": "65.01", "day": "2026-11-30"}, 404, "no-solved-plan"),
        ({"day": "2026-13-01"}, 422, "validation-error"),
    ],
)
def test_unknown_names_are_not_an_empty_map(
    client: AppClient, filters: dict[str, object], status: int, slug: str
):
    for layer in LAYERS:
        answer = client.get(f"{FEATURES}/{layer}", params=filters)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}"), layer


def test_village_tells_counts_and_signal(client: AppClient):
    villages = client.get(f"{FEATURES}/villages").json()["features"]
    by_code = {feature["id"]: feature["properties"] for feature in villages}
    first = by_code["62.02.01.2001"]
    # 100 wajib, 90 recorded; the superseded import's 1 and 1 are newer and must not count.
    assert (first["wajib_ktp"], first["sudah_rekam"], first["not_recorded"]) == (100, 90, 10)
    assert (first["signal"], first["signal_on"], first["is_blank_spot"]) == (
        "none", "2024-06-30", True,
    )  # fmt: skip
    assert first["counts_as_of"] == "2023-06-30"
    over = by_code["62.02.01.2002"]
    assert (over["not_recorded"], over["people_to_look_for"]) == (-10, 0)
    unknown = by_code["62.02.02.2002"]
    assert (unknown["signal"], unknown["is_blank_spot"], unknown["wajib_ktp"]) == (
        "unknown", False, None,
    )  # fmt: skip
    assert unknown["people_to_look_for"] is None


def test_blank_spot_keeps_the_losing_reports_visible(client: AppClient):
    first, undated = client.get(f"{FEATURES}/blank-spots").json()["features"]
    assert [(r["class"], r["observed_on"]) for r in first["properties"]["reports"]] == [
        ("none", "2024-06-30"),
        ("strong", "2020-12-31"),
        ("strong", None),  # the tower at its point
    ]
    assert (undated["properties"]["class"], undated["properties"]["observed_on"]) == ("none", None)


def test_stop_times_carry_the_office_offset(client: AppClient):
    stop = client.get(f"{FEATURES}/stops").json()["features"][0]
    # 01:30 UTC is 08:30 in Central Kalimantan (WIB, UTC+7).
    assert stop["properties"]["arrive"] == "2026-11-30T08:30:00+07:00"
    assert stop["geometry"]["coordinates"] == [112.05, -2.45]


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_are_geojson_for_another_reader(client: AppClient, layer: str):
    """GDAL reads every feature back, in WGS 84, and finds every geometry valid."""
    answer = client.get(f"{FEATURES}/{layer}")
    assert answer.headers["content-type"] == "application/geo+json"
    frame = pyogrio.read_dataframe(io.BytesIO(answer.content))
    assert len(frame) == len(answer.json()["features"]) > 0
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.is_valid.all()


def test_outer_rings_run_counterclockwise(client: AppClient):
    villages = client.get(f"{FEATURES}/villages").json()["features"]
    rings = [
        f["geometry"]["coordinates"][0] for f in villages if f["geometry"]["type"] == "Polygon"
    ]
    assert len(rings) == 4
    for ring in rings:
        # The shoelace formula: twice the signed area, positive when counterclockwise.
        area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
        assert area > 0


def test_coordinates_have_six_decimals(client: AppClient):
    routes = client.get(f"{FEATURES}/routes").json()["features"]
    # Stored as -2.4500004.
    assert routes[0]["geometry"]["coordinates"] == [[112.0, -2.45], [112.05, -2.45]]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # The second and third corner are the first and fourth at six decimals.
        ([(112, -2), (112.0000004, -2), (112.5, -2.4999996), (112.5, -2.5)],
         [[112.0, -2.0], [112.5, -2.5]]),
        ([(112, -2), (112.0000006, -2), (112.5, -2.5)],
         [[112.0, -2.0], [112.000001, -2.0], [112.5, -2.5]]),
        # There and back is not a repetition.
        ([(112, -2), (113, -2), (112, -2)], [[112.0, -2.0], [113.0, -2.0], [112.0, -2.0]]),
        # A line that shrinks to a point stays a line (RFC 7946: two positions or more).
        ([(112, -2), (112.0000004, -2), (112.0000001, -2)], [[112.0, -2.0], [112.0, -2.0]]),
    ],
    ids=["merged", "just apart", "back", "shrunk"],
)  # fmt: skip
def test_corners_of_a_line_that_round_to_one_are_one(
    given: list[tuple[float, float]], expected: list[list[float]]
):
    [text] = encode_geometries([shapely.LineString(given)])
    assert orjson.loads(orjson.dumps(text)) == {"type": "LineString", "coordinates": expected}


def test_islet_below_the_grid_is_kept():
    islet = shapely.box(112.0, -2.0, 112.0000003, -1.9999997)
    [text] = encode_geometries([islet])
    geometry = orjson.loads(orjson.dumps(text))
    assert geometry["type"] == "Polygon"
    assert {tuple(corner) for corner in geometry["coordinates"][0]} == {(112.0, -2.0)}


def test_spike_thinner_than_the_grid_leaves_a_valid_outline():
    """Rounded corner by corner, this outline would run over itself."""
    spike = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0.5, 0.0000004), (0, 1)])
    naive = shapely.transform(spike, lambda xy: xy.round(6))
    assert not naive.is_valid
    [text] = encode_geometries([spike])
    assert shapely.from_geojson(orjson.dumps(text)).is_valid


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_etag_saves_the_second_answer(client: AppClient, layer: str, encoding: str):
    headers = {"Accept-Encoding": encoding}
    first = client.get(f"{FEATURES}/{layer}", headers=headers)
    etag = first.headers["etag"]
    assert etag.startswith('"')
    second = client.get(f"{FEATURES}/{layer}", headers={**headers, "If-None-Match": etag})
    assert (second.status_code, second.content, second.headers["etag"]) == (304, b"", etag)
    weak = client.get(f"{FEATURES}/{layer}", headers={**headers, "If-None-Match": f'"x", W/{etag}'})
    assert weak.status_code == 304
    other = client.get(f"{FEATURES}/{layer}", headers={**headers, "If-None-Match": '"x"'})
    assert other.status_code == 200


def test_encodings_have_different_strong_etags(client: AppClient):
    """A strong ETag stands for bytes: gzip and plain bytes may not share one."""
    plain = client.get(f"{FEATURES}/villages", headers={"Accept-Encoding": "identity"})
    zipped = client.get(f"{FEATURES}/villages", headers={"Accept-Encoding": "gzip;q=0.5"})
    refused = client.get(f"{FEATURES}/villages", headers={"Accept-Encoding": "gzip;q=0"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in refused.headers
    assert plain.headers["etag"] == refused.headers["etag"] != zipped.headers["etag"]
    assert plain.json() == zipped.json()
    assert "accept-encoding" in plain.headers["vary"].lower()


def test_new_import_changes_the_answer_and_its_etag(client: AppClient, seeded: Engine):
    before = client.get(f"{FEATURES}/villages")
    with transaction(seeded) as session:
        session.add(
            DataImport(kind="villages", file_name="x", sha256="1" * 64, source="x", accepted=1,
                       corrected=0, refused=0)
        )  # fmt: skip
        row = session.get(Village, "62.02.01.2001")
        assert row is not None
        row.name = "Nama Baru"
        session.add(row)
    after = client.get(f"{FEATURES}/villages", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["features"][0]["properties"]["name"] == "Nama Baru"


def test_features_are_not_kept_by_shared_caches(client: AppClient):
    assert client.get(f"{FEATURES}/villages").headers["cache-control"] == "private, no-cache"


def test_export_holds_stops_and_routes(client: AppClient):
    answer = client.get("/api/v1/plans/1/export", params={"format": "geojson"})
    kinds = [f["geometry"]["type"] for f in answer.json()["features"]]
    # 3 stops; each of the 3 team-days has a leg out and a leg home.
    assert (kinds.count("Point"), kinds.count("LineString")) == (3, 6)
    table = client.get("/api/v1/plans/1/export", params={"format": "csv"})
    assert len(table.content.decode("utf-8-sig").splitlines()) == 1 + 3
    assert 'filename="plan-1.csv"' in table.headers["content-disposition"]


def test_cache_keeps_what_fits_and_drops_the_oldest():
    """Bodies under 500 bytes are not compressed, so each of 100 bytes takes 100."""
    built = []

    def build(name: str) -> bytes:
        built.append(name)
        return b"x" * 100

    cache = DocumentCache(limit=200)
    for name in ("a", "b", "a", "c", "a", "b"):
        cache.get(name, lambda name=name: build(name))
    # c pushed out b, which was used before a; b then comes back.
    assert built == ["a", "b", "c", "b"]
    tight = DocumentCache(limit=99)
    assert tight.get("a", lambda: build("d")).plain.body == b"x" * 100
    tight.get("a", lambda: build("d"))
    assert built[-2:] == ["d", "d"]


def test_line_has_no_point_twice_in_a_row():
    [text] = encode_geometries([shapely.LineString([(1, 1), (1.0000001, 1), (2, 2)])])
    assert orjson.loads(orjson.dumps(text))["coordinates"] == [[1.0, 1.0], [2.0, 2.0]]
