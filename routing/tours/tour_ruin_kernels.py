"""Compiled loops of tours in ruin and recreate: times over several days, insertions, nights.

As in ``ruin_kernels.py``, with a place to sleep after every shift. Where a team sleeps at its last
visit, a visit put behind it moves the place to sleep, and the next day starts from there.
"""

from routing.columns.completion_kernels import earliest
from routing.columns.layout import Bits, Floats, Ints
from routing.heuristics.ruin_kernels import LEAST_GAIN, STEP, draw
from routing.heuristics.shift_kernels import due, last_end, latest_arrival
from routing.heuristics.week_layout import Flags, Inserts, Week
from routing.jit import compiled, inner
from routing.tours.tour_plan_layout import HOME, LAST, Nights, TourPlan


@inner
def is_away(nights: Nights, plan: TourPlan, s: int) -> bool:
    """Whether a shift is a day of a tour."""
    before = nights.before[s]
    return bool(plan.sleeps[s] != HOME or (before >= 0 and plan.sleeps[before] != HOME))


@inner
def row_of(nights: Nights, plan: TourPlan, s: int) -> int:
    """Find the row of ``Week`` that a shift is driven in."""
    return s + len(plan.lengths) * int(is_away(nights, plan, s))


@inner
def first_of(nights: Nights, plan: TourPlan, s: int) -> int:
    """Find the first day of a shift's tour; itself on a day from home."""
    while nights.before[s] >= 0 and plan.sleeps[nights.before[s]] != HOME:
        s = nights.before[s]
    return s


@inner
def end_of(week: Week, plan: TourPlan, s: int) -> int:
    """Find the place where a shift ends."""
    sleep = plan.sleeps[s]
    if sleep == HOME:
        return int(week.ends[s])
    if sleep == LAST:
        n = plan.lengths[s]
        return int(plan.visits[s, n - 1]) if n else int(plan.starts[s])
    return int(sleep)


@inner
def retime_day(week: Week, nights: Nights, plan: TourPlan, s: int) -> bool:
    """Compute times and value of a shift from where it starts; whether it can be driven."""
    k, n, away = row_of(nights, plan, s), plan.lengths[s], is_away(nights, plan, s)
    m, here, now, value = week.matrices[k], plan.starts[s], 0, 0.0
    work, latest = 0, week.horizons[k]
    crew, clock = week.crews[s, int(plan.kits[s])], week.clocks[k]
    for i in range(n):
        v, o = plan.visits[s, i], plan.options[s, i]
        arrival = now + week.times[m, here, v]
        start = earliest(week.lows[clock], week.highs[clock], v, arrival, week.durations[v, o])
        if start > week.horizons[k]:
            return False
        now = start + week.durations[v, o]
        work += week.times[m, here, v] + week.durations[v, o]
        latest = min(latest, last_end(week, k, v, start) - work)
        plan.leaves[s, i] = now
        value += week.prizes[crew, v, o] - week.costs[m, here, v]
        here = v
    end = end_of(week, plan, s)
    plan.latest[s, n] = week.horizons[k]
    now += week.times[m, here, end]
    work += week.times[m, here, end]
    if (n or away) and now > week.horizons[k]:
        return False
    after = end
    for i in range(n - 1, -1, -1):
        v = plan.visits[s, i]
        leave = plan.latest[s, i + 1] - week.times[m, v, after]
        plan.latest[s, i] = latest_arrival(week, k, v, week.durations[v, plan.options[s, i]], leave)
        after = v
    if n or away:
        value -= week.costs[m, here, end] + week.fixed[k]
        value -= nights.costs[s, end] if plan.sleeps[s] != HOME else 0.0
        if not away:
            value -= due(week, k, now, work, min(latest, week.horizons[k] - work))
    plan.values[s] = value
    return True


@compiled
def retime(week: Week, nights: Nights, plan: TourPlan, s: int) -> int:
    """Time all days of a shift's tour anew; the first that cannot be driven, -1 if all can."""
    s = first_of(nights, plan, s)
    here = week.starts[s]
    while True:
        plan.starts[s] = here
        if not retime_day(week, nights, plan, s):
            return int(s)
        if plan.sleeps[s] == HOME:
            return -1
        here = end_of(week, plan, s)
        s = nights.after[s]


@inner
def onward(week: Week, nights: Nights, plan: TourPlan, s: int) -> tuple[int, int]:
    """Find the day on which a team goes on from its last visit of shift s, and where to."""
    d = nights.after[s]
    while plan.lengths[d] == 0 and plan.sleeps[d] == LAST:
        d = nights.after[d]
    if plan.lengths[d]:
        return d, int(plan.visits[d, 0])
    return d, end_of(week, plan, d)


@inner
def dearer(week: Week, k: int, end: int, added: int) -> float:
    """Sum the allowances due only because a day from home ends so much later."""
    horizon, later = week.horizons[k], end + added
    paid = due(week, k, end, end, horizon - end) if end else 0.0
    return due(week, k, later, later, horizon - later) - paid


@inner
def session(
    durations: Ints, lows: Ints, highs: Ints, prizes: Floats, appetite: Floats, v: int,
    arrival: int, onto: int, latest: int, old: int, cost: float,
) -> tuple[float, int, int]:  # fmt: skip
    """Find the length of a session that scores best at one place of a day; score 0: none.

    ``onto`` is the way from there, to be done by ``latest``; without it the day lasted to ``old``.
    The third number is the seconds that it adds.
    """
    best, chosen, longer = 0.0, 0, 0
    for o in range(durations.shape[1]):
        gain = prizes[v, o] - cost
        if gain <= 0:
            continue
        then = earliest(lows, highs, v, arrival, durations[v, o]) + durations[v, o] + onto
        if then > latest:
            continue
        added = min(max(0, then - old), len(appetite) * STEP - 1)
        score = gain * appetite[added // STEP]
        if score > best:
            best, chosen, longer = score, o, added
    return best, chosen, longer


@inner
def look(
    week: Week, nights: Nights, plan: TourPlan, inserts: Inserts, s: int, candidates: Ints, n: int,
    appetite: Floats,
) -> None:  # fmt: skip
    """Find the best way to put each of the first n candidates into shift s, see ``ruin_kernels``.

    Behind the last visit before a night there, the way of the next days counts as well.
    """
    # Taken out of their tuples once: doing so in the loops takes most of the time.
    scores, places, chosen = inserts.scores[s], inserts.places[s], inserts.options[s]
    k, length, away = row_of(nights, plan, s), plan.lengths[s], is_away(nights, plan, s)
    prizes, clock = week.prizes[week.crews[s, int(plan.kits[s])]], week.clocks[k]
    lows, highs, durations, allowed = (
        week.lows[clock], week.highs[clock], week.durations, week.allowed[k],
    )  # fmt: skip
    times, costs = week.times[week.matrices[k]], week.costs[week.matrices[k]]
    stops, leaves, latest = plan.visits[s], plan.leaves[s], plan.latest[s]
    start, home, horizon = plan.starts[s], end_of(week, plan, s), week.horizons[k]
    is_driven, fixed = away or length > 0, week.fixed[k]
    pays = not away and week.longer_than.shape[1] > 0
    end = leaves[length - 1] + times[stops[length - 1], home] if length else 0
    is_last = plan.sleeps[s] == LAST
    day, to = onward(week, nights, plan, s) if is_last else (s, home)
    later = week.matrices[row_of(nights, plan, day)]
    ways, prices, deadline = week.times[later], week.costs[later], plan.latest[day, 0]
    for c in range(n):
        v = candidates[c]
        scores[v] = 0.0
        if not allowed[v] or length == len(stops):
            continue
        for p in range(length + 1):
            before, now = (stops[p - 1], leaves[p - 1]) if p else (start, 0)
            after = stops[p] if p < length else home
            arrival, old, cost, onto = now + times[before, v], 0, costs[before, v], times[v, after]
            if is_driven:
                old, cost = now + times[before, after], cost - costs[before, after]
            else:
                cost += fixed
            if is_last and p == length:
                onto, old = 0, old + ways[home, to] - ways[v, to]
                cost += prices[v, to] - prices[home, to]
            else:
                cost += costs[v, after]
            is_late = is_last and p == length and ways[v, to] > deadline
            if is_late or arrival >= horizon:
                continue
            score, o, added = session(
                durations, lows, highs, prizes, appetite, v, arrival, onto, latest[p], old, cost
            )
            if score > scores[v] and pays:
                score -= dearer(week, k, end, added) * appetite[added // STEP]
            if score > scores[v]:
                scores[v], places[v], chosen[v] = score, p, o


@inner
def look_all(
    week: Week, nights: Nights, plan: TourPlan, inserts: Inserts, s: int, candidates: Ints,
    appetite: Floats,
) -> None:  # fmt: skip
    """Look at every visit that is not made for one shift; ``candidates`` is room for them."""
    at, n = plan.at, 0
    for v in range(len(at)):
        if at[v] < 0:
            candidates[n] = v
            n += 1
    look(week, nights, plan, inserts, s, candidates, n, appetite)


@inner
def concerned(nights: Nights, plan: TourPlan, s: int, days: Ints) -> int:
    """List in ``days`` the shifts whose insertions change with shift s, itself first; how many."""
    n, days[0] = 1, s
    b = nights.before[s]
    while b >= 0 and plan.sleeps[b] == LAST:
        days[n] = b
        n += 1
        if plan.lengths[b]:
            break
        b = nights.before[b]
    d = s
    while plan.sleeps[d] == LAST:
        d = nights.after[d]
        days[n] = d
        n += 1
        if plan.lengths[d]:
            break
    return n


@inner
def put(week: Week, nights: Nights, plan: TourPlan, inserts: Inserts, s: int, v: int) -> None:
    """Put a visit into a shift where the table says."""
    p = inserts.places[s, v]
    for i in range(plan.lengths[s], p, -1):
        plan.visits[s, i], plan.options[s, i] = plan.visits[s, i - 1], plan.options[s, i - 1]
    plan.visits[s, p], plan.options[s, p] = v, inserts.options[s, v]
    plan.lengths[s] += 1
    plan.at[v] = s
    retime(week, nights, plan, s)


@inner
def adjust(week: Week, nights: Nights, plan: TourPlan, s: int) -> None:
    """Change sessions of a shift to the length that brings most, while that gains."""
    k, n = row_of(nights, plan, s), plan.lengths[s]
    m, end = week.matrices[k], end_of(week, plan, s)
    prizes = week.prizes[week.crews[s, int(plan.kits[s])]]
    lows, highs = week.lows[week.clocks[k]], week.highs[week.clocks[k]]
    for _ in range(n):
        gain, stop, option = LEAST_GAIN, -1, -1
        for i in range(n):
            v, now = plan.visits[s, i], plan.options[s, i]
            before = plan.visits[s, i - 1] if i else plan.starts[s]
            after = plan.visits[s, i + 1] if i + 1 < n else end
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
        retime_day(week, nights, plan, s)
        if plan.values[s] <= value:  # an allowance costs more
            plan.options[s, stop] = was
            retime_day(week, nights, plan, s)
            return


@inner
def take_at(plan: TourPlan, s: int, i: int) -> None:
    """Take the stop at a position out of a shift, whose times are then out of date."""
    plan.at[plan.visits[s, i]] = -1
    for j in range(i, plan.lengths[s] - 1):
        plan.visits[s, j], plan.options[s, j] = plan.visits[s, j + 1], plan.options[s, j + 1]
    plan.lengths[s] -= 1


@inner
def take_all(plan: TourPlan, s: int) -> None:
    """Take all stops out of a shift."""
    for i in range(plan.lengths[s]):
        plan.at[plan.visits[s, i]] = -1
    plan.lengths[s] = 0


@inner
def put_away(week: Week, plan: TourPlan, left: Ints, s: int) -> None:
    """Put the kit of a shift, if it has one, back into its pool."""
    if plan.kits[s]:
        plan.kits[s] = False
        left[week.pools[s]] += 1


@inner
def give_up(
    week: Week, nights: Nights, plan: TourPlan, left: Ints, s: int, changed: Flags
) -> None:  # fmt: skip
    """Take all out of every day of a shift's tour and let the team stay at home."""
    s = first_of(nights, plan, s)
    while True:
        take_all(plan, s)
        put_away(week, plan, left, s)
        changed[s] = True
        sleep, plan.sleeps[s], plan.starts[s] = plan.sleeps[s], HOME, week.starts[s]
        plan.values[s], plan.latest[s, 0] = 0.0, week.horizons[s]
        if sleep == HOME:
            return
        s = nights.after[s]


@inner
def mend(
    week: Week, nights: Nights, plan: TourPlan, left: Ints, s: int, changed: Flags, state: Bits
) -> bool:
    """Take stops out of the days of a tour until it can be driven; False once it is given up."""
    while True:
        day = retime(week, nights, plan, s)
        if day < 0:
            return True
        if plan.lengths[day] == 0:
            # Too far for a day without stops: where the night before is spent decides that.
            before = nights.before[day]
            if before < 0 or plan.sleeps[before] != LAST or plan.lengths[before] == 0:
                give_up(week, nights, plan, left, s, changed)
                return False
            day = before
        take_at(plan, day, int(draw(state) * plan.lengths[day]))
        changed[day] = True


@inner
def best_of(scores: Floats, v: int) -> tuple[float, int]:
    """Find the best score of a visit, and its shift."""
    best, of = 0.0, 0
    for s in range(len(scores)):
        if scores[s, v] > best:
            best, of = scores[s, v], s
    return best, of


@inner
def take_up(inserts: Inserts, plan: TourPlan, best: Floats, of: Ints, s: int) -> None:
    """Bring the best scores of all visits up to date after the row of shift s has changed."""
    scores = inserts.scores
    for v in range(len(plan.at)):
        if plan.at[v] < 0 and scores[s, v] >= best[v]:
            best[v], of[v] = scores[s, v], s
        elif plan.at[v] < 0 and of[v] == s:
            best[v], of[v] = best_of(scores, v)
