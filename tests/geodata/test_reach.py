"""Towers in reach, areas, rasters: measured against haversine, circles and cells by hand."""

import csv
import gzip
import math
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine

from geodata.connectivity import read_connectivity
from geodata.coverage_layers import read_signal_raster
from geodata.reach import areas_at, discs, shares_covered, strengths_at, towers_in_range

NOTHING = gpd.GeoSeries([], crs="EPSG:4326")


def haversine_m(lon, lat, lons, lats):
    """The formula on a sphere of 6,371,008.8 m: within 0.56 % of the ellipsoid anywhere."""
    lon, lat, lons, lats = map(np.radians, (lon, lat, lons, lats))
    half = (
        np.sin((lats - lat) / 2) ** 2 + np.cos(lat) * np.cos(lats) * np.sin((lons - lon) / 2) ** 2
    )
    return 2 * 6_371_008.8 * np.arcsin(np.sqrt(half))


def places(*positions, **columns):
    frame = pd.DataFrame(positions, columns=["lon", "lat"], dtype=float)
    return frame.assign(**columns)


@pytest.mark.parametrize(
    ("lat", "degree_m"),
    # Length of a degree of longitude on WGS 84 from a = 6,378,137 m and f = 1 / 298.257223563:
    # pi / 180 a cos(lat) / sqrt(1 - e2 sin2(lat)), e2 = 0.00669438.
    [(0.0, 111_319.49), (-11.0, 109_289.66), (5.5, 110_810.39)],
)
def test_a_radius_is_true_on_the_ground_at_every_latitude(lat, degree_m):
    inside, outside = 3499.0 / degree_m, 3501.0 / degree_m
    points = places((112 + inside, lat), (112 + outside, lat))
    pairs = towers_in_range(points, places((112, lat), radius_km=3.5))
    assert pairs[["point", "tower"]].to_numpy().tolist() == [[0, 0]]
    assert pairs["distance_m"].tolist() == pytest.approx([3499.0], abs=0.5)


def test_towers_reach_as_far_as_their_own_radius():
    towers = places((112, 0), (112, 0), (112, 0), radius_km=[1, 10, 3.5])
    # 0.05 degrees along the equator are 5,566 m.
    pairs = towers_in_range(places((112.05, 0), (112.001, 0)), towers)
    assert sorted(pairs[["point", "tower"]].to_numpy().tolist()) == [[0, 1], [1, 0], [1, 1], [1, 2]]


@pytest.mark.parametrize("empty", ["points", "towers"])
def test_nothing_is_in_reach_of_nothing(empty):
    points, towers = places((112, 0)), places((112, 0), radius_km=3.5)
    found = towers_in_range(
        points.iloc[:0] if empty == "points" else points,
        towers.iloc[:0] if empty == "towers" else towers,
    )
    assert found.empty
    assert list(found) == ["point", "tower", "distance_m"]


def test_national_reach_agrees_with_brute_force(shared_data):
    """A sample of 800 villages against all 4,727 towers; only pairs nearer to the limit than
    the sphere is to the ellipsoid (0.6 %) may differ."""
    reference = shared_data / "reference"
    with gzip.open(reference / "centroids_indonesia_villages.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))[::104]
    villages = places(*((float(row["lon"]), float(row["lat"])) for row in rows))
    known = pd.DataFrame({name: [""] for name in ("code", "name", "district", "regency")})
    towers = read_connectivity(
        reference / "bakti_bts4g_sites_indonesia.csv", villages=known
    ).frame.assign(radius_km=3.5)
    found = set(
        towers_in_range(villages, towers)[["point", "tower"]].itertuples(index=False, name=None)
    )
    lons, lats = towers["lon"].to_numpy(), towers["lat"].to_numpy()
    sure, possible = set(), set()
    for n, (lon, lat) in enumerate(zip(villages["lon"], villages["lat"], strict=True)):
        metres = haversine_m(lon, lat, lons, lats)
        sure |= {(n, int(t)) for t in np.flatnonzero(metres < 3500 / 1.006)}
        possible |= {(n, int(t)) for t in np.flatnonzero(metres < 3500 * 1.006)}
    assert (len(rows), len(towers)) == (802, 4727)
    assert len(sure) > 100
    assert sure <= found <= possible


@pytest.mark.parametrize(("lat", "radius_km"), [(0, 3.5), (-10.9, 3.5), (5.9, 35)])
def test_a_disc_has_the_area_and_the_reach_of_its_circle(lat, radius_km):
    disc = discs(places((120, lat), radius_km=radius_km))
    area = disc.to_crs("EPSG:6933").area.item()  # another equal-area system than the module's
    assert area == pytest.approx(math.pi * (radius_km * 1000) ** 2, rel=2e-4)
    corners = shapely.get_coordinates(disc.to_numpy())
    metres = haversine_m(120, lat, corners[:, 0], corners[:, 1])
    assert metres == pytest.approx(np.full(len(corners), radius_km * 1000), rel=0.007)


def test_points_in_an_area_or_on_its_edge():
    areas = gpd.GeoSeries([shapely.box(112, -2, 113, -1), shapely.box(112.5, -2, 114, -1)])
    points = places((112.2, -1.5), (112.7, -1.5), (114, -1.5), (114.001, -1.5))
    found = areas_at(points, areas)[["point", "area"]].to_numpy().tolist()
    assert sorted(found) == [[0, 0], [1, 0], [1, 1], [2, 1]]


def write_raster(path, cells, *, crs="EPSG:4326", transform=None, nodata=None, bands=1):
    transform = transform or Affine(0.01, 0, 112, 0, -0.01, -2)
    with rasterio.open(
        path, "w", driver="GTiff", height=cells.shape[0], width=cells.shape[1], count=bands,
        dtype=cells.dtype.name, crs=crs, transform=transform, nodata=nodata,
    ) as dataset:  # fmt: skip
        for band in range(1, bands + 1):
            dataset.write(cells, band)
    return path


def levels():
    """Ten by ten cells of 0.01 degrees from 112 E, 2 S: left half -90 dBm, right half -120."""
    cells = np.full((10, 10), -120, dtype="float32")
    cells[:, :5] = -90
    cells[0, 0] = -9999
    return cells


def test_a_raster_speaks_for_its_cells_that_hold_a_value(tmp_path):
    path = write_raster(tmp_path / "rsrp_2024-06-30.tif", levels(), nodata=-9999)
    raster = read_signal_raster(path)
    points = places(
        (112.015, -2.005), (112.095, -2.095), (112.005, -2.005), (111.999, -2.05), (112.05, -2.101)
    )
    assert strengths_at(points, raster).tolist() == [2, 0, -1, -1, -1]
    assert (raster.observed_on, raster.id) == (date(2024, 6, 30), "rsrp_2024-06-30.tif")


def test_a_raster_of_many_blocks_and_another_system(tmp_path):
    """Codes in UTM 49 S, one of four in each quarter of 600 by 600 cells of 100 m."""
    cells = np.zeros((600, 600), dtype="uint8")
    cells[:300, 300:], cells[300:, :300], cells[300:, 300:] = 1, 2, 9
    path = write_raster(
        tmp_path / "kelas.tif", cells, crs="EPSG:32749",
        transform=Affine(100, 0, 500_000, 0, -100, 9_800_000),
    )  # fmt: skip
    classes = {0: "none", 1: "weak", 2: "very_strong", 9: "strong"}
    raster = read_signal_raster(path, classes=classes)
    corners = gpd.GeoSeries.from_xy(
        [501_000, 559_000, 501_000, 559_000], [9_799_000, 9_799_000, 9_741_000, 9_741_000],
        crs="EPSG:32749",
    ).to_crs("EPSG:4326")  # fmt: skip
    points = pd.DataFrame({"lon": corners.x, "lat": corners.y})
    assert strengths_at(points, raster).tolist() == [0, 1, 3, 2]
    assert strengths_at(points.iloc[::-1], raster).tolist() == [2, 3, 1, 0]


def boxes(*bounds):
    return gpd.GeoSeries([shapely.box(*box) if box else None for box in bounds], crs="EPSG:4326")


def test_shares_of_cells_by_count(tmp_path):
    """The first box is two by two cells, one column of them covered; the second is the whole
    raster, 49 of 100 cells; the third lies half outside; the last has no outline."""
    raster = read_signal_raster(write_raster(tmp_path / "a.tif", levels(), nodata=-9999))
    outlines = boxes(
        (112.04, -2.06, 112.06, -2.04), (112, -2.1, 112.1, -2), (111.95, -2.1, 112.05, -2), None
    )
    shares = shares_covered(outlines, NOTHING, (raster,))
    assert shares.tolist() == pytest.approx([0.5, 0.49, 0.49, np.nan], abs=1e-4, nan_ok=True)


def test_what_areas_and_rasters_cover_together_counts_once(tmp_path):
    """The lower half by an area, and of the upper half 24 of 50 cells."""
    raster = read_signal_raster(write_raster(tmp_path / "a.tif", levels(), nodata=-9999))
    lower = boxes((112, -2.1, 112.1, -2.05), (112, -2.1, 112.05, -2.06))
    shares = shares_covered(boxes((112, -2.1, 112.1, -2)), lower, (raster,))
    assert shares.tolist() == pytest.approx([0.74], abs=1e-4)
    assert shares_covered(boxes((112, -2.1, 112.1, -2)), lower, (raster, raster)) == shares


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32749"])
def test_shares_of_overlapping_areas_in_any_system(crs):
    """A quarter and a quarter that share half of each: 0.375 in all."""
    quarters = boxes((112, -2.05, 112.05, -2), (112.025, -2.05, 112.075, -2))
    outlines = boxes((112, -2.1, 112.1, -2), (113, -2, 113.1, -1.9)).to_crs(crs)
    shares = shares_covered(outlines, quarters.to_crs(crs), ())
    assert shares.tolist() == pytest.approx([0.375, 0], abs=1e-4)
