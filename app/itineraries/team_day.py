"""What a team does on a day of a plan: the one model that every format reads.

Formats take stops, times and places from here and from nowhere else, so none can say another time
than the next.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from app.calendar import ZONE_LABELS, OfficePattern, zone_of
from app.errors import NobodyOut, PlanNotFound, PlanNotSolved, TeamNotFound
from app.models import Plan, PlanLeg, PlanStep, Team
from app.plan_document import VillageThen, stop_rows, team_row, villages_of
from app.readiness import standing
from app.results.outcomes import Outcomes
from app.texts import Lang
from app.viewing import view_of

Positions = tuple[tuple[float, float], ...]
"""lon, lat in degrees, in the direction of travel."""
# Nobody takes the central database along: what these need has to come in the bag.
_WITHOUT_SIGNAL = frozenset({"online_satellite", "store_and_forward", "no_service"})
COST_LINES = ("vehicle", "travel", "per_diem", "lodging")
"""What the rupiah of a day are spent on, as offices budget it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One stretch of travel by one mode; ``note`` is a scheduled link's name, or empty."""

    mode: str
    note: str
    minutes: float
    metres: int
    line: Positions


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamStop:
    """A visit as planned: times are aware, in the office's zone; ``ways`` lead to it.

    ``nth`` counts the team's visits to that place in the week from 1.
    ``expected`` and ``expected_p90`` are people by programme; the latter empty in plans that do not
    have it.
    """

    stop_id: str
    order: int
    village_code: str
    village: str
    district: str
    point_code: str
    point: str
    point_kind: str
    serves: tuple[str, ...]
    lon: float
    lat: float
    arrive: datetime
    start: datetime
    depart: datetime
    minutes: int
    break_minutes: int
    service_mode: str
    travel_mode: str
    travel_minutes: float
    travel_break_minutes: float
    distance_m: int
    n_rapids: int
    is_straight_line: bool
    with_kit: bool
    expected: dict[str, float]
    expected_p90: dict[str, float]
    ways: tuple[Way, ...]
    home_visits: int = 0
    home_visit_minutes: int = 0
    nth: int = 1

    @property
    def is_blank_spot(self) -> bool:
        """Whether there is no signal for the team's own telephones."""
        return self.service_mode in _WITHOUT_SIGNAL

    @property
    def session_ends(self) -> datetime:
        """Tell when the session at the place is over, and visits at home begin."""
        return self.depart - timedelta(minutes=self.home_visit_minutes)

    def most(self, *programmes: str) -> float:
        """Tell how many people may come: exceeded once in ten weeks, else what is expected."""
        people = self.expected_p90 or self.expected
        return sum(people.get(name, 0.0) for name in programmes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleep:
    """Where a team sleeps: a village, and the place of the office's list there or empty."""

    village_code: str
    village: str
    place: str

    @property
    def name(self) -> str:
        """Give the place's name, with its village when that is another."""
        return f"{self.place} ({self.village})" if self.place else self.village


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamDay:
    """One team's day: from where it leaves to where it sleeps.

    ``slept`` and ``sleeps`` are None at the team's base. ``breaks`` are those of the calendar that
    fall between departure and arrival. ``costs`` has rupiah by ``COST_LINES``, and with ``people``
    and ``kits`` is None in plans that were solved before they were kept. ``readiness`` is what was
    said the evening before (``app/readiness.py``), None where nothing was.
    """

    team: str
    base: str
    base_lon: float
    base_lat: float
    vehicle: str
    day: date
    departure: datetime
    arrival: datetime
    with_kit: bool
    slept: Sleep | None
    sleeps: Sleep | None
    breaks: tuple[tuple[time, time], ...]
    stops: tuple[TeamStop, ...]
    last_ways: tuple[Way, ...]
    people: int | None
    kits: int | None
    costs: dict[str, int] | None
    readiness: dict[str, Any] | None = None

    @property
    def leaves_from(self) -> str:
        """Name the place where the day begins."""
        return self.slept.name if self.slept else self.base

    @property
    def ends_at(self) -> str:
        """Name the place where the day ends."""
        return self.sleeps.name if self.sleeps else self.base

    @property
    def last_minutes(self) -> float:
        """Minutes of travel after the last stop."""
        return sum(way.minutes for way in self.last_ways)

    @property
    def metres(self) -> int:
        """Metres travelled on the day."""
        return sum(s.distance_m for s in self.stops) + sum(way.metres for way in self.last_ways)

    def line(self) -> Positions:
        """Give the whole way of the day as one line."""
        parts = [*(way for stop in self.stops for way in stop.ways), *self.last_ways]
        points = [point for way in parts for point in way.line]
        return tuple(p for p, q in zip(points, [None, *points], strict=False) if p != q)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What counts of the reports on a session: where, people by programme, what was noted."""

    village: str
    district: str
    counts: Mapping[str, Outcomes]
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Itineraries:
    """Days of teams of one plan, by team and day, and what is said on every sheet.

    ``version`` changes when the plan is solved again or changed by hand, ``revised_at`` also when
    another plan of the week may have been shown before. ``rupiah`` is each team's
    cost of the week, ``kept_by`` who keeps the plan although it breaks rules. ``reported`` is what
    came back by team, day and point, where a format tells it.
    """

    plan_id: int
    version: str
    state: str
    week: str
    regency_code: str
    regency: str
    zone: str
    zone_label: str
    solved_at: datetime
    revised_at: datetime
    lang: Lang
    days: tuple[TeamDay, ...]
    rupiah: dict[str, int]
    reported: Mapping[tuple[str, date, str], Reported] = field(default_factory=dict)
    kept_by: str | None = None

    @property
    def teams(self) -> tuple[str, ...]:
        """Name the teams, in order."""
        return tuple(dict.fromkeys(day.team for day in self.days))

    def of_team(self, team: str) -> tuple[TeamDay, ...]:
        """Give a team's days in order."""
        return tuple(day for day in self.days if day.team == team)


def plan_version(plan: Plan) -> str:
    """Give six letters and digits that no two answers of a plan share, short enough for paper."""
    return hashlib.sha256(f"{plan.id} {plan.solved_at}".encode()).hexdigest()[:6]


# What a plan was made with and amounts to: up to some hundred kilobytes.
_LARGE = tuple(defer(getattr(Plan, name)) for name in ("params", "inputs", "summary"))


def solved_plan(session: Session, plan_id: int, *, is_whole: bool = True) -> Plan:
    """Find a plan that can be carried out; what is large of it is else read when it is asked for.

    Raises
    ------
    PlanNotFound, PlanNotSolved
    """
    plan = session.get(Plan, plan_id, options=() if is_whole else _LARGE)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    if plan.solved_at is None:
        raise PlanNotSolved(plan_id=plan_id)
    return plan


def revised_at(session: Session, plan: Plan) -> datetime:
    """Tell when a plan was solved, or since when no other of its week is shown in its place.

    Of two plans of a week that are shown one after the other the second is never the earlier:
    what is shown changes by a solve, or by a step of one of them.
    """
    steps = select(func.max(PlanStep.at)).join(Plan)
    week = (Plan.regency_code == plan.regency_code, Plan.week == plan.week)
    newest: datetime | None = session.exec(steps.where(*week)).one()
    solved = plan.solved_at or plan.created_at
    return max(solved, newest) if newest is not None else solved


def itineraries(
    session: Session, plan_id: int, lang: Lang, *, team: str | None = None, day: date | None = None
) -> Itineraries:
    """Read a plan's days, of one team or one date if named.

    Raises
    ------
    PlanNotFound, PlanNotSolved, TeamNotFound
    NobodyOut
        When nobody leaves a base then.
    """
    plan = solved_plan(session, plan_id)
    view = view_of(session)
    seen = [row for row in plan.summary.get("teams", ()) if view.sees_team(row["team"])]
    known = [row["team"] for row in seen]
    if team is not None and team not in known:
        raise TeamNotFound(team=team, known=", ".join(known) or "-")
    villages = villages_of(session, plan)
    rows = [row for row in seen if team in {None, row["team"]}]
    days = tuple(_days(session, plan, rows, villages))
    chosen = tuple(one for one in days if day in {None, one.day})
    if not chosen:
        there = ", ".join(sorted({one.day.isoformat() for one in days})) or "-"
        asked = " ".join(str(word) for word in (team, day) if word) or "-"
        raise NobodyOut(plan_id=plan_id, asked=asked, days=there)
    zone = zone_of(plan.regency_code)
    return Itineraries(
        plan_id=plan_id, version=plan_version(plan), state=plan.state, week=plan.week,
        regency_code=plan.regency_code, regency=next(iter(villages.values())).regency, zone=zone,
        zone_label=ZONE_LABELS[zone], solved_at=plan.solved_at or plan.created_at,
        revised_at=revised_at(session, plan), lang=lang, days=chosen,
        rupiah={row["team"]: row["cost_rupiah"] for row in rows},
        kept_by=(plan.summary.get("kept") or {}).get("account"),
    )  # fmt: skip


def _days(
    session: Session, plan: Plan, rows: list[dict[str, Any]], villages: dict[str, VillageThen]
) -> Iterable[TeamDay]:
    zone = zone_of(plan.regency_code)
    names = [row["team"] for row in rows]
    stops = stop_rows(session, plan, villages)
    ways = _ways(session, plan)
    pattern = OfficePattern.from_dict(plan.params.get("office", {}))
    said = standing(session, plan)
    people = {t.name: t for t in session.exec(select(Team).where(col(Team.name).in_(names)))}
    for row in sorted(rows, key=lambda one: str(one["team"])):
        slept: Sleep | None = None
        met: Counter[str] = Counter()
        before: date | None = None
        for shift in team_row(plan, row, zone, villages)["shifts"]:
            on = date.fromisoformat(shift["day"])
            if before is not None and (on - before).days != 1:
                slept = None
            made = [s for s in stops if (s["team"], s["day"]) == (row["team"], shift["day"])]
            one = _day(row, shift, made, ways, slept, pattern, people.get(row["team"]))
            yield replace(
                one, stops=tuple(_counted(one.stops, met)), readiness=said.get((one.team, on))
            )
            slept, before = one.sleeps, on


def _counted(stops: Iterable[TeamStop], met: Counter[str]) -> Iterator[TeamStop]:
    for stop in stops:
        met[stop.point_code] += 1
        yield replace(stop, nth=met[stop.point_code])


def _day(
    row: dict[str, Any],
    shift: dict[str, Any],
    stops: list[dict[str, Any]],
    ways: dict[tuple[str, date, int], list[Way]],
    slept: Sleep | None,
    pattern: OfficePattern,
    team: Team | None,
) -> TeamDay:
    on = date.fromisoformat(shift["day"])
    leaves, ends = (datetime.fromisoformat(shift[name]) for name in ("departure", "arrival"))
    breaks = [(a, b) for a, b in pattern.breaks(on) if a < ends.time() and b > leaves.time()]
    sleeps = None
    if shift["sleeps_code"]:
        sleeps = Sleep(
            village_code=shift["sleeps_code"], village=shift["sleeps_name"] or "",
            place=shift["sleeps_place"] or "",
        )  # fmt: skip
    last = ways.get((row["team"], on, len(stops) + 1), [])
    return TeamDay(
        team=row["team"], base=row["base"], base_lon=row["lon"], base_lat=row["lat"],
        vehicle=row["vehicle"], day=on, departure=leaves, arrival=ends,
        with_kit=shift["with_kit"], slept=slept, sleeps=sleeps, breaks=tuple(breaks),
        stops=tuple(_stop(stop, ways.get((row["team"], on, stop["order"]), [])) for stop in stops),
        last_ways=tuple(last), people=shift.get("people", team.staff if team else None),
        kits=shift.get("kits", team.kits if team else None), costs=shift.get("costs"),
    )  # fmt: skip


_SAME = (
    "stop_id", "order", "village_code", "district", "point_code", "point_kind", "lon", "lat",
    "minutes", "break_minutes", "service_mode", "travel_mode", "travel_minutes",
    "travel_break_minutes", "distance_m", "n_rapids", "is_straight_line", "with_kit", "expected",
)  # fmt: skip


def _stop(row: dict[str, Any], ways: list[Way]) -> TeamStop:
    return TeamStop(
        **{name: row[name] for name in _SAME},
        arrive=datetime.fromisoformat(row["arrive"]),
        start=datetime.fromisoformat(row["start"]),
        depart=datetime.fromisoformat(row["depart"]),
        village=row["village_name"],
        point=row["point_name"],
        serves=tuple(row["serves"]),
        expected_p90=row["expected_p90"] or {},
        home_visits=row["home_visits"] or 0,
        home_visit_minutes=row["home_visit_minutes"] or 0,
        ways=tuple(ways),
    )


def _ways(session: Session, plan: Plan) -> dict[tuple[str, date, int], list[Way]]:
    """Give the stretches before each stop, and those after the last, by team, day and order."""
    found: dict[tuple[str, date, int], list[Way]] = {}
    query = select(PlanLeg).where(PlanLeg.plan_id == plan.id)
    for leg in session.exec(query.order_by(col(PlanLeg.order), col(PlanLeg.part))):
        way = Way(
            mode=leg.mode, note=leg.note or "", minutes=leg.minutes, metres=leg.metres,
            line=tuple((round(x, 6), round(y, 6)) for x, y, *_ in leg.geometry.coords),
        )  # fmt: skip
        found.setdefault((leg.team, leg.day, leg.order), []).append(way)
    return found
