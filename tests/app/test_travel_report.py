"""The report on travel: parts, reach, villages that nobody reaches and why, odd detours."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from app.db import reading, transaction
from app.errors import MissingInput, RegencyNotFound
from app.ingest import ingest
from app.travel_report import travel_report
from geodata.errors import BadValue
from tests.app.conftest import AppClient, slug
from tests.app.office import Office
from tests.app.planned import TEAM_HEADER, import_text, week_of
from tests.app.test_travel_plan import DOWN, VILLAGES, layer, office, planned
from tests.geodata.travel import at

pytestmark = pytest.mark.search

FAR, ISLAND, HIDDEN = "62.02.01.2004", "62.02.01.2005", "62.02.01.2006"
PLACES = {
    **VILLAGES,
    FAR: at(0, 30),  # 29 km from any road
    ISLAND: at(-60),  # a boat on Saturdays only
    HIDDEN: at(0, 5.9),  # 4.9 km on foot from the road at (0, 1)
}
LINKS = "dari,dari_lon,dari_lat,ke,ke_lon,ke_lat,moda,menit,hari"


def report(engine: Engine, **options: Any) -> dict[str, Any]:
    with reading(engine) as session:
        return travel_report(session, "62.02", "en", **options)


def saturday_boat(engine: Engine, folder: Path) -> None:
    (start_lon, start_lat), (end_lon, end_lat) = at(9), at(-60)
    path = folder / "penghubung.csv"
    row = f"Pier,{start_lon},{start_lat},Island,{end_lon},{end_lat},speedboat,60,6"
    path.write_text(f"{LINKS}\n{row}\n", encoding="utf-8")
    ingest(engine, "links", path)


def test_who_reaches_whom_and_why_not(engine: Engine, tmp_path: Path):
    """The river is 9 km from the base: a boat alone stays at home, a car sees four villages.

    Farthest is the hidden one: 1 km back along the one-way, 12 + 880 s / 60 less 80 s, then 73.5
    minutes on foot.
    """
    office(engine, tmp_path, "mobil", PLACES)
    saturday_boat(engine, tmp_path)
    found = report(engine)
    assert [row["code"] for row in found["unreachable"]] == [DOWN, FAR, ISLAND]
    assert {row["code"]: (row["reason"], row["weekdays"]) for row in found["unreachable"]} == {
        DOWN: ("no-network-near", ""),
        FAR: ("no-network-near", ""),
        ISLAND: ("no-network-near", "6"),
    }
    (team,) = found["teams"]
    assert (team["n_reached"], team["vehicle"], team["farthest"]) == (3, "car", "Desa 5")
    assert team["farthest_minutes"] == pytest.approx(12 + (880 - 80) / 60 + 4.9 / 4 * 60, abs=0.1)
    assert team["median_minutes"] == pytest.approx(12, abs=0.1)
    assert found["networks"] == [
        {"mode": "road", "km": 29.0, "n_parts": 1, "largest_share": 1.0},
        {"mode": "river", "km": 36.0, "n_parts": 1, "largest_share": 1.0},
    ]


def test_a_second_vehicle_brings_the_river_into_reach(engine: Engine, tmp_path: Path):
    office(engine, tmp_path, "mobil+perahu", PLACES)
    found = report(engine)
    assert [row["code"] for row in found["unreachable"]] == [FAR, ISLAND]
    assert found["teams"][0]["n_reached"] == 4


def test_a_base_off_the_network_is_told(engine: Engine, tmp_path: Path):
    """5 km on foot is the limit, and the river begins 9 km off."""
    office(engine, tmp_path, "perahu")
    found = report(engine)
    assert [row["code"] for row in found["findings"]] == ["base-off-network"]
    assert "the vehicles of team 62.02-A can use" in found["findings"][0]["message"]
    assert {row["reason"] for row in found["unreachable"]} == {"not-connected", "no-network-near"}


def test_a_base_on_another_river_is_not_off_the_network(engine: Engine, tmp_path: Path):
    """Two boats share one table: that of the first cannot reach the base of the second."""
    office(engine, tmp_path, "perahu")
    path = tmp_path / "sungai2.gpkg"
    river = [{"geometry": [(-40, 20), (-60, 20)], "waterway": "river"}]
    layer(path, "sungai", river)
    ingest(engine, "network", path)
    rows = [
        f"62.02-{name},Kabupaten Kotawaringin Timur,{name},{lon},{lat},perahu,1,5,0,07:00,17:00,ya"
        for name, (lon, lat) in (("A", at(45)), ("B", at(-40, 20)), ("C", at(0, 60)))
    ]
    import_text(engine, tmp_path, "teams", TEAM_HEADER, *rows)
    found = [row for row in report(engine)["findings"] if row["code"] == "base-off-network"]
    assert [row["params"]["team"] for row in found] == ["62.02-C"]
    (warning,) = [row for row in planned(engine)["warnings"] if row["code"] == "teams-stuck"]
    assert warning["message"] == "no road or river is near the base of 1 teams: 62.02-C"


def test_a_way_much_longer_than_the_crow_flies_is_told(engine: Engine, tmp_path: Path):
    """From (0, 0) to (0, 5.9): 9 km out, 10 km back, 4.9 on foot are 23.9 km, 4.05 times 5.9."""
    office(engine, tmp_path, "mobil", PLACES)
    found = report(engine)
    (odd,) = [row for row in found["findings"] if row["code"] == "detour-long"]
    assert (odd["params"]["place"], odd["params"]["ratio"]) == ("Desa 5", "4.1")


def test_a_season_closes_what_it_closes(engine: Engine, tmp_path: Path):
    office(engine, tmp_path, "mobil+speedboat")
    assert report(engine, season="dry")["unreachable"] == []
    low = report(engine, season="low_water")
    assert [(row["code"], row["reason"]) for row in low["unreachable"]] == [(DOWN, "not-connected")]
    assert low["season"] == "low_water"
    with pytest.raises(BadValue, match="dry, wet, low_water"):
        report(engine, season="monsoon")


def test_a_plan_says_why_nobody_reaches_a_village(engine: Engine, tmp_path: Path):
    """The same words as in the report; what is only too far says so."""
    office(engine, tmp_path, "mobil+speedboat", PLACES)
    left = {row["village_code"]: row for row in planned(engine, season="low_water")["unserved"]}
    assert left[FAR]["reason"] == left[ISLAND]["reason"] == "no-network-near"
    assert left[DOWN]["reason"] == "not-connected"
    assert "does not join that of any team" in left[DOWN]["detail"]
    assert week_of(engine, season="dry").travel.why_unreachable(3) == "no-network-near"


def test_there_must_be_villages_and_teams(engine: Engine, tmp_path: Path):
    with pytest.raises(RegencyNotFound):
        report(engine)
    office(engine, tmp_path, "mobil")
    with transaction(engine) as session:
        session.connection().exec_driver_sql("DELETE FROM team")
    with pytest.raises(MissingInput, match="teams"):
        report(engine)


@pytest.mark.usefixtures("seeded")
def test_the_report_comes_by_http(client: AppClient):
    """One road along the four villages of the seed; the fifth lies in another regency."""
    answer = client.get("/api/v1/travel/check", params={"regency": "62.02", "lang": "en"})
    assert answer.status_code == 200
    body = answer.json()
    assert body["n_points"] == 4
    assert [row["team"] for row in body["teams"]] == ["A", "B", "C"]
    unknown = client.get("/api/v1/travel/check", params={"regency": "99.99"})
    assert (unknown.status_code, slug(unknown)) == (404, "regency-not-found")
    wrong = client.get("/api/v1/travel/check", params={"regency": "62.02", "season": "x"})
    assert wrong.status_code == 422


def test_the_command_line_shows_it(engine: Engine, tmp_path: Path):
    office(engine, tmp_path, "mobil", PLACES)
    here = Office(tmp_path / "data", engine.url.render_as_string(hide_password=False))
    shown = here.run("check-travel", "--regency", "62.02").stdout
    assert "3 service points that no team reaches on a working day" in shown
    assert "62.02-A" in shown
    found = here.json("check-travel", "--regency", "62.02")
    assert [row["code"] for row in found["unreachable"]] == [DOWN, FAR, ISLAND]
