"""One solve while it runs: the clock, the best plan and bound so far, and who is told of them."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter
from typing import Any

from routing.bounds import prize_bound
from routing.draft import Draft
from routing.errors import InvalidProblem
from routing.insertion import Insertions
from routing.replay import Questions, Replay
from routing.solution import ShadowValues, Solution
from routing.timing import Choice, totals

REPORT_EVERY_S = 0.5
ASK_EVERY_S = 0.05
SLICE = 25
"""Solutions per slice when their number is limited."""
PROVEN_GAP = 1e-4
"""A plan this near its bound is called optimal."""
FOREVER_S = 1e6
"""Time that a replay has."""
OTHER = "other"
"""Who found a route that nobody is credited with."""
CLOSED_GAP = 1e-7
"""Nearer than this there is nothing left to search for."""


class Engine(StrEnum):
    """What searches: everything in turn, or OR-Tools routing alone."""

    ALL = "all"
    ROUTING = "routing"


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveParams:
    """When to stop, and the seed.

    ``time_limit_s`` is wall time; the first plan, which takes up to a second on an idle machine, is
    completed in any case: where a machine has no time it comes late rather than empty.
    ``solution_limit`` is the number of solutions the search may see after the greedy plan, each
    round of pricing counted as one; with it, and with time to spare, a run repeats exactly. None
    means no such limit. ``engine`` is what searches after the greedy plan. With the ``replay`` of a
    result the run that led to it is done again, stopping wherever that one was stopped by its clock
    or a cancel: same plan, same bound; time does not count then.
    """

    time_limit_s: float = 30.0
    seed: int = 0
    solution_limit: int | None = None
    engine: Engine = Engine.ALL
    replay: Replay | None = None

    def __post_init__(self) -> None:
        if not 0 < self.time_limit_s <= 86400:
            raise InvalidProblem(
                f"time_limit_s {self.time_limit_s}: must be above 0 and up to 86400"
            )
        if not 0 <= self.seed < 2**31:
            raise InvalidProblem(f"seed {self.seed}: must be in 0..{2**31 - 1}")
        if self.solution_limit is not None and self.solution_limit < 0:
            raise InvalidProblem(
                f"solution_limit {self.solution_limit}: must be at least 0, or None"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The best plan so far; ``n_solutions`` counts what the search has seen.

    ``bound`` is a proven upper limit of the value of any plan, None while there is none.
    """

    elapsed_s: float
    value: float
    prize: int
    cost: int
    n_solutions: int
    solution: Solution
    bound: float | None = None


class Run:
    """The clock, the best plan and bound so far, and who wants to know of them.

    ``reserve_s`` are seconds before the time limit at which the search ends, for what is told of
    the plan afterwards.
    """

    def __init__(
        self,
        insertions: Insertions,
        params: SolveParams,
        on_progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self.problem = insertions.problem
        self.per_prize = insertions.per_prize
        self.params = params
        self.best = Draft(self.problem)
        self.bound: float | None = None
        self._ceiling = float(prize_bound(insertions.problem))
        self.reserve_s = 0.0
        self.n_solutions = 0
        self.n_rounds = 0
        self.n_pricings = 0
        self.is_cancelled = False
        self.is_impossible = False
        self.shadow: ShadowValues | None = None
        self.n_labels = self.n_nodes = 0
        self.questions = Questions(params.replay)
        self._finders: dict[tuple[bool, frozenset[Choice]], str] = {}
        self._started = perf_counter()
        self._asked = self._reported = float("-inf")
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._solution: Solution | None = None

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return perf_counter() - self._started

    @property
    def _until_s(self) -> float:
        return self.params.time_limit_s - self.reserve_s

    @property
    def is_late(self) -> bool:
        """Whether the time limit is reached; in a replay it never is."""
        return not self.questions.is_replay and self.elapsed_s >= self._until_s

    @property
    def left_s(self) -> float:
        """Seconds until the time limit; in a replay there is no end of it."""
        if self.questions.is_replay:
            return FOREVER_S
        return max(0.0, self._until_s - self.elapsed_s)

    @property
    def value(self) -> float | None:
        """Value of the best plan; None while it misses a required visit or breaks a rule."""
        missed, merit = self.best.rank
        return None if missed else merit / self.per_prize

    @property
    def proven(self) -> float | None:
        """Lowest bound that is proven; the sum of all prizes is one once a plan reaches it."""
        if self.value is not None and self.value >= self._ceiling:
            return self._ceiling
        if self.bound is None or self.value is None:
            return self.bound
        return max(self.bound, self.value)

    @property
    def gap(self) -> float | None:
        """Share of the bound that the best plan may be short of; None while nothing is proven."""
        if self.proven is None or self.value is None:
            return None
        short = self.proven - self.value
        # A plan forced by required visits may cost more than it brings, and the bound be 0.
        return short / max(abs(self.proven), 1.0) if short else 0.0

    @property
    def is_closed(self) -> bool:
        """Whether no better plan can exist."""
        return self.gap is not None and self.gap <= CLOSED_GAP

    def slice_limit(self) -> int | None:
        """How many solutions the next slice may see; None when only time counts."""
        limit = self.params.solution_limit
        return None if limit is None else min(SLICE, max(0, limit - self.n_solutions))

    def is_finished(self) -> bool:
        """Whether to end: by clock, limit, cancel or proof."""
        return self.stop() or self.is_impossible or self.is_closed or self.slice_limit() == 0

    def stop(self) -> bool:
        """Whether to stop now; asks the caller and reports progress at most so often."""
        is_told = self.is_told()
        return self.questions.is_end(lambda: is_told)

    def is_called_off(self) -> bool:
        """Whether the caller says stop now; the time limit does not count.

        Asked for the first plan: on a machine that has no time it comes late, but it comes.
        """
        self.is_told()
        return self.questions.is_over(lambda: self.is_cancelled)

    def is_told(self) -> bool:
        """Whether the clock or the caller says stop now; not kept for a replay, as ``stop`` is."""
        now = self.elapsed_s
        if now - self._asked >= ASK_EVERY_S:
            self._asked = now
            if self._should_stop is not None and self._should_stop():
                self.is_cancelled = True
        if now - self._reported >= REPORT_EVERY_S:
            self.report()
        return self.is_cancelled or self.is_late

    def slice_end(self, share: float) -> Callable[[], bool]:
        """Begin a slice of this share of the time limit; the result tells when it is over."""
        until = self.elapsed_s + share * self.params.time_limit_s
        return lambda: self.questions.is_over(lambda: self.elapsed_s >= until)

    def wait(
        self,
        futures: Collection[Future[Any]],
        interrupt: Callable[[], object],
        patience_s: float = math.inf,
    ) -> bool:
        """Wait for work in other threads; make it end when told to stop or out of patience.

        Returns
        -------
        bool
            Whether it ended by itself, within its patience. What was cut short is worth nothing:
            it is not the same in a replay, but for what ``Questions.cut_short`` keeps.
        """
        until = math.inf if self.questions.is_replay else self.elapsed_s + patience_s

        def is_cut(at_once: bool) -> bool:
            is_cut = at_once
            if at_once:
                interrupt()
            while wait(futures, timeout=ASK_EVERY_S).not_done:
                if self.is_told() or self.elapsed_s > until:
                    is_cut = True
                    interrupt()
            # Work that has a clock too may have ended by it before this thread came to look.
            return is_cut or self.elapsed_s > until

        return not self.questions.is_cut(is_cut)

    def is_ready(self, future: Future[None], patience_s: float) -> bool:
        """Whether work in another thread is done after at most so many seconds; it goes on if not.

        Raises what it raised.
        """
        until = self.elapsed_s + patience_s

        def is_done() -> bool:
            while wait([future], timeout=ASK_EVERY_S).not_done:
                if self.is_told() or self.elapsed_s >= until:
                    return False
            return True

        ready = self.questions.is_over(is_done)
        if ready:
            future.result()  # in a replay it may take longer than it did
        return ready

    def credit(self, finder: str, with_kit: bool, choices: Iterable[Choice]) -> None:
        """Keep who was the first to come past a route: a kit or none, and visits with options."""
        self._finders.setdefault((with_kit, frozenset(choices)), finder)

    def finders(self) -> dict[str, int]:
        """Count the routes of the best plan by who found them."""
        routes = zip(self.best.with_kit, self.best.choices, strict=True)
        return dict(
            sorted(
                Counter(self._finders.get((k, frozenset(c)), OTHER) for k, c in routes if c).items()
            )
        )

    def offer(self, draft: Draft, finder: str = OTHER) -> bool:
        """Keep a plan that is better than all before; ``finder`` is who made it."""
        if draft.rank <= self.best.rank:
            return False
        for kit, choices in zip(draft.with_kit, draft.choices, strict=True):
            self.credit(finder, kit, choices)
        self.best = draft.copy()
        self._solution = None
        self.report()
        return True

    def prove(self, bound: float) -> None:
        """Keep a bound that is lower than all before; a plan found is never above it."""
        if self.bound is None or bound < self.bound:
            self.bound = bound

    def refute(self) -> None:
        """Note that it is proven that no plan keeps to every rule."""
        if self.value is not None:
            raise AssertionError(f"a plan worth {self.value} was found, so there is one")
        self.is_impossible = True

    def solution(self) -> Solution:
        """Time the best plan."""
        if self._solution is None:
            self._solution = self.best.solution()
        return self._solution

    def report(self) -> None:
        """Tell the caller of the best plan."""
        self._reported = self.elapsed_s
        if self._on_progress is None:
            return
        prize, cost, _, value = totals(self.problem, self.solution())
        progress = Progress(
            elapsed_s=self._reported, value=value, prize=prize, cost=cost,
            n_solutions=self.n_solutions, solution=self.solution(), bound=self.proven,
        )  # fmt: skip
        self._on_progress(progress)
