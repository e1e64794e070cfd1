"""Plan day tours first, then nights out from there.

The search for tours needs longer to become good than that for days, and a plan of days is a plan of
a problem with nights too, so the result is never worth less than the days that were found.
"""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

from routing.problem import Problem
from routing.run import Progress, SolveParams
from routing.solution import Result, Solution
from routing.solve import solve

DAYS_SHARE = 0.5
"""Share of the time limit, at most, for day tours; what their proof leaves goes to tours."""


def solve_days_first(
    problem: Problem,
    params: SolveParams,
    *,
    start: Solution | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Solve a problem; where teams may stay out, from the best plan of day tours that is found.

    Parameters and result are those of ``solve``; the result's replay is that of the second search,
    from the same start.
    """
    if not problem.has_nights or start is not None:
        return solve(
            problem, params, start=start, on_progress=on_progress, should_stop=should_stop
        )  # fmt: skip
    began = perf_counter()

    def report_days(progress: Progress) -> None:
        if on_progress is not None:
            # What bounds days does not bound nights.
            on_progress(replace(progress, bound=None))

    days = solve(
        _days_only(problem),
        replace(params, time_limit_s=DAYS_SHARE * params.time_limit_s),
        on_progress=report_days,
        should_stop=should_stop,
    )
    spent = perf_counter() - began

    def report(progress: Progress) -> None:
        if on_progress is not None:
            on_progress(replace(progress, elapsed_s=progress.elapsed_s + spent))

    left = max(params.time_limit_s - spent, 0.1 * params.time_limit_s)
    return solve(
        problem, replace(params, time_limit_s=left), start=days.solution, on_progress=report,
        should_stop=should_stop,
    )  # fmt: skip


def _days_only(problem: Problem) -> Problem:
    """Give the same problem with nobody out over night: only days on which a tour may begin."""
    served = frozenset(
        s for s, shift in enumerate(problem.shifts) if shift.serves and shift.starts_tour
    )
    visits = (
        replace(visit, shifts=served if visit.shifts is None else visit.shifts & served)
        for visit in problem.visits
    )
    return replace(problem, visits=tuple(visits), max_tour_days=1)
