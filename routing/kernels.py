"""Compiled loops of pricing: completion bounds, ng-route labels, enumeration.

One call prices the routes of one shift type with one crew. Visits have local positions 0..n-1; in
``times`` and ``costs``, of shape (n + 1, n + 1), row n is the shift's start and column n its end;
``FAR`` stands where there is no way. All times are working seconds. Values are float thousandths of
a weighted document.
"""

import numpy as np

from routing.jit import compiled
from routing.layout import (
    Bits,
    Bounds,
    Completions,
    Cuts,
    Day,
    Flag,
    Floats,
    Ints,
    Labels,
    Offers,
    Queue,
    Sets,
)  # fmt: skip

FAR = 2**40
WORST = -1e18
UNKNOWN = -2
OVER_CAP = -1
STOPPED = -2
ASK_EVERY = 512


@compiled
def earliest(lows: Ints, highs: Ints, visit: int, arrival: int, duration: int) -> int:
    """Find the first start of a session, ``FAR`` where none fits."""
    found = FAR
    for k in range(lows.shape[1]):
        start = max(arrival, lows[visit, k])
        if start + duration <= highs[visit, k] and start < found:
            found = start
    return found


@compiled
def leaves_at(day: Day, work: int) -> int:
    """Find the last second after the window's start at which so much work is done."""
    at = work
    for k in range(len(day.break_starts)):
        if at < day.break_starts[k]:
            break
        at += day.break_lengths[k]
    return at


@compiled
def loss(day: Day, end: int, leave: int) -> float:
    """Sum the allowances due when the work ends at ``end`` and the team left at ``leave``."""
    if len(day.longer_than) == 0:
        return 0.0
    at = end
    for k in range(len(day.break_starts)):
        if at <= day.break_starts[k]:
            break
        at += day.break_lengths[k]
    total = 0.0
    for k in range(len(day.longer_than)):
        if at - leave > day.longer_than[k]:
            total += day.allowances[k]
    return total


@compiled
def unknown(n: int, steps: int) -> Bounds:
    """Make room for bounds."""
    shape = (n, steps)
    return Bounds(np.full(shape, WORST), np.full(shape, -1, np.int64), np.full(shape, WORST))


@compiled
def merge(bounds: Bounds, i: int, x: int, value: float, to: int) -> None:
    """Keep a value, and where it goes to next, if it is among the best two of different visits."""
    if value > bounds.best[i, x]:
        if to != bounds.onward[i, x]:
            bounds.other[i, x] = bounds.best[i, x]
            bounds.onward[i, x] = to
        bounds.best[i, x] = value
    elif to != bounds.onward[i, x] and value > bounds.other[i, x]:
        bounds.other[i, x] = value


@compiled
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


@compiled
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
                at_home = -day.costs[i, n] - loss(day, end, day.latest_leave)
            leaving.best[i, x], leaving.onward[i, x], leaving.other[i, x] = depart(
                arriving, day.times[i], day.costs[i], offers.active, now, step, i, at_home
            )
    return table


@compiled
def empty_labels(cap: int, words: int) -> Labels:
    """Make room for so many labels; untouched room costs no memory."""
    return Labels(
        np.empty(cap, np.float64), np.empty(cap, np.int64), np.empty(cap, np.int64),
        np.empty(cap, np.int64), np.empty(cap, np.int64), np.empty(cap, np.int64),
        np.empty(cap, np.uint64), np.empty((cap, words), np.uint64),
    )  # fmt: skip


@compiled
def has(bits: Bits, j: int) -> bool:
    """Whether visit j is in a set of bits."""
    return bool((bits[j >> 6] >> np.uint64(j & 63)) & np.uint64(1))


@compiled
def price_of(cuts: Cuts, hit: int) -> float:
    """Sum the prices of these cuts."""
    total = 0.0
    for k in range(len(cuts.prices)):
        if (hit >> np.uint64(k)) & np.uint64(1):
            total += cuts.prices[k]
    return total


@compiled
def is_dominated(
    labels: Labels, cuts: Cuts, head: int, links: Ints, value: float, time: int, leave: int,
    odd: int, memory: Bits, is_rough: bool,
) -> bool:  # fmt: skip
    """Whether a label on the list is at least as good; the list is sorted, best value first.

    A label may have to pay for cuts that the other has not begun: it must be better by so much.
    Roughly, memory does not count: few labels stay, but the best route may be lost.
    """
    values, times, leaves, memories = labels.values, labels.times, labels.leaves, labels.memory
    e = head
    while e >= 0 and values[e] >= value:
        if times[e] <= time and leaves[e] >= leave:
            inside = True
            if not is_rough:
                for w in range(len(memory)):
                    if memories[e, w] & ~memory[w]:
                        inside = False
                        break
            if inside and len(cuts.prices):
                begun = labels.odd[e] & ~odd
                inside = begun == 0 or values[e] - price_of(cuts, begun) >= value
            if inside:
                return True
        e = links[e]
    return False


@compiled
def follows(best: Floats, onward: Ints, other: Floats, x: int, visit: int, memory: Bits) -> float:
    """Bound what can follow, given what may not be visited again."""
    to = onward[visit, x]
    if to >= 0 and has(memory, to):
        return other[visit, x]  # type: ignore[no-any-return]
    return best[visit, x]  # type: ignore[no-any-return]


@compiled
def empty_queue(horizon: int, width: int, cap: int) -> Queue:
    """Make room for so many labels."""
    buckets = np.full(horizon // width + 1, -1, np.int64)
    return Queue(width, buckets, np.empty(cap, np.int64), np.zeros(1, np.int64))


@compiled
def push(
    labels: Labels, queue: Queue, value: float, time: int, visit: int, option: int, parent: int,
    leave: int, odd: int, memory: Bits,
) -> None:  # fmt: skip
    """Add a label."""
    at = queue.made[0]
    labels.values[at] = value
    labels.times[at] = time
    labels.visits[at] = visit
    labels.options[at] = option
    labels.parents[at] = parent
    labels.leaves[at] = leave
    labels.odd[at] = odd
    labels.memory[at, :] = memory
    bucket = time // queue.width
    queue.after[at] = queue.buckets[bucket]
    queue.buckets[bucket] = at
    queue.made[0] += 1


@compiled
def visit(
    day: Day, offers: Offers, cuts: Cuts, table: Completions, labels: Labels, queue: Queue,
    heads: Ints, links: Ints, memory: Bits, floor: float, i: int, j: int, arrival: int,
    value: float, leave: int, is_rough: bool,
) -> bool:  # fmt: skip
    """Add a label for every session at visit j that can lead above the floor; False once full."""
    best, onward, other = table.leaving
    # Where options count, their bits stand behind those of the visits.
    base = (len(offers.first) - 1 + 63) >> 6
    has_options = len(memory) > base
    odd = cuts.members[j]
    if i >= 0:
        value -= price_of(cuts, labels.odd[i] & odd)
        odd ^= labels.odd[i]
    for k in range(offers.first[j], offers.first[j + 1]):
        start = earliest(day.lows, day.highs, j, arrival, offers.durations[k])
        done = start + offers.durations[k]
        if done > day.horizon:
            continue
        more = value + offers.gains[k]
        if more + follows(best, onward, other, done // table.step, j, memory) <= floor:
            continue
        if i < 0 and len(day.longer_than) > 0:
            leave = leaves_at(day, start - arrival)
        if is_dominated(
            labels, cuts, heads[j], links, more, done, leave, odd, memory, is_rough
        ):  # fmt: skip
            continue
        if queue.made[0] >= len(queue.after):
            return False
        push(labels, queue, more, done, j, k, i, leave, odd, memory)
        if has_options:
            labels.memory[queue.made[0] - 1, base + (k >> 6)] |= np.uint64(1) << np.uint64(k & 63)
    return True


@compiled
def extend(
    day: Day, offers: Offers, cuts: Cuts, table: Completions, neighbours: Bits, labels: Labels,
    queue: Queue, heads: Ints, links: Ints, memory: Bits, floor: float, i: int, is_rough: bool,
) -> bool:  # fmt: skip
    """Go on from label i, or from the start (i = -1), to every visit; False once labels ran out."""
    here, now, value, leave = len(offers.first) - 1, 0, 0.0, 0
    if i >= 0:
        here, now = labels.visits[i], labels.times[i]
        value, leave = labels.values[i], labels.leaves[i]
    times, costs, made = day.times[here], day.costs[here], labels.memory[max(i, 0)]
    # Taken out of its tuple once: doing so in the loop takes most of the time.
    best, onward, other = table.arriving
    for j in offers.active:
        arrival = now + times[j]
        if arrival >= day.horizon or (i >= 0 and has(made, j)):
            continue
        for w in range(len(memory)):
            memory[w] = made[w] & neighbours[j, w] if i >= 0 else np.uint64(0)
        memory[j >> 6] |= np.uint64(1) << np.uint64(j & 63)
        reached = value - costs[j]
        if reached + follows(best, onward, other, arrival // table.step, j, memory) > floor and (
            not visit(
                day, offers, cuts, table, labels, queue, heads, links, memory, floor, i, j,
                arrival, reached, leave, is_rough,
            )
        ):  # fmt: skip
            return False
    return True


@compiled
def total_of(day: Day, labels: Labels, i: int) -> float:
    """Value the route that ends with label i; ``WORST`` when it comes home too late."""
    n = len(day.times) - 1
    here = labels.visits[i]
    end = labels.times[i] + day.times[here, n]
    if end > day.horizon:
        return WORST
    return float(labels.values[i] - day.costs[here, n] - loss(day, end, labels.leaves[i]))


@compiled
def insert(labels: Labels, heads: Ints, links: Ints, visit: int, i: int) -> None:
    """Put a label on its visit's list, best value first."""
    before, e = -1, heads[visit]
    while e >= 0 and labels.values[e] >= labels.values[i]:
        before, e = e, links[e]
    links[i] = e
    if before < 0:
        heads[visit] = i
    else:
        links[before] = i


@compiled
def price(
    day: Day, offers: Offers, cuts: Cuts, table: Completions, neighbours: Bits, floor: float,
    width: int, cap: int, is_rough: bool, stop: Flag,
) -> tuple[int, Floats, Ints, Labels]:  # fmt: skip
    """Find the best ng-routes (Baldacci et al. 2011) with a value above ``floor``.

    Parameters
    ----------
    neighbours
        Of shape (n, words): the visits that each visit lets a route remember, itself included.
    is_rough
        Whether to look at a few good routes only: what is found then bounds nothing.
    stop
        One flag; once it is set the call gives up.

    Returns
    -------
    tuple
        Labels made (``OVER_CAP`` or ``STOPPED`` when there is no answer), the best value of a route
        that ends with each visit and its last label (-1: none), and the labels.
    """
    n = len(offers.first) - 1
    labels, queue = empty_labels(cap, neighbours.shape[1]), empty_queue(day.horizon, width, cap)
    heads, links = np.full(n, -1, np.int64), np.empty(cap, np.int64)
    found, ends = np.full(n, floor), np.full(n, -1, np.int64)
    memory = np.zeros(neighbours.shape[1], np.uint64)
    looked_at = 0
    if not extend(
        day, offers, cuts, table, neighbours, labels, queue, heads, links, memory, floor, -1,
        is_rough,
    ):  # fmt: skip
        return OVER_CAP, found, ends, labels
    for b in range(len(queue.buckets)):
        i = queue.buckets[b]
        while i >= 0:
            here = labels.visits[i]
            value, time, leave = labels.values[i], labels.times[i], labels.leaves[i]
            if not is_dominated(
                labels, cuts, heads[here], links, value, time, leave, labels.odd[i],
                labels.memory[i], is_rough,
            ):  # fmt: skip
                insert(labels, heads, links, here, i)
                total = total_of(day, labels, i)
                if total > found[here]:
                    found[here], ends[here] = total, i
                looked_at += 1
                if looked_at % ASK_EVERY == 0 and stop[0]:
                    return STOPPED, found, ends, labels
                if not extend(
                    day, offers, cuts, table, neighbours, labels, queue, heads, links, memory,
                    floor, i, is_rough,
                ):  # fmt: skip
                    return OVER_CAP, found, ends, labels
            i = queue.after[i]
    return queue.made[0], found, ends, labels


@compiled
def same(memory: Bits, a: int, b: int) -> bool:
    """Whether two labels have made the same visits."""
    for w in range(memory.shape[1]):  # noqa: SIM110 - a generator does not compile
        if memory[a, w] != memory[b, w]:
            return False
    return True


@compiled
def is_bettered(labels: Labels, head: int, links: Ints, i: int) -> bool:
    """Whether another order of the same visits, with the same last, is as good and as early."""
    e = head
    while e >= 0:
        if (
            labels.visits[e] == labels.visits[i]
            and labels.values[e] >= labels.values[i]
            and labels.times[e] <= labels.times[i]
            and labels.leaves[e] >= labels.leaves[i]
            and same(labels.memory, e, i)
        ):
            return True
        e = links[e]
    return False


@compiled
def key_of(memory: Bits) -> int:
    """Give a set of visits a number, for a table of 2^16 lists."""
    mixed = np.uint64(0)
    for w in range(len(memory)):
        mixed = (mixed ^ memory[w]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return int(mixed >> np.uint64(48))


@compiled
def keep(sets: Sets, labels: Labels, at: int, i: int, total: float) -> None:
    """Keep the route that ends with label i if it is the best of its set."""
    s = sets.heads[at]
    while s >= 0 and not same(labels.memory, sets.ends[s], i):
        s = sets.links[s]
    if s < 0:
        s = sets.made[0]
        sets.made[0] += 1
        sets.links[s] = sets.heads[at]
        sets.heads[at] = s
        sets.values[s] = WORST
    if total > sets.values[s]:
        sets.values[s], sets.ends[s] = total, i


@compiled
def enumerate_routes(
    day: Day, offers: Offers, cuts: Cuts, table: Completions, floor: float, width: int, cap: int,
    most: int, has_options: bool, stop: Flag,
) -> tuple[int, Floats, Ints, Labels]:  # fmt: skip
    """Find every set of visits with an elementary route of a value above ``floor``.

    Gives up when there are more than ``most`` of them.

    With ``has_options`` every set of visits with their options.

    Returns
    -------
    tuple
        Sets found (``OVER_CAP`` or ``STOPPED`` when that is not all), the best value of each, the
        last label of its route, and the labels, whose memory holds all visits made.
    """
    n = len(offers.first) - 1
    words = (n + 63) >> 6
    if has_options:
        words += (len(offers.durations) + 63) >> 6
    labels, queue = empty_labels(cap, words), empty_queue(day.horizon, width, cap)
    everything = np.full((n, words), ~np.uint64(0))
    heads, links = np.full(1 << 16, -1, np.int64), np.empty(cap, np.int64)
    nobody = np.full(n, -1, np.int64)
    sets = Sets(
        np.full(1 << 16, -1, np.int64), np.empty(cap, np.int64), np.empty(cap, np.float64),
        np.empty(cap, np.int64), np.zeros(1, np.int64),
    )  # fmt: skip
    memory = np.zeros(words, np.uint64)
    looked_at = 0
    if not extend(
        day, offers, cuts, table, everything, labels, queue, nobody, links, memory, floor, -1, False
    ):
        return OVER_CAP, sets.values, sets.ends, labels
    for b in range(len(queue.buckets)):
        i = queue.buckets[b]
        while i >= 0:
            at = key_of(labels.memory[i])
            if not is_bettered(labels, heads[at], links, i):
                links[i], heads[at] = heads[at], i
                total = total_of(day, labels, i)
                if total > floor:
                    keep(sets, labels, at, i, total)
                    if sets.made[0] > most:
                        return OVER_CAP, sets.values, sets.ends, labels
                looked_at += 1
                if looked_at % ASK_EVERY == 0 and stop[0]:
                    return STOPPED, sets.values, sets.ends, labels
                if not extend(
                    day, offers, cuts, table, everything, labels, queue, nobody, links, memory,
                    floor, i, False,
                ):  # fmt: skip
                    return OVER_CAP, sets.values, sets.ends, labels
            i = queue.after[i]
    return sets.made[0], sets.values, sets.ends, labels
