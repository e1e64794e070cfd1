"""OR-Tools routing with guided local search, started from a plan that exists.

How a problem becomes a routing model:

- a vehicle is a shift with or without a kit; at most one of the two drives, and no pool gives more
  kits than it has;
- a node is one option of a visit; the options of a visit form one disjunction. The prize is turned
  into a loss on the arc to the node, against the best prize of the visit;
- time is counted in working seconds, where breaks do not exist. Each kind of working day (window
  and breaks) has its own stretch of one long axis, so that a visit's windows can differ by day;
- travel seconds weigh about as much as prizes: guided local search penalises arcs by their cost and
  is blind when only prizes count. The best plan is judged by its exact value, not by this sum;
- allowances are taken as due by every shift that drives, because their step cannot be modelled.
"""

from collections.abc import Callable, Iterator
from math import isqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.util import optional_boolean_pb2

from routing.clock import worked
from routing.construct import never
from routing.draft import Draft
from routing.insertion import Insertions
from routing.timing import Choice, crew_of

PRECISION = 100
"""Units of the model's objective per second of travel."""
PRIZE_WEIGHT = 0.75
"""Mean prize against mean travel in the objective; 0.5 to 1 was best, 0.1 drops too much."""
REQUIRED_TIMES = 1000
"""Dropping a required visit costs so many times the dearest other one."""
MAX_NODES = 1500
"""More nodes are too many to search: the visits with the best prizes go in."""
MAX_CELLS = 20_000_000
"""Cells of all matrices of the model: more need too much memory, and time to hand them over."""
LAMBDA = 1.0
"""Strength of guided local search."""
SLOW_OPERATORS = (
    "use_relocate_path_global_cheapest_insertion_insert_unperformed",
    "use_global_cheapest_insertion_path_lns",
    "use_local_cheapest_insertion_path_lns",
    "use_global_cheapest_insertion_visit_types_lns",
    "use_local_cheapest_insertion_visit_types_lns",
    "use_cross",
    "use_exchange_subtrip",
    "use_relocate_expensive_chain",
)
"""Neighbourhoods left out: with 555 nodes one pass took 15 s and found nothing."""
LONGEST_S = 10**6
"""The search has no clock of its own: it asks whether to stop."""
ASK_EVERY = 64
"""The search asks whether to stop 10^5 times a second; pass on one in so many."""
ASKS_PER_SOLUTION = 2000
"""With a limit on solutions, so many questions count as one: a search that finds none ends too."""


class RoutingSearch:
    """A routing model of one problem, to be searched again and again from different plans."""

    def __init__(
        self, insertions: Insertions, draft: Draft, should_stop: Callable[[], bool] = never
    ) -> None:
        self.insertions = insertions
        problem = insertions.problem
        self.vehicles = [
            (s, kit)
            for s, shift in enumerate(problem.shifts)
            for kit in (False, True)
            if not kit
            or (shift.kit_pool is not None and problem.kit_pools[shift.kit_pool].capacity > 0)
        ]
        self.choices = self._chosen_options(draft)
        self._stop = should_stop
        self._found: Callable[[Draft], None] = lambda _: None
        self._asked = self._n_solutions = 0
        self._limit: int | None = None
        self._is_built = self._build()

    def run(
        self,
        draft: Draft,
        *,
        should_stop: Callable[[], bool],
        found: Callable[[Draft], None],
        solution_limit: int | None = None,
    ) -> int:
        """Search from a plan until told to stop; every solution is offered to ``found``.

        With ``solution_limit`` the search ends after so many, at the same place in every run. It
        finds nothing when it was told to stop while its model was built.

        Returns
        -------
        int
            Number of solutions seen.
        """
        self._stop, self._found = should_stop, found
        self._asked, self._n_solutions, self._limit = 0, 0, solution_limit
        if solution_limit == 0 or not self.choices or not self._is_built:
            return 0
        # ReadAssignmentFromRoutes fails for every plan once a time limit has run out.
        start = self._model.solver().Assignment()
        self._model.RoutesToAssignment(self._routes(draft), True, True, start)
        self._model.SolveFromAssignmentWithParameters(start, self._parameters)
        if self._n_solutions == 0 and not should_stop():
            self._model.SolveWithParameters(self._parameters)
        return self._n_solutions

    def _chosen_options(self, draft: Draft) -> list[Choice]:
        """Options that can bring something to some crew, those of the draft always."""
        prizes = self.insertions.prizes
        problem = self.insertions.problem
        crews = sorted({crew_of(problem.shifts[s], kit) for s, kit in self.vehicles})
        if not crews:
            return []
        best = prizes[crews].max(axis=0)  # (visits, options)
        kept = {choice for choices in draft.choices for choice in choices}
        order = sorted(
            (-int(best[v, o]), v, o)
            for v, visit in enumerate(problem.visits)
            for o in range(len(visit.options))
            if best[v, o] > 0 or visit.required
        )
        matrices = {problem.shifts[s].matrix for s, _ in self.vehicles}
        n_matrices = len(matrices) + len({self._class_of(k) for k in range(len(self.vehicles))})
        room = max(0, min(MAX_NODES, isqrt(MAX_CELLS // n_matrices)) - len(kept))
        return sorted(kept | {(v, o) for _, v, o in order[:room]})

    def _build(self) -> bool:
        """Build the model; False when told to stop before it was ready."""
        problem = self.insertions.problem
        anchors = sorted({n for s in problem.shifts for n in (s.start, s.end)})
        self._first = len(anchors)
        visits = [problem.visits[v].node for v, _ in self.choices]
        self._nodes = np.array(anchors + visits, dtype=np.int64)
        place = {node: i for i, node in enumerate(anchors)}
        shifts = [problem.shifts[s] for s, _ in self.vehicles]
        starts, ends = [place[s.start] for s in shifts], [place[s.end] for s in shifts]
        n = len(self._nodes)
        self._manager = pywrapcp.RoutingIndexManager(n, len(self.vehicles), starts, ends)
        parameters = pywrapcp.DefaultRoutingModelParameters()
        self._model = pywrapcp.RoutingModel(self._manager, parameters)
        steps = (
            self._add_time, self._add_costs, self._add_visits, self._add_kits, self._add_hooks,
        )  # fmt: skip
        return all(not self._stop() and step() is not False for step in steps)

    def _add_time(self) -> bool:
        """Lay all kinds of day on one axis; False when told to stop."""
        problem, model = self.insertions.problem, self._model
        days: dict[Any, int] = {}
        axis = 0
        self._offsets: list[int] = []
        for s, _ in self.vehicles:
            shift = problem.shifts[s]
            key = (shift.window, shift.breaks)
            if key not in days:
                days[key] = axis
                axis += worked(shift, shift.window.end) + 1
            self._offsets.append(days[key])
        self._axis = axis
        by_offset = {
            offset: problem.shifts[s]
            for (s, _), offset in zip(self.vehicles, self._offsets, strict=True)
        }
        self._kinds = sorted(by_offset.items(), key=lambda kind: kind[0])
        service = [0] * self._first + [
            problem.visits[v].options[o].duration for v, o in self.choices
        ]
        by_matrix = {}
        for m in sorted({problem.shifts[s].matrix for s, _ in self.vehicles}):
            if self._stop():
                return False
            matrix = problem.matrices[m]
            grid = np.ix_(self._nodes, self._nodes)
            # A transit longer than the whole axis fits nowhere: that is how a leg is closed.
            legs = np.where(matrix.reachable[grid], matrix.durations[grid], axis + 1)
            transit = legs + np.array(service)[:, None]
            by_matrix[m] = model.RegisterTransitMatrix(transit.tolist())
        transits = [by_matrix[problem.shifts[s].matrix] for s, _ in self.vehicles]
        waits = axis if any(v.windows for v in problem.visits) else 0
        model.AddDimensionWithVehicleTransits(transits, waits, axis, False, "time")
        self._time = model.GetDimensionOrDie("time")
        for k, (s, _) in enumerate(self.vehicles):
            shift, offset = problem.shifts[s], self._offsets[k]
            self._time.CumulVar(model.Start(k)).SetRange(offset, offset)
            end = offset + worked(shift, shift.window.end)
            self._time.CumulVar(model.End(k)).SetRange(offset, end)
        return True

    def _class_of(self, k: int) -> tuple[int, int]:
        """Matrix and crew of a vehicle: vehicles of one class pay the same for every leg."""
        s, kit = self.vehicles[k]
        shift = self.insertions.problem.shifts[s]
        return shift.matrix, crew_of(shift, kit)

    def _add_costs(self) -> bool:
        """Say what every leg and vehicle costs; False when told to stop."""
        problem, insertions = self.insertions.problem, self.insertions
        travel = np.concatenate([m.durations[m.reachable] for m in problem.matrices])
        best = insertions.prizes.max(axis=(0, 2))
        mean_prize = float(best[best > 0].mean()) if (best > 0).any() else 1.0
        mean_travel = float(travel.mean()) if len(travel) else 1.0
        self._per_prize = PRECISION * PRIZE_WEIGHT * max(1.0, mean_travel) / mean_prize
        per_rupiah = self._per_prize * insertions.per_rupiah / insertions.per_prize
        visits = [v for v, _ in self.choices]
        self._best = {v: int(best[v]) for v in visits}
        classes: dict[tuple[int, int], int] = {}
        for k, (s, _) in enumerate(self.vehicles):
            shift, key = problem.shifts[s], self._class_of(k)
            if key not in classes:
                if self._stop():
                    return False
                costs = self._arc_costs(*key, per_rupiah)
                classes[key] = self._model.RegisterTransitMatrix(costs.tolist())
            self._model.SetArcCostEvaluatorOfVehicle(classes[key], k)
            due = shift.fixed_cost + sum(a.cost for a in shift.allowances)
            self._model.SetFixedCostOfVehicle(round(per_rupiah * due), k)
        return True

    def _arc_costs(self, m: int, crew: int, per_rupiah: float) -> npt.NDArray[np.int64]:
        matrix = self.insertions.problem.matrices[m]
        grid = np.ix_(self._nodes, self._nodes)
        arcs = PRECISION * matrix.durations[grid] + per_rupiah * matrix.costs[grid]
        arcs = np.where(matrix.reachable[grid], arcs, 0.0)
        prizes = self.insertions.prizes[crew]
        lost = [0] * self._first + [self._best[v] - int(prizes[v, o]) for v, o in self.choices]
        return np.rint(arcs + self._per_prize * np.array(lost)[None, :]).astype(np.int64)

    def _add_visits(self) -> bool:
        """Say who may make which visit when; False when told to stop."""
        problem, model = self.insertions.problem, self._model
        members: dict[int, list[int]] = {}
        self._index: dict[Choice, int] = {}
        for i, (v, o) in enumerate(self.choices):
            if self._stop():
                return False
            index = self._manager.NodeToIndex(self._first + i)
            self._index[v, o] = index
            members.setdefault(v, []).append(index)
            makers = [k for k, _ in enumerate(self.vehicles) if self._may_make(k, v, o)]
            model.VehicleVar(index).SetValues([-1, *makers])
            if problem.visits[v].windows:
                self._restrict(self._time.CumulVar(index), list(self._spans(v, o)))
        dearest = max(1, round(self._per_prize * max(self._best.values(), default=1)))
        for v, indices in members.items():
            penalty = round(self._per_prize * self._best[v])
            if problem.visits[v].required:
                penalty = REQUIRED_TIMES * dearest
            model.AddDisjunction(indices, penalty)
        return True

    def _may_make(self, k: int, v: int, o: int) -> bool:
        s, kit = self.vehicles[k]
        visit, shift = self.insertions.problem.visits[v], self.insertions.problem.shifts[s]
        if visit.shifts is not None and s not in visit.shifts:
            return False
        if not (shift.serves and shift.starts_tour):
            return False
        return visit.required or visit.options[o].prizes[crew_of(shift, kit)] > 0

    def _spans(self, v: int, o: int) -> Iterator[tuple[int, int]]:
        """Where on the axis a session may start, by kind of day and window."""
        problem = self.insertions.problem
        visit = problem.visits[v]
        for offset, shift in self._kinds:
            horizon = worked(shift, shift.window.end)
            for w in visit.windows:
                low = max(0, worked(shift, w.start))
                high = min(horizon, worked(shift, w.end)) - visit.options[o].duration
                if low <= high:
                    yield offset + low, offset + high

    def _restrict(self, variable: Any, spans: list[tuple[int, int]]) -> None:  # noqa: ANN401
        """Leave only these spans; none at all still allows the node to be inactive."""
        reached = 0
        for low, high in sorted(spans):
            if low > reached:
                variable.RemoveInterval(reached, low - 1)
            reached = max(reached, high + 1)
        if spans and reached <= self._axis:
            variable.RemoveInterval(reached, self._axis)

    def _add_kits(self) -> None:
        problem, model = self.insertions.problem, self._model
        solver = model.solver()
        of_pool: dict[int, list[Any]] = {}
        for k, (s, kit) in enumerate(self.vehicles):
            pool = problem.shifts[s].kit_pool
            if kit and pool is not None:
                # The vehicle without a kit stands just before the one with.
                both = model.ActiveVehicleVar(k - 1) + model.ActiveVehicleVar(k)
                solver.Add(both <= 1)
                of_pool.setdefault(pool, []).append(model.ActiveVehicleVar(k))
        for pool, takers in of_pool.items():
            if len(takers) > problem.kit_pools[pool].capacity:
                solver.Add(solver.Sum(takers) <= problem.kit_pools[pool].capacity)

    def _add_hooks(self) -> None:
        model = self._model
        self._parameters = parameters = self._search_parameters()
        # Bound methods are kept: the model holds no reference of its own to them.
        self._ask, self._seen = self._should_stop, self._on_solution
        model.AddSearchMonitor(model.solver().CustomLimit(self._ask))
        model.AddAtSolutionCallback(self._seen)
        model.CloseModelWithParameters(parameters)

    @staticmethod
    def _search_parameters() -> Any:  # noqa: ANN401 - OR-Tools is untyped
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        # Operators and metaheuristic are fixed when the model is closed, the time limit is not.
        parameters.time_limit.FromSeconds(LONGEST_S)
        # By default every move has a tenth of a second of wall time: too little when others work.
        parameters.lns_time_limit.FromSeconds(LONGEST_S)
        strategies = routing_enums_pb2.FirstSolutionStrategy
        heuristics = routing_enums_pb2.LocalSearchMetaheuristic
        parameters.first_solution_strategy = strategies.LOCAL_CHEAPEST_INSERTION
        parameters.local_search_metaheuristic = heuristics.GUIDED_LOCAL_SEARCH
        parameters.guided_local_search_lambda_coefficient = LAMBDA
        for name in SLOW_OPERATORS:
            setattr(parameters.local_search_operators, name, optional_boolean_pb2.BOOL_FALSE)
        return parameters

    def _should_stop(self) -> bool:
        self._asked += 1
        if self._limit is not None and self._asked >= self._limit * ASKS_PER_SOLUTION:
            return True
        return self._asked % ASK_EVERY == 0 and self._stop()

    def _on_solution(self) -> None:
        self._n_solutions += 1
        draft = self._draft()
        if draft is not None:
            self._found(draft)
        if self._limit is not None and self._n_solutions >= self._limit:
            self._model.solver().FinishCurrentSearch()

    def _draft(self) -> Draft | None:
        """Read the solution the search stands on; None if its exact times should not fit."""
        draft = Draft(self.insertions.problem)
        for k, (s, kit) in enumerate(self.vehicles):
            choices: list[Choice] = []
            index = self._model.NextVar(self._model.Start(k)).Value()
            while not self._model.IsEnd(index):
                choices.append(self.choices[self._manager.IndexToNode(index) - self._first])
                index = self._model.NextVar(index).Value()
            if not choices:
                continue
            merit = self.insertions.merit_of(s, kit, choices)
            if merit is None:
                return None
            draft.put(s, kit, choices, merit)
        return draft

    def _routes(self, draft: Draft) -> list[list[int]]:
        """Read a plan, less what the model has not: stops that bring their team nothing."""
        return [
            [self._index[c] for c in draft.choices[s] if c in self._index and self._may_make(k, *c)]
            if draft.with_kit[s] == kit
            else []
            for k, (s, kit) in enumerate(self.vehicles)
        ]
