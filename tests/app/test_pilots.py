"""The main job on the other two pilot provinces: several regencies, links, a sheet per regency."""

import csv
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.app.office import Office, assert_plan_holds

pytestmark = pytest.mark.slow
WEEK = ("--week", "2026-W49", "--seconds", "3")
DAYS = [f"2026-{day}" for day in ("11-30", "12-01", "12-02", "12-03", "12-04")]
# A scheduled plane is the fastest thing there is: Nunukan - Long Bawan, 221 km in 60 minutes.
PLANE_KMH = 225.0


def imported(office: Office, folder: Path, files: Iterable[tuple[str, ...]]) -> list[dict]:
    return [office.json("import", kind, folder / name, *rest) for kind, name, *rest in files]


@pytest.fixture(scope="module")
def kaltara(shared_data: Path) -> Path:
    return shared_data / "pilot" / "kaltara"


@pytest.fixture(scope="module")
def kaltim(shared_data: Path) -> Path:
    return shared_data / "pilot" / "kaltim"


@pytest.fixture(scope="module")
def north(
    tmp_path_factory: pytest.TempPathFactory, kaltara: Path
) -> tuple[Office, dict[str, dict[str, Any]]]:
    """North Kalimantan after its imports, and what each of them said."""
    office = Office(tmp_path_factory.mktemp("kaltara"))
    files = (
        ("villages", "batas_desa.gpkg"),
        ("counts", "rekap_perekaman_desa.csv", "--as-of", "2024-06-30"),
        ("connectivity", "sinyal_desa.csv"),
        ("network", "jaringan.gpkg"),
        ("links", "penghubung.csv"),
        ("teams", "tim.csv"),
    )
    return office, {said["kind"]: said for said in imported(office, kaltara, files)}


@pytest.fixture(scope="module")
def east(
    tmp_path_factory: pytest.TempPathFactory, kaltim: Path
) -> tuple[Office, dict[str, dict[str, Any]]]:
    """East Kalimantan after its imports, and what each of them said."""
    office = Office(tmp_path_factory.mktemp("kaltim"))
    files = (
        ("villages", "batas_desa.gpkg"),
        ("counts", "rekap_perekaman_desa.xlsx", "--as-of", "2024-06-30"),
        ("connectivity", "sinyal_desa.csv"),
        ("network", "jaringan.gpkg"),
        ("links", "penghubung.csv"),
        ("teams", "tim.csv"),
    )
    return office, {said["kind"]: said for said in imported(office, kaltim, files)}


def teams_of(folder: Path, regency: str) -> dict[str, dict[str, str]]:
    with (folder / "tim.csv").open(encoding="utf-8") as file:
        return {r["tim"]: r for r in csv.DictReader(file) if r["tim"].startswith(regency)}


def planned(office: Office, folder: Path, regency: str, *more: str) -> dict[str, Any]:
    """Plan a regency and check all that must hold of any plan."""
    plan = office.json("plan", "--regency", regency, *WEEK, *more)
    teams = teams_of(folder, regency)
    assert plan["violations"] == []
    assert_plan_holds(plan, teams, fastest_kmh=PLANE_KMH)
    assert {team["team"] for team in plan["teams"]} == set(teams)
    assert {stop["village_code"][:5] for stop in plan["stops"]} == {regency}
    assert plan["value"] > plan["baseline_value"]
    assert all(stop["arrive"].endswith("+08:00") for stop in plan["stops"])  # WITA
    return plan


def assert_cars_go_out_daily(plan: dict[str, Any]) -> None:
    """Every team with a car is out on all five days, whether or not it comes home at night.

    A boat's day costs Rp 2.5 million: once the few villages on its river that are worth that are
    served, it stays.
    """
    cars = [team for team in plan["teams"] if team["vehicle"] == "car"]
    assert cars
    for team in cars:
        # A tour may end in the week after, and a day of it may pass on the way.
        assert {shift["day"] for shift in team["shifts"]} >= set(DAYS), team["team"]
        assert any(stop["team"] == team["team"] for stop in plan["stops"])


def test_counts_without_a_date_are_refused_and_nothing_is_stored(tmp_path: Path, kaltara: Path):
    office = Office(tmp_path)
    office.json("import", "villages", kaltara / "batas_desa.gpkg")
    outcome = office.run("import", "counts", kaltara / "rekap_perekaman_desa.csv", "--json")
    assert outcome.code == 1
    assert outcome.json["error"]["code"] == "missing-as-of"
    (line,) = outcome.stderr.splitlines()
    assert "rekap_perekaman_desa.csv" in line
    assert "2023-06-30" in line  # how a date is written
    with closing(sqlite3.connect(office.data_dir / "jemput-bola.sqlite")) as connection:
        stored = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in ("village", "data_import", "village_count")
        ]
    assert stored == [482, 1, 0]


def test_north_kalimantan_is_read_as_published(north: tuple[Office, dict[str, dict]]):
    """530,130 wajib KTP, 523,815 recorded: 6,315 not recorded, in 482 villages."""
    _, said = north
    assert said["villages"]["accepted"] == said["counts"]["accepted"] == 482
    assert said["counts"]["as_of"] == "2024-06-30"
    totals = said["counts"]["totals"]
    assert (totals["wajib_ktp"], totals["sudah_rekam"]) == (530_130, 523_815)
    assert totals["not_recorded"] == 530_130 - 523_815 == 6_315
    assert said["links"]["totals"] == {"links": 5, "river": 4, "sea": 0, "air": 1}
    assert said["teams"]["accepted"] == 15
    with closing(sqlite3.connect(north[0].data_dir / "jemput-bola.sqlite")) as connection:
        found = connection.execute("SELECT DISTINCT regency_code FROM village ORDER BY 1")
        assert [code for (code,) in found] == ["65.01", "65.02", "65.03", "65.04", "65.71"]


def test_north_kalimantan_lacks_6315_people_and_3134_to_its_target(
    north: tuple[Office, dict[str, dict]],
):
    """Its report of June 2024 called the second the first: 99.4 % of 530,130 are 526,949."""
    progress = north[0].json("progress", "--area", "65", "--year", "2024")
    row = progress["programmes"][0]
    assert (row["programme"], row["target"]["share"]) == ("ktp_el", 0.994)
    assert (row["not_recorded"], row["wanted"], row["gap_to_target"]) == (6_315, 526_949, 3_134)
    assert len(progress["parts"]) == 5
    for name in ("base", "recorded", "not_recorded", "n_villages"):
        assert sum(part["programmes"][0][name] for part in progress["parts"]) == row[name]


def test_nunukan_flies_on_flight_days_only(north: tuple[Office, dict[str, dict]], kaltara: Path):
    """The plane to Long Bawan goes on Monday, Wednesday and Friday (135), boats every day."""
    # In three seconds of a busy machine the search has come to no flight once.
    plan = planned(north[0], kaltara, "65.03", "--seconds", "10")
    flights = [stop for stop in plan["stops"] if stop["travel_mode"] == "air"]
    assert {DAYS.index(stop["day"]) + 1 for stop in flights} <= {1, 3, 5}
    assert flights, "nobody flies: the test says nothing"
    assert_cars_go_out_daily(plan)
    assert {row["kind"] for row in plan["inputs"].values()} >= {"links", "network"}


def test_malinau_is_planned_beside_nunukan(north: tuple[Office, dict[str, dict]], kaltara: Path):
    plan = planned(north[0], kaltara, "65.02")
    assert_cars_go_out_daily(plan)
    with (kaltara / "rekap_perekaman_desa.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["kode"].startswith("65.02")]
    wajib, recorded = (sum(int(r[c]) for r in rows) for c in ("wajib_ktp", "sudah_rekam"))
    assert plan["coverage_before"] == pytest.approx(recorded / wajib)
    assert plan["not_recorded"] == wajib - recorded
    assert len(plan["stops"]) + len(plan["unserved"]) == len(rows)


def test_east_kalimantan_is_read_sheet_by_sheet(east: tuple[Office, dict[str, dict]]):
    """2,878,769 wajib KTP, 2,868,568 recorded, in 1,038 villages of ten regencies."""
    _, said = east
    assert said["villages"]["accepted"] == said["counts"]["accepted"] == 1_038
    totals = said["counts"]["totals"]
    assert (totals["wajib_ktp"], totals["sudah_rekam"]) == (2_878_769, 2_868_568)
    assert totals["not_recorded"] == 2_878_769 - 2_868_568
    assert "total-mismatch" not in {f["code"] for f in said["counts"]["findings"]}


def test_berau_is_planned_among_ten_regencies(east: tuple[Office, dict[str, dict]], kaltim: Path):
    plan = planned(east[0], kaltim, "64.03")
    assert_cars_go_out_daily(plan)
    assert {stop["team"] for stop in plan["stops"]} == {"64.03-A", "64.03-B", "64.03-C"}
