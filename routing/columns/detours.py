"""What dropping a visit from any route can cost at most."""

from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.columns.completion_kernels import FAR
from routing.columns.layout import Day, Flag, Floats, Ints
from routing.jit import compiled


@compiled
def detour_of(times: Ints, costs: Floats, shortest: int, j: int) -> float:
    """Most that routes can lose when visit j is dropped, its gain aside; infinite as in detours."""
    worst = 0.0
    for a in range(len(times)):
        if a == j or times[a, j] >= FAR:
            continue
        for b in range(len(times)):
            if b in (a, j) or times[j, b] >= FAR:
                continue
            if times[a, b] > times[a, j] + shortest + times[j, b]:
                return np.inf
            worst = max(worst, costs[a, b] - costs[a, j] - costs[j, b])
    return worst


@compiled
def detours(times: Ints, costs: Floats, shortest: Ints, stop: Flag) -> Floats:
    """Most value that dropping each visit from any route can cost, its gain aside, at least 0.

    Infinite where a route may need the visit to get through, and where told to stop before it was
    looked at. ``shortest`` are the sessions.
    """
    worst = np.full(len(shortest), np.inf)
    for j in range(len(shortest)):
        if stop[0]:
            break
        worst[j] = detour_of(times, costs, shortest[j], j)
    return worst


NEAREST = 12
"""Where nothing is to be proven, routes go on to so many nearest visits only."""


class Detours:
    """What dropping a visit can cost (``detours``), computed once for days alike.

    With ``stop`` set the rest counts as not known: no visit is dropped then. Days alike also share
    their arrays here.
    """

    def __init__(self, stop: Flag | None = None) -> None:
        self._stop = np.zeros(1, dtype=bool) if stop is None else stop
        self._known: dict[bytes, Floats] = {}
        self._arrays: dict[bytes, npt.NDArray[Any]] = {}
        self._near: dict[int, Ints] = {}

    def shared(self, day: Day) -> Day:
        """Give the same day, its large arrays shared with days that have the same."""
        return day._replace(times=self._same(day.times), costs=self._same(day.costs))

    def _same(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        # Zeros have the same bytes in every type; loops are compiled anew for another type.
        key = sha256(array.dtype.str.encode() + array.tobytes()).digest()
        return self._arrays.setdefault(key, array)

    def near(self, times: Ints) -> Ints:
        """Close all ways between visits but those to the nearest; ``times`` are shared ones."""
        if id(times) not in self._near:
            near = times.copy()
            between = near[:-1, :-1]
            if len(between) > NEAREST:
                limit = np.partition(between, NEAREST, axis=1)[:, [NEAREST]]
                between[between > limit] = FAR
            self._near[id(times)] = near
        return self._near[id(times)]

    def of(self, day: Day, shortest: Ints) -> Floats:
        """Give the detours of every visit of a day."""
        parts = (day.times, day.costs, shortest)
        key = sha256(b"".join(part.tobytes() for part in parts)).digest()
        if key not in self._known:
            self._known[key] = detours(*parts, self._stop)
        return self._known[key]
