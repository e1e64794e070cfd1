"""The lines that a team travels between points, leg by leg, found when they are asked for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

import numpy as np
import shapely

from geodata.graph import Graph
from geodata.paths import FloatArray, IntArray, Network
from geodata.road_server import RoadServer
from geodata.speeds import RAPIDS, Vehicle
from geodata.webs import STRAIGHT, WALK, Manner, Roads, TravelMode

TINY_WALK_M = 1.0  # a shorter walk is no leg of its own: the point lies on the network


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A part of a way, travelled in one manner.

    Parameters
    ----------
    mode
        ``road``, ``river``, ``sea``, ``air`` or ``walk``.
    line
        lon, lat in the direction of travel. Where the way is not known it is straight: on foot to
        the network, on a scheduled link.
    seconds, metres
        Boarding time belongs to the leg of the link.
    note
        The link's name, ``hired motorcycle``, ``transfer`` (from one vehicle of the team to the
        other, on foot), or nothing for the team's own vehicles and for walks.
    scheduled
        Whether it is a scheduled link.
    n_rapids
        How many rapids are passed: people walk around, boats are hauled.
    """

    mode: str
    line: shapely.LineString
    seconds: float
    metres: float
    note: str
    scheduled: bool
    n_rapids: int = 0

    @property
    def is_straight_line(self) -> bool:
        """Whether no way is known here at all, and the office allows a straight line."""
        return self.note == STRAIGHT.note

    @property
    def follows_network(self) -> bool:
        """Whether the line is that of roads or rivers; else it is straight."""
        return not self.scheduled and self.mode != TravelMode.WALK.name.lower()


def off_network_m(legs: Iterable[Leg]) -> float:
    """Sum the metres that follow no road, river or link: on foot, straight."""
    return sum(leg.metres for leg in legs if not leg.follows_network and not leg.scheduled)


class Course(NamedTuple):
    """A web to find lines in: the graph under it, its edges, and what ``Edges.manner`` counts."""

    graph: Roads
    network: Network
    manners: tuple[Manner, ...]


class Stage(NamedTuple):
    """A web beyond the first vehicle, and how places are reached through it.

    All but ``course`` have one value for each node of ``Lines.own`` that ways begin or end at.
    ``base`` is the one from which a node is reached: its gateway, or itself where this stage is not
    needed. ``row`` is its row and node in this web, -1 where not needed; ``leave`` (a row of the
    sums), ``leave_node`` and ``enter`` (nodes) are those of its gateway there.
    """

    course: Course
    base: IntArray
    row: IntArray
    leave: IntArray
    leave_node: IntArray
    enter: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """Where the paths between places lie: the web of the first vehicle, then those beyond it.

    ``place_of_point`` is the place of each point, ``own`` the first vehicle's web, whose first
    nodes are the places. Each stage begins at nodes reached by those before it.
    """

    place_of_point: IntArray
    own: Course
    stages: tuple[Stage, ...] = ()
    # Most ways share most of their edges: each is drawn once.
    _drawn: "dict[tuple[int, int], _Step]" = field(default_factory=dict, init=False, repr=False)

    def legs(self, i: int, j: int) -> list[Leg]:
        """List the legs from point to point."""
        u, v = int(self.place_of_point[i]), int(self.place_of_point[j])
        parts = self._parts(u, v, len(self.stages))
        return _joined([step for part in parts for step in _steps(*part, self._drawn)])

    def _parts(self, u: int, v: int, n_stages: int) -> Iterator[tuple[Course, int, int]]:
        """List the webs that the way leads through, with the nodes it enters and leaves them by."""
        if u == v:
            return
        if n_stages == 0:
            yield self.own, u, v
            return
        stage = self.stages[n_stages - 1]
        rows, base = stage.row[[u, v]], stage.base[[u, v]]
        if (rows >= 0).all() and base[0] == base[1]:
            yield stage.course, int(rows[0]), int(rows[1])
            return
        if rows[0] >= 0:
            yield stage.course, int(rows[0]), int(stage.enter[u])
        yield from self._parts(int(base[0]), int(base[1]), n_stages - 1)
        if rows[1] >= 0:
            yield stage.course, int(stage.leave_node[v]), int(rows[1])


class _Step(NamedTuple):
    """An edge on a way."""

    manner: Manner
    ms: float
    metres: float
    shape: FloatArray
    is_rapids: bool


def _steps(
    course: Course, source: int, node: int, drawn: dict[tuple[int, int], _Step]
) -> Iterator[_Step]:
    for edge in course.network.path(source, node):
        key = (id(course.network), int(edge))
        if key not in drawn:
            drawn[key] = _step(course, int(edge))
        yield drawn[key]


def _step(course: Course, edge: int) -> _Step:
    graph, network, manners = course
    edges = network.edges
    manner, piece = manners[edges.manner[edge]], int(edges.piece[edge])
    ends = network.xy[[edges.tails[edge], edges.heads[edge]]]
    between, is_rapids = np.zeros((0, 2)), False
    if isinstance(graph, RoadServer):
        if manner.vehicle:
            between = graph.route(ends[0], ends[1], Vehicle(manner.vehicle))
    elif piece >= 0:
        between = _between(graph, piece, float(edges.from_m[edge]), float(edges.to_m[edge]))
        is_rapids = graph.structures[piece] == RAPIDS
    shape = np.vstack([ends[:1], between, ends[1:]])
    return _Step(manner, float(edges.ms[edge]), float(edges.metres[edge]), shape, is_rapids)


def _between(graph: Graph, piece: int, start_m: float, end_m: float) -> FloatArray:
    """Give the positions of a piece between two places on it, in the direction of travel."""
    shape, along_m = graph.shape(piece)
    between = shape[(along_m > min(start_m, end_m)) & (along_m < max(start_m, end_m))]
    return between if start_m < end_m else between[::-1]


def _joined(steps: list[_Step]) -> list[Leg]:
    """Join steps travelled in one manner; a walk of almost nothing goes with its neighbour."""
    manners = [step.manner for step in steps]
    is_tiny = [s.manner == WALK and s.metres < TINY_WALK_M for s in steps]
    if not all(is_tiny):
        for order in (range(1, len(steps)), range(len(steps) - 2, -1, -1)):
            before = order.step
            for k in order:
                if is_tiny[k] and not is_tiny[k - before]:
                    manners[k], is_tiny[k] = manners[k - before], False
    pairs = zip(manners, steps, strict=True)
    groups = groupby(pairs, key=lambda pair: pair[0])
    return [_leg(manner, [step for _, step in group]) for manner, group in groups]


def _leg(manner: Manner, steps: list[_Step]) -> Leg:
    line = np.concatenate([step.shape for step in steps])
    moves = np.concatenate([[True], (np.diff(line, axis=0) != 0).any(axis=1)])
    line = line[moves] if moves.sum() > 1 else line[:2]  # a transfer may be on the spot
    return Leg(
        mode=manner.mode.name.lower(),
        line=shapely.LineString(line),
        seconds=sum(step.ms for step in steps) / 1000,
        metres=sum(step.metres for step in steps),
        note=manner.note,
        scheduled=manner.scheduled,
        n_rapids=sum(passed for passed, _ in groupby(step.is_rapids for step in steps)),
    )
