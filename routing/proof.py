"""Prove how good a plan is: column generation, integer choice, enumeration inside the gap.

Kelley's Lagrangian bound holds at any duals when pricing is exact; duals are smoothed towards the
best ones seen (Wentges 1997). When the master has converged, only routes whose reduced cost is
within the gap can be in a better plan; when they can all be listed, SCIP closes the gap.
"""

import math
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from routing.bounds import worst_value
from routing.draft import Draft
from routing.insertion import Insertions
from routing.master import Choosing, Column, Duals, Master, lagrangian_bound, shadow_values
from routing.pricing import Detours, Priced, Pricer
from routing.run import PROVEN_GAP, Run
from routing.shift_types import place, shift_types

T = TypeVar("T")

SMOOTHING = 0.5
"""How far the duals stay with the best ones seen."""
CHOICE_COLUMNS = 6_000
"""Columns that the first integer choices are made among."""
ENUMERATED_COLUMNS = 20_000
"""More columns inside the gap are not given to SCIP."""
DEPTHS = 8
"""A list less deep than this part of the gap is not tried."""
SEARCHED = 10_000
"""The same while there is no plan at all: any list that is short enough may have one."""
WORTHWHILE = 0.8
"""Listing is tried again once the gap is this share of what it was."""
FED_COLUMNS = 20_000
"""A master with so many columns takes none from the searches any more."""
CHOICE_SHARE = 0.15
"""Share of the time limit that a choice without proof may take."""
EXACT = 2.0**52
"""Whole numbers below this are exact as floats."""
THREADS = min(4, os.cpu_count() or 1)


class Proof:
    """Bounds, and improves, the best plan of a run."""

    def __init__(self, insertions: Insertions, run: Run) -> None:
        self.insertions, self.run = insertions, run
        self.types = shift_types(insertions.problem)
        self._master = Master(insertions, self.types)
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
        self._threads = ThreadPoolExecutor(THREADS)
        self._reduced = np.zeros(0)
        self._value = 0.0
        self._tried_at = math.inf

    def close(self) -> None:
        """End the threads, and leave what the duals tell with the run."""
        self._stop[0] = True
        if self._centre is not None:
            self.run.shadow = shadow_values(self.run.problem, self.types, self._centre, self._best)
        self._threads.shutdown(wait=True, cancel_futures=True)

    @property
    def is_done(self) -> bool:
        """Whether the gap is small enough and the proof has tried to close it."""
        gap = self.run.gap
        return self._tried_at < math.inf and gap is not None and gap <= PROVEN_GAP

    def attempt(self) -> None:
        """Go through every stage once, as far as clock and limit allow."""
        if not self._pricers and not self._prepare():
            return
        if not all(pricer.is_possible for pricer in self._pricers):
            return
        self._feed()
        if not self._generate() or self.run.is_finished():
            return
        self._choose()
        if not self.run.is_finished() and self._is_worth_listing():
            self._tried_at = self._short()
            self._close_gap()

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

    def _is_worth_listing(self) -> bool:
        """Whether the gap has become so much smaller that listing it may succeed this time."""
        return self._short() < WORTHWHILE * self._tried_at

    def _feed(self) -> None:
        """Add every route that the searches have evaluated since the last time."""
        for shift, with_kit, choices, merit in self.insertions.evaluated():
            if len(self._master.columns) >= FED_COLUMNS or self.run.stop():
                return
            if merit > 0 or self._has_demands:
                self._master.add(self._made(shift, with_kit, choices, merit))

    def _call(self, work: Callable[[], T], interrupt: Callable[[], None]) -> tuple[Future[T], bool]:
        future = self._threads.submit(work)
        return future, self.run.wait([future], interrupt)

    def _generate(self) -> bool:
        """Price until no route gains; whether the master has converged."""
        while True:
            future, _ = self._call(self._master.solve, self._master.interrupt)
            solved = future.result()
            if solved is None or self.run.is_finished():
                return False
            self._value, duals, self._reduced = solved
            if self._bound - self._value <= 1e-7 * (1 + abs(self._value)):
                return True
            self.run.n_solutions += 1
            self.run.n_pricings += 1
            centre = self._centre or duals
            added = self._price(duals.towards(centre, SMOOTHING))
            if added == 0:
                added = self._price(duals)
            if added is None:
                return False
            if added == 0:
                return True

    def _price(self, duals: Duals) -> int | None:
        """Price every type; the number of new columns and cycles, None once told to stop."""
        floors = [
            duals.floor(self.types, self._type_of[p.kind.first], p.with_kit) for p in self._pricers
        ]
        futures = [
            self._threads.submit(pricer.price, duals.visits, floor, self._stop, rules=duals.rules)
            for pricer, floor in zip(self._pricers, floors, strict=True)
        ]
        self.run.wait(futures, self._give_up)
        answers = [future.result() for future in futures]
        if self._stop[0]:
            return None
        self._keep_bound(duals, floors, answers)
        new = sum(answer.has_cycles for answer in answers)
        for pricer, answer in zip(self._pricers, answers, strict=True):
            new += sum(self._master.add(self._column(pricer, r.choices)) for r in answer.routes)
        return new

    def _give_up(self) -> None:
        self._stop[0] = True

    def _column(self, pricer: Pricer, choices: tuple[tuple[int, int], ...]) -> Column:
        merit = self.insertions.merit_of(pricer.kind.first, pricer.with_kit, choices)
        if merit is None:
            raise AssertionError(f"shift {pricer.kind.first}: a priced route is not one: {choices}")
        return self._made(pricer.kind.first, pricer.with_kit, choices, merit)

    def _made(
        self, shift: int, with_kit: bool, choices: tuple[tuple[int, int], ...], merit: int
    ) -> Column:
        amounts = self.insertions.amounts_of(shift, with_kit, choices)
        return Column(self.types.type_of[shift], with_kit, choices, merit, amounts)

    def _keep_bound(self, duals: Duals, floors: list[float], answers: list[Priced]) -> None:
        best = [answer.best for answer in answers]
        if any(value is None for value in best):
            return
        surplus = [0.0] * len(self.types.types)
        above = [max(0.0, b - f) for b, f in zip(best, floors, strict=True) if b is not None]
        for pricer, gain in zip(self._pricers, above, strict=True):
            t = self._type_of[pricer.kind.first]
            surplus[t] = max(surplus[t], gain)
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
        room = math.inf if self.run.value is None else self._value - self.run.value
        order = np.argsort(-self._reduced, kind="stable")[:CHOICE_COLUMNS]
        columns = [self._master.columns[i] for i in order if self._reduced[i] >= -room - 1e-6]
        limit = self.run.params.time_limit_s * CHOICE_SHARE
        self._integer(columns, self.run.left_s if self.run.slice_limit() else limit)

    def _close_gap(self) -> None:
        """List every route that a better plan can have, and choose among them with proof.

        While these are too many, a list less deep gives good plans; they make the gap smaller.
        """
        reach = self._short()
        while not self.run.is_finished():
            columns = self._listed(reach)
            if columns is None:
                if reach < self._short() / (DEPTHS if self.run.value is not None else SEARCHED):
                    return
                reach /= 3
                continue
            limit = self.run.params.time_limit_s * CHOICE_SHARE
            is_whole = reach >= self._short()
            bound = self._integer(columns, self.run.left_s if is_whole else limit)
            if is_whole and bound == -math.inf and self.run.value is None:
                self.run.refute()
                return
            if reach >= self._short() and bound < math.inf:
                self.run.prove(self._whole(max(bound, self.run.value or -math.inf)))
                return
            if self._short() > WORTHWHILE * max(reach, self._tried_at):
                return
            self._tried_at = reach = self._short()

    def _short(self) -> float:
        """How far the best plan, or as long as there is none the worst, is from the bound."""
        value = self._worst if self.run.value is None else self.run.value
        return self._bound - value + 1e-6

    def _listed(self, reach: float) -> list[Column] | None:
        """List the routes that a plan within ``reach`` of the bound can have, None if too many."""
        centre = self._centre
        if centre is None or reach == math.inf:
            return None
        futures = []
        for pricer in self._pricers:
            t = self._type_of[pricer.kind.first]
            floor = centre.floor(self.types, t, pricer.with_kit)
            best = floor + self._best[t]
            futures.append(
                self._threads.submit(
                    pricer.enumerate,
                    centre.visits,
                    best - reach,
                    best,
                    self._stop,
                    rules=centre.rules,
                )
            )
        self.run.wait(futures, self._give_up)
        answers = [future.result() for future in futures]
        if sum(math.inf if a is None else len(a) for a in answers) > ENUMERATED_COLUMNS:
            return None
        columns: list[Column] = []
        for pricer, routes in zip(self._pricers, answers, strict=True):
            for route in routes or []:
                if self.run.stop():
                    return None
                columns.append(self._column(pricer, route.choices))
        return columns

    def _integer(self, columns: list[Column], time_s: float) -> float:
        """Offer the best choice among columns to the run; the bound on any such choice."""
        best = self.run.best
        hint = {
            self._made(s, best.with_kit[s], choices, best.merits[s]).key
            for s, choices in enumerate(best.choices)
            if choices
        }
        choosing = Choosing(self.insertions, self.types, columns, hint)
        future, _ = self._call(lambda: choosing.solve(time_s), choosing.interrupt)
        chosen, bound = future.result()
        if chosen is not None:
            self.run.offer(self._draft(chosen))
        return bound

    def _draft(self, chosen: list[Column]) -> Draft:
        draft = Draft(self.insertions.problem)
        shifts = place(self.insertions.problem, self.types, [(c.type, c.with_kit) for c in chosen])
        for s, column in zip(shifts, chosen, strict=True):
            draft.put(s, column.with_kit, column.choices, column.merit)
        return draft
