"""Compiled loops of pricing: allowances by the time of leaving, and completion bounds.

A completion bound is what a route can gain at most from some moment at some visit on; see
``kernels.py`` for the arrays.
"""

import numpy as np

from routing.columns.layout import Bounds, Completions, Day, Floats, Ints, Offers
from routing.jit import compiled, inner

FAR = 2**40
WORST = -1e18
UNKNOWN = -2


@inner
def earliest(lows: Ints, highs: Ints, visit: int, arrival: int, duration: int) -> int:
    """Find the first start of a session, ``FAR`` where none fits."""
    found = FAR
    for k in range(lows.shape[1]):
        start = max(arrival, lows[visit, k])
        if start + duration <= highs[visit, k] and start < found:
            found = start
    return found


@inner
def duty(day: Day, leave: int, end: int) -> int:
    """Count the seconds from leaving at one working second, as late as may be, to the end."""
    seconds = end - leave
    for k in range(len(day.break_works)):
        if leave < day.break_works[k] < end:
            seconds += day.break_lengths[k]
    return seconds


@inner
def due(day: Day, leave: int, end: int) -> float:
    """Sum the allowances of a duty."""
    seconds, total = duty(day, leave, end), 0.0
    for k in range(len(day.longer_than)):
        if seconds > day.longer_than[k]:
            total += day.allowances[k]
    return total


@inner
def loss(day: Day, end: int, work: int, latest: int) -> float:
    """Sum the least allowances of a route, over all moments at which it can leave.

    A route that leaves at t ends at ``max(end, t + work)``, for every t up to ``latest``. The duty
    is shortest where it leaves as late as its end allows, or after a break.
    """
    if len(day.longer_than) == 0:
        return 0.0
    leave = min(latest, end - work)
    least = due(day, leave, end)
    for k in range(len(day.break_works)):
        if leave < day.break_works[k] <= latest:
            least = min(least, due(day, day.break_works[k], day.break_works[k] + work))
    return least


@inner
def unknown(n: int, steps: int) -> Bounds:
    """Make room for bounds."""
    shape = (n, steps)
    return Bounds(np.full(shape, WORST), np.full(shape, -1, np.int64), np.full(shape, WORST))


@inner
def merge(bounds: Bounds, i: int, x: int, value: float, to: int) -> None:
    """Keep a value, and where it goes to next, if it is among the best two of different visits."""
    if value > bounds.best[i, x]:
        if to != bounds.onward[i, x]:
            bounds.other[i, x] = bounds.best[i, x]
            bounds.onward[i, x] = to
        bounds.best[i, x] = value
    elif to != bounds.onward[i, x] and value > bounds.other[i, x]:
        bounds.other[i, x] = value


@inner
def arrive(day: Day, offers: Offers, table: Completions, j: int, x: int) -> None:
    """Fill in what can follow an arrival at visit j, from what can follow its sessions."""
    leaving = table.leaving
    for k in range(offers.first[j], offers.first[j + 1]):
        done = (
            earliest(day.lows, day.highs, j, x * table.step, offers.durations[k])
            + offers.durations[k]
        )
        if done <= day.horizon:
            y = done // table.step
            value = leaving.best[j, y] + offers.gains[k]
            merge(table.arriving, j, x, value, leaving.onward[j, y])
            # The second best goes to an unknown visit: another than the best.
            merge(table.arriving, j, x, leaving.other[j, y] + offers.gains[k], UNKNOWN)


@inner
def depart(
    arriving: Bounds, times: Ints, costs: Floats, active: Ints, now: int, step: int, i: int,
    at_home: float,
) -> tuple[float, int, float]:  # fmt: skip
    """Bound what can follow when visit i is left now: the best, where it goes, the best elsewhere.

    ``times`` and ``costs`` are those from visit i; ``at_home`` is the value of going home.
    """
    best, onward, other = at_home, -1, WORST
    arriving_best, arriving_onward, arriving_other = arriving
    last = arriving_best.shape[1] - 1
    for j in active:
        y = (now + times[j]) // step
        if j == i or y > last:
            continue
        value = arriving_best[j, y] if arriving_onward[j, y] != i else arriving_other[j, y]
        value -= costs[j]
        if value > best:
            best, onward, other = value, j, best
        elif value > other:
            other = value
    return best, onward, other


@compiled
def completions(day: Day, offers: Offers, step: int) -> Completions:
    """Tabulate completion bounds backward in time, free of 2-cycles (Christofides et al. 1981)."""
    n = len(offers.first) - 1
    steps = day.horizon // step + 1
    leaving, arriving = unknown(n, steps), unknown(n, steps)
    table = Completions(step, leaving, arriving)
    for x in range(steps - 1, -1, -1):
        now = x * step
        for j in offers.active:
            arrive(day, offers, table, j, x)
        for i in offers.active:
            end = now + day.times[i, n]
            at_home = WORST
            if end <= day.horizon:
                work = 0 if day.may_wait else end
                at_home = -day.costs[i, n] - loss(day, end, work, day.horizon - work)
            leaving.best[i, x], leaving.onward[i, x], leaving.other[i, x] = depart(
                arriving, day.times[i], day.costs[i], offers.active, now, step, i, at_home
            )
    return table
