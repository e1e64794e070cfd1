"""Compiled loops of pricing tours: completion bounds and ng-route labels over several days.

One call prices the tours of one team with one crew, at duals that add up by day, so that tours
that leave on different days are compared with each other (``docs/architecture.md``).
"""

import numpy as np

from routing.columns.layout import Bits, Cuts, Flag, Floats, Ints
from routing.jit import compiled, inner
from routing.tours.tour_layout import (
    Days,
    Parts,
    TourBounds,
    TourLabels,
    TourOffers,
    TourSearch,
    TourTable,
    Ways,
)

FAR = 2**40
WORST = -1e18
UNKNOWN = -2
OVER_CAP = -1
STOPPED = -2
TIME, NODE, OPTION, PARENT, START, LINK, AFTER = range(7)
"""Columns of ``TourLabels.parts``."""
N_PARTS = 8
LISTING = -1
"""Slack of a search that lists every tour."""
SLOT_BITS = 16
"""Lists of labels then: two to the power of this."""


@inner
def earliest(lows: Ints, highs: Ints, d: int, visit: int, arrival: int, duration: int) -> int:
    """Find the first start of a session on a day, ``FAR`` where none fits."""
    found = FAR
    for k in range(lows.shape[2]):
        start = max(arrival, lows[d, visit, k])
        if start + duration <= highs[d, visit, k] and start < found:
            found = start
    return found


@inner
def merge(
    best: Floats, onward: Ints, other: Floats, d: int, i: int, x: int, value: float, to: int
) -> None:
    """Keep a value, and where it goes to next, if it is among the best two of different visits."""
    if value > best[d, i, x]:
        if to != onward[d, i, x]:
            other[d, i, x] = best[d, i, x]
            onward[d, i, x] = to
        best[d, i, x] = value
    elif to != onward[d, i, x] and value > other[d, i, x]:
        other[d, i, x] = value


@inner
def arrive(days: Days, offers: TourOffers, table: TourTable, d: int, x: int) -> None:
    """Fill in what can follow an arrival at each visit, from what can follow its sessions."""
    best, onward, other = table.leaving
    here, towards, second = table.arriving
    lows, highs, durations, gains = days.lows, days.highs, offers.durations, offers.gains
    for j in offers.active:
        for k in range(offers.first[j], offers.first[j + 1]):
            gain = gains[d, k]
            if gain <= WORST:
                continue
            done = earliest(lows, highs, d, j, x * table.step, durations[k]) + durations[k]
            if done <= days.horizons[d]:
                y = done // table.step
                merge(here, towards, second, d, j, x, best[d, j, y] + gain, onward[d, j, y])
                # The second best goes to an unknown visit: another than the best.
                merge(here, towards, second, d, j, x, other[d, j, y] + gain, UNKNOWN)


@inner
def better(
    value: float, to: int, best: float, onward: int, other: float
) -> tuple[float, int, float]:
    """Keep a value among the best two of different visits, as ``merge`` does."""
    if value > best:
        return value, to, (other if to == onward else best)
    if to != onward and value > other:
        return best, onward, value
    return best, onward, other


@inner
def nights_after(
    morning: Floats, towards: Ints, second: Floats, times: Ints, costs: Floats, prices: Floats,
    to: Ints, steps: Ints, n_ways: int, entry: float, n_visits: int, step: int, horizon: int,
    at_last_stop: bool, at_next_stop: bool, d: int, i: int, now: int,
) -> tuple[float, int, float]:  # fmt: skip
    """Find the best that can follow the night after day d, leaving node i now.

    ``morning``, ``towards`` and ``second`` are what follows a morning; ``times``, ``costs`` and the
    ``n_ways`` visits ``to`` are those from node i, ``prices`` those of the night.
    """
    best, onward, other = WORST, -1, WORST
    # Places stand behind the visits, their prices behind that of sleeping at a visit.
    for there in range(n_visits - 1, len(times) - 1):
        night = prices[there - n_visits + 1] + entry
        node, cost = there, costs[there] + night
        if there < n_visits:  # stands for the visit itself
            if i >= n_visits or not at_last_stop:
                continue
            node, cost = i, night
        elif now + times[there] > horizon:
            continue
        goes = towards[d + 1, node, 0]
        if goes != i:
            best, onward, other = better(morning[d + 1, node, 0] - cost, goes, best, onward, other)
        # Of the second best only this is known: it goes to another visit than the best.
        best, onward, other = better(second[d + 1, node, 0] - cost, UNKNOWN, best, onward, other)
    for k in range(n_ways if at_next_stop else 0):
        if steps[k] > (horizon - now) // step:
            break
        j = to[k]
        value = morning[d + 1, j, 0] if towards[d + 1, j, 0] != i else second[d + 1, j, 0]
        value -= costs[j] + prices[0] + entry
        best, onward, other = better(value, j, best, onward, other)
    return best, onward, other


@inner
def wake(days: Days, offers: TourOffers, table: TourTable, d: int) -> None:
    """Fill in what can follow a morning at each visit that is made first thing, or at a place."""
    for i in range(table.waking.best.shape[1]):
        here = table.arriving if i < days.n_visits else table.leaving
        best, onward, other = here.best[d, i, 0], here.onward[d, i, 0], here.other[d, i, 0]
        if days.may_stay[d] and i < days.n_visits:
            stay, cost = table.waking, days.night_costs[d, 0] + offers.entry[d + 1]
            best, onward, other = better(
                stay.best[d + 1, i, 0] - cost, stay.onward[d + 1, i, 0], best, onward, other
            )
            # Of the second best only this is known: it goes to another visit than the best.
            best, onward, other = better(
                stay.other[d + 1, i, 0] - cost, UNKNOWN, best, onward, other
            )
        table.waking.best[d, i, 0] = best
        table.waking.onward[d, i, 0] = onward
        table.waking.other[d, i, 0] = other


@inner
def leave(days: Days, offers: TourOffers, table: TourTable, d: int, x: int, nodes: Ints) -> None:
    """Fill in what can follow when some nodes are left at x: home, a night, another visit."""
    # Arrays are taken out of their tuples once: doing so for each node takes most of the time.
    m, now, horizon, step = days.matrix[d], x * table.step, days.horizons[d], table.step
    times, costs, base = days.times[m], days.costs[m], days.times.shape[1] - 1
    arriving, towards, second = table.arriving
    morning, morning_to, morning_second = table.waking
    bests, onwards, others = table.leaving
    to, steps, counts = table.ways.to[m], table.ways.steps[m], table.ways.counts[m]
    last, may_end, may_stay = table.ways.lasts[d], days.may_end[d], days.may_stay[d]
    prices, entry = days.night_costs[d], offers.entry[d + 1] if may_stay else 0.0
    at_last_stop, at_next_stop, n_visits = days.at_last_stop, days.at_next_stop, days.n_visits
    for i in nodes:
        best, onward, other = WORST, -1, WORST
        if may_stay:
            best, onward, other = nights_after(
                morning, morning_to, morning_second, times[i], costs[i], prices, to[i], steps[i],
                counts[i], entry, n_visits, step, horizon, at_last_stop, at_next_stop, d, i, now,
            )  # fmt: skip
        if may_end and now + times[i, base] <= horizon:
            best, onward, other = better(-costs[i, base], -1, best, onward, other)
        for k in range(counts[i]):
            y = x + steps[i, k]
            if y > last:
                break
            j = to[i, k]
            value = arriving[d, j, y] if towards[d, j, y] != i else second[d, j, y]
            value -= costs[i, j]
            if value > other:
                best, onward, other = better(value, j, best, onward, other)
        bests[d, i, x], onwards[d, i, x], others[d, i, x] = best, onward, other


@inner
def is_left(offers: TourOffers, table: TourTable, d: int, x: int) -> bool:
    """Whether a team can leave a visit at x: in the morning, or after a session."""
    after_session = table.ways.lasts[d] >= 0 and x >= offers.durations.min() // table.step
    return bool(x == 0 or after_session)


@inner
def empty_bounds(n_days: int, n_nodes: int, n_steps: int) -> TourBounds:
    """Make bounds of which nothing is known to follow."""
    shape = (n_days, n_nodes, n_steps)
    return TourBounds(np.full(shape, WORST), np.full(shape, -1, np.int64), np.full(shape, WORST))


@inner
def ways_of(days: Days, offers: TourOffers, step: int, n_steps: int) -> Ways:
    """List where each node leads to, by a count of those at each distance."""
    n_matrices, n_nodes, n = len(days.times), days.times.shape[1] - 1, len(offers.active)
    ways = Ways(
        np.empty((n_matrices, n_nodes, n), np.int64), np.empty((n_matrices, n_nodes, n), np.int64),
        np.zeros((n_matrices, n_nodes), np.int64), np.full(len(days.matrix), -1, np.int64),
    )  # fmt: skip
    before = np.empty(n_steps + 1, np.int64)
    for m in range(n_matrices):
        for i in range(n_nodes):
            before[:] = 0
            for j in offers.active:
                if j != i and days.times[m, i, j] // step < n_steps:
                    before[days.times[m, i, j] // step + 1] += 1
            before[:] = before.cumsum()
            ways.counts[m, i] = before[n_steps]
            for j in offers.active:
                away = days.times[m, i, j] // step
                if j != i and away < n_steps:
                    ways.to[m, i, before[away]], ways.steps[m, i, before[away]] = j, away
                    before[away] += 1
    for d in range(len(days.matrix)):
        for k in range(len(offers.durations)):
            if offers.gains[d, k] > WORST:
                last = (days.horizons[d] - offers.durations[k]) // step
                ways.lasts[d] = max(ways.lasts[d], last)
    return ways


@compiled
def tabulate(days: Days, offers: TourOffers, step: int, stop: Flag) -> TourTable:
    """Tabulate completion bounds backward in time, free of 2-cycles (Christofides et al. 1981).

    Once ``stop`` is set the table is of no use.
    """
    n_days, n_nodes = len(days.matrix), days.times.shape[1] - 1
    n_steps = days.horizons.max() // step + 1
    leaving = empty_bounds(n_days, n_nodes, n_steps)
    waking = empty_bounds(n_days, n_nodes, 1) if days.at_next_stop else leaving
    arriving, ways = empty_bounds(n_days, n_nodes, n_steps), ways_of(days, offers, step, n_steps)
    table = TourTable(step, leaving, arriving, waking, ways)
    places = np.arange(days.n_visits, n_nodes)
    for d in range(n_days - 1, -1, -1):
        for x in range(days.horizons[d] // step, -1, -1):
            if stop[0]:
                return table
            arrive(days, offers, table, d, x)
            if is_left(offers, table, d, x):
                leave(days, offers, table, d, x, offers.active)
        leave(days, offers, table, d, 0, places)
        if days.at_next_stop:
            wake(days, offers, table, d)
    return table


@compiled
def leaving_home(days: Days, offers: TourOffers, table: TourTable) -> Floats:
    """Bound the tours that leave on each day by the table alone; ``WORST`` where none may."""
    n_days, base = len(days.matrix), days.times.shape[1] - 1
    found, nowhere = np.full(n_days, WORST), np.empty(0, np.int64)
    morning, towards, second = table.waking
    for d in range(n_days):
        if not (days.may_start[d] and days.may_stay[d]):
            continue
        times, costs = days.times[days.matrix[d], base], days.costs[days.matrix[d], base]
        best = nights_after(
            morning, towards, second, times, costs, days.night_costs[d], nowhere, nowhere, 0,
            offers.entry[d + 1], days.n_visits, table.step, days.horizons[d], days.at_last_stop,
            False, d, base, 0,
        )[0]  # fmt: skip
        for j in offers.active:
            x = times[j] // table.step
            if x < table.arriving.best.shape[2]:
                best = max(best, table.arriving.best[d, j, x] - costs[j])
        found[d] = best - offers.entry[d]
    return found


@inner
def has(memory: Bits, i: int, j: int) -> bool:
    """Whether visit j is in the memory of row i, whose first word is not of visits."""
    return bool((memory[i, 1 + (j >> 6)] >> np.uint64(j & 63)) & np.uint64(1))


@inner
def follows(
    best: Floats, onward: Ints, other: Floats, d: int, i: int, x: int, memory: Bits, row: int
) -> float:
    """Bound what can follow, given what the memory of a row keeps from being visited again."""
    to = onward[d, i, x]
    if to >= 0 and has(memory, row, to):
        return other[d, i, x]  # type: ignore[no-any-return]
    return best[d, i, x]  # type: ignore[no-any-return]


@inner
def price_of(prices: Floats, begun: int) -> float:
    """Sum the prices of cuts given as bits."""
    total = 0.0
    for k in range(len(prices)):
        if (begun >> np.uint64(k)) & np.uint64(1):
            total += prices[k]
    return total


@inner
def slot_of(node: int, memory: Bits, row: int, slack: int) -> int:
    """Give the list of a label: that of its node, and where all are listed of what it remembers."""
    if slack != LISTING:
        return node
    mixed = np.uint64(node)
    for w in range(1, memory.shape[1]):
        mixed = (mixed ^ memory[row, w]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return int(np.int64(mixed >> np.uint64(64 - SLOT_BITS)))


@inner
def is_dominated(
    values: Floats, parts: Parts, memory: Bits, head: int, than: Bits, row: int, value: float,
    time: int, node: int, start: int, today: int, prices: Floats, slack: int, is_apart: bool,
) -> bool:  # fmt: skip
    """Whether a label on the list is at least as good as one with the memory of a row of ``than``.

    The list is sorted, best value first. Where tours are told apart only one that left no earlier
    counts: it takes up no day that the other one leaves free. One that left ``today`` cannot end
    today, so it is no match for those that can. A label may have to pay for cuts that the other has
    not begun: it must be better by so much. Where all tours are listed only one counts that has
    made the same visits.
    """
    found, e = False, head
    while e >= 0 and values[e] >= value and not found:
        left = parts[e, START]
        is_match = not is_apart or (left >= start and (left < today or start == today))
        if slack == LISTING:
            found = parts[e, NODE] == node and left == start and parts[e, TIME] <= time
            for w in range(1, memory.shape[1]):
                found = found and memory[e, w] == than[row, w]
        elif is_match and parts[e, TIME] <= time + slack:
            found = True
            if not slack:
                for w in range(1, memory.shape[1]):
                    if memory[e, w] & ~than[row, w]:
                        found = False
                        break
                begun = memory[e, 0] & ~than[row, 0]
                if found and begun:
                    found = values[e] - price_of(prices, begun) >= value
        e = parts[e, LINK]
    return found


@inner
def insert(values: Floats, parts: Parts, heads: Ints, slot: int, i: int) -> None:
    """Put a label on its list, best value first."""
    before, e = -1, heads[slot]
    while e >= 0 and values[e] >= values[i]:
        before, e = e, parts[e, LINK]
    parts[i, LINK] = e
    if before < 0:
        heads[slot] = i
    else:
        parts[before, LINK] = i


@inner
def write(
    values: Floats, parts: Parts, at: int, value: float, time: int, node: int, option: int,
    parent: int, start: int,
) -> None:  # fmt: skip
    """Write a label into a row, all but its memory."""
    values[at] = value
    parts[at, TIME], parts[at, NODE], parts[at, OPTION] = time, node, option
    parts[at, PARENT], parts[at, START] = parent, start


@inner
def room(made: Ints, parts: Parts) -> int:
    """Take a row that is free, best one used a moment ago; -1 when there is none."""
    at = made[1]
    if at >= 0:
        made[1] = parts[at, LINK]
    elif made[0] < len(parts):
        at = made[0]
        made[0] += 1
    return int(at)


@inner
def release(made: Ints, parts: Parts, at: int) -> None:
    """Give a row back."""
    parts[at, LINK] = made[1]
    made[1] = at


@inner
def is_bound(days: Days, parts: Parts, i: int) -> bool:
    """Whether a label has yet to make the visit that it slept at."""
    return bool(days.at_next_stop and parts[i, OPTION] < 0 and parts[i, NODE] < days.n_visits)


@inner
def ahead(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    d: int, i: int,
) -> bool:  # fmt: skip
    """Sleep after day d at every visit that is made first the next day; False once full.

    So does a team that sleeps at its last visit, driven backward: a label of that morning has paid
    for the way there, and does nothing before the visit but stay for another night.
    """
    here, now, start = labels.parts[i, NODE], labels.parts[i, TIME], labels.parts[i, START]
    value = labels.values[i] - offers.entry[d + 1] - days.night_costs[d, 0]
    times, costs = days.times[days.matrix[d], here], days.costs[days.matrix[d], here]
    best, onward, other = table.waking
    made, memory, neighbours = labels.memory, search.scratch, search.neighbours
    values, parts, memories, count = search.waiting
    prices, floor, members, stays = search.prices, search.floor, search.members, search.stays
    for j in offers.active:
        worth = value - costs[j]
        if (
            now + times[j] > days.horizons[d]
            or worth + best[d + 1, j, 0] <= floor
            or has(made, i, j)
        ):
            continue
        for w in range(1, made.shape[1]):
            memory[0, w] = made[i, w] & neighbours[j, w - 1]
        memory[0, 1 + (j >> 6)] |= np.uint64(1) << np.uint64(j & 63)
        memory[0, 0] = (made[i, 0] ^ members[j]) | (made[i, 0] & members[j] & stays)
        if made[i, 0] & members[j]:
            worth -= price_of(prices, made[i, 0] & members[j])
        if worth + follows(best, onward, other, d + 1, j, 0, memory, 0) <= floor:
            continue
        if is_dominated(
            values, parts, memories, search.mornings[j], memory, 0, worth, 0, j, start, d + 1,
            prices, search.slack, search.is_apart,
        ):  # fmt: skip
            continue
        at = room(count, parts)
        if at < 0:
            return False
        write(values, parts, at, worth, 0, j, -1, i, start)
        memories[at, :] = memory[0, :]
        insert(values, parts, search.mornings, j, at)
    return True


@inner
def nights(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    d: int, i: int,
) -> bool:  # fmt: skip
    """Spend the night after day d wherever label i can; False once full."""
    base, start = days.times.shape[1] - 1, labels.parts[i, START]
    if not days.may_stay[d] or d + 1 >= start + days.max_days:
        return True
    here, now = labels.parts[i, NODE], labels.parts[i, TIME]
    stays = is_bound(days, labels.parts, i)
    may_sleep = stays or (days.at_last_stop and here < days.n_visits)
    value, prices = labels.values[i] - offers.entry[d + 1], days.night_costs[d]
    times, costs = days.times[days.matrix[d], here], days.costs[days.matrix[d], here]
    best, onward, other = table.waking
    memory, room_for, neighbours = labels.memory, search.scratch, search.neighbours
    values, parts, memories, made = search.waiting
    for k in range(days.n_visits - 1, days.n_visits if stays else base):
        # The first stands for the visit itself.
        there = k if k >= days.n_visits else here
        if now + times[there] > days.horizons[d] or (k < days.n_visits and not may_sleep):
            continue
        worth = value - costs[there] - prices[k - days.n_visits + 1]
        room_for[0, 0] = memory[i, 0]
        for w in range(1, memory.shape[1]):
            room_for[0, w] = memory[i, w] & neighbours[there, w - 1]
        if worth + follows(best, onward, other, d + 1, there, 0, room_for, 0) <= search.floor:
            continue
        slot = slot_of(there, room_for, 0, search.slack)
        if is_dominated(
            values, parts, memories, search.mornings[slot], room_for, 0, worth, 0, there, start,
            d + 1, search.prices, search.slack, search.is_apart,
        ):  # fmt: skip
            continue
        at = room(made, parts)
        if at < 0:
            return False
        write(values, parts, at, worth, 0, there, -1, i, start)
        memories[at, :] = room_for[0, :]
        insert(values, parts, search.mornings, slot, at)
    return stays or not days.at_next_stop or ahead(days, offers, table, labels, search, d, i)


@inner
def extend(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    d: int, i: int,
) -> bool:  # fmt: skip
    """Go on from label i to every visit; False once labels ran out.

    Arrays are taken out of their tuples once for a label, and never in an inner loop: counting who
    holds them would take most of the time.
    """
    here, now, value = labels.parts[i, NODE], labels.parts[i, TIME], labels.values[i]
    times, costs = days.times[days.matrix[d], here], days.costs[days.matrix[d], here]
    made, neighbours, members = labels.memory, search.neighbours, search.members
    memory, prices, stays = search.scratch, search.prices, search.stays
    horizon, floor, step = days.horizons[d], search.floor, table.step
    best, onward, other = table.arriving
    then, towards, second = table.leaving
    lows, highs, heads, buckets = days.lows, days.highs, search.heads, search.buckets
    first, durations, gains = offers.first, offers.durations, offers.gains
    waiting, parts, memories, count = search.waiting
    values, kept = labels.values, labels.parts
    for j in offers.active:
        arrival = now + times[j]
        if arrival >= horizon:
            continue
        # The cheap test first: without what may not be visited again.
        reached = value - costs[j]
        x = arrival // step
        if reached + best[d, j, x] <= floor or has(made, i, j):
            continue
        for w in range(1, made.shape[1]):
            memory[0, w] = made[i, w] & neighbours[j, w - 1]
        memory[0, 1 + (j >> 6)] |= np.uint64(1) << np.uint64(j & 63)
        if reached + follows(best, onward, other, d, j, x, memory, 0) <= floor:
            continue
        memory[0, 0] = (made[i, 0] ^ members[j]) | (made[i, 0] & members[j] & stays)
        if made[i, 0] & members[j]:
            reached -= price_of(prices, made[i, 0] & members[j])
        if not visit(
            lows, highs, first, durations, gains, then, towards, second, waiting, parts, memories,
            count, values, kept, made, heads, buckets, memory, prices, horizon, floor, step,
            search.width, search.slack, search.is_apart, d, i, j, arrival, reached,
        ):  # fmt: skip
            return False
    return True


@inner
def begin_at(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    d: int, i: int,
) -> bool:  # fmt: skip
    """Make the visit that label i slept at; False once labels ran out."""
    best, onward, other = table.leaving
    waiting, parts, memories, count = search.waiting
    for w in range(labels.memory.shape[1]):
        search.scratch[0, w] = labels.memory[i, w]
    return visit(
        days.lows, days.highs, offers.first, offers.durations, offers.gains, best, onward, other,
        waiting, parts, memories, count, labels.values, labels.parts, labels.memory, search.heads,
        search.buckets, search.scratch, search.prices, days.horizons[d], search.floor, table.step,
        search.width, search.slack, search.is_apart, d, i, labels.parts[i, NODE], 0,
        labels.values[i],
    )  # fmt: skip


@inner
def tell_option(memory: Bits, made: Bits, i: int, n_visits: int, k: int) -> None:
    """Write into a memory the options of label i and option k, if it has words for options."""
    words = 1 + ((n_visits + 63) >> 6)
    for w in range(words, memory.shape[1]):
        memory[0, w] = made[i, w]
    if words < memory.shape[1]:
        memory[0, words + (k >> 6)] |= np.uint64(1) << np.uint64(k & 63)


@inner
def visit(
    lows: Ints, highs: Ints, first: Ints, durations: Ints, gains: Floats, best: Floats,
    onward: Ints, other: Floats, values: Floats, parts: Parts, memories: Bits, made: Ints,
    kept_values: Floats, kept_parts: Parts, kept_memory: Bits, heads: Ints, buckets: Ints,
    memory: Bits, prices: Floats, horizon: int, floor: float, step: int, width: int, slack: int,
    is_apart: bool, d: int, i: int, j: int, arrival: int, value: float,
) -> bool:  # fmt: skip
    """Add a label for every session at visit j that can lead above the floor; False once full."""
    start = kept_parts[i, START]
    for k in range(first[j], first[j + 1]):
        if gains[d, k] <= WORST:
            continue
        done = earliest(lows, highs, d, j, arrival, durations[k]) + durations[k]
        if done > horizon:
            continue
        more = value + gains[d, k]
        if more + follows(best, onward, other, d, j, done // step, memory, 0) <= floor:
            continue
        tell_option(memory, kept_memory, i, len(first) - 1, k)
        slot = slot_of(j, memory, 0, slack)
        if is_dominated(
            kept_values, kept_parts, kept_memory, heads[slot], memory, 0, more, done, j, start, d,
            prices, slack, is_apart,
        ):  # fmt: skip
            continue
        at = room(made, parts)
        if at < 0:
            return False
        write(values, parts, at, more, done, j, k, i, start)
        for w in range(memory.shape[1]):
            memories[at, w] = memory[0, w]
        bucket = done // width
        parts[at, AFTER] = buckets[bucket]
        buckets[bucket] = at
    return True


@inner
def finish(days: Days, labels: TourLabels, search: TourSearch, d: int, i: int) -> None:
    """End the tour of label i at the base on day d, if it is one and gets there."""
    parts = labels.parts
    here, start = parts[i, NODE], parts[i, START]
    base = days.times.shape[1] - 1
    if not days.may_end[d] or start == d:
        return
    if parts[i, TIME] + days.times[days.matrix[d], here, base] > days.horizons[d]:
        return
    total = labels.values[i] - days.costs[days.matrix[d], here, base]
    search.spans[start, d] = max(search.spans[start, d], total)
    if total > search.found[d, here]:
        search.found[d, here], search.ends[d, here] = total, i


@inner
def go_on(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    heads: Ints, d: int, first: int, link: int,
) -> bool:  # fmt: skip
    """Look at a chain of labels that wait, unless others are as good; False once labels ran out."""
    values, parts, memory, made = search.waiting
    kept_values, kept_parts, kept_memory, kept = labels
    i = first
    while i >= 0:
        following, node = parts[i, link], parts[i, NODE]
        slot = slot_of(node, memory, i, search.slack)
        if is_dominated(
            kept_values, kept_parts, kept_memory, heads[slot], memory, i, values[i],
            parts[i, TIME], node, parts[i, START], d, search.prices, search.slack, search.is_apart,
        ):  # fmt: skip
            release(made, parts, i)
            i = following
            continue
        at = room(kept, kept_parts)
        if at < 0:
            return False
        write(
            kept_values, kept_parts, at, values[i], parts[i, TIME], node, parts[i, OPTION],
            parts[i, PARENT], parts[i, START],
        )  # fmt: skip
        kept_memory[at, :] = memory[i, :]
        release(made, parts, i)
        insert(kept_values, kept_parts, heads, slot, at)
        if is_bound(days, kept_parts, at):
            is_room = begin_at(days, offers, table, labels, search, d, at)
        else:
            finish(days, labels, search, d, at)
            is_room = extend(days, offers, table, labels, search, d, at)
        if not (is_room and nights(days, offers, table, labels, search, d, at)):
            return False
        i = following
    return True


@inner
def begin(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    d: int,
) -> bool:  # fmt: skip
    """Go on from the base and from where teams slept; False once labels ran out."""
    mornings, base = search.mornings.copy(), days.times.shape[1] - 1
    search.mornings[:] = -1
    search.heads[:] = -1
    search.buckets[:] = -1
    if days.may_start[d] and days.may_stay[d]:
        at = room(labels.made, labels.parts)
        if at < 0:
            return False
        write(labels.values, labels.parts, at, -offers.entry[d], 0, base, -1, -1, d)
        labels.memory[at, :] = np.uint64(0)
        if not (
            extend(days, offers, table, labels, search, d, at)
            and nights(days, offers, table, labels, search, d, at)
        ):
            return False
    kept = np.full(len(mornings), -1, np.int64)
    for node in range(len(mornings)):
        if not go_on(days, offers, table, labels, search, kept, d, mornings[node], LINK):
            return False
    return True


@inner
def run(
    days: Days, offers: TourOffers, table: TourTable, labels: TourLabels, search: TourSearch,
    stop: Flag,
) -> int:  # fmt: skip
    """Make all labels, day by day; how many, ``OVER_CAP`` or ``STOPPED``."""
    for d in range(len(days.matrix)):
        search.firsts[d] = labels.made[0]
        if not begin(days, offers, table, labels, search, d):
            return OVER_CAP
        for b in range(len(search.buckets)):
            first = search.buckets[b]
            if not go_on(days, offers, table, labels, search, search.heads, d, first, AFTER):
                return OVER_CAP
            if stop[0]:
                return STOPPED
    search.firsts[len(days.matrix)] = labels.made[0]
    return int(labels.made[0])


@inner
def empty_labels(cap: int, words: int) -> TourLabels:
    """Make room for so many labels; untouched room costs no memory."""
    return TourLabels(
        np.empty(cap, np.float64), np.empty((cap, N_PARTS), np.int32),
        np.empty((cap, words), np.uint64), np.array([0, -1]),
    )  # fmt: skip


@inner
def begun(
    days: Days, neighbours: Bits, cuts: Cuts, floor: float, width: int, slack: int, cap: int,
    is_apart: bool,
) -> TourSearch:  # fmt: skip
    """Make room for one search."""
    n_days, n_nodes = len(days.matrix), days.times.shape[1] - 1
    words, n_lists = 1 + neighbours.shape[1], 1 << SLOT_BITS if slack == LISTING else n_nodes
    return TourSearch(
        np.full(n_lists, -1, np.int64), np.full(n_lists, -1, np.int64),
        np.full(days.horizons.max() // width + 1, -1, np.int64),
        np.full((n_days, n_nodes), floor), np.full((n_days, n_nodes), -1, np.int64),
        np.full((n_days, n_days), floor), neighbours, cuts.members, cuts.prices,
        cuts.stays,
        np.zeros((1, words), np.uint64), empty_labels(cap, words),
        np.zeros(n_days + 1, np.int64), is_apart, floor, width, slack,
    )  # fmt: skip


@compiled
def price_tours(
    days: Days, offers: TourOffers, table: TourTable, neighbours: Bits, cuts: Cuts, floor: float,
    width: int, slack: int, cap: int, stop: Flag,
) -> tuple[int, Floats, Ints, Floats, TourLabels]:  # fmt: skip
    """Find the best ng-tours (Baldacci et al. 2011) of at least two days, of value above ``floor``.

    Parameters
    ----------
    neighbours
        Of shape (nodes, words): the visits that each node lets a tour remember, itself included.
    cuts
        What a tour pays for; ``members`` by local visit.
    width
        Seconds of a bucket, no more than the shortest session.
    slack
        With 0 the answer is exact. With more it is quick: of two labels at a node the one worth
        more stays, whatever it visited, unless it is later by more than so many seconds.
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
    labels = empty_labels(cap, 1 + neighbours.shape[1])
    search = begun(days, neighbours, cuts, floor, width, slack, cap, True)
    made = run(days, offers, table, labels, search, stop)
    return made, search.found, search.ends, search.spans, labels
