"""Coordinate reference systems: one for storage, one in metres for an area."""

import geopandas as gpd
import pyproj
import pyproj.exceptions

from geodata.errors import WrongCrs
from geodata.findings import Finding
from geodata.schema import STORAGE_CRS

# Indonesia with its waters, degrees: Sabang to Merauke, Miangas to Rote.
WEST, SOUTH, EAST, NORTH = 94.5, -11.5, 141.5, 6.5
WGS84 = pyproj.Geod(ellps="WGS84")
"""Measures between positions in degrees."""


def to_storage(frame: gpd.GeoDataFrame, place: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Give a frame in longitude and latitude of WGS 84, from whatever system it is in.

    Raises
    ------
    WrongCrs
        When the frame has no CRS, one that is not on the Earth, or one that its coordinates
        contradict (metres called degrees).
    """
    if frame.crs is None:
        raise WrongCrs(place=place, value="-")
    name = str(frame.crs.to_string())
    findings: list[Finding] = []
    if not frame.crs.equals(pyproj.CRS(STORAGE_CRS), ignore_axis_order=True):
        try:
            frame = frame.to_crs(STORAGE_CRS)
        except pyproj.exceptions.ProjError as error:
            raise WrongCrs(place=place, value=name) from error
        findings.append(Finding(code="reprojected", severity="info", value=frame_name(name)))
    bounds = frame.total_bounds
    if not (abs(bounds[[0, 2]]) <= 180).all() or not (abs(bounds[[1, 3]]) <= 90).all():
        raise WrongCrs(place=place, value=frame_name(name))
    return frame, findings


def frame_name(name: str) -> str:
    """Shorten the text of a CRS to what fits a message."""
    return name if len(name) <= 60 else f"{name[:57]}..."


def is_in_indonesia(lon: float, lat: float) -> bool:
    """Tell whether a position in degrees is in Indonesia's frame, borders included."""
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH


def meets_indonesia(west: float, south: float, east: float, north: float) -> bool:
    """Tell whether a box in degrees has any part in Indonesia's frame; maps may reach beyond it."""
    return west <= EAST and east >= WEST and south <= NORTH and north >= SOUTH


def metric_crs(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> pyproj.CRS:
    """Choose a system in metres for an area: transverse Mercator on its middle meridian.

    A province straddles UTM zones, so the zone belongs to the area and not to a table. Lengths are
    true within 0.1 % up to 2.5 degrees east and west of the middle.

    Raises
    ------
    WrongCrs
        When the frame has no CRS.
    """
    if frame.crs is None:
        raise WrongCrs(place="metric_crs", value="-")
    west, south, east, north = frame.to_crs(STORAGE_CRS).total_bounds
    lon, lat = round((west + east) / 2, 3), round((south + north) / 2, 3)
    return pyproj.CRS.from_dict(
        {"proj": "tmerc", "lon_0": lon, "lat_0": lat, "k": 1, "datum": "WGS84", "units": "m"}
    )


def equal_area_crs(outlines: gpd.GeoSeries) -> pyproj.CRS:
    """Choose a system whose areas are true everywhere: Lambert azimuthal on the middle of an area.

    Parameters
    ----------
    outlines
        In degrees of WGS 84; at least one of them not empty.
    """
    west, south, east, north = outlines.total_bounds
    lon, lat = round((west + east) / 2, 3), round((south + north) / 2, 3)
    return pyproj.CRS.from_dict(
        {"proj": "laea", "lon_0": lon, "lat_0": lat, "datum": "WGS84", "units": "m"}
    )
