"""A tour of several days: its stages, what is done on each, and what it brings."""

from collections.abc import Sequence
from dataclasses import dataclass

from routing.draft import Draft
from routing.insertion import Insertions
from routing.stages import Stage
from routing.timing import Choice


@dataclass(frozen=True, slots=True)
class Tour:
    """Days of one team away, in order; ``merits`` are those of ``insertion.py``, one per day."""

    stages: tuple[Stage, ...]
    with_kit: bool
    choices: tuple[tuple[Choice, ...], ...]
    merits: tuple[int, ...]

    @property
    def merit(self) -> int:
        """What the whole tour brings."""
        return sum(self.merits)

    @property
    def visits(self) -> frozenset[int]:
        """Visits it makes."""
        return frozenset(v for choices in self.choices for v, _ in choices)


def make_tour(
    insertions: Insertions,
    shifts: Sequence[int],
    sleeps: Sequence[int],
    with_kit: bool,
    choices: Sequence[tuple[Choice, ...]],
) -> Tour | None:
    """Evaluate a tour over given shifts, one node to sleep at for each night between them.

    None when it cannot be driven, or makes no visit. That it makes none twice is not looked at.
    """
    if not any(choices):
        return None
    nodes: list[int | None] = [None, *sleeps, None]
    stages = tuple(Stage(s, nodes[i], nodes[i + 1]) for i, s in enumerate(shifts))
    merits = []
    for stage, day in zip(stages, choices, strict=True):
        merit = insertions.merit_of(insertions.at(stage), with_kit, day)
        if merit is None:
            return None
        merits.append(merit)
    return Tour(stages, with_kit, tuple(choices), tuple(merits))


def put_tour(draft: Draft, tour: Tour) -> None:
    """Put a tour into a draft in place of all that its shifts do."""
    draft.put_tour(tour.stages, tour.with_kit, tour.choices, tour.merits)


def tours_of(draft: Draft) -> list[Tour]:
    """Read the tours of a draft."""
    return [
        Tour(
            tuple(draft.stages[s] for s in days),
            draft.with_kit[days[0]],
            tuple(draft.choices[s] for s in days),
            tuple(draft.merits[s] for s in days),
        )
        for days in draft.tours
    ]
