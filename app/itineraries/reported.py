"""What teams reported of the sessions of a plan, beside what was planned."""

from collections.abc import Mapping
from datetime import date

from sqlmodel import Session, func, select

from app.itineraries.team_day import Itineraries, Reported, TeamDay, TeamStop
from app.models import ResultEntry
from app.results.outcomes import Outcomes, total
from app.results.standing import lineage, standing
from app.viewing import view_of


def reported_of(session: Session, given: Itineraries) -> dict[tuple[str, date, str], Reported]:
    """Give what counts of the reports on these days, by team, day and point.

    Of teams whose figures the session may see; plans whose place this one took count as well.
    """
    view = view_of(session)
    return {
        (one.place.team, one.place.day, one.place.point_code): Reported(
            counts=one.counts, notes=one.entry.notes
        )
        for one in standing(session, plan_id=given.plan_id).sessions
        if view.sees_figures_of(one.place.team)
    }


def newest_report(session: Session, plan_id: int) -> int | None:
    """Tell the newest entry on a plan and those that it replaced."""
    return session.exec(
        select(func.max(ResultEntry.id)).where(ResultEntry.plan_id.in_(lineage(session, plan_id)))  # type: ignore[attr-defined]
    ).one()


def report_on(given: Itineraries, day: TeamDay, stop: TeamStop) -> Reported | None:
    """Find the report of a stop; None: nothing came yet."""
    return given.reported.get((day.team, day.day, stop.point_code))


def people(counts: Mapping[str, Outcomes], outcome: str) -> int:
    """Count the people of all programmes with one outcome."""
    return sum(getattr(one, outcome) for one in counts.values())


def total_of(given: Itineraries, days: tuple[TeamDay, ...]) -> tuple[int, dict[str, Outcomes]]:
    """Tell how many stops of some days were reported, and the sum of what was."""
    found = [report_on(given, day, stop) for day in days for stop in day.stops]
    told = [one for one in found if one is not None]
    return len(told), total(dict(one.counts) for one in told)
