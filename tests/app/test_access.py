"""Every operation of the API x every role x own and foreign area.

Generated from the OpenAPI document: an operation that nobody thought of here fails. What an area
hides is shown by two worlds that are alike but for another regency, which exists in the first only:
whoever answers for the one regency must get the same answer in both.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import shapely
from fastapi import FastAPI
from sqlalchemy import Connection, Engine, Table, and_, select, text
from sqlmodel import Session, SQLModel

from app import audit
from app.api.allowance import Allowances
from app.api.conditional import DocumentCache
from app.areas import CONDITIONS, SHARED
from app.connectivity import rejoin
from app.copying import catch_up
from app.db import connect, transaction
from app.main import create_app
from app.models import (
    CalendarFeed,
    Campaign,
    CampaignWeek,
    CountCorrection,
    DataImport,
    HomeVisitCount,
    Job,
    LearnedHeading,
    Lodging,
    Plan,
    PlanLeg,
    PlanStop,
    ReadinessEntry,
    RequestStep,
    ServicePoint,
    Staff,
    StaffLeave,
    StopPhoto,
    TargetChange,
    VisitRequest,
)
from app.photo_files import picture_path, write_picture
from tests.app.conftest import AppClient, make_settings, slug
from tests.app.databases import Databases
from tests.app.people import let_in
from tests.app.reports import body, key_of, publish, report
from tests.app.seed import MONDAY, seed

ROLES = ("admin", "planner", "approver", "team", "viewer")
EVERYBODY, OFFICE, PLANNERS, ADMINS = (
    set(ROLES), {"admin", "planner", "approver"}, {"admin", "planner"}, {"admin"},
)  # fmt: skip
TEAMS, OFFICE_AND_TEAM = {*PLANNERS, "team"}, {*OFFICE, "team"}
ALLOWED: dict[str, set[str]] = {
    **dict.fromkeys(
        (
            "list_regencies", "list_teams", "read_team_itinerary", "list_plans", "read_plan",
            "list_itineraries", "read_itinerary", "export_plan", "list_params", "list_points",
            "list_lodging",
            "check_travel", "list_villages", "list_blank_spots", "list_towers",
            "list_coverage_areas", "list_point_features", "list_stops", "list_routes",
            "read_village_connectivity", "read_connectivity", "list_village_editions",
            "read_session", "list_campaigns", "read_campaign", "export_campaign", "list_tokens",
            "read_calendar",
            "create_token", "revoke_token", "list_figures", "export_figures", "read_sheet",
            "list_targets", "export_targets", "read_progress", "export_progress",
        ),
        EVERYBODY,
    ),
    **dict.fromkeys(
        (
            "list_staff", "list_imports", "read_import", "download_import_report",
            "list_corrections", "list_headings", "read_job", "list_jobs", "follow_job",
            "list_plan_steps", "reproduce_plan", "list_edits", "compare_plans",
            "export_comparison", "list_requests", "read_request", "suggest_dates",
            "list_home_visits",
            # which step is whose is decided after the version: tests/app/test_lifecycle.py
            "take_plan_step",
        ),
        OFFICE,
    ),
    "list_readiness": {*OFFICE, "team"},
    "list_photos": {*OFFICE, "team"},
    "read_photo": {*OFFICE, "team"},
    "add_photo": TEAMS,
    "tell_readiness": TEAMS,
    **dict.fromkeys(("read_remaining_need", "read_learned_rates"), OFFICE),
    **dict.fromkeys(
        ("read_letter", "list_results", "list_result_entries", "read_result_totals"),
        OFFICE_AND_TEAM,
    ),
    "report_results": TEAMS,
    **dict.fromkeys(
        ("list_calendar_feeds", "create_calendar_feed", "revoke_calendar_feed"), TEAMS
    ),
    **dict.fromkeys(
        (
            "create_import", "teach_heading", "forget_heading", "correct_count",
            "withdraw_correction", "create_plan", "solve_plan_again", "set_params", "add_point",
            "move_point", "retire_point", "cancel_job", "judge_plan", "judge_plan_file",
            "repair_plan", "replan_plan", "edit_plan", "undo_edit", "create_scenario",
            "create_campaign", "resume_campaign", "add_request", "take_request_step",
            "set_targets", "import_targets", "set_home_visits", "delete_photo", "settle_results",
        ),
        PLANNERS,
    ),
    **dict.fromkeys(
        (
            "list_accounts", "create_account", "change_account", "create_sign_in_link",
            "list_audit", "export_audit",
        ),
        ADMINS,
    ),
}  # fmt: skip
"""Who may do what: written by hand, from what each role is for."""

FAR = 900  # a number that nothing made by the test gets
HERE: dict[str, Any] = {
    "plan_id": 1, "plan": 1, "team": "A", "job_id": 1, "import_id": 8, "correction_id": 1,
    "heading_id": 1, "code": "62.02.01.2001", "village": "62.02.01.2001", "regency": "62.02",
    "name": "siti", "account": "siti", "token_id": 1, "kind": "counts", "format": "csv",
    "campaign_id": 1, "wait_s": 0, "sheet": "json", "letter": "attendance", "feed_id": 1,
    "request_id": 1, "photo_id": 1, "area": "62.02",
}  # fmt: skip
THERE: dict[str, Any] = {
    **HERE, "plan_id": FAR, "plan": FAR, "team": "Utara", "job_id": FAR, "import_id": FAR,
    "correction_id": FAR, "heading_id": FAR, "code": "65.01.01.2001", "village": "65.01.01.2001",
    "regency": "65.01", "name": "utara-65.01", "account": "utara-65.01", "token_id": 3,
    "campaign_id": FAR, "feed_id": FAR, "request_id": FAR, "photo_id": FAR, "area": "65.01",
}  # fmt: skip
"""A value for each parameter that names something: in 62.02, and the like in 65.01."""
FILTERS = ("plan", "team", "village", "regency", "account", "area")
WHY = {"by": "Siti", "reason": "dihitung"}


def body_of(operation: str, at: dict[str, Any]) -> dict[str, Any]:
    """Give what a request of this operation sends about things of one of the two."""
    code = at["code"]
    bodies: dict[str, dict[str, Any]] = {
        "create_plan": {"json": {"regency": at["regency"], "week": "2026-W49", "seconds": 1}},
        "solve_plan_again": {},
        "judge_plan": {},
        "judge_plan_file": {"files": {"file": ("a.csv", b"tim,hari\n")}},
        "repair_plan": {},
        "add_photo": {"files": {"file": ("a.jpg", b"x")},
                      "data": {"team": at["team"], "day": "2026-11-30", "order": "1"}},
        "set_home_visits": {"json": {"number": 2}},
        "tell_readiness": {"json": {"team": at["team"], "day": "2026-11-30",
                                    "answers": {"fuel": {"answer": "yes"}}}},
        "add_request": {"json": {"village_code": code, "number": "474/9", "people": 4,
                                 "letter_date": "2026-11-20", "programmes": ["ktp_el"]}},
        "take_request_step": {"json": {"action": "verify", "version": 1}},
        "reproduce_plan": {},
        "edit_plan": {"json": {"version": 9, "actions": [{"action": "drop", "at": code}]}},
        "undo_edit": {"json": {"version": 9}},
        "create_scenario": {"json": {"name": "lain", "without_teams": [at["team"]]}},
        "create_campaign": {"json": {"regency": at["regency"], "weeks": 2}},
        "resume_campaign": {},
        "take_plan_step": {"json": {"action": "discard", "version": 9, "reason": "banjir"}},
        "report_results": {"json": body(report(1, served=4))},
        "settle_results": {"json": {"key": key_of(9), "entries": [1], "adopt": 1, "reason": "x"}},
        "replan_plan": {"json": {"absent": [{"team": at["team"], "first": "2026-12-01"}]}},
        "cancel_job": {},
        "create_import": {
            "files": {"file": ("a.csv", b"x")}, "data": {"as_of": "2024-01-01"},
        },
        "teach_heading": {"json": {"heading": "Wajib", "meaning": "wajib_ktp", "person": "Siti",
                                   "regency_code": at["regency"]}},
        "correct_count": {"json": {"village_code": code, "column": "wajib_ktp", "value": 5,
                                   "day": "2026-11-01", **WHY}},
        "withdraw_correction": {"json": WHY},
        "set_targets": {"json": {"items": [
            {"year": 2026, "programme": "kia", "area": at["area"], "share": 0.65, "source": "r"}
        ], "by": "Siti"}},
        "import_targets": {"files": {"file": ("a.csv", (
            f"tahun,program,wilayah,target,sumber\n2026,kia,{at['area']},65,r\n"
        ).encode())}},
        "set_params": {"json": {"values": {"worth.turnout_first": None}, **WHY}},
        "add_point": {"json": {"village_code": code, "name": "Aula", "kind": "school", "lon": 112.1,
                               "lat": -2.4, "expected": {"ktp_el": 5}, **WHY}},
        "move_point": {"json": {"code": code, "lon": 112.06, "lat": -2.44, **WHY}},
        "retire_point": {"json": {"code": f"{code}-SMA", **WHY}},
        "create_account": {"json": {"name": f"baru-{at['regency']}", "role": "viewer",
                                    "area": at["regency"]}},
        "change_account": {"json": {"role": "viewer"}},
        "create_sign_in_link": {},
        "create_calendar_feed": {"json": {"name": "ponsel"}},
        "create_token": {"json": {"name": "ponsel", "account": at["account"]}},
    }  # fmt: skip
    if operation not in bodies:
        pytest.fail(f"body_of() does not say what {operation} is sent")
    return bodies[operation]


class Operation(NamedTuple):
    """One operation of the API."""

    name: str
    method: str
    path: str
    path_names: list[str]
    query_names: list[str]
    sends: bool

    @property
    def reads(self) -> bool:
        return self.method == "get"

    def ask(
        self, client: AppClient, at: dict[str, Any], *, filtered: bool = False
    ) -> httpx.Response:
        """Ask about things that are at one place."""
        missing = [name for name in self.path_names if name not in at]
        assert missing == [], f"HERE and THERE do not say what {self.path} means"
        needed = [name for name in self.query_names if name in {"format", "wait_s"}]
        if filtered or self.name in {
            "check_travel",
            "read_calendar",
            "list_figures",
            "export_figures",
        }:
            needed += [name for name in self.query_names if name in FILTERS]
        path = self.path.format(**at)
        query = {name: at[name] for name in needed}
        sent = {} if self.reads or not self.sends else body_of(self.name, at)
        return client.request(self.method.upper(), path, params=query, **sent)


def operations_of(app: FastAPI) -> list[Operation]:
    found = []
    for path, methods in app.openapi()["paths"].items():
        for method, facts in methods.items():
            named: dict[str, list[str]] = {"path": [], "query": []}
            for param in facts.get("parameters", ()):
                named.setdefault(param["in"], []).append(param["name"])
            sends = method != "delete"
            found.append(
                Operation(facts["operationId"], method, path, named["path"], named["query"], sends)
            )
    return [one for one in found if one.name != "read_health"]


# --- the two worlds ----------------------------------------------------------------------------

NIPS = {"62.02": "198001012005011001", "65.01": "198101012005011002"}
MARKS = ("65.01", "Utara", "utara", NIPS["65.01"], "KLT3")
"""What only rows of the other regency have in one of their cells."""


def furnish(session: Session, regency: str, team: str, number: int) -> None:
    """Add to a regency what ``seed`` leaves out."""
    code, owner = f"{regency}.01.2001", f"orang-{regency}"
    session.add(
        DataImport(
            id=max(8, number), kind="counts", file_name=f"{regency}.csv", sha256="1" * 64,
            source=regency, area=regency, accepted=1, corrected=0, refused=0,
        )
    )  # fmt: skip
    session.add(Job(id=number, kind="import", area=regency, args={"file_name": regency}))
    session.add(
        CountCorrection(
            id=number, village_code=code, column="wajib_ktp", kind="correction", value=number,
            day=date(2026, 11, 1), reason="r", person=owner,
        )
    )  # fmt: skip
    session.add(
        LearnedHeading(id=number, regency_code=regency, key="w", text="W", meaning="wajib_ktp")
    )
    session.add(
        ServicePoint(
            code=f"{code}-SMA", village_code=code, name="SMA", kind="school", lon=112.05, lat=-2.45,
            expected={"pemula": 9}, changed_by=owner, reason="r",
        )
    )  # fmt: skip
    session.add(Lodging(code=f"{code}-L", village_code=code, name="Losmen", import_id=4))
    session.add(
        CalendarFeed(id=number, team=team, lang="id", secret_hash=f"{number:064}", created_by=owner)
    )
    session.add(TargetChange(id=number, year=2026, programme="ktp_el", area=regency, share=0.995,
                             source=owner, changed_by=owner))  # fmt: skip
    session.add(
        Campaign(
            id=number, regency_code=regency, first_week="2026-W49", last_week="2026-W50",
            params={"request": {"regency": regency, "weeks": 2}},
        )
    )  # fmt: skip
    session.flush()
    session.add(
        VisitRequest(
            id=number, village_code=code, kind="village", number=f"474/{regency}", people=9,
            letter_date=date(2026, 11, 1), programmes=["kia"], contact=owner, version=1,
        )
    )  # fmt: skip
    session.flush()
    session.add(
        RequestStep(id=number, request_id=number, version=1, account=owner, action="receive",
                    after="received")
    )  # fmt: skip
    session.add(
        ReadinessEntry(id=number, plan_id=number, team=team, day=MONDAY, account=owner, answers={})
    )
    session.add(
        StopPhoto(
            id=number, plan_id=number, team=team, day=MONDAY, order=1, village_code=code, n_bytes=1,
            sha256=f"{number:064}", media_type="image/png", width=1, height=1, account=owner,
        )
    )  # fmt: skip
    session.add(HomeVisitCount(id=number, village_code=code, number=2, account=owner))
    session.add(CampaignWeek(id=number, campaign_id=number, week=f"W49{team}"[:8]))
    nip = NIPS[regency]
    session.add(Staff(nip=nip, name=owner, rank="-", role="driver", team=team, import_id=4))
    session.flush()
    session.add(StaffLeave(nip=nip, starts=MONDAY, ends=MONDAY))
    audit.record(session, "create_plan", regency, account=owner)
    session.flush()


def plan_there(session: Session) -> None:
    params = {"seconds": 1.0, "seed": 0, "minutes": [120]}
    solved = datetime(2026, 11, 22, 9, tzinfo=UTC)
    session.add(Plan(id=FAR, regency_code="65.01", week="2026-W49", params=params,
                     status="feasible", solved_at=solved, value=1.0))  # fmt: skip
    session.flush()
    session.add(
        PlanStop(
            plan_id=FAR, team="Utara", day=MONDAY, order=1, village_code="65.01.01.2001",
            arrive=solved, start=solved, depart=solved.replace(hour=11), minutes=120,
            break_minutes=0, travel_break_minutes=0, service_mode="online", travel_mode="road",
            travel_minutes=60.0, distance_m=1, with_kit=False, worth=1.0, expected={},
        )
    )  # fmt: skip
    session.add(
        PlanLeg(
            plan_id=FAR, team="Utara", day=MONDAY, order=1, part=1, mode="road", minutes=1.0,
            metres=1, geometry=shapely.LineString([(116.0, 3.5), (116.1, 3.5)]),
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def worlds(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A database with both regencies, and one in which the other never was."""
    both = databases.copy(databases.migrated(tmp_path_factory.mktemp("empty")),
                          tmp_path_factory.mktemp("both"))  # fmt: skip
    engine = connect(both)
    with transaction(engine) as session:
        seed(session)
        plan = session.get_one(Plan, 1)  # asked for on a day, as every plan that is asked for
        plan.params = {**plan.params, "announced_on": "2026-11-22"}
        plan_there(session)
        furnish(session, "62.02", "A", 1)
        furnish(session, "65.01", "Utara", FAR)
        rejoin(session)
    let_in(engine, "siti", "admin", "62.02")
    let_in(engine, "utara-65.01", "admin", "65.01")
    with transaction(engine) as session:
        audit.record(session, "sign_in", "utara", account="utara-65.01")
    for role in ROLES:
        let_in(engine, role, role, "62.02", team="A" if role == "team" else None)
    let_in(engine)
    with engine.begin() as connection:
        catch_up(connection, SQLModel.metadata)
    engine.dispose()
    alone = databases.copy(both, tmp_path_factory.mktemp("alone"))
    forget(connect(alone))
    return both, alone


def forget(engine: Engine) -> None:
    """Delete every row of the other regency, from the log too."""
    is_file = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT max(id) FROM audit_entry")) == 3
        for statement in (
            ("DROP TRIGGER audit_entry_no_update", "DROP TRIGGER audit_entry_no_delete")
            if is_file
            else ("ALTER TABLE audit_entry DISABLE TRIGGER ALL",)
        ):
            connection.execute(text(statement))
        for table, key, _ in list(foreign_rows(connection))[::-1]:  # what refers to others first
            connection.execute(table.delete().where(_is(table, key)))
    engine.dispose()


def foreign_rows(connection: Connection) -> Iterator[tuple[Table, tuple[Any, ...], Any]]:
    """Name the rows that speak of the other regency, by their cells alone: table, key, cells."""
    for table in SQLModel.metadata.sorted_tables:
        order = list(table.primary_key.columns)
        for row in connection.execute(select(table).order_by(*order)):
            told = [str(cell) for cell in row if isinstance(cell, str | dict | list)]
            if any(mark in cell for cell in told for mark in MARKS):
                key = tuple(row._mapping[column] for column in table.primary_key.columns)
                yield table, key, tuple(row)


def _is(table: Table, key: tuple[Any, ...]) -> Any:
    columns = table.primary_key.columns
    return and_(*(column == value for column, value in zip(columns, key, strict=True)))


class World:
    """One of the two, as accounts see it."""

    def __init__(self, databases: Databases, kept: str, folder: Path) -> None:
        self._databases, self._kept = databases, kept
        self.url = databases.copy(kept, folder)
        self.app = create_app(make_settings(folder, database_url=self.url))
        self.operations = operations_of(self.app)

    def restore(self) -> None:
        """Make it what it was at first, whatever was written in it."""
        self.app.state.engine.dispose()
        self._databases.restore(self.url, self._kept)
        for number in (1, FAR):
            picture = picture_path(self.app.state.settings.data_dir, f"{number:064}")
            write_picture(picture, b"x")
        self.app.state.documents, self.app.state.allowances = DocumentCache(), Allowances()

    def client(self, name: str) -> AppClient:
        return AppClient(self.app, f"token-{name}")

    def elsewhere(self) -> list[Any]:
        """Give every row of the other regency, but those that the join makes anew."""
        with self.app.state.engine.connect() as connection:
            return [
                (table.name, cells)
                for table, _, cells in foreign_rows(connection)
                if table.name not in {"audit_entry", "connectivity_evidence"}
            ]


@pytest.fixture(scope="module")
def made(
    databases: Databases, worlds: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, World]]:
    both, alone = (World(databases, kept, tmp_path_factory.mktemp("world")) for kept in worlds)
    yield both, alone
    for world in (both, alone):
        world.app.state.engine.dispose()


@pytest.fixture
def both(made: tuple[World, World]) -> World:
    """The world with the other regency."""
    made[0].restore()
    return made[0]


@pytest.fixture
def alone(made: tuple[World, World]) -> World:
    """The world without."""
    made[1].restore()
    return made[1]


# --- roles -------------------------------------------------------------------------------------


def test_every_operation_has_its_roles(both: World):
    assert {one.name for one in both.operations} == set(ALLOWED), (
        "say in ALLOWED which roles may use a new operation, and see app/access.py"
    )


def test_nobody_gets_in_without_an_account(both: World):
    for token in (None, "nonsense", "token-siti2"):
        client = AppClient(both.app, token)
        for one in both.operations:
            answer = one.ask(client, HERE)
            assert (answer.status_code, slug(answer)) == (401, "unauthorised"), one
    assert AppClient(both.app).get("/api/v1/health").status_code == 200


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("at", [HERE, THERE], ids=["here", "there"])
def test_a_role_does_its_own_and_nothing_else(both: World, role: str, at: dict[str, Any]):
    client = both.client(role)
    for one in both.operations:
        answer = one.ask(client, at)
        is_refused = answer.status_code == 403 and slug(answer) == "role-refused"
        # A token for somebody else is an admin's to make; one's own is everybody's.
        is_others = one.name == "create_token" and role != "admin"
        assert is_refused == (role not in ALLOWED[one.name] or is_others), (one, answer.text)
        assert answer.status_code < 500, (one, answer.text)


def test_everybody_makes_a_token_of_their_own(both: World):
    for role in ROLES:
        answer = both.client(role).post("/api/v1/tokens", json={"name": "ponsel"})
        assert (answer.status_code, answer.json()["account"]) == (201, role)
        seen = both.client(role).get("/api/v1/session").json()
        assert (seen["account"], seen["role"], seen["area"]) == (role, role, "62.02")


# --- areas -------------------------------------------------------------------------------------


def masked(answer: httpx.Response) -> tuple[int, str]:
    """Give an answer without what differs from one run to the next: moments, secrets, numbers."""
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+", "MOMENT", answer.text)
    text = re.sub(r"/calendar/[\w-]+", "SECRET", text)
    text = re.sub(r"link=[\w-]+", "SECRET", re.sub(r'"token":"[^"]+"', "SECRET", text))
    text = re.sub(r"pekerjaan \d+", "pekerjaan N", text)
    return answer.status_code, re.sub(r'_id":\d+', '_id":N', text)


def test_every_table_is_narrowed_or_known_to_be_shared():
    tables = {mapper.class_ for mapper in SQLModel._sa_registry.mappers}
    assert tables == set(CONDITIONS) | SHARED
    assert set(CONDITIONS).isdisjoint(SHARED)


@pytest.mark.parametrize("at", [HERE, THERE], ids=["here", "there"])
@pytest.mark.parametrize("filtered", [False, True], ids=["all", "filtered"])
def test_reading_tells_nothing_of_another_area(
    both: World, alone: World, at: dict[str, Any], filtered: bool
):
    """The admin of 62.02, who may read everything there is to read."""
    for one, other in zip(both.operations, alone.operations, strict=True):
        if one.reads:
            mine = one.ask(both.client("siti"), at, filtered=filtered)
            reference = other.ask(alone.client("siti"), at, filtered=filtered)
            if one.name == "list_tokens":  # which tells when this very test used one
                assert masked(mine) == masked(reference)
            else:
                told = (reference.status_code, reference.content)
                assert (mine.status_code, mine.content) == told, one


def test_the_other_area_is_there_for_who_answers_for_it(both: World):
    """So that the test above cannot pass because nothing is there to hide."""
    hidden = {"list_params", "list_coverage_areas", "read_session", "check_travel"}
    hidden |= {"compare_plans", "export_comparison"}  # of two plans: tests/app/test_scenarios.py
    for one in both.operations:
        if one.reads and one.name not in hidden and one.name != "download_import_report":
            national = one.ask(both.client("uji"), THERE, filtered=True)
            assert national.status_code in {200, 404}, (one, national.text)
            own = one.ask(both.client("siti"), THERE, filtered=True)
            assert national.text != own.text, one


def test_writing_changes_nothing_in_another_area(both: World, alone: World):
    before = both.elsewhere()
    assert len(before) > 15
    for at in (THERE, HERE):
        for one, other in zip(both.operations, alone.operations, strict=True):
            if not one.reads:
                mine = masked(one.ask(both.client("siti"), at))
                assert mine == masked(other.ask(alone.client("siti"), at)), one
                if at is THERE and one.name not in {"create_import", "set_params"}:
                    assert mine[0] in {403, 404, 422}, (one, mine)
                # Made by this very operation, about the other regency: nothing may be.
                assert both.elsewhere() == before, one


_CODE, _TEAM = THERE["code"], THERE["team"]
_STOP = {"team": "A", "day": "2026-12-01", "village_code": HERE["code"], "minutes": 60}
REACHING_OUT: list[tuple[str, dict[str, Any]]] = [
    ("judge_plan", {"stops": [{**_STOP, "team": _TEAM}]}),
    ("judge_plan", {"stops": [{**_STOP, "village_code": _CODE}]}),
    ("judge_plan", {"stops": [_STOP], "nights": [
        {"team": "A", "day": "2026-12-01", "sleeps_code": _CODE}]}),
    ("replan_plan", {"absent": [{"team": _TEAM}]}),
    ("replan_plan", {"cancelled": [_CODE]}),
    ("create_scenario", {"name": "x", "without_teams": [_TEAM]}),
    ("create_scenario", {"name": "x", "extra_teams": [{"name": "B2", "like": _TEAM}]}),
    ("create_scenario", {"name": "x", "required": [_CODE]}),
    ("create_plan", {"regency": "62.02", "week": "2026-W50", "required": [_CODE]}),
    ("create_plan", {"regency": "62.02", "week": "2026-W50", "campaign": FAR}),
    ("create_account", {"name": "hp", "role": "team", "area": "62.02", "team": _TEAM}),
    ("create_account", {"name": "hp", "role": "viewer", "area": "65"}),
    ("create_account", {"name": "hp", "role": "viewer"}),
    ("tell_readiness", {"team": _TEAM, "day": "2026-11-30",
                        "answers": {"fuel": {"answer": "yes"}}}),
    ("report_results", body(report(1, (_TEAM, "2026-11-30", HERE["code"]), served=4))),
    ("report_results", body(report(1, ("A", "2026-11-30", _CODE), served=4))),
    ("report_results", body(report(1, plan_id=FAR, served=4))),
    ("settle_results", {"key": key_of(9), "entries": [FAR], "adopt": FAR, "reason": "x"}),
    ("set_targets", {"by": "Siti", "items": [
        {"year": 2026, "programme": "kia", "area": "62", "share": 0.65, "source": "r"}]}),
    ("teach_heading", {"heading": "W", "meaning": "wajib_ktp", "person": "Siti"}),
]  # fmt: skip
"""Bodies that name things of the other regency, or all of them, sent about one's own things."""


def test_what_is_asked_of_ones_own_reaches_nothing_elsewhere(both: World, alone: World):
    for world in (both, alone):
        publish(world.app.state.engine)
    before = both.elsewhere()
    operations = {one.name: one for one in both.operations}
    for name, sent in REACHING_OUT:
        one = operations[name]
        path = one.path.format(**HERE)
        mine, reference = (
            masked(world.client("siti").request(one.method.upper(), path, json=sent))
            for world in (both, alone)
        )
        assert mine == reference, (name, sent)
        # Each report of a file is judged by itself: none may have been taken.
        assert mine[0] in {403, 404, 409, 422} or '"accepted":0' in mine[1], (name, sent, mine)
        assert "validation-error" not in mine[1], (name, sent, mine)
        assert both.elsewhere() == before, (name, sent)


def test_a_province_sees_its_regencies_and_no_other(both: World):
    for area, expected in (("62", ["62.02"]), ("65", ["65.01"]), ("6", []), ("", None)):
        let_in(both.app.state.engine, f"p{area}", "viewer", area)
        found = [row["code"] for row in both.client(f"p{area}").get("/api/v1/regencies").json()]
        assert found == (["62.02", "65.01"] if expected is None else expected)


def test_what_was_done_is_written_down_with_what_changed(both: World):
    plan = both.client("planner").post("/api/v1/plans", **body_of("create_plan", HERE)).json()
    refused = both.client("viewer").post("/api/v1/plans", **body_of("create_plan", HERE))
    assert refused.status_code == 403
    newest = both.client("siti").get("/api/v1/audit", params={"limit": 1}).json()["items"][0]
    assert (newest["account"], newest["via"], newest["action"]) == (
        "planner", "token", "create_plan",
    )  # fmt: skip
    assert {f"added plan {plan['plan_id']}", f"added job {plan['job_id']}"} <= set(
        newest["details"]["changes"]
    )
    table = both.client("siti").get("/api/v1/audit/export")
    assert table.headers["content-type"].startswith("text/csv")
    assert json.dumps(newest["details"]["changes"][0])[1:-1] in table.text
