"""Requests that schemathesis makes up of the API's own document: whatever is sent, it is answered.

No answer is a fault of the server (5xx), and each has a status and a kind of content that the
document names for that operation. To make a request up takes longer than to answer it: each is
sent to an office on either database.
"""

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from sqlmodel import SQLModel

from app.api import job_events
from app.api.allowance import Allowances
from app.connectivity import rejoin
from app.copying import catch_up
from app.db import connect, transaction
from app.main import create_app
from app.models import Plan
from tests.app.conftest import AppClient, make_settings
from tests.app.databases import Databases, SqliteFiles
from tests.app.people import let_in
from tests.app.seed import seed
from tests.app.test_access import furnish

EXAMPLES = 6


@pytest.fixture(scope="module")
def apps(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[FastAPI]]:
    """An application on each database."""
    files = SqliteFiles(tmp_path_factory.mktemp("template"))
    made = [app_on(kind, tmp_path_factory.mktemp("any")) for kind in (files, databases)]
    assert [app.state.engine.dialect.name for app in made] == ["sqlite", "postgresql"]
    yield made
    for app in made:
        app.state.engine.dispose()


def app_on(databases: Databases, folder: Path) -> FastAPI:
    """Make an application with something of everything, on a database of its own."""
    url = databases.copy(databases.migrated(folder / "empty"), folder / "data")
    engine = connect(url)
    with transaction(engine) as session:
        seed(session)
        furnish(session, "62.02", "A", 1)
        rejoin(session)
        plan = session.get(Plan, 1)
        assert plan is not None
        plan.params = {**plan.params, "announced_on": "2026-11-22"}
        session.add(plan)
    let_in(engine)
    with engine.begin() as connection:
        catch_up(connection, SQLModel.metadata)
    engine.dispose()
    return create_app(make_settings(folder, database_url=url))


def complaints(client: AppClient, case: Case) -> list[str]:
    """Send a request and tell what is wrong with the answer."""
    app = client.app
    app.state.allowances = Allowances()
    sent: dict[str, Any] = case.as_transport_kwargs(base_url="http://localhost")
    headers = {k: v for k, v in sent.pop("headers").items() if k.lower() != "authorization"}
    sent.pop("cookies", None)
    if isinstance(sent.get("data"), bytes | str):
        sent["content"] = sent.pop("data")
    answer = client.request(sent.pop("method"), sent.pop("url"), headers=headers, **sent)
    known = app.openapi()["paths"][case.path][case.method.lower()]["responses"]
    told = known.get(str(answer.status_code))
    kind = app.state.engine.dialect.name
    line = f"{kind}: {case.method} {answer.request.url} {answer.status_code} {answer.text[:300]}"
    if answer.status_code >= 500 or told is None:
        return [line]
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.content and kind not in told.get("content", {}):
        return [f"{kind}: {line}"]
    return []


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stream of a job's events end with the first look, however long was asked for."""
    stream = job_events._stream
    monkeypatch.setattr(
        job_events, "_stream", lambda news, write, known, _wait_s: stream(news, write, known, 0)
    )


@pytest.mark.postgresql
@pytest.mark.usefixtures("_impatient")
def test_whatever_is_asked_is_answered_as_documented(apps: list[FastAPI]):
    clients = [AppClient(app, "token-uji") for app in apps]
    schema = schemathesis.openapi.from_dict(apps[0].openapi())
    found: list[str] = []
    asked: set[str] = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        name = operation.definition.raw["operationId"]
        asked.add(name)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @settings(
                max_examples=EXAMPLES,
                derandomize=True,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Case) -> None:
                for client in clients:
                    found.extend(complaints(client, case))

            # What takes nothing cannot be sent anything wrong.
            with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
                ask()
    assert found == [], "\n".join(sorted(set(found)))
    assert len(asked) > 60
