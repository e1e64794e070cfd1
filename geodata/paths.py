"""Shortest paths over directed edges, and what adds up along them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


class Edge(NamedTuple):
    """One way from a node to another.

    Time is whole milliseconds: sums are then exact, whatever their order, and so a detour never
    comes out faster than the direct way by rounding.
    """

    tail: int
    head: int
    ms: int
    metres: float
    rupiah: float
    mode: int
    note: str
    scheduled: bool
    shape: FloatArray

    def reverse(self) -> "Edge":
        """Return the same way in the other direction."""
        return self._replace(tail=self.head, head=self.tail, shape=self.shape[::-1])


@dataclass(slots=True)
class Web:
    """Edges being gathered, between nodes that are numbered from 0."""

    n_nodes: int = 0
    edges: list[Edge] = field(default_factory=list)

    def new_nodes(self, n: int) -> IntArray:
        """Return the numbers of ``n`` more nodes."""
        first, self.n_nodes = self.n_nodes, self.n_nodes + n
        return np.arange(first, first + n)

    def add(self, edge: Edge) -> None:
        """Add an edge."""
        self.edges.append(edge)

    def shortest(self, sources: Sequence[int] | IntArray) -> "Trees":
        """Find the fastest path from each source to every node."""
        sources = np.asarray(sources, dtype=np.intp)
        edges = self._fastest_of_parallel()
        tails = np.array([e.tail for e in edges], dtype=np.intp)
        heads = np.array([e.head for e in edges], dtype=np.intp)
        ms = np.array([e.ms for e in edges], dtype=np.float64)
        matrix = csr_array((ms, (tails, heads)), shape=(self.n_nodes, self.n_nodes))
        times, previous = dijkstra(matrix, indices=sources, return_predecessors=True)
        shape = (len(sources), self.n_nodes)
        return Trees(
            edges=edges,
            keys=tails * self.n_nodes + heads,
            ms=times.reshape(shape),
            previous=previous.reshape(shape),
        )

    def _fastest_of_parallel(self) -> list[Edge]:
        """Keep one edge for each pair of nodes, sorted by tail, then head; none to itself."""
        best: dict[tuple[int, int], Edge] = {}
        for edge in self.edges:
            pair = (edge.tail, edge.head)
            if edge.tail != edge.head and (pair not in best or edge.ms < best[pair].ms):
                best[pair] = edge
        return [best[pair] for pair in sorted(best)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trees:
    """Shortest paths from each source: row = source, column = node.

    Parameters
    ----------
    edges, keys
        The edges that may be used; the key ``tail * n_nodes + head`` of each, ascending.
    ms
        Milliseconds, infinite where there is no path.
    previous
        The node before each node on its path, negative where there is none.
    """

    edges: list[Edge]
    keys: IntArray
    ms: FloatArray
    previous: npt.NDArray[np.int32]

    def sums(self, values: FloatArray) -> FloatArray:
        """Add one value per edge along every path; 0 at the source and where there is no path."""
        n_nodes = self.ms.shape[1]
        nodes = np.broadcast_to(np.arange(n_nodes), self.ms.shape)
        jump = np.where(self.previous < 0, nodes, self.previous).astype(np.intp)
        total = np.zeros(self.ms.shape)
        row, node = np.nonzero(self.previous >= 0)
        total[row, node] = values[self._edge(self.previous[row, node], node)]
        # Pointer doubling: after k rounds each node holds the sum of the last 2^k edges.
        while not np.array_equal(further := np.take_along_axis(jump, jump, axis=1), jump):
            total += np.take_along_axis(total, jump, axis=1)
            jump = further
        return total

    def passes(self, source: int, through: int) -> npt.NDArray[np.bool_]:
        """Tell for each node whether the path to it from one source comes by another node."""
        tree = replace(self, ms=self.ms[[source]], previous=self.previous[[source]])
        is_through = np.array([float(edge.head == through) for edge in self.edges])
        n_times: FloatArray = tree.sums(is_through)[0]
        return n_times > 0

    def path(self, source: int, node: int) -> list[Edge]:
        """List the edges from a source, given by its row, to a node."""
        found = []
        while (before := int(self.previous[source, node])) >= 0:
            at = int(self._edge(np.array([before]), np.array([node]))[0])
            found.append(self.edges[at])
            node = before
        return found[::-1]

    def _edge(self, tail: npt.NDArray[np.signedinteger], head: IntArray) -> IntArray:
        keys = tail.astype(np.intp) * self.ms.shape[1] + head
        return np.asarray(np.searchsorted(self.keys, keys), dtype=np.intp)
