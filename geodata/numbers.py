"""Read the numbers of an office's sheet: ``2.878.769``, ``97,34``, a dash for nothing."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from geodata.tables import Cell, text_of

_WHOLE = re.compile(r"[+-]?\d+")
# One kind of separator throughout, groups of three, and no leading zero: 0.123 is a fraction.
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([., '])\d{3}(\1\d{3})*")
_WHOLE_WITH_ZEROS = re.compile(r"[+-]?(\d+|[1-9]\d{0,2}([., '])\d{3}(\2\d{3})*)[.,]0+")
_DECIMAL = re.compile(r"[+-]?(\d+|\d{1,3}([., '])\d{3}(\2\d{3})*)[.,]\d+")
_WORDED = re.compile(r"(?P<number>[\d.,' ]+?)\s*(?P<word>ribu|rb|juta|jt)\.?", re.IGNORECASE)
_SCALES = {"ribu": 1000, "rb": 1000, "juta": 1_000_000, "jt": 1_000_000}
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"
_TO_HYPHEN = str.maketrans(dict.fromkeys(_DASHES, "-"))


class NotWhole(ValueError):
    """A number with a fraction where people are counted; both ways to read it."""

    def __init__(self, as_decimal: str, as_thousands: str) -> None:
        self.as_decimal = as_decimal
        self.as_thousands = as_thousands
        super().__init__(f"{as_decimal} or {as_thousands}")


class NotNumber(ValueError):
    """No number at all."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A count, None for an empty cell, and whether it was written in another way than digits."""

    value: int | None
    rewritten: bool = False


def read_count(cell: Cell) -> Reading:
    """Read a whole number.

    A dash is 0, an empty cell is missing, white space of every kind is ignored around the number.
    Groups of three digits are thousands, whatever the separator (``2.878``, ``2,878``, ``2 878``);
    a fraction of zeros (``36,00``) is dropped.

    Raises
    ------
    NotWhole
        When there is a fraction: ``2.5`` may be two and a half or 2,500 with its zeros lost; or a
        word of scale after one: ``51.163 ribu`` may be 51,163 or 51,163,000.
    NotNumber
        When it is another word, a date or a truth value.
    """
    if cell is None:
        return Reading(None)
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise NotNumber
    if isinstance(cell, str):
        return _from_text(text_of(cell).translate(_TO_HYPHEN))
    if isinstance(cell, float) and not cell.is_integer():
        raise _not_whole(repr(cell))
    return Reading(int(cell))


def _from_text(text: str) -> Reading:
    if not text:
        return Reading(None)
    if text == "-":
        return Reading(0, rewritten=True)
    if _WHOLE.fullmatch(text):
        return Reading(int(text))
    if _GROUPED.fullmatch(text):
        return Reading(_digits(text), rewritten=True)
    if _WHOLE_WITH_ZEROS.fullmatch(text):
        return Reading(_digits(re.split(r"[.,]0+$", text)[0]), rewritten=True)
    if _DECIMAL.fullmatch(text):
        raise _not_whole(text)
    raise _not_scaled(text)


def _not_scaled(text: str) -> Exception:
    """Tell both readings of a fraction or grouped number of thousands or millions."""
    match = _WORDED.fullmatch(text)
    if not match or not _DECIMAL.fullmatch(match["number"]):
        return NotNumber()
    before, after = re.split(r"[.,](?=\d+$)", match["number"])
    scale = _SCALES[match["word"].lower()]
    as_decimal = Decimal(f"{_digits(before)}.{after}") * scale
    if len(after) > 3 or as_decimal != int(as_decimal):
        return NotNumber()
    return NotWhole(f"{int(as_decimal)}", f"{_digits(before + after.ljust(3, '0')) * scale}")


def _digits(text: str) -> int:
    return int(re.sub(r"[^\d-]", "", text))


def _not_whole(text: str) -> Exception:
    """Tell both readings of a fraction; with more than three decimals it was never a thousand."""
    if not _DECIMAL.fullmatch(text):
        return NotNumber()  # nan, inf, 1e-07
    before, after = re.split(r"[.,](?=\d+$)", text)
    sign = "-" if text.startswith("-") else ""
    digits = str(abs(_digits(before)))
    as_thousands = f"{sign}{int(digits + after.ljust(3, '0'))}" if len(after) <= 3 else "-"
    return NotWhole(f"{sign}{digits},{after}", as_thousands)


def read_percentage(cell: Cell) -> Decimal | None:
    """Read a percentage as printed: ``97,34``, ``97.34 %``, 0.9734; an empty cell is missing.

    Raises
    ------
    NotNumber
        When it is no number.
    """
    text = text_of(cell).translate(_TO_HYPHEN).removesuffix("%").strip()
    if text in ("", "-"):
        return None
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise NotNumber from None
    if isinstance(cell, bool) or not value.is_finite():
        raise NotNumber
    return value


def read_decimal(cell: Cell) -> float | None:
    """Read a coordinate, with a decimal point or comma; an empty cell is missing.

    Raises
    ------
    NotNumber
        When it is no number.
    """
    value = read_percentage(cell) if not str(cell).strip().endswith("%") else None
    if value is None and text_of(cell) not in ("", "-"):
        raise NotNumber
    return None if value is None else float(value)
