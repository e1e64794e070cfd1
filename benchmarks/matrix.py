"""Time the travel table of 300 points on a network of 300,304 junctions, beside plain scipy.

``python -m benchmarks.matrix [--points 300] [--side 548] [--processes 2] [--runs 3]``. The network
is drawn here: a square grid of roads of three surfaces of which a quarter is missing, as many roads
to a junction as in rural OpenStreetMap. The peer, in the same run and on the same arrays, is
``scipy.sparse.csgraph.dijkstra`` from every point, once with the tree that lines need and once with
times only; ours also snaps the points, adds up metres and rupiah, and remembers how to find lines.
networkit and pandana are timed when they are installed; they are no dependencies. Prints a Markdown
table of medians. Ours is judged by processor seconds, which say less of who else uses the machine.
"""

import argparse
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import version
from itertools import chain
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.graph import Graph, build_graph
from geodata.links import DTYPES
from geodata.matrix import Travel, travel
from geodata.speeds import Vehicle

LIMIT = 1.2
STEP_DEG = 0.005  # about 550 m from junction to junction
KEPT = 0.75
SEED = 20261122


def draw_roads(side: int) -> gpd.GeoDataFrame:
    """Draw a grid of roads with gaps, as ``read_network`` would read it."""
    random = np.random.default_rng(SEED)
    number = np.arange(side * side).reshape(side, side)
    tails = np.concatenate([number[:, :-1].ravel(), number[:-1, :].ravel()])
    heads = np.concatenate([number[:, 1:].ravel(), number[1:, :].ravel()])
    kept = random.random(len(tails)) < KEPT
    row, column = np.divmod(np.arange(side * side), side)
    jitter = random.uniform(-0.3, 0.3, (side * side, 2))
    xy = np.round(np.array([113.0, -2.5]) + STEP_DEG * (np.c_[column, row] + jitter), 6)
    ends = np.stack([xy[tails[kept]], xy[heads[kept]]], axis=1)
    words = {"mode": "road", "highway": "unclassified", "oneway": "no", "waterway": None}
    frame = gpd.GeoDataFrame(words, index=range(len(ends)), geometry=shapely.linestrings(ends))
    frame["surface"] = random.choice(["asphalt", "gravel", "ground"], len(ends))
    return frame.set_crs("EPSG:4326")


def ours(graph: Graph, points: list[tuple[float, float]], processes: int) -> Travel:
    """Compute the whole table as a plan does."""
    links = pd.DataFrame(columns=list(DTYPES)).astype(DTYPES)
    return travel(
        {"road": graph},
        links,
        points,
        vehicles=[Vehicle.CAR],
        depot=0,
        weekday=1,
        people=5,
        processes=processes,
    )


def scipy_tables(matrix: csr_array, n: int, *, trees: bool) -> npt.NDArray[np.float64]:
    """Search plainly: one call, all sources; times in milliseconds between them."""
    found = dijkstra(matrix, indices=np.arange(n), return_predecessors=trees)
    times = found[0] if trees else found
    return times[:, :n].copy()


def networkit_table(matrix: csr_array, n: int) -> npt.NDArray[np.float64]:
    """Search with networkit from each source, one thread."""
    networkit = import_module("networkit")
    networkit.setNumberOfThreads(1)
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)).astype(np.uint64)
    arrays = (matrix.data, (rows, matrix.indices.astype(np.uint64)))
    graph = networkit.GraphFromCoo(arrays, n=matrix.shape[0], weighted=True, directed=True)
    search = networkit.distance.SPSP(graph, list(range(n)), list(range(n)))
    search.run()
    return np.asarray(search.getDistances(asarray=True), dtype=np.float64)


def pandana_table(
    network: Any,  # noqa: ANN401 - of an optional package
    n: int,
) -> npt.NDArray[np.float64]:
    """Ask pandana for every pair; its contraction is timed apart."""
    a, b = np.divmod(np.arange(n * n), n)
    return np.asarray(network.shortest_path_lengths(a, b)).reshape(n, n)


class Times(NamedTuple):
    """Seconds of each run, by the clock and of the processor, processes started here included."""

    wall: list[float]
    cpu: list[float]


def timed(run: Callable[[], Any], runs: int) -> tuple[Any, Times]:
    """Run a few times; give the last result and all times."""
    result, times = None, Times([], [])
    for _ in range(runs):
        result = None  # two results at once would not fit a small machine
        wall, cpu = time.perf_counter(), _processor_s()
        result = run()
        times.wall.append(time.perf_counter() - wall)
        times.cpu.append(_processor_s() - cpu)
    return result, times


def _processor_s() -> float:
    return sum(os.times()[:4])  # of this process and of ended children, user and system


def peers(matrix: csr_array, xy: npt.NDArray[np.float64], n: int) -> Iterator[tuple[str, Times]]:
    """Time what else is installed, one after another."""
    if _is_there("networkit"):
        _, times = timed(lambda: networkit_table(matrix, n), 1)
        yield f"networkit {version('networkit')}, one thread, times only", times
    if _is_there("pandana"):
        pandana = import_module("pandana")
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        weights = pd.DataFrame({"ms": matrix.data})
        ends = (pd.Series(xy[:, 0]), pd.Series(xy[:, 1]), pd.Series(rows))
        network, build = timed(
            lambda: pandana.Network(*ends, pd.Series(matrix.indices), weights, twoway=False), 1
        )
        yield f"pandana {version('pandana')}, contraction", build
        _, times = timed(lambda: pandana_table(network, n), 1)
        yield f"pandana {version('pandana')}, query, times only", times


def _is_there(package: str) -> bool:
    try:
        import_module(package)
    except ImportError as error:
        print(f"{package} is left out: {error}")
        return False
    return True


def main() -> None:
    """Draw, search and print; fail when ours is slower than the limit or differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, usual in (("points", 300), ("side", 548), ("processes", 2), ("runs", 3)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    options = parser.parse_args()
    roads = draw_roads(options.side)
    graph, building = timed(lambda: build_graph(roads, "road"), 1)
    random = np.random.default_rng(SEED)
    chosen = random.choice(len(graph.nodes), options.points, replace=False)
    points = [(float(lon), float(lat)) for lon, lat in graph.nodes[chosen]]
    ours(graph, points[:2], 1)  # compiles

    table, one = timed(lambda: ours(graph, points, 1), options.runs)
    matrix, xy = table.lines.own.network.matrix, table.lines.own.network.xy
    n = options.points
    plain, trees = timed(lambda: scipy_tables(matrix, n, trees=True), options.runs)
    _, distances = timed(lambda: scipy_tables(matrix, n, trees=False), options.runs)
    _, several = timed(lambda: ours(graph, points, options.processes), options.runs)
    _, paths = timed(lambda: [table.path(0, j) for j in range(n) if table.reachable[0, j]], 1)
    at = table.lines.place_of_point  # nodes are in the order of places
    expected = np.where(table.reachable, np.ceil(plain[np.ix_(at, at)] / 1000), 0)
    differs = int((expected != table.durations).sum())

    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python "
          f"{platform.python_version()}, scipy {version('scipy')}")  # fmt: skip
    print(f"{matrix.shape[0]:,} nodes, {matrix.nnz:,} edges, {n} x {n} points, {options.runs} runs")
    measured = [
        ("scipy, times and trees", trees),
        ("scipy, times only", distances),
        ("ours, one process", one),
        (f"ours, {options.processes} processes", several),
        ("lines from one point to all", paths),
        ("building the graph", building),
    ]
    base = statistics.median(trees.cpu)
    print("\n| what | seconds | processor seconds | to scipy |\n|---|---|---|---|")
    for label, times in chain(measured, peers(matrix, xy, n)):
        cells = ["-", "-"]
        if times.cpu:
            cpu = statistics.median(times.cpu)
            cells = [f"{cpu:.2f}", f"{cpu / base:.2f}"]
        print(
            f"| {label} | {statistics.median(times.wall):.2f} | {' | '.join(cells)} |", flush=True
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{differs} of {int(table.reachable.sum())} pairs differ; peak {peak:.1f} GiB")
    ratio = statistics.median(one.cpu) / base
    if differs or ratio > LIMIT:
        raise SystemExit(f"ours is {ratio:.2f} of plain scipy (limit {LIMIT}), {differs} differ")


if __name__ == "__main__":
    main()
