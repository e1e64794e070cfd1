"""The seam of campaigns: weeks of rows -> a routing campaign, and planned weeks as JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from app.calendar import monday_of
from app.coverage import COLUMNS, base_and_recorded
from app.errors import CampaignNotFound, NoTeamPresent
from app.models import Campaign
from app.params import Params
from app.travel import TravelMeans, WeekTravel
from app.week import Week, read_week
from app.week_problem import problem_and_crews
from routing import (
    NO_NEED,
    Attendance,
    ByProgramme,
    CampaignWeek,
    Itinerary,
    Programme,
    Solution,
    Stop,
    Target,
    WorthParams,
)
from routing import Campaign as Weeks
from routing.worth import DAYS_PER_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignWeeks:
    """The weeks of a campaign that are worked, by name and as rows; ``idle`` says why others not.

    Positions in ``names``, ``weeks`` and those of the routing campaign are the same.
    """

    campaign_id: int
    params: dict[str, Any]
    names: tuple[str, ...]
    weeks: tuple[Week, ...]
    idle: dict[str, str]

    @property
    def inputs(self) -> dict[str, Any]:
        """The imports that any week is made from."""
        return {number: row for week in self.weeks for number, row in week.inputs.items()}


def week_values(params: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Give what is asked of one week: what all have in common, and what is its own."""
    return {**params["common"], **own["params"]}


def load_campaign_weeks(
    session: Session, campaign_id: int, means: TravelMeans | None = None
) -> CampaignWeeks:
    """Read what the weeks of a campaign are made of; weeks of one season share travel tables.

    Raises
    ------
    CampaignNotFound, RegencyNotFound, MissingInput, NoDaylight, NoTeamPresent
        The last when nobody is there in any week.
    """
    row = session.get(Campaign, campaign_id)
    if row is None:
        raise CampaignNotFound(campaign_id=campaign_id)
    idle = {own["week"]: own["idle"] for own in row.params["weeks"] if own["idle"] is not None}
    shared: dict[str, WeekTravel] = {}
    names, weeks = [], []
    for own in row.params["weeks"]:
        if own["idle"] is not None:
            continue
        params = week_values(row.params, own)
        season = Params.from_dict(params).travel.season
        try:
            week = read_week(
                session, 0, row.regency_code, own["week"], params, means=means,
                travel=shared.get(season),
            )  # fmt: skip
        except NoTeamPresent as error:
            idle[own["week"]] = str(error)
            continue
        shared[season] = week.travel
        names.append(own["week"])
        weeks.append(week)
    if not weeks:
        raise NoTeamPresent(week=f"{row.first_week}..{row.last_week}", regency=row.regency_code)
    return CampaignWeeks(
        campaign_id=campaign_id, params=row.params, names=tuple(names), weeks=tuple(weeks),
        idle=idle,
    )  # fmt: skip


def compute_travel(weeks: CampaignWeeks, on_progress: Callable[[float, int], None]) -> None:
    """Make the travel tables of all weeks."""
    for travel in {id(week.travel): week.travel for week in weeks.weeks}.values():
        travel.compute(on_progress)


def campaign_of(weeks: CampaignWeeks) -> Weeks:
    """Build the routing campaign; every week's tables of travel must be made."""
    return Weeks(
        weeks=tuple(_campaign_week(week) for week in weeks.weeks),
        budget=weeks.params["request"]["budget_rupiah"],
    )


def _campaign_week(week: Week) -> CampaignWeek:
    problem, crews = problem_and_crews(week)
    return CampaignWeek(
        # Wishes of single visits hold, rules of a whole plan are not asked of a campaign's weeks.
        problem=problem,
        needs=tuple(need or NO_NEED for need in week.needs),
        sessions=tuple(_sessions(week, v, crews) for v in range(len(week.points))),
    )


def _sessions(
    week: Week, visit: int, crews: Sequence[tuple[int, bool]]
) -> tuple[tuple[Attendance, ...], ...]:
    """List how a place may be served, by length and crew.

    Documents weigh more where the planner wishes; people stay as they are.
    """
    params, factor = week.params_at(visit), week.multiplier(visit)
    weight = {p.value: factor * w for p, w in params.weight.items()}
    params = replace(params, weight=ByProgramme(**weight))
    return tuple(
        tuple(
            replace(week.attendance(visit, shift, minutes, with_kit=kit), params=params)
            for shift, kit in crews
        )
        for minutes in week.params["minutes"]
    )


def targets_of(weeks: CampaignWeeks) -> list[Target]:
    """List the targets of all programmes of which the office has both numbers."""
    asked = weeks.params["targets"]
    verified = weeks.params["request"]["verified_share"]
    found = []
    for programme in (p for p in COLUMNS if p.value in asked):
        sums = [register(week, programme, week.monday + timedelta(days=7)) for week in weeks.weeks]
        if sums[0] is None:
            continue
        known = [pair for pair in sums if pair is not None]
        found.append(
            Target(
                programme=programme, share=asked[programme.value],
                base=tuple(base for base, _ in known),
                recorded=tuple(recorded for _, recorded in known),
                verified_share=verified if programme is Programme.KTP_EL else 0.0,
            )
        )  # fmt: skip
    return found


def register(week: Week, programme: Programme, on: date) -> tuple[float, float] | None:
    """Count who counts and who is recorded on a day, over villages that have both numbers.

    People who turned 17 since the counts were taken count as wajib KTP, and but for the part that
    the office does not record anyway as recorded. None: no village has both.
    """
    base = recorded = 0.0
    n = 0
    for count in week.counts.values():
        pair = base_and_recorded(count, programme)
        if pair is None:
            continue
        n += 1
        base += pair[0]
        recorded += pair[1]
        if programme is Programme.KTP_EL:
            turned = _turned_17(pair[0], (on - count.as_of).days, week.worth_params)
            base += turned
            recorded += turned * (1 - week.worth_params.inflow_unrecorded_share)
    return (base, recorded) if n else None


def _turned_17(wajib: int, days: int, params: WorthParams) -> float:
    return wajib * params.inflow_rate * max(0, days) / DAYS_PER_YEAR


# --- planned weeks as JSON -----------------------------------------------------------------------


def days_of(week: Week, plan: Solution) -> list[dict[str, Any]]:
    """Write a planned week: a row for each day of a team, in terms that outlive the problem."""
    return [_day(week, itinerary) for itinerary in plan.itineraries]


def _day(week: Week, itinerary: Itinerary) -> dict[str, Any]:
    shift, minutes = week.shifts[itinerary.shift], week.params["minutes"]
    return {
        "team": shift.team.name,
        "day": shift.day.isoformat(),
        "with_kit": itinerary.with_kit,
        "departure": itinerary.departure,
        "arrival": itinerary.arrival,
        "starts_at": _code(week, itinerary.start),
        "sleeps_at": _code(week, itinerary.end),
        "stops": [
            {
                "point_code": week.points[stop.visit].code,
                "minutes": minutes[stop.option],
                "arrival": stop.arrival,
                "start": stop.start,
                "departure": stop.departure,
            }
            for stop in itinerary.stops
        ],
    }


def _code(week: Week, node: int | None) -> str | None:
    return None if node is None else week.sleeping_place(node).code


def plan_of(week: Week, days: Sequence[Mapping[str, Any]]) -> Solution:
    """Read ``days_of`` back.

    Raises
    ------
    LookupError, ValueError
        When it names what is no longer there; with unchanged inputs nothing is missing.
    """
    shifts = {(s.team.name, s.day.isoformat()): n for n, s in enumerate(week.shifts)}
    points = {point.code: v for v, point in enumerate(week.points)}
    sleeps = points | week.lodging_codes
    options = {minutes: o for o, minutes in enumerate(week.params["minutes"])}
    return Solution(
        itineraries=tuple(
            Itinerary(
                shift=shifts[day["team"], day["day"]],
                with_kit=day["with_kit"],
                departure=day["departure"],
                arrival=day["arrival"],
                start=None if day["starts_at"] is None else sleeps[day["starts_at"]],
                end=None if day["sleeps_at"] is None else sleeps[day["sleeps_at"]],
                stops=tuple(
                    Stop(
                        visit=points[stop["point_code"]], option=options[stop["minutes"]],
                        arrival=stop["arrival"], start=stop["start"], departure=stop["departure"],
                    )
                    for stop in day["stops"]
                ),
            )
            for day in days
        )
    )  # fmt: skip


def plans_of(
    weeks: CampaignWeeks, stored: Iterable[tuple[str, list[dict[str, Any]]]]
) -> list[Solution | None]:
    """Read the planned weeks that are stored; None for those that are not."""
    days = dict(stored)
    return [
        plan_of(week, days[name]) if name in days else None
        for name, week in zip(weeks.names, weeks.weeks, strict=True)
    ]


def iso_weeks(first: str, last: str) -> list[date]:
    """List the Mondays from one ISO week to another, both included."""
    start, end = monday_of(first), monday_of(last)
    return [start + timedelta(days=7 * n) for n in range((end - start).days // 7 + 1)]
