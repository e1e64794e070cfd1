"""Measure orienteering with hotel selection: ``python -m benchmarks.ophs DIR --csv OUT``.

``DIR`` holds instance files ``*.ophs``. ``gap`` is to the best known values: those of
``best_known.csv`` in ``DIR`` or above it, and where that has none the best that any method found
here in ten minutes (``ophs_best.csv``, with the method).
"""

import csv
from functools import partial
from pathlib import Path

from benchmarks.instances import best_known, read_ophs
from benchmarks.published import files, parser, run

FOUND = Path(__file__).parent / "ophs_best.csv"
SELECTED = ("64-45-1-2", "64-70-3-4", "66-125-2-3", "66-50-6-4", "66-60-5-3")
"""Those of the table in docs/benchmarks.md: 64 and 66 points."""


def found_here() -> dict[str, float]:
    """Read the best values that were found here."""
    with FOUND.open(newline="", encoding="utf-8") as file:
        return {row["instance"]: float(row["value"]) for row in csv.DictReader(file)}


def main() -> None:
    """Measure every file."""
    asked = parser(__doc__, selected=SELECTED).parse_args()
    paths = files(asked.folder, ".ophs", SELECTED if asked.selected else None)
    best = found_here() | best_known(asked.folder)
    run([partial(read_ophs, path) for path in paths], best, asked)


if __name__ == "__main__":
    main()
