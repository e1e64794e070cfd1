"""The webs in which a team travels: with its vehicle, with a second one, and as passengers.

In the *own* web the vehicle moves on its network, and every point and boarding place hangs on it by
one walking leg: no path can walk across country and drive on without the vehicle. In the *second*
web the other vehicle of the team does the same, and is had at transfer places. In the *passenger*
web a boarding place is also a gateway, two more nodes: one that only links leave and one that only
links enter, so that a hired motorcycle is never had without a link before it.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.cuts import cut_nodes, parts_of
from geodata.graph import Graph, Snaps, distances_m, merge_positions, snap
from geodata.paths import Edges, FloatArray, IntArray, Network, Progress, Sums, Web
from geodata.road_server import RoadServer
from geodata.speeds import (
    FERRY,
    LINK_MODES,
    TravelParams,
    Vehicle,
    fixed_minutes,
    piece_kmh,
    server_factor,
)
from geodata.speeds import travel_mode as mode_of
from geodata.timetable import Timetable

BoolArray = npt.NDArray[np.bool_]
METRES, RUPIAH, LINK_MS = range(3)
Roads = Graph | RoadServer  # what a vehicle moves on: our graph, or what a server knows
TINY_MS = 1e-6  # an error of the last digits is not rounded up to a millisecond


class TravelMode(IntEnum):
    """How something moves, as the numbers in ``Travel.modes``."""

    ROAD = 0
    RIVER = 1
    SEA = 2
    AIR = 3
    WALK = 4


class Manner(NamedTuple):
    """How an edge is travelled, and what is said of it on a leg.

    ``vehicle`` is the one for which a road server knows the line; empty where it is ours to know.
    """

    mode: TravelMode
    note: str = ""
    scheduled: bool = False
    vehicle: str = ""


WALK = Manner(TravelMode.WALK)
STRAIGHT = Manner(TravelMode.WALK, "straight line")  # no way is known, and the office allows it
TRANSFER = Manner(TravelMode.WALK, "transfer")


class Ways(NamedTuple):
    """A web that has been searched: ``sums`` between its sources and first nodes.

    What ``sums`` adds is at ``METRES``, ``RUPIAH`` and, from ``LINK_MS`` on, milliseconds on links
    of each of ``LINK_MODES``.
    ``manners`` are what ``Edges.manner`` counts.
    """

    network: Network
    manners: tuple[Manner, ...]
    sums: Sums


class Stops(NamedTuple):
    """The links of one day: distinct boarding places, and the two that each link joins."""

    xy: FloatArray
    links: pd.DataFrame
    start: IntArray
    end: IntArray


class Search(NamedTuple):
    """How much a search may use, and whom it tells how far it is."""

    processes: int = 1
    on_progress: Progress | None = None


class _Mover(NamedTuple):
    """What moves over a graph: its speed on each piece both ways, its price, how it moves.

    On the roads of a server it has no speed of ours, only a factor on the server's times.
    """

    vehicle: Vehicle
    forward_kmh: FloatArray
    backward_kmh: FloatArray
    fixed_min: FloatArray
    rupiah_per_km: float
    manner: int
    factor: float

    @property
    def is_usable(self) -> BoolArray:
        """Whether it can pass a piece, one way at least."""
        return np.asarray((self.forward_kmh > 0) | (self.backward_kmh > 0))


def stops_of(links: pd.DataFrame) -> Stops:
    """Make the ends of links distinct places."""
    start = links[["from_lon", "from_lat"]].to_numpy(dtype=np.float64)
    end = links[["to_lon", "to_lat"]].to_numpy(dtype=np.float64)
    xy, label = merge_positions(np.concatenate([start, end]))
    return Stops(xy=xy, links=links, start=label[: len(links)], end=label[len(links) :])


def own_ways(
    graph: Roads,
    places: FloatArray,
    home: int,
    stops: Stops,
    piers: FloatArray,
    vehicle: Vehicle,
    params: TravelParams,
    search: Search,
    is_straight: BoolArray,
) -> tuple[Ways, BoolArray]:
    """Find the ways of a team's own vehicle, and which places are near its network.

    Sources and first nodes are: the places; the stops, reached by vehicle; the stops again, reached
    on foot from ``home``, for a base that is no nearer to the network than to a landing; the piers.
    Places where ``is_straight`` are joined to the network however far it is.
    """
    web = Web()
    n, k = len(places), len(stops.xy)
    nodes = web.new_nodes(np.concatenate([places, stops.xy, stops.xy, piers]))
    manners = (WALK, _moving(graph, vehicle), STRAIGHT)
    mover = _mover(graph, vehicle, params.km_rupiah[vehicle], 1, params)
    by_vehicle = np.concatenate([nodes[: n + k], nodes[n + 2 * k :]])
    ends = _walked(by_vehicle, np.concatenate([places, stops.xy, piers]), params)
    ends = _straightened(ends, np.flatnonzero(is_straight), manners.index(STRAIGHT), params)
    is_near = _lay_network(web, graph, mover, ends, search)
    _add_walks(web, nodes[home], places[home], nodes[n + k : n + 2 * k], stops.xy, params)
    return _search(web, manners, nodes, len(nodes), search), is_near[:n]


def second_ways(
    graph: Roads,
    places: FloatArray,
    transfers: FloatArray,
    vehicle: Vehicle,
    params: TravelParams,
    search: Search,
) -> tuple[Ways, BoolArray]:
    """Find the ways of a team's second vehicle, and which places are near its network.

    Sources and first nodes are: the places; the transfer places, where it is paid for and boarded.
    """
    web = Web()
    xy = np.concatenate([places, transfers])
    nodes = web.new_nodes(xy)
    is_transfer = np.arange(len(xy)) >= len(places)
    manners = (WALK, _moving(graph, vehicle), TRANSFER)
    mover = _mover(graph, vehicle, params.km_rupiah[vehicle], 1, params)
    ends = _walked(nodes, xy, params)._replace(
        limit_m=np.where(is_transfer, params.transfer_m, params.max_access_m),
        wait_ms=np.where(is_transfer, 60_000 * params.transfer_min, 0.0),
        rupiah=np.where(is_transfer, params.day_rupiah[vehicle], 0.0),
        manner=np.where(is_transfer, manners.index(TRANSFER), 0),
    )
    is_near = _lay_network(web, graph, mover, ends, search)
    return _search(web, manners, nodes, len(nodes), search), is_near[: len(places)]


def is_near(
    graph: Roads, xy: FloatArray, vehicle: Vehicle, limit_m: float, params: TravelParams
) -> BoolArray:
    """Tell which positions lie within a distance of where a vehicle can go."""
    return _snap(graph, _mover(graph, vehicle, 0, 0, params), xy).gap_m <= limit_m


def passenger_ways(
    roads: Roads,
    places: FloatArray,
    stops: Stops,
    people: int,
    params: TravelParams,
    search: Search,
) -> Ways:
    """Find the ways of people without a vehicle: links, hired motorcycles and walks.

    Nodes are: the places; the stops; the stops as gateways that links leave; the stops as gateways
    that links enter; the roads. Sources are the places, then the gateways that links leave; whether
    a path from such a gateway comes by its own stop is in ``Sums.passes``.
    """
    web = Web()
    n, k = len(places), len(stops.xy)
    ends = np.concatenate([places, stops.xy])
    nodes = web.new_nodes(ends)
    leave, enter = web.new_nodes(stops.xy), web.new_nodes(stops.xy)
    hired = _moving(roads, Vehicle.MOTORCYCLE, "hired motorcycle")
    manners, links = _link_edges(stops, people, params, first=2)
    mover = _mover(roads, Vehicle.MOTORCYCLE, params.hired_km_rupiah * people, 1, params)
    _lay_network(web, roads, mover, _walked(nodes, ends, params), search)
    for stop in range(k):
        earlier = slice(0, n + stop)  # each pair of stops once
        _add_walks(web, nodes[n + stop], stops.xy[stop], nodes[earlier], ends[earlier], params)
    stop_nodes = nodes[n:]
    for tails, heads in ((stop_nodes, stop_nodes), (leave, stop_nodes), (stop_nodes, enter)):
        web.add(links._replace(tails=tails[links.tails], heads=heads[links.heads]))
    sources = np.concatenate([nodes[:n], leave])
    through = np.concatenate([np.full(n, -1), stop_nodes])
    return _search(web, (WALK, hired, *manners), sources, n + 3 * k, search, through)


def _search(
    web: Web,
    manners: tuple[Manner, ...],
    sources: IntArray,
    n_targets: int,
    search: Search,
    through: IntArray | None = None,
) -> Ways:
    network = web.network()
    edges = network.edges
    scheduled_on = np.array([m.mode.name.lower() if m.scheduled else "" for m in manners])
    on = scheduled_on[edges.manner]
    times = [np.where(on == mode, edges.ms, 0.0) for mode in LINK_MODES]
    values = np.stack([edges.metres, edges.rupiah, *times])
    sums = network.search(sources, n_targets, values, through=through, **search._asdict())
    return Ways(network, manners, sums)


def _link_edges(
    stops: Stops, people: int, params: TravelParams, first: int
) -> tuple[list[Manner], Edges]:
    """Give each link there and back as edges between the numbers of stops.

    Returns how each is travelled as well; the first of them is manner number ``first``.
    """
    links = stops.links
    modes = [str(mode) for mode in links["travel_mode"]]
    fares = links["cost"].to_numpy(dtype=np.float64, na_value=np.nan)
    usual = np.array([params.fare_rupiah[mode] for mode in modes], dtype=np.float64)
    fares = np.where(np.isnan(fares), usual, fares) * people
    timetables = [Timetable.of(text) for text in links["timetable"]]
    waits = np.array([times.wait_min() for times in timetables], dtype=np.float64).reshape(-1, 2)
    minutes = links[["minutes", "minutes_back"]].to_numpy(dtype=np.float64)
    minutes = minutes + np.maximum(waits, params.boarding_min)
    there, back = [], []
    names = links[["from_name", "to_name", "mode"]].itertuples(index=False)
    for (start, end, kind), mode, times in zip(names, modes, timetables, strict=True):
        by = TravelMode[mode.upper()]
        leaves, leaves_back = (f", {text}" if text else "" for text in times.departures())
        there.append(Manner(by, f"{start} - {end}, {kind}{leaves}", scheduled=True))
        back.append(Manner(by, f"{end} - {start}, {kind}{leaves_back}", scheduled=True))
    tails, heads = (
        np.concatenate([stops.start, stops.end]),
        np.concatenate([stops.end, stops.start]),
    )
    return [*there, *back], _straight(
        tails,
        heads,
        distances_m(stops.xy[tails], stops.xy[heads]),
        ms=np.rint(minutes.T.reshape(-1) * 60_000),
        rupiah=np.tile(fares, 2),
        manner=first + np.arange(len(tails)),
    )


class _Ends(NamedTuple):
    """What hangs on a network: how far it may lie from it, and what getting on there takes.

    The way to the network is ``detour`` times the straight line, at ``kmh``. ``rupiah`` are paid on
    the way to the network only.
    """

    nodes: IntArray
    xy: FloatArray
    limit_m: FloatArray
    detour: FloatArray
    kmh: FloatArray
    wait_ms: FloatArray
    rupiah: FloatArray
    manner: IntArray


def _walked(nodes: IntArray, xy: FloatArray, params: TravelParams) -> _Ends:
    """Make ends that are walked to."""
    none = np.zeros(len(nodes))
    return _Ends(
        nodes=nodes,
        xy=xy,
        limit_m=none + params.max_access_m,
        detour=none + 1.0,
        kmh=none + params.walk_kmh,
        wait_ms=none,
        rupiah=none,
        manner=none.astype(np.intp),
    )


def _straightened(ends: _Ends, rows: IntArray, manner: int, params: TravelParams) -> _Ends:
    """Join some ends by a straight line to the network, wherever that is."""
    if not len(rows):
        return ends
    changed = {
        "limit_m": np.finfo(np.float64).max,
        "detour": params.straight_detour,
        "kmh": params.straight_kmh,
        "manner": manner,
    }
    columns = {name: getattr(ends, name).copy() for name in changed}
    for name, value in changed.items():
        columns[name][rows] = value
    return ends._replace(**columns)


def _lay_network(web: Web, graph: Roads, mover: _Mover, ends: _Ends, search: Search) -> BoolArray:
    """Add a network as something moves on it, and a walk to it from each end that is near."""
    snaps = _snap(graph, mover, ends.xy)
    is_near: BoolArray = snaps.gap_m <= ends.limit_m
    near = np.flatnonzero(is_near)
    if isinstance(graph, RoadServer):
        node_of = _add_served(web, graph, mover, snaps.position[near], search)
    else:
        node_of = _add_graph(web, graph, mover, snaps, near)
    metres = snaps.gap_m[near] * ends.detour[near]
    getting_on = _straight(
        ends.nodes[near],
        node_of,
        metres,
        ms=_ms(metres, ends.kmh[near], ends.wait_ms[near]),
        manner=ends.manner[near],
    )
    web.add(getting_on._replace(rupiah=ends.rupiah[near]))
    web.add(getting_on.reverse())
    return is_near


def _add_graph(web: Web, graph: Graph, mover: _Mover, snaps: Snaps, near: IntArray) -> IntArray:
    """Add a graph, cut where ends meet it; gives the node where each near end does."""
    nodes = web.new_nodes(graph.nodes)
    node_of, cuts = cut_nodes(web, graph, nodes, snaps, near)
    _add_parts(web, graph, mover, parts_of(graph, nodes, mover.is_usable, cuts))
    return node_of


def _add_served(
    web: Web, server: RoadServer, mover: _Mover, xy: FloatArray, search: Search
) -> IntArray:
    """Add the ways between positions as the server knows them; gives the node of each."""
    xy, label = merge_positions(xy)
    nodes = web.new_nodes(xy)
    if not len(xy):
        return label
    seconds, metres = server.table(xy, mover.vehicle, search.on_progress)
    tails, heads = np.nonzero(np.isfinite(seconds))
    ms = np.ceil(seconds[tails, heads] * mover.factor * 1000 - TINY_MS)
    metres = metres[tails, heads]
    manner = np.full(len(tails), mover.manner)
    rupiah = metres / 1000 * mover.rupiah_per_km
    web.add(_straight(nodes[tails], nodes[heads], metres, ms=ms, rupiah=rupiah, manner=manner))
    return nodes[label]


def _snap(graph: Roads, mover: _Mover, xy: FloatArray) -> Snaps:
    """Find where positions meet a network; nobody gets on a ferry in the middle of the water."""
    if isinstance(graph, RoadServer):
        return graph.snap(xy, mover.vehicle)
    return snap(graph, xy, mover.is_usable & (graph.highways != FERRY))


def _add_parts(
    web: Web,
    graph: Graph,
    mover: _Mover,
    parts: tuple[IntArray, FloatArray, FloatArray, IntArray, IntArray],
) -> None:
    piece, start, end, tails, heads = parts
    metres = end - start
    fixed_ms = mover.fixed_min[piece] * 60_000 * metres / graph.lengths_m[piece]
    edges = Edges(
        tails=tails,
        heads=heads,
        ms=metres,
        metres=metres,
        rupiah=metres / 1000 * mover.rupiah_per_km,
        manner=np.full(len(piece), mover.manner),
        piece=piece,
        from_m=start,
        to_m=end,
    )
    for kmh, is_open, way in (
        (mover.forward_kmh, graph.forward, edges),
        (mover.backward_kmh, graph.backward, edges.reverse()),
    ):
        goes = np.flatnonzero((is_open & (kmh > 0))[piece])
        ms = _ms(metres[goes], kmh[piece[goes]], fixed_ms[goes])
        web.add(way.select(goes)._replace(ms=ms))


def _moving(graph: Roads, vehicle: Vehicle, note: str = "") -> Manner:
    """Say how a vehicle moves on a network, and who knows its lines."""
    known_as = vehicle.value if isinstance(graph, RoadServer) else ""
    return Manner(TravelMode[mode_of(vehicle).upper()], note, vehicle=known_as)


def _mover(
    graph: Roads, vehicle: Vehicle, rupiah_per_km: float, manner: int, params: TravelParams
) -> _Mover:
    if isinstance(graph, RoadServer):
        factor, none = server_factor(vehicle, params), np.zeros(0)
        return _Mover(vehicle, none, none, none, rupiah_per_km, manner, factor)
    forward, backward = piece_kmh(graph, vehicle=vehicle, params=params)
    fixed = fixed_minutes(graph, params=params)
    return _Mover(vehicle, forward, backward, fixed, rupiah_per_km, manner, 1.0)


def _add_walks(
    web: Web,
    start: int,
    start_xy: FloatArray,
    ends: IntArray,
    end_xy: FloatArray,
    params: TravelParams,
) -> None:
    """Add a straight walk, both ways, between a start and every end that is near."""
    metres = distances_m(np.broadcast_to(start_xy, end_xy.shape), end_xy)
    near = np.flatnonzero(metres <= params.max_access_m)
    tails = np.full(len(near), start)
    ms = _ms(metres[near], params.walk_kmh)
    web.add_both_ways(_straight(tails, ends[near], metres[near], ms=ms))


def _straight(
    tails: IntArray,
    heads: IntArray,
    metres: FloatArray,
    *,
    ms: FloatArray,
    rupiah: FloatArray | None = None,
    manner: IntArray | None = None,
) -> Edges:
    """Make edges that follow no line; walks, if nothing else is said."""
    n = len(tails)
    return Edges(
        tails=tails,
        heads=heads,
        ms=ms,
        metres=metres,
        rupiah=np.zeros(n) if rupiah is None else rupiah,
        manner=np.zeros(n, dtype=np.intp) if manner is None else manner,
        piece=np.full(n, -1),
        from_m=np.zeros(n),
        to_m=np.zeros(n),
    )


def _ms(
    metres: FloatArray, kmh: FloatArray | float, fixed_ms: FloatArray | float = 0.0
) -> FloatArray:
    """Turn distances into whole milliseconds, rounded up."""
    return np.ceil(metres * 3600 / kmh + fixed_ms - TINY_MS)
