"""Lists and maps of lodging places -> rows."""

from dataclasses import asdict

from sqlalchemy import delete, or_
from sqlmodel import Session, col

from app.ingest.source import Reading, Source, reading_of
from app.models import Lodging
from app.points import DECIMALS
from app.rows import insert_rows
from geodata.lodging import LodgingPlace


def read_lodging(source: Source) -> Reading:
    """Read a list of lodging places; it is the whole list of the regencies it names."""
    from geodata.lodging import read_lodging as read_file

    found = read_file(
        source.path, villages=source.villages, teams=frozenset(source.teams),
        crosswalk=source.bps, changes=source.changes,
    )  # fmt: skip

    def store(session: Session, import_id: int) -> None:
        named = (col(Lodging.village_code).startswith(f"{code}.") for code in found.regencies)
        session.execute(delete(Lodging).where(or_(*named)))
        insert_rows(session, Lodging, [_values(place, import_id) for place in found.places])

    return reading_of(found, store)


def _values(place: LodgingPlace, import_id: int) -> dict[str, object]:
    at = None if place.lon is None else round(place.lon, DECIMALS)
    up = None if place.lat is None else round(place.lat, DECIMALS)
    return {
        **asdict(place), "lon": at, "lat": up, "teams": list(place.teams), "import_id": import_id
    }  # fmt: skip
