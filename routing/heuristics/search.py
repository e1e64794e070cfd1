"""Ruin and recreate in threads: better plans, and a pool of routes for the master."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from routing.clock import worked
from routing.columns.layout import Bits, Ints
from routing.draft import Draft
from routing.heuristics import ruin_kernels, shift_kernels
from routing.heuristics.week_layout import Costs, Flags, Plan, Seen, Small, Week
from routing.insertion import Insertions
from routing.problem import Problem
from routing.run import Run
from routing.shift_types import ShiftTypes, windows_of
from routing.timing import Choice

if TYPE_CHECKING:
    from routing.stages import Stage

WORKERS = 2
"""Searches side by side: a number of its own, so that a plan does not depend on the machine."""
EVALUATIONS = 8_000_000
"""Insertions that one call of one worker looks at, about; it takes a tenth of a second."""
ROUNDS = (10, 300)
"""Least and most rounds of one call."""
CHANGES = 12
"""Shifts that are looked at again in one round, about."""
NEVER = 2**30
"""A time that no shift reaches."""
REQUIRED = 1e9
"""Prize added for each required visit: more than any value."""
NEAR = 120
"""Visits near each that a ruin looks through."""
LONGEST = 96
"""Stops that a shift may have here."""
ROUTES = 1 << 14
"""Routes kept, twice as many places."""
WARMTH = 0.3
"""First warmth of a cycle, against the mean value of a stop."""
COLD = 0.01
"""Last warmth of a cycle against its first."""
CYCLE = 32
"""Calls from warm to cold; then all go on from the best plan."""
MOST = (0.3, 8)
"""Stops taken out in a round: this share of the plan's, and no more than so many."""


@dataclass(slots=True)
class _Worker:
    """One search: where it stands, its random numbers."""

    plan: Plan
    left: Ints
    state: Bits


class Shaker:
    """Ruin and recreate from the best plan of a run; repeatable by seed."""

    def __init__(self, insertions: Insertions, types: ShiftTypes, seed: int) -> None:
        self.insertions = insertions
        self._random = np.random.default_rng(seed)
        self._week = _week(insertions, types, self._random)
        longest = _longest(self._week)
        self._shape = (len(insertions.problem.shifts), longest)
        self._seen = [seen_routes(longest) for _ in range(WORKERS)]
        self._workers: list[_Worker] = []
        self._calls = 0
        self._tours: list[tuple[Stage, tuple[Choice, ...]]] = []
        self._stop = np.zeros(1, dtype=bool)

    def call(self, run: Run, threads: ThreadPoolExecutor) -> None:
        """Let every worker make so many rounds, and offer what they found."""
        if self._calls % CYCLE == 0 or self._has_new_tours(run.best):
            self._workers = [self._worker(run.best) for _ in range(WORKERS)]
        best = [self._plan(run.best)[0] for _ in range(WORKERS)]
        open_ = np.array(
            [
                not x.is_away and self.insertions.is_possible(s)
                for s, x in enumerate(run.best.stages)
            ]
        )
        n_stops = max(1, len(run.best.made))
        values = np.abs(best[0].values[best[0].values < REQUIRED])
        warmth = WARMTH * COLD ** ((self._calls % CYCLE) / CYCLE) * float(values.sum()) / n_stops
        share, limit = MOST
        rounds = self._rounds(n_stops)
        tastes = self._random.uniform(0.4, 1.4, WORKERS)
        futures = [
            threads.submit(
                ruin_kernels.shake, self._week, worker.plan, best[w], self._seen[w], worker.left,
                open_, worker.state, rounds,
                int(min(limit, max(3, share * n_stops))), float(tastes[w]), warmth, self._stop,
            )
            for w, worker in enumerate(self._workers)
        ]  # fmt: skip
        self._calls += 1
        if not run.wait(futures, self._give_up):
            return
        run.n_rounds += sum(future.result() for future in futures)
        for plan in best:
            run.offer(self._draft(run.best, plan, open_), "search")

    def routes(self) -> Iterator[tuple[int, bool, tuple[Choice, ...], int]]:
        """List shift, kit, visits, merit of the routes of good plans seen since the last time."""
        for seen in self._seen:
            found = np.flatnonzero(seen.keys)
            for i in found[np.argsort(-seen.values[found], kind="stable")]:
                n = int(seen.lengths[i])
                choices = zip(
                    seen.visits[i, :n].tolist(), seen.options[i, :n].tolist(), strict=True
                )
                route = int(seen.shifts[i]), bool(seen.kits[i]), tuple(choices)
                merit = self.insertions.merit_of(*route)
                if merit is not None:
                    yield *route, merit
            seen.keys[:] = 0
            seen.made[0] = 0

    def _has_new_tours(self, best: Draft) -> bool:
        """Whether the workers stand on plans with other tours than the best: these stay as is."""
        tours = [(stage, best.choices[s]) for s, stage in enumerate(best.stages) if stage.is_away]
        was, self._tours = self._tours, tours
        return was != tours

    def _give_up(self) -> None:
        self._stop[0] = True

    def _rounds(self, n_stops: int) -> int:
        n_shifts, n = len(self._week.starts), len(self._week.near)
        places = 1 + n_stops / max(1, n_shifts)
        looked = CHANGES * n * self._week.durations.shape[1] * places + n * n_shifts
        return int(np.clip(EVALUATIONS / looked, *ROUNDS))

    def _worker(self, draft: Draft) -> _Worker:
        plan, left = self._plan(draft)
        return _Worker(plan, left, self._random.integers(1, 2**63, 1, dtype=np.uint64))

    def _plan(self, draft: Draft) -> tuple[Plan, Ints]:
        """Lay out a draft, and the kits that it leaves."""
        n_shifts, longest = self._shape
        plan = Plan(
            visits=np.zeros((n_shifts, longest), dtype=np.int32),
            options=np.zeros((n_shifts, longest), dtype=np.int32),
            lengths=np.array([len(choices) for choices in draft.choices], dtype=np.int64),
            kits=np.array(draft.with_kit, dtype=bool),
            leaves=np.zeros((n_shifts, longest), dtype=np.int64),
            latest=np.zeros((n_shifts, longest + 1), dtype=np.int64),
            values=np.zeros(n_shifts),
            at=np.full(len(self._week.near), -1, dtype=np.int64),
        )
        for s, choices in enumerate(draft.choices):
            for i, (v, o) in enumerate(choices):
                plan.visits[s, i], plan.options[s, i], plan.at[v] = v, o, s
            if not draft.stages[s].is_away:
                shift_kernels.retime(self._week, plan, s)
        return plan, np.array(draft.kits_left(), dtype=np.int64)

    def _draft(self, start: Draft, plan: Plan, open_: Flags) -> Draft:
        """Read a plan, with exact merits; what cannot be driven exactly so stays home."""
        draft = start.copy()
        for s in np.flatnonzero(open_).tolist():
            n, kit = int(plan.lengths[s]), bool(plan.kits[s])
            choices = tuple(
                zip(plan.visits[s, :n].tolist(), plan.options[s, :n].tolist(), strict=True)
            )
            merit = self.insertions.merit_of(s, kit, choices)
            draft.put(s, kit, () if merit is None else choices, merit or 0)
        return draft


def _week(insertions: Insertions, types: ShiftTypes, random: np.random.Generator) -> Week:
    problem = insertions.problem
    shifts, n = problem.shifts, len(problem.visits)
    anchors = sorted({node for s in shifts for node in (s.start, s.end)})
    places = {node: n + i for i, node in enumerate(anchors)}
    nodes = np.append(insertions.nodes, np.array(anchors, dtype=np.int64))
    used = sorted({s.matrix for s in shifts})
    weight = insertions.per_rupiah / insertions.per_prize
    times, costs = travel_between(problem, used, nodes, weight)
    clocks, lows, highs = _clocks(problem)
    required = np.array([v.required for v in problem.visits])[None, :, None]
    exists = insertions.durations < NEVER
    steps = [s.allowances if weight else () for s in shifts]
    return Week(
        times=times,
        costs=costs,
        matrices=np.array([used.index(s.matrix) for s in shifts], dtype=np.int64),
        starts=np.array([places[s.start] for s in shifts], dtype=np.int64),
        ends=np.array([places[s.end] for s in shifts], dtype=np.int64),
        horizons=np.array([worked(s, s.window.end) for s in shifts], dtype=np.int64),
        fixed=np.array([s.fixed_cost * weight for s in shifts]),
        clocks=clocks,
        lows=lows,
        highs=highs,
        break_works=padded([[worked(s, b.start) for b in s.breaks] for s in shifts], NEVER),
        break_lengths=padded([[b.end - b.start for b in s.breaks] for s in shifts], 0),
        longer_than=padded([[a.longer_than for a in step] for step in steps], NEVER),
        allowances=(padded([[a.cost for a in step] for step in steps], 0) * weight).astype(
            np.float64
        ),
        allowed=np.array([insertions.allowed(s) for s in range(len(shifts))]),
        durations=np.where(exists, insertions.durations, NEVER),
        prizes=np.where(exists, insertions.prizes + REQUIRED * required, 0.0),
        crews=np.array(
            [(s.crew, s.crew if s.crew_with_kit is None else s.crew_with_kit) for s in shifts],
            dtype=np.int64,
        ),
        pools=np.array([-1 if s.kit_pool is None else s.kit_pool for s in shifts], dtype=np.int64),
        kinds=np.array(types.type_of, dtype=np.int64),
        near=nearest(times[0, :n, :n]),
        marks=random.integers(1, 2**63, n, dtype=np.uint64),
    )


def travel_between(
    problem: Problem, used: list[int], nodes: Ints, weight: float
) -> tuple[Small, Costs]:
    """Lay out times and costs (in value) between the places by each matrix that is used."""
    grid = np.ix_(nodes, nodes)
    times = np.empty((len(used), len(nodes), len(nodes)), dtype=np.int32)
    costs = np.zeros_like(times, dtype=np.float32)
    for m, matrix in enumerate(problem.matrices[k] for k in used):
        reachable = matrix.reachable[grid]
        times[m] = np.where(reachable, np.minimum(matrix.durations[grid], NEVER), NEVER)
        if weight:
            costs[m] = np.where(reachable, matrix.costs[grid] * weight, 0.0)
    return times, costs


def _clocks(problem: Problem) -> tuple[Ints, Ints, Ints]:
    """Which clock each shift has, and on each the windows of every visit."""
    numbers: dict[object, int] = {}
    windows: list[tuple[Ints, Ints]] = []
    clocks = []
    for shift in problem.shifts:
        key = (shift.window, shift.breaks)
        if key not in numbers:
            numbers[key] = len(windows)
            windows.append(windows_of(problem, shift))
        clocks.append(numbers[key])
    most = max(low.shape[1] for low, _ in windows)
    lows, highs = (
        np.stack([np.pad(a, ((0, 0), (0, most - a.shape[1])), constant_values=empty) for a in of])
        for of, empty in (([w[0] for w in windows], NEVER), ([w[1] for w in windows], -1))
    )
    return np.array(clocks, dtype=np.int64), lows, highs


def padded(rows: list[list[int]], empty: int) -> Ints:
    """Make an array of rows of different lengths, filled up with a number."""
    most = max(map(len, rows), default=0)
    return np.array([row + [empty] * (most - len(row)) for row in rows], dtype=np.int64).reshape(
        len(rows), most
    )


def nearest(times: Small) -> Small:
    """List the visits nearest to each, itself first."""
    there_and_back = times.astype(np.int64) + times.T
    np.fill_diagonal(there_and_back, -1)
    order = there_and_back.argsort(axis=1, kind="stable")
    return np.ascontiguousarray(order[:, :NEAR], dtype=np.int32)


def _longest(week: Week) -> int:
    shortest = max(1, int(week.durations.min()))
    return int(min(LONGEST, week.horizons.max() // shortest + 1, len(week.near)))


def seen_routes(longest: int) -> Seen:
    """Make room for the routes of days that a search comes past, of so many stops at most."""
    n = 2 * ROUTES
    return Seen(
        keys=np.zeros(n, dtype=np.uint64), shifts=np.zeros(n, dtype=np.int32),
        kits=np.zeros(n, dtype=bool), lengths=np.zeros(n, dtype=np.int32),
        visits=np.zeros((n, longest), dtype=np.int32),
        options=np.zeros((n, longest), dtype=np.int32), values=np.zeros(n),
        made=np.zeros(1, dtype=np.int64),
    )  # fmt: skip
