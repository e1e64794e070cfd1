"""Maps that were made to make a reader do more, and the limits on honest ones."""

import shutil
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point

from geodata import limits
from geodata.boundaries import read_villages
from geodata.errors import (
    FileTooLarge,
    ForeignContent,
    GeodataError,
    TooManyFeatures,
    TooManyLayers,
    TooManyVertices,
    UnreadableSource,
    UnsafeName,
    UnsupportedFormat,
)
from geodata.network import read_network
from geodata.vectors import open_vectors
from tests.geodata.maps import SQUARE, assert_read, rows, shapefile, write, zipped


@pytest.fixture
def asked():
    """A server on this machine that only counts who comes."""
    hits: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", hits
    server.shutdown()
    server.server_close()
    thread.join()


VRT = "<OGRVRTDataSource><OGRVRTLayer name='desa'><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"  # noqa: E501
KML = '<?xml version="1.0"?>{}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'


def hostile(tmp_path: Path, address: str) -> dict[str, str]:
    secret = write(tmp_path / "rahasia.gpkg")
    link = f"<NetworkLink><Link><href>{address}/a.kml</href></Link></NetworkLink>"
    schema = f'xsi:schemaLocation="http://a {address}/a.xsd"'
    return {
        "vrt.geojson": f'{{"type":"FeatureCollection","a":"{VRT.format(secret)}","features":[]}}',
        "vrt.kml": VRT.format(secret),
        "comment.kml": KML.format("", f"<!--{VRT.format(secret)}-->"),
        "address.kml": VRT.format(f"/vsicurl/{address}/a.gpkg"),
        "link.kml": KML.format("", link),
        "gml.kml": f'<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" {schema}/>',
        "wfs.kml": f"<OGRWFSDataSource><URL>{address}</URL></OGRWFSDataSource>",
        "entity.kml": KML.format(f'<!DOCTYPE kml [<!ENTITY a SYSTEM "{address}/e">]>', "&a;"),
        "command.json": '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! '
        f'read {secret} ! write streamed_dataset"}}',
        "command.fgb": f'fgb\x03fgb\x01{{"type": "gdal_streamed_alg", "x": "{secret}"}}',
    }


@pytest.mark.parametrize("name", ["vrt.geojson", "vrt.kml", "comment.kml", "address.kml",
                                  "link.kml", "gml.kml", "wfs.kml", "entity.kml", "command.json",
                                  "command.fgb"])  # fmt: skip
def test_no_file_makes_a_reader_open_another_or_an_address(tmp_path, asked, name):
    address, hits = asked
    path = tmp_path / name
    path.write_text(hostile(tmp_path, address)[name], encoding="latin-1")
    with pytest.raises(GeodataError):
        read_villages(path)
    with pytest.raises(GeodataError):
        read_network(path)
    assert hits == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("vrt.kml", "<OGRVRTDataSource>"), ("comment.kml", "<OGRVRTDataSource"),
     ("entity.kml", "<!DOCTYPE"), ("gml.kml", "<gml:FeatureCollection>")],
)  # fmt: skip
def test_what_was_found_is_told(tmp_path, name, value):
    path = tmp_path / name
    path.write_text(hostile(tmp_path, "http://a")[name], encoding="latin-1")
    with pytest.raises(ForeignContent) as caught:
        read_villages(path)
    assert caught.value.params == {"place": name, "value": value, "expected": "KML"}


@pytest.mark.parametrize(
    "source",
    ["/vsicurl/http://127.0.0.1:9/a.gpkg", "/vsizip/batas.zip", "GPKG:desa.gpkg", "WFS:http://a/b",
     "/vsimem/a.gpkg", "zip://a.zip!a.shp", "PG:dbname=x"],
)  # fmt: skip
def test_virtual_names_are_no_files(source):
    with pytest.raises(GeodataError, match=r"does not exist|is of the kind"):
        read_villages(Path(source))


@pytest.mark.parametrize("suffix", [".vrt", ".gml", ".csv", ".osm", ".gpx", ".xlsx", ".tab", ""])
def test_other_kinds_are_refused_by_name(tmp_path, suffix):
    path = tmp_path / f"desa{suffix}"
    path.write_text("x")
    with pytest.raises(UnsupportedFormat, match="GeoPackage, GeoJSON, Shapefile"):
        read_villages(path)


def test_an_archive_without_a_map_is_refused(tmp_path):
    leaflet = tmp_path / "baca.txt"
    leaflet.write_text("x")
    with pytest.raises(UnsupportedFormat, match=r"batas\.zip"):
        read_villages(zipped(tmp_path / "batas.zip", leaflet))


@pytest.mark.parametrize("name", ["desa.gpkg", "desa.shp", "desa.fgb", "desa.kml", "desa.gdb"])
def test_one_format_under_the_name_of_another_is_refused(tmp_path, name):
    path = write(tmp_path / "made.geojson")
    if name == "desa.shp":
        shapefile(tmp_path)
    if name == "desa.gdb":
        (tmp_path / name).mkdir()
        path = shutil.copy(path, tmp_path / name / "a00000001.gdbtable")
    else:
        shutil.copy(path, tmp_path / name)
    with pytest.raises(UnreadableSource, match=name):
        read_villages(tmp_path / name)


def test_a_file_cut_short_is_refused(tmp_path):
    for name in ("desa.gpkg", "desa.fgb", "desa.shp", "desa.kml"):
        path = write(tmp_path / name)
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
        with pytest.raises(GeodataError, match=name) as caught:
            read_villages(path)
        assert str(tmp_path) not in str(caught.value)
        assert "jemput-bola-" not in str(caught.value)


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("CREATE VIEW besar AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
         " SELECT * FROM desa, n", "VIEW besar"),
        ("CREATE VIRTUAL TABLE cari USING fts5(nama)", "TABLE cari"),
        ("CREATE VIRTUAL TABLE cari USING/* using rtree(a) */fts5(nama)", "TABLE cari"),
    ],
    ids=["endless", "virtual", "disguised"],
)  # fmt: skip
def test_tables_that_are_computed_are_refused(tmp_path, sql, found):
    path = write(tmp_path / "desa.gpkg")
    with sqlite3.connect(path) as database:
        database.execute(sql)
    database.close()
    with pytest.raises(ForeignContent) as caught:
        read_villages(path)
    assert caught.value.params == {"place": path.name, "value": found, "expected": "GeoPackage"}


def test_a_geodatabase_with_links_is_refused(tmp_path):
    folder = write(tmp_path / "desa.gdb")
    (folder / "a.spx").symlink_to("/etc/passwd")
    with pytest.raises(UnsafeName, match=r"a\.spx"):
        read_villages(folder)


@pytest.mark.parametrize(("depth", "is_read"), [(0, True), (1, False)])
def test_the_depth_of_xml_is_limited(tmp_path, monkeypatch, depth, is_read):
    """kml, Document, Document, Placemark, Polygon, outerBoundaryIs, LinearRing, coordinates."""
    monkeypatch.setattr(limits, "MAX_XML_DEPTH", 8 - depth)
    path = write(tmp_path / "desa.kml")
    if is_read:
        assert_read(path)
    else:
        with pytest.raises(ForeignContent, match="> 7"):
            read_villages(path)


def test_a_deep_document_does_not_end_the_process(tmp_path):
    path = tmp_path / "desa.kml"
    path.write_text(KML.format("", "<Folder>" * 200_000 + "</Folder>" * 200_000))
    with pytest.raises(ForeignContent, match="> 100"):
        read_villages(path)


@pytest.mark.parametrize("name", ["desa.gpkg", "desa.shp", "desa.gdb"])
@pytest.mark.parametrize("spare", [0, -1])
def test_the_size_is_limited_with_all_parts(tmp_path, monkeypatch, name, spare):
    path = write(tmp_path / name)
    parts = [path]
    if name == "desa.shp":
        parts = list(tmp_path.glob("desa.*"))
    if name == "desa.gdb":
        parts = list(path.iterdir())
    n_bytes = sum(part.stat().st_size for part in parts)
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", n_bytes + spare)
    if spare == 0:
        assert_read(path)
    else:
        with pytest.raises(FileTooLarge, match=str(n_bytes)):
            read_villages(path)


@pytest.mark.parametrize("name", ["desa.gpkg", "desa.geojson", "desa.kml", "desa.fgb"])
@pytest.mark.parametrize("limit", [2, 1])
def test_the_number_of_features_is_limited(tmp_path, name, limit):
    path = write(tmp_path / name)
    if limit == 2:
        with open_vectors(path, max_features=limit) as (layer,):
            assert len(layer.read()) == 2
    else:
        with (
            pytest.raises(TooManyFeatures, match=f"{name} has more than 1 features"),
            open_vectors(path, max_features=limit) as (layer,),
        ):
            layer.read()


def test_a_count_that_lies_does_not_help(tmp_path):
    path = write(tmp_path / "desa.gpkg")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE gpkg_ogr_contents SET feature_count = 1")
    database.close()
    with (
        pytest.raises(TooManyFeatures),
        open_vectors(path, max_features=1) as (layer,),
    ):
        layer.read()


@pytest.mark.parametrize("name", ["desa.gpkg", "desa.geojson"])
@pytest.mark.parametrize("limit", [9, 8])
def test_the_vertices_of_a_feature_are_limited(tmp_path, monkeypatch, name, limit):
    monkeypatch.setattr(limits, "MAX_VERTICES", limit)
    octagon = Point(112.55, -1.95).buffer(0.01, quad_segs=2)
    frame = rows().set_geometry(gpd.GeoSeries([SQUARE, octagon], crs=4326))
    path = write(tmp_path / name, frame)
    if limit == 9:
        assert len(read_villages(path).frame) == 2
    else:
        with pytest.raises(TooManyVertices) as caught:
            read_villages(path)
        assert caught.value.params == {"place": name, "row": 2, "value": 9, "limit": 8}


@pytest.mark.parametrize("limit", [3, 2])
def test_the_number_of_layers_is_limited(tmp_path, monkeypatch, limit):
    monkeypatch.setattr(limits, "MAX_LAYERS", limit)
    path = tmp_path / "desa.gpkg"
    for name in ("desa", "a", "b"):
        write(path, layer=name)
    if limit == 3:
        assert_read_layers(path, ["desa", "a", "b"])
    else:
        with pytest.raises(TooManyLayers, match="3 layers, the limit is 2"):
            read_villages(path)


def assert_read_layers(path: Path, names: list[str]) -> None:
    with open_vectors(path, max_features=10) as layers:
        assert [layer.name for layer in layers] == names
        assert [layer.place for layer in layers] == ["desa.gpkg", "desa.gpkg!a", "desa.gpkg!b"]


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    path = zipped(tmp_path / "batas.zip", *shapefile(tmp_path))
    assert_read(path)
    path.write_bytes(path.read_bytes().replace(b"desa.shp", b"../d.shp"))
    with pytest.raises(UnsafeName):
        read_villages(path)
    assert list((tmp_path / "temporary").iterdir()) == []
