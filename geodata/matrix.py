"""Travel between points: times, distances, costs, and the lines travelled, for one team.

A team keeps to its own vehicle as far as that reaches. What lies beyond is reached through a
*gateway*: the boarding place where it leaves the vehicle, takes scheduled links and goes on by
hired motorcycle and on foot; it comes back to the same gateway. Between places behind different
gateways the way goes through both, because the vehicle has to be fetched.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, NotRequired, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.errors import BadValue
from geodata.graph import Graph, merge_positions
from geodata.legs import Course, Leg, Lines
from geodata.links import links_on
from geodata.paths import FloatArray, IntArray, Progress, Sums
from geodata.speeds import LINK_MODES, TravelParams, Vehicle, travel_mode
from geodata.webs import (
    LINK_MS,
    METRES,
    RUPIAH,
    BoolArray,
    Search,
    Stops,
    TravelMode,
    Ways,
    own_ways,
    passenger_ways,
    stops_of,
)

_Quantity = Callable[[Sums], FloatArray]


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
    lines: Lines = field(repr=False)

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


class _Totals(NamedTuple):
    """What adds up along the paths of ``lines``, in the two webs."""

    lines: Lines
    own: Sums
    passenger: Sums | None

    def add_up(self, quantity: _Quantity) -> FloatArray:
        """Sum a quantity, given per row and node of a web, between every two places."""
        lines = self.lines
        own = quantity(self.own)
        total = own[np.ix_(lines.base, lines.base)]
        if self.passenger is None:
            return total
        values = quantity(self.passenger)
        beyond = np.flatnonzero(lines.row >= 0)
        row = lines.row[beyond]
        back, out = np.zeros(len(lines.row)), np.zeros(len(lines.row))
        back[beyond] = values[row, lines.enter[beyond]]
        out[beyond] = values[lines.leave[beyond], row]
        total = back[:, None] + total + out[None, :]
        base = lines.base[beyond]
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


class Trip(TypedDict):
    """What ``travel`` is asked beside networks, links and points."""

    vehicle: Vehicle
    depot: int
    weekday: int
    people: int
    params: NotRequired[TravelParams]
    processes: NotRequired[int]
    on_progress: NotRequired[Progress]


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
    processes: int = 1,
    on_progress: Progress | None = None,
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
    processes
        How many may search at once; a small table is always searched here.
    on_progress
        Called with the share that is done, up to 1; from 0 again for the ways beyond the gateways.

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
    search = Search(processes, on_progress)
    own, is_near = own_ways(graph, places, home, stops, vehicle, params, search)
    n = len(places)
    in_reach = np.isfinite(own.sums.ms[home, :n]) & np.isfinite(own.sums.ms[:n, home])
    nowhere = np.full(n, -1)
    lines = Lines(
        place_of_point=place_of_point,
        own=Course(graph, own.network, own.manners),
        passenger=None,
        base=np.arange(n),
        row=nowhere,
        leave=nowhere,
        leave_node=nowhere,
        enter=nowhere,
    )
    totals = _Totals(lines, own.sums, None)
    gateways = _gateways(own.sums, home, n, len(stops.xy))
    if np.isfinite(gateways.ms).any() and not in_reach.all():
        beyond = np.flatnonzero(~in_reach)
        roads = graphs["road"]
        passenger = passenger_ways(roads, places[beyond], stops, people, params, search)
        lines = _through_gateways(lines, roads, passenger, gateways, beyond)
        totals = _Totals(lines, own.sums, passenger.sums)
    mode = TravelMode[travel_mode(vehicle).upper()]
    return _collect(totals, in_reach, is_near, home, mode, stops)


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


def _gateways(own: Sums, home: int, n: int, k: int) -> _Gateways:
    """Choose for each stop the faster of its two nodes in the own web."""
    nodes = n + np.arange(2 * k).reshape(2, k)  # by vehicle, on foot from the depot
    ms = np.where(np.isfinite(own.ms[nodes, home]), own.ms[home, nodes], np.inf)
    faster = np.argmin(ms, axis=0)
    stop = np.arange(k)
    return _Gateways(base=nodes[faster, stop], ms=ms[faster, stop])


def _through_gateways(
    lines: Lines, roads: Graph, passenger: Ways, gateways: _Gateways, beyond: IntArray
) -> Lines:
    """Give each place beyond the vehicle's reach the gateway by which it is soonest reached.

    Nodes and rows are numbered as ``passenger_ways`` says.
    """
    n, k = len(beyond), len(gateways.ms)
    ms, passes = passenger.sums.ms, passenger.sums.passes
    leave, leave_node, enter = (n + np.arange(k) + more for more in (0, k, 2 * k))
    there = gateways.ms[:, None] + ms[leave, :n]
    # A link that only brings people back to where they got on does not help them further.
    there = np.where(np.isfinite(ms[:n, enter].T) & ~passes[leave, :n], there, np.inf)
    best = np.argmin(there, axis=0)
    row = np.flatnonzero(np.isfinite(there[best, np.arange(n)]))
    place, best = beyond[row], best[row]
    chosen = {
        "base": gateways.base[best],
        "row": row,
        "leave": leave[best],
        "leave_node": leave_node[best],
        "enter": enter[best],
    }
    new = {name: getattr(lines, name).copy() for name in chosen}
    for name, values in chosen.items():
        new[name][place] = values
    course = Course(roads, passenger.network, passenger.manners)
    return replace(lines, passenger=course, **new)


def _collect(
    totals: _Totals,
    in_reach: BoolArray,
    is_near: BoolArray,
    home: int,
    mode: TravelMode,
    stops: Stops,
) -> Travel:
    """Add up the paths and spread them from places to points."""
    lines = totals.lines
    is_reached = in_reach | (lines.row >= 0)
    at = lines.place_of_point
    n = len(is_reached)
    one_way = np.isfinite(totals.own.ms[:n, :n])
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
        if lines.row[place] >= 0:
            lon, lat = stops.xy[(lines.base[place] - n) % len(stops.xy)]
            gateways[point] = (float(lon), float(lat))
    return Travel(
        durations=spread(np.ceil(totals.add_up(lambda sums: sums.ms) / 1000)),
        distances=spread(np.rint(totals.add_up(_added(METRES)))),
        costs=spread(np.rint(totals.add_up(_added(RUPIAH)))),
        reachable=reachable[np.ix_(at, at)],
        modes=_modes(totals, mode)[np.ix_(at, at)],
        unreachable={int(p): str(reasons[u]) for p, u in enumerate(at) if stuck[u]},
        gateways=gateways,
        lines=lines,
    )


def _modes(totals: _Totals, own_mode: TravelMode) -> npt.NDArray[np.int8]:
    """Name the mode of each pair of places: of its links, else of what moves there."""
    lines = totals.lines
    n = len(lines.base)
    modes = np.full((n, n), own_mode, dtype=np.int8)
    if totals.passenger is None:
        return modes
    is_beyond = lines.row >= 0
    modes[np.ix_(is_beyond, is_beyond)] = TravelMode.ROAD  # no link between: same gateway
    by_mode = np.array([TravelMode[name.upper()] for name in LINK_MODES], dtype=np.int8)
    times = np.stack([totals.add_up(_added(LINK_MS + k)) for k in range(len(LINK_MODES))])
    return np.where(times.max(axis=0) > 0, by_mode[np.argmax(times, axis=0)], modes)


def _added(value: int) -> _Quantity:
    return lambda sums: sums.added[value]
