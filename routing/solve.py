"""Plan a week: greedy plan, then OR-Tools routing and ruin and recreate in turn, under a clock."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from routing.bounds import impossible_required, prize_bound
from routing.construct import greedy_draft
from routing.draft import Draft
from routing.errors import InvalidProblem
from routing.explain import explain
from routing.improve import LocalSearch
from routing.insertion import Insertions
from routing.problem import Problem
from routing.search import Shaker
from routing.solution import Result, Solution, Status, StopReason
from routing.timing import totals
from routing.vrp import RoutingSearch

REPORT_EVERY_S = 0.5
ASK_EVERY_S = 0.05
ROUTING_SHARE = 0.06
"""Share of the time limit that one slice of OR-Tools routing gets."""
SHAKE_SHARE = 0.18
"""Share of the time limit that one slice of ruin and recreate gets."""
SLICE = 25
"""Solutions per slice when their number is limited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveParams:
    """When to stop, and the seed.

    ``time_limit_s`` is wall time. ``solution_limit`` is the number of solutions the search may see
    after the greedy plan; with it, and with time to spare, a run repeats exactly. None means no
    such limit.
    """

    time_limit_s: float = 30.0
    seed: int = 0
    solution_limit: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.time_limit_s <= 86400:
            raise InvalidProblem(
                f"time_limit_s {self.time_limit_s}: must be above 0 and up to 86400"
            )
        if not 0 <= self.seed < 2**31:
            raise InvalidProblem(f"seed {self.seed}: must be in 0..{2**31 - 1}")
        if self.solution_limit is not None and self.solution_limit < 0:
            raise InvalidProblem(
                f"solution_limit {self.solution_limit}: must be at least 0, or None"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The best plan so far; ``n_solutions`` counts what the search has seen."""

    elapsed_s: float
    value: float
    prize: int
    cost: int
    n_solutions: int
    solution: Solution


class _Run:
    """The clock, the best plan so far, and who wants to know of it."""

    def __init__(
        self,
        insertions: Insertions,
        params: SolveParams,
        on_progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self.problem = insertions.problem
        self.merit_of_prize = partial(insertions.merit, cost=0)
        self.params = params
        self.best = Draft(self.problem)
        self.n_solutions = 0
        self.n_rounds = 0
        self.is_cancelled = False
        self._started = perf_counter()
        self._asked = self._reported = float("-inf")
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._solution: Solution | None = None

    @property
    def elapsed_s(self) -> float:
        return perf_counter() - self._started

    @property
    def is_late(self) -> bool:
        return self.elapsed_s >= self.params.time_limit_s

    @property
    def left_s(self) -> float:
        return max(0.0, self.params.time_limit_s - self.elapsed_s)

    def slice_limit(self) -> int | None:
        """How many solutions the next slice may see; None when only time counts."""
        limit = self.params.solution_limit
        return None if limit is None else min(SLICE, max(0, limit - self.n_solutions))

    def is_proven(self, bound: int) -> bool:
        """Whether no plan can be better than the best so far."""
        best = self.best.rank
        return best[0] == 0 and best[1] >= self.merit_of_prize(bound)

    def is_finished(self, bound: int) -> bool:
        return self.stop() or self.is_proven(bound) or self.slice_limit() == 0

    def stop(self) -> bool:
        """Whether to stop now; asks the caller and reports progress at most so often."""
        now = self.elapsed_s
        if now - self._asked >= ASK_EVERY_S:
            self._asked = now
            if self._should_stop is not None and self._should_stop():
                self.is_cancelled = True
        if now - self._reported >= REPORT_EVERY_S:
            self.report()
        return self.is_cancelled or self.is_late

    def offer(self, draft: Draft) -> bool:
        """Keep a plan that is better than all before."""
        if draft.rank <= self.best.rank:
            return False
        self.best = draft.copy()
        self._solution = None
        self.report()
        return True

    def solution(self) -> Solution:
        if self._solution is None:
            self._solution = self.best.solution()
        return self._solution

    def report(self) -> None:
        self._reported = self.elapsed_s
        if self._on_progress is None:
            return
        prize, cost, _, value = totals(self.problem, self.solution())
        progress = Progress(
            elapsed_s=self._reported, value=value, prize=prize, cost=cost,
            n_solutions=self.n_solutions, solution=self.solution(),
        )  # fmt: skip
        self._on_progress(progress)


def solve(
    problem: Problem,
    params: SolveParams,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Make the best plan the time allows.

    Parameters
    ----------
    on_progress
        Called in this thread at every better plan and at least about every half second.
    should_stop
        Asked about 20 times a second; once it says True the best plan so far is returned.

    Returns
    -------
    Result
        ``infeasible`` only when it is proven that no plan makes some required visit;
        ``no_solution`` when one found no place. Both still carry the best plan of the others.
    """
    insertions = Insertions(problem)
    run = _Run(insertions, params, on_progress, should_stop)
    bound = prize_bound(problem)
    impossible = impossible_required(problem)
    run.offer(greedy_draft(insertions, run.stop))
    if not run.is_finished(bound) and problem.visits and problem.shifts:
        _search(insertions, run, bound)
    return _result(run, bound, impossible)


def _search(insertions: Insertions, run: _Run, bound: int) -> None:
    """Improve the greedy plan until the clock, the limit or a proof ends it."""
    local = LocalSearch(insertions, run.best.copy())
    local.run(run.stop)
    run.offer(local.draft)
    if run.is_finished(bound):
        return
    shaker = Shaker(insertions, local, run.params.seed)
    routing = RoutingSearch(insertions, run.best)
    share = ROUTING_SHARE
    while not run.is_finished(bound):
        before = run.best.rank
        _route(run, routing, local, share)
        # Routing helps where days are long; where it brings nothing it gets half the time.
        share = ROUTING_SHARE if run.best.rank > before else share / 2
        _shake(run, shaker, bound)


def _route(run: _Run, routing: RoutingSearch, local: LocalSearch, share: float) -> None:
    """Let OR-Tools go on from the best plan, then improve the best of what it passed."""
    start, passed = run.best.copy(), Draft(run.problem)

    def found(draft: Draft) -> None:
        nonlocal passed
        run.n_solutions += 1
        run.offer(draft)
        if draft.rank > passed.rank and draft.choices != start.choices:
            passed = draft

    routing.run(
        start,
        time_s=min(run.left_s, run.params.time_limit_s * share),
        should_stop=run.stop,
        found=found,
        solution_limit=run.slice_limit(),
    )
    local.replace(passed)
    local.run(run.stop)
    run.offer(local.draft)


def _shake(run: _Run, shaker: Shaker, bound: int) -> None:
    """Ruin and recreate from the best plan, for a share of the time or of the solutions."""
    current, limit = run.best, run.slice_limit()
    until = run.elapsed_s + run.params.time_limit_s * SHAKE_SHARE
    rounds = 0
    while not run.is_finished(bound):
        if rounds >= limit if limit is not None else run.elapsed_s >= until:
            return
        current = shaker.round(current, run.best, run.stop)
        run.n_solutions += 1
        run.n_rounds += 1
        rounds += 1
        run.offer(current)


def _result(run: _Run, bound: int, impossible: list[int]) -> Result:
    solution = run.solution()
    prize, cost, distance, value = totals(run.problem, solution)
    is_proven = run.is_proven(bound)
    if is_proven:
        status = Status.OPTIMAL
    elif impossible:
        status = Status.INFEASIBLE
    else:
        status = Status.NO_SOLUTION if run.best.missed else Status.FEASIBLE
    if is_proven:
        reason = StopReason.PROVEN
    elif run.is_cancelled:
        reason = StopReason.CANCELLED
    else:
        reason = StopReason.TIME if run.is_late else StopReason.WORK
    return Result(
        status=status, stop_reason=reason, solution=solution, prize=prize, cost=cost,
        distance=distance, value=value, bound=float(bound) if is_proven else None,
        gap=0.0 if is_proven else None, unserved=explain(run.problem, solution),
        work={"solutions": run.n_solutions, "rounds": run.n_rounds},
    )  # fmt: skip
