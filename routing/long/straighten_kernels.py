"""Compiled loops that shorten long routes whose order is free: 2-opt, and Or-opt (Or 1976).

Ways between visits are as long back as there; those from and to where a shift starts and ends need
not be.
"""

from routing.columns.layout import Ints
from routing.jit import compiled
from routing.long.long_layout import Flags, Ground, Routes, Small

SEGMENT = 3
"""Longest row of stops that is moved as a whole."""


@compiled
def turn(stops: Small, position: Ints, i: int, j: int) -> None:
    """Turn the row of stops from i to j round."""
    while i < j:
        stops[i], stops[j] = stops[j], stops[i]
        position[stops[i]], position[stops[j]] = i, j
        i += 1
        j -= 1


@compiled
def two_opt(ground: Ground, routes: Routes, s: int) -> bool:
    """Turn rows of stops round while that shortens the route, by edges to near visits."""
    n, times, near = routes.lengths[s], ground.times[ground.matrices[s]], ground.near
    stops, at, position, better = routes.stops[s], routes.at, routes.position, False
    for i in range(1, n + 1):
        a = stops[i]
        after, before = times[a, stops[i + 1]], times[stops[i - 1], a]
        most = max(after, before)
        for k in range(1, near.shape[1]):
            c = near[a, k]
            new = times[a, c]
            if new >= most:
                break
            if at[c] != s:
                continue
            j = position[c]
            low, high = min(i, j), max(i, j)
            # Edges (low, low + 1) and (high, high + 1) give way to (low, high) and their ends.
            x, y = stops[low + 1], stops[high + 1]
            gain = (
                times[stops[low], x]
                + times[stops[high], y]
                - times[stops[low], stops[high]]
                - times[x, y]
            )
            if gain > 0:
                turn(stops, position, low + 1, high)
                routes.spent[s] -= gain
                better = True
                break
            # Edges (low - 1, low) and (high - 1, high) give way to (low, high) and their starts.
            x, y = stops[low - 1], stops[high - 1]
            gain = (
                times[x, stops[low]]
                + times[y, stops[high]]
                - times[stops[low], stops[high]]
                - times[x, y]
            )
            if gain > 0:
                turn(stops, position, low, high - 1)
                routes.spent[s] -= gain
                better = True
                break
    return better


@compiled
def move_row(stops: Small, position: Ints, i: int, count: int, to: int) -> None:
    """Move a row of stops behind position ``to``, which is not in it."""
    row = stops[i : i + count].copy()
    if to < i:
        for k in range(i - 1, to, -1):
            stops[k + count] = stops[k]
            position[stops[k]] = k + count
        first = to + 1
    else:
        for k in range(i + count, to + 1):
            stops[k - count] = stops[k]
            position[stops[k]] = k - count
        first = to - count + 1
    for k in range(count):
        stops[first + k] = row[k]
        position[row[k]] = first + k


@compiled
def better_place(
    times: Ints, near: Small, stops: Small, position: Ints, at: Ints, s: int, i: int, count: int
) -> tuple[int, int, bool]:
    """Find where a row of stops is cheapest, its first or its last beside a near visit.

    Takes plain arrays: handing over tuples of them costs more than the search.

    Returns seconds saved, the position to move it behind (-1 for none), and whether to turn it.
    """
    first, last, before, after = stops[i], stops[i + count - 1], stops[i - 1], stops[i + count]
    now = times[before, first] + times[last, after] - times[before, after]
    best, where, turned = now, -1, False
    for is_last in (False, True):
        here, there = (last, first) if is_last else (first, last)
        for k in range(1, near.shape[1]):
            c = near[here, k]
            if times[here, c] >= best:
                break
            j = position[c]
            if at[c] != s or i <= j < i + count:
                continue
            after, before = stops[j + 1], stops[j - 1]
            cost = times[c, here] + times[there, after] - times[c, after]
            if cost < best and j + 1 != i:
                best, where, turned = cost, j, is_last
            cost = times[before, there] + times[here, c] - times[before, c]
            if cost < best and j != i + count:
                best, where, turned = cost, j - 1, not is_last
    return now - best, where, turned


@compiled
def or_opt(ground: Ground, routes: Routes, s: int) -> bool:
    """Move rows of one to three stops beside near visits where they are cheaper, either way."""
    n, times, stops = routes.lengths[s], ground.times[ground.matrices[s]], routes.stops[s]
    near, position, at, better = ground.near, routes.position, routes.at, False
    for count in range(1, min(SEGMENT, n - 1) + 1):
        for i in range(1, n - count + 2):
            saved, where, turned = better_place(times, near, stops, position, at, s, i, count)
            if where >= 0:
                if turned:
                    turn(stops, position, i, i + count - 1)
                move_row(stops, position, i, count, where)
                routes.spent[s] -= saved
                better = True
    return better


@compiled
def straighten(ground: Ground, routes: Routes, changed: Flags) -> bool:
    """Shorten the shifts that changed by local moves; whether any got shorter."""
    any_better = False
    for s in range(len(changed)):
        if changed[s]:
            better = True
            while better:
                better = two_opt(ground, routes, s)
                better |= or_opt(ground, routes, s)
                any_better |= better
    return any_better
