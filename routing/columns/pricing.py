"""The best routes of one shift type with one crew for given duals, exact or not at all.

A call that runs into its cap of labels, or is told to stop, says so and gives no bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.clock import worked
from routing.columns import kernels
from routing.columns.completion_kernels import FAR, WORST, completions
from routing.columns.cuts import beside, counted_once
from routing.columns.detours import Detours
from routing.columns.layout import Bits, Cuts, Day, Flag, Floats, Ints, Labels, Offers
from routing.columns.listing_kernels import enumerate_routes
from routing.insertion import Insertions
from routing.rules.ledger import cost_price, priced_amounts
from routing.shift_types import ShiftType, windows_of
from routing.timing import Choice, crew_of

STEPS = 128
"""Steps of the completion table over a shift, unless both sessions and ways are so short that it
needs more."""
TABLE_CAP = 20_000_000
"""Entries of the completion table that a call may have."""
LABEL_CAP = 1_000_000
ENUMERATION_CAP = 500_000
ENUMERATED = 20_000
"""Routes that one call lists."""
NEIGHBOURS = 10
"""Visits that each visit lets a route remember at first; cycles that appear are added."""
FREE: Floats = np.zeros(0)
"""Prices of a problem without rules."""
ROUTES_KEPT = 60
"""Routes that one call hands back."""
NO_CUTS = Cuts(np.zeros(0, dtype=np.uint64), np.zeros(0))


@dataclass(frozen=True, slots=True)
class Route:
    """Visits and options in order, and the value less the duals of the visits."""

    choices: tuple[Choice, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Priced:
    """Answer of a call: no route is worth more than ``best``; None when the call gave up.

    ``best`` is at least the floor that was asked for. ``has_cycles`` tells that some of the best
    routes came twice to a visit; they are not among ``routes``, and will not come again.
    """

    best: float | None
    routes: tuple[Route, ...]
    has_cycles: bool = False


class Pricer:
    """Prices the routes of one type of shift, with or without a kit."""

    def __init__(
        self, insertions: Insertions, kind: ShiftType, with_kit: bool, known: Detours | None = None
    ) -> None:
        known = known or Detours()
        self.kind, self.with_kit, self.n_labels = kind, with_kit, 0
        self._visits = _allowed(insertions, kind)
        problem = insertions.problem
        self._insertions = insertions
        self._weight = insertions.per_rupiah / insertions.per_prize
        self.day = known.shared(_day(insertions, kind.first, self._visits, self._weight))
        self._crew = crew = crew_of(problem.shifts[kind.first], with_kit)
        self._once = counted_once(problem, (kind.first,), with_kit, self._visits)
        durations = insertions.durations[self._visits]
        self._order = durations.argsort(axis=1, kind="stable")
        self._durations = np.take_along_axis(durations, self._order, axis=1)
        prizes = insertions.prizes[crew][self._visits].astype(np.float64)
        self._prizes = np.take_along_axis(prizes, self._order, axis=1)
        shortest = self._durations.min(axis=1, initial=FAR)
        self._detours = known.of(_day(insertions, kind.first, self._visits, 1.0), shortest)
        self._is_near = self._reached(shortest)
        between = self.day.times[:-1, :-1][~np.eye(len(self._visits), dtype=bool)]
        longest = max(shortest.min(initial=FAR), between.min(initial=FAR))
        self._step = int(max(1, min(longest, self.day.horizon // STEPS)))
        self._neighbours = self._nearest()
        self._near = known.near(self.day.times)

    def _reached(self, shortest: Ints) -> npt.NDArray[np.bool_]:
        """Visits worth a look: where detours never help, those that can be made alone."""
        if not np.isfinite(self._detours).all():
            return np.ones(len(self._visits), dtype=bool)
        alone = self.day.times[-1, :-1] + shortest + self.day.times[:-1, -1]
        return np.asarray(alone <= self.day.horizon)

    def _thinned(self, day: Day) -> Day:
        """Close all ways between visits but those to the nearest."""
        return day._replace(times=self._near)

    @property
    def is_possible(self) -> bool:
        """Whether the table of completion bounds is small enough."""
        return len(self._visits) * (self.day.horizon // self._step + 1) <= TABLE_CAP

    def _nearest(self) -> Bits:
        n = len(self._visits)
        bits = np.zeros((n, (n + 63) // 64), dtype=np.uint64)
        there = self.day.times[:-1, :-1] + self.day.times[:-1, :-1].T
        np.fill_diagonal(there, -1)
        for i, row in enumerate(there):
            for j in row.argsort(kind="stable")[: NEIGHBOURS + 1]:
                _remember(bits, i, int(j))
        return bits

    def price(
        self, duals: Floats, floor: float, stop: Flag, cap: int = LABEL_CAP,
        rules: Floats = FREE, cuts: Cuts = NO_CUTS,
    ) -> Priced:  # fmt: skip
        """Find routes worth more than ``floor``: prizes less costs less ``duals`` of the visits.

        ``rules`` are the prices of ``Problem.rows``; a route pays for what it adds to each. The
        members of ``cuts`` are of shape (visits of the problem,).
        """
        offers = self._offers(duals, 0.0, rules)
        if not len(offers.active):
            return Priced(floor, ())
        day = self._at(rules)
        table = completions(day, offers, self._step, stop)
        if stop[0]:
            return Priced(None, ())
        made, values, ends, labels = kernels.price(
            day, offers, self._local(cuts, rules), table, self._neighbours, floor, self._step, cap,
            False, stop,
        )  # fmt: skip
        self.n_labels += max(made, 0)
        if made < 0:
            return Priced(None, ())
        routes, has_cycles = [], False
        for j in (-values).argsort(kind="stable")[:ROUTES_KEPT]:
            if ends[j] < 0:
                break
            path = _path(labels, int(ends[j]))
            if self._remember_cycles([visit for visit, _ in path]):
                has_cycles = True
            else:
                routes.append(Route(self._choices(offers, path), float(values[j])))
        return Priced(float(values.max()), tuple(routes), has_cycles)

    def sample(
        self, duals: Floats, floor: float, stop: Flag, rules: Floats = FREE, cuts: Cuts = NO_CUTS
    ) -> tuple[Route, ...]:
        """Find some routes worth more than ``floor``, sooner than ``price`` and without a bound."""
        offers = self._offers(duals, 0.0, rules)
        if not len(offers.active):
            return ()
        day = self._thinned(self._at(rules))
        table = completions(day, offers, self._step, stop)
        if stop[0]:
            return ()
        everything = np.full_like(self._neighbours, ~np.uint64(0))
        made, values, ends, labels = kernels.price(
            day, offers, self._local(cuts, rules), table, everything, floor, self._step, LABEL_CAP,
            True, stop,
        )  # fmt: skip
        self.n_labels += max(made, 0)
        if made < 0:
            return ()
        best = (-values).argsort(kind="stable")[:ROUTES_KEPT]
        return tuple(
            Route(self._choices(offers, _path(labels, int(ends[j]))), float(values[j]))
            for j in best
            if ends[j] >= 0
        )

    def enumerate(
        self, duals: Floats, floor: float, best: float, stop: Flag, cap: int = ENUMERATION_CAP,
        rules: Floats = FREE, cuts: Cuts = NO_CUTS,
    ) -> list[Route] | None:  # fmt: skip
        """List for every set of visits its best route if that is worth more than ``floor``.

        ``best`` is what no route exceeds at these duals. None when there are too many. With rules
        the options count as well: for every set of visits with their options its best route.
        """
        offers = self._offers(duals, floor - best, rules)
        if not len(offers.active):
            return []
        day = self._at(rules)
        table = completions(day, offers, self._step, stop)
        if stop[0]:
            return None
        n, values, ends, labels = enumerate_routes(
            day,
            offers,
            self._local(cuts, rules),
            table,
            floor,
            self._step,
            cap,
            ENUMERATED,
            len(rules) > 0,
            stop,
        )
        if n < 0:
            return None
        return [
            Route(self._choices(offers, _path(labels, int(end))), float(value))
            for value, end in zip(values[:n], ends[:n], strict=True)
        ]

    def _local(self, cuts: Cuts, rules: Floats) -> Cuts:
        return beside(cuts, self._visits, self._once, rules)

    def _at(self, rules: Floats) -> Day:
        """Lay the day out at prices of the rules: a rupiah may cost more than it is worth."""
        price = cost_price(self._insertions.problem, self.kind.first, rules)
        if not price:
            return self.day
        return _day(self._insertions, self.kind.first, self._visits, self._weight + price)

    def _gains(self, duals: Floats, rules: Floats) -> Floats:
        gains: Floats = self._prizes - duals[self._visits][:, None]
        if rules.any():
            problem = self._insertions.problem
            paid = priced_amounts(problem, self.kind.first, self._crew, rules)[self._visits]
            gains = gains - np.take_along_axis(
                np.broadcast_to(paid, gains.shape), self._order, axis=1
            )
        return gains

    def _offers(self, duals: Floats, slack: float, rules: Floats) -> Offers:
        """Options that can be part of a best route.

        A longer session must gain more than the shorter ones, unless rules tell them apart and not
        only the best are asked for; a visit must not be one that a route can drop at no loss
        greater than ``-slack``.
        """
        gains = self._gains(duals, rules)
        useful = self._durations < FAR
        if not len(rules) or slack >= 0:
            before = np.maximum.accumulate(gains, axis=1)
            useful[:, 1:] &= gains[:, 1:] > before[:, :-1]
        weight = self._weight + cost_price(self._insertions.problem, self.kind.first, rules)
        detours = np.full(len(self._detours), np.inf)
        np.multiply(self._detours, weight, out=detours, where=np.isfinite(self._detours))
        keeps = self._is_near & (gains.max(axis=1, initial=WORST) + detours > slack)
        useful &= keeps[:, None]
        rows, columns = np.nonzero(useful)
        first = np.zeros(len(self._visits) + 1, dtype=np.int64)
        np.cumsum(useful.sum(axis=1), out=first[1:])
        self_options = self._order[rows, columns]
        active = np.unique(rows).astype(np.int64)
        return Offers(
            first, self._durations[rows, columns], gains[rows, columns], active, self_options
        )

    def _choices(self, offers: Offers, path: Sequence[tuple[int, int]]) -> tuple[Choice, ...]:
        return tuple((int(self._visits[j]), int(offers.options[k])) for j, k in path)

    def _remember_cycles(self, visits: list[int]) -> bool:
        """Make every cycle of a route impossible; whether there was one."""
        last: dict[int, int] = {}
        found = False
        for at, j in enumerate(visits):
            if j in last:
                found = True
                for between in visits[last[j] : at]:
                    _remember(self._neighbours, between, j)
            last[j] = at
        return found


def _remember(bits: Bits, i: int, j: int) -> None:
    bits[i, j >> 6] |= np.uint64(1) << np.uint64(j & 63)


def _path(labels: Labels, end: int) -> list[tuple[int, int]]:
    """Local visits and options of the route that ends with a label, in order."""
    path = []
    while end >= 0:
        path.append((int(labels.visits[end]), int(labels.options[end])))
        end = int(labels.parents[end])
    return path[::-1]


def _allowed(insertions: Insertions, kind: ShiftType) -> Ints:
    visits = insertions.problem.visits
    # On a day on which nobody leaves from the base, or nobody is served, there is no route.
    if not insertions.is_possible(kind.first):
        return np.array([], dtype=np.int64)
    return np.array(
        [v for v, x in enumerate(visits) if x.shifts is None or kind.first in x.shifts],
        dtype=np.int64,
    )


def _day(insertions: Insertions, s: int, visits: Ints, weight: float) -> Day:
    """Lay out what a route of shift ``s`` is driven in, at so many thousandths for a rupiah.

    Its fixed cost is paid on leaving.
    """
    problem = insertions.problem
    shift = problem.shifts[s]
    matrix = problem.matrices[shift.matrix]
    nodes = insertions.nodes[visits]
    legs = np.ix_(np.append(nodes, shift.start), np.append(nodes, shift.end))
    reachable = matrix.reachable[legs]
    costs = np.where(reachable, matrix.costs[legs], 0) * weight
    costs[-1] += shift.fixed_cost * weight
    lows, highs = windows_of(problem, shift)
    horizon = worked(shift, shift.window.end)
    lows, highs = lows[visits], highs[visits]
    allowances = shift.allowances if weight else ()
    return Day(
        times=np.where(reachable, matrix.durations[legs], FAR),
        costs=costs,
        lows=np.ascontiguousarray(lows),
        highs=np.ascontiguousarray(highs),
        horizon=horizon,
        break_works=np.array([worked(shift, b.start) for b in shift.breaks], dtype=np.int64),
        break_lengths=np.array([b.end - b.start for b in shift.breaks], dtype=np.int64),
        longer_than=np.array([a.longer_than for a in allowances], dtype=np.int64),
        allowances=np.array([a.cost * weight for a in allowances], dtype=np.float64),
        most_due=sum(a.cost for a in allowances) * weight,
        may_wait=bool(((lows > 0) & (lows <= highs)).any()),
    )
