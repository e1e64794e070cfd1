"""Real streets of OpenStreetMap from the file to a plan; teams and villages are made up."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.db import reading
from app.ingest import ingest
from app.models import PlanLeg
from app.plan_document import plan_document
from tests.app.planned import TEAM_HEADER, import_text, solved
from tests.app.test_travel_plan import counts_of, villages_of
from tests.geodata.test_osm import Place, dijkstra

pytestmark = pytest.mark.search

Ways = dict[Place, dict[Place, tuple[float, float]]]


def some_corners(path: Path, n: int) -> Ways:
    """Choose corners that all lead to each other; give seconds and metres between them."""
    network = _starts(path)
    most = max((dijkstra(path, start) for start in network[::40][:5]), key=len)
    chosen: Ways = {}
    candidates = sorted(set(most) & set(network))
    for place in candidates[:: max(1, len(candidates) // 12)]:
        found = dijkstra(path, place)
        if all(other in found and place in ways for other, ways in chosen.items()):
            chosen[place] = found
        if len(chosen) == n:
            return chosen
    raise AssertionError(f"{path.name} has no {n} corners that lead to each other")


def _starts(path: Path) -> list[Place]:
    lines = [f["geometry"]["coordinates"] for f in json.loads(path.read_text())["features"]]
    return [(round(line[0][0], 6), round(line[0][1], 6)) for line in lines]


@pytest.mark.parametrize(
    ("name", "regency", "title"),
    [
        ("roads_osm_balikpapan_kota_drive_edges.geojson", "64.71", "Kota Balikpapan"),
        ("roads_osm_maumere_ntt.geojson", "53.07", "Kabupaten Sikka"),
    ],
    ids=["balikpapan", "maumere"],
)
def test_a_plan_on_real_streets_takes_the_time_of_another_search(
    engine: Engine, tmp_path: Path, shared_data: Path, name: str, regency: str, title: str
):
    path = shared_data / "reference" / name
    ways = some_corners(path, 6)
    base, *corners = ways
    places = {f"{regency}.01.200{n}": place for n, place in enumerate(corners)}
    villages_of(engine, tmp_path, places, regency=title)
    counts_of(engine, tmp_path, places)
    outcome = ingest(engine, "network", path)
    assert outcome.totals["roads"] > 100
    row = f"{regency}-A,{title},Kantor,{base[0]},{base[1]},mobil,1,5,0,07:30,16:00,tidak"
    import_text(engine, tmp_path, "teams", TEAM_HEADER, row)
    plan_id, _, _ = solved(engine, regency=regency, costs=False, minutes=(120,), solutions=40)
    with reading(engine) as session:
        plan = plan_document(session, plan_id, "en")
        legs = session.exec(select(PlanLeg).where(PlanLeg.plan_id == plan_id)).all()
    assert plan["violations"] == []
    assert {stop["village_code"] for stop in plan["stops"]} == set(places)
    for day in {stop["day"] for stop in plan["stops"]}:
        stops = [stop for stop in plan["stops"] if stop["day"] == day]
        visited = [base, *(places[stop["village_code"]] for stop in stops), base]
        for order, (here, there) in enumerate(pairwise(visited), start=1):
            seconds, metres = ways[here][there]
            parts = [leg for leg in legs if (str(leg.day), leg.order) == (day, order)]
            assert sum(leg.minutes for leg in parts) * 60 == pytest.approx(seconds, abs=2)
            assert sum(leg.metres for leg in parts) == pytest.approx(metres, abs=3)
            if order <= len(stops):
                assert stops[order - 1]["travel_minutes"] * 60 == pytest.approx(seconds, abs=2)
                assert stops[order - 1]["distance_m"] == pytest.approx(metres, abs=3)
