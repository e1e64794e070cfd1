"""The compiled loop over trees of shortest paths.

Apart from ``paths.py``, because the compiler takes longer to load than most commands take.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile on first call and keep the result on disk."""
    return cast("F", numba.njit(cache=True)(function))


@compiled
def add_up(
    previous: npt.NDArray[np.int32],
    first: npt.NDArray[np.int32],
    heads: npt.NDArray[np.int32],
    values: FloatArray,
    n_targets: int,
    through: IntArray,
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Add values by edge along the paths of each row; every node of a tree is visited once."""
    n_rows, n_nodes = previous.shape
    n_values = len(values)
    total = np.zeros((n_values, n_rows, n_targets))
    passes = np.zeros((n_rows, n_targets), dtype=np.bool_)
    here = np.zeros((n_nodes, n_values))
    is_through = np.zeros(n_nodes, dtype=np.bool_)
    known = np.full(n_nodes, -1, dtype=np.int64)
    stack = np.zeros(n_nodes, dtype=np.int64)
    for row in range(n_rows):
        for target in range(n_targets):
            node, depth = target, 0
            while known[node] != row and previous[row, node] >= 0:
                stack[depth] = node
                depth += 1
                node = previous[row, node]
            if known[node] != row:  # the source, or a node that no path leads to
                known[node] = row
                here[node, :] = 0.0
                is_through[node] = False
            while depth > 0:
                depth -= 1
                tail, node = node, stack[depth]
                edge = first[tail]
                while heads[edge] != node:
                    edge += 1
                for k in range(n_values):
                    here[node, k] = here[tail, k] + values[k, edge]
                is_through[node] = is_through[tail] or node == through[row]
                known[node] = row
            for k in range(n_values):
                total[k, row, target] = here[target, k]
            passes[row, target] = is_through[target]
    return total, passes
