"""The frozen problem: what may be visited, by whom, when, and what it brings.

Everything refers to everything else by position: a shift names a matrix by its place in
``Problem.matrices``, a visit names a node by its row in each matrix. Times are seconds from the
start of the horizon, distances metres, costs rupiah, prizes thousandths of a weighted document.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from routing.errors import InvalidProblem

IntMatrix = npt.NDArray[np.int64]
BoolMatrix = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """The seconds ``start <= t <= end`` of the horizon; both ends belong to it."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            msg = f"time window {self.start}..{self.end} s: start must be at least 0 and before end"
            raise InvalidProblem(msg)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TravelMatrix:
    """What moving costs between every ordered pair of nodes, row = from, column = to.

    All arrays have shape (n, n). Where ``reachable`` is False the other three mean nothing.
    """

    durations: IntMatrix
    distances: IntMatrix
    costs: IntMatrix
    reachable: BoolMatrix

    def __post_init__(self) -> None:
        shape = self.durations.shape
        if len(shape) != 2 or shape[0] != shape[1]:
            raise InvalidProblem(f"travel matrix of shape {shape}: must be square")
        for name in ("distances", "costs", "reachable"):
            if getattr(self, name).shape != shape:
                msg = f"travel matrix: {name} has shape {getattr(self, name).shape}, not {shape}"
                raise InvalidProblem(msg)
        for name in ("durations", "distances", "costs"):
            values = getattr(self, name)
            if values.dtype != np.int64:
                raise InvalidProblem(f"travel matrix: {name} is {values.dtype}, must be int64")
            bad = np.argwhere((values < 0) & self.reachable)
            if len(bad):
                i, j = (int(x) for x in bad[0])
                msg = f"travel matrix: {name}[{i}, {j}] = {values[i, j]} is negative"
                raise InvalidProblem(msg)

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return int(self.durations.shape[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOption:
    """One length a visit may have.

    ``duration`` is the time on site in seconds, breaks not counted; ``prizes`` has one entry per
    crew (see ``Shift.crew``), 0 where that crew can deliver nothing.
    """

    duration: int
    prizes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A village offered to the solver, made at most once.

    ``windows``: the whole session must lie inside one of them; empty means any time.
    ``shifts``: the only shifts that may make it; None means all, an empty set forbids the visit.
    """

    node: int
    options: tuple[VisitOption, ...]
    windows: tuple[TimeWindow, ...] = ()
    shifts: frozenset[int] | None = None
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a shift costs once its duty, from leaving its start to reaching its end, is longer."""

    longer_than: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KitPool:
    """Satellite kits that lie at one base on one day: at most ``capacity`` shifts take one."""

    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One team on one day.

    ``crew`` and ``crew_with_kit`` are positions in ``VisitOption.prizes``: what the team delivers
    without and with a satellite kit from ``kit_pool``. ``breaks`` are sorted, disjoint and inside
    ``window``; nothing moves and nobody is served during one. ``fixed_cost`` is paid when the
    shift makes any visit at all.
    """

    team: int
    window: TimeWindow
    start: int
    end: int
    matrix: int
    crew: int
    crew_with_kit: int | None = None
    kit_pool: int | None = None
    breaks: tuple[TimeWindow, ...] = ()
    fixed_cost: int = 0
    allowances: tuple[Allowance, ...] = ()

    def __post_init__(self) -> None:
        if (self.crew_with_kit is None) != (self.kit_pool is None):
            raise InvalidProblem("shift: crew_with_kit and kit_pool go together, one is missing")
        for a, b in pairwise(self.breaks):
            if a.end > b.start:
                raise InvalidProblem(f"shift: breaks {a} and {b} overlap or are not sorted")
        for b in self.breaks:
            if b.start < self.window.start or b.end > self.window.end:
                raise InvalidProblem(f"shift: break {b} lies outside its window {self.window}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """A week to plan.

    ``rupiah_per_document`` is what the office would spend for one weighted document; None leaves
    costs out of the value. ``n_crews`` is the length of every ``VisitOption.prizes``.
    """

    visits: tuple[Visit, ...]
    shifts: tuple[Shift, ...]
    matrices: tuple[TravelMatrix, ...]
    n_crews: int
    kit_pools: tuple[KitPool, ...] = ()
    rupiah_per_document: int | None = None
    n_nodes: int = field(init=False)

    def __post_init__(self) -> None:
        if not self.matrices:
            raise InvalidProblem("problem: at least one travel matrix is needed, there is none")
        n = self.matrices[0].n_nodes
        object.__setattr__(self, "n_nodes", n)
        for m, matrix in enumerate(self.matrices):
            if matrix.n_nodes != n:
                raise InvalidProblem(f"matrix {m} has {matrix.n_nodes} nodes, matrix 0 has {n}")
        if self.rupiah_per_document is not None and self.rupiah_per_document <= 0:
            msg = f"rupiah_per_document {self.rupiah_per_document} Rp: must be above 0, or None"
            raise InvalidProblem(msg)
        for k, pool in enumerate(self.kit_pools):
            if pool.capacity < 0:
                raise InvalidProblem(f"kit pool {k}: capacity {pool.capacity} is negative")
        for v, visit in enumerate(self.visits):
            self._check_visit(v, visit)
        for s, shift in enumerate(self.shifts):
            self._check_shift(s, shift)

    def _check_visit(self, v: int, visit: Visit) -> None:
        if not 0 <= visit.node < self.n_nodes:
            raise InvalidProblem(f"visit {v}: node {visit.node} is not in 0..{self.n_nodes - 1}")
        if not visit.options:
            raise InvalidProblem(f"visit {v}: has no option, at least one is needed")
        for o, option in enumerate(visit.options):
            if option.duration <= 0:
                msg = f"visit {v} option {o}: duration {option.duration} s, not above 0"
                raise InvalidProblem(msg)
            if len(option.prizes) != self.n_crews:
                msg = f"visit {v} option {o}: {len(option.prizes)} prizes for {self.n_crews} crews"
                raise InvalidProblem(msg)
            if min(option.prizes) < 0:
                msg = f"visit {v} option {o}: prize {min(option.prizes)} is negative"
                raise InvalidProblem(msg)
        for s in visit.shifts or ():
            if not 0 <= s < len(self.shifts):
                raise InvalidProblem(f"visit {v}: shift {s} is not in 0..{len(self.shifts) - 1}")

    def _check_shift(self, s: int, shift: Shift) -> None:
        places = (
            ("start", shift.start, self.n_nodes),
            ("end", shift.end, self.n_nodes),
            ("matrix", shift.matrix, len(self.matrices)),
            ("crew", shift.crew, self.n_crews),
            ("crew_with_kit", shift.crew_with_kit, self.n_crews),
            ("kit_pool", shift.kit_pool, len(self.kit_pools)),
        )
        for name, value, limit in places:
            if value is not None and not 0 <= value < limit:
                raise InvalidProblem(f"shift {s}: {name} {value} is not in 0..{limit - 1}")
        for allowance in shift.allowances:
            if allowance.cost < 0 or allowance.longer_than < 0:
                raise InvalidProblem(f"shift {s}: {allowance} must not be negative")
        if shift.fixed_cost < 0:
            raise InvalidProblem(f"shift {s}: fixed_cost {shift.fixed_cost} Rp is negative")
