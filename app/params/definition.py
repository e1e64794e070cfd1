"""One parameter of the office: what it is called, which values it takes, how they are written."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from app.calendar import read_period
from app.errors import BadParam

Lang = Literal["id", "en"]

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_WEEKDAYS = re.compile(r"(?!.*(.).*\1)[1-7]{1,7}")
_FLAGS = {"true": True, "yes": True, "ya": True, "false": False, "no": False, "tidak": False}


class Kind(StrEnum):
    """What a value is, as JSON and as a person writes it."""

    NUMBER = "number"
    WHOLE = "whole"
    FLAG = "flag"
    SPAN = "span"
    WEEKDAYS = "weekdays"
    WHOLES = "wholes"
    WORD = "word"
    WORDS = "words"
    TABLE = "table"
    PERIODS = "periods"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A row of the table of parameters; its default stands in the class of its group.

    Parameters
    ----------
    name
        Group and path in it, ``worth.weight.ktp_el``.
    unit
        Of a number; empty where there is none.
    low, high
        Numbers are allowed from ``low`` to ``high``, both included.
    words
        The words a value may be, or a table may lead to; none: any.
    meaning
        A sentence for each language.
    source
        Where the default comes from.
    """

    name: str
    kind: Kind
    meaning: Mapping[Lang, str]
    source: str
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    words: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The class of values it belongs to: the first word of its name."""
        return self.name.partition(".")[0]

    @property
    def accepted(self) -> str:
        """How a value is written, for error messages and documents."""
        limits = f"{_plain(self.low)}..{_plain(self.high)}"
        return {
            Kind.NUMBER: limits,
            Kind.WHOLE: limits,
            Kind.FLAG: "true | false",
            Kind.SPAN: "12:00-13:00",
            Kind.WEEKDAYS: "12345",
            Kind.WHOLES: f"120,240,360 ({limits})",
            Kind.WORD: ", ".join(self.words),
            Kind.WORDS: "word,word",
            Kind.TABLE: f"word=word ({', '.join(self.words) or '-'})",
            Kind.PERIODS: "2026-02-19..2026-03-20,...",
        }[self.kind]

    def check(self, value: object) -> Any:  # noqa: ANN401 (any JSON value, as its kind says)
        """Give a JSON value in its one form, or refuse it.

        Raises
        ------
        BadParam
            When it is of another kind or beyond the limits.
        """
        checks = {
            Kind.NUMBER: self._number,
            Kind.WHOLE: self._whole,
            Kind.FLAG: self._flag,
            Kind.SPAN: self._span,
            Kind.WEEKDAYS: self._weekdays,
            Kind.WHOLES: self._wholes,
            Kind.WORD: self._word,
            Kind.WORDS: self._words,
            Kind.TABLE: self._table,
            Kind.PERIODS: self._periods,
        }
        return checks[self.kind](value)

    def read(self, text: str) -> Any:  # noqa: ANN401 (any JSON value, as its kind says)
        """Read what a person wrote on the command line.

        Raises
        ------
        BadParam
            When it cannot be read or is beyond the limits.
        """
        text = text.strip()
        parts = [part.strip() for part in text.split(",") if part.strip()]
        try:
            if self.kind is Kind.NUMBER:
                return self.check(float(text.replace(",", ".", 1)))
            if self.kind is Kind.WHOLE:
                return self.check(int(text))
            if self.kind is Kind.FLAG:
                return _FLAGS[text.lower()]
            if self.kind is Kind.WHOLES:
                return self.check([int(part) for part in parts])
            if self.kind is Kind.TABLE:
                return self.check(dict(part.split("=", 1) for part in parts))
        except (ValueError, KeyError) as error:
            raise self._bad(text) from error
        is_list = self.kind in {Kind.WORDS, Kind.PERIODS}
        return self.check(parts if is_list else text)

    def _bad(self, value: object) -> BadParam:
        accepted = f"{self.accepted} {self.unit}".strip()
        return BadParam(name=self.name, value=value, accepted=accepted)

    def _number(self, value: object) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not self.low <= value <= self.high:  # type: ignore[operator]  # a number
            raise self._bad(value)
        return float(value)  # type: ignore[arg-type]  # a number

    def _whole(self, value: object) -> int:
        number = self._number(value)
        if not number.is_integer():
            raise self._bad(value)
        return int(number)

    def _flag(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise self._bad(value)
        return value

    def _span(self, value: object) -> str:
        match = _SPAN.fullmatch(value) if isinstance(value, str) else None
        if match is None or not match[0][:5] < match[0][6:]:
            raise self._bad(value)
        return match[0]

    def _weekdays(self, value: object) -> str:
        if not isinstance(value, str) or not _WEEKDAYS.fullmatch(value):
            raise self._bad(value)
        return "".join(sorted(value))

    def _wholes(self, value: object) -> list[int]:
        if not isinstance(value, list) or not 1 <= len(value) <= 8:
            raise self._bad(value)
        return sorted({self._whole(number) for number in value})

    def _word(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise self._bad(value)
        return value

    def _words(self, value: object) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self._bad(value)
        return sorted(set(value))

    def _table(self, value: object) -> dict[str, str]:
        if not isinstance(value, dict) or not value:
            raise self._bad(value)
        for word, leads_to in value.items():
            if not str(word).strip() or leads_to not in self.words:
                raise self._bad(value)
        return {str(word): str(value[word]) for word in sorted(value)}

    def _periods(self, value: object) -> list[str]:
        if not isinstance(value, list) or not value:
            raise self._bad(value)
        try:
            periods = sorted(read_period(str(text)) for text in value)
        except ValueError as error:
            raise self._bad(value) from error
        if any(not 0 <= (last - first).days < 366 for first, last in periods):
            raise self._bad(value)
        return [f"{first.isoformat()}..{last.isoformat()}" for first, last in periods]


def _plain(limit: float) -> str:
    return f"{limit:.0f}" if float(limit).is_integer() else f"{limit:g}"
