"""What is logged as JSON: who asked for what by numbers, and nothing that names or gives away."""

import io
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.db import reading, transaction
from app.errors import JobCrashed
from app.jobs import process
from app.jobs.foreground import run_one
from app.logs import JOB, JsonLines, configure
from app.models import Account, Job
from app.settings import PREFIX, Settings
from tests.app.conftest import AppClient
from tests.app.loaded import ROOT

SECRET = "katasandi-rahasia"  # noqa: S105 (no password: it must never be found)


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What is logged meanwhile, as JSON."""
    stream, root = io.StringIO(), logging.getLogger("app")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_request_is_one_line_with_its_number_and_who_asked(
    client: AppClient, engine: Engine, told: io.StringIO
):
    number = "8f14e45f-ceea-467f-a0e6-123456789abc"  # of a proxy
    answer = client.get("/api/v1/plans/7?lang=en&q=Budi", headers={"X-Request-ID": number})
    assert answer.headers["x-request-id"] == number
    [line] = [one for one in lines(told) if one["event"] == "answered"]
    with reading(engine) as session:
        actor = session.exec(select(Account.id).where(Account.name == "uji")).one()
    assert line["ms"] >= 0
    assert line["at"].endswith("+00:00")
    kept = {name: line[name] for name in set(line) - {"at", "ms"}}
    assert kept == {
        "level": "INFO", "logger": "app.api.request_log", "event": "answered",
        "request_id": number, "actor": actor, "method": "GET",
        "route": "/api/v1/plans/{plan_id}", "status": 404,
    }  # fmt: skip
    assert "Budi" not in told.getvalue()


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "a b\tc d e f", 'injected"}{"level'])
def test_a_number_that_is_none_is_replaced(client: AppClient, told: io.StringIO, given: str):
    answer = client.get("/livez", headers={"X-Request-ID": given})
    number = answer.headers["x-request-id"]
    assert len(number) == 16
    said = [one for one in lines(told) if one["event"] == "answered"]
    assert [one["request_id"] for one in said] == [number]


def test_a_bug_says_where_and_quotes_nothing(client: AppClient, told: io.StringIO):
    def wrong() -> None:
        raise RuntimeError(f"cannot read {SECRET}")

    client.app.get("/api/v1/wrong")(wrong)
    assert client.get("/api/v1/wrong").status_code == 500
    [bug] = [one for one in lines(told) if one["level"] == "ERROR"]
    [answered] = [one for one in lines(told) if one["event"] == "answered"]
    assert bug["exception"] == "RuntimeError"
    assert bug["trace"][-1].endswith(" wrong")
    assert bug["request_id"] == answered["request_id"]
    assert answered["status"] == 500
    assert SECRET not in told.getvalue()


def test_errors_of_the_database_and_of_ours_tell_their_kind_and_no_value(told: io.StringIO):
    log = logging.getLogger("app.test")
    reason = Exception(f"duplicate key of '{SECRET}'\nDETAIL: Key (name)=({SECRET})")
    for error in (
        IntegrityError(f"INSERT {SECRET}", {"x": SECRET}, reason),
        JobCrashed(job_id=3, reason=SECRET),
        OSError(28, "No space left on device", f"/srv/{SECRET}"),
    ):
        try:
            raise error
        except type(error):
            log.exception("it failed", extra={"job_id": 3, "name_of_somebody": SECRET})
    found = [{k: one.get(k) for k in ("exception", "code", "reason")} for one in lines(told)]
    assert found == [
        {"exception": "IntegrityError", "code": None, "reason": "duplicate key of '...'"},
        {"exception": "JobCrashed", "code": "job-crashed", "reason": None},
        {"exception": "OSError", "code": None, "reason": "No space left on device"},
    ]
    assert SECRET not in told.getvalue()


def test_what_a_library_quotes_is_left_out():
    text = f"bad value '{SECRET}' for %s"
    record = logging.LogRecord("some.library", logging.WARNING, "", 1, text, (SECRET,), None)
    assert json.loads(JsonLines().format(record))["event"] == "bad value '...' for %s"


def test_a_job_is_known_by_its_number_from_beginning_to_end(
    engine: Engine, settings: Settings, told: io.StringIO, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(process, "MODULE", "tests.app.fake_child")
    with transaction(engine) as session:
        job = Job(kind="import", args={"refuse": True, "person": SECRET})
        session.add(job)
        session.flush()
        job_id = job.id or 0
    run_one(engine, settings, job_id)
    found = [one for one in lines(told) if one["logger"] == "app.jobs.attempt"]
    assert [(one["event"], one["job_id"]) for one in found] == [
        ("job began", job_id), ("job ended", job_id),
    ]  # fmt: skip
    assert (found[1]["state"], found[1]["code"]) == ("failed", "missing-input")
    assert SECRET not in told.getvalue()


def test_the_number_of_a_job_is_on_every_line_of_its_process(told: io.StringIO):
    def work() -> None:
        JOB.set(12)
        logging.getLogger("app.test").warning("in the middle")

    thread = threading.Thread(target=work)  # a context of its own, as a process has
    thread.start()
    thread.join()
    assert [one["job_id"] for one in lines(told)] == [12]


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_process_logs_in_the_form_that_is_set(form: str, tmp_path: Path):
    code = (
        "import logging; from app.logs import configure; from app.settings import Settings;"
        "configure(Settings()); logging.getLogger('app.x').info('up', extra={'job_id': 4});"
        "logging.getLogger('httpx').info('GET http://key@host')"
    )
    around = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    done = subprocess.run(  # noqa: S603 (our own code)
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**around, PREFIX + "LOG_FORMAT": form, PREFIX + "DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    if form == "text":
        assert done.stderr == "INFO:app.x:up\n"
        return
    line = json.loads(done.stderr)
    assert (line["event"], line["job_id"], line["level"]) == ("up", 4, "INFO")


def test_configuring_is_for_processes_and_not_for_libraries():
    """Whoever embeds the application decides itself what is logged where."""
    text = "".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    assert text.count("basicConfig(") == 1
    assert configure.__module__ == "app.logs"
