"""Time the reading and judging of village outlines, beside reading alone.

``python -m benchmarks.boundaries FILE... [--runs 5]``, FILE any map of villages, such as
``batas_desa.gpkg`` of a pilot. The peer, in the same run, is ``geopandas.read_file``: it gives the
same outlines and judges nothing (no codes, residents, validity, points, overlaps or gaps). Prints a
Markdown table of medians.
"""

import argparse
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import geopandas as gpd
import shapely

from geodata.boundaries import VillagesImport, read_villages

LIMIT_S = 10


def median_s(work: Callable[[], object], runs: int) -> float:
    """Time ``work`` after one run that is not counted."""
    work()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def measure(path: Path, runs: int) -> str:
    """Give one row of the table."""
    found: list[VillagesImport] = []
    ours_s = median_s(lambda: found.append(read_villages(path)), runs)
    plain_s = median_s(lambda: gpd.read_file(path), runs)
    frame = found[-1].frame
    n_corners = int(shapely.get_num_coordinates(frame.geometry.to_numpy()).sum())
    told = {finding.code: finding.value for finding in found[-1].findings}
    cells = (
        "/".join(path.parts[-2:]), f"{len(frame):,}", f"{n_corners:,}", f"{plain_s:.2f}",
        f"{ours_s:.2f}", told.get("outlines-overlap") or "0", told.get("outlines-gap") or "0",
        "yes" if ours_s < LIMIT_S else "NO",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure each file and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    print(f"| file | villages | corners | geopandas, s | read and judged, s | pairs that overlap "
          f"| gaps | under {LIMIT_S} s |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    for path in given.files:
        print(measure(path, given.runs))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    libraries = ", ".join(f"{name} {version(name)}" for name in ("geopandas", "pyogrio", "shapely"))
    print(f"\nMedians of {given.runs} runs after one; peak memory {peak_mb:,.0f} MB; "
          f"Python {platform.python_version()}, {libraries}; {os.cpu_count()} cores.")  # fmt: skip


if __name__ == "__main__":
    main()
