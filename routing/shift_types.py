"""Shifts that can stand for each other, so that the master counts them instead of naming them.

Two shifts are of one type when every route has the same merit on both: same travel, hours, breaks,
costs, crews, allowed visits and windows on the working-second scale, and the same part in the
rules. Kit pools are gathered in the same way: pools with the same capacity and the same number of
shifts of each kind form a group, and only the sum of the kits of a group is limited. That loses
nothing: let a group have p pools, each with c kits and k shifts of a kind. Deal the kit routes,
kind by kind, to the pools in turn; each pool gets at most ceil(total / p) <= c kits and at most k
routes of the kind, and the routes without a kit fill the shifts that are left. ``place`` does so.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from routing.clock import all_worked, worked
from routing.problem import Problem, Shift, TravelMatrix
from routing.stages import Stage, day_of

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ShiftType:
    """Interchangeable shifts, by position; the first stands for all.

    ``kit_group`` is a position in ``ShiftTypes.kit_capacities``, None where there is never a kit.
    """

    shifts: tuple[int, ...]
    kit_group: int | None

    @property
    def first(self) -> int:
        """The shift that stands for all."""
        return self.shifts[0]

    @property
    def kits(self) -> tuple[bool, ...]:
        """Without a kit, and where there can be one, with it."""
        return (False,) if self.kit_group is None else (False, True)


@dataclass(frozen=True, slots=True)
class Week:
    """Alike teams whose days are all alike too, so that they are of one type.

    Of a tour only its length counts there, not the day on which it leaves. ``longest`` is that of a
    tour, in days.
    """

    type: int
    n_teams: int
    n_days: int
    longest: int


@dataclass(frozen=True, slots=True)
class ShiftTypes:
    """All shifts by type, and how many kits each group of pools has in all.

    ``type_of`` is the type of each shift.
    """

    types: tuple[ShiftType, ...]
    kit_capacities: tuple[int, ...]
    type_of: tuple[int, ...]
    weeks: tuple[Week, ...] = ()


def shift_types(problem: Problem, *, has_tours: bool = True) -> ShiftTypes:
    """Group the shifts of a problem; without tours its days need not be told apart."""
    kinds = home_kinds(problem)
    if has_tours:
        kinds = _by_day(problem, kinds)
    pool_groups, capacities = _pool_groups(problem, kinds)
    members: dict[tuple[int, int | None], list[int]] = defaultdict(list)
    for s, shift in enumerate(problem.shifts):
        group = None if shift.kit_pool is None else pool_groups[shift.kit_pool]
        members[kinds[s], group].append(s)
    types = tuple(ShiftType(tuple(shifts), group) for (_, group), shifts in members.items())
    type_of = [0] * len(problem.shifts)
    for t, kind in enumerate(types):
        for s in kind.shifts:
            type_of[s] = t
    return ShiftTypes(types, tuple(capacities), tuple(type_of))


def place(problem: Problem, types: ShiftTypes, chosen: Sequence[tuple[int, bool]]) -> list[int]:
    """Give every chosen route (its type and whether it takes a kit) a shift of its own.

    Returns
    -------
    list of int
        One shift for each route, so that no pool gives more kits than it has.
    """
    free = [list(kind.shifts) for kind in types.types]
    found = [-1] * len(chosen)
    by_group: dict[int, list[int]] = defaultdict(list)
    for i, (t, kit) in enumerate(chosen):
        group = types.types[t].kit_group
        if kit and group is not None:
            by_group[group].append(i)
    for group, routes in by_group.items():
        pools = sorted(
            {problem.shifts[s].kit_pool or 0 for kind in types.types if kind.kit_group == group
             for s in kind.shifts}
        )  # fmt: skip
        for turn, i in enumerate(sorted(routes, key=lambda i: chosen[i][0])):
            pool = pools[turn % len(pools)]
            shifts = free[chosen[i][0]]
            found[i] = next(s for s in shifts if problem.shifts[s].kit_pool == pool)
            shifts.remove(found[i])
    for i, (t, _) in enumerate(chosen):
        if found[i] < 0:
            found[i] = free[t].pop(0)
    return found


def windows_of(problem: Problem, shift: Shift) -> tuple[IntArray, IntArray]:
    """Windows of every visit in working seconds of the shift, first and last second.

    Both of shape (visits, windows), cut to the shift; a visit without windows has one from end to
    end, and where a visit has fewer than others the rest are empty (first after last).
    """
    horizon = worked(shift, shift.window.end)
    counts = np.array([max(1, len(visit.windows)) for visit in problem.visits], dtype=np.int64)
    shape = len(counts), int(counts.max(initial=1))
    lows = np.full(shape, horizon + 1, dtype=np.int64)
    highs = np.full(shape, -1, dtype=np.int64)
    free = np.array([not visit.windows for visit in problem.visits], dtype=bool)
    lows[free, 0], highs[free, 0] = 0, horizon
    owner = np.repeat(np.arange(len(counts)), np.where(free, 0, counts))
    windows = [window for visit in problem.visits for window in visit.windows]
    starts = np.array([window.start for window in windows], dtype=np.int64)
    ends = np.array([window.end for window in windows], dtype=np.int64)
    low = np.maximum(0, all_worked(shift, starts))
    high = np.minimum(horizon, all_worked(shift, ends))
    order = np.lexsort((high, low, owner))
    place = np.arange(len(owner)) - np.searchsorted(owner, owner)
    lows[owner, place], highs[owner, place] = low[order], high[order]
    return lows, highs


def _by_day(problem: Problem, kinds: list[int]) -> list[int]:
    """Tell the shifts of teams that may stay out apart by day.

    A tour takes up certain days of one team. Teams stand for each other that are alike day by day.
    """
    if not problem.has_nights:
        return kinds
    teams: dict[int, list[int]] = defaultdict(list)
    for s in sorted(range(len(kinds)), key=lambda s: problem.shifts[s].window.start):
        teams[problem.shifts[s].team].append(s)
    numbers: dict[Hashable, int] = {}
    found = list(kinds)
    for days in teams.values():
        if not any(problem.shifts[s].night for s in days):
            continue
        team = tuple((kinds[s], _away_key(problem.shifts[s], days)) for s in days)
        for at, s in enumerate(days):
            found[s] = len(kinds) + numbers.setdefault((team, at), len(numbers))
    return found


def _away_key(shift: Shift, days: Sequence[int]) -> Hashable:
    """Tell all that matters of a shift as a day of a tour, beside its kind."""
    away, night = shift.away, shift.night
    return (
        shift.day, shift.window.start, shift.kit_pool, shift.serves, shift.starts_tour,
        away and (away.window, away.cost),
        night and (
            night.nodes, night.at_last_stop, night.cost, night.prices, days.index(night.morning),
        ),
    )  # fmt: skip


def home_kinds(problem: Problem) -> list[int]:
    """Give every shift the number of its kind as a day from base to base, pools aside."""
    matrices = [_digest(matrix) for matrix in problem.matrices]
    crews = [_prizes(problem, crew) for crew in range(problem.n_crews)]
    allowed = _allowed(problem)
    numbers: dict[Hashable, int] = {}
    windows: dict[Hashable, Hashable] = {}
    kinds = []
    for s, shift in enumerate(problem.shifts):
        clock = (shift.window, shift.breaks)
        if clock not in windows:
            windows[clock] = _windows_key(problem, shift)
        key = (
            matrices[shift.matrix], shift.start, shift.end, crews[shift.crew],
            None if shift.crew_with_kit is None else crews[shift.crew_with_kit],
            shift.window.end - shift.window.start,
            tuple((b.start - shift.window.start, b.end - shift.window.start) for b in shift.breaks),
            shift.fixed_cost, shift.allowances, allowed[s], windows[clock],
            _rows_key(problem, s),
        )  # fmt: skip
        kinds.append(numbers.setdefault(key, len(numbers)))
    return kinds


def _pool_groups(problem: Problem, kinds: list[int]) -> tuple[dict[int, int], list[int]]:
    """Group of each pool that is used, and the kits of each group; an empty pool has its own."""
    content: dict[int, Counter[int]] = defaultdict(Counter)
    for s, shift in enumerate(problem.shifts):
        if shift.kit_pool is not None:
            content[shift.kit_pool][kinds[s]] += 1
    numbers: dict[Hashable, int] = {}
    groups: dict[int, int] = {}
    capacities: list[int] = []
    for pool, counts in content.items():
        capacity = problem.kit_pools[pool].capacity
        key = (capacity, frozenset(counts.items()))
        group = groups[pool] = numbers.setdefault(key, len(numbers))
        if group == len(capacities):
            capacities.append(0)
        capacities[group] += capacity
    return groups, capacities


def _digest(matrix: TravelMatrix) -> bytes:
    """Tell matrices apart by their content; where it is not reachable the rest means nothing."""
    digest = sha256(matrix.reachable.tobytes())
    for part in (matrix.durations, matrix.costs):
        digest.update(np.where(matrix.reachable, part, 0).tobytes())
    return digest.digest()


def _prizes(problem: Problem, crew: int) -> tuple[int, ...]:
    return tuple(option.prizes[crew] for visit in problem.visits for option in visit.options)


def _allowed(problem: Problem) -> list[frozenset[int]]:
    """Visits forbidden to each shift."""
    every = range(len(problem.shifts))
    # On a day on which nobody leaves from the base, or nobody is served, no visit is made.
    forbidden: list[set[int]] = [
        set() if day_of(problem, Stage(s)) else set(range(len(problem.visits))) for s in every
    ]
    for v, visit in enumerate(problem.visits):
        if visit.shifts is not None:
            for s in set(every) - visit.shifts:
                forbidden[s].add(v)
    return [frozenset(visits) for visits in forbidden]


def _rows_key(problem: Problem, s: int) -> Hashable:
    """Tell which terms of the rules count what this shift does."""
    return tuple(
        (s in row.cost_of, tuple(term.counts(s) for term in row.terms)) for row in problem.rows
    )


def _windows_key(problem: Problem, shift: Shift) -> Hashable:
    if not any(visit.windows for visit in problem.visits):
        return None
    lows, highs = windows_of(problem, shift)
    return sha256(lows.tobytes() + highs.tobytes()).digest()
