"""Nights out, from a team list to the plan that is read: a road with one village far away.

On asphalt a car does 45 km/h, 80 s a km. The village lies 200 km from the base, 4 h 26 min 40 s: a
day of the office (07:30 to 16:00) is too short for both ways and a session of two hours, two days
away are enough. Hours and rupiah are reckoned by hand.
"""

import csv
import io
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely import LineString, Point
from sqlalchemy import Engine
from sqlmodel import select

from app.calendar import OfficePattern
from app.db import now, reading, transaction
from app.export import plan_csv
from app.ingest import ingest
from app.models import Plan, PlanLeg, Team
from app.plan_days import PlanDays, days_of_plan, place
from app.plan_document import itinerary_document, plan_document
from app.team_hours import away_hours
from app.week_problem import problem_of
from routing import Solution, recompute
from tests.app.planned import DAY, HOUR, MONDAY, TEAM_HEADER, import_text, solved, week_of
from tests.geodata.travel import at

pytestmark = pytest.mark.search

FAR, NEAR = "62.02.01.2001", "62.02.02.2001"
WAY = 200 * 80
FRIDAY = MONDAY + timedelta(days=4)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Engine:
    """Two villages of two districts on one road, their counts, one team that may stay out."""
    villages = [
        {"kode_desa": code, "desa": name, "kecamatan": district,
         "kabupaten": "Kabupaten Kotawaringin Timur", "geometry": Point(at(km))}
        for code, name, district, km in (
            (FAR, "Jauh", "Hulu", 200), (NEAR, "Mentaya", "Mentaya", 1),
        )
    ]  # fmt: skip
    file = tmp_path / "desa.geojson"
    gpd.GeoDataFrame(villages, crs=4326).to_file(file, engine="pyogrio")
    ingest(engine, "villages", file)
    counts = tmp_path / "counts.csv"
    counts.write_text(
        f"kode_desa,kecamatan,desa,wajib_ktp,sudah_rekam\n{FAR},Hulu,Jauh,1000,900\n"
        f"{NEAR},Mentaya,Mentaya,1000,999\n", encoding="utf-8",
    )  # fmt: skip
    ingest(engine, "counts", counts, as_of=date(2026, 6, 30))
    network = tmp_path / "jaringan.gpkg"
    road = {"highway": "primary", "surface": "asphalt", "geometry": LineString([at(0), at(200)])}
    gpd.GeoDataFrame([road], crs=4326).to_file(network, layer="jalan", engine="pyogrio")
    ingest(engine, "network", network)
    lon, lat = at(0)
    row = f"62.02-A,Kabupaten Kotawaringin Timur,Kantor,{lon},{lat},mobil,1,5,0,07:30,16:00,ya"
    import_text(engine, tmp_path, "teams", TEAM_HEADER, row)
    return engine


def test_the_days_a_tour_may_use(office: Engine) -> None:
    """Monday to Friday it may leave; it is under way to the Thursday after the last Friday."""
    problem = problem_of(week_of(office, max_nights=6))
    assert problem.max_tour_days == 7
    days = [shift.day for shift in problem.shifts]
    assert days == list(range(11))
    assert [s.day for s in problem.shifts if s.starts_tour] == [0, 1, 2, 3, 4]
    assert [s.day for s in problem.shifts if not s.serves] == [5, 6]  # the weekend
    assert [s.night and s.night.morning for s in problem.shifts] == [*range(1, 11), None]
    with_one = problem_of(week_of(office, max_nights=1))
    assert [shift.day for shift in with_one.shifts] == [0, 1, 2, 3, 4, 5]
    without = problem_of(week_of(office, max_nights=0))
    assert (without.has_nights, len(without.shifts)) == (False, 5)


def test_hours_and_money_of_a_day_away(office: Engine) -> None:
    """Ten hours around 07:30 to 16:00; five people at Rp 360,000 a day and Rp 200,000 a night."""
    week = week_of(office, max_nights=6)
    problem = problem_of(week)
    tuesday = problem.shifts[1]
    assert tuesday.away is not None
    assert tuesday.night is not None
    hours = (tuesday.away.window.start - DAY, tuesday.away.window.end - DAY)
    assert hours == (6.75 * HOUR, 16.75 * HOUR)
    assert (tuesday.away.cost, tuesday.night.cost) == (5 * 360_000, 5 * 200_000)
    # Each district's seat: the village that bears its name, the only one of the other.
    assert [week.points[p].code for p in tuesday.night.nodes] == [FAR, NEAR]
    assert tuesday.night.at_last_stop


def team(vehicle: str, starts: time, ends: time) -> Team:
    return Team(
        name="A", regency_code="62.02", base="", lon=0, lat=0, vehicle=vehicle, kits=1, staff=1,
        satellite_kits=0, starts=starts, ends=ends, may_stay_overnight=True, import_id=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("vehicle", "office_hours", "hours", "expected"),
    [
        ("car", (time(8), time(16)), 10, (time(7), time(17))),
        ("car", (time(8), time(16)), 8, (time(8), time(16))),
        ("car", (time(7), time(17)), 8, (time(7), time(17))),
        ("car", (time(0, 30), time(8, 30)), 10, (time(0), time(10))),
        ("car", (time(14), time(23)), 10, (time(13, 30), time(23, 30))),
        ("speedboat", (time(8), time(16)), 10, (time(7), time(17))),
        ("speedboat", (time(7), time(16)), 10, (time(6, 30), time(16, 30))),
        ("speedboat", (time(6), time(18)), 14, (time(6, 30), time(17))),
    ],
)
def test_a_duty_day_lies_around_the_office_hours_and_boats_in_daylight(
    vehicle: str, office_hours: tuple[time, time], hours: float, expected: tuple[time, time]
) -> None:
    assert away_hours(team(vehicle, *office_hours), OfficePattern(), hours) == expected


@pytest.fixture
def plan(office: Engine) -> dict[str, Any]:
    plan_id, _, result = solved(office, costs=False, minutes=(120,), max_nights=6)
    assert result.prize > 0
    with reading(office) as session:
        return plan_document(session, plan_id, "en")


def test_the_far_village_is_reached_by_staying_out(plan: dict[str, Any]) -> None:
    assert plan["violations"] == []
    (stop,) = [stop for stop in plan["stops"] if stop["village_code"] == FAR]
    assert stop["travel_minutes"] == pytest.approx(WAY / 60, abs=0.05)
    shifts = plan["teams"][0]["shifts"]
    nights = [shift for shift in shifts if shift["sleeps_code"]]
    assert plan["teams"][0]["nights"] == len(nights) >= 1
    assert {shift["sleeps_code"] for shift in nights} <= {FAR, NEAR}
    assert {shift["sleeps_name"] for shift in nights} <= {"Jauh", "Mentaya"}
    assert shifts[-1]["sleeps_code"] is None
    home = [shift for shift in shifts if shift["sleeps_code"] is None]
    assert home


def test_what_is_spent_is_told_by_line(plan: dict[str, Any]) -> None:
    """Rp 1,800,000 on a day of a tour, Rp 1,000,000 a night; Rp 700,000 on a day above 8 hours."""
    (row,) = plan["teams"]
    slept = False
    for shift in row["shifts"]:
        ends, leaves = (datetime.fromisoformat(shift[k]) for k in ("arrival", "departure"))
        is_out = slept or shift["sleeps_code"] is not None
        long_day = 700_000 if ends - leaves > timedelta(hours=8) else 0
        assert shift["costs"]["per_diem"] == (1_800_000 if is_out else long_day)
        assert shift["costs"]["lodging"] == (1_000_000 if shift["sleeps_code"] else 0)
        assert (shift["people"], shift["kits"]) == (5, 1)
        slept = shift["sleeps_code"] is not None
    assert any(shift["sleeps_code"] for shift in row["shifts"])
    assert sum(sum(s["costs"].values()) for s in row["shifts"]) == row["cost_rupiah"]
    assert row["cost_rupiah"] == plan["cost_rupiah"]


def test_without_nights_the_far_village_is_left_out(office: Engine) -> None:
    plan_id, _, _ = solved(office, costs=False, minutes=(120,))
    with reading(office) as session:
        document = plan_document(session, plan_id, "en")
    assert [row["reason"] for row in document["unserved"] if row["village_code"] == FAR] == [
        "too-far"
    ]
    assert document["teams"][0]["nights"] == 0


def test_every_paper_tells_where_the_team_sleeps(office: Engine, plan: dict[str, Any]) -> None:
    with reading(office) as session:
        itinerary = itinerary_document(session, plan["plan_id"], "62.02-A", "en")
        rows = list(csv.DictReader(io.StringIO(plan_csv(session, plan["plan_id"], "en"))))
        legs = session.exec(select(PlanLeg).where(PlanLeg.plan_id == plan["plan_id"])).all()
    slept = {day["day"]: day["sleeps_name"] for day in itinerary["days"]}
    assert {row["day"]: row["sleeps_at"] for row in rows} == {
        row["day"]: slept[row["day"]] or "" for row in rows
    }
    # Drawn from where the team slept: there and back again once for every tour, not every day.
    minutes = sum(leg.minutes for leg in legs)
    tours = sum(shift["sleeps_code"] is None for shift in plan["teams"][0]["shifts"])
    assert minutes <= tours * 2 * WAY / 60 + 1


LODGING_HEAD = "kode_desa,penginapan,lon,lat,biaya,tim,aktif"
A = "62.02-A"


def place_row(name: str, cost: str = "", teams: str = "", active: str = "") -> str:
    """Write a place at 180 km of the 200, in the far village."""
    lon, lat = at(180)
    return f"{FAR},{name},{lon},{lat},{cost},{teams},{active}"


def lodge(engine: Engine, folder: Path, *rows: str) -> None:
    import_text(engine, folder, "lodging", LODGING_HEAD, *rows)


def test_with_a_list_teams_sleep_at_listed_places_only(office: Engine, tmp_path: Path) -> None:
    """Five people: at Rp 50,000 each 250,000, and at the parameters' 200,000 a million."""
    lodge(office, tmp_path, place_row("Mawar", "50000"), f"{NEAR},,,,,,")
    week = week_of(office, max_nights=6)
    problem = problem_of(week)
    # Two service points, one base, then the places by code: the near one is where NEAR is served.
    assert [point.code for point in week.points] == [FAR, NEAR]
    for night in [shift.night for shift in problem.shifts[:-1]]:
        assert night is not None
        assert (night.nodes, night.at_last_stop) == ((3, 4), False)
        assert [night.cost_at(node) for node in night.nodes] == [250_000, 1_000_000]
    ways = problem.matrices[problem.shifts[0].matrix].durations
    assert ways[2, 3] == pytest.approx(180 * 80, abs=2)
    assert (ways[1, 4], ways[0, 3]) == (0, pytest.approx(20 * 80, abs=2))
    assert {row["kind"] for row in week.inputs.values()} >= {"lodging"}


@pytest.mark.parametrize(("teams", "stay_out"), [("", "AB"), (A, "A"), ("62.02-B", "B")])
def test_a_team_without_a_listed_place_comes_home(
    office: Engine, tmp_path: Path, teams: str, stay_out: str
) -> None:
    lon, lat = at(0)
    rows = (
        f"62.02-{name},Kabupaten Kotawaringin Timur,Kantor,{lon},{lat},mobil,1,5,0,07:30,16:00,ya"
        for name in "AB"
    )
    import_text(office, tmp_path, "teams", TEAM_HEADER, *rows)
    lodge(office, tmp_path, place_row("Mawar", teams=teams))
    week = week_of(office, max_nights=6)
    out = {week.shifts[s].team.name[-1] for s, x in enumerate(problem_of(week).shifts) if x.night}
    assert out == set(stay_out)
    at_home = [shift for shift in week.shifts if shift.team.name[-1] not in stay_out]
    assert len(at_home) == 5 * (2 - len(stay_out))


def test_a_plan_sleeps_where_it_is_cheaper(office: Engine, tmp_path: Path) -> None:
    """Two places side by side: all nights are at the one that costs less, and cost that."""
    lodge(office, tmp_path, place_row("Mahal", "300000"), place_row("Murah", "50000"))
    plan_id, week, result = solved(office, minutes=(120,), max_nights=6)
    with reading(office) as session:
        document = plan_document(session, plan_id, "en")
        kept = days_of_plan(session, session.get_one(Plan, plan_id))
    assert document["violations"] == []
    nights = [x for x in document["teams"][0]["shifts"] if x["sleeps_code"]]
    assert nights
    told = {(x["sleeps_code"], x["sleeps_point"], x["sleeps_place"]) for x in nights}
    assert told == {(FAR, f"{FAR}/murah", "Murah")}
    problem = problem_of(week)
    dearer = [replace(i, end=i.end and 3, start=i.start and 3) for i in result.solution.itineraries]
    cost = recompute(problem, Solution(itineraries=tuple(dearer)))[1]
    assert cost - result.cost == len(nights) * 5 * 250_000
    # A re-plan finds the places again, also by the village alone.
    ends = [(day.shift, day.end) for day in place(week, problem, kept).days if day.end is not None]
    assert ends == [(i.shift, i.end) for i in result.solution.itineraries if i.end is not None]
    by_village = PlanDays(kept.stops, [{**row, "sleeps_point": None} for row in kept.nights])
    assert {day.end for day in place(week, problem, by_village).days} - {None} == {3}


def test_a_list_without_a_place_in_use_is_no_list(office: Engine, tmp_path: Path) -> None:
    lodge(office, tmp_path, place_row("Mawar"))
    lodge(office, tmp_path, place_row("Mawar", active="tidak"))
    week = week_of(office, max_nights=6)
    night = problem_of(week).shifts[0].night
    assert night is not None
    assert ([week.points[p].code for p in night.nodes], night.at_last_stop) == ([FAR, NEAR], True)


def plan_before(engine: Engine, state: str = "draft", week: str = "2026-W48") -> None:
    """Store a plan of the week before: a tour of A from Sunday to Tuesday, a kit with it."""
    days = [{"day": f"2026-{day}", "with_kit": True} for day in ("11-29", "11-30", "12-01")]
    with transaction(engine) as session:
        session.add(
            Plan(
                regency_code="62.02", week=week, params={}, state=state, solved_at=now(),
                summary={"teams": [{"team": A, "shifts": days}]},
            )
        )  # fmt: skip


def test_a_team_still_on_a_tour_of_the_week_before_is_away(office: Engine, tmp_path: Path) -> None:
    lon, lat = at(0)
    rows = (
        f"62.02-{x},Kabupaten Kotawaringin Timur,Kantor,{lon},{lat},mobil,1,5,1,07:30,16:00,ya"
        for x in "AB"
    )
    import_text(office, tmp_path, "teams", TEAM_HEADER, *rows)
    plan_before(office)
    week = week_of(office)
    days = {x: [s.day.day for s in week.shifts if s.team.name[-1] == x] for x in "AB"}
    assert days == {"A": [2, 3, 4], "B": [30, 1, 2, 3, 4]}
    base = week.travel.base_node(week.teams[0])
    assert [week.kits_at(base, MONDAY + timedelta(days=n)) for n in range(5)] == [1, 1, 2, 2, 2]


@pytest.mark.parametrize(
    ("state", "name"), [("cancelled", "2026-W48"), ("draft", "2026-W47"), ("draft", "2026-W49")]
)
def test_other_plans_keep_nobody_away(office: Engine, state: str, name: str) -> None:
    plan_before(office, state, name)
    assert len(week_of(office).shifts) == 5


def test_what_a_tour_of_the_week_before_visits_is_not_visited_again(office: Engine) -> None:
    week = week_of(office)
    row = {"plan_id": 1, "team": A, "day": "2026-11-30", "with_kit": False, "points": [NEAR]}
    after = replace(week, params={**week.params, "under_way": [row]})
    assert [visit.shifts for visit in problem_of(week).visits] == [None, None]
    assert [visit.shifts for visit in problem_of(after).visits] == [None, frozenset()]
