"""Prove how good a plan with nights out is, and improve it: column generation over whole tours.

As ``proof.py``, with tours of several days among the columns. The types of touring teams are told
apart by day, so a tour takes up one shift of the type of each of its days. For any duals a plan is
worth at most the duals of all rows plus, for each team, the best set of tours that share no day,
each at what it is worth beyond the duals it pays (Lagrange).

The plan gets better by freeing a few tours at a time: what they could do instead is priced, and
SCIP chooses among that.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from routing.bounds import prize_bound
from routing.columns.choice import chosen
from routing.columns.detours import Detours
from routing.columns.layout import Floats
from routing.columns.master import Column, Duals, lagrangian_bound
from routing.columns.pricing import Priced, Pricer, Route
from routing.columns.proof import (
    CHOICE_COLUMNS,
    FED_COLUMNS,
    FEW_ROUTES,
    SHALLOW,
    SMOOTHING,
    TIGHT_SHARE,
    WORTHWHILE,
    Proof,
    Seen,
)
from routing.draft import Draft
from routing.insertion import Insertions
from routing.run import Run
from routing.shift_types import ShiftType, ShiftTypes, home_kinds, shift_types
from routing.tours.tour import Tour, make_tour, tours_of
from routing.tours.tour_branching import Split, best_split
from routing.tours.tour_choice import AlikeDays
from routing.tours.tour_cycles import forbid_cycles
from routing.tours.tour_groups import TeamGroup, best_packing, deal, team_groups, with_weeks
from routing.tours.tour_master import FRACTION, Node, Place, TourDuals, TourMaster, limits_worth
from routing.tours.tour_neighbourhood import TourNeighbourhoods
from routing.tours.tour_pricing import (
    LABEL_CAP,
    LISTED,
    LISTED_LABELS,
    PricedTour,
    PricedTours,
    TourPricer,
)
from routing.tours.tour_weeks import highest

BARRED = 1e9
"""Price of a visit or day that a call may not use."""
CLOSE = 2e-4
"""The master has converged once its bound is this share above its value."""
QUICK_ROUNDS = 60
"""Most rounds of quick pricing before an exact one."""
QUICK_AGAIN = 8
"""The same in a part of the plans."""
SLOW, SLOW_ROUNDS = 1e-4, 10
"""Quick pricing ends after so many rounds that raised the LP by no more than this share."""
GENERATED_SHARE = 0.1, 0.5
"""Share of the time limit for pricing in one turn; as long as its own part of the gap is large."""
SETTLED = 0.1
"""Part of the gap that is not: a choice among what was found comes first then."""
CHOSEN_SHARE = 0.06
"""Share of the time limit for one choice among all columns."""
EARLY_ROUNDS, EARLY_SHARE = 8, 0.02
"""The same in between, after so many quick rounds."""
NODE_COLUMNS = 1_500
"""Columns that a choice is made among where all days are alike; SCIP often ends with so few."""
EARLY_LABELS = 20_000
"""Labels that the first bound may take; what it has with too few of them is loose, but holds."""
FLOOR_SHARE = 0.3, 0.03
"""Share of the way from LP to bound that an exact call may leave: lesser tours wait; once the one
before found hardly any.
"""
SOUGHT_LABELS = 100_000
"""Labels that it may take to see that no better plan has a tour."""
MOST_CAUTION = 0.9
"""Duals that stay so near to others are not tried again nearer, whatever labels they take."""
HARDLY = 0.03
"""Part of what lies open that a bound at such duals falls by at least, to be worth another."""
CUTTING = 3
"""Rounds of cuts before cycles are forbidden, and once more before the first split."""
DEEPEST = 0.005, 0.1
"""No list is tried of all that a plan can have which is short of the bound by more than this; where
days differ.
"""
CHEAP = 20_000
"""Labels of an exact call that takes no longer than sampling; then cycles are forbidden at once."""
RIPE = 0.5
"""Part of what lies between LP and plan that may be open when a split is first thought of."""
AGAIN = 0.7
"""It is thought of again once so much of that is open still."""
BEHIND = 0.7
"""A node is left for another that is farther from the plan when it is nearer by this factor."""
FREED_ROUNDS = 4
"""Times in one turn that some tours are planned anew when the work is limited."""
FREED_SHARE = 0.35, 0.2
"""Share of the time limit for that in one turn; while most of the gap is the LP's."""
FREED_PATIENCE = 10
"""Times in a row that it may bring no better plan, before the bound is worked on again."""


class _Priced(NamedTuple):
    """The best bound of all plans, or of a node, and what was found with it.

    ``of_days`` is what the best day of each type is worth beyond its price, and ``spans`` for each
    group what ``best_packing`` packed.
    """

    duals: TourDuals
    of_days: list[float]
    bound: float
    spans: list[Floats]


class TourProof(Proof):
    """Bounds, and improves, the best plan of a run whose teams may stay out.

    ``found`` lists the tours that a search has come past since it was asked last.
    """

    cuts_fives = False  # labels of whole tours have many cuts begun as it is

    def __init__(
        self, insertions: Insertions, types: ShiftTypes, run: Run, threads: ThreadPoolExecutor,
        found: Callable[[], Iterable[Tour]] = tuple,
    ) -> None:  # fmt: skip
        super().__init__(insertions, types, run, threads)
        self._found = found
        self.groups = team_groups(run.problem, self.types)
        self._most_tours = max(1, sum(len(g.teams) * (len(g.types) // 2) for g in self.groups))
        self._tour_pricers: list[tuple[TeamGroup, TourPricer]] = []
        self._served: list[list[int]] = []
        self._tour_neighbourhoods = TourNeighbourhoods(self, run.params.seed)
        self._quick, self._n_slow = QUICK_ROUNDS, 0
        self._node, self._nodes = Node(), list[Node]()
        self._is_near = self._makes_few = self._is_cheap = self._is_uniform = False
        self._has_freed = False
        self._cuts_left = CUTTING
        self._over: tuple[int, ...] = ()
        self._caution = 0.0
        self._left = -np.inf
        self._split: Split | None = None
        self._tried_split = np.inf
        self._priced: _Priced | None = None
        self._whole_week: _Priced | None = None
        self._sought = np.inf
        self._days_only: Proof | None = None

    def close(self) -> None:
        """End the threads, and leave what the duals of the whole week tell with the run."""
        self._centre = None
        if self._whole_week is not None:
            self._centre, self._best = self._whole_week.duals, self._whole_week.of_days
        super().close()
        if self._days_only is not None:
            self._days_only.close()

    @property
    def is_done(self) -> bool:
        """Whether no better plan can exist."""
        return self.run.is_closed or (self._days_only is not None and self._days_only.is_done)

    def attempt(self, routes: Iterable[Seen] = ()) -> None:
        """Go through every stage once, as far as clock and limit allow."""
        if self._days_only is None:
            if not self._work_on_tours(routes):
                return
            if self._needs_no_tour():
                self._days_only = self._without_tours()
        if self._days_only is None:
            self._free_tours()
            self._has_freed = True
        else:
            self._days_only.attempt(routes)

    def _work_on_tours(self, routes: Iterable[Seen]) -> bool:
        """Price days and tours and choose among all of them; whether to go on with that plan."""
        if not self._tour_pricers and not self._prepare():
            return False
        if not all(pricer.is_possible for pricer in self._pricers):
            return False
        self._feed(routes)
        for tour in self._found():
            if len(self.master.columns) >= FED_COLUMNS or self.run.stop():
                break
            self.master.add(self._tour_column(tour))
        for column in self.columns_of(self.run.best):
            self.master.add(column)
        self._generate()
        if not self.run.is_finished():
            self._choose(most=NODE_COLUMNS if self._is_uniform else CHOICE_COLUMNS)
        return not self.run.is_finished()

    def _listed(self, reach: float) -> list[Column] | None:
        """List the days and tours that a plan within ``reach`` of the bound can have."""
        priced = self._priced
        if priced is None:
            return None
        visits, rules = priced.duals.visits, priced.duals.rules
        cuts = self._cuts(priced.duals)

        def days_within(pricer: Pricer, served: list[int]) -> list[Route] | None:
            best = min(self._highest(priced, t, pricer.with_kit) for t in served)
            return pricer.enumerate(visits, best - reach, best, self._stop, rules=rules, cuts=cuts)

        def tours_within(group: TeamGroup, pricer: TourPricer) -> list[PricedTour] | None:
            g, entry = self.groups.index(group), self._entry(priced.duals, group, pricer.with_kit)
            spans, nights = priced.spans[g], priced.duals.nights[g]
            best = float(spans[np.triu_indices_from(spans, 1)].max(initial=0.0))
            if group.is_week:
                entry, best = np.diff(highest(spans[0]), prepend=0.0), 0.0
            return pricer.enumerate(
                visits, entry, -reach, best, self._stop, rules, nights=nights, cuts=cuts,
                cap=LISTED_LABELS if self._is_uniform else LABEL_CAP,
            )  # fmt: skip

        asked = zip(self._pricers, self._served, strict=True)
        days = [self._threads.submit(days_within, *both) for both in asked]
        tours = [self._threads.submit(tours_within, *both) for both in self._tour_pricers]
        self.run.wait([*days, *tours], self._give_up)
        if self._stop[0]:
            return None
        return self._within([x.result() for x in days], [x.result() for x in tours])

    def _within(
        self, days: Sequence[list[Route] | None], tours: Sequence[list[PricedTour] | None]
    ) -> list[Column] | None:
        """Make columns of what was listed, unless it is too much."""
        if sum(np.inf if found is None else len(found) for found in (*days, *tours)) > LISTED:
            return None
        columns: list[Column] = []
        for pricer, served, routes in zip(self._pricers, self._served, days, strict=True):
            for route in routes or ():
                columns += [self._day_column(t, pricer, route) for t in served]
        for (group, tour_pricer), found in zip(self._tour_pricers, tours, strict=True):
            for tour in found or ():
                if self.run.stop():
                    return None
                if any(tour.choices):
                    columns.append(self._column_of(group, tour_pricer, tour))
        return columns

    def _highest(self, week: "_Priced", t: int, with_kit: bool) -> float:
        """Say what no day of a type is worth more than, and in a best week as much."""
        for group, spans in zip(self.groups, week.spans, strict=True):
            if group.is_week and group.types[0] == t:
                return float(highest(spans[0])[0])
        return week.duals.floor(self.types, t, with_kit) + week.of_days[t]

    def _needs_no_tour(self) -> bool:
        """Whether every plan better than the best one is of days from base to base only.

        A plan is worth at most the bound of the whole week and what any tour of it is short of the
        duals that this bound was found at.
        """
        if self._whole_week is None or self.run.value is None or self.run.best.tours:
            return False
        duals = self._whole_week.duals
        short = self._whole_week.bound - self.run.value + 1e-6
        if short >= WORTHWHILE * self._sought:
            return False
        self._sought, cuts = short, self._cuts(duals)
        answers = [
            self._threads.submit(
                pricer.price, duals.visits, self._entry(duals, group, pricer.with_kit), -short,
                self._stop, duals.rules, cuts=cuts, cap=SOUGHT_LABELS,
            )
            for group, pricer in self._tour_pricers
        ]  # fmt: skip
        self.run.wait(answers, self._give_up)
        spans = [future.result().spans for future in answers]
        return not self._stop[0] and all(x is not None and x.max() <= -short for x in spans)

    def _without_tours(self) -> Proof:
        """Prove, and improve, plans without tours, where days that are alike count as one type."""
        types = shift_types(self.run.problem, has_tours=False)
        proof = Proof(self.insertions, types, self.run, self._threads)
        for column in self.master.columns:
            if column.tour is None:
                t = types.type_of[self.types.types[column.type].first]
                proof.master.add(replace(column, type=t))
        return proof

    def _prepare(self) -> bool:
        """Make the pricers: one for all days alike, one for the tours of each group."""
        problem, known = self.run.problem, Detours(self._stop)
        kinds = home_kinds(problem)
        alike: dict[tuple[int, bool], list[int]] = defaultdict(list)
        for t, kind in enumerate(self.types.types):
            shift = problem.shifts[kind.first]
            if shift.starts_tour and shift.serves:
                for kit in kind.kits:
                    alike[kinds[kind.first], kit].append(t)
        futures: list[Future[Pricer | None] | Future[TourPricer | None]] = []
        for (_, kit), served in alike.items():
            kind = ShiftType((self.types.types[served[0]].first,), None)
            futures.append(self._threads.submit(self._day_pricer, kind, kit, known))
        asked = [(group, kit) for group in self.groups for kit in self._kits(group)]
        futures += [self._threads.submit(self._tour_pricer, group, kit) for group, kit in asked]
        if not self.run.wait(futures, self._give_up):
            return False
        made = [future.result() for future in futures]
        self._pricers = [pricer for pricer in made if isinstance(pricer, Pricer)]
        self._served = list(alike.values())
        tours = [pricer for pricer in made if isinstance(pricer, TourPricer)]
        self._tour_pricers = list(zip((group for group, _ in asked), tours, strict=True))
        self._merge_days()
        penalty = 10.0 * (1 + prize_bound(problem) - self._worst)
        self._tour_master = self.master = TourMaster(
            self.insertions, self.types, self.groups, penalty
        )
        return True

    def _merge_days(self) -> None:
        """Take days that are all alike for one type."""
        before, pricers = self.types, self._tour_pricers
        uniform = [
            group
            for group in self.groups
            if all(p.is_uniform for other, p in pricers if other is group)
        ]
        self.types = with_weeks(self.run.problem, before, uniform)
        groups = team_groups(self.run.problem, self.types)
        self._tour_pricers = [(groups[self.groups.index(group)], p) for group, p in pricers]
        self.groups = groups
        for group, pricer in self._tour_pricers:
            pricer.by_length = group.is_week
        self._is_uniform = all(group.is_week for group in groups)
        # Of which type a shift was, and is.
        types = {before.type_of[s]: t for s, t in enumerate(self.types.type_of)}
        self._served = [sorted({types[t] for t in served}) for served in self._served]

    def _day_pricer(self, kind: ShiftType, kit: bool, known: Detours) -> Pricer | None:
        """Make a pricer, unless told to stop."""
        return None if self._stop[0] else Pricer(self.insertions, kind, kit, known)

    def _tour_pricer(self, group: TeamGroup, kit: bool) -> TourPricer | None:
        """Make a pricer, unless told to stop."""
        return None if self._stop[0] else TourPricer(self.insertions, group.first, kit, self._stop)

    def _kits(self, group: TeamGroup) -> Iterator[bool]:
        yield False
        pools = [self.run.problem.shifts[s].kit_pool for s in group.first]
        if any(p is not None and self.run.problem.kit_pools[p].capacity for p in pools):
            yield True

    def columns_of(self, draft: Draft) -> list[Column]:
        """Read a plan as columns."""
        found = [self._tour_column(tour) for tour in tours_of(draft)]
        for s, choices in enumerate(draft.choices):
            if choices and not draft.stages[s].is_away:
                found.append(self._made(s, draft.with_kit[s], choices, draft.merits[s]))
        return found

    def _tour_column(self, tour: Tour) -> Column:
        days = tuple(self.types.type_of[stage.shift] for stage in tour.stages)
        parts = [
            self.insertions.amounts_of(self.insertions.at(stage), tour.with_kit, choices)
            for stage, choices in zip(tour.stages, tour.choices, strict=True)
        ]
        amounts = tuple(sum(of_row) for of_row in zip(*parts, strict=True))
        choices = tuple(choice for day in tour.choices for choice in day)
        return Column(days[0], tour.with_kit, choices, tour.merit, amounts, days, tour)

    def _generate(self) -> bool:
        """Price for a share of the time, quickly at first; whether no route or tour gains more."""
        is_first, is_new = self._bound == np.inf, False
        least, most = map(self.run.slice_end, GENERATED_SHARE)
        while not self.run.is_finished():
            # Where calls are cheap the LP is listed, split or cut before the plan has its turn, if
            # it has converged or a list may close the gap.
            is_swift = self._makes_few and not self._is_uniform
            is_new |= is_swift and (self._is_converged() or self._is_worth_listing())
            is_settled = not is_new and not self._is_open(SETTLED)
            if not is_first and (most() or (is_settled and least())):
                break
            if self._quick:
                self._quick = self._quick - 1 if self._price_quickly() else 0
                if self._bound == np.inf and self._quick % EARLY_ROUNDS == 1:
                    self._start()
                continue
            added = None if self._is_fathomed() else self._price_exactly()
            if added is None and self._stop[0]:
                return False
            if is_first and self.run.slice_limit() is not None:
                return False  # the rest of the work is for a plan: a close bound takes more
            is_first, is_new = False, not added or self._unanswered() is not None
            if is_new and not self._branch():
                return True
            if added and self._is_behind():
                self._nodes.append(Node(self._bound, self._node.limits))
                self._take_node()
        return False

    def _is_open(self, share: float = 0.5) -> bool:
        """Whether so much of the gap is the LP's; then a better plan would not close it.

        So it is with what branching takes off where all days are alike, once it has begun and plans
        had their turn.
        """
        bound = self._bound
        if self._is_uniform and self._has_freed and self._node.limits:
            return True
        return bound == np.inf or bound - self._solved.value > share * self._short()

    def _is_behind(self) -> bool:
        """Whether another node is what bounds, by far."""
        if not (self._is_uniform and self._nodes) or self.run.value is None:
            return False
        return self._short() < BEHIND * (max(n.bound for n in self._nodes) - self.run.value)

    def _start(self) -> None:
        """Give a first bound, however loose, and choose among tours that are good already."""
        if (duals := self.tour_duals()) is not None:
            self._price_round(duals, is_exact=True, cap=EARLY_LABELS)
        if self._is_cheap:
            self._quick = 0
        if not self.run.is_finished():
            self._choose(EARLY_SHARE)

    def _is_fathomed(self) -> bool:
        """Whether no plan of the node at hand is better than the best one."""
        return self.run.value is not None and self._whole(self._bound) <= self.run.value

    def _branch(self) -> bool:
        """Cut off the LP's solution or split the node at hand, and go on with the best one left."""
        if self._is_uniform and not self._is_fathomed():
            self._choose(EARLY_SHARE, NODE_COLUMNS)
        self._close_node()
        if not self._is_fathomed():
            found, is_first = self._place_to_split()
            if found is not None and is_first:
                self._nodes += self._node.parts(*found, self._bound)
            elif self._changes_lp(may_split=found is not None):
                self._nodes.append(Node(self._bound, self._node.limits))
            elif found is not None:
                self._nodes += self._node.parts(*found, self._bound)
            elif self._cut():
                self._nodes.append(Node(self._bound, self._node.limits))
            else:
                self._left = max(self._left, self._bound)
        return self._take_node()

    def _take_node(self) -> bool:
        """Go on with the node that bounds; whether there is one that can be split."""
        self._nodes.sort(key=lambda node: node.bound)
        if not self._nodes or self._nodes[-1].bound <= self._left:
            # Nothing more to split: what is left stays as it is.
            self._node, self._bound = Node(self._left), self._left
            self._prove()
            return False
        self._node = self._nodes.pop()
        self._bound, self._centre, self._priced = self._node.bound, None, None
        self._quick, self._n_slow, self._is_near, self._over = QUICK_AGAIN, 0, False, ()
        self._split, self._tried_split, self._caution = None, np.inf, 0.0
        self._prove()
        self._tour_master.limit(self._node.limits)
        return True

    def _place_to_split(self) -> tuple[tuple[Place, float] | None, bool]:
        """Give the count to split at, and whether that comes before anything else.

        So it is where the LP has a part of a tour and no whole one, and where a call for a group of
        whose tours it has none had too many labels.
        """
        if (unanswered := self._unanswered()) is not None:
            return (unanswered, 0.5), True
        if self._is_uniform:
            split = self._split or best_split(
                self._tour_master, self._node, self._solved, self.master_solution
            )
            return None if split is None else (split.place, split.number), False
        found = self._tour_master.fractional(self._solved.weights)
        return found, found is not None and self._tour_master.is_first(*found)

    def _unanswered(self) -> Place | None:
        """Give the number of all tours of a group that the last exact call had too many labels for.

        Only where the LP has none of its tours: split at whether there is one at all.
        """
        made = self._tour_master.tours_made(self._solved.weights)
        for g in self._over:
            place = g, self._tour_master.n_days
            if place not in self._node.limits and made[g] < FRACTION:
                return place
        return None

    def _is_converged(self) -> bool:
        return self._bound - self._solved.value <= CLOSE * (1 + abs(self._solved.value))

    def _is_ripe(self) -> bool:
        """Whether a split lowers the bound by more than what the LP may still rise.

        Where all days are alike; tried again once little is left of what it may rise.
        """
        value, open_ = self.run.value, self._bound - self._solved.value
        if not self._is_uniform or value is None or self._is_fathomed():
            return False
        room = min(RIPE * (self._solved.value - value), AGAIN * self._tried_split)
        if open_ > room:
            return False
        self._tried_split = open_
        self._split = best_split(self._tour_master, self._node, self._solved, self.master_solution)
        return self._split is not None and open_ < self._solved.value - self._split.value

    def _changes_lp(self, *, may_split: bool) -> bool:
        """Forbid cycles or cut, where that comes before a split."""
        # Lengths of tours are few, and splitting lowers the bound most; nights of days are not.
        if self._is_uniform and may_split:
            return False
        if not self._is_uniform:
            if self._makes_few and self._forbid_cycles():
                return True
            if self._cuts_left > 0 and self._cut():
                self._cuts_left -= 1
                return True
        if self._forbid_cycles():
            self._cuts_left = CUTTING
            return True
        return False

    def _forbid_cycles(self) -> bool:
        """Forbid the cycles of the LP's solution; whether there are any."""
        return forbid_cycles(self.master, self._tour_pricers, self._solved.weights) > 0

    def _close_node(self) -> None:
        """Choose with proof among all that a better plan of the node can have, if not too much.

        If it is, a list that stops short of that bounds less: a plan with what is not on it falls
        short of the bound by more than its depth.
        """
        value, priced = self.run.value, self._priced
        if value is None or priced is None or self._is_fathomed():
            return
        if not self._is_worth_listing():
            return
        self._tried_at = reach = short = self._short()
        while reach > short / SHALLOW and not self.run.is_finished():
            columns = self._listed(reach)
            if columns is not None:
                bound = self._choose_listed(columns)
                others = -np.inf if reach >= short else priced.bound - reach
                self._bound = min(self._bound, max(bound, others, self.run_value))
                return
            # Near the bound of a part a list is shorter: one that is too long waits for it.
            if self._is_uniform or self._place_to_split()[1]:
                return
            reach /= 3

    def _is_worth_listing(self) -> bool:
        """Whether the bound of the node is so much nearer to the plan than at the last try."""
        deepest = DEEPEST[not self._is_uniform] * (1 + abs(self.run_value))
        return self._short() < WORTHWHILE * min(self._tried_at, deepest)

    def _choose_listed(self, columns: list[Column]) -> float:
        """Offer the best choice among listed columns to the run; the bound on any such choice."""
        if self.types.weeks:
            return self._integer(columns, self._choice_s(CHOSEN_SHARE))
        limit_s = TIGHT_SHARE * self.run.left_s
        alike = AlikeDays(self.types, shift_types(self.run.problem, has_tours=False), columns)
        hint = alike.keys_of(self.columns_of(self.run.best))
        found, bound = chosen(
            self.insertions, alike.home, self.run, self._threads, alike.columns, hint,
            time_s=limit_s,
        )  # fmt: skip
        if found is not None:
            self._integer(alike.members(found), limit_s)
        return bound

    def _price_quickly(self) -> bool:
        """Price without a bound; whether that goes on to be worth it."""
        before = self._solved.value
        solved = self.tour_duals()
        if solved is None:
            return False
        slow = self._solved.value - before <= SLOW * (1 + abs(self._solved.value))
        self._n_slow = self._n_slow + 1 if slow else 0
        added = self._price_round(solved)
        if self._bound < np.inf and added is not None and added < FEW_ROUTES:
            added = self._price_round(solved, may_return=True)
        return self._n_slow < SLOW_ROUNDS and added is not None and added >= FEW_ROUTES

    def _price_exactly(self) -> int | None:
        """Price with a bound; new columns, 0 once converged, None when told to stop."""
        solved = self.tour_duals()
        if solved is None:
            return None
        if self._is_converged() or self._is_ripe():
            return 0
        before = self._bound
        centre = self._centre or solved
        share, was_near = max(SMOOTHING, self._caution), self._is_near
        added = self._price_round(solved.towards(centre, share), is_exact=True)
        if self._grows_cautious():
            return 1
        if added == 0 and centre is not solved and not self._caution:
            added = self._price_round(solved, is_exact=True)
        # Most tours that an exact call finds make a visit twice: sampling goes on, if it helps.
        self._quick, self._n_slow = 0 if self._is_cheap else QUICK_AGAIN, SLOW_ROUNDS - 1
        # Where nothing was found above the floor the next one is lower.
        return int(self._falls(before, was_near=was_near)) if added == 0 else added

    def _falls(self, before: float, *, was_near: bool) -> bool:
        """Whether an exact call that found nothing lets the next one bound lower."""
        if not self._caution:
            return self._bound < before
        least = HARDLY * (before - self._solved.value)
        return before - self._bound > least or (self._is_near and not was_near)

    def _grows_cautious(self) -> bool:
        """Stay nearer to duals of a bound where a call had too many labels; whether that is of use.

        With no duals of the node's own these are those of the whole week: any bound.
        """
        has_other_ways = not self._over or self._is_uniform or self._unanswered() is not None
        if has_other_ways or self._whole_week is None or self._caution >= MOST_CAUTION:
            return False
        self._centre = self._centre or self._whole_week.duals
        self._caution = (1 + self._caution) / 2
        return True

    def tour_duals(self) -> TourDuals | None:
        """Solve the LP; None once it is time to stop, or GLOP fails."""
        solved = self.master_solution()
        if solved is None or self.run.is_finished():
            return None
        self._solved = solved
        self.run.n_solutions += 1
        self.run.n_pricings += 1
        duals, lengths = solved.duals, self._tour_master.lengths()
        of_types = duals.types.copy()
        for g, group in enumerate(self.groups):
            if group.is_week:
                of_types[group.types[0]] = lengths[g, 0]
        return TourDuals(
            duals.visits, of_types, duals.kits, duals.rules, duals.cuts,
            self._tour_master.nights(), lengths,
        )  # fmt: skip

    def _entry(self, duals: TourDuals, group: TeamGroup, with_kit: bool) -> Floats:
        """Price of each day of a group's teams; days without a pool allow no kit."""
        if group.is_week:
            lengths = duals.lengths[self.groups.index(group), : len(group.types)]
            return np.diff(lengths, prepend=0.0)
        shifts = self.run.problem.shifts
        return np.array(
            [
                BARRED
                if with_kit and shifts[s].kit_pool is None
                else duals.floor(self.types, t, with_kit)
                for s, t in zip(group.first, group.types, strict=True)
            ]
        )

    def _price_round(
        self, duals: TourDuals, *, is_exact: bool = False, may_return: bool = False,
        cap: int = LABEL_CAP,
    ) -> int | None:  # fmt: skip
        """Price all days and tours; the number of new columns, None when stopped."""
        floors = [
            min(duals.floor(self.types, t, pricer.with_kit) for t in served)
            for pricer, served in zip(self._pricers, self._served, strict=True)
        ]
        cuts, open_ = self._cuts(duals), max(0.0, self._bound - self._solved.value)
        is_closing = is_exact and open_ < np.inf
        share = FLOOR_SHARE[self._is_near or self._is_cheap]
        floor = share * open_ / self._most_tours if is_closing else 0.0

        def ask(group: TeamGroup, pricer: TourPricer) -> PricedTours:
            entry = self._entry(duals, group, pricer.with_kit)
            nights = duals.nights[self.groups.index(group)]
            asked = duals.visits, entry, floor, self._stop, duals.rules
            if is_exact and self._is_cheap:
                return pricer.price(*asked, nights=nights, cuts=cuts, cap=cap)
            if is_exact:
                return pricer.bound(*asked, nights=nights, cuts=cuts, cap=cap)
            return pricer.sample(*asked, nights=nights, cuts=cuts, may_return=may_return)

        tours = [self._threads.submit(ask, group, pricer) for group, pricer in self._tour_pricers]
        days = [
            self._threads.submit(
                pricer.price, duals.visits, floor, self._stop, rules=duals.rules, cuts=cuts
            )
            for pricer, floor in zip(self._pricers, floors, strict=True)
        ]
        self.run.wait([*days, *tours], self._give_up)
        day_answers = [future.result() for future in days]
        tour_answers = [future.result() for future in tours]
        if self._stop[0]:
            return None
        if is_exact:
            self._keep_tour_bound(duals, day_answers, tour_answers)
        new = self._take_days(duals, day_answers) + self._take_tours(tour_answers)
        if is_exact:
            is_whole = all(answer.n_labels >= 0 for answer in tour_answers)
            self._makes_few = all(0 <= answer.n_labels <= CHEAP for answer in tour_answers)
            self._is_cheap = self._is_uniform and self._makes_few
            self._is_near = is_whole and new < FEW_ROUTES
            asked = zip(self._tour_pricers, tour_answers, strict=True)
            self._over = tuple(
                {self.groups.index(group): 0 for (group, _), answer in asked if answer.n_labels < 0}
            )
        return new

    def _take_days(self, duals: Duals, answers: Sequence[Priced]) -> int:
        new = sum(answer.has_cycles for answer in answers)
        for pricer, served, answer in zip(self._pricers, self._served, answers, strict=True):
            if not answer.routes:
                continue
            cheapest = min(served, key=lambda t: duals.floor(self.types, t, pricer.with_kit))
            for route in answer.routes:
                new += self.master.add(self._day_column(cheapest, pricer, route))
        return new

    def _day_column(self, t: int, pricer: Pricer, route: Route) -> Column:
        first = self.types.types[t].first
        merit = self.insertions.merit_of(first, pricer.with_kit, route.choices)
        if merit is None:
            raise AssertionError(f"shift {first}: a priced route is not one: {route}")
        return self._made(first, pricer.with_kit, route.choices, merit)

    def _take_tours(self, answers: Sequence[PricedTours]) -> int:
        new = 0
        for (group, pricer), answer in zip(self._tour_pricers, answers, strict=True):
            for priced in answer.tours:
                # Where a branch asks for nights a tour without visits may gain; no plan needs one.
                if any(priced.choices):
                    new += self.master.add(self._column_of(group, pricer, priced))
        return new

    def _column_of(self, group: TeamGroup, pricer: TourPricer, priced: PricedTour) -> Column:
        days = group.first[priced.first : priced.first + len(priced.choices)]
        tour = make_tour(self.insertions, days, priced.sleeps, pricer.with_kit, priced.choices)
        if tour is None:
            raise AssertionError(f"shift {days[0]}: a priced tour is not one: {priced}")
        return self._tour_column(tour)

    def _keep_tour_bound(
        self, duals: TourDuals, days: Sequence[Priced], tours: Sequence[PricedTours]
    ) -> None:
        """Keep the bound at these duals if every call answered."""
        if any(answer.best is None for answer in days) or any(x.spans is None for x in tours):
            return
        surplus = [0.0] * len(self.types.types)
        for pricer, served, answer in zip(self._pricers, self._served, days, strict=True):
            for t in served:
                above = (answer.best or 0.0) - duals.floor(self.types, t, pricer.with_kit)
                surplus[t] = max(surplus[t], above)
        of_days, packed = list(surplus), []
        for g, group in enumerate(self.groups):
            spans = self._spans(group, tours)
            np.fill_diagonal(spans, [surplus[t] for t in group.types])
            for t in group.types:
                # What days all alike are worth is in the packing.
                surplus[t] = -float(duals.types[t]) if group.is_week else 0.0
            if group.is_week:
                for n, price in enumerate(duals.lengths[g, : len(spans)]):
                    spans += np.diag(np.full(len(spans) - n, price), n)
            packed.append(spans)
        extra = sum(
            len(group.teams) * best_packing(spans)
            for group, spans in zip(self.groups, packed, strict=True)
        )
        bound = lagrangian_bound(self.types, duals, surplus, self.run.problem.rows) + extra
        bound += limits_worth(self._node.limits, duals.nights)
        if bound < self._bound:
            # A bound from the completion table alone is found at duals far from the best.
            is_close = all(answer.n_labels >= 0 for answer in tours)
            self._bound, self._centre = bound, duals if is_close else None
            self._priced = _Priced(duals, of_days, bound, packed)
            if not self._node.limits:
                self._whole_week = self._priced
            self._prove()

    def _prove(self) -> None:
        """Tell what no plan exceeds: the greatest bound of all nodes."""
        bound = max([self._bound, self._left, *(node.bound for node in self._nodes)])
        if bound < self._worst and self.run.value is None:
            self.run.refute()
        else:
            self.run.prove(self._whole(max(bound, self.run.value or -np.inf)))

    def _spans(self, group: TeamGroup, answers: Sequence[PricedTours]) -> Floats:
        """Best surplus of a team's tours from day to day, with or without a kit, at least 0."""
        spans = np.zeros((len(group.types),) * 2)
        for (other, _), answer in zip(self._tour_pricers, answers, strict=True):
            if other is group and answer.spans is not None:
                spans = np.maximum(spans, answer.spans)
        return spans

    def _choose(self, share: float = CHOSEN_SHARE, most: int = CHOICE_COLUMNS) -> None:
        """Choose, for a share of the time, among the columns that can be in a better plan."""
        if self.tour_duals() is None:
            return
        room = np.inf if self.run.value is None else self._solved.value - self.run.value
        order = np.argsort(-self._solved.reduced, kind="stable")
        columns = [self.master.columns[i] for i in order if self._solved.reduced[i] >= -room - 1e-6]
        columns = [c for c in columns if not c.has_cycle][:most]
        known = {column.key for column in columns}
        best = [c for c in self.columns_of(self.run.best) if c.key not in known]
        self._integer([*columns, *best], self._choice_s(share))

    def _choice_s(self, share: float) -> float:
        """Give the seconds that a choice may take: a share of the limit where that is of time."""
        is_timed = self.run.params.solution_limit is None
        return min(share * self.run.params.time_limit_s if is_timed else np.inf, self.run.left_s)

    def _draft(self, chosen: list[Column]) -> Draft:
        return deal(self.run.problem, self.types, self.groups, chosen)

    def _free_tours(self) -> None:
        """Plan a few tours anew at a time, for a share of the time or of the work."""
        limit = self.run.slice_limit()
        is_over = self.run.slice_end(FREED_SHARE[self._is_open()])
        n = n_failed = 0
        while not self.run.is_finished() and n_failed < FREED_PATIENCE:
            if n >= FREED_ROUNDS if limit is not None else is_over():
                return
            n, before = n + 1, self.run.value
            if not self._tour_neighbourhoods.improve():
                return
            n_failed = n_failed + 1 if self.run.value == before else 0

    @contextmanager
    def keeping_tours(self, columns: Sequence[Column]) -> Iterator[None]:
        """Choose these columns for certain, in the whole week, as long as the context lasts."""
        self._tour_master.limit({})
        try:
            with self.master.keeping(columns):
                yield
        finally:
            self._tour_master.limit(self._node.limits)

    def sample_round(self, duals: TourDuals) -> int:
        """Look for days and tours that gain; the number of new columns, 0 once told to stop."""
        return self._price_round(duals) or 0
