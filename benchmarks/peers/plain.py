"""A problem as every peer reads it: identical days together, and sequences of stops as a plan."""

import math
import resource
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.peers import NotModelled
from routing import Problem, Solution, recompute, timed

Choices = Sequence[tuple[int, int]]
"""Visits and the options chosen, in the order of a shift."""
Routes = dict[int, Choices]
"""By shift."""


class Kind(NamedTuple):
    """What shifts have in common that can stand for each other; times by ``Plain.offset``."""

    crew: int
    matrix: int
    start: int
    end: int
    early: int
    late: int


@dataclass(frozen=True, slots=True)
class Piece:
    """The shortest session of a visit, or an extension of it: what it adds, by crew.

    As gains grow ever slower with time, that is how visits of several lengths are told to solvers
    that know no lengths: pieces lie at one place, and a plan that has the second wants the first.
    """

    visit: int
    seconds: int
    prizes: dict[int, int]


class Plain:
    """A problem without breaks, kits, money and rules of a whole plan.

    Where teams may stay out it is that of their day tours: a night has no counterpart in the peers'
    interfaces.

    Raises
    ------
    NotModelled
        When it has any of these.
    """

    def __init__(self, problem: Problem) -> None:
        for what, is_there in (
            ("breaks", any(s.breaks for s in problem.shifts)),
            ("kit pools", bool(problem.kit_pools)),
            ("costs of a day", problem.rupiah_per_document is not None and _costs(problem)),
            ("rules of a whole plan", bool(problem.rules)),
            ("pinned visits", any(v.shifts is not None for v in problem.visits)),
            ("required visits", any(v.required for v in problem.visits)),
        ):
            if is_there:
                raise NotModelled(f"peers do not model {what}; leave --peers out")
        self.problem = problem
        self.has_windows = any(visit.windows for visit in problem.visits)

    def offset(self, shift: int) -> int:
        """Seconds taken off the times of a shift: without windows all days begin at 0."""
        return 0 if self.has_windows else self.problem.shifts[shift].window.start

    @cached_property
    def kinds(self) -> Mapping[Kind, list[int]]:
        """Shifts by kind."""
        kinds: dict[Kind, list[int]] = defaultdict(list)
        for s, shift in enumerate(self.problem.shifts):
            if not (shift.serves and shift.starts_tour):
                continue
            early, late = (t - self.offset(s) for t in (shift.window.start, shift.window.end))
            kind = Kind(shift.crew, shift.matrix, shift.start, shift.end, early, late)
            kinds[kind].append(s)
        return dict(kinds)

    @cached_property
    def horizon(self) -> int:
        """End of the last kind of shift."""
        return max(kind.late for kind in self.kinds)

    @cached_property
    def crews(self) -> list[int]:
        """Crews that some shift has."""
        return sorted({kind.crew for kind in self.kinds})

    @cached_property
    def pieces(self) -> list[Piece]:
        """Sessions and extensions that bring something, by visit."""
        return [piece for v in range(len(self.problem.visits)) for piece in self._pieces_of(v)]

    def _pieces_of(self, v: int) -> Iterator[Piece]:
        before, seconds = dict.fromkeys(self.crews, 0), 0
        for option in sorted(self.problem.visits[v].options, key=lambda o: o.duration):
            more = {crew: option.prizes[crew] - before[crew] for crew in self.crews}
            added = {crew: prize for crew, prize in more.items() if prize > 0}
            if added and self.starts(v, option.duration):
                yield Piece(v, option.duration - seconds, added)
                before |= {crew: option.prizes[crew] for crew in added}
                seconds = option.duration

    @cached_property
    def mean_prize(self) -> float:
        """Mean of what pieces bring."""
        found = [prize for piece in self.pieces for prize in piece.prizes.values()]
        return float(np.mean(found)) if found else 1.0

    def starts(self, visit: int, duration: int) -> list[tuple[int, int]]:
        """Earliest and latest starts of so many seconds on site, a pair for each window."""
        windows = self.problem.visits[visit].windows
        if not windows:
            return [(0, self.horizon - duration)] if duration <= self.horizon else []
        spans = [(w.start, min(w.end, self.horizon) - duration) for w in windows]
        return [(early, late) for early, late in spans if early <= late]

    @cached_property
    def unit(self) -> int:
        """The longest unit in which all times are whole: solvers that price lateness want it."""
        times = [np.gcd.reduce(m.durations[m.reachable], initial=0) for m in self.problem.matrices]
        times += [t for kind in self.kinds for t in (kind.early, kind.late)]
        times += [o.duration for visit in self.problem.visits for o in visit.options]
        times += [t for visit in self.problem.visits for w in visit.windows
                  for t in (w.start, w.end)]  # fmt: skip
        return max(1, math.gcd(*(int(t) for t in times)))

    def durations(self, matrix: int, nodes: Sequence[int], closed: int) -> npt.NDArray[np.int64]:
        """Seconds between nodes, ``closed`` where there is no way."""
        table, grid = self.problem.matrices[matrix], np.ix_(nodes, nodes)
        legs: npt.NDArray[np.int64] = np.where(table.reachable[grid], table.durations[grid], closed)
        return legs

    def mean_travel(self) -> float:
        """Mean seconds between different nodes."""
        seconds = np.concatenate([m.durations[m.reachable] for m in self.problem.matrices])
        return float(seconds[seconds > 0].mean()) if (seconds > 0).any() else 1.0

    def joined(self, made: Mapping[int, Sequence[Piece]]) -> Routes:
        """Join pieces to sessions, each where most of its time was planned.

        Time for which a visit has no option that long, or the shift nothing to bring, is left out.
        """
        spent: dict[tuple[int, int], int] = defaultdict(int)
        for s, pieces in made.items():
            for piece in pieces:
                spent[piece.visit, s] += piece.seconds
        where = {v: s for (v, s), _ in sorted(spent.items(), key=lambda item: item[1])}
        routes: Routes = {}
        for s, pieces in made.items():
            own = [v for v in dict.fromkeys(piece.visit for piece in pieces) if where[v] == s]
            options = [(v, self._best_option(v, s, spent[v, s])) for v in own]
            routes[s] = [(v, o) for v, o in options if o is not None]
        return routes

    def _best_option(self, visit: int, shift: int, seconds: int) -> int | None:
        """Choose what brings most within so many seconds on site."""
        crew = self.problem.shifts[shift].crew
        fitting = [
            (option.prizes[crew], -o)
            for o, option in enumerate(self.problem.visits[visit].options)
            if option.duration <= seconds and option.prizes[crew] > 0
        ]
        return -max(fitting)[1] if fitting else None

    def plan(self, routes: Mapping[int, Choices]) -> Solution:
        """Time sequences of stops.

        Raises
        ------
        ValueError
            When one cannot be driven: the peer, or its model, is wrong.
        """
        found = []
        for s, choices in sorted(routes.items()):
            if not choices:
                continue
            itinerary = timed(self.problem, s, False, choices)
            if itinerary is None:
                raise ValueError(f"shift {s}: a peer's stops {list(choices)} cannot be driven")
            found.append(itinerary)
        return Solution(itineraries=tuple(found))


def _costs(problem: Problem) -> bool:
    """Tell whether any day from base to base costs rupiah."""
    legs = any((matrix.costs[matrix.reachable] > 0).any() for matrix in problem.matrices)
    return legs or any(s.fixed_cost or any(a.cost for a in s.allowances) for s in problem.shifts)


def best_of(cores: int, plain: Plain, work: Callable[[int], Routes]) -> tuple[Solution, int]:
    """Run ``work(0)`` to ``work(cores - 1)`` beside each other; the best plan, and peak MB.

    A solver that uses one core gets the others by so many runs. Processes are forked: packages are
    loaded and the problem is there, so that no time is lost to either.
    """
    if cores == 1:
        return plain.plan(work(0)), peak_mb()
    with ProcessPoolExecutor(cores, mp_context=get_context("fork")) as processes:
        done = list(processes.map(_Measured(work), range(cores)))
    plans = [plain.plan(routes) for routes, _ in done]
    best = max(plans, key=lambda plan: recompute(plain.problem, plan)[3])
    return best, peak_mb() + sum(grown for _, grown in done)


class _Measured:
    """Work of one process, with the MB that it took beyond what it shares with its parent."""

    def __init__(self, work: Callable[[int], Routes]) -> None:
        self.work = work

    def __call__(self, place: int) -> tuple[Routes, int]:
        before = peak_mb()
        return self.work(place), peak_mb() - before


def peak_mb() -> int:
    """Peak memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
