"""Travel between points: times, distances, costs, and the lines travelled, for one team.

A team keeps to its vehicle as far as that reaches. What lies beyond is reached through a *gateway*:
a transfer place, where it changes to its second vehicle if it has one; or a boarding place, where
it takes scheduled links and goes on by hired motorcycle and on foot. It comes back to the same
gateway; ``stages`` says what follows from that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, NotRequired, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.errors import BadValue
from geodata.graph import merge_positions
from geodata.legs import Course, Leg, Lines
from geodata.links import links_on
from geodata.paths import FloatArray, IntArray, Progress, Sums
from geodata.speeds import LINK_MODES, TravelParams, Vehicle, travel_mode
from geodata.stages import Quantity, Totals, passenger_stage, second_stage
from geodata.webs import (
    LINK_MS,
    METRES,
    RUPIAH,
    BoolArray,
    Roads,
    Search,
    Stops,
    TravelMode,
    is_near,
    own_ways,
    passenger_ways,
    second_ways,
    stops_of,
)


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
        Rupiah: kilometres of the own vehicles and, for all people, fares and hired motorcycles. A
        second vehicle costs its day each time it is taken; what the first costs by the day is not
        in here.
    reachable
        Whether the team can go from the one to the other and back; where it is False the other
        arrays hold 0. Points out of the depot's reach may be reachable from each other: while no
        link runs, everything but ``unreachable`` is the same for every depot of such a vehicle.
    modes
        ``TravelMode`` of each pair: of the scheduled links taken, the mode with the most time;
        without one, that of the vehicle with the most time, or the road between two points behind
        one boarding place.
    unreachable
        Points that the team cannot get to and back from. ``no-network-near``: the vehicle's network
        is further than the walking limit; ``not-connected``: it is near, but not joined to the
        depot's. The depot is among them when its vehicle cannot leave it.
    gateways
        lon, lat of the place where the last vehicle is left, for each point beyond the first
        vehicle's reach.
    straight
        Points that are reached in a straight line only (``TravelParams.allow_straight_line``).
    lines
        Where ``path`` looks for lines.
    """

    durations: npt.NDArray[np.int64]
    distances: npt.NDArray[np.int64]
    costs: npt.NDArray[np.int64]
    reachable: npt.NDArray[np.bool_]
    modes: npt.NDArray[np.int8]
    unreachable: Mapping[int, str]
    gateways: Mapping[int, tuple[float, float]]
    straight: frozenset[int]
    lines: Lines = field(repr=False)

    @property
    def first_mode(self) -> str:
        """The network of the vehicle that leaves the depot: ``road`` or ``river``."""
        return self.lines.own.graph.mode

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
        return self.lines.legs(i, j)


class Trip(TypedDict):
    """What ``travel`` is asked beside networks, links and points."""

    vehicles: Sequence[Vehicle]
    depot: int
    weekday: int
    people: int
    piers: NotRequired[Sequence[tuple[float, float]]]
    params: NotRequired[TravelParams]
    processes: NotRequired[int]
    on_progress: NotRequired[Progress]


def travel(
    graphs: Mapping[str, Roads],
    links: pd.DataFrame,
    points: Sequence[tuple[float, float]],
    *,
    vehicles: Sequence[Vehicle],
    depot: int,
    weekday: int,
    people: int,
    piers: Sequence[tuple[float, float]] = (),
    params: TravelParams | None = None,
    processes: int = 1,
    on_progress: Progress | None = None,
) -> Travel:
    """Compute how a team gets from every point to every other on one weekday.

    Parameters
    ----------
    graphs
        Of ``build_graphs``; a road server may stand for the roads.
    links
        The frame of ``read_links``; those of other weekdays are left out here.
    points
        lon, lat; their order becomes the order of rows and columns. Points within
        ``graph.MERGE_DEGREES`` of each other are one place.
    vehicles
        One, or one for the road and a boat: the first is the one that can leave the depot, the one
        of the road where both can; the other is had at transfer places.
    depot
        Which of the points the team's vehicle starts from.
    weekday
        1 is Monday, 7 is Sunday.
    people
        How many travel: fares and hired motorcycles are paid for each.
    piers
        lon, lat of places where vehicles are changed, beside the points and the ends of links.
    processes
        How many may search at once; a small table is always searched here.
    on_progress
        Called with the share that is done, up to 1; from 0 again for the ways beyond the gateways,
        and for what a road server answers before.

    Raises
    ------
    BadValue
        When a point has no finite position; when two vehicles move on one network; when
        ``depot``, ``weekday`` or ``people`` is out of range.
    """
    params = params or TravelParams()
    xy = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    _check(xy, depot, weekday, people)
    places, place_of_point = merge_positions(xy)
    home = int(place_of_point[depot])
    movers = _in_order(vehicles, graphs, places[home], params)
    near_both = _positions(piers)
    near_both = near_both[_is_transfer(near_both, graphs, movers, params)]
    ends = _Ends(places, home, stops_of(links_on(links, weekday)), near_both)
    asked = _Asked(graphs, ends, place_of_point, movers, people, params)
    search = Search(processes, on_progress)
    is_straight = np.zeros(len(places), dtype=np.bool_)
    totals, near = _ways(asked, is_straight, search)
    if params.allow_straight_line:
        is_straight = ~near & ~totals.is_reached(home)[: len(places)]
        if is_straight.any():
            totals, near = _ways(asked, is_straight, search)
    modes = [TravelMode[travel_mode(vehicle).upper()] for vehicle in movers]
    return _collect(totals, near, is_straight, home, modes)


class _Asked(NamedTuple):
    """What ways are looked for."""

    graphs: Mapping[str, Roads]
    ends: "_Ends"
    place_of_point: IntArray
    vehicles: Sequence[Vehicle]
    people: int
    params: TravelParams


def _ways(asked: _Asked, is_straight: BoolArray, search: Search) -> tuple[Totals, BoolArray]:
    """Find all ways, by vehicle and beyond, and which places are near the network of a vehicle."""
    graphs, ends, place_of_point, (first, *others), people, params = asked
    graph = graphs[travel_mode(first)]
    own, near = own_ways(graph, *ends, first, params, search, is_straight)
    lines = Lines(place_of_point=place_of_point, own=Course(graph, own.network, own.manners))
    totals = Totals(lines, (own.sums,))
    for second in others:
        totals, also = _by_second(totals, ends, graphs, (first, second), params, search)
        near |= also
    n, k = len(ends.places), len(ends.stops.xy)
    is_reached = totals.is_reached(ends.home)
    stops = n + np.arange(2 * k).reshape(2, k)  # by vehicle, on foot from the depot
    if is_reached[stops].any() and not is_reached[:n].all():
        beyond, roads = np.flatnonzero(~is_reached[:n]), graphs["road"]
        passenger = passenger_ways(roads, ends.places[beyond], ends.stops, people, params, search)
        totals = passenger_stage(totals, ends.home, beyond, stops, roads, passenger)
    return totals, near


class _Ends(NamedTuple):
    """What ways begin and end at: places, one of them home; boarding places; piers."""

    places: FloatArray
    home: int
    stops: Stops
    piers: FloatArray

    @property
    def xy(self) -> FloatArray:
        """Positions of the first nodes of the web of the first vehicle."""
        return np.concatenate([self.places, self.stops.xy, self.stops.xy, self.piers])


def _positions(points: Sequence[tuple[float, float]]) -> FloatArray:
    return np.asarray(points, dtype=np.float64).reshape(-1, 2)


def _in_order(
    vehicles: Sequence[Vehicle], graphs: Mapping[str, Roads], home: FloatArray, params: TravelParams
) -> list[Vehicle]:
    """Put the vehicle first that can leave the depot; on the road, where both can."""
    order = sorted(vehicles, key=travel_mode, reverse=True)
    if not order or len({travel_mode(vehicle) for vehicle in order}) < len(order):
        raise _bad("vehicles", ", ".join(vehicles), "one, or one for the road and a boat")
    leaves = [
        is_near(graphs[travel_mode(v)], home[None, :], v, params.max_access_m, params)[0]
        for v in order
    ]
    return order[::-1] if leaves == [False, True] else order


def _is_transfer(
    xy: FloatArray,
    graphs: Mapping[str, Roads],
    vehicles: Sequence[Vehicle],
    params: TravelParams,
) -> BoolArray:
    """Tell where a team changes vehicles: nowhere, when it has one."""
    near = [is_near(graphs[travel_mode(v)], xy, v, params.transfer_m, params) for v in vehicles]
    is_both: BoolArray = np.all(near, axis=0)
    return is_both & (len(vehicles) > 1)


def _by_second(
    totals: Totals,
    ends: _Ends,
    graphs: Mapping[str, Roads],
    vehicles: tuple[Vehicle, Vehicle],
    params: TravelParams,
    search: Search,
) -> tuple[Totals, BoolArray]:
    """Go on by the second vehicle; tells which places are near its network as well.

    The vehicles are changed at piers, boarding places, villages and bases near both networks.
    """
    n, k = len(ends.places), len(ends.stops.xy)
    on_foot = np.arange(n + k, n + 2 * k)
    nodes, xy = np.arange(len(ends.xy)), ends.xy
    is_transfer = _is_transfer(xy, graphs, vehicles, params)
    is_transfer[on_foot] = False
    transfers, items = nodes[is_transfer], nodes[: n + k]
    graph = graphs[travel_mode(vehicles[1])]
    second, near = second_ways(graph, xy[items], xy[transfers], vehicles[1], params, search)
    if len(transfers):
        totals = second_stage(
            totals, ends.home, items, transfers, graph, second, params.second_share
        )
    return totals, near[:n]


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


def _collect(
    totals: Totals,
    is_near: BoolArray,
    is_straight: BoolArray,
    home: int,
    vehicle_modes: Sequence[TravelMode],
) -> Travel:
    """Add up the paths and spread them from places to points."""
    lines, n = totals.lines, len(is_near)
    at = lines.place_of_point
    ms = totals.ms()[:n, :n]
    is_reached = np.isfinite(ms[home]) & np.isfinite(ms[:, home])
    both_ways = np.isfinite(ms) & np.isfinite(ms.T)
    elsewhere = ~is_reached[:, None] & ~is_reached[None, :] & both_ways
    reachable = (is_reached[:, None] & is_reached[None, :]) | elsewhere

    def spread(values: FloatArray) -> npt.NDArray[np.int64]:
        whole = np.where(reachable, values[:n, :n], 0).astype(np.int64)
        np.fill_diagonal(whole, 0)
        return whole[np.ix_(at, at)]

    stuck = ~is_reached
    stuck[home] = not is_near[home] and is_reached.sum() == 1
    reasons = np.where(is_near, "not-connected", "no-network-near")
    return Travel(
        durations=spread(np.ceil(totals.ms() / 1000)),
        distances=spread(np.rint(totals.add_up(_added(METRES)))),
        costs=spread(np.rint(totals.add_up(_added(RUPIAH)))),
        reachable=reachable[np.ix_(at, at)],
        modes=_modes(totals, vehicle_modes)[np.ix_(at, at)],
        unreachable={int(p): str(reasons[u]) for p, u in enumerate(at) if stuck[u]},
        gateways=_gateways(lines),
        straight=frozenset(np.flatnonzero((is_straight & is_reached)[at]).tolist()),
        lines=lines,
    )


def _gateways(lines: Lines) -> dict[int, tuple[float, float]]:
    """Find where the last vehicle is left, for each point beyond the first one's reach."""
    found = {}
    for stage in lines.stages:
        for point, place in enumerate(lines.place_of_point):
            if stage.row[place] >= 0:
                lon, lat = lines.own.network.xy[stage.base[place]]
                found[point] = (float(lon), float(lat))
    return found


def _modes(totals: Totals, vehicles: Sequence[TravelMode]) -> npt.NDArray[np.int8]:
    """Name the mode of each pair: of its links, else of what takes the most time."""
    links = [totals.add_up(_added(LINK_MS + k)) for k in range(len(LINK_MODES))]
    by_vehicle = [totals.add_up(_finite_ms, only=web) for web in range(len(vehicles))]
    # Without a link or a vehicle two points are behind one gateway, and motorcycles are hired.
    modes = np.full(links[0].shape, TravelMode.ROAD, dtype=np.int8)
    for times, names in (
        (by_vehicle, vehicles),
        (links, [TravelMode[m.upper()] for m in LINK_MODES]),
    ):
        most = np.array(names, dtype=np.int8)[np.argmax(times, axis=0)]
        modes = np.where(np.max(times, axis=0) > 0, most, modes)
    np.fill_diagonal(modes, vehicles[0])
    return modes


def _finite_ms(sums: Sums) -> FloatArray:
    return np.where(np.isfinite(sums.ms), sums.ms, 0.0)


def _added(value: int) -> Quantity:
    return lambda sums: sums.added[value]
