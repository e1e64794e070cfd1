"""A solve that is cancelled, or whose process is killed, wherever it happens to be.

Moments are drawn by seed out of the questions that a part of the solver asks, so that every part is
cancelled in however little time it is through. How long a solve takes to hear is processor time of
all its threads: a busy machine changes nothing about it.
"""

import multiprocessing
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from time import process_time

import numpy as np
import pytest

from routing import Engine, Progress, Solution, SolveParams, check, recompute, solve
from routing.compiling import loading
from routing.problem import Problem
from routing.solution import Result, StopReason
from tests.builders import make_problem, make_shift, make_visit, regency
from tests.routing.naive_tours import small_problem
from tests.routing.patience import ATTEMPTS
from tests.routing.test_long_search import plane

HEARD_S = 0.5
# With a limit on work the parts take short turns, and compiled loops are waited for.
WORK = SolveParams(time_limit_s=120, solution_limit=100_000)

DAYS = regency(n_villages=60, n_teams=3, n_days=3, seed=6)
NIGHTS = small_problem(7, n_visits=40, n_days=6, n_teams=3)
LARGE = regency(n_villages=1500, n_teams=20, n_days=5, seed=3)
LONG = plane(1, 60, n_shifts=3, minutes=150)
# Nine sessions of an hour do not fit into eight hours, any eight do.
CLASH = make_problem(
    [make_visit(0, required=True) for _ in range(9)], [make_shift(hours=(0, 8))]
)  # fmt: skip

PARTS = {
    "greedy": (DAYS, Engine.ALL, "construct._add"),
    "local moves": (DAYS, Engine.ALL, "improve.run"),
    "ruin and recreate": (DAYS, Engine.ALL, "search.call"),
    "layouts of pricing": (DAYS, Engine.ALL, "proof._prepare"),
    "sampled routes": (DAYS, Engine.ALL, "proof.sample"),
    "exact pricing": (DAYS, Engine.ALL, "proof._price"),
    "LP": (DAYS, Engine.ALL, "proof.master_solution"),
    "SCIP": (DAYS, Engine.ALL, "choice.chosen"),
    "parts chosen anew": (DAYS, Engine.ALL, "neighbourhood._choose_anew"),
    "routes listed": (DAYS, Engine.ALL, "proof._listed"),
    "model of OR-Tools": (DAYS, Engine.ROUTING, "vrp._add_visits"),
    "OR-Tools": (DAYS, Engine.ROUTING, "vrp.run"),
    "reasons with nights": (NIGHTS, Engine.ALL, "explain.__init__"),
    "tours, ruin and recreate": (NIGHTS, Engine.ALL, "tour_search.call"),
    "tours, proof": (NIGHTS, Engine.ALL, "tour_proof.attempt"),
    "tours, LP": (NIGHTS, Engine.ALL, "proof.master_solution"),
    "tours, OR-Tools": (NIGHTS, Engine.ROUTING, "vrp.run"),
    "tours, nights moved": (NIGHTS, Engine.ROUTING, "night_moves.moved"),
    "long routes": (LONG, Engine.ALL, "long_search.call"),
    "long routes, OR-Tools": (LONG, Engine.ALL, "vrp.run"),
    "contradiction": (CLASH, Engine.ALL, "conflict.contradiction"),
    "greedy, largest office": (LARGE, Engine.ALL, "construct._add"),
}


def frames() -> Iterator[str]:
    """Which functions of routing are asking, as ``module.function``."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("routing."):
            yield f"{module.rsplit('.', 1)[-1]}.{frame.f_code.co_name}"
        frame = frame.f_back


@dataclass
class Cancel:
    """Says stop at one question of a part, or as soon as that part is left before."""

    part: str
    nth: int
    n_asked: int = 0
    told_at: float | None = None
    seen: list[Progress] = field(default_factory=list)

    def __call__(self) -> bool:
        if self.told_at is not None:
            return True
        is_there = self.part in frames()
        self.n_asked += is_there
        if self.n_asked >= self.nth or (self.n_asked and not is_there):
            self.told_at = process_time()
        return self.told_at is not None


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Have all loops, or a thread that compiles them takes processor time meanwhile."""
    for kind in ({"nights": False}, {"nights": True}, {"nights": False, "long": True}):
        loading(**kind).result()


@pytest.fixture(autouse=True)
def asked_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.run.ASK_EVERY_S", 0.0)


def cancelled(problem: Problem, engine: Engine, cancel: Cancel) -> tuple[Result, float]:
    """The result, and processor seconds from the cancel until it was there."""
    result = solve(
        problem, replace(WORK, engine=engine), on_progress=cancel.seen.append,
        should_stop=cancel,
    )  # fmt: skip
    assert cancel.told_at is not None, f"{cancel.part} never asked"
    return result, process_time() - cancel.told_at


@pytest.mark.parametrize("part", PARTS)
def test_a_cancel_in_any_part_keeps_the_best_within_half_a_second(part: str) -> None:
    problem, engine, asks = PARTS[part]
    draw, late = np.random.default_rng(list(PARTS).index(part)), list[float]()
    for _ in range(ATTEMPTS):
        cancel = Cancel(asks, nth=int(10 ** draw.uniform(0, 2.5)))
        result, took = cancelled(problem, engine, cancel)
        # That there is no plan was proven before the search for the reason was cancelled.
        is_clash = problem is CLASH
        assert result.stop_reason is (StopReason.PROVEN if is_clash else StopReason.CANCELLED)
        best = cancel.seen[-1]
        assert (result.value, result.solution) == (best.value, best.solution)
        assert result.value == max(p.value for p in cancel.seen)
        assert recompute(problem, result.solution)[3] == pytest.approx(result.value)
        broken = {x.rule for x in check(problem, result.solution)}
        assert broken == ({"required"} if is_clash else set())
        late.append(took)
        if took <= HEARD_S:
            return
    raise AssertionError(f"heard after {', '.join(f'{s:.2f}' for s in late)} processor seconds")


def _solve_aloud(pipe: Connection, problem: Problem, seed: int) -> None:
    """Solve in a process of its own and hand on every plan."""
    solve(
        problem, replace(WORK, seed=seed),
        on_progress=lambda progress: pipe.send((progress.value, progress.solution)),
    )  # fmt: skip


@pytest.mark.parametrize(("problem", "seed"), [(DAYS, 1), (NIGHTS, 2)], ids=["days", "nights"])
def test_what_a_killed_solve_told_is_whole_and_legal(problem: Problem, seed: int) -> None:
    n = int(np.random.default_rng(seed).integers(1, 7))
    context = multiprocessing.get_context("spawn")  # a fork may copy a lock that a thread holds
    told, pipe = context.Pipe(duplex=False)
    child = context.Process(target=_solve_aloud, args=(pipe, problem, seed))
    child.start()
    pipe.close()
    plans: list[tuple[float, Solution]] = [told.recv() for _ in range(n)]
    child.kill()
    child.join()
    while told.poll():
        try:
            plans.append(told.recv())
        except EOFError:
            break
    values = [value for value, _ in plans]
    assert values == sorted(values)
    for value, solution in plans:
        assert check(problem, solution) == []
        assert recompute(problem, solution)[3] == pytest.approx(value)
