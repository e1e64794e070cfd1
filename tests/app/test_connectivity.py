"""Signal and power from files to what plans and maps read: joined, kept, told in words."""

import csv
import json
import math
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from sqlalchemy import Engine
from sqlmodel import select

from app.connectivity import rejoin
from app.current import current_connectivity
from app.db import reading, transaction
from app.errors import BadOption, RegencyNotFound, UnknownOption, VillageNotFound
from app.evidence import document, regency_document, village_document
from app.ingest import ingest
from app.models import (
    ConnectivityContradiction,
    ConnectivityEvidence,
    CoverageRaster,
    SignalReport,
    Village,
    VillageConnectivity,
)
from app.points import move_point
from geodata.errors import FileTooLarge, GeodataError, MissingFile, UnsupportedFormat
from tests.app.conftest import AppClient, slug
from tests.geodata.test_reach import write_raster

API = "/api/v1"
# In the seed: no signal by a report of 2024; no report at all, its point at 112.35, -2.45.
DEAD, SILENT = "62.02.01.2001", "62.02.02.2002"
RANK = {"none": 0, "weak": 1, "strong": 2, "very_strong": 3}


def held(engine: Engine, code: str) -> VillageConnectivity:
    with reading(engine) as session:
        return current_connectivity(session)[code]


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def towers(path: Path, *rows: str, heading: str = "site_id,lon,lat,status") -> Path:
    return written(path, heading, *rows)


def meridian_m(south: float, north: float) -> float:
    """Metres along a meridian of WGS 84: the integral of its radius of curvature, by Simpson."""
    a, f = 6_378_137.0, 1 / 298.257223563
    e2 = f * (2 - f)

    def radius(lat: float) -> float:
        return a * (1 - e2) / (1 - e2 * math.sin(lat) ** 2) ** 1.5

    p, q = math.radians(south), math.radians(north)
    return (q - p) / 6 * (radius(p) + 4 * radius((p + q) / 2) + radius(q))


@pytest.mark.parametrize(
    ("lat", "metres", "signal"),
    [(-2.418_349_2, 3499.9, "strong"), (-2.418_345_6, 3500.3, None)],
    ids=["inside", "outside"],
)
def test_a_tower_reaches_three_and_a_half_kilometres(
    seeded: Engine, tmp_path: Path, lat: float, metres: float, signal: str | None
):
    assert meridian_m(-2.45, lat) == pytest.approx(metres, abs=0.1)
    ingest(seeded, "connectivity", towers(tmp_path / "bts.csv", f"X1,112.35,{lat},ON AIR"))
    with reading(seeded) as session:
        known = current_connectivity(session).get(SILENT)
    assert (known and known.signal) == signal


@pytest.mark.parametrize(
    ("radius", "signal"), [("3,2", None), ("3.3", "strong")], ids=["outside", "inside"]
)
def test_a_person_may_say_how_far_towers_reach(
    seeded: Engine, tmp_path: Path, radius: str, signal: str | None
):
    """Of two towers 3.25 km away the one whose list tells a radius keeps it: it does not reach."""
    lat = -2.420_607
    assert meridian_m(-2.45, lat) == pytest.approx(3250, abs=0.5)
    path = towers(
        tmp_path / "bts.csv", f"X1,112.35,{lat},3.1", f"X2,112.35,{lat},",
        heading="site_id,lon,lat,radius_km",
    )  # fmt: skip
    ingest(seeded, "connectivity", path, options={"radius_km": radius})
    with reading(seeded) as session:
        known = current_connectivity(session).get(SILENT)
        rows = session.exec(
            select(ConnectivityEvidence).where(ConnectivityEvidence.village_code == SILENT)
        ).all()
    assert (known and known.signal) == signal
    assert [row.label for row in rows] == (["bts.csv:3"] if signal else [])


@pytest.mark.parametrize(("radius", "is_fine"), [("100", True), ("100.1", False), ("0", False)])
def test_limits_of_the_radius_a_person_says(
    seeded: Engine, tmp_path: Path, radius: str, is_fine: bool
):
    path = towers(tmp_path / "bts.csv", "X1,112.35,-2.45,ON AIR")
    if is_fine:
        ingest(seeded, "connectivity", path, options={"radius_km": radius})
        return
    with pytest.raises(BadOption, match="0 < km <= 100"):
        ingest(seeded, "connectivity", path, options={"radius_km": radius})


def test_a_tower_on_air_where_a_report_says_it_is_dead(
    seeded: Engine, client: AppClient, tmp_path: Path
):
    """The newer of the two counts, whichever it is, and the other one is listed against it."""
    path = towers(tmp_path / "bts.csv", "X1,112.05,-2.45,ON AIR")
    undated = ingest(seeded, "connectivity", path)
    assert undated.as_of is None
    assert held(seeded, DEAD).signal == "none"
    ingest(seeded, "connectivity", path, as_of=date(2025, 1, 1), source="Komdigi")
    known = held(seeded, DEAD)
    assert (known.signal, known.kind, known.as_of, known.source) == (
        "strong", "tower", date(2025, 1, 1), "Komdigi",
    )  # fmt: skip
    told = client.get(f"{API}/villages/{DEAD}/connectivity", params={"lang": "en"}).json()
    assert told["signal"] == "strong"
    assert [(row["kind"], row["says"], row["counts"]) for row in told["evidence"]] == [
        ("tower", "strong", True),
        ("report", "none", False),
        ("report", "strong", False),
        ("tower", "strong", False),  # of the seed, undated
    ]
    (against,) = told["contradictions"]
    assert (against["kind"], against["one"], against["other"]) == (
        "tower-without-signal", "bts.csv:2", "connectivity.csv:3",
    )  # fmt: skip
    # From 2024-06-30 to 2025-01-01: one day of June, and six months of 31, 31, 30, 31, 30, 31 days.
    assert against["days_apart"] == 1 + 184
    assert against["message"].endswith("Ask the village.")
    bahasa = client.get(f"{API}/villages/{DEAD}/connectivity", params={"lang": "id"}).json()
    assert "tidak ada sinyal" in bahasa["contradictions"][0]["message"]


@pytest.mark.parametrize("state", ["OFF", "RENCANA", "entah"])
def test_a_tower_that_is_not_on_air_changes_nothing(seeded: Engine, tmp_path: Path, state: str):
    ingest(seeded, "connectivity", towers(tmp_path / "bts.csv", f"X1,112.35,-2.45,{state}"))
    with reading(seeded) as session:
        assert SILENT not in {
            code for code, row in current_connectivity(session).items() if row.signal
        }


def test_a_list_of_positions_alone_is_stored(seeded: Engine, tmp_path: Path):
    path = towers(tmp_path / "posisi.csv", "X1,112.35,-2.45", heading="site_id,lon,lat")
    assert ingest(seeded, "connectivity", path).accepted == 1
    assert held(seeded, SILENT).signal == "strong"


def area_file(path: Path, **columns: object) -> Path:
    """A square of 0.02 degrees around the point of the village without reports."""
    shape = shapely.box(112.34, -2.46, 112.36, -2.44)
    gpd.GeoDataFrame(columns, geometry=[shape], crs="EPSG:4326").to_file(path)
    return path


@pytest.mark.parametrize(
    ("columns", "options", "signal"),
    [
        ({"sinyal": ["lemah"]}, {}, "weak"),
        ({"rsrp": [-84.0]}, {}, "very_strong"),
        ({"gridcode": [3]}, {"classes": "1:weak, 3:sangat kuat"}, None),
        ({"gridcode": [3]}, {"classes": "1:weak, 3:very strong"}, "very_strong"),
        ({"operator": ["A"]}, {"signal": "strong"}, "strong"),
    ],
    ids=["word", "level", "unknown-class", "code", "one-class-for-all"],
)
@pytest.mark.parametrize("suffix", [".gpkg", ".geojson"])
def test_areas_are_recognised_and_joined(
    seeded: Engine,
    tmp_path: Path,
    columns: dict[str, object],
    options: dict[str, str],
    signal: str | None,
    suffix: str,
):
    path = area_file(tmp_path / f"cakupan{suffix}", **columns)
    if signal is None:
        with pytest.raises(BadOption, match="classes"):
            ingest(seeded, "connectivity", path, options=options)
        return
    outcome = ingest(seeded, "connectivity", path, options=options, as_of=date(2025, 6, 30))
    assert (outcome.accepted, outcome.totals[signal]) == (1, 1)
    known = held(seeded, SILENT)
    assert (known.signal, known.kind, known.as_of) == (signal, "area", date(2025, 6, 30))
    # It has no outline, so nobody can tell which part of it is covered.
    assert known.share_covered is None


LEVELS = [[-120.0, -110.0], [-90.0, -80.0]]


def raster_file(path: Path, cells: object = LEVELS, dtype: str = "float32") -> Path:
    """Four cells of 0.05 degrees over the first square: north-west, north-east, south-..."""
    transform = Affine(0.05, 0, 112.0, 0, -0.05, -2.4)
    return write_raster(path, np.array(cells, dtype=dtype), transform=transform)


def test_a_raster_is_kept_as_its_classes_and_joined(seeded: Engine, tmp_path: Path):
    path = raster_file(tmp_path / "rsrp.tif")
    outcome = ingest(seeded, "connectivity", path, as_of=date(2025, 6, 30))
    assert outcome.totals == {
        "cells_none": 1, "cells_weak": 1, "cells_strong": 1, "cells_very_strong": 1,
    }  # fmt: skip
    path.unlink()
    known = held(seeded, DEAD)
    # The point 112.05, -2.45 is the corner of all four; the cell right of and below it holds it.
    assert (known.signal, known.kind, known.as_of) == ("very_strong", "raster", date(2025, 6, 30))
    with reading(seeded) as session:
        assert len(session.exec(select(CoverageRaster)).all()) == 1
    # Three of four cells, and in the fourth a quarter of the disc of the seed's tower.
    disc = math.pi * 3.5**2 / (11.1218 * 11.0576)
    assert known.share_covered == pytest.approx(0.75 + disc / 4, abs=0.001)
    with transaction(seeded) as session:
        # The raster goes on answering when a point moves: 112.01, -2.41 is in the first cell.
        move_point(session, DEAD, 112.01, -2.41, by="Siti", reason="balai desa baru")
    moved = held(seeded, DEAD)
    assert (moved.signal, moved.kind) == ("none", "raster")


def test_a_raster_of_codes_needs_the_class_of_each(seeded: Engine, tmp_path: Path):
    path = raster_file(tmp_path / "kelas.tif", [[0, 1], [2, 3]], "uint8")
    with pytest.raises(GeodataError, match="codes"):
        ingest(seeded, "connectivity", path)
    with pytest.raises(BadOption, match="classes"):
        ingest(seeded, "connectivity", path, options={"classes": "a:none,b:weak"})
    options = {"classes": "0:none,1:weak,2:strong,3:weak"}
    ingest(seeded, "connectivity", path, options=options, as_of=date(2025, 1, 1))
    assert held(seeded, DEAD).signal == "weak"


@pytest.mark.parametrize(
    ("name", "data", "options", "error"),
    [
        ("peta.docx", b"PK\x03\x04", {}, UnsupportedFormat),
        ("peta.csv", b"II*\0\x08\0\0\0", {}, UnsupportedFormat),
        ("peta.tif", b"site_id,lon,lat\n", {}, GeodataError),
        ("daftar.csv", b"kode,sinyal\n62.02.01.2001,kuat\n", {"signal": "weak"}, UnknownOption),
        ("daftar.csv", b"kode,sinyal\n62.02.01.2001,kuat\n", {"radius_km": "5"}, UnknownOption),
    ],
    ids=[
        "unknown-kind",
        "raster-called-csv",
        "list-called-tif",
        "option-of-a-map",
        "option-of-towers",
    ],
)
def test_what_is_no_source_of_signal_is_refused_whole(
    seeded: Engine,
    tmp_path: Path,
    name: str,
    data: bytes,
    options: dict[str, str],
    error: type[Exception],
):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(error, match=r"peta|connectivity \(list\)"):
        ingest(seeded, "connectivity", path, options=options)
    with pytest.raises(MissingFile):
        ingest(seeded, "connectivity", tmp_path / "tidak-ada.tif")


def test_a_raster_that_stays_too_large_is_refused(
    seeded: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from geodata import packed_raster

    path = raster_file(tmp_path / "rsrp.tif")
    size = len(packed_raster.pack_raster(packed_raster_of(path)).cells)
    monkeypatch.setattr(packed_raster, "MAX_PACKED_BYTES", size)
    ingest(seeded, "connectivity", path)
    monkeypatch.setattr(packed_raster, "MAX_PACKED_BYTES", size - 1)
    with pytest.raises(FileTooLarge, match=str(size - 1)):
        ingest(seeded, "connectivity", path)


def packed_raster_of(path: Path) -> object:
    from geodata.coverage_layers import read_signal_raster

    return read_signal_raster(path)


def test_the_same_file_once_more_doubles_nothing(seeded: Engine, tmp_path: Path):
    path = area_file(tmp_path / "cakupan.gpkg", sinyal=["kuat"])
    for _ in range(2):
        ingest(seeded, "connectivity", path)
    with reading(seeded) as session:
        rows = session.exec(
            select(ConnectivityEvidence).where(ConnectivityEvidence.village_code == SILENT)
        ).all()
    assert [(row.kind, row.label) for row in rows] == [("area", "cakupan.gpkg:1")]


def test_a_dry_run_changes_nothing(seeded: Engine, tmp_path: Path):
    path = towers(tmp_path / "bts.csv", "X1,112.35,-2.45,ON AIR")
    ingest(seeded, "connectivity", path, dry_run=True)
    with reading(seeded) as session:
        assert SILENT not in current_connectivity(session)


def test_an_outline_imported_later_is_asked_for_its_share(
    seeded: Engine, client: AppClient, tmp_path: Path
):
    """A village known by its point alone gets an outline: half of it lies in the area."""
    path = area_file(tmp_path / "cakupan.gpkg", sinyal=["lemah"])
    ingest(seeded, "connectivity", path, as_of=date(2025, 1, 1))
    before = client.get(f"{API}/features/villages").headers["etag"]
    outline = gpd.GeoDataFrame(
        {"kode_desa": [SILENT], "nama_desa": ["Desa"]},
        geometry=[shapely.box(112.34, -2.46, 112.38, -2.44)],
        crs="EPSG:4326",
    )
    outline.to_file(tmp_path / "batas.gpkg")
    ingest(seeded, "villages", tmp_path / "batas.gpkg")
    assert held(seeded, SILENT).share_covered == pytest.approx(0.5, abs=1e-6)
    assert client.get(f"{API}/features/villages").headers["etag"] != before


@pytest.mark.usefixtures("seeded")
def test_the_share_on_the_map_is_that_of_the_disc(client: AppClient):
    """One tower in the middle of a square of 0.1 degrees: pi 3.5^2 km2 of 11.12 x 11.06 km."""
    (first, *_) = client.get(f"{API}/features/villages").json()["features"]
    # Metres of a degree at -2.45: 111,218 of longitude, 110,576 of latitude (WGS 84 tables).
    assert first["properties"]["share_covered"] == pytest.approx(
        math.pi * 3.5**2 / (11.1218 * 11.0576), abs=0.001
    )
    assert first["properties"]["n_contradictions"] == 2
    assert (first["properties"]["signal_kind"], first["properties"]["signal_confidence"]) == (
        "report", "high",
    )  # fmt: skip


@pytest.mark.usefixtures("seeded")
def test_towers_and_areas_are_layers(client: AppClient):
    tower, *_ = client.get(f"{API}/features/towers").json()["features"]
    assert (tower["properties"]["class"], tower["properties"]["confidence"]) == ("on_air", "low")
    (area,) = client.get(f"{API}/features/coverage").json()["features"]
    assert (area["properties"]["class"], area["properties"]["source"]) == ("weak", "operator")
    assert shapely.box(*shapely.from_geojson(json.dumps(area["geometry"])).bounds).equals(
        shapely.box(112.1, -2.5, 112.15, -2.4)
    )


# --- both pilots ---------------------------------------------------------------------------------


@pytest.fixture
def pilot(engine: Engine, shared_data: Path, request: pytest.FixtureRequest) -> tuple[Engine, Path]:
    folder = shared_data / "pilot" / request.param
    ingest(engine, "villages", folder / "batas_desa.gpkg")
    for name in ("blankspot.csv", "sinyal_desa.csv", "menara_bts.csv"):
        ingest(engine, "connectivity", folder / name)
    return engine, folder


@pytest.mark.parametrize("pilot", ["kotim", "kaltara"], indirect=True)
def test_pilots_hold_the_newest_and_of_one_day_the_worse(pilot: tuple[Engine, Path]):
    """The undated towers lose against every report; the rest is decided again by hand."""
    engine, folder = pilot
    with reading(engine) as session:
        reports = session.exec(select(SignalReport)).all()
        kept = current_connectivity(session)
        against = session.exec(select(ConnectivityContradiction)).all()
        villages = session.exec(select(Village)).all()
    best: dict[str, SignalReport] = {}
    for row in reports:
        other = best.setdefault(row.village_code, row)
        order = [(r.observed_on or date.min, -RANK[r.signal]) for r in (row, other)]
        best[row.village_code] = row if order[0] > order[1] else other
    assert {code: row.signal for code, row in best.items()} == {
        code: row.signal for code, row in kept.items()
    }
    # A tower within 3.5 km of a village said to have no signal: by the haversine, on a sphere.
    with (folder / "menara_bts.csv").open(encoding="utf-8") as file:
        sites = [((float(row["lon"]), float(row["lat"])), row["village_code"])
                 for row in csv.DictReader(file)]  # fmt: skip
    near = {
        v.code: sum(haversine_km((v.lon, v.lat), site) <= 3.5 for site, _ in sites)
        for v in villages
        if kept[v.code].signal == "none"
    }
    dead_towers = [row for row in against if row.kind == "tower-without-signal"]
    assert len(dead_towers) == sum(near.values())
    # A tower in the outline of a village that is not the one it is told in.
    holding = [{v.code for v in villages if v.geometry.intersects(shapely.Point(site))}
               for site, _ in sites]  # fmt: skip
    strays = {
        f"menara_bts.csv:{row}"
        for row, (codes, (_, told)) in enumerate(zip(holding, sites, strict=True), start=2)
        if codes and told not in codes
    }
    assert {row.one for row in against if row.kind == "tower-elsewhere"} == strays


def haversine_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    (a, b), (c, d) = (tuple(map(math.radians, place)) for place in (one, other))
    half = math.sin((d - b) / 2) ** 2 + math.cos(b) * math.cos(d) * math.sin((c - a) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(half))


def test_a_plan_serves_by_what_holds(kotim_engine: Engine, tmp_path: Path):
    """Baamang Barat has no signal in the census of 2024; a tower reported since makes it online."""
    from routing import ServiceMode
    from tests.app.planned import BARAT, visit_of, week_of

    before = week_of(kotim_engine)
    assert before.service(visit_of(before, BARAT), 0, with_kit=False) is ServiceMode.NO_SERVICE
    with reading(kotim_engine) as session:
        place = session.get_one(Village, BARAT)
    path = towers(tmp_path / "bts_baru.csv", f"X1,{place.lon},{place.lat},ON AIR")
    ingest(kotim_engine, "connectivity", path, as_of=date(2026, 6, 30))
    after = week_of(kotim_engine)
    assert after.service(visit_of(after, BARAT), 0, with_kit=False) is ServiceMode.ONLINE
    assert "bts_baru.csv" in {row["file_name"] for row in after.inputs.values()}


# --- in words ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("seeded")
def test_a_regency_is_counted_and_its_contradictions_are_told(client: AppClient):
    told = client.get(f"{API}/connectivity", params={"regency": "62.02", "lang": "en"}).json()
    assert told["n_villages"] == 4
    assert told["signal"] == {"none": 2, "weak": 1, "strong": 0, "very_strong": 0, "unknown": 1}
    assert told["power"] == {"no": 0, "yes": 0, "unknown": 4}
    kinds = [(row["village_code"], row["kind"]) for row in told["contradictions"]]
    assert kinds == [(DEAD, "reports-differ"), (DEAD, "tower-without-signal")]
    assert told["contradictions"][0]["message"] == (
        f"Desa {DEAD} ({DEAD}): connectivity.csv:3 (2024-06-30) says no signal, "
        "connectivity.csv:2 (2020-12-31) says a strong signal."
    )


def test_unknown_places_are_not_an_empty_answer(seeded: Engine, client: AppClient):
    answer = client.get(f"{API}/villages/62.02.01.2999/connectivity")
    assert (answer.status_code, slug(answer)) == (404, "village-not-found")
    answer = client.get(f"{API}/connectivity", params={"regency": "99.99"})
    assert (answer.status_code, slug(answer)) == (404, "regency-not-found")
    assert client.get(f"{API}/villages/6202012001/connectivity").status_code == 422
    with reading(seeded) as session:
        with pytest.raises(VillageNotFound):
            village_document(session, "x", "en")
        with pytest.raises(RegencyNotFound):
            regency_document(session, "99.99", "en")


def test_of_a_village_without_any_row_nothing_is_known(seeded: Engine):
    with reading(seeded) as session:
        told = document(session, SILENT, None, "en")
    assert (told["signal"], told["power"], told["evidence"]) == ("unknown", "unknown", [])
    assert (told["as_of"], told["contradictions"]) == (None, [])


def test_every_kind_of_row_has_its_sentence(seeded: Engine, tmp_path: Path):
    ingest(seeded, "connectivity", raster_file(tmp_path / "rsrp.tif"))
    ingest(seeded, "connectivity", area_file_over(DEAD, tmp_path / "cakupan.gpkg"))
    path = written(tmp_path / "pln.csv", "kode,listrik,tahun", f"{DEAD},tidak,2023")
    ingest(seeded, "connectivity", path)
    with reading(seeded) as session:
        told = {lang: village_document(session, DEAD, lang) for lang in ("en", "id")}
    first = {row["kind"]: row["message"] for row in told["en"]["evidence"]}
    assert set(first) == {"report", "raster", "area", "tower", "power"}
    assert first["power"] == (
        "pln.csv:2 (2023-12-31): PLN power is not there ('tidak'); source pln.csv, confidence "
        "medium."
    )
    assert "a tower on air 0.0 km away promises a strong signal ('ON_AIR')" in first["tower"]
    words = {row["kind"]: row["message"] for row in told["id"]["evidence"]}
    assert "menara aktif berjarak 0,0 km" in words["tower"]
    assert "tanpa tanggal" in words["raster"]
    assert told["en"]["power"] == "no"


def area_file_over(code: str, path: Path) -> Path:
    assert code == DEAD
    frame = gpd.GeoDataFrame(
        {"sinyal": ["kuat"]}, geometry=[shapely.box(112.04, -2.46, 112.06, -2.44)], crs=4326
    )
    frame.to_file(path)
    return path


def test_the_join_can_be_made_again_and_says_the_same(seeded: Engine):
    def kept() -> list[pd.DataFrame]:
        tables = (VillageConnectivity, ConnectivityEvidence, ConnectivityContradiction)
        with reading(seeded) as session:
            return [pd.DataFrame([row.model_dump(exclude={"id"}) for row in
                                  session.exec(select(table))]) for table in tables]  # fmt: skip

    before = kept()
    with transaction(seeded) as session:
        rejoin(session)
    for one, other in zip(before, kept(), strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert min(len(frame) for frame in before) > 0
