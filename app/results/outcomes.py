"""People by what became of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Self

from app.models.results import OUTCOMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Whole people of one programme by what became of them."""

    served: int = 0
    failed: int = 0
    not_eligible: int = 0
    already_had: int = 0
    absent: int = 0
    deceased: int = 0
    moved: int = 0
    not_found: int = 0

    def __add__(self, other: Self) -> Self:
        """Add outcome by outcome."""
        pairs = zip(OUTCOMES, astuple(self), astuple(other), strict=True)
        return type(self)(**{name: one + two for name, one, two in pairs})

    @property
    def came(self) -> int:
        """Count who stood before the team, whatever came of it."""
        return self.served + self.failed + self.not_eligible + self.already_had

    @property
    def cleared(self) -> int:
        """Count the records put right without a document: who died, who moved away."""
        return self.deceased + self.moved

    @property
    def off_the_list(self) -> int:
        """Count who is listed no longer: served, had it already, died, moved away."""
        return self.served + self.already_had + self.cleared

    @property
    def accounts_for_absent(self) -> bool:
        """Whether it tells of people who did not come, so that their share can be known."""
        return self.absent + self.deceased + self.moved + self.not_found > 0

    def to_dict(self) -> dict[str, int]:
        """Give the eight numbers by name."""
        return dict(zip(OUTCOMES, astuple(self), strict=True))

    @classmethod
    def from_dict(cls, values: Mapping[str, int]) -> Self:
        """Build from ``to_dict`` or a part of it; what is not told is 0."""
        return cls(**{name: values.get(name, 0) for name in OUTCOMES})


NOBODY = Outcomes()
ByProgramme = dict[str, Outcomes]


def total(tables: Iterable[ByProgramme]) -> ByProgramme:
    """Add tables up, programme by programme."""
    found: ByProgramme = {}
    for table in tables:
        for programme, people in table.items():
            found[programme] = found.get(programme, NOBODY) + people
    return found


def shared_out(people: Outcomes, weights: Sequence[float]) -> list[Outcomes]:
    """Share whole people out in proportion to weights; the parts add up to the whole.

    Each outcome by largest remainders (Hamilton), of equal ones the first; without any weight in
    equal parts.
    """
    if len(weights) == 1:
        return [people]
    shares = list(weights) if sum(weights) > 0 else [1.0] * len(weights)
    by_name = {name: _whole(n, shares) for name, n in people.to_dict().items()}
    return [
        Outcomes(**{name: parts[at] for name, parts in by_name.items()})
        for at in range(len(weights))
    ]


def _whole(n: int, shares: Sequence[float]) -> list[int]:
    exact = [n * share / sum(shares) for share in shares]
    parts = [int(part) for part in exact]
    by_rest = sorted(range(len(exact)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_rest[: n - sum(parts)]:
        parts[at] += 1
    return parts
