"""Codes of villages as they are printed, always text: ``PP.KK.CC.VVVV`` of Kemendagri, and BPS.

In a Kemendagri code the first of the four last digits tells the kind: 1 kelurahan, 2 desa, 3 desa
adat. BPS codes have ten digits as well, cut 2 + 2 + 3 + 3, and their digits name other places:
which of the two a file speaks is decided in ``schemes.py``, never from one code.
"""

import itertools
import re
from dataclasses import dataclass
from typing import Literal

from geodata.errors import AmbiguousCode, BadCode

Scheme = Literal["kemendagri", "bps"]
KINDS = {"1": "kelurahan", "2": "desa", "3": "desa adat"}
_DOTTED = re.compile(r"([0-9]{2})[.\-/ ]([0-9]{2})[.\-/ ]([0-9]{2})[.\-/ ]([0-9]{4})")
_BPS_DOTTED = re.compile(r"[0-9]{2}([.\-/ ])[0-9]{2}\1[0-9]{3}\1[0-9]{3}")
_PLAIN = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{4})")
# Ten digits as a number: with an empty fraction, with a separator of thousands, with all digits in
# scientific notation. One digit less there may be a zero or a digit that was rounded away.
_NUMBER = re.compile(r"[0-9]{10}[.,]0*|[0-9]([.,])[0-9]{3}\1[0-9]{3}\1[0-9]{3}")
_SCIENTIFIC = re.compile(r"([0-9])(?:[.,]([0-9]*))?[eE]\+?0?9")
_GROUPS = re.compile(r"[0-9]{1,2}([.\-/ ][0-9]{1,4}){1,3}")
_WIDTHS = (2, 2, 2, 4)


@dataclass(frozen=True, slots=True)
class CodeReading:
    """What one cell of a column of codes says before it is known whose code it is.

    Parameters
    ----------
    digits
        The ten digits when all of them are there.
    layout
        The scheme that cuts its codes as the separators do; None without separators.
    readings
        The Kemendagri codes (ten digits each) that it can have been before it lost zeros.
    is_number
        Whether a spreadsheet had made a number of it.
    is_rounded
        Whether it is a number in scientific notation with digits missing: nothing can be said.
    """

    printed: str
    digits: str | None = None
    layout: Scheme | None = None
    readings: tuple[str, ...] = ()
    is_number: bool = False
    is_rounded: bool = False


def read_code(cell: object) -> CodeReading:
    """Read a cell of a column of codes as far as it is certain, in either scheme."""
    raw = " ".join(str(cell).split()).strip("'`\u2019.")
    printed = _printed(cell)
    is_number = printed != raw or not isinstance(cell, str)
    match = _DOTTED.fullmatch(printed)
    if match:
        digits = "".join(match.groups())
        return CodeReading(printed, digits if is_possible(digits, "kemendagri") else None,
                           "kemendagri")  # fmt: skip
    if _BPS_DOTTED.fullmatch(printed):
        digits = re.sub("[^0-9]", "", printed)
        return CodeReading(printed, digits if is_possible(digits, "bps") else None, "bps")
    if _PLAIN.fullmatch(printed):
        known = is_possible(printed, "kemendagri") or is_possible(printed, "bps")
        return CodeReading(raw, printed if known else None, is_number=is_number)
    if _SCIENTIFIC.fullmatch(printed):
        return CodeReading(printed, is_number=True, is_rounded=True)
    readings = tuple(
        digits
        for groups in itertools.product(*_group_readings(printed))
        if len(digits := "".join(groups)) == 10 and is_possible(digits, "kemendagri")
    )
    return CodeReading(printed, layout="kemendagri" if readings else None, readings=readings)


def is_possible(digits: str, scheme: Scheme) -> bool:
    """Tell whether a scheme can give these ten digits to a village at all."""
    if digits < "11" or digits[2:4] == "00":
        return False
    if scheme == "kemendagri":
        return digits[4:6] != "00" and digits[6] in KINDS
    return digits[4:7] != "000" and digits[7:] != "000"


def dotted(digits: str) -> str:
    """Write ten digits as Kemendagri does."""
    return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}"


def parse_code(text: object) -> str:
    """Read a village code in any of its spellings and give it with dots.

    Parameters
    ----------
    text
        ``62.02.01.1009``, ``6202011009``, or the number that a spreadsheet made of it.

    Raises
    ------
    AmbiguousCode
        When a group has lost a zero (62.1 may be 62.01 or 62.10).
    BadCode
        When it is no village code at all.
    """
    printed = _printed(text)
    match = _DOTTED.fullmatch(printed) or _PLAIN.fullmatch(printed)
    if match is None:
        raise _refusal(printed)
    digits = "".join(match.groups())
    if not is_possible(digits, "kemendagri"):
        raise BadCode(value=printed)
    return dotted(digits)


def _printed(text: object) -> str:
    """Give the text of a code; what a spreadsheet did to a number of ten digits is undone."""
    if isinstance(text, float) and text.is_integer():
        return str(int(text))
    printed = " ".join(str(text).split()).strip("'`\u2019.")
    match = _SCIENTIFIC.fullmatch(printed)
    if match and len(match[2] or "") == 9:
        return match[1] + match[2]
    if match is None and _NUMBER.fullmatch(printed):
        return re.sub("[^0-9]", "", printed)[:10]
    return printed


def _refusal(printed: str) -> BadCode:
    choices = _group_readings(printed)
    if not choices or all(len(choice) == 1 for choice in choices):
        return BadCode(value=printed)
    readings = [".".join(groups) for groups in itertools.product(*choices)]
    return AmbiguousCode(value=printed, readings=" / ".join(readings[:8]))


def _group_readings(printed: str) -> list[list[str]]:
    """List for each group what it can have been; nothing when this is not a code in groups."""
    if not _GROUPS.fullmatch(printed):
        return []
    groups = re.split(r"[.\-/ ]", printed)
    if any(len(group) > width for group, width in zip(groups, _WIDTHS, strict=False)):
        return []
    return [_readings(group, width) for group, width in zip(groups, _WIDTHS, strict=False)]


def _readings(group: str, width: int) -> list[str]:
    """List what a group can have been before it lost zeros in front or behind."""
    if len(group) == width:
        return [group]
    return list(dict.fromkeys((group.rjust(width, "0"), group.ljust(width, "0"))))


def kind_of(code: str) -> str:
    """Give the kind of village that a dotted code stands for."""
    return KINDS[code[9]]


def district_of(code: str) -> str:
    """Give the district's part of a dotted code: ``62.02.01``."""
    return code[:8]


def regency_of(code: str) -> str:
    """Give the regency's part of a dotted code: ``62.02``."""
    return code[:5]


def province_of(code: str) -> str:
    """Give the province's part of a dotted code: ``62``."""
    return code[:2]
