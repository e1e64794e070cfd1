"""Time with breaks: where the clock stands after so much work.

Inside one shift every kind of work, travel and service alike, stops for the same breaks. Counting
only working seconds therefore makes the breaks vanish: ``worked`` goes to that scale, ``pauses_at``
and ``resumes_at`` come back from it. They differ where the work done ends at a break.
"""

import numpy as np
import numpy.typing as npt

from routing.problem import Shift


def worked(shift: Shift, at: int) -> int:
    """Working seconds from the start of the shift's window until ``at``."""
    done = at - shift.window.start
    for b in shift.breaks:
        if at <= b.start:
            break
        done -= min(at, b.end) - b.start
    return done


def all_worked(shift: Shift, at: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """``worked`` for an array of moments of any shape, in seconds; the result has that shape."""
    done = at - shift.window.start
    for b in shift.breaks:
        done = done - np.clip(at - b.start, 0, b.end - b.start)
    return done


def pauses_at(shift: Shift, done: int) -> int:
    """First second at which ``done`` working seconds are done: a break that follows is not used."""
    at = shift.window.start + done
    for b in shift.breaks:
        if at <= b.start:
            break
        at += b.end - b.start
    return at


def resumes_at(shift: Shift, done: int) -> int:
    """Last second at which ``done`` working seconds are done: after a break that follows."""
    at = shift.window.start + done
    for b in shift.breaks:
        if at < b.start:
            break
        at += b.end - b.start
    return at


def finish(shift: Shift, at: int, work: int) -> int:
    """When ``work`` seconds of work that begins at ``at`` end; no work stays where it is."""
    return pauses_at(shift, worked(shift, at) + work) if work else at
