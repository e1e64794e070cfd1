"""A database per test, a small regency in it, a client, a real server."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from app import db
from app.db import connect, migrate, transaction
from app.ingest import ingest
from app.jobs import process
from app.main import create_app
from app.settings import PREFIX, Settings
from tests.app.databases import (
    FILE_NAME,
    Databases,
    PostgresqlDatabases,
    SqliteFiles,
    engine_that_shares,
)
from tests.app.loaded import Copy, nursery
from tests.app.office import KOTIM_IMPORTS
from tests.app.people import let_in
from tests.app.postgresql import server
from tests.app.seed import seed
from tests.conftest import EVERYWHERE

HERE = "http://localhost"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's settings out of the tests."""
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "create_engine", engine_that_shares)
        yield


@pytest.fixture(scope="session", autouse=True)
def _jobs_are_forked_from_copies() -> Iterator[None]:
    """Load what jobs of this process are forked from once, and not for each test."""
    ways = SimpleNamespace(Popen=nursery, DEVNULL=subprocess.DEVNULL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "subprocess", ways)
        patch.setattr(process, "UP_WAIT_S", 120.0)  # the first loads, maybe on a busy machine
        yield


def make_settings(data_dir: Path, **values: object) -> Settings:
    return Settings(_env_file=None, data_dir=data_dir, **values)


def slug(answer: httpx.Response) -> str:
    """Check that an answer is a problem document and give its type."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "instance"} <= set(body)
    assert body["status"] == answer.status_code
    return body["type"].removeprefix("/problems/")


def uploaded(settings: Settings) -> list[Path]:
    """List the uploads that lie in the data folder, each in a folder of its own."""
    return [path for path in (settings.data_dir / "uploads").glob("*/*") if path.is_file()]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses a database on SQLite and PostgreSQL, but tests of the search only once.

    What is marked ``postgresql`` itself runs there alone.
    """
    if "databases" not in metafunc.fixturenames:
        return
    kinds = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
    is_search = metafunc.definition.get_closest_marker("search") is not None
    if is_search and not metafunc.config.getoption(EVERYWHERE):
        kinds = kinds[:1]
    if metafunc.definition.get_closest_marker("postgresql") is not None:
        kinds = kinds[1:]
    metafunc.parametrize("databases", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Databases]:
    """Where the databases of tests come from."""
    if request.param == "sqlite":
        yield SqliteFiles(tmp_path_factory.mktemp("template"))
        return
    # Not under pytest's own folder, which the server's user may not enter.
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as address:
        yield PostgresqlDatabases(address)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file."""
    files = SqliteFiles(tmp_path_factory.mktemp("template"))
    return Path(files.migrated(tmp_path_factory.mktemp("file")).removeprefix("sqlite:///"))


@pytest.fixture
def settings(tmp_path: Path, databases: Databases) -> Iterator[Settings]:
    """Settings of an installation with an empty database and a folder of its own."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    url = databases.migrated(data_dir)
    yield make_settings(data_dir, database_url=url)
    databases.give_back(url)


@pytest.fixture
def empty(databases: Databases, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database without tables."""
    url = databases.new(tmp_path)
    engine = connect(url)
    yield engine
    engine.dispose()
    databases.give_back(url)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = connect(settings.url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def kotim_file(kotim: Path, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Kotim after the six imports, in a SQLite file; copied, never changed."""
    file = tmp_path_factory.mktemp("kotim") / FILE_NAME
    shutil.copy(template, file)
    _import_kotim(f"sqlite:///{file}", kotim)
    return file


@pytest.fixture(scope="session")
def kotim_database(kotim: Path, databases: Databases, request: pytest.FixtureRequest) -> str:
    """Kotim after the six imports; copied, never changed."""
    if databases.kind == "sqlite":
        return f"sqlite:///{request.getfixturevalue('kotim_file')}"
    url = databases.migrated(kotim)
    _import_kotim(url, kotim)
    return url


def _import_kotim(url: str, kotim: Path) -> None:
    engine = connect(url)
    for kind, name in KOTIM_IMPORTS:
        ingest(engine, kind, kotim / name)
    engine.dispose()


@pytest.fixture
def kotim_engine(kotim_database: str, databases: Databases, tmp_path: Path) -> Iterator[Engine]:
    """A copy of Kotim that a test may change."""
    url = databases.copy(kotim_database, tmp_path / "kotim")
    engine = connect(url)
    yield engine
    engine.dispose()
    databases.give_back(url)


@pytest.fixture
def seeded(engine: Engine) -> Engine:
    """The database with the small regency of ``seed.py``."""
    with transaction(engine) as session:
        seed(session)
    return engine


@pytest.fixture(scope="session")
def regency_file(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small regency of ``seed.py`` in a SQLite file; copied, never changed."""
    path = tmp_path_factory.mktemp("regency") / template.name
    shutil.copy(template, path)
    engine = connect(f"sqlite:///{path}")
    with transaction(engine) as session:
        seed(session)
    engine.dispose()
    return path


@pytest.fixture
def regency(regency_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """The small regency for what databases do not answer differently: on SQLite alone."""
    path = tmp_path / regency_file.name
    shutil.copy(regency_file, path)
    engine = connect(f"sqlite:///{path}")
    yield engine
    engine.dispose()


class AppClient:
    """Talks to an application in this process, with a token if one is given; no jobs run."""

    def __init__(self, app: FastAPI, token: str | None = None) -> None:
        self.app = app
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def request(self, method: str, url: str, **arguments: object) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url=HERE, headers=self._headers
            ) as client:
                return await client.request(method, url, **arguments)

        return asyncio.run(send())

    def get(self, url: str, **arguments: object) -> httpx.Response:
        return self.request("GET", url, **arguments)

    def post(self, url: str, **arguments: object) -> httpx.Response:
        return self.request("POST", url, **arguments)

    def put(self, url: str, **arguments: object) -> httpx.Response:
        return self.request("PUT", url, **arguments)

    def delete(self, url: str, **arguments: object) -> httpx.Response:
        return self.request("DELETE", url, **arguments)

    def patch(self, url: str, **arguments: object) -> httpx.Response:
        return self.request("PATCH", url, **arguments)


ClientOf = Callable[..., AppClient]


@pytest.fixture
def client_of() -> Iterator[ClientOf]:
    """Make a client for some settings: of an admin of the whole country, or of nobody."""
    clients: list[AppClient] = []

    def make(settings: Settings, *, signed_in: bool = True) -> AppClient:
        app = create_app(settings)
        token = let_in(app.state.engine) if signed_in else None
        clients.append(AppClient(app, token))
        return clients[-1]

    yield make
    for client in clients:
        client.app.state.engine.dispose()


@pytest.fixture
def client(settings: Settings, client_of: ClientOf) -> AppClient:
    return client_of(settings)


@dataclass
class LiveServer:
    """A server process of its own; ``client`` talks to it."""

    process: Copy
    client: httpx.Client

    def wait_for_job(self, job_id: int, seconds: float = 20.0) -> dict[str, object]:
        """Follow a job to its end."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            job = self.client.get(f"/api/v1/jobs/{job_id}").json()
            if job["state"] not in {"todo", "doing"}:
                return job
            time.sleep(0.05)
        pytest.fail(f"job {job_id} is still {job['state']} after {seconds} s")


ServerOf = Callable[..., LiveServer]


@contextmanager
def live_servers() -> Iterator[ServerOf]:
    """Start servers on free loopback ports; ``environment`` is set on top of the settings.

    With ``fake_jobs`` their jobs do what ``fake_child`` says. All have ended when this ends.
    """
    servers: list[LiveServer] = []

    def start(settings: Settings, *, fake_jobs: bool = False, **environment: str) -> LiveServer:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        values = {"DATA_DIR": str(settings.data_dir), "DATABASE_URL": settings.url, **environment}
        around = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
        process = Copy(
            "tests.app.server", str(port), *["--fake-jobs"] * fake_jobs,
            env={**around, **{PREFIX + name: text for name, text in values.items()}},
        )  # fmt: skip
        headers = {"Authorization": f"Bearer {_let_in(settings)}"}
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, headers=headers)
        servers.append(LiveServer(process, client))
        _wait_until_up(process, client)
        return servers[-1]

    try:
        yield start
    finally:
        for server in servers:
            server.client.close()
            if server.process.poll() is None:
                server.process.terminate()
            server.process.wait(20)


@pytest.fixture
def live_server_of() -> Iterator[ServerOf]:
    """Start servers for one test, see ``live_servers``."""
    with live_servers() as start:
        yield start


@pytest.fixture
def live_server(settings: Settings, live_server_of: ServerOf) -> LiveServer:
    """A server on the empty database of ``settings``, with jobs running."""
    return live_server_of(settings)


def _let_in(settings: Settings) -> str:
    engine = connect(settings.url)
    try:
        migrate(engine)
        return let_in(engine)
    finally:
        engine.dispose()


def _wait_until_up(process: Copy, client: httpx.Client) -> None:
    ends = time.monotonic() + 90  # of a busy machine
    while time.monotonic() < ends:
        if process.poll() is not None:
            pytest.fail(f"the server ended at once with code {process.returncode}")
        try:
            if client.get("/api/v1/health").status_code < 500:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail("the server did not answer within 90 s")
