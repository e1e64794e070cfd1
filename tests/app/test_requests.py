"""Requests for visits: entered, verified, carried along by plans; dates for one of them."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.access import Caller
from app.areas import limit
from app.db import reading, transaction
from app.errors import VillageNotFound
from app.ingest import ingest
from app.lifecycle import Step, take_step
from app.models import Plan, PlanStop, RequestStep, Role, VisitRequest
from app.planning import create_plan
from app.request_errors import (
    BadRequest,
    RequestChanged,
    RequestKnown,
    RequestNotFound,
    RequestReasonMissing,
    RequestStepRefused,
)
from app.requests import (
    Asked,
    add_request,
    asked_of_week,
    request_document,
    request_list,
    take_request_step,
)
from app.results.ledger import take_in
from app.schemas.plans import PlanRequest
from app.settings import Settings
from app.viewing import View, set_view
from geodata.errors import ResidentName, ResidentNumbers
from geodata.requests import RequestRow
from tests.app.conftest import ClientOf, slug
from tests.app.people import let_in
from tests.app.team_week import PLAN, make_week

HERE, OTHER, LONELY = "62.02.01.2001", "62.02.01.2002", "62.02.02.2002"
CHIEF = Caller(account_id=1, account="sri", role=Role.ADMIN, area="", team=None, via="token")
WEEK = "2026-W49"


def row(village: str = HERE, **values: Any) -> RequestRow:
    fine = {
        "kind": "village", "number": "474/1", "letter_date": date(2026, 11, 18),
        "programmes": ("ktp_el",), "people": 40, "contact": "Kantor Desa",
    }  # fmt: skip
    return RequestRow(village_code=village, **{**fine, **values})


def add(session: Session, village: str = HERE, **values: Any) -> int:
    return add_request(session, row(village, **values), account="siti").id or 0


def step(
    session: Session, number: int, action: str, today: date = date(2026, 11, 22), **asked: Any
) -> VisitRequest:
    """Take a step, before the planned week unless ``today`` says otherwise."""
    return take_request_step(
        session, number, Asked(action=action, **asked), account="budi", today=today
    )


def states(session: Session) -> list[str]:
    return list(session.exec(select(VisitRequest.state).order_by(VisitRequest.id)))


def test_a_letter_is_kept_with_every_step(seeded: Engine):
    with transaction(seeded) as session:
        number = add(session)
        step(session, number, "verify", version=0, is_required=True)
        step(session, number, "refuse", reason="sudah dilayani di kecamatan")
        step(session, number, "reopen", reason="ternyata belum")
        document = request_document(session, number)
    assert (document["state"], document["version"], document["is_required"]) == (
        "received",
        3,
        True,
    )
    assert document["next"] == ["verify", "refuse"]
    assert [(s["version"], s["account"], s["action"], s["before"], s["after"], s["reason"])
            for s in document["steps"]] == [
        (0, "siti", "receive", None, "received", None),
        (1, "budi", "verify", "received", "verified", None),
        (2, "budi", "refuse", "verified", "refused", "sudah dilayani di kecamatan"),
        (3, "budi", "reopen", "refused", "received", "ternyata belum"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"village": "62.02.09.2001"}, VillageNotFound),
        ({"people": 0}, BadRequest),
        ({"people": 100_001}, BadRequest),
        ({"programmes": ()}, BadRequest),
        ({"programmes": ("paspor",)}, BadRequest),
        ({"kind": "hotel"}, BadRequest),
        ({"number": "  "}, BadRequest),
        ({"number": "9" * 101}, BadRequest),
        ({"letter_date": date(2999, 1, 1)}, BadRequest),
        ({"contact": "k" * 201}, BadRequest),
        ({"contact": "Bapak Sutrisno"}, ResidentName),
        ({"number": "6202015203990001"}, ResidentNumbers),
    ],
)
def test_what_cannot_be_a_request_is_refused(
    seeded: Engine, values: dict[str, Any], error: type[Exception]
):
    with pytest.raises(error), transaction(seeded) as session:
        add(session, **values)
    with reading(seeded) as session:
        assert states(session) == []


def test_the_longest_and_largest_are_kept(seeded: Engine):
    with transaction(seeded) as session:
        add(session, number="9/" * 50, people=100_000, contact="k" * 200)
        add(session, people=1)
        with pytest.raises(RequestKnown, match="is request 2 already"):
            add(session)
        add(session, OTHER)  # one letter may name two villages


@pytest.mark.parametrize(
    ("path", "action", "error"),
    [
        ((), "finish", RequestStepRefused),
        ((), "reopen", RequestStepRefused),
        ((), "refuse", RequestReasonMissing),
        (("verify",), "verify", RequestStepRefused),
        (("verify",), "finish", RequestReasonMissing),
    ],
)
def test_steps_that_are_not_possible(
    seeded: Engine, path: tuple[str, ...], action: str, error: type[Exception]
):
    with transaction(seeded) as session:
        number = add(session)
        for one in path:
            step(session, number, one)
        with pytest.raises(error):
            step(session, number, action, reason=" ")
        with pytest.raises(RequestChanged, match=f"version {len(path)}, not 9"):
            step(session, number, "verify", version=9)
        with pytest.raises(ResidentName):
            step(session, number, "refuse", reason="Ibu Aminah sudah pindah")
        with pytest.raises(RequestNotFound):
            step(session, number + 1, "verify")


def test_lists_are_narrowed(seeded: Engine):
    with transaction(seeded) as session:
        add(session, letter_date=date(2026, 11, 1))
        step(session, add(session, OTHER), "verify")
        add(session, "65.01.01.2001")
        names = {
            name: [r["village_code"] for r in request_list(session, **asked)]
            for name, asked in {
                "all": {}, "regency": {"regency": "62.02"}, "village": {"village": HERE},
                "state": {"state": "verified"},
            }.items()
        }  # fmt: skip
    assert names == {
        "all": ["65.01.01.2001", OTHER, HERE], "regency": [OTHER, HERE], "village": [HERE],
        "state": [OTHER],
    }  # fmt: skip


# --- plans -------------------------------------------------------------------------------------


def life(session: Session, plan_id: int, *actions: str, **asked: Any) -> None:
    for action in actions:
        values = asked if action in {"publish", "cancel"} else {}
        take_step(session, plan_id, Step(action=action, **values), CHIEF)


def planned_week(engine: Engine) -> None:
    with transaction(engine) as session:
        make_week(session)


@pytest.fixture
def weekly(engine: Engine) -> Engine:
    """Plan 3 holds the villages 2001 and 2002 of district 01 and 2001 of district 02."""
    planned_week(engine)
    return engine


def test_a_published_plan_schedules_and_closed_has_done(weekly: Engine):
    with transaction(weekly) as session:
        held, missing = add(session), add(session, LONELY)
        waiting = add(session, OTHER)
        for number in (held, missing):
            step(session, number, "verify")
        life(session, PLAN, "propose", "approve")
        assert states(session) == ["verified", "verified", "received"]
        life(session, PLAN, "publish", letter="800/1")
        assert states(session) == ["scheduled", "verified", "received"]
        assert request_document(session, held)["plan_id"] == PLAN
        step(session, waiting, "verify", today=date(2026, 12, 2))  # the visit was on the 1st
        assert [r["request_id"] for r in asked_of_week(session, "62.02", WEEK)] == [1, 2, 3]
        assert [r["request_id"] for r in asked_of_week(session, "62.02", "2026-W50")] == [2, 3]
        life(session, PLAN, "start")
        assert states(session) == ["scheduled", "verified", "verified"]
        take_in(session, PLAN, [report(ktp_el={"served": 7})], CHIEF)
        life(session, PLAN, "close")
        assert states(session) == ["done", "verified", "verified"]
        last = request_document(session, held)["steps"][-1]
        assert (last["account"], last["action"], last["details"]) == (
            "sri", "carry_out", {"plan_id": PLAN, "came": 7},
        )  # fmt: skip
        assert step(session, held, "reopen", reason="hujan, tidak jadi").plan_id is None


@pytest.mark.parametrize(
    ("today", "state", "at_the_end"),
    [(date(2026, 11, 30), "scheduled", "done"), (date(2026, 12, 1), "verified", "verified")],
)
def test_what_is_verified_while_a_plan_is_under_way_rides_along_if_its_visit_is_to_come(
    weekly: Engine, today: date, state: str, at_the_end: str
):
    """The first village is served on Monday, November 30, and on no other day."""
    with transaction(weekly) as session:
        number = add(session)
        life(session, PLAN, "propose", "approve", "publish", "start", letter="800/1")
        moved = step(session, number, "verify", today=today)
        assert (moved.state, moved.plan_id) == (state, PLAN if state == "scheduled" else None)
        take_in(session, PLAN, [report(ktp_el={"served": 7})], CHIEF)
        life(session, PLAN, "close")
        assert states(session) == [at_the_end]


def report(**counts: dict[str, int]) -> dict[str, Any]:
    """Tell what came of the first village's session on Monday."""
    return {
        "key": "65afd65f-9c9a-4a27-8159-5fa4162b2b2c", "plan_id": PLAN, "team": "A",
        "day": "2026-11-30", "village_code": HERE, "point_code": HERE,
        "counts": counts, "device_time": "2026-11-30T10:05:40+07:00",
    }  # fmt: skip


@pytest.mark.parametrize(("came", "state"), [(0, "verified"), (1, "done")])
def test_a_visit_to_which_people_came_stays_done_when_its_plan_is_cancelled(
    weekly: Engine, came: int, state: str
):
    with transaction(weekly) as session:
        step(session, add(session), "verify")
        step(session, add(session, OTHER), "verify")  # of which nothing is reported
        life(session, PLAN, "propose", "approve", "publish", "start", letter="800/1")
        assert "accepted" in str(
            take_in(session, PLAN, [report(ktp_el={"served": came, "absent": 2})], CHIEF)
        )
        life(session, PLAN, "cancel", reason="banjir")
        assert states(session) == [state, "verified"]


def test_a_plan_that_a_phone_starts_schedules_no_visit_that_was_over(weekly: Engine):
    """The second district's village is on team A's way on Tuesday only; the phone is that of B."""
    phone = Caller(account_id=2, account="b", role=Role.TEAM, area="62.02", team="B", via="token")
    with transaction(weekly) as session:
        number = add(session, "62.02.02.2001")
        life(session, PLAN, "propose", "approve", "publish", letter="800/1")
        step(session, number, "verify", today=date(2026, 12, 2))
    with transaction(weekly) as session:
        limit(session, "62.02")
        set_view(session, View(sees_counts=False, team="B"))
        told = report(ktp_el={"served": 3}) | {
            "team": "B",
            "village_code": OTHER,
            "point_code": "SMA",
        }
        assert "accepted" in str(take_in(session, PLAN, [told], phone))
    with reading(weekly) as session:
        assert session.get_one(Plan, PLAN).state == "in_progress"
        assert states(session) == ["verified"]


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ({"absent": 9}, "verified"),
        ({"absent": 8, "already_had": 1}, "done"),
        ({"served": 1}, "done"),
    ],
)
def test_a_session_to_which_nobody_came_has_not_been_carried_out(
    weekly: Engine, outcomes: dict[str, int], state: str
):
    with transaction(weekly) as session:
        step(session, add(session), "verify")
        step(session, add(session, OTHER), "verify")  # of which nothing is reported
        life(session, PLAN, "propose", "approve", "publish", "start", letter="800/1")
        taken = take_in(session, PLAN, [report(ktp_el=outcomes)], CHIEF)
        assert "accepted" in str(taken)
        life(session, PLAN, "close")
        assert states(session) == [state, "verified"]
        assert request_document(session, 2)["steps"][-1]["details"] == {"plan_id": PLAN}
        last = request_document(session, 1)["steps"][-1]
    came = outcomes.get("served", 0) + outcomes.get("already_had", 0)
    assert (last["details"]["plan_id"], last["details"]["came"]) == (PLAN, came)


@pytest.mark.parametrize(
    ("absent", "state"), [(None, "scheduled"), (9, "verified")], ids=["unreported", "in vain"]
)
def test_the_next_plan_holds_what_was_not_reported_but_nothing_that_was_in_vain(
    weekly: Engine, monkeypatch: pytest.MonkeyPatch, absent: int | None, state: str
):
    """On Wednesday a plan with the same Monday takes the place of that of the week."""
    with transaction(weekly) as session:
        step(session, add(session), "verify")
        step(session, add(session, OTHER), "verify", today=date(2026, 12, 2))  # served on Tuesday
        life(session, PLAN, "propose", "approve", "publish", "start", letter="800/1")
        if absent:
            take_in(session, PLAN, [report(ktp_el={"absent": absent})], CHIEF)
        first = session.get_one(Plan, PLAN)
        second = Plan(**first.model_dump(exclude={"id", "state", "version"}), id=9)
        session.add(second)
        session.flush()
        for stop in session.exec(select(PlanStop).where(PlanStop.plan_id == PLAN)).all():
            session.add(PlanStop(**stop.model_dump(exclude={"id", "plan_id"}), plan_id=second.id))
        monkeypatch.setattr("app.requests.today_in", lambda _: date(2026, 12, 2))
        life(session, second.id or 0, "propose", "approve", "publish", letter="800/2",
             replaces=PLAN)  # fmt: skip
        assert states(session) == [state, "verified"]


@pytest.mark.parametrize(("hour", "state"), [(16, "scheduled"), (17, "verified")])
def test_a_step_of_an_earlier_version_counts_by_the_day_of_the_office(
    weekly: Engine, hour: int, state: str
):
    """17:00 UTC on Monday is midnight of Tuesday in WIB; the village is served on Monday."""
    with transaction(weekly) as session:
        step(session, add(session), "verify")
        told = session.exec(select(RequestStep).where(RequestStep.action == "verify")).one()
        told.details, told.at = {}, datetime(2026, 11, 30, hour, tzinfo=UTC)
        life(session, PLAN, "propose", "approve", "publish", letter="800/1")
        assert states(session) == [state]


def test_a_plan_that_is_cancelled_gives_its_requests_back(weekly: Engine):
    with transaction(weekly) as session:
        number = add(session)
        step(session, number, "verify")
        life(session, PLAN, "propose", "approve", "publish", letter="800/1")
        life(session, PLAN, "cancel", reason="banjir")
        document = request_document(session, number)
    assert (document["state"], document["plan_id"]) == ("verified", None)
    assert [s["action"] for s in document["steps"]] == ["receive", "verify", "schedule", "release"]


def test_open_requests_weigh_in_new_plans_and_no_others(seeded: Engine):
    request = PlanRequest(regency="62.02", week=WEEK, required=(LONELY,), forbidden=(OTHER,))
    with transaction(seeded) as session:
        for village, is_required in ((HERE, True), (OTHER, True), (LONELY, False)):
            step(session, add(session, village), "verify", is_required=is_required)
        add(session, "62.02.02.2001", is_required=True)  # received only
        plan, _ = create_plan(session, request, today=date(2026, 11, 22))
    assert plan.params["requests"] == [
        {"request_id": 1, "village": HERE, "is_required": True},
        {"request_id": 2, "village": OTHER, "is_required": True},
        {"request_id": 3, "village": LONELY, "is_required": False},
    ]
    # Nobody is required whom the planner forbids.
    assert plan.params["required"] == [HERE, LONELY]
    with reading(seeded) as session:
        assert "requests" not in session.get_one(Plan, 1).params


# --- files and HTTP ----------------------------------------------------------------------------


def test_a_list_is_imported_and_again_changes_nothing(seeded: Engine, tmp_path: Path):
    file = tmp_path / "surat.csv"
    head = "nomor_surat,tanggal_surat,kode_desa,program,perkiraan_orang"
    lines = (head, f"474/1,2026-11-18,{HERE},ktp,40", f"474/2,2026-11-18,{OTHER},kia,9")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    first = ingest(seeded, "requests", file, person="siti")
    assert (first.accepted, first.totals) == (2, {"requests": 2, "people": 49})
    with transaction(seeded) as session:
        step(session, 1, "verify")
    again = ingest(seeded, "requests", file, person="siti")
    assert [(f.code, f.params["request_id"]) for f in again.findings] == [
        ("request-known", 1), ("request-known", 2),
    ]  # fmt: skip
    with reading(seeded) as session:
        assert states(session) == ["verified", "received"]
        assert request_document(session, 2)["steps"][0]["account"] == "siti"


def test_over_http(seeded: Engine, settings: Settings, client_of: ClientOf):
    client = client_of(settings)
    body = {
        "village_code": HERE, "number": "474/1", "letter_date": "2026-11-18", "people": 40,
        "programmes": ["ktp_el"], "contact": "Kantor Desa",
    }  # fmt: skip
    made = client.post("/api/v1/requests", json=body)
    assert (made.status_code, made.json()["state"], made.json()["district"]) == (
        201, "received", "Kecamatan 01",
    )  # fmt: skip
    again = client.post("/api/v1/requests", json=body)
    assert (again.status_code, slug(again)) == (409, "request-known")
    named = client.post("/api/v1/requests", json=body | {"contact": "Bapak Sutrisno"})
    assert (named.status_code, slug(named)) == (422, "resident-name")
    assert "Sutrisno" not in named.text
    moved = client.post("/api/v1/requests/1/steps", json={"action": "verify", "version": 0})
    assert (moved.status_code, moved.json()["version"]) == (200, 1)
    late = client.post("/api/v1/requests/1/steps", json={"action": "verify", "version": 0})
    assert (late.status_code, slug(late)) == (409, "request-changed")
    assert client.get("/api/v1/requests", params={"state": "verified"}).json()["items"][0][
        "request_id"
    ] == 1  # fmt: skip
    assert client.get("/api/v1/requests/9").status_code == 404
    assert let_in(seeded, "lihat", "viewer")
    done = client.get("/api/v1/audit").json()["items"][0]
    assert done["action"] == "take_request_step"
    assert "changed visit_request 1" in done["details"]["changes"]
