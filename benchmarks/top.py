"""Measure team orienteering (Chao, Golden and Wasil): ``python -m benchmarks.top DIR --csv OUT``.

``DIR`` holds instance files ``*.txt``; ``best_known.csv`` in it or above it has the best known
values, to which ``gap`` is.
"""

from functools import partial

from benchmarks.instances import best_known, read_top
from benchmarks.published import files, parser, run

SELECTED = (
    *(f"p4.{m}.{x}" for m in (2, 3, 4) for x in "fkpt"),
    "p6.2.j", "p6.3.m", "p6.4.n", "p3.2.m", "p3.3.q", "p3.4.t", "p2.2.k", "p1.3.p",
)  # fmt: skip
"""Those of the table in docs/benchmarks.md."""


def main() -> None:
    """Measure every file."""
    asked = parser(__doc__, selected=SELECTED).parse_args()
    paths = files(asked.folder, ".txt", SELECTED if asked.selected else None)
    run([partial(read_top, path) for path in paths], best_known(asked.folder), asked)


if __name__ == "__main__":
    main()
