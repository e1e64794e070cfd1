"""Places where roads and rivers cannot be passed: a network without what lies there."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

import geopandas as gpd
import numpy as np
import shapely
from shapely import affinity

METRES_PER_DEGREE = 111_195.0
"""Of a great circle, on a sphere of 6,371 km."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A circle around a position that nobody gets through; degrees of WGS 84, and metres."""

    lon: float
    lat: float
    radius_m: float

    @property
    def area(self) -> shapely.Polygon:
        """The circle, in degrees."""
        radius = self.radius_m / METRES_PER_DEGREE
        # The true circle lies inside: its corners are moved out by what a polygon of 64 cuts off.
        circle = shapely.Point(self.lon, self.lat).buffer(radius / cos(np.pi / 64), quad_segs=16)
        return affinity.scale(circle, xfact=1 / cos(radians(self.lat)))


def without_closed(lines: gpd.GeoDataFrame, closed: Sequence[Closure]) -> gpd.GeoDataFrame:
    """Cut out of the lines of a network what lies in closed places.

    Parameters
    ----------
    lines
        Roads and rivers, EPSG:4326.

    Returns
    -------
    GeoDataFrame
        The same columns; a line that is cut through becomes several, one that lies inside is gone.
    """
    if not closed:
        return lines
    area = shapely.union_all([closure.area for closure in closed])
    is_hit = shapely.intersects(lines.geometry.to_numpy(), area)
    cut = lines[is_hit].copy()
    cut.geometry = cut.geometry.difference(area)
    pieces = cut[~cut.geometry.is_empty].explode(index_parts=False)
    kept = lines[~is_hit]
    both = gpd.GeoDataFrame(
        {name: [*kept[name], *pieces[name]] for name in lines.columns if name != "geometry"},
        geometry=[*kept.geometry, *pieces.geometry], crs=lines.crs,
    )  # fmt: skip
    return both.astype({name: lines[name].dtype for name in both.columns if name != "geometry"})
