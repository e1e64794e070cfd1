"""Targets: the share of those who count that shall have a document, by year, programme and area.

What national targets are known of is built in, each with where it was found; an office, a province
or the whole installation sets its own beside it. Decisions are only added; the last one counts.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from app.areas import inside, is_area
from app.cells import safe_cell
from app.models import TargetChange, Village
from app.params import digest_of
from app.target_errors import BadTarget
from geodata.numbers import NotNumber, read_percentage
from geodata.privacy import refuse_numbers
from geodata.tables import Record, bare, read_records

PROGRAMMES = ("ktp_el", "kia", "akta", "ikd")
NATIONAL = ""
YEARS = (2011, 2100)
COLUMNS = {
    "year": ("tahun",),
    "programme": ("program",),
    "area": ("wilayah", "kode_wilayah", "kode"),
    "target_percent": ("target", "target_persen", "persen"),
    "source": ("sumber", "dasar"),
}
_WORDS = {bare(name): name for name in PROGRAMMES} | {bare("akta lahir"): "akta"}
_NATION = {bare("nasional"), bare("national"), ""}

_RPJMN = "national target of civil registration, as reported by Kontan"
_MINISTRY = "national target of the ministry's directorate general, as reported by {}"
_PRESS = {
    "antara-2020": _MINISTRY.format("Antara Kaltim, November 2020"),
    "antara-2021": _MINISTRY.format("Antara Kaltim, 2021"),
    "mediaindonesia-2023": _MINISTRY.format("Media Indonesia, March 2023"),
    "kaltim-2024": "national target quoted by the province of Kaltim, June and November 2024",
    "tekstual-2025": "national target quoted by Kutai Timur, November 2025",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A national target that was published: ``share`` is a fraction."""

    programme: str
    year: int
    share: float
    source: str


KNOWN = tuple(
    Known(programme=programme, year=year, share=share, source=_PRESS.get(source, source))
    for programme, year, share, source in (
        *(
            ("akta", year, share, _RPJMN)
            for year, share in ((2015, 0.75), (2016, 0.775), (2017, 0.80), (2018, 0.825),
                                (2019, 0.85))
        ),
        ("kia", 2020, 0.20, "antara-2020"),
        ("akta", 2020, 0.95, "antara-2020"),
        ("ktp_el", 2021, 0.992, "antara-2021"),
        ("ktp_el", 2023, 0.994, "mediaindonesia-2023"),
        ("kia", 2023, 0.50, "mediaindonesia-2023"),
        ("akta", 2023, 0.98, "mediaindonesia-2023"),
        ("ikd", 2023, 0.25, "mediaindonesia-2023"),
        ("ktp_el", 2024, 0.994, "kaltim-2024"),
        ("kia", 2024, 0.60, "kaltim-2024"),
        ("akta", 2024, 0.99, "kaltim-2024"),
        ("ikd", 2024, 0.30, "kaltim-2024"),
        ("ktp_el", 2025, 0.994, "tekstual-2025"),
    )
)  # fmt: skip
"""National targets that were found; of other years nobody found any."""

_Key = tuple[int, str, str]


def level_of(area: str) -> str:
    """Tell what an area is: national, province or regency."""
    return {0: "national", 2: "province"}.get(len(area), "regency")


def target_rows(
    session: Session, *, area: str | None = None, year: int | None = None
) -> list[dict[str, Any]]:
    """List all targets that hold, by year, programme and level.

    Parameters
    ----------
    area
        Only those of this area and of what it lies in; None: of everywhere the session sees.
    """
    rows = [
        row
        for row in _held(session).values()
        if (year is None or row["year"] == year)
        and (area is None or _lies_in(area, row["area"] or NATIONAL))
    ]
    return sorted(rows, key=_order)


def targets_in_force(session: Session, area: str, year: int) -> dict[str, dict[str, Any]]:
    """Find the target of each programme that holds in an area in a year.

    That of the newest year up to then, of one year the most local. ``is_carried`` tells that it is
    of an earlier year. Programmes without any are left out.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in target_rows(session, area=area):  # the last that fits wins
        if row["year"] <= year:
            found[row["programme"]] = row | {"is_carried": row["year"] < year}
    return found


def set_targets(session: Session, rows: Sequence[Mapping[str, Any]], *, by: str) -> None:
    """Decide about targets, all or none, in the caller's transaction.

    Parameters
    ----------
    rows
        Each with ``year``, ``programme``, ``area`` (None: the whole country), ``share`` (a
        fraction; None: back to what is known) and ``source``, where it is written.
    by
        Who decides.

    Raises
    ------
    BadTarget, ResidentNumbers, OutsideArea
        When a value cannot be, a text names a resident by a number, or the area is another's.
    """
    refuse_numbers({"by": by}, "target")
    for n, row in enumerate(rows, start=1):
        given = {**row, "area": row["area"] or NATIONAL, "by": by}
        _judge(session, given, row.get("row", n))
        session.add(
            TargetChange(
                year=given["year"], programme=given["programme"], area=given["area"],
                share=given["share"], source=given["source"].strip(), changed_by=by.strip(),
            )
        )  # fmt: skip
    session.flush()


def read_targets(path: Path) -> list[dict[str, Any]]:
    """Read targets from a CSV file or a workbook, as ``targets_csv`` writes them.

    Raises
    ------
    BadTarget
        With the first cell that cannot be used.
    GeodataError
        When the whole file is refused: residents, a missing column, no row.
    """
    required = ("year", "programme", "area", "target_percent", "source")
    records = read_records(path, columns=COLUMNS, required=required)
    return [_read(record) for record in records.rows]


def targets_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Write rows of ``target_rows`` as CSV with a header; shares are percentages."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        area = row["area"] or "nasional"
        cells = (row["year"], row["programme"], area, f"{100 * row['share']:.10g}", row["source"])
        writer.writerow([safe_cell(cell) for cell in cells])
    return text.getvalue()


def targets_digest(session: Session) -> str:
    """Name the targets that hold by what they are."""
    plain = [{name: row[name] for name in ("year", "programme", "area", "share", "source")}
             for row in target_rows(session)]  # fmt: skip
    return digest_of({"targets": plain})


def _held(session: Session) -> dict[_Key, dict[str, Any]]:
    """Give what holds for each year, programme and area: decided, else known."""
    known = {(one.year, one.programme, NATIONAL): one for one in KNOWN}
    held = {key: _row(key, one.share, one.share, one.source, None) for key, one in known.items()}
    for row in session.exec(select(TargetChange).order_by(col(TargetChange.id))):
        key = (row.year, row.programme, row.area)
        one = known.get(key)
        default = one.share if one else None
        if row.share is not None:
            held[key] = _row(key, row.share, default, row.source, row)
        elif one is not None:
            held[key] = _row(key, one.share, default, one.source, None)
        else:
            held.pop(key, None)
    return held


def _row(
    key: _Key, share: float, default: float | None, source: str, row: TargetChange | None
) -> dict[str, Any]:
    year, programme, area = key
    return {
        "year": year, "programme": programme, "level": level_of(area), "area": area or None,
        "share": share, "default": default, "source": source,
        "changed_by": row.changed_by if row else None,
        "changed_at": row.changed_at.isoformat() if row else None,
    }  # fmt: skip


def _order(row: Mapping[str, Any]) -> tuple[int, int, int, str]:
    area = row["area"] or NATIONAL
    return row["year"], PROGRAMMES.index(row["programme"]), len(area), area


def _lies_in(area: str, whole: str) -> bool:
    return whole in {NATIONAL, area} or area.startswith(f"{whole}.")


def _judge(session: Session, row: Mapping[str, Any], number: object) -> None:
    low, high = YEARS
    share = row["share"]
    rules = (
        ("year", f"{low} .. {high}", low <= row["year"] <= high),
        ("programme", " | ".join(PROGRAMMES), row["programme"] in PROGRAMMES),
        ("share", "0 .. 1", share is None or 0 <= share <= 1),
        ("area", "nasional | 65 | 65.01", is_area(row["area"]) and _is_known(session, row["area"])),
        ("source", "1 .. 500", 1 <= len(row["source"].strip()) <= 500),
        ("by", "1 .. 500", 1 <= len(row["by"].strip()) <= 500),
    )
    for field, accepted, is_fine in rules:
        if not is_fine:
            raise BadTarget(row=number, field=field, value=row[field], accepted=accepted)
    refuse_numbers({"source": row["source"]}, "target")


def _is_known(session: Session, area: str) -> bool:
    """Whether there is a village in an area: a mistyped code would never be seen again."""
    if area == NATIONAL:
        return True
    query = select(Village.code).where(inside(Village.code, area)).limit(1)
    return session.exec(query).first() is not None


def _read(record: Record) -> dict[str, Any]:
    year, area = record.text("year"), record.text("area")
    programme = _WORDS.get(bare(record.text("programme")))
    rules = (
        ("year", "2026", year.isdecimal() and len(year) == 4),
        ("programme", ", ".join(PROGRAMMES), programme is not None),
        ("source", "...", bool(record.text("source"))),
    )
    for column, accepted, is_fine in rules:
        if not is_fine:
            raise BadTarget(
                row=record.row, field=column, value=record.text(column), accepted=accepted
            )
    return {
        "row": record.row, "year": int(year), "programme": programme,
        "area": NATIONAL if bare(area) in _NATION else area, "share": _share(record),
        "source": record.text("source"),
    }  # fmt: skip


def _share(record: Record) -> float | None:
    """Read a percentage as a share; empty: back to what is known."""
    try:
        percent = read_percentage(record.cells.get("target_percent"))
    except NotNumber:
        percent = Decimal(-1)
    if percent is None:
        return None
    # A cell that is shown as 99,4% holds 0.994; what is written so may not become a hundredth.
    if not (percent == 0 or 1 < percent <= 100):
        text = record.text("target_percent")
        raise BadTarget(
            row=record.row, field="target_percent", value=text, accepted="0, 1.01 .. 100 (99,4)"
        )
    return float(percent / 100)
