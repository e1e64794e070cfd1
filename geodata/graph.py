"""Lines of one travel mode -> pieces between junctions, and where points meet them."""

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from geodata.network import WGS84

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
ObjectArray = npt.NDArray[np.object_]

MERGE_DEGREES = 1e-6  # 0.1 m: positions written with six decimals are the same place
SNAP_M = 0.05  # a place nearer than this to the end of a piece is that end


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graph:
    """Lines of one mode, cut where they meet.

    Parameters
    ----------
    nodes
        lon, lat of each junction and line end, shape (n, 2).
    tails, heads
        The node where each piece starts and ends.
    shapes
        lon, lat positions of each piece from tail to head.
    along_m
        Metres from the tail to each position of each piece.
    forward, backward
        Whether a piece may be travelled from tail to head, and from head to tail.
    highways, surfaces, waterways
        The class of the line that each piece is of.
    """

    mode: str
    nodes: FloatArray
    tails: IntArray
    heads: IntArray
    shapes: tuple[FloatArray, ...]
    along_m: tuple[FloatArray, ...]
    forward: npt.NDArray[np.bool_]
    backward: npt.NDArray[np.bool_]
    highways: ObjectArray
    surfaces: ObjectArray
    waterways: ObjectArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snaps:
    """The nearest place on a graph for each of some points.

    ``piece`` and ``along_m`` say where on the graph, ``position`` is its lon, lat and ``gap_m``
    the straight distance from the point.
    """

    piece: IntArray
    along_m: FloatArray
    position: FloatArray
    gap_m: FloatArray


def build_graphs(lines: gpd.GeoDataFrame) -> dict[str, Graph]:
    """Build the graph of each mode, ``road`` and ``river``, from a frame of ``read_network``."""
    return {mode: build_graph(lines, mode) for mode in ("road", "river")}


def build_graph(lines: gpd.GeoDataFrame, mode: str) -> Graph:
    """Cut the lines of one mode at every vertex that two of them share.

    Vertices within ``MERGE_DEGREES`` of each other are one. Roads that cross without sharing a
    vertex do not meet: one is a bridge. Rivers that cross always meet.
    """
    lines = lines[lines["mode"] == mode]
    shapes_of_lines = lines.geometry.to_numpy()
    if mode == "river":
        shapes_of_lines = _with_confluences(shapes_of_lines)
    xy, line = shapely.get_coordinates(shapes_of_lines, return_index=True)
    xy, label = merge_positions(xy)
    is_junction = np.bincount(label, minlength=len(xy))[label] > 1
    is_junction[np.flatnonzero(np.diff(line, prepend=-1))] = True
    is_junction[np.flatnonzero(np.diff(line, append=-1))] = True

    cuts = np.flatnonzero(is_junction)
    starts, ends = cuts[:-1], cuts[1:]
    whole = line[starts] == line[ends]
    starts, ends = starts[whole], ends[whole]
    shapes = [xy[label[a : b + 1]] for a, b in zip(starts, ends, strict=True)]
    along_m = [_along(shape) for shape in shapes]
    keep = np.flatnonzero([a[-1] > 0 for a in along_m])
    starts, ends = starts[keep], ends[keep]

    used, ends_of_pieces = np.unique(label[np.concatenate([starts, ends])], return_inverse=True)
    of_line = line[starts]
    oneway = lines["oneway"].to_numpy()[of_line]
    return Graph(
        mode=mode,
        nodes=xy[used],
        tails=ends_of_pieces[: len(starts)],
        heads=ends_of_pieces[len(starts) :],
        shapes=tuple(shapes[k] for k in keep),
        along_m=tuple(along_m[k] for k in keep),
        forward=oneway != "reverse",
        backward=oneway != "yes",
        highways=lines["highway"].to_numpy()[of_line],
        surfaces=lines["surface"].to_numpy()[of_line],
        waterways=lines["waterway"].to_numpy()[of_line],
    )


def merge_positions(xy: FloatArray) -> tuple[FloatArray, IntArray]:
    """Make positions within ``MERGE_DEGREES`` one.

    Returns the distinct positions and, for each given one, which of them it is.
    """
    distinct, label = np.unique(xy, axis=0, return_inverse=True)
    label = label.reshape(-1)
    if not len(distinct):
        return distinct.reshape(0, 2), label
    near = KDTree(distinct).query_pairs(MERGE_DEGREES, output_type="ndarray")
    links = coo_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(len(distinct),) * 2)
    n_groups, group = connected_components(links, directed=False)
    first = np.full(n_groups, len(distinct))
    np.minimum.at(first, group, np.arange(len(distinct)))
    return distinct[first], group[label].astype(np.intp)


def distances_m(start: FloatArray, end: FloatArray) -> FloatArray:
    """Measure straight distances between lon, lat positions, row by row, on the ellipsoid."""
    _, _, metres = WGS84.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    return np.asarray(metres, dtype=np.float64)


def snap(graph: Graph, points: FloatArray, usable: npt.NDArray[np.bool_]) -> Snaps:
    """Find the nearest place on the usable pieces; ``gap_m`` is infinite when there are none."""
    n = len(points)
    piece, along_m = np.zeros(n, dtype=np.intp), np.zeros(n)
    position, gap_m = points.copy(), np.full(n, np.inf)
    pieces = np.flatnonzero(usable)
    if n and len(pieces):
        # A degree of longitude is shorter than one of latitude; so scaled, near is near.
        scale = np.array([np.cos(np.radians(np.mean(graph.nodes[:, 1]))), 1.0])
        flat = [shapely.LineString(graph.shapes[p] * scale) for p in pieces]
        targets = shapely.points(points * scale)
        nearest = shapely.STRtree(flat).nearest(targets)
        piece = pieces[nearest]
        for k in range(n):
            reached = shapely.line_locate_point(flat[nearest[k]], targets[k])
            along_m[k], position[k] = _place(graph, piece[k], scale, float(reached))
        gap_m = distances_m(points, position)
    return Snaps(piece=piece, along_m=along_m, position=position, gap_m=gap_m)


def cut_piece(
    graph: Graph, piece: int, cuts: list[tuple[float, FloatArray]]
) -> list[tuple[FloatArray, float]]:
    """Cut a piece at sorted ``(metres from the tail, lon lat)``: shape and metres of each part."""
    shape, along_m = graph.shapes[piece], graph.along_m[piece]
    bounds = [(0.0, shape[0]), *cuts, (float(along_m[-1]), shape[-1])]
    parts = []
    for (start, first), (end, last) in pairwise(bounds):
        between = shape[(along_m > start) & (along_m < end)]
        parts.append((np.vstack([first, between, last]), end - start))
    return parts


def _with_confluences(lines: ObjectArray) -> ObjectArray:
    """Give lines a vertex wherever another line crosses them."""
    crossings: dict[int, list[FloatArray]] = {}
    for a, b in shapely.STRtree(lines).query(lines, predicate="intersects").T:
        if a < b:
            common = shapely.get_parts(shapely.intersection(lines[a], lines[b]))
            points = shapely.get_coordinates(common[shapely.get_type_id(common) == 0])
            for line in (int(a), int(b)):
                crossings.setdefault(line, []).append(points)
    met = lines.copy()
    for line, found in crossings.items():
        xy = shapely.get_coordinates(lines[line])
        points = np.concatenate(found)
        at_vertex = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
        at_point = shapely.line_locate_point(lines[line], shapely.points(points))
        order = np.argsort(np.concatenate([at_vertex, at_point]), kind="stable")
        met[line] = shapely.LineString(np.concatenate([xy, points])[order])
    return met


def _along(shape: FloatArray) -> FloatArray:
    return np.concatenate([[0.0], np.cumsum(distances_m(shape[:-1], shape[1:]))])


def _place(graph: Graph, piece: int, scale: FloatArray, reached: float) -> tuple[float, FloatArray]:
    """Turn a length in scaled degrees along a piece into metres from its tail, and lon, lat."""
    shape, along_m = graph.shapes[piece], graph.along_m[piece]
    steps = np.hypot(*(np.diff(shape, axis=0) * scale).T)
    passed = np.concatenate([[0.0], np.cumsum(steps)])
    k = int(np.clip(np.searchsorted(passed, reached, side="right") - 1, 0, len(steps) - 1))
    share = np.clip((reached - passed[k]) / steps[k], 0.0, 1.0) if steps[k] else 0.0
    metres = float(along_m[k] + share * (along_m[k + 1] - along_m[k]))
    if metres < SNAP_M:
        return 0.0, shape[0]
    if metres > along_m[-1] - SNAP_M:
        return float(along_m[-1]), shape[-1]
    return metres, shape[k] + share * (shape[k + 1] - shape[k])
