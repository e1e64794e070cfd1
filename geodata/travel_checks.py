"""What looks wrong in a network, and in a travel table made from it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.findings import Finding
from geodata.graph import Graph, IntArray, distances_m

if TYPE_CHECKING:
    from geodata.matrix import Travel

LONG_DETOUR = 4.0  # times the straight line; roads of the pilots stay below 3
MIN_STRAIGHT_M = 2_000.0  # nearer places may well have a hill or a river between them
SHORT_DETOUR = 0.99  # a way cannot be shorter than the straight line but by rounding
SAME_PLACE_M = 1.0


def network_parts(graph: Graph) -> IntArray:
    """Tell which separate part of the network each piece belongs to, one way or not; 0, 1, ..."""
    n = len(graph.nodes)
    joins = coo_array((np.ones(len(graph.tails)), (graph.tails, graph.heads)), shape=(n, n))
    _, part = connected_components(joins, directed=False)
    return np.asarray(part[graph.tails], dtype=np.intp)


def check_network(graphs: Mapping[str, Graph]) -> list[Finding]:
    """List the networks that are in several parts."""
    findings = []
    for mode, graph in graphs.items():
        lengths = np.bincount(network_parts(graph), graph.lengths_m)
        if len(lengths) > 1:
            share = f"{100 * lengths.max() / lengths.sum():.1f}"
            params = {"mode": mode, "share": share}
            findings.append(
                Finding(
                    code="network-parts", severity="info", value=str(len(lengths)), params=params
                )
            )
    return findings


def check_travel(
    table: "Travel", points: Sequence[tuple[float, float]], names: Sequence[str], *, depot: int
) -> list[Finding]:
    """List what is wrong with the ways from a depot: none, no time, too long or too short.

    Ways by scheduled links are left out of the last two: their lines are straight, and the nearest
    landing may lie anywhere.
    """
    return [
        finding
        for point in range(len(points))
        if point != depot
        for finding in _checked(table, points, names, depot, point)
    ]


def _checked(
    table: "Travel",
    points: Sequence[tuple[float, float]],
    names: Sequence[str],
    depot: int,
    point: int,
) -> Iterator[Finding]:
    who = {"place": names[point], "depot": names[depot]}
    if not table.reachable[depot, point]:
        reason = table.unreachable.get(point, table.unreachable.get(depot, "not-connected"))
        yield _warning(f"point-{reason}", **who)
        return
    ends = np.array([points[depot], points[point]], dtype=np.float64)
    straight_m = float(distances_m(ends[:1], ends[1:])[0])
    if table.durations[depot, point] == 0:
        if straight_m > SAME_PLACE_M:
            yield _warning("time-zero", **who, metres=f"{straight_m:.0f}")
        return
    if point in table.gateways or straight_m < MIN_STRAIGHT_M:
        return
    way_m = float(table.distances[depot, point])
    km = {"km": f"{way_m / 1000:.1f}", "straight_km": f"{straight_m / 1000:.1f}"}
    if way_m > LONG_DETOUR * straight_m:
        yield _warning("detour-long", **who, **km, ratio=f"{way_m / straight_m:.1f}")
    elif way_m < SHORT_DETOUR * straight_m:
        yield _warning("detour-short", **who, **km)


def _warning(code: str, **params: object) -> Finding:
    return Finding(code=code, severity="warning", params=params)
