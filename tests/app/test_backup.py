"""A backup is whole or refused; a restored or moved office is the one that was left."""

import getpass
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine, inspect
from sqlmodel import SQLModel, col, select

from app.backup import FORMAT, move_office, read_manifest, restore_backup, write_backup
from app.backup_errors import BackupThere, BadBackup, JobsLeft, NewerBackup, NotCopied, NotEmpty
from app.copying import Tally, layout
from app.db import connect, now, reading, transaction
from app.geometry import meets_box
from app.models import CoverageRaster, DataImport, Job, JobState, Plan, PlanLeg, Team, Village
from app.settings import Settings
from tests.app.databases import FILE_NAME, Databases, PostgresqlDatabases, SqliteFiles
from tests.app.loaded import ROOT
from tests.app.office import Office
from tests.app.people import let_in
from tests.app.postgresql import server
from tests.app.seed import seed


@pytest.fixture
def office(seeded: Engine) -> Engine:
    """The small regency, with every kind of value that is hard to copy."""
    let_in(seeded)
    with transaction(seeded) as session:
        first = session.get_one(DataImport, 1)
        first.superseded_by = 6  # a reference to a later row of its own table
        first.details = {
            "teks": "Sungai Ékor \u2013 \u201ckutip\u201d\n\\N\t",
            "angka": [1e-300, 0.1, 2**60],
        }
        session.add(
            CoverageRaster(
                import_id=3, cells=bytes(range(256)), source="a", definition="b", confidence="low"
            )
        )
        line = shapely.LineString([(112.1234567890123, -2.45), (1 / 3, 1e-9)])
        session.exec(select(PlanLeg).order_by(col(PlanLeg.id))).first().geometry = line
    return seeded


def rows_of(engine: Engine) -> dict[str, list[object]]:
    """Read every table by its model, apart from the copying that is tested."""
    found = {}
    with engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            rows = [tuple(map(told, row)) for row in connection.execute(select(table))]
            found[table.name] = sorted(rows, key=repr)
    return found


def split(found: dict[str, list[object]]) -> tuple[dict[str, list[object]], list[object]]:
    """Part what a database holds from what its log says of restoring and moving."""
    log = found["audit_entry"]
    notes = [row for row in log if {"restore", "move"} & set(row)]
    return {**found, "audit_entry": [row for row in log if row not in notes]}, notes


def told(value: object) -> object:
    if isinstance(value, shapely.Geometry):
        return value.wkb
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


@pytest.fixture
def other(databases: Databases, tmp_path: Path) -> Iterator[Engine]:
    """A second database without tables."""
    url = databases.new(tmp_path / "other")
    engine = connect(url)
    yield engine
    engine.dispose()
    databases.give_back(url)


def is_untouched(engine: Engine) -> bool:
    """Tell whether a database is without any table of ours, as `other` is at first."""
    return not set(inspect(engine).get_table_names()) & {*SQLModel.metadata.tables}


def test_what_is_restored_is_what_was_backed_up(office: Engine, other: Engine, tmp_path: Path):
    file = tmp_path / "kantor.zip"
    made = write_backup(office, file)
    assert [path.name for path in tmp_path.glob("kantor*")] == ["kantor.zip"]
    assert file.stat().st_mode & 0o777 == 0o600
    before = rows_of(office)
    assert {name: table.n_rows for name, table in made.tables.items()} == {
        name: len(rows) for name, rows in before.items()
    }
    assert restore_backup(other, file) == (made, 0)
    after, [note] = split(rows_of(other))
    assert after == before
    assert {"restore", "kantor.zip", "command", getpass.getuser()} < set(note)
    facts = {"made_at": made.made_at, "rows": made.n_rows, "cancelled_jobs": 0}
    assert json.loads(note[-1]) == facts
    with transaction(other) as session:  # new rows get new numbers, and boxes find old ones
        session.add(Plan(regency_code="62.02", week="2026-W50", params={}))
        session.flush()
        assert session.exec(select(Plan.id).order_by(col(Plan.id))).all() == [1, 2, 3]
        found = session.exec(select(Village.code).where(meets_box(Village, 116, 3.5, 116, 3.5)))
        assert found.all() == ["65.01.01.2001"]


def test_the_checksum_of_a_table_is_that_of_its_rows_in_any_order():
    """SHA-256 of "abc" and of "" are published (FIPS 180-4 examples)."""
    abc = 0xBA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD
    empty = 0xE3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855
    one, two = Tally(), Tally()
    for line in (b"abc", b"", b"abc"):
        one.add(line)
    for line in (b"abc", b"abc", b""):
        two.add(line)
    assert (one.n_rows, one.checksum) == (two.n_rows, two.checksum)
    assert one.checksum == f"{(2 * abc + empty) % 2**256:064x}"


def test_a_backup_is_of_one_moment(office: Engine, tmp_path: Path, monkeypatch):
    """Rows written while it is made are not in it."""
    from app import backup

    def read_and_write(connection, name, columns):
        if name == "team":
            with transaction(office) as session:
                session.add(Plan(regency_code="62.02", week="2026-W51", params={}))
                session.delete(session.get_one(Team, "C"))
        return original(connection, name, columns)

    original = backup.read_rows
    monkeypatch.setattr(backup, "read_rows", read_and_write)
    made = write_backup(office, tmp_path / "a.zip")
    assert (made.tables["plan"].n_rows, made.tables["team"].n_rows) == (2, 4)


def test_a_file_is_never_written_over_and_a_failed_backup_leaves_none(
    office: Engine, tmp_path: Path, monkeypatch
):
    there = tmp_path / "ada.zip"
    there.write_bytes(b"mine")
    with pytest.raises(BackupThere, match=r"ada\.zip"):
        write_backup(office, there)
    assert there.read_bytes() == b"mine"

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_backup(office, tmp_path / "penuh.zip")
    assert not list(tmp_path.glob("penuh*"))


def test_jobs_that_waited_or_ran_are_cancelled_in_the_restored_office(
    office: Engine, other: Engine, tmp_path: Path
):
    with transaction(office) as session:
        session.add(Job(id=1, kind="solve", plan_id=2))
        session.add(Job(id=2, kind="import", state=JobState.SUCCEEDED))
        session.add(
            Job(id=3, kind="import", state=JobState.DOING, lease_owner="a", lease_until=now())
        )
    write_backup(office, tmp_path / "a.zip")
    assert restore_backup(other, tmp_path / "a.zip")[1] == 2
    with reading(other) as session:
        states = {job.id: job.state for job in session.exec(select(Job))}
    assert states == {1: "cancelled", 2: "succeeded", 3: "cancelled"}


# -- what is refused -----------------------------------------------------------------------------


def damaged(source: Path, target: Path, change) -> Path:
    """Write a backup anew with one member changed, so that the archive itself is sound."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return target


def without_a_row(name: str, data: bytes) -> bytes:
    return data.split(b"\n", 1)[1] if name == "tables/village.jsonl" else data


def another_number(name: str, data: bytes) -> bytes:
    return data.replace(b",100,90,", b",100,91,") if name == "tables/village_count.jsonl" else data


DAMAGE = {
    "a row less": (without_a_row, "checksum"),
    "another number": (another_number, "checksum"),
    "a table less": (
        lambda name, data: None if name == "tables/team.jsonl" else data,
        r"tables/team\.jsonl",
    ),
    "no manifest": (lambda name, data: None if name == "manifest.json" else data, "manifest"),
    "another format": (
        lambda _, data: data.replace(FORMAT.encode(), b"jemput-bola backup 9"),
        "does not begin with the format",
    ),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_changed_backup_is_refused_and_nothing_is_written(
    office: Engine, other: Engine, tmp_path: Path, kind: str
):
    write_backup(office, tmp_path / "a.zip")
    change, reason = DAMAGE[kind]
    file = damaged(tmp_path / "a.zip", tmp_path / "b.zip", change)
    with pytest.raises(BadBackup, match=reason):
        restore_backup(other, file)
    assert is_untouched(other)


def middle_of_largest(file: Path) -> int:
    """Find a byte inside the rows of a table: those of headers say when a table was written."""
    with zipfile.ZipFile(file) as archive:
        member = max(archive.infolist(), key=lambda one: one.compress_size)
    header = file.read_bytes()[member.header_offset :][:30]
    lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    return member.header_offset + 30 + lengths + member.compress_size // 2


def test_a_broken_or_foreign_file_is_refused(office: Engine, other: Engine, tmp_path: Path):
    write_backup(office, tmp_path / "a.zip")
    whole = (tmp_path / "a.zip").read_bytes()
    middle = middle_of_largest(tmp_path / "a.zip")
    files = {
        "cut": whole[:middle],
        "flipped": whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :],
        "text": b"SQLite format 3\0 but not a zip",
        "empty": b"",
    }
    with zipfile.ZipFile(tmp_path / "foreign.zip", "w") as archive:
        archive.writestr("manifest.json", "[]")
    for name, data in files.items():
        (tmp_path / f"{name}.zip").write_bytes(data)
    for name in (*files, "foreign"):
        with pytest.raises(BadBackup, match=rf"{name}\.zip"):
            restore_backup(other, tmp_path / f"{name}.zip")
    assert is_untouched(other)


def test_a_newer_backup_and_a_filled_database_are_refused(
    office: Engine, other: Engine, tmp_path: Path
):
    made = write_backup(office, tmp_path / "a.zip")
    newer = damaged(
        tmp_path / "a.zip", tmp_path / "b.zip",
        lambda _, data: data.replace(made.revision.encode(), b"ffffffffffff"),
    )  # fmt: skip
    with pytest.raises(NewerBackup, match=r"b\.zip was made by version"):
        restore_backup(other, newer)
    assert is_untouched(other)
    before = rows_of(office)
    with pytest.raises(NotEmpty, match="rows already"):
        restore_backup(office, tmp_path / "a.zip")
    assert rows_of(office) == before


def test_a_table_that_the_database_keeps_otherwise_stops_the_restore(
    office: Engine, other: Engine, tmp_path: Path, monkeypatch
):
    from app import backup

    write_backup(office, tmp_path / "a.zip")
    write = backup.write_rows

    def lose_one(connection, name, columns, rows):
        write(connection, name, columns, list(rows)[:-1] if name == "stop" else rows)

    monkeypatch.setattr(backup, "write_rows", lose_one)
    with pytest.raises(NotCopied, match=r"table stop did not arrive .*2 rows of 3"):
        restore_backup(other, tmp_path / "a.zip")
    assert is_untouched(other)


def test_the_offices_own_texts_go_along(office: Engine, other: Engine, tmp_path: Path):
    """One that is there already and says something else keeps its place under another name."""
    here, there = tmp_path / "here", tmp_path / "there"
    for folder, texts in (
        (here, {"office.toml": "kop = 'Sampit'", "id/recap.txt": "Rekap", "id/minutes.txt": "BA"}),
        (there, {"id/recap.txt": "lama", "id/minutes.txt": "BA"}),
    ):
        for name, text in texts.items():
            path = folder / "templates" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    file = tmp_path / "a.zip"
    made = write_backup(office, file, here)
    assert made.texts.keys() == {"office.toml", "id/recap.txt", "id/minutes.txt"}
    restore_backup(other, file, there)
    texts = there / "templates"
    assert (texts / "office.toml").read_text() == "kop = 'Sampit'"
    assert (texts / "id/recap.txt").read_text() == "Rekap"
    assert (texts / "id/minutes.txt").read_text() == "BA"
    assert (texts / "id/recap.txt.before-restore").read_text() == "lama"
    assert len(list(there.rglob("*.before-restore*"))) == 1
    # Refused, as the database is filled now: the texts are those that letters are written by.
    (texts / "id/recap.txt").write_text("baru")
    with pytest.raises(NotEmpty):
        restore_backup(other, file, there)
    assert (texts / "id/recap.txt").read_text() == "baru"
    assert len(list(there.rglob("*.before-restore*"))) == 1


def test_what_an_earlier_restore_kept_stays(office: Engine, databases: Databases, tmp_path: Path):
    here, there = tmp_path / "here", tmp_path / "there"
    text = Path("templates/id/recap.txt")
    (here / text).parent.mkdir(parents=True)
    (there / text).parent.mkdir(parents=True)
    (here / text).write_text("cadangan")
    write_backup(office, tmp_path / "a.zip", here)
    for attempt in ("satu", "dua", "tiga"):
        (there / text).write_text(attempt)
        url = databases.new(tmp_path / attempt)
        target = connect(url)
        restore_backup(target, tmp_path / "a.zip", there)
        target.dispose()
        databases.give_back(url)
    assert (there / text).read_text() == "cadangan"
    kept = {path.name: path.read_text() for path in (there / text).parent.glob("*.before-*")}
    assert kept == {
        "recap.txt.before-restore": "satu", "recap.txt.before-restore2": "dua",
        "recap.txt.before-restore3": "tiga",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["../../a.txt", "/etc/a.toml", "id/../../a.txt", "id/id/a.txt"])
def test_a_text_that_leads_out_of_its_folder_is_refused(office: Engine, tmp_path: Path, name: str):
    file, forged = tmp_path / "a.zip", tmp_path / "b.zip"
    write_backup(office, file, tmp_path / "nothing")
    with zipfile.ZipFile(file) as read, zipfile.ZipFile(forged, "w") as written:
        for member in read.namelist():
            body = read.read(member)
            if member == "manifest.json":
                body = json.dumps(json.loads(body) | {"texts": {name: "0" * 64}}).encode()
            written.writestr(member, body)
    with pytest.raises(BadBackup, match="is no name of a text"):
        read_manifest(forged)


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from app import backup
    from app.db import connect
    write = backup.write_rows
    def die(connection, name, columns, rows):
        write(connection, name, columns, rows)
        if name == "plan":
            os.kill(os.getpid(), signal.SIGKILL)
    backup.write_rows = die
    if sys.argv[3] == "restore":
        backup.restore_backup(connect(sys.argv[1]), Path(sys.argv[2]))
    backup.move_office(connect(sys.argv[4]), connect(sys.argv[1]))
"""


@pytest.mark.parametrize("way", ["restore", "move"])
def test_a_killed_restore_or_move_leaves_nothing(
    office: Engine, other: Engine, tmp_path: Path, way: str
):
    write_backup(office, tmp_path / "a.zip")
    before = rows_of(office)
    url, source = (one.url.render_as_string(hide_password=False) for one in (other, office))
    words = [
        sys.executable,
        "-c",
        textwrap.dedent(KILLED),
        url,
        str(tmp_path / "a.zip"),
        way,
        source,
    ]
    done = subprocess.run(words, cwd=ROOT, check=False)  # noqa: S603 (our own code)
    assert done.returncode == -signal.SIGKILL
    assert is_untouched(other)
    assert rows_of(office) == before
    assert restore_backup(other, tmp_path / "a.zip")[0].tables["stop"].n_rows == 3


# -- from one kind of database to the other ------------------------------------------------------


@pytest.fixture(scope="module")
def postgresql() -> Iterator[PostgresqlDatabases]:
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as address:
        yield PostgresqlDatabases(address)


@pytest.mark.postgresql
def test_an_office_moves_from_sqlite_to_postgresql_and_back_by_one_command(
    postgresql: PostgresqlDatabases, tmp_path: Path, template: Path
):
    home = Office(tmp_path / "home")
    home.data_dir.mkdir()
    shutil.copy(template, home.data_dir / FILE_NAME)
    engine = connect(f"sqlite:///{home.data_dir / FILE_NAME}")
    with transaction(engine) as session:
        seed(session)
    let_in(engine)
    before = rows_of(engine)
    assert before["village"]
    address = postgresql.new()
    moved = home.json("move", address)
    assert moved["tables"]["village"]["rows"] == 5
    target = connect(address)
    after, [note] = split(rows_of(target))
    assert after == before
    assert {"move", str(home.data_dir / FILE_NAME)} < set(note)
    with pytest.raises(NotEmpty):
        move_office(engine, target)
    # A backup of the one is the same as of the other, but for the day and that note.
    one, two = (write_backup(e, tmp_path / f"{n}.zip") for n, e in enumerate((engine, target)))
    assert one.revision == two.revision
    assert {name for name in one.tables if one.tables[name] != two.tables[name]} == {"audit_entry"}
    there = connect(SqliteFiles(tmp_path / "files").new(tmp_path / "third"))
    assert restore_backup(there, tmp_path / "1.zip")[0].tables == two.tables
    after, notes = split(rows_of(there))
    assert (after, len(notes)) == (before, 2)
    with transaction(engine) as session:
        session.add(Job(kind="solve", plan_id=2))
    empty = connect(postgresql.new())
    with pytest.raises(JobsLeft, match="1 jobs"):
        move_office(engine, empty)
    for each in (engine, target, there, empty):
        each.dispose()


@pytest.mark.postgresql
def test_text_that_postgresql_cannot_hold_stops_the_move(
    postgresql: PostgresqlDatabases, tmp_path: Path, template: Path
):
    """SQLite keeps a zero byte in text; PostgreSQL refuses it."""
    shutil.copy(template, tmp_path / FILE_NAME)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute(
            "INSERT INTO audit_entry (at, account, via, area, action, subject, details)"
            " VALUES ('2026-11-22 00:00:00.000000', 'a', 'token', '', 'b', 'x' || char(0), '{}')"
        )
        connection.commit()
    source, target = connect(f"sqlite:///{tmp_path / FILE_NAME}"), connect(postgresql.new())
    with pytest.raises(NotCopied, match="table audit_entry did not arrive"):
        move_office(source, target)
    assert is_untouched(target)
    for engine in (source, target):
        engine.dispose()


@pytest.mark.usefixtures("office")
def test_the_command_says_what_it_did(settings: Settings, tmp_path: Path):
    run = Office(settings.data_dir)
    env = {"JEMPUTBOLA_DATABASE_URL": settings.url}
    file = tmp_path / "a.zip"
    done = run.run("backup", file, **env)
    assert done.code == 0, done.stderr
    assert f"Backed up: {file}" in done.stdout
    refused = run.run("restore", file, lang="id", **env)
    assert refused.code == 1
    assert "sudah berisi" in refused.stderr
    fresh = Office(tmp_path / "fresh")
    document = fresh.json("restore", file)
    assert document["tables"]["plan"]["rows"] == 2
    assert read_manifest(file).tables["plan"].checksum == document["tables"]["plan"]["checksum"]


def test_a_table_comes_after_those_that_it_refers_to():
    order = list(layout(SQLModel.metadata))
    assert order.index("plan") < order.index("stop")
    assert order.index("data_import") < order.index("village") < order.index("village_count")
