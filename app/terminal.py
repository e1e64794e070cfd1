"""One run of the command line: how it speaks, and the database of its settings."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from app.cli_texts import TEXTS

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.settings import Settings
    from app.texts import Lang


@dataclass(slots=True)
class Terminal:
    """How this run speaks: for machines or for people, and in which language.

    ``words`` are what was typed, without the options about that.
    """

    as_json: bool = False
    lang: "Lang" = "id"
    is_lang_given: bool = False
    words: tuple[str, ...] = ()

    def text(self, key: str, **facts: object) -> str:
        """Word a sentence of the command line."""
        return TEXTS[self.lang][key].format(**facts)


terminal = Terminal()
By = Annotated[str | None, typer.Option("--by", metavar="NAME")]


@contextmanager
def open_database(**changes: Any) -> Iterator[tuple["Engine", "Settings"]]:  # noqa: ANN401 (values of settings)
    """Open the database of the settings, made or brought to this version first."""
    from sqlalchemy.exc import OperationalError

    from app.audit import as_command
    from app.db import connect, unusable
    from app.settings import Settings
    from app.upgrade import prepare

    settings = Settings(**{name: value for name, value in changes.items() if value is not None})
    if settings.lang and not terminal.is_lang_given:
        terminal.lang = "id" if settings.lang == "id" else "en"
    engine = connect(settings.url)
    try:
        prepare(engine)
        with as_command(terminal.words[0] if terminal.words else "", " ".join(terminal.words[1:])):
            yield engine, settings
    except OperationalError as error:
        raise unusable(engine, error) from error
    finally:
        engine.dispose()


def parse_date(text: str | None, name: str = "--as-of") -> date | None:
    """Read the day that an option gives, or say how one is written."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(terminal.text("bad-date", value=text), param_hint=name) from error


def say(document: dict[str, Any], key: str, **facts: object) -> None:
    """Tell what was done: a sentence to a person, a document to a program."""
    if terminal.as_json:
        print_json(document)
    else:
        typer.echo(terminal.text(key, **facts))


def print_json(document: dict[str, Any]) -> None:
    """Write a document on one line."""
    sys.stdout.write(orjson.dumps(document).decode() + "\n")
