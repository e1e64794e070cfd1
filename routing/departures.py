"""When a team leaves and its sessions start, for one order of visits: early, at the least cost.

Once a team has left, every session starts as early as it can. While some session waits for a window
to open, leaving later ends the day no later, so the duty gets shorter; where none waits the day
ends as much later, and only a break that is left behind makes the duty shorter. So the least
allowances are those of leaving at once, after a break, or at the last moment at which some session
still begins when a window opens or ends when it closes.

All times are working seconds of the shift (``clock.py``).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from routing.clock import pauses_at, resumes_at, worked
from routing.problem import Shift, TimeWindow


class Session(NamedTuple):
    """The way to a visit in seconds, its windows (none: any time), and the seconds on site."""

    leg: int
    windows: Sequence[TimeWindow]
    duration: int


def earliest_start(
    shift: Shift, windows: Sequence[TimeWindow], arrival: int, duration: int
) -> int | None:
    """Find the first start of a session not before ``arrival``; None if no window fits.

    That the whole session with its breaks lies in a window is the same as that its working seconds
    lie between the window's ends counted in working seconds: it starts after a break and stops
    before one.
    """
    if not windows:
        return arrival
    candidates = ((max(arrival, worked(shift, w.start)), worked(shift, w.end)) for w in windows)
    return min((start for start, end in candidates if start + duration <= end), default=None)


def best_starts(shift: Shift, sessions: Sequence[Session], home: int) -> list[int] | None:
    """Start every session so that the allowances are least, and then as early as can be.

    ``home`` are the seconds from the last visit to the end. None when the sessions do not fit.
    """
    horizon = worked(shift, shift.window.end)
    best = _starts(shift, sessions, home, 0, horizon)
    if best is None or not shift.allowances or not sessions:
        return best
    due = _due(shift, sessions, home, best)
    work = sum(session.leg + session.duration for session in sessions) + home
    if due == allowances_of(shift, work):  # no duty is shorter than its work
        return best
    for leave in sorted(set(_moments(shift, sessions, horizon - work))):
        starts = _starts(shift, sessions, home, leave, horizon)
        if starts is not None and (less := _due(shift, sessions, home, starts)) < due:
            best, due = starts, less
    return best


def first_end(shift: Shift, sessions: Sequence[Session], home: int) -> int | None:
    """Working second at which the day ends when the team leaves at once; None if it cannot."""
    starts = _starts(shift, sessions, home, 0, worked(shift, shift.window.end))
    if starts is None:
        return None
    return (starts[-1] + sessions[-1].duration if starts else 0) + home


def allowances_of(shift: Shift, duty: int) -> int:
    """Rupiah due for a duty of so many seconds."""
    return sum(a.cost for a in shift.allowances if duty > a.longer_than)


def _starts(
    shift: Shift, sessions: Iterable[Session], home: int, leave: int, horizon: int
) -> list[int] | None:
    """Start every session as early as it can when the team leaves then."""
    starts: list[int] = []
    now = leave
    for leg, windows, duration in sessions:
        start = earliest_start(shift, windows, now + leg, duration)
        if start is None:
            return None
        starts.append(start)
        now = start + duration
    return starts if now + home <= horizon else None


def _due(shift: Shift, sessions: Sequence[Session], home: int, starts: Sequence[int]) -> int:
    """Sum the allowances when the team leaves as late as the first start allows."""
    leave, end = starts[0] - sessions[0].leg, starts[-1] + sessions[-1].duration + home
    return allowances_of(shift, pauses_at(shift, end) - resumes_at(shift, leave))


def _moments(shift: Shift, sessions: Iterable[Session], latest: int) -> Iterator[int]:
    """List the moments of leaving that may be best, but leaving at once."""
    moments = [worked(shift, pause.start) for pause in shift.breaks]
    before = 0
    for leg, windows, duration in sessions:
        before += leg
        for window in windows:
            moments.append(worked(shift, window.start) - before)
            moments.append(worked(shift, window.end) - duration - before)
        before += duration
    return (moment for moment in moments if 0 < moment <= latest)
