"""What each import said of a village is kept, and plans go on naming it."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point, box
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine
from sqlmodel import select

from app.db import reading, transaction
from app.ingest import ingest
from app.ingest.run import ImportOutcome
from app.models import Plan, Village
from app.plan_document import villages_of
from app.settings import Settings
from app.week import load_week
from tests.app.conftest import ClientOf, slug
from tests.app.planned import PALANGAN, ask, week_of

HULU = "62.02.01.1009"
SQUARE = box(112.0, -2.0, 112.25, -1.75)
LARGER = box(112.0, -2.0, 112.5, -1.75)


def put(
    engine: Engine, folder: Path, name: str, shape: BaseGeometry, *, code: str = HULU
) -> ImportOutcome:
    """Import a map of one village; its file is called after it."""
    path = folder / f"{name}.geojson"
    rows = {"kode_desa": [code], "nama_desa": [name]}
    gpd.GeoDataFrame(rows, geometry=[shape], crs="EPSG:4326").to_file(path)
    return ingest(engine, "villages", path)


def today(engine: Engine) -> Village:
    with reading(engine) as session:
        return session.exec(select(Village)).one()


def test_every_edition_can_be_read(
    engine: Engine, settings: Settings, client_of: ClientOf, tmp_path: Path
):
    """Drawn, drawn anew under another name, then only a point: three editions, one outline."""
    first = put(engine, tmp_path, "Hulu", SQUARE)
    second = put(engine, tmp_path, "Hulu Baru", LARGER)
    third = put(engine, tmp_path, "Titik", Point(112.4, -1.9))
    answer = client_of(settings).get(f"/api/v1/villages/{HULU}/editions")
    assert answer.headers["content-type"] == "application/geo+json"
    found = answer.json()["features"]
    told = [feature["properties"] for feature in found]
    assert [row["import_id"] for row in told] == [
        third.import_id, second.import_id, first.import_id
    ]  # fmt: skip
    assert [row["name"] for row in told] == ["Titik", "Hulu Baru", "Hulu"]
    assert [row["file_name"] for row in told] == [
        "Titik.geojson", "Hulu Baru.geojson", "Hulu.geojson"
    ]  # fmt: skip
    assert [row["has_outline"] for row in told] == [False, True, True]
    assert [row["is_current"] for row in told] == [True, False, False]
    assert [row["is_current_outline"] for row in told] == [False, True, False]
    kinds = [feature["geometry"]["type"] for feature in found]
    assert kinds == ["Point", "Polygon", "Polygon"]
    assert found[0]["geometry"]["coordinates"] == [112.4, -1.9]
    eastern = [max(x for x, _ in found[at]["geometry"]["coordinates"][0]) for at in (1, 2)]
    assert eastern == [112.5, 112.25]
    assert {len(row["sha256"]) for row in told} == {64}


def test_editions_of_an_unknown_village_are_not_found(settings: Settings, client_of: ClientOf):
    client = client_of(settings)
    assert slug(client.get(f"/api/v1/villages/{HULU}/editions")) == "village-not-found"
    assert client.get("/api/v1/villages/hulu/editions").status_code == 422


@pytest.mark.parametrize("lon", [112.1, 112.25], ids=["inside", "on the edge"])
def test_a_point_in_the_outline_keeps_it(engine: Engine, tmp_path: Path, lon: float):
    drawn = put(engine, tmp_path, "Hulu", SQUARE)
    point = put(engine, tmp_path, "Titik", Point(lon, -1.9))
    assert [f for f in point.findings if f.code == "outline-left"] == []
    village = today(engine)
    assert village.geometry.equals(SQUARE)
    assert (village.import_id, village.outline_import_id) == (point.import_id, drawn.import_id)
    assert (village.west, village.south, village.east, village.north) == SQUARE.bounds


def test_a_point_outside_the_outline_sets_it_aside(engine: Engine, tmp_path: Path):
    """0.01 degrees of longitude at 1.9 degrees south are 111,320 m x 0.01 x cos 1.9 = 1,112.6 m."""
    put(engine, tmp_path, "Hulu", SQUARE)
    point = put(engine, tmp_path, "Titik", Point(112.26, -1.9))
    (left,) = (f for f in point.findings if f.code == "outline-left")
    assert (left.severity, left.village_code) == ("warning", HULU)
    assert left.params["metres"] == pytest.approx(1113, abs=1)
    assert (left.params["lon"], left.params["lat"]) == (112.26, -1.9)
    assert (point.accepted, point.refused) == (1, 0)
    village = today(engine)
    assert (village.geometry, village.outline_import_id) == (None, None)
    assert (village.lon, village.lat) == (112.26, -1.9)
    assert (village.west, village.south, village.east, village.north) == (112.26, -1.9) * 2


def test_the_map_once_more_brings_an_outline_back(engine: Engine, tmp_path: Path):
    put(engine, tmp_path, "Hulu", SQUARE)
    put(engine, tmp_path, "Titik", Point(112.26, -1.9))
    again = put(engine, tmp_path, "Hulu", SQUARE)
    village = today(engine)
    assert village.geometry.equals(SQUARE)
    assert (village.import_id, village.outline_import_id) == (again.import_id, again.import_id)


def test_a_dry_run_tells_of_the_outline_and_keeps_it(engine: Engine, tmp_path: Path):
    put(engine, tmp_path, "Hulu", SQUARE)
    path = tmp_path / "titik.geojson"
    rows = {"kode_desa": [HULU], "nama_desa": ["Hulu"]}
    gpd.GeoDataFrame(rows, geometry=[Point(112.26, -1.9)], crs="EPSG:4326").to_file(path)
    outcome = ingest(engine, "villages", path, dry_run=True)
    assert "outline-left" in {finding.code for finding in outcome.findings}
    assert today(engine).geometry.equals(SQUARE)


def test_a_plan_keeps_the_imports_and_names_of_its_time(kotim_engine: Engine, tmp_path: Path):
    plan_id = ask(kotim_engine)
    with transaction(kotim_engine) as session:
        week = load_week(session, plan_id)
        session.get_one(Plan, plan_id).inputs = week.inputs
        before = next(row for row in week.villages if row.code == PALANGAN)
    maps = [row for row in week.inputs.values() if row["kind"] == "villages"]
    assert [row["file_name"] for row in maps] == ["batas_desa.gpkg"]

    around = Point(before.lon, before.lat).buffer(0.01, quad_segs=2)
    put(kotim_engine, tmp_path, "Palangan Baru", around, code=PALANGAN)
    with reading(kotim_engine) as session:
        plan = session.get_one(Plan, plan_id)
        then = villages_of(session, plan)[PALANGAN]
        assert (then.name, then.lon, then.lat) == ("Palangan", before.lon, before.lat)
        assert then.district == "Kota Besi"
        assert [r for r in plan.inputs.values() if r["kind"] == "villages"] == maps
    after = week_of(kotim_engine)
    maps = [row for row in after.inputs.values() if row["kind"] == "villages"]
    assert [row["file_name"] for row in maps] == ["batas_desa.gpkg", "Palangan Baru.geojson"]
    assert {len(row["sha256"]) for row in maps} == {64}
    assert "Palangan Baru" in {village.name for village in after.villages}
