"""Every way to put one more visit into one shift, evaluated exactly and all at once.

Merit is the value as an integer, so that comparisons are exact: prize times ``rupiah_per_document``
less 1000 times the cost (only the prize when costs do not count). Times are working seconds of the
shift (see ``clock.py``), in which breaks do not exist.

A day is named by a position: that of its shift when it is driven from base to base, one beyond the
shifts for a day of a tour (``Insertions.at``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.clock import worked
from routing.problem import Problem, Shift, TimeWindow, TravelMatrix
from routing.rules.ledger import amounts, limits_cost
from routing.stages import Stage, day_of, sessions_of, sleeps_at_last_stop, windows_of
from routing.timing import Choice, cost_of, crew_of, earliest_end, prize_of, timed_day

IntArray = npt.NDArray[np.int64]

NEVER = 2**40
"""A time that no shift reaches."""
NOTHING = -(2**60)
"""The merit of what cannot be done."""
BYTES_KEPT = 128 * 2**20
SHIFTS_KEPT = 100_000
_Key = tuple[int, bool, tuple[Choice, ...]]
Rows = IntArray | slice
EVERY = slice(None)


class _Driven(NamedTuple):
    """A shift as driven: merit (None when it cannot), when it ends, its rupiah.

    The end is the earliest, in working seconds.
    """

    merit: int | None
    end: int
    cost: int


class Placements(NamedTuple):
    """Merit of the whole shift, the working second it ends and its cost, after one more visit.

    All have shape (positions, visits, options); the merit is ``NOTHING`` where infeasible. ``cost``
    in rupiah, None where neither the value nor a rule asks for it.
    """

    merit: IntArray
    end: IntArray
    cost: IntArray | None


@dataclass(frozen=True, slots=True)
class _Clock:
    """What the shifts with the same window and breaks share: the visits' windows on their scale."""

    horizon: int
    lows: IntArray  # (windows, visits)
    highs: IntArray
    is_open: npt.NDArray[np.bool_]  # (visits): at any time


class Insertions:
    """Evaluator of insertions into the shifts of one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        visits = problem.visits
        n_options = max((len(v.options) for v in visits), default=0)
        self.nodes = np.array([v.node for v in visits], dtype=np.int64)
        self.durations = np.full((len(visits), n_options), NEVER, dtype=np.int64)
        self.prizes = np.zeros((problem.n_crews, len(visits), n_options), dtype=np.int64)
        for v, visit in enumerate(visits):
            for o, option in enumerate(visit.options):
                self.durations[v, o] = option.duration
                self.prizes[:, v, o] = option.prizes
        self.per_prize = problem.rupiah_per_document or 1
        self.per_rupiah = 1000 if problem.rupiah_per_document else 0
        self._has_costs = self.per_rupiah > 0 or limits_cost(problem)
        self._clocks: dict[tuple[TimeWindow | None, ...], _Clock] = {}
        self._allowed = self._allowed_visits()
        self.stages = [Stage(s) for s in range(len(problem.shifts))]
        self._days = [day_of(problem, stage) for stage in self.stages]
        self._places = {stage: at for at, stage in enumerate(self.stages)}
        self._known: dict[_Key, Placements] = {}
        self._known_bytes = 0
        self._known_shifts: dict[_Key, _Driven] = {}

    def at(self, stage: Stage) -> int:
        """Give the position of a stage, the same at every call."""
        place = self._places.get(stage)
        if place is None:
            place = self._places[stage] = len(self.stages)
            self.stages.append(stage)
            self._days.append(day_of(self.problem, stage))
        return place

    def is_possible(self, day: int) -> bool:
        """Whether the shift can be driven so at all, and by itself."""
        return self._days[day] is not None

    def _allowed_visits(self) -> list[npt.NDArray[np.bool_]]:
        allowed = [np.ones(len(self.nodes), dtype=bool) for _ in self.problem.shifts]
        for v, visit in enumerate(self.problem.visits):
            if visit.shifts is not None:
                for s in set(range(len(allowed))) - visit.shifts:
                    allowed[s][v] = False
        return allowed

    def allowed(self, shift: int) -> npt.NDArray[np.bool_]:
        """Tell of every visit whether this shift may make it, from base to base; (visits,)."""
        return self._allowed[shift] & self.is_possible(shift)

    def allowed_away(self, shift: int) -> npt.NDArray[np.bool_]:
        """Tell of every visit whether this shift may make it as a day of a tour; (visits,)."""
        day = self.problem.shifts[shift]
        return self._allowed[shift] & (day.away is not None and day.serves)

    def windows(self, day: int) -> tuple[IntArray, IntArray]:
        """Give the first and last working second of every visit's windows on a day.

        Both of shape (visits, windows); first after last where there is no such window.
        """
        clock = self._clock(day, self._days[day] or self.problem.shifts[self.stages[day].shift])
        return clock.lows.T.copy(), clock.highs.T.copy()

    def _clock(self, day: int, shift: Shift) -> _Clock:
        sessions = sessions_of(self.problem, self.stages[day])
        key = (shift.window, sessions, *shift.breaks)
        if key not in self._clocks:
            cut = [windows_of(visit, sessions) for visit in self.problem.visits]
            spans = [
                sorted((worked(shift, w.start), worked(shift, w.end)) for w in windows or ())
                for windows in cut
            ]
            horizon = worked(shift, shift.window.end)
            inside = [[(a, b) for a, b in span if b > 0 and a < horizon] for span in spans]
            n = max([1, *map(len, inside)])
            lows = np.full((n, len(spans)), NEVER, dtype=np.int64)
            highs = np.full((n, len(spans)), -NEVER, dtype=np.int64)
            is_open = np.array([windows is not None and not windows for windows in cut], dtype=bool)
            lows[0, is_open], highs[0, is_open] = -NEVER, 2 * NEVER
            for v in range(len(cut)):
                for k, (low, high) in enumerate(inside[v]):
                    lows[k, v], highs[k, v] = low, high
            self._clocks[key] = _Clock(horizon, lows, highs, is_open)
        return self._clocks[key]

    def merit(self, prize: int, cost: int) -> int:
        """Value as an exact integer."""
        return prize * self.per_prize - cost * self.per_rupiah

    def merit_of(self, day: int, with_kit: bool, choices: Sequence[Choice]) -> int | None:
        """Merit of a day that makes these visits, None when it cannot; 0 when it stays at home."""
        return self._driven(day, with_kit, choices).merit

    def end_of(self, day: int, choices: Sequence[Choice]) -> int:
        """Working second at which the day ends at the earliest, 0 when it stays at home."""
        return self._driven(day, False, choices).end

    def amounts_of(self, day: int, with_kit: bool, choices: Sequence[Choice]) -> tuple[int, ...]:
        """Tell what a day that makes these visits adds to each of ``Problem.rows``."""
        if not self.problem.rows:
            return ()
        shift, cost = self.stages[day].shift, self._driven(day, with_kit, choices).cost
        crew = crew_of(self.problem.shifts[shift], with_kit)
        return amounts(self.problem, shift, crew, choices, cost)

    def _driven(self, day: int, with_kit: bool, choices: Sequence[Choice]) -> _Driven:
        stage, shift = self.stages[day], self._days[day]
        if not choices and not stage.is_away:
            return _Driven(0, 0, 0)
        key = (day, with_kit, tuple(choices))
        if key not in self._known_shifts:
            if len(self._known_shifts) >= SHIFTS_KEPT:
                self._known_shifts.clear()
            plan = None
            if shift is not None and not (with_kit and shift.kit_pool is None):
                plan = timed_day(self.problem, stage, shift, with_kit, choices)
            if shift is None or plan is None:
                self._known_shifts[key] = _Driven(None, 0, 0)
            else:
                cost = cost_of(self.problem, plan)
                merit = self.merit(prize_of(self.problem, plan), cost)
                end = worked(shift, plan.arrival)
                if shift.allowances:  # it may start later than it could
                    end = earliest_end(self.problem, stage, shift, choices) or 0
                self._known_shifts[key] = _Driven(merit, end, cost)
        return self._known_shifts[key]

    def evaluated(self) -> Iterator[tuple[int, bool, tuple[Choice, ...], int]]:
        """List shifts, kits, visits and merits that were evaluated and are still known.

        Routes of a shift that a search came past: more than it kept, a pool to choose from. Days of
        tours are not among them.
        """
        for (day, with_kit, choices), (merit, _, _) in self._known_shifts.items():
            if merit is not None and day < len(self.problem.shifts):
                yield day, with_kit, choices, merit

    def placements(self, day: int, with_kit: bool, choices: Sequence[Choice]) -> Placements:
        """Evaluate every visit and option at every position among ``choices``.

        ``choices`` must be visits this day may make. Do not change the arrays: they are kept and
        given out again, because a search comes back to the same shifts all the time.
        """
        key = (day, with_kit, tuple(choices))
        found = self._known.get(key)
        if found is None:
            found = self._placements(day, with_kit, choices)
            size = sum(part.nbytes for part in found if part is not None)
            self._known_bytes += size
            if self._known_bytes > BYTES_KEPT:
                self._known.clear()
                self._known_bytes = size
            self._known[key] = found
        return found

    def _placements(self, day: int, with_kit: bool, choices: Sequence[Choice]) -> Placements:
        merits, ends, costs = [], [], []
        shift = self._days[day]
        if shift is None or not shift.serves:
            shape = (len(choices) + 1, *self.durations.shape)
            nothing = np.zeros(shape, dtype=np.int64) if self._has_costs else None
            return Placements(np.full(shape, NOTHING), np.full(shape, NEVER), nothing)
        for position in range(len(choices) + 1):
            end, first = self._ends(day, shift, choices, position)
            possible = end <= self._clock(day, shift).horizon
            possible[[v for v, _ in choices]] = False
            if sleeps_at_last_stop(self.problem, self.stages[day]):
                if position == len(choices):
                    possible[self.nodes != shift.end] = False
                elif self.nodes[choices[-1][0]] != shift.end:
                    possible[:] = False
            cost = self._costs(day, shift, choices, position, end, first)
            merit = self._merits(shift, with_kit, choices, cost)
            merits.append(np.where(possible, merit, NOTHING))
            ends.append(np.where(possible, end, NEVER))
            costs.append(cost)
        known = [cost for cost in costs if cost is not None]
        return Placements(np.stack(merits), np.stack(ends), np.stack(known) if known else None)

    def overtime(self, day: int, choices: Sequence[Choice]) -> IntArray:
        """Seconds of work by which the day is too short for each visit in addition to ``choices``.

        Of shape (visits,). The shortest way and option counts; 0 or less where it fits, ``NEVER``
        where more time would not help.
        """
        shift = self._days[day]
        best = np.full(len(self.nodes), NEVER)
        if shift is None or not shift.serves:
            return best
        horizon = self._clock(day, shift).horizon
        for position in range(len(choices) + 1):
            end, _ = self._ends(day, shift, choices, position)
            best = np.minimum(best, end.min(axis=1, initial=NEVER))
        return np.where(best < NEVER, best - horizon, NEVER)

    def _ends(
        self, day: int, shift: Shift, choices: Sequence[Choice], position: int,
        leave: IntArray | int = 0, rows: Rows = EVERY,
    ) -> tuple[IntArray, IntArray]:  # fmt: skip
        """End of the day for every (visit, option) put at ``position``, and its first start.

        ``rows`` are the visits to put in, and ``leave`` the moment of leaving with each.
        """
        matrix, clock = self.problem.matrices[shift.matrix], self._clock(day, shift)
        allowed = self._allowed[self.stages[day].shift][rows, None]
        at: IntArray | int = shift.start
        now: IntArray = np.asarray(leave, dtype=np.int64).reshape(np.shape(leave) or (1, 1))
        first: IntArray | None = None
        for step in _with_any(choices, position):
            to, durations, columns = self._stop(step, rows)
            arrivals = _arrivals(now, matrix, at, to)
            if step is None:
                arrivals = np.where(allowed, arrivals, NEVER)
            if step is not None and clock.is_open[step[0]]:
                start = arrivals
            else:
                low, high = clock.lows[:, columns], clock.highs[:, columns]
                start = _earliest(low, high, arrivals, durations)
            first = start if first is None else first
            now, at = start + durations, to
        end = _arrivals(now, matrix, at, shift.end)
        return end, end if first is None else first

    def _stop(
        self, step: Choice | None, rows: Rows = EVERY
    ) -> tuple[IntArray | int, IntArray | int, Rows]:
        """Node, seconds on site and column of a stop; where it is None of the visits in ``rows``.

        The arrays have shape (visits, 1) and (visits, options).
        """
        if step is None:
            return self.nodes[rows, None], self.durations[rows], rows
        v, o = step
        visit = self.problem.visits[v]
        return visit.node, visit.options[o].duration, slice(v, v + 1)

    def _merits(
        self, shift: Shift, with_kit: bool, choices: Sequence[Choice], cost: IntArray | None
    ) -> IntArray:
        crew = crew_of(shift, with_kit)
        prizes: IntArray = self.prizes[crew] + sum(int(self.prizes[crew, v, o]) for v, o in choices)
        if cost is None or not self.per_rupiah:
            return prizes
        merit: IntArray = prizes * self.per_prize - cost * self.per_rupiah
        return merit

    def _costs(
        self, day: int, shift: Shift, choices: Sequence[Choice], position: int, end: IntArray,
        first: IntArray,
    ) -> IntArray | None:  # fmt: skip
        """Rupiah of the day with every (visit, option) put at ``position``, if anybody asks."""
        if not self._has_costs:
            return None
        visits = self.problem.visits
        matrix = self.problem.matrices[shift.matrix]
        route = [shift.start, *(visits[v].node for v, _ in choices), shift.end]
        before, after = route[position], route[position + 1]
        legs = list(pairwise(route))
        del legs[position]
        cost = shift.fixed_cost + sum(int(matrix.costs[leg]) for leg in legs)
        costs = matrix.costs[before, self.nodes] + matrix.costs[self.nodes, after] + cost
        total: IntArray = np.broadcast_to(costs[:, None], end.shape)
        if shift.allowances:
            total = total + self._dues(day, shift, choices, position, end, first)
        return total

    def _dues(
        self, day: int, shift: Shift, choices: Sequence[Choice], position: int, end: IntArray,
        first: IntArray,
    ) -> IntArray:  # fmt: skip
        """Least allowances of the day, see ``departures.py``."""
        horizon = self._clock(day, shift).horizon
        leg = self._first_leg(shift, choices, position)
        due = _due(shift, _pauses(shift, end) - _resumes(shift, first - leg))
        work = self._work(shift, choices, position)
        # Most visits owe no more than their work does: only for the others there is more to try.
        rows = np.flatnonzero(((end <= horizon) & (due > _due(shift, work))).any(axis=1))
        if not len(rows):
            return due
        work, least = work[rows], due[rows]
        leg = self._first_leg(shift, choices, position, rows)
        for moment in self._moments(day, shift, choices, position, rows):
            leave = np.where((moment > 0) & (moment <= horizon - work), moment, 0)
            ends, starts = self._ends(day, shift, choices, position, leave, rows)
            less = _due(shift, _pauses(shift, ends) - _resumes(shift, starts - leg))
            least = np.where(ends <= horizon, np.minimum(least, less), least)
        due[rows] = least
        return due

    def _moments(
        self, day: int, shift: Shift, choices: Sequence[Choice], position: int, rows: Rows
    ) -> Iterator[IntArray]:
        """List the moments of leaving that may be best, as in ``departures.py``."""
        clock = self._clock(day, shift)
        at: IntArray | int = shift.start
        before: IntArray = np.zeros((1, 1), dtype=np.int64)
        for pause in shift.breaks:
            yield before + worked(shift, pause.start)
        for step in _with_any(choices, position):
            to, durations, columns = self._stop(step, rows)
            before = before + self._leg(shift, at, to)
            for low, high in zip(clock.lows[:, columns], clock.highs[:, columns], strict=True):
                if (low > -NEVER).any():
                    yield low[:, None] - before
                    yield high[:, None] - durations - before
            before, at = before + durations, to

    def _work(self, shift: Shift, choices: Sequence[Choice], position: int) -> IntArray:
        """Seconds of work of the day for every (visit, option) put at ``position``."""
        at: IntArray | int = shift.start
        work: IntArray = np.zeros((1, 1), dtype=np.int64)
        for step in _with_any(choices, position):
            to, durations, _ = self._stop(step)
            work, at = work + self._leg(shift, at, to) + durations, to
        return work + self._leg(shift, at, shift.end)

    def _first_leg(
        self, shift: Shift, choices: Sequence[Choice], position: int, rows: Rows = EVERY
    ) -> IntArray:
        """Seconds to the first stop with every visit put at ``position``."""
        to, _, _ = self._stop(next(_with_any(choices, position)), rows)
        return self._leg(shift, shift.start, to)

    def _leg(self, shift: Shift, at: IntArray | int, to: IntArray | int) -> IntArray:
        """Seconds between nodes; where there is no way the day is not possible anyway."""
        found: IntArray = self.problem.matrices[shift.matrix].durations[at, to]
        return found


def _with_any(choices: Sequence[Choice], position: int) -> Iterator[Choice | None]:
    """Go through the stops, with None where any visit is put in."""
    yield from choices[:position]
    yield None
    yield from choices[position:]


def _due(shift: Shift, duty: IntArray) -> IntArray:
    """``departures.allowances_of`` for an array."""
    total = np.zeros_like(duty)
    for allowance in shift.allowances:
        total += np.where(duty > allowance.longer_than, allowance.cost, 0)
    return total


def _earliest(
    lows: IntArray, highs: IntArray, arrivals: IntArray, durations: IntArray | int
) -> IntArray:
    """First start in any of the windows (first axis), ``NEVER`` where there is none."""
    best = np.full(np.broadcast_shapes(arrivals.shape, np.shape(durations)), NEVER, dtype=np.int64)
    for low, high in zip(lows, highs, strict=True):
        start = np.maximum(arrivals, low[:, None])
        fits = start + durations <= high[:, None]
        best = np.minimum(best, np.where(fits, start, NEVER))
    return best


def _arrivals(
    leave: IntArray, matrix: TravelMatrix, at: IntArray | int, to: IntArray | int
) -> IntArray:
    capped: IntArray
    if isinstance(at, int) and isinstance(to, int):  # most calls: a stop behind a stop
        if not matrix.reachable[at, to]:
            return np.full_like(leave, NEVER)
        capped = np.minimum(leave + matrix.durations[at, to], NEVER)
        return capped
    arrivals = np.where(matrix.reachable[at, to], leave + matrix.durations[at, to], NEVER)
    capped = np.minimum(arrivals, NEVER)
    return capped


def _pauses(shift: Shift, done: IntArray) -> IntArray:
    """``clock.pauses_at`` for an array."""
    at = shift.window.start + done
    for b in shift.breaks:
        at = np.where(at > b.start, at + b.end - b.start, at)
    return at


def _resumes(shift: Shift, done: IntArray) -> IntArray:
    """``clock.resumes_at`` for an array."""
    at = shift.window.start + done
    for b in shift.breaks:
        at = np.where(at >= b.start, at + b.end - b.start, at)
    return at
