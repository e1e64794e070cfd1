"""The best tours of one team with one crew for given duals, exact while labels suffice.

Like ``pricing.py`` for a single day. What a day costs (its duals, vehicle and per diem) adds up
over the days, so one call compares tours that leave on any day and last any time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from routing.columns.cuts import beside, counted_once
from routing.columns.layout import Bits, Cuts, Flag, Floats, Ints
from routing.columns.pricing import NO_CUTS
from routing.insertion import Insertions
from routing.problem import Problem, Shift
from routing.rules.ledger import cost_price, priced_amounts
from routing.timing import Choice, crew_of
from routing.tours import tour_kernels as kernels
from routing.tours import tour_listing_kernels, tour_tail_kernels
from routing.tours.tour_days import backward, days_of, is_metric
from routing.tours.tour_kernels import FAR, WORST
from routing.tours.tour_layout import Days, TourLabels, TourOffers, TourTable

STEPS = 54
"""Steps of the completion table over a day, unless sessions are so short that it needs more."""
LABEL_CAP = 150_000
FEW_LABELS = 15_000
"""So few labels are made at once, rather than bounded by tours driven backward before."""
SAMPLE_CAP = 60_000
FLOOR_SHARE = 0.8
"""As many tours as fit into the days together: worth less than so much of the best they wait."""
SLACK_S = 1200
"""Seconds that a tour which is worth more may be later, when only some are sought."""
NEAREST = 16
"""Visits that one goes on to from another, then."""
NEIGHBOURS = 12
"""Visits that each node lets a tour remember at first; cycles that appear are added."""
FREE = np.zeros(0)
"""No rules to pay for."""
TOURS_KEPT = 150
"""Tours that one call hands back."""
LISTED, LISTED_LABELS = 20_000, 600_000
"""More tours, or labels, are not listed."""


@dataclass(frozen=True, slots=True)
class PricedTour:
    """A tour found: position of its first day, places slept at, and what each day visits."""

    first: int
    sleeps: tuple[int, ...]
    choices: tuple[tuple[Choice, ...], ...]
    value: float

    @property
    def has_cycle(self) -> bool:
        """Whether it comes twice to a visit, which it did not remember."""
        visits = [v for day in self.choices for v, _ in day]
        return len(set(visits)) < len(visits)


@dataclass(frozen=True, slots=True)
class PricedTours:
    """Answer of a call: by first and last day what no tour exceeds; None when it gives no bound.

    ``spans`` are at least the floor asked for. Some of the tours may come twice to a visit.
    ``n_labels`` is below 0 where there were too many: then the tours are some of the good ones, and
    the bound is a loose one.
    """

    spans: Floats | None
    tours: tuple[PricedTour, ...]
    n_labels: int = 0


class TourPricer:
    """Prices the tours of one team, with or without a kit; ``shifts`` are its days in order.

    With ``stop`` set while it is made no visit counts as one that can be dropped. ``by_length`` can
    be set where all days are alike (``is_uniform``): tours leave on the first day only then, and
    stand for those that leave on any other.
    """

    def __init__(
        self,
        insertions: Insertions,
        shifts: Sequence[int],
        with_kit: bool,
        stop: Flag | None = None,
    ) -> None:
        problem = insertions.problem
        self.shifts, self.with_kit = tuple(shifts), with_kit
        self._visits = _visits(problem, shifts)
        self._nodes = insertions.nodes[self._visits]
        nights = [night for s in shifts if (night := problem.shifts[s].night)]
        self._places = np.array(
            sorted({n for night in nights for n in night.nodes}), dtype=np.int64
        )
        self._insertions = insertions
        self._weights = np.full(len(self.shifts), insertions.per_rupiah / insertions.per_prize)
        self.days = days_of(insertions, self.shifts, self._visits, self._places, self._weights)
        self._fixed = np.array([_day_cost(problem.shifts[s]) for s in shifts], dtype=np.float64)
        self._once = counted_once(problem, self.shifts, with_kit, self._visits)
        durations = insertions.durations[self._visits]
        self._order = durations.argsort(axis=1, kind="stable")
        self._durations = np.take_along_axis(durations, self._order, axis=1)
        self._prizes = np.stack([self._prizes_of(insertions, s) for s in shifts])
        shortest = int(self._durations.min(initial=FAR))
        self._step = int(max(1, min(shortest, self.days.horizons.max() // STEPS)))
        self._may_drop = not self.days.at_last_stop and is_metric(
            days_of(insertions, self.shifts, self._visits, self._places, np.ones(len(self.shifts))),
            np.zeros(1, dtype=bool) if stop is None else stop,
        )
        self.is_uniform = self._are_alike()
        self._is_even = _is_even(problem, self.shifts, with_kit)
        self.by_length, self._has_tails = False, True
        self._neighbours = self._nearest()
        self._first_neighbours = self._neighbours.copy()
        self._near = self._thinned(self.days.times)
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

    def _are_alike(self) -> bool:
        """Whether all days are, so that it does not matter on which a tour leaves."""
        days, n = self.days, len(self.shifts)
        by_day = (
            days.matrix, days.horizons, days.lows, days.highs, days.may_start, self._prizes,
            self._fixed, days.night_costs[:-1], days.may_stay[:-1],
        )  # fmt: skip
        is_alike = n > 1 and all((part == part[:1]).all() for part in by_day)
        return is_alike and not self._insertions.problem.rows

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
        self, duals: Floats, entry: Floats, floor: float, stop: Flag, rules: Floats = FREE,
        *, nights: Floats | None = None, cuts: Cuts = NO_CUTS, cap: int = LABEL_CAP,
    ) -> PricedTours:  # fmt: skip
        """Find the best tours, and what no tour is worth more than.

        Parameters
        ----------
        duals
            Price of each visit of the problem.
        entry
            Price of each day of the team, that of a kit included; with ``by_length`` what each adds
            to the price of a tour.
        floor
            Tours worth no more than this are not sought.
        rules
            Prices of ``Problem.rows``; a tour pays for what it adds to each.
        nights
            Price of the night after each day; with ``by_length``, of each night of a tour. The last
            is that of a tour.
        cuts
            Cuts that a tour pays for; their members of shape (visits of the problem,).
        """
        asked = self._asked(duals, entry, rules, nights)
        if not len(asked.offers.active):
            return PricedTours(np.full((len(self.shifts),) * 2, floor), ())
        table = kernels.tabulate(asked.days, asked.offers, self._step, stop)
        if not stop[0] and kernels.leaving_home(asked.days, asked.offers, table).max() <= floor:
            return PricedTours(np.full((len(self.shifts),) * 2, floor), ())
        local, n_back = self._local(cuts, rules), 0
        if self._has_tails:
            n_back = self._tighten(asked, table, self._first_neighbours, local, floor, cap, stop)
        answer = self._searched(asked, table, local, floor, cap, stop)
        is_much = answer.n_labels < 0 or max(n_back, answer.n_labels) > FEW_LABELS
        self._has_tails = is_much or not self.by_length
        return PricedTours(None, ()) if stop[0] else answer

    def _searched(
        self, asked: "_Asked", table: TourTable, cuts: Cuts, floor: float, cap: int, stop: Flag
    ) -> PricedTours:
        """Make labels once."""
        made, found, ends, spans, labels = kernels.price_tours(
            asked.days, asked.offers, table, self._neighbours, cuts, floor, self._step, 0, cap,
            stop,
        )  # fmt: skip
        if made == kernels.STOPPED:
            return PricedTours(None, ())
        if made == kernels.OVER_CAP:
            # Too many labels: what the table says is a bound as well, if not a close one.
            spans = self._bounded(kernels.leaving_home(asked.days, asked.offers, table), floor)
        tours = self._read(found, ends, labels)
        if self.by_length:
            for first in range(1, len(spans)):
                spans[first, first:] = spans[0, :-first]
        return PricedTours(spans, tuple(tours), made)

    def _tighten(
        self, asked: "_Asked", table: TourTable, memory: Bits, cuts: Cuts, floor: float, cap: int,
        stop: Flag,
    ) -> int:  # fmt: skip
        """Lower a completion table by what tours driven the other way round say, if they can.

        Labels made for that; ``cap`` where that was not enough.
        """
        days, offers = backward(asked.days, asked.offers)
        back = kernels.tabulate(days, offers, self._step, stop)
        made, bounds = tour_tail_kernels.tails(
            days, offers, back, memory, cuts, floor, self._step, cap, stop
        )
        if made >= 0:
            tour_tail_kernels.tighten(asked.days, asked.offers, table, bounds, stop)
        return cap if made < 0 else made

    def bound(
        self, duals: Floats, entry: Floats, floor: float, stop: Flag, rules: Floats = FREE,
        *, nights: Floats | None = None, cuts: Cuts = NO_CUTS, cap: int = LABEL_CAP,
    ) -> PricedTours:  # fmt: skip
        """Answer like ``price``, in less time where a sample comes upon a good tour.

        What is worth far less than that one is not sought: as many such tours as fit into the days
        would not be worth as much. The sample's tours are in the answer too.
        """
        known = self.sample(
            duals, entry, floor, stop, rules, nights=nights, cuts=cuts, may_return=True
        )
        best = max((tour.value for tour in known.tours), default=0.0)
        floor = max(floor, FLOOR_SHARE * best / (len(self.shifts) // 2))
        found = self.price(duals, entry, floor, stop, rules, nights=nights, cuts=cuts, cap=cap)
        return replace(found, tours=found.tours + known.tours)

    def sample(
        self, duals: Floats, entry: Floats, floor: float, stop: Flag, rules: Floats = FREE,
        *, nights: Floats | None = None, cuts: Cuts = NO_CUTS, cap: int = SAMPLE_CAP,
        may_return: bool = False,
    ) -> PricedTours:  # fmt: skip
        """Find some tours worth more than ``floor``, sooner than ``price`` and without a bound.

        Parameters are those of ``price``. No tour comes twice to a visit, unless it ``may_return``
        to one that it has forgotten. A visit that is not to be made gets a price that nobody pays.
        After ``cap`` labels the best tours till then are given; none once told to stop.
        """
        asked = self._asked(duals, entry, rules, nights)
        if not len(asked.offers.active):
            return PricedTours(None, ())
        # Where days pay differently for a rupiah there are more layers of the same times.
        times = asked.days.times
        near = self._near if len(times) == len(self._near) else self._thinned(times)
        days = asked.days._replace(times=near)
        table = kernels.tabulate(days, asked.offers, self._step, stop)
        made, found, ends, _, labels = kernels.price_tours(
            days, asked.offers, table, self._neighbours if may_return else self._all,
            self._local(cuts, rules), floor, self._step, SLACK_S, cap, stop,
        )  # fmt: skip
        if made == kernels.STOPPED:
            return PricedTours(None, ())
        return PricedTours(None, tuple(self._read(found, ends, labels)), made)

    def enumerate(
        self, duals: Floats, entry: Floats, floor: float, best: float, stop: Flag,
        rules: Floats = FREE, *, nights: Floats | None = None, cuts: Cuts = NO_CUTS,
        cap: int = LISTED_LABELS, most: int = LISTED,
    ) -> list[PricedTour] | None:  # fmt: skip
        """List for every set of visits and span of days its best tour worth more than ``floor``.

        Parameters are those of ``price``; ``best`` is what no tour exceeds at these prices. None
        when there are more than ``most``, or too many labels, and when told to stop. With rules the
        options count as well: for every set of visits with their options its best tour, which is
        the cheapest and so the best in every row. Where rows or prizes tell the days of a tour
        apart that is not enough: None.
        """
        has_rules = len(rules) > 0
        if has_rules and not self._is_even:
            return None
        asked = self._asked(duals, entry, rules, nights, floor - best, is_listing=has_rules)
        if not len(asked.offers.active):
            return []
        cuts = self._local(cuts, rules)
        table = kernels.tabulate(asked.days, asked.offers, self._step, stop)
        if kernels.leaving_home(asked.days, asked.offers, table).max() <= floor:
            return None if stop[0] else []
        self._tighten(asked, table, self._neighbours, cuts, floor, cap, stop)
        n, ends, lasts, values, labels = tour_listing_kernels.list_tours(
            asked.days, asked.offers, table, cuts, floor, self._step, cap, most, has_rules, stop
        )
        if n < 0 or stop[0]:
            return None
        return [
            self._tour(
                int(labels.parts[end, kernels.START]), _path(labels, int(end)), float(value),
                int(last),
            )
            for end, last, value in zip(ends[:n], lasts[:n], values[:n], strict=True)
        ]  # fmt: skip

    def _asked(
        self, duals: Floats, entry: Floats, rules: Floats, nights: Floats | None,
        slack: float = 0.0, *, is_listing: bool = False,
    ) -> "_Asked":  # fmt: skip
        """Lay out days and options at prices."""
        days, weights = self._at(rules)
        if nights is not None and nights[-1]:
            costs = days.costs.copy()
            costs[:, :, -1] += nights[-1]  # every tour comes home once
            days = days._replace(costs=costs)
        if self.by_length:
            days = days._replace(may_start=np.arange(len(entry)) == 0)
        if nights is not None:
            nightly = nights[: len(entry), None]
            days = days._replace(night_costs=days.night_costs + nightly)
        return _Asked(
            days, self._offers(duals, entry + self._fixed * weights, rules, slack, is_listing)
        )

    def _local(self, cuts: Cuts, rules: Floats) -> Cuts:
        return beside(cuts, self._visits, self._once, rules)

    def _thinned(self, times: Ints) -> Ints:
        """Close all ways between visits but those to the nearest."""
        times, n = times.copy(), len(self._visits)
        between = times[:, :n, :n]
        if n > NEAREST:
            limit = np.partition(between, NEAREST, axis=2)[:, :, [NEAREST]]
            between[between > limit] = FAR
        return times

    def _bounded(self, firsts: Floats, floor: float) -> Floats:
        """Give each span of days the bound of tours that leave on its first."""
        n = len(self.shifts)
        spans = np.full((n, n), floor)
        for a in range(n):
            last = min(n, a + self.days.max_days)
            spans[a, a + 1 : last] = max(floor, float(firsts[a]))
        return spans

    def _at(self, rules: Floats) -> tuple[Days, Floats]:
        """Lay the days out at prices of the rules; thousandths for a rupiah on each day."""
        problem = self._insertions.problem
        prices = np.array([cost_price(problem, s, rules) for s in self.shifts])
        weights = self._weights + prices
        if not prices.any():
            return self.days, weights
        return days_of(self._insertions, self.shifts, self._visits, self._places, weights), weights

    def _paid(self, rules: Floats) -> Floats:
        """Weigh what each option adds to the rules, by day, visit and option."""
        problem = self._insertions.problem
        paid = []
        for s in self.shifts:
            crew = crew_of(problem.shifts[s], self.with_kit)
            of_day = priced_amounts(problem, s, crew, rules)[self._visits]
            shape = self._durations.shape
            paid.append(np.take_along_axis(np.broadcast_to(of_day, shape), self._order, axis=1))
        return np.stack(paid)

    def _offers(
        self, duals: Floats, entry: Floats, rules: Floats, slack: float, is_listing: bool
    ) -> TourOffers:
        """Options that can be part of a tour that falls short of the best by less than ``-slack``.

        A longer session must gain more than the shorter ones, unless rules tell them apart and all
        are to be listed; one that gains no more than ``slack`` is of use only where a team may
        sleep there, or where the way over it is shorter.
        """
        gains = self._prizes - duals[self._visits][None, :, None]
        if rules.any():
            gains = gains - self._paid(rules)
        gains = np.where(self._prizes > WORST, gains, WORST)
        if not is_listing:
            before = np.maximum.accumulate(gains, axis=2)
            gains[:, :, 1:] = np.where(gains[:, :, 1:] > before[:, :, :-1], gains[:, :, 1:], WORST)
        if self._may_drop:
            gains = np.where(gains > slack, gains, WORST)
        useful = (gains > WORST).any(axis=0)
        rows, columns = np.nonzero(useful)
        first = np.zeros(len(self._visits) + 1, dtype=np.int64)
        np.cumsum(useful.sum(axis=1), out=first[1:])
        self._options = self._order[rows, columns]
        return TourOffers(
            first, self._durations[rows, columns], np.ascontiguousarray(gains[:, rows, columns]),
            entry, np.unique(rows).astype(np.int64),
        )  # fmt: skip

    def _read(self, found: Floats, ends: Ints, labels: TourLabels) -> list[PricedTour]:
        """Read the best tours."""
        tours = []
        values = np.where(ends >= 0, found, WORST).ravel()
        for at in (-values).argsort(kind="stable")[:TOURS_KEPT]:
            if values[at] <= WORST:
                break
            end = int(ends.ravel()[at])
            path = _path(labels, end)
            last = int(at) // ends.shape[1]
            first = int(labels.parts[end, kernels.START])
            tours.append(self._tour(first, path, float(values[at]), last))
        return tours

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

    def allows(self, choices: Sequence[Sequence[Choice]], sleeps: Sequence[int]) -> bool:
        """Whether no node between keeps a tour from its cycles."""
        return not any(
            all(_knows(self._neighbours, between, node) for between in path)
            for path, node in self._cycles(choices, sleeps)
        )

    def remember(self, choices: Sequence[Sequence[Choice]], sleeps: Sequence[int]) -> int:
        """Make the cycles of a tour impossible; how many memories that took."""
        return sum(
            _remember(self._neighbours, between, node)
            for path, node in self._cycles(choices, sleeps)
            for between in path
        )

    def _cycles(
        self, choices: Sequence[Sequence[Choice]], sleeps: Sequence[int]
    ) -> Iterator[tuple[list[int], int]]:
        """List the nodes from a visit to the same again, the second left out, and the visit."""
        places = {int(node): len(self._visits) + k for k, node in enumerate(self._places)}
        local = {int(v): j for j, v in enumerate(self._visits)}
        last: dict[int, int] = {}
        path: list[int] = []
        for day, visits in enumerate(choices):
            for node in (local[v] for v, _ in visits):
                if node in last:
                    yield path[last[node] :], node
                last[node] = len(path)
                path.append(node)
            if day < len(sleeps) and sleeps[day] in places:
                path.append(places[sleeps[day]])


class _Asked(NamedTuple):
    """What one call prices."""

    days: Days
    offers: TourOffers


def _remember(bits: Bits, i: int, j: int) -> bool:
    """Let node i remember visit j; whether that is new."""
    before = bits[i, j >> 6]
    bits[i, j >> 6] |= np.uint64(1) << np.uint64(j & 63)
    return bool(before != bits[i, j >> 6])


def _knows(bits: Bits, i: int, j: int) -> bool:
    """Whether node i remembers visit j."""
    return bool((bits[i, j >> 6] >> np.uint64(j & 63)) & np.uint64(1))


def _path(labels: TourLabels, end: int) -> list[tuple[int, int]]:
    """Nodes and options of the tour that ends with a label, in order; option -1 is a night."""
    path, parts = [], labels.parts
    while parts[end, kernels.PARENT] >= 0:
        path.append((int(parts[end, kernels.NODE]), int(parts[end, kernels.OPTION])))
        end = int(parts[end, kernels.PARENT])
    return path[::-1]


def _day_cost(shift: Shift) -> int:
    return shift.fixed_cost + (shift.away.cost if shift.away else 0)


def _is_even(problem: Problem, shifts: Sequence[int], with_kit: bool) -> bool:
    """Whether prizes and rows of the rules count the same whatever a tour does on which day."""
    days = [problem.shifts[s] for s in shifts]
    served = [x for x in days if x.serves and not (with_kit and x.kit_pool is None)]
    is_even = len({crew_of(x, with_kit) for x in served}) <= 1
    for row in problem.rows:
        counted = [{s in row.cost_of for s in shifts}]
        counted += [{term.counts(s) for s in shifts} for term in row.terms]
        is_even = is_even and all(len(answers) == 1 for answers in counted)
    return is_even


def _visits(problem: Problem, shifts: Sequence[int]) -> Ints:
    return np.array(
        [v for v, x in enumerate(problem.visits) if x.shifts is None or x.shifts & set(shifts)],
        dtype=np.int64,
    )
