"""A shift as it is driven: a day from base to base, or one day of a tour of several.

A stage is a shift and where the team sleeps before and after it. ``day_of`` turns it into a shift
of its own, with that start and end, the hours and the costs that hold then; sessions on a day away
keep to the office's hours, which ``windows_of`` cuts to.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from routing.problem import Night, Problem, Shift, TimeWindow, Visit


class Stage(NamedTuple):
    """A shift and the nodes where the team slept before and sleeps after; None: at its base."""

    shift: int
    start: int | None = None
    end: int | None = None

    @property
    def is_away(self) -> bool:
        """Whether it is a part of a tour of several days."""
        return self.start is not None or self.end is not None


def day_of(problem: Problem, stage: Stage) -> Shift | None:
    """Build the shift that a stage is driven as; None where the shift allows no such day.

    Its fixed cost holds the per diem of a day away and the night after it.
    """
    shift = problem.shifts[stage.shift]
    if not stage.is_away:
        return shift if shift.starts_tour and shift.serves else None
    if shift.away is None or (stage.start is None and not shift.starts_tour):
        return None
    cost = shift.fixed_cost + shift.away.cost
    if stage.end is not None:
        if shift.night is None:
            return None
        cost += shift.night.cost_at(stage.end)
    return replace(
        shift,
        window=shift.away.window,
        start=shift.start if stage.start is None else stage.start,
        end=shift.end if stage.end is None else stage.end,
        fixed_cost=cost,
        allowances=(),
        away=None,
    )


def sessions_of(problem: Problem, stage: Stage) -> TimeWindow | None:
    """Hours that a stage's sessions keep to; None where they are those of the day itself."""
    return problem.shifts[stage.shift].window if stage.is_away else None


def windows_of(visit: Visit, sessions: TimeWindow | None) -> Sequence[TimeWindow] | None:
    """Windows of a visit on a day with such hours for sessions; None where none is left."""
    if sessions is None:
        return visit.windows
    if not visit.windows:
        return (sessions,)
    cut = [
        TimeWindow(start=max(w.start, sessions.start), end=min(w.end, sessions.end))
        for w in visit.windows
        if max(w.start, sessions.start) < min(w.end, sessions.end)
    ]
    return cut or None


def sleeps_at_last_stop(problem: Problem, stage: Stage) -> bool:
    """Whether the place to sleep is allowed only because the tour's last visit was there."""
    night = problem.shifts[stage.shift].night
    return stage.end is not None and night is not None and stage.end not in night.nodes


def may_sleep(night: Night, stage: Stage, last: int | None) -> bool:
    """Whether a stage may end where it does; ``last`` is the node of its last visit, if any.

    On a day without visits the team may stay where it slept: that place was allowed before.
    """
    if stage.end in night.nodes:
        return True
    return night.at_last_stop and stage.end == (stage.start if last is None else last)


def chain(problem: Problem, shift: int, days: int | None = None) -> list[int]:
    """Shifts that a tour beginning with one can go on over, that one included.

    ``days`` cuts it short; without it the longest tour is given.
    """
    limit = problem.max_tour_days if days is None else min(days, problem.max_tour_days)
    found = [shift]
    while len(found) < limit:
        night = problem.shifts[found[-1]].night
        if night is None:
            break
        found.append(night.morning)
    return found


def team_days(problem: Problem) -> list[tuple[int, ...]]:
    """Shifts of each team in order of time, those that no tour reaches included."""
    teams: dict[int, list[int]] = {}
    for s in sorted(range(len(problem.shifts)), key=lambda s: problem.shifts[s].window.start):
        teams.setdefault(problem.shifts[s].team, []).append(s)
    return [tuple(days) for days in teams.values()]


def can_tour(problem: Problem, shifts: Sequence[int]) -> bool:
    """Whether a team has any tour of several days."""
    return any(problem.shifts[s].starts_tour and len(chain(problem, s)) > 1 for s in shifts)
