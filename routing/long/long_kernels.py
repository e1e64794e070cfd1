"""Compiled loops of the search for long routes: ruin, recreate, straighten, anneal.

A part of the plan is taken out and filled again by prize per second added; routes that changed are
straightened (2-opt, Or-opt: Or 1976), which makes room for more; the result is kept if it is better
or, while it is warm, not much worse. Strings of stops are taken out near a visit (Christiaens and
Vanden Berghe 2020), as often near one that is not made, which is then likely to come in.
"""

import math

import numpy as np

from routing.columns.layout import Bits, Flag, Floats, Ints
from routing.heuristics.ruin_kernels import draw
from routing.jit import compiled
from routing.long.long_layout import Flags, Found, Ground, Routes, Table
from routing.long.straighten_kernels import straighten

FAR = 2**40
"""Stands where there is no way, or no insertion."""
WANTED = 30.0
"""How much more a visit appeals that a ruin made room for."""


@compiled
def retime(ground: Ground, routes: Routes, s: int) -> bool:
    """Compute time, prize and positions of a shift anew; whether it can be driven."""
    n, times, stops = routes.lengths[s], ground.times[ground.matrices[s]], routes.stops[s]
    opens, closes, services = ground.opens[s], ground.closes[s], ground.services
    leaves, latest, position, is_free = (
        routes.leaves[s],
        routes.latest[s],
        routes.position,
        ground.is_free,
    )
    now, prize = 0, 0.0
    stops[n + 1] = ground.ends[s]
    for i in range(1, n + 1):
        v = stops[i]
        now += times[stops[i - 1], v]
        if not is_free:
            if now > closes[v]:
                return False
            now = max(now, opens[v])
        now += services[v]
        leaves[i] = now
        position[v] = i
        prize += ground.prizes[s, v]
    now += times[stops[n], stops[n + 1]]
    routes.spent[s], routes.prizes[s] = now, prize
    if now > ground.horizons[s]:
        return False
    if not is_free:
        limit = ground.horizons[s]
        latest[n + 1] = limit
        for i in range(n, 0, -1):
            v = stops[i]
            limit = min(closes[v], limit - times[v, stops[i + 1]] - services[v])
            latest[i] = limit
    return True


@compiled
def look(
    ground: Ground, routes: Routes, table: Table, s: int, open_: Ints, first: int, n_open: int
) -> None:
    """Find the cheapest way to put each of some visits into a shift, where no window binds."""
    # Arrays are taken out of their tuples once: doing so in the loops takes most of the time.
    n, m, stops = routes.lengths[s], ground.matrices[s], routes.stops[s]
    times, back, prizes = ground.times[m], ground.back[m], ground.prizes[s]
    costs, places, services, edges = table.costs[s], table.places[s], ground.services, table.edges
    for i in range(n + 1):
        edges[i] = times[stops[i], stops[i + 1]]
    for k in range(first, n_open):
        v = open_[k]
        if prizes[v] <= 0:
            costs[v] = FAR
            continue
        best, place, there, here = FAR, 0, times[v], back[v]
        for i in range(n + 1):
            cost = here[stops[i]] + there[stops[i + 1]] - edges[i]
            if cost < best:
                best, place = cost, i
        costs[v], places[v] = best + services[v], place


@compiled
def look_in_time(
    ground: Ground, routes: Routes, table: Table, s: int, open_: Ints, first: int, n_open: int
) -> None:
    """Find the cheapest way to put each of some visits into a shift, within the windows."""
    n, m, stops = routes.lengths[s], ground.matrices[s], routes.stops[s]
    times, back, prizes = ground.times[m], ground.back[m], ground.prizes[s]
    costs, places, services, edges = table.costs[s], table.places[s], ground.services, table.edges
    opens, closes, leaves, latest = (
        ground.opens[s],
        ground.closes[s],
        routes.leaves[s],
        routes.latest[s],
    )
    for i in range(n + 1):
        edges[i] = leaves[i] + times[stops[i], stops[i + 1]]
    for k in range(first, n_open):
        v = open_[k]
        if prizes[v] <= 0:
            costs[v] = FAR
            continue
        best, place, there, here = FAR, 0, times[v], back[v]
        low, high, service = opens[v], closes[v], services[v]
        for i in range(n + 1):
            begin = leaves[i] + here[stops[i]]
            if begin > high:
                break
            then = max(begin, low) + service + there[stops[i + 1]]
            if then <= latest[i + 1] and then - edges[i] < best:
                best, place = then - edges[i], i
        costs[v], places[v] = best, place


@compiled
def look_any(
    ground: Ground, routes: Routes, table: Table, s: int, open_: Ints, first: int, n_open: int
) -> None:
    """Find the cheapest way to put each of some visits into a shift."""
    if ground.is_free:
        look(ground, routes, table, s, open_, first, n_open)
    else:
        look_in_time(ground, routes, table, s, open_, first, n_open)


@compiled
def insert(ground: Ground, routes: Routes, s: int, v: int, place: int, cost: int) -> None:
    """Put a visit after a place of a shift, which takes so much longer where no window binds."""
    stops, n, position = routes.stops[s], routes.lengths[s], routes.position
    for i in range(n + 1, place, -1):
        stops[i + 1] = stops[i]
    stops[place + 1] = v
    routes.lengths[s] = n + 1
    routes.at[v] = s
    if ground.is_free:
        routes.spent[s] += cost
        routes.prizes[s] += ground.prizes[s, v]
        for i in range(place + 1, n + 2):
            position[stops[i]] = i
    else:
        retime(ground, routes, s)


@compiled
def refresh(
    ground: Ground, routes: Routes, table: Table, s: int, place: int, open_: Ints, n_open: int
) -> None:
    """Bring the row of a shift up to date after an insertion after a place."""
    if not ground.is_free:
        look_in_time(ground, routes, table, s, open_, 0, n_open)
        return
    stops, m = routes.stops[s], ground.matrices[s]
    times, back, prizes = ground.times[m], ground.back[m], ground.prizes[s]
    costs, places, services = table.costs[s], table.places[s], ground.services
    before, new, after = stops[place], stops[place + 1], stops[place + 2]
    edge, next_edge, lost = times[before, new], times[new, after], 0
    for k in range(n_open):
        u = open_[k]
        if prizes[u] <= 0:
            continue
        if places[u] == place:  # its place is gone: these are looked at again together
            open_[k], open_[lost] = open_[lost], u
            lost += 1
            continue
        if places[u] > place:
            places[u] += 1
        cost = back[u, before] + times[u, new] - edge + services[u]
        if cost < costs[u]:
            costs[u], places[u] = cost, place
        cost = back[u, new] + times[u, after] - next_edge + services[u]
        if cost < costs[u]:
            costs[u], places[u] = cost, place + 1
    look(ground, routes, table, s, open_, 0, lost)


@compiled
def fill(
    ground: Ground, routes: Routes, table: Table, appeal: Floats, favour: Floats, changed: Flags,
    open_: Ints,
) -> None:  # fmt: skip
    """Insert the visit that appeals most per second added, until none fits."""
    n_shifts, n, costs, room = (
        len(routes.lengths),
        0,
        table.costs,
        np.empty(len(routes.lengths), np.int64),
    )
    for v in range(len(routes.at)):
        if routes.at[v] < 0:
            open_[n] = v
            n += 1
    for s in range(n_shifts):
        look_any(ground, routes, table, s, open_, 0, n)
        room[s] = ground.horizons[s] - routes.spent[s] if ground.is_free else FAR - 1
    while True:
        best, chosen, shift = 0.0, -1, -1
        for s in range(n_shifts):
            row, most, liked = costs[s], room[s], favour[s]
            for k in range(n):
                v = open_[k]
                cost = row[v]
                if cost <= most:
                    score = liked * appeal[v] / (1.0 + max(0, cost))
                    if score > best:
                        best, chosen, shift = score, k, s
        if chosen < 0:
            return
        v = open_[chosen]
        n -= 1
        open_[chosen] = open_[n]
        place, cost = table.places[shift, v], costs[shift, v]
        insert(ground, routes, shift, v, place, cost)
        room[shift] -= cost if ground.is_free else 0
        changed[shift] = True
        refresh(ground, routes, table, shift, place, open_, n)


@compiled
def take(routes: Routes, s: int, first: int, count: int) -> None:
    """Take a row of stops out of a shift, whose times are then out of date."""
    stops, n = routes.stops[s], routes.lengths[s]
    for i in range(first, first + count):
        routes.at[stops[i]] = -1
    for i in range(first + count, n + 2):
        stops[i - count] = stops[i]
        if i <= n:
            routes.position[stops[i]] = i - count
    routes.lengths[s] = n - count


@compiled
def ruin_strings(
    ground: Ground, routes: Routes, changed: Flags, state: Bits, centre: int, wanted: int
) -> None:
    """Take rows of stops out of shifts that pass near a visit, at most one row a shift."""
    for k in range(ground.near.shape[1]):
        v = ground.near[centre, k]
        s = routes.at[v]
        if s < 0 or changed[s]:
            continue
        n, i = routes.lengths[s], routes.position[v]
        count = min(n, 1 + int(draw(state) * wanted))
        low, high = max(1, i - count + 1), min(i, n - count + 1)
        take(routes, s, low + int(draw(state) * (high - low + 1)), count)
        changed[s] = True
        wanted -= count
        if wanted <= 0 or draw(state) < 0.3:
            return


@compiled
def ruin_near(
    ground: Ground, routes: Routes, changed: Flags, state: Bits, centre: int, wanted: int
) -> None:
    """Take out the stops nearest to a visit, skipping some."""
    for k in range(ground.near.shape[1]):
        v = ground.near[centre, k]
        s = routes.at[v]
        if s < 0 or draw(state) < 0.15:
            continue
        take(routes, s, routes.position[v], 1)
        changed[s] = True
        wanted -= 1
        if wanted <= 0:
            return


@compiled
def ruin_any(routes: Routes, changed: Flags, state: Bits, wanted: int) -> None:
    """Take out stops anywhere."""
    n = len(routes.at)
    for _ in range(3 * wanted):
        v = int(draw(state) * n)
        s = routes.at[v]
        if s >= 0:
            take(routes, s, routes.position[v], 1)
            changed[s] = True
            wanted -= 1
            if wanted <= 0:
                return


@compiled
def ruin(ground: Ground, routes: Routes, changed: Flags, state: Bits, most: int) -> int:
    """Take out a part of the plan; the visit that is to come in, -1 for none."""
    n, centre, into = len(routes.at), -1, -1
    if draw(state) < 0.5:
        for _ in range(8):
            centre = int(draw(state) * n)
            if routes.at[centre] < 0:
                into = centre
                break
    else:
        centre = int(draw(state) * n)
    wanted, how = 1 + int(draw(state) * most), draw(state)
    if how < 0.6:
        ruin_strings(ground, routes, changed, state, centre, wanted)
    elif how < 0.9:
        ruin_near(ground, routes, changed, state, centre, wanted)
    else:
        ruin_any(routes, changed, state, wanted)
    for s in range(len(changed)):
        # Without a stop it can take longer where detours are shorter than the direct way.
        if changed[s] and not retime(ground, routes, s):
            take(routes, s, 1, routes.lengths[s])
            retime(ground, routes, s)
    return into


@compiled
def copy_shift(to: Routes, routes: Routes, s: int) -> None:
    """Copy what one shift does, but for whose visits are whose."""
    n = routes.lengths[s]
    to.lengths[s], to.spent[s], to.prizes[s] = n, routes.spent[s], routes.prizes[s]
    for i in range(n + 2):
        to.stops[s, i] = routes.stops[s, i]
        to.leaves[s, i] = routes.leaves[s, i]
        to.latest[s, i] = routes.latest[s, i]


@compiled
def copy_changed(to: Routes, routes: Routes, changed: Flags) -> None:
    """Copy the shifts that changed."""
    for s in range(len(changed)):
        if changed[s]:
            for i in range(1, to.lengths[s] + 1):
                to.at[to.stops[s, i]] = -1
    for s in range(len(changed)):
        if changed[s]:
            copy_shift(to, routes, s)
    for s in range(len(changed)):
        if changed[s]:
            for i in range(1, to.lengths[s] + 1):
                v = to.stops[s, i]
                to.at[v], to.position[v] = s, i


@compiled
def note(ground: Ground, routes: Routes, found: Found) -> None:
    """Keep the routes of a plan."""
    mask = len(found.keys) - 1
    for s in range(len(routes.lengths)):
        n = routes.lengths[s]
        if n == 0:
            continue
        key = np.uint64(ground.kinds[s] + 1) * np.uint64(0x9E3779B97F4A7C15)
        for i in range(1, n + 1):
            key ^= ground.marks[routes.stops[s, i]]
        at = int(key >> np.uint64(20)) & mask
        while found.keys[at] != 0 and found.keys[at] != key:
            at = (at + 1) & mask
        if found.keys[at] == 0:
            if 2 * found.made[0] > mask:
                continue
            found.made[0] += 1
            found.spent[at] = FAR
        if routes.spent[s] < found.spent[at]:
            found.keys[at], found.shifts[at], found.lengths[at] = key, s, n
            found.spent[at], found.prizes[at] = routes.spent[s], routes.prizes[s]
            for i in range(n):
                found.visits[at, i] = routes.stops[s, i + 1]


@compiled
def set_appeal(ground: Ground, appeal: Floats, state: Bits, into: int, spread: float) -> None:
    """Draw how much each visit appeals in this round."""
    prizes = ground.appeals[int(draw(state) * len(ground.appeals))]
    spread *= draw(state)
    for v in range(len(appeal)):
        appeal[v] = prizes[v] * (1.0 - spread * draw(state))
    if into >= 0:
        appeal[into] *= WANTED


@compiled
def worth_of(routes: Routes, per_second: float) -> float:
    """Prize of a plan less a little for its time, so that room counts."""
    return float(routes.prizes.sum() - per_second * routes.spent.sum())


@compiled
def rebuild(
    ground: Ground, routes: Routes, table: Table, appeal: Floats, favour: Floats, changed: Flags,
    open_: Ints,
) -> None:  # fmt: skip
    """Fill the plan, straighten what changed, and fill again while that made room."""
    fill(ground, routes, table, appeal, favour, changed, open_)
    if ground.is_free and ground.is_even:
        while straighten(ground, routes, changed):
            before = routes.prizes.sum()
            fill(ground, routes, table, appeal, favour, changed, open_)
            if routes.prizes.sum() <= before:
                return


@compiled
def shake(
    ground: Ground, routes: Routes, best: Routes, found: Found, state: Bits, rounds: int, most: int,
    heat: Floats, favour: Floats, per_second: float, spread: float, slack: float, stop: Flag,
) -> int:  # fmt: skip
    """Ruin and recreate so many rounds.

    Parameters
    ----------
    routes, best
        Where to go on from, and the best plan so far: both are changed in place.
    most
        Stops taken out in a round, at most.
    heat
        Warmth at the first and after the last round, falling by a constant factor: a plan worse by
        it is accepted one time in e.
    favour
        How much each shift is favoured when visits are inserted, by which some are filled first.
    per_second
        Value of a second, small against any prize.
    spread
        Greatest share of its appeal that a visit loses by chance in a round.
    slack
        Routes of plans this much below the best are kept.

    Returns
    -------
    int
        Rounds made: all, or fewer once told to stop.
    """
    n_shifts, n = len(routes.lengths), len(routes.at)
    table = Table(
        np.zeros((n_shifts, n), np.int64),
        np.zeros((n_shifts, n), np.int64),
        np.zeros(n + 2, np.int64),
    )
    old = Routes(
        routes.stops.copy(), routes.lengths.copy(), routes.spent.copy(), routes.prizes.copy(),
        routes.leaves.copy(), routes.latest.copy(), routes.at.copy(), routes.position.copy(),
    )  # fmt: skip
    appeal, open_ = np.zeros(n), np.zeros(n, np.int64)
    changed, all_ = np.zeros(n_shifts, np.bool_), np.ones(n_shifts, np.bool_)
    was, top = worth_of(old, per_second), worth_of(best, per_second)
    cooling = math.pow(heat[1] / heat[0], 1.0 / max(1, rounds))
    warmth = heat[0]
    for done in range(rounds):
        if stop[0]:
            return done
        warmth *= cooling
        changed[:] = False
        into = ruin(ground, routes, changed, state, most)
        set_appeal(ground, appeal, state, into, spread)
        rebuild(ground, routes, table, appeal, favour, changed, open_)
        value = worth_of(routes, per_second)
        if value > was or value - was > warmth * math.log(draw(state) + 1e-300):
            if value > top - slack and value != was:
                note(ground, routes, found)
            copy_changed(old, routes, changed)
            was = value
            if value > top:
                top = value
                copy_changed(best, routes, all_)
        else:
            copy_changed(routes, old, changed)
    return rounds
