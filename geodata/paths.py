"""Shortest paths over directed edges, and what adds up along them.

Paths are searched from each source to all nodes by scipy, a few sources at a time, and only what
belongs to the target nodes is kept: on a national network the trees themselves would not fit.
"""

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Progress = Callable[[float], None]

CHUNK_ENTRIES = 4_000_000  # rows x nodes searched at once: 48 MB
PARALLEL_ENTRIES = 40_000_000  # less than this takes about as long as starting processes
TREES_KEPT = 32  # sources whose tree is remembered while lines are asked for


class Edges(NamedTuple):
    """Ways from nodes to nodes, one value of each array for each edge.

    Time is whole milliseconds: sums are then exact, whatever their order, and so a detour never
    comes out faster than the direct way by rounding. ``piece`` is the piece of the graph that an
    edge lies on, -1 for a straight one, and ``from_m`` and ``to_m`` where on it, from its tail.
    """

    tails: IntArray
    heads: IntArray
    ms: FloatArray
    metres: FloatArray
    rupiah: FloatArray
    manner: IntArray
    piece: IntArray
    from_m: FloatArray
    to_m: FloatArray

    def select(self, rows: npt.NDArray[Any]) -> "Edges":
        """Return some of the edges."""
        return Edges(*(values[rows] for values in self))

    def reverse(self) -> "Edges":
        """Return the same ways in the other direction."""
        return self._replace(tails=self.heads, heads=self.tails, from_m=self.to_m, to_m=self.from_m)


@dataclass(slots=True)
class Web:
    """Edges being gathered, between nodes that are numbered from 0 and have a position."""

    n_nodes: int = 0
    _xy: list[FloatArray] = field(default_factory=list)
    _edges: list[Edges] = field(default_factory=list)

    def new_nodes(self, xy: FloatArray) -> IntArray:
        """Return the numbers of more nodes, at these lon, lat."""
        first, self.n_nodes = self.n_nodes, self.n_nodes + len(xy)
        self._xy.append(np.asarray(xy, dtype=np.float64).reshape(-1, 2))
        return np.arange(first, first + len(xy))

    def add(self, edges: Edges) -> None:
        """Add edges."""
        self._edges.append(edges)

    def add_both_ways(self, edges: Edges) -> None:
        """Add edges that take the same there and back."""
        self._edges.extend((edges, edges.reverse()))

    def network(self) -> "Network":
        """Make the web searchable: of parallel edges the fastest, none from a node to itself."""
        parts = zip(*self._edges, strict=True)
        edges = Edges(*map(np.concatenate, parts)) if self._edges else _NO_EDGES
        order = np.lexsort((edges.ms, edges.heads, edges.tails))
        edges = edges.select(order[edges.tails[order] != edges.heads[order]])
        is_new = np.ones(len(edges.tails), dtype=np.bool_)
        is_new[1:] = np.diff(edges.tails) != 0
        is_new[1:] |= np.diff(edges.heads) != 0
        xy = np.concatenate(self._xy) if self._xy else np.zeros((0, 2))
        return Network(edges=edges.select(is_new), xy=xy)


_NO_EDGES = Edges(
    *(np.zeros(0, dtype=np.intp),) * 2,
    *(np.zeros(0),) * 3,
    *(np.zeros(0, dtype=np.intp),) * 2,
    *(np.zeros(0),) * 2,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """Edges sorted by tail, then head, and lon, lat of the nodes."""

    edges: Edges
    xy: FloatArray
    _trees: "OrderedDict[int, npt.NDArray[np.int32]]" = field(
        default_factory=OrderedDict, repr=False
    )

    @property
    def matrix(self) -> csr_array:
        """Milliseconds from node to node; the entries are the edges, in their order."""
        n = len(self.xy)
        first = np.searchsorted(self.edges.tails, np.arange(n + 1)).astype(np.int32)
        heads = self.edges.heads.astype(np.int32)
        return csr_array((self.edges.ms, heads, first), shape=(n, n))

    def search(
        self,
        sources: IntArray,
        n_targets: int,
        values: FloatArray,
        *,
        through: IntArray | None = None,
        processes: int = 1,
        on_progress: Progress | None = None,
    ) -> "Sums":
        """Find the fastest paths from each source to the first nodes, and what adds up on them.

        Parameters
        ----------
        values
            Rows of numbers by edge, each to be added along the paths.
        through
            A node for each source: whether a path comes by it is told as well.
        processes
            How many may be used; one is, while the search is small.
        on_progress
            Called with the share that is done, up to 1.
        """
        if through is None:
            through = np.full(len(sources), -1)
        task = _Task(self.matrix, values, n_targets)
        n_rows = max(1, CHUNK_ENTRIES // max(len(self.xy), 1))
        is_large = len(sources) * len(self.xy) >= PARALLEL_ENTRIES
        found = Sums.empty(len(sources), n_targets, len(values))
        chunks = [slice(k, k + n_rows) for k in range(0, len(sources), n_rows)]
        work = [(rows, sources[rows], through[rows]) for rows in chunks]
        for done, (rows, part) in enumerate(_run(task, work, processes if is_large else 1), 1):
            found.ms[rows], found.added[:, rows], found.passes[rows] = part
            if on_progress:
                on_progress(done / len(chunks))
        return found

    def path(self, source: int, node: int) -> IntArray:
        """List the edges of the fastest path from one node to another, by position."""
        if source not in self._trees:
            _, previous = dijkstra(self.matrix, indices=[source], return_predecessors=True)
            self._trees[source] = previous[0]
            if len(self._trees) > TREES_KEPT:
                self._trees.popitem(last=False)
        tree = self._trees[source]
        nodes = [node]
        while (before := int(tree[nodes[-1]])) >= 0:
            nodes.append(before)
        way = np.array(nodes[::-1], dtype=np.intp)
        keys = self.edges.tails * len(self.xy) + self.edges.heads
        return np.searchsorted(keys, way[:-1] * len(self.xy) + way[1:])


class Sums(NamedTuple):
    """What paths amount to; row = source, column = target.

    ``ms`` is infinite where there is no path; ``added`` has one table for each quantity, 0 where
    there is no path; ``passes`` tells whether the path comes by the node named for its source.
    """

    ms: FloatArray
    added: FloatArray
    passes: npt.NDArray[np.bool_]

    @classmethod
    def empty(cls, n_sources: int, n_targets: int, n_values: int) -> "Sums":
        """Make tables to be filled."""
        shape = (n_sources, n_targets)
        return cls(np.full(shape, np.inf), np.zeros((n_values, *shape)), np.zeros(shape, np.bool_))


class _Task(NamedTuple):
    """What every chunk of a search needs."""

    matrix: csr_array
    values: FloatArray
    n_targets: int


_Chunk = tuple[slice, IntArray, IntArray]
_Part = tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]
_of_process: dict[str, _Task] = {}


def _run(task: _Task, work: list[_Chunk], processes: int) -> Iterator[tuple[slice, _Part]]:
    """Search chunk after chunk, here or in processes of their own."""
    if processes == 1 or len(work) == 1:
        for rows, sources, through in work:
            yield rows, _search(task, sources, through)
        return
    pool = ProcessPoolExecutor(
        max_workers=min(processes, len(work)),
        mp_context=get_context("spawn"),  # threads of a server do not survive a fork
        initializer=_start_process,
        initargs=(task,),
    )
    with pool:
        try:
            futures = {pool.submit(_search_here, *chunk[1:]): chunk[0] for chunk in work}
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _start_process(task: _Task) -> None:
    _of_process["task"] = task
    Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    """End when the process that asked is killed: a pool by itself would wait for it forever."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _search_here(sources: IntArray, through: IntArray) -> _Part:
    return _search(_of_process["task"], sources, through)


def _search(task: _Task, sources: IntArray, through: IntArray) -> _Part:
    n = task.n_targets
    times, previous = dijkstra(task.matrix, indices=sources, return_predecessors=True)
    first, heads = task.matrix.indptr, task.matrix.indices
    from geodata.path_kernels import add_up  # loads the compiler

    total, passes = add_up(previous, first, heads, task.values, n, through)
    return times[:, :n], total, passes
