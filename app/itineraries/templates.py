"""Texts of letters: the built-in ones, and those that an office put in their place.

An office's own stand in ``templates/id`` and ``templates/en`` of the data folder, under the names
of the built-in ones. They are Jinja texts that give lines of ``markup.py``.
"""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.errors import BadTemplate
from app.itineraries.letterhead import text_of_file
from app.texts import LANGS, Lang

FOLDER = "templates"
"""Where an office's own texts lie in the data folder."""
BUILT_IN = Path(__file__).with_name("templates")
LETTERS = (
    "assignment-letter", "travel-order", "notice-district", "notice-village", "attendance",
    "minutes", "recap",
)  # fmt: skip
PARTS = ("letterhead", "signature")
_MAY_BREAK = (
    jinja2.TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One text: its name, its language, where it is read from, and whether it is the office's."""

    name: str
    lang: Lang
    path: Path
    is_own: bool


def find_template(folder: Path, name: str, lang: Lang) -> Template:
    """Find the office's text of that name, else the built-in one."""
    own = folder / lang / f"{name}.txt"
    if own.is_file():
        return Template(name=name, lang=lang, path=own, is_own=True)
    return Template(name=name, lang=lang, path=BUILT_IN / lang / f"{name}.txt", is_own=False)


def render(
    folder: Path,
    name: str,
    lang: Lang,
    facts: Mapping[str, object],
    filters: Mapping[str, Callable[..., Any]],
) -> str:
    """Fill in a letter.

    Raises
    ------
    BadTemplate
        With the file and the line that cannot be filled in.
    """
    environment = _environment(folder, lang)
    environment.filters.update(filters)
    try:
        return environment.get_template(name).render(facts)
    except BadTemplate:  # a text that is no UTF-8
        raise
    except jinja2.TemplateSyntaxError as error:
        raise _bad(folder, error.name or name, lang, error.lineno, error) from error
    except _MAY_BREAK as error:
        part, line = _place(error, name)
        raise _bad(folder, part, lang, line, error) from error


def check_template(folder: Path, name: str, lang: Lang) -> None:
    """Read a text without filling it in; raises as ``render`` does."""
    environment = _environment(folder, lang)
    try:
        environment.parse(environment.loader.get_source(environment, name)[0], name)  # type: ignore[union-attr]  # set below
    except jinja2.TemplateSyntaxError as error:
        raise _bad(folder, name, lang, error.lineno, error) from error


def write_templates(folder: Path) -> tuple[list[Path], list[Path]]:
    """Put the built-in texts where an office edits them; what is there already stays.

    Returns
    -------
    tuple
        The files written, and those that were there.

    Raises
    ------
    BadTemplate
        When one that was there cannot be read.
    """
    written, kept = [], []
    for lang in LANGS:
        for name in (*LETTERS, *PARTS):
            target = folder / lang / f"{name}.txt"
            if target.is_file():
                check_template(folder, name, lang)
                kept.append(target)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((BUILT_IN / lang / f"{name}.txt").read_bytes())
            written.append(target)
    return written, kept


def folder_state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Give what changes whenever the office edits a file of its folder."""
    files = [*folder.glob("*.toml"), *folder.glob("*/*.txt")]
    facts = ((str(f.relative_to(folder)), f.stat()) for f in sorted(files))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in facts)


def _environment(folder: Path, lang: Lang) -> ImmutableSandboxedEnvironment:
    def load(name: str) -> tuple[str, str, Callable[[], bool]]:
        if name not in (*LETTERS, *PARTS):
            raise jinja2.TemplateNotFound(name)
        found = find_template(folder, name, lang)
        text = text_of_file(found.path, f"{lang}/{found.path.name}")
        return text, f"{name}.txt", lambda: False

    return ImmutableSandboxedEnvironment(
        loader=jinja2.FunctionLoader(load), undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True, autoescape=False, finalize=_plain,
    )  # fmt: skip


def _plain(value: object) -> object:
    """Keep what is filled in from being read as markup."""
    if isinstance(value, str):
        return " ".join(value.replace("|", "/").split()).replace("**", "*")
    return value


def _place(error: BaseException, name: str) -> tuple[str, int]:
    """Find the template and line that were being filled in when something went wrong."""
    files = {f"{one}.txt": one for one in (*LETTERS, *PARTS)}
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename in files:
            return files[frame.filename], frame.lineno or 1
    return name, 1


def _bad(folder: Path, name: str, lang: Lang, line: int, error: BaseException) -> BadTemplate:
    found = find_template(folder, name, lang)
    return BadTemplate(file=f"{lang}/{found.path.name}", line=line, reason=str(error))
