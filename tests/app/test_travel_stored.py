"""A network of OpenStreetMap on its way through the database to a travel table."""

from datetime import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlmodel import select

from app import travel as travel_tables
from app.calendar import OfficePattern
from app.db import reading
from app.errors import MissingInput
from app.ingest import ingest
from app.models import NetworkLine, Team, Village
from app.settings import Settings
from app.travel import TravelMeans, WeekTravel
from app.week import require_inputs
from geodata import paths
from geodata.speeds import TravelParams
from tests.geodata.road_stub import RoadStub
from tests.geodata.test_osm import extract
from tests.geodata.travel import at

UP, DOWN = 7200, 5184  # seconds of a longboat on 36 km at 18 and 25 km/h


def team_at_origin(vehicle: str) -> Team:
    return Team(
        name=vehicle, regency_code="62.02", base="Hulu", lon=at(0)[0], lat=at(0)[1],
        vehicle=vehicle, kits=1, staff=5, satellite_kits=0, starts=time(7), ends=time(17),
        may_stay_overnight=False, import_id=1,
    )  # fmt: skip


def test_streams_rapids_and_ferries_reach_a_travel_table(engine: Engine, tmp_path: Path):
    """36 km of river with rapids (20 min); 9 km of road, a ferry of 25 min, 15 min to wait."""
    ways = {
        1: ([(0, 0), (18, 0), (36, 0)], {"waterway": "river"}),
        2: ([(0, 0), (0, 9)], {"highway": "primary", "surface": "asphalt"}),
        3: ([(0, 9), (0, 11)], {"route": "ferry", "duration": "25"}),
        4: ([(0, 11), (0, 12)], {"highway": "track", "surface": "mud"}),
    }
    nodes = {(18, 0): {"waterway": "rapids"}}
    ingest(engine, "network", extract(tmp_path / "peta.osm.pbf", ways, nodes=nodes))
    with reading(engine) as session:
        lines = session.exec(select(NetworkLine).order_by(NetworkLine.id)).all()
        assert [line.flow for line in lines].count("down") == 3
        assert [line.structure for line in lines].count("rapids") == 1
        assert [line.fixed_min for line in lines if line.highway == "ferry"] == [25]
        assert [line.fixed_min for line in lines if line.highway != "ferry"] == [None] * 5
        villages = [
            Village(code=f"62.02.01.200{n}", name=name, lon=lon, lat=lat)
            for n, (name, (lon, lat)) in enumerate([("Hilir", at(36)), ("Seberang", at(0, 11))])
        ]
        boat, car = team_at_origin("longboat"), team_at_origin("car")
        week = WeekTravel.load(session, villages, [boat, car], params=TravelParams())
        base = week.base_node(boat)
        by_boat = week.table(week.index(boat, 1))
        by_car = week.table(week.index(car, 1))
    assert by_boat.durations[base, 0] == pytest.approx(DOWN + 1200, abs=1)
    assert by_boat.durations[0, base] == pytest.approx(UP + 1200, abs=1)
    assert [leg.n_rapids for leg in by_boat.path(base, 0)] == [1]
    assert by_car.durations[base, 1] == pytest.approx(720 + (25 + 15) * 60, abs=1)


def test_a_large_search_is_shared_among_processes(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """9 km at 45 km/h, in one process and in two."""
    ways = {1: ([(0, 0), (0, 9)], {"highway": "primary", "surface": "asphalt"})}
    ingest(engine, "network", extract(tmp_path / "peta.osm.pbf", ways))
    used: list[int] = []

    class Pool(paths.ProcessPoolExecutor):
        def __init__(self, *, max_workers: int, **words: Any) -> None:
            used.append(max_workers)
            super().__init__(max_workers=max_workers, **words)

    monkeypatch.setattr(paths, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(paths, "CHUNK_ENTRIES", 1)
    monkeypatch.setattr(travel_tables, "PROCESSES", 2)
    lon, lat = at(0, 9)
    village = Village(code="62.02.01.2001", name="Seberang", lon=lon, lat=lat)
    car = team_at_origin("car")
    tables = []
    for least in (paths.PARALLEL_ENTRIES, 0):
        monkeypatch.setattr(paths, "PARALLEL_ENTRIES", least)
        with reading(engine) as session:
            week = WeekTravel.load(session, [village], [car], params=TravelParams())
            tables.append(week.table(week.index(car, 1)))
    assert used == [2]
    alone, shared = tables
    assert alone.durations[0, 1] == pytest.approx(720, abs=1)
    assert (shared.durations == alone.durations).all()
    assert (shared.distances == alone.distances).all()


def test_tables_are_kept_from_one_plan_to_the_next(engine: Engine, tmp_path: Path):
    """Two teams of one vehicle need one table, a third vehicle its own; the car is not kept."""
    ways = {1: ([(0, 0), (0, 9)], {"highway": "primary", "surface": "asphalt"})}
    ingest(engine, "network", extract(tmp_path / "peta.osm.pbf", ways))
    settings = Settings(data_dir=tmp_path / "data")
    lon, lat = at(0, 9)
    village = Village(code="62.02.01.2001", name="Seberang", lon=lon, lat=lat)

    def week(*vehicles: str) -> tuple[WeekTravel, list[tuple[float, int]]]:
        heard: list[tuple[float, int]] = []
        with reading(engine) as session:
            teams = [team_at_origin(vehicle) for vehicle in vehicles]
            means = TravelMeans.of(settings)
            made = WeekTravel.load(session, [village], teams, params=TravelParams(), means=means)
        assert [made.index(team, 1) for team in teams] == [vehicles.index(v) for v in vehicles]
        made.compute(lambda done, n: heard.append((done, n)))
        return made, heard

    first, _ = week("motorcycle", "motorcycle")
    assert first.origins == {"computed": 1, "kept": 0}
    second, heard = week("motorcycle", "car")
    assert second.origins == {"computed": 1, "kept": 1}
    assert heard[0] == (1, 2)
    assert heard[-1] == (2, 2)
    for travel in (first.table(0), second.table(0), second.table(1)):
        assert travel.durations[1, 0] == pytest.approx(720, abs=1)  # 9 km at 45 km/h
    assert len(list((tmp_path / "data" / "travel").iterdir())) == 2


@pytest.fixture
def stub():
    made = RoadStub()
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["osrm", "valhalla"])
def test_roads_come_from_the_server_that_is_set_and_rivers_from_the_import(
    engine: Engine, tmp_path: Path, stub: RoadStub, kind: str
):
    """The imported road would take 720 s by car; the server's 10 m/s make 900 of 9 km."""
    ways = {
        1: ([(0, 0), (9, 0)], {"highway": "primary", "surface": "asphalt"}),
        2: ([(0, 0), (9, 0)], {"waterway": "river"}),
    }
    ingest(engine, "network", extract(tmp_path / "peta.osm.pbf", ways))
    settings = Settings(data_dir=tmp_path, road_server=kind, road_server_url=stub.url)
    lon, lat = at(9)
    village = Village(code="62.02.01.2001", name="Hilir", lon=lon, lat=lat)
    for n_kept in (0, 1):
        with reading(engine) as session:
            teams = [team_at_origin("car"), team_at_origin("longboat")]
            week = WeekTravel.load(
                session, [village], teams, params=TravelParams(), means=TravelMeans.of(settings)
            )
        by_car, by_boat = (week.table(week.index(team, 1)) for team in teams)
        assert by_car.durations[1, 0] == pytest.approx(900, abs=1)
        assert by_boat.durations[1, 0] == pytest.approx(1296, abs=1)  # down, 25 km/h
        assert [leg.mode for leg in by_car.path(1, 0)] == ["road"]
        assert week.origins == {"computed": 2 - 2 * n_kept, "kept": 2 * n_kept}


def test_a_plan_needs_no_imported_roads_where_a_server_knows_them(
    kotim_engine: Engine,
):
    pattern = OfficePattern()
    with reading(kotim_engine) as session:
        require_inputs(session, "62.02", pattern)
        nowhere = update(NetworkLine).values(west=0, east=0, south=50, north=50)
        session.execute(nowhere)
        with pytest.raises(MissingInput, match="network"):
            require_inputs(session, "62.02", pattern)
        require_inputs(session, "62.02", pattern, needs_network=False)
        session.rollback()
