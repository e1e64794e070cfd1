"""Compiled loops of pricing tours: completion bounds and ng-route labels over several days.

One call prices the tours of one team with one crew, at duals that add up by day, so that tours
that leave on different days are compared with each other (``docs/architecture.md``).
"""

import numpy as np

from routing.jit import compiled
from routing.layout import Bits, Flag, Floats, Ints
from routing.tour_layout import Days, TourBounds, TourLabels, TourOffers, TourSearch, TourTable

FAR = 2**40
WORST = -1e18
UNKNOWN = -2
OVER_CAP = -1
STOPPED = -2
ASK_EVERY = 256


@compiled
def earliest(days: Days, d: int, visit: int, arrival: int, duration: int) -> int:
    """Find the first start of a session on a day, ``FAR`` where none fits."""
    found = FAR
    for k in range(days.lows.shape[2]):
        start = max(arrival, days.lows[d, visit, k])
        if start + duration <= days.highs[d, visit, k] and start < found:
            found = start
    return found


@compiled
def merge(bounds: TourBounds, d: int, i: int, x: int, value: float, to: int) -> None:
    """Keep a value, and where it goes to next, if it is among the best two of different visits."""
    best, onward, other = bounds
    if value > best[d, i, x]:
        if to != onward[d, i, x]:
            other[d, i, x] = best[d, i, x]
            onward[d, i, x] = to
        best[d, i, x] = value
    elif to != onward[d, i, x] and value > other[d, i, x]:
        other[d, i, x] = value


@compiled
def arrive(days: Days, offers: TourOffers, table: TourTable, d: int, j: int, x: int) -> None:
    """Fill in what can follow an arrival at visit j, from what can follow its sessions."""
    best, onward, other = table.leaving
    for k in range(offers.first[j], offers.first[j + 1]):
        gain = offers.gains[d, k]
        if gain <= WORST:
            continue
        done = earliest(days, d, j, x * table.step, offers.durations[k]) + offers.durations[k]
        if done <= days.horizons[d]:
            y = done // table.step
            merge(table.arriving, d, j, x, best[d, j, y] + gain, onward[d, j, y])
            # The second best goes to an unknown visit: another than the best.
            merge(table.arriving, d, j, x, other[d, j, y] + gain, UNKNOWN)


@compiled
def better(
    value: float, to: int, best: float, onward: int, other: float
) -> tuple[float, int, float]:
    """Keep a value among the best two of different visits, as ``merge`` does."""
    if value > best:
        return value, to, (other if to == onward else best)
    if to != onward and value > other:
        return best, onward, value
    return best, onward, other


@compiled
def nights_after(
    days: Days, offers: TourOffers, table: TourTable, d: int, i: int, now: int
) -> tuple[float, int, float]:
    """Find the best that can follow the night after day d, leaving node i now."""
    morning, towards, second = table.leaving
    times, costs = days.times[days.matrix[d], i], days.costs[days.matrix[d], i]
    night = days.night_costs[d] + offers.entry[d + 1]
    best, onward, other = WORST, -1, WORST
    for there in range(days.n_visits - 1, len(times) - 1):
        node, cost = there, costs[there] + night
        if there < days.n_visits:  # stands for the visit itself
            if i >= days.n_visits or not days.at_last_stop:
                continue
            node, cost = i, night
        elif now + times[there] > days.horizons[d]:
            continue
        to = towards[d + 1, node, 0]
        if to != i:
            best, onward, other = better(morning[d + 1, node, 0] - cost, to, best, onward, other)
        # Of the second best only this is known: it goes to another visit than the best.
        best, onward, other = better(second[d + 1, node, 0] - cost, UNKNOWN, best, onward, other)
    return best, onward, other


@compiled
def leave(
    days: Days, offers: TourOffers, table: TourTable, steps: Ints, d: int, i: int, x: int
) -> None:
    """Fill in what can follow when node i is left at x: home, a night, another visit.

    ``steps`` are the whole steps to each node.
    """
    times, costs = days.times[days.matrix[d], i], days.costs[days.matrix[d], i]
    base = len(times) - 1
    now = x * table.step
    best, onward, other = WORST, -1, WORST
    if days.may_stay[d]:
        best, onward, other = nights_after(days, offers, table, d, i, now)
    if now + times[base] <= days.horizons[d]:
        best, onward, other = better(-costs[base], -1, best, onward, other)
    # Taken out of their tuples once: doing so in the loop takes most of the time.
    arriving, towards = table.arriving.best[d], table.arriving.onward[d]
    second = table.arriving.other[d]
    last = arriving.shape[1] - 1
    for j in offers.active:
        y = x + steps[j]
        if j == i or y > last:
            continue
        value = arriving[j, y] if towards[j, y] != i else second[j, y]
        value -= costs[j]
        if value > other:
            best, onward, other = better(value, j, best, onward, other)
    table.leaving.best[d, i, x] = best
    table.leaving.onward[d, i, x] = onward
    table.leaving.other[d, i, x] = other


@compiled
def tabulate(days: Days, offers: TourOffers, step: int, stop: Flag) -> TourTable:
    """Tabulate completion bounds backward in time, free of 2-cycles (Christofides et al. 1981).

    Once ``stop`` is set the table is of no use.
    """
    n_days, n_nodes = len(days.matrix), days.times.shape[1] - 1
    shape = (n_days, n_nodes, days.horizons.max() // step + 1)
    table = TourTable(
        step,
        TourBounds(np.full(shape, WORST), np.full(shape, -1, np.int64), np.full(shape, WORST)),
        TourBounds(np.full(shape, WORST), np.full(shape, -1, np.int64), np.full(shape, WORST)),
    )
    steps = days.times // step
    for d in range(n_days - 1, -1, -1):
        here = steps[days.matrix[d]]
        for x in range(days.horizons[d] // step, -1, -1):
            if stop[0]:
                return table
            for j in offers.active:
                arrive(days, offers, table, d, j, x)
            for i in offers.active:
                leave(days, offers, table, here[i], d, i, x)
        for i in range(days.n_visits, n_nodes):
            leave(days, offers, table, here[i], d, i, 0)
    return table


@compiled
def leaving_home(days: Days, offers: TourOffers, table: TourTable) -> Floats:
    """Bound the tours that leave on each day by the table alone; ``WORST`` where none may."""
    n_days, base = len(days.matrix), days.times.shape[1] - 1
    found = np.full(n_days, WORST)
    for d in range(n_days):
        if not (days.may_start[d] and days.may_stay[d]):
            continue
        times, costs = days.times[days.matrix[d], base], days.costs[days.matrix[d], base]
        best = nights_after(days, offers, table, d, base, 0)[0]
        for j in offers.active:
            x = times[j] // table.step
            if x < table.arriving.best.shape[2]:
                best = max(best, table.arriving.best[d, j, x] - costs[j])
        found[d] = best - offers.entry[d]
    return found


@compiled
def has(bits: Bits, j: int) -> bool:
    """Whether visit j is in a set of bits."""
    return bool((bits[j >> 6] >> np.uint64(j & 63)) & np.uint64(1))


@compiled
def follows(bounds: TourBounds, d: int, i: int, x: int, memory: Bits) -> float:
    """Bound what can follow, given what may not be visited again."""
    to = bounds.onward[d, i, x]
    if to >= 0 and has(memory, to):
        return bounds.other[d, i, x]  # type: ignore[no-any-return]
    return bounds.best[d, i, x]  # type: ignore[no-any-return]


@compiled
def is_dominated(
    labels: TourLabels, search: TourSearch, head: int, node: int, value: float, time: int,
    start: int, today: int, memory: Bits,
) -> bool:  # fmt: skip
    """Whether a label on the list is at least as good; the list is sorted, best value first.

    Only a tour that left no earlier counts: it takes up no day that the other one leaves free. One
    that left ``today`` cannot end today, so it is no match for those that can.
    """
    values, times, starts, memories = labels.values, labels.times, labels.starts, labels.memory
    e = head
    while e >= 0 and values[e] >= value:
        if times[e] <= time and starts[e] >= start and (starts[e] < today or start == today):
            inside = True
            for w in range(len(memory)):
                if memories[e, w] & ~memory[w] & search.mask[node, w]:
                    inside = False
                    break
            if inside:
                return True
        e = labels.links[e]
    return False


@compiled
def insert(labels: TourLabels, heads: Ints, node: int, i: int) -> None:
    """Put a label on its node's list, best value first."""
    before, e = -1, heads[node]
    while e >= 0 and labels.values[e] >= labels.values[i]:
        before, e = e, labels.links[e]
    labels.links[i] = e
    if before < 0:
        heads[node] = i
    else:
        labels.links[before] = i


@compiled
def push(
    labels: TourLabels, value: float, time: int, node: int, option: int, parent: int, start: int,
    memory: Bits,
) -> int:  # fmt: skip
    """Add a label; its position, ``OVER_CAP`` once there is no room."""
    at = labels.made[0]
    if at >= len(labels.values):
        return OVER_CAP
    labels.values[at] = value
    labels.times[at] = time
    labels.nodes[at] = node
    labels.options[at] = option
    labels.parents[at] = parent
    labels.starts[at] = start
    labels.memory[at, :] = memory
    labels.made[0] += 1
    return int(at)


@compiled
def stay(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    d: int, i: int, there: int, value: float, start: int,
) -> bool:  # fmt: skip
    """Sleep at a node after day d, coming from label i (-1: the base); False once full."""
    value -= days.night_costs[d] + offers.entry[d + 1]
    memory = search.memory
    for w in range(len(memory)):
        memory[w] = labels.memory[i, w] & search.neighbours[there, w] if i >= 0 else np.uint64(0)
    if value + follows(table.leaving, d + 1, there, 0, memory) <= search.floor:
        return True
    if is_dominated(labels, search, search.mornings[there], there, value, 0, start, d + 1, memory):
        return True
    at = push(labels, value, 0, there, -1, i, start, memory)
    if at >= 0:
        insert(labels, search.mornings, there, at)
    return at >= 0


@compiled
def nights(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    d: int, i: int,
) -> bool:  # fmt: skip
    """Spend the night after day d wherever label i (-1: the base) can; False once full."""
    base = days.times.shape[1] - 1
    here, now, value, start = base, 0, -offers.entry[d], d
    if i >= 0:
        here, now, value, start = (
            labels.nodes[i],
            labels.times[i],
            labels.values[i],
            labels.starts[i],
        )
    if not days.may_stay[d] or d + 1 >= start + days.max_days:
        return True
    times, costs = days.times[days.matrix[d], here], days.costs[days.matrix[d], here]
    if (
        here < days.n_visits
        and days.at_last_stop
        and not stay(days, offers, table, labels, search, d, i, here, value, start)
    ):
        return False
    for there in range(days.n_visits, base):
        if now + times[there] <= days.horizons[d] and not stay(
            days, offers, table, labels, search, d, i, there, value - costs[there], start
        ):
            return False
    return True


@compiled
def visit(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    d: int, i: int, j: int, arrival: int, value: float, start: int,
) -> bool:  # fmt: skip
    """Add a label for every session at visit j that can lead above the floor; False once full."""
    memory = search.memory
    for k in range(offers.first[j], offers.first[j + 1]):
        if offers.gains[d, k] <= WORST:
            continue
        done = earliest(days, d, j, arrival, offers.durations[k]) + offers.durations[k]
        if done > days.horizons[d]:
            continue
        more = value + offers.gains[d, k]
        if more + follows(table.leaving, d, j, done // table.step, memory) <= search.floor:
            continue
        if is_dominated(labels, search, search.heads[j], j, more, done, start, d, memory):
            continue
        at = push(labels, more, done, j, k, i, start, memory)
        if at < 0:
            return False
        bucket = done // search.width
        labels.after[at] = search.buckets[bucket]
        search.buckets[bucket] = at
    return True


@compiled
def extend(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    d: int, i: int,
) -> bool:  # fmt: skip
    """Go on from label i, or from the base (i = -1), to every visit; False once labels ran out."""
    here, now, value, start = days.times.shape[1] - 1, 0, -offers.entry[d], d
    if i >= 0:
        here, now, value, start = (
            labels.nodes[i],
            labels.times[i],
            labels.values[i],
            labels.starts[i],
        )
    times, costs = days.times[days.matrix[d], here], days.costs[days.matrix[d], here]
    made, memory = labels.memory[max(i, 0)], search.memory
    horizon, floor, step = days.horizons[d], search.floor, table.step
    best, onward, other = table.arriving
    for j in offers.active:
        arrival = now + times[j]
        if arrival >= horizon or (i >= 0 and has(made, j)):
            continue
        # The cheap test first: without what may not be visited again.
        reached = value - costs[j]
        x = arrival // step
        if reached + best[d, j, x] <= floor:
            continue
        for w in range(len(memory)):
            memory[w] = made[w] & search.neighbours[j, w] if i >= 0 else np.uint64(0)
        memory[j >> 6] |= np.uint64(1) << np.uint64(j & 63)
        to = onward[d, j, x]
        if to >= 0 and has(memory, to) and reached + other[d, j, x] <= floor:
            continue
        if not visit(days, offers, table, labels, search, d, i, j, arrival, reached, start):
            return False
    return True


@compiled
def finish(days: Days, labels: TourLabels, search: TourSearch, d: int, i: int) -> None:
    """End the tour of label i at the base on day d, if it is one and gets there."""
    here, start = labels.nodes[i], labels.starts[i]
    base = days.times.shape[1] - 1
    if start == d or labels.times[i] + days.times[days.matrix[d], here, base] > days.horizons[d]:
        return
    total = labels.values[i] - days.costs[days.matrix[d], here, base]
    search.spans[start, d] = max(search.spans[start, d], total)
    if total > search.found[d, here]:
        search.found[d, here], search.ends[d, here] = total, i


@compiled
def go_on(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    heads: Ints, d: int, i: int,
) -> bool:  # fmt: skip
    """Look at label i unless another is as good; False once labels ran out."""
    here = labels.nodes[i]
    if is_dominated(
        labels, search, heads[here], here, labels.values[i], labels.times[i],
        labels.starts[i], d, labels.memory[i],
    ):  # fmt: skip
        return True
    insert(labels, heads, here, i)
    finish(days, labels, search, d, i)
    return extend(days, offers, table, labels, search, d, i) and nights(
        days, offers, table, labels, search, d, i
    )


@compiled
def begin(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    mornings: Ints, d: int,
) -> bool:  # fmt: skip
    """Go on from the base and from where teams slept; False once labels ran out."""
    if (
        days.may_start[d]
        and days.may_stay[d]
        and not (
            extend(days, offers, table, labels, search, d, -1)
            and nights(days, offers, table, labels, search, d, -1)
        )
    ):
        return False
    kept = np.full(len(mornings), -1, np.int64)
    for node in range(len(mornings)):
        i = mornings[node]
        while i >= 0:
            following = labels.links[i]
            if not go_on(days, offers, table, labels, search, kept, d, i):
                return False
            i = following
    return True


@compiled
def run(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    stop: Flag,
) -> int:  # fmt: skip
    """Make all labels, day by day; how many, ``OVER_CAP`` or ``STOPPED``."""
    looked_at = 0
    for d in range(len(days.matrix)):
        if stop[0]:
            return STOPPED
        mornings = search.mornings.copy()
        search.mornings[:] = -1
        search.heads[:] = -1
        search.buckets[:] = -1
        if not begin(days, offers, table, labels, search, mornings, d):
            return OVER_CAP
        for b in range(len(search.buckets)):
            i = search.buckets[b]
            while i >= 0:
                if not go_on(days, offers, table, labels, search, search.heads, d, i):
                    return OVER_CAP
                looked_at += 1
                if looked_at % ASK_EVERY == 0 and stop[0]:
                    return STOPPED
                i = labels.after[i]
    return int(labels.made[0])


@compiled
def price_tours(
    days: Days, offers: TourOffers, table: TourTable, neighbours: Bits, mask: Bits, floor: float,
    width: int, cap: int, stop: Flag,
) -> tuple[int, Floats, Ints, Floats, TourLabels]:  # fmt: skip
    """Find the best ng-tours (Baldacci et al. 2011) of at least two days, of value above ``floor``.

    Parameters
    ----------
    neighbours
        Of shape (nodes, words): the visits that each node lets a tour remember, itself included.
    mask
        Of the same shape: the part of it that counts when tours are compared; all of it makes the
        answer exact, less makes it quick.
    width
        Seconds of a bucket, no more than the shortest session.
    stop
        One flag; once it is set the call gives up.

    Returns
    -------
    tuple
        Labels made (``OVER_CAP`` or ``STOPPED`` when there is no answer); by last day and node the
        best value of a tour that ends from there and its last label (-1: none); by first and last
        day the best value, or less where a tour within these days is as good (``floor``: nothing
        above it); the labels.
    """
    n_days, n_nodes = len(days.matrix), days.times.shape[1] - 1
    words = neighbours.shape[1]
    labels = TourLabels(
        np.empty(cap, np.float64), np.empty(cap, np.int64), np.empty(cap, np.int64),
        np.empty(cap, np.int64), np.empty(cap, np.int64), np.empty(cap, np.int64),
        np.empty(cap, np.int64), np.empty(cap, np.int64), np.empty((cap, words), np.uint64),
        np.zeros(1, np.int64),
    )  # fmt: skip
    search = TourSearch(
        np.full(n_nodes, -1, np.int64), np.full(n_nodes, -1, np.int64),
        np.full(days.horizons.max() // width + 1, -1, np.int64),
        np.full((n_days, n_nodes), floor), np.full((n_days, n_nodes), -1, np.int64),
        np.full((n_days, n_days), floor), neighbours, mask, np.zeros(words, np.uint64), floor,
        width,
    )  # fmt: skip
    made = run(days, offers, table, labels, search, stop)
    return made, search.found, search.ends, search.spans, labels
