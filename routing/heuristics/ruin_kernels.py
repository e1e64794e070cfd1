"""Compiled loops of ruin and recreate (Schrimpf et al. 2000), with simulated annealing.

A part of the plan is taken out, the rest is filled again by the best gain per second added, and the
result is kept if it is better or, while it is warm, not much worse. What is filled in next is read
from a table of the best insertion of every visit into every shift, of which only the rows of
changed shifts are computed again.
"""

import math

import numpy as np

from routing.columns.completion_kernels import earliest
from routing.columns.layout import Bits, Flag, Floats, Ints
from routing.heuristics.shift_kernels import due, retime
from routing.heuristics.week_layout import Flags, Inserts, Plan, Seen, Week
from routing.jit import compiled, inner

WORTH_SEEING = 0.01
"""Routes of plans this much below the best, relative to it, are kept."""
NOISE = 0.5
"""Greatest share of its appeal that a visit loses by chance in a round."""
STEP = 32
"""Seconds that are not told apart when insertions are compared."""
LEAST_GAIN = 1e-6
KIT_MOVES = 0.3
"""Share of the rounds in which a kit changes hands."""


@inner
def draw(state: Bits) -> float:
    """Draw from [0, 1) (xorshift64*, Vigna 2016)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return float((x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(11)) * 2.0**-53


@inner
def look(
    week: Week, plan: Plan, inserts: Inserts, s: int, candidates: Ints, n: int, appetite: Floats
) -> None:
    """Find the best way to put each of the first n candidates into shift s.

    The score is gain times ``appetite`` of the seconds added, by steps of ``STEP``.
    """
    # Taken out of their tuples once: doing so in the loops takes most of the time.
    scores, places, chosen = inserts.scores[s], inserts.places[s], inserts.options[s]
    m, length, clock = week.matrices[s], plan.lengths[s], week.clocks[s]
    prizes = week.prizes[week.crews[s, int(plan.kits[s])]]
    times, costs, durations = week.times[m], week.costs[m], week.durations
    lows, highs, allowed = week.lows[clock], week.highs[clock], week.allowed[s]
    stops, leaves, latest = plan.visits[s], plan.leaves[s], plan.latest[s]
    start, home, horizon, fixed = week.starts[s], week.ends[s], week.horizons[s], week.fixed[s]
    end = leaves[length - 1] + times[stops[length - 1], home] if length else 0
    paid = due(week, s, end, end, horizon - end) if length else 0.0
    room = length < len(stops)
    for c in range(n):
        v = candidates[c]
        scores[v] = 0.0
        if not allowed[v] or not room:
            continue
        for p in range(length + 1):
            before = stops[p - 1] if p else start
            after = stops[p] if p < length else home
            now = leaves[p - 1] if p else 0
            arrival = now + times[before, v]
            if arrival >= horizon:
                continue
            old, cost = 0, costs[before, v] + costs[v, after] + fixed
            if length:
                old, cost = now + times[before, after], cost - fixed - costs[before, after]
            for o in range(durations.shape[1]):
                gain = prizes[v, o] - cost
                if gain <= 0:
                    continue
                begin = earliest(lows, highs, v, arrival, durations[v, o])
                then = begin + durations[v, o] + times[v, after]
                if then > latest[p]:
                    continue
                added = max(0, then - old)
                gain -= due(week, s, end + added, end + added, horizon - end - added) - paid
                score = gain * appetite[added // STEP]
                if score > scores[v]:
                    scores[v], places[v], chosen[v] = score, p, o


@inner
def look_all(
    week: Week, plan: Plan, inserts: Inserts, s: int, candidates: Ints, appetite: Floats
) -> None:
    """Look at every visit that is not made for one shift; ``candidates`` is room for them."""
    at, n = plan.at, 0
    for v in range(len(at)):
        if at[v] < 0:
            candidates[n] = v
            n += 1
    look(week, plan, inserts, s, candidates, n, appetite)


@inner
def put(week: Week, plan: Plan, inserts: Inserts, s: int, v: int) -> None:
    """Put a visit into a shift where the table says."""
    p = inserts.places[s, v]
    for i in range(plan.lengths[s], p, -1):
        plan.visits[s, i], plan.options[s, i] = plan.visits[s, i - 1], plan.options[s, i - 1]
    plan.visits[s, p], plan.options[s, p] = v, inserts.options[s, v]
    plan.lengths[s] += 1
    plan.at[v] = s
    retime(week, plan, s)


@inner
def adjust(week: Week, plan: Plan, s: int) -> None:
    """Change sessions of a shift to the length that brings most, while that gains."""
    m, n = week.matrices[s], plan.lengths[s]
    prizes = week.prizes[week.crews[s, int(plan.kits[s])]]
    lows, highs = week.lows[week.clocks[s]], week.highs[week.clocks[s]]
    for _ in range(n):
        gain, stop, option = LEAST_GAIN, -1, -1
        for i in range(n):
            v, now = plan.visits[s, i], plan.options[s, i]
            before = plan.visits[s, i - 1] if i else week.starts[s]
            after = plan.visits[s, i + 1] if i + 1 < n else week.ends[s]
            arrival = (plan.leaves[s, i - 1] if i else 0) + week.times[m, before, v]
            for o in range(week.durations.shape[1]):
                more = prizes[v, o] - prizes[v, now]
                if more <= gain:
                    continue
                begin = earliest(lows, highs, v, arrival, week.durations[v, o])
                if begin + week.durations[v, o] + week.times[m, v, after] <= plan.latest[s, i + 1]:
                    gain, stop, option = more, i, o
        if stop < 0:
            return
        was, value = plan.options[s, stop], plan.values[s]
        plan.options[s, stop] = option
        retime(week, plan, s)
        if plan.values[s] <= value:  # an allowance costs more
            plan.options[s, stop] = was
            retime(week, plan, s)
            return


@inner
def take(plan: Plan, v: int) -> int:
    """Take a visit out of its shift, whose times are then out of date; the shift."""
    s = plan.at[v]
    k = 0
    for i in range(plan.lengths[s]):
        if plan.visits[s, i] != v:
            plan.visits[s, k], plan.options[s, k] = plan.visits[s, i], plan.options[s, i]
            k += 1
    plan.lengths[s] = k
    plan.at[v] = -1
    return int(s)


@inner
def best_of(scores: Floats, open_: Flags, v: int) -> tuple[float, int]:
    """Find the best score of a visit, and its shift."""
    best, of = 0.0, 0
    for s in range(len(open_)):
        if open_[s] and scores[s, v] > best:
            best, of = scores[s, v], s
    return best, of


@inner
def fill(
    week: Week, plan: Plan, inserts: Inserts, open_: Flags, changed: Flags, appeal: Floats,
    candidates: Ints, appetite: Floats,
) -> None:  # fmt: skip
    """Insert the visit with the best score times appeal, until none gains."""
    at, scores = plan.at, inserts.scores
    n = len(at)
    best, of = np.zeros(n), np.zeros(n, np.int64)
    for v in range(n):
        if at[v] < 0:
            best[v], of[v] = best_of(scores, open_, v)
    while True:
        chosen, top = -1, 0.0
        for v in range(n):
            if at[v] < 0 and best[v] * appeal[v] > top:
                chosen, top = v, best[v] * appeal[v]
        if chosen < 0:
            return
        s = of[chosen]
        put(week, plan, inserts, s, chosen)
        changed[s] = True
        look_all(week, plan, inserts, s, candidates, appetite)
        for v in range(n):
            if at[v] < 0 and scores[s, v] >= best[v]:
                best[v], of[v] = scores[s, v], s
            elif at[v] < 0 and of[v] == s:
                best[v], of[v] = best_of(scores, open_, v)


@inner
def ruin(week: Week, plan: Plan, open_: Flags, changed: Flags, state: Bits, most: int) -> None:
    """Take out stops near a random visit, or all the stops of shifts that come near it."""
    n = len(plan.at)
    centre = int(draw(state) * n)
    wanted = 1 + int(draw(state) * most)
    is_whole = draw(state) < 0.5
    if is_whole:
        wanted = 1 + wanted // 3
    for k in range(week.near.shape[1]):
        v = week.near[centre, k]
        s = plan.at[v]
        if s < 0 or not open_[s]:
            continue
        changed[s] = True
        if is_whole:
            for i in range(plan.lengths[s]):
                plan.at[plan.visits[s, i]] = -1
            plan.lengths[s] = 0
        else:
            take(plan, v)
        wanted -= 1
        if wanted <= 0:
            break


@inner
def deal(week: Week, plan: Plan, left: Ints, open_: Flags, changed: Flags, state: Bits) -> None:
    """Give a kit to a shift that has none, if need be from another one of its pool."""
    n = len(plan.lengths)
    s = int(draw(state) * n)
    pool = week.pools[s]
    if pool < 0 or plan.kits[s] or not open_[s]:
        return
    if left[pool] > 0:
        left[pool] -= 1
    else:
        turn, giver = int(draw(state) * n), -1
        for k in range(n):
            t = (turn + k) % n
            if week.pools[t] == pool and plan.kits[t] and open_[t]:
                giver = t
                break
        if giver < 0:
            return
        plan.kits[giver] = False
        changed[giver] = True
    plan.kits[s] = True
    changed[s] = True


@inner
def retime_changed(week: Week, plan: Plan, changed: Flags) -> None:
    """Time the shifts that changed; one that cannot do without what was taken out stays home."""
    for s in range(len(changed)):
        if changed[s] and not retime(week, plan, s):
            for i in range(plan.lengths[s]):
                plan.at[plan.visits[s, i]] = -1
            plan.lengths[s] = 0
            retime(week, plan, s)


@inner
def refresh(
    week: Week, plan: Plan, old: Plan, inserts: Inserts, open_: Flags, changed: Flags,
    candidates: Ints, appetite: Floats,
) -> None:  # fmt: skip
    """Bring times and table up to date after a ruin; ``old`` is the plan before it."""
    retime_changed(week, plan, changed)
    for s in range(len(changed)):
        if changed[s]:
            look_all(week, plan, inserts, s, candidates, appetite)
    n = 0
    for v in range(len(plan.at)):
        if plan.at[v] < 0 and old.at[v] >= 0:
            candidates[n] = v
            n += 1
    for s in range(len(changed)):
        if open_[s] and not changed[s]:
            look(week, plan, inserts, s, candidates, n, appetite)


@inner
def copy_inserts(to: Inserts, table: Inserts, changed: Flags) -> None:
    """Copy the rows of the shifts that changed."""
    for s in range(len(changed)):
        if changed[s]:
            to.scores[s] = table.scores[s]
            to.places[s] = table.places[s]
            to.options[s] = table.options[s]


@inner
def keep_inserts(to: Inserts, table: Inserts, plan: Plan, old: Plan, changed: Flags) -> None:
    """Copy what a round that is accepted has computed: also the columns of visits given up."""
    copy_inserts(to, table, changed)
    for v in range(len(plan.at)):
        if plan.at[v] < 0 and old.at[v] >= 0:
            to.scores[:, v] = table.scores[:, v]
            to.places[:, v] = table.places[:, v]
            to.options[:, v] = table.options[:, v]


@inner
def copy_shift(to: Plan, plan: Plan, s: int) -> None:
    """Copy what one shift does."""
    to.visits[s] = plan.visits[s]
    to.options[s] = plan.options[s]
    to.lengths[s], to.kits[s], to.values[s] = plan.lengths[s], plan.kits[s], plan.values[s]
    to.leaves[s] = plan.leaves[s]
    to.latest[s] = plan.latest[s]


@inner
def copy_changed(to: Plan, plan: Plan, changed: Flags) -> None:
    """Copy the shifts that changed."""
    for s in range(len(changed)):
        if changed[s]:
            for i in range(to.lengths[s]):
                if to.at[to.visits[s, i]] == s:
                    to.at[to.visits[s, i]] = -1
    for s in range(len(changed)):
        if changed[s]:
            copy_shift(to, plan, s)
            for i in range(plan.lengths[s]):
                to.at[plan.visits[s, i]] = s


@inner
def note(week: Week, plan: Plan, seen: Seen, changed: Flags) -> None:
    """Keep the routes of the shifts that changed."""
    mask = len(seen.keys) - 1
    for s in range(len(changed)):
        n = plan.lengths[s]
        if not changed[s] or n == 0:
            continue
        key = np.uint64(2 * week.kinds[s] + int(plan.kits[s]) + 1) * np.uint64(0x9E3779B97F4A7C15)
        for i in range(n):
            key ^= week.marks[plan.visits[s, i]]
        at = int(key >> np.uint64(20)) & mask
        while seen.keys[at] != 0 and seen.keys[at] != key:
            at = (at + 1) & mask
        if seen.keys[at] == 0:
            if 2 * seen.made[0] > mask:
                continue
            seen.made[0] += 1
            seen.values[at] = -np.inf
        if plan.values[s] > seen.values[at]:
            seen.keys[at], seen.shifts[at], seen.kits[at] = key, s, plan.kits[s]
            seen.lengths[at], seen.values[at] = n, plan.values[s]
            seen.visits[at], seen.options[at] = plan.visits[s], plan.options[s]


@inner
def recreate(
    week: Week, plan: Plan, inserts: Inserts, open_: Flags, changed: Flags, candidates: Ints,
    appetite: Floats, state: Bits,
) -> None:  # fmt: skip
    """Fill the plan again, by scores changed a little by chance, then set the best lengths."""
    appeal, spread = np.empty(len(plan.at)), NOISE * draw(state)
    for v in range(len(appeal)):
        appeal[v] = 1.0 - spread * draw(state)
    fill(week, plan, inserts, open_, changed, appeal, candidates, appetite)
    for s in range(len(changed)):
        if changed[s]:
            adjust(week, plan, s)
            look_all(week, plan, inserts, s, candidates, appetite)


@compiled
def shake(
    week: Week, plan: Plan, best: Plan, seen: Seen, left: Ints, open_: Flags, state: Bits,
    rounds: int, most: int, taste: float, warmth: float, stop: Flag,
) -> int:  # fmt: skip
    """Ruin and recreate so many rounds.

    Parameters
    ----------
    plan, best
        Where to go on from, and the best plan so far: both are changed in place.
    left
        Kits left in each pool.
    open_
        Shifts that may be changed.
    most
        Stops taken out in a round, at most.
    taste
        How much seconds count against gain: scores are gain per (second)^taste.
    warmth
        A plan worse by this is accepted one time in e.

    Returns
    -------
    int
        Rounds made: all, or fewer once told to stop.
    """
    n, n_shifts = len(plan.at), len(plan.lengths)
    shape = (n_shifts, n)
    inserts = Inserts(np.zeros(shape), np.zeros(shape, np.int32), np.zeros(shape, np.int32))
    back = Inserts(np.zeros(shape), np.zeros(shape, np.int32), np.zeros(shape, np.int32))
    old = Plan(
        plan.visits.copy(), plan.options.copy(), plan.lengths.copy(), plan.kits.copy(),
        plan.leaves.copy(), plan.latest.copy(), plan.values.copy(), plan.at.copy(),
    )  # fmt: skip
    candidates = np.empty(n, np.int64)
    appetite = np.empty(week.horizons.max() // STEP + 2)
    for k in range(len(appetite)):
        appetite[k] = math.pow(1.0 + k, -taste)
    changed, since = open_.copy(), open_.copy()
    before, kept = left.copy(), best.values.sum()
    for done in range(rounds):
        if stop[0]:
            return done
        before[:] = left
        if done:
            changed[:] = False
            ruin(week, plan, open_, changed, state, most)
            if draw(state) < KIT_MOVES:
                deal(week, plan, left, open_, changed, state)
        refresh(week, plan, old, inserts, open_, changed, candidates, appetite)
        recreate(week, plan, inserts, open_, changed, candidates, appetite, state)
        value, was = plan.values.sum(), old.values.sum()
        if value > was or value - was > warmth * math.log(draw(state) + 1e-300):
            keep_inserts(back, inserts, plan, old, changed)
            copy_changed(old, plan, changed)
            since |= changed
            if value > kept - WORTH_SEEING * abs(kept):
                note(week, plan, seen, changed)
            if value > kept + LEAST_GAIN:
                kept = value
                copy_changed(best, plan, since)
                since[:] = False
        else:
            left[:] = before
            copy_changed(plan, old, changed)
            copy_inserts(inserts, back, changed)
    return rounds
