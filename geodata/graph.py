"""Lines of one travel mode -> pieces between junctions, and where points meet them."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from geodata.crs import WGS84

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]
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
    first
        Where each piece starts in ``xy`` and ``along_m``; one more at the end.
    xy
        lon, lat positions of all pieces, each from tail to head.
    along_m
        Metres from the tail to each position.
    forward, backward
        Whether a piece may be travelled from tail to head, and from head to tail.
    highways, surfaces, waterways, structures
        The class of the line that each piece is of; ``structures`` as in ``NetworkImport``.
    flows
        1 where a river runs from tail to head, -1 from head to tail, 0 where that is not known.
    fixed_min
        Minutes that passing a piece takes beside its length at a speed; NaN where a ferry or
        rapids do not state them.
    shares
        Which part of its line a piece is, of 1.
    """

    mode: str
    nodes: FloatArray
    tails: IntArray
    heads: IntArray
    first: IntArray
    xy: FloatArray
    along_m: FloatArray
    forward: BoolArray
    backward: BoolArray
    highways: ObjectArray
    surfaces: ObjectArray
    waterways: ObjectArray
    structures: ObjectArray
    flows: npt.NDArray[np.int8]
    fixed_min: FloatArray
    shares: FloatArray

    @property
    def lengths_m(self) -> FloatArray:
        """Metres of each piece."""
        return self.along_m[self.first[1:] - 1]

    def shape(self, piece: int) -> tuple[FloatArray, FloatArray]:
        """Give the positions of one piece, and the metres from its tail to each."""
        inside = slice(self.first[piece], self.first[piece + 1])
        return self.xy[inside], self.along_m[inside]


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
    starts, ends = _pieces(label, line, len(xy))
    first = np.concatenate([[0], np.cumsum(ends - starts + 1)])
    rows = np.repeat(starts - first[:-1], np.diff(first)) + np.arange(first[-1])
    used, ends_of_pieces = np.unique(label[np.concatenate([starts, ends])], return_inverse=True)
    along_m = _along(xy[label[rows]], first)
    of_line = line[starts]
    lengths_m = along_m[first[1:] - 1]
    oneway = lines["oneway"].to_numpy()[of_line]
    flow = _column(lines, "flow")[of_line]
    return Graph(
        mode=mode,
        nodes=xy[used],
        tails=ends_of_pieces[: len(starts)],
        heads=ends_of_pieces[len(starts) :],
        first=first,
        xy=xy[label[rows]],
        along_m=along_m,
        forward=oneway != "reverse",
        backward=oneway != "yes",
        highways=_column(lines, "highway")[of_line],
        surfaces=_column(lines, "surface")[of_line],
        waterways=_column(lines, "waterway")[of_line],
        structures=_column(lines, "structure")[of_line],
        flows=((flow == "down").astype(np.int8) - (flow == "up").astype(np.int8)),
        fixed_min=_column(lines, "fixed_min").astype(np.float64)[of_line],
        shares=lengths_m / np.bincount(of_line, lengths_m, len(lines))[of_line],
    )


def _column(lines: gpd.GeoDataFrame, name: str) -> ObjectArray:
    if name not in lines:
        return np.full(len(lines), None, dtype=object)
    return np.asarray(lines[name].astype(object).to_numpy())


def _pieces(label: IntArray, line: IntArray, n_positions: int) -> tuple[IntArray, IntArray]:
    """Find the first and last vertex of each piece between junctions that has a length."""
    is_junction = np.bincount(label, minlength=n_positions)[label] > 1
    is_junction[np.flatnonzero(np.diff(line, prepend=-1))] = True
    is_junction[np.flatnonzero(np.diff(line, append=-1))] = True
    cuts = np.flatnonzero(is_junction)
    starts, ends = cuts[:-1], cuts[1:]
    moves = np.concatenate([[0], np.cumsum(label[1:] != label[:-1])])
    keep = (line[starts] == line[ends]) & (moves[ends] > moves[starts])
    return starts[keep], ends[keep]


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


def snap(graph: Graph, points: FloatArray, usable: BoolArray) -> Snaps:
    """Find the nearest place on the usable pieces; ``gap_m`` is infinite when there are none."""
    n = len(points)
    piece, along_m = np.zeros(n, dtype=np.intp), np.zeros(n)
    position, gap_m = points.copy(), np.full(n, np.inf)
    pieces = np.flatnonzero(usable)
    if n and len(pieces):
        # A degree of longitude is shorter than one of latitude; so scaled, near is near.
        scale = np.array([np.cos(np.radians(np.mean(graph.nodes[:, 1]))), 1.0])
        of_piece = np.repeat(np.arange(len(graph.tails)), np.diff(graph.first))
        flat = shapely.linestrings(graph.xy * scale, indices=of_piece)
        targets = shapely.points(points * scale)
        piece = pieces[shapely.STRtree(flat[pieces]).nearest(targets)]
        reached = shapely.line_locate_point(flat[piece], targets)
        for k in range(n):
            along_m[k], position[k] = _place(graph, piece[k], scale, float(reached[k]))
        gap_m = distances_m(points, position)
    return Snaps(piece=piece, along_m=along_m, position=position, gap_m=gap_m)


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
        met[line] = with_vertices(lines[line], np.concatenate(found))
    return met


def with_vertices(line: shapely.LineString, points: FloatArray) -> shapely.LineString:
    """Give a line a vertex at each of the positions that lie on it, exactly as they are given."""
    xy = shapely.get_coordinates(line)
    at_vertex = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    at_point = shapely.line_locate_point(line, shapely.points(points))
    order = np.argsort(np.concatenate([at_vertex, at_point]), kind="stable")
    return shapely.LineString(np.concatenate([xy, points])[order])


def _along(xy: FloatArray, first: IntArray) -> FloatArray:
    """Measure from the start of each piece to each of its positions, in metres."""
    step_m = np.zeros(len(xy))
    step_m[1:] = distances_m(xy[:-1], xy[1:])
    step_m[first[:-1]] = 0.0
    total = np.cumsum(step_m)
    return total - np.repeat(total[first[:-1]], np.diff(first))


def _place(graph: Graph, piece: int, scale: FloatArray, reached: float) -> tuple[float, FloatArray]:
    """Turn a length in scaled degrees along a piece into metres from its tail, and lon, lat."""
    shape, along_m = graph.shape(piece)
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
