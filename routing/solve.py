"""Plan a week: greedy plan, then OR-Tools routing and ruin and recreate in turn, under a clock."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from time import sleep

from routing.bounds import departures_are_settled, impossible_required
from routing.compiling import loading
from routing.conflict import contradiction
from routing.construct import add_all, greedy_draft
from routing.draft import Draft
from routing.explain import explain
from routing.improve import LocalSearch
from routing.insertion import Insertions
from routing.problem import Problem
from routing.run import ASK_EVERY_S, PROVEN_GAP, SLICE, Progress, Run, SolveParams
from routing.solution import Contradiction, Result, Solution, Status, StopReason
from routing.start import taken_up
from routing.timing import totals
from routing.vrp import RoutingSearch

ROUTING_SHARE = 0.06
"""Share of the time limit that one slice of OR-Tools routing gets."""
LOADING_SHARE = 0.2
"""Share of the time limit after which the search goes on while pricing is still compiled."""
SHAKE_SHARE = 0.18
"""Share of the time limit that one slice of ruin and recreate gets."""
FIRST_SHAKE_SHARE = 0.03
"""The same before the first proof, which often needs no more."""
SHAKE_TOURS_SHARE = 0.02
"""The same where tours of several days, which it keeps as they are, matter more."""
THREADS = 2


def solve(
    problem: Problem,
    params: SolveParams,
    *,
    start: Solution | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Make the best plan the time allows.

    Parameters
    ----------
    start
        A plan to begin with, such as last week's; stops that cannot be made are dropped.
    on_progress
        Called in this thread at every better plan and at least about every half second.
    should_stop
        Asked about 20 times a second; once it says True the best plan so far is returned.

    Returns
    -------
    Result
        ``infeasible`` only when it is proven that no plan makes every required visit and keeps to
        every rule, with rules that contradict each other; ``no_solution`` when none was found.
        Both still carry the plan that comes nearest.
    """
    run = _run(problem, params, start, on_progress, should_stop)
    impossible = impossible_required(problem)
    if not impossible and not run.is_impossible:
        return _result(run, None)
    return _result(run, contradiction(problem, partial(_is_impossible, run)))


def _run(
    problem: Problem,
    params: SolveParams,
    start: Solution | None,
    on_progress: Callable[[Progress], None] | None,
    should_stop: Callable[[], bool] | None,
) -> Run:
    compiling = loading(nights=problem.has_nights)
    insertions = Insertions(problem)
    run = Run(insertions, params, on_progress, should_stop)
    run.offer(greedy_draft(insertions, run.stop))
    if start is not None:
        draft = taken_up(insertions, start)
        add_all(insertions, draft, run.stop)
        run.offer(draft)
    if not run.is_finished() and problem.visits and problem.shifts:
        _search(insertions, run, compiling)
    return run


def _is_impossible(run: Run, problem: Problem) -> bool | None:
    """Tell in the time that a run has left whether a problem has no plan; None when undecided."""
    if run.stop() or run.left_s <= 0:
        return None
    if impossible_required(problem):
        return True
    inner = _run(problem, replace(run.params, time_limit_s=run.left_s), None, None, run.stop)
    if inner.value is not None:
        return False
    return True if inner.is_impossible else None


def _search(insertions: Insertions, run: Run, compiling: Future[None]) -> None:
    """Improve the greedy plan and prove how good it is, until clock, limit or proof ends it."""
    local = LocalSearch(insertions, run.best.copy())
    local.run(run.stop)
    run.offer(local.draft)
    # With a limit on work nothing may depend on how long compiling takes; without, it is soon
    # there if it was compiled before.
    patience = LOADING_SHARE * run.params.time_limit_s
    while not compiling.done() and not run.is_finished():
        if run.params.solution_limit is None and run.elapsed_s > patience:
            break
        sleep(ASK_EVERY_S)
    if run.is_finished():
        return
    with ExitStack() as stack:
        _take_turns(insertions, run, local, compiling, stack)


def _take_turns(
    insertions: Insertions, run: Run, local: LocalSearch, compiling: Future[None], stack: ExitStack
) -> None:
    """Ruin and recreate, prove, route in turn; what the searches come past feeds the proof."""
    # It knows no nights: a plan with tours is left to the proof and to ruin and recreate.
    routing = None if run.problem.has_nights else RoutingSearch(insertions, run.best)
    share, engines = ROUTING_SHARE, None
    while not run.is_finished():
        if compiling.done():
            if engines is None:
                compiling.result()
                engines = stack.enter_context(closing(_Engines(insertions, run)))
            engines.turn()
            local.replace(run.best.copy())
            local.run(run.stop)
            run.offer(local.draft)
            if run.is_finished() or engines.is_done:
                return
        before = run.best.rank
        if routing is not None:
            _route(run, routing, local, share)
        # Routing helps where days are long; where it brings nothing it gets half the time.
        share = ROUTING_SHARE if run.best.rank > before else share / 2


class _Engines:
    """What is compiled, and the threads it works in."""

    def __init__(self, insertions: Insertions, run: Run) -> None:
        # Imported late: loading the compiler takes longer than most commands.
        from routing.proof import Proof
        from routing.search import Shaker
        from routing.shift_types import shift_types

        types = shift_types(run.problem)
        self._run, self._threads = run, ThreadPoolExecutor(THREADS)
        self._shaker = Shaker(insertions, types, run.params.seed)
        self._proof: Proof | None = None
        if run.problem.has_nights:
            from routing.tour_proof import TourProof

            self._proof = TourProof(insertions, types, run, self._threads)
        elif departures_are_settled(run.problem):
            self._proof = Proof(insertions, types, run, self._threads)
        self._share = FIRST_SHAKE_SHARE
        self._next_share = SHAKE_TOURS_SHARE if run.problem.has_nights else SHAKE_SHARE

    @property
    def is_done(self) -> bool:
        """Whether the plan is proven to be the best."""
        return self._proof is not None and self._proof.is_done

    def turn(self) -> None:
        """Search for a share of the time, then prove."""
        run, calls = self._run, 0
        until = run.elapsed_s + run.params.time_limit_s * self._share
        limit = run.slice_limit()
        while not run.is_finished() and (
            calls < limit / SLICE if limit is not None else run.elapsed_s < until
        ):
            self._shaker.call(run, self._threads)
            calls += 1
            run.n_solutions += 1
        self._share = self._next_share
        if self._proof is not None and not run.is_finished():
            self._proof.attempt(self._shaker.routes())

    def close(self) -> None:
        """End the threads, in which nothing runs any more."""
        if self._proof is not None:
            self._proof.close()
        self._threads.shutdown(wait=True, cancel_futures=True)


def _route(run: Run, routing: RoutingSearch, local: LocalSearch, share: float) -> None:
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


def _result(run: Run, found: Contradiction | None) -> Result:
    solution = run.solution()
    prize, cost, distance, value = totals(run.problem, solution)
    gap, bound = run.gap, run.proven
    is_proven = gap is not None and gap <= PROVEN_GAP
    if is_proven:
        status = Status.OPTIMAL
    elif found is not None:
        status = Status.INFEASIBLE
    else:
        status = Status.NO_SOLUTION if run.value is None else Status.FEASIBLE
    if is_proven or run.is_impossible:
        reason = StopReason.PROVEN
    elif run.is_cancelled:
        reason = StopReason.CANCELLED
    else:
        reason = StopReason.TIME if run.is_late else StopReason.WORK
    return Result(
        status=status, stop_reason=reason, solution=solution, prize=prize, cost=cost,
        distance=distance, value=value, bound=None if gap is None else bound, gap=gap,
        unserved=explain(run.problem, solution),
        work={"solutions": run.n_solutions, "rounds": run.n_rounds, "pricings": run.n_pricings},
        contradiction=found, shadow=run.shadow,
    )  # fmt: skip
