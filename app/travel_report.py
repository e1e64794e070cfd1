"""What looks wrong in the travel of a regency, before anything is planned with it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlmodel import Session, col, select

from app.models import Team, Village
from app.params import current_params
from app.points import Point, current_points
from app.texts import Lang, finding_text, reason_text
from app.travel import TravelMeans, WeekTravel
from app.week import require_travel
from geodata.findings import Finding
from geodata.travel_checks import check_network, check_travel, network_parts

ALL_WEEK = range(1, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """How one team gets from its base to each point: minutes by weekday, infinite where not."""

    team: Team
    base: int
    positions: tuple[int, ...]
    minutes: npt.NDArray[np.float64]


def travel_report(
    session: Session,
    regency: str,
    lang: Lang,
    *,
    season: str | None = None,
    means: TravelMeans | None = None,
) -> dict[str, Any]:
    """Report the networks, the reach of each team, points out of reach, and odd ways.

    Returns
    -------
    dict
        ``networks``: by mode the km, the separate parts and the share of the largest. ``teams``:
        how many points each reaches on a working day, the median and the farthest in minutes.
        ``unreachable``: points that no team reaches on a working day, with the reason and the
        ISO weekdays on which one does. ``findings``: bases that a team cannot leave, detours, no
        time between two places.

    Raises
    ------
    RegencyNotFound, MissingInput, NoDaylight
        When there is nothing to report on.
    """
    office = current_params(session)
    means = means or TravelMeans()
    require_travel(session, regency, office.office, needs_network=means.roads is None)
    points = current_points(session, regency)
    districts = dict(
        session.exec(
            select(Village.code, Village.district).where(Village.regency_code == regency)
        ).all()
    )
    teams = session.exec(
        select(Team).where(Team.regency_code == regency).order_by(col(Team.name))
    ).all()
    params = office.travel.in_season(season)
    travel = WeekTravel.load(session, points, teams, params=params, means=means)
    ways = [_ways(travel, team, len(points)) for team in teams]
    working = sorted(office.office.working_days)
    findings = [*check_network(travel.network), *_off_network(travel, ways)]
    findings += _odd_ways(travel, ways, working, points)
    return {
        "regency": regency,
        "season": params.season,
        "working_days": "".join(map(str, working)),
        "n_points": len(points),
        "networks": _networks(travel),
        "teams": [_team_row(way, points, working) for way in ways],
        "unreachable": [
            {
                "code": points[n].code,
                "name": points[n].name,
                "village_code": points[n].village_code,
                "district": districts[points[n].village_code],
                "reason": reason,
                "message": reason_text(reason, {}, lang),
                "weekdays": weekdays,
            }
            for n, reason, weekdays in _unreachable(travel, ways, len(points), working)
        ],
        "findings": [_finding_row(finding, lang) for finding in findings],
    }


def _ways(travel: WeekTravel, team: Team, n_points: int) -> _Ways:
    base = travel.base_node(team)
    positions = tuple(travel.index(team, weekday) for weekday in ALL_WEEK)
    minutes = np.full((len(ALL_WEEK), n_points), np.inf)
    for row, position in zip(minutes, positions, strict=True):
        table = travel.table(position)
        reached = table.reachable[base, :n_points]
        row[reached] = table.durations[base, :n_points][reached] / 60
    return _Ways(team=team, base=base, positions=positions, minutes=minutes)


def _best(way: _Ways, weekdays: Collection[int]) -> npt.NDArray[np.float64]:
    """Give the minutes on the best of some weekdays."""
    rows = [weekday - 1 for weekday in weekdays]
    return np.asarray(way.minutes[rows].min(axis=0), dtype=np.float64)


def _networks(travel: WeekTravel) -> list[dict[str, Any]]:
    rows = []
    for mode, graph in travel.network.items():
        km = np.bincount(network_parts(graph), graph.lengths_m) / 1000
        share = round(float(km.max() / km.sum()), 4) if len(km) else None
        rows.append(
            {
                "mode": mode,
                "km": round(float(km.sum()), 1),
                "n_parts": len(km),
                "largest_share": share,
            }
        )
    return rows


def _team_row(way: _Ways, points: Sequence[Point], working: Collection[int]) -> dict[str, Any]:
    best = _best(way, working)
    reached = np.flatnonzero(np.isfinite(best))
    farthest = int(reached[np.argmax(best[reached])]) if len(reached) else None
    return {
        "team": way.team.name,
        "base": way.team.base,
        "vehicle": way.team.vehicle,
        "n_reached": len(reached),
        "median_minutes": round(float(np.median(best[reached])), 1) if len(reached) else None,
        "farthest_minutes": None if farthest is None else round(float(best[farthest]), 1),
        "farthest": None if farthest is None else points[farthest].name,
    }


def _unreachable(
    travel: WeekTravel, ways: Sequence[_Ways], n_points: int, working: Collection[int]
) -> Iterator[tuple[int, str, str]]:
    """List the points out of reach, each with the reason and the days on which a team comes."""
    best = np.min([way.minutes for way in ways], axis=0)
    for n in range(n_points):
        weekdays = [day for day in ALL_WEEK if best[day - 1, n] < np.inf]
        if not set(weekdays) & set(working):
            yield n, travel.why_unreachable(n), "".join(map(str, weekdays))


def _off_network(travel: WeekTravel, ways: Sequence[_Ways]) -> list[Finding]:
    """Find the teams whose vehicles cannot leave the base."""
    return [
        Finding(
            code="base-off-network",
            severity="warning",
            params={"team": way.team.name, "depot": way.team.base},
        )
        for way in ways
        if all(travel.is_stuck(way.team, position) for position in way.positions)
    ]


def _odd_ways(
    travel: WeekTravel,
    ways: Sequence[_Ways],
    working: Collection[int],
    points: Sequence[Point],
) -> list[Finding]:
    """Find detours and ways without time; a pair of places once, however many teams go there."""
    bases = {way.base: way.team.base for way in ways}
    names = [point.name for point in points]
    names += [bases[node] for node in range(len(points), len(travel.points))]
    found: dict[tuple[str, object, object], Finding] = {}
    asked = {(way.positions[weekday - 1], way.base) for way in ways for weekday in working}
    for position, base in sorted(asked):
        for finding in check_travel(travel.table(position), travel.points, names, depot=base):
            if not finding.code.startswith("point-"):
                key = (finding.code, finding.params["place"], finding.params["depot"])
                found.setdefault(key, finding)
    return list(found.values())


def _finding_row(finding: Finding, lang: Lang) -> dict[str, Any]:
    row = {
        "code": finding.code,
        "severity": finding.severity,
        "value": finding.value,
        "params": dict(finding.params),
    }
    return {**row, "message": finding_text(row, lang)}
