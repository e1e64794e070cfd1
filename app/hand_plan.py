"""Plans that a person made: rows of a sheet or of a request -> the days of a plan.

A sheet has a row for each session, in the order in which a team makes them: team, day, village (by
code, or by name and district) or point, minutes; where there are some, a satellite kit, and where
the team sleeps after the day. A row without a village says only where a team sleeps. The CSV of a
plan is such a sheet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from app.calendar import monday_of
from app.errors import BadHandPlan, VillageTwice
from app.hubs import with_hubs
from app.models import Plan, Team, Village
from app.plan_days import PlanDays
from app.points import current_points
from geodata.dates import exact_day
from geodata.names import bare_district, normalise
from geodata.row_reader import RowReader
from geodata.tables import bare, read_records
from routing import MAX_TOUR_DAYS

COLUMNS = {
    "team": ("tim", "nama_tim"),
    "day": ("tanggal", "hari", "hari/tanggal", "date"),
    "order": ("urutan", "urutan_kunjungan"),
    "village_code": ("kode_desa", "kode_wilayah", "kode"),
    "village_name": ("desa", "nama_desa", "desa/kelurahan", "village"),
    "district": ("kecamatan", "nama_kecamatan"),
    "point_code": ("kode_titik", "kode_titik_layanan"),
    "minutes": ("menit", "lama", "lama_menit", "durasi"),
    "with_kit": ("kit_satelit", "membawa_kit"),
    "sleeps_code": ("kode_menginap",),
    "sleeps_at": ("menginap", "menginap_di", "tempat_menginap"),
}
WEEKDAYS = {
    bare(word): n
    for n, words in enumerate(
        (
            ("senin", "mon", "monday"), ("selasa", "tue", "tuesday"), ("rabu", "wed", "wednesday"),
            ("kamis", "thu", "thursday"), ("jumat", "jum'at", "fri", "friday"),
            ("sabtu", "sat", "saturday"), ("minggu", "ahad", "sun", "sunday"),
        )
    )
    for word in words
}  # fmt: skip
MINUTES = (15, 600)


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that cannot be used: its row, column and text, and what could stand there."""

    row: str
    column: str
    value: str
    accepted: str


def read_hand_made(session: Session, plan: Plan, path: Path) -> PlanDays:
    """Read the sheet of a plan made by hand for the week of a stored one.

    Raises
    ------
    BadHandPlan, VillageTwice
        When cells cannot be used; the first is named, all are counted. Or when a place has two
        sessions.
    GeodataError
        When the whole file is refused: residents, a missing column, no row.
    """
    records = read_records(path, columns=COLUMNS, required=("team", "day", "minutes"))
    rows, faults = [], []
    for record in records.rows:
        reader = RowReader(record)
        has_place = any(record.text(c) for c in ("village_code", "village_name", "point_code"))
        row: dict[str, Any] = {name: record.text(name) for name in COLUMNS}
        row["row"] = str(record.row)
        row["minutes"] = reader.number("minutes", *MINUTES, is_required=has_place)
        row["order"] = reader.number("order", 0, 1000)
        row["with_kit"] = reader.yes("with_kit", default=False)
        accepted = {"minutes": f"{MINUTES[0]}-{MINUTES[1]}", "order": "0-1000"}
        faults += [
            Fault(row["row"], column, f.value or "", accepted.get(column, "ya, tidak"))
            for f in reader.findings
            if (column := f.column or "")
        ]
        rows.append(row)
    return _Names(session, plan).days(rows, faults)


def named_in_request(session: Session, plan: Plan, rows: Mapping[str, Any]) -> PlanDays:
    """Check the stops and nights of a request, as those of a sheet.

    Raises
    ------
    BadHandPlan, VillageTwice
        When a team, day, village or point is not one of the plan's week, or a place has two
        sessions.
    """
    empty = dict.fromkeys(COLUMNS, "")
    stops = [
        {**empty, **row, "day": row["day"].isoformat(), "row": f"stops/{n}", "order": None}
        for n, row in enumerate(rows["stops"])
    ]
    nights = [
        {**empty, **row, "day": row["day"].isoformat(), "row": f"nights/{n}", "order": None}
        for n, row in enumerate(rows["nights"])
    ]
    return _Names(session, plan).days([*stops, *nights], [])


class _Names:
    """What the rows of a plan may name: teams, days, villages and points of its week."""

    def __init__(self, session: Session, plan: Plan) -> None:
        regency = plan.regency_code
        monday = monday_of(plan.week)
        self.days_of_week = [monday + timedelta(days=n) for n in range(7 + MAX_TOUR_DAYS - 1)]
        self.teams = sorted(session.exec(select(Team.name).where(Team.regency_code == regency)))
        villages = session.exec(select(Village).where(Village.regency_code == regency)).all()
        self.villages = {village.code: village for village in villages}
        points = with_hubs(current_points(session, regency), plan.params)
        self.points = {point.code: point for point in points}
        self.served_at = {
            code: point.code
            for point in points
            if not point.gathers and not point.is_hub
            for code in point.serves
        }
        self.by_name: dict[str, list[Village]] = {}
        for village in villages:
            self.by_name.setdefault(normalise(village.name), []).append(village)
        self.faults: list[Fault] = []

    def days(self, rows: Iterable[Mapping[str, Any]], faults: list[Fault]) -> PlanDays:
        """Read all rows, or refuse them with the first fault."""
        stops: list[tuple[tuple[str, str, int, int], dict[str, Any]]] = []
        nights: dict[tuple[str, str], dict[str, Any]] = {}
        self.faults, rows_of = faults, dict[str, list[str]]()
        for n, row in enumerate(rows):
            team, day = self._team(row), self._day(row)
            key = {"team": team, "day": day.isoformat()}
            point = self._point(row)
            if point:
                rows_of.setdefault(point, []).append(str(row["row"]))
                stop = {**key, "village_code": self.points[point].village_code, "point_code": point,
                        "minutes": row["minutes"], "with_kit": row["with_kit"]}  # fmt: skip
                stops.append(((team, key["day"], row["order"] or 0, n), stop))
            sleeps = self._village(row, "sleeps_code", "sleeps_at")
            if sleeps:
                night = {**key, "sleeps_code": sleeps, "sleeps_point": None,
                         "with_kit": bool(row["with_kit"])}  # fmt: skip
                nights[team, key["day"]] = night
        if self.faults:
            first = self.faults[0]
            raise BadHandPlan(
                row=first.row, column=first.column, value=first.value, accepted=first.accepted,
                n=len(self.faults),
            )  # fmt: skip
        self._require_once(rows_of)
        ordered = [stop for _, stop in sorted(stops, key=lambda pair: pair[0])]
        return PlanDays(ordered, [nights[key] for key in sorted(nights)])

    def _require_once(self, rows_of: Mapping[str, Sequence[str]]) -> None:
        """Refuse a second session at a place, whose people would be counted twice."""
        for point, rows in rows_of.items():
            if len(rows) > 1:
                village = self.villages[self.points[point].village_code]
                name = f"{village.name} ({point})"
                raise VillageTwice(row=rows[1], village=name, before=rows[0])

    def _fault(self, row: Mapping[str, Any], column: str, value: object, accepted: str) -> None:
        self.faults.append(Fault(str(row["row"]), column, str(value), accepted))

    def _team(self, row: Mapping[str, Any]) -> str:
        if row["team"] not in self.teams:
            self._fault(row, "team", row["team"], ", ".join(self.teams))
        return str(row["team"])

    def _day(self, row: Mapping[str, Any]) -> date:
        text, first = row["day"], self.days_of_week[0]
        weekday = WEEKDAYS.get(bare(text))
        day = exact_day(text) if weekday is None else first + timedelta(days=weekday)
        if day not in self.days_of_week:
            self._fault(row, "day", text, f"{first}..{self.days_of_week[-1]}")
        return day or first

    def _point(self, row: Mapping[str, Any]) -> str | None:
        """Tell at which point a row's session is; None where it has none."""
        if row["point_code"]:
            if row["point_code"] in self.points:
                return str(row["point_code"])
            # A point that was retired: its village is served elsewhere.
            if not row["village_code"]:
                self._fault(row, "point_code", row["point_code"], "jemput-bola points list --all")
                return None
        village = self._village(row, "village_code", "village_name")
        return self.served_at.get(village, village) if village else None

    def _village(self, row: Mapping[str, Any], by_code: str, by_name: str) -> str | None:
        """Tell the code of a village named by code, or by name where the code is empty."""
        code, name = row[by_code], row[by_name]
        if code:
            if code not in self.villages:
                self._fault(row, by_code, code, next(iter(self.villages), "-"))
            return str(code) if code in self.villages else None
        if not name:
            return None
        found = self.by_name.get(normalise(name), [])
        district = normalise(bare_district(row["district"]))
        if len(found) > 1 and district and by_name == "village_name":
            found = [v for v in found if normalise(bare_district(v.district)) == district]
        if len(found) != 1:
            known = "; ".join(f"{v.code} {v.name} ({v.district})" for v in found)
            self._fault(row, by_name, name, known or by_code)
            return None
        return str(found[0].code)
