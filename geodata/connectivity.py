"""Lists of signal per village and lists of towers -> rows with source and day.

Lists contradict each other and use different words for blank spots, so every row keeps its word,
its source and its day; ``newest`` says which one holds and which ones lost.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

import pandas as pd

from geodata.codes import parse_code
from geodata.dates import as_of_from_text, latest_day
from geodata.errors import BadCode, BadCodes, BadValue, EmptyFile, MissingColumn
from geodata.findings import Finding, RowLabel, tally
from geodata.names import match_villages, normalise
from geodata.positions import read_position
from geodata.schema import SIGNALS, check_signals, check_towers
from geodata.tables import Record, Records, bare, read_records

COLUMNS = {
    "code": ("kode", "kode_desa", "kode_wilayah", "village_code", "kode desa/kelurahan"),
    "name": ("desa", "nama_desa", "desa/kelurahan", "kelurahan", "kampung", "village"),
    "district": ("kecamatan", "nama_kecamatan", "kec"),
    "regency": ("kabupaten", "kabupaten/kota", "kab/kota", "nama_kabupaten", "kab"),
    "status": ("sinyal_telepon", "sinyal", "kondisi_sinyal", "kekuatan_sinyal", "signal"),
    "observed_on": ("tanggal", "tahun", "date", "tgl", "periode"),
    "source": ("sumber", "url"),
    "site_id": ("site id", "id_site", "kode_site"),
    "lon": ("longitude", "bujur", "long"),
    "lat": ("latitude", "lintang"),
}
_WORDS = {
    "none": (
        "tidak ada", "tidak ada sinyal", "tidak ada sinyal telepon", "tidak ada internet",
        "tanpa sinyal", "tanpa internet", "blank spot", "blankspot", "blank_spot",
        "blank_spot_internet",
        "no_bts", "no_signal", "no_internet", "none", "nihil",
    ),
    "weak": (
        "lemah", "sinyal lemah", "blank_spot_partial", "partial", "sebagian", "very_limited",
        "sangat terbatas", "terbatas", "limited", "weak",
    ),
    "strong": ("kuat", "sinyal kuat", "strong"),
    "very_strong": ("sangat kuat", "sinyal sangat kuat", "very_strong"),
}  # fmt: skip
SIGNAL_OF_WORD = {bare(word): signal for signal, words in _WORDS.items() for word in words}
_ACCEPTED_WORDS = "tidak ada, lemah, kuat, sangat kuat, blank_spot, no_signal, partial"
_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectivityImport:
    """One list, of the signal in villages or of towers.

    Parameters
    ----------
    kind
        ``status``: ``code, signal, status, observed_on, source, row``, where ``signal`` is a class
        of ``schema.SIGNALS`` and ``status`` the word as printed; a village may stand more than
        once. ``tower``: ``site_id, lon, lat, status, code, name, observed_on, source, row``, where
        ``code`` is the village as the list tells it, None when it tells none: hearsay, since many
        towers stand in another village's area.
    totals
        Rows of each class of signal, or ``towers``.
    """

    frame: pd.DataFrame = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    kind: Literal["status", "tower"]
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, int]


def read_connectivity(
    path: Path,
    *,
    villages: pd.DataFrame,
    as_of: date | None = None,
    source: str | None = None,
) -> ConnectivityImport:
    """Read a list of signal per village, by code or by name, or a list of towers.

    Parameters
    ----------
    villages
        All villages known: ``code, name, district, regency``. Codes are not looked up here, except
        to compare the names.
    as_of
        The day of rows that leave theirs empty; default: what the titles or the file's name say. A
        row that says *unknown* stays undated.
    source
        The source of rows that name none; default: the file's name.

    Raises
    ------
    GeodataError
        When the whole file is refused: residents, no header, codes that cannot be read for certain.
    """
    records = read_records(path, columns=COLUMNS, required=())
    day = as_of or as_of_from_text(records.titles) or as_of_from_text(path.stem)
    reader = _Reader(path.name, villages, day, source or path.name)
    if {"site_id", "lon", "lat"} <= records.columns:
        return reader.towers(records)
    _require(records, path.name)
    return reader.statuses(records)


def _require(records: Records, place: str) -> None:
    for choices in (("status",), ("code", "name")):
        if not records.columns.intersection(choices):
            accepted = ", ".join(name for choice in choices for name in COLUMNS[choice])
            found = ", ".join(sorted(records.columns)) or "-"
            raise MissingColumn(place=place, column=choices[0], found=found, accepted=accepted)


@dataclass(slots=True)
class _Reader:
    """One pass over a list; gathers findings."""

    place: str
    villages: pd.DataFrame
    as_of: date | None
    source: str
    findings: list[Finding] = field(default_factory=list)
    bad_codes: list[str] = field(default_factory=list)

    def statuses(self, records: Records) -> ConnectivityImport:
        read = [row for record in records.rows if (row := self._status(record))]
        if self.bad_codes:
            listed = ", ".join(self.bad_codes[:_LISTED])
            raise BadCodes(place=self.place, count=len(self.bad_codes), value=listed)
        columns = ["code", "name", "district", "regency", "signal", "status",
                   "observed_on", "source", "row"]  # fmt: skip
        rows = pd.DataFrame(read, columns=columns, dtype=object)
        unnamed = rows["code"].isna()
        codes, about_names = match_villages(rows.loc[unnamed], self.villages)
        self.findings += about_names
        self._compare_names(rows.loc[~unnamed])
        rows["code"] = rows["code"].where(~unnamed, codes)
        frame = rows.loc[rows["code"].notna()].drop(columns=["name", "district", "regency"])
        frame = frame.astype({"code": "str", "signal": "str"}).reset_index(drop=True)
        check_signals(frame)
        counted = frame["signal"].value_counts()
        totals = {signal: int(counted.get(signal, 0)) for signal in SIGNALS}
        return self._result("status", frame, totals)

    def _status(self, record: Record) -> dict[str, object] | None:
        code = self._code(record)
        if code is None and not record.text("name"):
            self._refuse(record, "value-missing", "name")
            return None
        printed = record.text("status")
        signal = SIGNAL_OF_WORD.get(bare(printed))
        if signal is None:
            self._refuse(record, "word-unknown", "status", accepted=_ACCEPTED_WORDS)
            return None
        try:
            observed_on = self._day(record)
        except BadValue:
            self._refuse(record, "date-unreadable", "observed_on")
            return None
        return {
            "code": code,
            "name": record.text("name"),
            "district": record.text("district"),
            "regency": record.text("regency"),
            "signal": signal,
            "status": printed,
            "observed_on": observed_on,
            "source": record.text("source") or self.source,
            "row": record.row,
        }

    def towers(self, records: Records) -> ConnectivityImport:
        read: list[dict[str, object]] = []
        first_rows: dict[str, RowLabel] = {}
        for record in records.rows:
            site = record.text("site_id")
            if site in first_rows:
                self._refuse(record, "row-duplicate", "site_id", first_row=first_rows[site])
                continue
            tower = self._tower(record)
            if tower:
                first_rows[site] = record.row
                read.append(tower)
        if not read and not self.findings:
            raise EmptyFile(place=self.place)
        columns = ["site_id", "lon", "lat", "status", "code", "name",
                   "observed_on", "source", "row"]  # fmt: skip
        frame = pd.DataFrame(read, columns=columns, dtype=object)
        frame = frame.astype({"site_id": "str", "lon": float, "lat": float})
        check_towers(frame)
        return self._result("tower", frame, {"towers": len(frame)})

    def _tower(self, record: Record) -> dict[str, object] | None:
        if not record.text("site_id"):
            self._refuse(record, "value-missing", "site_id")
            return None
        position = read_position(record)
        if isinstance(position, Finding):
            self.findings.append(position)
            return None
        try:
            observed_on = self._day(record)
        except BadValue:
            self._refuse(record, "date-unreadable", "observed_on")
            return None
        return {
            "site_id": record.text("site_id"),
            "lon": position[0],
            "lat": position[1],
            "status": record.text("status") or None,
            "code": self._told_code(record),
            "name": record.text("name") or None,
            "observed_on": observed_on,
            "source": record.text("source") or self.source,
            "row": record.row,
        }

    def _code(self, record: Record) -> str | None:
        """Read the code of a status row; one that cannot be read refuses the file in the end."""
        printed = record.text("code")
        if not printed:
            return None
        try:
            code = parse_code(record.cells["code"])
        except BadCode:
            self.bad_codes.append(f"{record.row}: '{printed}'")
            return None
        if code != printed:
            self._note(record, "code-undotted", "corrected", village_code=code)
        return code

    def _told_code(self, record: Record) -> str | None:
        """Read the village that a tower is said to stand in; it is only hearsay, so no refusal."""
        if not record.text("code"):
            return None
        try:
            return parse_code(record.cells["code"])
        except BadCode:
            self._note(record, "code-unreadable", "warning")
            return None

    def _note(
        self,
        record: Record,
        code: str,
        severity: Literal["warning", "corrected"],
        village_code: str | None = None,
    ) -> None:
        self.findings.append(
            Finding(
                code=code,
                severity=severity,
                row=record.row,
                village_code=village_code,
                column="code",
                value=record.text("code"),
            )
        )

    def _day(self, record: Record) -> date | None:
        printed = record.text("observed_on")
        return latest_day(printed) if printed else self.as_of

    def _refuse(self, record: Record, code: str, column: str, **params: object) -> None:
        self.findings.append(
            Finding(
                code=code,
                severity="refused",
                row=record.row,
                column=column,
                value=record.text(column),
                params=params,
            )
        )

    def _compare_names(self, rows: pd.DataFrame) -> None:
        """Warn where a code's village has another name: the sign of codes from another list."""
        names = dict(zip(self.villages["code"], self.villages["name"], strict=True))
        for code, name, row in zip(rows["code"], rows["name"], rows["row"], strict=True):
            known = names.get(code)
            if known and name and normalise(str(name)) != normalise(str(known)):
                self.findings.append(
                    Finding(code="name-differs", severity="warning", row=row, village_code=code,
                            column="name", value=name, params={"name": known})
                )  # fmt: skip

    def _result(
        self, kind: Literal["status", "tower"], frame: pd.DataFrame, totals: dict[str, int]
    ) -> ConnectivityImport:
        counted = tally(self.findings, len(frame))
        return ConnectivityImport(
            frame=frame,
            findings=tuple(self.findings),
            kind=kind,
            accepted=counted.accepted,
            corrected=counted.corrected,
            refused=counted.refused,
            totals=totals,
        )


def newest(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Decide which report of each village holds.

    The newest ``observed_on`` wins and an undated row loses to every dated one. On a tie the worse
    signal wins, since a team that finds no signal loses its day; then the row that stands later.

    Parameters
    ----------
    rows
        Columns ``code``, ``signal``, ``observed_on`` (a date or missing); any others are kept.

    Returns
    -------
    tuple
        One row for each code, and the rows that lost; both in the order and on the index of
        ``rows``.
    """
    ranked = pd.DataFrame(
        {
            "code": list(rows["code"]),
            "day": _ordinals(rows["observed_on"]),
            "strength": [SIGNALS.index(signal) for signal in rows["signal"]],
            "place": range(len(rows)),
        }
    ).sort_values(["day", "strength", "place"], ascending=[False, True, False])
    winners = sorted(ranked.drop_duplicates("code")["place"])
    losers = sorted(set(range(len(rows))) - set(winners))
    return rows.iloc[winners], rows.iloc[losers]


def _ordinals(days: Iterable[date | None]) -> list[int]:
    return [0 if pd.isna(day) else day.toordinal() for day in days]
