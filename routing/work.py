"""What a solver was asked, whole, so that it can be asked the same again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from routing.errors import InvalidProblem
from routing.heuristics.hubs_last import solve_hubs_last
from routing.problem import Problem
from routing.replan import CHANGE_PRICE, Events, Replanned, repair, replan
from routing.replay import Replay
from routing.run import Progress, SolveParams
from routing.solution import Solution


class WorkKind(StrEnum):
    """Ways of making a plan by a search."""

    SOLVE = "solve"
    REPAIR = "repair"
    REPLAN = "replan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One way of making a plan with all that decides it, but the answers of the clock.

    ``start`` is the plan to begin with, or the one to mend or to plan anew; ``events, price,
    max_changes`` are those of ``replan``.
    """

    kind: WorkKind
    problem: Problem
    params: SolveParams
    start: Solution | None = None
    events: Events | None = None
    price: int = CHANGE_PRICE
    max_changes: int | None = None

    def __post_init__(self) -> None:
        if self.kind is not WorkKind.SOLVE and self.start is None:
            raise InvalidProblem(f"work {self.kind}: needs a plan to start from")


def perform(
    work: Work,
    *,
    replay: Replay | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Replanned:
    """Make a plan; what is solved from nothing has no stop that could have been kept.

    Parameters
    ----------
    replay
        Answers of the clock of an earlier run of the same work: the same plan and bound come out.
    """
    params = replace(work.params, replay=replay)
    problem, start = work.problem, work.start or Solution()
    if work.kind is WorkKind.REPAIR:
        return repair(problem, start, params, on_progress=on_progress, should_stop=should_stop)
    if work.kind is WorkKind.REPLAN:
        return replan(
            problem, start, work.events or Events(), params, price=work.price,
            max_changes=work.max_changes, on_progress=on_progress, should_stop=should_stop,
        )  # fmt: skip
    result = solve_hubs_last(
        problem, params, start=work.start, on_progress=on_progress, should_stop=should_stop
    )
    return Replanned(result=result, changed=frozenset(), added=frozenset(), n_published=0)
