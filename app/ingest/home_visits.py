"""Lists of home visits -> rows."""

from sqlmodel import Session

from app.home_visits import set_home_visits
from app.ingest.source import Reading, Source, reading_of


def read_home_visits(source: Source) -> Reading:
    """Read how many people are visited at home; villages that a file does not name stay."""
    from geodata.home_visits import read_home_visits as read_file

    found = read_file(
        source.path, villages=source.villages, crosswalk=source.bps, changes=source.changes
    )

    def store(session: Session, import_id: int) -> None:
        account = source.person or source.source
        for code, number in found.numbers.items():
            set_home_visits(session, code, number, account=account, import_id=import_id)

    return reading_of(found, store)
