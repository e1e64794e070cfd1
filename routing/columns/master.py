"""The set-packing master over routes: LP duals by GLOP, the integer choice by SCIP.

Rows: a visit at most once (required ones exactly once, with an artificial column at a penalty), as
many routes of a shift type as it has shifts, as many kits as a group of pools has, and the rows of
the rules (``rules/row.py``), where a priced unit outside is a column too. A column is the route of
one shift; its costs are in its value. Where all days of touring teams are alike (``Week``) there is
a row for each length of a tour instead of one for the type, and a column for each way to fill a
week with tours.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp

from routing.bounds import prize_bound, worst_value
from routing.columns.cuts import OddSet, limit_of, rows_once
from routing.columns.layout import Floats
from routing.insertion import Insertions
from routing.problem import Problem
from routing.rules import Row, ledger
from routing.shift_types import ShiftTypes, Week
from routing.solution import ShadowValues
from routing.timing import Choice
from routing.tours.tour import Tour
from routing.tours.tour_weeks import patterns

TIGHTENINGS = 3
"""Times that a choice which exceeds a limit by less than the solver sees is made again."""
TINY = 1e-3
"""Value of a whole budget at the least price that it gets, in thousandths of a document."""
ASK_EVERY = 500
"""Columns that a choice lays out, in about 20 ms, before it asks whether to stop."""
LONGEST_MS = 1e9
"""Longest time that the solvers take as a limit."""
HARDLY = 1e-6
"""Price of a cut that counts as none."""
ROUNDING = 1e-9
"""Relative room left for rounding in every bound."""


@dataclass(frozen=True, slots=True)
class Column:
    """A route of one shift type; ``merit`` as in ``insertion.py``.

    ``amounts`` is what it adds to each of ``Problem.rows``. A tour of several days has the types of
    all of them in ``days``, and ``tour`` tells what it does on shifts of these types.
    """

    type: int
    with_kit: bool
    choices: tuple[Choice, ...]
    merit: int
    amounts: tuple[int, ...] = ()
    days: tuple[int, ...] = ()
    tour: Tour | None = None

    visits: frozenset[int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "visits", frozenset(v for v, _ in self.choices))

    @property
    def types(self) -> tuple[int, ...]:
        """Types that it takes a shift of."""
        return self.days or (self.type,)

    @property
    def key(self) -> "Key":
        """What the master sees of it: of columns with the same key only the best is of use."""
        again = tuple(sorted(self._repeated.elements())) if self.has_cycle else ()
        return self.types, self.with_kit, self.visits, again, self.amounts

    @property
    def has_cycle(self) -> bool:
        """Whether it makes a visit twice: then it is of use for bounds only."""
        return len(self.visits) < len(self.choices)

    @property
    def days_made(self) -> tuple[tuple[Choice, ...], ...]:
        """What each day of a tour visits."""
        return (self.choices,) if self.tour is None else self.tour.choices

    @property
    def sleeps(self) -> list[int]:
        """Nodes slept at between these days."""
        stages = () if self.tour is None else self.tour.stages[:-1]
        return [stage.end for stage in stages if stage.end is not None]

    @property
    def _repeated(self) -> Counter[int]:
        made = Counter(v for v, _ in self.choices)
        made.subtract(self.visits)
        return +made

    def pairs(self, odd_set: OddSet) -> int:
        """Count the pairs of visits of a cut that it makes."""
        if not self.has_cycle:
            return len(odd_set & self.visits) // 2
        return sum(v in odd_set for v, _ in self.choices) // 2


Key = tuple[tuple[int, ...], bool, frozenset[int], tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Duals:
    """Prices of the rows: of visits, of shifts by type, of kits by group of pools, of the rules.

    Those of the rules are thousandths of a weighted document for a unit, above 0 where the most
    binds and below 0 where the least does. ``cuts`` are those of the cuts, for
    all the pairs of visits that a plan holds at most.
    """

    visits: Floats
    types: Floats
    kits: Floats
    rules: Floats = field(default_factory=lambda: np.zeros(0))
    cuts: Floats = field(default_factory=lambda: np.zeros(0))

    def towards(self, other: "Duals", share: float) -> "Duals":
        """Go a share of the way to other duals; cuts that one does not know yet are free in it."""
        pairs = (
            (self.visits, other.visits), (self.types, other.types), (self.kits, other.kits),
            (self.rules, other.rules), padded(self.cuts, other.cuts),
        )  # fmt: skip
        duals = Duals(*((1 - share) * a + share * b for a, b in pairs))
        # Any price of a cut bounds; what is hardly one would keep the cut for ever.
        return replace(duals, cuts=np.where(duals.cuts < HARDLY, 0.0, duals.cuts))

    def with_visits(self, visits: Floats) -> "Duals":
        """Give the same duals with others of the visits."""
        return replace(self, visits=visits)

    def floor(self, types: ShiftTypes, t: int, with_kit: bool) -> float:
        """Sum what a route must be worth beside its visits to pay for its shift and kit."""
        group = types.types[t].kit_group
        kit = self.kits[group] if with_kit and group is not None else 0.0
        return float(self.types[t] + kit)


def padded(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Make two arrays as long as the longer one, with zeros."""
    n = max(len(a), len(b))
    return np.pad(a, (0, n - len(a))), np.pad(b, (0, n - len(b)))


@dataclass(frozen=True, slots=True)
class Solved:
    """An optimum of the LP: its value and duals, and of every column reduced cost and weight."""

    value: float
    duals: Duals
    reduced: Floats
    weights: Floats


def lagrangian_bound(
    types: ShiftTypes, duals: Duals, surplus: Sequence[float], rows: Sequence[Row] = ()
) -> float:
    """Bound the value of every plan, for any duals that are at least 0 where rows are limits.

    A priced row bounds only at duals that are not beyond its price, a row without an upper or
    lower limit only at duals of the sign of the other (``settled_price``).

    ``surplus`` of each type: what its best route, of all, is worth above its floor, at least 0.
    """
    total = float(duals.visits.sum() + duals.cuts.sum())
    for t, kind in enumerate(types.types):
        total += len(kind.shifts) * (float(duals.types[t]) + surplus[t])
    total += sum(float(d) * c for d, c in zip(duals.kits, types.kit_capacities, strict=True))
    for row, dual in zip(rows, duals.rules, strict=True):
        total += float(dual) * ((row.most if dual > 0 else row.least) or 0)
    return total + ROUNDING * (1 + abs(total))


def settled_price(row: Row, dual: float) -> float:
    """Cut the dual of a rule to what bounds: within its price, of the sign of a limit it has.

    What counts rupiah has at least a tiny price, so that of two ways to make the same visits the
    cheaper one is always the better.
    """
    if row.price is not None:
        dual = min(max(dual, -row.price), row.price)
    if row.most is None:
        dual = min(dual, 0.0)
    if row.least is None:
        dual = max(dual, TINY / max(1, row.most or 1) if row.cost_of else 0.0)
    return dual


def shadow_values(
    problem: Problem, types: ShiftTypes, duals: Duals, surplus: Sequence[float]
) -> ShadowValues:
    """Read from duals by how much one more of each limit raises the bound at most.

    Another shift of a type adds its dual and the surplus of its best route to the bound
    (``lagrangian_bound``), another kit or unit of a rule its dual.
    """
    groups = {
        problem.shifts[s].kit_pool: kind.kit_group for kind in types.types for s in kind.shifts
    }
    kits = [groups.get(pool) for pool in range(len(problem.kit_pools))]
    rules = [0.0] * len(problem.rules)
    for row, dual in zip(problem.rows, duals.rules, strict=True):
        rules[row.rule] += abs(float(dual))
    return ShadowValues(
        days=tuple(float(duals.types[t]) + surplus[t] for t in types.type_of),
        kits=tuple(0.0 if group is None else float(duals.kits[group]) for group in kits),
        rules=tuple(rules),
    )


class Master:
    """The LP over all columns found so far."""

    def __init__(self, insertions: Insertions, types: ShiftTypes) -> None:
        self.insertions, self.types = insertions, types
        self.columns: list[Column] = []
        self._places: dict[Key, int] = {}
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._objective = self._solver.Objective()
        self._objective.SetMaximization()
        self._rows = _Rows(self._solver, insertions, types)
        penalty = 10.0 * (1 + prize_bound(insertions.problem) - worst_value(insertions.problem))
        self._rows.relax(penalty)
        for v, visit in enumerate(insertions.problem.visits):
            if visit.required:
                artificial = self._solver.NumVar(0, 1, "")
                self._objective.SetCoefficient(artificial, -penalty)
                self._rows.visits[v].SetCoefficient(artificial, 1)
        self._variables: list[Any] = []

    def add(self, column: Column) -> bool:
        """Add a column unless one at least as good is there."""
        at = self._places.get(column.key)
        if at is not None and self.columns[at].merit >= column.merit:
            return False
        self._places[column.key] = len(self.columns)
        self.columns.append(column)
        variable = self._solver.NumVar(0, self._solver.infinity(), "")
        value = column.merit / self.insertions.per_prize
        self._objective.SetCoefficient(variable, value)
        self._rows.put(variable, column)
        self._variables.append(variable)
        return True

    @contextmanager
    def keeping(self, columns: Sequence[Column]) -> Iterator[None]:
        """Choose these columns for certain as long as the context lasts; cycles are of no use."""
        for column in columns:
            self.add(column)
        kept = [self._variables[self._places[column.key]] for column in columns]
        cyclic = [self._variables[i] for i in self._places.values() if self.columns[i].has_cycle]
        for variable in kept:
            variable.SetLb(1.0)
        for variable in cyclic:
            variable.SetUb(0.0)
        try:
            yield
        finally:
            for variable in kept:
                variable.SetLb(0.0)
            for variable in cyclic:
                variable.SetUb(self._solver.infinity())

    def drop(self, is_gone: Callable[[Column], bool]) -> None:
        """Take columns out of the LP; they may be added again."""
        for key, at in list(self._places.items()):
            if is_gone(self.columns[at]):
                self._variables[at].SetUb(0.0)
                del self._places[key]

    def cut(self, odd_set: OddSet, instead_of: int | None = None) -> None:
        """Add a cut: the columns chosen make no more pairs of these visits than a plan can.

        ``instead_of`` is the position of a cut that is given up for it.
        """
        self._rows.cut(odd_set, self.columns, self._variables, instead_of)

    @property
    def odd_sets(self) -> Sequence[OddSet]:
        """The cuts so far."""
        return self._rows.odd_sets

    def solve(self) -> Solved | None:
        """Solve the LP; None when GLOP ends without an optimum."""
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        # Values must be read before the next column is added: after that they are gone.
        value = float(self._objective.Value())
        visits = np.array([row.dual_value() for row in self._rows.visits])
        is_limit = np.array([not v.required for v in self.insertions.problem.visits], dtype=bool)
        duals = Duals(
            np.where(is_limit, np.maximum(visits, 0.0), visits),
            np.array([max(0.0, row.dual_value()) for row in self._rows.types]),
            np.array([max(0.0, row.dual_value()) for row in self._rows.kits]),
            self._rows.prices(),
            self._rows.cut_prices(),
        )
        reduced = np.array([x.reduced_cost() for x in self._variables])
        weights = np.array([x.solution_value() for x in self._variables])
        return Solved(value, duals, reduced, weights)

    def interrupt(self) -> None:
        """Make a solve that runs in another thread end."""
        self._solver.InterruptSolve()


class _Rows:
    """The rows, in any of the solvers."""

    def __init__(self, solver: Any, insertions: Insertions, types: ShiftTypes) -> None:  # noqa: ANN401 - untyped library
        problem, none = insertions.problem, solver.infinity()
        least = [1.0 if visit.required else -none for visit in problem.visits]
        self.visits = [solver.Constraint(low, 1) for low in least]
        self.types = [solver.Constraint(-none, len(k.shifts)) for k in types.types]
        self.lengths = {
            week.type: [solver.Constraint(-none, 0) for _ in range(week.longest)]
            for week in types.weeks
        }
        for week in types.weeks:
            self._fill(solver, week)
        self.kits = [solver.Constraint(-none, c) for c in types.kit_capacities]
        self.cuts: list[Any] = []
        self.odd_sets: list[OddSet] = []
        # Numbers around a thousand at most: a solver takes 10^-6 of a limit for nothing.
        self.scales = [max(1.0, max(r.least or 0, r.most or 0) / 1000) for r in problem.rows]
        self.rules = [
            solver.Constraint(
                -none if row.least is None else row.least / scale,
                none if row.most is None else row.most / scale,
            )
            for row, scale in zip(problem.rows, self.scales, strict=True)
        ]
        self._solver, self._types, self._problem = solver, types, problem
        self._once = frozenset(rows_once(problem))
        for r, row in enumerate(problem.rows):
            if row.price is not None:
                self._price(r, row.price)

    def _fill(self, solver: Any, week: Week) -> None:  # noqa: ANN401 - untyped library
        """Let each team of a week fill it in one way, with as many tours of each length."""
        teams = solver.Constraint(-solver.infinity(), week.n_teams)
        for pattern in patterns(week.n_days, week.longest):
            variable = solver.Var(0, week.n_teams, solver.IsMip(), "")
            teams.SetCoefficient(variable, 1)
            for row, n in zip(self.lengths[week.type], pattern, strict=True):
                row.SetCoefficient(variable, -n)

    def cut(
        self, odd_set: OddSet, columns: Sequence[Column], variables: Sequence[Any], at: int | None
    ) -> None:
        """Add a cut over columns that are there already, or put it in the place of another."""
        if at is None:
            at = len(self.cuts)
            self.cuts.append(self._solver.Constraint(-self._solver.infinity(), 1))
            self.odd_sets.append(odd_set)
        row, self.odd_sets[at] = self.cuts[at], odd_set
        row.Clear()
        row.SetBounds(-self._solver.infinity(), limit_of(odd_set))
        for column, variable in zip(columns, variables, strict=True):
            if n_pairs := column.pairs(odd_set):
                row.SetCoefficient(variable, n_pairs)

    def cut_prices(self) -> Floats:
        """Read the duals of the cuts after a solve, for all the pairs that a plan holds at most."""
        found = np.array([row.dual_value() for row in self.cuts])
        found = found * np.array([limit_of(odd_set) for odd_set in self.odd_sets])
        return np.where(found > HARDLY, found, 0.0)

    def relax(self, penalty: float) -> None:
        """Let what must be had be missing at a penalty for a unit of the solver's."""
        for r, row in enumerate(self._problem.rows):
            if row.price is None and row.least is not None:
                self._outside(r, 1.0, penalty)

    def _price(self, r: int, price: float) -> None:
        row = self._problem.rows[r]
        if row.least is not None:
            self._outside(r, 1.0, price * self.scales[r])
        if row.most is not None:
            self._outside(r, -1.0, price * self.scales[r])

    def _outside(self, r: int, sign: float, price: float) -> None:
        variable = self._solver.NumVar(0, self._solver.infinity(), "")
        self._solver.Objective().SetCoefficient(variable, -price)
        self.rules[r].SetCoefficient(variable, sign)

    def prices(self) -> Floats:
        """Read the duals of the rules after a solve, for a unit of each row."""
        return np.array(
            [
                settled_price(row, limit.dual_value() / scale)
                for row, limit, scale in zip(
                    self._problem.rows, self.rules, self.scales, strict=True
                )
            ]
        )

    def tighten(self, r: int, most: float) -> None:
        """Lower the upper limit of a rule's row."""
        self.rules[r].SetUb(most / self.scales[r])

    def put(self, variable: Any, column: Column) -> None:  # noqa: ANN401 - untyped library
        """Give a column its coefficients."""
        for v, n in Counter(v for v, _ in column.choices).items():
            self.visits[v].SetCoefficient(variable, n)
        if column.type in self.lengths:
            self.lengths[column.type][len(column.types) - 1].SetCoefficient(variable, 1)
        else:
            self._take_shifts(variable, column)
        for r, (rule, amount) in enumerate(zip(self.rules, column.amounts, strict=True)):
            if amount:
                counted = min(amount, 1) if r in self._once else amount
                rule.SetCoefficient(variable, counted / self.scales[r])
        for odd_set, row in zip(self.odd_sets, self.cuts, strict=True):
            if n_pairs := column.pairs(odd_set):
                row.SetCoefficient(variable, n_pairs)

    def _take_shifts(self, variable: Any, column: Column) -> None:  # noqa: ANN401 - untyped library
        kits = Counter[int]()
        for t, n in Counter(column.types).items():
            self.types[t].SetCoefficient(variable, n)
            group = self._types.types[t].kit_group
            if column.with_kit and group is not None:
                kits[group] += n
        for group, n in kits.items():
            self.kits[group].SetCoefficient(variable, n)


class Choosing:
    """The integer choice among given columns; every required visit has to be made.

    Told to stop while it is laid out it is of no use: ``is_cut``.
    """

    def __init__(
        self,
        insertions: Insertions,
        types: ShiftTypes,
        columns: Sequence[Column],
        hint: set[Key],
        kept: Sequence[Column] = (),
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._columns, self._problem = [*columns, *kept], insertions.problem
        self._solver = pywraplp.Solver.CreateSolver("SCIP")
        self._objective = self._solver.Objective()
        self._objective.SetMaximization()
        self._rows = rows = _Rows(self._solver, insertions, types)
        self._variables, self.is_cut = [], False
        for n, column in enumerate(self._columns):
            if n % ASK_EVERY == 0 and should_stop():
                self.is_cut = True
                return
            variable = self._solver.BoolVar("")
            self._objective.SetCoefficient(variable, column.merit / insertions.per_prize)
            rows.put(variable, column)
            self._variables.append(variable)
        for variable in self._variables[len(columns) :]:
            variable.SetLb(1.0)
        self._solver.SetHint(
            self._variables, [1.0 if column.key in hint else 0.0 for column in self._columns]
        )

    @property
    def n_nodes(self) -> int:
        """Nodes of SCIP's tree that the last solve looked at."""
        return int(self._solver.nodes())

    def limit(self, nodes: int) -> None:
        """Look at so many nodes of the tree at most: the same at every run."""
        self._solver.SetSolverSpecificParametersAsString(f"limits/nodes = {nodes}\n")

    def solve(self, time_s: float) -> tuple[list[Column] | None, float]:
        """Choose for so many seconds.

        Returns
        -------
        tuple
            The columns chosen, None when there is no choice, and the bound on any choice: minus
            infinity when there is proven to be none, infinity when nothing is known.
        """
        until = perf_counter() + time_s
        chosen, bound = self._solve_once(time_s)
        for _ in range(TIGHTENINGS):
            if chosen is None or not self._tighten(chosen):
                return chosen, bound
            chosen, _ = self._solve_once(until - perf_counter())
        return None, bound

    def _solve_once(self, time_s: float) -> tuple[list[Column] | None, float]:
        self._solver.SetTimeLimit(int(min(max(1.0, 1000 * time_s), LONGEST_MS)))
        parameters = pywraplp.MPSolverParameters()
        parameters.SetDoubleParam(pywraplp.MPSolverParameters.RELATIVE_MIP_GAP, 0.0)
        status = self._solver.Solve(parameters)
        if status == pywraplp.Solver.INFEASIBLE:
            return None, -math.inf
        if status not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
            return None, math.inf
        chosen = [
            column
            for column, variable in zip(self._columns, self._variables, strict=True)
            if variable.solution_value() > 0.5
        ]
        bound = float(self._objective.BestBound())
        return chosen, bound + ROUNDING * (1 + abs(bound))

    def _tighten(self, chosen: list[Column]) -> bool:
        """Lower the limits that the choice exceeds by what the solver takes for nothing."""
        sums = ledger.totals(self._problem, [column.amounts for column in chosen])
        found = False
        for r, row in enumerate(self._problem.rows):
            if row.price is None and row.most is not None and sums[r] > row.most:
                self._rows.tighten(r, row.most - 2 * (sums[r] - row.most))
                found = True
        return found

    def interrupt(self) -> None:
        """Make a solve that runs in another thread end with what it has."""
        self._solver.InterruptSolve()
