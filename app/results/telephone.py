"""The file that a telephone saves (docs/itineraries.md), read at the command line."""

from pathlib import Path
from typing import Any

import orjson

from app.results.errors import BadResultsFile
from app.schemas.results import FORMAT, FORMAT_VERSION, LARGEST_NUMBER

MOST_BYTES = 64 << 20


def read_results_file(path: Path) -> dict[int, list[dict[str, Any]]]:
    """Give the records of a file by plan; each is judged by ``ledger.take_in``.

    Raises
    ------
    BadResultsFile
        When the file is larger than 64 MB, no JSON, or of another format.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise BadResultsFile(
            file=path.name, place="file", value=f"{size >> 20} MB",
            accepted=f"<= {MOST_BYTES >> 20} MB",
        )  # fmt: skip
    try:
        document = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise BadResultsFile(
            file=path.name, place=f"line {error.lineno}", value=error.msg, accepted="JSON"
        ) from error
    if not isinstance(document, dict):
        document = {}
    for name, expected in (("format", FORMAT), ("format_version", FORMAT_VERSION)):
        if document.get(name) != expected:
            raise BadResultsFile(
                file=path.name, place=name, value=str(document.get(name))[:50], accepted=expected
            )
    records = document.get("records")
    if not isinstance(records, list):
        raise BadResultsFile(file=path.name, place="records", value="-", accepted="[...]")
    found: dict[int, list[dict[str, Any]]] = {}
    for position, record in enumerate(records):
        plan_id = record.get("plan_id") if isinstance(record, dict) else None
        is_number = isinstance(plan_id, int) and not isinstance(plan_id, bool)
        if plan_id is None or not is_number or not 1 <= plan_id <= LARGEST_NUMBER:
            raise BadResultsFile(
                file=path.name, place=f"records[{position}].plan_id", value=str(plan_id)[:50],
                accepted=f"1..{LARGEST_NUMBER}",
            )  # fmt: skip
        found.setdefault(plan_id, []).append(record)
    return found
