"""The contract of each frame: columns, kinds of values, unique key.

Checked once where a step begins. A breach is a fault of the program and not of a file, so it is a
``BadFrame`` that names the frame and the column.
"""

from collections.abc import Mapping

import pandas as pd

from geodata.columns import COUNT_COLUMNS
from geodata.errors import BadFrame, BadValue
from geodata.speeds import vehicles_of

CODE = r"\d\d\.\d\d\.\d\d\.\d{4}"
SIGNALS = ("none", "weak", "strong", "very_strong")
"""Classes of signal, the worst first."""
POWERS = ("no", "yes")
"""Whether there is power of PLN, the worse first."""
TOWER_STATES = ("off", "planned", "unknown", "on_air")
"""States of a tower, the worst first."""
POINT_KINDS = ("village_hall", "district_office", "mpp", "school", "company", "prison", "other")
"""Kinds of service points."""
PROGRAMMES = ("ktp_el", "pemula", "kia", "akta", "ikd")
"""What people may be expected for at a service point."""
STORAGE_CRS = "EPSG:4326"

_VILLAGES = {
    "code": "text",
    "name": "text",
    "kind": "text",
    "district_code": "text",
    "district": "text",
    "regency_code": "text",
    "regency": "text",
    "lon": "float",
    "lat": "float",
}
_POINTS = {"code": "text", "lon": "float", "lat": "float"}
_SERVICE_POINTS = {"point": "text", "village_code": "text", "name": "text", "kind": "text"} | {
    "lon": "float", "lat": "float", "opens": "text", "serves": "any",
} | dict.fromkeys(PROGRAMMES, "int")  # fmt: skip
_COUNTS = {"code": "text", "name": "text", "district": "text"} | dict.fromkeys(COUNT_COLUMNS, "int")
_PROVENANCE = dict.fromkeys(("id", "observed_on", "source", "confidence"), "any")
_SIGNALS = {"code": "text", "signal": "text", "definition": "any"} | _PROVENANCE
_POWER = {"code": "text", "power": "text"} | _PROVENANCE
_TOWERS = {
    "site_id": "text",
    "lon": "float",
    "lat": "float",
    "state": "text",
    "radius_km": "float",
    "code": "any",
    "definition": "any",
} | _PROVENANCE
_COVERAGE = {"signal": "text", "definition": "any"} | _PROVENANCE
_TEAMS = {
    "team": "text",
    "regency_code": "text",
    "base": "text",
    "lon": "float",
    "lat": "float",
    "vehicle": "text",
    "kits": "int",
    "staff": "int",
    "satellite_kits": "int",
    "starts": "any",
    "ends": "any",
    "may_stay_overnight": "any",
    "desks": "int",
}


def check_villages(villages: pd.DataFrame) -> None:
    """Check a frame of villages: dotted codes, unique; lon and lat in degrees of WGS 84."""
    _check(villages, _VILLAGES, "villages", key="code")
    _check_codes(villages, "villages")


def check_service_points(points: pd.DataFrame) -> None:
    """Check the points where teams serve: dotted codes, unique; degrees of WGS 84."""
    _check(points, _POINTS, "service points", key="code")
    _check_codes(points, "service points")


def check_points(points: pd.DataFrame) -> None:
    """Check a frame of service points: unique code, a known kind, power and signal."""
    _check(points, _SERVICE_POINTS, "points", key="point")
    _check_words(points, "points", "kind", POINT_KINDS)


def check_counts(counts: pd.DataFrame) -> None:
    """Check a frame of counts: dotted codes, unique; whole numbers or missing."""
    _check(counts, _COUNTS, "counts", key="code")
    _check_codes(counts, "counts")


def check_signals(signals: pd.DataFrame) -> None:
    """Check the rows of a status list: dotted codes, classes of signal; a code may stand twice."""
    _check(signals, _SIGNALS, "signals")
    _check_codes(signals, "signals")
    _check_words(signals, "signals", "signal", SIGNALS)


def check_power(power: pd.DataFrame) -> None:
    """Check the rows that speak of power: dotted codes, *yes* or *no*; a code may stand twice."""
    _check(power, _POWER, "power")
    _check_codes(power, "power")
    _check_words(power, "power", "power", POWERS)


def check_towers(towers: pd.DataFrame) -> None:
    """Check a frame of towers: unique id, position in degrees of WGS 84, a known state."""
    _check(towers, _TOWERS, "towers", key="id")
    _check_words(towers, "towers", "state", TOWER_STATES)


def check_coverage(coverage: pd.DataFrame) -> None:
    """Check a frame of areas of one signal each: unique id, a class of signal."""
    _check(coverage, _COVERAGE, "coverage", key="id")
    _check_words(coverage, "coverage", "signal", SIGNALS)


def check_teams(teams: pd.DataFrame) -> None:
    """Check a frame of teams: unique name, a known vehicle."""
    _check(teams, _TEAMS, "teams", key="team")
    try:
        for words in teams["vehicle"]:
            vehicles_of(words)
    except BadValue as error:
        raise BadFrame(place="teams", column="vehicle", accepted=str(error)) from error


_KINDS = {
    "text": pd.api.types.is_string_dtype,
    "float": pd.api.types.is_float_dtype,
    "int": pd.api.types.is_integer_dtype,
}


def _check(
    frame: pd.DataFrame, columns: Mapping[str, str], place: str, key: str | None = None
) -> None:
    for column, kind in columns.items():
        if column not in frame or (kind != "any" and not _KINDS[kind](frame[column])):
            raise BadFrame(place=place, column=column, accepted=kind)
    if key is not None and frame[key].duplicated().any():
        raise BadFrame(place=place, column=key, accepted="unique")


def _check_words(frame: pd.DataFrame, place: str, column: str, words: tuple[str, ...]) -> None:
    if not frame[column].isin(words).all():
        raise BadFrame(place=place, column=column, accepted=", ".join(words))


def _check_codes(frame: pd.DataFrame, place: str) -> None:
    if not frame["code"].str.fullmatch(CODE).all():
        raise BadFrame(place=place, column="code", accepted="62.02.01.1009")
