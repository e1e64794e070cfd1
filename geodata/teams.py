"""An office's list of teams -> a checked frame; a row with a fault is set aside, the rest kept."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

import pandas as pd

from geodata.codes import regency_of
from geodata.errors import BadValue
from geodata.findings import Finding, RowLabel, tally
from geodata.names import find_regencies
from geodata.row_reader import RowReader
from geodata.schema import check_teams
from geodata.speeds import JOINT, vehicles_of
from geodata.tables import Cell, bare, read_records, text_of

COLUMNS = {
    "team": ("tim", "nama_tim"),
    "regency": ("kabupaten", "kabupaten/kota", "kab/kota", "kab"),
    "base": ("pangkalan", "titik_awal"),
    "lon": ("longitude", "bujur"),
    "lat": ("latitude", "lintang"),
    "vehicle": ("moda", "kendaraan"),
    "kits": ("alat_rekam", "alat"),
    "staff": ("petugas", "jumlah_petugas"),
    "satellite_kits": ("kit_satelit", "satelit", "starlink"),
    "starts": ("jam_mulai", "mulai"),
    "ends": ("jam_selesai", "selesai"),
    "may_stay_overnight": ("boleh_bermalam", "bermalam"),
    "desks": ("meja", "jumlah_meja", "loket"),
}
REQUIRED = (
    "team", "base", "lon", "lat", "vehicle", "kits", "staff", "satellite_kits", "starts", "ends",
    "may_stay_overnight",
)  # fmt: skip
_VEHICLE_WORDS = {
    "car": ("mobil", "mobil dinas", "mobil keliling", "car"),
    "four_wheel_drive": (
        *("mobil 4x4", "4x4", "4wd", "four wheel drive", "mobil double gardan"),
        *("double gardan", "dobel gardan", "gardan ganda", "four_wheel_drive"),
    ),
    "motorcycle": ("motor", "sepeda motor", "motorcycle"),
    "longboat": ("perahu", "longboat", "klotok", "kelotok", "ketinting", "perahu motor", "ces"),
    "speedboat": ("speedboat", "speed", "speed boat"),
}
_VEHICLES = {bare(word): vehicle for vehicle, words in _VEHICLE_WORDS.items() for word in words}
_VEHICLE_ACCEPTED = "mobil, mobil 4x4, motor, perahu, speedboat; mobil+perahu"
_AND = re.compile(r"\s*(?:[+&,]|\bdan\b|\band\b)\s*", re.IGNORECASE)
# Inclusive. A team without a recording kit still serves certificates; one without people none.
_RANGES = {"kits": (0, 20), "staff": (1, 100), "satellite_kits": (0, 20), "desks": (0, 50)}
_PREFIX = re.compile(r"(\d\d\.\d\d)(?!\d)")
_TIME = re.compile(r"(\d{1,2})[:.](\d\d)(?:[:.]\d\d)?(?:\s*(?:WIB|WITA|WIT))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamsImport:
    """Teams of a file.

    Parameters
    ----------
    frame
        ``team`` (unique), ``regency_code``, ``base``, ``lon``, ``lat``, ``vehicle`` (as
        ``speeds.vehicles_of`` reads it), ``kits``, ``staff``, ``satellite_kits``, ``starts`` and
        ``ends`` (time of day at the office), ``may_stay_overnight``, ``desks`` (Int64, NA when not
        given).
    totals
        ``teams`` and the sums of kits, staff and satellite kits.
    named
        Every team the file names, set aside or not: none of these has left the office.
    """

    frame: pd.DataFrame = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, int]
    named: frozenset[str]


def read_teams(
    path: Path, *, villages: pd.DataFrame, known: Mapping[str, str] | None = None
) -> TeamsImport:
    """Read a list of teams.

    Parameters
    ----------
    villages
        All villages known: ``code`` and ``regency``. A team belongs to the regency that its row
        names or that its own name starts with (``62.02-A``).
    known
        Regency codes of the teams known so far, by name. A file replaces the teams of the
        regencies it lists, so one of another regency keeps its name to itself.

    Raises
    ------
    GeodataError
        When the whole file is refused: residents, a missing column, no row.
    """
    records = read_records(path, columns=COLUMNS, required=REQUIRED)
    regencies = frozenset(villages["code"].map(regency_of))
    findings: list[Finding] = []
    teams: list[dict[str, object]] = []
    first_rows: dict[str, RowLabel] = {}
    for record in records.rows:
        row = _Row(record)
        team = row.team(villages, regencies)
        name = record.text("team")
        if not row.findings and name in first_rows:
            row.refuse("row-duplicate", "team", first_row=first_rows[name])
        findings += row.findings
        if not row.findings:
            first_rows[name] = record.row
            teams.append(team)
    listed = {team["regency_code"] for team in teams}
    others = {name: code for name, code in (known or {}).items() if code not in listed}
    for name in (str(team["team"]) for team in teams if team["team"] in others):
        findings.append(
            Finding(
                code="team-elsewhere", severity="refused", row=first_rows[name], column="team",
                value=name, params={"regency_code": others[name]},
            )
        )  # fmt: skip
    frame = _frame([team for team in teams if team["team"] not in others])
    check_teams(frame)
    counted = tally(findings, len(frame))
    totals = {name: int(frame[name].sum()) for name in ("kits", "staff", "satellite_kits")}
    return TeamsImport(
        frame=frame,
        findings=tuple(findings),
        accepted=counted.accepted,
        corrected=counted.corrected,
        refused=counted.refused,
        totals={"teams": len(frame), **totals},
        named=frozenset(record.text("team") for record in records.rows),
    )


def _frame(teams: Sequence[dict[str, object]]) -> pd.DataFrame:
    columns = [
        "team", "regency_code", "base", "lon", "lat", "vehicle", "kits", "staff", "satellite_kits",
        "starts", "ends", "may_stay_overnight", "desks",
    ]  # fmt: skip
    kinds = dict.fromkeys(("team", "regency_code", "base", "vehicle"), "str")
    kinds |= dict.fromkeys(("lon", "lat"), "float64")
    kinds |= dict.fromkeys(("kits", "staff", "satellite_kits"), "int64")
    kinds |= {"may_stay_overnight": "bool", "desks": "Int64"}
    return pd.DataFrame(teams, columns=columns, dtype=object).astype(kinds)


class _Row(RowReader):
    """One team."""

    def team(self, villages: pd.DataFrame, regencies: frozenset[str]) -> dict[str, object]:
        """Read the row; meaningless when there are findings."""
        position = self.position()
        starts, ends = self._time("starts"), self._time("ends")
        if starts and ends and ends <= starts:
            self.refuse("times-reversed", "ends", starts=f"{starts:%H:%M}")
        return {
            "team": self.text("team"),
            "regency_code": self._regency(villages, regencies),
            "base": self.text("base"),
            "lon": position[0],
            "lat": position[1],
            "vehicle": self._vehicle(),
            **{
                column: self.number(column, *limits, is_required=column in REQUIRED)
                for column, limits in _RANGES.items()
            },
            "starts": starts,
            "ends": ends,
            "may_stay_overnight": self.yes("may_stay_overnight"),
        }

    def _vehicle(self) -> str | None:
        """Read one vehicle, or one for the road and a boat."""
        parts = _AND.split(self.record.text("vehicle"))
        words = [_VEHICLES.get(bare(part), "") for part in parts]
        try:
            return JOINT.join(vehicles_of(JOINT.join(words)))
        except BadValue:
            self.refuse("word-unknown", "vehicle", accepted=_VEHICLE_ACCEPTED)
            return None

    def _time(self, column: str) -> time | None:
        value = read_time(self.record.cells.get(column))
        if value is None:
            self.refuse("time-unreadable", column)
        return value

    def _regency(self, villages: pd.DataFrame, regencies: frozenset[str]) -> str | None:
        """Find the regency by its name and by the code that the team's name starts with."""
        named = self.record.text("regency")
        prefix = _PREFIX.match(self.record.text("team"))
        found = find_regencies(named, villages) if named else []
        if not named and prefix is None:
            self.refuse("regency-missing", "team")
        elif named and not found:
            self.refuse("regency-unknown", "regency")
        elif prefix is None and len(found) > 1:
            self.refuse("regency-ambiguous", "regency", candidates=", ".join(found))
        elif prefix is not None and prefix[1] not in regencies:
            self.refuse("regency-unknown", "team")
        elif prefix is not None and named and prefix[1] not in found:
            self.refuse("regency-contradicts", "team", regency_code=prefix[1], regency=named)
        else:
            return prefix[1] if prefix else found[0]
        return None


def read_time(cell: Cell) -> time | None:
    """Read a time of day: ``07:30``, ``7.30``, a spreadsheet's time; None when it is none.

    A number below 1 is what a spreadsheet makes of a time: a fraction of a day.
    """
    if isinstance(cell, float) and 0 < cell < 1:
        cell = timedelta(minutes=round(cell * 24 * 60))
    if isinstance(cell, datetime):
        return cell.time()
    if isinstance(cell, time):
        return cell
    if isinstance(cell, timedelta):
        cell = f"{cell.seconds // 3600}:{cell.seconds // 60 % 60:02}" if cell.days == 0 else ""
    match = _TIME.fullmatch(text_of(cell))
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    return time(int(match[1]), int(match[2]))
