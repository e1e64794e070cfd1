"""Time the import of a whole country: every village, then counts of each, beside plain pandas.

``python -m benchmarks.national REFERENCE [--postgresql ADDRESS]``, REFERENCE the folder with
``codes_indonesia_*.csv.gz`` and ``centroids_indonesia_villages.csv.gz``. The files that an office
would send are written first and not timed: a GeoPackage of points with names of district and
regency, and a CSV of counts made up from the codes (a JUMLAH row after each regency, every tenth
number as text with a separator). Each import goes through ``ingest`` into an empty database, in a
process of its own. The peer, in the same run, reads the same two files with geopandas and pandas
and writes them with ``to_sql``: it judges nothing. Prints a Markdown table.
"""

import argparse
import csv
import gzip
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

LIMIT_S, LIMIT_MB = 60, 1_500
AS_OF = "2024-06-30"


class Cost(NamedTuple):
    """What a piece of work took: seconds by the clock and of the processor, peak memory."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    rows: int


def villages(reference: Path) -> list[dict[str, object]]:
    """Join codes, names and points: one row for each village that has a point."""
    (codes,) = reference.glob("codes_indonesia_*.csv.gz")
    with gzip.open(codes, "rt", encoding="utf-8") as file:
        names = {row["code"]: row["name"] for row in csv.DictReader(file)}
    with gzip.open(
        reference / "centroids_indonesia_villages.csv.gz", "rt", encoding="utf-8"
    ) as file:
        points = {row["village_code"]: row for row in csv.DictReader(file)}
    return [
        {"kode_desa": code, "desa": name, "kecamatan": names[code[:8]],
         "kabupaten": names[code[:5]], "lon": float(points[code]["lon"]),
         "lat": float(points[code]["lat"])}
        for code, name in names.items()
        if len(code) == 13 and code in points
    ]  # fmt: skip


def write_points(rows: list[dict[str, object]], path: Path) -> None:
    """Write the villages as a layer of points."""
    import geopandas as gpd
    import pandas as pd

    frame = pd.DataFrame(rows)
    shapes = gpd.points_from_xy(frame["lon"], frame["lat"])
    gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=shapes, crs=4326).to_file(
        path, layer="desa", engine="pyogrio"
    )


def counts(rows: list[dict[str, object]]) -> Iterator[list[object]]:
    """Make up counts from the digits of the codes; the sums after each regency are right."""
    yield ["KODE WILAYAH", "KECAMATAN", "DESA", "WAJIB KTP", "SUDAH REKAM", "BELUM REKAM"]
    sums, regency = [0, 0, 0], ""
    for place, row in enumerate(rows):
        code = str(row["kode_desa"])
        if regency and code[:5] != regency:
            yield [f"JUMLAH {regency}", None, None, *sums]
            sums = [0, 0, 0]
        regency = code[:5]
        wajib = 400 + int(code.replace(".", "")) % 4_871
        recorded = wajib - int(code[-4:]) % 97
        numbers = [wajib, recorded, wajib - recorded]
        sums = [total + number for total, number in zip(sums, numbers, strict=True)]
        shown = f"{wajib:,}".replace(",", ".") if place % 10 == 0 else wajib
        yield [code, row["kecamatan"], row["desa"], shown, *numbers[1:]]
    yield [f"JUMLAH {regency}", None, None, *sums]


def ours(kind: str, path: Path, address: str) -> int:
    """Import one file; give the rows that were accepted."""
    from datetime import date

    from app.db import connect, migrate
    from app.ingest import ingest

    engine = connect(address)
    migrate(engine)
    day = date.fromisoformat(AS_OF) if kind == "counts" else None
    outcome = ingest(engine, kind, path, as_of=day)
    if [f.code for f in outcome.findings if f.code == "total-mismatch"]:
        raise SystemExit("a sum that is right was called wrong")
    engine.dispose()
    return outcome.accepted


def plain(kind: str, path: Path, address: str) -> int:
    """Read one file and write it to a table, judging nothing."""
    import geopandas as gpd
    import pandas as pd
    import sqlalchemy

    if kind == "villages":
        shapes = gpd.read_file(path)
        frame = pd.DataFrame(shapes.drop(columns="geometry")).assign(wkb=shapes.to_wkb().geometry)
    else:
        frame = pd.read_csv(path, dtype=str)
    engine = sqlalchemy.create_engine(address)
    frame.to_sql(f"plain_{kind}", engine, index=False, if_exists="replace")
    engine.dispose()
    return len(frame)


def cost_of(work: Callable[[str, Path, str], int], *args: object) -> Cost:
    """Do a piece of work in a new process and measure all of it, loading libraries too."""
    context = multiprocessing.get_context("spawn")
    answers = context.SimpleQueue()
    started = time.perf_counter()
    child = context.Process(target=_measured, args=(work, args, answers))
    child.start()
    child.join()
    if child.exitcode:
        sys.exit(child.exitcode)
    cpu_s, peak_mb, rows = answers.get()
    return Cost(time.perf_counter() - started, cpu_s, peak_mb, rows)


def _measured(work: Callable[..., int], args: tuple[object, ...], answers: object) -> None:
    rows = work(*args)
    used = resource.getrusage(resource.RUSAGE_SELF)
    answers.put((used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, rows))  # type: ignore[attr-defined]


def table(files: dict[str, Path], databases: dict[str, dict[str, str]]) -> Iterator[str]:
    """Give the lines of the table."""
    yield "| database | what | rows | wall s | processor s | peak MB |"
    yield "|---|---|---|---|---|---|"
    for database, addresses in databases.items():
        for name, work in (("ingest", ours), ("plain pandas", plain)):
            costs = [cost_of(work, kind, path, addresses[name]) for kind, path in files.items()]
            for kind, cost in zip(files, costs, strict=True):
                yield _row(database, f"{name}: {kind}", cost)
            both = Cost(
                sum(cost.wall_s for cost in costs), sum(cost.cpu_s for cost in costs),
                max(cost.peak_mb for cost in costs), sum(cost.rows for cost in costs),
            )  # fmt: skip
            is_within = both.wall_s < LIMIT_S and both.peak_mb < LIMIT_MB
            limits = f"under {LIMIT_S} s and {LIMIT_MB:,} MB: {'yes' if is_within else 'NO'}"
            yield _row(database, f"{name}, both" + (f" ({limits})" if work is ours else ""), both)


def _row(database: str, what: str, cost: Cost) -> str:
    cells = (database, what, f"{cost.rows:,}", f"{cost.wall_s:.1f}", f"{cost.cpu_s:.1f}",
             f"{cost.peak_mb:,.0f}")  # fmt: skip
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the files, import them and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reference", metavar="REFERENCE", type=Path)
    parser.add_argument("--postgresql", metavar="ADDRESS", help="an empty database")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = villages(given.reference)
        files = {"villages": folder / "desa.gpkg", "counts": folder / "rekap.csv"}
        write_points(rows, files["villages"])
        with files["counts"].open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(counts(rows))
        databases = {"SQLite": {"ingest": f"sqlite:///{folder}/ingest.sqlite",
                                "plain pandas": f"sqlite:///{folder}/plain.sqlite"}}  # fmt: skip
        if given.postgresql:
            databases["PostgreSQL"] = dict.fromkeys(("ingest", "plain pandas"), given.postgresql)
        for line in table(files, databases):
            print(line, flush=True)


if __name__ == "__main__":
    main()
