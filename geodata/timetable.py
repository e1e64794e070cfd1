"""When scheduled links leave, as a list of them says it, and how long one waits at most.

A travel table knows no hour of the day. So that a team is never later than told while boats run,
each boarding costs the longest gap between two departures; after the last one nobody waits, and a
leg names its departures for those who read the plan.
"""

import re
from itertools import pairwise
from typing import NamedTuple, Self

_TIME = re.compile(r"(\d{1,2})[:.](\d\d)(?::\d\d)?")
_BACK = re.compile(r"\b(?:balik|pulang|back|return)\b\s*:?")
_BETWEEN = re.compile(r"(?:[\s,;/]|\b(?:wib|wita|wit|dan|and)\b)+")
DAY_MIN = 24 * 60


class Timetable(NamedTuple):
    """Minutes after midnight at which a link leaves, there and back, ascending."""

    there: tuple[int, ...] = ()
    back: tuple[int, ...] = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``07:00, 10.30``, for both ways, or ``07:00, 10:30 balik 13:00, 16:00``.

        Raises
        ------
        ValueError
            When anything else stands there.
        """
        there, *back = _BACK.split(text.strip().lower())
        if len(back) > 1:
            raise ValueError(text)
        times = _times(there)
        return cls(times, _times(back[0]) if back else times)

    @classmethod
    def of(cls, kept: object) -> Self:
        """Read what is kept of a link; none where nothing is, or nothing that can be read."""
        try:
            return cls.read(str(kept))
        except ValueError:  # stored before timetables were read
            return cls()

    @property
    def text(self) -> str:
        """The one form in which it is kept, which ``read`` reads."""
        there, back = self.departures()
        return there if there == back else f"{there} balik {back}"

    def departures(self) -> tuple[str, str]:
        """Write the departures there and back."""
        return _shown(self.there), _shown(self.back)

    def wait_min(self) -> tuple[int, int]:
        """Give the longest gap between two departures, there and back; 0 where there is one."""
        there, back = (max((b - a for a, b in pairwise(times)), default=0) for times in self)
        return there, back


def _times(text: str) -> tuple[int, ...]:
    words = [word for word in _BETWEEN.split(text) if word]
    matches = [_TIME.fullmatch(word) for word in words]
    minutes = [int(m[1]) * 60 + int(m[2]) for m in matches if m and int(m[2]) < 60]
    if not words or len(minutes) < len(words) or max(minutes) >= DAY_MIN:
        raise ValueError(text)
    return tuple(sorted(set(minutes)))


def _shown(times: tuple[int, ...]) -> str:
    return ", ".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in times)
