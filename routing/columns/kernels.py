"""Compiled loops of pricing: ng-route labels.

One call prices the routes of one shift type with one crew. Visits have local positions 0..n-1; in
``times`` and ``costs``, of shape (n + 1, n + 1), row n is the shift's start and column n its end;
``FAR`` stands where there is no way. All times are working seconds. Values are float thousandths of
a weighted document.
"""

import numpy as np

from routing.columns.completion_kernels import FAR, WORST, earliest, loss
from routing.columns.layout import (
    Bits,
    Completions,
    Cuts,
    Day,
    Flag,
    Floats,
    Ints,
    Labels,
    Offers,
    Queue,
    Span,
)  # fmt: skip
from routing.jit import compiled, inner

OVER_CAP = -1
STOPPED = -2
ASK_EVERY = 512


@inner
def empty_labels(cap: int, words: int) -> Labels:
    """Make room for so many labels; untouched room costs no memory."""
    return Labels(
        np.empty(cap, np.float64), np.empty(cap, np.int64), np.empty(cap, np.int64),
        np.empty(cap, np.int64), np.empty(cap, np.int64), np.empty(cap, np.int64),
        np.empty(cap, np.int64), np.empty(cap, np.uint64), np.empty((cap, words), np.uint64),
    )  # fmt: skip


@inner
def has(bits: Bits, j: int) -> bool:
    """Whether visit j is in a set of bits."""
    return bool((bits[j >> 6] >> np.uint64(j & 63)) & np.uint64(1))


@inner
def price_of(cuts: Cuts, hit: int) -> float:
    """Sum the prices of these cuts."""
    total, k, left = 0.0, 0, np.uint64(hit)
    while left:
        if left & np.uint64(1):
            total += cuts.prices[k]
        left >>= np.uint64(1)
        k += 1
    return total


@inner
def lead(labels: Labels, e: int, value: float, span: Span, most_due: float) -> float:
    """Say how far label e stays ahead of another whatever follows; below 0 where it may not.

    It does where it can leave whenever the other can and then ends no later. If it can only end as
    early, it may have to pay allowances that the other is spared.
    """
    if labels.ends[e] > span.end:
        return -1.0
    ahead = float(labels.values[e] - value)
    if labels.latest[e] < span.latest or (
        labels.works[e] > span.work and span.latest + labels.works[e] > span.end
    ):
        ahead -= most_due
    return ahead


@inner
def is_dominated(
    labels: Labels, cuts: Cuts, head: int, links: Ints, value: float, span: Span, most_due: float,
    odd: int, memory: Bits, is_rough: bool,
) -> bool:  # fmt: skip
    """Whether a label on the list is at least as good; the list is sorted, best value first.

    A label may have to pay for cuts that the other has not begun: it must be better by so much.
    Roughly, memory does not count: few labels stay, but the best route may be lost.
    """
    values, memories = labels.values, labels.memory
    e = head
    while e >= 0 and values[e] >= value:
        ahead = lead(labels, e, value, span, most_due)
        if ahead >= 0.0:
            inside = True
            if not is_rough:
                for w in range(len(memory)):
                    if memories[e, w] & ~memory[w]:
                        inside = False
                        break
            if inside and len(cuts.prices):
                begun = labels.odd[e] & ~odd
                inside = begun == 0 or ahead >= price_of(cuts, begun)
            if inside:
                return True
        e = links[e]
    return False


@inner
def follows(best: Floats, onward: Ints, other: Floats, x: int, visit: int, memory: Bits) -> float:
    """Bound what can follow, given what may not be visited again."""
    to = onward[visit, x]
    if to >= 0 and has(memory, to):
        return other[visit, x]  # type: ignore[no-any-return]
    return best[visit, x]  # type: ignore[no-any-return]


@inner
def empty_queue(horizon: int, width: int, cap: int) -> Queue:
    """Make room for so many labels."""
    buckets = np.full(horizon // width + 1, -1, np.int64)
    return Queue(width, buckets, np.empty(cap, np.int64), np.zeros(1, np.int64))


@inner
def push(
    labels: Labels, queue: Queue, value: float, span: Span, visit: int, option: int, parent: int,
    odd: int, memory: Bits,
) -> None:  # fmt: skip
    """Add a label."""
    at = queue.made[0]
    labels.values[at] = value
    labels.ends[at], labels.works[at], labels.latest[at] = span
    labels.visits[at] = visit
    labels.options[at] = option
    labels.parents[at] = parent
    labels.odd[at] = odd
    labels.memory[at, :] = memory
    bucket = span.end // queue.width
    queue.after[at] = queue.buckets[bucket]
    queue.buckets[bucket] = at
    queue.made[0] += 1


@inner
def span_of(labels: Labels, i: int) -> Span:
    """Read when the route of a label ends and can leave."""
    return Span(labels.ends[i], labels.works[i], labels.latest[i])


@inner
def served(day: Day, j: int, window: int, arrival: Span, duration: int) -> Span:
    """Serve visit j in one of its windows; the end is ``FAR`` where that cannot be done.

    Where no allowance asks when a route leaves, in whichever window it can begin first.
    """
    if len(day.longer_than) == 0:
        start = earliest(day.lows, day.highs, j, arrival.end, duration)
        return Span(start + duration, 0, 0)
    start, high = max(arrival.end, day.lows[j, window]), day.highs[j, window]
    if start + duration > high:
        return Span(FAR, 0, 0)
    work = arrival.work + duration
    return Span(start + duration, work, min(arrival.latest, high - work))


@inner
def visit(
    day: Day, offers: Offers, cuts: Cuts, table: Completions, labels: Labels, queue: Queue,
    heads: Ints, links: Ints, memory: Bits, floor: float, i: int, j: int, arrival: Span,
    value: float, is_rough: bool,
) -> bool:  # fmt: skip
    """Add a label for every session at visit j that can lead above the floor; False once full."""
    best, onward, other = table.leaving
    # Where options count, their bits stand behind those of the visits.
    base = (len(offers.first) - 1 + 63) >> 6
    has_options = len(memory) > base
    n_windows = day.lows.shape[1] if len(day.longer_than) else 1
    odd = cuts.members[j]
    if i >= 0:
        value -= price_of(cuts, labels.odd[i] & odd)
        odd = (labels.odd[i] ^ odd) | (labels.odd[i] & odd & cuts.stays)
    for k in range(offers.first[j], offers.first[j + 1]):
        more = value + offers.gains[k]
        for window in range(n_windows):
            done = served(day, j, window, arrival, offers.durations[k])
            if done.end > day.horizon or (
                more + follows(best, onward, other, done.end // table.step, j, memory) <= floor
            ):
                continue
            if is_dominated(
                labels, cuts, heads[j], links, more, done, day.most_due, odd, memory, is_rough
            ):
                continue
            if queue.made[0] >= len(queue.after):
                return False
            push(labels, queue, more, done, j, k, i, odd, memory)
            if has_options:
                made = labels.memory[queue.made[0] - 1]
                made[base + (k >> 6)] |= np.uint64(1) << np.uint64(k & 63)
    return True


@inner
def extend(
    day: Day, offers: Offers, cuts: Cuts, table: Completions, neighbours: Bits, labels: Labels,
    queue: Queue, heads: Ints, links: Ints, memory: Bits, floor: float, i: int, is_rough: bool,
) -> bool:  # fmt: skip
    """Go on from label i, or from the start (i = -1), to every visit; False once labels ran out."""
    here, now, value = len(offers.first) - 1, Span(0, 0, day.horizon), 0.0
    if i >= 0:
        here, now, value = labels.visits[i], span_of(labels, i), labels.values[i]
    times, costs, made = day.times[here], day.costs[here], labels.memory[max(i, 0)]
    # Taken out of its tuple once: doing so in the loop takes most of the time.
    best, onward, other = table.arriving
    for j in offers.active:
        arrival = Span(now.end + times[j], now.work + times[j], now.latest)
        if arrival.end >= day.horizon:
            continue
        reached, x = value - costs[j], arrival.end // table.step
        # Most visits end here, so nothing is worked out for them before.
        if reached + best[j, x] <= floor or (i >= 0 and has(made, j)):
            continue
        for w in range(len(memory)):
            memory[w] = made[w] & neighbours[j, w] if i >= 0 else np.uint64(0)
        memory[j >> 6] |= np.uint64(1) << np.uint64(j & 63)
        bound = reached + follows(best, onward, other, x, j, memory)
        if bound > floor and not visit(
            day, offers, cuts, table, labels, queue, heads, links, memory, floor, i, j, arrival,
            reached, is_rough,
        ):  # fmt: skip
            return False
    return True


@inner
def total_of(day: Day, labels: Labels, i: int) -> float:
    """Value the route that ends with label i; ``WORST`` when it comes home too late."""
    n = len(day.times) - 1
    here, done = labels.visits[i], span_of(labels, i)
    end, work = done.end + day.times[here, n], done.work + day.times[here, n]
    if end > day.horizon:
        return WORST
    due = loss(day, end, work, min(done.latest, day.horizon - work))
    return float(labels.values[i] - day.costs[here, n] - due)


@inner
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
            if not is_dominated(
                labels, cuts, heads[here], links, labels.values[i], span_of(labels, i),
                day.most_due, labels.odd[i], labels.memory[i], is_rough,
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
