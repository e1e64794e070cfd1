"""What teams reported of the sessions of a plan, beside what was planned."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, func, select

from app.itineraries.team_day import Itineraries, Reported, TeamDay, TeamStop
from app.models import Plan, ResultEntry
from app.plan_document import villages_of
from app.results.outcomes import Outcomes, total
from app.results.standing import lineage, standing
from app.viewing import view_of


class OffPlan(NamedTuple):
    """A session that was reported and is no stop of the plan: moved, dropped or stood in for."""

    team: str
    day: date
    told: Reported


def reported_of(
    session: Session, given: Itineraries, *, team: str | None = None, day: date | None = None
) -> dict[tuple[str, date, str], Reported]:
    """Give what counts of the reports on a plan, of one team or date if named.

    By team, day and point, those of no stop of the plan among them. Of teams whose figures the
    session may see; plans whose place this one took count as well.
    """
    view = view_of(session)
    villages = villages_of(session, session.get_one(Plan, given.plan_id))
    found = {}
    for one in standing(session, plan_id=given.plan_id).sessions:
        at, code = one.place, one.entry.village_code
        if team in {None, at.team} and day in {None, at.day} and view.sees_figures_of(at.team):
            village = villages[code]
            found[at.team, at.day, at.point_code] = Reported(
                village=village.name, district=village.district, counts=one.counts,
                notes=one.entry.notes,
            )  # fmt: skip
    return found


def newest_report(session: Session, plan_id: int) -> int | None:
    """Tell the newest entry on a plan and those that it replaced."""
    return session.exec(
        select(func.max(ResultEntry.id)).where(ResultEntry.plan_id.in_(lineage(session, plan_id)))  # type: ignore[attr-defined]
    ).one()


def report_on(given: Itineraries, day: TeamDay, stop: TeamStop) -> Reported | None:
    """Find the report of a stop; None: nothing came yet."""
    return given.reported.get((day.team, day.day, stop.point_code))


def off_plan(given: Itineraries, team: str | None = None) -> list[OffPlan]:
    """List what was reported and is no stop of the days given, of one team if named."""
    stops = {(day.team, day.day, stop.point_code) for day in given.days for stop in day.stops}
    return [
        OffPlan(who, on, told)
        for (who, on, point), told in sorted(given.reported.items())
        if (who, on, point) not in stops and team in {None, who}
    ]


def people(counts: Mapping[str, Outcomes], outcome: str) -> int:
    """Count the people of all programmes with one outcome."""
    return sum(getattr(one, outcome) for one in counts.values())


def n_reported(given: Itineraries, team: str) -> int:
    """Count the stops of a team of which a report came."""
    found = [report_on(given, day, stop) for day in given.of_team(team) for stop in day.stops]
    return sum(one is not None for one in found)


def total_of(given: Itineraries, team: str) -> dict[str, Outcomes]:
    """Add up all that a team reported, in the plan or not."""
    return total(dict(one.counts) for (who, *_), one in given.reported.items() if who == team)
