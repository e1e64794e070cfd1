"""Accounts, what opens them, and the log of what was done."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlmodel import Session, SQLModel, delete, select

from app import audit, credentials
from app.access_errors import (
    AccountExists,
    AccountNotFound,
    BadAccount,
    LastAdmin,
    LinkRefused,
    OutsideArea,
    SignInRefused,
    TokenNotFound,
)
from app.accounts import LONGEST, SHORTEST, add_account, change_account, find_account
from app.areas import limit
from app.db import now, reading, transaction
from app.models import Account, AuditEntry, Credential, CredentialKind, Job, Plan
from tests.app.office import Office
from tests.app.seed import seed

PASSWORD = "sungai-mentaya"  # noqa: S105 (of a test)
TOKEN, LINK = CredentialKind.TOKEN, CredentialKind.LINK


def add(engine: Engine, name: str = "siti", **values: str | None) -> Account:
    with transaction(engine) as session:
        return add_account(session, name, **{"role": "planner", "area": "62.02", **values})


def token_for(engine: Engine, account: Account, days: int = 1) -> tuple[int, str]:
    with transaction(engine) as session:
        row, secret = credentials.issue_token(session, account, "kantor", days)
        return row.id or 0, secret


def link_for(engine: Engine, account: Account) -> str:
    with transaction(engine) as session:
        return credentials.issue(session, account, LINK, lasts=timedelta(hours=1))[1]


def sign_in(engine: Engine, name: str, password: str) -> Account:
    with reading(engine) as session:
        return credentials.check_password(session, name, password)


# --- accounts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "siti.rahma", "0@kantor", "x" * 64])
def test_names_that_can_be_used(engine: Engine, name: str):
    assert add(engine, name).name == name


@pytest.mark.parametrize("name", ["", "x" * 65, "Siti", "-a", "a b", "a/b", "siti\n", "é"])
def test_names_that_cannot(engine: Engine, name: str):
    with pytest.raises(BadAccount, match="name"):
        add(engine, name)


@pytest.mark.parametrize("area", ["6", "62.", "62.2", "62.02.01", "aa", "620", "62.02\n"])
def test_an_area_is_a_province_or_a_regency(engine: Engine, area: str):
    with pytest.raises(BadAccount, match="area"):
        add(engine, area=area)


def test_a_name_is_given_once(engine: Engine):
    add(engine)
    with pytest.raises(AccountExists, match="siti"):
        add(engine, area="65.01")


@pytest.mark.usefixtures("seeded")
def test_a_phone_belongs_to_a_team_that_is_known(engine: Engine):
    assert add(engine, "hp-a", role="team", team="A").team == "A"
    for values in ({"role": "team"}, {"role": "team", "team": "Z"}, {"team": "A"}):
        with pytest.raises(BadAccount, match="team"):
            add(engine, "lain", **values)
    with pytest.raises(BadAccount, match="role"):
        add(engine, "lain", role="boss")


def test_the_last_admin_of_the_country_stays(engine: Engine):
    add(engine, "kepala", role="admin", area="")
    add(engine, "kabupaten", role="admin", area="62.02")  # manages its own accounts only
    for change in ({"role": "planner"}, {"area": "62.02"}, {"is_active": False}):
        with pytest.raises(LastAdmin), transaction(engine) as session:
            change_account(session, "kepala", **change)
    add(engine, "wakil", role="admin", area="")
    with transaction(engine) as session:
        change_account(session, "kepala", is_active=False)
    with pytest.raises(LastAdmin), transaction(engine) as session:
        change_account(session, "wakil", is_active=False)


def test_an_admin_of_a_regency_manages_its_accounts_only(engine: Engine):
    add(engine, "budi", area="62.07")

    def limited() -> Session:
        session = Session(engine)
        limit(session, "62.02")
        return session

    with limited() as session:
        assert add_account(session, "siti", role="planner", area="62.02").id
        for area in ("", "62", "62.07"):
            with pytest.raises(OutsideArea):
                add_account(session, f"x{area}", role="viewer", area=area)
            session.rollback()
        with pytest.raises(AccountNotFound):
            change_account(session, "budi", is_active=False)
        with pytest.raises(AccountExists):  # a name is one for all
            add_account(session, "budi", role="viewer", area="62.02")


# --- passwords ---------------------------------------------------------------------------------


def test_a_password_opens_its_own_open_account_only(engine: Engine):
    add(engine, password=PASSWORD)
    add(engine, "budi")
    assert sign_in(engine, "siti", PASSWORD).name == "siti"
    for name, password in (
        ("siti", PASSWORD + "x"), ("siti", PASSWORD[:-1]), ("siti", ""), ("budi", PASSWORD),
        ("budi", ""), ("nobody", PASSWORD), ("", ""), ("budi", "nobody's password"),
    ):  # fmt: skip
        with pytest.raises(SignInRefused):
            sign_in(engine, name, password)
    with transaction(engine) as session:
        change_account(session, "siti", is_active=False)
    with pytest.raises(SignInRefused):
        sign_in(engine, "siti", PASSWORD)


def test_passwords_are_kept_as_argon2id(engine: Engine):
    stored = add(engine, password=PASSWORD).password_hash or ""
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


@pytest.mark.parametrize(
    ("length", "is_fine"),
    [(SHORTEST - 1, False), (SHORTEST, True), (LONGEST, True), (LONGEST + 1, False)],
)
def test_length_of_a_password(engine: Engine, length: int, is_fine: bool):
    if is_fine:
        add(engine, password="p" * length)
        assert sign_in(engine, "siti", "p" * length)
    else:
        with pytest.raises(BadAccount, match="password"):
            add(engine, password="p" * length)


def test_a_new_password_shuts_browsers_and_links_out_but_no_machine(engine: Engine):
    account = add(engine)
    _, token = token_for(engine, account)
    link = link_for(engine, account)
    with transaction(engine) as session:
        _, cookie = credentials.issue(
            session, account, CredentialKind.SESSION, lasts=timedelta(hours=1)
        )
        credentials.set_password(session, session.merge(account), PASSWORD)
    assert credentials.caller_of(engine, cookie, list(CredentialKind)) is None
    assert credentials.caller_of(engine, token, [TOKEN]) is not None
    with pytest.raises(LinkRefused), transaction(engine) as session:
        credentials.use_link(session, link)


# --- tokens and links --------------------------------------------------------------------------


def test_a_token_tells_whose_it_is(engine: Engine):
    _, secret = token_for(engine, add(engine))
    caller = credentials.caller_of(engine, secret, [TOKEN])
    assert caller is not None
    assert (caller.account, caller.role, caller.area, caller.via) == (
        "siti", "planner", "62.02", "token",
    )  # fmt: skip
    for other in (secret[:-1], secret + "x", secret.swapcase(), ""):
        assert credentials.caller_of(engine, other, [TOKEN]) is None
    assert credentials.caller_of(engine, secret, [CredentialKind.SESSION]) is None


def test_no_secret_is_stored(engine: Engine):
    account = add(engine, password=PASSWORD)
    _, token = token_for(engine, account)
    link = link_for(engine, account)
    with engine.connect() as connection:
        dump = str([connection.execute(select(t)).all() for t in SQLModel.metadata.sorted_tables])
    assert account.name in dump
    for secret in (token, link, PASSWORD):
        assert secret not in dump


def test_a_token_ends(engine: Engine):
    token_id, secret = token_for(engine, add(engine))

    def ends(moment: timedelta) -> None:
        with transaction(engine) as session:
            session.execute(update(Credential).values(expires_at=now() + moment))

    ends(timedelta(seconds=30))
    assert credentials.caller_of(engine, secret, [TOKEN]) is not None
    ends(timedelta(seconds=-1))
    assert credentials.caller_of(engine, secret, [TOKEN]) is None
    ends(timedelta(days=1))
    with transaction(engine) as session:
        credentials.revoke_token(session, token_id)
    assert credentials.caller_of(engine, secret, [TOKEN]) is None
    with pytest.raises(TokenNotFound), transaction(engine) as session:
        credentials.revoke_token(session, token_id)


def test_a_closed_account_has_no_working_token(engine: Engine):
    """Nor does what it had open anything when it is opened again."""
    account = add(engine)
    _, secret = token_for(engine, account)
    link = link_for(engine, account)
    for is_active in (False, True):
        with transaction(engine) as session:
            change_account(session, "siti", is_active=is_active)
        assert credentials.caller_of(engine, secret, [TOKEN]) is None
        with pytest.raises(LinkRefused), transaction(engine) as session:
            credentials.use_link(session, link)
    _, fresh = token_for(engine, account)
    assert credentials.caller_of(engine, fresh, [TOKEN]) is not None


def test_a_teams_phone_belongs_to_its_regency(engine: Engine):
    with transaction(engine) as session:
        seed(session)
    for name, area, held in (("hp", "", "62.02"), ("hp-2", "62", "62"), ("hp-3", "62.02", "62.02")):
        with transaction(engine) as session:
            assert add_account(session, name, role="team", area=area, team="A").area == held
    for area in ("65.01", "65", "62.07"):
        with pytest.raises(BadAccount, match=f"{area}.*62.02"), transaction(engine) as session:
            add_account(session, "asing", role="team", area=area, team="A")


def test_of_the_last_two_admins_one_stays(engine: Engine):
    """Both are closed at the same moment."""
    for name in ("kepala", "wakil"):
        add(engine, name, role="admin", area="")
    together = Barrier(2)

    def close(name: str) -> str:
        together.wait(20)
        try:
            with transaction(engine) as session:
                change_account(session, name, is_active=False)
        except LastAdmin:
            return "refused"
        return "closed"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(close, ("kepala", "wakil"))) == ["closed", "refused"]


def test_a_token_of_somebody_else_cannot_be_revoked(engine: Engine):
    mine, _ = token_for(engine, add(engine))
    other = add(engine, "budi")
    with pytest.raises(TokenNotFound), transaction(engine) as session:
        credentials.revoke_token(session, mine, owner=other.id)
    with reading(engine) as session:
        assert credentials.token_rows(session, owner=other.id) == []
        assert [row["account"] for row in credentials.token_rows(session)] == ["siti"]


@pytest.mark.parametrize(("days", "is_fine"), [(0, False), (1, True), (3660, True), (3661, False)])
def test_how_long_a_token_may_last(engine: Engine, days: int, is_fine: bool):
    account = add(engine)
    if is_fine:
        assert token_for(engine, account, days)
    else:
        with pytest.raises(BadAccount, match="days"):
            token_for(engine, account, days)


def test_a_link_signs_in_once(engine: Engine):
    link = link_for(engine, add(engine))
    with transaction(engine) as session:
        assert credentials.use_link(session, link).name == "siti"
    for again in (link, "nonsense"):
        with pytest.raises(LinkRefused), transaction(engine) as session:
            credentials.use_link(session, again)
    assert credentials.caller_of(engine, link, [TOKEN, CredentialKind.SESSION]) is None


def test_a_link_ends(engine: Engine):
    link = link_for(engine, add(engine))
    with transaction(engine) as session:
        session.execute(update(Credential).values(expires_at=now() - timedelta(seconds=1)))
    with pytest.raises(LinkRefused), transaction(engine) as session:
        credentials.use_link(session, link)


def test_the_first_link_is_made_until_an_admin_came_in(engine: Engine):
    first = credentials.first_link(engine)
    second = credentials.first_link(engine)
    assert first is not None
    assert second is not None
    with reading(engine) as session:
        account = find_account(session, "admin")
        assert (account.role, account.area, account.password_hash) == ("admin", "", None)
    with pytest.raises(LinkRefused), transaction(engine) as session:
        credentials.use_link(session, first)
    with transaction(engine) as session:
        assert credentials.use_link(session, second).name == "admin"
    assert credentials.first_link(engine) is None


def test_no_first_link_where_an_admin_has_a_password(engine: Engine):
    add(engine, "kepala", role="admin", area="", password=PASSWORD)
    assert credentials.first_link(engine) is None


# --- the log -----------------------------------------------------------------------------------


def test_the_log_cannot_be_rewritten(engine: Engine):
    with transaction(engine) as session:
        audit.record(
            session, "create_plan", "/api/v1/plans", account="siti", details={"plan_id": 3}
        )
    names = "id, at, account, via, area, action, subject, details"
    again = f"{names.replace('account', chr(39) + 'budi' + chr(39))} FROM audit_entry"
    own = (
        (f"REPLACE INTO audit_entry ({names}) SELECT {again}",)
        if engine.dialect.name == "sqlite"
        else ("TRUNCATE audit_entry",
              f"INSERT INTO audit_entry ({names}) SELECT {again}"
              " ON CONFLICT (id) DO UPDATE SET account = excluded.account")
    )  # fmt: skip
    for statement in (
        update(AuditEntry).values(account="budi"), delete(AuditEntry), *map(text, own)
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match="append-only"), transaction(engine) as session:
            session.execute(statement)
    with reading(engine) as session:
        (row,) = audit.entries(session)
    assert (row["account"], row["action"]) == ("siti", "create_plan")
    assert row["details"] == {"plan_id": 3}


def test_the_log_as_a_table_runs_nothing(engine: Engine):
    with transaction(engine) as session:
        audit.record(session, "create_account", "=cmd()", account="siti")
    with reading(engine) as session:
        text = audit.entries_csv(audit.entries(session))
    assert text.splitlines()[0] == "entry_id,at,account,via,area,action,subject,details"
    assert "'=cmd()" in text


# --- the command line --------------------------------------------------------------------------


def test_accounts_by_the_command_line(tmp_path: Path):
    office = Office(tmp_path)
    made = office.json("account", "add", "siti", "--role", "planner", "--area", "62.02")
    assert made["link"].startswith("http://127.0.0.1:8000/sign-in?link=")
    token = office.json("token", "add", "siti", "--for", "ponsel", "--days", "30")
    assert (token["account"], token["name"], len(token["token"])) == ("siti", "ponsel", 43)
    listed = office.run("token", "list", "--json")
    assert token["token"] not in listed.stdout
    assert [row["token_id"] for row in listed.json["items"]] == [token["token_id"]]
    office.json("token", "revoke", str(token["token_id"]))
    assert office.json("token")["items"] == []
    assert office.json("account", "close", "siti")["is_active"] is False
    office.json("account", "change", "siti", "--area", "")
    (row,) = office.json("account", "list")["items"]
    assert (row["role"], row["area"], row["is_active"]) == ("planner", None, False)
    refused = office.run("account", "add", "siti", "--role", "viewer")
    assert (refused.code, "taken" in refused.stderr) == (1, True)
    actions = [row["action"] for row in office.json("audit")["items"]]
    assert actions == [
        "change_account", "change_account", "revoke_token", "create_token", "create_account",
    ]  # fmt: skip
    shown = office.run("audit", lang="id")
    assert "Yang telah dilakukan" in shown.stdout
    for secret in (token["token"], made["link"]):
        assert secret.rpartition("=")[2] not in office.run("audit", "--json").stdout


def test_the_log_is_written_to_a_table(tmp_path: Path):
    office = Office(tmp_path)
    office.json("account", "add", "siti", "--role", "viewer")
    file = tmp_path / "log.csv"
    office.json("audit", "--output", file)
    assert "create_account,siti" in file.read_text("utf-8-sig")


def test_what_a_command_changes_is_written_in_its_own_transaction(seeded: Engine):
    with audit.as_command("plan", "--regency 62.02"):
        with transaction(seeded) as session:
            session.add(Plan(id=7, regency_code="62.02", week="2026-W50", params={}))
            session.flush()
            session.add(Job(id=5, kind="solve", plan_id=7, area="", args={}))
        with transaction(seeded) as session:  # a heartbeat of that job
            job = session.get(Job, 5)
            assert job is not None
            job.attempts = 1
        with pytest.raises(IntegrityError), transaction(seeded) as session:  # nothing was done
            session.add(Plan(id=7, regency_code="62.02", week="2026-W51", params={}))
        with reading(seeded) as session:
            assert session.get(Plan, 7) is not None
    with transaction(seeded) as session:  # of a server, which records by itself
        session.add(Plan(id=9, regency_code="62.02", week="2026-W51", params={}))
    with reading(seeded) as session:
        (row,) = audit.entries(session)
    assert (row["via"], row["action"], row["subject"]) == ("command", "plan", "--regency 62.02")
    assert row["details"] == {"changes": ["added plan 7", "added job 5"]}


@pytest.mark.parametrize("action", ["serve", "worker"])
def test_a_server_is_no_command(seeded: Engine, action: str):
    with audit.as_command(action, ""), transaction(seeded) as session:
        session.add(Plan(id=9, regency_code="62.02", week="2026-W51", params={}))
    with reading(seeded) as session:
        assert audit.entries(session) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            "https://siti:rahasia@peta.example.go.id/desa?token=abc",
            "https://peta.example.go.id/desa",
        ),
        ("--source=https://siti:r@h@peta.example/desa?k=1#a", "--source=https://peta.example/desa"),
        ("https://peta.example/desa?mail=siti@kantor.example", "https://peta.example/desa"),
        ("postgresql://siti:rahasia@[::1]:5432/kantor", "postgresql://[::1]:5432/kantor"),
        ("https://[::1/desa?token=abc", "https://[::1/desa"),  # nobody's address
        ("siti@kantor.example", "siti@kantor.example"),
    ],
)
def test_the_log_keeps_no_key_of_an_address(seeded: Engine, given: str, kept: str):
    address = f"villages {given} --by Siti"
    with audit.as_command("import", address), transaction(seeded) as session:
        session.add(Plan(id=9, regency_code="62.02", week="2026-W51", params={}))
    with reading(seeded) as session:
        (row,) = audit.entries(session)
    assert row["subject"] == f"villages {kept} --by Siti"


def test_commands_that_change_something_are_in_the_log(tmp_path: Path):
    office = Office(tmp_path)
    office.json("params", "set", "worth.turnout_first", "0.5", "--reason", "dihitung")
    office.json("params")
    office.run("params", "set", "worth.turnout_first", "7", "--reason", "terlalu besar")
    file = tmp_path / "log.json"
    office.json("audit", "--output", file)
    (row,) = json.loads(file.read_text())["items"]
    assert (row["action"], row["details"]) == ("params", {"changes": ["added param_change 1"]})
    assert row["subject"] == "set worth.turnout_first 0.5 --reason dihitung"


def test_every_area_of_an_account_is_written_as_one(engine: Engine):
    add(engine, "p", area="62")
    add(engine, "n", area="")
    with reading(engine) as session:
        assert set(session.exec(select(Account.area))) == {"62", ""}
