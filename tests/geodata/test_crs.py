"""Reference systems: metres that are metres."""

import geopandas as gpd
import pytest
from pyproj import Geod
from shapely.geometry import Point

from geodata.crs import EAST, NORTH, SOUTH, WEST, is_in_indonesia, metric_crs
from geodata.errors import WrongCrs


@pytest.mark.parametrize("lon", [114.5, 116.0, 117.0, 119.0])
def test_lengths_are_true_within_a_thousandth(lon):
    """Compared with the geodesic on the ellipsoid, over an area 5 degrees wide."""
    area = gpd.GeoSeries([Point(114.25, -2.5), Point(119.25, 4.5)], crs="EPSG:4326")
    pair = gpd.GeoSeries([Point(lon, 1.0), Point(lon + 0.1, 1.1)], crs="EPSG:4326")
    metres = pair.to_crs(metric_crs(area))
    _, _, expected = Geod(ellps="WGS84").inv(lon, 1.0, lon + 0.1, 1.1)
    assert metres.iloc[0].distance(metres.iloc[1]) == pytest.approx(expected, rel=1e-3)


def test_a_frame_without_a_system_has_no_metres():
    with pytest.raises(WrongCrs):
        metric_crs(gpd.GeoSeries([Point(112, -2)]))


@pytest.mark.parametrize(
    ("lon", "lat", "inside"),
    [
        (WEST, SOUTH, True), (EAST, NORTH, True), (112.9, -2.5, True), (WEST - 1e-6, 0, False),
        (EAST + 1e-6, 0, False), (112, SOUTH - 1e-6, False), (112, NORTH + 1e-6, False),
        (-2.5, 112.9, False), (0, 0, False), (float("nan"), 0, False),
    ],
)  # fmt: skip
def test_the_frame_of_the_country(lon, lat, inside):
    assert is_in_indonesia(lon, lat) is inside
