"""Lists of staff -> rows."""

from sqlalchemy import delete
from sqlmodel import Session, col

from app.ingest.source import Reading, Source, reading_of
from app.models import Staff, StaffLeave
from app.rows import insert_rows, upsert


def read_staff(source: Source) -> Reading:
    """Read a list of staff; it is the whole list of the teams it names."""
    from geodata.staff import read_staff as read_file

    found = read_file(source.path, teams=frozenset(source.teams))

    def store(session: Session, import_id: int) -> None:
        teams = sorted({person.team for person in found.people})
        nips = [person.nip for person in found.people]
        session.execute(delete(StaffLeave).where(col(StaffLeave.nip).in_(nips)))
        gone = (col(Staff.team).in_(teams), col(Staff.nip).not_in(nips))
        session.execute(delete(Staff).where(*gone))
        rows = [
            {"nip": person.nip, "name": person.name, "rank": person.rank, "role": person.role,
             "team": person.team, "import_id": import_id}
            for person in found.people
        ]  # fmt: skip
        upsert(session, Staff, rows, key="nip")
        leaves = [
            {"nip": person.nip, "starts": starts, "ends": ends}
            for person in found.people
            for starts, ends in person.leave
        ]
        insert_rows(session, StaffLeave, leaves)

    return reading_of(found, store)
