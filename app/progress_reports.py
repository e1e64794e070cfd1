"""What teams reported since the counts were taken, as progress adds it to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from sqlmodel import Session

from app.calendar import week_of
from app.coverage import COLUMNS
from app.current import CurrentCount
from app.results.outcomes import ByProgramme, total
from app.results.standing import SessionResult, standing
from app.results.totals import by_village
from routing import Programme


@dataclass(slots=True)
class Reports:
    """People served and taken off the base since the counts, by programme; all by ISO week.

    Counts of a later day know of a session already: it is in ``weeks`` only.
    """

    served: dict[Programme, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))
    cleared: dict[Programme, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))
    n_sessions: dict[str, int] = field(default_factory=dict)
    weeks: dict[str, ByProgramme] = field(default_factory=dict)

    def add(self, other: Self) -> None:
        """Take in those of another regency."""
        for programme in COLUMNS:
            self.served[programme] += other.served[programme]
            self.cleared[programme] += other.cleared[programme]

    def week(self, week: str) -> dict[str, Any]:
        """Give a week as plain JSON values: sessions reported, people served and cleared."""
        told = self.weeks.get(week, {})
        return {
            "n_sessions": self.n_sessions.get(week, 0),
            "served": {name: people.served for name, people in told.items()},
            "cleared": {name: people.cleared for name, people in told.items()},
        }


def reports_of(session: Session, regency: str, counts: Mapping[str, CurrentCount]) -> Reports:
    """Add up what counts of the reports on a regency's sessions."""
    found = Reports()
    for one in standing(session, regency=regency).sessions:
        week = week_of(one.place.day)
        found.n_sessions[week] = found.n_sessions.get(week, 0) + 1
        found.weeks[week] = total([found.weeks.get(week, {}), dict(one.counts)])
        _add_later(found, one, counts)
    return found


def sum_of(reports: Iterable[Reports]) -> Reports:
    """Add up regencies."""
    found = Reports()
    for one in reports:
        found.add(one)
    return found


def _add_later(found: Reports, one: SessionResult, counts: Mapping[str, CurrentCount]) -> None:
    """Add a session to what the counts of its villages do not know yet.

    The two counts of a programme may be of different days: whoever was served is in the one of who
    is recorded, whoever was taken off the base in the one of the base.
    """
    for code, table in by_village(one, counts).items():
        days = counts[code].days if code in counts else {}
        for programme, columns in COLUMNS.items():
            people = table.get(programme.value)
            if people is None or not days.keys() >= set(columns):
                continue
            base_on, recorded_on = (days[name] for name in columns)
            if one.place.day > recorded_on:
                found.served[programme] += people.served
            if one.place.day > base_on:
                found.cleared[programme] += people.cleared
