"""What an office may set that belongs to no library: money, the shape of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostParams:
    """What costs, in rupiah.

    Parameters
    ----------
    rupiah_per_document
        What the office would spend for one weighted document.
    per_diem_after_hours
        A duty longer than this earns the daily allowance within the regency.
    per_diem_rupiah
        That allowance a person, by the first two digits of the regency's code, or ``elsewhere``.
    away_per_diem_rupiah
        The allowance a person and day of a tour with a night out, in place of the other; likewise.
    lodging_rupiah
        A bed, a person and night.
    """

    rupiah_per_document: int = 2_000_000
    per_diem_after_hours: float = 8.0
    per_diem_rupiah: Mapping[str, int] = field(
        default_factory=lambda: {"62": 140_000, "64": 170_000, "65": 170_000, ELSEWHERE: 140_000}
    )
    away_per_diem_rupiah: Mapping[str, int] = field(
        default_factory=lambda: {"62": 360_000, "64": 430_000, "65": 430_000, ELSEWHERE: 360_000}
    )
    lodging_rupiah: int = 200_000

    def per_diem(self, regency: str) -> int:
        """Tell the allowance a person within a regency, Rp."""
        return self.per_diem_rupiah.get(regency[:2], self.per_diem_rupiah[ELSEWHERE])

    def away_per_diem(self, regency: str) -> int:
        """Tell the allowance a person and day of a tour with a night out, Rp."""
        return self.away_per_diem_rupiah.get(regency[:2], self.away_per_diem_rupiah[ELSEWHERE])

    def to_dict(self) -> dict[str, Any]:
        """All values as plain JSON types."""
        tables = ("per_diem_rupiah", "away_per_diem_rupiah")
        return {**_plain(self), **{name: dict(getattr(self, name)) for name in tables}}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from ``to_dict`` or a part of it; what is not given keeps its default."""
        tables = {
            name: {**getattr(cls(), name), **values.get(name, {})}
            for name in ("per_diem_rupiah", "away_per_diem_rupiah")
        }
        return cls(**{**values, **tables})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanParams:
    """What a plan asks for when its request does not say.

    Parameters
    ----------
    minutes
        Lengths a session may have.
    max_nights
        Most nights in a row that a team which may stay out does so; 0: day tours only.
    duty_hours
        From leaving to arriving, on a day away from the base.
    request_factor
        What a visit that was asked for is multiplied by: a priority, not people.
    home_visit_minutes
        By which a session is longer for each person visited at home.
    home_visits_most
        People visited at home from one session at most; 0: none.
    home_visit_worth
        What one visit at home counts, weighted documents.
    """

    minutes: tuple[int, ...] = (120, 240, 360)
    max_nights: int = 6
    duty_hours: float = 10.0
    request_factor: float = 1.5
    home_visit_minutes: int = 20
    home_visits_most: int = 6
    home_visit_worth: float = 1.0

    def to_dict(self) -> dict[str, Any]:
        """All values as plain JSON types."""
        return {**_plain(self), "minutes": list(self.minutes)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from ``to_dict`` or a part of it; what is not given keeps its default."""
        minutes = tuple(values.get("minutes", cls().minutes))
        return cls(**{**values, "minutes": minutes})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultParams:
    """What reported results change.

    Parameters
    ----------
    lower_need
        Whether they are taken off the people listed in later plans.
    learn
        Whether they correct turnout, reachable share and minutes by district.
    spread_district
        Coefficient of variation of these between districts.
    cleared_weight
        Weighted documents for a record cleared: who died, who moved away.
    """

    lower_need: bool = True
    learn: bool = True
    spread_district: float = 0.25
    cleared_weight: float = 0.1

    def to_dict(self) -> dict[str, Any]:
        """All values as plain JSON types."""
        return _plain(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from ``to_dict`` or a part of it; what is not given keeps its default."""
        return cls(**values)


def _plain(group: CostParams | PlanParams | ResultParams) -> dict[str, Any]:
    return {f.name: getattr(group, f.name) for f in fields(group)}
