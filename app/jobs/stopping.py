"""What a job does when it is asked to stop: end at once, or keep first what it has."""

import threading
from collections.abc import Callable
from typing import Any

Result = dict[str, Any]


class Cancelled(Exception):
    """The job was asked to stop, and nothing of it is to be stored."""


class Stop:
    """Whether a job was asked to stop; a job that has nothing to keep ends in that moment.

    Calling it tells whether the job is to stop at this check point; one that was told so ends as
    cancelled. Another thread calls ``ask``.

    Parameters
    ----------
    end
        Ends the process, telling the result that it is given; in tests it may return.
    """

    def __init__(self, end: Callable[[Result | None], None]) -> None:
        self._end = end
        self._lock = threading.Lock()
        self._is_asked = self._keeps = False
        self._result: Result | None = None
        self.was_told = False

    def __call__(self) -> bool:
        """Tell whether the job is to stop here."""
        self.was_told = self.was_told or self._is_asked
        return self.was_told

    def ask(self) -> None:
        """Ask the job to stop: at once, unless it has something to keep."""
        with self._lock:
            self._is_asked = True
            if not self._keeps:
                self._end(self._result)

    def keep(self) -> None:
        """Let nobody end the job from now on but itself: it has a plan, or begins a commit.

        Raises
        ------
        Cancelled
            When it was asked to stop before.
        """
        with self._lock:
            if self._is_asked and not self._keeps:
                raise Cancelled
            self._keeps = True

    def settle(self, result: Result) -> None:
        """Say that what was begun is stored, and what to tell when the job ends before its next."""
        with self._lock:
            self._result, self._keeps = result, False
            if self._is_asked:
                self._end(result)
