"""The best tours of one team with one crew for given duals, exact or not at all.

Like ``pricing.py`` for a single day. What a day costs (its duals, vehicle and per diem) adds up
over the days, so one call compares tours that leave on any day and last any time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing import tour_kernels as kernels
from routing.clock import worked
from routing.insertion import Insertions
from routing.layout import Bits, Flag, Floats, Ints
from routing.problem import Problem, Shift
from routing.stages import Stage, chain, day_of, sessions_of, windows_of
from routing.timing import Choice, crew_of
from routing.tour_kernels import FAR, WORST
from routing.tour_layout import Days, TourLabels, TourOffers

STEPS = 54
"""Steps of the completion table over a day, unless sessions are so short that it needs more."""
LABEL_CAP = 400_000
NEIGHBOURS = 8
"""Visits that each node lets a tour remember at first; cycles that appear are added."""
TOURS_KEPT = 150
"""Tours that one call hands back."""


@dataclass(frozen=True, slots=True)
class PricedTour:
    """A tour found: position of its first day, places slept at, and what each day visits."""

    first: int
    sleeps: tuple[int, ...]
    choices: tuple[tuple[Choice, ...], ...]
    value: float


@dataclass(frozen=True, slots=True)
class PricedTours:
    """Answer of a call: by first and last day what no tour exceeds; None when it gave up.

    ``spans`` are at least the floor asked for, and mean nothing of a quick call. ``has_cycles`` as
    in ``pricing.Priced``.
    """

    spans: Floats | None
    tours: tuple[PricedTour, ...]
    has_cycles: bool = False
    n_labels: int = 0


class TourPricer:
    """Prices the tours of one team, with or without a kit; ``shifts`` are its days in order."""

    def __init__(self, insertions: Insertions, shifts: Sequence[int], with_kit: bool) -> None:
        problem = insertions.problem
        self.shifts, self.with_kit = tuple(shifts), with_kit
        self._visits = _visits(problem, shifts)
        self._nodes = insertions.nodes[self._visits]
        nights = [night for s in shifts if (night := problem.shifts[s].night)]
        self._places = np.array(
            sorted({n for night in nights for n in night.nodes}), dtype=np.int64
        )
        self.days = _days(insertions, self.shifts, self._visits, self._places)
        weight = insertions.per_rupiah / insertions.per_prize
        self._fixed = np.array([_day_cost(problem.shifts[s]) for s in shifts]) * weight
        durations = insertions.durations[self._visits]
        self._order = durations.argsort(axis=1, kind="stable")
        self._durations = np.take_along_axis(durations, self._order, axis=1)
        self._prizes = np.stack([self._prizes_of(insertions, s) for s in shifts])
        shortest = int(self._durations.min(initial=FAR))
        self._step = int(max(1, min(shortest, self.days.horizons.max() // STEPS)))
        self._may_drop = not self.days.at_last_stop and _is_metric(self.days)
        self._neighbours = self._nearest()
        self._none = np.zeros_like(self._neighbours)
        self._all = np.full_like(self._neighbours, ~np.uint64(0))

    def _prizes_of(self, insertions: Insertions, s: int) -> Floats:
        """Prizes of a day by visit and option, ``WORST`` where it may not make the visit."""
        shift = insertions.problem.shifts[s]
        prizes = insertions.prizes[crew_of(shift, self.with_kit)][self._visits].astype(np.float64)
        prizes = np.where(self._durations < FAR, np.take_along_axis(prizes, self._order, 1), WORST)
        visits = insertions.problem.visits
        for j, v in enumerate(self._visits):
            allowed = visits[v].shifts
            if not shift.serves or (allowed is not None and s not in allowed):
                prizes[j] = WORST
        return prizes

    def _nearest(self) -> Bits:
        n, n_nodes = len(self._visits), self.days.times.shape[1] - 1
        bits = np.zeros((n_nodes, max(1, (n + 63) // 64)), dtype=np.uint64)
        times = self.days.times[self.days.matrix[0]]
        there = times[:-1, :n] + times[:n, :-1].T
        there[np.arange(n), np.arange(n)] = -1
        for i, row in enumerate(there):
            for j in row.argsort(kind="stable")[: NEIGHBOURS + 1]:
                _remember(bits, i, int(j))
        return bits

    def price(
        self, duals: Floats, entry: Floats, floor: float, stop: Flag,
        cap: int = LABEL_CAP, *, is_exact: bool = True,
    ) -> PricedTours:  # fmt: skip
        """Find tours worth more than ``floor``.

        Parameters
        ----------
        duals
            Price of each visit of the problem.
        entry
            Price of each day of the team, that of a kit included.
        is_exact
            False compares tours without regard to what they visited: quick, and no bound.
        """
        offers = self._offers(duals, entry + self._fixed)
        if not len(offers.active):
            return PricedTours(np.full((len(self.shifts),) * 2, floor), ())
        table = kernels.tabulate(self.days, offers, self._step)
        neighbours, mask = (self._neighbours, self._all) if is_exact else (self._all, self._none)
        made, found, ends, spans, labels = kernels.price_tours(
            self.days, offers, table, neighbours, mask, floor, self._step, cap, stop
        )
        if made < 0 and is_exact:
            return PricedTours(None, ())
        tours, has_cycles = self._read(found, ends, labels)
        return PricedTours(spans if made >= 0 else None, tuple(tours), has_cycles, max(0, made))

    def _offers(self, duals: Floats, entry: Floats) -> TourOffers:
        """Options that can be part of a best tour.

        A longer session must gain more than the shorter ones; one that gains nothing is of use only
        where a team may sleep there, or where the way over it is shorter.
        """
        gains = np.where(
            self._prizes > WORST, self._prizes - duals[self._visits][None, :, None], WORST
        )
        before = np.maximum.accumulate(gains, axis=2)
        gains[:, :, 1:] = np.where(gains[:, :, 1:] > before[:, :, :-1], gains[:, :, 1:], WORST)
        if self._may_drop:
            gains = np.where(gains > 0, gains, WORST)
        useful = (gains > WORST).any(axis=0)
        rows, columns = np.nonzero(useful)
        first = np.zeros(len(self._visits) + 1, dtype=np.int64)
        np.cumsum(useful.sum(axis=1), out=first[1:])
        self._options = self._order[rows, columns]
        return TourOffers(
            first, self._durations[rows, columns], np.ascontiguousarray(gains[:, rows, columns]),
            entry, np.unique(rows).astype(np.int64),
        )  # fmt: skip

    def _read(self, found: Floats, ends: Ints, labels: TourLabels) -> tuple[list[PricedTour], bool]:
        """Read the best tours; the cycles among them are made impossible."""
        tours, has_cycles = [], False
        values = np.where(ends >= 0, found, WORST).ravel()
        for at in (-values).argsort(kind="stable")[:TOURS_KEPT]:
            if values[at] <= WORST:
                break
            path = _path(labels, int(ends.ravel()[at]))
            if self._remember_cycles([node for node, _ in path]):
                has_cycles = True
                continue
            start = int(labels.starts[ends.ravel()[at]])
            tours.append(self._tour(start, path, float(values[at]), at // ends.shape[1]))
        return tours, has_cycles

    def _tour(
        self, start: int, path: Sequence[tuple[int, int]], value: float, last: int
    ) -> PricedTour:
        n = len(self._visits)
        choices: list[list[Choice]] = [[]]
        sleeps = []
        for node, option in path:
            if option >= 0:
                choices[-1].append((int(self._visits[node]), int(self._options[option])))
                continue
            sleeps.append(int(self._places[node - n] if node >= n else self._nodes[node]))
            choices.append([])
        if len(choices) != last - start + 1:
            raise AssertionError(f"a tour of days {start} to {last} has {len(choices)} of them")
        return PricedTour(start, tuple(sleeps), tuple(tuple(day) for day in choices), value)

    def _remember_cycles(self, nodes: Sequence[int]) -> bool:
        """Make every cycle of a tour impossible; whether there was one."""
        last: dict[int, int] = {}
        found = False
        for at, node in enumerate(nodes):
            # A night at a visit's own node is no second visit.
            if node >= len(self._visits) or (at and nodes[at - 1] == node):
                continue
            if node in last:
                found = True
                for between in nodes[last[node] : at]:
                    _remember(self._neighbours, between, node)
            last[node] = at
        return found


def _remember(bits: Bits, i: int, j: int) -> None:
    bits[i, j >> 6] |= np.uint64(1) << np.uint64(j & 63)


def _path(labels: TourLabels, end: int) -> list[tuple[int, int]]:
    """Nodes and options of the tour that ends with a label, in order; option -1 is a night."""
    path = []
    while end >= 0:
        path.append((int(labels.nodes[end]), int(labels.options[end])))
        end = int(labels.parents[end])
    return path[::-1]


def _day_cost(shift: Shift) -> int:
    return shift.fixed_cost + (shift.away.cost if shift.away else 0)


def _visits(problem: Problem, shifts: Sequence[int]) -> Ints:
    return np.array(
        [v for v, x in enumerate(problem.visits) if x.shifts is None or x.shifts & set(shifts)],
        dtype=np.int64,
    )


def _days(insertions: Insertions, shifts: tuple[int, ...], visits: Ints, places: Ints) -> Days:
    """Lay out what the tours of one team are driven in."""
    problem = insertions.problem
    first = problem.shifts[shifts[0]]
    nodes = np.concatenate([insertions.nodes[visits], places, [first.start]])
    legs = np.ix_(nodes, nodes)
    weight = insertions.per_rupiah / insertions.per_prize
    used = sorted({problem.shifts[s].matrix for s in shifts})
    matrices = [problem.matrices[m] for m in used]
    reachable = [matrix.reachable[legs] for matrix in matrices]
    windows = [_windows(problem, s, visits) for s in shifts]
    width = max(low.shape[1] for low, _, _ in windows)
    nights = [problem.shifts[s].night for s in shifts]
    may_stay = [
        night is not None and i + 1 < len(shifts) and night.morning == shifts[i + 1]
        for i, night in enumerate(nights)
    ]
    return Days(
        times=np.stack(
            [np.where(r, m.durations[legs], FAR) for r, m in zip(reachable, matrices, strict=True)]
        ),
        costs=np.stack(
            [np.where(r, m.costs[legs], 0) * weight
             for r, m in zip(reachable, matrices, strict=True)]
        ),
        matrix=np.array([used.index(problem.shifts[s].matrix) for s in shifts], dtype=np.int64),
        horizons=np.array([horizon for _, _, horizon in windows], dtype=np.int64),
        lows=np.stack([_wide(low, width, FAR) for low, _, _ in windows]),
        highs=np.stack([_wide(high, width, -1) for _, high, _ in windows]),
        night_costs=np.array([night.cost * weight if night else 0.0 for night in nights]),
        may_start=np.array([problem.shifts[s].starts_tour for s in shifts]),
        may_stay=np.array(may_stay),
        n_visits=len(visits),
        at_last_stop=any(night is not None and night.at_last_stop for night in nights),
        max_days=problem.max_tour_days,
    )  # fmt: skip


def _wide(array: Ints, width: int, fill: int) -> Ints:
    return np.pad(array, ((0, 0), (0, width - array.shape[1])), constant_values=fill)


def _windows(problem: Problem, s: int, visits: Ints) -> tuple[Ints, Ints, int]:
    """First and last working second of every visit's windows on a day away, and of the day."""
    stage = Stage(s, problem.shifts[s].start)
    day = day_of(problem, stage)
    if day is None:  # never away: no time at all
        none = np.zeros((len(visits), 1), dtype=np.int64)
        return none + FAR, none - 1, 0
    horizon, sessions = worked(day, day.window.end), sessions_of(problem, stage)
    cut = [windows_of(problem.visits[v], sessions) or () for v in visits]
    width = max((len(windows) for windows in cut), default=1) or 1
    lows = np.full((len(visits), width), FAR, dtype=np.int64)
    highs = np.full((len(visits), width), -1, dtype=np.int64)
    for j, windows in enumerate(cut):
        for k, window in enumerate(windows):
            lows[j, k], highs[j, k] = worked(day, window.start), worked(day, window.end)
    return lows, highs, horizon


def _is_metric(days: Days) -> bool:
    """Whether a way over another node is never shorter nor cheaper."""
    for times, costs in zip(days.times, days.costs, strict=True):
        for j in range(len(times)):
            if (times > times[:, [j]] + times[[j], :]).any():
                return False
            if (costs > costs[:, [j]] + costs[[j], :] + 1e-9).any():
                return False
    return True


def team_days(problem: Problem) -> list[tuple[int, ...]]:
    """Shifts of each team in order of time, those that no tour reaches included."""
    teams: dict[int, list[int]] = {}
    for s in sorted(range(len(problem.shifts)), key=lambda s: problem.shifts[s].window.start):
        teams.setdefault(problem.shifts[s].team, []).append(s)
    return [tuple(days) for days in teams.values()]


def can_tour(problem: Problem, shifts: Sequence[int]) -> bool:
    """Whether a team has any tour of several days."""
    return any(problem.shifts[s].starts_tour and len(chain(problem, s)) > 1 for s in shifts)
