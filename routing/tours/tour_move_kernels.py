"""Compiled changes of a plan with nights out: a kit, a night, a tour, stops taken out.

What they leave behind may be a plan that cannot be driven; ``tour_shake_kernels.py`` mends it.
"""

import numpy as np

from routing.columns.layout import Bits, Floats, Ints
from routing.heuristics.ruin_kernels import KIT_MOVES, NOISE, draw
from routing.heuristics.week_layout import Flags, Week
from routing.jit import inner
from routing.tours.tour_plan_layout import HOME, LAST, Nights, TourPlan
from routing.tours.tour_ruin_kernels import (
    first_of,
    give_up,
    is_away,
    put_away,
    take_all,
    take_at,
)

NIGHT_MOVES = 0.35
"""Share of the rounds in which a place to sleep changes."""
SENT_OUT = 0.2
"""Share of the rounds in which a team is sent out anew."""
AT_LAST = 0.8
"""How often a night is spent at the last visit, where that is allowed."""
STAY_HOME = 0.35
"""How often a night that changes is spent at the base."""
LURE = 3.0
"""A visit near where a team is sent counts for up to so much more."""
NEAR = 30
"""Visits that a team is lured to."""
FORCED = 0.5
"""How often a visit that was left out goes in before all others."""
FIRST = 1e6
TRIES = 20


@inner
def last_of(nights: Nights, plan: TourPlan, s: int) -> int:
    """Find the last day of a shift's tour."""
    while plan.sleeps[s] != HOME:
        s = nights.after[s]
    return s


@inner
def days_of(nights: Nights, plan: TourPlan, s: int) -> int:
    """Count the days of a shift's tour, 1 for a day from home."""
    s, n = first_of(nights, plan, s), 1
    while plan.sleeps[s] != HOME:
        s = nights.after[s]
        n += 1
    return n


@inner
def mark(nights: Nights, plan: TourPlan, s: int, changed: Flags) -> None:
    """Note that all days of a shift's tour change."""
    s = first_of(nights, plan, s)
    changed[s] = True
    while plan.sleeps[s] != HOME:
        s = nights.after[s]
        changed[s] = True


@inner
def leave_kit(
    week: Week, nights: Nights, plan: TourPlan, left: Ints, s: int, changed: Flags
) -> None:
    """Let the whole tour of a shift do without a kit."""
    s = first_of(nights, plan, s)
    while True:
        put_away(week, plan, left, s)
        changed[s] = True
        if plan.sleeps[s] == HOME:
            return
        s = nights.after[s]


@inner
def take_kit(
    week: Week, nights: Nights, plan: TourPlan, left: Ints, s: int, changed: Flags, state: Bits,
    from_others: bool,
) -> bool:  # fmt: skip
    """Give every day of a shift's tour a kit, if need be from others; False if there is none."""
    first, last = first_of(nights, plan, s), last_of(nights, plan, s)
    s = first
    while True:
        pool = week.pools[s]
        if pool < 0 or (not plan.kits[s] and left[pool] == 0 and not from_others):
            return False
        if s == last:
            break
        s = nights.after[s]
    s = first
    while True:
        if not plan.kits[s]:
            if left[week.pools[s]] == 0 and not rob(week, nights, plan, left, s, changed, state):
                leave_kit(week, nights, plan, left, first, changed)
                return False
            left[week.pools[s]] -= 1
            plan.kits[s] = True
            changed[s] = True
        if s == last:
            return True
        s = nights.after[s]


@inner
def rob(
    week: Week, nights: Nights, plan: TourPlan, left: Ints, s: int, changed: Flags, state: Bits
) -> bool:
    """Take a kit of the pool of shift s from a random tour; False where nobody has one."""
    n = len(plan.lengths)
    turn = int(draw(state) * n)
    for i in range(n):
        t = (turn + i) % n
        if week.pools[t] == week.pools[s] and plan.kits[t]:
            leave_kit(week, nights, plan, left, t, changed)
            return True
    return False


@inner
def choose_sleep(week: Week, nights: Nights, s: int, centre: int, state: Bits) -> int:
    """Choose where to sleep after a shift: at the last visit, or near a visit."""
    found, nearest = HOME, np.inf
    if nights.at_last[s]:
        found = LAST
        if draw(state) < AT_LAST:
            return found
    m = week.matrices[s + len(nights.after)]
    for lodge in nights.lodges[s]:
        if lodge < 0:
            break
        away = week.times[m, centre, lodge] * (0.5 + draw(state))
        if away < nearest:
            found, nearest = lodge, away
    return int(found)


@inner
def join(
    week: Week, nights: Nights, plan: TourPlan, left: Ints, s: int, sleep: int, changed: Flags,
    state: Bits,
) -> bool:  # fmt: skip
    """Let a team that came home after shift s stay out instead; whether it may."""
    d = nights.after[s]
    if not nights.begins[first_of(nights, plan, s)]:
        return False
    n = days_of(nights, plan, s)
    if n + days_of(nights, plan, d) > nights.longest:
        if n >= nights.longest:
            return False
        give_up(week, nights, plan, left, d, changed)
    plan.sleeps[s] = sleep
    mark(nights, plan, s, changed)
    if plan.kits[s] != plan.kits[d] and not take_kit(
        week, nights, plan, left, s, changed, state, False
    ):
        leave_kit(week, nights, plan, left, s, changed)
    return True


@inner
def change_night(
    week: Week, nights: Nights, plan: TourPlan, left: Ints, centre: int, changed: Flags, state: Bits
) -> None:
    """Let a team sleep elsewhere one night: longer, shorter and other tours come of it."""
    s = int(draw(state) * len(nights.after))
    for _ in range(TRIES):
        if nights.after[s] >= 0 and (is_away(nights, plan, s) or draw(state) < 0.5):
            break
        s = int(draw(state) * len(nights.after))
    d = nights.after[s]
    if d < 0:
        return
    if plan.lengths[s] and draw(state) < 0.5:
        centre = plan.visits[s, plan.lengths[s] - 1]
    if plan.sleeps[s] == HOME:
        sleep = choose_sleep(week, nights, s, centre, state)
        if not join(week, nights, plan, left, s, sleep, changed, state):
            return
    else:
        mark(nights, plan, s, changed)
        goes_home = draw(state) < STAY_HOME
        plan.sleeps[s] = HOME if goes_home else choose_sleep(week, nights, s, centre, state)
        if goes_home and not nights.begins[d]:
            give_up(week, nights, plan, left, d, changed)
    for day in (s, d):
        while plan.lengths[day] and draw(state) < 0.5:
            take_at(plan, day, int(draw(state) * plan.lengths[day]))


@inner
def send_out(
    week: Week, nights: Nights, plan: TourPlan, left: Ints, centre: int, changed: Flags, state: Bits
) -> None:
    """Let a team give up what it does on some days, and go on a tour towards a visit instead."""
    s = int(draw(state) * len(nights.after))
    for _ in range(TRIES):
        if nights.begins[s] and nights.after[s] >= 0:
            break
        s = int(draw(state) * len(nights.after))
    if not nights.begins[s] or nights.after[s] < 0:
        return
    n, first = 2 + int(draw(state) * (nights.longest - 1)), s
    give_up(week, nights, plan, left, s, changed)
    for _ in range(n - 1):
        d = nights.after[s]
        if d < 0:
            break
        give_up(week, nights, plan, left, d, changed)
        plan.sleeps[s] = choose_sleep(week, nights, s, centre, state)
        s = d
    if draw(state) < 0.5:
        take_kit(
            week, nights, plan, left, first, changed, state, draw(state) < 0.5
        )  # fmt: skip


@inner
def ruin(week: Week, plan: TourPlan, centre: int, changed: Flags, state: Bits, most: int) -> None:
    """Take out stops near a visit, or all the stops of shifts that come near it."""
    wanted = 1 + int(draw(state) * most)
    is_whole = draw(state) < 0.4
    if is_whole:
        wanted = 1 + wanted // 3
    for i in range(week.near.shape[1]):
        v = week.near[centre, i]
        s = plan.at[v]
        if s < 0:
            continue
        changed[s] = True
        if is_whole:
            take_all(plan, s)
        else:
            for j in range(plan.lengths[s]):
                if plan.visits[s, j] == v:
                    take_at(plan, s, j)
                    break
        wanted -= 1
        if wanted <= 0:
            break


@inner
def left_out(plan: TourPlan, v: int, state: Bits) -> int:
    """Draw a visit that is not made, if one comes up in so many tries, beginning with v."""
    for _ in range(TRIES):
        if plan.at[v] < 0:
            break
        v = int(draw(state) * len(plan.at))
    return v


@inner
def disturb(
    week: Week, nights: Nights, plan: TourPlan, left: Ints, changed: Flags, appeal: Floats,
    state: Bits, most: int,
) -> None:  # fmt: skip
    """Change the plan by chance; ``appeal`` tells what is to be put in first."""
    n = len(plan.at)
    centre, which, spread = int(draw(state) * n), draw(state), NOISE * draw(state)
    for v in range(n):
        appeal[v] = 1.0 - spread * draw(state)
    if which < SENT_OUT:
        centre = left_out(plan, centre, state)
        send_out(week, nights, plan, left, centre, changed, state)
        for i in range(min(NEAR, week.near.shape[1])):
            appeal[week.near[centre, i]] *= 1.0 + LURE * draw(state)
    elif which < SENT_OUT + NIGHT_MOVES:
        change_night(week, nights, plan, left, centre, changed, state)
    if plan.at[centre] < 0 and draw(state) < FORCED:
        appeal[centre] *= FIRST
    if which > SENT_OUT + NIGHT_MOVES or draw(state) < 0.5:
        ruin(week, plan, centre, changed, state, most)
    if draw(state) < KIT_MOVES:
        s = int(draw(state) * len(nights.after))
        if not plan.kits[s]:
            take_kit(week, nights, plan, left, s, changed, state, True)
