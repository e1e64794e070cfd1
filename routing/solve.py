"""Plan a week: greedy plan, then OR-Tools routing and ruin and recreate in turn, under a clock."""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from routing.bounds import impossible_required
from routing.compiling import loading
from routing.draft import Draft
from routing.explanation.conflict import contradiction
from routing.explanation.explain import Explainer
from routing.heuristics.construct import add_all, greedy_draft
from routing.heuristics.improve import LocalSearch
from routing.heuristics.night_moves import NightMoves
from routing.heuristics.vrp import RoutingSearch
from routing.insertion import Insertions
from routing.long.long_routes import is_long, suits
from routing.problem import Problem
from routing.run import PROVEN_GAP, SLICE, Engine, Progress, Run, SolveParams
from routing.solution import Contradiction, Result, Solution, Status, StopReason
from routing.start import taken_up
from routing.timing import totals
from routing.tours.tour import Tour, tours_of

if TYPE_CHECKING:
    from routing.long.long_search import LongSearch

ROUTING_SHARE = 0.06
"""Share of the time limit that one slice of OR-Tools routing gets."""
LOADING_SHARE = 0.2
"""Share of the time limit after which the search goes on while pricing is still compiled."""
LONG_ROUTING_SHARE = 0.02
"""The same beside the search for long routes; half as much each time that it brings nothing."""
LEAST_SHARE = 0.002
"""With less time than this OR-Tools routing is left alone."""
SHAKE_SHARE = 0.18
"""Share of the time limit that one slice of ruin and recreate gets."""
FIRST_SHAKE_SHARE = 0.03
"""The same before the first proof, which often needs no more."""
FIRST_SHAKE_TOURS_SHARE = 0.1
"""The same before the first proof where teams may stay out."""
SHAKE_TOURS_SHARE = 0.05
"""The same after it."""
RESERVE_TIMES, RESERVE_SHARE = 1.5, 0.05
"""To explain a plan takes no more than so many times what the first plan took; that is kept for it,
or this share of the time limit where it is less."""
ALONE_SHARES = (0.15, 0.15)
"""Shares of the time limit for other nights and for OR-Tools routing, when that plans alone."""
CLASH_SHARE = 0.2
"""Share of the time limit to find which rules clash, where it is seen at once that some do."""
LEAST_S = 1e-3
THREADS = 2
MOST_SECONDS = 86400


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
    insertions = Insertions(problem)
    run = Run(insertions, params, on_progress, should_stop)
    run.offer(greedy_draft(insertions, run.stop, run.is_called_off), "greedy")
    # Not before: loading the compiler takes turns with the interpreter, and a plan comes first.
    compiling = loading(nights=problem.has_nights, long=suits(problem))
    # What it says of visits alone takes long where there are nights, and is the same for any plan.
    explainer = Explainer(insertions, run.stop) if problem.has_nights else None
    run.reserve_s = min(RESERVE_TIMES * run.elapsed_s, RESERVE_SHARE * params.time_limit_s)
    found = None
    if run.value is None and impossible_required(problem):
        # Known at once: why comes first, because the search takes all the time that there is.
        until = run.elapsed_s + CLASH_SHARE * params.time_limit_s
        found = _contradiction(run, lambda: until - run.elapsed_s)
    _improve(insertions, run, start, compiling)
    if found is None and run.is_impossible:
        found = _contradiction(run, lambda: run.left_s)
    return _result(run, found, explainer or Explainer(insertions))


def _improve(
    insertions: Insertions, run: Run, start: Solution | None, compiling: Future[None]
) -> None:
    """Go on from the first plan with the engine that was asked for."""
    problem, params = run.problem, run.params
    if start is not None:
        draft = taken_up(insertions, start)
        add_all(insertions, draft, run.stop)
        run.offer(draft, "start")
    if not run.is_finished() and problem.visits and problem.shifts:
        if params.engine is Engine.ROUTING:
            _route_alone(insertions, run)
        elif is_long(problem, run.best):
            _search_long(insertions, run, compiling)
        else:
            _search(insertions, run, loading(nights=problem.has_nights))


def _contradiction(run: Run, left_s: Callable[[], float]) -> Contradiction:
    """Find rules that contradict each other; a replay knows what was decided of each set."""

    def oracle(problem: Problem) -> bool | None:
        return run.questions.verdict(partial(_is_impossible, run, left_s, problem))

    return contradiction(run.problem, oracle)


def _is_impossible(run: Run, left_s: Callable[[], float], problem: Problem) -> bool | None:
    """Tell in the time that is left whether a problem has no plan; None when undecided."""
    # Asked by ``is_told``, not ``stop``: a replay does not come to these questions.
    if not 0 < left_s() <= MOST_SECONDS or run.is_told():
        return None
    if impossible_required(problem):
        return True
    insertions = Insertions(problem)
    params = replace(run.params, time_limit_s=max(LEAST_S, left_s()), replay=None)
    inner = Run(insertions, params, None, run.is_told)
    inner.offer(greedy_draft(insertions, inner.stop, inner.is_called_off), "greedy")
    _improve(insertions, inner, None, loading(nights=problem.has_nights, long=suits(problem)))
    if inner.value is not None:
        return False
    return True if inner.is_impossible else None


def _search(insertions: Insertions, run: Run, compiling: Future[None]) -> None:
    """Improve the greedy plan and prove how good it is, until clock, limit or proof ends it."""
    local = LocalSearch(insertions, run.best.copy())
    local.run(run.stop)
    run.offer(local.draft, "local")
    if run.is_finished():
        return
    # With a limit on work nothing may depend on how long compiling takes; without, it is soon
    # there if it was compiled before.
    is_limited = run.params.solution_limit is not None
    patience = math.inf if is_limited else LOADING_SHARE * run.params.time_limit_s
    is_ready = run.is_ready(compiling, patience)
    with ExitStack() as stack:
        _take_turns(insertions, run, local, None if is_ready else compiling, stack)


def _search_long(insertions: Insertions, run: Run, compiling: Future[None]) -> None:
    """Improve a plan of long routes, which no pricing can list, until clock or limit ends it."""
    share, routing = LONG_ROUTING_SHARE, None
    is_limited = run.params.solution_limit is not None
    # OR-Tools routing can begin without the compiler, but chooses no nights.
    waits = is_limited or run.problem.has_nights
    patience = math.inf if waits else LOADING_SHARE * run.params.time_limit_s
    search: LongSearch | None = None
    with ThreadPoolExecutor(THREADS) as threads:
        while not run.is_finished():
            if search is None and run.is_ready(compiling, patience):
                search = _long_search(insertions, run)
            if search is not None:
                _shake_long(search, run, threads)
            if not run.is_finished() and share > LEAST_SHARE:
                routing = _model(insertions, run, routing)
                before = run.best.rank
                _route(run, routing, share)
                share = LONG_ROUTING_SHARE if run.best.rank > before else share / 2


def _long_search(insertions: Insertions, run: Run) -> "LongSearch":
    # Imported late: loading the compiler takes longer than most commands.
    from routing.long.long_search import LongSearch
    from routing.shift_types import shift_types

    return LongSearch(insertions, shift_types(run.problem), run.params.seed)


def _shake_long(search: "LongSearch", run: Run, threads: ThreadPoolExecutor) -> None:
    """Search for a share of the time, or of the work."""
    calls, limit = 0, run.slice_limit()
    is_over = run.slice_end(SHAKE_SHARE)
    while not run.is_finished() and (calls < limit / SLICE if limit is not None else not is_over()):
        search.call(run, threads)
        calls += 1
        run.n_solutions += 1


def _take_turns(
    insertions: Insertions, run: Run, local: LocalSearch, compiling: Future[None] | None,
    stack: ExitStack,
) -> None:  # fmt: skip
    """Ruin and recreate, prove, route in turn; what the searches come past feeds the proof."""
    routing, share, engines = None, ROUTING_SHARE, None
    while not run.is_finished():
        if compiling is not None and run.is_ready(compiling, 0.0):
            compiling = None
        if compiling is None:
            if engines is None:
                engines = stack.enter_context(closing(_Engines(insertions, run)))
            engines.turn()
            _polish(run, local, run.best)
            if run.is_finished() or engines.is_done:
                return
        if engines is not None and run.problem.has_nights and share < LEAST_SHARE:
            continue  # a model for each choice of nights takes longer than that
        routing = _model(insertions, run, routing)
        before = run.best.rank
        _polish(run, local, _route(run, routing, share, engines.passed if engines else None))
        # Routing helps where days are long; where it brings nothing it gets half the time.
        share = ROUTING_SHARE if run.best.rank > before else share / 2


def _route_alone(insertions: Insertions, run: Run) -> None:
    """Go on from the greedy plan with OR-Tools routing; greedy insertion chooses the nights."""
    routing, has_nights = None, run.problem.has_nights
    moves = NightMoves(insertions, run.params.seed)
    while not run.is_finished():
        if has_nights:
            _move_nights(run, moves)
        if not run.is_finished():
            routing = _model(insertions, run, routing)
            _route(run, routing, ALONE_SHARES[1] if has_nights else 1.0)


def _move_nights(run: Run, moves: NightMoves) -> None:
    """Look for better nights for a share of the time, or of the work."""
    calls, limit = 0, run.slice_limit()
    is_over = run.slice_end(ALONE_SHARES[0])
    while not run.is_finished() and (calls < limit if limit is not None else not is_over()):
        draft = moves.moved(run.best, run.stop)
        calls += 1
        run.n_solutions += 1
        if draft is not None:
            run.offer(draft, "greedy")


def _model(insertions: Insertions, run: Run, routing: RoutingSearch | None) -> RoutingSearch:
    """Give a model with the nights of the best plan: the one there is, or another."""
    if routing is not None and routing.fits(run.best):
        return routing
    return RoutingSearch(insertions, run.best, run.stop)


def _polish(run: Run, local: LocalSearch, draft: Draft) -> None:
    """Improve a plan by local moves, unless it is time to stop."""
    if run.stop():
        return
    local.replace(draft.copy())
    local.run(run.stop)
    run.offer(local.draft, "local")


class _Engines:
    """What is compiled, and the threads it works in."""

    def __init__(self, insertions: Insertions, run: Run) -> None:
        # Imported late: loading the compiler takes longer than most commands.
        from routing.columns.proof import Proof
        from routing.heuristics.search import Shaker
        from routing.shift_types import shift_types
        from routing.tours.tour_search import TourShaker

        self.passed: dict[Tour, None] = {}
        types, seed = shift_types(run.problem), run.params.seed
        self._run, self._threads = run, ThreadPoolExecutor(THREADS)
        self._shaker: Shaker | TourShaker
        self._searched: Callable[[], Iterator[Tour]]
        self._proof: Proof
        self._share, self._next_share = FIRST_SHAKE_SHARE, SHAKE_SHARE
        if run.problem.has_nights:
            from routing.tours.tour_proof import TourProof

            self._shaker = shaker = TourShaker(insertions, types, seed)
            self._searched = shaker.tours
            self._proof = TourProof(insertions, types, run, self._threads, self._tours)
            self._share, self._next_share = FIRST_SHAKE_TOURS_SHARE, SHAKE_TOURS_SHARE
        else:
            self._shaker = Shaker(insertions, types, seed)
            self._proof = Proof(insertions, types, run, self._threads)

    def _tours(self) -> Iterator[Tour]:
        """List the tours that OR-Tools routing and ruin and recreate have come past since."""
        yield from self.passed
        self.passed.clear()
        yield from self._searched()

    @property
    def is_done(self) -> bool:
        """Whether the plan is proven to be the best."""
        return self._proof.is_done

    def turn(self) -> None:
        """Search for a share of the time, or of the work, then prove."""
        run, calls, limit = self._run, 0, self._run.slice_limit()
        is_over = run.slice_end(self._share)
        while not run.is_finished() and (
            calls < limit / SLICE if limit is not None else not is_over()
        ):
            self._shaker.call(run, self._threads)
            calls += 1
            run.n_solutions += 1
        self._share = self._next_share
        if not run.is_finished():
            self._proof.attempt(self._shaker.routes())

    def close(self) -> None:
        """End the threads, in which nothing runs any more."""
        self._proof.close()
        self._threads.shutdown(wait=True, cancel_futures=True)


def _route(
    run: Run, routing: RoutingSearch, share: float, tours: dict[Tour, None] | None = None
) -> Draft:
    """Let OR-Tools go on from the best plan; the best other plan that it passed.

    All tours that it passed are added to ``tours``.
    """
    start, passed = run.best.copy(), Draft(run.problem)

    def found(draft: Draft) -> None:
        nonlocal passed
        run.n_solutions += 1
        run.offer(draft, "routing")
        if tours is not None:
            for tour in tours_of(draft):
                tours[tour] = None
                for choices in tour.choices:
                    run.credit("routing", tour.with_kit, choices)
        if draft.rank > passed.rank and draft.choices != start.choices:
            passed = draft

    is_over = run.slice_end(share)
    routing.run(
        start,
        should_stop=lambda: run.stop() or is_over(),
        found=found,
        solution_limit=run.slice_limit(),
    )
    return passed


def _result(run: Run, found: Contradiction | None, explainer: Explainer) -> Result:
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
        unserved=explainer.explain(solution),
        work={
            "solutions": run.n_solutions, "rounds": run.n_rounds, "pricings": run.n_pricings,
            "labels": run.n_labels, "nodes": run.n_nodes,
        },
        found_by=run.finders(), replay=run.questions.replay,
        contradiction=found, shadow=run.shadow,
    )  # fmt: skip
