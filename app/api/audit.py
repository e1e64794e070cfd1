"""The log of who did what."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.deps import LimitQuery, ReadDep
from app.api.problems import problems
from app.audit import entries, entries_csv, entries_json
from app.schemas.accounts import AuditList

router = APIRouter(prefix="/api/v1/audit", tags=["accounts"])
Since = Annotated[date | None, Query(description="From this day on (UTC).")]
Until = Annotated[date | None, Query(description="Up to this day (UTC).")]


class AuditFormat(StrEnum):
    """What the log can be taken along as."""

    CSV = "csv"
    JSON = "json"


Format = Annotated[AuditFormat, Query(alias="format", description="Kind of file.")]
Name = Annotated[str | None, Query(max_length=64, description="What this account did.")]


@router.get("", operation_id="list_audit", summary="Tell who did what", responses=problems())
def list_audit(
    session: ReadDep,
    since: Since = None,
    until: Until = None,
    account: Name = None,
    limit: LimitQuery = 100,
) -> AuditList:
    """Give what accounts of one's area did, the newest first."""
    found = entries(session, since=since, until=until, account=account, limit=limit)
    return AuditList.model_validate({"items": found})


@router.get(
    "/export",
    operation_id="export_audit",
    summary="Take the log along as a table",
    response_class=Response,
    responses={
        200: {
            "description": "The log as a file.",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/json": {"schema": {"type": "object"}},
            },
        },
        **problems(),
    },
)
def export_audit(
    session: ReadDep,
    since: Since = None,
    until: Until = None,
    account: Name = None,
    file_format: Format = AuditFormat.CSV,
) -> Response:
    """Give all of it as CSV with a header, or as JSON."""
    rows = entries(session, since=since, until=until, account=account)
    headers = {"Content-Disposition": f'attachment; filename="audit.{file_format}"'}
    if file_format is AuditFormat.JSON:
        return Response(entries_json(rows), media_type="application/json", headers=headers)
    text = entries_csv(rows).encode("utf-8-sig")
    return Response(text, media_type="text/csv", headers=headers)
