"""The two webs in which a team travels: with its own vehicle, and as passengers beyond it.

In the *own* web the vehicle moves on its network, and every point and boarding place hangs on it by
one walking leg: no path can walk across country and drive on without the vehicle. In the
*passenger* web a boarding place is also a gateway, two more nodes: one that only links leave and
one that only links enter, so that a hired motorcycle is never had without a link before it.
"""

import math
from enum import IntEnum
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.graph import Graph, cut_piece, distances_m, merge_positions, snap
from geodata.paths import Edge, FloatArray, IntArray, Trees, Web
from geodata.speeds import TravelParams, Vehicle, line_kmh
from geodata.speeds import travel_mode as mode_of

BoolArray = npt.NDArray[np.bool_]


class TravelMode(IntEnum):
    """How something moves, as the numbers in ``Travel.modes``."""

    ROAD = 0
    RIVER = 1
    SEA = 2
    AIR = 3
    WALK = 4


class Stops(NamedTuple):
    """The links of one day: distinct boarding places, and the two that each link joins."""

    xy: FloatArray
    links: pd.DataFrame
    start: IntArray
    end: IntArray


class _Mover(NamedTuple):
    """What moves over a graph: its speed on each piece, its price and its name on a leg."""

    kmh: FloatArray
    mode: TravelMode
    rupiah_per_km: float
    note: str


def stops_of(links: pd.DataFrame) -> Stops:
    """Make the ends of links distinct places."""
    start = links[["from_lon", "from_lat"]].to_numpy(dtype=np.float64)
    end = links[["to_lon", "to_lat"]].to_numpy(dtype=np.float64)
    xy, label = merge_positions(np.concatenate([start, end]))
    return Stops(xy=xy, links=links, start=label[: len(links)], end=label[len(links) :])


def own_trees(
    graph: Graph,
    places: FloatArray,
    home: int,
    stops: Stops,
    vehicle: Vehicle,
    params: TravelParams,
) -> tuple[Trees, BoolArray]:
    """Find the ways of a team's own vehicle, and which places are near its network.

    Rows and first nodes are: the places; the stops, reached by vehicle; the stops again, reached on
    foot from ``home``, for a base that is no nearer to the network than to a landing.
    """
    web = Web()
    n, k = len(places), len(stops.xy)
    nodes = web.new_nodes(n + 2 * k)
    kmh = _kmh(graph, vehicle, params)
    mode = TravelMode[mode_of(vehicle).upper()]
    mover = _Mover(kmh, mode, params.km_rupiah[vehicle], "")
    ends = np.concatenate([places, stops.xy])
    is_near = _lay_network(web, graph, mover, nodes[: n + k], ends, params)
    _add_walks(web, nodes[[home]], places[[home]], nodes[n + k :], stops.xy, params)
    return web.shortest(nodes), is_near[:n]


def passenger_trees(
    roads: Graph, places: FloatArray, stops: Stops, people: int, params: TravelParams
) -> Trees:
    """Find the ways of people without a vehicle: links, hired motorcycles and walks.

    Nodes are: the places; the stops; the stops as gateways that links leave; the stops as gateways
    that links enter; the roads. Rows are the places, then the gateways that links leave.
    """
    web = Web()
    n, k = len(places), len(stops.xy)
    nodes, leave, enter = web.new_nodes(n + k), web.new_nodes(k), web.new_nodes(k)
    kmh = _kmh(roads, Vehicle.MOTORCYCLE, params)
    price = params.hired_km_rupiah * people
    mover = _Mover(kmh, TravelMode.ROAD, price, "hired motorcycle")
    ends = np.concatenate([places, stops.xy])
    _lay_network(web, roads, mover, nodes, ends, params)
    for stop in range(k):
        earlier = slice(0, n + stop)  # each pair of stops once
        _add_walks(web, nodes[[n + stop]], stops.xy[[stop]], nodes[earlier], ends[earlier], params)
    for way in _link_edges(stops, people, params):
        web.add(way._replace(tail=int(nodes[n + way.tail]), head=int(nodes[n + way.head])))
        web.add(way._replace(tail=int(leave[way.tail]), head=int(nodes[n + way.head])))
        web.add(way._replace(tail=int(nodes[n + way.tail]), head=int(enter[way.head])))
    return web.shortest(np.concatenate([nodes[:n], leave]))


def _link_edges(stops: Stops, people: int, params: TravelParams) -> list[Edge]:
    """Give each link there and back as edges between the numbers of stops."""
    found = []
    rows = stops.links.to_dict("records")
    for link, start, end in zip(rows, stops.start, stops.end, strict=True):
        names = (str(link["from_name"]), str(link["to_name"]))
        travel_mode = str(link["travel_mode"])
        fare = params.fare_rupiah[travel_mode] if pd.isna(link["cost"]) else float(link["cost"])
        for tail, head, minutes, (name, other) in (
            (start, end, link["minutes"], names),
            (end, start, link["minutes_back"], names[::-1]),
        ):
            shape = stops.xy[[tail, head]]
            found.append(
                Edge(
                    tail=int(tail),
                    head=int(head),
                    ms=round((minutes + params.boarding_min) * 60_000),
                    metres=float(distances_m(shape[:1], shape[1:])[0]),
                    rupiah=fare * people,
                    mode=TravelMode[travel_mode.upper()],
                    note=f"{name} - {other}, {link['mode']}",
                    scheduled=True,
                    shape=shape,
                )
            )
    return found


def _lay_network(
    web: Web, graph: Graph, mover: _Mover, ends: IntArray, xy: FloatArray, params: TravelParams
) -> BoolArray:
    """Add a graph as something moves on it, and a walk to it from each end that is near."""
    nodes = web.new_nodes(len(graph.nodes))
    snaps = snap(graph, xy, mover.kmh > 0)
    is_near = snaps.gap_m <= params.max_access_m
    cuts: dict[int, dict[float, tuple[int, FloatArray]]] = {}
    for k in np.flatnonzero(is_near):
        piece, along_m, position = int(snaps.piece[k]), float(snaps.along_m[k]), snaps.position[k]
        if along_m == 0:
            node = int(nodes[graph.tails[piece]])
        elif along_m == graph.along_m[piece][-1]:
            node = int(nodes[graph.heads[piece]])
        else:
            on_piece = cuts.setdefault(piece, {})
            if along_m not in on_piece:
                on_piece[along_m] = (int(web.new_nodes(1)[0]), position)
            node = on_piece[along_m][0]
        shape = np.vstack([xy[k], position])
        _add_walk(web, int(ends[k]), node, float(snaps.gap_m[k]), shape, params)
    for piece in map(int, np.flatnonzero(mover.kmh > 0)):
        cuts_here = sorted(cuts.get(piece, {}).items(), key=lambda cut: cut[0])
        parts = cut_piece(graph, piece, [(at, where) for at, (_, where) in cuts_here])
        inner = [node for _, (node, _) in cuts_here]
        chain = [int(nodes[graph.tails[piece]]), *inner, int(nodes[graph.heads[piece]])]
        for (tail, head), part in zip(pairwise(chain), parts, strict=True):
            _add_part(web, graph, piece, mover, tail, head, part)
    return is_near


def _kmh(graph: Graph, vehicle: Vehicle, params: TravelParams) -> FloatArray:
    classes = (graph.highways, graph.surfaces, graph.waterways)
    return line_kmh(graph.mode, *classes, vehicle=vehicle, params=params)


def _add_part(
    web: Web,
    graph: Graph,
    piece: int,
    mover: _Mover,
    tail: int,
    head: int,
    part: tuple[FloatArray, float],
) -> None:
    shape, metres = part
    edge = Edge(
        tail=tail,
        head=head,
        ms=_ms(metres, float(mover.kmh[piece])),
        metres=metres,
        rupiah=metres / 1000 * mover.rupiah_per_km,
        mode=mover.mode,
        note=mover.note,
        scheduled=False,
        shape=shape,
    )
    if graph.forward[piece]:
        web.add(edge)
    if graph.backward[piece]:
        web.add(edge.reverse())


def _add_walks(
    web: Web,
    starts: IntArray,
    start_xy: FloatArray,
    ends: IntArray,
    end_xy: FloatArray,
    params: TravelParams,
) -> None:
    """Add a straight walk, both ways, between every start and end that are near."""
    for start, a in zip(starts, start_xy, strict=True):
        metres = distances_m(np.broadcast_to(a, end_xy.shape), end_xy)
        for k in np.flatnonzero(metres <= params.max_access_m):
            shape = np.vstack([a, end_xy[k]])
            _add_walk(web, int(start), int(ends[k]), float(metres[k]), shape, params)


def _add_walk(
    web: Web, tail: int, head: int, metres: float, shape: FloatArray, params: TravelParams
) -> None:
    walk = Edge(
        tail=tail,
        head=head,
        ms=_ms(metres, params.walk_kmh),
        metres=metres,
        rupiah=0.0,
        mode=TravelMode.WALK,
        note="",
        scheduled=False,
        shape=shape,
    )
    web.add(walk)
    web.add(walk.reverse())


def _ms(metres: float, kmh: float) -> int:
    """Turn a distance into milliseconds, rounded up (but not for an error of the last digits)."""
    return math.ceil(metres * 3600 / kmh - 1e-6)
