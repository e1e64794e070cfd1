"""The answers that a run got from the clock, by number, so that it can be run again without one.

Everything else in a run depends only on problem, parameters and seed. So a run that is given the
same answers makes the same plan and the same bound, on a machine of any speed.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Answers of the clock, each by the number of the question.

    ``end``: the first question whether to stop for good that was answered yes, None when the run
    ended by itself. ``over``: questions whether some part of the work is over, or was cut short,
    that were answered yes. ``choices``: what integer choices that the clock cut short had found:
    number, positions of the columns (None: nothing), and bound. ``verdicts``: what was decided, in
    the time that was left, of each set of rules that was looked at for a contradiction.
    ``before``: the answers in the run that this one went on from (``hubs_last.py``).
    """

    end: int | None = None
    over: tuple[int, ...] = ()
    choices: tuple[tuple[int, tuple[int, ...] | None, float], ...] = ()
    verdicts: tuple[bool | None, ...] = ()
    before: "Replay | None" = None


class Questions:
    """Numbers the questions to the clock; answers them from a replay where there is one."""

    def __init__(self, replay: Replay | None) -> None:
        self._n = 0
        self._end: int | None = None
        self._over: list[int] = []
        self._choices: list[tuple[int, tuple[int, ...] | None, float]] = []
        self._verdicts: list[bool | None] = []
        self.is_replay = replay is not None
        self._given = replay or Replay()
        self._given_over = frozenset(self._given.over)
        self._given_choices = {choice[0]: choice[1:] for choice in self._given.choices}

    @property
    def number(self) -> int:
        """The number of the last question."""
        return self._n

    @property
    def replay(self) -> Replay:
        """The answers so far."""
        return Replay(
            end=self._end, over=tuple(self._over), choices=tuple(self._choices),
            verdicts=tuple(self._verdicts),
        )  # fmt: skip

    def is_over(self, answer: Callable[[], bool]) -> bool:
        """Ask whether a part of the work is over."""
        self._n += 1
        yes = self._n in self._given_over if self.is_replay else answer()
        if yes:
            self._over.append(self._n)
        return yes

    def is_cut(self, work: Callable[[bool], bool]) -> bool:
        """Do work that may be cut short; whether it was.

        ``work`` is told whether to end at once, as it was cut short then, and says whether it was
        cut short now: in a replay only a cancel does that.
        """
        self._n += 1
        at_once = self._n in self._given_over
        is_cut = work(at_once) or at_once
        if is_cut:
            self._over.append(self._n)
        return is_cut

    def is_end(self, answer: Callable[[], bool]) -> bool:
        """Ask whether to stop for good; after the first yes there is no other answer."""
        if self._end is not None:
            return True
        self._n += 1
        given = self._given.end
        if (given is not None and self._n >= given) or answer():
            self._end = self._n
        return self._end is not None

    def verdict(self, decide: Callable[[], bool | None]) -> bool | None:
        """Decide whether rules contradict each other, as far as the time that is left goes."""
        n, given = len(self._verdicts), self._given.verdicts
        known = given[n] if n < len(given) else None
        self._verdicts.append(known if self.is_replay else decide())
        return self._verdicts[-1]

    def choice(self) -> tuple[tuple[int, ...] | None, float] | None:
        """Look up what a choice had found that was cut short then."""
        self._n += 1
        found = self._given_choices.get(self._n)
        if found is not None:
            self._choices.append((self._n, *found))
        return found

    def cut_short(self, number: int, positions: tuple[int, ...] | None, bound: float) -> None:
        """Keep what a choice, by the number of its question, had found when it was cut short."""
        self._choices.append((number, positions, bound))
