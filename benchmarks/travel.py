"""Time the travel tables of a whole pilot through the application, cold and from the folder.

``python -m benchmarks.travel PACK``, PACK a folder such as ``../shared/data/pilot/kaltim``. Its
villages, network, links and teams are imported into a temporary database; then all tables that a
week of all its teams needs are made, over all villages of the pack at once, with the line from each
base to each village it reaches. The same again, as the next plan would, finds them kept. Judged is
one table with its lines: under 60 s cold, under 1 s kept. Prints a Markdown table; processor
seconds count the processes started here.
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine
from sqlmodel import col, select

from app.db import connect, migrate, reading
from app.ingest import ingest
from app.models import Team, Village
from app.settings import Settings
from app.travel import TravelMeans, WeekTravel
from benchmarks.results import without_warnings
from geodata.speeds import TravelParams

COLD_LIMIT_S, KEPT_LIMIT_S = 60, 1
FILES = {
    "villages": "batas_desa.gpkg",
    "network": "jaringan.gpkg",
    "links": "penghubung.csv",
    "teams": "tim.csv",
}


class Times(NamedTuple):
    """Seconds by the clock and of the processor."""

    wall: float
    cpu: float


def timed(work: Callable[[], Any]) -> tuple[Any, Times]:
    """Run once."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    result = work()
    return result, Times(time.perf_counter() - wall, sum(os.times()[:4]) - cpu)


def load(engine: Engine, settings: Settings) -> tuple[WeekTravel, list[Team]]:
    """Read what tables are made of, as a plan does, for all villages and teams."""
    with reading(engine) as session:
        villages = session.exec(select(Village).order_by(col(Village.code))).all()
        teams = list(session.exec(select(Team).order_by(col(Team.name))))
        travel = WeekTravel.load(
            session, villages, teams, params=TravelParams(), means=TravelMeans.of(settings)
        )
    return travel, teams


def one_table(engine: Engine, settings: Settings) -> tuple[int, int]:
    """Make one team's table and its lines; tells how many points and lines there are."""
    travel, teams = load(engine, settings)
    table, base = travel.table(travel.index(teams[0], 1)), travel.base_node(teams[0])
    points = [point for point in range(len(table.durations)) if table.reachable[base, point]]
    n_lines = sum(bool(table.path(base, point)) for point in points)
    return len(table.durations), n_lines


def all_tables(engine: Engine, settings: Settings) -> dict[str, int]:
    """Make the tables of all teams for a working week."""
    travel, teams = load(engine, settings)
    for team in teams:
        for weekday in range(1, 6):
            travel.index(team, weekday)
    travel.compute()
    return travel.origins


@without_warnings()
def main() -> None:
    """Import, measure and print; fail beyond a limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pack", metavar="PACK", type=Path)
    pack = parser.parse_args().pack
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), database_url="")
        engine = connect(settings.url)
        migrate(engine)
        for kind, name in FILES.items():
            ingest(engine, kind, pack / name)
        rows = []
        for way in ("cold", "kept"):
            (n_points, n_lines), times = timed(lambda: one_table(engine, settings))
            rows.append((f"one table of {n_points:,} points, {n_lines:,} lines, {way}", times))
        one = [times for _, times in rows]
        for way in ("cold", "kept"):
            origins, times = timed(lambda: all_tables(engine, settings))
            n = sum(origins.values())
            rows.append((f"all {n} tables of a week, {way} ({origins['kept']} kept)", times))
        engine.dispose()
    print("| what | seconds | processor seconds |\n|---|---|---|")
    for label, times in rows:
        print(f"| {label} | {times.wall:.2f} | {times.cpu:.2f} |")
    print(f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    if one[0].cpu > COLD_LIMIT_S or one[1].cpu > KEPT_LIMIT_S:
        raise SystemExit(f"limits: {COLD_LIMIT_S} s cold, {KEPT_LIMIT_S} s kept")


if __name__ == "__main__":
    main()
