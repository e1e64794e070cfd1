"""Compiled loops that time one shift of a plan that ruin and recreate works on."""

from routing.columns.completion_kernels import FAR, earliest
from routing.heuristics.week_layout import Plan, Week
from routing.jit import compiled, inner


@inner
def due_for(week: Week, s: int, leave: int, end: int) -> float:
    """Sum the allowances when a shift leaves and ends at these working seconds."""
    seconds, total = end - leave, 0.0
    for k in range(week.break_works.shape[1]):
        if leave < week.break_works[s, k] < end:
            seconds += week.break_lengths[s, k]
    for k in range(week.longer_than.shape[1]):
        if seconds > week.longer_than[s, k]:
            total += week.allowances[s, k]
    return total


@inner
def due(week: Week, s: int, end: int, work: int, latest: int) -> float:
    """Sum the least allowances of a shift, as ``completion_kernels.loss``."""
    if week.longer_than.shape[1] == 0:
        return 0.0
    leave = min(latest, end - work)
    least = due_for(week, s, leave, end)
    for k in range(week.break_works.shape[1]):
        begin = week.break_works[s, k]
        if leave < begin <= latest:
            least = min(least, due_for(week, s, begin, begin + work))
    return least


@inner
def latest_arrival(week: Week, s: int, v: int, duration: int, leave: int) -> int:
    """Find the last arrival from which a session can end by ``leave``; -1 where there is none."""
    clock, found = week.clocks[s], -1
    for k in range(week.lows.shape[2]):
        start = min(week.highs[clock, v, k], leave) - duration
        if start >= week.lows[clock, v, k] and start > found:
            found = start
    return found


@inner
def last_end(week: Week, s: int, v: int, start: int) -> int:
    """Find the end of the last to close of the windows that are open at a session's start."""
    clock, found = week.clocks[s], start
    for k in range(week.lows.shape[2]):
        if week.lows[clock, v, k] <= start:
            found = max(found, week.highs[clock, v, k])
    return found


@compiled
def retime(week: Week, plan: Plan, s: int) -> bool:
    """Compute the times and value of a shift anew; whether it can be driven."""
    n, m = plan.lengths[s], week.matrices[s]
    here, now, value = week.starts[s], 0, 0.0
    work, latest = 0, week.horizons[s]
    crew, clock = week.crews[s, int(plan.kits[s])], week.clocks[s]
    for i in range(n):
        v, o = plan.visits[s, i], plan.options[s, i]
        arrival = now + week.times[m, here, v]
        start = earliest(week.lows[clock], week.highs[clock], v, arrival, week.durations[v, o])
        if start >= FAR:
            return False
        now = start + week.durations[v, o]
        work += week.times[m, here, v] + week.durations[v, o]
        latest = min(latest, last_end(week, s, v, start) - work)
        plan.leaves[s, i] = now
        value += week.prizes[crew, v, o] - week.costs[m, here, v]
        here = v
    end = week.ends[s]
    plan.latest[s, n] = week.horizons[s]
    now += week.times[m, here, end]
    work += week.times[m, here, end]
    if n and now > week.horizons[s]:
        return False
    after = end
    for i in range(n - 1, -1, -1):
        v = plan.visits[s, i]
        leave = plan.latest[s, i + 1] - week.times[m, v, after]
        plan.latest[s, i] = latest_arrival(week, s, v, week.durations[v, plan.options[s, i]], leave)
        after = v
    if n:
        latest = min(latest, week.horizons[s] - work)
        value -= week.costs[m, here, end] + week.fixed[s] + due(week, s, now, work, latest)
    plan.values[s] = value
    return True
