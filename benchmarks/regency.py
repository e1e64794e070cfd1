"""Measure plans of made-up regencies: ``python -m benchmarks.regency --csv OUT``.

The instances are those of ``benchmarks.regencies``, ``--seeds`` draws them. Every solve runs in a
process of its own, on so many cores, ours and those of ``--peers`` on the same problem, and is
judged by ``routing.check``. A CSV that is there already is gone on with. ``gap`` is what is missing
to a proven bound: of ours its own, of a peer the least bound of ours in the same CSV.
"""

import argparse
from dataclasses import replace
from functools import partial
from statistics import median
from time import perf_counter

from app import __version__
from benchmarks.peers import peer
from benchmarks.regencies import MINUTES, Regency, regency
from benchmarks.results import Key, Results, Row, add_arguments, apart, spent_of, summary
from routing import SolveParams, check, recompute, solve
from routing.compiling import compile_kernels, compile_tours

OURS = "ours"
BEST_KNOWN = {"kab185-t5-s1": 14132, "kab185-t5-s2": 22549, "kab185-t5-s3": 17564,
              "kab400-t8-s1": 28315, "kab1500-t20-s1": 53624}  # fmt: skip
"""Proven by column generation; those of 185 villages in the prototype too."""
RANDOM_SEED = 0
"""Of the solvers: the seeds of this command are those of the instances."""


def measure(instance: Regency, key: Key) -> Row:
    """Solve one instance by one method in this process, and judge the answer."""
    run = _ours if key.method == OURS else _peer
    row = run(instance, key)
    return replace(row, seconds=spent_of(key.seconds, row.seconds))


def _ours(instance: Regency, key: Key) -> Row:
    """Plan; pricing is compiled before the clock starts."""
    problem = instance.problem()
    compile_kernels()
    if problem.has_nights:
        compile_tours()
    started = perf_counter()
    result = solve(problem, SolveParams(time_limit_s=key.seconds, seed=RANDOM_SEED))
    seconds = perf_counter() - started
    _require_kept(instance, key.method, [v.message for v in check(problem, result.solution)])
    return Row(
        instance=instance.name, seed=key.seed, method=OURS, cores=key.cores, seconds=seconds,
        peak_mb=0, status=str(result.status), score=float(round(result.value)),
        bound=result.bound, gap=None if result.gap is None else round(result.gap, 8),
        best_known=BEST_KNOWN.get(instance.name), version=__version__,
    )  # fmt: skip


def _peer(instance: Regency, key: Key) -> Row:
    problem = instance.problem()
    solver = peer(key.method)
    started = perf_counter()
    answer = solver(problem, key.seconds, key.cores, RANDOM_SEED)
    seconds = perf_counter() - started
    if not answer.has_ended:
        seconds = max(seconds, key.seconds)
    _require_kept(instance, key.method, [v.message for v in check(problem, answer.solution)])
    value = recompute(problem, answer.solution)[3]
    return Row(
        instance=instance.name, seed=key.seed, method=key.method, cores=key.cores, seconds=seconds,
        peak_mb=answer.peak_mb, status="feasible", score=float(round(value)), bound=None, gap=None,
        best_known=BEST_KNOWN.get(instance.name), version=answer.version,
    )  # fmt: skip


def _require_kept(instance: Regency, method: str, messages: list[str]) -> None:
    """Stop at a plan that breaks a rule: its score would mean nothing."""
    if messages:
        raise AssertionError(f"{instance.name}, {method}: {messages[0]}")


def with_gap(row: Row, rows: list[Row]) -> Row:
    """Measure a row without a bound of its own against the least bound of ours there is."""
    ours = [r for r in rows if (r.instance, r.method) == (row.instance, OURS)]
    bounds = [r.bound for r in ours if r.bound]
    if row.bound is not None or not bounds:
        return row
    return replace(row, bound=min(bounds), gap=round(1 - row.score / min(bounds), 8))


def minutes(text: str) -> tuple[int, ...]:
    """Read ``60,120,240``."""
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or min(found) <= 0 or len(set(found)) < len(found):
        raise argparse.ArgumentTypeError(
            f"options {text!r}: must be different minutes, as 60,120,240"
        )
    return found


def count(text: str) -> int:
    """Read a whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: must be a whole number from 1 on")
    return int(text)


def add_size(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say which regencies are drawn."""
    parser.add_argument("--villages", type=count, default=185)
    parser.add_argument("--teams", type=count, default=5)
    parser.add_argument("--days", type=count, default=5)
    parser.add_argument("--overnight", action="store_true", help="let teams stay out")
    parser.add_argument("--options", type=minutes, default=MINUTES, help="minutes, as 60,120,240")


def drawn(asked: argparse.Namespace) -> dict[int, Regency]:
    """Draw the instances, by seed."""
    return {
        seed: regency(
            seed, n_villages=asked.villages, n_teams=asked.teams, n_days=asked.days,
            minutes=asked.options, overnight=asked.overnight,
        )
        for seed in asked.seeds
    }  # fmt: skip


def keys_of(asked: argparse.Namespace, instances: dict[int, Regency], seconds: float) -> list[Key]:
    """List the runs; ours first, because peers are measured against its bounds."""
    return [
        Key(instance=instance.name, seed=seed, method=method, cores=asked.cores, seconds=seconds)
        for method in (OURS, *asked.peers)
        for seed, instance in instances.items()
    ]


def measure_missing(results: Results, keys: list[Key], instances: dict[int, Regency]) -> None:
    """Make the runs that a CSV has no row of, each in a process of its own."""
    for key in results.missing(keys):
        row, peak_mb = apart(key.cores, partial(measure, instances[key.seed], key))
        row = replace(row, peak_mb=max(row.peak_mb, peak_mb))
        results.add(with_gap(row, results.rows))


def main() -> None:
    """Measure what is missing, write each row at once, print what each method reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    add_size(parser)
    add_arguments(parser, seconds=10.0)
    asked = parser.parse_args()
    instances = drawn(asked)
    keys = keys_of(asked, instances, asked.seconds)
    results = Results(asked.csv)
    measure_missing(results, keys, instances)
    rows = results.of(keys)
    summary(rows)
    spent = [row.seconds for row in rows if row.method == OURS]
    if spent:
        print(f"{OURS}: median {median(spent):.1f} s")


if __name__ == "__main__":
    main()
