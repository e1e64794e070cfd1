"""Maps of villages in the database: outlines, bare points, folders."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point, box
from sqlalchemy import Engine
from sqlmodel import select

from app.db import reading
from app.ingest import ingest
from app.models import DataImport, Village

SQUARE = box(112.0, -2.0, 112.25, -1.75)


@pytest.fixture
def villages() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"kode_desa": ["62.02.01.1009", "62.02.01.1010"], "nama_desa": ["Hulu", "Hilir"]},
        geometry=[SQUARE, Point(112.5, -2.25)],
        crs="EPSG:4326",
    )


def test_a_village_without_an_outline_is_stored_at_its_point(
    engine: Engine, tmp_path: Path, villages: gpd.GeoDataFrame
):
    path = tmp_path / "desa.geojson"
    villages.to_file(path)
    outcome = ingest(engine, "villages", path)
    assert (outcome.accepted, outcome.refused) == (2, 0)
    with reading(engine) as session:
        drawn, bare = session.exec(select(Village).order_by(Village.code)).all()
    assert (drawn.west, drawn.south, drawn.east, drawn.north) == SQUARE.bounds
    assert (bare.lon, bare.lat, bare.geometry) == (112.5, -2.25, None)
    assert (bare.west, bare.south, bare.east, bare.north) == (112.5, -2.25, 112.5, -2.25)


def test_a_later_point_keeps_the_earlier_outline(
    engine: Engine, tmp_path: Path, villages: gpd.GeoDataFrame
):
    drawn, bare = tmp_path / "batas.geojson", tmp_path / "titik.geojson"
    villages.iloc[:1].to_file(drawn)
    villages.iloc[:1].set_geometry([Point(112.1, -1.9)], crs="EPSG:4326").to_file(bare)
    ingest(engine, "villages", drawn)
    ingest(engine, "villages", bare)
    with reading(engine) as session:
        (village,) = session.exec(select(Village)).all()
    assert (village.lon, village.lat) == (112.1, -1.9)
    assert village.geometry.equals(SQUARE)
    assert (village.west, village.south, village.east, village.north) == SQUARE.bounds


def test_a_geodatabase_is_one_import_with_one_digest(
    engine: Engine, tmp_path: Path, villages: gpd.GeoDataFrame
):
    """The same folder once more is the same file; one changed byte is another."""
    path = tmp_path / "desa.gdb"
    villages.iloc[:1].to_file(path, driver="OpenFileGDB")
    for _ in range(2):
        ingest(engine, "villages", path)
    note = path / "timestamps"
    note.write_bytes(note.read_bytes() + b"\0")
    ingest(engine, "villages", path)
    with reading(engine) as session:
        digests = [row.sha256 for row in session.exec(select(DataImport).order_by(DataImport.id))]
    assert digests[0] == digests[1] != digests[2]
    assert {len(digest) for digest in digests} == {64}
