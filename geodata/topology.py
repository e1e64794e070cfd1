"""Lines that were drawn not quite to each other are joined by rule, and said to be.

Two rules, for roads and for rivers, each on its own:

- An end that meets nothing and lies within ``JOIN_M`` of another line is moved onto it: to a vertex
  within that distance, else to the nearest place. Up to ``DOUBT_M`` it is only reported.
- Roads of one level that cross without a common vertex get one, unless either is a bridge or a
  tunnel. (Rivers that cross always meet: ``graph.build_graph`` sees to it.)
"""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geodata.findings import Finding
from geodata.graph import BoolArray, FloatArray, IntArray, merge_positions, with_vertices

JOIN_M = 2.0
DOUBT_M = 20.0
_METRES = np.array([111_320.0, 110_574.0])  # in a degree at the equator; a few % less further off
_PASSES_OVER = ("bridge", "tunnel")


class _Lines(NamedTuple):
    """Lines of one mode, in degrees and in metres, and what may join them."""

    shapes: npt.NDArray[np.object_]
    flat: npt.NDArray[np.object_]
    features: list[str]
    levels: IntArray
    is_ground: BoolArray


class _Repair(NamedTuple):
    """What is to be done: vertices to insert, by line; ends to move, by line and end."""

    inserted: dict[int, list[FloatArray]]
    moved: dict[tuple[int, int], FloatArray]
    findings: list[Finding]


def repair_lines(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Join lines by the rules above.

    Parameters
    ----------
    frame
        As in ``NetworkImport``, with a column ``feature`` that findings name.
    """
    shapes = frame.geometry.to_numpy().copy()
    findings: list[Finding] = []
    for mode in ("road", "river"):
        rows = np.flatnonzero((frame["mode"] == mode).to_numpy())
        part = frame.iloc[rows]
        lines = _Lines(
            shapes=shapes[rows],
            flat=np.asarray(shapely.transform(shapes[rows], lambda xy: xy * _METRES)),
            features=list(part["feature"]),
            levels=part["level"].to_numpy(dtype=np.intp),
            is_ground=~part["structure"].isin(_PASSES_OVER).to_numpy(dtype=np.bool_),
        )
        repair = _Repair({}, {}, findings)
        if mode == "road":
            _join_crossings(lines, repair)
        _join_ends(lines, repair)
        shapes[rows] = _repaired(lines.shapes, repair)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)), findings


def _join_crossings(lines: _Lines, repair: _Repair) -> None:
    for a, b in shapely.STRtree(lines.shapes).query(lines.shapes, predicate="crosses").T:
        same = lines.levels[a] == lines.levels[b]
        if a > b or not (same and lines.is_ground[a] and lines.is_ground[b]):
            continue
        common = shapely.get_parts(shapely.intersection(lines.shapes[a], lines.shapes[b]))
        points = shapely.get_coordinates(common[shapely.get_type_id(common) == 0])
        # Where both have a vertex they meet already; where one has, the other needs it too.
        missing = ~(_has_vertex(lines.flat[a], points) & _has_vertex(lines.flat[b], points))
        if not missing.any():
            continue
        for line in (int(a), int(b)):
            repair.inserted.setdefault(line, []).append(points[missing])
        for lon, lat in points[missing]:
            repair.findings.append(
                Finding(
                    code="crossing-joined",
                    severity="corrected",
                    row=lines.features[a],
                    value=lines.features[b],
                    params={"lon": f"{lon:.5f}", "lat": f"{lat:.5f}"},
                )
            )


def _has_vertex(flat: shapely.LineString, points: FloatArray) -> BoolArray:
    """Tell at which places a line, in metres, has a vertex; 0.1 m is one place."""
    gaps = shapely.get_coordinates(flat)[None, :, :] - (points * _METRES)[:, None, :]
    near: BoolArray = np.hypot(gaps[..., 0], gaps[..., 1]).min(axis=1) <= 0.1
    return near


def _join_ends(lines: _Lines, repair: _Repair) -> None:
    xy, of_line = shapely.get_coordinates(lines.shapes, return_index=True)
    xy, label = merge_positions(xy)
    n_meeting = np.bincount(label, minlength=len(xy))
    first = np.searchsorted(of_line, np.arange(len(lines.shapes)))
    last = np.searchsorted(of_line, np.arange(len(lines.shapes)), side="right") - 1
    ends = [(line, end, vertex[line]) for line in range(len(first))
            for end, vertex in ((0, first), (-1, last))]  # fmt: skip
    free = [(line, end, int(label[vertex])) for line, end, vertex in ends
            if n_meeting[label[vertex]] == 1]  # fmt: skip
    tree = shapely.STRtree(lines.flat)
    places = shapely.points(xy[[place for _, _, place in free]] * _METRES)
    near: dict[int, list[int]] = {}
    for k, other in tree.query(places, predicate="dwithin", distance=DOUBT_M).T:
        if other != free[k][0]:
            near.setdefault(int(k), []).append(int(other))
    joined: set[int] = set()
    for k, (line, end, place) in enumerate(free):
        if place in joined:
            continue
        others = [other for other in near.get(k, []) if _may_join(lines, line, other, places[k])]
        if not others:
            continue
        gaps = [float(lines.flat[other].distance(places[k])) for other in others]
        gap, other = min(zip(gaps, others, strict=True))
        if gap > JOIN_M:
            repair.findings.append(_end_finding(lines, "end-falls-short", line, other, gap))
            continue
        target, vertex = _place_on(lines, other, places[k])
        if vertex is None:
            repair.inserted.setdefault(other, []).append(target[None, :])
        else:
            joined.add(int(label[first[other] + vertex]))
        repair.moved[line, end] = target
        repair.findings.append(_end_finding(lines, "end-joined", line, other, gap))


def _may_join(lines: _Lines, line: int, other: int, place: shapely.Point) -> bool:
    """Tell whether an end may be moved onto a line: not onto a bridge above it, but to its ends."""
    if lines.levels[line] == lines.levels[other]:
        return True
    return bool(lines.flat[other].boundary.distance(place) <= JOIN_M)


def _place_on(lines: _Lines, other: int, place: shapely.Point) -> tuple[FloatArray, int | None]:
    """Find where on a line an end belongs: lon, lat, and which vertex that is, if one is near."""
    vertices = shapely.get_coordinates(lines.flat[other])
    gaps = np.hypot(*(vertices - shapely.get_coordinates(place)).T)
    nearest = int(np.argmin(gaps))
    if gaps[nearest] <= JOIN_M:
        return shapely.get_coordinates(lines.shapes[other])[nearest], nearest
    on = lines.flat[other].interpolate(lines.flat[other].project(place))
    return shapely.get_coordinates(on)[0] / _METRES, None


def _end_finding(lines: _Lines, code: str, line: int, other: int, gap_m: float) -> Finding:
    return Finding(
        code=code,
        severity="corrected" if code == "end-joined" else "warning",
        row=lines.features[line],
        value=lines.features[other],
        params={"metres": f"{gap_m:.1f}"},
    )


def _repaired(shapes: npt.NDArray[np.object_], repair: _Repair) -> npt.NDArray[np.object_]:
    result = shapes.copy()
    for line, points in repair.inserted.items():
        result[line] = with_vertices(result[line], np.concatenate(points))
    for (line, end), target in repair.moved.items():
        xy = shapely.get_coordinates(result[line])
        xy[end] = target
        result[line] = shapely.LineString(xy)
    return result
