"""What the commands for published instances share: which files, each run in a process, its row.

``gap`` is the share that a score is short of ``best_known`` (below 0: better than that), and where
none is known of ``bound``. Every score is recomputed from the file itself (``instances.py``); a
plan that breaks a rule stops the command.
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter

from app import __version__
from benchmarks.instances import Instance, InstanceError, with_hotels
from benchmarks.peers import peer
from benchmarks.results import Key, Results, Row, add_arguments, apart, spent_of, summary
from routing import Problem, Result, SolveParams, check, solve
from routing.compiling import loading
from routing.long.long_routes import suits

OURS = "ours"
DESCRIPTION = "format.txt"
"""How the names of files end that describe a format."""

Reader = Callable[[], Instance]


def parser(
    description: str | None, *, selected: Sequence[str], seconds: float = 10.0
) -> argparse.ArgumentParser:
    """Make the command line of one of these commands."""
    made = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    made.add_argument("folder", type=Path, help="a folder of instance files, or one file")
    made.add_argument(
        "--selected",
        action="store_true",
        help=f"only {len(selected)} of them: {', '.join(selected)}",
    )
    add_arguments(made, seconds=seconds)
    return made


def files(folder: Path, suffix: str, selected: Sequence[str] | None) -> list[Path]:
    """List the instance files in a folder and those below, or the one file."""
    if folder.is_file():
        return [folder]
    found = sorted(p for p in folder.rglob(f"*{suffix}") if not p.name.endswith(DESCRIPTION))
    if selected is not None:
        found = [path for path in found if path.stem in selected]
    if not found:
        raise SystemExit(f"{folder}: no file *{suffix} there; give the folder of the instances")
    return found


def run(readers: Iterable[Reader], best: dict[str, float], asked: argparse.Namespace) -> None:
    """Measure what the CSV does not have yet, and print what each method reached."""
    try:
        instances = {(instance := read()).name: (instance, read) for read in readers}
    except InstanceError as error:
        raise SystemExit(str(error)) from error
    results = Results(asked.csv)
    keys = [
        Key(instance=name, seed=seed, method=method, cores=asked.cores, seconds=asked.seconds)
        for name in instances
        for seed in asked.seeds
        for method in (OURS, *asked.peers)
    ]
    for key in results.missing(keys):
        row, peak_mb = apart(key.cores, partial(measure, instances[key.instance][1], key))
        row = replace(row, peak_mb=max(row.peak_mb, peak_mb))
        results.add(with_gap(row, best.get(key.instance)))
    summary(results.of(keys))


def measure(read: Reader, key: Key) -> Row:
    """Make one run in this process; what is compiled is compiled before the clock starts."""
    instance = read()
    if key.method == OURS:
        _compile(instance.problem)
        started = perf_counter()
        result = _solved(instance, key)
        seconds, score = perf_counter() - started, instance.score(result.solution)
        return _row(key, seconds, score, str(result.status), result.bound, 0, __version__)
    if instance.problem.has_nights:
        # A peer has no choice of hotels: it is given those of ours, and all its time beside.
        instance = with_hotels(instance, _solved(instance, key).solution)
    solver = peer(key.method)
    started = perf_counter()
    answer = solver(instance.problem, key.seconds, key.cores, key.seed)
    seconds, score = perf_counter() - started, instance.score(answer.solution)
    return _row(key, seconds, score, "feasible", None, answer.peak_mb, answer.version)


def with_gap(row: Row, best: float | None) -> Row:
    """Add what is best known, and the gap to it or else to the bound."""
    against = best if best is not None else row.bound
    gap = None if against is None else (against - row.score) / max(1.0, against)
    return replace(row, best_known=best, gap=None if gap is None else round(gap, 8))


def _compile(problem: Problem) -> None:
    """Load all that a plan of this problem may need."""
    is_known = suits(problem)
    if is_known:
        loading(long=True).result()
    if not (is_known and problem.has_nights):
        loading(nights=problem.has_nights).result()


def _solved(instance: Instance, key: Key) -> Result:
    result = solve(instance.problem, SolveParams(time_limit_s=key.seconds, seed=key.seed))
    violations = check(instance.problem, result.solution)
    if violations:
        raise AssertionError(f"{instance.name}: {violations[0].message}")
    return result


def _row(
    key: Key, seconds: float, score: float, status: str, bound: float | None, peak_mb: int,
    version: str,
) -> Row:  # fmt: skip
    return Row(
        instance=key.instance, seed=key.seed, method=key.method, cores=key.cores,
        seconds=spent_of(key.seconds, seconds), peak_mb=peak_mb, status=status, score=score,
        bound=bound, gap=None, best_known=None, version=version,
    )  # fmt: skip
