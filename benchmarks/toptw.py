"""Measure team orienteering with time windows: ``python -m benchmarks.toptw DIR --csv OUT``.

``DIR`` holds instance files ``*.txt``, each solved with every number of ``--routes``;
``best_known.csv`` in it or above it has the best known values, to which ``gap`` is.
"""

from functools import partial

from benchmarks.instances import best_known, read_toptw
from benchmarks.published import files, parser, run
from benchmarks.results import seeds

SELECTED = ("c101", "c104", "c107", "r101", "r104", "r109")
"""Those of the table in docs/benchmarks.md."""


def main() -> None:
    """Measure every file."""
    made = parser(__doc__, selected=SELECTED)
    made.add_argument("--routes", type=seeds, default=[1, 2, 3, 4], help="as 1-4")
    asked = made.parse_args()
    paths = files(asked.folder, ".txt", SELECTED if asked.selected else None)
    readers = [partial(read_toptw, path, m) for path in paths for m in asked.routes]
    run(readers, best_known(asked.folder), asked)


if __name__ == "__main__":
    main()
