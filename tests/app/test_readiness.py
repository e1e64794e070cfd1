"""The evening before: five checks, a verdict, and the week planned anew after a no-go."""

from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from app.access import Caller
from app.access_errors import OtherTeam, RoleRefused
from app.copying import catch_up
from app.db import transaction
from app.errors import BadOption, PlanNotFound, TeamNotFound
from app.itineraries.formats import Asked, Sheet, edition
from app.itineraries.small_json import json_of
from app.itineraries.team_day import itineraries
from app.models import Job, Plan, PlanStop, ReadinessEntry, Role
from app.readiness import Answer, Told, readiness, tell
from app.readiness_errors import BadReadiness, NotUnderWay, VerdictReasonMissing
from app.settings import Settings
from geodata.errors import ResidentName
from tests.app.conftest import ClientOf, slug
from tests.app.people import let_in
from tests.app.seed import MONDAY, TUESDAY
from tests.app.team_week import PLAN, make_week

EVE = MONDAY - timedelta(days=1)


def caller(role: Role = Role.PLANNER, team: str | None = None) -> Caller:
    return Caller(account_id=1, account=role.value, role=role, area="", team=team, via="token")


@pytest.fixture
def session(engine: Engine):
    """Plan 3, published: A is out on Monday and, from where it slept, on Tuesday; B on Monday."""
    with transaction(engine) as session:
        make_week(session)
        plan = session.get_one(Plan, PLAN)
        plan.state, plan.params = "published", {**plan.params, "announced_on": "2026-11-22"}
        session.flush()
        catch_up(session.connection(), SQLModel.metadata)
        yield session


def say(
    session: Session, *, by: Caller | None = None, today: date = EVE, plan_id: int = PLAN,
    **told: Any,
) -> Any:  # fmt: skip
    values = {"team": "B", "day": MONDAY, **told}
    return tell(session, plan_id, Told(**values), by or caller(), today=today)


def now(session: Session, team: str = "B", day: date = MONDAY) -> dict[str, Any]:
    (row,) = readiness(session, PLAN, team=team, day=day)
    return row


YES, NO, UNKNOWN = Answer("yes"), Answer("no", "sungai naik"), Answer("unknown")


def test_every_team_day_is_listed_and_nothing_is_known_of_it_at_first(session: Session):
    rows = readiness(session, PLAN)
    assert [(r["day"], r["team"], r["is_on_tour"]) for r in rows] == [
        ("2026-11-30", "A", False), ("2026-11-30", "B", False), ("2026-12-01", "A", True),
    ]  # fmt: skip
    assert all(r["verdict"] is None and r["answers"] == {} and r["history"] == [] for r in rows)


def test_of_each_check_the_newest_answer_counts_and_all_stay(session: Session):
    crew = caller(Role.TEAM, "B")
    say(session, by=crew, answers={"signal": UNKNOWN, "fuel": YES})
    say(session, answers={"signal": YES, "weather": NO})
    say(session, verdict="go", reason="jalan masih bisa dilalui")
    row = now(session)
    assert {n: (a["answer"], a["note"], a["account"]) for n, a in row["answers"].items()} == {
        "signal": ("yes", "", "planner"), "weather": ("no", "sungai naik", "planner"),
        "fuel": ("yes", "", "team"),
    }  # fmt: skip
    assert (row["verdict"], row["account"], row["replan_id"]) == ("go", "planner", None)
    assert [len(r["answers"]) for r in row["history"]] == [0, 2, 2]
    assert session.exec(select(Job)).first() is None


def test_a_no_go_asks_for_the_rest_of_the_week_without_that_day(session: Session):
    say(session, answers={"weather": NO}, verdict="no_go", reason="banjir")
    row = now(session)
    job = session.get_one(Job, row["job_id"])
    replan = session.get_one(Plan, row["replan_id"])
    assert (job.kind, job.state, job.plan_id) == ("solve", "todo", replan.id)
    assert replan.params["origin"] == {"kind": "replan", "plan_id": PLAN}
    asked = replan.params["replan"]
    assert (asked["from_day"], asked["absent"]) == (
        "2026-11-30", [{"team": "B", "first": "2026-11-30", "last": "2026-11-30"}],
    )  # fmt: skip
    # Again: the same plan; after a go, or when that plan was discarded: another.
    assert say(session, verdict="no_go", reason="masih banjir").replan_id == replan.id
    replan.state = "cancelled"
    second = say(session, verdict="no_go", reason="masih banjir").replan_id
    assert second != replan.id
    say(session, verdict="go", reason="surut")
    assert now(session)["replan_id"] is None
    assert say(session, verdict="no_go", reason="banjir lagi").replan_id not in {replan.id, second}


def test_the_plan_of_a_second_no_go_does_without_the_first_team_too(session: Session):
    first = say(session, verdict="no_go", reason="banjir").replan_id
    both = say(session, team="A", verdict="no_go", reason="banjir").replan_id
    assert both != first
    asked = session.get_one(Plan, both).params["replan"]
    day = {"first": "2026-11-30", "last": "2026-11-30"}
    assert (asked["from_day"], asked["absent"]) == (
        "2026-11-30", [{"team": "A", **day}, {"team": "B", **day}],
    )  # fmt: skip
    # That plan is B's as well now; and A's tour, which does not begin, is off on Tuesday too.
    assert say(session, verdict="no_go", reason="masih banjir").replan_id == both
    tour = say(session, team="A", day=TUESDAY, verdict="no_go", reason="banjir").replan_id
    rows = session.get_one(Plan, tour).params["replan"]["absent"]
    assert [(r["team"], r["first"]) for r in rows] == [
        ("A", "2026-11-30"), ("B", "2026-11-30"), ("A", "2026-12-01"),
    ]  # fmt: skip
    # Who goes after all, and what is over, is no part of the next one.
    say(session, verdict="go", reason="surut")
    last = say(session, team="A", verdict="no_go", reason="banjir").replan_id
    asked = session.get_one(Plan, last).params["replan"]
    assert [(r["team"], r["first"]) for r in asked["absent"]] == [
        ("A", "2026-11-30"), ("A", "2026-12-01"),
    ]  # fmt: skip


def test_a_team_on_its_tour_is_not_taken_out(session: Session):
    say(session, team="A", day=TUESDAY, verdict="no_go", reason="perahu rusak")
    row = now(session, "A", TUESDAY)
    assert (row["verdict"], row["replan_id"], row["is_on_tour"]) == ("no_go", None, True)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({}, BadReadiness),
        ({"verdict": "maybe", "reason": "x"}, BadReadiness),
        ({"answers": {"mood": YES}}, BadReadiness),
        ({"answers": {"fuel": Answer("perhaps")}}, BadReadiness),
        ({"answers": {"fuel": Answer("no", "n" * 501)}}, BadReadiness),
        ({"verdict": "no_go", "reason": "r" * 501}, BadReadiness),
        ({"verdict": "no_go"}, VerdictReasonMissing),
        ({"verdict": "no_go", "reason": "  "}, VerdictReasonMissing),
        ({"verdict": "go", "answers": {"fuel": NO}}, VerdictReasonMissing),
        ({"answers": {"fuel": Answer("no", "Bapak Sutrisno sakit")}}, ResidentName),
        ({"answers": {"fuel": YES}, "day": TUESDAY}, BadOption),
        ({"answers": {"fuel": YES}, "today": TUESDAY}, BadOption),
        ({"answers": {"fuel": YES}, "team": "C"}, TeamNotFound),
        ({"answers": {"fuel": YES}, "by": caller(Role.TEAM, "A")}, OtherTeam),
        ({"verdict": "go", "by": caller(Role.TEAM, "B")}, RoleRefused),
    ],
)
def test_what_cannot_be_said(session: Session, told: dict[str, Any], error: type[Exception]):
    with pytest.raises(error):
        say(session, **told)
    assert session.exec(select(ReadinessEntry)).first() is None


def test_the_longest_note_on_the_very_day(session: Session):
    note = Answer("no", "n" * 500)
    say(session, answers={"fuel": note}, verdict="go", reason="r" * 500, today=MONDAY)
    assert now(session)["verdict"] == "go"


@pytest.mark.parametrize(
    ("state", "is_fine"),
    [("approved", False), ("published", True), ("in_progress", True), ("closed", False)],
)
def test_only_what_teams_work_by_goes_or_stays(session: Session, state: str, is_fine: bool):
    session.get_one(Plan, PLAN).state = state
    session.flush()
    if is_fine:
        say(session, verdict="go")
    else:
        with pytest.raises(NotUnderWay):
            say(session, verdict="go")
    with pytest.raises(PlanNotFound):
        tell(session, 99, Told(team="B", day=MONDAY, verdict="go"), caller(), today=EVE)


def test_what_was_said_of_a_day_that_did_not_change_holds_in_the_plan_that_takes_its_place(
    session: Session, settings: Settings
):
    """Plan 4 is plan 3, but that A comes half an hour later on Tuesday."""
    say(session, answers={"fuel": Answer("no", "habis")})
    say(session, team="A", answers={"signal": YES})
    say(session, team="A", day=TUESDAY, answers={"weather": NO})
    first = session.get_one(Plan, PLAN)
    asked = Asked(plan_id=4, lang="id", team="B")
    session.add(Plan(**first.model_dump(exclude={"id", "state"}), id=4, state="draft"))
    session.flush()
    for stop in session.exec(select(PlanStop).where(PlanStop.plan_id == PLAN)).all():
        later = timedelta(minutes=30 if (stop.team, stop.day) == ("A", TUESDAY) else 0)
        times = {name: getattr(stop, name) + later for name in ("arrive", "start", "depart")}
        session.add(PlanStop(**(stop.model_dump(exclude={"id", "plan_id"}) | times), plan_id=4))
    first.state, first.replaced_by = "cancelled", 4
    session.flush()
    session.get_one(Plan, 4).state = "published"
    session.flush()
    rows = {(r["team"], r["day"]): r["answers"] for r in readiness(session, 4)}
    assert rows["B", "2026-11-30"]["fuel"]["note"] == "habis"
    assert rows["A", "2026-11-30"]["signal"]["answer"] == "yes"
    assert rows["A", "2026-12-01"] == {}
    (day,) = orjson.loads(json_of(itineraries(session, 4, "id", team="B")))["days"]
    assert day["readiness"]["checks"] == {"fuel": "no"}
    before = edition(session, Sheet.JSON, asked, settings.data_dir)
    say(session, plan_id=4, answers={"fuel": YES})
    (row,) = readiness(session, 4, team="B", day=MONDAY)
    assert (row["answers"]["fuel"]["answer"], len(row["history"])) == ("yes", 2)
    assert edition(session, Sheet.JSON, asked, settings.data_dir) != before


def test_phones_see_it_and_their_etag_changes(session: Session, settings: Settings):
    def taken() -> tuple[str, dict[str, Any]]:
        asked = Asked(plan_id=PLAN, lang="id", team="B")
        given = itineraries(session, PLAN, "id", team="B")
        (day,) = orjson.loads(json_of(given))["days"]
        return edition(session, Sheet.JSON, asked, settings.data_dir), day["readiness"]

    before, nothing = taken()
    assert nothing is None
    say(session, answers={"signal": YES}, verdict="go")
    after, told = taken()
    assert after != before
    assert told == {"verdict": "go", "reason": None, "checks": {"signal": "yes"}}
    say(session, answers={"signal": YES})
    assert taken()[0] != after


def test_over_http(engine: Engine, settings: Settings, client_of: ClientOf):
    with transaction(engine) as session:
        make_week(session)
        session.get_one(Plan, PLAN).state = "in_progress"
    client, url = client_of(settings), f"/api/v1/plans/{PLAN}/readiness"
    body = {"team": "B", "day": "2026-11-30", "answers": {"fuel": {"answer": "yes"}}}
    answer = client.post(url, json=body)
    if date.today() > MONDAY:  # noqa: DTZ011 (the week is over: nothing of it goes any more)
        assert (answer.status_code, slug(answer)) == (422, "bad-option")
        return
    assert (answer.status_code, answer.json()["answers"]["fuel"]["account"]) == (200, "uji")
    assert client.get(url, params={"team": "A"}).json()["items"][0]["team"] == "A"
    let_in(engine, "tim-a", "team", "62.02", "A")
    phone = type(client)(client.app, "token-tim-a")
    seen = phone.get(url).json()["items"]
    assert {row["team"] for row in seen} == {"A"}
    other = phone.post(url, json=body)
    assert (other.status_code, slug(other)) == (403, "other-team")
    newest = client.get("/api/v1/audit").json()["items"][0]
    assert newest["action"] == "tell_readiness"
