"""Plans made in one go: greedy insertion, and what offices do by hand."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.clock import worked
from routing.draft import Draft
from routing.insertion import Insertions, IntArray
from routing.problem import Problem
from routing.rules import ledger
from routing.rules.standing import Standing
from routing.solution import Solution
from routing.timing import crew_of, timed


def never() -> bool:
    """Tell a search to go on."""
    return False


FloatArray = npt.NDArray[np.float64]


class _Offer(NamedTuple):
    """The best way to add each visit to one shift: one entry per visit in every array."""

    rate: FloatArray
    merit: IntArray
    position: IntArray
    option: IntArray
    version: int


def greedy(problem: Problem) -> Solution:
    """Insert the visit with the best gain per second added, until none gains; required ones first.

    Positions, options and kits are all tried, with the exact times and costs.
    """
    return greedy_draft(Insertions(problem)).solution()


def greedy_draft(
    insertions: Insertions,
    should_stop: Callable[[], bool] = never,
    is_called_off: Callable[[], bool] | None = None,
) -> Draft:
    """Construct greedily from an empty plan; stops early with what is there when told to.

    Where rupiah are limited a plan is also made by the gain per share of time and rupiah taken
    (Toyoda 1975), and the better one counts: the best visits for the time spend a budget too soon.

    Parameters
    ----------
    should_stop
        Ends attempts at a better plan than the first.
    is_called_off
        Ends the first plan, instead of ``should_stop``: a clock that ran out before there is a plan
        does not count in it.
    """
    draft = _constructed(insertions, is_called_off or should_stop, should_stop, is_thrifty=False)
    if not any(row.cost_of and row.price is None for row in insertions.problem.rows):
        return draft
    spare = _constructed(insertions, should_stop, should_stop, is_thrifty=True)
    return spare if spare.rank > draft.rank else draft


def _constructed(
    insertions: Insertions, is_called_off: Callable[[], bool], should_stop: Callable[[], bool], *,
    is_thrifty: bool,
) -> Draft:  # fmt: skip
    problem = insertions.problem
    required = [v for v, visit in enumerate(problem.visits) if visit.required]
    first: list[int] = []
    best, stop = Draft(problem), is_called_off
    # A required visit that found no place goes before all others in the next attempt.
    for _ in range(1 + min(len(required), 5)):
        draft = Draft(problem)
        _add(insertions, draft, first, stop, any_gain=True, is_thrifty=is_thrifty)
        _add(insertions, draft, required, stop, any_gain=True, is_thrifty=is_thrifty)
        if draft.rank > best.rank or not required:
            best = draft
        missed = sorted(draft.missed - set(first))
        if not missed:
            break
        first, stop = missed + first, should_stop
    add_all(insertions, best, is_called_off, is_thrifty=is_thrifty)
    return best


def add_all(
    insertions: Insertions,
    draft: Draft,
    should_stop: Callable[[], bool] = never,
    appeal: FloatArray | None = None,
    *,
    is_thrifty: bool = False,
) -> None:
    """Go on inserting whatever gains, best gain per second times ``appeal`` first.

    ``appeal`` has shape (visits,); None counts as 1 for each.
    """
    everything = list(range(len(insertions.problem.visits)))
    _add(
        insertions, draft, everything, should_stop, any_gain=False, appeal=appeal,
        is_thrifty=is_thrifty,
    )  # fmt: skip


def _add(
    insertions: Insertions,
    draft: Draft,
    candidates: list[int],
    should_stop: Callable[[], bool],
    *,
    any_gain: bool,
    appeal: FloatArray | None = None,
    is_thrifty: bool = False,
) -> None:
    """Insert candidates while one gains, or with ``any_gain`` while one fits."""
    open_ = np.zeros(len(insertions.nodes), dtype=bool)
    open_[candidates] = True
    open_[list(draft.made)] = False
    offers: dict[tuple[int, bool], _Offer] = {}
    stale = {
        (s, kit)
        for s, stage in enumerate(draft.stages)
        for kit in draft.kits_of(s)
        if insertions.is_possible(insertions.at(stage))
    }
    standing = Standing(insertions, draft)
    while open_.any() and not should_stop():
        for s, kit in stale:
            if should_stop():
                return
            offers[s, kit] = _offer(insertions, draft, standing, s, kit, is_thrifty=is_thrifty)
        left = draft.kits_left()
        best: tuple[float, int, bool, int] | None = None
        for (s, kit), offer in offers.items():
            pool = insertions.problem.shifts[s].kit_pool
            if kit and pool is not None and left[pool] < 1 and not draft.with_kit[s]:
                continue
            rate = offer.rate if appeal is None else offer.rate * appeal
            rate = np.where(open_, rate, -np.inf)
            v = int(rate.argmax())
            if rate[v] > (-np.inf if any_gain else 0.0) and (best is None or rate[v] > best[0]):
                best = (float(rate[v]), s, kit, v)
        if best is None:
            return
        _, s, kit, v = best
        offer = offers[s, kit]
        if offer.version != standing.version:
            # What the rules leave room for only shrinks: the others are looked at when they lead.
            stale = {(s, kit)}
            continue
        choices = list(draft.choices[s])
        choices.insert(int(offer.position[v]), (v, int(offer.option[v])))
        draft.put(s, kit, choices, int(offer.merit[v]))
        open_[v] = False
        stale = {(s, kit) for kit in draft.kits_of(s)}
        if insertions.problem.rows:
            standing.refresh()


def _offer(
    insertions: Insertions, draft: Draft, standing: Standing, s: int, kit: bool, *, is_thrifty: bool
) -> _Offer:
    choices = draft.choices[s]
    n, day = len(insertions.nodes), insertions.at(draft.stages[s])
    placements = insertions.placements(day, kit, choices)
    merit, end, _ = placements
    gain = standing.gains(s, kit, placements)
    added: IntArray | FloatArray = np.maximum(1, end - insertions.end_of(day, choices))
    if is_thrifty:
        shifts = insertions.problem.shifts
        every = sum(worked(shift, shift.window.end) for shift in shifts if shift.serves)
        added = added / max(1, every) + standing.spent(s, placements)
    # What loses anyway is compared without the time: a longer way must not make a loss look less.
    rate = np.where(gain > 0, gain / added, gain)
    by_visit = rate.transpose(1, 0, 2).reshape(n, -1)
    best = by_visit.argmax(axis=1)
    position, option = np.divmod(best, rate.shape[2])
    here = np.arange(n)
    return _Offer(
        by_visit[here, best], merit[position, here, option], position, option, standing.version
    )


def nearest_first(problem: Problem) -> Solution:
    """Plan as offices do by hand, the baseline every plan is measured against.

    Each day a team drives to the nearest village that has not been visited, stays as long as fits,
    and goes on from there; a kit goes with the first teams that ask. A village where the team can
    deliver nothing is not driven to, nor one for which budget or cards are not enough.
    """
    draft = Draft(problem)
    for s, shift in enumerate(problem.shifts):
        if not shift.starts_tour:
            continue
        pool = shift.kit_pool
        kit = pool is not None and draft.kits_left()[pool] > 0
        while _go_on(problem, draft, s, kit):
            pass
    return draft.solution()


def _go_on(problem: Problem, draft: Draft, s: int, kit: bool) -> bool:
    """Add the nearest village at the end of a day; False when no more fits."""
    shift, choices = problem.shifts[s], draft.choices[s]
    matrix = problem.matrices[shift.matrix]
    here = problem.visits[choices[-1][0]].node if choices else shift.start
    made = draft.made
    reached = [
        (int(matrix.durations[here, visit.node]), v)
        for v, visit in enumerate(problem.visits)
        if v not in made and matrix.reachable[here, visit.node]
    ]
    free = worked(shift, shift.window.end)
    crew = crew_of(shift, kit)
    for v in (v for away, v in sorted(reached) if away <= free):
        options = problem.visits[v].options
        for o in sorted(range(len(options)), key=lambda o: -options[o].duration):
            extended = (*choices, (v, o))
            if options[o].prizes[crew] > 0 and timed(problem, s, kit, extended) is not None:
                draft.put(s, kit, extended, 0)
                if not problem.rows or not ledger.too_much(problem, draft.sums()):
                    return True
                draft.put(s, kit, choices, 0)
    return False
