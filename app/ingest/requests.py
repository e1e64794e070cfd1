"""Lists of letters that ask for visits -> rows."""

from sqlmodel import Session

from app.db import reading
from app.ingest.source import Reading, Source, reading_of
from app.requests import add_request, known_request
from geodata.findings import Finding


def read_requests(source: Source) -> Reading:
    """Read letters; one that was entered before stays as it is, however often it comes."""
    from geodata.requests import read_requests as read_file

    found = read_file(
        source.path, villages=source.villages, crosswalk=source.bps, changes=source.changes
    )
    remarks = []
    with reading(source.engine) as session:
        for label, row in found.requests:
            known = known_request(session, row)
            if known is not None:
                remarks.append(
                    Finding(
                        code="request-known", severity="info", row=label, value=row.number,
                        village_code=row.village_code, params={"request_id": known.id},
                    )
                )  # fmt: skip

    def store(session: Session, import_id: int) -> None:
        account = source.person or source.source
        for _, row in found.requests:
            if known_request(session, row) is None:
                add_request(session, row, account=account, import_id=import_id)

    return reading_of(found, store, remarks=remarks)
