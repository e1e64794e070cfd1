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
from routing.rules import Row, Rule

IntMatrix = npt.NDArray[np.int64]
BoolMatrix = npt.NDArray[np.bool_]

DAY_S = 86_400
MAX_TOUR_DAYS = 7


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
class Away:
    """What changes on a day of a tour of several days.

    The team may be under way in ``window``, its sessions stay inside the shift's own window, and
    ``cost`` rupiah (the per diem of its people) are due in place of the shift's allowances.
    """

    window: TimeWindow
    cost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A night that a team may spend out after a shift; its shift ``morning`` goes on from there.

    It sleeps at one of ``nodes`` or, with ``at_last_stop``, where its tour made the last visit.
    ``cost`` in rupiah is that of all its people; ``prices`` are what each of ``nodes`` costs beside
    it, none: nothing.
    """

    morning: int
    nodes: tuple[int, ...] = ()
    at_last_stop: bool = False
    cost: int = 0
    prices: tuple[int, ...] = ()

    def cost_at(self, node: int) -> int:
        """Rupiah of sleeping at a node."""
        if not self.prices or node not in self.nodes:
            return self.cost
        return self.cost + self.prices[self.nodes.index(node)]

    @property
    def dearest(self) -> int:
        """Rupiah of sleeping where it costs most."""
        return self.cost + max(self.prices, default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One team on one day.

    ``crew`` and ``crew_with_kit`` are positions in ``VisitOption.prizes``: what the team delivers
    without and with a satellite kit from ``kit_pool``. ``breaks`` are sorted, disjoint and inside
    ``window``; nothing moves and nobody is served during one. ``fixed_cost`` is paid when the
    shift makes any visit at all, and on every day of a tour.

    With a ``night`` the shift may end away from its end, and the next start there: a tour. Without
    ``serves`` nobody is served (a weekend on the way), without ``starts_tour`` the team is only
    under way if it already was the day before (days after the horizon).
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
    away: Away | None = None
    night: Night | None = None
    serves: bool = True
    starts_tour: bool = True

    def __post_init__(self) -> None:
        if (self.crew_with_kit is None) != (self.kit_pool is None):
            raise InvalidProblem("shift: crew_with_kit and kit_pool go together, one is missing")
        for a, b in pairwise(self.breaks):
            if a.end > b.start:
                raise InvalidProblem(f"shift: breaks {a} and {b} overlap or are not sorted")
        for b in self.breaks:
            if b.start < self.window.start or b.end > self.window.end:
                raise InvalidProblem(f"shift: break {b} lies outside its window {self.window}")
        if self.away is not None:
            day = self.away.window
            if day.start > self.window.start or day.end < self.window.end:
                msg = f"shift: its window {self.window} lies outside that of a day away, {day}"
                raise InvalidProblem(msg)

    @property
    def day(self) -> int:
        """Days from the start of the horizon to this one."""
        return self.window.start // DAY_S


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """A week to plan.

    ``rupiah_per_document`` is what the office would spend for one weighted document; None leaves
    costs out of the value. ``n_crews`` is the length of every ``VisitOption.prizes``. A tour lasts
    ``max_tour_days`` at most, the days of leaving and of coming back included.
    """

    visits: tuple[Visit, ...]
    shifts: tuple[Shift, ...]
    matrices: tuple[TravelMatrix, ...]
    n_crews: int
    kit_pools: tuple[KitPool, ...] = ()
    rupiah_per_document: int | None = None
    max_tour_days: int = MAX_TOUR_DAYS
    rules: tuple[Rule, ...] = ()
    n_nodes: int = field(init=False)
    rows: tuple[Row, ...] = field(init=False)

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
        if self.max_tour_days < 1:
            raise InvalidProblem(f"max_tour_days {self.max_tour_days}: must be at least 1")
        self._check_nights()
        rows = (row for r, rule in enumerate(self.rules) for row in rule.rows(self, r))
        object.__setattr__(self, "rows", tuple(rows))

    @property
    def has_nights(self) -> bool:
        """Whether any team may stay out."""
        return self.max_tour_days > 1 and any(shift.night for shift in self.shifts)

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
        if shift.away is not None and shift.away.cost < 0:
            raise InvalidProblem(f"shift {s}: a day away costs {shift.away.cost} Rp, is negative")
        if shift.night is not None:
            self._check_night(s, shift.night)

    def _check_night(self, s: int, night: Night) -> None:
        if not 0 <= night.morning < len(self.shifts):
            limit = len(self.shifts) - 1
            raise InvalidProblem(f"shift {s}: night.morning {night.morning} is not in 0..{limit}")
        for node in night.nodes:
            if not 0 <= node < self.n_nodes:
                msg = f"shift {s}: night.nodes has {node}, which is not in 0..{self.n_nodes - 1}"
                raise InvalidProblem(msg)
        if not night.nodes and not night.at_last_stop:
            raise InvalidProblem(f"shift {s}: its night has no place to sleep")
        if night.cost < 0:
            raise InvalidProblem(f"shift {s}: its night costs {night.cost} Rp, is negative")
        _check_prices(s, night)
        before, after = self.shifts[s], self.shifts[night.morning]
        if before.away is None or after.away is None:
            raise InvalidProblem(f"shift {s}: a night needs ``away`` on the days before and after")
        if before.team != after.team or before.day + 1 != after.day:
            msg = (
                f"shift {s}: its night leads to shift {night.morning} of team {after.team} on day "
                f"{after.day}; it must be team {before.team} on day {before.day + 1}"
            )
            raise InvalidProblem(msg)

        bases = {before.start, before.end, after.start, after.end}
        if len(bases) > 1:
            nodes = ", ".join(map(str, sorted(bases)))
            raise InvalidProblem(f"shift {s}: a tour must leave and reach one base, not {nodes}")

    def _check_nights(self) -> None:
        """Nights of one team lead to different shifts, and it sleeps at the same places in all."""
        if self.has_nights:
            self._check_staying()
        mornings: set[int] = set()
        places: dict[int, tuple[frozenset[int], bool]] = {}
        for s, shift in enumerate(self.shifts):
            if shift.night is None:
                continue
            if shift.night.morning in mornings:
                raise InvalidProblem(f"shift {s}: another night leads to {shift.night.morning} too")
            mornings.add(shift.night.morning)
            place = (frozenset(shift.night.nodes), shift.night.at_last_stop)
            if places.setdefault(shift.team, place) != place:
                raise InvalidProblem(f"shift {s}: team {shift.team} sleeps at other places before")

    def _check_staying(self) -> None:
        """Whoever sleeps where the last or the next visit is does not travel in between."""
        for m in {shift.matrix for shift in self.shifts if shift.away is not None}:
            matrix = self.matrices[m]
            for name in ("durations", "distances", "costs"):
                values = getattr(matrix, name).diagonal()
                bad = np.flatnonzero(matrix.reachable.diagonal() & (values != 0))
                if len(bad):
                    node = int(bad[0])
                    raise InvalidProblem(
                        f"matrix {m}: {name}[{node}, {node}] = {values[node]}: must be 0 where "
                        "teams stay out overnight"
                    )


def _check_prices(s: int, night: Night) -> None:
    """Refuse prices that are not one for each place, or where the same node may cost two sums."""
    if not night.prices:
        return
    if len(night.prices) != len(night.nodes) or len(set(night.nodes)) != len(night.nodes):
        msg = f"shift {s}: {len(night.prices)} night.prices for {len(set(night.nodes))} night.nodes"
        raise InvalidProblem(msg)
    if min(night.prices) < 0:
        raise InvalidProblem(f"shift {s}: night.prices has {min(night.prices)} Rp, is negative")
    if night.at_last_stop:
        raise InvalidProblem(f"shift {s}: a night with prices must not be at_last_stop")
