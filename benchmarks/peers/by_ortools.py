"""OR-Tools routing: optional nodes, guided local search.

- A vehicle is a shift, a node is a piece of a visit (``plain.Piece``) that may be left out for its
  best prize; a crew that brings less pays the difference on the arc to it.
- Travel weighs about as much as prizes: guided local search penalises arcs by their cost and is
  blind where only prizes count. Of all plans that it comes past the one with the best prize counts.

The search is deterministic and uses one core; on several it runs beside itself from different first
plans, the best counts.
"""

from functools import partial
from itertools import pairwise
from time import perf_counter

import numpy as np
import numpy.typing as npt
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.peers import Answer, version_of
from benchmarks.peers.plain import Piece, Plain, Routes, best_of
from routing import Problem

PRECISION = 100
"""Units of the objective per second of travel."""
PRIZE_WEIGHTS = (0.75, 0.5, 1.0)
"""A mean prize against a mean leg in the objective, of each process in turn."""
FIRST_PLANS = ("LOCAL_CHEAPEST_INSERTION", "PATH_CHEAPEST_ARC", "PARALLEL_CHEAPEST_INSERTION")
"""How each process makes its first plan."""
MOVE_S = 0.1
"""Longest time of one large move, in seconds."""


def solve(problem: Problem, seconds: float, cores: int, seed: int) -> Answer:
    """Plan with OR-Tools routing alone; ``seed`` turns the order of first plans and weights.

    Raises
    ------
    NotModelled
        When the problem has more than is modelled here.
    """
    ends = perf_counter() + seconds
    plain = Plain(problem)
    solution, peak_mb = best_of(cores, plain, partial(_run, plain, ends, seed))
    return Answer(solution, peak_mb, version_of("ortools"))


def _run(plain: Plain, ends: float, seed: int, place: int) -> Routes:
    """Search once."""
    turn = (seed + place) % len(FIRST_PLANS)
    model = _Model(plain, PRIZE_WEIGHTS[turn])
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    strategies = routing_enums_pb2.FirstSolutionStrategy
    parameters.first_solution_strategy = getattr(strategies, FIRST_PLANS[turn])
    heuristics = routing_enums_pb2.LocalSearchMetaheuristic
    parameters.local_search_metaheuristic = heuristics.GUIDED_LOCAL_SEARCH
    parameters.lns_time_limit.FromMilliseconds(round(1000 * MOVE_S))
    left = ends - perf_counter()
    if left <= 0:
        return {}
    parameters.time_limit.FromMilliseconds(round(1000 * left))
    # A bound method is kept: the model holds no reference of its own to it.
    seen = model.on_solution
    model.routing.AddAtSolutionCallback(seen)
    model.routing.SolveWithParameters(parameters)
    return plain.joined(model.best)


class _Model:
    """A problem as OR-Tools reads it; nodes are the bases, then the pieces."""

    def __init__(self, plain: Plain, weight: float) -> None:
        self.plain = plain
        self._order = [(kind, s) for kind, shifts in plain.kinds.items() for s in shifts]
        bases = sorted({node for kind in plain.kinds for node in (kind.start, kind.end)})
        self._first = len(bases)
        self._nodes = [*bases, *(plain.problem.visits[p.visit].node for p in plain.pieces)]
        starts = [bases.index(kind.start) for kind, _ in self._order]
        ends = [bases.index(kind.end) for kind, _ in self._order]
        n_nodes, n_shifts = len(self._nodes), len(self._order)
        self._manager = pywrapcp.RoutingIndexManager(n_nodes, n_shifts, starts, ends)
        self.routing = pywrapcp.RoutingModel(self._manager)
        self._per_prize = PRECISION * weight * max(1.0, plain.mean_travel()) / plain.mean_prize
        self.best: dict[int, list[Piece]] = {}
        self._most = 0
        self._add_time()
        self._add_costs()
        self._add_pieces()

    def on_solution(self) -> None:
        """Keep the plan that the search stands on if it brings more than those before."""
        routing, made, total = self.routing, {}, 0
        for k, (kind, s) in enumerate(self._order):
            pieces = []
            index = routing.NextVar(routing.Start(k)).Value()
            while not routing.IsEnd(index):
                pieces.append(self.plain.pieces[self._manager.IndexToNode(index) - self._first])
                index = routing.NextVar(index).Value()
            made[s] = pieces
            total += sum(piece.prizes.get(kind.crew, 0) for piece in pieces)
        if total > self._most:
            self.best, self._most = made, total

    def _add_time(self) -> None:
        plain, far = self.plain, self.plain.horizon + 1
        service = np.array([0] * self._first + [piece.seconds for piece in plain.pieces])
        by_matrix = {}
        for m in {kind.matrix for kind, _ in self._order}:
            legs = plain.durations(m, self._nodes, far) + service[:, None]
            by_matrix[m] = self.routing.RegisterTransitMatrix(legs.tolist())
        transits = [by_matrix[kind.matrix] for kind, _ in self._order]
        waits = plain.horizon if plain.has_windows else 0
        self.routing.AddDimensionWithVehicleTransits(transits, waits, plain.horizon, False, "time")
        self._time = self.routing.GetDimensionOrDie("time")
        for k, (kind, _) in enumerate(self._order):
            self._time.CumulVar(self.routing.Start(k)).SetRange(kind.early, kind.late)
            self._time.CumulVar(self.routing.End(k)).SetRange(kind.early, kind.late)

    def _add_costs(self) -> None:
        by_class = {}
        for k, (kind, _) in enumerate(self._order):
            key = (kind.crew, kind.matrix)
            if key not in by_class:
                by_class[key] = self.routing.RegisterTransitMatrix(self._arcs(*key).tolist())
            self.routing.SetArcCostEvaluatorOfVehicle(by_class[key], k)

    def _arcs(self, crew: int, matrix: int) -> npt.NDArray[np.int64]:
        lost = [max(p.prizes.values()) - p.prizes.get(crew, 0) for p in self.plain.pieces]
        legs = PRECISION * self.plain.durations(matrix, self._nodes, 0)
        arcs = legs + self._per_prize * np.array([0] * self._first + lost)[None, :]
        return np.rint(arcs).astype(np.int64)

    def _add_pieces(self) -> None:
        for i, piece in enumerate(self.plain.pieces):
            index = self._manager.NodeToIndex(self._first + i)
            loss = round(self._per_prize * max(piece.prizes.values()))
            self.routing.AddDisjunction([index], loss)
            if self.plain.problem.visits[piece.visit].windows:
                starts = sorted(self.plain.starts(piece.visit, piece.seconds))
                begin = self._time.CumulVar(index)
                begin.SetRange(starts[0][0], starts[-1][1])
                for (_, over), (again, _) in pairwise(starts):
                    if over + 1 < again:
                        begin.RemoveInterval(over + 1, again - 1)
