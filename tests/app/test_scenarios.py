"""Scenarios of a plan, and plans side by side, in the office of one road."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from app.access import Caller
from app.comparison import FIGURES, compare_plans, comparison_csv, comparison_workbook
from app.db import connect, reading, transaction
from app.errors import BadOption, BadParam, ParamNotFound, PlanNotFound, TeamNotFound
from app.lifecycle import Step, take_step
from app.lifecycle_errors import OnlySupposed
from app.models import Plan, Role, Team
from app.scenarios import ask_scenario
from app.schemas.scenarios import ScenarioRequest
from tests.app.conftest import AppClient, ClientOf, make_settings, slug
from tests.app.databases import Databases
from tests.app.people import let_in
from tests.app.road import CODES, A, B, best_plan, build, solve_now

pytestmark = pytest.mark.search
Fixed = tuple[str, int]


@pytest.fixture(scope="session")
def planned(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Fixed:
    """The office with the best plan of its week; copied, not changed."""
    folder = tmp_path_factory.mktemp("scenarios")
    url = databases.migrated(folder)
    engine = connect(url)
    build(engine, folder)
    plan_id = best_plan(engine, minutes=(240,), costs=True)
    engine.dispose()
    return url, plan_id


@pytest.fixture
def url(planned: Fixed, databases: Databases, tmp_path: Path) -> Iterator[str]:
    copied = databases.copy(planned[0], tmp_path / "road")
    yield copied
    databases.give_back(copied)


@pytest.fixture
def office(url: str) -> Iterator[Engine]:
    engine = connect(url)
    yield engine
    engine.dispose()


def scenario(engine: Engine, plan_id: int, **asked: Any) -> dict[str, Any]:
    with transaction(engine) as session:
        request = ScenarioRequest.model_validate({"name": "lain", **asked})
        plan, _ = ask_scenario(session, plan_id, request)
        made = plan.id or 0
    return solve_now(engine, made)


def test_without_a_team_the_other_does_what_it_can(office: Engine, planned: Fixed) -> None:
    plan = scenario(office, planned[1], name="Tanpa B", without_teams=[B])
    # A session a day, five days: the village that is worth least is left out.
    assert {row["team"] for row in plan["stops"]} == {A}
    assert {row["village_code"] for row in plan["stops"]} == set(CODES[:5])
    assert plan["scenario"] == {
        "name": "Tanpa B", "plan_id": planned[1], "changes": {"without": [B]},
    }  # fmt: skip
    assert {row["team"]: row["n_stops"] for row in plan["teams"]} == {A: 5, B: 0}


def test_other_hours_weights_kits_teams_and_rules(office: Engine, planned: Fixed) -> None:
    plan = scenario(
        office, planned[1], without_teams=[A],
        teams=[{"team": B, "starts": "09:00", "kits": 2}],
        extra_teams=[{"name": "62.02-X", "like": B}],
        params={"worth.weight.ktp_el": 0.5}, minutes=[120], forbidden=[CODES[0]],
    )  # fmt: skip
    teams = {row["team"] for row in plan["stops"]}
    assert teams == {B, "62.02-X"}
    starts = {t: [r["start"][11:16] for r in plan["stops"] if r["team"] == t] for t in teams}
    assert min(starts[B]) >= "09:00"
    # What X is like is the team of the list, which begins at 07:30: 20 km of road at 45 km/h.
    assert min(starts["62.02-X"]) < "09:00"
    assert CODES[0] not in {row["village_code"] for row in plan["stops"]}
    assert plan["params"]["worth"]["weight"]["ktp_el"] == 0.5
    kits = {row["team"]: row["shifts"][0]["kits"] for row in plan["teams"] if row["shifts"]}
    assert kits == {B: 2, "62.02-X": 1}
    with reading(office) as session:  # nothing of the office is changed
        team = session.get_one(Team, B)
        assert (f"{team.starts:%H:%M}", team.kits) == ("07:30", 1)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"without_teams": ["Z"]}, TeamNotFound),
        ({"teams": [{"team": "Z", "kits": 1}]}, TeamNotFound),
        ({"extra_teams": [{"name": "X", "like": "Z"}]}, TeamNotFound),
        ({"extra_teams": [{"name": A, "like": B}]}, BadOption),
        ({"teams": [{"team": A, "ends": "07:30"}]}, BadOption),
        ({"params": {"worth.weight.sim": 1}}, ParamNotFound),
        ({"params": {"worth.weight.kia": -1}}, BadParam),
    ],
)
def test_what_cannot_be_supposed(
    office: Engine, planned: Fixed, asked: dict[str, Any], error: type[Exception]
) -> None:
    request = ScenarioRequest.model_validate({"name": "lain", **asked})
    with transaction(office) as session, pytest.raises(error):
        ask_scenario(session, planned[1], request)


@pytest.mark.parametrize(
    ("asked", "is_fine"),
    [
        ({"extra_teams": [{"name": "Z", "like": A}, {"name": "Y", "like": A}]}, True),
        ({"extra_teams": [{"name": "Z", "like": A}, {"name": "Z", "like": B}]}, False),
        ({"teams": [{"team": A, "kits": 1}, {"team": B, "kits": 2}]}, True),
        ({"teams": [{"team": A, "kits": 1}, {"team": A, "kits": 2}]}, False),
        ({"teams": [{"team": A, "starts": "08:00:00"}]}, True),
        ({"teams": [{"team": A, "starts": "08:00:10"}]}, False),
        ({"teams": [{"team": A, "ends": "16:00:00.5"}]}, False),
        ({"teams": [{"team": A, "starts": "08:00+07:00"}]}, False),
        ({"teams": [{"team": A, "ends": "16:00Z"}]}, False),
    ],
)
def test_teams_are_named_once_and_hours_are_local_whole_minutes(
    asked: dict[str, Any], is_fine: bool
) -> None:
    told = {"name": "lain", **asked}
    if is_fine:
        assert ScenarioRequest.model_validate(told).name == "lain"
    else:
        with pytest.raises(ValidationError):
            ScenarioRequest.model_validate(told)


def test_what_supposes_teams_is_compared_and_not_proposed(office: Engine, planned: Fixed) -> None:
    caller = Caller(account_id=1, account="siti", role=Role.ADMIN, area="", team=None, via="t")
    supposed = scenario(office, planned[1], without_teams=[B])["plan_id"]
    other = scenario(office, planned[1], forbidden=[CODES[5]])["plan_id"]
    with transaction(office) as session:
        with pytest.raises(OnlySupposed):
            take_step(session, supposed, Step(action="propose"), caller)
        assert take_step(session, other, Step(action="propose"), caller).state == "proposed"


@pytest.mark.parametrize(
    ("params", "is_refused"),
    [
        ({"office.working_days": "123456"}, True),
        ({"office.lunch": "12:00-12:30"}, True),
        ({"travel.road_kmh.paved": 60}, True),
        ({"worth.turnout_first": 0.9}, True),
        ({"worth.weight.kia": 1.0, "travel.road_kmh.paved": 60}, True),
        ({"worth.weight.kia": 1.0, "cost.rupiah_per_document": 50_000}, False),
        ({"travel.km_rupiah.car": 9000, "plan.max_nights": 1}, False),
        ({}, False),
    ],
)
def test_what_supposes_parameters_of_what_there_is_is_not_proposed(
    office: Engine, planned: Fixed, params: dict[str, Any], is_refused: bool
) -> None:
    caller = Caller(account_id=1, account="siti", role=Role.ADMIN, area="", team=None, via="t")
    with transaction(office) as session:
        request = ScenarioRequest.model_validate({"name": "lain", "params": params})
        plan, job = ask_scenario(session, planned[1], request)
        # As if solved: with the days of the plan it is made of.
        base = session.get_one(Plan, planned[1])
        plan.summary, plan.solved_at = base.summary, base.solved_at
        job.state = "succeeded"
        session.flush()
        if is_refused:
            with pytest.raises(OnlySupposed):
                take_step(session, plan.id or 0, Step(action="propose"), caller)
        else:
            moved = take_step(session, plan.id or 0, Step(action="propose"), caller)
            assert moved.state == "proposed"


def test_plans_stand_side_by_side(office: Engine, planned: Fixed) -> None:
    first = planned[1]
    second = scenario(office, first, name="Tanpa B", without_teams=[B])["plan_id"]
    with reading(office) as session:
        found = compare_plans(session, [first, second], "en")
    one, other = found["plans"]
    assert (one["name"], one["differs"], one["changes"]) == (None, [], [])
    assert (one["figures"]["n_stops"], other["figures"]["n_stops"]) == (6, 5)
    assert (other["figures"]["n_villages"], other["figures"]["n_unserved"]) == (5, 1)
    # Lima and below lie in district 01, Enam alone in 02.
    assert [(r["district"], r["n_stops"], r["villages"]) for r in other["districts"]] == [
        ("Kecamatan 01", 5, 5), ("Kecamatan 02", 0, 1),
    ]  # fmt: skip
    assert (other["figures"]["districts_visited"], other["figures"]["visits_least"]) == (1, 0)
    # Of 6,000 wajib KTP 210 are not recorded; 99.4 % is the national target.
    (coverage,) = one["coverage"]
    assert coverage["before"] == pytest.approx(5790 / 6000)
    assert coverage["after"] == pytest.approx((5790 + one["expected"]["ktp_el"]) / 6000)
    assert coverage["people_to_target"] == round(0.994 * 6000 - 5790 - one["expected"]["ktp_el"])
    assert other["differs"] == [
        {"name": "supposed", "first": None,
         "here": {"without": [B], "changed": {}, "extra": []}}
    ]  # fmt: skip
    assert other["n_changes"]["dropped"] == 1
    (dropped,) = [row for row in other["changes"] if row["kind"] == "dropped"]
    assert (dropped["village_code"], dropped["village_name"]) == (CODES[5], "Dua")
    assert sum(other["n_changes"].values()) == len(other["changes"])
    money = one["figures"]
    assert money["rupiah_per_person"] == round(money["cost_rupiah"] / money["people"])


def test_every_programme_is_held_against_its_target(office: Engine, planned: Fixed) -> None:
    """1,900 of 2,000 children have a certificate, 20 more are expected; 99 % is the target."""
    first = planned[1]
    second = scenario(office, first, name="Tanpa B", without_teams=[B])["plan_id"]
    with transaction(office) as session:
        plan = session.get_one(Plan, first)
        expected = {**plan.summary["expected"], "akta": 20.0}
        bases = {**plan.summary["bases"], "akta": (2000, 1900), "ikd": (0, 0)}
        plan.summary = {**plan.summary, "bases": bases, "expected": expected}
    with reading(office) as session:
        found = compare_plans(session, [first, second], "en")
    rows = {row["programme"]: row for row in found["plans"][0]["coverage"]}
    assert rows.keys() == {"ktp_el", "akta"}, "of IKD nobody counts"
    assert rows["akta"] == {
        "programme": "akta", "before": 0.95, "after": 0.96, "target": 0.99, "people_to_target": 60,
    }  # fmt: skip
    figures = {row[0]: row[1:] for row in csv.reader(io.StringIO(comparison_csv(found, "en")))}
    assert figures["Birth certificate: coverage after"] == ["0.96", ""]
    assert "IKD: coverage before" not in figures


def test_as_files_they_say_the_same(office: Engine, planned: Fixed) -> None:
    first = planned[1]
    second = scenario(office, first, name="=1+1", without_teams=[B])["plan_id"]
    with reading(office) as session:
        found = compare_plans(session, [first, second], "id")
    rows = list(csv.reader(io.StringIO(comparison_csv(found, "id"))))
    assert rows[0][1] == str(first)
    assert rows[0][2] == f"{second} =1+1"  # begins with a digit: no formula
    stops = next(row for row in rows if row[0] == "Kunjungan")
    assert stops[1:] == ["6", "5"]
    made = datetime(2026, 11, 22, tzinfo=UTC)
    book = openpyxl.load_workbook(io.BytesIO(comparison_workbook(found, "id", made)))
    assert book.sheetnames == ["Angka", "Kecamatan", "Tim", "Perubahan", "Yang diminta lain"]
    cells = {row[0].value: [cell.value for cell in row[1:]] for row in book["Angka"].iter_rows()}
    assert cells["Kunjungan"] == [6, 5]
    assert cells["Biaya, Rp"] == [plan["figures"]["cost_rupiah"] for plan in found["plans"]]
    assert len(rows) == book["Angka"].max_row > len(FIGURES)


def test_which_plans_can_be_compared(office: Engine, planned: Fixed) -> None:
    with reading(office) as session:
        for numbers in ([1], [1, 1], [1, 2, 3, 4, 5]):
            with pytest.raises(BadOption):
                compare_plans(session, numbers, "en")
        with pytest.raises(PlanNotFound):
            compare_plans(session, [planned[1], 999], "en")
    later = best_plan(office, week="2026-W50")
    with reading(office) as session, pytest.raises(BadOption) as caught:
        compare_plans(session, [planned[1], later], "en")
    assert caught.value.params["accepted"] == "62.02, 2026-W49"


def test_over_http(office: Engine, planned: Fixed, url: str, tmp_path: Path, client_of: ClientOf):
    client = client_of(make_settings(tmp_path, database_url=url))
    asked = {"name": "Tanpa B", "without_teams": [B]}
    answer = client.post(f"/api/v1/plans/{planned[1]}/scenarios", json=asked)
    assert answer.status_code == 202, answer.text
    made = answer.json()["plan_id"]
    early = client.get(f"/api/v1/plans/compare?plan={planned[1]}&plan={made}")
    assert (early.status_code, slug(early)) == (409, "plan-not-solved")
    solve_now(office, made)
    found = client.get(f"/api/v1/plans/compare?plan={planned[1]}&plan={made}").json()
    assert [plan["name"] for plan in found["plans"]] == [None, "Tanpa B"]
    (line,) = [r for r in client.get("/api/v1/plans").json()["items"] if r["plan_id"] == made]
    assert line["scenario"] == "Tanpa B"
    for kind, begins in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
        file = client.get(f"/api/v1/plans/compare/file?plan={planned[1]}&plan={made}&format={kind}")
        assert file.status_code == 200
        assert file.content.startswith(begins)
    elsewhere = AppClient(client.app, let_in(office, "utara", "planner", "65.01"))
    for path in ("compare", "compare/file"):
        hidden = elsewhere.get(f"/api/v1/plans/{path}?plan={planned[1]}&plan={made}")
        assert (hidden.status_code, slug(hidden)) == (404, "plan-not-found")
    one = client.get(f"/api/v1/plans/compare?plan={planned[1]}")
    assert (one.status_code, slug(one)) == (422, "validation-error")
