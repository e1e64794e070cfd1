"""The lines that a team travels between points, leg by leg, found when they are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
import shapely

from geodata.graph import Graph
from geodata.paths import FloatArray, IntArray, Network
from geodata.speeds import RAPIDS
from geodata.webs import Manner, TravelMode

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


class Course(NamedTuple):
    """A web to find lines in: the graph under it, its edges, and what ``Edges.manner`` counts."""

    graph: Graph
    network: Network
    manners: tuple[Manner, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """Where the paths of each place lie in the two webs; places are points made distinct.

    ``place_of_point`` is the place of each point. For each place, ``base`` is the node (and row) of
    the own web from which its vehicle moves: the place itself, or its gateway. ``row`` is its row
    and node in the passenger web, -1 within the vehicle's reach; ``leave`` (a row of its sums),
    ``leave_node`` and ``enter`` (nodes) are those of its gateway there.
    """

    place_of_point: IntArray
    own: Course
    passenger: Course | None
    base: IntArray
    row: IntArray
    leave: IntArray
    leave_node: IntArray
    enter: IntArray

    def legs(self, i: int, j: int) -> list[Leg]:
        """List the legs from point to point."""
        steps = [step for part in self._parts(i, j) for step in _steps(*part)]
        return _joined(steps)

    def _parts(self, i: int, j: int) -> Iterator[tuple[Course, int, int]]:
        """List the webs that the way leads through, with the nodes it enters and leaves them by."""
        u, v = int(self.place_of_point[i]), int(self.place_of_point[j])
        if u == v:
            return
        behind = [place for place in (u, v) if self.row[place] >= 0]
        if self.passenger and len(behind) == 2 and self.base[u] == self.base[v]:
            yield self.passenger, int(self.row[u]), int(self.row[v])
            return
        if self.passenger and self.row[u] >= 0:
            yield self.passenger, int(self.row[u]), int(self.enter[u])
        yield self.own, int(self.base[u]), int(self.base[v])
        if self.passenger and self.row[v] >= 0:
            yield self.passenger, int(self.leave_node[v]), int(self.row[v])


class _Step(NamedTuple):
    """An edge on a way."""

    manner: Manner
    ms: float
    metres: float
    shape: FloatArray
    is_rapids: bool


def _steps(course: Course, source: int, node: int) -> Iterator[_Step]:
    graph, network, manners = course
    edges = network.edges
    for edge in network.path(source, node):
        piece = int(edges.piece[edge])
        ends = network.xy[[edges.tails[edge], edges.heads[edge]]]
        between = np.zeros((0, 2))
        if piece >= 0:
            shape, along_m = graph.shape(piece)
            a, b = float(edges.from_m[edge]), float(edges.to_m[edge])
            between = shape[(along_m > min(a, b)) & (along_m < max(a, b))]
            between = between if a < b else between[::-1]
        yield _Step(
            manners[edges.manner[edge]],
            float(edges.ms[edge]),
            float(edges.metres[edge]),
            np.vstack([ends[:1], between, ends[1:]]),
            piece >= 0 and graph.structures[piece] == RAPIDS,
        )


def _joined(steps: list[_Step]) -> list[Leg]:
    """Join steps travelled in one manner; a walk of almost nothing goes with its neighbour."""
    manners = [step.manner for step in steps]
    is_tiny = [s.manner.mode == TravelMode.WALK and s.metres < TINY_WALK_M for s in steps]
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
    return Leg(
        mode=manner.mode.name.lower(),
        line=shapely.LineString(line[moves]),
        seconds=sum(step.ms for step in steps) / 1000,
        metres=sum(step.metres for step in steps),
        note=manner.note,
        scheduled=manner.scheduled,
        n_rapids=sum(passed for passed, _ in groupby(step.is_rapids for step in steps)),
    )
