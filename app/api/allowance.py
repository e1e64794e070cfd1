"""How often something may be asked for: sign-ins, and what makes the machine work."""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from app.access_errors import TooManyRequests

SIGN_IN_NAME, SIGN_IN_ADDRESS = "sign-in, one name", "sign-in, one address"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many in so many seconds."""

    most: int
    seconds: float


RATES: Mapping[str, Rate] = {
    SIGN_IN_NAME: Rate(10, 300),
    SIGN_IN_ADDRESS: Rate(50, 300),
    "create_plan": Rate(30, 60),
    "solve_plan_again": Rate(30, 60),
    "judge_plan": Rate(30, 60),
    "judge_plan_file": Rate(30, 60),
    "repair_plan": Rate(30, 60),
    "replan_plan": Rate(30, 60),
    "reproduce_plan": Rate(30, 60),
    "create_scenario": Rate(30, 60),
    "tell_readiness": Rate(120, 60),  # a no-go plans anew; answers come one by one
    "edit_plan": Rate(240, 60),  # hands that move stops are fast
    "undo_edit": Rate(240, 60),
    "suggest_dates": Rate(60, 60),
    "compare_plans": Rate(60, 60),
    "export_comparison": Rate(60, 60),
    "create_campaign": Rate(10, 60),
    "resume_campaign": Rate(10, 60),
    "export_campaign": Rate(60, 60),
    "create_import": Rate(60, 60),
    "import_targets": Rate(60, 60),
    "add_photo": Rate(240, 60),  # each is encoded anew; a telephone sends those of a week at once
    "report_results": Rate(240, 60),
    "settle_results": Rate(120, 60),  # these join the signal anew
    "add_point": Rate(120, 60),
    "move_point": Rate(120, 60),
    "retire_point": Rate(120, 60),
    "set_params": Rate(120, 60),
    "check_travel": Rate(20, 60),
    "download_import_report": Rate(30, 60),
    "export_plan": Rate(120, 60),
    "read_sheet": Rate(240, 60),
    "read_letter": Rate(60, 60),
    "export_audit": Rate(10, 60),
    "export_progress": Rate(60, 60),
}
"""What is limited, by operation; one account has its own count. Each server process has its own."""


class Allowances:
    """Counts what was asked for in a sliding span; safe for threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._spent: dict[tuple[str, str], deque[float]] = {}

    def spend(self, what: str, who: str) -> None:
        """Count one more, or raise; what is not limited always passes.

        Raises
        ------
        TooManyRequests
            Telling how many seconds to wait; what was refused does not count.
        """
        rate = RATES.get(what)
        if rate is None:
            return
        with self._lock:
            moment = self._clock()
            self._forget(moment)
            times = self._spent.setdefault((what, who), deque())
            while times and times[0] <= moment - rate.seconds:
                times.popleft()
            if len(times) >= rate.most:
                wait = times[0] + rate.seconds - moment
                raise TooManyRequests(seconds=max(1, math.ceil(wait)))
            times.append(moment)

    def give_back(self, what: str, who: str) -> None:
        """Take back the last one counted: it was no attempt to guess."""
        with self._lock:
            times = self._spent.get((what, who))
            if times:
                times.pop()

    def _forget(self, moment: float) -> None:
        """Keep no name that has not been heard of for long: names are the sender's to invent."""
        if len(self._spent) < 10_000:
            return
        longest = max(rate.seconds for rate in RATES.values())
        self._spent = {
            key: times
            for key, times in self._spent.items()
            if times and times[-1] > moment - longest
        }
