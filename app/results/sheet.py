"""Results that an office types into a sheet: a row a session and programme."""

import io
import math
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import xlsxwriter
from sqlmodel import Session, col, select

from app.calendar import zone_of
from app.cells import safe_cell
from app.db import now
from app.errors import PlanNotFound
from app.models import Plan, PlanStop, ResultEntry, Village
from app.models.results import MOST_PEOPLE, OUTCOMES
from app.results.errors import BadResultsFile
from app.results.ledger import SHEET
from app.results.standing import Place, Told, standing
from geodata.codes import parse_code
from geodata.errors import BadCode
from geodata.row_reader import RowReader
from geodata.schema import POWERS, SIGNALS
from geodata.tables import Cell, Record, bare, read_records
from geodata.teams import read_time
from routing import Programme

COLUMNS: Mapping[str, Sequence[str]] = {
    "team": ("tim", "nama_tim"),
    "day": ("tanggal", "hari"),
    "code": ("kode", "kode_desa", "kode_wilayah", "desa_kode"),
    "point": ("titik", "kode_titik", "titik_layanan"),
    "village": ("desa", "desa/kelurahan", "nama_desa"),
    "programme": ("program", "layanan", "dokumen"),
    "served": ("terlayani", "dilayani", "selesai_dilayani"),
    "failed": ("gagal",),
    "not_eligible": ("belum_berhak", "tidak_berhak"),
    "already_had": ("sudah_punya", "sudah_memiliki"),
    "absent": ("tidak_hadir",),
    "deceased": ("meninggal",),
    "moved": ("pindah",),
    "not_found": ("tidak_ditemukan",),
    "start": ("mulai", "jam_mulai"),
    "end": ("selesai", "jam_selesai"),
    "signal": ("sinyal",),
    "power": ("listrik", "pln"),
    "notes": ("catatan", "keterangan"),
}
REQUIRED = ("team", "day", "code", "programme", "served")
_PROGRAMMES = {
    bare(word): p.value
    for p, words in {
        Programme.KTP_EL: ("ktp_el", "ktp-el", "ktp", "ektp"),
        Programme.PEMULA: ("pemula", "pemula 17 tahun"),
        Programme.KIA: ("kia",),
        Programme.AKTA: ("akta", "akta kelahiran"),
        Programme.IKD: ("ikd",),
    }.items()
    for word in words
}
_SIGNALS = {
    **{bare(name): name for name in SIGNALS},
    **{bare(word): name for word, name in (
        ("tidak ada", "none"), ("lemah", "weak"), ("kuat", "strong"),
        ("sangat kuat", "very_strong"),
    )},
}  # fmt: skip
_POWERS = {"YA": "yes", "YES": "yes", "ADA": "yes", "TIDAK": "no", "NO": "no", "TIDAKADA": "no"}
# What workbooks give as the date of a time without one.
_NO_DATES = (date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1904, 1, 1))
# Keys of sheets follow from what they say: the same row, imported again, is the same report.
_NAMESPACE = uuid.UUID("5d0c7d3e-5a53-4f0b-9f0e-1d7f4a1f9b52")


def read_results_sheet(
    session: Session,
    plan_id: int,
    path: Path,
    *,
    corrects: bool = False,
    headings: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Read a sheet as records of ``ledger.take_in``; rows of one session are one record.

    Parameters
    ----------
    corrects
        Whether a row replaces what an earlier sheet said of its session; else the two contradict
        each other where they differ.
    headings
        Headings of the office's own, and which of ``COLUMNS`` each is.

    Raises
    ------
    PlanNotFound
        When there is no such plan.
    GeodataError
        When the file is no sheet of results, or of residents.
    BadResultsFile
        When a cell cannot be used; nothing of the file is.
    """
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    points = _points(session, plan_id)
    zone = ZoneInfo(zone_of(plan.regency_code))
    found: dict[Place, dict[str, Any]] = {}
    columns = _columns(path, headings or {})
    for record in read_records(path, columns=columns, required=REQUIRED).rows:
        if not any(record.text(name) for name in OUTCOMES):
            continue  # a row of the blank sheet that nobody filled in tells nothing
        row = _Row(record)
        one = row.result(points, zone)
        if row.findings:
            raise _refused(path, row)
        place = Place(one["team"], one["day"], one["point_code"])
        _join(found.setdefault(place, {**one, "counts": {}}), one, path, record)
    earlier = _earlier(session, plan) if corrects else {}
    return [_keyed(session, plan_id, one, earlier.get(place)) for place, one in found.items()]


def _columns(path: Path, headings: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    unknown = next((column for column in headings.values() if column not in COLUMNS), None)
    if unknown is not None:
        raise BadResultsFile(
            file=path.name, place="--map", value=unknown, accepted=", ".join(COLUMNS)
        )
    return {
        column: (*names, *(own for own, meant in headings.items() if meant == column))
        for column, names in COLUMNS.items()
    }


def _points(session: Session, plan_id: int) -> dict[tuple[str, date, str], str]:
    """Give the point of each stop of a plan, by team, day and village: its own, else served."""
    stops = session.exec(select(PlanStop).where(PlanStop.plan_id == plan_id)).all()
    own = {(s.team, s.day, s.village_code): s.point_code or s.village_code for s in stops}
    served: dict[tuple[str, date, str], set[str]] = {}
    for s in stops:
        for village in s.serves or ():
            served.setdefault((s.team, s.day, village), set()).add(s.point_code or s.village_code)
    # A village that several stops serve that day is none of them for certain.
    return {at: min(points) for at, points in served.items() if len(points) == 1} | own


class _Row(RowReader):
    """One session and programme."""

    def result(self, points: Mapping[tuple[str, date, str], str], zone: ZoneInfo) -> dict[str, Any]:
        """Read the row; meaningless when there are findings."""
        team, day = self.text("team"), self.day("day")
        if day is None and not self.findings:
            self.refuse("value-missing", "day")
        code = self._code()
        point = self.record.text("point") or points.get((team, day or date.min, code), code)
        counts = {name: self.number(name, 0, MOST_PEOPLE) or 0 for name in OUTCOMES}
        programme = self.word("programme", _PROGRAMMES, [p.value for p in Programme])
        return {
            "team": team, "day": day, "village_code": code, "point_code": point,
            "programme": programme, "people": counts,
            "start": self._moment("start", day, zone), "end": self._moment("end", day, zone),
            "signal": self._optional("signal", _SIGNALS, SIGNALS),
            "power": self._optional("power", _POWERS, POWERS),
            "notes": self.record.text("notes")[:1000],
        }  # fmt: skip

    def _code(self) -> str:
        try:
            return parse_code(self.text("code"))
        except BadCode:
            self.refuse("code-unreadable", "code")
            return ""

    def _optional(
        self, column: str, words: Mapping[str, str], accepted: Sequence[str]
    ) -> str | None:
        return self.word(column, words, accepted) if self.record.text(column) else None

    def _moment(self, column: str, day: date | None, zone: ZoneInfo) -> datetime | None:
        if not self.record.text(column) or day is None:
            return None
        clock = _clock(self.record.cells.get(column), day)
        if clock is None:
            self.refuse("time-unreadable", column)
            return None
        return datetime.combine(day, clock.replace(tzinfo=None), zone)


def _clock(cell: Cell, day: date) -> time | None:
    """Read a time of day: 8.30 is kept as the number 8.3; one with a date is of ``day``."""
    if isinstance(cell, datetime) and cell.date() not in (day, *_NO_DATES):
        return None
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell >= 1:
        cell = f"{cell:.2f}" if math.isclose(cell, round(cell, 2), abs_tol=1e-9) else None
    return read_time(cell)


def _refused(path: Path, row: _Row) -> BadResultsFile:
    fault = row.findings[0]
    accepted = {
        "team": "62.02-A", "day": "2026-11-30", "code": "62.02.01.1009", "start": "08:10",
        "end": "10:00",
    }.get(fault.column or "", fault.params.get("accepted") or f"0-{MOST_PEOPLE}")  # fmt: skip
    return BadResultsFile(
        file=path.name, place=f"{row.record.row}, {fault.column}", value=fault.value,
        accepted=accepted,
    )  # fmt: skip


def _join(kept: dict[str, Any], one: dict[str, Any], path: Path, record: Record) -> None:
    """Add a programme to its session; what another row tells of the session fills gaps.

    Rows that tell times, signal or power differently are refused: which is right the office knows.
    """
    programme = one.pop("programme")
    kept.pop("programme", None)
    if programme in kept["counts"]:
        raise BadResultsFile(
            file=path.name, place=f"{record.row}, programme", value=programme,
            accepted="a session and programme in one row",
        )  # fmt: skip
    kept["counts"][programme] = one["people"]
    kept.pop("people", None)
    for name in ("start", "end", "signal", "power"):
        if kept[name] and one[name] and kept[name] != one[name]:
            raise BadResultsFile(
                file=path.name, place=f"{record.row}, {name}", value=record.text(name),
                accepted="what the session's other rows tell, or an empty cell",
            )  # fmt: skip
        kept[name] = kept[name] or one[name]
    kept["notes"] = kept["notes"] or one["notes"]


def _earlier(session: Session, plan: Plan) -> dict[Place, Told]:
    """Give what a sheet said before of each session, as far as it stands; the last told."""
    found = standing(session, plan_id=plan.id)
    return {
        one.place: told
        for one in found.sessions
        for told in reversed(one.live)
        if told.entry.via == SHEET
    }


def _keyed(
    session: Session, plan_id: int, one: dict[str, Any], earlier: Told | None
) -> dict[str, Any]:
    """Give a record a key that follows from what it says, so that it counts once."""
    content = orjson.dumps({**one, "plan_id": plan_id}, option=orjson.OPT_SORT_KEYS).decode()
    corrects = None
    if earlier is None:
        key = str(uuid.uuid5(_NAMESPACE, content))
    elif _says_the_same(earlier, one):
        key = earlier.entry.key
    else:
        corrects = earlier.entry.key
        key = str(uuid.uuid5(_NAMESPACE, content + corrects))
    known = session.exec(select(ResultEntry).where(ResultEntry.key == key)).first()
    return {
        **one, "key": key, "plan_id": plan_id,
        "corrects": known.corrects if known is not None else corrects,
        "device_time": known.told_at if known is not None else now(),
    }  # fmt: skip


def _says_the_same(earlier: Told, one: Mapping[str, Any]) -> bool:
    counts = {name: people.to_dict() for name, people in earlier.counts.items()}
    entry = earlier.entry
    said = (entry.started_at, entry.ended_at, entry.signal, entry.power, entry.notes)
    says = tuple(one[name] for name in ("start", "end", "signal", "power", "notes"))
    return counts == one["counts"] and said == says


def blank_sheet(session: Session, plan_id: int) -> bytes:
    """Write a workbook with a row for each stop and programme of a plan, to be filled in.

    Raises
    ------
    PlanNotFound
        When there is no such plan.
    """
    if session.get(Plan, plan_id) is None:
        raise PlanNotFound(plan_id=plan_id)
    query = (
        select(PlanStop, Village.name)
        .join(Village)
        .where(PlanStop.plan_id == plan_id)
        .order_by(col(PlanStop.day), PlanStop.team, col(PlanStop.order))
    )
    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(data, options) as book:
        sheet = book.add_worksheet("hasil")
        bold = book.add_format({"bold": True})
        heads = [names[0].replace("_", " ").upper() for names in COLUMNS.values()]
        sheet.write_row(0, 0, heads, bold)
        sheet.freeze_panes(1, len(_KNOWN))
        sheet.set_column(0, len(_KNOWN) - 1, 16)
        at = 0
        for stop, name in session.exec(query):
            for programme in Programme:
                at += 1
                sheet.write_row(at, 0, _known_cells(stop, name, programme))
    return data.getvalue()


_KNOWN = ("team", "day", "code", "point", "village", "programme")


def _known_cells(stop: PlanStop, name: str, programme: Programme) -> list[str]:
    cells = (
        stop.team, stop.day.isoformat(), stop.village_code, stop.point_code or stop.village_code,
        name, programme.value,
    )  # fmt: skip
    return [safe_cell(cell) for cell in cells]
