"""Every format an office sends, read alike."""

import struct
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import orjson
import pytest
import shapely

from geodata.boundaries import read_villages
from geodata.errors import MissingParts, UnreadableSource, WrongCrs
from geodata.network import read_network
from tests.geodata.maps import OTHER, SQUARE, assert_read, rows, shapefile, write, zipped


@pytest.mark.parametrize(
    "name", ["desa.gpkg", "desa.geojson", "desa.json", "desa.shp", "desa.kml", "desa.fgb",
             "desa.gdb", "DESA.GPKG", "Batas Desa (2024)!.gpkg", "desa?a=b#c.fgb"],
)  # fmt: skip
def test_each_format_is_read_alike(tmp_path, name):
    made = write(tmp_path / f"made{Path(name).suffix.lower()}")
    for file in tmp_path.glob("made.*"):
        target = file.with_name(Path(name).stem + file.suffix)
        file.rename(target if file.suffix != made.suffix else tmp_path / name)
    assert_read(tmp_path / name)


@pytest.mark.parametrize("inside", ["", "peta/batas/"])
@pytest.mark.parametrize("kind", ["shp", "gpkg", "gdb", "kml", "fgb", "geojson", "kmz"])
def test_each_format_is_read_out_of_an_archive(tmp_path, kind, inside):
    if kind == "shp":
        sources = shapefile(tmp_path)
    else:
        sources = [write(tmp_path / f"desa.{kind.replace('kmz', 'kml')}")]
    leaflet = tmp_path / "baca.pdf"
    leaflet.write_bytes(b"%PDF")
    suffix = "kmz" if kind == "kmz" else "zip"
    assert_read(zipped(tmp_path / f"batas.{suffix}", *sources, leaflet, inside=inside))


def test_a_geodatabase_packed_without_its_folder_is_read(tmp_path):
    folder = write(tmp_path / "desa.gdb")
    assert_read(zipped(tmp_path / "desa.gdb.zip", *sorted(folder.iterdir())))


def test_copies_that_one_maker_of_archives_adds_are_passed_over(tmp_path):
    path = zipped(tmp_path / "batas.zip", *shapefile(tmp_path))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/._desa.shp", b"resource fork")
        archive.writestr("._desa.shp", b"resource fork")
    assert_read(path)


def test_a_shapefile_in_capitals_is_whole(tmp_path):
    for file in shapefile(tmp_path):
        file.rename(tmp_path / file.name.upper())
    assert_read(tmp_path / "DESA.SHP")


@pytest.mark.parametrize(
    ("missing", "found"), [([".dbf"], ".dbf"), ([".shx"], ".shx"), ([".shx", ".dbf"], ".shx, .dbf")]
)
@pytest.mark.parametrize("is_zipped", [False, True])
def test_a_shapefile_without_its_parts_is_refused(tmp_path, missing, found, is_zipped):
    parts = [file for file in shapefile(tmp_path) if file.suffix not in missing]
    for suffix in missing:
        (tmp_path / f"desa{suffix}").unlink()
    path = zipped(tmp_path / "batas.zip", *parts) if is_zipped else tmp_path / "desa.shp"
    with pytest.raises(MissingParts) as caught:
        read_villages(path)
    place = "batas.zip/desa.shp" if is_zipped else "desa.shp"
    assert caught.value.params == {"place": place, "found": found}


def test_layers_of_several_files_in_an_archive_are_told_apart(tmp_path):
    districts = rows(nama=["A", "B"]).drop(columns=["kode_desa", "nama_desa"])
    parts = [*shapefile(tmp_path), *shapefile(tmp_path, "kecamatan", districts)]
    result = read_villages(zipped(tmp_path / "batas.zip", *parts))
    assert [(f.code, f.value, f.params["found"]) for f in result.findings] == [
        ("layer-chosen", "desa", "kecamatan")
    ]


@pytest.mark.parametrize("name", ["desa.gpkg", "desa.shp", "desa.kml", "desa.geojson", "desa.gdb"])
def test_heights_are_dropped_in_every_format(tmp_path, name):
    frame = rows().set_geometry(gpd.GeoSeries(shapely.force_3d([SQUARE, OTHER], 7.0), crs=4326))
    assert_read(write(tmp_path / name, frame))


def test_measures_are_dropped(tmp_path):
    """A shape of kind 25 (PolygonM), as survey tools write it; written here byte by byte."""
    shapefile(tmp_path)
    ring = [(112.0, -2.0), (112.0, -1.9), (112.1, -1.9), (112.1, -2.0), (112.0, -2.0)]
    bounds = struct.pack("<4d", 112.0, -2.0, 112.1, -1.9)
    measures = struct.pack("<2d", 0, 4) + struct.pack("<5d", *range(5))
    content = struct.pack("<i", 25) + bounds + struct.pack("<3i", 1, 5, 0)
    content += b"".join(struct.pack("<2d", *xy) for xy in ring) + measures
    records = b"".join(struct.pack(">2i", number, len(content) // 2) + content for number in (1, 2))

    def head(n_bytes):
        start = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, n_bytes // 2)
        return start + struct.pack("<2i", 1000, 25) + bounds + struct.pack("<4d", 0, 0, 0, 4)

    (tmp_path / "desa.shp").write_bytes(head(100 + len(records)) + records)
    offsets = [(100 + n * len(records) // 2) // 2 for n in range(2)]
    index = b"".join(struct.pack(">2i", offset, len(content) // 2) for offset in offsets)
    (tmp_path / "desa.shx").write_bytes(head(100 + len(index)) + index)
    frame = read_villages(tmp_path / "desa.shp").frame
    assert shapely.get_coordinate_dimension(frame.geometry.to_numpy()).tolist() == [2, 2]
    assert not shapely.has_m(frame.geometry.to_numpy()).any()
    assert frame.geometry.iloc[0].equals(SQUARE)


def geojson(tmp_path: Path, *features, **members) -> Path:
    path = tmp_path / "desa.geojson"
    document = {"type": "FeatureCollection", **members, "features": list(features)}
    path.write_bytes(orjson.dumps(document))
    return path


def feature(geometry=None, code="62.02.01.1009"):
    geometry = shapely.geometry.mapping(SQUARE) if geometry is None else geometry
    properties = {"kode_desa": code, "nama_desa": "Hulu"}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@pytest.mark.parametrize(
    "name",
    ["urn:ogc:def:crs:EPSG::32749", "EPSG:32749", "epsg:32749",
     "http://www.opengis.net/def/crs/EPSG/0/32749"],
)  # fmt: skip
def test_geojson_may_say_its_reference_system(tmp_path, name):
    outline = gpd.GeoSeries([SQUARE], crs="EPSG:4326").to_crs("EPSG:32749").iloc[0]
    crs = {"type": "name", "properties": {"name": name}}
    path = geojson(tmp_path, feature(shapely.geometry.mapping(outline)), crs=crs)
    result = read_villages(path)
    assert result.frame.geometry.iloc[0].equals_exact(SQUARE, 1e-6)
    assert [(f.code, f.value) for f in result.findings] == [("reprojected", "EPSG:32749")]


@pytest.mark.parametrize(
    "members",
    [{}, {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}],
    ids=["silent", "crs84"],
)
def test_geojson_is_in_degrees_unless_it_says_otherwise(tmp_path, members):
    result = read_villages(geojson(tmp_path, feature(), **members))
    assert result.frame.geometry.iloc[0].equals(SQUARE)
    assert result.findings == ()


@pytest.mark.parametrize(
    "crs",
    [None, {}, {"type": "name", "properties": {"name": "EPSG:999999"}},
     {"type": "name", "properties": {"name": "+proj=utm +zone=49 +nadgrids=/etc/passwd"}},
     {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}}],
    ids=["null", "empty", "unknown", "proj", "link"],
)  # fmt: skip
def test_geojson_with_another_reference_system_is_refused(tmp_path, crs):
    with pytest.raises(WrongCrs, match=r"desa\.geojson"):
        read_villages(geojson(tmp_path, feature(), crs=crs))


def test_rings_left_open_and_positions_with_measures_are_read(tmp_path):
    ring = [[112, -2, 5, 0], [112.1, -2, 5, 1], [112.1, -1.9, 5, 2], [112, -1.9, 5, 3]]
    path = geojson(tmp_path, feature({"type": "Polygon", "coordinates": [ring]}))
    assert read_villages(path).frame.geometry.iloc[0].equals(SQUARE)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[]", "type: list"), (b'{"type": "Topology"}', "type: Topology"),
        (b'{"type": "FeatureCollection"}', "type: FeatureCollection"),
        (b'{"type": "FeatureCollection", "features": [1]}', "type: FeatureCollection"),
        (b'{"type": "FeatureCollection", "features": [{"properties": [1]}]}', "properties"),
        (b"{", "unexpected end"), (b"[" * 100_000, "depth limit"),
    ],
    ids=["list", "topology", "nothing", "numbers", "properties", "cut", "deep"],
)  # fmt: skip
def test_other_json_is_refused(tmp_path, content, reason):
    path = tmp_path / "desa.geojson"
    path.write_bytes(content)
    with pytest.raises(UnreadableSource, match=reason):
        read_villages(path)


def test_a_geometry_that_is_none_refuses_its_row(tmp_path):
    bad = [{"type": "Polygon", "coordinates": [[["a", 1], [2, 3]]]}, {"type": "Circle"}, 5, {},
           {"type": "Polygon", "coordinates": [[[112, -2], [112.1, -2]]]}]  # fmt: skip
    features = [feature(shape, f"62.02.01.101{n}") for n, shape in enumerate(bad)]
    result = read_villages(geojson(tmp_path, feature(), *features))
    assert [(f.code, f.row) for f in result.findings] == [
        ("geometry-missing", 2), ("geometry-missing", 3), ("geometry-missing", 4),
        ("geometry-missing", 5), ("geometry-not-area", 6),
    ]  # fmt: skip


def test_a_network_is_read_out_of_an_archive(tmp_path):
    line = shapely.LineString([(113.0, -2.0), (113.1, -2.0)])
    frame = gpd.GeoDataFrame({"highway": ["track"], "surface": ["mud"]}, geometry=[line], crs=4326)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = shapefile(tmp_path, "jalan", frame)
    result = read_network(zipped(tmp_path / "jaringan.zip", *parts))
    assert result.frame["surface"].tolist() == ["mud"]
