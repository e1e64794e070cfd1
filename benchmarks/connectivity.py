"""Time the connectivity join of the whole country, beside what a planner would do by hand.

``python -m benchmarks.connectivity REFERENCE [--runs 5]``, REFERENCE the folder with
``centroids_indonesia_villages.csv.gz`` and ``bakti_bts4g_sites_indonesia.csv``. The 100 areas are
drawn here, each in one of four classes. The peer, in the same run, is geopandas: villages and
towers parted by UTM zone, circles drawn as buffers in the metric system of the zone, villages
joined to them with ``sjoin``, and to the areas likewise; it decides nothing, it only finds who is
in reach. A third row is the join as the application makes it: rows from SQLite, with a report for
each village, and all that was joined kept there. Prints a Markdown table of medians and where the
two disagree.
"""

import argparse
import os
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from app.connectivity import rejoin
from app.db import connect, migrate, transaction
from app.models import CoverageArea, DataImport, SignalReport, Tower, Village
from app.rows import insert_rows, plain
from geodata.connectivity import read_connectivity
from geodata.coverage import ConnectivityJoin, join_connectivity
from geodata.schema import SIGNALS, STORAGE_CRS

N_AREAS = 100
RADIUS_KM = 3.5
LIMIT_S = 20
Pairs = set[tuple[str, str]]
Made = TypeVar("Made")


def read_villages(reference: Path) -> pd.DataFrame:
    """Read the points of all villages of the country."""
    path = reference / "centroids_indonesia_villages.csv.gz"
    villages = pd.read_csv(path, dtype={"village_code": "str", "name": "str"})
    return villages.rename(columns={"village_code": "code"}).assign(district="", regency="")


def draw_areas(villages: pd.DataFrame, seed: int = 1) -> gpd.GeoDataFrame:
    """Draw areas of 20 to 60 km, with uneven edges, around villages chosen at random."""
    rng = np.random.default_rng(seed)
    centres = villages.iloc[rng.choice(len(villages), N_AREAS, replace=False)]
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    degrees = rng.uniform(0.09, 0.27, (N_AREAS, 1)) * rng.uniform(0.8, 1.2, (N_AREAS, 40))
    lons = centres["lon"].to_numpy()[:, None] + degrees * np.cos(angles)
    lats = centres["lat"].to_numpy()[:, None] + degrees * np.sin(angles)
    rings = shapely.polygons(np.stack((lons, lats), axis=2))
    frame = pd.DataFrame({
        "id": [f"area {n}" for n in range(N_AREAS)],
        "signal": [SIGNALS[n % len(SIGNALS)] for n in range(N_AREAS)],
        "observed_on": date(2024, 6, 30), "source": "drawn", "definition": "coverage_area",
        "confidence": "medium",
    }).astype({"id": "str", "signal": "str"})  # fmt: skip
    return gpd.GeoDataFrame(frame, geometry=rings, crs=STORAGE_CRS)


def by_hand(
    villages: pd.DataFrame, towers: pd.DataFrame, areas: gpd.GeoDataFrame
) -> tuple[Pairs, Pairs]:
    """Find with geopandas which tower and which area reaches which village."""
    points = _points(villages, "code")
    sites = _points(towers, "id")
    reached: Pairs = set()
    for crs, here in sites.groupby(_zone(sites)):
        west, south, east, north = here.total_bounds
        near = points.cx[west - 0.1 : east + 0.1, south - 0.1 : north + 0.1].to_crs(crs)
        circles = here.to_crs(crs)
        # 64 corners a quarter: the default of 16 would lose a strip of 4 m.
        circles = circles.set_geometry(circles.buffer(RADIUS_KM * 1000, quad_segs=64))
        joined = near.sjoin(circles, predicate="within")
        reached |= set(zip(joined["code"], joined["id"], strict=True))
    inside = points.sjoin(areas[["id", "geometry"]], predicate="within")
    return reached, set(zip(inside["code"], inside["id"], strict=True))


def _points(frame: pd.DataFrame, key: str) -> gpd.GeoDataFrame:
    positions = gpd.points_from_xy(frame["lon"], frame["lat"], crs=STORAGE_CRS)
    return gpd.GeoDataFrame({key: frame[key].to_numpy()}, geometry=positions)


def _zone(points: gpd.GeoDataFrame) -> pd.Series:
    """Give the UTM zone of each point, by name."""
    numbers = (np.floor((points.geometry.x + 180) / 6) + 1).astype(int)
    sides = np.where(points.geometry.y >= 0, 326, 327)
    names = [f"EPSG:{side}{number}" for side, number in zip(sides, numbers, strict=True)]
    return pd.Series(names, index=points.index)


def timed_kept(
    villages: pd.DataFrame, towers: pd.DataFrame, areas: gpd.GeoDataFrame, runs: int
) -> list[float]:
    """Time the join as an import makes it, in a database of its own."""
    told = {"import_id": 1, "source": "x", "confidence": "medium", "observed_on": date(2024, 6, 30)}
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/x.sqlite")
        migrate(engine)
        with transaction(engine) as session:
            session.add(DataImport(id=1, kind="connectivity", file_name="x.csv", sha256="0" * 64,
                                   source="x", accepted=1, corrected=0, refused=0))  # fmt: skip
            session.flush()
            insert_rows(session, Village, [_village(row) for row in villages.to_dict("records")])
            insert_rows(session, SignalReport, [
                {**told, "village_code": code, "signal": "weak", "status": "lemah",
                 "definition": "phone_signal", "row": row}
                for row, code in enumerate(villages["code"])
            ])  # fmt: skip
            columns = ("site_id", "name", "status", "state", "lon", "lat", "row")
            insert_rows(session, Tower, [
                {**told, **plain(row, columns), "definition": "tower_range"}
                for row in towers.to_dict("records")
            ])  # fmt: skip
            insert_rows(session, CoverageArea, [
                {**told, "signal": row["signal"], "status": "", "geometry": row["geometry"],
                 **_box(*row["geometry"].bounds), "definition": "coverage_area", "row": 1}
                for row in areas.to_dict("records")
            ])  # fmt: skip
        seconds = []
        for _ in range(runs):
            with transaction(engine) as session:
                seconds.append(timed(lambda session=session: rejoin(session))[0])
        engine.dispose()
    return seconds


def _village(row: dict[str, Any]) -> dict[str, Any]:
    code, lon, lat = row["code"], row["lon"], row["lat"]
    return {"code": code, "name": str(row["name"]), "kind": "desa", "district_code": code[:8],
            "district": "-", "regency_code": code[:5], "regency": "-", "lon": lon, "lat": lat,
            **_box(lon, lat, lon, lat), "import_id": 1}  # fmt: skip


def _box(west: float, south: float, east: float, north: float) -> dict[str, float]:
    return {"west": west, "south": south, "east": east, "north": north}


def pairs_of(join: ConnectivityJoin, kind: str) -> Pairs:
    """Take who is reached by what from the evidence of a join."""
    rows = join.evidence.loc[join.evidence["kind"] == kind]
    return set(zip(rows["code"], rows["evidence_id"], strict=True))


def timed(work: Callable[[], Made]) -> tuple[float, Made]:
    """Count the seconds a piece of work takes, and give what it made."""
    begin = time.perf_counter()
    made = work()
    return time.perf_counter() - begin, made


def main() -> None:
    """Measure several runs in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    villages = read_villages(arguments.reference)
    towers_file = arguments.reference / "bakti_bts4g_sites_indonesia.csv"
    towers = read_connectivity(towers_file, villages=villages).frame
    areas = draw_areas(villages)
    runs = []
    for _ in range(arguments.runs):
        ours = timed(lambda: join_connectivity(villages, None, towers, areas))
        runs.append((ours, timed(lambda: by_hand(villages, towers, areas))))
    join, hand = runs[-1][0][1], runs[-1][1][1]
    made = datetime.now(UTC).date().isoformat()
    print(f"{made}, {os.cpu_count()} cores, Python {platform.python_version()},"
          f" geopandas {version('geopandas')}, {arguments.runs} runs;"
          f" {len(villages)} villages, {len(towers)} towers, {len(areas)} areas\n")  # fmt: skip
    print("| what | median s | lowest | highest |\n|---|---|---|---|")
    names = ("join_connectivity, decided and listed", "geopandas by UTM zone, pairs only")
    timings = {name: [run[place][0] for run in runs] for place, name in enumerate(names)}
    kept = timed_kept(villages, towers, areas, arguments.runs)
    for name, figures in {**timings, "joined from SQLite and kept there": kept}.items():
        print(f"| {name} | {statistics.median(figures):.3g} | {min(figures):.3g}"
              f" | {max(figures):.3g} |")  # fmt: skip
    print()
    for kind, other in (("tower", hand[0]), ("area", hand[1])):
        found = pairs_of(join, kind)
        print(f"{kind}: {len(found & other)} pairs in both, {len(found - other)} only in the join,"
              f" {len(other - found)} only by hand")  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB; the limit for the join is {LIMIT_S} s:",
          "held" if max(*kept, *timings[names[0]]) < LIMIT_S else "missed")  # fmt: skip


if __name__ == "__main__":
    main()
