"""Disks that are full, really: small ones, mounted for the test. And a database that goes away."""

import io
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.db import connect, migrate, reading, transaction
from app.jobs import child, lease
from app.jobs.defer import defer
from app.models import Job, ParamChange
from app.settings import Settings
from tests.app.conftest import AppClient, ClientOf, make_settings, slug
from tests.app.databases import FILE_NAME
from tests.app.postgresql import control, server
from tests.app.test_job_faults import told_by

API = "/api/v1"
MB = 1 << 20
HEADER = b"tim,kabupaten,pangkalan\n"


@contextmanager
def mounted(folder: Path, size: int) -> Iterator[Path]:
    """Mount an empty disk of so many bytes."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk")
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], check=True)  # noqa: S603, S607
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S603, S607


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB."""
    with mounted(tmp_path / "small", 3 * MB) as folder:
        yield folder


def upload(client: AppClient, size: int):
    file = ("tim.csv", io.BytesIO(HEADER + b"x" * size))
    return client.post(f"{API}/imports/teams", files={"file": file})


def n_jobs(engine: Engine) -> int:
    with reading(engine) as session:
        return len(session.exec(select(Job.id)).all())


def test_an_upload_that_does_not_fit_is_refused_and_leaves_nothing(
    settings: Settings, client_of: ClientOf, small_disk: Path
):
    settings = settings.model_copy(update={"data_dir": small_disk, "database_url": settings.url})
    client = client_of(settings)
    refused = upload(client, 4 * MB)
    assert (refused.status_code, slug(refused)) == (507, "disk-full")
    assert "make room" in refused.json()["detail"] or "ruang" in refused.json()["detail"]
    assert [path for path in small_disk.rglob("*") if path.name != "uploads"] == []
    assert n_jobs(client.app.state.engine) == 0
    accepted = upload(client, MB)
    assert accepted.status_code == 202
    assert n_jobs(client.app.state.engine) == 1


def test_a_disk_for_temporary_files_that_is_full_is_told_as_well(
    client: AppClient, engine: Engine, small_disk: Path, monkeypatch: pytest.MonkeyPatch
):
    """A form is kept in such a file while it comes in."""
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    refused = upload(client, 4 * MB)
    assert (refused.status_code, slug(refused)) == (507, "disk-full")
    assert list(small_disk.iterdir()) == []
    assert n_jobs(engine) == 0


def test_who_only_reads_is_let_in_though_the_disk_is_full(
    regency_file: Path, client_of: ClientOf, tmp_path: Path
):
    """The first use of a token in an hour is written down, where there is room."""
    with mounted(tmp_path / "full", 3 * MB + regency_file.stat().st_size) as folder:
        shutil.copy(regency_file, folder)
        client = client_of(make_settings(folder, database_url=f"sqlite:///{folder}/{FILE_NAME}"))
        with (folder / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
            while True:
                ballast.write(b"x" * 512)
        assert client.get(f"{API}/plans").status_code == 200
        refused = client.put(f"{API}/headings", json={"heading": "Tercatat", "meaning": "ignore"})
        assert (refused.status_code, slug(refused)) == (507, "disk-full")
        client.app.state.engine.dispose()


# --- PostgreSQL ----------------------------------------------------------------------------------


def _store_for_ever(connection: psycopg.Connection, n_rows: int) -> None:
    text = "INSERT INTO ballast SELECT repeat(md5(random()::text), 60) FROM generate_series(1, %s)"
    while True:
        connection.execute(text, [n_rows])


class Server:
    """A server of its own, one database on a small disk."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.url = folder, f"{address}/small"

    def fill(self) -> None:
        """Store until there is no room for more."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE ballast (x text)")
            for n_rows in (2000, 200, 20, 1):  # up to the last page
                with pytest.raises(psycopg.errors.DiskFull):
                    _store_for_ever(connection, n_rows)

    def make_room(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("DROP TABLE ballast")


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    with (
        tempfile.TemporaryDirectory() as folder,
        mounted(Path(folder) / "disk", 64 * MB) as disk,
        server(Path(folder)) as address,
    ):
        place = disk / "tables"
        place.mkdir()
        os.chown(place, *_postgres())
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
            connection.execute("CREATE DATABASE small TABLESPACE small")
            # A server of tests acknowledges before it writes; here that would be a loss.
            connection.execute("ALTER DATABASE small SET synchronous_commit TO on")
        engine = connect(f"{address}/small")
        migrate(engine)
        engine.dispose()
        yield Server(Path(folder), address)


def _postgres() -> tuple[int, int]:
    user = pwd.getpwnam("postgres")
    return user.pw_uid, user.pw_gid


@pytest.fixture
def own_client(own_server: Server, client_of: ClientOf, tmp_path: Path) -> AppClient:
    return client_of(make_settings(tmp_path, database_url=own_server.url))


Put = Callable[[float], int]


@pytest.fixture
def put(own_client: AppClient) -> Put:
    """Change a parameter, with a long reason, and give the status."""

    def change(value: float) -> int:
        body = {
            "by": "A",
            "reason": f"{value} " + "x" * 190,
            "values": {"worth.turnout_first": value},
        }
        return own_client.put(f"{API}/params", json=body).status_code

    return change


@pytest.mark.postgresql
def test_a_full_disk_of_postgresql_loses_nothing_that_was_acknowledged(
    own_server: Server, own_client: AppClient, put: Put
):
    engine = own_client.app.state.engine
    with transaction(engine) as session:
        job_id = defer(session, Job(kind="import", args={})).id or 0
    lease.claim(engine, "a", job_id)
    assert put(0.2) == 200
    own_server.fill()
    # A row takes 0.3 kB of a page of 8 kB, which is there; then there is room for no other.
    statuses = [put(round(0.3 + n / 1000, 3)) for n in range(60)]
    assert set(statuses) == {200, 507}
    stored = {0.2} | {
        round(0.3 + n / 1000, 3) for n, status in enumerate(statuses) if status == 200
    }
    assert own_client.get(f"{API}/params").status_code == 200
    with reading(engine) as session:
        assert set(session.exec(select(ParamChange.value))) == stored
    own_server.make_room()
    assert put(0.7) == 200
    assert lease.read(engine, job_id).state == "doing"


@pytest.mark.postgresql
def test_a_job_says_that_the_disk_of_the_database_is_full(
    own_client: AppClient, monkeypatch: pytest.MonkeyPatch
):
    engine: Engine = own_client.app.state.engine

    def task(engine: Engine, *_: object) -> None:
        with transaction(engine) as session:
            for number in range(300):  # 120 MB that cannot be made smaller than half
                text = os.urandom(200_000).hex()
                session.add(ParamChange(name=f"n{number}", changed_by="A", reason=text))

    monkeypatch.setattr(child, "run_task", task)
    with transaction(engine) as session:
        job_id = defer(session, Job(kind="import", args={})).id or 0
    lease.claim(engine, "a", job_id)
    error = told_by(engine, own_client.app.state.settings, job_id)
    assert error["code"] == "bad-database"
    assert "No space left" in str(error["detail"])
    with reading(engine) as session:
        assert session.exec(select(ParamChange).where(ParamChange.name == "n1")).first() is None


@pytest.mark.postgresql
def test_a_database_that_goes_away_is_told_and_used_again_when_it_is_back(
    own_server: Server, own_client: AppClient, put: Put
):
    assert put(0.71) == 200
    control(own_server.folder, "stop")
    away = own_client.get(f"{API}/params")
    assert (away.status_code, slug(away)) == (503, "database-unavailable")
    assert away.headers["retry-after"] == "5"
    assert own_client.get("/readyz").status_code == 503
    assert own_client.get("/livez").status_code == 200
    assert put(0.72) == 503
    control(own_server.folder, "restart")
    assert own_client.get("/readyz").json()["checks"]["database"] == "ok"
    assert put(0.73) == 200
    with reading(own_client.app.state.engine) as session:
        kept = session.exec(select(ParamChange.value)).all()
    assert 0.71 in kept
    assert 0.72 not in kept
