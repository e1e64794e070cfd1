"""PyVRP: clients with prizes, and groups of which one is visited at most.

- A vehicle type is a kind of shift, with as many vehicles as there are such shifts.
- A client is a piece of a visit (``plain.Piece``) with the best prize that any crew brings; pieces
  with several windows are a group of clients.
- A profile is a crew on a matrix: on the way to a client it pays what it brings less than that.
- What is minimised are prizes left, and travel that weighs little against them: it tells plans of
  equal prize apart, without which the search hardly moves.

PyVRP uses one core; on several it runs beside itself with different seeds, the best counts.
"""

from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import pyvrp
from pyvrp.stop import MaxRuntime

from benchmarks.peers import Answer, version_of
from benchmarks.peers.plain import Piece, Plain, Routes, best_of
from routing import Problem

PRIZE_WEIGHT = 100.0
"""A mean prize against a mean leg in the objective."""
LEAST_S = 0.1
"""Seconds that PyVRP gets where building its model took all."""


def solve(problem: Problem, seconds: float, cores: int, seed: int) -> Answer:
    """Plan with PyVRP alone.

    Raises
    ------
    NotModelled
        When the problem has more than PyVRP's interface expresses.
    """
    started = perf_counter()
    plain = Plain(problem)
    model = _Model(plain)
    work = partial(_run, model, started + seconds, seed * cores)
    solution, peak_mb = best_of(cores, plain, work)
    return Answer(solution, peak_mb, version_of("pyvrp"))


def _run(model: "_Model", ends: float, seed: int, place: int) -> Routes:
    left = max(LEAST_S, ends - perf_counter())
    result = pyvrp.solve(
        model.data, MaxRuntime(left), seed=seed + place, collect_stats=False, display=False
    )
    return model.routes(result.best) if result.best.is_feasible() else {}


class _Model:
    """A problem as PyVRP reads it."""

    def __init__(self, plain: Plain) -> None:
        self.plain = plain
        self._model = pyvrp.Model()
        self._places: dict[tuple[int, tuple[int, ...], int | None], Any] = {}
        self._clients: list[Piece] = []
        self._unit = plain.unit
        mean_leg = plain.mean_travel() / self._unit
        self._per_prize = max(1, round(PRIZE_WEIGHT * mean_leg / plain.mean_prize))
        depots = {node: self._depot(node) for node in self._bases()}
        for piece in plain.pieces:
            self._add_piece(piece)
        self._shifts = self._add_vehicles(depots)
        self.data = self._with_matrices()

    def routes(self, solution: Any) -> Routes:  # noqa: ANN401 - PyVRP's own type
        """Read a solution."""
        left = [list(shifts) for shifts in self._shifts]
        made = {
            left[route.vehicle_type()].pop(): [
                self._clients[step.idx] for step in route if step.is_client()
            ]
            for route in solution.routes()
        }
        return self.plain.joined(made)

    def _bases(self) -> list[int]:
        return sorted({node for kind in self.plain.kinds for node in (kind.start, kind.end)})

    def _place(self, node: int, lost: tuple[int, ...], piece: int | None = None) -> Any:  # noqa: ANN401
        # What is lost is paid on the way to a place: two pieces that lose need two places.
        key = (node, lost, piece if any(lost) else None)
        if key not in self._places:
            self._places[key] = self._model.add_location(0.0, 0.0)
        return self._places[key]

    def _depot(self, node: int) -> Any:  # noqa: ANN401
        return self._model.add_depot(self._place(node, (0,) * len(self.plain.crews)))

    def _add_piece(self, piece: Piece) -> None:
        best = max(piece.prizes.values())
        lost = tuple(best - piece.prizes.get(crew, 0) for crew in self.plain.crews)
        node = self.plain.problem.visits[piece.visit].node
        place = self._place(node, lost, len(self._clients))
        starts = self.plain.starts(piece.visit, piece.seconds)
        group = self._model.add_client_group(required=False) if len(starts) > 1 else None
        for early, late in starts:
            self._clients.append(piece)
            self._model.add_client(
                place, service_duration=piece.seconds // self._unit,
                tw_early=-(-early // self._unit), tw_late=late // self._unit,
                prize=best * self._per_prize, required=False, group=group,
            )  # fmt: skip

    def _add_vehicles(self, depots: dict[int, Any]) -> list[list[int]]:
        profiles: dict[tuple[int, int], Any] = {}
        for kind, shifts in self.plain.kinds.items():
            key = (kind.crew, kind.matrix)
            if key not in profiles:
                profiles[key] = self._model.add_profile()
            self._model.add_vehicle_type(
                num_available=len(shifts), start_depot=depots[kind.start],
                end_depot=depots[kind.end], tw_early=-(-kind.early // self._unit),
                tw_late=kind.late // self._unit,
                profile=profiles[key],
            )  # fmt: skip
        self._profiles = list(profiles)
        return list(self.plain.kinds.values())

    def _with_matrices(self) -> Any:  # noqa: ANN401
        far = 4 * self.plain.horizon
        nodes = [node for node, _, _ in self._places]
        lost = np.array([lost for _, lost, _ in self._places], dtype=np.int64)
        durations, distances = [], []
        for crew, matrix in self._profiles:
            legs = self.plain.durations(matrix, nodes, far) // self._unit
            np.fill_diagonal(legs, 0)
            costs = legs + self._per_prize * lost[:, self.plain.crews.index(crew)]
            np.fill_diagonal(costs, 0)
            durations.append(legs)
            distances.append(costs)
        data = self._model.data()
        return data.replace(distance_matrices=distances, duration_matrices=durations)
