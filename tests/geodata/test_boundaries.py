"""Outlines of villages: pilots, dirty layers made by hand, what is refused."""

import csv

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon, box

from geodata.boundaries import read_villages
from geodata.errors import (
    BadCodes,
    DuplicateCodes,
    EmptyFile,
    MissingColumn,
    MissingFile,
    MissingLayer,
    UnreadableSource,
    UnsupportedFormat,
    WrongCrs,
)

SQUARE = box(112.0, -2.0, 112.1, -1.9)
BOW_TIE = Polygon([(112, -2), (112.1, -1.9), (112.1, -2), (112, -1.9)])


def layer(tmp_path, rows, crs="EPSG:4326", name="desa.gpkg", **options):
    frame = gpd.GeoDataFrame(rows, crs=crs)
    path = tmp_path / name
    frame.to_file(path, **options)
    return path


def village(code="62.02.01.1009", name="Hulu", geometry=SQUARE, **others):
    return {"kode_desa": code, "nama_desa": name, **others, "geometry": geometry}


@pytest.mark.parametrize(
    ("pack", "n_villages", "reference"),
    [
        ("kotim", 185, "villages_kotim_6202.csv"),
        ("kaltara", 482, "villages_kaltara_65.csv"),
        ("kaltim", 1038, "villages_kaltim_64.csv"),
    ],
)
def test_the_pilots(shared_data, pack, n_villages, reference):
    result = read_villages(shared_data / "pilot" / pack / "batas_desa.gpkg")
    with (shared_data / "reference" / reference).open(encoding="utf-8", newline="") as file:
        expected = {row["village_code"]: row for row in csv.DictReader(file)}
    columns = ["name", "kind", "district_code", "district", "regency_code", "regency"]
    for row in result.frame.to_dict("records"):
        assert [row[c] for c in columns] == [expected[row["code"]][c] for c in columns]
    assert set(result.frame["code"]) == set(expected)
    assert result.totals == {"villages": n_villages}
    assert (result.accepted, result.refused) == (n_villages, 0)
    points = shapely.points(result.frame["lon"], result.frame["lat"])
    assert shapely.contains(result.frame.geometry.to_numpy(), points).all()
    assert result.frame.crs == "EPSG:4326"


def test_what_a_file_does_not_say_is_derived_from_the_code(tmp_path):
    path = layer(tmp_path, [village("6202032005"), village("62.02.01.1009", jenis="Kelurahan")])
    frame = read_villages(path).frame
    assert frame.drop(columns=["lon", "lat", "geometry"]).to_dict("records") == [
        {"code": "62.02.01.1009", "name": "Hulu", "kind": "kelurahan", "district_code": "62.02.01",
         "district": "62.02.01", "regency_code": "62.02", "regency": "62.02"},
        {"code": "62.02.03.2005", "name": "Hulu", "kind": "desa", "district_code": "62.02.03",
         "district": "62.02.03", "regency_code": "62.02", "regency": "62.02"},
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["6202011009", 6202011009, 6202011009.0], ids=repr)
def test_undotted_codes_are_corrected(tmp_path, code):
    result = read_villages(layer(tmp_path, [village(code)]))
    assert result.frame["code"].tolist() == ["62.02.01.1009"]
    assert (result.accepted, result.corrected) == (1, 1)


@pytest.mark.parametrize(
    "columns",
    [
        {"KDEPUM": "62.02.01.1009", "NAMOBJ": "X", "WADMKD": "Hulu", "WADMKC": "A", "WADMKK": "B"},
        {"village_code": "62.02.01.1009", "name": "Hulu", "district": "A", "regency": "B"},
        {"kode": "62.02.01.1009", "desa": "Hulu", "kecamatan": "A", "kabupaten": "B"},
    ],
    ids=["survey-agency", "english", "office"],
)
def test_headings_in_use(tmp_path, columns):
    frame = read_villages(layer(tmp_path, [{**columns, "geometry": SQUARE}])).frame
    assert frame[["name", "district", "regency"]].to_numpy().tolist() == [["Hulu", "A", "B"]]


@pytest.mark.parametrize("crs", ["EPSG:32749", "EPSG:3857", "EPSG:4238"])
def test_other_reference_systems_are_converted(tmp_path, crs):
    outline = gpd.GeoSeries([SQUARE], crs="EPSG:4326").to_crs(crs).iloc[0]
    result = read_villages(layer(tmp_path, [village(geometry=outline)], crs=crs))
    assert result.frame.geometry.iloc[0].equals_exact(SQUARE, 1e-6)
    assert [(f.code, f.value) for f in result.findings] == [("reprojected", crs)]


def test_a_shapefile_without_a_reference_system_is_refused(tmp_path):
    path = layer(tmp_path, [village()], name="desa.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(WrongCrs, match=r"desa\.shp"):
        read_villages(path)


def test_metres_called_degrees_are_refused(tmp_path):
    with pytest.raises(WrongCrs):
        read_villages(layer(tmp_path, [village(geometry=box(7e5, 9e6, 7.1e5, 9.1e6))]))


def test_an_invalid_outline_is_repaired_and_told(tmp_path):
    result = read_villages(layer(tmp_path, [village(geometry=BOW_TIE)]))
    shape = result.frame.geometry.iloc[0]
    assert shape.is_valid
    # A bow tie is two triangles, a quarter of the square each.
    assert shape.area == pytest.approx(SQUARE.area / 2)
    (finding,) = result.findings
    assert (finding.code, finding.row, finding.village_code) == (
        "geometry-repaired", 1, "62.02.01.1009",
    )  # fmt: skip
    assert "Self-intersection" in finding.message
    assert (result.accepted, result.corrected, result.refused) == (1, 1, 0)


def test_heights_are_dropped(tmp_path):
    path = layer(tmp_path, [village(geometry=shapely.force_3d(SQUARE, 12.0))])
    assert not read_villages(path).frame.geometry.has_z.any()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (village("62.02.01.1010", geometry=None), "geometry-missing"),
        (village("62.02.01.1010", geometry=Point(112, -2)), "geometry-not-area"),
        (village("62.02.01.1010", geometry=LineString([(112, -2), (112, -1)])),
         "geometry-not-area"),
        (village("62.02.01.1010", geometry=Polygon([(112, -2), (112.1, -2), (112.2, -2)])),
         "geometry-not-area"),
        (village("62.02.01.1010", geometry=box(10, 50, 11, 51)), "coordinates-out-of-range"),
        (village("", "TIDAK TERDEFINISI"), "code-missing"),
        (village("0", "TIDAK TERDEFINISI"), "code-missing"),
    ],
    ids=["no-outline", "point", "line", "no-area", "elsewhere", "no-code", "code-0"],
)  # fmt: skip
def test_one_bad_row_is_set_aside(tmp_path, row, code):
    result = read_villages(layer(tmp_path, [village(), row]))
    (finding,) = result.findings
    assert (finding.code, finding.severity, finding.row) == (code, "refused", 2)
    assert (result.accepted, result.refused) == (1, 1)
    assert result.frame["code"].tolist() == ["62.02.01.1009"]


@pytest.mark.parametrize(
    ("rows", "error", "told"),
    [
        ([village(), village("62.1")], BadCodes, "2: '62.1'"),
        ([village(), village("6202011009")], DuplicateCodes, "62.02.01.1009 (1, 2)"),
        ([{"nama": "A", "geometry": SQUARE}], MissingColumn, "'code'"),
        ([{"kode": "62.02.01.1009", "geometry": SQUARE}], MissingColumn, "'name'"),
        ([village(geometry=Point(112, -2))], EmptyFile, "desa.gpkg"),
    ],
    ids=["bad-code", "twice", "no-code", "no-name", "no-area"],
)
def test_the_whole_file_is_refused(tmp_path, rows, error, told):
    with pytest.raises(error) as caught:
        read_villages(layer(tmp_path, rows))
    assert told in str(caught.value)


def test_the_layer_desa_is_chosen_among_several(tmp_path):
    path = layer(tmp_path, [village("62.02.01.1010")], layer="kecamatan")
    layer(tmp_path, [village()], layer="desa")
    assert read_villages(path).frame["code"].tolist() == ["62.02.01.1009"]


def test_several_layers_without_desa_are_refused(tmp_path):
    path = layer(tmp_path, [village()], layer="satu")
    layer(tmp_path, [village()], layer="dua")
    with pytest.raises(MissingLayer, match="satu, dua"):
        read_villages(path)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("desa.gpkg", b"not a database", UnreadableSource),
        ("desa.geojson", b"{", UnreadableSource),
        ("desa.zip", b"PK\x03\x04", UnreadableSource),
        ("desa.csv", b"kode,desa\n", UnsupportedFormat),
    ],
)
def test_what_is_no_map(tmp_path, name, content, error):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error, match=name):
        read_villages(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(MissingFile):
        read_villages(tmp_path / "desa.gpkg")
