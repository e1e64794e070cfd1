"""Plan one week of many made-up regencies by several workers of PostgreSQL's queue.

``python -m benchmarks.scale ADDRESS [--regencies 514] [--workers 2] [--seconds 2]``, ADDRESS an
empty database, which is filled. Each regency has ``VILLAGES`` villages on a lattice of roads of its
own and ``TEAMS`` teams; numbers come from its place in the list, so every run plans the same. The
workers are processes of ``jemput-bola worker`` that have loaded the planner before the clock
starts. Prints a Markdown table; overhead is what a job took from its start to its end beyond its
own search, which ends before the seconds given when the plan is proven.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from datetime import time as clock
from pathlib import Path
from statistics import mean, median, quantiles
from typing import NamedTuple

import shapely
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from app.connectivity import rejoin
from app.db import connect, migrate, reading, transaction
from app.jobs.plan_all import plan_all
from app.models import (
    UNFINISHED,
    DataImport,
    Job,
    JobState,
    NetworkLine,
    SignalReport,
    Team,
    Village,
    VillageCount,
)
from app.settings import PREFIX, Settings

REGENCIES = 514
VILLAGES, TEAMS = 96, 5
COLUMNS, STEP = 12, 0.04
"""Villages in a row, and degrees between them: 4.4 km."""
WEEK, TODAY, AS_OF = "2026-W49", date(2026, 11, 22), date(2026, 6, 30)
SIGNALS = ("none", "weak", "strong", "very_strong")
READY_S = 300.0


class Outcome(NamedTuple):
    """What one run took: seconds, but for the numbers of jobs."""

    n_jobs: int
    n_succeeded: int
    defer_s: float
    wall_s: float
    spans: list[float]
    searches: list[float]

    @property
    def overheads(self) -> list[float]:
        """Seconds of each job that were not its search."""
        return [span - search for span, search in zip(self.spans, self.searches, strict=True)]


def furnish(engine: Engine, n_regencies: int) -> None:
    """Store the regencies as if they had been imported."""
    with transaction(engine) as session:
        imports = {}
        for kind in ("villages", "counts", "connectivity", "network", "teams"):
            row = DataImport(
                kind=kind, file_name=f"{kind}.csv", sha256="0" * 64, source="scale", as_of=AS_OF,
                accepted=1, corrected=0, refused=0,
            )  # fmt: skip
            session.add(row)
            session.flush()
            imports[kind] = row.id or 0
        for number in range(n_regencies):
            _regency(session, number, imports)
            session.flush()
            session.expunge_all()
        rejoin(session)


def code_of(number: int) -> str:
    """Give a regency's code: provinces of at most 40 regencies, from 11 on."""
    return f"{11 + number // 40}.{1 + number % 40:02d}"


def _regency(session: Session, number: int, imports: dict[str, int]) -> None:
    west, south = 95.5 + number % 40, -10.0 + number // 40
    regency = code_of(number)
    codes = []
    for place in range(VILLAGES):
        row, column = divmod(place, COLUMNS)
        code = f"{regency}.{1 + row:02d}.{2001 + column}"
        codes.append(code)
        lon, lat = west + column * STEP, south + row * STEP
        session.add(
            Village(
                code=code, name=f"Desa {place}", kind="desa", district_code=code[:8],
                district=f"Kecamatan {row}", regency_code=regency, regency=f"Kabupaten {regency}",
                lon=lon, lat=lat, west=lon, south=lat, east=lon, north=lat, geometry=None,
                import_id=imports["villages"],
            )
        )  # fmt: skip
    session.flush()
    for place, code in enumerate(codes):
        missing = (place * 37 + number * 11) % 90
        session.add(
            VillageCount(
                import_id=imports["counts"], village_code=code, as_of=AS_OF, wajib_ktp=900,
                sudah_rekam=900 - missing, belum_rekam=missing, usia_16_17=(place * 13) % 40,
            )
        )  # fmt: skip
        session.add(
            SignalReport(
                import_id=imports["connectivity"], village_code=code, observed_on=AS_OF,
                signal=SIGNALS[(place + number) % 4], status="-", source="podes",
                definition="podes", confidence="high", row=place + 2,
            )
        )  # fmt: skip
    for line in _roads(west, south):
        box = line.bounds
        session.add(
            NetworkLine(
                import_id=imports["network"], mode="road", highway="tertiary", geometry=line,
                west=box[0], south=box[1], east=box[2], north=box[3],
            )
        )  # fmt: skip
    for team in range(TEAMS):
        session.add(
            Team(
                name=f"{regency}-{team}", regency_code=regency, base="Kantor", lon=west, lat=south,
                vehicle="car", kits=1, staff=5, satellite_kits=int(team == 0), starts=clock(7, 30),
                ends=clock(16), may_stay_overnight=False, import_id=imports["teams"],
            )
        )  # fmt: skip


def _roads(west: float, south: float) -> Iterator[shapely.LineString]:
    """Give a road along each row of villages, and one across at each end."""
    for row in range(VILLAGES // COLUMNS):
        points = [(west + column * STEP, south + row * STEP) for column in range(COLUMNS)]
        yield shapely.LineString(points)
    rows = range(VILLAGES // COLUMNS)
    for lon in (west, west + (COLUMNS - 1) * STEP):
        yield shapely.LineString([(lon, south + row * STEP) for row in rows])


@contextmanager
def workers(settings: Settings, n_workers: int) -> Iterator[None]:
    """Run worker processes until the block ends."""
    values = {"DATABASE_URL": settings.url, "DATA_DIR": str(settings.data_dir)}
    around = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    command = [sys.executable, "-m", "app.cli", "--lang", "en", "worker"]
    running = [
        subprocess.Popen(  # noqa: S603 (our own command)
            command, env={**around, **{PREFIX + n: t for n, t in values.items()}}
        )
        for _ in range(n_workers)
    ]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)


def wait_for_workers(engine: Engine, n_workers: int) -> None:
    """Wait until every worker beats in the queue: then it has loaded what jobs need."""
    ends = time.monotonic() + READY_S
    while time.monotonic() < ends:
        with engine.connect() as connection:
            count = "SELECT count(*) FROM procrastinate.procrastinate_workers"
            if connection.exec_driver_sql(count).scalar_one() >= n_workers:
                return
        time.sleep(0.2)
    sys.exit(f"workers: fewer than {n_workers} are ready after {READY_S:.0f} s")


def run(engine: Engine, settings: Settings, seconds: float) -> Outcome:
    """Ask for every regency's week, wait for the last, and tell what it took."""
    started = time.monotonic()
    asked = plan_all(engine, settings, "", week=WEEK, seconds=seconds, today=TODAY)
    deferred = time.monotonic()
    jobs = [one.job_id for one in asked if one.job_id is not None]
    open_jobs = select(func.count()).where(col(Job.id).in_(jobs), col(Job.state).in_(UNFINISHED))
    left = len(jobs)
    while left:
        time.sleep(0.2)
        with reading(engine) as session:
            left = session.exec(open_jobs).one()
    ended = time.monotonic()
    with reading(engine) as session:
        rows = session.exec(select(Job).where(col(Job.id).in_(jobs))).all()
    timed = [
        ((job.finished_at - job.started_at).total_seconds(), float(job.result["search_s"]))
        for job in rows
        if job.state == JobState.SUCCEEDED and job.result is not None
        and job.finished_at is not None and job.started_at is not None
    ]  # fmt: skip
    return Outcome(
        len(jobs), len(timed), deferred - started, ended - started,
        [span for span, _ in timed], [search for _, search in timed],
    )  # fmt: skip


def table(found: Outcome, n_workers: int, seconds: float) -> str:
    """Write the run as a Markdown table."""
    each = n_workers * (found.wall_s - found.defer_s) / found.n_jobs
    cells = {
        "regencies": f"{found.n_jobs}",
        "succeeded": f"{found.n_succeeded}",
        "workers": f"{n_workers}",
        "search at most, s": f"{seconds:g}",
        "deferred in, s": f"{found.defer_s:.1f}",
        "all done in, s": f"{found.wall_s:.1f}",
        "worker time a job, s": f"{each:.2f}",
        "start to end, mean s": _told(mean, found.spans),
        "search, mean s": _told(mean, found.searches),
        "overhead, median s": _told(median, found.overheads),
        "overhead, 95 % s": _told(_late, found.overheads),
    }
    lines = [f"| {name} | {cell} |" for name, cell in cells.items()]
    return "\n".join(["| what | value |", "|---|---|", *lines])


def _told(of: Callable[[list[float]], float], values: list[float]) -> str:
    return f"{of(values):.2f}" if len(values) > 1 else "-"


def _late(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def main() -> None:
    """Fill the database, plan, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("address", help="an empty PostgreSQL database")
    parser.add_argument("--regencies", type=int, default=REGENCIES)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    if not 1 <= given.regencies <= REGENCIES or given.workers < 1 or given.seconds <= 0:
        parser.error(f"--regencies 1-{REGENCIES}, --workers from 1, --seconds above 0")
    engine = connect(given.address)
    try:
        migrate(engine)
        furnish(engine, given.regencies)
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(_env_file=None, data_dir=Path(folder), database_url=given.address)
            with workers(settings, given.workers):
                wait_for_workers(engine, given.workers)
                print(table(run(engine, settings, given.seconds), given.workers, given.seconds))
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
