"""What whoever runs the service relies on: probes, metrics, and a database that goes away."""

import itertools
import re
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError
from typer.main import get_command

from app import cli, cli_jobs
from app.api import health, metrics
from app.db import transaction
from app.models import Job, JobState
from app.settings import Settings
from tests.app.conftest import AppClient, ClientOf, make_settings, slug
from tests.app.databases import FILE_NAME, Databases
from tests.app.people import let_in

API = "/api/v1"


def test_probes_need_no_account_and_name_what_is_wrong(
    settings: Settings, client_of: ClientOf, databases: Databases, monkeypatch
):
    nobody = client_of(settings, signed_in=False)
    assert nobody.get("/livez").json() == {"status": "ok"}
    ready = {"status": "ok", "checks": {"database": "ok", "disk": "ok"}}
    assert (nobody.get("/readyz").status_code, nobody.get("/readyz").json()) == (200, ready)
    databases.spoil(settings.url)
    with nobody.app.state.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'bc2e60bbb484'"))
    answer = nobody.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "other tables")
    usage = namedtuple("usage", "total used free")
    for free, told in ((health.LEAST_FREE, "ok"), (health.LEAST_FREE - 1, "full")):
        monkeypatch.setattr(health, "disk_usage", lambda _, free=free: usage(1, 1, free))
        assert nobody.get("/readyz").json()["checks"]["disk"] == told


def test_a_database_that_is_away_is_not_ready(settings: Settings, client_of: ClientOf, tmp_path):
    (tmp_path / "folder.sqlite").mkdir()
    gone = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/folder.sqlite"})
    client = client_of(gone, signed_in=False)
    assert client.get("/livez").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "away")


def test_a_database_that_takes_no_changes_is_read_all_the_same(
    settings: Settings, client_of: ClientOf, databases: Databases
):
    """A standby, or a file on a disk that was mounted to be read: not a bug, and not ready."""
    client = client_of(settings)
    engine = client.app.state.engine
    url = settings.url
    if databases.kind == "postgresql":
        databases.spoil(url)
        with engine.begin() as connection:
            statement = "ALTER DATABASE {} SET default_transaction_read_only = on"
            connection.execute(text(statement.format(engine.url.database)))
    else:
        url = url.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true"
    engine.dispose()
    still = client_of(settings.model_copy(update={"database_url": url}), signed_in=False)
    client = AppClient(still.app, "token-uji")
    assert client.get(f"{API}/plans").status_code == 200  # though the token's use is not kept
    assert client.get(f"{API}/health").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "read only")
    refused = client.post(f"{API}/tokens", json={"name": "ponsel"})
    assert (refused.status_code, slug(refused)) == (503, "database-read-only")
    assert refused.headers["retry-after"] == "5"


def test_somebody_who_writes_keeps_no_server_from_being_ready(client: AppClient, engine: Engine):
    with transaction(engine):
        assert client.get("/readyz").status_code == 200


def test_a_folder_that_is_gone_is_told(client: AppClient, settings: Settings):
    settings.data_dir.rename(settings.data_dir.with_name("away"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["disk"]) == (503, "away")
    told = client.get(f"{API}/metrics").text.splitlines()
    assert "jemputbola_disk_free_bytes NaN" in told


def test_words_that_senders_make_up_are_counted_as_one(client: AppClient):
    for method in ("FOO", 'A"B'):
        assert client.request(method, "/livez").status_code == 405
    told = client.get(f"{API}/metrics").text
    assert 'jemputbola_requests_total{method="other",route="/livez",status="405"} 2' in told
    assert "FOO" not in told


LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? -?[0-9.e+]+')


def test_metrics_count_answers_by_route_and_jobs_by_state(client: AppClient, engine: Engine):
    with transaction(engine) as session:
        session.add(Job(kind="import", state=JobState.FAILED))
        session.add(Job(kind="import", state=JobState.FAILED))
    for number in (1, 2, 3):
        assert client.get(f"{API}/plans/{number}").status_code == 404
    answer = client.get(f"{API}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == metrics.MEDIA_TYPE
    lines = answer.text.splitlines()
    assert all(line.startswith("# ") or LINE.fullmatch(line) for line in lines), answer.text
    counted = 'method="GET",route="/api/v1/plans/{plan_id}",status="404"'
    assert f"jemputbola_requests_total{{{counted}}} 3" in lines
    assert 'jemputbola_jobs{state="failed"} 2' in lines
    assert 'jemputbola_jobs{state="todo"} 0' in lines
    assert "jemputbola_request_seconds_count 3" in lines


def test_metrics_are_for_admins(settings: Settings, client_of: ClientOf):
    nobody = client_of(settings, signed_in=False)
    assert nobody.get(f"{API}/metrics").status_code == 401
    planner = AppClient(nobody.app, let_in(nobody.app.state.engine, "p", "planner", "62.02"))
    assert planner.get(f"{API}/metrics").status_code == 403
    local = AppClient(nobody.app, let_in(nobody.app.state.engine, "a", "admin", "62.02"))
    refused = local.get(f"{API}/metrics")
    assert (refused.status_code, slug(refused)) == (403, "whole-service-only")


def test_a_bucket_holds_what_took_its_end_or_less():
    """Prometheus: `le` is inclusive, and buckets are cumulative."""
    requests = metrics.Requests()
    for seconds in (0.005, 0.0051, 0.2, 10.0, 11.0):
        requests.add("GET", "/", 200, seconds)
    found = {dict(labels).get("le"): value for _, labels, value in requests.histogram() if labels}
    assert found[0.005] == 1
    assert found[0.01] == found[0.1] == 2
    assert found[0.2] == 3
    assert (found[10.0], found["+Inf"]) == (4, 5)


def test_a_database_that_hangs_up_costs_one_answer_and_comes_back(
    client: AppClient, engine: Engine
):
    """What an administrator does who restarts PostgreSQL; a file has nobody to hang up."""
    body = {"regency": "62.02", "week": "2026-W49"}
    assert client.get(f"{API}/plans").status_code == 200
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
    assert client.get(f"{API}/plans").status_code == 200  # asked for anew before it is used
    assert client.post(f"{API}/plans", json=body).status_code == 404


ROOT = Path(__file__).resolve().parents[2]


def test_the_compose_file_names_settings_and_commands_that_exist():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    names = {name for one in services.values() for name in one.get("environment", {})}
    ours = {name.removeprefix("JEMPUTBOLA_").lower() for name in names if "JEMPUTBOLA_" in name}
    assert ours
    assert ours <= set(Settings.model_fields)
    words = services["worker"]["command"]
    assert words[0] in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert {one.name for one in cli_jobs.commands.registered_commands} >= {words[1]}
    volumes = {v.split(":")[0] for one in services.values() for v in one.get("volumes", ())}
    assert volumes == set(compose["volumes"])


def test_the_file_of_settings_serves_compose_and_the_program(tmp_path: Path, monkeypatch):
    """What compose reads in .env is no slip of the program's, and what is ours reaches servers."""
    written = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    of_compose = sorted(set(re.findall(r"\$\{(\w+)", written)))
    assert of_compose == ["POSTGRES_PASSWORD", "SITE"]
    lines = [f"{name}=x" for name in of_compose] + ["JEMPUTBOLA_PLAN_EVERY=fri 15:00"]
    (tmp_path / ".env").write_text("\n".join(lines))
    monkeypatch.chdir(tmp_path)
    assert Settings().plan_every == "fri 15:00"
    (tmp_path / ".env").write_text("JEMPUTBOLA_PLAN_EVRY=fri 15:00")
    with pytest.raises(ValidationError, match="Extra inputs"):
        Settings()
    services = yaml.safe_load(written)["services"]
    for name in ("server", "worker"):
        assert services[name]["env_file"] == ".env"
        # The proxy asks there, whatever .env says of a port.
        assert f"server:{services[name]['environment']['JEMPUTBOLA_PORT']}" in str(
            services["proxy"]
        )


def test_the_document_of_operations_names_commands_and_metrics_that_exist(client: AppClient):
    told = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    known = get_command(cli.app).commands
    for words in re.findall(r"^ {4}jemput-bola ([a-z]+)", told, re.MULTILINE):
        assert words in known
    found = set(re.findall(r"^# TYPE (\S+)", client.get(f"{API}/metrics").text, re.MULTILINE))
    assert found == set(re.findall(r"`(jemputbola_[a-z_]+)", told))


def test_a_connection_lost_in_the_middle_is_a_503_that_says_when_to_ask_again(client: AppClient):
    def lost() -> None:
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    client.app.get(f"{API}/lost")(lost)
    answer = client.get(f"{API}/lost")
    assert (answer.status_code, slug(answer)) == (503, "database-unavailable")
    assert answer.headers["retry-after"] == "5"
    assert "server closed" not in answer.text


def test_a_full_disk_is_said_and_the_service_goes_on(
    template: Path, client_of: ClientOf, tmp_path: Path
):
    """SQLite may take no more pages than it has."""
    shutil.copy(template, tmp_path / FILE_NAME)
    client = client_of(make_settings(tmp_path))
    engine = client.app.state.engine
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    engine.dispose()
    event.listen(
        engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages}")
    )  # fmt: skip
    body = {"by": "Kabid", "reason": "x" * 100}
    shares = itertools.cycle(({"worth.turnout_first": 0.5}, {"worth.turnout_first": 0.6}))
    answers = (
        client.put(f"{API}/params", json={**body, "values": next(shares)}) for _ in range(300)
    )
    full = next(answer for answer in answers if answer.status_code != 200)
    assert (full.status_code, slug(full)) == (507, "disk-full")
    assert client.get(f"{API}/params").status_code == 200
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
