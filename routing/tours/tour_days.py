"""The arrays of ``tour_layout.py`` for the days of one team, and for its tours driven backward."""

import numpy as np

from routing.clock import worked
from routing.columns.layout import Flag, Floats, Ints
from routing.insertion import Insertions
from routing.problem import Night, Problem
from routing.stages import Stage, day_of, sessions_of, windows_of
from routing.tours.tour_kernels import FAR
from routing.tours.tour_layout import Days, TourOffers


def days_of(
    insertions: Insertions, shifts: tuple[int, ...], visits: Ints, places: Ints, weights: Floats
) -> Days:
    """Lay out what the tours of one team are driven in, at so many thousandths for a rupiah."""
    problem = insertions.problem
    first = problem.shifts[shifts[0]]
    nodes = np.concatenate([insertions.nodes[visits], places, [first.start]])
    legs = np.ix_(nodes, nodes)
    layers = [(problem.shifts[s].matrix, float(w)) for s, w in zip(shifts, weights, strict=True)]
    used = sorted(set(layers))
    matrices = [(problem.matrices[m], problem.matrices[m].reachable[legs], w) for m, w in used]
    windows = [_windows(problem, s, visits) for s in shifts]
    width = max(low.shape[1] for low, _, _ in windows)
    nights = [problem.shifts[s].night for s in shifts]
    may_stay = [
        night is not None and i + 1 < len(shifts) and night.morning == shifts[i + 1]
        for i, night in enumerate(nights)
    ]
    return Days(
        # Whoever sleeps where the last visit was made stays there.
        times=np.stack([_at_rest(np.where(r, m.durations[legs], FAR)) for m, r, _ in matrices]),
        costs=np.stack([np.where(r, m.costs[legs], 0) * w for m, r, w in matrices]),
        matrix=np.array([used.index(layer) for layer in layers], dtype=np.int64),
        horizons=np.array([horizon for _, _, horizon in windows], dtype=np.int64),
        lows=np.stack([_wide(low, width, FAR) for low, _, _ in windows]),
        highs=np.stack([_wide(high, width, -1) for _, high, _ in windows]),
        night_costs=np.array([_night_costs(night, places) for night in nights]) * weights[:, None],
        may_start=np.array([problem.shifts[s].starts_tour for s in shifts]),
        may_end=np.ones(len(shifts), dtype=bool),
        may_stay=np.array(may_stay),
        n_visits=len(visits),
        at_last_stop=any(night is not None and night.at_last_stop for night in nights),
        at_next_stop=False,
        max_days=problem.max_tour_days,
    )  # fmt: skip


def backward(days: Days, offers: TourOffers) -> tuple[Days, TourOffers]:
    """Lay out tours driven the other way round, the last day first; any may be as long as all."""
    ends = days.horizons[:, None, None]
    # What a night is, before which day the other way round.
    nights = [*range(len(days.matrix) - 2, -1, -1), -1]
    may_stay = days.may_stay[nights]
    may_stay[-1] = False
    back = days._replace(
        times=np.ascontiguousarray(days.times.transpose(0, 2, 1)),
        costs=np.ascontiguousarray(days.costs.transpose(0, 2, 1)),
        matrix=days.matrix[::-1].copy(),
        horizons=days.horizons[::-1].copy(),
        lows=np.ascontiguousarray((ends - days.highs)[::-1]),
        highs=np.ascontiguousarray((ends - days.lows)[::-1]),
        night_costs=days.night_costs[nights],
        may_start=days.may_end[::-1].copy(),
        may_end=days.may_start[::-1].copy(),
        may_stay=may_stay,
        at_last_stop=False,
        at_next_stop=days.at_last_stop,
        max_days=len(days.matrix) + 1,
    )
    return back, offers._replace(
        gains=np.ascontiguousarray(offers.gains[::-1]), entry=offers.entry[::-1].copy()
    )


def _night_costs(night: Night | None, places: Ints) -> list[float]:
    """Rupiah of sleeping at a visit, then at each of the places."""
    if night is None:
        return [0.0] * (1 + len(places))
    return [night.cost, *(night.cost_at(int(place)) for place in places)]


def _at_rest(times: Ints) -> Ints:
    np.fill_diagonal(times, 0)
    return times


def _wide(array: Ints, width: int, fill: int) -> Ints:
    return np.pad(array, ((0, 0), (0, width - array.shape[1])), constant_values=fill)


def _windows(problem: Problem, s: int, visits: Ints) -> tuple[Ints, Ints, int]:
    """First and last working second of every visit's windows on a day away, and of the day."""
    stage = Stage(s, problem.shifts[s].start)
    day = day_of(problem, stage)
    if day is None:  # never away: no time at all
        none = np.zeros((len(visits), 1), dtype=np.int64)
        return none + FAR, none - 1, 0
    horizon, sessions = worked(day, day.window.end), sessions_of(problem, stage)
    cut = [windows_of(problem.visits[v], sessions) or () for v in visits]
    width = max((len(windows) for windows in cut), default=1) or 1
    lows = np.full((len(visits), width), FAR, dtype=np.int64)
    highs = np.full((len(visits), width), -1, dtype=np.int64)
    for j, windows in enumerate(cut):
        for k, window in enumerate(windows):
            lows[j, k], highs[j, k] = worked(day, window.start), worked(day, window.end)
    return lows, highs, horizon


def is_metric(days: Days, stop: Flag) -> bool:
    """Whether a way over another node is never shorter nor cheaper; no when told to stop."""
    for times, costs in zip(days.times, days.costs, strict=True):
        for j in range(len(times)):
            if stop[0]:
                return False
            if (times > times[:, [j]] + times[[j], :]).any():
                return False
            if (costs > costs[:, [j]] + costs[[j], :] + 1e-9).any():
                return False
    return True
