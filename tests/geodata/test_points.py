"""Lists and maps of service points, with one fault each; opening hours."""

import csv
from datetime import time
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.errors import MissingColumn, ResidentsFile, WrongCrs
from geodata.opening import Opening, opening_text, parse_opening
from geodata.points import PointsImport, point_code, read_points

A, B, C = "62.02.01.1009", "62.02.01.2003", "62.02.06.1002"
VILLAGES = pd.DataFrame(
    [
        (A, "Kota Besi Hulu", "Kota Besi", "Kotim", 112.75, -2.40),
        (B, "Palangan", "Kota Besi", "Kotim", 112.74, -2.37),
        (C, "Mentawa Baru Hilir", "Mentawa Baru Ketapang", "Kotim", 112.95, -2.54),
    ],
    columns=["code", "name", "district", "regency", "lon", "lat"],
)
HALL = {
    "kode_desa": B, "titik": "Balai Desa", "jenis": "balai desa", "lon": "112.741", "lat": "-2.371",
    "melayani": "", "listrik": "", "sinyal": "", "jam_buka": "", "harap_pemula": "", "aktif": "",
}  # fmt: skip
SCHOOL = {**HALL, "kode_desa": C, "titik": "SMKN 2 Sampit", "jenis": "sekolah", "lon": "112.953",
          "lat": "-2.541", "harap_pemula": "120"}  # fmt: skip


def points(folder: Path, *rows: dict[str, str]) -> PointsImport:
    path = folder / "titik.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HALL)
        writer.writeheader()
        writer.writerows(rows)
    return read_points(path, villages=VILLAGES)


def codes(found: PointsImport, severity: str = "refused") -> list[str]:
    return [finding.code for finding in found.findings if finding.severity == severity]


def test_a_hall_and_a_school(tmp_path: Path):
    found = points(
        tmp_path,
        {**HALL, "melayani": f"{B}; {A}", "listrik": "ya", "sinyal": "kuat"},
        {**SCHOOL, "listrik": "tidak", "jam_buka": "1-5 07:00-13:00"},
    )
    assert (found.accepted, found.refused, found.findings) == (2, 0, ())
    hall, school = found.frame.to_dict("records")
    assert (hall["point"], hall["kind"], hall["serves"]) == (B, "village_hall", (B, A))
    assert (hall["power"], hall["signal"], hall["opens"]) == ("yes", "strong", "")
    assert school["point"] == f"{C}/smkn-2-sampit"
    assert (school["serves"], school["pemula"], school["power"]) == ((), 120, "no")
    assert school["opens"] == "12345 07:00-13:00"
    assert pd.isna(school["ktp_el"])
    assert found.totals == {"points": 2, "retired": 0, "ktp_el": 0, "pemula": 120, "kia": 0,
                            "akta": 0, "ikd": 0}  # fmt: skip


def test_a_hall_serves_its_own_village_when_none_is_named(tmp_path: Path):
    assert points(tmp_path, HALL).frame["serves"].tolist() == [(B,)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kode_desa": ""}, "value-missing"),
        ({"kode_desa": "62.02.01.2999"}, "village-unknown"),
        ({"titik": ""}, "value-missing"),
        ({"jenis": "warung"}, "word-unknown"),
        ({"lon": "-2.371", "lat": "112.741"}, "coordinates-swapped"),
        ({"lat": "8"}, "coordinates-out-of-range"),
        ({"lon": "timur"}, "number-unreadable"),
        ({"melayani": f"{B};62.02.01.2999"}, "village-unknown"),
        ({"listrik": "kadang"}, "word-unknown"),
        ({"sinyal": "lumayan"}, "word-unknown"),
        ({"jam_buka": "Senin pagi"}, "opening-unreadable"),
        ({"harap_pemula": "100001"}, "number-out-of-range"),
        ({"harap_pemula": "12,5"}, "number-unreadable"),
        ({"jenis": "sekolah"}, "point-without-people"),
        ({"jenis": "sekolah", "harap_pemula": "0"}, "point-without-people"),
        ({"jenis": "kantor kecamatan"}, "point-without-people"),
        ({"aktif": "mungkin"}, "word-unknown"),
    ],
)  # fmt: skip
def test_a_row_with_a_fault_is_set_aside(tmp_path: Path, changes: dict[str, str], code: str):
    found = points(tmp_path, {**HALL, **changes}, SCHOOL)
    assert codes(found) == [code]
    assert (found.accepted, found.refused) == (1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"harap_pemula": "100000"},
        {"jenis": "sekolah", "harap_pemula": "1"},
        {"jenis": "kantor kecamatan", "melayani": A},
        {"jenis": "district_office", "harap_pemula": "3"},
        {"aktif": "tidak"},
    ],
)
def test_just_inside(tmp_path: Path, changes: dict[str, str]):
    assert codes(points(tmp_path, {**HALL, **changes})) == []


def test_the_same_point_twice(tmp_path: Path):
    found = points(tmp_path, HALL, {**HALL, "titik": "Balai Desa Baru"})
    assert codes(found) == ["row-duplicate"]


def test_a_village_has_one_point_to_go_to(tmp_path: Path):
    other = {**HALL, "kode_desa": A, "titik": "Kantor Camat", "jenis": "kantor kecamatan"}
    found = points(tmp_path, HALL, {**other, "melayani": f"{A};{B}"})
    assert codes(found) == ["village-served-twice"]
    school = {**SCHOOL, "melayani": B}  # pupils of a village may go to school elsewhere
    assert codes(points(tmp_path, HALL, school)) == []


@pytest.mark.parametrize(("north", "expected"), [(0.2712, []), (0.2714, ["point-far"])])
def test_a_point_far_from_its_village_is_doubted(tmp_path: Path, north: float, expected: list[str]):
    """A degree of the meridian is 110.576 km near 2 degrees south (WGS 84), 30 km are 0.27131."""
    found = points(tmp_path, {**HALL, "lon": "112.74", "lat": f"{-2.37 + north:.4f}"})
    assert codes(found, "warning") == expected
    assert found.accepted == 1


def test_a_name_beside_a_code_of_another_village_is_told(tmp_path: Path):
    path = tmp_path / "titik.csv"
    path.write_text(
        "kode_desa,desa,titik,jenis,lon,lat\n"
        f"{A},Kota Besi Hulu,Balai,balai desa,112.75,-2.40\n"
        f"{C},Mentawa Baru Hilir,Balai,balai desa,112.95,-2.54\n"
        f"{B},Kota Besi Hulu,Balai,balai desa,112.74,-2.37\n",
        encoding="utf-8",
    )
    found = read_points(path, villages=VILLAGES)
    assert [finding.code for finding in found.findings] == ["name-of-another"]


def test_points_of_a_map_in_metres(tmp_path: Path):
    frame = gpd.GeoDataFrame(
        [{"kode_desa": C, "titik": "SMKN 2 Sampit", "jenis": "sekolah", "harap_pemula": 120}],
        geometry=[shapely.Point(112.953, -2.541)],
        crs=4326,
    ).to_crs(32749)
    path = tmp_path / "titik.gpkg"
    frame.to_file(path, layer="titik_layanan")
    found = read_points(path, villages=VILLAGES)
    assert codes(found) == []
    (row,) = found.frame.to_dict("records")
    assert (row["lon"], row["lat"]) == pytest.approx((112.953, -2.541), abs=1e-6)
    assert (row["point"], row["pemula"]) == (f"{C}/smkn-2-sampit", 120)
    assert codes(found, "info") == ["reprojected"]


def test_a_map_without_crs_or_columns_is_refused(tmp_path: Path):
    bare = gpd.GeoDataFrame([{"titik": "x"}], geometry=[shapely.Point(112.9, -2.5)], crs=4326)
    bare.to_file(tmp_path / "titik.gpkg")
    with pytest.raises(MissingColumn, match="code"):
        read_points(tmp_path / "titik.gpkg", villages=VILLAGES)
    nowhere = bare.assign(kode_desa=C, jenis="sekolah").set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="crs"):
        nowhere.to_file(tmp_path / "t.gpkg")
    with pytest.raises(WrongCrs):
        read_points(tmp_path / "t.gpkg", villages=VILLAGES)


def test_a_list_of_pupils_is_refused(tmp_path: Path):
    path = tmp_path / "siswa.csv"
    path.write_text("kode_desa,titik,jenis,lon,lat,NIK\n", encoding="utf-8")
    with pytest.raises(ResidentsFile):
        read_points(path, villages=VILLAGES)


@pytest.mark.parametrize(
    ("text", "spans", "written"),
    [
        ("", (), ""),
        ("135 7.30-14:00", [(1, "07:30", "14:00"), (3, "07:30", "14:00"), (5, "07:30", "14:00")],
         "135 07:30-14:00"),
        ("6 07:30-11:00; 1-2 08:00-12:00",
         [(1, "08:00", "12:00"), (2, "08:00", "12:00"), (6, "07:30", "11:00")],
         "12 08:00-12:00; 6 07:30-11:00"),
        ("1 08:00-10:00; 1 10:00-12:00", [(1, "08:00", "10:00"), (1, "10:00", "12:00")],
         "1 08:00-10:00; 1 10:00-12:00"),
    ],
)  # fmt: skip
def test_opening_hours(text: str, spans: list[tuple[int, str, str]], written: str):
    expected = tuple(
        Opening(day, time.fromisoformat(opens), time.fromisoformat(closes))
        for day, opens, closes in spans
    )
    assert parse_opening(text) == expected
    assert opening_text(expected) == written
    assert parse_opening(written) == expected


@pytest.mark.parametrize(
    "text",
    ["8 08:00-10:00", "5-1 08:00-10:00", "12-5 08:00-10:00", "1 10:00-10:00", "1 08:00-24:00",
     "1 08:00-09:60", "1 08:00-10:00; 1 09:59-12:00", "08:00-10:00", "1 08:00"],
)  # fmt: skip
def test_opening_hours_that_cannot_be_read(text: str):
    assert parse_opening(text) is None


def test_a_point_is_known_by_village_and_name():
    assert point_code(B, "village_hall", "Anything") == B
    assert point_code(B, "school", "SMA Negeri 1 Café") == f"{B}/sma-negeri-1-cafe"
    assert point_code(B, "school", "???") == f"{B}/titik"
