"""Plans changed by hand, in the office of one road: what is judged, kept, marked and undone.

A village lies 10 km x its number from the base, 800 s away a number. With sessions of 240 minutes
a day holds one village: two of them and lunch take 9 hours, the day has 8.5. With sessions of 120
minutes a day of two is driven: the base is left at 07:30.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.access import Caller
from app.changes import ask_judgement
from app.db import connect, reading, transaction
from app.edit_errors import BadEdit, NotEditable, NothingToUndo, StopLocked
from app.edits import Bench, Edit, edit_plan, edits_of, undo_edit
from app.errors import PlanChanged, PlanNotFound, PlanNotSolved
from app.lifecycle import Step, take_step
from app.lifecycle_errors import PlanBreaksRules
from app.models import Plan, PlanEdit, PlanLeg, PlanStop, Role
from app.open_weeks import MOST, OpenWeeks
from app.plan_document import plan_document, plan_list
from app.travel import TravelMeans
from tests.app.conftest import AppClient, ClientOf, make_settings, slug
from tests.app.databases import Databases
from tests.app.people import let_in
from tests.app.planned import TEAM_HEADER, ask, import_text
from tests.app.road import CODES, DAYS, A, B, best_plan, build, solve_now
from tests.geodata.travel import at

pytestmark = pytest.mark.search
SATU, DUA, TIGA, EMPAT, LIMA, ENAM = CODES
CALLER = Caller(
    account_id=1, account="siti", role=Role.ADMIN, area="", team=None, via="test"
)  # fmt: skip


class Desk:
    """One person at one plan."""

    def __init__(self, engine: Engine, plan_id: int) -> None:
        self.engine, self.plan_id = engine, plan_id
        self.bench = Bench(engine=engine, weeks=OpenWeeks(), means=TravelMeans())

    def edit(self, *actions: dict[str, Any], **asked: Any) -> dict[str, Any]:
        full = [{"position": None, "minutes": None, **action} for action in actions]
        with transaction(self.engine) as session:
            edit = Edit(actions=full, **asked)
            return edit_plan(session, self.bench, self.plan_id, edit, CALLER)

    def undo(self, version: int | None = None) -> dict[str, Any]:
        with transaction(self.engine) as session:
            return undo_edit(session, self.bench, self.plan_id, version, CALLER)

    def plan(self) -> dict[str, Any]:
        with reading(self.engine) as session:
            return plan_document(session, self.plan_id, "en")

    def made(self) -> dict[str, tuple[str, str, int, int]]:
        """Team, day, order and minutes by village."""
        return {
            row["village_code"]: (row["team"], row["day"], row["order"], row["minutes"])
            for row in self.plan()["stops"]
        }


@pytest.fixture(scope="session")
def edited(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int, int]:
    """An office with the best plan of its week, and one made by hand of it; copied, not changed."""
    folder = tmp_path_factory.mktemp("road")
    url = databases.migrated(folder)
    engine = connect(url)
    build(engine, folder)
    best = best_plan(engine)
    desk = Desk(engine, best_plan(engine, minutes=(120, 240), forbidden=(LIMA, ENAM)))
    desk.edit(
        *({"action": "drop", "at": code} for code in desk.made()),
        {"action": "add", "at": SATU, "team": A, "day": DAYS[0], "minutes": 120},
        {"action": "add", "at": DUA, "team": A, "day": DAYS[0], "minutes": 120},
        {"action": "add", "at": TIGA, "team": A, "day": DAYS[1], "minutes": 240},
        {"action": "add", "at": EMPAT, "team": B, "day": DAYS[0], "minutes": 240},
    )
    engine.dispose()
    return url, best, desk.plan_id


@pytest.fixture
def url(edited: tuple[str, int, int], databases: Databases, tmp_path: Path) -> Iterator[str]:
    copied = databases.copy(edited[0], tmp_path / "road")
    yield copied
    databases.give_back(copied)


@pytest.fixture
def office(url: str) -> Iterator[Engine]:
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture
def desk(office: Engine, edited: tuple[str, int, int]) -> Desk:
    """A plan by hand: A makes Satu and Dua on Monday, Tiga on Tuesday, B Empat on Monday."""
    return Desk(office, edited[2])


def test_stops_are_added_where_the_day_is_best(desk: Desk) -> None:
    # Out and back on one road takes as long in both orders; nearest first comes home no later.
    made = desk.made()
    assert {code: place[:2] for code, place in made.items()} == {
        SATU: (A, DAYS[0]), DUA: (A, DAYS[0]), TIGA: (A, DAYS[1]), EMPAT: (B, DAYS[0]),
    }  # fmt: skip
    plan = desk.plan()
    assert plan["violations"] == []
    assert {row["team"]: row["n_stops"] for row in plan["teams"]} == {A: 3, B: 1}
    assert {row["village_code"] for row in plan["unserved"]} == {LIMA, ENAM}
    # 20 km out and back for Satu and Dua, 30 for Tiga, 40 for Empat.
    km = {row["team"]: row["km"] for row in plan["teams"]}
    assert km == {A: pytest.approx(100, abs=0.5), B: pytest.approx(80, abs=0.5)}


def test_a_stop_moves_and_the_answer_says_what_changed(desk: Desk) -> None:
    version = desk.plan()["version"]
    answer = desk.edit({"action": "move", "at": DUA, "team": B, "day": DAYS[2]}, version=version)
    assert (answer["version"], answer["is_kept"], answer["violations"]) == (version + 1, True, [])
    (change,) = answer["changes"]
    assert (change["kind"], change["village_code"]) == ("moved", DUA)
    assert (change["before"]["team"], change["after"]["team"]) == (A, B)
    assert {(day["team"], day["day"]) for day in answer["days"]} == {(A, DAYS[0]), (B, DAYS[2])}
    assert desk.made()[DUA] == (B, DAYS[2], 1, 120)
    # 20 km at 80 s a km: the session begins 1600 s after 07:30.
    (day,) = [day for day in answer["days"] if day["team"] == B]
    assert [stop["start"][11:19] for stop in day["stops"]] == ["07:56:40"]
    assert answer["has_new_numbers"] is False


def test_what_is_stored_is_what_the_whole_plan_amounts_to(desk: Desk) -> None:
    """Only changed days are written, and figures come out as if all were."""
    desk.edit({"action": "swap", "at": SATU, "other": EMPAT}, reason="coba")
    edited = desk.plan()
    with transaction(desk.engine) as session:
        plan, _ = ask_judgement(session, desk.plan_id, None)
        judged_id = plan.id or 0
    judged = solve_now(desk.engine, judged_id)
    names = (
        "value", "worth", "cost_rupiah", "distance_m", "expected", "expected_p10", "expected_p90",
        "worth_p10", "teams", "coverage_after", "hours_work", "unserved",
    )  # fmt: skip
    assert {n: edited[n] for n in names} == {n: judged[n] for n in names}
    drop = {"stop_id"}
    assert [{k: v for k, v in row.items() if k not in drop} for row in edited["stops"]] == [
        {k: v for k, v in row.items() if k not in drop} for row in judged["stops"]
    ]
    with reading(desk.engine) as session:
        ways = [
            [
                (leg.team, leg.day, leg.order, leg.part, leg.metres)
                for leg in session.exec(
                    select(PlanLeg)
                    .where(PlanLeg.plan_id == number)
                    .order_by(PlanLeg.team, PlanLeg.day, PlanLeg.order, PlanLeg.part)
                )
            ]
            for number in (desk.plan_id, judged_id)
        ]
    assert ways[0] == ways[1]
    assert ways[0]


def test_what_breaks_rules_is_told_and_kept_only_with_a_reason(desk: Desk) -> None:
    before = desk.made(), desk.plan()["version"]
    move = {"action": "move", "at": EMPAT, "team": A, "day": DAYS[1]}
    asked = desk.edit(move)
    # Tiga and Empat: 30 km, 4 h, 10 km, 4 h, 40 km is 9 h 46 min 40 s with lunch 10 h 46 min 40 s;
    # from 07:30 that is 18:16:40, 2 h 16 min 40 s after 16:00.
    (broken,) = asked["violations"]
    assert (broken["rule"], broken["amount"]) == ("shift-window", 2 * 3600 + 16 * 60 + 40)
    assert (asked["is_kept"], asked["kept"], asked["version"]) == (False, None, before[1])
    assert (desk.made(), desk.plan()["version"]) == before
    kept = desk.edit(move, reason=" kades minta Selasa ")
    assert (kept["is_kept"], kept["version"]) == (True, before[1] + 1)
    assert {n: kept["kept"][n] for n in ("account", "reason", "rules")} == {
        "account": "siti", "reason": "kades minta Selasa", "rules": ["shift-window"],
    }  # fmt: skip
    plan = desk.plan()
    assert (plan["kept"], plan["status"], plan["gap"]) == (kept["kept"], "infeasible", None)
    with reading(desk.engine) as session:
        (line,) = [row for row in plan_list(session) if row["plan_id"] == desk.plan_id]
    assert line["kept"] == kept["kept"]
    # For another change that breaks no other rule the reason goes on to hold.
    assert desk.edit({"action": "drop", "at": SATU})["is_kept"]
    # And the mark goes when no rule is broken any more.
    mended = desk.edit({"action": "drop", "at": EMPAT})
    assert (mended["is_kept"], mended["kept"], desk.plan()["kept"]) == (True, None, None)


def test_only_asked_changes_nothing(desk: Desk) -> None:
    before = desk.made(), desk.plan()
    answer = desk.edit({"action": "drop", "at": SATU}, keep=False, reason="ya")
    # Of 60 listed half are within reach and 60 % of them come; worth is that of the stored stop.
    (satu,) = [row for row in before[1]["stops"] if row["village_code"] == SATU]
    assert answer["worth_lost"] == pytest.approx(satu["worth"], abs=0.002)
    assert (answer["is_kept"], answer["version"]) == (False, before[1]["version"])
    assert (desk.made(), desk.plan()) == before


def test_lengths_are_those_of_the_plan(desk: Desk) -> None:
    assert desk.edit({"action": "length", "at": TIGA, "minutes": 120})["is_kept"]
    assert desk.made()[TIGA] == (A, DAYS[1], 1, 120)
    with pytest.raises(BadEdit) as caught:
        desk.edit({"action": "length", "at": TIGA, "minutes": 180})
    assert caught.value.params == {
        "action": 1, "field": "minutes", "value": "180", "accepted": "120, 240",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("action", "field", "accepted"),
    [
        ({"action": "move", "at": SATU, "team": "Z", "day": DAYS[0]}, "team", f"{A}, {B}"),
        ({"action": "move", "at": SATU, "team": A, "day": DAYS[5]}, "day", ", ".join(DAYS[:5])),
        ({"action": "move", "at": "62.02.99.2001", "team": A, "day": DAYS[0]}, "at", "..."),
        ({"action": "drop", "at": ENAM}, "at", "add"),
        ({"action": "add", "at": SATU, "team": A, "day": DAYS[2]}, "at", "move"),
        ({"action": "swap", "at": SATU, "other": SATU}, "other", f"!= {SATU}"),
        ({"action": "move", "at": TIGA, "team": A, "day": DAYS[0], "position": 4}, "position",
         "1-2"),
    ],
)  # fmt: skip
def test_what_an_action_cannot_mean(
    desk: Desk, action: dict[str, Any], field: str, accepted: str
) -> None:
    with pytest.raises(BadEdit) as caught:
        desk.edit({"action": "drop", "at": DUA}, action)
    assert (caught.value.params["action"], caught.value.params["field"]) == (2, field)
    assert accepted in str(caught.value.params["accepted"])
    assert DUA in desk.made()  # all or none


def test_a_place_in_the_order_is_taken_as_it_is(desk: Desk) -> None:
    desk.edit({"action": "move", "at": DUA, "team": A, "day": DAYS[0], "position": 1})
    assert [desk.made()[code][2] for code in (DUA, SATU)] == [1, 2]
    desk.edit({"action": "move", "at": DUA, "team": A, "day": DAYS[0], "position": 2})
    assert [desk.made()[code][2] for code in (DUA, SATU)] == [2, 1]


def test_a_locked_stop_stays_in_edits_and_when_the_plan_is_solved_again(desk: Desk) -> None:
    lock = desk.edit({"action": "lock", "at": EMPAT})
    assert (lock["changes"], lock["is_kept"]) == ([], True)
    assert desk.plan()["locked"] == [{"point_code": EMPAT, "team": B, "day": DAYS[0]}]
    for action in (
        {"action": "drop", "at": EMPAT},
        {"action": "length", "at": EMPAT, "minutes": 120},
        {"action": "swap", "at": SATU, "other": EMPAT},
        {"action": "move", "at": EMPAT, "team": B, "day": DAYS[1]},
    ):
        with pytest.raises(StopLocked):
            desk.edit(action)
    # Monday of B is full with Empat; the best plan without the lock is free to choose any day.
    solve_now(desk.engine, desk.plan_id)
    assert desk.made()[EMPAT][:2] == (B, DAYS[0])
    again = desk.edit({"action": "unlock", "at": EMPAT}, {"action": "drop", "at": EMPAT})
    assert (again["is_kept"], again["has_new_numbers"]) == (True, False)
    assert desk.plan()["locked"] == []


def test_every_change_is_undone_in_turn(desk: Desk) -> None:
    states = [desk.plan()]
    for action in (
        {"action": "move", "at": DUA, "team": B, "day": DAYS[2]},
        {"action": "move", "at": EMPAT, "team": A, "day": DAYS[1]},
        {"action": "lock", "at": SATU},
        {"action": "drop", "at": TIGA},
    ):
        assert desk.edit(action, reason="coba")["is_kept"]
        states.append(desk.plan())
    same = ("stops", "teams", "value", "violations", "kept", "locked", "unserved", "cost_rupiah")
    for before in reversed(states[:-1]):
        assert desk.undo()["is_kept"]
        plan = desk.plan()
        assert {n: plan[n] for n in same} == {n: before[n] for n in same}
    with reading(desk.engine) as session:
        listed = edits_of(session, desk.bench, desk.plan_id)
        rows = session.exec(select(PlanEdit.version).order_by(PlanEdit.version)).all()
    # What made the plan, four changes and four times back: each has the version after it.
    assert len(rows) == len(set(rows)) == 9
    assert rows[-1] == listed["version"] == plan["version"]
    assert [row["is_open"] for row in listed["items"]].count(True) == 1
    with pytest.raises(PlanChanged):
        desk.undo(version=plan["version"] - 1)
    solve_now(desk.engine, desk.plan_id)
    with pytest.raises(NothingToUndo):
        desk.undo()


def test_a_change_is_undone_though_the_plan_then_breaks_rules_of_today(
    desk: Desk, tmp_path: Path
) -> None:
    desk.edit({"action": "drop", "at": DUA})
    lon, lat = at(0)
    place = f"Kabupaten Kotawaringin Timur,Kantor,{lon},{lat},mobil,1,5"
    # Tiga's four hours and 40 minutes each way end at 12:50 at the earliest.
    import_text(
        desk.engine, tmp_path, "teams", TEAM_HEADER,
        f"{A},{place},1,07:30,11:00,tidak", f"{B},{place},0,07:30,16:00,tidak",
    )  # fmt: skip
    other = Desk(desk.engine, desk.plan_id)  # who has the week open knows the hours of then
    undone = other.undo()
    assert (undone["is_kept"], undone["kept"]) == (True, None)
    assert "shift-window" in undone["by_rule"]
    assert DUA in desk.made()
    # Nobody has answered for it: it is proposed only with a word on it.
    with pytest.raises(PlanBreaksRules):
        take(desk, "propose")


def test_what_is_undone_in_a_proposed_plan_is_not_approved_without_a_word(
    desk: Desk, tmp_path: Path
) -> None:
    desk.edit({"action": "drop", "at": DUA})
    take(desk, "propose")
    lon, lat = at(0)
    place = f"Kabupaten Kotawaringin Timur,Kantor,{lon},{lat},mobil,1,5"
    import_text(
        desk.engine, tmp_path, "teams", TEAM_HEADER,
        f"{A},{place},1,07:30,11:00,tidak", f"{B},{place},0,07:30,16:00,tidak",
    )  # fmt: skip
    assert Desk(desk.engine, desk.plan_id).undo()["kept"] is None
    with pytest.raises(PlanBreaksRules, match="shift-window"):
        take(desk, "approve")
    take(desk, "withdraw")
    take(desk, "propose", reason="camat menunggu")
    assert take(desk, "approve").state == "approved"


def test_a_day_with_a_place_that_is_gone_can_be_changed(desk: Desk) -> None:
    with transaction(desk.engine) as session:
        stop = session.exec(
            select(PlanStop).where(PlanStop.plan_id == desk.plan_id, PlanStop.village_code == DUA)
        ).one()
        stop.point_code = "62.02.01.2002/posko-lama"
    add = {"action": "add", "at": LIMA, "team": A, "day": DAYS[0], "minutes": 120}
    told = desk.edit(add, keep=False)
    assert [row["village_code"] for row in told["violations"] if row["rule"] == "no-shift"] == [DUA]
    assert {row["village_code"]: row["kind"] for row in told["changes"]}[LIMA] == "added"


def test_who_may_change_what(desk: Desk) -> None:
    version = desk.plan()["version"]
    with pytest.raises(PlanChanged) as caught:
        desk.edit({"action": "drop", "at": SATU}, version=version - 1)
    assert caught.value.params["version"] == version
    with pytest.raises(PlanNotFound):
        Desk(desk.engine, 999).edit({"action": "drop", "at": SATU})
    unsolved = ask(desk.engine, week="2026-W50")
    with pytest.raises(PlanNotSolved):
        Desk(desk.engine, unsolved).edit({"action": "drop", "at": SATU})
    take(desk, "propose")
    assert desk.edit({"action": "drop", "at": SATU})["is_kept"]
    take(desk, "approve")
    with pytest.raises(NotEditable) as refused:
        desk.edit({"action": "drop", "at": DUA})
    assert refused.value.params["state"] == "approved"


def take(desk: Desk, action: str, **asked: Any) -> Plan:
    with transaction(desk.engine) as session:
        return take_step(session, desk.plan_id, Step(action=action, **asked), CALLER)


def test_a_plan_kept_with_violations_is_proposed_as_such(desk: Desk) -> None:
    desk.edit({"action": "move", "at": EMPAT, "team": A, "day": DAYS[1]}, reason="kades")
    take(desk, "propose")  # the reason was given
    take(desk, "withdraw")
    with transaction(desk.engine) as session:
        plan = session.get_one(Plan, desk.plan_id)
        plan.summary = {**plan.summary, "kept": None}
    with pytest.raises(PlanBreaksRules):
        take(desk, "propose")
    take(desk, "propose", reason="pimpinan minta")
    kept = desk.plan()["kept"]
    assert (kept["account"], kept["reason"]) == ("siti", "pimpinan minta")


def test_numbers_that_changed_since_are_said_to_be_new(desk: Desk, tmp_path: Path) -> None:
    drop = {"action": "drop", "at": DUA}
    assert desk.edit(drop, keep=False)["has_new_numbers"] is False
    lon, lat = at(0)
    place = f"Kabupaten Kotawaringin Timur,Kantor,{lon},{lat},mobil,1,5"
    import_text(
        desk.engine, tmp_path, "teams", TEAM_HEADER,
        f"{A},{place},1,07:30,13:00,tidak", f"{B},{place},0,07:30,16:00,tidak",
    )  # fmt: skip
    # Who has the week open goes on with the numbers of then, another process with those of today.
    assert desk.edit(drop, keep=False)["has_new_numbers"] is False
    other = Desk(desk.engine, desk.plan_id)
    answer = other.edit(drop)
    assert (answer["has_new_numbers"], answer["by_rule"]) == (True, {"shift-window": 1})
    kept = other.edit(drop, {"action": "drop", "at": TIGA})
    assert (kept["has_new_numbers"], kept["is_kept"]) == (True, True)
    plan = desk.plan()
    assert (plan["bound"], plan["gap"], plan["status"]) == (None, None, "feasible")
    # From now on these are the numbers of the plan, for everybody.
    late = desk.edit({"action": "length", "at": SATU, "minutes": 240}, keep=False)
    assert late["has_new_numbers"] is False


def test_a_bound_holds_as_long_as_the_numbers_are_the_same(
    office: Engine, edited: tuple[str, int, int]
) -> None:
    desk = Desk(office, edited[1])
    best = desk.plan()
    assert best["status"] == "optimal"
    (satu,) = [row for row in best["stops"] if row["village_code"] == SATU]
    desk.edit({"action": "drop", "at": SATU})
    plan = desk.plan()
    assert (plan["status"], plan["bound"]) == ("feasible", best["bound"])
    assert plan["gap"] == pytest.approx(satu["worth"] / best["bound"], abs=1e-3)
    desk.edit({"action": "add", "at": SATU, "team": satu["team"], "day": satu["day"]})
    assert desk.plan()["status"] == "optimal"


def test_few_weeks_are_kept_open(desk: Desk) -> None:
    with reading(desk.engine) as session:
        plan = session.get_one(Plan, desk.plan_id)
        opened = desk.bench.weeks.of(desk.engine, plan, desk.bench.means)
        assert desk.bench.weeks.of(desk.engine, plan, desk.bench.means) is opened
        session.expunge(plan)
        for n in range(MOST):
            plan.id = 1000 + n
            desk.bench.weeks.of(desk.engine, plan, desk.bench.means)
        plan.id = desk.plan_id
        assert desk.bench.weeks.of(desk.engine, plan, desk.bench.means) is not opened


def test_over_http(desk: Desk, url: str, tmp_path: Path, client_of: ClientOf) -> None:
    app = client_of(make_settings(tmp_path, database_url=url)).app
    client = AppClient(app, let_in(desk.engine, "rina", "planner", "62.02"))
    url = f"/api/v1/plans/{desk.plan_id}"
    listed = client.get(f"{url}/edits").json()
    assert (listed["can_edit"], listed["minutes"]) == (True, [120, 240])
    move = {"action": "move", "at": SATU, "team": A, "day": DAYS[4]}
    body = {"version": listed["version"], "actions": [{"action": "lock", "at": DUA}, move]}
    answer = client.post(f"{url}/edits?lang=en", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["is_kept"]
    stale = client.post(f"{url}/edits", json=body)
    assert (stale.status_code, slug(stale)) == (409, "plan-changed")
    body["version"] = stale.json()["version"]
    locked = client.post(f"{url}/edits?lang=id", json={**body, "actions": [
        {"action": "drop", "at": DUA}]})  # fmt: skip
    assert (locked.status_code, slug(locked)) == (409, "stop-locked")
    assert "terkunci" in locked.json()["detail"]
    wrong = client.post(f"{url}/edits", json={**body, "actions": [{"action": "fly", "at": DUA}]})
    assert (wrong.status_code, slug(wrong)) == (422, "validation-error")
    undone = client.post(f"{url}/edits/undo", json={"version": body["version"]})
    assert undone.json()["version"] == body["version"] + 1
    assert [row["is_open"] for row in client.get(f"{url}/edits").json()["items"]] == [
        False, False, True,
    ]  # fmt: skip
