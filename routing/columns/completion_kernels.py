"""Compiled loops of pricing: allowances by the time of leaving, and completion bounds.

A completion bound is what a route can gain at most from some moment at some visit on; see
``kernels.py`` for the arrays.
"""

import numpy as np

from routing.columns.layout import Bounds, Completions, Day, Flag, Floats, Ints, Offers
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
def merged(
    best: float, onward: int, other: float, value: float, to: int
) -> tuple[float, int, float]:
    """Keep a value, and where it goes to next, if it is among the best two of different visits."""
    if value > best:
        return value, to, other if to == onward else best
    if to != onward and value > other:
        return best, onward, value
    return best, onward, other


@inner
def arrive(day: Day, offers: Offers, table: Completions, x: int) -> None:
    """Fill in what can follow an arrival at each visit, from what can follow its sessions."""
    # Arrays are taken out of their tuples once: doing so in the loops takes most of the time.
    step, leaving, arriving = table
    left_best, left_onward, left_other = leaving
    first, durations, gains = offers.first, offers.durations, offers.gains
    lows, highs, horizon = day.lows, day.highs, day.horizon
    for j in offers.active:
        best, onward, other = WORST, -1, WORST
        for k in range(first[j], first[j + 1]):
            done = earliest(lows, highs, j, x * step, durations[k]) + durations[k]
            if done > horizon:
                continue
            y = done // step
            best, onward, other = merged(
                best, onward, other, left_best[j, y] + gains[k], left_onward[j, y]
            )
            # The second best goes to an unknown visit: another than the best.
            best, onward, other = merged(best, onward, other, left_other[j, y] + gains[k], UNKNOWN)
        arriving.best[j, x], arriving.onward[j, x], arriving.other[j, x] = best, onward, other


@inner
def ways(day: Day, offers: Offers, step: int, steps: int) -> tuple[Ints, Ints, Ints]:
    """List where each visit can be left for, and how many whole steps that takes at least.

    Those from visit i are at ``first[i]:first[i + 1]``.
    """
    n = len(offers.first) - 1
    first = np.zeros(n + 1, np.int64)
    to, hops = np.empty((2, len(offers.active) ** 2), np.int64)
    made = 0
    for i in range(n):
        first[i] = made
        if offers.first[i] == offers.first[i + 1]:
            continue
        for j in offers.active:
            hop = day.times[i, j] // step
            if j != i and hop < steps:
                to[made], hops[made] = j, hop
                made += 1
    first[n] = made
    return first, to, hops


@inner
def depart(
    arriving: Bounds, to: Ints, hops: Ints, costs: Floats, x: int, i: int, at_home: float
) -> tuple[float, int, float]:
    """Bound what can follow when visit i is left at a step: best, where it goes, best elsewhere.

    ``to`` and ``hops`` are its ways, ``costs`` those from it; ``at_home`` is the value of going
    home.
    """
    best, onward, other = at_home, -1, WORST
    arriving_best, arriving_onward, arriving_other = arriving
    last = arriving_best.shape[1] - 1
    for k in range(len(to)):
        # A moment is a whole number of steps, so whole steps can be added: dividing takes longer.
        j, y = to[k], x + hops[k]
        if y > last:
            continue
        value = arriving_best[j, y] if arriving_onward[j, y] != i else arriving_other[j, y]
        value -= costs[j]
        if value > best:
            best, onward, other = value, j, best
        elif value > other:
            other = value
    return best, onward, other


@inner
def leave(
    day: Day, offers: Offers, table: Completions, first: Ints, to: Ints, hops: Ints, x: int
) -> None:
    """Fill in what can follow when a visit is left at a step, from what can follow arrivals."""
    n, now, leaving = len(offers.first) - 1, x * table.step, table.leaving
    for i in offers.active:
        end = now + day.times[i, n]
        at_home = WORST
        if end <= day.horizon:
            work = 0 if day.may_wait else end
            at_home = -day.costs[i, n] - loss(day, end, work, day.horizon - work)
        own = slice(first[i], first[i + 1])
        leaving.best[i, x], leaving.onward[i, x], leaving.other[i, x] = depart(
            table.arriving, to[own], hops[own], day.costs[i], x, i, at_home
        )


@compiled
def completions(day: Day, offers: Offers, step: int, stop: Flag) -> Completions:
    """Tabulate completion bounds backward in time, free of 2-cycles (Christofides et al. 1981).

    ``step`` seconds are at most the shortest session, or at most the shortest way between visits.
    Once ``stop`` is set the table is of no use.
    """
    n = len(offers.first) - 1
    steps = day.horizon // step + 1
    table = Completions(step, unknown(n, steps), unknown(n, steps))
    first, to, hops = ways(day, offers, step, steps)
    # Either a session or a way takes a whole step: what it leads to is then known already.
    sessions_last = offers.durations.min() >= step
    for x in range(steps - 1, -1, -1):
        if stop[0]:
            return table
        if sessions_last:
            arrive(day, offers, table, x)
            leave(day, offers, table, first, to, hops, x)
        else:
            leave(day, offers, table, first, to, hops, x)
            arrive(day, offers, table, x)
    return table
