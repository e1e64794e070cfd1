"""Prove how good a plan is: column generation, integer choice, enumeration inside the gap.

Kelley's Lagrangian bound holds at any duals when pricing is exact; duals are smoothed towards the
best ones seen (Wentges 1997). When the master has converged, only routes whose reduced cost is
within the gap can be in a better plan; when they can all be listed, SCIP closes the gap.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import TypeVar

import numpy as np

from routing.bounds import worst_value
from routing.columns.choice import chosen
from routing.columns.cuts import MOST, priced, rows_once, separate
from routing.columns.detours import Detours
from routing.columns.layout import Cuts
from routing.columns.master import (
    Column,
    Duals,
    Master,
    Solved,
    lagrangian_bound,
    padded,
    shadow_values,
)
from routing.columns.neighbourhood import Neighbourhoods
from routing.columns.pricing import Priced, Pricer, Route
from routing.draft import Draft
from routing.insertion import Insertions
from routing.run import PROVEN_GAP, Run
from routing.shift_types import ShiftTypes, place
from routing.timing import Choice

T = TypeVar("T")
Seen = tuple[int, bool, tuple[Choice, ...], int]

SMOOTHING = 0.5
"""How far the duals stay with the best ones seen."""
CHOICE_COLUMNS = 6_000
"""Columns that the first integer choices are made among."""
ENUMERATED_COLUMNS = 20_000
"""More columns inside the gap are not given to SCIP."""
SEARCHED = 10_000
"""While there is no plan at all a list less deep than this part of the gap is not tried."""
WORTHWHILE = 0.6
"""Listing is tried again once the gap is this share of what it was."""
HELPS = 0.97
"""A round of cuts that leaves more of the gap than this hardly helps."""
FED_COLUMNS = 20_000
"""A master with so many columns takes none from the searches any more."""
PATIENCE, LATER_PATIENCE = 15, 5
"""Choices of neighbourhoods without a better plan before the bound is worked on, and again."""
SHALLOW = 10
"""A list less deep than this part of the gap is not tried where there is a plan."""
CHOICE_SHARE = 0.15
"""Share of the time limit that a choice without proof may take."""
TIGHT_SHARE = 0.5
"""Share of the time that is left which it may take once cuts have done what they can."""
CONVERGED = 1e-7
"""The master has converged when its value is so near the bound, relative to it."""
CLOSE = 0.04
"""The same against the gap that is left: what little the bound may still fall is for later."""
FEW_ROUTES = 5
"""When sampling finds fewer new routes than this it is time to price with proof."""
EXACT = 2.0**52
"""Whole numbers below this are exact as floats."""


class Proof:
    """Bounds, and improves, the best plan of a run."""

    cuts_fives = True
    """Whether there are cuts on five visits too."""

    def __init__(
        self, insertions: Insertions, types: ShiftTypes, run: Run, threads: ThreadPoolExecutor
    ) -> None:
        self.insertions, self.types, self.run, self._threads = insertions, types, run, threads
        self.master = Master(insertions, self.types)
        self._pricers: list[Pricer] = []
        self._type_of = {kind.first: t for t, kind in enumerate(self.types.types)}
        self._has_demands = any(visit.required for visit in insertions.problem.visits) or any(
            row.least is not None for row in insertions.problem.rows
        )
        self._stop = np.zeros(1, dtype=bool)
        self._centre: Duals | None = None
        self._best: list[float] = []
        self._bound = math.inf
        self._worst = worst_value(insertions.problem) - 1.0
        self._solved = Solved(0.0, Duals(*(np.zeros(0),) * 3), np.zeros(0), np.zeros(0))
        self._tried_at = math.inf
        self._neighbourhoods = Neighbourhoods(self, run.params.seed)

    def close(self) -> None:
        """Leave what the duals tell with the run."""
        # Without a plan the duals are those of the penalties for what is missing.
        if self._centre is not None and self.run.value is not None:
            self.run.shadow = shadow_values(self.run.problem, self.types, self._centre, self._best)

    @property
    def is_done(self) -> bool:
        """Whether the gap is small enough and the proof has tried to close it."""
        gap = self.run.gap
        return self._tried_at < math.inf and gap is not None and gap <= PROVEN_GAP

    def attempt(self, routes: Iterable[Seen] = ()) -> None:
        """Go through every stage once, as far as clock and limit allow.

        ``routes`` come from a search: shift, kit, visits and merit.
        """
        if not self._pricers and not self._prepare():
            return
        if not all(pricer.is_possible for pricer in self._pricers):
            return
        self._feed(routes)
        if not self._generate() or self.run.is_finished():
            return
        self._choose()
        self._search(PATIENCE)
        is_tight = False
        while not self.run.is_finished():
            if self._is_worth_listing():
                self._tried_at = self._short()
                self._close_gap(is_tight)
            if not self._tighten():
                return
            is_tight = True
            self._search(LATER_PATIENCE)

    def _tighten(self) -> bool:
        """Cut and price until that hardly helps any more; whether there were cuts, and time."""
        has_cut = False
        while not self.run.is_finished():
            before = self._short()
            if not self._cut():
                return has_cut
            if not self._generate():
                return False
            has_cut = True
            if self._short() > HELPS * before:
                return True
        return False

    def _prepare(self) -> bool:
        """Make the pricers; whether there was time to."""
        known, pricers = Detours(self._stop), []
        for kind in self.types.types:
            for kit in kind.kits:
                future = self._threads.submit(Pricer, self.insertions, kind, kit, known)
                if not self.run.wait([future], self._give_up):
                    return False
                pricers.append(future.result())
        self._pricers = pricers
        return True

    def _search(self, patience: int) -> None:
        """Choose parts of the plan anew until that has failed some times in a row."""
        failed = 0
        while failed < patience and not self.run.is_finished():
            self.run.n_solutions += 1
            failed = 0 if self._neighbourhoods.improve() else failed + 1
            if self._neighbourhoods.is_exhausted:
                return

    def _is_worth_listing(self) -> bool:
        """Whether the gap has become so much smaller that listing it may succeed this time."""
        return self._short() < WORTHWHILE * self._tried_at

    def _feed(self, routes: Iterable[Seen]) -> None:
        """Add routes that the searches have come past."""
        local = ((*route, "local") for route in self.insertions.evaluated())
        searched = ((*route, "search") for route in routes)
        for shift, with_kit, choices, merit, finder in chain(searched, local):
            if len(self.master.columns) >= FED_COLUMNS or self.run.stop():
                return
            if merit > 0 or self._has_demands:
                self.run.credit(finder, with_kit, choices)
                self.master.add(self._made(shift, with_kit, choices, merit))

    def _call(self, work: Callable[[], T], interrupt: Callable[[], None]) -> tuple[Future[T], bool]:
        future = self._threads.submit(work)
        return future, self.run.wait([future], interrupt)

    def _generate(self) -> bool:
        """Price until no route gains; whether the master has converged."""
        is_rough = True
        while True:
            solved = self.master_solution()
            if solved is None or self.run.is_finished():
                return False
            self._solved = solved
            near = CONVERGED * (1 + abs(solved.value))
            open_ = self._bound - solved.value
            if open_ < math.inf and open_ <= max(near, CLOSE * self._short()):
                return True
            self.run.n_solutions += 1
            self.run.n_pricings += 1
            if is_rough:
                added = self.sample(solved.duals)
                is_rough = added is not None and added >= FEW_ROUTES
            else:
                centre = self._centre or solved.duals
                added = self._price(solved.duals.towards(centre, SMOOTHING))
                if added == 0:
                    added = self._price(solved.duals)
                if added == 0:
                    return True
            if added is None:
                return False

    def master_solution(self) -> Solved | None:
        """Solve the LP; None once told to stop."""
        future, is_whole = self._call(self.master.solve, self.master.interrupt)
        solved = future.result()
        return solved if is_whole else None

    def sample(self, duals: Duals) -> int | None:
        """Look for some routes that gain; the number of new columns, None once told to stop."""
        cuts = self._cuts(duals)
        answers = self._ask(
            lambda p: p.sample(duals.visits, self._floor(p, duals), self._stop, duals.rules, cuts)
        )
        if answers is None:
            return None
        return sum(
            self.master.add(self._column(pricer, route.choices))
            for pricer, routes in zip(self._pricers, answers, strict=True)
            for route in routes
        )

    def _price(self, duals: Duals) -> int | None:
        """Price every type; the number of new columns and cycles, None once told to stop."""
        cuts = self._cuts(duals)
        answers = self._ask(
            lambda p: p.price(
                duals.visits, self._floor(p, duals), self._stop, rules=duals.rules, cuts=cuts
            )
        )
        if answers is None:
            return None
        self._keep_bound(duals, answers)
        new = sum(answer.has_cycles for answer in answers)
        for pricer, answer in zip(self._pricers, answers, strict=True):
            new += sum(self.master.add(self._column(pricer, r.choices)) for r in answer.routes)
        return new

    def _ask(self, question: Callable[[Pricer], T]) -> list[T] | None:
        """Ask every pricer in threads; None once told to stop."""
        futures = [self._threads.submit(question, pricer) for pricer in self._pricers]
        self.run.wait(futures, self._give_up)
        answers = [future.result() for future in futures]
        if self._stop[0]:
            return None
        self.run.n_labels = sum(pricer.n_labels for pricer in self._pricers)
        return answers

    def _floor(self, pricer: Pricer, duals: Duals) -> float:
        return duals.floor(self.types, self._type_of[pricer.kind.first], pricer.with_kit)

    def _cuts(self, duals: Duals) -> Cuts:
        n_visits = len(self.insertions.problem.visits)
        return priced(self.master.odd_sets, duals.cuts, n_visits)

    def _cut(self) -> bool:
        """Add cuts that the master's solution violates; whether there are any."""
        columns, weights = self.master.columns, self._solved.weights
        used = [(columns[i].visits, float(weights[i])) for i in np.flatnonzero(weights > 1e-6)]
        odd_sets = self.master.odd_sets
        # A cut without a price, here and where the bound was found, makes room for another.
        prices, _ = padded(self._solved.duals.cuts, np.zeros(len(odd_sets)))
        if self._centre is not None:
            prices = prices + padded(self._centre.cuts, np.zeros(len(odd_sets)))[0]
        idle = np.flatnonzero(prices == 0).tolist()
        most = MOST - len(rows_once(self.insertions.problem))
        room = most - len(odd_sets) + len(idle)
        found = separate(used, odd_sets, room, with_fives=self.cuts_fives)
        for odd_set in found:
            self.master.cut(odd_set, idle.pop() if len(self.master.odd_sets) >= most else None)
        return bool(found)

    def _give_up(self) -> None:
        self._stop[0] = True

    def _column(self, pricer: Pricer, choices: tuple[tuple[int, int], ...]) -> Column:
        merit = self.insertions.merit_of(pricer.kind.first, pricer.with_kit, choices)
        if merit is None:
            raise AssertionError(f"shift {pricer.kind.first}: a priced route is not one: {choices}")
        self.run.credit("pricing", pricer.with_kit, choices)
        return self._made(pricer.kind.first, pricer.with_kit, choices, merit)

    def _made(
        self, shift: int, with_kit: bool, choices: tuple[tuple[int, int], ...], merit: int
    ) -> Column:
        amounts = self.insertions.amounts_of(shift, with_kit, choices)
        return Column(self.types.type_of[shift], with_kit, choices, merit, amounts)

    def _keep_bound(self, duals: Duals, answers: list[Priced]) -> None:
        surplus = [0.0] * len(self.types.types)
        for pricer, answer in zip(self._pricers, answers, strict=True):
            if answer.best is None:
                return
            t = self._type_of[pricer.kind.first]
            surplus[t] = max(surplus[t], answer.best - self._floor(pricer, duals))
        bound = lagrangian_bound(self.types, duals, surplus, self.run.problem.rows)
        if bound < self._bound:
            self._bound, self._centre, self._best = bound, duals, surplus
            if bound < self._worst and self.run.value is None:
                self.run.refute()
            else:
                self.run.prove(self._whole(bound))

    def _whole(self, bound: float) -> float:
        """Round down to what a plan can be worth: merits are whole numbers."""
        scale = self.insertions.per_prize
        return math.floor(bound * scale) / scale if abs(bound * scale) < EXACT else bound

    def _choose(self) -> None:
        """Choose among the columns that can still be in a better plan."""
        reduced = self._solved.reduced
        room = math.inf if self.run.value is None else self._solved.value - self.run.value
        order = np.argsort(-reduced, kind="stable")[:CHOICE_COLUMNS]
        columns = [self.master.columns[i] for i in order if reduced[i] >= -room - 1e-6]
        limit = self.run.params.time_limit_s * CHOICE_SHARE
        self._integer(columns, self.run.left_s if self.run.slice_limit() else limit)

    def _close_gap(self, is_tight: bool) -> None:
        """List every route that a better plan can have, and choose among them with proof.

        While these are too many, a list less deep gives good plans, which make the gap smaller, and
        a bound: a plan with a route that is not on it falls short by more than its depth. With
        ``is_tight`` cuts have done what they can, so that this is worth its time.
        """
        reach = self._short()
        while not self.run.is_finished():
            columns = self._listed(reach)
            if columns is None:
                least = SEARCHED if self.run.value is None else SHALLOW if is_tight else 1
                if reach <= self._short() / least:
                    return
                reach /= 3
                continue
            limit = self.run.params.time_limit_s * CHOICE_SHARE
            if is_tight:
                limit = max(limit, TIGHT_SHARE * self.run.left_s)
            is_whole = reach >= self._short()
            bound = self._integer(columns, self.run.left_s if is_whole else limit)
            if is_whole and bound == -math.inf and self.run.value is None:
                self.run.refute()
                return
            if bound < math.inf and self.run.value is not None:
                others = -math.inf if reach >= self._short() else self._bound - reach
                self.run.prove(self._whole(max(bound, others, self.run.value)))
                if others == -math.inf:
                    return
            if self._short() > WORTHWHILE * max(reach, self._tried_at):
                return
            self._tried_at = reach = self._short()

    def _short(self) -> float:
        """How far the best plan, or as long as there is none the worst, is from the bound."""
        return self._bound - self.run_value + 1e-6

    def _listed(self, reach: float) -> list[Column] | None:
        """List the routes that a plan within ``reach`` of the bound can have, None if too many."""
        centre = self._centre
        if centre is None or reach == math.inf:
            return None
        cuts = self._cuts(centre)

        def within(pricer: Pricer) -> list[Route] | None:
            best = self._floor(pricer, centre) + self._best[self._type_of[pricer.kind.first]]
            return pricer.enumerate(
                centre.visits, best - reach, best, self._stop, rules=centre.rules, cuts=cuts
            )

        answers = self._ask(within) or [None]
        if sum(math.inf if a is None else len(a) for a in answers) > ENUMERATED_COLUMNS:
            return None
        columns: list[Column] = []
        for pricer, routes in zip(self._pricers, answers, strict=True):
            for route in routes or []:
                if self.run.stop():
                    return None
                columns.append(self._column(pricer, route.choices))
        return columns

    @property
    def run_value(self) -> float:
        """Value of the best plan; as long as there is none, of the worst."""
        return self._worst if self.run.value is None else self.run.value

    def column_of(self, draft: Draft, s: int) -> Column:
        """Give the column of what a shift does."""
        return self._made(s, draft.with_kit[s], draft.choices[s], draft.merits[s])

    def columns_of(self, draft: Draft) -> list[Column]:
        """Read a plan as columns."""
        return [self.column_of(draft, s) for s, choices in enumerate(draft.choices) if choices]

    def choose(
        self,
        columns: Sequence[Column],
        kept: Sequence[Column],
        nodes: int,
        time_s: float = math.inf,
    ) -> None:
        """Offer a choice among columns, beside some that are kept, to the run."""
        self._integer(columns, min(time_s, self.run.left_s), kept, nodes)

    def _integer(
        self, columns: Sequence[Column], time_s: float, kept: Sequence[Column] = (),
        nodes: int | None = None,
    ) -> float:  # fmt: skip
        """Offer the best choice among columns to the run; the bound on any such choice."""
        hint = {column.key for column in self.columns_of(self.run.best)}
        found, bound = chosen(
            self.insertions, self.types, self.run, self._threads, columns, hint,
            time_s=time_s, kept=kept, nodes=nodes,
        )  # fmt: skip
        if found is not None:
            self.run.offer(self._draft(found), "pricing")
        return bound

    def _draft(self, chosen: list[Column]) -> Draft:
        draft = Draft(self.insertions.problem)
        shifts = place(self.insertions.problem, self.types, [(c.type, c.with_kit) for c in chosen])
        for s, column in zip(shifts, chosen, strict=True):
            draft.put(s, column.with_kit, column.choices, column.merit)
        return draft
