"""Areas and rasters of signal: what their attributes and values mean, and what refuses them."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning

from geodata import coverage_layers
from geodata.coverage_layers import SignalRaster, read_coverage_areas, read_signal_raster
from geodata.errors import (
    BadValue,
    EmptyFile,
    MissingColumn,
    MissingFile,
    MissingLayer,
    ResidentsFile,
    UnreadableSource,
    UnsupportedFormat,
    WrongCrs,
)
from tests.geodata.test_reach import levels, write_raster

SQUARE = shapely.box(112, -2, 112.1, -1.9)
BOW_TIE = shapely.Polygon([(112, -2), (112.1, -1.9), (112.1, -2), (112, -1.9)])


def write(path, columns, shapes, crs="EPSG:4326", **options):
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path, **options)
    return path


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.fgb", "a.shp"])
def test_every_vector_format(tmp_path, name):
    path = write(tmp_path / name, {"sinyal": ["kuat"], "tahun": [2023]}, [SQUARE])
    found = read_coverage_areas(path)
    (row,) = found.frame.to_dict("records")
    assert shapely.equals(row.pop("geometry"), SQUARE)
    assert row == {
        "id": f"{name}:1", "signal": "strong", "status": "kuat", "observed_on": date(2023, 12, 31),
        "source": name, "definition": "coverage_area", "confidence": "medium", "row": 1,
    }  # fmt: skip
    assert found.totals == {"none": 0, "weak": 0, "strong": 1, "very_strong": 0}


@pytest.mark.parametrize(
    ("heading", "values", "signals"),
    [
        ("status", ["tidak ada", "3G", "sangat kuat"], ["none", "weak", "very_strong"]),
        # A class begins at its own limit: -115, -100, -85.
        ("rsrp", [-115.1, -115, -100.1], ["none", "weak", "weak"]),
        ("dbm", ["-100 dBm", "-85,1", "-85"], ["strong", "strong", "very_strong"]),
    ],
)
def test_classes_by_word_or_by_level(tmp_path, heading, values, signals):
    shapes = [SQUARE] * len(values)
    found = read_coverage_areas(write(tmp_path / "a.gpkg", {heading: values}, shapes))
    assert found.frame["signal"].tolist() == signals
    assert found.frame["confidence"].tolist() == ["low"] * 3


def test_classes_by_code_and_given_for_all(tmp_path):
    path = write(tmp_path / "sebaran_2022-05.gpkg", {"gridcode": [1, 3]}, [SQUARE, SQUARE])
    by_code = read_coverage_areas(path, classes={"1": "weak", "3": "strong"}, source="Operator A")
    assert by_code.frame["signal"].tolist() == ["weak", "strong"]
    assert by_code.frame["source"].tolist() == ["Operator A"] * 2
    given = read_coverage_areas(path, signal="very_strong", as_of=date(2022, 1, 1))
    assert given.frame["signal"].tolist() == ["very_strong"] * 2
    assert given.frame["observed_on"].tolist() == [date(2022, 1, 1)] * 2


def test_one_bad_area_is_set_aside_and_an_invalid_one_repaired(tmp_path):
    shapes = [SQUARE, BOW_TIE, None, shapely.LineString([(112, -2), (113, -2)]), SQUARE, SQUARE]
    columns = {"sinyal": ["kuat"] * 4 + ["ramai", "kuat"], "tanggal": ["2024"] * 5 + ["kemarin"]}
    found = read_coverage_areas(write(tmp_path / "a.gpkg", columns, shapes))
    assert [(f.code, f.severity, f.row, f.value) for f in found.findings] == [
        ("area-repaired", "corrected", 2, None),
        ("area-missing", "refused", 3, "-"),
        ("area-missing", "refused", 4, "LineString"),
        ("word-unknown", "refused", 5, "ramai"),
        ("date-unreadable", "refused", 6, "kemarin"),
    ]
    assert (found.accepted, found.corrected, found.refused) == (2, 1, 4)
    # A bow tie is two triangles of half its box each, together half of it.
    assert found.frame.geometry.iloc[1].area == pytest.approx(SQUARE.area / 2)


def test_areas_in_metres_are_reprojected(tmp_path):
    metres = gpd.GeoSeries([SQUARE], crs="EPSG:4326").to_crs("EPSG:32749")
    path = write(tmp_path / "a.gpkg", {"sinyal": ["lemah"]}, metres, crs="EPSG:32749")
    found = read_coverage_areas(path)
    assert [f.code for f in found.findings] == ["reprojected"]
    bounds = found.frame.total_bounds.tolist()
    assert bounds == pytest.approx([112, -2, 112.1, -1.9], abs=1e-6)


def test_a_layer_is_chosen_or_asked_for(tmp_path):
    path = tmp_path / "a.gpkg"
    write(path, {"sinyal": ["kuat"]}, [SQUARE], layer="satu")
    write(path, {"sinyal": ["lemah"]}, [SQUARE], layer="dua")
    assert read_coverage_areas(path, layer="dua").frame["signal"].tolist() == ["weak"]
    for layer in (None, "tiga"):
        with pytest.raises(MissingLayer, match="satu, dua"):
            read_coverage_areas(path, layer=layer)


def test_files_of_areas_that_are_refused(tmp_path):
    plain = write(tmp_path / "a.gpkg", {"nama": ["x"]}, [SQUARE])
    with pytest.raises(MissingColumn, match="sinyal"):
        read_coverage_areas(plain)
    with pytest.raises(BadValue, match="ramai"):
        read_coverage_areas(plain, signal="ramai")
    with pytest.raises(BadValue, match="ramai"):
        read_coverage_areas(plain, classes={"1": "ramai"})
    without_crs = write(tmp_path / "b.shp", {"sinyal": ["kuat"]}, [SQUARE])
    without_crs.with_suffix(".prj").unlink()
    with pytest.raises(WrongCrs, match=r"b\.shp"):
        read_coverage_areas(without_crs)
    people = {"sinyal": ["kuat"], "nik": ["6202010101900001"]}
    with pytest.raises(ResidentsFile):
        read_coverage_areas(write(tmp_path / "c.gpkg", people, [SQUARE]))
    (tmp_path / "d.gpkg").write_bytes(b"no such thing")
    with pytest.raises(UnreadableSource, match=r"d\.gpkg"):
        read_coverage_areas(tmp_path / "d.gpkg")
    (tmp_path / "e.dwg").write_bytes(b"x")
    with pytest.raises(UnsupportedFormat, match=r"\.dwg"):
        read_coverage_areas(tmp_path / "e.dwg")


def codes(*values):
    return np.array([values], dtype="int16")


def test_values_of_a_raster():
    """Limits are inclusive; no value says nothing."""
    facts = {"path": Path("a.tif"), "id": "a", "observed_on": None, "source": "a",
             "definition": "signal_raster", "confidence": "low"}  # fmt: skip
    raster = SignalRaster(**facts)
    values = np.ma.array([-116, -115, -100, -85, np.nan, -90], mask=[0, 0, 0, 0, 0, 1])
    assert raster.strengths(values).tolist() == [0, 1, 2, 3, -1, -1]
    raster = SignalRaster(**facts, dbm_from=(-110, -95, -80))
    assert raster.strengths([-110.1, -110, -95, -80]).tolist() == [0, 1, 2, 3]
    raster = SignalRaster(**facts, classes={5: "strong", 7: "none"})
    assert raster.strengths([5, 6, 7]).tolist() == [2, -1, 0]


@pytest.mark.parametrize(
    ("cells", "options", "error", "told"),
    [
        (codes(1, 2, 3), {}, BadValue, "'1'"),
        (codes(-90, -201), {}, BadValue, "'-201'"),
        (codes(-90, 0), {}, BadValue, "'0'"),
        (codes(1, 2, 9), {"classes": {1: "weak", 2: "strong"}}, BadValue, "'9'"),
        (codes(1), {"classes": {1: "ramai"}}, BadValue, "ramai"),
        (codes(-90), {"dbm_from": (-100, -115, -85)}, BadValue, "-115"),
        (codes(-9999, -9999), {}, EmptyFile, "raster"),
    ],
)
def test_rasters_whose_values_are_refused(tmp_path, cells, options, error, told):
    path = write_raster(tmp_path / "raster.tif", cells, nodata=-9999)
    with pytest.raises(error, match=told):
        read_signal_raster(path, **options)


def test_levels_just_inside_the_limits_are_read(tmp_path):
    path = write_raster(tmp_path / "a.tif", codes(-200, -1))
    assert read_signal_raster(path).confidence == "low"


def test_raster_files_that_are_refused(tmp_path):
    with pytest.raises(MissingFile):
        read_signal_raster(tmp_path / "no.tif")
    with pytest.raises(WrongCrs, match=r"a\.tif"):
        read_signal_raster(write_raster(tmp_path / "a.tif", levels(), crs=None, nodata=-9999))
    two = write_raster(tmp_path / "b.tif", levels(), bands=2, nodata=-9999)
    with pytest.raises(BadValue, match="'2'"):
        read_signal_raster(two)
    (tmp_path / "c.tif").write_bytes(b"no such thing")
    with pytest.raises(UnreadableSource, match=r"c\.tif"):
        read_signal_raster(tmp_path / "c.tif")
    (tmp_path / "d.png").write_bytes(b"x")
    with pytest.raises(UnsupportedFormat, match=r"\.png"):
        read_signal_raster(tmp_path / "d.png")


@pytest.mark.parametrize("limit", [100, 99])
def test_a_raster_has_at_most_so_many_cells(tmp_path, monkeypatch, limit):
    path = write_raster(tmp_path / "a.tif", levels(), nodata=-9999)
    monkeypatch.setattr(coverage_layers, "MAX_CELLS", limit)
    if limit == 100:
        assert read_signal_raster(path).id == "a.tif"
    else:
        with pytest.raises(BadValue, match="10 x 10"):
            read_signal_raster(path)


def test_a_raster_that_only_names_another_file_is_refused(tmp_path):
    """Such a file, whatever its name, would have GDAL open any path or address."""
    inner = write_raster(tmp_path / "a.tif", levels(), nodata=-9999)
    text = f"""<VRTDataset rasterXSize="10" rasterYSize="10"><SRS>EPSG:4326</SRS>
        <GeoTransform>112, 0.01, 0, -2, 0, -0.01</GeoTransform><VRTRasterBand dataType="Float32"
        band="1"><SimpleSource><SourceFilename>{inner}</SourceFilename><SourceBand>1</SourceBand>
        </SimpleSource></VRTRasterBand></VRTDataset>"""
    for name, error in (("b.vrt", UnsupportedFormat), ("b.tif", UnreadableSource)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(error, match=r"b\."):
            read_signal_raster(tmp_path / name)


def test_a_raster_without_a_position_is_refused(tmp_path):
    with pytest.warns(NotGeoreferencedWarning):
        path = write_raster(tmp_path / "a.tif", levels(), transform=Affine.identity(), nodata=-9999)
    with pytest.raises(WrongCrs):
        read_signal_raster(path)
    with pytest.warns(NotGeoreferencedWarning):
        path = write_raster(tmp_path / "b.tif", levels(), crs=None, transform=Affine.identity())
    with pytest.raises(WrongCrs):
        read_signal_raster(path)


# The frame of Indonesia ends at 141.5 degrees east.
@pytest.mark.parametrize(("west", "is_read"), [(141.5, True), (141.6, False), (2.0, False)])
def test_areas_elsewhere_are_set_aside(tmp_path, west, is_read):
    shapes = [SQUARE, shapely.box(west, -5, west + 1, -4)]
    found = read_coverage_areas(write(tmp_path / "a.gpkg", {"sinyal": ["kuat"] * 2}, shapes))
    assert found.frame["row"].tolist() == ([1, 2] if is_read else [1])
    assert [(f.code, f.row, f.params) for f in found.findings] == (
        [] if is_read else
        [("coordinates-out-of-range", 2, {"lon": f"{west:g}", "lat": "-5"})]
    )  # fmt: skip


@pytest.mark.parametrize(("west", "is_read"), [(141.5, True), (141.6, False)])
def test_a_raster_elsewhere_is_refused(tmp_path, west, is_read):
    path = tmp_path / "r.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=2, height=2, count=1, dtype="float32", crs="EPSG:4326",
        transform=Affine(0.1, 0, west, 0, -0.1, -4),
    ) as raster:  # fmt: skip
        raster.write(np.full((2, 2), -95, dtype="float32"), 1)
    if is_read:
        assert read_signal_raster(path).definition == "signal_raster"
        return
    with pytest.raises(BadValue, match="position"):
        read_signal_raster(path)


def test_a_raster_on_no_place_of_the_earth_is_refused(tmp_path):
    path = tmp_path / "r.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=2, height=2, count=1, dtype="float32",
        crs='LOCAL_CS["site",UNIT["m",1]]', transform=Affine(1, 0, 5, 0, -1, 5),
    ) as raster:  # fmt: skip
        raster.write(np.full((2, 2), -95, dtype="float32"), 1)
    with pytest.raises(WrongCrs, match="site"):
        read_signal_raster(path)
