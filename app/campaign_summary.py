"""What a campaign amounts to: weeks, districts, visits, targets, and what is proven of them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.calendar import moment, monday_of
from app.campaign_weeks import CampaignWeeks, register, targets_of
from app.week import Week
from routing import Campaign as Weeks
from routing import (
    CampaignBound,
    Itinerary,
    Meeting,
    Outlook,
    Programme,
    Solution,
    SolveParams,
    Standing,
    Stop,
    Target,
    bound_served,
    bound_value,
    draw_campaign,
    followed,
    low_and_high,
    outlook,
    reached_in,
    standing,
    standings_of,
    team_weeks,
    totals_of,
)
from routing.timing import cost_of, distance_of

Plans = Sequence[Solution | None]
Rows = list[dict[str, Any]]
_NOT_YET: dict[str, Any] = {
    "reached_p10": None, "reached_p90": None, "chance": None, "earliest_week": None,
    "ceiling": None, "to_verify": None, "bound_served": None, "recorded_p10": None,
    "recorded_p90": None,
}  # fmt: skip


def interim_summary(weeks: CampaignWeeks, campaign: Weeks, plans: Plans) -> dict[str, Any]:
    """Work out what is planned so far; nothing is proven and no range known yet."""
    targets = targets_of(weeks)
    told = [standings_of(campaign, plans, target) for target in targets]
    rows = [
        {**_target(weeks, target, standings), **_NOT_YET}
        for target, standings in zip(targets, told, strict=True)
    ]
    numbers = {"is_complete": False, "bound": None, "gap": None}
    spread = {"expected_p10": None, "expected_p90": None}
    return {**_common(weeks, campaign, plans, rows), **numbers, **spread}


def final_summary(
    weeks: CampaignWeeks,
    campaign: Weeks,
    plans: Plans,
    *,
    is_complete: bool,
    params: SolveParams,
    should_stop: Callable[[], bool],
) -> dict[str, Any]:
    """Work out what is planned, what no campaign can exceed, and how sure it is."""
    n_solves = int(weeks.params["request"]["proofs"])
    value = totals_of(campaign, plans).value
    bound = bound_value(
        campaign, params, best=value, n_solves=n_solves, should_stop=should_stop
    ).by_week[-1]  # fmt: skip
    drawn = draw_campaign(campaign, plans)
    rows = []
    for target in targets_of(weeks):
        is_goal = target.programme.value in weeks.params["goals"]
        most = _most_served(
            campaign, plans, target, params, n_solves if is_goal else 0, should_stop
        )
        seen = outlook(
            campaign, plans, target, most_served=most.by_week, drawn=drawn[target.programme]
        )
        rows.append({**_target(weeks, target, seen.standings), **_seen(weeks, seen, most)})
    # A bound is never below what was found: rounding of prizes may put it a hair under.
    bound = max(bound, value)
    between = {p.value: low_and_high(draws.sum(axis=0)) for p, draws in drawn.items()}
    return {
        **_common(weeks, campaign, plans, rows),
        "is_complete": is_complete,
        "bound": round(bound, 3),
        "gap": (bound - value) / bound if bound > 0 else 0.0,
        "expected_p10": {name: round(low, 2) for name, (low, _) in between.items()},
        "expected_p90": {name: round(high, 2) for name, (_, high) in between.items()},
    }


def _most_served(
    campaign: Weeks, plans: Plans, target: Target, params: SolveParams, n_solves: int,
    should_stop: Callable[[], bool],
) -> CampaignBound:  # fmt: skip
    """Bound whom any campaign serves, best for the weeks before the target is reached."""
    standings = standings_of(campaign, plans, target)
    reached = reached_in(standings)
    n_weeks = len(standings) if reached is None else max(1, reached)
    return bound_served(
        campaign, target.programme, params, n_weeks=n_weeks, best=standings[n_weeks - 1].served,
        n_solves=n_solves, should_stop=should_stop,
    )  # fmt: skip


def _target(weeks: CampaignWeeks, target: Target, standings: Sequence[Standing]) -> dict[str, Any]:
    base, recorded = register(weeks.weeks[0], target.programme, weeks.weeks[0].monday) or (0, 0)
    start = standing(target.share, base, recorded)
    return {
        "programme": target.programme.value,
        "share": target.share,
        "is_goal": target.programme.value in weeks.params["goals"],
        "start": _standing("", start),
        "standings": [
            _standing(name, standing) for name, standing in zip(weeks.names, standings, strict=True)
        ],
        "reached_week": _name(weeks, reached_in(standings)),
    }


def _standing(week: str, standing: Standing) -> dict[str, Any]:
    share = standing.share
    return {
        "week": week,
        **{
            name: round(getattr(standing, name), 2)
            for name in ("served", "verified", "base", "recorded", "not_recorded")
        },
        "share": None if share is None else round(share, 6),
        "gap_to_target": standing.gap_to_target,
    }


def _seen(weeks: CampaignWeeks, seen: Outlook, most: CampaignBound) -> dict[str, Any]:
    return {
        "reached_p10": _name(weeks, seen.low),
        "reached_p90": _name(weeks, seen.high),
        "chance": round(seen.chance, 4),
        "earliest_week": _name(weeks, seen.earliest),
        "ceiling": None if seen.ceiling is None else round(seen.ceiling, 6),
        "to_verify": seen.to_verify,
        "bound_served": [round(bound, 2) for bound in most.by_week],
        "recorded_p10": [round(people, 2) for people in seen.recorded_low],
        "recorded_p90": [round(people, 2) for people in seen.recorded_high],
    }


def _name(weeks: CampaignWeeks, position: int | None) -> str | None:
    return None if position is None else weeks.names[position]


def _common(weeks: CampaignWeeks, campaign: Weeks, plans: Plans, targets: Rows) -> dict[str, Any]:
    """Give what is known with and without proofs."""
    met = followed(campaign, plans)
    totals = totals_of(campaign, plans)
    teams = team_weeks(campaign, plans)
    visits = _visits(weeks, plans, met)
    goals = [row["reached_week"] for row in targets if row["is_goal"]]
    reached = max(goals) if goals and None not in goals else None
    n_worked = None if reached is None else weeks.names.index(reached) + 1
    mondays = [monday_of(name) for name in (weeks.names[0], reached or weeks.names[0])]
    return {
        "value": round(totals.value, 3),
        "worth": round(totals.worth, 3),
        "cost_rupiah": totals.cost,
        "distance_m": totals.distance,
        "expected": _people(met.values()),
        "reached_week": reached,
        "weeks_until_reached": (
            None if reached is None else (mondays[1] - mondays[0]).days // 7 + 1
        ),
        "team_weeks": sum(teams),
        "team_weeks_until_reached": None if n_worked is None else sum(teams[:n_worked]),
        "people_to_look_for": sum(
            max(0, count.belum_rekam or 0) for count in weeks.weeks[0].counts.values()
        ),
        "targets": targets,
        "weeks": _week_rows(weeks, campaign, plans, met, visits),
        "visits": visits,
        "unvisited": _unvisited(weeks, {v for _, v in met}),
    }


def _people(meetings: Any) -> dict[str, float]:  # noqa: ANN401 (any iterable of meetings)
    found = dict.fromkeys(Programme, 0.0)
    for meeting in meetings:
        for p, n in meeting.served.items():
            found[p] += n
    return {p.value: round(n, 2) for p, n in found.items()}


def _visits(weeks: CampaignWeeks, plans: Plans, met: Mapping[tuple[int, int], Meeting]) -> Rows:
    """List every visit in order of weeks, teams and days."""
    rows: Rows = []
    seen: Counter[int] = Counter()
    for w, plan in enumerate(plans):
        week = weeks.weeks[w]
        for itinerary in sorted(
            plan.itineraries if plan is not None else (), key=lambda i: i.shift
        ):
            for order, stop in enumerate(itinerary.stops, start=1):
                seen[stop.visit] += 1
                row = _visit(week, itinerary, stop, order, met[w, stop.visit])
                rows.append({"week": weeks.names[w], **row, "visit_number": seen[stop.visit]})
    return rows


def _visit(
    week: Week, itinerary: Itinerary, stop: Stop, order: int, meeting: Meeting
) -> dict[str, Any]:
    shift, point = week.shifts[itinerary.shift], week.points[stop.visit]
    village = next(v for v in week.villages if v.code == point.village_code)
    return {
        "team": shift.team.name,
        "day": shift.day.isoformat(),
        "order": order,
        "village_code": village.code,
        "village_name": village.name,
        "district": village.district,
        "point_code": point.code,
        "point_name": point.name,
        "minutes": week.params["minutes"][stop.option],
        "service_mode": meeting.visit.mode.value,
        "with_kit": itinerary.with_kit,
        "arrive": moment(week.monday, stop.arrival, week.zone).isoformat(),
        "depart": moment(week.monday, stop.departure, week.zone).isoformat(),
        "worth": round(meeting.worth, 3),
        "expected": {p.value: round(n, 2) for p, n in meeting.served.items()},
    }


def _week_rows(
    weeks: CampaignWeeks, campaign: Weeks, plans: Plans,
    met: Mapping[tuple[int, int], Meeting], visits: Rows,
) -> Rows:  # fmt: skip
    """Give a row for every week, those that nobody works among them."""
    teams, positions = team_weeks(campaign, plans), {name: w for w, name in enumerate(weeks.names)}
    rows: Rows = []
    for own in weeks.params["weeks"]:
        name = own["week"]
        w = positions.get(name)
        here = [visit for visit in visits if visit["week"] == name]
        pairs = []
        if w is not None:
            plan = plans[w]
            pairs = [(campaign.weeks[w].problem, i) for i in (plan.itineraries if plan else ())]
        meetings = [meeting for (week, _), meeting in met.items() if week == w]
        rows.append(
            {
                "week": name,
                "monday": monday_of(name).isoformat(),
                "season": None if w is None else weeks.weeks[w].params["season"],
                "idle": weeks.idle.get(name),
                "working_days": 0 if w is None else _working_days(weeks.weeks[w]),
                "is_planned": w is not None and plans[w] is not None,
                "n_teams": 0 if w is None else teams[w],
                "n_visits": len(here),
                "n_second_visits": sum(visit["visit_number"] > 1 for visit in here),
                "expected": _people(meetings),
                "worth": round(sum(meeting.worth for meeting in meetings), 3),
                "cost_rupiah": sum(cost_of(*pair) for pair in pairs),
                "distance_m": sum(distance_of(*pair) for pair in pairs),
                "districts": _districts(here),
            }
        )
    return rows


def _working_days(week: Week) -> int:
    return sum(row["is_working"] for row in week.params["days"])


def _districts(visits: Rows) -> Rows:
    """Sum the visits of a week up by district, the most people first."""
    found: dict[str, dict[str, Any]] = {}
    for visit in visits:
        row = found.setdefault(
            visit["district"],
            {"district": visit["district"], "n_visits": 0, "teams": set(), "people": 0.0},
        )
        row["n_visits"] += 1
        row["teams"].add(visit["team"])
        row["people"] += visit["expected"]["ktp_el"] + visit["expected"]["pemula"]
    rows = sorted(found.values(), key=lambda row: (-row["people"], row["district"]))
    return [{**r, "teams": sorted(r["teams"]), "people": round(r["people"], 2)} for r in rows]


def _unvisited(weeks: CampaignWeeks, visited: set[int]) -> Rows:
    """List the places with people to look for that no week visits, the most people first."""
    week = weeks.weeks[0]
    names = {village.code: village for village in week.villages}
    rows = []
    for v, point in enumerate(week.points):
        need = week.needs[v]
        people = 0.0 if need is None else need.listed[Programme.KTP_EL]
        if v in visited or not people:
            continue
        village = names[point.village_code]
        rows.append(
            {
                "village_code": village.code, "village_name": village.name,
                "district": village.district, "point_name": point.name,
                "people": round(people, 1),
            }
        )  # fmt: skip
    return sorted(rows, key=lambda row: (-row["people"], row["village_code"]))
