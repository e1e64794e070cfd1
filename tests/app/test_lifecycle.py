"""The life of a plan, against a table of steps written down here."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlalchemy import Engine, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.access import Caller
from app.access_errors import RoleRefused
from app.db import transaction
from app.errors import AppError
from app.lifecycle import Step, letters_of, steps_of, take_step
from app.models import AssignmentLetter, Job, JobKind, Plan, PlanStep, PlanStop, Role
from app.plan_document import newest_plan_of_team
from app.planning import solve_again
from app.settings import Settings
from tests.app.conftest import AppClient, slug
from tests.app.office import Office
from tests.app.people import let_in

# state: {step: (state after, who may)}; P planner, V approver (verifies), both also admin
TABLE = {
    "draft": {
        "propose": ("proposed", "P"), "discard": ("cancelled", "P"), "cancel": ("cancelled", "V"),
    },
    "proposed": {
        "withdraw": ("draft", "P"), "approve": ("approved", "V"), "return": ("draft", "V"),
        "discard": ("cancelled", "P"), "cancel": ("cancelled", "V"),
    },
    "approved": {
        "return": ("draft", "V"), "publish": ("published", "P"), "cancel": ("cancelled", "V"),
    },
    "published": {"start": ("in_progress", "P"), "cancel": ("cancelled", "V")},
    "in_progress": {"close": ("closed", "P"), "cancel": ("cancelled", "V")},
    "closed": {},
    "cancelled": {},
}  # fmt: skip
STEPS = sorted({step for steps in TABLE.values() for step in steps})
ROLES = {Role.PLANNER: "P", Role.APPROVER: "V", Role.ADMIN: "PV", Role.TEAM: "", Role.VIEWER: ""}
TO_PUBLISHED = (("propose", Role.PLANNER), ("approve", Role.APPROVER), ("publish", Role.PLANNER))


def person(role: Role = Role.ADMIN) -> Caller:
    return Caller(account_id=1, account=role.value, role=role, area="62.02", team=None, via="token")


def step(session: Session, action: str, role: Role = Role.ADMIN, plan_id: int = 1, **more: Any):
    asked = {"reason": "sungai surut", "letter": "800/1/2026", **more}
    return take_step(session, plan_id, Step(action=action, **asked), person(role))


def published(session: Session, plan_id: int = 1, **more: Any) -> None:
    for action, role in TO_PUBLISHED:
        step(session, action, role, plan_id, **(more if action == "publish" else {}))


@trying(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(list(ROLES))), max_size=25))
def test_any_order_of_steps_ends_where_the_table_says(seeded: Engine, asked: list):
    with Session(seeded) as session:  # nothing of it is kept
        state, taken = "draft", []
        for action, role in asked:
            after, who = TABLE[state].get(action, (None, ""))
            knows_step = any(
                set(ROLES[role]) & set(steps[action][1])
                for steps in TABLE.values()
                if action in steps
            )
            if after and set(ROLES[role]) & set(who):
                assert step(session, action, role).state == after
                taken.append((action, state, after))
                state = after
                continue
            code = "step-refused" if knows_step else "role-refused"
            with pytest.raises((AppError, RoleRefused)) as refused:
                step(session, action, role)
            assert refused.value.code == code
        plan = session.get_one(Plan, 1)
        assert (plan.state, plan.version) == (state, len(taken))
        assert [(m.action, m.before, m.after) for m in steps_of(session, 1)] == taken


def test_what_needs_a_reason_is_refused_without_one(seeded: Engine):
    with Session(seeded) as session:
        step(session, "propose", reason=None)
        for action in ("return", "discard", "cancel"):
            for reason in (None, "", "  "):
                with pytest.raises(AppError, match="needs a reason"):
                    step(session, action, reason=reason)
        step(session, "approve", reason=None)
        assert steps_of(session, 1)[-1].reason is None


def test_only_a_draft_that_is_solved_and_idle_goes_on(seeded: Engine):
    with Session(seeded) as session:
        with pytest.raises(AppError, match="has not been solved"):
            step(session, "propose", plan_id=2)
        job = solve_again(session, 1)
        with pytest.raises(AppError, match=f"job {job.id}"):
            step(session, "propose")
        job.state = "succeeded"
        step(session, "propose")
        with pytest.raises(AppError, match="only a draft is solved again"):
            solve_again(session, 1)
        step(session, "withdraw")
        assert solve_again(session, 1).kind == JobKind.SOLVE


def test_a_plan_that_breaks_rules_is_kept_only_with_a_word_on_it(seeded: Engine):
    with Session(seeded) as session:
        plan = session.get_one(Plan, 1)
        rows = [{"rule": "shift-end", "message": "late"}] * 2
        plan.summary = {**plan.summary, "violations": rows}
        with pytest.raises(AppError, match="breaks rules \\(shift-end\\)"):
            step(session, "propose", reason=" ")
        step(session, "propose", reason="perahu camat menunggu")
        (move,) = steps_of(session, 1)
        assert (move.reason, move.details) == (
            "perahu camat menunggu", {"violations": ["shift-end"]},
        )  # fmt: skip
        # Who answers for one rule does not for another, which a change brings since.
        plan.summary = {**plan.summary, "violations": [*rows, {"rule": "shift-window"}]}
        with pytest.raises(AppError, match="breaks rules \\(shift-end, shift-window\\)"):
            step(session, "approve")
        plan.summary = {**plan.summary, "violations": rows}
        assert step(session, "approve").state == "approved"


def test_a_session_on_a_day_not_worked_is_a_rule_that_somebody_answers_for(seeded: Engine):
    with Session(seeded) as session:
        plan = session.get_one(Plan, 1)
        plan.summary = {**plan.summary, "without_shift": [{"rule": "no-shift", "message": "x"}]}
        with pytest.raises(AppError, match="breaks rules \\(no-shift\\)"):
            step(session, "propose", reason=None)
        step(session, "propose", reason="kades minta hari Minggu")
        assert plan.summary["kept"]["rules"] == ["no-shift"]


@pytest.mark.parametrize(
    ("letter", "letters", "stored"),
    [
        ("7", {}, {"A": "7", "B": "7"}),
        (None, {"A": "1", "B": "2"}, {"A": "1", "B": "2"}),
        ("7", {"B": "2"}, {"A": "7", "B": "2"}),
        (None, {"A": "1"}, None),
        (" ", {"A": "1", "B": " "}, None),
        ("7", {"Z": "1"}, None),
    ],
)
def test_every_team_that_goes_out_has_its_letter(
    seeded: Engine, letter: str | None, letters: dict[str, str], stored: dict[str, str] | None
):
    with Session(seeded) as session:
        step(session, "propose")
        step(session, "approve")
        if stored is None:
            with pytest.raises(AppError, match="assignment letter missing"):
                step(session, "publish", letter=letter, letters=letters)
            assert session.get_one(Plan, 1).state == "approved"
        else:
            step(session, "publish", letter=letter, letters=letters)
        kept = {row.team: row.number for row in session.exec(select(AssignmentLetter))}
        assert kept == (stored or {})


@pytest.mark.parametrize("is_started", [False, True])
def test_another_plan_takes_the_place_of_the_published_one_in_one_moment(
    seeded: Engine, is_started: bool
):
    with Session(seeded) as session:
        first, second = session.get_one(Plan, 1), session.get_one(Plan, 2)
        second.summary, second.solved_at = first.summary, first.solved_at
        published(session)
        if is_started:
            step(session, "start")
        step(session, "propose", plan_id=2)
        step(session, "approve", plan_id=2)
        for named in (None, 9):
            with pytest.raises(AppError, match=r"published plan of 62\.02 in 2026-W49 is 1;"):
                step(session, "publish", plan_id=2, replaces=named)
        assert newest_plan_of_team(session, "A", "2026-W49") == 1
        step(session, "publish", plan_id=2, replaces=1, letter="801/1/2026")
        assert (first.state, first.replaced_by) == ("cancelled", 2)
        assert second.state == ("in_progress" if is_started else "published")
        assert steps_of(session, 1)[-1].action == "replaced"
        assert newest_plan_of_team(session, "A", "2026-W49") == 2


def test_what_moves_needs_a_letter_of_its_own_and_what_stays_keeps_its_letter(seeded: Engine):
    """Plan 2 is plan 1, but that B comes to its village half an hour later."""
    with Session(seeded) as session:
        first, second = session.get_one(Plan, 1), session.get_one(Plan, 2)
        second.summary, second.solved_at = first.summary, first.solved_at
        for stop in session.exec(select(PlanStop).where(PlanStop.plan_id == 1)).all():
            later = timedelta(minutes=30) if stop.team == "B" else timedelta(0)
            times = {name: getattr(stop, name) + later for name in ("arrive", "start", "depart")}
            copy = stop.model_dump(exclude={"id", "plan_id"}) | times
            session.add(PlanStop(**copy, plan_id=2))
        published(session, letter=None, letters={"A": "1/2026", "B": "2/2026"})
        step(session, "propose", plan_id=2)
        step(session, "approve", plan_id=2)
        for letters in ({"B": "2/2026"}, {"A": "1/2026", "B": "2/2026"}):
            with pytest.raises(AppError, match=r"the days of B are not those of plan 1;"):
                step(session, "publish", plan_id=2, replaces=1, letter=None, letters=letters)
        with pytest.raises(AppError, match="letter missing for B;"):
            step(session, "publish", plan_id=2, replaces=1, letter=None)
        step(session, "publish", plan_id=2, replaces=1, letter=None, letters={"B": "3/2026"})
        assert letters_of(session, 2) == {"A": "1/2026", "B": "3/2026"}


def test_the_number_of_a_cancelled_plan_orders_nothing_else(seeded: Engine):
    """Plan 2 is plan 1, but that B comes to its village half an hour later."""
    with Session(seeded) as session:
        first, second = session.get_one(Plan, 1), session.get_one(Plan, 2)
        second.summary, second.solved_at = first.summary, first.solved_at
        for stop in session.exec(select(PlanStop).where(PlanStop.plan_id == 1)).all():
            later = timedelta(minutes=30) if stop.team == "B" else timedelta(0)
            times = {name: getattr(stop, name) + later for name in ("arrive", "start", "depart")}
            session.add(PlanStop(**(stop.model_dump(exclude={"id", "plan_id"}) | times), plan_id=2))
        published(session, letter="1/2026")
        step(session, "cancel")
        step(session, "propose", plan_id=2)
        step(session, "approve", plan_id=2)
        with pytest.raises(AppError, match=r"the days of B are not those of plan 1;"):
            step(session, "publish", plan_id=2, letter="1/2026")
        # What A was ordered to do is what it does: its letter holds.
        step(session, "publish", plan_id=2, letter="1/2026", letters={"B": "2/2026"})
        assert letters_of(session, 2) == {"A": "1/2026", "B": "2/2026"}


def test_nothing_is_replaced_where_nothing_is_published(seeded: Engine):
    with Session(seeded) as session:
        step(session, "propose")
        step(session, "approve")
        with pytest.raises(AppError, match="there is none"):
            step(session, "publish", replaces=2)


def test_nothing_is_published_in_a_week_that_is_closed(seeded: Engine):
    with Session(seeded) as session:
        first, second = session.get_one(Plan, 1), session.get_one(Plan, 2)
        second.summary, second.solved_at = first.summary, first.solved_at
        published(session)
        step(session, "start")
        step(session, "close")
        step(session, "propose", plan_id=2)
        step(session, "approve", plan_id=2)
        for named in (None, 1):
            with pytest.raises(AppError, match=r"2026-W49 of 62\.02 is closed with plan 1;"):
                step(session, "publish", plan_id=2, replaces=named, letter="801/1/2026")
        # Another week of the office is open.
        second.week = "2026-W51"
        assert step(session, "publish", plan_id=2, letter="801/1/2026").state == "published"


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
@pytest.mark.parametrize(
    ("team", "day", "is_twice"),
    [("A", "2026-12-07", True), ("A", "2026-12-08", False), ("B", "2026-12-07", False)],
)
def test_a_team_is_out_under_one_plan_a_day(
    seeded: Engine, order: tuple[int, int], team: str, day: str, is_twice: bool
):
    """A's tour of week 49 ends on Monday of week 50; the other plan sends a team out as told."""
    with Session(seeded) as session:
        first, second = session.get_one(Plan, 1), session.get_one(Plan, 2)
        second.week, second.solved_at = "2026-W50", first.solved_at
        tour, shift = first.summary["teams"][0], first.summary["teams"][0]["shifts"][0]
        assert tour["team"] == "A"
        longer = tour | {"shifts": [*tour["shifts"], shift | {"day": "2026-12-07"}]}
        first.summary = first.summary | {"teams": [longer, *first.summary["teams"][1:]]}
        second.summary = {"teams": [{"team": team, "shifts": [shift | {"day": day}]}]}
        published(session, order[0])
        step(session, "propose", plan_id=order[1])
        step(session, "approve", plan_id=order[1])
        if not is_twice:
            assert step(session, "publish", plan_id=order[1]).state == "published"
            return
        week = {1: "2026-W49", 2: "2026-W50"}[order[0]]
        told = f"A is out on 2026-12-07 under plan {order[0]} of {week} already"
        with pytest.raises(AppError, match=told):
            step(session, "publish", plan_id=order[1])
        step(session, "cancel", plan_id=order[0])
        assert step(session, "publish", plan_id=order[1]).state == "published"


def test_teams_work_by_the_published_plan_though_a_newer_one_is_drafted(seeded: Engine):
    with Session(seeded) as session:
        first, second = session.get_one(Plan, 1), session.get_one(Plan, 2)
        second.summary, second.solved_at = first.summary, first.solved_at
        assert newest_plan_of_team(session, "A", "2026-W49") == 2
        published(session)
        assert newest_plan_of_team(session, "A", "2026-W49") == 1
        step(session, "cancel")
        assert newest_plan_of_team(session, "A", "2026-W49") == 2


def test_the_database_itself_holds_one_published_plan_a_week(seeded: Engine):
    with Session(seeded) as session:
        session.exec(update(Plan).where(Plan.id == 1).values(state="published"))
        with pytest.raises(IntegrityError):
            session.exec(update(Plan).where(Plan.id == 2).values(state="in_progress"))


def test_of_many_who_take_the_same_step_one_does(seeded: Engine):
    """Fifty at once: one is let through, the others are told that they come second."""

    def ask(_: int) -> str:
        try:
            with transaction(seeded) as session:
                take_step(session, 1, Step(action="propose", version=0), person())
        except AppError as error:
            return error.code
        return "moved"

    with ThreadPoolExecutor(10) as threads:
        said = sorted(threads.map(ask, range(50)))
    assert said == ["moved", *["plan-changed"] * 49]
    with Session(seeded) as session:
        assert [move.version for move in session.exec(select(PlanStep))] == [1]


def test_by_command(seeded: Engine, settings: Settings):
    office = Office(settings.data_dir, settings.database_url)
    seeded.dispose()
    assert office.json("step", 1)["steps"] == []
    assert office.json("step", 1, "propose")["state"] == "proposed"
    refused = office.run("step", "1", "propose", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "step-refused")
    office.json("step", 1, "approve")
    life = office.json("step", 1, "publish", "--letter", "800/7", "--letter", "B=800/8=A")
    assert life["letters"] == {"A": "800/7", "B": "800/8=A"}
    shown = office.run("step", "1").stdout
    assert "Plan 1: published" in shown
    assert [line.split("│")[4].strip() for line in shown.splitlines() if "UTC" in line] == [
        "propose", "approve", "publish",
    ]  # fmt: skip
    assert office.run("step", "1", "fly").code == 2


def stepped(client: httpx.Client, **body: Any) -> httpx.Response:
    return client.post("/api/v1/plans/1/steps", json=body)


def test_over_http_with_roles_and_versions(seeded: Engine, client: AppClient):
    roles = {}
    for role in ("planner", "approver", "viewer"):
        token = let_in(seeded, role, role, "62.02")
        roles[role] = {"Authorization": f"Bearer {token}"}

    def ask(role: str, **body: Any) -> httpx.Response:
        return client.post("/api/v1/plans/1/steps", json=body, headers=roles[role])

    assert ask("viewer", action="propose", version=0).status_code == 403
    assert ask("approver", action="propose", version=0).status_code == 403
    answer = ask("planner", action="propose", version=0)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert answer.json()["next"] == ["withdraw", "discard"]
    stale = ask("approver", action="approve", version=0)
    assert (stale.status_code, slug(stale), stale.json()["version"]) == (409, "plan-changed", 1)
    assert ask("approver", action="approve", version=1).json()["state"] == "approved"
    late = ask("planner", action="close", version=2)
    assert (late.status_code, slug(late), late.json()["allowed"]) == (
        409, "step-refused", "return, publish, cancel",
    )  # fmt: skip
    assert slug(ask("planner", action="publish", version=2)) == "letters-missing"
    life = ask("planner", action="publish", version=2, letter="800/7").json()
    assert (life["state"], life["letters"]) == ("published", {"A": "800/7", "B": "800/7"})
    assert [move["account"] for move in life["steps"]] == ["planner", "approver", "planner"]
    again = client.post("/api/v1/plans/1/solve")
    assert (again.status_code, slug(again)) == (409, "plan-frozen")
    itinerary = client.get("/api/v1/plans/1/itineraries/A").json()
    assert (itinerary["state"], itinerary["version"], itinerary["letter"]) == (
        "published", 3, "800/7",
    )  # fmt: skip
    with Session(seeded) as session:
        assert session.exec(select(Job)).all() == []


@pytest.mark.parametrize(
    "body",
    [{"action": "fly", "version": 0}, {"action": "propose"}, {"action": "propose", "version": -1},
     {"action": "publish", "version": 0, "letter": "x" * 101}],
)  # fmt: skip
@pytest.mark.usefixtures("seeded")
def test_what_is_no_step_is_refused(client: AppClient, body: dict[str, Any]):
    assert stepped(client, **body).status_code == 422
