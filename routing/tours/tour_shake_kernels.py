"""Compiled rounds of ruin and recreate over tours: plans changed, mended, refilled, kept.

What a round takes out is put in again wherever it scores best. See ``ruin_kernels.py`` for the same
without nights, and Pisinger and Ropke (2007) for the scheme.
"""

import math

import numpy as np

from routing.columns.layout import Bits, Flag, Floats, Ints
from routing.heuristics.ruin_kernels import LEAST_GAIN, STEP, WORTH_SEEING, draw
from routing.heuristics.week_layout import Flags, Inserts, Seen, Week
from routing.jit import compiled, inner
from routing.tours.tour_move_kernels import disturb, last_of, mark
from routing.tours.tour_plan_layout import HOME, LAST, Nights, SeenTours, TourPlan
from routing.tours.tour_ruin_kernels import (
    adjust,
    best_of,
    concerned,
    first_of,
    give_up,
    is_away,
    look,
    look_all,
    mend,
    onward,
    put,
    put_away,
    retime,
    take_up,
)


@inner
def mend_all(
    week: Week, nights: Nights, plan: TourPlan, left: Ints, changed: Flags, state: Bits
) -> None:  # fmt: skip
    """Make every tour with a day that changed one that can be driven."""
    for s in range(len(changed)):
        if changed[s]:
            mark(nights, plan, s, changed)
    for s in range(len(changed)):
        if changed[s] and first_of(nights, plan, s) == s:
            mend(week, nights, plan, left, s, changed, state)


@inner
def refresh(
    week: Week, nights: Nights, plan: TourPlan, old: TourPlan, left: Ints, inserts: Inserts,
    changed: Flags, candidates: Ints, appetite: Floats, state: Bits,
) -> None:  # fmt: skip
    """Bring times and table up to date after a change; ``old`` is the plan before it."""
    mend_all(week, nights, plan, left, changed, state)
    for s in range(len(changed)):
        if changed[s]:
            look_all(week, nights, plan, inserts, s, candidates, appetite)
    n = 0
    for v in range(len(plan.at)):
        if plan.at[v] < 0 and old.at[v] >= 0:
            candidates[n] = v
            n += 1
    for s in range(len(changed)):
        if not changed[s]:
            look(week, nights, plan, inserts, s, candidates, n, appetite)


@inner
def fill(
    week: Week, nights: Nights, plan: TourPlan, inserts: Inserts, changed: Flags, appeal: Floats,
    candidates: Ints, appetite: Floats,
) -> None:  # fmt: skip
    """Insert the visit with the best score times appeal, until none gains."""
    at, n = plan.at, len(plan.at)
    best, of = np.zeros(n), np.zeros(n, np.int64)
    days = np.empty(2 * len(changed) + 2, np.int64)
    for v in range(n):
        if at[v] < 0:
            best[v], of[v] = best_of(inserts.scores, v)
    while True:
        chosen, top = -1, 0.0
        for v in range(n):
            if at[v] < 0 and best[v] * appeal[v] > top:
                chosen, top = v, best[v] * appeal[v]
        if chosen < 0:
            return
        s = of[chosen]
        put(week, nights, plan, inserts, s, chosen)
        mark(nights, plan, s, changed)
        for i in range(concerned(nights, plan, s, days)):
            look_all(week, nights, plan, inserts, days[i], candidates, appetite)
            take_up(inserts, plan, best, of, days[i])


@inner
def resleep(week: Week, nights: Nights, plan: TourPlan, s: int) -> None:
    """Sleep after shift s where the way to the next stop is cheapest, then shortest."""
    n, sleep = plan.lengths[s], plan.sleeps[s]
    here = plan.visits[s, n - 1] if n else plan.starts[s]
    now = plan.leaves[s, n - 1] if n else 0
    day, to = onward(week, nights, plan, s)
    k, later = s + len(plan.lengths), day + len(plan.lengths)
    m, late = week.matrices[k], week.matrices[later]
    best, found = np.inf, sleep
    for i in range(-1, len(nights.lodges[s])):
        place = here if i < 0 else nights.lodges[s, i]
        if place < 0 or (i < 0 and (n == 0 or not nights.at_last[s])):
            continue
        in_time = now + week.times[m, here, place] <= week.horizons[k]
        if in_time and week.times[late, place, to] <= plan.latest[day, 0]:
            way = week.times[m, here, place] + week.times[late, place, to]
            price = week.costs[m, here, place] + week.costs[late, place, to] + way * 1e-6
            price += nights.costs[s, place]
            if price < best:
                best, found = price, LAST if i < 0 else place
    plan.sleeps[s] = found


@inner
def trim_front(week: Week, nights: Nights, plan: TourPlan, left: Ints, first: int) -> int:
    """Let a team leave later whose first days are empty, where it can; its first day then."""
    while plan.lengths[first] == 0 and plan.sleeps[first] != HOME:
        d, was = nights.after[first], plan.sleeps[first]
        if not nights.begins[d]:
            return first
        plan.sleeps[first] = HOME
        if retime(week, nights, plan, d) >= 0:
            plan.sleeps[first] = was
            retime(week, nights, plan, first)
            return first
        retime(week, nights, plan, first)
        put_away(week, plan, left, first)
        first = d
    return first


@inner
def trim(week: Week, nights: Nights, plan: TourPlan, left: Ints, s: int, changed: Flags) -> bool:
    """Leave out empty first and last days of a tour that begins with shift s, where it can.

    Returns whether visits were given up with it, as a team cannot sleep where it never was.
    """
    first = trim_front(week, nights, plan, left, s)
    is_lost = plan.lengths[first] == 0 and plan.sleeps[first] == LAST
    if is_lost or (plan.lengths[first] == 0 and plan.sleeps[first] == HOME):
        n = plan.at.sum()
        give_up(week, nights, plan, left, first, changed)
        return bool(plan.at.sum() != n)
    last = last_of(nights, plan, first)
    while last != first and plan.lengths[last] == 0:
        before = nights.before[last]
        was = plan.sleeps[before]
        plan.sleeps[before] = HOME
        if retime(week, nights, plan, before) >= 0:
            plan.sleeps[before] = was
            retime(week, nights, plan, before)
            return False
        retime(week, nights, plan, last)
        put_away(week, plan, left, last)
        last = before
    return False


@inner
def polish(week: Week, nights: Nights, plan: TourPlan, left: Ints, changed: Flags) -> bool:
    """Set lengths of sessions and places to sleep of what changed, and leave out empty days.

    Returns whether visits were given up.
    """
    lost = False
    for s in range(len(changed)):
        if not changed[s]:
            continue
        if plan.sleeps[s] != HOME:
            was = plan.sleeps[s]
            resleep(week, nights, plan, s)
            if plan.sleeps[s] != was and retime(week, nights, plan, s) >= 0:
                plan.sleeps[s] = was
                retime(week, nights, plan, s)
        adjust(week, nights, plan, s)
    for s in range(len(changed)):
        if changed[s] and plan.sleeps[s] != HOME and first_of(nights, plan, s) == s:
            lost |= trim(week, nights, plan, left, s, changed)
    return lost


@inner
def copy_shift(to: TourPlan, plan: TourPlan, s: int) -> None:
    """Copy what one shift does."""
    n = plan.lengths[s]
    for i in range(n):
        to.visits[s, i], to.options[s, i] = plan.visits[s, i], plan.options[s, i]
        to.leaves[s, i], to.latest[s, i] = plan.leaves[s, i], plan.latest[s, i]
    to.latest[s, n] = plan.latest[s, n]
    to.lengths[s], to.kits[s], to.values[s] = n, plan.kits[s], plan.values[s]
    to.sleeps[s], to.starts[s] = plan.sleeps[s], plan.starts[s]


@inner
def copy_changed(to: TourPlan, plan: TourPlan, changed: Flags) -> None:
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
def place_of(keys: Bits, made: Ints, key: np.uint64) -> int:
    """Find the place of a key in an open hash table, -1 when it is half full and lacks it."""
    mask = len(keys) - 1
    at = int(key >> np.uint64(20)) & mask
    while keys[at] != 0 and keys[at] != key:
        at = (at + 1) & mask
    if keys[at] == 0:
        if 2 * made[0] > mask:
            return -1
        made[0] += 1
        keys[at] = key
    return at


@inner
def note_tour(week: Week, nights: Nights, plan: TourPlan, seen: SeenTours, first: int) -> None:
    """Keep the tour that begins with a shift."""
    d, n_days, n, value = first, 0, 0, 0.0
    key = np.uint64(2 * week.kinds[first] + int(plan.kits[first]) + 1)
    while True:
        key = (key + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        for i in range(plan.lengths[d]):
            key ^= week.marks[plan.visits[d, i]]
        n, value, n_days = n + plan.lengths[d], value + plan.values[d], n_days + 1
        if plan.sleeps[d] == HOME:
            break
        d = nights.after[d]
    at = place_of(seen.keys, seen.made, key) if 0 < n <= seen.visits.shape[1] else -1
    if at < 0 or (seen.days[at] and value <= seen.values[at]):
        return
    seen.shifts[at], seen.days[at], seen.kits[at] = first, n_days, plan.kits[first]
    seen.values[at], n, d = value, 0, first
    for k in range(n_days):
        seen.lengths[at, k], seen.sleeps[at, k] = plan.lengths[d], plan.sleeps[d]
        for i in range(plan.lengths[d]):
            seen.visits[at, n], seen.options[at, n] = plan.visits[d, i], plan.options[d, i]
            n += 1
        d = nights.after[d]


@inner
def note(
    week: Week, nights: Nights, plan: TourPlan, days: Seen, tours: SeenTours, changed: Flags
) -> None:
    """Keep the tours, and the days from home, that changed."""
    for s in range(len(changed)):
        n = plan.lengths[s]
        if not changed[s]:
            continue
        if is_away(nights, plan, s):
            if first_of(nights, plan, s) == s:
                note_tour(week, nights, plan, tours, s)
            continue
        key = np.uint64(2 * week.kinds[s] + int(plan.kits[s]) + 1) * np.uint64(0x9E3779B97F4A7C15)
        for i in range(n):
            key ^= week.marks[plan.visits[s, i]]
        at = place_of(days.keys, days.made, key) if n else -1
        if at >= 0 and (days.lengths[at] == 0 or plan.values[s] > days.values[at]):
            days.shifts[at], days.kits[at] = s, plan.kits[s]
            days.lengths[at], days.values[at] = n, plan.values[s]
            days.visits[at], days.options[at] = plan.visits[s], plan.options[s]


@inner
def copy_cell(to: Inserts, table: Inserts, s: int, v: int) -> None:
    """Copy what is known of putting one visit into one shift."""
    to.scores[s, v] = table.scores[s, v]
    to.places[s, v] = table.places[s, v]
    to.options[s, v] = table.options[s, v]


@inner
def copy_rows(to: Inserts, table: Inserts, changed: Flags) -> None:
    """Copy the rows of the shifts that changed."""
    for s in range(len(changed)):
        if changed[s]:
            for v in range(to.scores.shape[1]):
                copy_cell(to, table, s, v)


@inner
def keep_table(to: Inserts, table: Inserts, plan: TourPlan, old: TourPlan, changed: Flags) -> None:
    """Copy what a round that is accepted has computed: also the columns of visits given up."""
    copy_rows(to, table, changed)
    for v in range(len(plan.at)):
        if plan.at[v] < 0 and old.at[v] >= 0:
            for s in range(len(changed)):
                copy_cell(to, table, s, v)


@inner
def twin(plan: TourPlan) -> TourPlan:
    """Copy a plan."""
    return TourPlan(
        plan.visits.copy(), plan.options.copy(), plan.lengths.copy(), plan.kits.copy(),
        plan.sleeps.copy(), plan.starts.copy(), plan.leaves.copy(), plan.latest.copy(),
        plan.values.copy(), plan.at.copy(),
    )  # fmt: skip


@compiled
def shake(
    week: Week, nights: Nights, plan: TourPlan, best: TourPlan, days: Seen, tours: SeenTours,
    left: Ints, state: Bits, rounds: int, most: int, taste: float, warmth: float, stop: Flag,
) -> int:  # fmt: skip
    """Ruin and recreate so many rounds; parameters and result are those of ``ruin_kernels.shake``.

    ``days`` and ``tours`` take up what good plans do.
    """
    n, n_shifts = len(plan.at), len(plan.lengths)
    shape = (n_shifts, n)
    inserts = Inserts(np.zeros(shape), np.zeros(shape, np.int32), np.zeros(shape, np.int32))
    back = Inserts(np.zeros(shape), np.zeros(shape, np.int32), np.zeros(shape, np.int32))
    old, before, kept = twin(plan), left.copy(), best.values.sum()
    candidates, appeal = np.empty(n, np.int64), np.ones(n)
    appetite = np.empty(2 * week.horizons.max() // STEP + 2)
    for k in range(len(appetite)):
        appetite[k] = math.pow(1.0 + k, -taste)
    changed, since = np.ones(n_shifts, np.bool_), np.ones(n_shifts, np.bool_)
    for done in range(rounds):
        if stop[0]:
            return done
        before[:] = left
        if done:
            changed[:] = False
            disturb(week, nights, plan, left, changed, appeal, state, most)
        refresh(
            week, nights, plan, old, left, inserts, changed, candidates, appetite, state
        )  # fmt: skip
        fill(week, nights, plan, inserts, changed, appeal, candidates, appetite)
        lost = polish(week, nights, plan, left, changed)
        value, was = plan.values.sum(), old.values.sum()
        if done == 0 or value > was or value - was > warmth * math.log(draw(state) + 1e-300):
            for s in range(n_shifts):
                if changed[s] or lost:
                    look_all(week, nights, plan, inserts, s, candidates, appetite)
            keep_table(back, inserts, plan, old, changed)
            copy_changed(old, plan, changed)
            since |= changed
            if value > kept - WORTH_SEEING * abs(kept):
                note(week, nights, plan, days, tours, changed)
            if value > kept + LEAST_GAIN:
                kept = value
                copy_changed(best, plan, since)
                since[:] = False
        else:
            left[:] = before
            copy_changed(plan, old, changed)
            copy_rows(inserts, back, changed)
    return rounds
