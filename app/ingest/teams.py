"""Lists of teams -> rows."""

from sqlalchemy import delete
from sqlmodel import Session, col

from app.ingest.source import Reading, Source, reading_of
from app.models import Team
from app.rows import plain, upsert


def read_teams(source: Source) -> Reading:
    """Read a list of teams; it is the whole list of its regencies."""
    from geodata.teams import read_teams as read_file

    found = read_file(source.path, villages=source.villages, known=source.teams)
    frame = found.frame

    def store(session: Session, import_id: int) -> None:
        columns = (
            "regency_code", "base", "lon", "lat", "vehicle", "kits", "desks", "staff",
            "satellite_kits", "starts", "ends", "may_stay_overnight",
        )  # fmt: skip
        rows = [
            {**plain(row, columns), "name": row["team"], "import_id": import_id}
            for row in frame.to_dict("records")
        ]
        # The file is the whole list of a regency's teams: one that it no longer names is gone. A
        # team whose row was set aside is named: it stays as it was until the row is mended.
        gone = (
            col(Team.regency_code).in_(sorted({row["regency_code"] for row in rows})),
            col(Team.name).not_in(sorted(found.named)),
        )
        session.execute(delete(Team).where(*gone))
        upsert(session, Team, rows, key="name")

    return reading_of(found, store)
