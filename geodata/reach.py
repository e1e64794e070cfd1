"""What layers say at a point, and how much of an area they cover.

Distances are geodesics on the ellipsoid and areas are taken in an equal-area system, so both are
true from Sabang to Merauke without a zone.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import rasterio
import shapely
from exactextract import exact_extract
from exactextract.raster import RasterioRasterSource
from rasterio.windows import Window
from scipy.spatial import cKDTree

from geodata.coverage_layers import RASTER_DRIVER, SignalRaster
from geodata.crs import WGS84
from geodata.schema import SIGNALS, STORAGE_CRS

Floats = npt.NDArray[np.float64]
EQUAL_AREA = "+proj=cea +lat_ts=0 +lon_0=118 +datum=WGS84 +units=m"
_TO_SPACE = pyproj.Transformer.from_crs(STORAGE_CRS, "EPSG:4978", always_xy=True)
_CORNERS = 64
# A polygon of 64 corners on the circle would lack 0.16 % of its area.
_WIDENED = float(np.sqrt(2 * np.pi / _CORNERS / np.sin(2 * np.pi / _CORNERS)))
_NOT_COVERED = SIGNALS.index("none")


def towers_in_range(points: pd.DataFrame, towers: pd.DataFrame) -> pd.DataFrame:
    """Find every tower whose radius reaches a point.

    Parameters
    ----------
    points, towers
        ``lon``, ``lat`` in degrees of WGS 84; ``towers`` also ``radius_km``.

    Returns
    -------
    pandas.DataFrame
        ``point``, ``tower`` (positions in the frames) and ``distance_m``; a tower exactly at its
        radius reaches.
    """
    radius_m = towers["radius_km"].to_numpy(float) * 1000
    if points.empty or towers.empty:
        return pd.DataFrame({"point": [], "tower": [], "distance_m": []}).astype(
            {"point": int, "tower": int, "distance_m": float}
        )
    # The straight line through the ground is never longer than the way along it: nothing is lost.
    near = cKDTree(_in_space(points)).query_ball_point(_in_space(towers), radius_m)
    tower = np.repeat(np.arange(len(towers)), [len(found) for found in near])
    point = np.concatenate([np.asarray(found, dtype=np.int64) for found in near])
    distance_m = _distances(points.iloc[point], towers.iloc[tower])
    pairs = pd.DataFrame({"point": point, "tower": tower, "distance_m": distance_m})
    return pairs.loc[distance_m <= radius_m[tower]].reset_index(drop=True)


def _in_space(places: pd.DataFrame) -> Floats:
    lon, lat = places["lon"].to_numpy(float), places["lat"].to_numpy(float)
    return np.column_stack(_TO_SPACE.transform(lon, lat, np.zeros(len(places))))


def _distances(one: pd.DataFrame, other: pd.DataFrame) -> Floats:
    lons, lats = one["lon"].to_numpy(float), one["lat"].to_numpy(float)
    ends = other["lon"].to_numpy(float), other["lat"].to_numpy(float)
    return np.asarray(WGS84.inv(lons, lats, *ends)[2], dtype=float)


def areas_at(points: pd.DataFrame, areas: gpd.GeoSeries) -> pd.DataFrame:
    """Find the areas that a point lies in or on the edge of: ``point`` and ``area``, positions."""
    tree = shapely.STRtree(shapely.points(points["lon"], points["lat"]))
    area, point = tree.query(areas.to_numpy(), predicate="intersects")
    return pd.DataFrame({"point": point, "area": area})


def strengths_at(points: pd.DataFrame, raster: SignalRaster) -> npt.NDArray[np.int8]:
    """Give the class of a raster's cell at each point, as a place in ``SIGNALS``; -1 without one.

    Only the rows of blocks that hold points are read.
    """
    strengths = np.full(len(points), -1, dtype=np.int8)
    with rasterio.open(raster.path, driver=RASTER_DRIVER) as dataset:
        to_raster = pyproj.Transformer.from_crs(STORAGE_CRS, dataset.crs.to_wkt(), always_xy=True)
        x, y = to_raster.transform(points["lon"].to_numpy(float), points["lat"].to_numpy(float))
        column, row = (np.floor(v) for v in ~dataset.transform @ np.asarray((x, y)))
        inside = np.isfinite(x) & (column >= 0) & (column < dataset.width)
        inside &= (row >= 0) & (row < dataset.height)
        height = max(256, dataset.block_shapes[0][0])
        for block in np.unique(row[inside] // height):
            here = np.flatnonzero(inside & (row // height == block))
            first, left = int(block * height), int(column[here].min())
            width = int(column[here].max()) - left + 1
            window = Window(left, first, width, min(height, dataset.height - first))
            cells = dataset.read(1, window=window, masked=True)
            rows, columns = row[here].astype(int) - first, column[here].astype(int) - left
            strengths[here] = raster.strengths(cells[rows, columns])
    return strengths


def discs(towers: pd.DataFrame) -> gpd.GeoSeries:
    """Draw the circle that each tower reaches, true on the ground; WGS 84."""
    n = len(towers)
    azimuths = np.tile(np.linspace(0, 360, _CORNERS, endpoint=False), n)
    lons, lats, radii = (
        np.repeat(towers[column].to_numpy(float), _CORNERS)
        for column in ("lon", "lat", "radius_km")
    )
    lons, lats, _ = WGS84.fwd(lons, lats, azimuths, radii * 1000 * _WIDENED)
    corners = np.column_stack((lons, lats)).reshape(n, _CORNERS, 2)
    return gpd.GeoSeries(shapely.polygons(corners), crs=STORAGE_CRS)


def shares_covered(
    outlines: gpd.GeoSeries, areas: gpd.GeoSeries, rasters: tuple[SignalRaster, ...]
) -> Floats:
    """Give the share of each outline that areas or rasters cover, 0 to 1.

    What areas cover together counts once, and a raster adds what it covers besides them; of several
    rasters the one that adds most counts. An outline that is missing or empty has no share: NaN.
    """
    whole = outlines.to_crs(EQUAL_AREA)
    has_area = (whole.notna() & ~whole.is_empty).to_numpy()
    total = np.where(has_area, whole.area, np.nan)
    clipped = _clipped(whole, areas.to_crs(EQUAL_AREA))
    covered = np.zeros(len(whole))
    covered[clipped.index] = clipped.area
    if rasters:
        rest = whole.to_numpy().copy()
        rest[clipped.index] = shapely.difference(rest[clipped.index], clipped.to_numpy())
        added = [_covered_by(raster, gpd.GeoSeries(rest, crs=EQUAL_AREA)) for raster in rasters]
        covered += np.max(added, axis=0)
    return np.clip(covered / total, 0, 1)


def _clipped(whole: gpd.GeoSeries, areas: gpd.GeoSeries) -> gpd.GeoSeries:
    """Give the covered part of each outline that has one, by its position."""
    outline, area = shapely.STRtree(areas.to_numpy()).query(
        whole.to_numpy(), predicate="intersects"
    )
    parts = shapely.intersection(whole.to_numpy()[outline], areas.to_numpy()[area])
    by_outline = pd.Series(parts, dtype=object).groupby(outline)
    united = by_outline.agg(lambda found: found.iloc[0] if len(found) == 1 else _union(found))
    return gpd.GeoSeries(united.to_numpy(), index=united.index.astype(int), crs=EQUAL_AREA)


def _union(parts: pd.Series) -> Any:  # noqa: ANN401 (shapely has no types)
    return shapely.union_all(parts.to_numpy())


def _covered_by(raster: SignalRaster, shapes: gpd.GeoSeries) -> Floats:
    """Give the area, m2, of each shape that lies in cells with a signal."""

    def share(values: Any, coverage: Any) -> float:  # noqa: ANN401 (masked arrays)
        is_covered = raster.strengths(values) > _NOT_COVERED
        return float(coverage[is_covered].sum())

    covered = np.zeros(len(shapes))
    with rasterio.open(raster.path, driver=RASTER_DRIVER) as dataset:
        local = shapes.to_crs(dataset.crs.to_wkt())
        asked = np.flatnonzero((shapes.notna() & ~shapes.is_empty).to_numpy())
        if asked.size:
            frame = gpd.GeoDataFrame(geometry=local.iloc[asked].reset_index(drop=True))
            n_cells = _extract(dataset, frame, share)
            cell_area = abs(dataset.transform.determinant)
            # In the units of the raster, squared, whatever they are: only the ratio counts.
            local_area = shapely.area(local.iloc[asked].to_numpy())
            fraction = n_cells * cell_area / np.where(local_area > 0, local_area, np.inf)
            covered[asked] = fraction * shapes.iloc[asked].area.to_numpy()
    return covered


def _extract(dataset: Any, frame: gpd.GeoDataFrame, operation: Any) -> Floats:  # noqa: ANN401
    found = exact_extract(RasterioRasterSource(dataset), frame, operation, output="pandas")
    # A shape that no cell touches has no value at all.
    return np.asarray(np.nan_to_num(found.iloc[:, 0].to_numpy(float)))
