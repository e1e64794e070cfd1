"""From files to the minutes of a plan's stops: rivers, one-way roads, rapids, a car and a boat.

By car 45 km/h on asphalt (80 s a km), by longboat 25 km/h down (144 s a km) and 18 km/h up the
stream (200 s a km), 15 minutes to change from the one to the other. Hours and minutes are reckoned
by hand from these.
"""

from collections.abc import Collection, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely import LineString, Point
from sqlalchemy import Engine
from sqlmodel import select

from app.db import reading, transaction
from app.errors import BadOption
from app.ingest import ImportOutcome, ingest
from app.models import DataImport, PlanLeg
from app.params import set_params
from app.plan_document import plan_document
from app.week_problem import problem_of
from tests.app.conftest import AppClient
from tests.app.planned import TEAM_HEADER, import_text, solved, visit_of, week_of
from tests.geodata.travel import at

pytestmark = pytest.mark.search

BASE = "base"
PIER, DOWN, ONE_WAY = "62.02.01.2001", "62.02.01.2002", "62.02.01.2003"
VILLAGES = {PIER: at(9), DOWN: at(45), ONE_WAY: at(-9)}
ROADS = [
    {"geometry": [(0, 0), (9, 0)], "oneway": "no"},
    {"geometry": [(0, 0), (-9, 0)], "oneway": "yes"},
    {"geometry": [(-9, 0), (-9, 1), (0, 1), (0, 0)], "oneway": "yes"},  # 11 km back
]
RIVER = [
    {"geometry": [(9, 0), (27, 0)], "jeram": None},
    {"geometry": [(27, 0), (28, 0)], "jeram": "20"},
    {"geometry": [(28, 0), (45, 0)], "jeram": None},
]


def layer(path: Path, name: str, rows: list[dict[str, Any]], **same: str) -> None:
    frame = [
        {**row, **same, "geometry": LineString([at(*place) for place in row["geometry"]])}
        for row in rows
    ]
    gpd.GeoDataFrame(frame, crs=4326).to_file(path, layer=name, engine="pyogrio")


def villages_of(
    engine: Engine,
    folder: Path,
    places: Mapping[str, tuple[float, float]],
    *,
    regency: str = "Kabupaten Kotawaringin Timur",
) -> None:
    """Import a village at each place, by code."""
    path = folder / "desa.geojson"
    rows = [
        {"kode_desa": code, "desa": f"Desa {n}", "kecamatan": "Mentaya", "kabupaten": regency,
         "geometry": Point(place)}
        for n, (code, place) in enumerate(places.items())
    ]  # fmt: skip
    gpd.GeoDataFrame(rows, crs=4326).to_file(path, engine="pyogrio")
    ingest(engine, "villages", path)


def counts_of(engine: Engine, folder: Path, codes: Collection[str]) -> None:
    """Import counts that are the same everywhere: 100 of 1,000 people not recorded."""
    rows = [f"{code},Mentaya,Desa {n},1000,900" for n, code in enumerate(codes)]
    header = "kode_desa,kecamatan,desa,wajib_ktp,sudah_rekam"
    path = folder / "counts.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    ingest(engine, "counts", path, as_of=date(2026, 6, 30))


def office(
    engine: Engine,
    folder: Path,
    vehicle: str,
    places: Mapping[str, tuple[float, float]] = VILLAGES,
    **options: str,
) -> ImportOutcome:
    """Import villages, their counts, the network and one team; give the network's import."""
    villages_of(engine, folder, places)
    counts_of(engine, folder, places)
    network = folder / "jaringan.gpkg"
    layer(network, "jalan", ROADS, highway="primary", surface="asphalt")
    layer(network, "sungai", RIVER, waterway="river")
    found = ingest(engine, "network", network, options=options)
    lon, lat = at(0)
    row = f"62.02-A,Kabupaten Kotawaringin Timur,Kantor,{lon},{lat},{vehicle},1,5,0,07:00,17:00,ya"
    import_text(engine, folder, "teams", TEAM_HEADER, row)
    return found


def planned(engine: Engine, **request: Any) -> dict[str, Any]:
    """Plan a week in which money is no object."""
    plan_id, _, _ = solved(engine, costs=False, minutes=(120,), solutions=40, **request)
    with reading(engine) as session:
        return plan_document(session, plan_id, "en")


def assert_minutes(engine: Engine, plan: dict[str, Any], ways: dict[tuple[str, str], float]):
    """Compare the travel to every stop of a plan, and every way home, with what it should take."""
    assert plan["violations"] == []
    with reading(engine) as session:
        legs = session.exec(select(PlanLeg).where(PlanLeg.plan_id == plan["plan_id"])).all()
    for day in {stop["day"] for stop in plan["stops"]}:
        stops = [stop for stop in plan["stops"] if stop["day"] == day]
        codes = [BASE, *(stop["village_code"] for stop in stops), BASE]
        for order, way in enumerate(pairwise(codes), start=1):
            parts = [leg.minutes for leg in legs if (str(leg.day), leg.order) == (day, order)]
            assert sum(parts) == pytest.approx(ways[way], abs=0.05), way
        told = [stop["travel_minutes"] for stop in stops]
        assert told == pytest.approx([ways[way] for way in pairwise(codes[:-1])], abs=0.05)


def test_rivers_one_ways_and_rapids_decide_the_minutes_of_a_plan(engine: Engine, tmp_path: Path):
    """36 km down take 86.4 minutes, up 120, rapids 20 more; 9 km of road 12, 11 km 14.67."""
    imported = office(engine, tmp_path, "mobil+perahu", flow_known="yes")
    assert imported.options == {"flow_known": "yes"}
    down, up, back = 15 + 86.4 + 20, 120 + 20 + 15, 14 + 2 / 3
    ways = {
        (BASE, PIER): 12, (PIER, BASE): 12, (BASE, ONE_WAY): 12, (ONE_WAY, BASE): back,
        (PIER, ONE_WAY): 24, (ONE_WAY, PIER): back + 12,
        (PIER, DOWN): down, (DOWN, PIER): up, (BASE, DOWN): 12 + down, (DOWN, BASE): up + 12,
        (ONE_WAY, DOWN): back + 12 + down, (DOWN, ONE_WAY): up + 24,
    }  # fmt: skip
    plan = planned(engine)
    assert {stop["village_code"] for stop in plan["stops"]} == set(VILLAGES)
    assert_minutes(engine, plan, ways)
    (down_stop,) = [stop for stop in plan["stops"] if stop["village_code"] == DOWN]
    assert (down_stop["travel_mode"], down_stop["n_rapids"]) == ("river", 1)


@pytest.mark.parametrize(
    ("season", "minutes"),
    [
        ("dry", 12 + 15 + 120 + 20),
        ("wet", 12 + 15 + 120 + 20),  # asphalt stays as it is
        ("low_water", 12 + 15 + 240 + 20),  # twice as long, the rapids as ever
    ],
)
def test_the_season_of_a_plan_slows_the_river(
    engine: Engine, tmp_path: Path, season: str, minutes: float
):
    """Without ``flow_known`` both ways go at the speed against the stream: 200 s a km."""
    office(engine, tmp_path, "mobil+perahu")
    week = week_of(engine, season=season, costs=False)
    table = week.travel.table(0)
    base, village = len(VILLAGES), visit_of(week, DOWN)
    assert table.durations[base, village] == pytest.approx(60 * minutes, abs=2)
    assert table.durations[village, base] == pytest.approx(60 * minutes, abs=2)
    with reading(engine) as session:
        assert plan_document(session, week.plan_id, "en")["season"] == season


def test_rapids_are_closed_to_speedboats_at_low_water(engine: Engine, tmp_path: Path):
    office(engine, tmp_path, "mobil+speedboat")
    week = week_of(engine, season="low_water")
    base, village = len(VILLAGES), visit_of(week, DOWN)
    assert not week.travel.table(0).reachable[base, village]
    assert week_of(engine, season="dry").travel.table(0).reachable[base, village]


def test_an_imported_pier_is_where_the_team_takes_its_boat(engine: Engine, tmp_path: Path):
    """Nobody lives where road and river meet; a newer list of piers replaces only the older."""
    outcome = office(engine, tmp_path, "mobil+perahu", {DOWN: at(45)})
    assert outcome.totals["piers"] == 0

    def reached() -> bool:
        week = week_of(engine)
        return bool(week.travel.table(0).reachable[1, 0])

    def piers(name: str, *places: tuple[float, float]) -> int | None:
        path = tmp_path / f"{name}.gpkg"
        frame = gpd.GeoDataFrame({"nama": ["Dermaga"] * len(places)}, geometry=[
            Point(place) for place in places], crs=4326)  # fmt: skip
        frame.to_file(path, layer="dermaga", engine="pyogrio")
        return ingest(engine, "network", path).import_id

    assert not reached()
    first = piers("lama", at(9), at(45, 5))
    assert reached()
    table = week_of(engine).travel.table(0)
    assert table.durations[1, 0] == pytest.approx(60 * (12 + 15 + 120 + 20), abs=2)
    second = piers("baru", at(9, 1.5), at(45, 5))  # 1.5 km from both
    assert not reached()
    with reading(engine) as session:
        old, network = session.get(DataImport, first), session.get(DataImport, outcome.import_id)
        assert old is not None
        assert network is not None
        assert (old.superseded_by, network.superseded_by) == (second, None)


def test_the_vehicle_that_leaves_the_base_is_paid_by_the_day(engine: Engine, tmp_path: Path):
    """A car 640,000; the boat, 2,500,000, where it is taken."""
    office(engine, tmp_path, "mobil+perahu")
    week = week_of(engine)
    problem = problem_of(week)
    assert {shift.fixed_cost for shift in problem.shifts} == {640_000}
    costs = week.travel.table(0).costs
    assert costs[len(VILLAGES), visit_of(week, DOWN)] == 9 * 2_000 + 2_500_000


def test_a_team_with_a_boat_keeps_to_daylight(engine: Engine, tmp_path: Path):
    """The office works from 07:00; boats from 06:30 to 17:00, then from 08:00."""
    office(engine, tmp_path, "mobil+perahu")
    start = problem_of(week_of(engine)).shifts[0].window.start
    with transaction(engine) as session:
        set_params(session, {"office.boat_daylight": "08:00-17:00"}, by="uji", reason="kabut")
    later = problem_of(week_of(engine)).shifts[0].window.start
    assert (start, later) == (7 * 3600, 8 * 3600)


def test_what_flow_known_says_must_be_yes_or_no(engine: Engine, tmp_path: Path):
    with pytest.raises(BadOption, match="flow_known"):
        office(engine, tmp_path, "mobil", flow_known="perhaps")


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize(("season", "status"), [("wet", 202), (None, 202), ("monsoon", 422)])
def test_a_season_is_asked_by_http(client: AppClient, season: str | None, status: int):
    body = {"regency": "62.02", "week": "2026-W49", "season": season}
    assert client.post("/api/v1/plans", json=body).status_code == status
