"""The land of the demo regency: a coast, one river, villages, their borders and the roads.

Everything is drawn on a plane in kilometres, x east and y north of the regency's middle, and turned
into degrees at the end. Nothing here is a real place.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree
from scipy.spatial import Delaunay, Voronoi
from shapely import LineString, MultiPolygon, Polygon

Points = NDArray[np.float64]

MIDDLE_LON, MIDDLE_LAT = 112.9, -2.0
# Kilometres in a degree near the middle; good to a thousandth, and made-up land needs no better.
KM_PER_DEGREE = np.array([111.25, 110.58])
SOURCE_Y, MOUTH_Y, CAPITAL_Y = 66.0, -74.0, -38.0
ESTUARY_KM = 14.0
N_TOWN, N_RIVER = 14, 46
N_OFF_ROAD = 16
PAVED, TERTIARY, GRAVEL, TRACK = range(4)
BEND = np.array(
    [0.08, 0.06, 0.04, 0.03, 0.03]
)  # of a border, by wave, in shares of the way to a village


@dataclass(frozen=True, slots=True, kw_only=True)
class Land:
    """Where everything lies, in kilometres; villages are rows, 0 is the capital."""

    outline: Polygon
    river: Points  # from the source to the mouth
    villages: Points
    cells: tuple[Polygon | MultiPolygon, ...]
    district: NDArray[np.intp]  # of each village, 0 to n_districts - 1
    seats: NDArray[np.intp]  # the village that is the seat of each district
    off_road: NDArray[np.bool_]  # reached by boat only
    roads: tuple[tuple[Points, int], ...]  # course and class: PAVED, TERTIARY, GRAVEL, TRACK
    streams: tuple[Points, ...]  # from each village without a road down to the river
    distance: NDArray[np.float64]  # from the capital, along roads or as the crow flies off them


def to_degrees(points: Points) -> Points:
    """Turn kilometres on the plane into lon, lat, rounded to about ten centimetres."""
    degrees: Points = np.round(points / KM_PER_DEGREE + (MIDDLE_LON, MIDDLE_LAT), 6)
    return degrees


def draw_land(rng: np.random.Generator, *, n_villages: int, n_districts: int) -> Land:
    """Draw a regency of about 120 by 150 km with a river from the hills to the sea."""
    river = _river(rng)
    outline = _outline(rng, river)
    homes, n_bank = _homes(rng, outline, river, n_villages)
    cells = _cells(rng, outline, homes)
    # Where borders are all that is known, a village is taken to lie here; the roads lead there.
    villages = shapely.get_coordinates(shapely.point_on_surface(cells))
    # The uppermost villages of the river have no road: a boat is the only way.
    bank = np.arange(N_TOWN, N_TOWN + n_bank)
    off_road = np.zeros(n_villages, dtype=bool)
    off_road[bank[np.argsort(-villages[bank, 1])[:N_OFF_ROAD]]] = True
    district = _districts(villages, n_districts)
    seats = _seats(villages, district, off_road)
    edges, classes, distance = _road_net(villages, seats, off_road, outline, river)
    roads = tuple(
        (_wiggle(rng, villages[a], villages[b]), int(kind))
        for (a, b), kind in zip(edges, classes, strict=True)
    )
    crow = np.hypot(*(villages - villages[0]).T)
    return Land(
        outline=outline,
        river=river,
        villages=villages,
        cells=tuple(cells),
        district=district,
        seats=seats,
        off_road=off_road,
        roads=roads,
        streams=tuple(_stream(rng, villages[at], river) for at in np.flatnonzero(off_road)),
        distance=np.where(np.isfinite(distance), distance, crow),
    )


def _river(rng: np.random.Generator) -> Points:
    """Draw a meandering course, a point about every 300 m, denser bends towards the sea."""
    y = np.linspace(SOURCE_Y, MOUTH_Y, 600)
    down = (SOURCE_Y - y) / (SOURCE_Y - MOUTH_Y)
    x = -22 + 34 * down
    for wavelength, amplitude in ((95, 11.0), (37, 4.5), (15, 2.2), (6.5, 0.9)):
        phase = rng.uniform(0, 2 * np.pi)
        bend = np.sin(2 * np.pi * y / wavelength + phase + 0.8 * np.sin(y / 17 + phase))
        x += amplitude * (0.55 + 0.45 * down) * bend
    return np.column_stack([x, y])


def _outline(rng: np.random.Generator, river: Points) -> Polygon:
    """Draw the border: smooth inland, a coast in the south, and a bay where the river ends."""
    angle = np.linspace(0, 2 * np.pi, 900, endpoint=False)
    radius = np.ones_like(angle)
    for wave in range(2, 40):
        phase = rng.uniform(0, 2 * np.pi)
        radius += 0.17 * wave**-1.15 * rng.uniform(0.4, 1) * np.sin(wave * angle + phase)
    # The exponent makes the ellipse squarish: regencies fill the land between their neighbours.
    squarish = (np.abs(np.cos(angle)) ** 2.6 + np.abs(np.sin(angle)) ** 2.6) ** (-1 / 2.6)
    ring = (radius * squarish)[:, None] * np.column_stack([56 * np.cos(angle), 70 * np.sin(angle)])
    ring[:, 0] *= 1 - 0.2 * ring[:, 1] / 70  # narrower towards the hills
    end = river[river[:, 1] < MOUTH_Y + ESTUARY_KM]
    widths = np.linspace(0.35, 4.2, len(end)) ** 1.15
    discs = shapely.buffer(shapely.points(end), widths)
    inland = shapely.buffer(LineString(river[river[:, 1] > MOUTH_Y + ESTUARY_KM / 2]), 3.0)
    land = Polygon(ring).union(inland).difference(shapely.union_all(discs))
    parts = shapely.get_parts(land.buffer(-0.4).buffer(0.4))
    return max(parts, key=lambda part: part.area)  # islets cut off by the bay are dropped


def _homes(rng: np.random.Generator, outline: Polygon, river: Points, n: int) -> tuple[Points, int]:
    """Place the capital, its town, the banks of the river, the rest; tell how many on the banks."""
    inner = outline.buffer(-0.5)
    shapely.prepare(inner)
    capital = river[np.argmin(np.abs(river[:, 1] - CAPITAL_Y))] + (0.4, 0)
    placed = [capital]
    town = capital + rng.normal(0, 3.2, (4000, 2))
    _fill(placed, town, np.full(len(town), 1.7), N_TOWN, inner)
    sides = np.where(np.arange(N_RIVER) % 2, 1.0, -1.0)
    heights = np.linspace(SOURCE_Y - 3, MOUTH_Y + 8, N_RIVER) + rng.uniform(-0.9, 0.9, N_RIVER)
    for height, side in zip(heights, sides, strict=True):
        offsets = side * (rng.uniform(0.25, 0.6) + 0.3 * np.arange(20))
        spots = river[np.argmin(np.abs(river[:, 1] - height))] + offsets[:, None] * (1, 0)
        on_land = spots[shapely.contains_xy(inner, spots)]
        if len(on_land) and np.hypot(*(np.array(placed) - on_land[0]).T).min() > 1.6:
            placed.append(on_land[0])
    n_bank = len(placed) - N_TOWN
    low, high = np.array(outline.bounds).reshape(2, 2)
    field = rng.uniform(low, high, (60_000, 2))
    spacing = 4.5 + 5.0 * np.clip(np.hypot(*(field - capital).T) / 80, 0, 1)
    _fill(placed, field, spacing, n, inner)
    return np.array(placed), n_bank


def _fill(
    placed: list[Points], spots: Points, spacing: NDArray[np.float64], n: int, land: Polygon
) -> None:
    """Add spots that keep their spacing, tighter in every round, until there are ``n`` places."""
    is_land = shapely.contains_xy(land, spots)
    spots, spacing = spots[is_land], spacing[is_land]
    gap = shapely.distance(shapely.points(spots), shapely.multipoints(np.array(placed)))
    for tightness in 0.93 ** np.arange(60):
        for at in range(len(spots)):
            if len(placed) == n:
                return
            if gap[at] > spacing[at] * tightness:
                placed.append(spots[at])
                gap = np.minimum(gap, np.hypot(*(spots - spots[at]).T))
    msg = f"only {len(placed)} of {n} places found room"
    raise ValueError(msg)


def _districts(villages: Points, n: int) -> NDArray[np.intp]:
    """Group the villages around ``n`` centres (Lloyd's k-means), the capital's group first."""
    # Pull the far ones in, so that the crowded town makes more districts than one.
    apart = np.hypot(*(villages - villages[0]).T)[:, None]
    villages = (villages - villages[0]) * np.maximum(apart, 1) ** -0.4
    chosen = [0]
    for _ in range(n - 1):  # far apart to begin with, so that no group ends up empty
        gaps = np.hypot(*(villages[:, None] - villages[chosen]).transpose(2, 0, 1)).min(axis=1)
        chosen.append(int(gaps.argmax()))
    centres = villages[chosen]
    for _ in range(60):
        group = _nearest(villages, centres)
        centres = np.array([villages[group == k].mean(axis=0) for k in range(n)])
    group = _nearest(villages, centres)
    order = np.argsort(np.hypot(*(centres - centres[group[0]]).T), kind="stable")
    rank = np.argsort(order, kind="stable")
    ranked: NDArray[np.intp] = rank[group]
    return ranked


def _nearest(points: Points, centres: Points) -> NDArray[np.intp]:
    nearest: NDArray[np.intp] = np.hypot(*(points[:, None] - centres).transpose(2, 0, 1)).argmin(
        axis=1
    )
    return nearest


def _seats(
    villages: Points, district: NDArray[np.intp], off_road: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Choose the most central village of each district, on a road where there is one."""
    seats = []
    for k in range(int(district.max()) + 1):
        members = np.flatnonzero(district == k)
        apart = np.hypot(*(villages[members] - villages[members].mean(axis=0)).T)
        seats.append(members[np.argmin(apart + 1000 * off_road[members])])
    seats[int(district[0])] = np.intp(0)
    return np.array(seats)


def _road_net(
    villages: Points,
    seats: NDArray[np.intp],
    off_road: NDArray[np.bool_],
    land: Polygon,
    river: Points,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Join the villages by a tree and some loops; return edges, classes and km from the capital."""
    on_road = np.flatnonzero(~off_road)
    edges = _neighbours(villages[on_road])
    edges = on_road[edges]
    lines = shapely.linestrings(villages[edges])
    length = shapely.length(lines)
    crosses = shapely.intersects(lines, LineString(river))
    n = len(villages)
    leaves = ~shapely.covered_by(lines, land.buffer(-0.05))
    # Bridges are dear and roads abroad dearer: the tree has them only where it must.
    cost = length * np.where(crosses, 4.0, 1.0) * np.where(leaves, 25.0, 1.0)
    tree = minimum_spanning_tree(coo_array((cost, edges.T), shape=(n, n)).tocsr()).tocoo()
    is_tree = np.isin(edges @ (n, 1), tree.row * n + tree.col)
    from_first = _distances(edges[is_tree], length[is_tree], n, edges[:, 0])
    round_about = from_first[np.arange(len(edges)), edges[:, 1]]
    is_loop = ~is_tree & ~leaves & (round_about > 4.5 * cost) & (length < 14)
    built = is_tree | is_loop
    edges, length = edges[built], length[built]
    return edges, *_classes(edges, length, n, seats, off_road)


def _neighbours(points: Points) -> NDArray[np.intp]:
    """List the pairs of the Delaunay triangulation, the lower row first."""
    corners = np.sort(Delaunay(points).simplices, axis=1)
    return np.unique(
        np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=0
    )


def _distances(
    edges: NDArray[np.intp], length: NDArray[np.float64], n: int, sources: NDArray[np.intp]
) -> NDArray[np.float64]:
    graph = coo_array((length, edges.T), shape=(n, n)).tocsr()
    distances: NDArray[np.float64] = dijkstra(graph, directed=False, indices=sources)
    return distances


def _classes(
    edges: NDArray[np.intp],
    length: NDArray[np.float64],
    n: int,
    seats: NDArray[np.intp],
    off_road: NDArray[np.bool_],
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Pave the ways from the capital to the seats; what lies farther gets worse."""
    graph = coo_array((length, edges.T), shape=(n, n)).tocsr()
    distance, before = dijkstra(
        graph, directed=False, indices=np.array([0]), return_predecessors=True
    )
    distance, before = distance[0], before[0]
    paved = set()
    for seat in seats[~off_road[seats]]:
        at = int(seat)
        while at:
            paved.add(frozenset((at, int(before[at]))))
            at = int(before[at])
    far = distance[edges].min(axis=1)
    degree = np.bincount(edges.ravel(), minlength=n)
    is_end = degree[edges].min(axis=1) == 1
    kind = np.where(far < 45, TERTIARY, GRAVEL)
    kind = np.where(is_end & (far > 60), TRACK, kind)
    on_trunk = np.array([frozenset((int(a), int(b))) in paved for a, b in edges])
    kind = np.where(on_trunk, np.where(far < 95, PAVED, GRAVEL), kind)
    return kind, distance


def _wiggle(rng: np.random.Generator, start: Points, end: Points) -> Points:
    """Draw a road that starts and ends exactly at its places and is not quite straight between."""
    along = np.linspace(0, 1, 9)[:, None]
    across = (end - start)[::-1] * (-1, 1)
    waves = np.sin(np.pi * along * np.arange(1, 4))
    bend = (waves @ rng.normal(0, [0.055, 0.025, 0.015]))[:, None]
    course: Points = start + along * (end - start) + bend * across
    course[0], course[-1] = start, end
    return course


def _stream(rng: np.random.Generator, village: Points, river: Points) -> Points:
    """Draw the way from a village to the nearest point of the river."""
    return _wiggle(rng, village, river[np.argmin(np.hypot(*(river - village).T))])


def _cells(
    rng: np.random.Generator, outline: Polygon, villages: Points
) -> list[Polygon | MultiPolygon]:
    """Give every place on land to its nearest village, along borders as crooked as real ones.

    Each border between two villages is bent inside the kite it spans with them; kites do not
    overlap, so borders never cross. All are cut together, so that neighbours share them exactly.
    """
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    far = 150 * np.column_stack([np.cos(turn), np.sin(turn)])  # so that every border ends somewhere
    diagram = Voronoi(np.vstack([villages, far]))
    n = len(villages)
    rings: list[list[LineString]] = [[] for _ in range(n)]
    borders = []
    for pair, ends in zip(diagram.ridge_points, diagram.ridge_vertices, strict=True):
        if pair.min() >= n:
            continue
        amount = BEND if pair.max() < n else 0 * BEND
        border = LineString(_bent(rng, diagram.vertices[ends], diagram.points[pair], amount))
        borders.append(border)
        for village in pair[pair < n]:
            rings[village].append(border)
    faces = shapely.get_parts(
        shapely.polygonize(
            shapely.get_parts(shapely.union_all([outline.boundary, *borders])).tolist()
        )
    )
    wholes = [shapely.get_parts(shapely.polygonize(ring))[0] for ring in rings]
    spots = shapely.point_on_surface(faces)
    shapely.prepare(outline)
    face, owner = shapely.STRtree(wholes).query(spots, predicate="within")
    is_land = shapely.contains(outline, spots)[face]
    face, owner = face[is_land], owner[is_land]
    return [shapely.union_all(faces[face[owner == k]]) for k in range(n)]


def _bent(
    rng: np.random.Generator, ends: Points, sites: Points, amount: NDArray[np.float64]
) -> Points:
    """Bend the line between ``ends`` now towards one, now towards the other of its two sites."""
    along = np.linspace(0, 1, 13)[:, None]
    waves = np.sin(np.pi * along * np.arange(1, len(amount) + 1))
    pull = np.clip(waves @ rng.normal(0, amount), -0.25, 0.25)[:, None]
    pull[1:][pull[1:] * pull[:-1] < 0] = (
        0  # changes sides on the line itself, never beyond its ends
    )
    line = ends[0] + along * (ends[1] - ends[0])
    bent: Points = line + np.where(pull > 0, pull * (sites[0] - line), -pull * (sites[1] - line))
    bent[0], bent[-1] = ends
    return bent
