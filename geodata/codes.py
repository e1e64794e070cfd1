"""Kemendagri codes of villages: ``PP.KK.CC.VVVV``, always text.

The first of the four last digits tells the kind: 1 kelurahan, 2 desa, 3 desa adat. BPS codes have
ten digits as well but another structure, and their digits name other places: they are never
converted here, and most of them are refused by that digit.
"""

import itertools
import re

from geodata.errors import AmbiguousCode, BadCode

KINDS = {"1": "kelurahan", "2": "desa", "3": "desa adat"}
_DOTTED = re.compile(r"(\d\d)[.\-/ ](\d\d)[.\-/ ](\d\d)[.\-/ ](\d{4})")
_PLAIN = re.compile(r"(\d\d)(\d\d)(\d\d)(\d{4})")
_NUMBER = re.compile(r"\d{10}\.0*|\d\.\d+[eE]\+?0?9")
_GROUPS = re.compile(r"\d{1,2}([.\-/ ]\d{1,4}){1,3}")


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
    province, regency, district, village = match.groups()
    if "00" in (regency, district) or province < "11" or village[0] not in KINDS:
        raise BadCode(value=printed)
    return f"{province}.{regency}.{district}.{village}"


def _printed(text: object) -> str:
    if isinstance(text, float) and text.is_integer():
        return str(int(text))
    printed = " ".join(str(text).split()).strip("'`\u2019.")
    return str(int(float(printed))) if _NUMBER.fullmatch(printed) else printed


def _refusal(printed: str) -> BadCode:
    groups = re.split(r"[.\-/ ]", printed)
    if not _GROUPS.fullmatch(printed) or all(map(_is_whole, groups, (2, 2, 2, 4))):
        return BadCode(value=printed)
    choices = [_readings(group, 4 if place == 3 else 2) for place, group in enumerate(groups)]
    readings = [".".join(groups) for groups in itertools.product(*choices)]
    return AmbiguousCode(value=printed, readings=" / ".join(readings[:8]))


def _is_whole(group: str, width: int) -> bool:
    return len(group) == width


def _readings(group: str, width: int) -> list[str]:
    """List what a group can have been before it lost zeros in front or behind."""
    if len(group) >= width:
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
