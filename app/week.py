"""What a plan is made of: the rows of one regency's week, read together."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from app.calendar import OfficePattern, Span, monday_of, zone_of
from app.current import CurrentCount, current_connectivity, current_counts
from app.errors import MissingInput, NoTeamPresent, PlanNotFound, RegencyNotFound
from app.hubs import with_hubs
from app.lodging import LodgingPlace, lodging_places, may_sleep_out
from app.models import (
    DataImport,
    Plan,
    Team,
    Village,
    VillageConnectivity,
    VillageCount,
)
from app.needs import point_needs, village_needs
from app.outages import Outages
from app.params import CostParams, Params, PlanParams
from app.points import Point, current_points
from app.results.left import reported_since, still_expected
from app.results.planned import reported_before, taught_params
from app.staff import Presence, roster
from app.supposed import stays_home, supposed_teams
from app.team_hours import duty_hours, team_days
from app.travel import TravelMeans, WeekTravel, has_network
from app.under_way import has_kit_with_it, is_under_way
from geodata.codes import district_of
from routing import (
    NO_NEED,
    Attendance,
    Crew,
    Need,
    Programme,
    ServiceMode,
    SignalClass,
    WorthParams,
    default_desks,
    lost_later,
    service_mode,
    turnout_of,
    worth,
)

# A village of which no source says anything: a visit is planned as on a weak signal, and the plan
# warns with the number of such villages.
SIGNAL_WHEN_UNKNOWN = SignalClass.WEAK
HAS_POWER = {"yes": True, "no": False, "unknown": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekShift:
    """Who and when a position of ``Problem.shifts`` is.

    On a day that is not worked nobody is served; spare days lie after the week: only tours that
    began in it are under way on them. ``hours`` are those of a short day, within the team's own.
    """

    team: Team
    day: date
    announced_days: int
    travel: int
    presence: Presence
    is_working: bool = True
    is_spare: bool = False
    hours: Span | None = None

    def crew(self, *, satellite: bool) -> Crew:
        """Tell what the team can serve with."""
        there = self.presence
        desks = there.desks
        if desks is None:
            desks = default_desks(there.people, there.kits)
        return Crew(kits=there.kits, desks=desks, satellite=satellite)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterWeeks:
    """What a campaign does at the points of a week after it.

    ``position`` is the week's among those of the campaign, ``courses`` are by visit who would be
    listed in each of them after the visits before this week, ``visits`` the later ones.
    """

    position: int
    courses: tuple[tuple[Need, ...], ...]
    visits: dict[int, list[tuple[int, Attendance]]]

    def lost(self, visit: int, session: Attendance) -> float:
        """Tell what later visits lose by a session now, in weighted documents."""
        if visit not in self.visits:
            return 0.0
        return lost_later(self.courses[visit], self.visits[visit], self.position, session)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What a plan is made of.

    Positions in ``points``, ``needs``, ``signals`` and ``power`` are the visits of ``problem_of``'s
    problem, those in ``shifts`` its shifts; ``n_short`` counts team-days cut short by leave.
    ``lodgings`` are the places of the office's list, empty where it has none.
    ``villages`` and ``teams`` are all of the regency, by code and by name; a team away all week has
    no shift. ``announced_before`` are visits that an earlier plan of the week announced, and when.
    """

    plan_id: int
    regency_code: str
    monday: date
    zone: str
    params: dict[str, Any]
    pattern: OfficePattern
    worth_params: WorthParams
    cost: CostParams
    inputs: dict[str, Any]
    villages: tuple[Village, ...]
    teams: tuple[Team, ...]
    counts: dict[str, CurrentCount]
    village_needs: dict[str, Need]
    points: tuple[Point, ...]
    needs: tuple[Need | None, ...]
    signals: tuple[SignalClass | None, ...]
    power: tuple[bool | None, ...]
    shifts: tuple[WeekShift, ...]
    lodgings: tuple[LodgingPlace, ...]
    n_short: int
    travel: WeekTravel
    later: LaterWeeks | None = None
    outages: Outages
    announced_before: dict[int, date]
    district_params: Mapping[str, WorthParams] = field(default_factory=dict)

    @property
    def max_nights(self) -> int:
        """Most nights in a row that a team stays out."""
        return int(self.params.get("max_nights") or 0)

    @property
    def duty_hours(self) -> float:
        """From leaving to arriving, on a day away from the base."""
        return self._plan_params.duty_hours

    @property
    def _plan_params(self) -> PlanParams:
        return PlanParams.from_dict(self.params.get("plan", {}))

    @property
    def longer_minutes(self) -> int:
        """Minutes that all teams may come back later than their hours say, as this plan wishes."""
        return int(self.params.get("longer_day_minutes") or 0)

    def stays_out(self, team: Team) -> bool:
        """Tell whether a team may be away over night in this plan."""
        return self.max_nights > 0 and may_sleep_out(team, self.lodgings)

    def lodgings_of(self, team: Team) -> dict[int, LodgingPlace]:
        """Give the listed places where a team may sleep, by node."""
        nodes = self.travel.lodging_nodes(len(self.lodgings))
        pairs = zip(nodes, self.lodgings, strict=True)
        return {node: place for node, place in pairs if place.takes(team.name)}

    @property
    def lodging_codes(self) -> dict[str, int]:
        """Give the nodes of the listed places by code."""
        nodes = self.travel.lodging_nodes(len(self.lodgings))
        return {place.code: node for node, place in zip(nodes, self.lodgings, strict=True)}

    def sleeping_place(self, node: int) -> Point | LodgingPlace:
        """Tell what is at a node where a team sleeps: a service point, or a listed place."""
        if node < len(self.points):
            return self.points[node]
        return self.lodgings[node - self.travel.lodging_nodes(len(self.lodgings)).start]

    @property
    def seats(self) -> tuple[int, ...]:
        """Points where the seat of each district is served, by position.

        The seat is the village that bears the district's name; where none does, the one with most
        wajib KTP.
        """
        served = {
            code: p for p, point in enumerate(self.points)
            if not point.gathers and not point.is_hub
            for code in point.serves
        }  # fmt: skip
        districts: dict[str, list[Village]] = defaultdict(list)
        for village in self.villages:
            if village.code in served:
                districts[village.district].append(village)
        seats = (max(of_one, key=self._seat_rank) for of_one in districts.values())
        return tuple(sorted({served[village.code] for village in seats}))

    def _seat_rank(self, village: Village) -> tuple[bool, int, str]:
        count = self.counts.get(village.code)
        size = (count.wajib_ktp or 0) if count else 0
        return village.name.casefold() == village.district.casefold(), size, village.code

    @property
    def team_names(self) -> list[str]:
        """All teams, by name."""
        return [team.name for team in self.teams]

    def kits_at(self, base: int, day: date) -> int:
        """Count the satellite kits that lie at a base: of all its teams, also of those on leave."""
        left = self.outages.satellite_kits_left
        return sum(
            max(0, left(team.name, day, team.satellite_kits) - self._kits_away(team.name, day))
            for team in self.teams
            if self.travel.base_node(team) == base
        )

    def _kits_away(self, team: str, day: date) -> int:
        return int(has_kit_with_it(self.params, team, day))

    def announced_days(self, visit: int, shift: int) -> int:
        """Tell how many days before a shift a village was told of the visit."""
        told = self.announced_before.get(visit)
        ahead = self.shifts[shift].announced_days
        return ahead if told is None else max(ahead, (self.shifts[shift].day - told).days)

    def signal(self, visit: int) -> SignalClass:
        """Tell the class a visit is planned with."""
        return self.signals[visit] or SIGNAL_WHEN_UNKNOWN

    def params_at(self, visit: int) -> WorthParams:
        """Tell the numbers that hold at a point: those of its district, a school's own minutes."""
        point = self.points[visit]
        params = self.params_in(point.village_code)
        return params.at_school() if point.kind == "school" else params

    def params_in(self, village_code: str) -> WorthParams:
        """Tell the numbers that hold in a village, as far as results taught its district."""
        return self.district_params.get(district_of(village_code), self.worth_params)

    def multiplier(self, visit: int) -> float:
        """Tell what a planner multiplies the worth of a visit by; people stay as they are."""
        point, params = self.points[visit], self.worth_params
        asked = {row["village"]: row["factor"] for row in self.params.get("priorities", ())}
        here = {point.village_code, *point.serves}
        factor = max((asked[code] for code in here & asked.keys()), default=1.0)
        if here & {row["village"] for row in self.params.get("requests", ())}:
            factor *= self._plan_params.request_factor
        is_blank = self.signals[visit] is SignalClass.NONE
        return float(factor * (params.blank_spot_factor if is_blank else 1.0))

    def service(self, visit: int, shift: int, *, with_kit: bool) -> ServiceMode:
        """Tell how a shift serves at a point."""
        crew = self.shifts[shift].crew(satellite=with_kit)
        return service_mode(
            self.signal(visit), crew=crew, has_power=self.power[visit], params=self.worth_params
        )

    def expected(
        self, visit: int, shift: int, minutes: float, *, with_kit: bool
    ) -> dict[Programme, float]:
        """Expect people by programme from one session."""
        return self.attendance(visit, shift, minutes, with_kit=with_kit).served()

    def worth_of(self, visit: int, shift: int, minutes: float, *, with_kit: bool) -> float:
        """Tell what one session adds, in weighted documents, multiplied as the planner wishes.

        Visits at home ride on it. What later visits of a campaign lose by it is taken off.
        """
        session = self.attendance(visit, shift, minutes, with_kit=with_kit)
        own = worth(session.served(), self.worth_params, self.multiplier(visit))
        own += self.home_worth(visit, shift, with_kit=with_kit)
        if self.later is None:
            return own
        return max(0.0, own - self.multiplier(visit) * self.later.lost(visit, session))

    def home_visits(self, visit: int) -> int:
        """Count the people visited at home from a session: those of the village it lies in."""
        point = self.points[visit]
        if point.gathers or point.village_code not in point.serves:
            return 0
        return int(self.params.get("home_visits", {}).get(point.village_code, 0))

    def home_minutes(self, visit: int) -> int:
        """Minutes by which visits at home make a session longer."""
        return self.home_visits(visit) * self._plan_params.home_visit_minutes

    def home_recordings(self, visit: int, shift: int, *, with_kit: bool) -> int:
        """Count the people recorded at home: nobody without a kit that can record there."""
        has_kit = self.shifts[shift].presence.kits > 0
        mode = self.service(visit, shift, with_kit=with_kit)
        return self.home_visits(visit) if has_kit and mode is not ServiceMode.NO_SERVICE else 0

    def home_worth(self, visit: int, shift: int, *, with_kit: bool) -> float:
        """Tell what visits at home add to a session, in weighted documents, multiplied like it."""
        each = self._plan_params.home_visit_worth * self.multiplier(visit)
        return self.home_recordings(visit, shift, with_kit=with_kit) * each

    def attendance(self, visit: int, shift: int, minutes: float, *, with_kit: bool) -> Attendance:
        """Tell who may come to one session, and what serves them."""
        params = self.params_at(visit)
        return Attendance(
            need=self.needs[visit] or NO_NEED,
            turnout=turnout_of(params, announced_days=self.announced_days(visit, shift)),
            minutes=minutes,
            mode=self.service(visit, shift, with_kit=with_kit),
            crew=self.shifts[shift].crew(satellite=with_kit),
            params=params,
            turnout_again=turnout_of(
                params, announced_days=self.announced_days(visit, shift), is_second_visit=True
            ),
        )


def load_week(session: Session, plan_id: int, means: TravelMeans | None = None) -> Week:
    """Read what a plan is made of; its travel tables are made when they are first asked for.

    Raises
    ------
    PlanNotFound, RegencyNotFound, MissingInput, NoDaylight, NoTeamPresent
        When what the plan needs is not there (any more).
    """
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise PlanNotFound(plan_id=plan_id)
    return read_week(session, plan_id, plan.regency_code, plan.week, plan.params, means=means)


def read_week(
    session: Session,
    plan_id: int,
    regency: str,
    iso_week: str,
    params: dict[str, Any],
    *,
    means: TravelMeans | None = None,
    travel: WeekTravel | None = None,
) -> Week:
    """Read what a week is made of that is not, or not yet, a plan's own.

    Parameters
    ----------
    travel
        Tables of another week of the same regency and season, to share; None: those of this week.

    Raises
    ------
    RegencyNotFound, MissingInput, NoDaylight, NoTeamPresent
        When what the week needs is not there (any more).
    """
    office = Params.from_dict(params)
    pattern, worth_params = office.office, office.worth
    has_roads = means is not None and means.roads is not None
    require_inputs(session, regency, pattern, needs_network=not has_roads)
    villages = tuple(
        session.exec(
            select(Village).where(Village.regency_code == regency).order_by(col(Village.code))
        )
    )
    teams = supposed_teams(teams_of(session, regency), params)
    counts = current_counts(session, regency)
    connectivity = current_connectivity(session, regency)
    monday = monday_of(iso_week)
    reported = reported_before(session, regency, monday, params)
    points = tuple(
        still_expected(
            session, with_hubs(current_points(session, regency), params), reported, monday
        )
    )
    lodgings = lodging_places(session, regency, points)
    people = roster(session, [team.name for team in teams])
    outages = Outages.of(params)
    if travel is None:
        travel = WeekTravel.load(
            session, points, teams, params=office.travel, means=means, closed=outages.closed,
            lodgings=lodgings,
        )  # fmt: skip
    announced_on = date.fromisoformat(params["announced_on"])
    shifts = tuple(
        WeekShift(
            team=team,
            day=day,
            announced_days=max(0, (day - announced_on).days),
            travel=travel.index(
                team,
                day.isoweekday(),
                presence.people,
                is_closed=bool(outages.closed) and outages.holds(day),
                ends_off=outages.ends_off(day),
            ),
            is_working=on.is_working,
            is_spare=on.is_spare,
            hours=on.hours,
            presence=outages.presence(team.name, day, presence),
        )
        for team in teams
        for day, on in team_days(
            team, params, pattern, stays_out=_may_stay_out(team, params, lodgings)
        )
        if (presence := people.presence(team, day)).can_serve
        and not is_under_way(params, team.name, day)
        and not stays_home(params, team.name)
    )
    if not shifts:
        raise NoTeamPresent(week=iso_week, regency=regency)
    taught = taught_params(worth_params, params)
    listed = village_needs(
        counts, monday, worth_params, reported_since(reported, counts, monday),
        lambda code: taught.get(district_of(code), worth_params),
    )  # fmt: skip
    known = [connectivity.get(point.village_code) for point in points]
    return Week(
        plan_id=plan_id,
        regency_code=regency,
        monday=monday,
        zone=zone_of(regency),
        params=params,
        pattern=pattern,
        worth_params=worth_params,
        cost=office.cost,
        inputs=_inputs(
            session,
            {
                *(village.import_id for village in villages),
                *(v.outline_import_id for v in villages if v.outline_import_id is not None),
                *(import_id for count in counts.values() for import_id in count.import_ids),
                *(row.import_id for row in connectivity.values() if row.import_id),
                *(row.power_import_id for row in connectivity.values() if row.power_import_id),
                *(team.import_id for team in teams),
                *people.import_ids,
                *(point.import_id for point in points if point.import_id is not None),
                *(place.import_id for place in lodgings),
                *travel.import_ids,
            },
        ),
        villages=villages,
        teams=teams,
        counts=counts,
        village_needs=listed,
        points=points,
        needs=tuple(point_needs(points, listed)),
        signals=tuple(_signal(*pair) for pair in zip(points, known, strict=True)),
        power=tuple(_power(*pair) for pair in zip(points, known, strict=True)),
        shifts=shifts,
        lodgings=lodgings,
        n_short=sum(
            people.presence(team, day) != people.whole(team)
            for team in teams
            for day, _ in team_days(team, params, pattern, stays_out=False)
        ),
        travel=travel,
        outages=outages,
        announced_before=_announced_before(points, params),
        district_params=taught,
    )


def _announced_before(points: Sequence[Point], params: Mapping[str, Any]) -> dict[int, date]:
    """Give the day on which visits of an earlier plan of the week were announced."""
    before = params.get("announced_before")
    if not before:
        return {}
    told = date.fromisoformat(before["on"])
    codes = frozenset(before["points"])
    return {v: told for v, point in enumerate(points) if point.code in codes}


def teams_of(session: Session, regency: str) -> Sequence[Team]:
    """List the teams of a regency by name."""
    query = select(Team).where(Team.regency_code == regency).order_by(col(Team.name))
    return session.exec(query).all()


def _may_stay_out(team: Team, params: Mapping[str, Any], lodgings: Sequence[LodgingPlace]) -> bool:
    # A plan made before nights out were planned keeps to day tours.
    return bool(params.get("max_nights")) and may_sleep_out(team, lodgings)


def require_inputs(
    session: Session, regency: str, pattern: OfficePattern, *, needs_network: bool = True
) -> None:
    """Refuse to plan what cannot be planned, naming what is missing.

    A network is not needed where a road server knows the roads.

    Raises
    ------
    RegencyNotFound, MissingInput, NoDaylight
        The last when a boat team's hours lie in the dark.
    """
    _require_regency(session, regency)
    in_regency = col(Village.regency_code) == regency
    counted = session.exec(select(VillageCount.id).join(Village).where(in_regency)).first()
    if counted is None:
        raise MissingInput(regency=regency, what="counts")
    require_travel(session, regency, pattern, needs_network=needs_network)


def _require_regency(session: Session, regency: str) -> None:
    known = session.exec(select(Village.regency_code).distinct()).all()
    if regency not in known:
        raise RegencyNotFound(regency=regency, known=", ".join(sorted(known)) or "-")


def require_travel(
    session: Session, regency: str, pattern: OfficePattern, *, needs_network: bool = True
) -> None:
    """Refuse to work out travel where there is none, as ``require_inputs`` does.

    Raises
    ------
    RegencyNotFound, MissingInput, NoDaylight
        The last when a boat team's hours lie in the dark.
    """
    _require_regency(session, regency)
    in_regency = col(Village.regency_code) == regency
    teams = session.exec(select(Team).where(Team.regency_code == regency)).all()
    if not teams:
        raise MissingInput(regency=regency, what="teams")
    places = session.exec(select(Village.lon, Village.lat).where(in_regency)).all()
    if needs_network and not has_network(session, places):
        raise MissingInput(regency=regency, what="network")
    for team in teams:
        duty_hours(team, pattern)


def _signal(point: Point, known: VillageConnectivity | None) -> SignalClass | None:
    """Tell the class at a point: what the office says of it, else what holds in its village."""
    signal = point.signal or (known.signal if known else None)
    return SignalClass(signal) if signal else None


def _power(point: Point, known: VillageConnectivity | None) -> bool | None:
    """Tell whether a point has mains power, by the same order."""
    if point.power is not None or known is None:
        return point.power
    return HAS_POWER[known.power]


def _inputs(session: Session, import_ids: Collection[int]) -> dict[str, Any]:
    """Name the imports a plan is made from: file and its hash, source, day."""
    found = session.exec(
        select(DataImport)
        .where(col(DataImport.id).in_(sorted(import_ids)))
        .order_by(col(DataImport.id))
    )
    return {
        str(row.id): {
            "kind": row.kind,
            "file_name": row.file_name,
            "sha256": row.sha256,
            "source": row.source,
            "as_of": row.as_of.isoformat() if row.as_of else None,
        }
        for row in found
    }
