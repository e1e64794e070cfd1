"""Lists of codes -> rows."""

from sqlmodel import Session

from app.current import MAPPING_COLUMNS
from app.ingest.source import Reading, Source
from app.models import CodeMapping
from app.rows import insert_rows, plain
from geodata.crosswalk import read_crosswalk as read_file


def read_crosswalk(source: Source) -> Reading:
    """Read a list that leads from one code to another."""
    found = read_file(source.path)
    rows = [plain(row, MAPPING_COLUMNS) for row in found.frame.to_dict("records")]

    def store(session: Session, import_id: int) -> None:
        insert_rows(
            session, CodeMapping,
            [{**row, "kind": found.kind, "import_id": import_id} for row in rows],
        )  # fmt: skip

    return Reading(
        accepted=len(rows),
        corrected=0,
        refused=0,
        totals={"codes": len(rows), "renamed": found.n_renamed},
        findings=found.findings,
        store=store,
    )
