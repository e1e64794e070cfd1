"""What a person may say about a file beyond its date and source: ``NAME=VALUE``.

Each kind of import lists the options that it takes; what was said is kept with the import.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from app.errors import BadOption, UnknownOption

_YES = {"yes", "ya", "true", "1"}
_NO = {"no", "tidak", "false", "0"}


class Option(NamedTuple):
    """One option: its name, how a value is written, and how it is read.

    ``read`` raises ``ValueError`` when a value cannot be used.
    """

    name: str
    accepted: str
    read: Callable[[str], object]


def yes_or_no(text: str) -> bool:
    """Read *yes* or *no*, in English or Indonesian."""
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise ValueError(text)
    return word in _YES


def regency_code(text: str) -> str:
    """Read the code of a regency: ``62.02``."""
    if not re.fullmatch(r"[0-9]{2}\.[0-9]{2}", text.strip()):
        raise ValueError(text)
    return text.strip()


def pairs(texts: Iterable[str], name: str) -> dict[str, str]:
    """Split ``NAME=VALUE`` at the last equals sign: a heading may hold one, a value does not.

    Raises
    ------
    BadOption
        When one has no equals sign or nothing before it; ``name`` is what they were given as.
    """
    found: dict[str, str] = {}
    for text in texts:
        left, sign, right = text.rpartition("=")
        if not sign or not left.strip():
            raise BadOption(option=name, value=text, accepted="NAME=VALUE")
        found[left.strip()] = right.strip()
    return found


def read_as(kind: str, given: Mapping[str, str], known: Sequence[Option]) -> dict[str, object]:
    """Read what was given for an import of ``kind`` as the options ``known`` for it.

    Raises
    ------
    UnknownOption
        When the kind does not take it.
    BadOption
        When its value cannot be used.
    """
    by_name = {option.name: option for option in known}
    values: dict[str, object] = {}
    for name, text in given.items():
        option = by_name.get(name)
        if option is None:
            raise UnknownOption(kind=kind, option=name, accepted=", ".join(by_name) or "-")
        try:
            values[name] = option.read(text)
        except ValueError as error:
            raise BadOption(option=name, value=text, accepted=option.accepted) from error
    return values
