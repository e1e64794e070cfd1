"""Outlines of villages: pilots, dirty layers made by hand, what is refused."""

import csv

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import GeometryCollection, LineString, MultiPoint, Point, Polygon, box

from geodata import boundaries
from geodata.boundaries import read_villages
from geodata.errors import (
    AmbiguousLayer,
    BadCodes,
    DuplicateCodes,
    EmptyFile,
    MissingColumn,
    MissingFile,
    MissingLayer,
    TooManyFeatures,
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
def test_the_pilots(shared_data, villages_of, pack, n_villages, reference):
    result = villages_of(pack)
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
    # 0.1 degrees are 11.126 km east and 11.058 km north at 1.95 degrees south.
    assert finding.params["after_ha"] == pytest.approx(11_126 * 11_058 / 2 / 10_000, rel=1e-3)
    assert finding.params["before_ha"] == pytest.approx(0, abs=5)
    assert "Self-intersection" in finding.message
    assert (result.accepted, result.corrected, result.refused) == (1, 1, 0)


def test_heights_are_dropped(tmp_path):
    path = layer(tmp_path, [village(geometry=shapely.force_3d(SQUARE, 12.0))])
    assert not read_villages(path).frame.geometry.has_z.any()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (village("62.02.01.1010", geometry=None), "geometry-missing"),
        (village("62.02.01.1010", geometry=MultiPoint([(112, -2), (113, -2)])),
         "geometry-not-area"),
        (village("62.02.01.1010", geometry=LineString([(112, -2), (112, -1)])),
         "geometry-not-area"),
        (village("62.02.01.1010", geometry=Polygon([(112, -2), (112.1, -2), (112.2, -2)])),
         "geometry-not-area"),
        (village("62.02.01.1010", geometry=box(10, 50, 11, 51)), "coordinates-out-of-range"),
        (village("", "TIDAK TERDEFINISI"), "code-missing"),
        (village("0", "TIDAK TERDEFINISI"), "code-missing"),
    ],
    ids=["no-outline", "points", "line", "no-area", "elsewhere", "no-code", "code-0"],
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
        ([village(geometry=LineString([(112, -2), (113, -2)]))], EmptyFile, "desa.gpkg"),
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


def test_the_layer_of_villages_is_chosen_by_what_it_holds(tmp_path):
    districts = [{"kode": "62.02.01", "nama": "Kota Besi", "geometry": SQUARE}]
    offices = [village(geometry=Point(112, -2))]
    path = layer(tmp_path, districts, layer="kecamatan")
    layer(tmp_path, [village()], layer="batas_2024")
    layer(tmp_path, offices, layer="kantor")
    layer(tmp_path, [{"jenis": "sawah", "geometry": SQUARE}], layer="lahan")
    result = read_villages(path)
    assert result.frame["code"].tolist() == ["62.02.01.1009"]
    assert result.frame.geometry.iloc[0].equals(SQUARE)
    assert [(f.code, f.severity, f.value, f.params) for f in result.findings] == [
        ("layer-chosen", "info", "batas_2024", {"found": "kecamatan, kantor, lahan"})
    ]


def test_several_layers_of_villages_are_refused_by_name(tmp_path):
    path = layer(tmp_path, [village()], layer="satu")
    layer(tmp_path, [village()], layer="dua")
    layer(tmp_path, [{"kode": "62.02.01", "nama": "A", "geometry": SQUARE}], layer="kecamatan")
    with pytest.raises(AmbiguousLayer) as caught:
        read_villages(path)
    assert caught.value.params == {"place": "desa.gpkg", "found": "satu, dua", "layer": "desa"}


def test_layers_without_areas_are_refused_by_name(tmp_path):
    line = LineString([(112, -2), (113, -2)])
    path = layer(tmp_path, [village(geometry=line)], layer="jalan")
    layer(tmp_path, [village(geometry=line)], layer="sungai")
    with pytest.raises(MissingLayer, match="jalan, sungai"):
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


def mapping(*rows):
    return [(f.code, f.severity, f.row, f.value, dict(f.params)) for f in rows]


@pytest.mark.parametrize(
    "columns",
    [
        {"kode_desa_": 6202011009, "nama_kel": "Hulu"},
        {"kode_desa_": 6202011009.0, "nama_kel": "Hulu"},
        {"KDEPUM": "62.02.01.1009", "KDEBPS": "6203010009", "NAMOBJ": "Hulu", "WADMKD": None},
        {"KDEPUM": "62.02.01.1009", "NAMOBJ": "Desa Hulu", "WADMKD": "Hulu"},
        {"kode_kemen": "6202011009", "nama_kelur": "Hulu"},
        {"village_co": "62.02.01.1009", "desa_kelur": "Hulu"},
    ],
    ids=["dukcapil", "dukcapil-float", "big-blank", "big", "cut-short", "cut-short-english"],
)
@pytest.mark.parametrize("name", ["desa.shp", "desa.gpkg"])
def test_headings_of_public_sources(tmp_path, columns, name):
    other = dict.fromkeys(columns) | {next(iter(columns)): 6202011010}
    if isinstance(columns[next(iter(columns))], str):
        other[next(iter(columns))] = "62.02.01.1010"
    rows = [{**columns, "geometry": SQUARE}, {**other, "geometry": box(113, -2, 113.1, -1.9)}]
    frame = read_villages(layer(tmp_path, rows, name=name)).frame
    assert frame[["code", "name"]].to_numpy().tolist() == [
        ["62.02.01.1009", "Hulu"], ["62.02.01.1010", "62.02.01.1010"],
    ]  # fmt: skip


def test_undefined_areas_of_the_public_map_are_set_aside(tmp_path):
    rows = [
        {"kode_desa_": code, "nama_kel": name, "geometry": SQUARE}
        for code, name in ((6202011009, "Hulu"), (0, "TIDAK TERDEFINISI"))
    ]
    result = read_villages(layer(tmp_path, rows))
    assert mapping(*result.findings) == [
        ("code-undotted", "corrected", 1, "6202011009", {}),
        ("code-missing", "refused", 2, None, {"name": "TIDAK TERDEFINISI"}),
    ]


def swapped(shape):
    return shapely.transform(shape, lambda xy: xy[:, ::-1])


def test_a_file_with_latitude_first_is_turned_round(tmp_path):
    far = box(140.9, -8.6, 141, -8.5)
    rows = [village(geometry=swapped(SQUARE)), village("62.02.01.1010", geometry=swapped(far)),
            village("62.02.01.1011", geometry=None)]  # fmt: skip
    result = read_villages(layer(tmp_path, rows))
    assert [shape.bounds for shape in result.frame.geometry] == [SQUARE.bounds, far.bounds]
    assert mapping(*result.findings) == [
        ("axes-swapped", "corrected", None, "2", {}),
        ("geometry-missing", "refused", 3, None, {}),
    ]
    assert (result.accepted, result.corrected, result.refused) == (2, 0, 1)


def test_rows_in_the_other_order_than_the_rest_are_set_aside(tmp_path):
    """A single swapped part makes a feature unusable as well: which corners are right?"""
    mixed = shapely.union_all([box(113, -2, 113.1, -1.9), swapped(box(113, -2, 113.1, -1.9))])
    rows = [
        village(),
        village("62.02.01.1010", geometry=swapped(box(113, -2, 113.1, -1.9))),
        village("62.02.01.1011", geometry=mixed),
        village("62.02.01.1012", geometry=box(500, 500, 501, 501)),
    ]
    result = read_villages(layer(tmp_path, rows))
    assert result.frame["code"].tolist() == ["62.02.01.1009"]
    assert [(f.code, f.severity, f.row) for f in result.findings] == [
        ("coordinates-swapped", "refused", 2),
        ("coordinates-swapped", "refused", 3),
        ("coordinates-out-of-range", "refused", 4),
    ]
    assert sorted(result.findings[0].params.values()) == pytest.approx([-2, 113], abs=0.11)
    assert (result.accepted, result.corrected, result.refused) == (1, 0, 3)


def test_metres_are_never_taken_for_swapped_degrees(tmp_path):
    """Ten metres east and a hundred north of the corner of a zone are numbers like degrees."""
    path = layer(tmp_path, [village(geometry=box(-2, 112, -1, 113))], crs="EPSG:32749")
    with pytest.raises(EmptyFile):
        read_villages(path)


@pytest.mark.parametrize(
    "columns",
    [
        {"lon": 112.05, "lat": -1.95},
        {"Bujur": "112,05", "Lintang": "-1,95"},
        {"X": "112.05", "Y": "-1.95"},
    ],
    ids=["numbers", "indonesian-text", "x-y"],
)
def test_a_village_without_outline_keeps_its_printed_point(tmp_path, columns):
    rows = [village(geometry=box(113, -2, 113.1, -1.9), **dict.fromkeys(columns, None)),
            village("62.02.01.1010", geometry=None, **columns)]  # fmt: skip
    result = read_villages(layer(tmp_path, rows))
    bare = result.frame.iloc[1]
    assert (bare["code"], bare["lon"], bare["lat"]) == ("62.02.01.1010", 112.05, -1.95)
    assert bare["geometry"] is None
    assert mapping(*result.findings) == [
        ("geometry-point", "warning", 2, None, {"lon": 112.05, "lat": -1.95})
    ]
    assert (result.accepted, result.corrected, result.refused) == (2, 0, 0)


def test_villages_may_all_have_printed_points_only(tmp_path):
    rows = [village(geometry=None, lon=112.05, lat=-1.95)]
    result = read_villages(layer(tmp_path, rows))
    assert result.frame[["lon", "lat"]].to_numpy().tolist() == [[112.05, -1.95]]
    assert result.frame.crs == "EPSG:4326"


def test_a_village_drawn_as_a_point_keeps_it(tmp_path):
    rows = [village(), village("62.02.01.1010", geometry=Point(112.05, -1.95))]
    result = read_villages(layer(tmp_path, rows))
    assert result.frame.geometry.isna().tolist() == [False, True]
    assert [f.code for f in result.findings] == ["geometry-point"]


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (-1.95, 112.05, "coordinates-swapped"),
        (10.0, 50.0, "coordinates-out-of-range"),
        ("timur", "selatan", "geometry-missing"),
        (112.05, None, "geometry-missing"),
    ],
    ids=["swapped", "elsewhere", "words", "half"],
)
def test_a_printed_point_that_cannot_be_used_refuses_the_row(tmp_path, lon, lat, code):
    rows = [village(lon=None, lat=None),
            village("62.02.01.1010", geometry=None, lon=lon, lat=lat)]  # fmt: skip
    result = read_villages(layer(tmp_path, rows))
    assert [(f.code, f.severity, f.row) for f in result.findings] == [(code, "refused", 2)]
    assert result.frame["code"].tolist() == ["62.02.01.1009"]


def test_a_label_beside_the_outline_is_dropped_and_told(tmp_path):
    drawn = GeometryCollection([SQUARE, Point(112.05, -1.95)])
    result = read_villages(layer(tmp_path, [village(geometry=drawn)]))
    assert result.frame.geometry.iloc[0].equals(SQUARE)
    assert mapping(*result.findings) == [("geometry-areas-kept", "corrected", 1, "Point", {})]


def test_the_point_is_inside_where_the_centroid_is_not(tmp_path):
    crescent = box(112, -2, 112.3, -1.7).difference(box(112.02, -1.98, 112.3, -1.72))
    frame = read_villages(layer(tmp_path, [village(geometry=crescent)])).frame
    assert not crescent.contains(crescent.centroid)
    assert crescent.contains(Point(frame["lon"].iloc[0], frame["lat"].iloc[0]))


def test_overlaps_and_gaps_are_told_with_names_and_areas(tmp_path):
    """On the equator: 0.001 x 0.1 degrees are 123.09 ha, 0.00001 x 0.1 degrees are 1.23 ha."""
    rows = [
        village("62.02.01.1001", geometry=box(113, 0, 113.101, 0.1)),
        village("62.02.01.1002", geometry=box(113.1, 0, 113.2, 0.1)),
        village("62.02.01.1003", geometry=box(113.19999, 0, 113.3, 0.1)),
        village("62.02.01.1004", geometry=box(113, 0.101, 113.3, 0.2)),
        village("62.02.01.1005", geometry=box(113, 0.1, 113.001, 0.101)),
        village("62.02.01.1006", geometry=box(113.299, 0.1, 113.3, 0.101)),
    ]
    findings = {f.code: f for f in read_villages(layer(tmp_path, rows)).findings}
    assert set(findings) == {"outlines-overlap", "outlines-gap"}
    overlap, gap = findings["outlines-overlap"], findings["outlines-gap"]
    assert (overlap.severity, overlap.value) == ("warning", "2")
    assert overlap.params["area_ha"] == pytest.approx(124.32, abs=0.1)
    assert (overlap.params["slivers"], overlap.params["width_m"]) == (1, "10")
    assert overlap.params["slivers_ha"] == pytest.approx(1.23, abs=0.01)
    assert overlap.params["largest"] == (
        "62.02.01.1001 / 62.02.01.1002 (123.09 ha), 62.02.01.1002 / 62.02.01.1003 (1.23 ha)"
    )
    # 0.298 x 0.001 degrees: 33,173 m x 110.574 m.
    assert (gap.severity, gap.value) == ("warning", "1")
    assert gap.params["area_ha"] == pytest.approx(33_173 * 110.574 / 10_000, rel=1e-3)
    assert str(gap.params["largest"]).startswith("62.02.01.1001 / 62.02.01.1002 / ")
    assert "{" not in overlap.message + gap.message


def test_outlines_are_stored_as_drawn_whatever_their_neighbours(tmp_path):
    rows = [village(), village("62.02.01.1010", geometry=SQUARE)]
    result = read_villages(layer(tmp_path, rows))
    assert all(shape.equals(SQUARE) for shape in result.frame.geometry)
    assert [f.code for f in result.findings] == ["outlines-overlap"]


@pytest.mark.parametrize(("limit", "is_read"), [(2, True), (1, False)])
def test_the_number_of_villages_is_limited(tmp_path, monkeypatch, limit, is_read):
    monkeypatch.setattr(boundaries, "MAX_VILLAGES", limit)
    path = layer(tmp_path, [village(), village("62.02.01.1010", geometry=box(113, -2, 114, -1))])
    if is_read:
        assert read_villages(path).accepted == 2
    else:
        with pytest.raises(TooManyFeatures, match="more than 1 features"):
            read_villages(path)
