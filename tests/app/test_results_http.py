"""Results over HTTP: what is told of each report, what counts, who may."""

import gzip
import json

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.api.problems import BODY_LIMIT
from app.db import transaction
from app.lifecycle import Step, take_step
from app.models import ServicePoint
from app.settings import Settings
from tests.app.conftest import AppClient, ClientOf, slug
from tests.app.people import let_in
from tests.app.reports import (
    MONDAY_STOP,
    OTHER_STOP,
    TUESDAY_STOP,
    body,
    key_of,
    person,
    publish,
    report,
)

URL = "/api/v1/plans/1/results"


@pytest.fixture
def office(seeded: Engine, settings: Settings, client_of: ClientOf) -> AppClient:
    """An admin of an office whose plan 1 is published."""
    publish(seeded)
    return client_of(settings)


def outcomes(client: AppClient, *records: dict) -> list[str]:
    answer = client.post(URL, json=body(*records))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    for name in ("accepted", "known", "contradicts", "refused"):
        assert told[name] == [row["outcome"] for row in told["records"]].count(name)
    return [row["reason"] or row["outcome"] for row in told["records"]]


def counted(client: AppClient) -> dict[tuple[str, str, str], dict[str, int]]:
    """Give who was served by session and programme."""
    return {
        (one["team"], one["day"], one["point_code"]): {
            name: people["served"] for name, people in one["programmes"].items()
        }
        for one in client.get(URL).json()["sessions"]
    }


def test_each_report_is_told_what_became_of_it(office: AppClient):
    first = report(1, served=3)
    assert outcomes(office, first, first, report(2, OTHER_STOP, served=5)) == [
        "accepted", "known", "accepted",
    ]  # fmt: skip
    assert outcomes(office, first) == ["known"]
    assert outcomes(office, report(3, served=4, at=11)) == ["contradicts"]
    assert outcomes(
        office,
        report(4, plan_id=2, served=1),
        report(5, ("Z", *MONDAY_STOP[1:]), served=1),
        report(6, ("A", "2026-11-30", "65.01.01.2001"), served=1),
        report(7, ("A", "2026-11-29", MONDAY_STOP[2]), served=1),
        report(8, ("A", "2026-12-14", MONDAY_STOP[2]), served=1),
        report(9, ("A", "2026-12-13", "62.02.02.2001"), served=1),
        report(10, served=-1),
        report(11, served=10_000),
        report(12, served=9_999, programme="kia"),
        report(13, served=1, corrects=13),
        {"key": "x" * 100},
        report(15, served=1, notes="a\x00b"),
        report(15, served=1, device_time="9999-12-31T23:59:59-12:00"),
        report(14, served=1, start="2026-11-30T10:00:00+07:00", end="2026-11-30T03:00:00Z"),
        report(16, served=1, start="2026-11-30T10:00:00+07:00", end="2026-12-02T00:00:00+07:00"),
        report(17, served=1, start="2026-11-28T23:59:00+07:00", end="2026-11-30T11:00:00+07:00"),
        report(18, served=1, programme="akta", end="2026-12-01T23:59:00+07:00"),
    ) == [
        "other-plan", "team-unknown", "village-unknown", "day-outside", "day-outside", "accepted",
        "unreadable", "unreadable", "contradicts", *["unreadable"] * 7, "contradicts",
    ]  # fmt: skip


def test_a_point_is_named_by_a_code_that_is_known(office: AppClient, seeded: Engine):
    with transaction(seeded) as session:
        session.execute(text("UPDATE stop SET point_code = 'SMA-LAMA' WHERE id = 1"))
        session.add(ServicePoint(code="BALAI-1", village_code=MONDAY_STOP[2], name="Balai",
                                 kind="other", lon=112.05, lat=-2.45, is_active=False))  # fmt: skip
    points = ("Balai Desa", "BALAI-2", "65.01.01.2001", "SMA-LAMA", "BALAI-1", TUESDAY_STOP[2])
    sent = [report(n, served=1, point_code=code) for n, code in enumerate(points, 1)]
    assert outcomes(office, *sent) == ["point-unknown"] * 3 + ["accepted"] * 3
    (row,) = office.post(URL, json=body(sent[0])).json()["records"]
    assert "point_code Balai Desa" in row["detail"]
    assert {point for _, _, point in counted(office)} == set(points[3:])


def test_the_last_told_counts_whatever_came_last(office: AppClient):
    outcomes(office, report(1, served=4, at=11), report(2, served=3, at=10))
    assert counted(office) == {MONDAY_STOP: {"ktp_el": 4}}
    (case,) = office.get(URL).json()["contradictions"]
    assert (case["kind"], case["why"], case["is_open"]) == ("reports-differ", "told-last", True)
    assert [told["served"] for told in case["facts"]["ktp_el"]] == [4, 3]
    # One that corrects counts, though the telephone's clock went back in between.
    outcomes(office, report(3, served=9, at=1, corrects=1), report(4, served=9, at=2, corrects=2))
    assert counted(office) == {MONDAY_STOP: {"ktp_el": 9}}
    assert office.get(URL).json()["contradictions"] == []
    states = [row["state"] for row in office.get(f"{URL}/entries").json()["entries"]]
    assert states == ["replaced", "replaced", "agrees", "counts"]


def test_one_key_with_two_contents_is_kept_twice_and_shown(office: AppClient):
    assert outcomes(office, report(1, served=4), report(1, served=5)) == ["contradicts"] * 2
    (case,) = office.get(URL).json()["contradictions"]
    assert case["kind"] == "key-reused"
    assert len(office.get(f"{URL}/entries").json()["entries"]) == 2


def test_facts_come_from_whoever_tells_them(office: AppClient):
    sent = report(1, served=4, signal="none", start="2026-11-30T08:10:00+07:00")
    outcomes(office, sent, report(2, served=7, programme="kia", at=12, power="no"))
    (one,) = office.get(URL).json()["sessions"]
    assert counted(office) == {MONDAY_STOP: {"ktp_el": 4, "kia": 7}}
    assert (one["signal"], one["power"], one["start"]) == ("none", "no", "2026-11-30T01:10:00Z")
    assert not one["is_contested"]
    assert {row["point_code"] for row in office.get(URL).json()["missing"]} == {
        TUESDAY_STOP[2], OTHER_STOP[2],
    }  # fmt: skip


def test_a_planner_settles_and_a_later_report_opens_it_again(office: AppClient):
    outcomes(office, report(1, served=4, at=11), report(2, served=3, at=10))
    asked = {"key": key_of(90), "entries": [1, 2], "adopt": 2, "reason": "dihitung ulang"}
    for wrong, expected in (
        ({**asked, "entries": [1]}, "bad-settlement"),
        ({**asked, "entries": [1], "adopt": 1}, "results-changed"),
        ({**asked, "entries": [1, 9]}, "entry-not-found"),
        ({**asked, "adopt": None}, "bad-settlement"),
        ({**asked, "reason": "NIK 6202014101900001"}, "resident-numbers"),
    ):
        assert slug(office.post(f"{URL}/settlements", json=wrong)) == expected
    for _ in range(2):  # asked twice, it is one entry
        settled = office.post(f"{URL}/settlements", json=asked).json()
    assert [one["n_entries"] for one in settled["sessions"]] == [1]
    (case,) = settled["contradictions"]
    assert (case["is_open"], case["why"], case["reason"]) == (False, "settled", "dihitung ulang")
    assert counted(office) == {MONDAY_STOP: {"ktp_el": 3}}
    assert outcomes(office, report(3, served=8, at=23)) == ["contradicts"]
    assert counted(office) == {MONDAY_STOP: {"ktp_el": 3}}
    again = {
        "key": key_of(91), "entries": [3, 4], "counts": {"ktp_el": {"served": 6}}, "reason": "x",
    }  # fmt: skip
    assert office.post(f"{URL}/settlements", json=again).status_code == 200
    assert counted(office) == {MONDAY_STOP: {"ktp_el": 6}}
    assert len(office.get(f"{URL}/entries").json()["entries"]) == 5


def test_settling_one_programme_keeps_what_nobody_contested(office: AppClient):
    outcomes(office, report(1, served=5, at=10, start="2026-11-30T10:00:00+07:00"))
    other = report(2, served=6, at=11, signal="weak", end="2026-11-30T09:00:00+07:00")
    outcomes(office, {**other, "counts": {"ktp_el": {"served": 6}, "kia": {"served": 10}}})
    asked = {"key": key_of(90), "entries": [1, 2], "adopt": 1, "reason": "dihitung ulang"}
    settled = office.post(f"{URL}/settlements", json=asked)
    assert settled.status_code == 200, settled.text
    (one,) = settled.json()["sessions"]
    assert counted(office) == {MONDAY_STOP: {"ktp_el": 5, "kia": 10}}
    # It began at ten, as who counts says; an end before that is none.
    assert (one["signal"], one["start"], one["end"]) == ("weak", "2026-11-30T03:00:00Z", None)


def test_no_report_overrules_a_settlement_by_naming_its_key(office: AppClient):
    outcomes(office, report(1, served=4, at=11), report(2, served=3, at=10))
    asked = {"key": key_of(90), "entries": [1, 2], "adopt": 2, "reason": "dihitung ulang"}
    office.post(f"{URL}/settlements", json=asked)
    assert outcomes(office, report(3, served=50, at=12, corrects=90)) == ["contradicts"]
    assert counted(office) == {MONDAY_STOP: {"ktp_el": 3}}
    assert [case["is_open"] for case in office.get(URL).json()["contradictions"]].count(True) == 1


def test_sums_add_up_by_hand(office: AppClient):
    outcomes(
        office,
        report(1, served=4, deceased=2, absent=3),
        report(2, TUESDAY_STOP, served=5, moved=1, already_had=2),
        report(3, OTHER_STOP, served=7, programme="akta"),
    )
    sums = office.get(f"{URL}/totals").json()
    ktp = sums["programmes"]["ktp_el"]
    assert (ktp["served"], ktp["came"], ktp["cleared"], ktp["absent"]) == (9, 11, 3, 3)
    assert [(row["day"], row["n_sessions"]) for row in sums["by_day"]] == [
        ("2026-11-30", 2), ("2026-12-01", 1),
    ]  # fmt: skip
    assert [row["programmes"]["ktp_el"]["served"] for row in sums["by_team"][:1]] == [9]
    # 9 KTP-el of 1.0, 7 birth certificates of 0.1, 3 records cleared of 0.1
    assert (sums["value"], sums["cleared_value"]) == (pytest.approx(10.0), pytest.approx(0.3))


def test_the_first_report_starts_the_week_and_late_ones_are_marked(
    office: AppClient, seeded: Engine
):
    assert outcomes(office, report(1, served=-1)) == ["unreadable"]
    assert office.get("/api/v1/plans/1").json()["state"] == "published"
    outcomes(office, report(1, served=1))
    life = office.get("/api/v1/plans/1/steps").json()
    assert (life["state"], life["steps"][-1]["details"]) == ("in_progress", {"by": "report"})
    with transaction(seeded) as session:
        take_step(session, 1, Step(action="close"), person())
    late = office.post(URL, json=body(report(2, OTHER_STOP, served=2))).json()
    assert (late["plan_state"], late["records"][0]["is_late"]) == ("closed", True)
    assert [one["is_late"] for one in office.get(URL).json()["sessions"]] == [False, True]


def test_a_plan_that_nobody_worked_by_has_no_results(office: AppClient):
    assert slug(office.post("/api/v1/plans/2/results", json=body())) == "plan-not-carried-out"
    assert slug(office.post("/api/v1/plans/99/results", json=body())) == "plan-not-found"


def test_reports_for_a_plan_that_was_replaced_are_kept(office: AppClient, seeded: Engine):
    with transaction(seeded) as session:
        # Plan 2 has Monday's stop a day later and nothing else.
        session.execute(text("UPDATE stop SET plan_id = 2 WHERE id = 1"))
        session.execute(text("UPDATE stop SET day = '2026-12-02' WHERE id = 1"))
        session.execute(
            text("UPDATE plan SET solved_at = (SELECT solved_at FROM plan WHERE id = 1), summary ="
                 " (SELECT summary FROM plan WHERE id = 1) WHERE id = 2")
        )  # fmt: skip
    publish(seeded, 2, replaces=1, letter="800/2/2026")
    assert outcomes(office, report(1, served=4), report(2, OTHER_STOP, served=5)) == [
        "accepted", "accepted",
    ]  # fmt: skip
    # The teams work by plan 2 now: what they do begins that one, and plan 1 stays as it ended.
    states = [office.get(f"/api/v1/plans/{number}").json()["state"] for number in (1, 2)]
    assert states == ["cancelled", "in_progress"]
    sessions = office.get("/api/v1/plans/2/results").json()["sessions"]
    assert {one["point_code"]: one["in_plan"] for one in sessions} == {
        MONDAY_STOP[2]: "moved", OTHER_STOP[2]: "dropped",
    }  # fmt: skip
    # The team corrects under the new plan, for the day of the new plan.
    moved = ("A", "2026-12-02", MONDAY_STOP[2])
    sent = body(report(3, moved, plan_id=2, corrects=1, served=6))
    assert office.post("/api/v1/plans/2/results", json=sent).json()["accepted"] == 1
    sums = office.get("/api/v1/plans/2/results/totals").json()
    assert sums["programmes"]["ktp_el"]["served"] == 11


def test_one_visit_told_of_other_days_and_teams_is_settled_as_one(office: AppClient):
    """12 people: A told them for Monday, then for Tuesday; B, which stood in, for Monday."""
    told = [
        report(1, MONDAY_STOP, served=12, at=9),
        report(2, ("A", "2026-12-01", MONDAY_STOP[2]), served=12, at=8),
        report(3, ("B", "2026-11-30", MONDAY_STOP[2]), served=12, at=10),
    ]
    assert outcomes(office, told[0]) == ["accepted"]
    assert outcomes(office, *told[1:]) == ["contradicts", "contradicts"]
    sums = office.get("/api/v1/plans/1/results/totals").json()
    assert (sums["programmes"]["ktp_el"]["served"], sums["n_contested"]) == (36, 3)
    (case,) = office.get("/api/v1/plans/1/results").json()["contradictions"]
    # By the clock of who told: 08:00 on Tuesday, 10:00 on Monday, 09:00 on Monday.
    assert (case["kind"], case["why"], case["entries"]) == ("other-team", "all-count", [2, 3, 1])
    assert case["facts"] == {
        "team": ["A", "B", "A"], "day": ["2026-12-01", "2026-11-30", "2026-11-30"],
    }  # fmt: skip
    asked = {"key": key_of(9), "entries": [1, 2, 3], "adopt": 3, "reason": "menurut daftar hadir"}
    office.post("/api/v1/plans/1/results/settlements", json=asked).raise_for_status()
    sums = office.get("/api/v1/plans/1/results/totals").json()
    assert (sums["programmes"]["ktp_el"]["served"], sums["n_contested"]) == (12, 0)
    results = office.get("/api/v1/plans/1/results").json()
    (held,) = results["sessions"]
    assert (held["team"], held["day"]) == ("B", "2026-11-30")
    (case,) = results["contradictions"]
    assert (case["kind"], case["is_open"], case["why"]) == ("other-team", False, "settled")


def test_two_sessions_that_were_both_held_are_settled_one_by_one(office: AppClient):
    second = ("A", "2026-12-03", MONDAY_STOP[2])
    outcomes(office, report(1, MONDAY_STOP, served=12), report(2, second, served=5))
    for entry, contested in ((1, 2), (2, 0)):
        (case, *_) = office.get("/api/v1/plans/1/results").json()["contradictions"]
        assert case["kind"] == "other-day"
        asked = {"key": key_of(9 + entry), "entries": [entry], "adopt": entry, "reason": "dua kali"}
        office.post("/api/v1/plans/1/results/settlements", json=asked).raise_for_status()
        sums = office.get("/api/v1/plans/1/results/totals").json()
        assert (sums["programmes"]["ktp_el"]["served"], sums["n_contested"]) == (17, contested)
    assert office.get("/api/v1/plans/1/results").json()["contradictions"] == []
    # One more of another day asks again.
    third = ("A", "2026-12-04", MONDAY_STOP[2])
    assert outcomes(office, report(3, third, served=1)) == ["contradicts"]


def test_a_team_reports_and_reads_for_itself(office: AppClient, seeded: Engine):
    token = let_in(seeded, "tim-a", "team", "62.02", "A")
    team = AppClient(office.app, token)
    sent = (report(1, served=4), report(2, OTHER_STOP, served=5))
    assert outcomes(team, *sent) == ["accepted", "other-team"]
    outcomes(office, report(3, OTHER_STOP, served=5))
    assert set(counted(team)) == {MONDAY_STOP}
    assert set(counted(office)) == {MONDAY_STOP, OTHER_STOP}
    assert slug(AppClient(office.app, let_in(seeded, "tamu", "viewer")).get(URL)) == "role-refused"


def test_bodies_may_be_compressed_within_the_limit(office: AppClient):
    packed = gzip.compress(json.dumps(body(report(1, served=4))).encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert office.post(URL, content=packed, headers=headers).json()["accepted"] == 1
    for wrong in (packed[:-9], b"no gzip"):
        assert slug(office.post(URL, content=wrong, headers=headers)) == "bad-request"
    just = json.dumps(body()).encode().ljust(BODY_LIMIT)
    assert office.post(URL, content=gzip.compress(just), headers=headers).status_code == 200
    bomb = gzip.compress(just + b" ")
    assert len(bomb) < 3000
    assert slug(office.post(URL, content=bomb, headers=headers)) == "body-too-large"


def test_numbers_of_residents_do_not_stay_in_notes(office: AppClient):
    sent = body(report(1, served=4, notes="Bu Siti 6202014101900001 sakit"))
    (row,) = office.post(URL, json=sent).json()["records"]
    assert (row["outcome"], row["notes_masked"]) == ("accepted", True)
    (entry,) = office.get(f"{URL}/entries").json()["entries"]
    assert entry["notes"] == "Bu Siti **************** sakit"
    assert office.post(URL, json=sent).json()["known"] == 1


@pytest.mark.parametrize("table", ["result_entry", "result_count"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_refuses_to_rewrite_the_ledger(
    office: AppClient, seeded: Engine, table: str, change: str
):
    outcomes(office, report(1, served=4))
    column = {"result_entry": "notes", "result_count": "served"}[table]
    with pytest.raises(DBAPIError, match="append-only"), seeded.begin() as connection:
        connection.execute(text(change.format(table, column, column)))
