"""Plan a campaign: week by week first, then weeks in pairs, each knowing what the others do.

The first pass plans the weeks in order, each with what the earlier ones left. After that two weeks
at a time are planned anew as one problem, a rich early week with a poor late one first, so that
places can change weeks; the others stand. A pair is kept only where the campaign gains, so the
value never falls, and every week is complete at any moment.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from routing.campaigns.campaign import Campaign, joined, parted, totals_of, week_problem
from routing.run import Progress, SolveParams
from routing.solution import Result, Solution, StopReason
from routing.solve import solve

LEAST_GAIN = 1e-3
"""Weighted documents that a pair must add to be kept: less is rounding of prizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStep:
    """One solve of a campaign: the weeks it planned, counted from 0, and which of how many."""

    weeks: tuple[int, ...]
    number: int
    n_steps: int


OnStep = Callable[[CampaignStep, Progress | None], None]
OnDone = Callable[[CampaignStep, dict[int, Solution]], None]


def steps_of(n_weeks: int, n_rounds: int) -> list[tuple[int, ...]]:
    """List what is solved, in order: every week alone, then ``n_rounds`` of pairs.

    Round r pairs week i with its mirror image in a circle turned by r, so that different rounds
    pair different weeks; where two mirror each other in themselves one week is left out.
    """
    found: list[tuple[int, ...]] = [(w,) for w in range(n_weeks)]
    for turn in range(n_rounds if n_weeks > 1 else 0):
        total = n_weeks - 1 - turn
        pairs = {tuple(sorted((i, (total - i) % n_weeks))) for i in range(n_weeks)}
        found += sorted(pair for pair in pairs if pair[0] != pair[1])
    return found


def plan_campaign(
    campaign: Campaign,
    params: SolveParams,
    *,
    n_rounds: int = 1,
    plans: Sequence[Solution | None] | None = None,
    done: int = 0,
    on_step: OnStep | None = None,
    on_done: OnDone | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[Solution]:
    """Plan every week of a campaign.

    Parameters
    ----------
    params
        Of each solve; a pair of weeks gets twice the time.
    n_rounds
        Rounds of pairs after the first pass.
    plans, done
        To go on with: what is planned, and how many of ``steps_of`` made it.
    on_step
        Called before each step with None, and at every better plan during it.
    on_done
        Called after each step with the weeks that it gave a new plan.
    should_stop
        Once it says True the campaign so far is returned; weeks without a plan are empty. A step
        that it cut short is not done.
    """
    kept: list[Solution | None] = [None] * len(campaign.weeks)
    if plans is not None:
        kept = list(plans)
    steps = steps_of(len(campaign.weeks), n_rounds)
    for number, weeks in enumerate(steps[done:], start=done):
        if should_stop is not None and should_stop():
            break
        step = CampaignStep(weeks=weeks, number=number + 1, n_steps=len(steps))
        changed = _solved(campaign, kept, step, params, on_step, should_stop)
        if changed is None:
            break
        for w, plan in changed.items():
            kept[w] = plan
        if on_done is not None:
            on_done(step, changed)
    return [Solution() if plan is None else plan for plan in kept]


def _solved(
    campaign: Campaign,
    plans: Sequence[Solution | None],
    step: CampaignStep,
    params: SolveParams,
    on_step: OnStep | None,
    should_stop: Callable[[], bool] | None,
) -> dict[int, Solution] | None:
    """Solve one step: the weeks that it plans better than before; None: cut short with nothing."""
    if on_step is not None:
        on_step(step, None)
    weeks, is_first = step.weeks, plans[step.weeks[0]] is None
    result = solve(
        week_problem(campaign, plans, weeks),
        replace(params, time_limit_s=len(weeks) * params.time_limit_s),
        start=None if is_first else joined(campaign, plans, weeks),
        on_progress=None if on_step is None else lambda progress: on_step(step, progress),
        should_stop=should_stop,
    )
    if is_first:
        return None if _is_nothing(result) else {weeks[0]: result.solution}
    found = list(plans)
    for w, plan in zip(weeks, parted(campaign, result.solution, weeks), strict=True):
        found[w] = plan
    gain = totals_of(campaign, found).value - totals_of(campaign, plans).value
    return {w: found[w] or Solution() for w in weeks} if gain > LEAST_GAIN else {}


def _is_nothing(result: Result) -> bool:
    """Tell whether a search was cancelled before it had any visit: its week is still to plan."""
    return result.stop_reason == StopReason.CANCELLED and not result.solution.itineraries
