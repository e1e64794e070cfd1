"""What every benchmark that is compared with peers writes: one CSV, a row per run, gone on with.

``seconds`` is the time limit when a run kept to it and went on until then, and the seconds it took
when it ended before by itself (proven, or nothing left to try) or came more than 5 % + 1 s late.
``gap`` is a fraction, what is missing to ``bound``, or where a published instance has no bound here
to ``best_known``; each command says which. What is not known is empty.
"""

import argparse
import csv
import logging
import os
import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median
from time import perf_counter
from typing import TypeVar

from benchmarks.peers import peers
from routing import SolveParams

MINUTES = 55
"""After so many a command begins no further run: it ends within an hour."""
ENDS_BY_ITSELF = frozenset({"vroom"})
"""Methods that may end before the time limit without a proof."""
OPTIMAL = "optimal"
MOST_SEED = 2**31 - 1
"""The highest seed that every method takes."""

T = TypeVar("T")


@contextmanager
def without_warnings() -> Iterator[None]:
    """Keep what imports and plans log from a table; a decorator too."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run of one method; the names of the fields are the columns."""

    instance: str
    seed: int
    method: str
    cores: int
    seconds: float
    peak_mb: int
    status: str
    score: float
    bound: float | None
    gap: float | None
    best_known: float | None
    version: str


FIELDS = tuple(field.name for field in fields(Row))


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A run that is asked for; ``seconds`` is its time limit."""

    instance: str
    seed: int
    method: str
    cores: int
    seconds: float


class Results:
    """The rows of a CSV file, written one by one as they are measured."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.parent.is_dir():
            raise SystemExit(f"{path}: there is no folder {path.parent}; make it, or give another")
        self.rows: list[Row] = _read(path) if path.exists() and path.stat().st_size else []
        # Written anew: a run that was killed may have left half a row.
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(FIELDS)
            writer.writerows(_cells(row) for row in self.rows)

    def add(self, row: Row) -> None:
        """Append a row, on disk at once, and print it."""
        self.rows.append(row)
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow(_cells(row))
        cells = zip(FIELDS, _cells(row), strict=True)
        print(*(f"{name}={cell}" for name, cell in cells if cell != ""), flush=True)

    def find(self, key: Key) -> Row | None:
        """Return the row that a run gave; None when it is still to be made.

        Of several the one that had most time; a run that came late is to be made again.
        """
        found = [row for row in self.rows if _answers(row, key)]
        return max(found, key=lambda row: row.seconds, default=None)

    def of(self, keys: list[Key]) -> list[Row]:
        """Return the rows there are of these runs."""
        return [row for key in keys if (row := self.find(key)) is not None]

    def missing(self, keys: list[Key], minutes: float = MINUTES) -> Iterator[Key]:
        """Give the runs that are still to be made, as long as the command may begin another."""
        started = perf_counter()
        todo = [key for key in keys if self.find(key) is None]
        for done, key in enumerate(todo):
            spent = perf_counter() - started
            if spent + key.seconds > 60 * minutes:
                print(f"{len(todo) - done} runs are left: the same command goes on with them")
                return
            yield key


def spent_of(limit: float, measured: float) -> float:
    """Tell the ``seconds`` of a row from the limit and what was measured, see above."""
    if measured > 1.05 * limit + 1 or measured < 0.95 * limit:
        return round(measured, 2)
    return limit


def apart(cores: int, work: Callable[[], T]) -> tuple[T, int]:
    """Call a function (a ``functools.partial``) in a fresh process that may use so many cores.

    Returns
    -------
    tuple
        What it returned, and the peak memory in MB of that process and of those it started.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_measured, cores, work).result()


def _measured(cores: int, work: Callable[[], T]) -> tuple[T, int]:
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < cores:
        raise SystemExit(f"--cores {cores}: this machine gives {len(allowed)}")
    os.sched_setaffinity(0, allowed[:cores])
    answer = work()
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return answer, max(resource.getrusage(who).ru_maxrss for who in whose) // 1024


def summary(rows: list[Row]) -> None:
    """Print what each method reached: gaps in percent."""
    for method in dict.fromkeys(row.method for row in rows):
        own = [row for row in rows if row.method == method]
        gaps = [row.gap for row in own if row.gap is not None]
        text = f"{method}: {len(own)} runs, mean score {mean(row.score for row in own):,.2f}"
        if gaps:
            text += (
                f", gap of {len(gaps)}: mean {mean(gaps):.3%}, median {median(gaps):.3%}, "
                f"worst {max(gaps):.3%}"
            )
        print(text)


def seeds(text: str) -> list[int]:
    """Read ``1-3`` or ``1,4,7`` or both together."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not first.isdigit() or (last and not last.isdigit()) or part.endswith("-"):
            raise argparse.ArgumentTypeError(f"seeds {text!r}: must be as 1-3 or 1,4,7")
        span = range(int(first), int(last or first) + 1)
        if not span or span[-1] > MOST_SEED:
            text = f"seeds {part!r}: must go up, to {MOST_SEED} at most"
            raise argparse.ArgumentTypeError(text)
        found += span
    return list(dict.fromkeys(found))


def time_limit(text: str) -> float:
    """Read a time limit in seconds, as ``SolveParams`` takes it."""
    try:
        return SolveParams(time_limit_s=float(text)).time_limit_s
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"seconds {text!r}: {error}") from error


def add_arguments(
    parser: argparse.ArgumentParser, *, seconds: float | None, has_peers: bool = True
) -> None:
    """Add what every one of these commands takes."""
    parser.add_argument("--seeds", type=seeds, default=[1, 2, 3], help="as 1-3 or 1,4,7")
    if seconds is not None:
        parser.add_argument("--seconds", type=time_limit, default=seconds, help="limit of each run")
    parser.add_argument("--cores", type=int, default=2)
    if has_peers:
        parser.add_argument("--peers", type=peers, default=[], help="as pyvrp,vroom,ortools")
    parser.add_argument("--csv", type=Path, required=True, help="gone on with if it is there")


def _answers(row: Row, key: Key) -> bool:
    same = (row.instance, row.seed, row.method, row.cores)
    if same != (key.instance, key.seed, key.method, key.cores):
        return False
    if row.seconds == key.seconds:
        return True
    ended = row.status == OPTIMAL or row.method in ENDS_BY_ITSELF
    return ended and row.seconds < key.seconds


def _cells(row: Row) -> list[str]:
    return ["" if cell is None else f"{cell:.10g}" if isinstance(cell, float) else str(cell)
            for cell in astuple(row)]  # fmt: skip


def _read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    if tuple(lines[0]) != FIELDS:
        raise SystemExit(
            f"{path} line 1: the columns are {','.join(lines[0])}, not {','.join(FIELDS)}; "
            "give another --csv"
        )
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        try:
            rows.append(_row(cells))
        except ValueError as error:
            if number == len(lines):  # the row that was being written when the run was killed
                break
            raise SystemExit(
                f"{path} line {number}: {error}; mend it or give another --csv"
            ) from error
    return rows


def _row(cells: list[str]) -> Row:
    if len(cells) != len(FIELDS):
        raise ValueError(f"{len(cells)} cells, not {len(FIELDS)}")
    named = dict(zip(FIELDS, cells, strict=True))
    bound, gap, best_known = (
        float(named[name]) if named[name] else None for name in ("bound", "gap", "best_known")
    )
    return Row(
        instance=named["instance"], seed=int(named["seed"]), method=named["method"],
        cores=int(named["cores"]), seconds=float(named["seconds"]),
        peak_mb=int(named["peak_mb"]), status=named["status"], score=float(named["score"]),
        bound=bound, gap=gap, best_known=best_known, version=named["version"],
    )  # fmt: skip
