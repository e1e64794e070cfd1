"""Measure re-planning after a cancellation: ``python -m benchmarks.replan --csv OUT``.

Each made-up regency is planned, one of its villages, drawn by seed, cancels, and the week is
planned anew. ``loss`` compares with the best plan that need not keep anything, ``changed`` is the
share of the other stops that move or are dropped. A CSV that is there already is gone on with.
"""

import argparse
import csv
import os
import resource
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from app import __version__
from benchmarks.regencies import regency
from benchmarks.results import seeds
from routing import Events, Problem, SolveParams, check, recompute, replan, solve
from routing.compiling import compile_kernels
from routing.replan import stops_of

FIELDS = (
    "instance", "seed", "method", "cores", "seconds", "peak_mb", "status", "score", "bound", "gap",
    "best_known", "version", "village", "n_published", "n_changed", "changed", "loss",
)  # fmt: skip
PRICE_SHARE = 0.06
"""Price of a changed stop as a share of what a stop brings on average: 0.5 of 8 documents."""

Row = dict[str, object]


def measure(asked: argparse.Namespace, seed: int) -> Row:
    """Plan, cancel and plan anew in this process; pricing is compiled before the clock starts."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: asked.cores])
    compile_kernels()
    instance = regency(seed, n_villages=asked.villages, n_teams=asked.teams, n_days=asked.days)
    problem = instance.problem()
    published = solve(problem, SolveParams(time_limit_s=asked.plan_seconds)).solution
    made = sorted(stops_of(published))
    village, _ = made[int(np.random.default_rng(seed).integers(len(made)))]
    events = Events(cancelled=frozenset({village}))
    price = round(PRICE_SHARE * recompute(problem, published)[0] / len(made))
    started = perf_counter()
    again = replan(problem, published, events, SolveParams(time_limit_s=asked.seconds), price=price)
    seconds = perf_counter() - started
    without = _without(problem, village)
    violations = check(without, again.result.solution)
    if violations:
        raise AssertionError(f"{instance.name}: {violations[0].message}")
    free = solve(without, SolveParams(time_limit_s=asked.plan_seconds))
    best = free.prize if free.bound is None else free.bound
    result = again.result
    return {
        "instance": instance.name, "seed": seed, "method": "ours", "cores": asked.cores,
        "seconds": round(seconds, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "status": str(result.status), "score": result.prize,
        "bound": "" if result.bound is None else result.bound,
        "gap": "" if result.gap is None else round(result.gap, 8),
        "best_known": best, "version": __version__, "village": village,
        "n_published": again.n_published, "n_changed": len(again.changed),
        "changed": round(len(again.changed) / again.n_published, 4),
        "loss": round(1 - result.prize / best, 6),
    }  # fmt: skip


def _without(problem: Problem, village: int) -> Problem:
    """Take one village out, with nothing to keep."""
    visits = list(problem.visits)
    visits[village] = replace(visits[village], shifts=frozenset())
    return replace(problem, visits=tuple(visits))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--villages", type=int, default=185)
    parser.add_argument("--teams", type=int, default=5)
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--seeds", type=seeds, default=[1, 2, 3], help="as 1-3 or 1,4")
    parser.add_argument("--plan-seconds", type=float, default=20.0, help="for the plan before")
    parser.add_argument("--seconds", type=float, default=4.0, help="for the plan after")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--csv", type=Path, required=True)
    return parser.parse_args()


def main() -> None:
    """Measure what is missing, write each row at once, print the worst figures."""
    asked = arguments()
    done: set[str] = set()
    if asked.csv.exists():
        with asked.csv.open(newline="") as file:
            done = {row["seed"] for row in csv.DictReader(file)}
    with asked.csv.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if not done:
            writer.writeheader()
        for seed in [seed for seed in asked.seeds if str(seed) not in done]:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                row = process.submit(measure, asked, seed).result()
            writer.writerow(row)
            file.flush()
            print(*(f"{key}={row[key]}" for key in FIELDS if row[key] != ""))
    with asked.csv.open(newline="") as file:
        rows = list(csv.DictReader(file))
    figures = {name: [float(row[name]) for row in rows] for name in ("seconds", "changed", "loss")}
    print(f"{len(rows)} rows: median {median(figures['seconds']):.1f} s")
    print(f"worst: {max(figures['changed']):.1%} changed, {max(figures['loss']):.2%} lost")


if __name__ == "__main__":
    main()
