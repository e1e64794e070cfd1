"""Ruin and recreate over tours in threads: better plans with nights out, and tours for the master.

As ``search.py``, which it takes the place of where teams may stay out. Days from base to base are
searched along with the tours, so that a plan goes over from one to the other.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from routing.clock import worked
from routing.columns.layout import Bits, Ints
from routing.draft import Draft
from routing.heuristics.search import (
    COLD,
    CYCLE,
    LONGEST,
    MOST,
    NEVER,
    REQUIRED,
    WARMTH,
    WORKERS,
    nearest,
    padded,
    seen_routes,
    travel_between,
)
from routing.heuristics.week_layout import Small, Week
from routing.insertion import Insertions
from routing.problem import Problem, Shift
from routing.run import Run
from routing.shift_types import ShiftTypes
from routing.stages import Stage, day_of
from routing.timing import Choice
from routing.tours import tour_ruin_kernels, tour_shake_kernels
from routing.tours.tour import Tour, make_tour, put_tour
from routing.tours.tour_plan_layout import HOME, LAST, Nights, SeenTours, TourPlan

EVALUATIONS = 4_000_000
"""Insertions that one call of one worker looks at, about; it takes a tenth of a second."""
ROUNDS = (10, 200)
"""Least and most rounds of one call."""
CHANGES = 30
"""Shifts that are looked at again in one round, about."""
TOURS = 1 << 12
"""Tours kept, twice as many places."""
ROOM = 64
"""Stops of a tour that is kept, at most."""


@dataclass(slots=True)
class _Worker:
    """One search: where it stands, its random numbers."""

    plan: TourPlan
    left: Ints
    state: Bits


class TourShaker:
    """Ruin and recreate from the best plan of a run, nights included; repeatable by seed."""

    def __init__(self, insertions: Insertions, types: ShiftTypes, seed: int) -> None:
        self.insertions, self._types = insertions, types
        self._random = np.random.default_rng(seed)
        layout = _Layout(insertions, types, self._random)
        self._week, self._nights, self._nodes = layout.week, layout.nights, layout.nodes
        n_days = max(1, self._nights.longest)
        self._days = [seen_routes(self._longest) for _ in range(WORKERS)]
        self._tours = [_seen_tours(n_days) for _ in range(WORKERS)]
        self._workers: list[_Worker] = []
        self._calls = 0
        self._stop = np.zeros(1, dtype=bool)

    @property
    def _longest(self) -> int:
        shortest = max(1, int(self._week.durations.min()))
        return int(min(LONGEST, self._week.horizons.max() // shortest + 1, len(self._week.near)))

    def call(self, run: Run, threads: ThreadPoolExecutor) -> None:
        """Let every worker make so many rounds, and offer what they found."""
        if self._calls % CYCLE == 0:
            self._workers = [self._worker(run.best) for _ in range(WORKERS)]
        best = [self._plan(run.best)[0] for _ in range(WORKERS)]
        n_stops = max(1, len(run.best.made))
        values = np.abs(best[0].values[best[0].values < REQUIRED])
        warmth = WARMTH * COLD ** ((self._calls % CYCLE) / CYCLE) * float(values.sum()) / n_stops
        share, limit = MOST
        most = int(min(limit, max(3, share * n_stops)))
        rounds, tastes = self._rounds(n_stops), self._random.uniform(0.4, 1.4, WORKERS)
        futures = [
            threads.submit(
                tour_shake_kernels.shake, self._week, self._nights, worker.plan, best[w],
                self._days[w], self._tours[w], worker.left, worker.state, rounds, most,
                float(tastes[w]), warmth, self._stop,
            )
            for w, worker in enumerate(self._workers)
        ]  # fmt: skip
        self._calls += 1
        if not run.wait(futures, self._give_up):
            return
        run.n_rounds += sum(future.result() for future in futures)
        for plan in best:
            run.offer(self._draft(plan), "search")

    def routes(self) -> Iterator[tuple[int, bool, tuple[Choice, ...], int]]:
        """List shift, kit, visits, merit of the days of good plans seen since the last time."""
        for seen in self._days:
            found = np.flatnonzero(seen.keys)
            for i in found[np.argsort(-seen.values[found], kind="stable")]:
                n = int(seen.lengths[i])
                choices = _choices(seen.visits[i, :n], seen.options[i, :n])
                route = int(seen.shifts[i]), bool(seen.kits[i]), choices
                merit = self.insertions.merit_of(*route)
                if merit is not None:
                    yield *route, merit
            seen.keys[:] = 0
            seen.lengths[:] = 0
            seen.made[0] = 0

    def tours(self) -> Iterator[Tour]:
        """List the tours of good plans seen since the last time."""
        for seen in self._tours:
            found = np.flatnonzero(seen.keys)
            for i in found[np.argsort(-seen.values[found], kind="stable")]:
                n, ends = int(seen.days[i]), np.cumsum(seen.lengths[i])
                choices = [
                    _choices(seen.visits[i, end - k : end], seen.options[i, end - k : end])
                    for end, k in zip(ends[:n], seen.lengths[i], strict=False)
                ]
                tour = self._tour(
                    int(seen.shifts[i]), bool(seen.kits[i]), seen.sleeps[i, : n - 1], choices
                )
                if tour is not None:
                    yield tour
            seen.keys[:] = 0
            seen.days[:] = 0
            seen.made[0] = 0

    def _give_up(self) -> None:
        self._stop[0] = True

    def _rounds(self, n_stops: int) -> int:
        n_shifts, n = len(self._nights.after), len(self._week.near)
        places = 1 + n_stops / max(1, n_shifts)
        looked = CHANGES * n * self._week.durations.shape[1] * places + n * n_shifts
        return int(np.clip(EVALUATIONS / looked, *ROUNDS))

    def _worker(self, draft: Draft) -> _Worker:
        plan, left = self._plan(draft)
        return _Worker(plan, left, self._random.integers(1, 2**63, 1, dtype=np.uint64))

    def _plan(self, draft: Draft) -> tuple[TourPlan, Ints]:
        """Lay out a draft, and the kits that it leaves."""
        n_shifts, longest = len(draft.choices), self._longest
        plan = TourPlan(
            visits=np.zeros((n_shifts, longest), dtype=np.int32),
            options=np.zeros((n_shifts, longest), dtype=np.int32),
            lengths=np.array([len(choices) for choices in draft.choices], dtype=np.int64),
            kits=np.array(draft.with_kit, dtype=bool),
            sleeps=np.array([self._sleep(draft, s) for s in range(n_shifts)], dtype=np.int64),
            starts=self._week.starts[:n_shifts].copy(),
            leaves=np.zeros((n_shifts, longest), dtype=np.int64),
            latest=np.zeros((n_shifts, longest + 1), dtype=np.int64),
            values=np.zeros(n_shifts),
            at=np.full(len(self._week.near), -1, dtype=np.int64),
        )
        for s, choices in enumerate(draft.choices):
            for i, (v, o) in enumerate(choices):
                plan.visits[s, i], plan.options[s, i], plan.at[v] = v, o, s
        for s, stage in enumerate(draft.stages):
            if stage.start is None:
                tour_ruin_kernels.retime(self._week, self._nights, plan, s)
        return plan, np.array(draft.kits_left(), dtype=np.int64)

    def _sleep(self, draft: Draft, s: int) -> int:
        """Where a team sleeps after a shift: at a place, its last visit or home."""
        end = draft.stages[s].end
        if end is None:
            return HOME
        lodges = self._nights.lodges[s]
        places = lodges[(lodges >= 0) & (self._nodes[lodges] == end)]
        return int(places[0]) if len(places) else LAST

    def _draft(self, plan: TourPlan) -> Draft:
        """Read a plan, with exact merits; what cannot be driven exactly so stays home."""
        draft = Draft(self.insertions.problem)
        s, n_shifts = 0, len(plan.lengths)
        for s in range(n_shifts):
            before = self._nights.before[s]
            if before >= 0 and plan.sleeps[before] != HOME:
                continue
            days = [s]
            while plan.sleeps[days[-1]] != HOME:
                days.append(int(self._nights.after[days[-1]]))
            kit = bool(plan.kits[s])
            choices = [
                _choices(plan.visits[d, : plan.lengths[d]], plan.options[d, : plan.lengths[d]])
                for d in days
            ]
            if len(days) == 1:
                merit = self.insertions.merit_of(s, kit, choices[0])
                draft.put(s, kit, () if merit is None else choices[0], merit or 0)
                continue
            tour = self._tour(s, kit, plan.sleeps[days[:-1]], choices)
            if tour is not None:
                put_tour(draft, tour)
        return draft

    def _tour(
        self,
        first: int,
        with_kit: bool,
        sleeps: Ints | Small,
        choices: Sequence[tuple[Choice, ...]],
    ) -> Tour | None:
        """Evaluate a tour that begins with a shift exactly; None where it cannot be driven so."""
        shifts, nodes = [first], []
        here = int(self.insertions.problem.shifts[first].start)
        for sleep, day in zip(sleeps.tolist(), choices, strict=False):
            if day:
                here = int(self.insertions.nodes[day[-1][0]])
            here = here if sleep == LAST else int(self._nodes[sleep])
            nodes.append(here)
            shifts.append(int(self._nights.after[shifts[-1]]))
        return make_tour(self.insertions, shifts, nodes, with_kit, choices)


def _choices(visits: Ints | Small, options: Ints | Small) -> tuple[Choice, ...]:
    return tuple(zip(visits.tolist(), options.tolist(), strict=True))


class _Layout:
    """The week and its nights as arrays; ``nodes`` are those of the places."""

    def __init__(
        self, insertions: Insertions, types: ShiftTypes, random: np.random.Generator
    ) -> None:
        problem = insertions.problem
        n = len(problem.visits)
        anchors = sorted(
            {node for shift in problem.shifts for node in (shift.start, shift.end)}
            | {node for shift in problem.shifts if shift.night for node in shift.night.nodes}
        )
        self._places = {node: n + i for i, node in enumerate(anchors)}
        self.nodes = np.append(insertions.nodes, np.array(anchors, dtype=np.int64))
        self._weight = insertions.per_rupiah / insertions.per_prize
        self.week = self._week(insertions, types, random)
        self.nights = self._nights(problem)

    def _week(self, insertions: Insertions, types: ShiftTypes, random: np.random.Generator) -> Week:
        problem, weight = insertions.problem, self._weight
        shifts, n = problem.shifts, len(problem.visits)
        used = sorted({s.matrix for s in shifts})
        times, costs = travel_between(problem, used, self.nodes, weight)
        rows = [*shifts, *(_away(problem, s) for s in range(len(shifts)))]
        clocks, lows, highs = self._clocks(insertions, rows)
        required = np.array([v.required for v in problem.visits])[None, :, None]
        exists = insertions.durations < NEVER
        steps = [s.allowances if weight else () for s in rows]
        return Week(
            times=times,
            costs=costs,
            matrices=np.array([used.index(s.matrix) for s in rows], dtype=np.int64),
            starts=np.array([self._places[s.start] for s in rows], dtype=np.int64),
            ends=np.array([self._places[s.end] for s in rows], dtype=np.int64),
            horizons=np.array([worked(s, s.window.end) for s in rows], dtype=np.int64),
            fixed=np.array([s.fixed_cost * weight for s in rows]),
            clocks=clocks,
            lows=lows,
            highs=highs,
            break_works=padded([[worked(s, b.start) for b in s.breaks] for s in rows], NEVER),
            break_lengths=padded([[b.end - b.start for b in s.breaks] for s in rows], 0),
            longer_than=padded([[a.longer_than for a in step] for step in steps], NEVER),
            allowances=(padded([[a.cost for a in step] for step in steps], 0) * weight).astype(
                np.float64
            ),
            allowed=np.array(
                [insertions.allowed(s) for s in range(len(shifts))]
                + [insertions.allowed_away(s) for s in range(len(shifts))]
            ),
            durations=np.where(exists, insertions.durations, NEVER),
            prizes=np.where(exists, insertions.prizes + REQUIRED * required, 0.0),
            crews=np.array(
                [(s.crew, s.crew if s.crew_with_kit is None else s.crew_with_kit) for s in shifts],
                dtype=np.int64,
            ),
            pools=np.array(
                [-1 if s.kit_pool is None else s.kit_pool for s in shifts], dtype=np.int64
            ),
            kinds=np.array(types.type_of, dtype=np.int64),
            near=nearest(times[0, :n, :n]),
            marks=random.integers(1, 2**63, n, dtype=np.uint64),
        )

    def _clocks(self, insertions: Insertions, rows: Sequence[Shift]) -> tuple[Ints, Ints, Ints]:
        """Which clock each row has, and on each the windows of every visit."""
        n = len(insertions.problem.shifts)
        numbers: dict[bytes, int] = {}
        windows: list[tuple[Ints, Ints]] = []
        clocks = []
        for k, row in enumerate(rows):
            day = k if k < n else insertions.at(Stage(k - n, row.start))
            low, high = insertions.windows(day)
            key = low.tobytes() + high.tobytes()
            if key not in numbers:
                numbers[key] = len(windows)
                windows.append((low, high))
            clocks.append(numbers[key])
        most = max(low.shape[1] for low, _ in windows)
        lows, highs = (
            np.stack([np.pad(a, ((0, 0), (0, most - a.shape[1])), constant_values=x) for a in of])
            for of, x in (([w[0] for w in windows], NEVER), ([w[1] for w in windows], -1))
        )
        return np.array(clocks, dtype=np.int64), lows, highs

    def _nights(self, problem: Problem) -> Nights:
        shifts = problem.shifts
        before, after = (np.full(len(shifts), -1, dtype=np.int64) for _ in range(2))
        lodges: list[list[int]] = [[] for _ in shifts]
        costs = np.zeros((len(shifts), len(self.nodes)))
        for s, shift in enumerate(shifts):
            night = shift.night
            if night is not None:
                after[s], before[night.morning] = night.morning, s
                lodges[s] = [self._places[node] for node in night.nodes]
                costs[s] = night.cost
                costs[s, lodges[s]] = [night.cost_at(node) for node in night.nodes]
        return Nights(
            before=before,
            after=after,
            lodges=_filled(lodges),
            at_last=np.array([s.night is not None and s.night.at_last_stop for s in shifts]),
            begins=np.array([s.starts_tour for s in shifts]),
            costs=costs * self._weight,
            longest=problem.max_tour_days,
        )


def _filled(rows: list[list[int]]) -> Small:
    most = max(1, *map(len, rows))
    return np.array([row + [-1] * (most - len(row)) for row in rows], dtype=np.int32)


def _away(problem: Problem, s: int) -> Shift:
    """Give a shift as a day of a tour from base to base; itself where its team never stays out."""
    shift = problem.shifts[s]
    if shift.away is None:
        return shift
    day = day_of(problem, Stage(s, shift.start))
    return shift if day is None else day


def _seen_tours(n_days: int) -> SeenTours:
    n = 2 * TOURS
    return SeenTours(
        keys=np.zeros(n, dtype=np.uint64), shifts=np.zeros(n, dtype=np.int32),
        days=np.zeros(n, dtype=np.int32), kits=np.zeros(n, dtype=bool),
        lengths=np.zeros((n, n_days), dtype=np.int32),
        sleeps=np.zeros((n, n_days), dtype=np.int32),
        visits=np.zeros((n, ROOM), dtype=np.int32), options=np.zeros((n, ROOM), dtype=np.int32),
        values=np.zeros(n), made=np.zeros(1, dtype=np.int64),
    )  # fmt: skip
