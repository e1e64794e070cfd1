"""Degrees in the wrong order: latitude before longitude.

In Indonesia the two never meet (94.5 to 141.5 and -11.5 to 6.5), so each corner of an outline tells
by itself in which order it was written.
"""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geodata.crs import EAST, NORTH, SOUTH, WEST
from geodata.findings import Finding


def settle_axes(
    frame: gpd.GeoDataFrame,
) -> tuple[gpd.GeoDataFrame, npt.NDArray[np.bool_], list[Finding]]:
    """Put degrees in the order longitude, latitude where that is certain.

    Returns
    -------
    tuple
        The frame, turned round as a whole when no corner of the file makes sense as it stands and
        some do in the other order; for each row whether it can be used; findings. Rows that cannot
        are those in the other order than the rest of the file, and those beyond any degree among
        rows that are right. A frame in metres is given back as it is.
    """
    usable = np.ones(len(frame), dtype=bool)
    if frame.crs is None or not frame.crs.is_geographic:
        return frame, usable, []
    findings: list[Finding] = []
    shapes = frame.geometry.to_numpy()
    is_right, is_swapped = _orders(shapes)
    if is_swapped.any() and not is_right.any():
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
        frame = frame.set_geometry(gpd.GeoSeries(shapes, frame.index, frame.crs))
        findings.append(
            Finding(code="axes-swapped", severity="corrected", value=str(int(is_swapped.sum())))
        )
        is_right, is_swapped = is_swapped, is_right
    if is_right.any():
        bounds = np.abs(shapely.bounds(shapes))
        is_beyond = (bounds[:, [0, 2]] > 180).any(axis=1) | (bounds[:, [1, 3]] > 90).any(axis=1)
        usable = ~is_swapped & ~is_beyond
        findings += _refusals(shapes, is_swapped, usable)
    return frame, usable, findings


def _orders(
    shapes: npt.NDArray[np.object_],
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Tell for each shape whether a corner is in Indonesia as it stands, and in the other order."""
    xy, row = shapely.get_coordinates(shapes, return_index=True)
    x, y = xy.T
    stands = (x >= WEST) & (x <= EAST) & (y >= SOUTH) & (y <= NORTH)
    turned = (y >= WEST) & (y <= EAST) & (x >= SOUTH) & (x <= NORTH)
    counted = [np.bincount(row[mask], minlength=len(shapes)) > 0 for mask in (stands, turned)]
    return counted[0], counted[1]


def _refusals(
    shapes: npt.NDArray[np.object_],
    is_swapped: npt.NDArray[np.bool_],
    usable: npt.NDArray[np.bool_],
) -> Iterator[Finding]:
    for at in np.flatnonzero(~usable):
        lon, lat = shapely.get_coordinates(shapes[at])[0]
        yield Finding(
            code="coordinates-swapped" if is_swapped[at] else "coordinates-out-of-range",
            severity="refused",
            row=int(at) + 1,
            params={"lon": round(float(lon), 6), "lat": round(float(lat), 6)},
        )
