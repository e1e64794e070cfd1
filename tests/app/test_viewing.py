"""What those see who may not see every count: viewers, and phones of teams.

Shown by worlds that look alike to them: the counts that are withheld differ, and with them every
figure that a plan or a campaign works out of counts; each answer of the API must be the same.
"""

import csv
import io
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from app.corrections import correction_row
from app.db import connect, transaction
from app.main import create_app
from app.models import (
    Campaign,
    CountCorrection,
    Plan,
    PlanLeg,
    PlanStop,
    ServicePoint,
    Staff,
    Team,
    VillageCount,
)
from tests.app.conftest import AppClient, make_settings, slug
from tests.app.people import let_in
from tests.app.seed import seed
from tests.app.test_access import HERE, furnish, operations_of

SMALL, OTHER = 2, 4
FIRST, SECOND, THIRD = "62.02.01.2001", "62.02.01.2002", "62.02.02.2001"


def people(session: Session, small: int) -> None:
    """Set counts of which ``small`` and what would give it away are withheld.

    Of the first district both villages are hidden: they sum up to 64 not recorded and to 20 of 16
    or 17 years, whatever ``small`` is.
    """
    for code, wajib, rest, pemula in (
        (FIRST, 100, small, small), (SECOND, 200, 64 - small, 20 - small), (THIRD, 50, 30, 7),
    ):  # fmt: skip
        row = session.exec(
            select(VillageCount)
            .where(VillageCount.village_code == code)
            .where(VillageCount.import_id == 2)
        ).one()
        row.wajib_ktp, row.sudah_rekam, row.belum_rekam = wajib, wajib - rest, rest
        row.usia_16_17 = pemula
        session.add(row)
    correction = session.get(CountCorrection, 1)
    assert correction is not None
    correction.value = 100  # of wajib KTP in the first village
    session.add(correction)
    point = session.get(ServicePoint, f"{FIRST}-SMA")
    assert point is not None
    point.expected = {"pemula": small, "ktp_el": 12}
    session.add(point)


def figures_of(session: Session, small: int, teams: set[str]) -> None:
    """Set what the plan and the campaign expect, all of it worked out of the counts."""
    expected = {"ktp_el": small / 2, "pemula": float(small)}
    stops = session.exec(select(PlanStop).where(col(PlanStop.team).in_(teams)))
    for stop in stops:
        stop.worth, stop.worth_p10, stop.worth_p90 = small * 1.5, float(small), small * 2.0
        stop.expected = stop.expected_p10 = stop.expected_p90 = expected
        stop.factors = {"listed": {"ktp_el": small}}
        session.add(stop)
    entered = session.get(CountCorrection, 1)
    plan = session.get(Plan, 1)
    assert plan is not None and entered is not None  # noqa: PT018
    plan.value, plan.worth, plan.bound, plan.gap = (
        small * 3.0,
        small * 4.0,
        small * 5.0,
        0.1 * small,
    )
    rows = [row | ({"expected": expected} if row["team"] in teams else {})
            for row in plan.summary["teams"]]  # fmt: skip
    left_out = [
        {"village_code": code, "reason": reason, "limit": small * 60, "people_to_look_for": n}
        for code, reason, n in (("62.02.02.2002", "not-chosen", 9 - small), (THIRD, "no-need", 7))
    ]
    numbers = dict.fromkeys(
        ("expected_p10", "expected_p90", "expected"), expected
    ) | dict.fromkeys(
        ("worth_p10", "worth_p90", "coverage_before", "coverage_after", "baseline_value"),
        small * 0.1,
    )  # fmt: skip
    plan.summary = plan.summary | numbers | {
        "teams": rows, "unserved": left_out if small == SMALL else left_out[::-1],
        "not_recorded": small, "people_to_look_for": small, "wajib_ktp": 300 + small,
        "warnings": [
            {"code": "recorded-exceeds-wajib", "count": small, "params": {"count": small}},
            {"code": "holidays", "count": 1, "params": {"days": "2026-12-01", "count": 1}},
        ],
        "rules": [{"rule": "blanks", "district": None, "amount": small, "limit": 9, "excess": 0,
                   "penalty": None}],
        "shadow": {"team_days": [{"team": "A", "value": small}], "kits": [],
                   "million_rupiah": None, "card_blank": small},
        "remedies": [{"kind": "team-day", "place": "A", "value": small, "worth": small,
                      "villages": []}],
        "wishes": [{"kind": "pinned", "cost": small, "is_exact": True}],
        "corrections": [correction_row(entered) | {"value": small}], "work": {"rounds": small},
    }  # fmt: skip
    session.add(plan)
    _campaign(session, small, teams)


def _campaign(session: Session, small: int, teams: set[str]) -> None:
    campaign = session.get(Campaign, 1)
    assert campaign is not None
    visits = [
        {
            "week": "2026-W49", "team": team, "day": "2026-11-30", "order": 1,
            "village_code": code, "village_name": code, "district": "Kecamatan 01",
            "point_code": code, "point_name": code, "minutes": 120, "service_mode": "online",
            "with_kit": False, "arrive": "2026-11-30T08:30:00+07:00",
            "depart": "2026-11-30T10:30:00+07:00", "visit_number": 1,
            "worth": float(small if team in teams else SMALL),
            "expected": {"ktp_el": float(small if team in teams else SMALL)},
        }
        for team, code in (("A", FIRST), ("B", SECOND))
    ]  # fmt: skip
    standing = {
        "week": "2026-W49", "served": small, "verified": 0, "base": 300, "recorded": 200 + small,
        "share": small / 10, "not_recorded": small, "gap_to_target": small,
    }  # fmt: skip
    target = {
        "programme": "ktp_el", "share": 0.99, "is_goal": True, "start": standing,
        "standings": [standing], "reached_week": f"2026-W5{small}", "reached_p10": None,
        "reached_p90": None, "chance": small / 10, "earliest_week": None, "ceiling": small / 10,
        "to_verify": small, "bound_served": [small],
    }  # fmt: skip
    week = {
        "week": "2026-W49", "monday": "2026-11-30", "season": "dry", "idle": None,
        "working_days": 5, "is_planned": True, "n_teams": 2, "n_visits": 2, "n_second_visits": 0,
        "expected": {"ktp_el": small}, "worth": small, "cost_rupiah": 5, "distance_m": 7,
        "districts": [{"district": "Kecamatan 01", "n_visits": 2, "teams": ["A", "B"],
                       "people": small}],
    }  # fmt: skip
    campaign.summary = {
        "value": small, "worth": small, "bound": small, "gap": small, "cost_rupiah": 5,
        "distance_m": 7, "expected": {"ktp_el": small}, "reached_week": f"2026-W5{small}",
        "weeks_until_reached": small, "team_weeks": 2, "team_weeks_until_reached": small,
        "people_to_look_for": small, "is_complete": True, "targets": [target], "weeks": [week],
        "visits": visits, "unvisited": [{"village_code": THIRD, "people": small}],
    }  # fmt: skip
    session.add(campaign)


def work_of_b(session: Session) -> None:
    """Let team B do something else than it did."""
    for row in session.exec(select(PlanStop).where(PlanStop.team == "B")):
        row.village_code, row.minutes = THIRD, 60
        row.depart += timedelta(hours=1)
        session.add(row)
    for leg in session.exec(select(PlanLeg).where(PlanLeg.team == "B")):
        leg.minutes, leg.metres = 7.0, 8
        session.add(leg)
    team = session.get(Team, "B")
    assert team is not None
    team.base, team.staff = "Kuala", 3
    session.add(team)
    session.add(Staff(nip="198001012005011009", name="Budi", rank="-", role="driver", team="B",
                      import_id=4))  # fmt: skip
    plan = session.get(Plan, 1)
    assert plan is not None
    rows = [row | ({"km": 1.0, "hours": 2.0, "shifts": [], "n_stops": 9, "base": "Kuala"}
                   if row["team"] == "B" else {}) for row in plan.summary["teams"]]  # fmt: skip
    plan.summary = plan.summary | {"teams": rows, "hours_work": 99.0}
    plan.cost_rupiah, plan.distance_m = 8, 9
    session.add(plan)


@pytest.fixture(scope="module")
def clients(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """Clients of three worlds: as it is; other counts withheld; these, and other work of B."""
    folders = [tmp_path_factory.mktemp(name) for name in ("one", "counts", "work")]
    shutil.copy(template, folders[0] / template.name)
    engine = connect(make_settings(folders[0]).url)
    with transaction(engine) as session:
        seed(session)
        furnish(session, "62.02", "A", 1)
        people(session, SMALL)
        figures_of(session, SMALL, {"A", "B"})
    for name, role in (("viewer", "viewer"), ("team", "team"), ("planner", "planner")):
        let_in(engine, name, role, "62.02", team="A" if role == "team" else None)
    engine.dispose()
    apps = []
    for folder in folders:
        if folder is not folders[0]:
            shutil.copy(folders[0] / template.name, folder / template.name)
            engine = connect(make_settings(folder).url)
            with transaction(engine) as session:
                people(session, OTHER)
                figures_of(session, OTHER, {"A", "B"} if folder is folders[1] else {"B"})
                if folder is folders[2]:
                    work_of_b(session)
            engine.dispose()
        apps.append(create_app(make_settings(folder)))
    yield apps
    for app in apps:
        app.state.engine.dispose()


def answers(
    apps: list[Any], world: int, name: str, at: dict[str, Any], *, filtered: tuple[bool, ...]
) -> dict[str, tuple[int, bytes]]:
    """Ask for all that can be read; the operations are those that the first application names."""
    client = AppClient(apps[world], f"token-{name}")
    return {
        f"{one.name} {narrow}": (answer.status_code, answer.content)
        for one in operations_of(apps[0])
        if one.reads and one.name != "list_tokens"  # which tells when one was used
        for narrow in filtered
        for answer in [one.ask(client, at, filtered=narrow)]
    }


def test_viewers_are_told_nothing_that_depends_on_a_withheld_count(clients: list[Any]):
    both = (False, True)
    first, second = (answers(clients, n, "viewer", HERE, filtered=both) for n in (0, 1))
    assert first == second
    assert first["list_villages False"][0] == first["read_plan False"][0] == 200


def test_teams_are_told_nothing_of_withheld_counts_and_of_other_teams(clients: list[Any]):
    for team, filtered in (("A", (False,)), ("B", (True,))):
        first, second = (
            answers(clients, n, "team", HERE | {"team": team}, filtered=filtered) for n in (0, 2)
        )
        assert first == second


def test_planners_are_told_everything(clients: list[Any]):
    """So that the tests above cannot pass because nothing differs."""
    first, second, third = (
        answers(clients, n, "planner", HERE, filtered=(False,)) for n in range(3)
    )
    told = {name.split()[0] for name in first if first[name] != second[name]}
    assert told == {
        "list_villages", "list_figures", "export_figures", "list_points", "list_point_features",
        "list_stops", "list_plans", "read_plan", "list_itineraries", "read_itinerary",
        "read_remaining_need",
        "export_plan", "read_sheet", "list_campaigns", "read_campaign", "export_campaign",
    }  # fmt: skip
    told = {name.split()[0] for name in first if first[name] != third[name]}
    assert {"list_routes", "list_teams", "read_plan"} <= told


def test_a_team_sees_its_own_figures_and_no_other_team(clients: list[Any]):
    client = AppClient(clients[0], "token-team")
    plan = client.get("/api/v1/plans/1").json()
    assert [stop["team"] for stop in plan["stops"]] == ["A", "A"]
    assert [team["team"] for team in plan["teams"]] == ["A"]
    assert plan["stops"][0]["expected"] == {"ktp_el": SMALL / 2, "pemula": float(SMALL)}
    assert plan["value"] is None
    assert client.get("/api/v1/plans/1/itineraries/A").status_code == 200
    refused = client.get("/api/v1/plans/1/itineraries/B")
    assert (refused.status_code, slug(refused)) == (404, "team-not-found")
    assert refused.json()["detail"].endswith(": A")
    layer = client.get("/api/v1/features/routes").json()["features"]
    assert {row["properties"]["team"] for row in layer} == {"A"}
    assert [row["name"] for row in client.get("/api/v1/teams").json()] == ["A"]


def test_a_viewer_sees_where_teams_serve_but_not_whom(clients: list[Any]):
    client = AppClient(clients[0], "token-viewer")
    plan = client.get("/api/v1/plans/1", params={"lang": "en"}).json()
    assert len(plan["stops"]) == 3
    assert {stop["minutes"] for stop in plan["stops"]} == {120}
    assert [stop["expected"] for stop in plan["stops"]] == [{}] * 3
    left_out = [(row["village_code"], row["reason"]) for row in plan["unserved"]]
    assert left_out == [(THIRD, "not-planned"), ("62.02.02.2002", "not-planned")]
    assert plan["unserved"][0]["detail"] == "not visited in this plan"
    assert [row["code"] for row in plan["warnings"]] == ["holidays"]
    assert plan["cost_rupiah"] == 1_000_000
    table = client.get("/api/v1/plans/1/export", params={"format": "csv"}).content.decode(
        "utf-8-sig"
    )
    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(rows) == 3
    assert {row["worth"] + row["expected_ktp_el"] + row["expected_pemula_p90"] for row in rows} == {
        ""
    }


def test_counts_by_place_are_withheld_as_the_rule_says(clients: list[Any]):
    def table(name: str) -> dict[str, dict[str, Any]]:
        client = AppClient(clients[0], f"token-{name}")
        answer = client.get("/api/v1/figures", params={"regency": "62.02"}).json()
        return {row["code"]: row for row in answer["items"]}

    full, shown = table("planner"), table("viewer")
    assert list(full) == list(shown)
    assert [row["level"] for row in full.values()] == ["regency"] + ["district"] * 2 + [
        "village"
    ] * 4
    assert (full["62.02"]["belum_rekam"], full["62.02"]["wajib_ktp"]) == (94, 350)
    assert (full["62.02.01"]["belum_rekam"], full[FIRST]["belum_rekam"]) == (64, SMALL)
    assert {row["code"] for row in full.values() if row["withheld"]} == set()
    # Sums and what is not small are as they are; both villages of the district are hidden.
    assert (shown["62.02"]["belum_rekam"], shown["62.02.01"]["belum_rekam"]) == (94, 64)
    assert shown[THIRD]["belum_rekam"] == 30
    for code in (FIRST, SECOND):
        assert shown[code]["withheld"] == ["belum_rekam", "sudah_rekam", "usia_16_17"]
        assert shown[code]["belum_rekam"] is shown[code]["sudah_rekam"] is None
        assert shown[code]["wajib_ktp"] == full[code]["wajib_ktp"]
    village = AppClient(clients[0], "token-viewer").get("/api/v1/features/villages").json()
    properties = {row["id"]: row["properties"] for row in village["features"]}
    assert properties[FIRST]["people_to_look_for"] is None
    assert properties[FIRST]["withheld"] == ["belum_rekam", "sudah_rekam", "usia_16_17"]
    assert properties[FIRST]["corrections"] == []
    assert properties[THIRD]["people_to_look_for"] == 30
