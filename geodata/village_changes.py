"""Villages that a new map names or places otherwise than they were: a doubt about its codes."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import shapely.ops
from shapely.geometry.base import BaseGeometry

from geodata.crosswalk import is_other_name
from geodata.crs import WGS84
from geodata.findings import Finding

FAR_KM = 30.0
"""Between the points before and after, inclusive: a redrawn outline moves its point by less."""
_KM_PER_DEGREE = 111.2


def changed_villages(villages: pd.DataFrame, before: pd.DataFrame) -> Iterator[Finding]:
    """Compare a map of villages with those known, by code.

    Parameters
    ----------
    villages, before
        ``code``, ``name``, ``lon`` and ``lat`` in degrees.
    """
    columns = ["code", "name", "lon", "lat"]
    # Of no village known the columns have no kind of their own.
    known = before[columns].astype({"lon": "float64", "lat": "float64"})
    both = villages[columns].merge(known, on="code", suffixes=("", "_before"))
    east = (both["lon"] - both["lon_before"]) * np.cos(np.radians(both["lat"]))
    both["km"] = _KM_PER_DEGREE * np.hypot(east, both["lat"] - both["lat_before"])
    other = both.loc[(both["name"] != both["name_before"]) | (both["km"] > FAR_KM)]
    for village in other.to_dict("records"):
        name, earlier = str(village["name"]), str(village["name_before"])
        if village["km"] > FAR_KM or is_other_name(earlier, name):
            facts = {"name": earlier, "km": round(village["km"])}
            yield Finding(code="village-changed", severity="warning", column="name", value=name,
                          village_code=village["code"], params=facts)  # fmt: skip


def left_outlines(points: pd.DataFrame, outlines: Mapping[str, BaseGeometry]) -> Iterator[Finding]:
    """Find new points that lie outside the outlines known of their villages.

    Parameters
    ----------
    points
        ``code``, ``lon`` and ``lat`` in degrees.
    outlines
        By code, in degrees; a point on the edge is inside.
    """
    for code, lon, lat in points[["code", "lon", "lat"]].itertuples(index=False):
        outline = outlines.get(code)
        if outline is None or shapely.intersects_xy(outline, lon, lat):
            continue
        edge, _ = shapely.ops.nearest_points(outline, shapely.Point(lon, lat))
        _, _, metres = WGS84.inv(edge.x, edge.y, lon, lat)
        facts = {"lon": round(lon, 6), "lat": round(lat, 6), "metres": max(1, round(metres))}
        yield Finding(code="outline-left", severity="warning", village_code=code, params=facts)
