"""What no campaign can exceed: a Lagrangian bound over the weeks.

Let a visit of place v in week w collect g. Two things limit it. In its week it is at most the
``top`` of its option, what it would bring if nobody had been there before; over n visits the sum is
at most ``most(n)``, concave, because each person comes with limited turnout (``most_served``). Any
subset of the visits of a place keeps to the second limit as well. So for any price l >= 0 of a
visit at v

    sum of g  <=  sum over visits with top < l of top  +  most(m)     (m visits with top >= l)
              <=  sum over visits of min(top, l)  +  max over n of (most(n) - l * n),

since most(m) = l * m + (most(m) - l * m). Summed over places, and the first part over the weeks of
any plan of each week, no campaign of W weeks collects more than

    sum over places of max over n <= W of (most(n) - l * n)
    + sum over weeks of the best plan with prizes min(top, l),

whatever the prices: a Lagrangian bound (Geoffrion 1974). The best plan of a week is bounded by the
solver's own proof, where it gets there, and always by a relaxation that lets time be shared freely:
a fractional knapsack of sessions, with and without the least travel to each. The better of
both counts. Prices are sought by subgradient steps (Polyak 1969).
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from routing.bounds import FAR, fastest
from routing.campaigns.campaign import Campaign, CampaignWeek
from routing.campaigns.revisits import most_at_once, most_served
from routing.clock import worked
from routing.heuristics.construct import never
from routing.problem import Problem, VisitOption
from routing.run import SolveParams
from routing.solve import MOST_SECONDS, solve
from routing.spread import Attendance
from routing.worth import Need, Programme, worth

Floats = npt.NDArray[np.float64]
QUICK_STEPS = 60
"""Subgradient steps by the knapsack alone."""
TINY = 1e-6
PROOF_TIME = 3.0
"""A proof may take so many times the seconds of a week; most end sooner."""
PATIENCE = 6
"""Steps without a better bound after which the step is halved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignBound:
    """What is proven of a sum over a campaign.

    ``by_week`` is the most that any campaign has collected at the end of each week; ``n_proofs``
    counts the weeks' problems that the solver proved a bound of for it.
    """

    by_week: tuple[float, ...]
    n_proofs: int


def bound_value(
    campaign: Campaign, params: SolveParams, *, best: float, n_solves: int,
    should_stop: Callable[[], bool] | None = None,
) -> CampaignBound:  # fmt: skip
    """Bound the value of a campaign, in weighted documents.

    Parameters
    ----------
    params
        Of each of the solver's proofs.
    best
        Value of the best campaign known.
    n_solves
        How often the solver is asked; 0: the knapsack only.
    """
    return _Search(campaign, None).run(params, len(campaign.weeks), best, n_solves, should_stop)


def bound_served(
    campaign: Campaign, programme: Programme, params: SolveParams, *, n_weeks: int, best: float,
    n_solves: int, should_stop: Callable[[], bool] | None = None,
) -> CampaignBound:  # fmt: skip
    """Bound the people of one programme that a campaign is expected to serve, cost no object.

    Parameters
    ----------
    n_weeks
        The proof is made as good as it gets for this many weeks; for others it holds too.
    best
        How many the best campaign known serves in them.
    """
    return _Search(campaign, programme).run(params, n_weeks, best, n_solves, should_stop)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Group:
    """Weeks that are the same problem: ``tops`` by visit, option and crew, in thousandths."""

    problem: Problem
    tops: npt.NDArray[np.int64]
    knapsacks: tuple["_Knapsack", ...]


class _Search:
    """Prices of visits, and the bounds they prove."""

    def __init__(self, campaign: Campaign, programme: Programme | None) -> None:
        self._campaign, self._programme = campaign, programme
        last = campaign.weeks[-1].needs
        keys: dict[Hashable, int] = {}
        self._groups: list[_Group] = []
        self._group_of = []
        for week in campaign.weeks:
            tops = self._tops(week, last)
            key = _key(week.problem, tops)
            if key not in keys:
                keys[key] = len(self._groups)
                self._groups.append(self._group(week.problem, tops))
            self._group_of.append(keys[key])
        n = len(campaign.weeks)
        self._most = [
            np.array([self._place_most(w, v) for v in range(campaign.n_visits)]) for w in range(n)
        ]
        self.best = [float("inf")] * n
        self._n_proofs = 0
        self._aim, self._goal, self._is_hopeless = n - 1, 0.0, False

    def _tops(self, week: CampaignWeek, last: Sequence[Need]) -> npt.NDArray[np.int64]:
        """Bound what each session brings, rounded up: as if all who are ever listed were new."""
        return np.array(
            [
                [
                    [self._top(replace(session, need=last[v])) for session in by_crew]
                    for by_crew in sessions
                ]
                for v, sessions in enumerate(week.sessions)
            ],
            dtype=np.int64,
        )

    def _top(self, visit: Attendance) -> int:
        params = visit.params
        most = max(visit.turnout, visit.turnout_again)
        visit = replace(visit, turnout=most)
        if self._programme is not None:
            return int(np.ceil(1000 * most_at_once(visit, self._programme)))
        return int(np.ceil(1000 * worth(visit.served(), params)))

    def _place_most(self, week: int, visit: int) -> list[float]:
        """Bound in thousandths what 0, 1, ... visits up to a week bring at a place."""
        week_of = self._campaign.weeks[week]
        params = week_of.sessions[visit][0][0].params
        programmes = list(Programme)
        if self._programme is not None:
            programmes = [self._programme]
            ones = {p.value: 1.0 for p in Programme}
            params = replace(params, weight=replace(params.weight, **ones))
        # Later weeks stay equal to the last that counts: their visits are not offered yet.
        n = len(self._campaign.weeks)
        counts = [min(k, week + 1) for k in range(n + 1)]
        return [1000 * most_served(week_of.needs[visit], k, params, programmes) for k in counts]

    def _group(self, problem: Problem, tops: npt.NDArray[np.int64]) -> _Group:
        rate = problem.rupiah_per_document if self._programme is None else None
        free = replace(problem, rupiah_per_document=rate)
        possible = _possible(problem)
        best = np.where(possible[:, :, None], tops, 0).max(axis=2)
        return _Group(problem=free, tops=tops, knapsacks=_knapsacks(problem, best))

    def run(
        self, params: SolveParams, n_weeks: int, best: float, n_solves: int,
        should_stop: Callable[[], bool] | None,
    ) -> CampaignBound:  # fmt: skip
        """Look for prices that prove most about the first weeks."""
        self._aim, self._goal = n_weeks - 1, 1000 * best
        stop = should_stop or never
        tops = [group.tops.max(axis=(1, 2)) for group in self._groups]
        free: Floats = np.max(tops, axis=0).astype(np.float64)
        self._try(self._quick, np.zeros(len(free)))
        prices = self._descend(self._quick, free, QUICK_STEPS, stop)

        def proofs(prices: Floats) -> _Found:
            return self._proofs(prices, params, stop)

        self._descend(proofs, prices, n_solves, stop)
        by_week = tuple(bound / 1000 for bound in self.best)
        return CampaignBound(by_week=by_week, n_proofs=self._n_proofs)

    def _descend(
        self, bounds: "_Bounds", prices: Floats, n_steps: int, stop: Callable[[], bool]
    ) -> Floats:
        """Step against the subgradient; the prices with the best bound of the weeks aimed at."""
        kept, kept_bound, step, waited = prices, float("inf"), 1.0, 0
        for _ in range(n_steps):
            if stop():
                break
            bound, slope = self._try(bounds, prices)
            if bound < kept_bound - TINY:
                kept, kept_bound, waited = prices, bound, 0
            else:
                waited += 1
                if waited % PATIENCE == 0:
                    step /= 2
            length = float(slope @ slope)
            if not length or bound <= self._goal or self._is_hopeless:
                break
            prices = np.maximum(0.0, prices - step * (bound - self._goal) / length * slope)
        return kept

    def _try(self, bounds: "_Bounds", prices: Floats) -> tuple[float, Floats]:
        """Prove what these prices prove of every week; the bound aimed at and its slope."""
        # Whole prices can be prizes of the solver.
        whole = np.ceil(prices)
        weeks, visits = bounds(whole)
        total, aimed = 0.0, float("inf")
        made, slope = np.zeros(len(prices)), np.zeros(len(prices))
        counts = np.arange(len(self._campaign.weeks) + 1)
        for w, group in enumerate(self._group_of):
            total += weeks[group]
            made = made + visits[group]
            left = self._most[w] - whole[:, None] * np.minimum(counts, w + 1)
            bound = total + float(left.max(axis=1).sum())
            self.best[w] = min(self.best[w], bound)
            if w == self._aim:
                aimed, slope = bound, made - np.minimum(counts, w + 1)[left.argmax(axis=1)]
        return aimed, slope

    def _quick(self, prices: Floats) -> "_Found":
        found = [_least(group.knapsacks, prices) for group in self._groups]
        return [value for value, _ in found], [visits for _, visits in found]

    def _proofs(
        self, prices: Floats, params: SolveParams, should_stop: Callable[[], bool]
    ) -> "_Found":
        values, visits = self._quick(prices)
        before = self._n_proofs
        seconds = min(MOST_SECONDS, PROOF_TIME * params.time_limit_s)
        longer = replace(params, time_limit_s=seconds)
        for g, group in enumerate(self._groups):
            result = solve(_priced(group, prices), longer, should_stop=should_stop)
            if result.bound is None:
                continue
            self._n_proofs += 1
            values[g] = min(values[g], result.bound)
            made = {s.visit for plan in result.solution.itineraries for s in plan.stops}
            is_capped = group.tops.max(axis=(1, 2)) >= prices
            visits[g] = np.array([float(v in made and is_capped[v]) for v in range(len(prices))])
        # Where no week was proven in the time, other prices will not be either.
        self._is_hopeless = self._n_proofs == before
        return values, visits


_Found = tuple[list[float], list[Floats]]
"""By group of weeks the bound of its best plan, and how often that visits each place."""
_Bounds = Callable[[Floats], _Found]


def _priced(group: _Group, prices: Floats) -> Problem:
    capped = np.minimum(group.tops, prices.astype(np.int64)[:, None, None])
    visits = tuple(
        replace(
            visit,
            options=tuple(
                VisitOption(duration=option.duration, prizes=tuple(int(x) for x in capped[v, o]))
                for o, option in enumerate(visit.options)
            ),
        )
        for v, visit in enumerate(group.problem.visits)
    )
    return replace(group.problem, visits=visits)


def _key(problem: Problem, tops: npt.NDArray[np.int64]) -> Hashable:
    """Tell apart weeks that are not the same to the solver."""
    return (
        problem.shifts, problem.kit_pools, tops.tobytes(), problem.max_tour_days,
        tuple((visit.windows, visit.shifts) for visit in problem.visits),
        tuple((m.durations.tobytes(), m.reachable.tobytes()) for m in problem.matrices),
    )  # fmt: skip


def _possible(problem: Problem) -> npt.NDArray[np.bool_]:
    """Tell for each visit and option whether any shift could make it, were it all alone."""
    n_options = max((len(visit.options) for visit in problem.visits), default=0)
    found: npt.NDArray[np.bool_] = np.zeros((len(problem.visits), n_options), dtype=bool)
    ways = {(s.matrix, s.start, s.end): fastest(problem, s) for s in problem.shifts}
    for s, shift in enumerate(problem.shifts):
        if not shift.serves:
            continue
        there, back = ways[shift.matrix, shift.start, shift.end]
        day = worked(shift, shift.window.end)
        for v, visit in enumerate(problem.visits):
            if visit.shifts is not None and s not in visit.shifts:
                continue
            travel = int(there[visit.node]) + int(back[visit.node])
            room = day if shift.away is None else FAR
            for o, option in enumerate(visit.options):
                fits = travel < FAR and (shift.away is not None or travel + option.duration <= room)
                found[v, o] |= fits
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Knapsack:
    """Sessions that share some seconds freely: ``seconds`` and ``tops`` by visit and option."""

    seconds: Floats
    tops: Floats
    room: float

    def best(self, prices: Floats) -> tuple[float, Floats]:
        """Fill the room with what brings most a second; the sum, and how far each visit is taken.

        The linear relaxation of a multiple-choice knapsack: along the upper hull of each visit's
        options, the steepest parts first (Sinha and Zoltners 1979).
        """
        gains, times, first = _hull(self.seconds, np.minimum(self.tops, prices[:, None]))
        rate = np.divide(gains, times, out=np.full(gains.shape, np.inf), where=times > 0)
        order = np.argsort(-rate, axis=None, kind="stable")
        spent = np.cumsum(times.ravel()[order])
        part = times.ravel()[order]
        over = np.maximum(0.0, spent - self.room)
        share = np.ones(len(part))
        np.divide(part - over, part, out=share, where=part > 0)
        share = np.where(gains.ravel()[order] > 0, np.clip(share, 0.0, 1.0), 0.0)
        parts = np.zeros(gains.size)
        parts[order] = share
        taken = parts.reshape(gains.shape)
        visits = (taken * first).sum(axis=1) * (self.tops.max(axis=1) >= prices)
        return float((taken * gains).sum()), visits


def _hull(seconds: Floats, tops: Floats) -> tuple[Floats, Floats, Floats]:
    """Cut the upper hull of every visit's options, from nothing on, into straight parts.

    Returns
    -------
    tuple
        Gain and seconds of each part, shape (visits, options), zeros where there are fewer; and 1
        where a part is the first of its visit.
    """
    n, m = tops.shape
    gains, times, first = np.zeros((n, m)), np.zeros((n, m)), np.zeros((n, m))
    rows = np.arange(n)
    at_time: Floats = np.zeros(n)
    at_gain: Floats = np.zeros(n)
    for part in range(m):
        more, longer = tops - at_gain[:, None], seconds - at_time[:, None]
        # What brings more and takes no longer is the steepest there can be.
        steep = np.divide(more, longer, out=np.full((n, m), np.inf), where=longer > 0)
        slope = np.where(more > 0, steep, -1.0)
        best = slope.argmax(axis=1)
        goes_on = slope[rows, best] > 0
        gains[goes_on, part] = more[rows, best][goes_on]
        times[goes_on, part] = np.maximum(longer[rows, best][goes_on], 0.0)
        at_gain = np.where(goes_on, tops[rows, best], at_gain)
        at_time = np.where(goes_on, np.maximum(seconds[rows, best], at_time), at_time)
        first[:, part] = goes_on if part == 0 else 0.0
    return gains, times, first


def _knapsacks(problem: Problem, tops: npt.NDArray[np.int64]) -> tuple[_Knapsack, ...]:
    """Relax a week twice: sessions in office hours; sessions and travel in all hours of duty."""
    seconds = np.array([[o.duration for o in visit.options] for visit in problem.visits], float)
    nodes = [visit.node for visit in problem.visits]
    inward = _least_in(problem)[nodes]
    serving = [worked(s, s.window.end) for s in problem.shifts if s.serves]
    duty = [_duty(problem, s) for s in range(len(problem.shifts))]
    values = tops.astype(np.float64)
    return (
        _Knapsack(seconds=seconds, tops=values, room=float(sum(serving))),
        _Knapsack(seconds=seconds + inward[:, None], tops=values, room=float(sum(duty))),
    )


def _duty(problem: Problem, s: int) -> int:
    shift = problem.shifts[s]
    paused = sum(b.end - b.start for b in shift.breaks)
    window = shift.window if shift.away is None else shift.away.window
    return window.end - window.start - paused


def _least_in(problem: Problem) -> Floats:
    """Give for each node the least seconds of any way into it from another node; 0 without one."""
    ways = []
    for matrix in problem.matrices:
        is_way = matrix.reachable.copy()
        np.fill_diagonal(is_way, val=False)
        ways.append(np.where(is_way, matrix.durations, FAR).min(axis=0))
    least = np.min(ways, axis=0)
    return np.where(least < FAR, least, 0).astype(np.float64)


def _least(knapsacks: Sequence[_Knapsack], prices: Floats) -> tuple[float, Floats]:
    found = [knapsack.best(prices) for knapsack in knapsacks]
    return min(found, key=lambda pair: pair[0])
