import sqlite3
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import LineString, MultiLineString, Point

from geodata.errors import (
    EmptyFile,
    MissingColumn,
    MissingFile,
    NoTravelNetwork,
    ResidentNumbers,
    ResidentsFile,
    UnreadableSource,
    WrongCrs,
)
from geodata.findings import FINDING_TEXTS
from geodata.network import read_network

LINE = LineString([(113.0, -2.0), (113.1, -2.0)])


def layer(rows, crs="EPSG:4326"):
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=crs)


def write(path: Path, **layers: gpd.GeoDataFrame) -> Path:
    for name, frame in layers.items():
        frame.to_file(path, layer=name, driver="GPKG")
    return path


def codes(result):
    for finding in result.findings:
        assert finding.code in FINDING_TEXTS
        assert "{" not in finding.message
    return [(finding.code, finding.row) for finding in result.findings]


def test_layers_are_known_by_their_columns(tmp_path):
    path = write(
        tmp_path / "net.gpkg",
        lines_a=layer([{"highway": "Secondary ", "surface": "asphalt", "geometry": LINE}]),
        lines_b=layer([{"waterway": "river", "name": "Mentaya", "geometry": LINE}]),
        places=layer([{"name": "Sampit", "geometry": Point(113, -2)}]),
    )
    result = read_network(path)
    assert result.frame["mode"].tolist() == ["road", "river"]
    assert result.frame["highway"].tolist() == ["secondary", None]
    assert result.frame["surface"].tolist() == ["asphalt", None]
    assert result.frame["name"].tolist() == [None, "Mentaya"]
    assert result.frame["oneway"].tolist() == ["no", "no"]
    assert result.frame.crs.to_epsg() == 4326
    assert (result.accepted, result.corrected, result.refused) == (2, 0, 0)
    # cos(2 degrees) x 0.1 degree of the equator = 11.125 km; the ellipsoid adds 0.004 %.
    assert result.totals == {"roads": 1, "rivers": 1, "road_km": 11.1, "river_km": 11.1, "piers": 0}
    assert codes(result) == []


def test_a_projected_layer_is_converted(tmp_path):
    """Easting 500,000 m is the central meridian of UTM zone 50, 117 degrees east."""
    line = LineString([(500_000, 10_000_000), (500_000, 9_900_000)])
    path = write(
        tmp_path / "utm.gpkg",
        jalan=layer([{"highway": "primary", "surface": "paved", "geometry": line}], "EPSG:32750"),
    )
    result = read_network(path)
    start, end = result.frame.geometry[0].coords
    assert start == pytest.approx((117, 0), abs=1e-9)
    assert end == pytest.approx((117, -0.9047), abs=1e-3)  # 100 km / 0.9996 / 110.58 km
    assert codes(result) == [("reprojected", None)]


def test_rows_that_fail_alone_are_set_aside(tmp_path):
    bad = [
        {"highway": "secondary", "surface": "asphalt", "geometry": LINE},
        {"highway": "footway", "geometry": LINE},
        {"highway": None, "geometry": LINE},
        {"highway": "secondary", "geometry": None},
        {"highway": "secondary", "geometry": Point(113, -2)},
        {"highway": "secondary", "geometry": LineString([(113, -2), (113, -2)])},
        {"highway": "secondary", "geometry": LineString([(113, -2), (113, 9)])},
    ]
    result = read_network(write(tmp_path / "net.gpkg", jalan=layer(bad)))
    assert (result.accepted, result.corrected, result.refused) == (1, 0, 6)
    assert sorted(codes(result), key=lambda item: item[1]) == [
        ("word-unknown", "jalan!2"),
        ("value-missing", "jalan!3"),
        ("line-missing", "jalan!4"),
        ("line-not-line", "jalan!5"),
        ("line-missing", "jalan!6"),
        ("coordinates-out-of-range", "jalan!7"),
    ]


def test_metres_called_degrees_are_refused(tmp_path):
    rows = [{"highway": "track", "geometry": LineString([(500_000, 9), (500_001, 9)])}]
    with pytest.raises(WrongCrs, match="jalan"):
        read_network(write(tmp_path / "net.gpkg", jalan=layer(rows)))


@pytest.mark.parametrize(("east", "n_refused"), [(141.5, 0), (141.6, 1)])
def test_lines_beyond_the_border_are_set_aside(tmp_path, east, n_refused):
    rows = [{"highway": "track", "geometry": LineString([(141, -2), (east, -2)])}]
    result = read_network(write(tmp_path / "net.gpkg", jalan=layer(rows)))
    assert result.refused == n_refused


def test_lines_in_parts_become_lines(tmp_path):
    parts = MultiLineString([[(113, -2), (113.1, -2)], [(113.2, -2), (113.3, -2)]])
    single = MultiLineString([[(113, -2), (113.1, -2)]])
    rows = [{"waterway": "river", "geometry": shape} for shape in (parts, single)]
    result = read_network(write(tmp_path / "net.gpkg", sungai=layer(rows)))
    assert set(result.frame.geom_type) == {"LineString"}
    assert len(result.frame) == 3
    assert (result.accepted, result.corrected) == (2, 1)
    assert codes(result) == [("line-in-parts", "sungai!1")]


def test_surfaces_that_are_not_known_are_said_to_be_assumed(tmp_path):
    rows = [
        {"highway": "track", "surface": surface, "geometry": LINE}
        for surface in ("gravel", "moon dust", None, "")
    ]
    result = read_network(write(tmp_path / "net.gpkg", jalan=layer(rows)))
    assert codes(result) == [("word-unknown", "jalan!2"), ("surface-assumed", None)]
    assert result.findings[1].value == "3"
    assert (result.accepted, result.refused) == (4, 0)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *(("yes", "yes"), ("True", "yes"), ("1", "yes"), ("Ya", "yes"), ("satu arah", "yes")),
        *(("-1", "reverse"), ("no", "no"), ("tidak", "no"), ("reversible", "no"), (None, "no")),
    ],
)
def test_oneway_is_read_in_all_its_spellings(tmp_path, written, read):
    rows = [{"highway": "track", "surface": "mud", "oneway": written, "geometry": LINE}]
    result = read_network(write(tmp_path / "net.gpkg", jalan=layer(rows)))
    assert result.frame["oneway"].tolist() == [read]
    assert codes(result) == []


def test_a_direction_that_is_not_known_is_told(tmp_path):
    rows = [{"highway": "track", "surface": "mud", "oneway": "T", "geometry": LINE}]
    result = read_network(write(tmp_path / "net.gpkg", jalan=layer(rows)))
    assert result.frame["oneway"].tolist() == ["no"]
    assert [(f.code, f.severity, f.row, f.column, f.value) for f in result.findings] == [
        ("word-unknown", "warning", "jalan!1", "oneway", "T")
    ]


def test_columns_may_be_written_in_capitals(tmp_path):
    rows = [{"HIGHWAY": "track", "SURFACE": "mud", "OneWay": "yes", "geometry": LINE}]
    frame = read_network(write(tmp_path / "net.gpkg", lines=layer(rows))).frame
    columns = ["highway", "surface", "oneway"]
    assert frame[columns].to_numpy().tolist() == [["track", "mud", "yes"]]


def test_columns_that_differ_by_capitals_alone_stay_apart(tmp_path):
    """A GeoPackage cannot hold both; GeoJSON can."""
    path = tmp_path / "net.geojson"
    layer(
        [{"highway": "track", "HIGHWAY": "motorway", "surface": "mud", "geometry": LINE}]
    ).to_file(path, driver="GeoJSON")
    assert read_network(path).frame["highway"].tolist() == ["track"]


def test_rapids_without_a_river_are_set_aside(tmp_path):
    rows = [{"waterway": "rapids", "jeram": "15", "geometry": Point(113, -2)}]
    result = read_network(write(tmp_path / "net.gpkg", sungai=layer(rows)))
    assert codes(result) == [("rapids-off-river", "sungai!1")]
    assert (result.accepted, result.refused) == (0, 1)


@pytest.mark.parametrize(
    ("stated", "minutes"),
    [("20 menit", 20), ("2,5", 2.5), ("1440", 1440), ("1441", None), ("-5", None), ("lama", None)],
)
def test_minutes_of_rapids(tmp_path, stated, minutes):
    rows = [{"waterway": "river", "jeram": stated, "geometry": LINE}]
    result = read_network(write(tmp_path / "net.gpkg", sungai=layer(rows)))
    assert result.frame["fixed_min"].dropna().tolist() == ([minutes] if minutes else [])
    assert codes(result) == ([] if minutes else [("word-unknown", "sungai!1")])


def test_a_layer_without_a_reference_system_is_refused(tmp_path):
    rows = [{"highway": "track", "geometry": LINE}]
    path = tmp_path / "jalan.shp"  # a shapefile without its .prj
    layer(rows).to_file(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(WrongCrs, match="jalan"):
        read_network(path)


def test_files_without_a_network_are_refused_with_a_reason(tmp_path):
    with pytest.raises(MissingFile, match=r"none\.gpkg"):
        read_network(tmp_path / "none.gpkg")
    (tmp_path / "text.gpkg").write_text("not a map")
    with pytest.raises(UnreadableSource, match=r"text\.gpkg"):
        read_network(tmp_path / "text.gpkg")
    places = write(tmp_path / "places.gpkg", desa=layer([{"name": "x", "geometry": LINE}]))
    with pytest.raises(NoTravelNetwork, match="desa"):
        read_network(places)
    unnamed = write(tmp_path / "unnamed.gpkg", jalan=layer([{"kelas": "1", "geometry": LINE}]))
    with pytest.raises(MissingColumn, match="highway"):
        read_network(unnamed)
    none = layer([{"highway": "track", "geometry": LINE}]).iloc[:0]
    with pytest.raises(EmptyFile):
        read_network(write(tmp_path / "empty.gpkg", jalan=none))


def test_the_pilot_network_is_read_whole(kotim):
    """210 roads and 56 rivers, counted in the file by its own database."""
    result = read_network(kotim / "jaringan.gpkg")
    with sqlite3.connect(f"file:{kotim / 'jaringan.gpkg'}?mode=ro&immutable=1", uri=True) as file:
        n_roads, n_rivers = (
            file.execute(f"select count(*) from {name}").fetchone()[0]  # noqa: S608
            for name in ("jalan", "sungai")
        )
    file.close()
    assert (result.totals["roads"], result.totals["rivers"]) == (n_roads, n_rivers) == (210, 56)
    assert (result.accepted, result.corrected, result.refused) == (266, 0, 0)
    assert result.findings == ()


def test_streets_with_several_classes_keep_the_first(shared_data):
    """Real streets of Balikpapan, where joined pieces list the classes of all."""
    result = read_network(
        shared_data / "reference" / "roads_osm_balikpapan_kota_drive_edges.geojson"
    )
    assert (result.totals["roads"], result.refused) == (2683, 0)
    assert set(result.frame["oneway"]) == {"no", "yes"}


@pytest.mark.parametrize(
    ("column", "value", "error"),
    [("nik", "1", ResidentsFile), ("name", "6202010101900001", ResidentNumbers)],
)
def test_lines_with_data_of_residents_are_refused(tmp_path, column, value, error):
    rows = [{"highway": "track", column: value, "geometry": LINE}]
    with pytest.raises(error) as caught:
        read_network(write(tmp_path / "net.gpkg", jalan=layer(rows)))
    assert "6202010101900001" not in str(caught.value)
