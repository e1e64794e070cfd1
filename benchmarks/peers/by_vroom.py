"""VROOM: jobs with priorities from 0 to 100, of which it leaves the least in sum.

A job is a piece of a visit (``plain.Piece``). A prize that depends on the crew has no counterpart
in VROOM's interface, so it is modelled in two ways and the better plan counts: the mean over the
shifts that bring anything, or the best one for the crews that bring it, the others being kept away
by skills. VROOM uses all cores and ends by itself; the second way gets the time that the first
leaves.
"""

from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

import numpy as np
import vroom

from benchmarks.peers import Answer, version_of
from benchmarks.peers.plain import Piece, Plain, Routes, peak_mb
from routing import Problem, Solution, recompute

TOP_PRIORITY = 100
EXPLORATION = 5
"""The highest level of search."""
LEAST_S = 0.05
"""Seconds that a run gets where the one before took all."""
ENDED_SHARE = 0.5
"""A run that took less of its limit ended by itself: VROOM stops well before a limit that cuts."""
STEP_COLUMNS = ("vehicle_id", "type", "id")


@dataclass(frozen=True, slots=True)
class _Job:
    piece: Piece
    prize: float
    crews: frozenset[int]


def solve(problem: Problem, seconds: float, cores: int, seed: int) -> Answer:  # noqa: ARG001
    """Plan with VROOM alone; it has no seed.

    Raises
    ------
    NotModelled
        When the problem has more than VROOM's interface expresses.
    """
    ends = perf_counter() + seconds
    plain = Plain(problem)
    views = [_mean, _best] if len(plain.crews) > 1 else [_best]
    best, value, has_ended = Solution(), 0.0, True
    for done, view in enumerate(views if plain.pieces else []):
        limit = max(LEAST_S, (ends - perf_counter()) / (len(views) - done))
        started = perf_counter()
        plan = plain.plan(_run(plain, view(plain), limit, cores))
        has_ended &= perf_counter() - started < ENDED_SHARE * limit
        if recompute(problem, plan)[3] > value:
            best, value = plan, recompute(problem, plan)[3]
    return Answer(best, peak_mb(), version_of("vroom"), has_ended)


def _best(plain: Plain) -> list[_Job]:
    """Tell the highest prize of each piece, and the crews that bring it."""
    tops = [max(piece.prizes.values()) for piece in plain.pieces]
    return [
        _Job(piece, top, frozenset(crew for crew, prize in piece.prizes.items() if prize == top))
        for piece, top in zip(plain.pieces, tops, strict=True)
    ]


def _mean(plain: Plain) -> list[_Job]:
    """Tell the mean prize of each piece over shifts, and all crews that bring anything."""
    n_shifts = dict.fromkeys(plain.crews, 0)
    for kind, shifts in plain.kinds.items():
        n_shifts[kind.crew] += len(shifts)
    return [
        _Job(
            piece,
            sum(n_shifts[crew] * prize for crew, prize in piece.prizes.items())
            / sum(n_shifts[crew] for crew in piece.prizes),
            frozenset(piece.prizes),
        )
        for piece in plain.pieces
    ]


def _run(plain: Plain, jobs: list[_Job], seconds: float, cores: int) -> Routes:
    """Ask VROOM once."""
    model = vroom.Input()
    profiles = {kind.matrix: f"matrix {kind.matrix}" for kind in plain.kinds}
    far = 4 * plain.horizon
    for matrix, name in profiles.items():
        table = plain.durations(matrix, range(plain.problem.n_nodes), far)
        model.set_durations_matrix(name, table.astype(np.uint32))
    # A job needs all of its skills: one skill stands for each set of crews.
    teams = {crews: skill for skill, crews in enumerate(dict.fromkeys(job.crews for job in jobs))}
    for kind, shifts in plain.kinds.items():
        skills = {skill for crews, skill in teams.items() if kind.crew in crews}
        for s in shifts:
            model.add_vehicle(
                vroom.Vehicle(
                    id=s, start=kind.start, end=kind.end, profile=profiles[kind.matrix],
                    time_window=(kind.early, kind.late), skills=skills,
                )
            )  # fmt: skip
    scale = TOP_PRIORITY / max(job.prize for job in jobs)
    for j, job in enumerate(jobs):
        model.add_job(
            vroom.Job(
                id=j, location=plain.problem.visits[job.piece.visit].node,
                default_service=job.piece.seconds, skills={teams[job.crews]},
                priority=max(1, round(scale * job.prize)),
                time_windows=plain.starts(job.piece.visit, job.piece.seconds),
            )
        )  # fmt: skip
    answer = model.solve(
        exploration_level=EXPLORATION, nb_threads=cores, timeout=timedelta(seconds=seconds)
    )
    made: dict[int, list[Piece]] = {s: [] for shifts in plain.kinds.values() for s in shifts}
    for s, step, job in zip(*(answer.routes[c] for c in STEP_COLUMNS), strict=True):
        if step == "job":
            made[int(s)].append(jobs[int(job)].piece)
    return plain.joined(made)
