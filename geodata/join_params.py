"""What the join of signal assumes where a list tells nothing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from geodata.errors import BadValue
from geodata.schema import SIGNALS
from geodata.towers import MAX_RADIUS_KM

MAX_MEASURED_DAYS = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinParams:
    """What is assumed of a tower on air, and how long a measurement holds.

    Parameters
    ----------
    radius_km
        How far a tower reaches whose list states no radius, 0 < km <= 100.
    tower_signal
        The class of signal within that reach; not *none*.
    measured_days
        What a team measured where it served holds against lists that are newer by up to so many
        days, 0 <= days <= 3650.

    Raises
    ------
    BadValue
        When one is out of range.
    """

    radius_km: float = 3.5
    tower_signal: str = "strong"
    measured_days: int = 180

    def __post_init__(self) -> None:
        if not 0 < self.radius_km <= MAX_RADIUS_KM:
            raise BadValue(place="JoinParams", value=self.radius_km, column="radius_km",
                           accepted=f"0 < km <= {MAX_RADIUS_KM}")  # fmt: skip
        if self.tower_signal not in SIGNALS[1:]:
            raise BadValue(place="JoinParams", value=self.tower_signal, column="tower_signal",
                           accepted=", ".join(SIGNALS[1:]))  # fmt: skip

        if not 0 <= self.measured_days <= MAX_MEASURED_DAYS:
            raise BadValue(place="JoinParams", value=self.measured_days, column="measured_days",
                           accepted=f"0 <= days <= {MAX_MEASURED_DAYS}")  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """All values as plain JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from ``to_dict`` or a part of it; what is not given keeps its default."""
        return cls(**values)
