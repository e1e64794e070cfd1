"""Outlines of neighbours: repaired one by one, then held against each other.

Overlaps and gaps are found in degrees, as the outlines were drawn, and only then projected to be
measured: edges that two villages share stay shared. In a projected system a corner of one on a
straight edge of the other would leave that edge, and every such corner would look like a sliver.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.crs import WGS84, equal_area_crs
from geodata.schema import STORAGE_CRS

Shapes = npt.NDArray[np.object_]

AREAS = ("Polygon", "MultiPolygon")
_AREA_IDS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
NOISE_M2 = 1.0
"""What is smaller is rounding of coordinates and not told."""
SLIVER_WIDTH_M = 10.0
"""An overlap narrower than this in the mean is one border drawn twice."""
N_LARGEST = 5
_HA = 10_000.0
# Degrees, a centimetre: where two borders cross, the corner of the gap is rounded off both.
_TOUCHING = 1e-7


@dataclass(frozen=True, slots=True)
class Repair:
    """A valid outline in place of an invalid one, and what that did to its area."""

    shape: BaseGeometry
    reason: str
    before_ha: float
    after_ha: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Where outlines overlap, or leave something between them.

    Parameters
    ----------
    count, area_ha
        All pieces, or all overlapping pairs.
    n_slivers, slivers_ha
        Those of them narrower than ``SLIVER_WIDTH_M`` in the mean.
    largest
        The codes of the villages at each of the ``N_LARGEST`` largest, and its area in hectares.
    """

    count: int
    area_ha: float
    n_slivers: int
    slivers_ha: float
    largest: tuple[tuple[tuple[str, ...], float], ...]

    def listed(self) -> str:
        """Name the largest for a message."""
        return ", ".join(f"{' / '.join(codes)} ({ha:.2f} ha)" for codes, ha in self.largest)


def area_parts(shape: BaseGeometry | None) -> tuple[BaseGeometry | None, list[str]]:
    """Take the areas of a shape, None when it has none, and name what else it has.

    Map makers put the label of a village beside its outline: a point or a line.
    """
    parts = shapely.get_parts(shapely.get_parts(shape)) if shape is not None else []
    polygons = [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
    others = sorted({part.geom_type for part in parts} - {"Polygon"})
    if not polygons:
        return None, others
    if shape is not None and shape.geom_type in AREAS:
        return shape, []
    return shapely.multipolygons(polygons), others


def repair(shape: BaseGeometry) -> Repair | None:
    """Make an invalid outline valid: rings that cross themselves are cut, parts that overlap join.

    Lines and points that this leaves are dropped; None when no area is left.
    """
    mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if mended.is_empty or mended.geom_type not in AREAS:
        return None
    reason = shapely.is_valid_reason(shape)
    return Repair(mended, reason, _hectares(shape), _hectares(mended))


def measure_overlaps(outlines: gpd.GeoSeries, codes: Sequence[str]) -> Pieces:
    """Measure what each pair of outlines has in common.

    Parameters
    ----------
    outlines
        Valid areas in degrees.
    codes
        Of the same length, to name the pairs.
    """
    shapes: Shapes = outlines.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    common = shapely.intersection(shapes[one], shapes[other])
    pairs = [(codes[first], codes[second]) for first, second in zip(one, other, strict=True)]
    return _pieces(common, pairs)


def measure_gaps(outlines: gpd.GeoSeries, codes: Sequence[str]) -> Pieces:
    """Measure what lies between outlines and is enclosed by them: no village has it."""
    shapes: Shapes = outlines.to_numpy()
    whole = shapely.get_parts(shapely.union_all(shapes))
    rings = [ring for part in whole for ring in part.interiors]
    gaps: Shapes = shapely.polygons(np.array(rings, dtype=object))
    # A hole inside one village is a lake or an enclave that is drawn so.
    tree = shapely.STRtree(shapes)
    gap, village = tree.query(gaps, predicate="dwithin", distance=_TOUCHING)
    around: list[list[str]] = [[] for _ in gaps]
    for position, neighbour in zip(gap, village, strict=True):
        around[position].append(codes[neighbour])
    between = [at for at, neighbours in enumerate(around) if len(neighbours) > 1]
    return _pieces(gaps[between], [tuple(sorted(around[at])) for at in between])


def _pieces(shapes: Shapes, codes: Sequence[tuple[str, ...]]) -> Pieces:
    """Measure the areas of each shape, not the lines and points where outlines only touch."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    is_area = np.isin(shapely.get_type_id(parts), _AREA_IDS)
    drawn = gpd.GeoSeries(parts[is_area], crs=STORAGE_CRS)
    if drawn.empty:
        return Pieces(count=0, area_ha=0.0, n_slivers=0, slivers_ha=0.0, largest=())
    drawn = drawn.to_crs(equal_area_crs(drawn))
    areas = np.bincount(owner[is_area], drawn.area, len(shapes))
    perimeters = np.bincount(owner[is_area], drawn.length, len(shapes))
    is_real = areas >= NOISE_M2
    # A strip of length l and width w has the area l w and the perimeter 2 (l + w), nearly 2 l.
    is_sliver = is_real & (2 * areas < SLIVER_WIDTH_M * perimeters)
    order = [at for at in np.argsort(-areas, kind="stable")[:N_LARGEST] if is_real[at]]
    return Pieces(
        count=int(is_real.sum()),
        area_ha=float(areas[is_real].sum() / _HA),
        n_slivers=int(is_sliver.sum()),
        slivers_ha=float(areas[is_sliver].sum() / _HA),
        largest=tuple((codes[at], float(areas[at] / _HA)) for at in order),
    )


def _hectares(shape: BaseGeometry) -> float:
    """Measure one area on the ellipsoid, holes taken off; where rings cross, parts cancel out."""
    area_m2, _ = WGS84.geometry_area_perimeter(shapely.orient_polygons(shape))
    return abs(float(area_m2)) / _HA
