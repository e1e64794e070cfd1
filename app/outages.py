"""What happened in the middle of a week, as a re-planned plan keeps it: who and what is away."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

from app.staff import Presence
from geodata.closures import Closure


@dataclass(frozen=True, slots=True, kw_only=True)
class Outages:
    """Absent teams, broken equipment, closed places, links that do not go, from ``from_day`` on.

    ``from_day`` is None in plans that are not re-planned: then there is none of it.
    """

    from_day: date | None = None
    absent: tuple[tuple[str, date, date], ...] = ()
    kits: Mapping[str, int]
    satellite_kits: Mapping[str, int]
    closed: tuple[Closure, ...] = ()
    links_off: tuple[tuple[frozenset[str], date, date], ...] = ()

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Self:
        """Read what a plan's parameters keep of its re-planning."""
        asked = params.get("replan")
        if not asked:
            return cls(kits={}, satellite_kits={})
        return cls(
            from_day=date.fromisoformat(asked["from_day"]),
            absent=tuple(
                (row["team"], date.fromisoformat(row["first"]), date.fromisoformat(row["last"]))
                for row in asked["absent"]
            ),
            kits={row["team"]: row["kits"] for row in asked["broken"]},
            satellite_kits={row["team"]: row["satellite_kits"] for row in asked["broken"]},
            closed=tuple(Closure(**row) for row in asked["closed"]),
            # Plans of an earlier version do not know of it.
            links_off=tuple(
                (
                    frozenset(row["ends"]),
                    date.fromisoformat(row["first"]),
                    date.fromisoformat(row["last"]),
                )
                for row in asked.get("links_off", ())
            ),
        )

    def holds(self, day: date) -> bool:
        """Whether a day is still to come, so that what happened counts."""
        return self.from_day is not None and day >= self.from_day

    def is_over(self, day: date) -> bool:
        """Whether a day is over in a re-planned week."""
        return self.from_day is not None and day < self.from_day

    def is_absent(self, team: str, day: date) -> bool:
        """Whether a team cannot go out on a day."""
        return any(name == team and first <= day <= last for name, first, last in self.absent)

    def ends_off(self, day: date) -> frozenset[frozenset[str]]:
        """Name the ends of scheduled links that do not go on a day."""
        return frozenset(ends for ends, first, last in self.links_off if first <= day <= last)

    def presence(self, team: str, day: date, presence: Presence) -> Presence:
        """Take broken recording kits off what a team has on a day."""
        if not self.holds(day):
            return presence
        return replace(presence, kits=max(0, presence.kits - self.kits.get(team, 0)))

    def satellite_kits_left(self, team: str, day: date, n: int) -> int:
        """Take broken satellite kits off those that a team has."""
        return max(0, n - self.satellite_kits.get(team, 0)) if self.holds(day) else n
