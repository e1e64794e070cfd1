"""The codes of a file, whatever list they come from -> today's Kemendagri codes.

The scheme is decided for the whole file (``schemes.py``). Then each code is looked up: in the BPS
crosswalk, among the codes that a pemekaran replaced, and, where a spreadsheet ate zeros, among the
villages that bear the printed name. What several villages could mean is set aside, never guessed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import pandas as pd

from geodata.codes import Scheme, dotted, read_code, regency_of
from geodata.crosswalk import Crosswalk, is_other_name
from geodata.errors import BadCodes, CrosswalkNeeded, WrongCrosswalk
from geodata.findings import Finding, Severity
from geodata.names import bare_district, normalise
from geodata.schemes import NAME_OF, CodeRow, Gazette, Verdict, decide_scheme
from geodata.tables import is_filled, text_of

_LISTED = 10


def resolve_codes(
    rows: pd.DataFrame,
    villages: pd.DataFrame,
    crosswalk: Crosswalk | None = None,
    changes: Crosswalk | None = None,
    *,
    place: str = "-",
) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Find the villages that a file's codes mean.

    Parameters
    ----------
    rows
        ``code`` (cells as they were read), and where the file has them ``name``, ``district``,
        ``regency`` and ``row`` (its number in the file; default the index).
    villages
        All villages known: ``code`` (dotted), ``name``, ``district``, ``regency``.
    crosswalk
        From BPS codes; without it a file of BPS codes is refused.
    changes
        From earlier Kemendagri codes.
    place
        The file, for messages.

    Returns
    -------
    tuple
        Dotted codes on the index of ``rows``: NA where the row has no code, or one that was set
        aside, which is a finding with severity ``refused``. A code that is read for certain is kept
        even when no village is known by it. The finding ``code-scheme`` tells how many rows spoke
        for either scheme; it is left out when all codes are dotted as Kemendagri does.

    Raises
    ------
    MixedCodeSchemes, UndecidedCodeScheme
        When it is not certain whose codes these are.
    CrosswalkNeeded
        When they are BPS codes and there is no crosswalk.
    BadCodes
        When not one code can be read.
    """
    _check_kind(crosswalk, "bps")
    _check_kind(changes, "changes")
    printed = _code_rows(rows)
    codes: dict[object, str] = {}
    findings: list[Finding] = []
    if printed:
        known = _Known(villages, crosswalk, changes)
        verdict = _decide(list(printed.values()), known, place)
        if verdict.scheme == "bps" and crosswalk is None:
            raise CrosswalkNeeded(place=place, count=verdict.n_bps)
        resolver = _Resolver(verdict.scheme, known, findings)
        resolver.note_scheme(verdict, printed.values())
        regencies = _lost_regencies(printed.values(), known)
        for index, row in printed.items():
            code = resolver.resolve(row, regencies)
            if code:
                codes[index] = code
    series = pd.Series([codes.get(index) for index in range(len(rows))], index=rows.index,
                       dtype="str")  # fmt: skip
    return series, tuple(findings)


def _check_kind(crosswalk: Crosswalk | None, kind: str) -> None:
    if crosswalk is not None and crosswalk.kind != kind:
        raise WrongCrosswalk(value=crosswalk.kind, accepted=kind)


def _code_rows(rows: pd.DataFrame) -> dict[int, CodeRow]:
    """Give the rows that have a code, by their position."""
    labels = rows.get("row", rows.index)
    texts = [_texts(rows, column) for column in ("name", "district", "regency")]
    return {
        position: CodeRow(label, read_code(cell), name, district, regency)
        for position, (label, cell, name, district, regency) in enumerate(
            zip(labels, rows["code"], *texts, strict=True)
        )
        if not pd.isna(cell) and is_filled(cell)
    }


def _texts(rows: pd.DataFrame, column: str) -> list[str]:
    if column not in rows:
        return [""] * len(rows)
    return ["" if pd.isna(cell) else text_of(cell) for cell in rows[column]]


def _name(text: object) -> str:
    """Give a name; where a file of villages had none, its code stands there and says nothing."""
    is_name = isinstance(text, str) and any(letter.isalpha() for letter in text)
    return str(text) if is_name else ""


class _Place(NamedTuple):
    name: str
    district: str
    regency: str


class _Change(NamedTuple):
    """One line of a crosswalk; ``new`` is None when there is no successor."""

    new: str | None
    old_name: str
    valid_from: date | None


@dataclass(slots=True)
class _Known:
    """Villages and crosswalks, by code."""

    villages: dict[str, _Place]
    names: dict[str, str]
    old_names: dict[str, set[str]]
    from_bps: dict[str, list[_Change]]
    from_old: dict[str, list[_Change]]
    gazettes: dict[Scheme, Gazette]
    by_regency: dict[str, list[str]]

    def __init__(
        self, villages: pd.DataFrame, crosswalk: Crosswalk | None, changes: Crosswalk | None
    ) -> None:
        self.gazettes = {"kemendagri": Gazette("kemendagri"), "bps": Gazette("bps")}
        self.villages, self.names, self.old_names, self.by_regency = {}, {}, {}, {}
        columns = ("code", "name", "district", "regency")
        for code, *texts in zip(*(villages[column] for column in columns), strict=True):
            place = _Place(*(_name(text) for text in texts))
            self.villages[code] = place
            self.names[code] = place.name
            self.by_regency.setdefault(regency_of(code), []).append(code)
            self.gazettes["kemendagri"].add(code.replace(".", ""), **place._asdict())
        self.from_bps = self._changes(crosswalk, "bps")
        self.from_old = self._changes(changes, "kemendagri")

    def _changes(self, crosswalk: Crosswalk | None, scheme: Scheme) -> dict[str, list[_Change]]:
        found: dict[str, list[_Change]] = {}
        for row in crosswalk.frame.to_dict("records") if crosswalk else ():
            old, new = row["old_code"], row["new_code"]
            found.setdefault(old, []).append(_Change(new, row["old_name"], row["valid_from"]))
            gazette, digits = self.gazettes[scheme], old.replace(".", "")
            before = _Place(row["old_name"], row["old_district"], row["old_regency"])
            gazette.add(digits, **before._asdict())
            if new is None:
                continue
            told = _Place(row["new_name"], row["new_district"], row["new_regency"])
            for now in (told, self.villages.get(new, told)):
                # A BPS number stands for today's district too; a pemekaran left its old district.
                names = now if scheme == "bps" else _Place(now.name, "", "")
                gazette.add(digits, **names._asdict())
            if told.name:
                self.names.setdefault(new, told.name)
            if before.name:
                self.old_names.setdefault(new, set()).add(normalise(before.name))
        return found

    def successors(self, code: str, seen: frozenset[str] = frozenset()) -> list[str]:
        """List what a Kemendagri code can mean today; empty when it was given up."""
        changes = self.from_old.get(code)
        if not changes:
            return [code]
        found = [code] if code in self.villages else []
        for change in changes:
            if change.new == code:
                found.append(code)
            elif change.new is not None and change.new not in seen:
                found += self.successors(change.new, seen | {code, change.new})
        return list(dict.fromkeys(found))

    def candidates(self, scheme: Scheme, digits: str) -> list[str] | None:
        """List what ten digits can mean today; None when the BPS crosswalk does not have them."""
        if scheme == "kemendagri":
            return self.successors(dotted(digits))
        changes = self.from_bps.get(digits)
        if changes is None:
            return None
        found = [code for change in changes if change.new for code in self.successors(change.new)]
        return list(dict.fromkeys(found))

    def is_renamed(self, code: str, printed: str) -> bool:
        """Tell whether a printed name is one that the village bore before."""
        return normalise(printed) in self.old_names.get(code, ())

    def others_called(self, row: CodeRow, code: str) -> list[str]:
        """List the villages whose name a row bears beside another's code.

        They lie in the district of the code or in the one printed: further away names repeat.
        """
        if not is_other_name(row.name, self.names.get(code, "")) or self.is_renamed(code, row.name):
            return []
        own = self.villages[code].district if code in self.villages else ""
        districts = {normalise(own), normalise(bare_district(row.district))} - {""}
        name = normalise(row.name)
        return [
            other
            for other in self.by_regency.get(regency_of(code), ())
            if normalise(self.names[other]) == name
            and normalise(self.villages[other].district) in districts
        ]

    def bearing(self, name: str, candidates: Sequence[str], lines: Sequence[_Change]) -> list[str]:
        """List the candidates that bear a name today, else those that bore it before."""
        key = normalise(name)
        now = [code for code in candidates if normalise(self.names.get(code, "")) == key]
        before = {change.new for change in lines if normalise(change.old_name) == key}
        return now or [code for code in candidates if code in before]


def _decide(rows: Sequence[CodeRow], known: _Known, place: str) -> Verdict:
    certain = [row for row in rows if row.reading.digits]
    if certain:
        return decide_scheme(certain, known.gazettes["kemendagri"], known.gazettes["bps"], place)
    if any(row.reading.readings for row in rows):
        return Verdict("kemendagri", 0, 0, len(rows))
    bad = [f"{row.label}: '{row.reading.printed}'" for row in rows]
    listed = ", ".join(bad[:_LISTED]) + (", ..." if len(bad) > _LISTED else "")
    raise BadCodes(place=place, count=len(bad), value=listed)


def _readings(row: CodeRow, known: _Known) -> list[str]:
    """List the readings of a code without its zeros that stand for a village known."""
    gazette = known.gazettes["kemendagri"]
    return [
        digits
        for digits in row.reading.readings
        if (dotted(digits) in known.villages or dotted(digits) in known.from_old)
        and gazette.fits("regency", digits, row.regency) is not False
    ]


def _agreeing(row: CodeRow, readings: Sequence[str], known: _Known) -> list[str]:
    gazette = known.gazettes["kemendagri"]
    return [digits for digits in readings if gazette.fits("name", digits, row.name)]


def _prefix(row: CodeRow) -> str:
    """Give the regency as printed, by which rows that lost the same zero belong together."""
    return ".".join(re.split(r"[.\-/ ]", row.reading.printed)[:2])


def _lost_regencies(rows: Iterable[CodeRow], known: _Known) -> dict[str, str]:
    """Decide for the whole file which regency a printed ``62.1`` is, where the names are sure."""
    speakers: dict[str, set[str]] = {}
    balance: dict[str, int] = {}
    for row in rows:
        readings = _readings(row, known)
        if not readings or not row.name:
            continue
        prefix = _prefix(row)
        regencies = {digits[:4] for digits in _agreeing(row, readings, known)}
        balance[prefix] = balance.get(prefix, 0) + (1 if regencies else -1)
        if len(regencies) == 1:
            speakers.setdefault(prefix, set()).update(regencies)
    return {
        prefix: next(iter(regencies))
        for prefix, regencies in speakers.items()
        if len(regencies) == 1 and balance[prefix] > 0
    }


@dataclass(slots=True)
class _Resolver:
    """One pass over the rows of a file whose scheme is known."""

    scheme: Scheme
    known: _Known
    findings: list[Finding] = field(default_factory=list)

    def note_scheme(self, verdict: Verdict, rows: Iterable[CodeRow]) -> None:
        if all(row.reading.layout == "kemendagri" for row in rows):
            return
        facts = {
            "scheme": NAME_OF[verdict.scheme],
            "kemendagri": verdict.n_kemendagri,
            "bps": verdict.n_bps,
            "silent": verdict.n_silent,
        }
        self.findings.append(
            Finding(code="code-scheme", severity="info", column="code", params=facts)
        )

    def resolve(self, row: CodeRow, regencies: Mapping[str, str]) -> str | None:
        digits = self._digits(row, regencies)
        code = self._meant(row, digits) if digits else None
        if not digits or not code:
            return None
        others = self.known.others_called(row, code)
        if others:
            self._note_exchanged(row, code, others)
            return None
        self._note_change(row, digits, code)
        self._compare_names(row, code)
        if code == dotted(digits):  # an earlier code, or one of BPS, had another district
            self._compare_districts(row, code)
        return code

    def _digits(self, row: CodeRow, regencies: Mapping[str, str]) -> str | None:
        reading = row.reading
        if reading.digits is None and reading.readings and self.scheme == "kemendagri":
            return self._restored(row, regencies)
        if reading.digits is None or reading.layout not in (self.scheme, None):
            code = "code-digits-lost" if reading.is_rounded else "code-unreadable"
            self._note(row, code, "refused")
            return None
        return reading.digits

    def _restored(self, row: CodeRow, regencies: Mapping[str, str]) -> str | None:
        """Find the zeros that a code has lost, in the regency that the whole file speaks of."""
        regency = regencies.get(_prefix(row))
        left = [digits for digits in _readings(row, self.known) if digits[:4] == regency]
        agreeing = _agreeing(row, left, self.known)
        meant = agreeing or left
        if len(meant) == 1:
            return meant[0]
        readings = " / ".join(map(dotted, left or row.reading.readings[:8]))
        self._note(row, "code-ambiguous", "refused", readings=readings)
        return None

    def _meant(self, row: CodeRow, digits: str) -> str | None:
        candidates = self.known.candidates(self.scheme, digits)
        if candidates is None:
            self._note(row, "code-not-in-crosswalk", "refused")
        elif not candidates:
            self._note(row, "code-given-up", "refused")
        elif len(candidates) == 1:
            return candidates[0]
        else:
            meant = self.known.bearing(row.name, candidates, self._lines(digits))
            if row.name and len(meant) == 1:
                return meant[0]
            facts = {"candidates": ", ".join(candidates), "name": row.name or "-"}
            self._note(row, "code-split", "refused", **facts)
        return None

    def _lines(self, digits: str) -> Sequence[_Change]:
        if self.scheme == "bps":
            return self.known.from_bps.get(digits, ())
        return self.known.from_old.get(dotted(digits), ())

    def _note_change(self, row: CodeRow, digits: str, code: str) -> None:
        reading = row.reading
        if self.scheme == "bps":
            self._note(row, "code-from-bps", "corrected", code)
        elif reading.digits is None:
            self._note(row, "code-zeros-restored", "corrected", code)
        elif code != dotted(digits):
            days = [line.valid_from for line in self._lines(digits) if line.valid_from]
            since = min(days).isoformat() if days else "-"
            self._note(row, "code-replaced", "corrected", code, since=since)
        elif reading.printed != code:
            is_number = reading.is_number
            kind = "code-from-number" if is_number else "code-undotted"
            self._note(row, kind, "corrected", code)

    def _compare_names(self, row: CodeRow, code: str) -> None:
        """Tell where the village now bears another name than the one printed."""
        name = self.known.names.get(code, "")
        if not is_other_name(row.name, name):
            return
        was_its = self.known.is_renamed(code, row.name)
        self.findings.append(
            Finding(
                code="village-renamed" if was_its else "name-differs",
                severity="info" if was_its else "warning",
                row=row.label,
                village_code=code,
                column="name",
                value=row.name,
                params={"name": name},
            )
        )

    def _compare_districts(self, row: CodeRow, code: str) -> None:
        """Tell where another district is printed than the one of the code."""
        place = self.known.villages.get(code)
        if place and is_other_name(bare_district(row.district), place.district):
            self.findings.append(
                Finding(
                    code="district-differs",
                    severity="warning",
                    row=row.label,
                    village_code=code,
                    column="district",
                    value=row.district,
                    params={"district": place.district},
                )
            )

    def _note_exchanged(self, row: CodeRow, code: str, others: Sequence[str]) -> None:
        """Set a row aside whose code and name are two different villages."""
        self.findings.append(
            Finding(
                code="name-of-another",
                severity="refused",
                row=row.label,
                village_code=code,
                column="name",
                value=row.name,
                params={"name": self.known.names[code], "candidates": ", ".join(others)},
            )
        )

    def _note(
        self,
        row: CodeRow,
        code: str,
        severity: Severity,
        village_code: str | None = None,
        **params: object,
    ) -> None:
        self.findings.append(
            Finding(
                code=code,
                severity=severity,
                row=row.label,
                village_code=village_code,
                column="code",
                value=row.reading.printed,
                params=params,
            )
        )
