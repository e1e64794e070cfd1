"""A corrected list takes the place of the older one; news and other sources stand beside it."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point
from sqlalchemy import Engine
from sqlmodel import col, select

from app.db import reading
from app.errors import AsOfInFuture
from app.ingest import ingest
from app.models import DataImport, Link, PowerReport, SignalReport
from tests.app.test_connectivity import held, written

ONE, TWO = "62.02.01.2001", "62.02.02.2002"


def counting(engine: Engine, table: type) -> list[int]:
    """Give the numbers of the imports whose rows of a table count, those of the seed left out."""
    with reading(engine) as session:
        rows = session.exec(
            select(DataImport.id)
            .join(table)
            .where(col(DataImport.superseded_by).is_(None), col(DataImport.id) > 6)
            .distinct()
            .order_by(col(DataImport.id))
        )
        return [number - 6 for number in rows]


def sent(engine: Engine, folder: Path, *rows: str, head: str = "kode,sinyal,tanggal") -> None:
    ingest(engine, "connectivity", written(folder / "sinyal.csv", head, *rows))


def test_a_corrected_list_counts_instead_of_the_wrong_one(seeded: Engine, tmp_path: Path):
    """Otherwise the worse of two classes of one day would hold: the wrong one."""
    sent(seeded, tmp_path, f"{TWO},tidak ada,2025-10-01", f"{ONE},kuat,2025-10-01")
    assert held(seeded, TWO).signal == "none"
    sent(seeded, tmp_path, f"{TWO},kuat,2025-10-01", f"{ONE},kuat,2025-10-01")
    assert counting(seeded, SignalReport) == [2]
    assert (held(seeded, TWO).signal, held(seeded, TWO).n_contradictions) == ("strong", 0)


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        ([f"{ONE},kuat,2025-10-01"], [2]),  # half of them
        ([f"{ONE},kuat,2025-10-02", f"{TWO},kuat,2025-10-02"], [1, 2]),  # of another day
        ([f"{ONE},4G,2025-10-01", f"{TWO},4G,2025-10-01"], [1, 2]),  # by another definition
        (["62.02.01.2002,kuat,2025-10-01"], [1, 2]),  # of another village
    ],
    ids=["half", "later", "definition", "village"],
)
def test_what_takes_the_place_of_a_list(
    seeded: Engine, tmp_path: Path, rows: list[str], counts: list[int]
):
    sent(seeded, tmp_path, f"{ONE},lemah,2025-10-01", f"{TWO},lemah,2025-10-01")
    sent(seeded, tmp_path, *rows)
    assert counting(seeded, SignalReport) == counts


def test_another_source_stands_beside(seeded: Engine, tmp_path: Path):
    for source, signal in (("Dinas", "lemah"), ("Camat", "kuat")):
        path = written(tmp_path / "s.csv", "kode,sinyal,tanggal", f"{TWO},{signal},2025-10-01")
        ingest(seeded, "connectivity", path, source=source)
    assert counting(seeded, SignalReport) == [1, 2]
    assert held(seeded, TWO).n_contradictions == 0  # weak and strong are one class apart
    assert held(seeded, TWO).signal == "weak"


def test_a_list_that_says_less_does_not_take_the_power_away(seeded: Engine, tmp_path: Path):
    sent(seeded, tmp_path, f"{TWO},kuat,2025-10-01,PLN", head="kode,sinyal,tanggal,listrik")
    sent(seeded, tmp_path, f"{TWO},lemah,2025-10-01")
    assert counting(seeded, PowerReport) == [1]
    assert held(seeded, TWO).power == "yes"


def test_a_tower_that_works_again(seeded: Engine, tmp_path: Path):
    """Without a day in either list the newer list counts, not the worse state."""
    for state in ("mati", "on air"):
        path = written(tmp_path / "bts.csv", "site_id,lon,lat,status", f"X1,112.35,-2.45,{state}")
        ingest(seeded, "connectivity", path)
    assert held(seeded, TWO).signal == "strong"


@pytest.mark.parametrize(
    ("name", "signal"), [("cakupan.geojson", "strong"), ("lain.geojson", "weak")]
)
def test_a_corrected_map_counts_instead_of_the_wrong_one(
    seeded: Engine, tmp_path: Path, name: str, signal: str
):
    """Of two maps the worse class counts, but a map of the same name is an edition."""
    for file, word in (("cakupan.geojson", "lemah"), (name, "kuat")):
        path = tmp_path / file
        frame = {"sinyal": [word], "geometry": [Point(112.35, -2.45).buffer(0.01)]}
        gpd.GeoDataFrame(frame, crs=4326).to_file(path, driver="GeoJSON")
        ingest(seeded, "connectivity", path, as_of=date(2025, 10, 1), source="Operator A")
    assert held(seeded, TWO).signal == signal


def test_a_corrected_route_is_not_travelled_twice(seeded: Engine, tmp_path: Path):
    """The second list reaches farther, so the areas of the two are not alike."""
    head = "dari,dari_lon,dari_lat,ke,ke_lon,ke_lat,moda,menit,menit_balik,hari"
    near, far = "A,112.9,-2.5,B,112.4,-1.9,speed,{},150,135", "A,112.9,-2.5,C,111,-1,speed,99,99,1"
    path = tmp_path / "penghubung.csv"
    ingest(seeded, "links", written(path, head, near.format(120)))
    ingest(seeded, "links", written(path, head, near.format(240), far))
    assert counting(seeded, Link) == [2]


def test_the_name_of_a_file_cannot_tell_a_day_to_come(seeded: Engine, tmp_path: Path):
    path = written(tmp_path / "sinyal_2099-05-01.csv", "kode,sinyal", f"{TWO},kuat")
    with pytest.raises(AsOfInFuture, match="2099-05-01"):
        ingest(seeded, "connectivity", path)


def test_totals_count_what_is_stored(seeded: Engine, tmp_path: Path):
    path = written(
        tmp_path / "sinyal_2025-10-01.csv",
        "kode,sinyal,listrik", f"{ONE},kuat,PLN", f"{TWO},kuat,PLN", "62.02.09.2009,lemah,PLTS",
    )  # fmt: skip
    outcome = ingest(seeded, "connectivity", path)
    assert (outcome.accepted, outcome.refused) == (2, 1)
    assert outcome.as_of == date(2025, 10, 1)
    assert outcome.totals == {
        "none": 0, "weak": 0, "strong": 2, "very_strong": 0, "power_yes": 2, "power_no": 0,
    }  # fmt: skip
