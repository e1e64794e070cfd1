"""Lists of signal or power per village and lists of towers -> rows with source and day.

Lists contradict each other and use different words for blank spots, so every row keeps its word,
its source, its day, the definition it goes by and how far it can be trusted. What holds in the end
is decided in ``coverage.py``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, NoReturn

import pandas as pd

from geodata import signal_words as words
from geodata.crosswalk import Crosswalk
from geodata.dates import as_of_from_text, date_fault, past_day
from geodata.errors import (
    BadCodes,
    BadValue,
    CrosswalkNeeded,
    EmptyFile,
    MissingColumn,
    MixedCodeSchemes,
    UndecidedCodeScheme,
)
from geodata.findings import Finding, RowLabel, Severity, tally
from geodata.names import match_villages
from geodata.numbers import NotNumber, NotWhole, read_count, read_decimal
from geodata.positions import read_position
from geodata.resolve import resolve_codes
from geodata.schema import SIGNALS, check_power, check_signals, check_towers
from geodata.signal_headings import COLUMNS, POWER_COLUMNS, SIGNAL_COLUMNS
from geodata.tables import Record, Records, bare, read_records
from geodata.towers import MAX_RADIUS_KM, SiteNumbers

_STATUS_FRAME = (
    "id", "code", "signal", "status", "observed_on", "source", "definition", "confidence", "row",
)  # fmt: skip
_POWER_FRAME = ("id", "code", "power", "status", "observed_on", "source", "confidence", "row")
_TOWER_FRAME = (
    "id", "site_id", "lon", "lat", "status", "state", "radius_km", "code", "name", "observed_on",
    "source", "definition", "confidence", "row",
)  # fmt: skip
_NAMES = ("name", "district", "regency")


def _no_power() -> pd.DataFrame:
    return _frame([], _POWER_FRAME)


def _frame(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns), dtype=object)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectivityImport:
    """One list, of the signal or the power in villages or of towers.

    Parameters
    ----------
    kind
        ``status``: ``id, code, signal, status, observed_on, source, definition, confidence, row``,
        where ``signal`` is a class of ``schema.SIGNALS``, ``status`` the words as printed and
        ``id`` the file and row; a village may stand more than once. ``tower``: ``id, site_id, lon,
        lat, status, state, radius_km, code, name, observed_on, source, definition, confidence,
        row``, where ``state`` is one of ``signal_words.TOWER_STATES``, ``radius_km`` missing when
        the list tells none, and ``code`` is the village as the list tells it, None when it tells
        none for certain: hearsay, since many towers stand in another village's area.
    power
        What a status list says of power, whether or not the row speaks of signal: ``id, code,
        power, status, observed_on, source, confidence, row``, where ``power`` is *yes* (PLN) or
        *no*. A list of power alone has an empty ``frame``.
    as_of
        The day of rows that leave theirs empty.
    totals
        Rows of each class of signal, or ``towers``; of power as well where the list has it.
    """

    frame: pd.DataFrame = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    kind: Literal["status", "tower"]
    accepted: int
    corrected: int
    refused: int
    totals: dict[str, int]
    power: pd.DataFrame = field(default_factory=_no_power, repr=False)
    as_of: date | None = None


def read_connectivity(
    path: Path,
    *,
    villages: pd.DataFrame,
    as_of: date | None = None,
    source: str | None = None,
    crosswalk: Crosswalk | None = None,
    changes: Crosswalk | None = None,
) -> ConnectivityImport:
    """Read a list of signal or power per village, by code or by name, or a list of towers.

    Parameters
    ----------
    villages
        All villages known: ``code, name, district, regency``. A code that no village has is kept.
    as_of
        The day of rows that leave theirs empty; default: what the titles or the file's name say. A
        row that says *unknown* stays undated.
    source
        The source of rows that name none; default: the file's name.
    crosswalk, changes
        From BPS codes and from earlier codes, see ``resolve.py``.

    Raises
    ------
    GeodataError
        When the whole file is refused: residents, no header, codes of which it is not certain whose
        they are.
    """
    records = read_records(path, columns=COLUMNS, required=())
    day = as_of or as_of_from_text(records.titles) or as_of_from_text(path.stem)
    reader = _Reader(path.name, villages, day, source or path.name)
    if {"site_id", "lon", "lat"} <= records.columns:
        return reader.towers(records, crosswalk, changes)
    _require(records, path.name)
    return reader.statuses(records, crosswalk, changes)


def _require(records: Records, place: str) -> None:
    for choices in ((*SIGNAL_COLUMNS, *POWER_COLUMNS), ("code", "name")):
        if not records.columns.intersection(choices):
            accepted = ", ".join(name for choice in choices for name in COLUMNS[choice])
            found = ", ".join(sorted(records.columns)) or "-"
            raise MissingColumn(place=place, column=choices[0], found=found, accepted=accepted)


class _Refused(Exception):
    """A row that is set aside; its finding has been noted."""


@dataclass(slots=True)
class _Reader:
    """One pass over a list; gathers findings."""

    place: str
    villages: pd.DataFrame
    as_of: date | None
    source: str
    findings: list[Finding] = field(default_factory=list)
    codes: dict[RowLabel, str] = field(default_factory=dict)
    unresolved: set[RowLabel] = field(default_factory=set)

    def _resolve(
        self,
        records: Sequence[Record],
        column: str,
        crosswalk: Crosswalk | None,
        changes: Crosswalk | None,
    ) -> None:
        """Find the villages that the codes of a status list mean, over the whole list at once."""
        rows = [
            {"row": record.row, "code": record.cells.get(column)}
            | {name: record.text(name) for name in _NAMES}
            for record in records
        ]
        frame = _frame(rows, ("row", "code", *_NAMES))
        codes, findings = resolve_codes(frame, self.villages, crosswalk, changes, place=self.place)
        if column == "bps_code":  # a village of the census that the crosswalk lacks has its name
            findings = tuple(f for f in findings if f.code != "code-not-in-crosswalk")
        self.findings += findings
        resolved = codes.notna()
        self.codes = dict(zip(frame.loc[resolved, "row"], codes[resolved], strict=True))
        self.unresolved = {found.row for found in findings if found.severity == "refused"}

    def statuses(
        self, records: Records, crosswalk: Crosswalk | None, changes: Crosswalk | None
    ) -> ConnectivityImport:
        once = self._without_repeats(records.rows)
        is_census = crosswalk is not None and "code" not in records.columns
        self._resolve(once, "bps_code" if is_census else "code", crosswalk, changes)
        read = [row for record in once if (row := self._read(self._status, record))]
        rows = _frame(read, (*_STATUS_FRAME, *_NAMES, "power", "power_status"))
        unnamed = rows["code"].isna()
        codes, about_names = match_villages(rows.loc[unnamed], self.villages)
        self.findings += about_names
        rows["code"] = rows["code"].where(~unnamed, codes)
        rows = rows.loc[rows["code"].notna()]
        frame = rows.loc[rows["signal"].notna(), list(_STATUS_FRAME)]
        frame = frame.astype({"code": "str", "signal": "str"}).reset_index(drop=True)
        check_signals(frame)
        counted = frame["signal"].value_counts()
        totals = {signal: int(counted.get(signal, 0)) for signal in SIGNALS}
        power = _power_of(rows)
        if records.columns.intersection(POWER_COLUMNS):
            totals |= {f"power_{is_on}": int((power["power"] == is_on).sum())
                       for is_on in ("yes", "no")}  # fmt: skip
        return self._result("status", frame, totals, power, n_accepted=len(rows))

    def _read(
        self, read: Callable[[Record], dict[str, object]], record: Record
    ) -> dict[str, Any] | None:
        try:
            return read(record)
        except _Refused:
            return None

    def _without_repeats(self, records: Sequence[Record]) -> list[Record]:
        """Drop rows of the census that a join with another table has multiplied."""
        seen: set[tuple[object, ...]] = set()
        kept: list[Record] = []
        for record in records:
            key = tuple(record.cells.values())
            if record.text("bps_code") and key in seen:
                continue
            seen.add(key)
            kept.append(record)
        n_repeats = len(records) - len(kept)
        if n_repeats:
            self.findings.append(
                Finding(code="rows-repeated", severity="info", value=str(n_repeats))
            )
        return kept

    def _status(self, record: Record) -> dict[str, object]:
        code = self._code(record)
        if code is None and not record.text("name"):
            self._refuse(record, "value-missing", "name")
        power, power_status = self._power(record)
        meaning, printed = self._signal(record, is_needed=power is None)
        observed_on = self._day(record)
        definition = meaning.definition if meaning else "power"
        return {
            "id": self._id(record),
            "code": code,
            **{name: record.text(name) for name in _NAMES},
            "signal": meaning.signal if meaning else None,
            "status": printed,
            "power": power,
            "power_status": power_status,
            "observed_on": observed_on,
            "source": record.text("source") or self.source,
            "definition": record.text("definition") or definition,
            "confidence": self._confidence(record, definition, observed_on),
            "row": record.row,
        }

    def _signal(self, record: Record, *, is_needed: bool) -> tuple[words.Meaning | None, str]:
        """Read all that a row says of the signal; what cannot be read refuses the row."""
        strength = self._meaning(record, "status", words.MEANING_OF_WORD, words.ACCEPTED_WORDS)
        podes = self._class(
            record, "podes_signal", words.PODES_SIGNAL, words.ACCEPTED_PODES, words.PHONE_SIGNAL
        )
        limits = (
            self._meaning(
                record, "internet", words.MEANING_OF_WORD, words.ACCEPTED_WORDS, words.INTERNET
            ),
            self._class(record, "has_4g", words.IS_4G, words.ACCEPTED_4G, words.HAS_4G),
            self._class(
                record, "podes_internet", words.PODES_INTERNET, words.ACCEPTED_PODES, words.INTERNET
            ),
        )
        meaning = words.combine(strength or podes, filter(None, limits))
        if meaning is None and is_needed:
            says_signal = any(column in record.cells for column in SIGNAL_COLUMNS)
            self._refuse(record, "value-missing", "status" if says_signal else "power")
        return meaning, _printed(record)

    def _meaning(
        self,
        record: Record,
        column: str,
        meanings: Mapping[str, words.Meaning],
        accepted: str,
        definition: str | None = None,
    ) -> words.Meaning | None:
        """Give what a word means; a column that has its own definition is read by that one."""
        printed = record.text(column)
        if not printed:
            return None
        meaning = meanings.get(bare(printed))
        if meaning is None:
            self._refuse(record, "word-unknown", column, accepted=accepted)
        return words.Meaning(meaning.signal, definition or meaning.definition)

    def _class(
        self,
        record: Record,
        column: str,
        classes: Mapping[str, str],
        accepted: str,
        definition: str,
    ) -> words.Meaning | None:
        meanings = {word: words.Meaning(signal, definition) for word, signal in classes.items()}
        return self._meaning(record, column, meanings, accepted)

    def _power(self, record: Record) -> tuple[str | None, str]:
        """Read whether there is power of PLN; what cannot be read is a warning and says nothing."""
        if record.text("families_on_pln"):
            printed = f"R501A1 {record.text('families_on_pln')}"
            try:
                families = read_count(record.cells["families_on_pln"]).value or 0
            except (NotNumber, NotWhole):
                self._note(record, "number-unreadable", "warning", "families_on_pln", {})
                return None, printed
            return "yes" if families > 0 else "no", printed
        power = self._word(record, "power", words.POWER_OF_WORD, words.ACCEPTED_POWER)
        return None if power == "unknown" else power, record.text("power")

    def _resolve_told(
        self, records: Sequence[Record], crosswalk: Crosswalk | None, changes: Crosswalk | None
    ) -> None:
        """Find the villages that towers are said to stand in.

        It is only hearsay, since a tower has a position: nothing is refused for it.
        """
        before = len(self.findings)
        try:
            self._resolve(records, "code", crosswalk, changes)
        except CrosswalkNeeded:
            self.findings.append(Finding(code="tower-codes-bps", severity="warning"))
        except (BadCodes, MixedCodeSchemes, UndecidedCodeScheme):
            self.findings.append(Finding(code="tower-codes-undecided", severity="warning"))
        self.findings[before:] = [
            replace(found, severity="warning") if found.severity == "refused" else found
            for found in self.findings[before:]
        ]

    def towers(
        self, records: Records, crosswalk: Crosswalk | None, changes: Crosswalk | None
    ) -> ConnectivityImport:
        self._resolve_told(records.rows, crosswalk, changes)
        read: list[dict[str, Any]] = []
        # Another state or day of one tower is news of it, which the join weighs.
        first_rows: dict[tuple[int, str, date | None], RowLabel] = {}
        first_of_id: dict[str, tuple[RowLabel, int]] = {}
        sites = SiteNumbers()
        for record in records.rows:
            tower = self._read(self._tower, record)
            if tower is None:
                continue
            number = sites.number(record.text("site_id"), tower["lon"], tower["lat"])
            if "status" not in records.columns:
                # A list of nothing but positions is one of towers that stand.
                tower["state"] = "on_air"
            said = (number, tower["state"], tower["observed_on"])
            if said in first_rows:
                self._set_aside(record, "row-duplicate", "site_id", first_row=first_rows[said])
                continue
            first_rows[said] = record.row
            first, its_number = first_of_id.setdefault(tower["site_id"], (record.row, number))
            if its_number != number:
                self._note(record, "site-id-shared", "warning", "site_id", {"first_row": first})
            read.append(tower)
        if not read and not self.findings:
            raise EmptyFile(place=self.place)
        frame = _frame(read, _TOWER_FRAME)
        texts = dict.fromkeys(("id", "site_id", "state"), "str")
        frame = frame.astype(texts | {"lon": float, "lat": float, "radius_km": float})
        check_towers(frame)
        return self._result("tower", frame, {"towers": len(frame)})

    def _tower(self, record: Record) -> dict[str, object]:
        if not record.text("site_id"):
            self._refuse(record, "value-missing", "site_id")
        position = read_position(record)
        if isinstance(position, Finding):
            self.findings.append(position)
            raise _Refused
        observed_on = self._day(record)
        radius_km = self._radius(record)
        definition = "tower_range"
        return {
            "id": self._id(record),
            "site_id": record.text("site_id"),
            "lon": position[0],
            "lat": position[1],
            "status": record.text("status") or None,
            "state": self._word(record, "status", words.STATE_OF_WORD, words.ACCEPTED_STATES)
            or "unknown",
            "radius_km": radius_km,
            "code": self.codes.get(record.row),
            "name": record.text("name") or None,
            "observed_on": observed_on,
            "source": record.text("source") or self.source,
            "definition": record.text("definition") or definition,
            "confidence": self._confidence(record, definition, observed_on),
            "row": record.row,
        }

    def _radius(self, record: Record) -> float | None:
        try:
            radius_km = read_decimal(record.cells.get("radius_km"))
        except NotNumber:
            self._refuse(record, "number-unreadable", "radius_km")
        if radius_km is not None and not 0 < radius_km <= MAX_RADIUS_KM:
            accepted = f"0 < km <= {MAX_RADIUS_KM}"
            self._refuse(record, "number-out-of-range", "radius_km", accepted=accepted)
        return radius_km

    def _id(self, record: Record) -> str:
        return f"{self.place}:{record.row}"

    def _word(
        self, record: Record, column: str, meanings: Mapping[str, str], accepted: str
    ) -> str | None:
        """Give what a word means; None, with a warning, when it is not known."""
        printed = record.text(column)
        meaning = meanings.get(bare(printed)) if printed else None
        if printed and meaning is None:
            self._note(record, "word-unknown", "warning", column, {"accepted": accepted})
        return meaning

    def _confidence(self, record: Record, definition: str, observed_on: date | None) -> str:
        told = self._word(
            record, "confidence", words.CONFIDENCE_OF_WORD, words.ACCEPTED_CONFIDENCES
        )
        return told or words.confidence_of(definition, is_dated=observed_on is not None)

    def _code(self, record: Record) -> str | None:
        """Give the village of a status row by its code; None when it has none."""
        if record.row in self.unresolved:
            raise _Refused
        return self.codes.get(record.row)

    def _day(self, record: Record) -> date | None:
        printed = record.text("observed_on")
        try:
            return past_day(printed) if printed else self.as_of
        except BadValue:
            self._refuse(record, date_fault(printed), "observed_on")

    def _note(
        self,
        record: Record,
        code: str,
        severity: Severity,
        column: str,
        params: Mapping[str, object],
        village_code: str | None = None,
    ) -> None:
        self.findings.append(
            Finding(code=code, severity=severity, row=record.row, village_code=village_code,
                    column=column, value=record.text(column), params=params)
        )  # fmt: skip

    def _set_aside(self, record: Record, code: str, column: str, **params: object) -> None:
        self._note(record, code, "refused", column, params)

    def _refuse(self, record: Record, code: str, column: str, **params: object) -> NoReturn:
        self._set_aside(record, code, column, **params)
        raise _Refused

    def _result(
        self,
        kind: Literal["status", "tower"],
        frame: pd.DataFrame,
        totals: dict[str, int],
        power: pd.DataFrame | None = None,
        n_accepted: int | None = None,
    ) -> ConnectivityImport:
        counted = tally(self.findings, len(frame) if n_accepted is None else n_accepted)
        return ConnectivityImport(
            frame=frame,
            findings=tuple(self.findings),
            kind=kind,
            accepted=counted.accepted,
            corrected=counted.corrected,
            refused=counted.refused,
            totals=totals,
            as_of=self.as_of,
            power=_no_power() if power is None else power,
        )


def _printed(record: Record) -> str:
    """Give what a row prints of the signal, with the question where the answer is a number."""
    texts = []
    for column in SIGNAL_COLUMNS:
        printed = record.text(column)
        if printed and column not in ("status", "internet"):
            printed = f"{COLUMNS[column][0].upper()} {printed}"
        texts.append(printed)
    return ", ".join(filter(None, texts))


def _power_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Take what rows say of power, with a confidence of its own: the census is about signal."""
    says = rows.loc[rows["power"].notna()]
    power = says.assign(status=says["power_status"])[list(_POWER_FRAME)]
    power = power.astype({"code": "str", "power": "str"}).reset_index(drop=True)
    check_power(power)
    return power
