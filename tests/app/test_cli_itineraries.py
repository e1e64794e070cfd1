"""Itineraries, texts of letters and calendars at the command line."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.cli import main
from app.cli_itineraries import LETTERS, SHEETS
from app.db import reading, transaction
from app.itineraries.formats import Letter, Sheet
from app.itineraries.templates import LETTERS as TEMPLATE_NAMES
from app.itineraries.templates import PARTS
from app.models import AuditEntry, CalendarFeed
from app.settings import Settings
from tests.app.team_week import PLAN, STOPS, make_week

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    engine: Engine,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run a command on the plan made by hand; gives its exit code and what it wrote."""
    with transaction(engine) as session:
        make_week(session)
    monkeypatch.setenv("JEMPUTBOLA_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("JEMPUTBOLA_DATABASE_URL", settings.url)

    def command(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--lang", "en", *words])
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return command


def test_the_command_line_knows_the_formats_there_are() -> None:
    assert tuple(Sheet) == SHEETS
    assert tuple(Letter) == LETTERS == TEMPLATE_NAMES


def test_itineraries_are_written_to_the_screen_or_a_file(run: Run, tmp_path: Path) -> None:
    code, text, _ = run("export", str(PLAN), "--format", "text", "--team", "A", "--day",
                        "2026-12-01")  # fmt: skip
    assert code == 0
    assert [t.village in text for t in STOPS] == [False, True, True, True]  # B: as A's second
    file = tmp_path / "a.pdf"
    code, told, _ = run("--json", "export", str(PLAN), "--format", "pdf", "-o", str(file))
    assert (code, orjson.loads(told)) == (0, {"file": str(file), "bytes": file.stat().st_size})
    assert file.read_bytes()[:5] == b"%PDF-"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--format", "docx"), 2, "assignment-letter"),
        (("--format", "csv", "--team", "A"), 2, "whole plan"),
        (("--format", "pdf", "--day", "tomorrow"), 2, "tomorrow"),
        (("--format", "pdf", "--team", "C"), 1, "sends nobody out for C"),
    ],
)
def test_what_cannot_be_written_is_refused(
    run: Run, words: tuple[str, ...], code: int, told: str
) -> None:
    ended, _, error = run("export", str(PLAN), *words)
    assert (ended, told in " ".join(error.split())) == (code, True), error


def test_texts_of_letters_are_put_where_they_can_be_edited(run: Run, settings: Settings) -> None:
    folder = settings.data_dir / "templates"
    code, told, _ = run("--json", "templates")
    texts = 2 * (len(LETTERS) + len(PARTS))
    assert (code, len(orjson.loads(told)["written"])) == (0, texts + 1)
    own = folder / "en" / "minutes.txt"
    own.write_text("# MINE {{ week }}\n", "utf-8")
    code, told, _ = run("--json", "templates")
    assert (orjson.loads(told)["written"], len(orjson.loads(told)["kept"])) == ([], texts)
    assert own.read_text("utf-8") == "# MINE {{ week }}\n"
    # What was put there gives the very letters of the built-in texts.
    assert run("export", str(PLAN), "--format", "recap", "-o", str(folder / "a.docx"))[0] == 0
    own.write_text("# MINE\n{% if %}\n", "utf-8")
    code, _, error = run("templates")
    assert code == 1
    assert "en/minutes.txt, line 2" in error


def test_calendar_addresses_are_made_listed_and_revoked(run: Run, engine: Engine) -> None:
    code, told, _ = run("--json", "calendar", "add", "A", "--for", "Siti")
    made = orjson.loads(told)
    assert (code, made["team"], made["url"].endswith(".ics")) == (0, "A", True)
    assert "Siti" in run("calendar")[1]
    assert run("calendar", "revoke", str(made["feed_id"]))[0] == 0
    assert orjson.loads(run("--json", "calendar", "list")[1]) == {"items": []}
    code, _, error = run("calendar", "revoke", str(made["feed_id"]))
    assert (code, "no calendar address" in error) == (1, True)
    assert run("calendar", "add", "Z")[0] == 1
    with reading(engine) as session:
        assert session.exec(select(CalendarFeed)).one().revoked_at is not None
        logged = [entry.action for entry in session.exec(select(AuditEntry))]
    assert logged == ["create_calendar_feed", "revoke_calendar_feed"]
