"""What an office may set that belongs to no library: money and the shape of a plan."""

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
    """

    rupiah_per_document: int = 2_000_000
    per_diem_after_hours: float = 8.0
    per_diem_rupiah: Mapping[str, int] = field(
        default_factory=lambda: {"62": 140_000, "64": 170_000, "65": 170_000, ELSEWHERE: 140_000}
    )

    def per_diem(self, regency: str) -> int:
        """Tell the allowance a person within a regency, Rp."""
        return self.per_diem_rupiah.get(regency[:2], self.per_diem_rupiah[ELSEWHERE])

    def to_dict(self) -> dict[str, Any]:
        """All values as plain JSON types."""
        return {**_plain(self), "per_diem_rupiah": dict(self.per_diem_rupiah)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from ``to_dict`` or a part of it; what is not given keeps its default."""
        per_diem = {**cls().per_diem_rupiah, **values.get("per_diem_rupiah", {})}
        return cls(**{**values, "per_diem_rupiah": per_diem})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanParams:
    """What a plan asks for when its request does not say.

    Parameters
    ----------
    minutes
        Lengths a session may have.
    """

    minutes: tuple[int, ...] = (120, 240, 360)

    def to_dict(self) -> dict[str, Any]:
        """All values as plain JSON types."""
        return {"minutes": list(self.minutes)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from ``to_dict`` or a part of it; what is not given keeps its default."""
        return cls(**{name: tuple(value) for name, value in values.items()})


def _plain(group: CostParams) -> dict[str, Any]:
    return {f.name: getattr(group, f.name) for f in fields(group)}
