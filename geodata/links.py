"""A list of scheduled boats and planes -> links frame."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geodata.crs import is_in_indonesia
from geodata.errors import EmptyFile
from geodata.findings import Finding, tally
from geodata.numbers import NotNumber, read_decimal
from geodata.row_reader import RowReader
from geodata.tables import Record, read_records, read_sheets
from geodata.timetable import Timetable

# What a link is called, in files, and how it moves.
TRAVEL_MODES = {
    "speedboat": "river",
    "longboat": "river",
    "river_boat": "river",
    "sea_boat": "sea",
    "ferry": "sea",
    "ship": "sea",
    "plane": "air",
}
_SAME_MODE = {
    "speed": "speedboat",
    "perahu": "longboat",
    "ketinting": "longboat",
    "ces": "longboat",
    "klotok": "river_boat",
    "kelotok": "river_boat",
    "taksi air": "river_boat",
    "kapal sungai": "river_boat",
    "kapal laut": "sea_boat",
    "perahu laut": "sea_boat",
    "feri": "ferry",
    "kapal": "ship",
    "pesawat": "plane",
    "pesawat perintis": "plane",
}
_COLUMNS = {
    "dari": ("asal", "from"),
    "dari_lon": ("asal_lon", "from_lon"),
    "dari_lat": ("asal_lat", "from_lat"),
    "ke": ("tujuan", "to"),
    "ke_lon": ("tujuan_lon", "to_lon"),
    "ke_lat": ("tujuan_lat", "to_lat"),
    "moda": ("mode",),
    "menit": ("minutes", "waktu_menit"),
    "menit_balik": ("minutes_back",),
    "hari": ("weekdays", "hari_operasi"),
    "biaya": ("cost", "tarif", "ongkos"),
    "jadwal": ("timetable", "jam_berangkat"),
}
_REQUIRED = ("dari", "dari_lon", "dari_lat", "ke", "ke_lon", "ke_lat", "moda", "menit", "hari")
MAX_MINUTES = 2 * 24 * 60
DTYPES = {
    "from_name": object,
    "from_lon": float,
    "from_lat": float,
    "to_name": object,
    "to_lon": float,
    "to_lat": float,
    "mode": object,
    "travel_mode": object,
    "minutes": int,
    "minutes_back": int,
    "weekdays": object,
    "cost": float,
    "timetable": object,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksImport:
    """What a list of links brought.

    Parameters
    ----------
    frame
        One row a link, usable in both directions: ``from_name``, ``from_lon``, ``from_lat``,
        ``to_name``, ``to_lon``, ``to_lat``, ``mode`` (a key of ``TRAVEL_MODES``), ``travel_mode``
        (``river``, ``sea``, ``air``), ``minutes``, ``minutes_back``, ``weekdays`` (ascending
        digits, 1 is Monday: ``135``), ``cost`` (rupiah a person, NaN where not stated),
        ``timetable`` (as ``Timetable.text`` writes it, or None). A list without rows is no error.
    totals
        ``links`` and, by travel mode, ``river``, ``sea``, ``air``.
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...]
    accepted: int
    corrected: int
    refused: int
    totals: Mapping[str, float]


def read_links(path: Path) -> LinksImport:
    """Read a list of links; a row that fails alone is set aside with a finding.

    Raises
    ------
    GeodataError
        Of the leaves that ``tables.read_records`` raises, except that no row under the header is
        no error.
    """
    findings: list[Finding] = []
    rows: list[dict[str, object]] = []
    first_row: dict[tuple[object, ...], int | str] = {}
    for record in _records(path):
        link, problems = _read_link(record)
        if link is not None:
            key = tuple(link[name] for name in DTYPES if name not in ("cost", "timetable"))
            if key in first_row:
                problems = [_duplicate(record, first_row[key])]
            else:
                first_row[key] = record.row
                rows.append(link)
        findings.extend(problems)
    frame = pd.DataFrame(rows, columns=list(DTYPES)).astype(DTYPES)
    n_without_fare = int(frame["cost"].isna().sum())
    if n_without_fare:
        findings.append(Finding(code="fare-assumed", severity="info", value=str(n_without_fare)))
    counts = tally(findings, len(frame))
    by_mode = {mode: int((frame["travel_mode"] == mode).sum()) for mode in ("river", "sea", "air")}
    return LinksImport(
        frame=frame,
        findings=tuple(findings),
        accepted=counts.accepted,
        corrected=counts.corrected,
        refused=counts.refused,
        totals={"links": len(frame), **by_mode},
    )


def links_on(links: pd.DataFrame, weekday: int) -> pd.DataFrame:
    """Select the links that run on a weekday, 1 for Monday to 7 for Sunday."""
    return links[links["weekdays"].str.contains(str(weekday), regex=False).astype(bool)]


def _records(path: Path) -> list[Record]:
    try:
        return read_records(path, columns=_COLUMNS, required=_REQUIRED).rows
    except EmptyFile:
        read_sheets(path)  # raises again when there is no header either
        return []


def _read_link(record: Record) -> tuple[dict[str, object] | None, list[Finding]]:
    """Read one row: the link, or None with what is wrong with it."""
    reader = _Row(record)
    link: dict[str, object] = {
        "from_name": reader.text("dari"),
        "to_name": reader.text("ke"),
        **reader.end("dari", "from"),
        **reader.end("ke", "to"),
        "mode": reader.mode(),
        "minutes": reader.number("menit", 1, MAX_MINUTES, is_required=True),
        "weekdays": reader.weekdays(),
        "cost": reader.number("biaya", 0, 100_000_000),
        "timetable": reader.timetable(),
    }
    link["travel_mode"] = TRAVEL_MODES.get(str(link["mode"]))
    ends = [(link[f"{end}_lon"], link[f"{end}_lat"]) for end in ("from", "to")]
    if ends[0] == ends[1] and None not in ends[0]:
        lon, lat = ends[0]
        reader.refuse("link-goes-nowhere", lon=f"{lon:g}", lat=f"{lat:g}")
    link["minutes_back"] = reader.minutes_back(link["minutes"])
    return (None if reader.is_refused else link), reader.findings


def _duplicate(record: Record, first_row: int | str) -> Finding:
    return Finding(
        code="row-duplicate",
        severity="refused",
        row=record.row,
        value=f"{record.text('dari')} - {record.text('ke')}",
        params={"first_row": first_row},
    )


class _Row(RowReader):
    """One link."""

    def end(self, column: str, end: str) -> dict[str, float | None]:
        lon, lat = (self.coordinate(f"{column}_{axis}") for axis in ("lon", "lat"))
        if lon is not None and lat is not None:
            shown = {"lon": f"{lon:g}", "lat": f"{lat:g}"}
            if is_in_indonesia(lat, lon) and not is_in_indonesia(lon, lat):
                self.refuse("coordinates-swapped", **shown)
            elif not is_in_indonesia(lon, lat):
                self.refuse("coordinates-out-of-range", **shown)
        return {f"{end}_lon": lon, f"{end}_lat": lat}

    def coordinate(self, column: str) -> float | None:
        try:
            value = read_decimal(self.record.cells.get(column))
        except NotNumber:
            self.refuse("number-unreadable", column)
            return None
        if value is None:
            self.refuse("value-missing", column)
        return value

    def mode(self) -> str | None:
        word = " ".join(re.split(r"[\s_-]+", self.record.text("moda").lower())).strip()
        mode = _SAME_MODE.get(word, word.replace(" ", "_"))
        if not word:
            self.refuse("value-missing", "moda")
        elif mode not in TRAVEL_MODES:
            self.refuse("word-unknown", "moda", accepted=", ".join([*TRAVEL_MODES, *_SAME_MODE]))
        return mode

    def minutes_back(self, minutes: object) -> object:
        if self.record.text("menit_balik"):
            return self.number("menit_balik", 1, MAX_MINUTES)
        self.findings.append(
            Finding(
                code="return-time-assumed",
                severity="corrected",
                row=self.record.row,
                column="menit_balik",
                value=str(minutes),
            )
        )
        return minutes

    def timetable(self) -> str | None:
        """Read the departures; what cannot be read is told, and the link taken without."""
        text = self.record.text("jadwal")
        if not text:
            return None
        try:
            timetable = Timetable.read(text)
        except ValueError:
            self._doubt("timetable-unreadable", text)
            return None
        if min(map(len, timetable)) == 1:
            self._doubt("timetable-single", text)
        return timetable.text

    def _doubt(self, code: str, text: str) -> None:
        row = self.record.row
        self.findings.append(
            Finding(code=code, severity="warning", row=row, column="jadwal", value=text)
        )

    def weekdays(self) -> str | None:
        text = self.record.text("hari")
        digits = re.sub(r"[\s,;/]+", "", text)
        if not text:
            self.refuse("value-missing", "hari")
        elif not re.fullmatch(r"[1-7]+", digits):
            self.refuse("weekdays-unreadable", "hari")
        return "".join(sorted(set(digits)))
