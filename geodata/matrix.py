"""Travel between points: times, distances, costs, and the lines travelled, for one team.

A team keeps to its own vehicle as far as that reaches. What lies beyond is reached through a
*gateway*: the boarding place where it leaves the vehicle, takes scheduled links and goes on by
hired motorcycle and on foot; it comes back to the same gateway. Between places behind different
gateways the way goes through both, because the vehicle has to be fetched.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata.errors import BadValue
from geodata.graph import Graph, merge_positions
from geodata.links import links_on
from geodata.paths import Edge, FloatArray, IntArray, Trees
from geodata.speeds import LINK_MODES, TravelParams, Vehicle, travel_mode
from geodata.webs import BoolArray, Stops, TravelMode, own_trees, passenger_trees, stops_of

_Quantity = Callable[[Trees], FloatArray]

TINY_WALK_M = 1.0  # a shorter walk is no leg of its own: the point lies on the network


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A part of a way, travelled in one manner.

    Parameters
    ----------
    mode
        ``road``, ``river``, ``sea``, ``air`` or ``walk``.
    line
        lon, lat in the direction of travel. It follows the network, except for a walk and a
        scheduled link, whose ways are not known: those are straight.
    seconds, metres
        Boarding time belongs to the leg of the link.
    note
        The link's name, ``hired motorcycle``, or nothing for the team's own vehicle and for walks.
    scheduled
        Whether it is a scheduled link.
    """

    mode: str
    line: shapely.LineString
    seconds: float
    metres: float
    note: str
    scheduled: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Travel:
    """What moving costs one team between every ordered pair of points; row = from, column = to.

    Parameters
    ----------
    durations
        Seconds, rounded up.
    distances
        Metres, scheduled links included.
    costs
        Rupiah: kilometres of the own vehicle and, for all people, fares and hired motorcycles. What
        a vehicle costs by the day is not in here.
    reachable
        Whether the team can go from the one to the other and back; where it is False the other
        arrays hold 0. Points out of the depot's reach may be reachable from each other: while no
        link runs, everything but ``unreachable`` is the same for every depot of such a vehicle.
    modes
        ``TravelMode`` of each pair: of the scheduled links taken, the mode with the most time;
        without one, the vehicle's, or the road between two points behind one gateway.
    unreachable
        Points that the team cannot get to and back from. ``no-network-near``: the vehicle's network
        is further than the walking limit; ``not-connected``: it is near, but not joined to the
        depot's. The depot is among them when its vehicle cannot leave it.
    gateways
        lon, lat of the boarding place, for each point beyond the own vehicle's reach.
    """

    durations: npt.NDArray[np.int64]
    distances: npt.NDArray[np.int64]
    costs: npt.NDArray[np.int64]
    reachable: npt.NDArray[np.bool_]
    modes: npt.NDArray[np.int8]
    unreachable: Mapping[int, str]
    gateways: Mapping[int, tuple[float, float]]
    _ways: "_Ways" = field(repr=False)

    def path(self, i: int, j: int) -> list[Leg]:
        """List the legs from point ``i`` to point ``j``; none when they are one place.

        Raises
        ------
        BadValue
            When the pair is not reachable.
        """
        if not self.reachable[i, j]:
            raise BadValue(
                place="travel",
                value=f"{i} -> {j}",
                column="reachable",
                accepted="true",
            )
        return _legs(self._ways.edges(i, j))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ways:
    """Where the paths of each place lie in the two webs; places are points made distinct.

    ``place_of_point`` is the place of each point. For each place, ``base`` is the node (and row) of
    the own web from which its vehicle moves: the place itself, or its gateway. ``row`` is its row
    and node in the passenger web, -1 within the vehicle's reach; ``leave`` (a row) and ``enter`` (a
    node) are those of its gateway there.
    """

    place_of_point: IntArray
    own: Trees
    passenger: Trees | None
    base: IntArray
    row: IntArray
    leave: IntArray
    enter: IntArray

    def edges(self, i: int, j: int) -> list[Edge]:
        """List the edges from point to point."""
        u, v = int(self.place_of_point[i]), int(self.place_of_point[j])
        if u == v:
            return []
        own = self.own.path(int(self.base[u]), int(self.base[v]))
        if self.passenger is None:
            return own
        if self.row[u] >= 0 and self.row[v] >= 0 and self.base[u] == self.base[v]:
            return self.passenger.path(int(self.row[u]), int(self.row[v]))
        back = self.passenger.path(int(self.row[u]), int(self.enter[u])) if self.row[u] >= 0 else []
        out = self.passenger.path(int(self.leave[v]), int(self.row[v])) if self.row[v] >= 0 else []
        return back + own + out

    def add_up(self, quantity: _Quantity) -> FloatArray:
        """Sum a quantity, given per row and node of a web, between every two places."""
        own = quantity(self.own)
        total = own[np.ix_(self.base, self.base)]
        if self.passenger is None:
            return total
        values = quantity(self.passenger)
        beyond = np.flatnonzero(self.row >= 0)
        row = self.row[beyond]
        back, out = np.zeros(len(self.row)), np.zeros(len(self.row))
        back[beyond] = values[row, self.enter[beyond]]
        out[beyond] = values[self.leave[beyond], row]
        total = back[:, None] + total + out[None, :]
        base = self.base[beyond]
        total[np.ix_(beyond, beyond)] = np.where(
            base[:, None] == base[None, :],
            values[np.ix_(row, row)],
            total[np.ix_(beyond, beyond)],
        )
        return total


class _Gateways(NamedTuple):
    """For each stop, the node of the own web from which it is boarded, and the time to it.

    ``ms`` is from the depot, infinite where it cannot be reached and come back from.
    """

    base: IntArray
    ms: FloatArray


def travel(
    graphs: Mapping[str, Graph],
    links: pd.DataFrame,
    points: Sequence[tuple[float, float]],
    *,
    vehicle: Vehicle,
    depot: int,
    weekday: int,
    people: int,
    params: TravelParams | None = None,
) -> Travel:
    """Compute how a team gets from every point to every other on one weekday.

    Parameters
    ----------
    graphs
        Of ``build_graphs``.
    links
        The frame of ``read_links``; those of other weekdays are left out here.
    points
        lon, lat; their order becomes the order of rows and columns. Points within
        ``graph.MERGE_DEGREES`` of each other are one place.
    depot
        Which of the points the team's vehicle starts from.
    weekday
        1 is Monday, 7 is Sunday.
    people
        How many travel: fares and hired motorcycles are paid for each.

    Raises
    ------
    BadValue
        When a point has no finite position; when ``depot``, ``weekday`` or ``people`` is out of
        range.
    """
    params = params or TravelParams()
    xy = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    _check(xy, depot, weekday, people)
    places, place_of_point = merge_positions(xy)
    home = int(place_of_point[depot])
    stops = stops_of(links_on(links, weekday))
    graph = graphs[travel_mode(vehicle)]
    own, is_near = own_trees(graph, places, home, stops, vehicle, params)
    n = len(places)
    in_reach = np.isfinite(own.ms[home, :n]) & np.isfinite(own.ms[:n, home])
    ways = _Ways(
        place_of_point=place_of_point,
        own=own,
        passenger=None,
        base=np.arange(n),
        row=np.full(n, -1),
        leave=np.full(n, -1),
        enter=np.full(n, -1),
    )
    gateways = _gateways(own, home, n, len(stops.xy))
    if np.isfinite(gateways.ms).any() and not in_reach.all():
        beyond = np.flatnonzero(~in_reach)
        passenger = passenger_trees(graphs["road"], places[beyond], stops, people, params)
        ways = _through_gateways(ways, passenger, gateways, beyond)
    return _collect(ways, in_reach, is_near, home, TravelMode[travel_mode(vehicle).upper()], stops)


def _check(xy: FloatArray, depot: int, weekday: int, people: int) -> None:
    for number, position in enumerate(xy):
        if not np.isfinite(position).all():
            raise _bad(f"point {number}", tuple(position.tolist()), "-180 180, -90 90")
    if not 0 <= depot < len(xy):
        raise _bad("depot", depot, f"0-{len(xy) - 1}")
    if not 1 <= weekday <= 7:
        raise _bad("weekday", weekday, "1-7")
    if people < 1:
        raise _bad("people", people, ">= 1")


def _bad(name: str, value: object, accepted: str) -> BadValue:
    return BadValue(place="travel", value=value, column=name, accepted=accepted)


def _gateways(own: Trees, home: int, n: int, k: int) -> _Gateways:
    """Choose for each stop the faster of its two nodes in the own web."""
    nodes = n + np.arange(2 * k).reshape(2, k)  # by vehicle, on foot from the depot
    ms = np.where(np.isfinite(own.ms[nodes, home]), own.ms[home, nodes], np.inf)
    faster = np.argmin(ms, axis=0)
    stop = np.arange(k)
    return _Gateways(base=nodes[faster, stop], ms=ms[faster, stop])


def _through_gateways(
    ways: _Ways, passenger: Trees, gateways: _Gateways, beyond: IntArray
) -> _Ways:
    """Give each place beyond the vehicle's reach the gateway by which it is soonest reached.

    Nodes and rows are numbered as ``passenger_trees`` says.
    """
    n, k = len(beyond), len(gateways.ms)
    leave, enter = n + np.arange(k), n + 2 * k + np.arange(k)
    back = passenger.ms[:n, enter].T
    there = gateways.ms[:, None] + passenger.ms[leave, :n]
    there = np.where(np.isfinite(back), there, np.inf)
    for stop in np.flatnonzero(np.isfinite(gateways.ms)):
        # A link that only brings people back to where they got on does not help them further.
        there[stop, passenger.passes(leave[stop], n + int(stop))[:n]] = np.inf
    best = np.argmin(there, axis=0)
    row = np.flatnonzero(np.isfinite(there[best, np.arange(n)]))
    place, best = beyond[row], best[row]
    new = {name: getattr(ways, name).copy() for name in ("base", "row", "leave", "enter")}
    new["base"][place], new["row"][place] = gateways.base[best], row
    new["leave"][place], new["enter"][place] = leave[best], enter[best]
    return replace(ways, passenger=passenger, **new)


def _collect(
    ways: _Ways, in_reach: BoolArray, is_near: BoolArray, home: int, mode: TravelMode, stops: Stops
) -> Travel:
    """Add up the paths and spread them from places to points."""
    is_reached = in_reach | (ways.row >= 0)
    at = ways.place_of_point
    n = len(is_reached)
    one_way = np.isfinite(ways.own.ms[:n, :n])
    elsewhere = ~is_reached[:, None] & ~is_reached[None, :] & one_way & one_way.T
    reachable = (is_reached[:, None] & is_reached[None, :]) | elsewhere

    def spread(values: FloatArray) -> npt.NDArray[np.int64]:
        whole = np.where(reachable, values, 0).astype(np.int64)
        np.fill_diagonal(whole, 0)
        return whole[np.ix_(at, at)]

    stuck = ~is_reached
    stuck[home] = not is_near[home] and is_reached.sum() == 1
    reasons = np.where(is_near, "not-connected", "no-network-near")
    gateways = {}
    for point, place in enumerate(at):
        if ways.row[place] >= 0:
            lon, lat = stops.xy[(ways.base[place] - n) % len(stops.xy)]
            gateways[point] = (float(lon), float(lat))
    return Travel(
        durations=spread(np.ceil(ways.add_up(_ms) / 1000)),
        distances=spread(np.rint(ways.add_up(_summed("metres")))),
        costs=spread(np.rint(ways.add_up(_summed("rupiah")))),
        reachable=reachable[np.ix_(at, at)],
        modes=_modes(ways, mode)[np.ix_(at, at)],
        unreachable={int(p): str(reasons[u]) for p, u in enumerate(at) if stuck[u]},
        gateways=gateways,
        _ways=ways,
    )


def _ms(trees: Trees) -> FloatArray:
    return trees.ms


def _summed(name: str) -> _Quantity:
    """Sum one field of the edges along each path."""
    return lambda trees: trees.sums(np.array([getattr(edge, name) for edge in trees.edges]))


def _link_ms(mode: TravelMode) -> _Quantity:
    """Sum the time on scheduled links of one mode."""
    return lambda trees: trees.sums(
        np.array([edge.ms if edge.scheduled and edge.mode == mode else 0.0 for edge in trees.edges])
    )


def _modes(ways: _Ways, own_mode: TravelMode) -> npt.NDArray[np.int8]:
    """Name the mode of each pair of places: of its links, else of what moves there."""
    n = len(ways.base)
    modes = np.full((n, n), own_mode, dtype=np.int8)
    if ways.passenger is None:
        return modes
    is_beyond = ways.row >= 0
    modes[np.ix_(is_beyond, is_beyond)] = TravelMode.ROAD  # no link between: same gateway
    by_mode = [TravelMode[name.upper()] for name in LINK_MODES]
    times = np.stack([ways.add_up(_link_ms(mode)) for mode in by_mode])
    longest = np.array(by_mode, dtype=np.int8)[np.argmax(times, axis=0)]
    return np.where(times.max(axis=0) > 0, longest, modes)


def _legs(edges: list[Edge]) -> list[Leg]:
    """Join edges travelled in one manner; a walk of almost nothing goes with its neighbour."""
    manners = [(e.mode, e.note, e.scheduled) for e in edges]
    is_tiny = [e.mode == TravelMode.WALK and e.metres < TINY_WALK_M for e in edges]
    if not all(is_tiny):
        for order in (range(1, len(edges)), range(len(edges) - 2, -1, -1)):
            step = order.step
            for k in order:
                if is_tiny[k] and not is_tiny[k - step]:
                    manners[k], is_tiny[k] = manners[k - step], False
    pairs = zip(manners, edges, strict=True)
    return [_leg(list(group)) for _, group in groupby(pairs, key=lambda pair: pair[0])]


def _leg(pairs: list[tuple[tuple[int, str, bool], Edge]]) -> Leg:
    (mode, note, scheduled), _ = pairs[0]
    edges = [edge for _, edge in pairs]
    line = np.concatenate([edge.shape for edge in edges])
    moves = np.concatenate([[True], (np.diff(line, axis=0) != 0).any(axis=1)])
    return Leg(
        mode=TravelMode(mode).name.lower(),
        line=shapely.LineString(line[moves]),
        seconds=sum(edge.ms for edge in edges) / 1000,
        metres=sum(edge.metres for edge in edges),
        note=note,
        scheduled=scheduled,
    )
