"""Service points in the product: where villages are served, each person counted once."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from app.db import reading, transaction
from app.errors import BadPoint, PointNotFound, VillageNotFound
from app.features import plan_geojson, points, scope_of, villages
from app.ingest import ingest
from app.models import ServicePoint
from app.plan_document import plan_document
from app.points import add_point, current_points, move_point, retire_point, village_points
from app.week_problem import problem_of
from routing import Programme, TimeWindow
from tests.app.conftest import AppClient, slug
from tests.app.planned import HILIR, MONDAY, PALANGAN, A, shift_of, solved, visit_of, week_of

BY: dict[str, str] = {"by": "Kabid", "reason": "seen"}
ONE, TWO, THREE = "62.02.01.2001", "62.02.01.2002", "62.02.02.2001"  # of seed.py
SCHOOL = {"village_code": ONE, "name": "SMKN 2", "kind": "school", "lon": 112.06, "lat": -2.46,
          "expected": {"pemula": 5}}  # fmt: skip
HUB = {"village_code": ONE, "name": "Balai", "kind": "village_hall", "lon": 112.07, "lat": -2.47,
       "serves": (ONE, TWO)}  # fmt: skip


def test_every_village_has_its_own_point_from_the_start(seeded: Engine):
    with reading(seeded) as session:
        found = current_points(session, "62.02")
        assert len(found) == 4
        assert all(point.is_default and point.serves == (point.code,) for point in found)
        assert [(p.lon, p.lat) for p in found][:1] == [(112.05, -2.45)]


def test_a_village_assigned_to_a_hub_is_served_there_only(seeded: Engine):
    with transaction(seeded) as session:
        add_point(session, HUB, **BY)
        at = village_points(session, "62.02")
        assert {code: at[code].code for code in (ONE, TWO, THREE)} == {
            ONE: ONE, TWO: ONE, THREE: THREE
        }  # fmt: skip
        assert len(current_points(session, "62.02")) == 3
        other = {**HUB, "name": "Kantor Camat", "kind": "district_office", "serves": (TWO,)}
        add_point(session, other, **BY)
        assert village_points(session)[TWO].name == "Kantor Camat"
        assert village_points(session)[ONE].serves == (ONE,)


def test_a_retired_hub_gives_its_villages_back(seeded: Engine):
    with transaction(seeded) as session:
        add_point(session, HUB, **BY)
        retire_point(session, ONE, **BY)
        assert all(point.is_default for point in current_points(session, "62.02"))
        with pytest.raises(PointNotFound):
            retire_point(session, ONE, **BY)  # a village's own point stays
        row = session.get(ServicePoint, ONE)
        assert row is not None
        assert (row.changed_by, row.reason) == ("Kabid", "seen")


def test_a_point_that_lost_its_villages_is_not_planned(seeded: Engine):
    office = {**HUB, "name": "Kantor Camat", "kind": "district_office", "serves": (TWO,)}
    with transaction(seeded) as session:
        add_point(session, office, **BY)
        add_point(session, {**HUB, "serves": (ONE, TWO)}, **BY)
        assert f"{ONE}/kantor-camat" not in {point.code for point in current_points(session)}


def test_a_village_is_moved_by_its_own_code(seeded: Engine):
    with transaction(seeded) as session:
        point = move_point(session, TWO, 112.1512345678, -2.44, **BY)
        assert (point.code, point.lon, point.lat, point.is_default) == (
            TWO, 112.151235, -2.44, False
        )  # fmt: skip
        assert move_point(session, TWO, 112.16, -2.44, **BY).lon == 112.16
        with pytest.raises(BadPoint, match="Indonesia"):
            move_point(session, TWO, 12.0, -2.44, **BY)
        with pytest.raises(PointNotFound):
            move_point(session, "62.02.01.2999", 112.1, -2.4, **BY)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"village_code": "62.02.01.2999"}, VillageNotFound),
        ({"serves": ("62.02.01.2999",)}, VillageNotFound),
        ({"kind": "kiosk"}, BadPoint),
        ({"power": "maybe"}, BadPoint),
        ({"signal": "fine"}, BadPoint),
        ({"opens": "pagi"}, BadPoint),
        ({"lat": 52.0}, BadPoint),
        ({"expected": {"paspor": 3}}, BadPoint),
        ({"expected": {}}, BadPoint),
        ({"expected": {"pemula": 0}}, BadPoint),
    ],
)
def test_a_point_that_cannot_be_is_refused(
    seeded: Engine, changes: dict[str, Any], error: type[Exception]
):
    with pytest.raises(error), transaction(seeded) as session:
        add_point(session, {**SCHOOL, **changes}, **BY)


def test_points_are_a_layer_and_villages_tell_theirs(seeded: Engine):
    with transaction(seeded) as session:
        add_point(session, HUB, **BY)
        add_point(session, SCHOOL, **BY)
    with reading(seeded) as session:
        scope = scope_of(session, regency="62.02")
        features = {row["id"]: row for row in points(session, scope)}
        told = {row["id"]: row["properties"] for row in villages(session, scope)}
    assert len(features) == 4
    school = features[f"point-{ONE}/smkn-2"]
    assert school["properties"]["expected"] == {"pemula": 5}
    assert (told[TWO]["point_code"], told[TWO]["point_name"]) == (ONE, "Balai")
    assert (told[TWO]["point_lon"], told[TWO]["point_lat"]) == (112.07, -2.47)


def test_each_person_is_counted_once(kotim_engine: Engine):
    """A hub takes its villages' need; pupils of a school are taken off theirs."""
    before = week_of(kotim_engine)
    listed = {code: need.listed for code, need in before.village_needs.items()}
    with transaction(kotim_engine) as session:
        place = {"village_code": HILIR, "lon": 112.953, "lat": -2.541}
        add_point(
            session,
            {**place, "name": "SMKN 2", "kind": "school", "expected": {"pemula": 30},
             "serves": (HILIR, PALANGAN)},
            **BY,
        )  # fmt: skip
        add_point(
            session,
            {**place, "name": "Balai", "kind": "village_hall", "serves": (HILIR, PALANGAN)},
            **BY,
        )
    week = week_of(kotim_engine)
    assert len(week.points) == len(before.points)  # a village less, a school more
    hub, school = (week.needs[visit_of(week, code)] for code in (HILIR, f"{HILIR}/smkn-2"))
    assert hub is not None
    assert school is not None
    assert hub.listed.ktp_el == listed[HILIR].ktp_el
    assert hub.neighbours.ktp_el == listed[PALANGAN].ktp_el
    assert hub.listed.pemula + hub.neighbours.pemula == pytest.approx(
        listed[HILIR].pemula + listed[PALANGAN].pemula - 30
    )
    assert hub.listed.pemula / listed[HILIR].pemula == pytest.approx(
        hub.neighbours.pemula / listed[PALANGAN].pemula
    )
    assert (school.gathered.pemula, school.listed.pemula) == (30, 0)


def test_a_school_session_and_its_hours(kotim_engine: Engine):
    """1 kit, 240 minutes less 90, 5 minutes each: 30 of 120; open Mondays 07:00 to 13:00 only."""
    with transaction(kotim_engine) as session:
        point = add_point(
            session,
            {"village_code": HILIR, "name": "SMKN 2", "kind": "school", "lon": 112.953,
             "lat": -2.541, "expected": {"pemula": 120}, "opens": "1 07:00-13:00",
             "signal": "strong"},
            **BY,
        )  # fmt: skip
    week = week_of(kotim_engine)
    visit = visit_of(week, point.code)
    served = week.expected(visit, shift_of(week, A, MONDAY), 240, with_kit=False)
    assert served[Programme.PEMULA] == pytest.approx(30)
    day = 24 * 3600
    assert problem_of(week).visits[visit].windows == (
        TimeWindow(start=7 * 3600, end=13 * 3600),
        TimeWindow(start=7 * day + 7 * 3600, end=7 * day + 13 * 3600),
    )


def test_what_the_office_says_of_a_point_goes_before_its_village(kotim_engine: Engine):
    place = {"village_code": HILIR, "name": "Lapas", "kind": "prison", "lon": 112.95, "lat": -2.54,
             "expected": {"ktp_el": 40}}  # fmt: skip
    with transaction(kotim_engine) as session:
        code = add_point(session, {**place, "signal": "none", "power": "no"}, **BY).code
    week = week_of(kotim_engine)
    assert (week.signals[visit_of(week, code)], week.power[visit_of(week, code)]) == ("none", False)
    assert week.signals[visit_of(week, HILIR)] == "strong"


def test_a_plan_names_the_points_it_visits(kotim_engine: Engine, tmp_path: Path):
    path = tmp_path / "titik.csv"
    path.write_text(
        "kode_desa,titik,jenis,lon,lat,sinyal,harap_pemula\n"
        f"{HILIR},SMKN 2 Sampit,sekolah,112.95312345678,-2.541,kuat,600\n",
        encoding="utf-8",
    )
    outcome = ingest(kotim_engine, "points", path, as_of=date(2026, 11, 1))
    assert (outcome.accepted, outcome.refused) == (1, 0)
    plan_id, _, _ = solved(kotim_engine, solutions=5, minutes=[360])
    with reading(kotim_engine) as session:
        document = plan_document(session, plan_id, "en")
        layer = plan_geojson(session, plan_id)
    (stop,) = [row for row in document["stops"] if row["point_kind"] == "school"]
    assert (stop["point_name"], stop["lon"], stop["lat"]) == ("SMKN 2 Sampit", 112.953123, -2.541)
    assert (stop["village_code"], stop["serves"]) == (HILIR, [])
    assert b"SMKN 2 Sampit" in layer
    assert str(outcome.import_id) in document["inputs"]
    low, high = stop["expected_p10"]["pemula"], stop["expected_p90"]["pemula"]
    assert 0 < low <= stop["expected"]["pemula"] <= high + 1e-6
    assert document["worth_p10"] < document["worth"] < document["worth_p90"] * 1.1
    factors = stop["factors"]
    assert factors["programmes"]["pemula"]["gathered"] == 600
    assert factors["programmes"]["pemula"]["minutes_each"] == 5.0
    assert stop["expected"]["pemula"] == pytest.approx(factors["kit_minutes"] / 5, abs=1e-3)


@pytest.mark.usefixtures("seeded")
def test_points_over_http(client: AppClient):
    address = "/api/v1/points"
    added = client.post(address, json={**SCHOOL, **BY})
    assert added.status_code == 201
    code = added.json()["code"]
    assert code == f"{ONE}/smkn-2"
    moved = client.post(f"{address}/move", json={"code": code, "lon": 112.1, "lat": -2.4, **BY})
    assert (moved.json()["lon"], moved.json()["lat"]) == (112.1, -2.4)
    listed = client.get(f"{address}?regency=62.02").json()["items"]
    assert code in {row["code"] for row in listed}
    layer = client.get("/api/v1/features/points?regency=62.02").json()["features"]
    assert [112.1, -2.4] in [row["geometry"]["coordinates"] for row in layer]
    assert client.post(f"{address}/retire", json={"code": code, **BY}).status_code == 204
    again = client.post(f"{address}/retire", json={"code": code, **BY})
    assert (again.status_code, slug(again)) == (404, "point-not-found")
    bad = client.post(address, json={**SCHOOL, "opens": "pagi", **BY})
    assert (bad.status_code, slug(bad)) == (422, "bad-point")
    lost = client.post(address, json={**SCHOOL, "village_code": "62.02.01.2999", **BY})
    assert (lost.status_code, slug(lost)) == (404, "village-not-found")
