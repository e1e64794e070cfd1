"""Lists of lodging places: what is read, and each limit from both sides."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from geodata.lodging import LodgingImport, LodgingPlace, read_lodging

HEAD = "kode_desa,penginapan,lon,lat,biaya,tim,aktif"
ONE, TWO = "62.02.01.2001", "62.02.01.2002"
VILLAGES = pd.DataFrame(
    {
        "code": [ONE, TWO], "name": ["Hulu", "Hilir"], "district": ["Hulu", "Hulu"],
        "regency": ["Kabupaten Kotawaringin Timur"] * 2, "lon": [112.0, 112.5], "lat": [0.0, 0.0],
    }
)  # fmt: skip


def read(folder: Path, *rows: str, head: str = HEAD) -> LodgingImport:
    path = folder / "penginapan.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return read_lodging(path, villages=VILLAGES, teams=frozenset(("A", "B")))


def test_a_list_of_places(tmp_path: Path) -> None:
    found = read(
        tmp_path, f"{ONE},Penginapan Mawar,112.1,0.1,150000,A; B,ya", f"{TWO},,,,,,",
        f"{TWO},Rumah Camat,,,0,,tidak",
    )  # fmt: skip
    assert found.findings == ()
    assert found.places == (
        LodgingPlace(
            code=f"{ONE}/penginapan-mawar", village_code=ONE, name="Penginapan Mawar", lon=112.1,
            lat=0.1, cost_rupiah=150_000, teams=("A", "B"),
        ),
        LodgingPlace(
            code=f"{TWO}/hilir", village_code=TWO, name="Hilir", lon=None, lat=None,
            cost_rupiah=None, teams=(),
        ),
    )  # fmt: skip
    assert found.regencies == {"62.02"}
    assert (found.accepted, found.refused) == (3, 0)
    assert found.totals == {"places": 2, "retired": 1}


def test_codes_alone_are_a_list(tmp_path: Path) -> None:
    found = read(tmp_path, ONE, TWO, head="kode_desa")
    assert [place.name for place in found.places] == ["Hulu", "Hilir"]


def test_a_list_without_a_place_in_use_still_names_its_regency(tmp_path: Path) -> None:
    found = read(tmp_path, f"{ONE},,,,,,tidak")
    assert (found.places, found.regencies) == ((), {"62.02"})


@pytest.mark.parametrize(
    ("row", "code", "value"),
    [
        (",Mawar,,,,,", "value-missing", ""),
        ("62.02.01.2003,,,,,,", "village-unknown", None),
        (f"{ONE},,112.1,,,,", "value-missing", None),
        (f"{ONE},,0.1,112.1,,,", "coordinates-swapped", "0.1, 112.1"),
        (f"{ONE},,,,10000001,,", "number-out-of-range", "10000001"),
        (f"{ONE},,,,-1,,", "number-out-of-range", "-1"),
        (f"{ONE},,,,murah,,", "number-unreadable", "murah"),
        (f"{ONE},,,,,A; C,", "team-unknown", "C"),
        (f"{ONE},,,,,,mungkin", "word-unknown", "mungkin"),
    ],
)
def test_a_row_with_a_fault_is_set_aside(
    tmp_path: Path, row: str, code: str, value: str | None
) -> None:
    found = read(tmp_path, row, f"{TWO},,,,10000000,,")
    assert [(f.code, f.severity, f.row, f.value) for f in found.findings] == [
        (code, "refused", 2, value)
    ]
    assert [place.cost_rupiah for place in found.places] == [10_000_000]
    assert (found.accepted, found.refused) == (1, 1)


def test_a_place_stands_once(tmp_path: Path) -> None:
    found = read(tmp_path, f"{ONE},Mawar,,,,,", f"{ONE},MAWAR,,,5,,", f"{TWO},Mawar,,,,,")
    assert [(f.code, f.row, f.params) for f in found.findings] == [
        ("row-duplicate", 3, {"first_row": 2})
    ]
    assert [place.village_code for place in found.places] == [ONE, TWO]


@pytest.mark.parametrize(("more", "expected"), [(-1e-4, []), (1e-4, ["point-far"])])
def test_a_place_far_from_its_village_is_doubted(
    tmp_path: Path, more: float, expected: list[str]
) -> None:
    """A degree of the equator is 111.3195 km; the limit is 30 km."""
    found = read(tmp_path, f"{ONE},Mawar,{112 + 30 / 111.3195 + more:.6f},0,,,")
    assert [f.code for f in found.findings] == expected
    assert len(found.places) == 1


def test_a_map_of_places(tmp_path: Path) -> None:
    rows = [{"kode_desa": ONE, "penginapan": "Mawar", "biaya": 9, "geometry": Point(112.1, 0.1)}]
    path = tmp_path / "penginapan.geojson"
    gpd.GeoDataFrame(rows, crs=4326).to_file(path, engine="pyogrio")
    found = read_lodging(path, villages=VILLAGES, teams=frozenset())
    (place,) = found.places
    assert (place.code, place.lon, place.lat, place.cost_rupiah) == (
        f"{ONE}/mawar", 112.1, 0.1, 9,
    )  # fmt: skip
