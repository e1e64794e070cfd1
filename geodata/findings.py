"""What an import saw, in one shape.

A finding is its code and its facts; ``FINDING_TEXTS`` holds the English sentence of each code and
may use every field of the finding and every key of its ``params``. A translation is another such
table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypedDict

Severity = Literal["info", "warning", "refused", "corrected"]
RowLabel = int | str | None


class RowFinding(TypedDict):
    """All findings of one code in an import."""

    code: str
    count: int
    rows: list[int | str]


FINDING_TEXTS: dict[str, str] = {
    # codes and names
    "code-undotted": "Row {row}: code {value} has no dots; read as {village_code}.",
    "code-from-number": (
        "Row {row}: code {value} had been stored as a number; read as {village_code}."
    ),
    "code-scheme": (
        "The codes are {scheme} codes: by digits and names, {kemendagri} row(s) speak for "
        "Kemendagri codes, {bps} for BPS codes, {silent} for neither."
    ),
    "code-from-bps": "Row {row}: BPS code {value} is {village_code}.",
    "code-replaced": (
        "Row {row}: {value} is an earlier code; the village is {village_code} now (valid from: "
        "{since})."
    ),
    "code-zeros-restored": (
        "Row {row}: code {value} had lost a zero; by the names of its regency it is {village_code}."
    ),
    "code-split": (
        "Row {row}: {value} can be any of {candidates} today and the name '{name}' does not "
        "decide. Enter the new code."
    ),
    "code-given-up": (
        "Row {row}: {value} is an earlier code and no village has followed it. Enter the new code."
    ),
    "code-not-in-crosswalk": (
        "Row {row}: the crosswalk does not have the BPS code {value}. Enter the Kemendagri code in "
        "the crosswalk."
    ),
    "code-digits-lost": (
        "Row {row}: {value} is a rounded number and its last digits are lost. Format the column as "
        "text and enter the code again."
    ),
    "code-ambiguous": (
        "Row {row}: {value} has lost a zero and may be {readings}; the names do not decide. Format "
        "the column as text and enter the code again."
    ),
    "team-unknown": "Row {row}: there is no team '{value}'; import teams first.",
    "nip-unreadable": (
        "Row {row}: {column} is no NIP of 18 digits. Format the column as text and enter it again."
    ),
    "staff-twice": "Row {row}: the {column} already stands on row {first_row}.",
    "leave-unreadable": (
        "Row {row}: '{value}' names no days of leave. Write 2026-12-01 - 2026-12-05; 2026-12-24."
    ),
    "point-without-people": (
        "Row {row}: a point of kind '{value}' has its own people; say how many are expected, by "
        "programme."
    ),
    "point-far": "Row {row}: '{value}' lies {km} km from the point of its village {village_code}.",
    "village-served-twice": (
        "Row {row}: {village} is served by '{other}' already; a village has one point to go to."
    ),
    "opening-unreadable": (
        "Row {row}: '{value}' names no opening hours. Write 12345 07:30-14:00; 6 07:30-11:00."
    ),
    "village-changed": (
        "{village_code} is '{value}' in this map; before it was '{name}', {km} km away. Check the "
        "codes of the map."
    ),
    "outline-left": (
        "{village_code}: the new point, longitude {lon}, latitude {lat}, lies {metres} m outside "
        "the outline known so far, which is no longer used. Check the point; if the outline is "
        "right, import its map once more."
    ),
    "village-renamed": "Row {row}: '{value}' is now called '{name}' ({village_code}).",
    "code-missing": "Row {row}: no code beside '{name}'. Enter the village code and import again.",
    "code-unreadable": "Row {row}: '{value}' is no village code. Write ten digits, 62.02.01.1009.",
    "name-missing": "Row {row}: village {village_code} has no name; its code is used instead.",
    "name-unmatched": (
        "Row {row}: no village is called '{value}' (looked in: {area}). Spelled alike: "
        "{candidates}. Enter the code, or correct the name."
    ),
    "matched-by-name": (
        "{value} row(s) have no code and were matched by name: exactly, within the district."
    ),
    "name-elsewhere": (
        "Row {row}: {printed} has no '{value}'; {village_code} in {district} was taken. Check the "
        "district."
    ),
    "name-ambiguous": (
        "Row {row}: several villages are called '{value}' (looked in: {area}): {candidates}. Enter "
        "the code or the district."
    ),
    "name-differs": (
        "Row {row}: {village_code} is called '{name}', the row says '{value}'. Check the code."
    ),
    "name-of-another": (
        "Row {row}: {village_code} is called '{name}', but '{value}' is {candidates}. Correct the "
        "code or the name."
    ),
    "district-differs": (
        "Row {row}: {village_code} lies in {district}, the row says '{value}'. Check the code."
    ),
    "village-unknown": "Row {row}: no imported village has the code {village_code}.",
    "column-missing": "The table has no column {column}.",
    "column-ignored": "The column '{value}' is not known and was not read.",
    "regency-missing": (
        "Row {row}: no regency is named and '{value}' does not start with a regency code."
    ),
    "regency-unknown": "Row {row}: '{value}' is no regency of the villages that were imported.",
    "regency-ambiguous": (
        "Row {row}: '{value}' can be any of {candidates}. Write Kabupaten or Kota before it."
    ),
    "team-elsewhere": (
        "Row {row}: team '{value}' is a team of regency {regency_code}. Give it another name."
    ),
    "regency-contradicts": (
        "Row {row}: '{value}' belongs to {regency_code}, but the row names {regency}."
    ),
    # counts
    "number-rewritten": "Row {row}: '{value}' in {column} is text and was read as {to}.",
    "count-not-whole": (
        "Row {row}: {value} in {column} is {as_decimal} as a decimal or {as_thousands} with a "
        "thousands separator. Enter a whole number."
    ),
    "count-not-number": (
        "Row {row}: '{value}' in {column} is no number. Enter a whole number or leave it empty."
    ),
    "count-negative": "Row {row}: {value} in {column} is less than 0. Enter 0 or more.",
    "count-too-large": "Row {row}: {value} in {column} is above {limit}. No village is that large.",
    "count-missing": "Row {row}: {column} is empty for {village_code}.",
    "recorded-exceeds-wajib": (
        "Row {row}: {village_code} has {sudah_rekam} recorded of {wajib_ktp} wajib KTP; it counts "
        "as 0 people to look for."
    ),
    "not-recorded-differs": (
        "Row {row}: {village_code} prints {value} not recorded; {wajib_ktp} - {sudah_rekam} = "
        "{computed} is used."
    ),
    "percentage-differs": (
        "Row {row}: {village_code} prints {value} %; {sudah_rekam} of {wajib_ktp} is {computed} %."
    ),
    "count-kept": (
        "This file has no {column} of {n_villages} village(s); what earlier files say (the latest "
        "of {day}) goes on counting."
    ),
    "count-changed": (
        "Row {row}: {column} of {village_code} was {before} on {before_day} and is {value} on "
        "{day}, a change of more than {limit} %. Check the number."
    ),
    "total-mismatch": (
        "Row {row}: the total of {column} for {place} is printed as {value}; its villages add up "
        "to {computed}."
    ),
    "sheet-skipped": "Sheet '{value}' has no table of villages and was not read.",
    # words, numbers, dates, places
    "value-missing": "Row {row}: {column} is empty.",
    "word-unknown": "Row {row}: '{value}' is not known as {column}. Use one of: {accepted}.",
    "number-unreadable": "Row {row}: '{value}' in {column} is no number.",
    "number-out-of-range": "Row {row}: {value} in {column} is outside {accepted}.",
    "date-unreadable": (
        "Row {row}: '{value}' in {column} is no date. Write 2024-06-30, 2024-06 or 2024."
    ),
    "date-to-come": (
        "Row {row}: the day '{value}' in {column} has not come yet. Correct it; this row was not "
        "used."
    ),
    "time-unreadable": "Row {row}: '{value}' in {column} is no time of day. Write 07:30.",
    "times-reversed": "Row {row}: work ends at {value}, not later than it starts ({starts}).",
    "coordinates-out-of-range": "Row {row}: longitude {lon}, latitude {lat} is not in Indonesia.",
    "coordinates-swapped": "Row {row}: longitude {lon} and latitude {lat} look exchanged.",
    "request-known": (
        "Row {row}: letter '{value}' of {village_code} is request {request_id} already and stays "
        "as it is."
    ),
    "contact-names-person": (
        "Row {row}: {column} seems to name a person. Write the office or the function."
    ),
    "text-too-long": "Row {row}: {column} is longer than {most} characters.",
    "row-duplicate": (
        "Row {row}: '{value}' already stands on row {first_row}; this row was not used."
    ),
    "rows-repeated": "{value} rows repeat another row word for word; each was read once.",
    # connectivity
    "site-id-shared": (
        "Row {row}: '{value}' is also the id of a tower on row {first_row}, elsewhere; both are "
        "kept."
    ),
    "tower-codes-bps": (
        "The codes in this list are BPS codes and no crosswalk was imported: they were not used. "
        "The towers stand where their positions are."
    ),
    "tower-codes-undecided": (
        "It is not certain whose codes stand in this list: they were not used. The towers stand "
        "where their positions are."
    ),
    "tower-without-signal": (
        "{village_code}: {one} ({one_day}) says {one_says}, yet {other} ({other_day}) says "
        "{other_says}: a tower is said to be on air where a report says there is no signal. Ask "
        "the village."
    ),
    "reports-differ": (
        "{village_code}: {one} ({one_day}) says {one_says}, {other} ({other_day}) says "
        "{other_says}."
    ),
    "layers-differ": (
        "{village_code}: {one} ({one_day}) says {one_says}, {other} ({other_day}) says "
        "{other_says}. A map knows less than the village does."
    ),
    "power-differs": (
        "{village_code}: PLN power is {one_says} by {one} ({one_day}) and {other_says} by {other} "
        "({other_day})."
    ),
    "tower-status-differs": (
        "One tower in two lists: {one} ({one_day}) says {one_says}, {other} ({other_day}) says "
        "{other_says}."
    ),
    "tower-elsewhere": (
        "{one} is said to stand in {one_says}, but its position is in {other_says}."
    ),
    # geometry
    "reprojected": "The coordinates were converted from {value} to longitude and latitude.",
    "layer-chosen": "'{value}' was read. Not read: {found}.",
    "axes-swapped": (
        "The file gives latitude before longitude; {value} outlines were read the other way round."
    ),
    "geometry-repaired": (
        "Row {row}: the outline of {village_code} was invalid ({reason}) and was repaired; it had "
        "{before_ha} ha and has {after_ha} ha now."
    ),
    "geometry-areas-kept": (
        "Row {row}: {village_code} is drawn as areas and {value}; only the areas were kept."
    ),
    "geometry-point": (
        "Row {row}: {village_code} has no outline; only its point is kept, longitude {lon}, "
        "latitude {lat}."
    ),
    "geometry-points": ("The file has no outlines; of {value} villages only the point is kept."),
    "outlines-overlap": (
        "{value} pairs of villages overlap by {area_ha} ha in all; {slivers} of them, {slivers_ha} "
        "ha, are slivers narrower than {width_m} m. The largest: {largest}."
    ),
    "outlines-gap": (
        "{value} gaps between villages belong to none of them, {area_ha} ha in all; {slivers} of "
        "them, {slivers_ha} ha, are slivers narrower than {width_m} m. The largest: {largest}."
    ),
    "geometry-missing": "Row {row}: {village_code} has no outline.",
    "geometry-not-area": "Row {row}: {village_code} is drawn as {value}, not as an area.",
    "area-missing": "Row {row}: drawn as {value}, not as an area.",
    "area-repaired": "Row {row}: the outline was invalid ({reason}) and was repaired.",
    # travel
    "line-missing": "Row {row}: no line is drawn, or one without length.",
    "line-not-line": "Row {row}: drawn as {value}, not as a line.",
    "line-in-parts": "Row {row}: drawn in {value} parts; each became a line of its own.",
    "ways-passed-over": (
        "{value} ways of the extract carry neither cars nor boats (footpaths, ditches and the "
        "like) and were left out."
    ),
    "ways-closed": (
        "{value} roads or rivers are closed to vehicles or boats (access is no or private) and "
        "were left out."
    ),
    "ways-cut": ("{value} ways run beyond the edge of the extract; only the part inside was read."),
    "rapids-off-river": (
        "Row {row}: the rapids at longitude {lon}, latitude {lat} are further than {metres} m from "
        "every river; they were not used."
    ),
    "end-joined": ("Row {row}: an end lay {metres} m from {value} and was moved onto it."),
    "end-falls-short": (
        "Row {row}: an end lies {metres} m from {value} and does not meet it. If they do meet, "
        "draw the line to the other."
    ),
    "crossing-joined": (
        "Row {row}: crosses {value} on the same level at longitude {lon}, latitude {lat} and was "
        "joined to it there. If one passes over the other, say bridge=yes."
    ),
    "network-parts": (
        "The {mode} network is in {value} separate parts; the largest has {share} % of its length. "
        "What lies on another part cannot be reached from it."
    ),
    "base-off-network": (
        "{depot}: no road or river that the vehicles of team {team} can use is within walking "
        "distance. Give the team a second vehicle (mobil+perahu), or move its base."
    ),
    "point-no-network-near": (
        "{place} cannot be reached from {depot}: no road or river of the vehicle is within walking "
        "distance. Move the point, add the missing line, or give it a boat or plane in the links."
    ),
    "point-not-connected": (
        "{place} cannot be reached from {depot}: the road or river beside it does not join that of "
        "{depot}. Add the missing piece, or a boat or plane in the links."
    ),
    "detour-long": (
        "From {depot} to {place} the way is {ratio} times as long as the straight line ({km} km "
        "for {straight_km} km): a road or river is probably missing."
    ),
    "detour-short": (
        "From {depot} to {place} the way ({km} km) is shorter than the straight line "
        "({straight_km} km): a line or a position is wrong."
    ),
    "time-zero": ("From {depot} to {place} it takes no time, yet they lie {metres} m apart."),
    "surface-assumed": (
        "{value} roads state no known surface; the usual one of their class is assumed."
    ),
    "timetable-unreadable": (
        "Row {row}: '{value}' in {column} gives no departures; any hour is taken. Write them as "
        "07:00, 10:30 or 07:00 balik 13:00."
    ),
    "timetable-single": (
        "Row {row}: the link leaves once a day ({value}); a plan reckons with the day, not with "
        "that hour. Check its stops against it."
    ),
    "weekdays-unreadable": (
        "Row {row}: '{value}' names no weekdays. Write digits, 1 for Monday to 7 for Sunday: 135."
    ),
    "link-goes-nowhere": "Row {row}: both ends of the link are at longitude {lon}, latitude {lat}.",
    "return-time-assumed": (
        "Row {row}: {column} is empty; the way back is taken to last {value} minutes as well."
    ),
    "fare-assumed": "{value} links state no fare; the fares of the travel parameters are used.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing an import saw.

    Parameters
    ----------
    severity
        ``refused``: the row was set aside; ``corrected``: it was stored, changed in reading;
        ``warning``: stored as it stands, worth a look; ``info``: for the record.
    row
        Row number as a spreadsheet shows it, counted from 1; ``Sheet!12`` when the file has
        several sheets; None when the finding is about the whole file.
    value
        The text of the file, never more than the cell itself.
    """

    code: str
    severity: Severity
    row: RowLabel = None
    village_code: str | None = None
    column: str | None = None
    value: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The English sentence."""
        return FINDING_TEXTS[self.code].format(**self.facts)

    @property
    def facts(self) -> dict[str, object]:
        """All that a template may name."""
        own = {
            "row": self.row,
            "village_code": self.village_code,
            "column": self.column,
            "value": self.value,
        }
        return {**own, **self.params}


class Tally(NamedTuple):
    """How many rows were stored, stored after a correction, and set aside."""

    accepted: int
    corrected: int
    refused: int


def tally(findings: Iterable[Finding], n_accepted: int) -> Tally:
    """Count rows by what the findings say: a row counts once however many findings it has."""
    rows: dict[str, set[RowLabel]] = {"refused": set(), "corrected": set()}
    for finding in findings:
        if finding.severity in rows and finding.row is not None:
            rows[finding.severity].add(finding.row)
    return Tally(n_accepted, len(rows["corrected"] - rows["refused"]), len(rows["refused"]))


def summarise(findings: Iterable[Finding]) -> list[RowFinding]:
    """Group findings by code, in alphabetical order; rows in the order of the file."""
    groups: dict[str, RowFinding] = {}
    for finding in findings:
        group = groups.setdefault(finding.code, {"code": finding.code, "count": 0, "rows": []})
        group["count"] += 1
        if finding.row is not None and finding.row not in group["rows"]:
            group["rows"].append(finding.row)
    for group in groups.values():
        group["rows"].sort(key=_row_order)
    return [groups[code] for code in sorted(groups)]


def _row_order(row: int | str) -> tuple[str, int]:
    sheet, _, number = str(row).rpartition("!")
    return (sheet, int(number)) if number.isdecimal() else (str(row), 0)
