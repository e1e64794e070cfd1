"""Compiled loops that list every route above a floor, see ``kernels.py``."""

import numpy as np

from routing.columns.completion_kernels import WORST
from routing.columns.kernels import (
    ASK_EVERY,
    OVER_CAP,
    STOPPED,
    empty_labels,
    empty_queue,
    extend,
    lead,
    span_of,
    total_of,
)
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
    Sets,
)
from routing.jit import compiled, inner


@inner
def same(memory: Bits, a: int, b: int) -> bool:
    """Whether two labels have made the same visits."""
    for w in range(memory.shape[1]):  # noqa: SIM110 - a generator does not compile
        if memory[a, w] != memory[b, w]:
            return False
    return True


@inner
def is_bettered(labels: Labels, head: int, links: Ints, i: int, most_due: float) -> bool:
    """Whether another order of the same visits, with the same last, is as good whatever follows."""
    e, span = head, span_of(labels, i)
    while e >= 0:
        if (
            labels.visits[e] == labels.visits[i]
            and lead(labels, e, labels.values[i], span, most_due) >= 0.0
            and same(labels.memory, e, i)
        ):
            return True
        e = links[e]
    return False


@inner
def key_of(memory: Bits) -> int:
    """Give a set of visits a number, for a table of 2^16 lists."""
    mixed = np.uint64(0)
    for w in range(len(memory)):
        mixed = (mixed ^ memory[w]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return int(mixed >> np.uint64(48))


@inner
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
            if not is_bettered(labels, heads[at], links, i, day.most_due):
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
