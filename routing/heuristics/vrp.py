"""OR-Tools routing with guided local search, started from a plan that exists.

How a problem becomes a routing model:

- a vehicle is a shift with or without a kit; at most one of the two drives, and no pool gives more
  kits than it has;
- nights out stay where the plan has them: a day of a tour is one vehicle with the kit of the tour,
  from where its team slept to where it will sleep. Where that is the place of its last visit, that
  visit is no node: the vehicle ends there, at a moment at which the session may begin;
- a node is one option of a visit; the options of a visit form one disjunction. The prize is turned
  into a loss on the arc to the node, against the best prize of the visit;
- time is counted in working seconds, where breaks do not exist. Each kind of day (hours, those of
  sessions, windows of visits) has its own stretch of one long axis, so that a visit's windows can
  differ by day;
- travel seconds weigh about as much as prizes: guided local search penalises arcs by their cost and
  is blind when only prizes count. The best plan is judged by its exact value, not by this sum;
- allowances are taken as due by every shift that drives, because their step cannot be modelled.

A tour that is left without a visit is given up.
"""

from collections.abc import Callable, Iterator
from math import isqrt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from routing.clock import worked
from routing.draft import Draft
from routing.heuristics.construct import never
from routing.insertion import Insertions
from routing.problem import Problem, Shift, TimeWindow
from routing.stages import Stage, day_of, sessions_of, sleeps_at_last_stop, windows_of
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


class Vehicle(NamedTuple):
    """A shift as it is driven.

    ``sessions`` are the hours that its sessions keep to, None where they are those of the day.
    ``last`` is the visit that it ends at, None where it ends at a base or a place to sleep.
    """

    stage: Stage
    with_kit: bool
    day: Shift
    sessions: TimeWindow | None = None
    last: Choice | None = None


def vehicles_of(problem: Problem, draft: Draft) -> list[Vehicle]:
    """List what may drive while the nights of a plan stay as they are.

    Days of tours that rest where the last visit was are not among them.
    """
    found = []
    for s, stage in enumerate(draft.stages):
        day = day_of(problem, stage)
        if day is None:
            continue
        if not stage.is_away:
            has_kit = day.kit_pool is not None and problem.kit_pools[day.kit_pool].capacity > 0
            found += [Vehicle(stage, kit, day) for kit in ((False, True) if has_kit else (False,))]
        elif not sleeps_at_last_stop(problem, stage):
            found.append(Vehicle(stage, draft.with_kit[s], day, sessions_of(problem, stage)))
        elif draft.choices[s]:
            last, hours = draft.choices[s][-1], sessions_of(problem, stage)
            found.append(Vehicle(stage, draft.with_kit[s], day, hours, last))
    return found


class _Kind(NamedTuple):
    """What days have in common that are alike to the model, in working seconds of the day.

    ``windows`` are those of the visits that have any, cut to the hours of sessions.
    """

    horizon: int
    hours: tuple[int, int] | None
    windows: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]


class RoutingSearch:
    """A routing model of one problem with given nights, to be searched from different plans."""

    def __init__(
        self, insertions: Insertions, draft: Draft, should_stop: Callable[[], bool] = never
    ) -> None:
        self.insertions = insertions
        self.vehicles = vehicles_of(insertions.problem, draft)
        self.choices = self._chosen_options(draft)
        self._frame = draft
        self._stop = should_stop
        self._found: Callable[[Draft], None] = lambda _: None
        self._asked = self._n_solutions = 0
        self._limit: int | None = None
        # Without days or stops there is nothing to model: the library dies of no vehicles.
        self._is_built = bool(self.choices) and self._build()

    def fits(self, draft: Draft) -> bool:
        """Whether a plan has the nights that the model was made for."""
        return self.vehicles == vehicles_of(self.insertions.problem, draft)

    def run(
        self,
        draft: Draft,
        *,
        should_stop: Callable[[], bool],
        found: Callable[[Draft], None],
        solution_limit: int | None = None,
    ) -> int:
        """Search from a plan that fits until told to stop; solutions are offered to ``found``.

        With ``solution_limit`` the search ends after so many, at the same place in every run. It
        finds nothing when it was told to stop while its model was built.

        Returns
        -------
        int
            Number of solutions seen.
        """
        self._stop, self._found = should_stop, found
        self._asked, self._n_solutions, self._limit = 0, 0, solution_limit
        self._frame = draft
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
        crews = sorted({crew_of(vehicle.day, vehicle.with_kit) for vehicle in self.vehicles})
        if not crews:
            return []
        best = prizes[crews].max(axis=0)  # (visits, options)
        held = self._held(draft)
        kept = {choice for choices in draft.choices for choice in choices if choice[0] not in held}
        order = sorted(
            (-int(best[v, o]), v, o)
            for v, visit in enumerate(problem.visits)
            for o in range(len(visit.options))
            if v not in held and (best[v, o] > 0 or visit.required)
        )
        matrices = {vehicle.day.matrix for vehicle in self.vehicles}
        n_matrices = len(matrices) + len({self._class_of(k) for k in range(len(self.vehicles))})
        room = max(0, min(MAX_NODES, isqrt(MAX_CELLS // n_matrices)) - len(kept))
        return sorted(kept | {(v, o) for _, v, o in order[:room]})

    def _held(self, draft: Draft) -> set[int]:
        """Visits at which teams sleep, and those of days that no vehicle drives."""
        driven = {vehicle.stage.shift for vehicle in self.vehicles}
        others = (c for s, choices in enumerate(draft.choices) if s not in driven for c in choices)
        lasts = (vehicle.last for vehicle in self.vehicles if vehicle.last is not None)
        return {v for v, _ in (*lasts, *others)}

    def _build(self) -> bool:
        """Build the model; False when told to stop before it was ready."""
        # Imported late, as below: whoever only speaks of plans starts without OR-Tools.
        from ortools.constraint_solver import pywrapcp

        problem = self.insertions.problem
        days = [vehicle.day for vehicle in self.vehicles]
        anchors = sorted({n for day in days for n in (day.start, day.end)})
        self._first = len(anchors)
        visits = [problem.visits[v].node for v, _ in self.choices]
        self._nodes = np.array(anchors + visits, dtype=np.int64)
        place = {node: i for i, node in enumerate(anchors)}
        starts, ends = [place[day.start] for day in days], [place[day.end] for day in days]
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
        kinds = [self._kind_of(vehicle) for vehicle in self.vehicles]
        stretches: dict[_Kind, int] = {}
        axis = 0
        # Without hours of sessions first: there a visit without windows needs no limits, and every
        # gap in a variable costs time and memory for each second of it.
        for kind in sorted(
            set(kinds), key=lambda kind: (kind.hours or (), kind.horizon, kind.windows)
        ):
            stretches[kind] = axis
            axis += kind.horizon + 1
        self._offsets = [stretches[kind] for kind in kinds]
        self._kinds = stretches
        self._axis = axis
        service = [0] * self._first + [
            problem.visits[v].options[o].duration for v, o in self.choices
        ]
        by_matrix = {}
        for m in sorted({vehicle.day.matrix for vehicle in self.vehicles}):
            if self._stop():
                return False
            matrix = problem.matrices[m]
            grid = np.ix_(self._nodes, self._nodes)
            # A transit longer than the whole axis fits nowhere: that is how a leg is closed.
            legs = np.where(matrix.reachable[grid], matrix.durations[grid], axis + 1)
            transit = legs + np.array(service)[:, None]
            by_matrix[m] = model.RegisterTransitMatrix(transit.tolist())
        transits = [by_matrix[vehicle.day.matrix] for vehicle in self.vehicles]
        has_hours = any(vehicle.sessions for vehicle in self.vehicles)
        self._has_windows = [has_hours or bool(visit.windows) for visit in problem.visits]
        waits = axis if any(self._has_windows) else 0
        model.AddDimensionWithVehicleTransits(transits, waits, axis, False, "time")
        self._time = model.GetDimensionOrDie("time")
        for k, (vehicle, offset) in enumerate(zip(self.vehicles, self._offsets, strict=True)):
            self._time.CumulVar(model.Start(k)).SetRange(offset, offset)
            arrival = self._time.CumulVar(model.End(k))
            arrival.SetRange(offset, offset + kinds[k].horizon)
            if vehicle.last is not None:
                self._restrict(arrival, list(self._spans_of(kinds[k], offset, *vehicle.last)))
        return True

    def _kind_of(self, vehicle: Vehicle) -> "_Kind":
        day, hours = vehicle.day, vehicle.sessions
        return _Kind(
            worked(day, day.window.end),
            None if hours is None else (worked(day, hours.start), worked(day, hours.end)),
            tuple(
                (v, tuple((max(0, worked(day, w.start)), worked(day, w.end)) for w in windows))
                for v, visit in enumerate(self.insertions.problem.visits)
                if visit.windows
                for windows in (windows_of(visit, hours) or (),)
            ),
        )

    def _class_of(self, k: int) -> tuple[int, int]:
        """Matrix and crew of a vehicle: vehicles of one class pay the same for every leg."""
        vehicle = self.vehicles[k]
        return vehicle.day.matrix, crew_of(vehicle.day, vehicle.with_kit)

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
        for k, vehicle in enumerate(self.vehicles):
            key = self._class_of(k)
            if key not in classes:
                if self._stop():
                    return False
                costs = self._arc_costs(*key, per_rupiah)
                classes[key] = self._model.RegisterTransitMatrix(costs.tolist())
            self._model.SetArcCostEvaluatorOfVehicle(classes[key], k)
            if vehicle.stage.is_away:  # what the day costs is paid with or without visits
                self._model.SetVehicleUsedWhenEmpty(True, k)
                continue
            due = vehicle.day.fixed_cost + sum(a.cost for a in vehicle.day.allowances)
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
            if self._has_windows[v]:
                spans = [
                    span
                    for kind, offset in self._kinds.items()
                    for span in self._spans_of(kind, offset, v, o)
                ]
                self._restrict(self._time.CumulVar(index), spans)
                makers = makers if spans else []
            model.VehicleVar(index).SetValues([-1, *makers])
        dearest = max(1, round(self._per_prize * max(self._best.values(), default=1)))
        for v, indices in members.items():
            penalty = round(self._per_prize * self._best[v])
            if problem.visits[v].required:
                penalty = REQUIRED_TIMES * dearest
            model.AddDisjunction(indices, penalty)
        return True

    def _may_make(self, k: int, v: int, o: int) -> bool:
        (s, _, _), kit, day, _, _ = self.vehicles[k]
        visit = self.insertions.problem.visits[v]
        if not day.serves or (visit.shifts is not None and s not in visit.shifts):
            return False
        return visit.required or visit.options[o].prizes[crew_of(day, kit)] > 0

    def _spans_of(self, kind: "_Kind", offset: int, v: int, o: int) -> Iterator[tuple[int, int]]:
        """Where on the axis a session may start on such days, by window."""
        own = next((windows for visit, windows in kind.windows if visit == v), None)
        if own is None and kind.hours is None:
            yield offset, offset + kind.horizon
            return
        windows = own if own is not None else (kind.hours or (0, 0),)
        for low, end in windows:
            high = min(kind.horizon, end) - self.insertions.problem.visits[v].options[o].duration
            if low <= high:
                yield offset + low, offset + high

    def _restrict(self, variable: Any, spans: list[tuple[int, int]]) -> None:  # noqa: ANN401
        """Leave only these spans; none at all still allows the node to be inactive."""
        if not spans:
            return
        spans = sorted(spans)
        variable.SetRange(spans[0][0], max(high for _, high in spans))
        reached = spans[0][0]
        for low, high in spans:
            if low > reached:
                variable.RemoveInterval(reached, low - 1)
            reached = max(reached, high + 1)

    def _add_kits(self) -> None:
        problem, model = self.insertions.problem, self._model
        solver = model.solver()
        of_pool: dict[int, list[Any]] = {}
        left = [pool.capacity for pool in problem.kit_pools]
        for s, stage in enumerate(self._frame.stages):
            pool = problem.shifts[s].kit_pool
            if stage.is_away and self._frame.with_kit[s] and pool is not None:
                left[pool] -= 1
        for k, vehicle in enumerate(self.vehicles):
            pool = vehicle.day.kit_pool
            if not vehicle.with_kit or pool is None:
                continue
            if vehicle.stage.is_away:
                continue
            # The vehicle without a kit stands just before the one with.
            both = model.ActiveVehicleVar(k - 1) + model.ActiveVehicleVar(k)
            solver.Add(both <= 1)
            of_pool.setdefault(pool, []).append(model.ActiveVehicleVar(k))
        for pool, takers in of_pool.items():
            if len(takers) > left[pool]:
                solver.Add(solver.Sum(takers) <= left[pool])

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
        from ortools.constraint_solver import pywrapcp, routing_enums_pb2
        from ortools.util import optional_boolean_pb2

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
        _copy_nights(self._frame, draft)
        for k, (stage, kit, _, _, last) in enumerate(self.vehicles):
            choices: list[Choice] = []
            index = self._model.NextVar(self._model.Start(k)).Value()
            while not self._model.IsEnd(index):
                choices.append(self.choices[self._manager.IndexToNode(index) - self._first])
                index = self._model.NextVar(index).Value()
            if last is not None:
                choices.append(last)
            if not choices and not stage.is_away:
                continue
            merit = self.insertions.merit_of(self.insertions.at(stage), kit, choices)
            if merit is None:
                return None
            draft.put(stage.shift, kit, choices, merit)
        draft.drop_idle_tours()
        return draft

    def _routes(self, draft: Draft) -> list[list[int]]:
        """Read a plan, less what the model has not: stops that bring their team nothing."""
        return [
            [
                self._index[c]
                for c in draft.choices[vehicle.stage.shift]
                if c in self._index and self._may_make(k, *c)
            ]
            if draft.with_kit[vehicle.stage.shift] == vehicle.with_kit
            else []
            for k, vehicle in enumerate(self.vehicles)
        ]


def _copy_nights(source: Draft, target: Draft) -> None:
    """Take over what a plan does on the days of its tours."""
    for days in source.tours:
        target.put_tour(
            [source.stages[s] for s in days], source.with_kit[days[0]],
            [source.choices[s] for s in days], [source.merits[s] for s in days],
        )  # fmt: skip
