"""Where teams sleep when they stay out: the places of an office's list.

As long as a regency has a list, its teams sleep at listed places only, each at those it may use;
a team that may use none comes home every day. Without a list they sleep where they made the last
visit or in a district's seat (``week.py``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from app.models import Lodging, Team, Village
from app.points import DECIMALS, Point, village_points


@dataclass(frozen=True, slots=True, kw_only=True)
class LodgingPlace:
    """A place to sleep; ``cost_rupiah`` a person and night, None: that of the parameters.

    ``teams`` are those that may sleep there, none: all. ``lon, lat`` where the list names only the
    village: where that is served.
    """

    code: str
    name: str
    village_code: str
    lon: float
    lat: float
    cost_rupiah: int | None
    teams: frozenset[str]
    import_id: int

    def takes(self, team: str) -> bool:
        """Tell whether a team may sleep there."""
        return not self.teams or team in self.teams

    def rupiah(self, people: int, usual: int) -> int:
        """Tell what a night costs so many people; ``usual`` is what one pays where it is silent."""
        return people * (usual if self.cost_rupiah is None else self.cost_rupiah)


def lodging_places(
    session: Session, regency: str | None = None, points: Sequence[Point] | None = None
) -> tuple[LodgingPlace, ...]:
    """List the places of a regency, or all, by code.

    ``points`` are the service points known already; None: they are read.
    """
    query = select(Lodging).join(Village).order_by(col(Lodging.code))
    if regency is not None:
        query = query.where(Village.regency_code == regency)
    rows = session.exec(query).all()
    if not rows:
        return ()
    served = village_points(session, regency) if points is None else _served_at(points)
    return tuple(_place(row, served) for row in rows)


def may_sleep_out(team: Team, places: Sequence[LodgingPlace]) -> bool:
    """Tell whether a team may stay out, and has somewhere to sleep if there is a list."""
    return team.may_stay_overnight and (
        not places or any(place.takes(team.name) for place in places)
    )


def lodging_row(place: LodgingPlace) -> dict[str, Any]:
    """Give a place as plain JSON values."""
    return {
        "code": place.code,
        "name": place.name,
        "village_code": place.village_code,
        "lon": round(place.lon, DECIMALS),
        "lat": round(place.lat, DECIMALS),
        "cost_rupiah": place.cost_rupiah,
        "teams": sorted(place.teams),
        "import_id": place.import_id,
    }


def _served_at(points: Sequence[Point]) -> dict[str, Point]:
    own = [point for point in points if not point.gathers and not point.is_hub]
    return {code: point for point in own for code in point.serves}


def _place(row: Lodging, served: Mapping[str, Point]) -> LodgingPlace:
    if row.lon is None or row.lat is None:
        # Every village is served somewhere: at its own point unless the office named another.
        lon, lat = served[row.village_code].lon, served[row.village_code].lat
    else:
        lon, lat = row.lon, row.lat
    return LodgingPlace(
        code=row.code, name=row.name, village_code=row.village_code, lon=lon, lat=lat,
        cost_rupiah=row.cost_rupiah, teams=frozenset(row.teams), import_id=row.import_id,
    )  # fmt: skip
