"""Plan without hubs first, then with sessions that serve neighbours too.

Hubs double the visits and add a row for each village, so the search for them takes longer to become
good; a plan without hubs is a plan of a problem with hubs, so the result is never worth less.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

from routing.problem import Problem
from routing.rules import ServedOnce
from routing.run import Progress, SolveParams
from routing.solution import Result, Solution
from routing.solve import solve

FIRST_SHARE = 0.5
"""Share of the time limit, at most, for a plan without hubs; what its proof leaves goes on."""


def solve_hubs_last(
    problem: Problem,
    params: SolveParams,
    *,
    start: Solution | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Solve a problem; where it has hubs, from the best plan without them that is found.

    Parameters and result are those of ``solve``; the result's replay is that of the last search,
    with that of the search without hubs before it.
    """
    hubs = hubs_of(problem)
    if not hubs or start is not None:
        return solve(problem, params, start=start, on_progress=on_progress, should_stop=should_stop)
    began = perf_counter()

    def report_first(progress: Progress) -> None:
        if on_progress is not None:
            # What bounds plans without hubs does not bound those with.
            on_progress(replace(progress, bound=None))

    before = None if params.replay is None else params.replay.before
    first = solve(
        without_hubs(problem, hubs),
        replace(params, time_limit_s=FIRST_SHARE * params.time_limit_s, replay=before),
        on_progress=report_first,
        should_stop=should_stop,
    )
    spent = perf_counter() - began

    def report(progress: Progress) -> None:
        if on_progress is not None:
            on_progress(replace(progress, elapsed_s=progress.elapsed_s + spent))

    left = max(params.time_limit_s - spent, 0.1 * params.time_limit_s)
    result = solve(
        problem, replace(params, time_limit_s=left), start=first.solution, on_progress=report,
        should_stop=should_stop,
    )  # fmt: skip
    if result.replay is None:
        return result
    return replace(result, replay=replace(result.replay, before=first.replay))


def hubs_of(problem: Problem) -> frozenset[int]:
    """Find the visits that serve more than one village which others could serve as well."""
    rules = [rule for rule in problem.rules if isinstance(rule, ServedOnce)]
    n_served = Counter(v for rule in rules for v in {v for v, _ in rule.sessions})
    return frozenset(v for v, n in n_served.items() if n > 1)


def without_hubs(problem: Problem, hubs: frozenset[int]) -> Problem:
    """Take hubs and their rows out; a village that must be served is then required itself.

    What asks for a crew that can serve there stays a rule.
    """
    rules = [rule for rule in problem.rules if isinstance(rule, ServedOnce)]
    due = {
        v for rule in rules if rule.is_required and not rule.idle for v, _ in rule.sessions
    } - hubs
    return replace(
        problem,
        visits=tuple(
            replace(visit, shifts=frozenset(), required=False)
            if v in hubs
            else replace(visit, required=visit.required or v in due)
            for v, visit in enumerate(problem.visits)
        ),
        rules=tuple(
            _elsewhere(rule, hubs) if isinstance(rule, ServedOnce) else rule
            for rule in problem.rules
            if not isinstance(rule, ServedOnce) or (rule.is_required and rule.idle)
        ),
    )


def _elsewhere(rule: ServedOnce, hubs: frozenset[int]) -> ServedOnce:
    return replace(rule, sessions=frozenset((v, o) for v, o in rule.sessions if v not in hubs))
