"""Measure day plans of made-up regencies: ``python -m benchmarks.regency --csv OUT``.

Every solve runs in a process of its own, on so many cores. A CSV that is there already is gone on
with: rows in it are not measured again.
"""

import argparse
import csv
import os
import resource
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter

from app import __version__
from benchmarks.regencies import MINUTES, regency
from routing import SolveParams, check, solve
from routing.compiling import compile_kernels, compile_tours

FIELDS = (
    "instance", "seed", "method", "cores", "seconds", "peak_mb", "status", "score", "bound", "gap",
    "best_known", "version",
)  # fmt: skip
BEST_KNOWN = {"kab185-t5-s1": 14132, "kab185-t5-s2": 22549, "kab185-t5-s3": 17564,
              "kab400-t8-s1": 28315, "kab1500-t20-s1": 53624}  # fmt: skip
"""Proven by column generation; those of 185 villages in the prototype too."""

Row = dict[str, object]


def measure(asked: argparse.Namespace, seed: int) -> Row:
    """Solve one instance in this process; pricing is compiled before the clock starts."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: asked.cores])
    compile_kernels()
    if asked.overnight:
        compile_tours()
    instance = regency(
        seed, n_villages=asked.villages, n_teams=asked.teams, n_days=asked.days,
        minutes=asked.options, overnight=asked.overnight,
    )  # fmt: skip
    problem = instance.problem()
    started = perf_counter()
    result = solve(problem, SolveParams(time_limit_s=asked.seconds, seed=0))
    seconds = perf_counter() - started
    violations = check(problem, result.solution)
    if violations:
        raise AssertionError(f"{instance.name}: {violations[0].message}")
    return {
        "instance": instance.name, "seed": seed, "method": "ours", "cores": asked.cores,
        "seconds": round(seconds, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "status": str(result.status), "score": round(result.value),
        "bound": "" if result.bound is None else result.bound,
        "gap": "" if result.gap is None else round(result.gap, 8),
        "best_known": BEST_KNOWN.get(instance.name, ""), "version": __version__,
    }  # fmt: skip


def missing(asked: argparse.Namespace) -> Iterator[int]:
    """Seeds that the CSV has no row of."""
    done: set[tuple[str, str]] = set()
    if asked.csv.exists():
        with asked.csv.open(newline="") as file:
            done = {(row["instance"], row["cores"]) for row in csv.DictReader(file)}
    for seed in asked.seeds:
        name = regency(
            seed, n_villages=asked.villages, n_teams=asked.teams, n_days=asked.days,
            minutes=asked.options, overnight=asked.overnight,
        ).name  # fmt: skip
        if (name, str(asked.cores)) not in done:
            yield seed


def seeds(text: str) -> list[int]:
    """Read ``1-3`` or ``1,4``."""
    parts = [part.split("-") for part in text.split(",")]
    return [seed for part in parts for seed in range(int(part[0]), int(part[-1]) + 1)]


def minutes(text: str) -> tuple[int, ...]:
    """Read ``60,120,240``."""
    return tuple(int(part) for part in text.split(","))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--villages", type=int, default=185)
    parser.add_argument("--teams", type=int, default=5)
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--overnight", action="store_true", help="let teams stay out")
    parser.add_argument("--options", type=minutes, default=MINUTES, help="minutes, as 60,120,240")
    parser.add_argument("--seeds", type=seeds, default=[1, 2, 3], help="as 1-3 or 1,4")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--csv", type=Path, required=True)
    return parser.parse_args()


def main() -> None:
    """Measure what is missing, write each row at once, print the medians."""
    asked = arguments()
    is_new = not asked.csv.exists()
    with asked.csv.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if is_new:
            writer.writeheader()
        for seed in list(missing(asked)):
            # A fresh process for each, so that the peak of memory is its own.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                row = process.submit(measure, asked, seed).result()
            writer.writerow(row)
            file.flush()
            print(*(f"{key}={row[key]}" for key in FIELDS if row[key] != ""))
    with asked.csv.open(newline="") as file:
        rows = list(csv.DictReader(file))
    gaps = [float(row["gap"]) for row in rows if row["gap"]]
    spent = median(float(row["seconds"]) for row in rows)
    print(f"{len(rows)} rows, {len(gaps)} with a bound; median {spent:.1f} s")
    if gaps:
        print(f"gap: median {median(gaps):.4%}, worst {max(gaps):.4%}")


if __name__ == "__main__":
    main()
