"""The search for long routes: many stops a shift, where days cannot be priced one by one.

Two workers ruin and recreate in threads (``long_kernels.py``), each by turns warm and cold; what
they come past is a pool of routes from which SCIP chooses now and then. Where nights decide, a
*chain* is a choice of the places to sleep: all chains begin, and after each round the worse half
is given up.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from routing.clock import worked
from routing.columns.choice import chosen
from routing.columns.layout import Bits, Floats, Ints
from routing.columns.master import Column
from routing.draft import Draft
from routing.insertion import Insertions
from routing.long import long_kernels
from routing.long.long_kernels import FAR
from routing.long.long_layout import Found, Ground, Routes, Small
from routing.long.long_routes import all_stages
from routing.problem import Problem, Shift, Visit
from routing.run import Run
from routing.shift_types import ShiftTypes, place
from routing.stages import Stage, day_of, sessions_of, windows_of
from routing.timing import Choice

WORKERS = 2
"""Searches side by side: a number of its own, so that a plan does not depend on the machine."""
NEAR = 40
"""Visits near each that are looked through."""
TASTES = (0.5, 1.0, 1.5, 2.0, 3.0)
"""Powers of a prize by which a visit may appeal."""
CALL_ROUNDS = 6_000
"""Rounds of one call of one worker with ``SIZE`` visits, about a tenth of a second."""
FIRST_ROUNDS = 200
"""Rounds of the first call; twice as many in each after it, so that a plan is soon there."""
SIZE = 100
CYCLE_ROUNDS = 50_000
"""Rounds from warm to cold; the workers' cycles are of 0.5 to 1.5 times that."""
WARM, COLD = (1.5, 4.0), (0.15, 0.4)
"""First and last warmth of a cycle, in mean prizes: drawn from these spans."""
MOST = (10, 18)
"""Stops taken out in a round, at most: drawn from this span for each cycle."""
FRESH = 0.3
"""Share of the cycles that begin without a visit."""
FAVOUR = 1000.0
"""How much more than another a shift is favoured, at most, in cycles that fill some shifts first.

Filling shifts one after the other shares the visits out in ways that filling all at once does not.
"""
BETTER_KIND = 0.7
"""Share of the cycles that go to the kind, by turns or not, which has ended higher so far."""
SPREAD = 0.5
"""Greatest share of its appeal that a visit loses by chance in a round."""
PER_STOP, STOPS = 0.1, 60
"""What the time of a stop is worth, in mean prizes, when there are so many."""
POOL = 1 << 14
"""Routes kept by a worker; half as many are used."""
CHOICE_EVERY = 8
"""Calls between two choices among the pool."""
CHOICE_COLUMNS = 4000
"""Routes that a choice is made among."""
CHOICE_NODES = 500
"""Nodes that a choice looks at, at most."""
RACE_ROUNDS = 200
"""Rounds that each chain gets in the first lap; twice as many in each after it."""
LAST_CHAINS = 4
"""Chains that are never given up."""
CHOICE_SHARE = 0.04
"""Share of the time limit that a choice may take."""
SLACK = 1.0
"""Routes of plans this many mean prizes below the best are kept."""


@dataclass(slots=True)
class _Chain:
    """A choice of places to sleep, and the best plan found with it."""

    stages: tuple[Stage, ...]
    ground: Ground
    best: Routes


@dataclass(slots=True)
class _Worker:
    """One search: its random numbers, the routes it came past, and its cycle.

    ``routes`` is where it stands, ``top`` the best plan of the cycle; ``done`` of ``rounds`` are
    made. In a cycle that ``is_by_turns`` ``favour`` differs by shift.
    """

    state: Bits
    found: Found
    chain: _Chain
    routes: Routes
    top: Routes
    favour: Floats
    is_by_turns: bool
    done: int = 0
    rounds: int = 0
    heat: tuple[float, float] = (1.0, 1.0)
    most: int = MOST[0]

    def heat_at(self, done: int) -> float:
        """Warmth after so many rounds."""
        first, last = self.heat
        return first * float(np.power(last / first, done / self.rounds))


class LongSearch:
    """Ruin and recreate of long routes from the best plan of a run; repeatable by seed."""

    def __init__(self, insertions: Insertions, types: ShiftTypes, seed: int) -> None:
        self.insertions, self._types = insertions, types
        self._random = np.random.default_rng(seed)
        self._chains = _chains(insertions, types, self._random)
        self._waiting = list(self._chains) if len(self._chains) > 1 else []
        self._lap = RACE_ROUNDS
        self._calls = 0
        self._ends: dict[bool, list[float]] = {False: [], True: []}
        self._stop = np.zeros(1, dtype=bool)
        if not self._chains:
            return
        first = self._chains[0]
        n, tops = len(insertions.problem.visits), first.ground.prizes.max(axis=0)
        self._mean = float(tops[tops > 0].mean()) if (tops > 0).any() else 1.0
        self._rounds = int(np.clip(CALL_ROUNDS * (SIZE / max(1, n)) ** 1.5, 20, CALL_ROUNDS))
        self._per_second = _per_second(first.ground, n) * self._mean
        self._workers = [
            _Worker(
                self._random.integers(1, 2**63, 1, dtype=np.uint64), _found(n), first,
                _copy(first.best), _copy(first.best), np.ones(len(first.stages)), bool(w % 2),
            )
            for w in range(WORKERS)
        ]  # fmt: skip

    @property
    def _most_rounds(self) -> int:
        """Rounds of one call of one worker, few at first."""
        return min(self._rounds, FIRST_ROUNDS << min(self._calls - 1, 20))

    def call(self, run: Run, threads: ThreadPoolExecutor) -> None:
        """Let every worker make so many rounds, and offer what they found."""
        if not self._chains:
            return
        if run.best.rank[1] > max(one.best.prizes.sum() for one in self._chains) * run.per_prize:
            self._adopt(run.best)
        self._calls += 1
        if self._waiting:
            self._race(run, threads)
            return
        for worker in self._workers:
            if worker.done >= worker.rounds:
                self._begin(worker)
        futures = [threads.submit(self._go_on, worker) for worker in self._workers]
        if not run.wait(futures, self._give_up):
            return
        run.n_rounds += sum(future.result() for future in futures)
        for worker in self._workers:
            self._keep(run, worker.chain, worker.top)
        if self._calls % CHOICE_EVERY == 0 and not run.problem.has_nights:
            # Near the end a choice would be cut short: the workers make more of the time.
            choice_s = CHOICE_SHARE * run.params.time_limit_s
            is_timed = run.slice_limit() is None
            if not (is_timed and run.questions.is_over(lambda: run.left_s < 2 * choice_s)):
                self._choose(run, threads, choice_s if is_timed else run.left_s)

    def _begin(self, worker: _Worker) -> None:
        """Begin a cycle from the best plan of a chain: it is soon warm enough to leave it."""
        draw = self._random
        if worker.done:
            self._ends[worker.is_by_turns].append(float(worker.routes.prizes.sum()))
        # Half of the cycles go to the best chain, the others to any.
        worker.chain = self._chains[
            0 if draw.random() < 0.5 else int(draw.integers(len(self._chains)))
        ]
        # Some cycles begin from nothing: the best plan may lie where its neighbours do not lead.
        start = _empty(worker.chain.ground) if draw.random() < FRESH else worker.chain.best
        worker.routes, worker.top = _copy(start), _copy(start)
        worker.heat = (
            self._mean * draw.uniform(*WARM), self._mean * draw.uniform(*COLD),
        )  # fmt: skip
        worker.is_by_turns = self._next_kind(worker)
        worker.favour = FAVOUR ** (draw.random(len(worker.favour)) * worker.is_by_turns)
        worker.most = int(draw.integers(MOST[0], MOST[1] + 1))
        whole = CYCLE_ROUNDS * self._rounds / CALL_ROUNDS
        worker.done, worker.rounds = 0, max(1, int(whole * draw.uniform(0.5, 1.5)))

    def _next_kind(self, worker: _Worker) -> bool:
        """Tell whether the next cycle fills shifts by turns: more often what has ended higher."""
        even, by_turns = self._ends[False], self._ends[True]
        if not (even and by_turns):
            return not worker.is_by_turns
        is_better = float(np.mean(by_turns)) > float(np.mean(even))
        return is_better == (self._random.random() < BETTER_KIND)

    def _go_on(self, worker: _Worker) -> int:
        """Go on with a cycle for one call; in a thread."""
        rounds = min(self._most_rounds, worker.rounds - worker.done)
        heat = np.array([worker.heat_at(worker.done), worker.heat_at(worker.done + rounds)])
        worker.done += rounds
        return int(
            long_kernels.shake(
                worker.chain.ground, worker.routes, worker.top, worker.found, worker.state, rounds,
                worker.most, heat, worker.favour, self._per_second, SPREAD, SLACK * self._mean,
                self._stop,
            )
        )  # fmt: skip

    def _race(self, run: Run, threads: ThreadPoolExecutor) -> None:
        """Give chains that wait some rounds; when none waits the worse half is given up."""
        n = max(1, self._rounds // self._lap)
        turns = [self._waiting[w * n : (w + 1) * n] for w in range(WORKERS)]
        futures = [
            threads.submit(self._lap_of, worker, chains)
            for worker, chains in zip(self._workers, turns, strict=True)
        ]
        if not run.wait(futures, self._give_up):
            return
        run.n_rounds += sum(future.result() for future in futures)
        for some in turns:
            for one in some:
                self._keep(run, one, one.best)
        self._waiting = self._waiting[WORKERS * n :]
        if not self._waiting:
            self._chains.sort(key=lambda one: -float(one.best.prizes.sum()))
            self._chains = self._chains[: max(LAST_CHAINS, len(self._chains) // 2)]
            self._lap *= 2
            if len(self._chains) > LAST_CHAINS:
                self._waiting = list(self._chains)

    def _lap_of(self, worker: _Worker, chains: Sequence[_Chain]) -> int:
        """Search each of some chains a little, from warm to cold; in a thread."""
        done, heat = 0, self._mean * np.array([np.mean(WARM), np.mean(COLD)])
        for one in chains:
            done += long_kernels.shake(
                one.ground, _copy(one.best), one.best, worker.found, worker.state, self._lap,
                MOST[0], heat, np.ones(len(one.stages)), self._per_second, SPREAD, 0.0, self._stop,
            )  # fmt: skip
        return done

    def _keep(self, run: Run, one: _Chain, routes: Routes) -> None:
        """Keep a plan in its chain and offer it."""
        if routes.prizes.sum() >= one.best.prizes.sum() and routes is not one.best:
            one.best = _copy(routes)
        if routes.prizes.sum() * run.per_prize > run.best.rank[1]:
            run.offer(self._draft(one, routes), "search")

    def _draft(self, one: _Chain, routes: Routes) -> Draft:
        """Read a plan, with exact merits; what cannot be driven exactly so stays home."""
        draft, merits = Draft(self.insertions.problem), {}
        choices = {
            stage.shift: _choices(routes.stops[s, 1 : int(routes.lengths[s]) + 1])
            for s, stage in enumerate(one.stages)
        }
        for stage in one.stages:
            at = self.insertions.at(stage)
            merit = self.insertions.merit_of(at, False, choices[stage.shift])
            if merit is None:
                return Draft(self.insertions.problem)
            merits[stage.shift] = merit
        for tour in _tours(one.stages):
            shifts = [stage.shift for stage in tour]
            draft.put_tour(tour, False, [choices[s] for s in shifts], [merits[s] for s in shifts])
        return draft

    def _adopt(self, draft: Draft) -> None:
        """Take up a plan in the chain that has its places to sleep."""
        for one in self._chains:
            if all(stage == draft.stages[stage.shift] for stage in one.stages):
                one.best.at[:] = -1
                for s, stage in enumerate(one.stages):
                    visits = [v for v, _ in draft.choices[stage.shift]]
                    one.best.stops[s, 1 : len(visits) + 1] = visits
                    one.best.lengths[s] = len(visits)
                    one.best.at[visits] = s
                    long_kernels.retime(one.ground, one.best, s)

    def _choose(self, run: Run, threads: ThreadPoolExecutor, limit_s: float) -> None:
        """Choose the best plan among the routes that the workers came past."""
        columns = list(self._columns(run.best))
        hint = {column.key for column in columns[: len(run.best.choices)]}
        found, _ = chosen(
            self.insertions, self._types, run, threads, columns, hint,
            time_s=min(limit_s, run.left_s), nodes=CHOICE_NODES,
        )  # fmt: skip
        if found is None:
            return
        shifts = place(run.problem, self._types, [(column.type, False) for column in found])
        for worker in self._workers:
            if 3 * worker.found.made[0] > POOL:
                worker.found.keys[:] = worker.found.made[:] = 0
                worker.found.prizes[:] = 0.0
        draft = Draft(run.problem)
        for s, column in zip(shifts, found, strict=True):
            merit = self.insertions.merit_of(s, False, column.choices)
            if merit is None:
                return
            draft.put(s, False, column.choices, merit)
        if run.offer(draft, "choice"):
            self._adopt(draft)

    def _columns(self, best: Draft) -> Iterator[Column]:
        """List the routes of the best plan, then those found that bring most.

        What these bring is what the loops counted: timing thousands anew takes a second.
        """
        for s, choices in enumerate(best.choices):
            if choices:
                yield Column(self._types.type_of[s], False, choices, best.merits[s])
        for worker in self._workers:
            found = worker.found
            order = np.argsort(-found.prizes, kind="stable")[: CHOICE_COLUMNS // WORKERS]
            for i in order[found.keys[order] != 0].tolist():
                s = int(found.shifts[i])
                choices = _choices(found.visits[i, : int(found.lengths[i])])
                merit = self.insertions.merit(round(found.prizes[i]), 0)
                yield Column(self._types.type_of[s], False, choices, merit)

    def _give_up(self) -> None:
        self._stop[0] = True


def _choices(visits: Ints | Small) -> tuple[Choice, ...]:
    return tuple((int(v), 0) for v in visits)


def _tours(stages: Sequence[Stage]) -> Iterator[list[Stage]]:
    """Cut stages where a team is home."""
    tour: list[Stage] = []
    for stage in stages:
        tour.append(stage)
        if stage.end is None:
            yield tour
            tour = []


def _chains(insertions: Insertions, types: ShiftTypes, random: np.random.Generator) -> list[_Chain]:
    """List the choices of places to sleep with which the teams can go round at all."""
    problem, ground = insertions.problem, None
    chains = []
    for stages in all_stages(problem):
        if any(insertions.at(stage) < 0 for stage in stages):
            continue
        if ground is None:
            ground = _ground(problem, stages, types, random)
        own = _from_to(problem, ground, stages)
        routes = _empty(own)
        if all(long_kernels.retime(own, routes, s) for s in range(len(stages))):
            chains.append(_Chain(stages, own, routes))
    return chains


def _places(problem: Problem) -> list[int]:
    """Nodes of the visits, then those where shifts start or end."""
    anchors = {node for s in problem.shifts for node in (s.start, s.end)}
    anchors |= {node for s in problem.shifts if s.night for node in s.night.nodes}
    return [visit.node for visit in problem.visits] + sorted(anchors)


def _ground(
    problem: Problem, stages: Sequence[Stage], types: ShiftTypes, random: np.random.Generator
) -> Ground:
    """Lay out all but starts and ends, which are those of these stages."""
    n, nodes = len(problem.visits), _places(problem)
    used = sorted({s.matrix for s in problem.shifts})
    times = np.stack([_times(problem, m, nodes) for m in used])
    shifts = [_driven(problem, stage) for stage in stages]
    services = np.array([v.options[0].duration for v in problem.visits], dtype=np.int64)
    prizes = np.array(
        [
            [float(v.options[0].prizes[s.crew] * _may(v, x)) for v in problem.visits]
            for x, s in zip(stages, shifts, strict=True)
        ]
    )
    opens = np.zeros(prizes.shape, dtype=np.int64)
    closes = np.full(prizes.shape, FAR, dtype=np.int64)
    for s, (stage, shift) in enumerate(zip(stages, shifts, strict=True)):
        for v, visit in enumerate(problem.visits):
            windows = windows_of(visit, sessions_of(problem, stage))
            if windows is None:
                prizes[s, v] = 0.0
            elif windows:
                opens[s, v] = worked(shift, windows[0].start)
                closes[s, v] = worked(shift, windows[0].end) - services[v]
    horizons = np.array([worked(s, s.window.end) for s in shifts], dtype=np.int64)
    binds = (prizes > 0) & ((opens > 0) | (closes < horizons[:, None] - services))
    tops = prizes.max(axis=0) / max(1.0, prizes.max())
    return Ground(
        times=times, back=np.ascontiguousarray(times.transpose(0, 2, 1)),
        starts=np.zeros(len(stages), dtype=np.int64), ends=np.zeros(len(stages), dtype=np.int64),
        horizons=horizons,
        matrices=np.array([used.index(s.matrix) for s in shifts], dtype=np.int64),
        services=services, prizes=prizes, opens=opens, closes=closes, is_free=not binds.any(),
        is_even=bool((times[:, :n, :n] == times[:, :n, :n].transpose(0, 2, 1)).all()),
        near=_nearest(times[0, :n, :n]), appeals=np.array([tops**taste for taste in TASTES]),
        marks=random.integers(1, 2**63, n, dtype=np.uint64),
        kinds=np.array([types.type_of[x.shift] for x in stages], dtype=np.int64),
    )  # fmt: skip


def _times(problem: Problem, m: int, nodes: list[int]) -> Ints:
    matrix, grid = problem.matrices[m], np.ix_(nodes, nodes)
    return np.where(matrix.reachable[grid], np.minimum(matrix.durations[grid], FAR), FAR)


def _driven(problem: Problem, stage: Stage) -> Shift:
    shift = day_of(problem, stage)
    return problem.shifts[stage.shift] if shift is None else shift


def _may(visit: Visit, stage: Stage) -> bool:
    return visit.shifts is None or stage.shift in visit.shifts


def _from_to(problem: Problem, ground: Ground, stages: Sequence[Stage]) -> Ground:
    """Give the same ground from and to where a team sleeps by these stages."""
    n, at = len(problem.visits), {}
    for i, node in enumerate(_places(problem)[n:]):
        at[node] = n + i
    shifts = [_driven(problem, stage) for stage in stages]
    return ground._replace(
        starts=np.array([at[s.start] for s in shifts], dtype=np.int64),
        ends=np.array([at[s.end] for s in shifts], dtype=np.int64),
    )


def _nearest(times: Ints) -> Small:
    """List the visits nearest to each, itself first."""
    there_and_back = times + times.T
    np.fill_diagonal(there_and_back, -1)
    order = there_and_back.argsort(axis=1, kind="stable")
    return np.ascontiguousarray(order[:, :NEAR], dtype=np.int32)


def _per_second(ground: Ground, n: int) -> float:
    """Share of a mean prize that a second is worth: a tenth for the time of a mean stop."""
    return PER_STOP * min(n, STOPS) / max(1, int(ground.horizons.sum()))


def _empty(ground: Ground) -> Routes:
    """Lay out a plan without a visit."""
    n_shifts, n = ground.prizes.shape
    shape = (n_shifts, n + 3)
    routes = Routes(
        stops=np.zeros(shape, dtype=np.int32), lengths=np.zeros(n_shifts, dtype=np.int64),
        spent=np.zeros(n_shifts, dtype=np.int64), prizes=np.zeros(n_shifts),
        leaves=np.zeros(shape, dtype=np.int64), latest=np.zeros(shape, dtype=np.int64),
        at=np.full(n, -1, dtype=np.int64), position=np.zeros(n, dtype=np.int64),
    )  # fmt: skip
    routes.stops[:, 0] = ground.starts
    for s in range(n_shifts):
        long_kernels.retime(ground, routes, s)
    return routes


def _copy(routes: Routes) -> Routes:
    return Routes._make(part.copy() for part in routes)


def _found(n: int) -> Found:
    return Found(
        keys=np.zeros(POOL, dtype=np.uint64), shifts=np.zeros(POOL, dtype=np.int32),
        lengths=np.zeros(POOL, dtype=np.int32), visits=np.zeros((POOL, n), dtype=np.int32),
        spent=np.zeros(POOL, dtype=np.int64), prizes=np.zeros(POOL),
        made=np.zeros(1, dtype=np.int64),
    )  # fmt: skip
