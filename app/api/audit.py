"""The log of who did what."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.deps import LimitQuery, ReadDep
from app.api.problems import problems
from app.audit import entries, entries_csv
from app.schemas.accounts import AuditList

router = APIRouter(prefix="/api/v1/audit", tags=["accounts"])
Since = Annotated[date | None, Query(description="From this day on (UTC).")]
Until = Annotated[date | None, Query(description="Up to this day (UTC).")]
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
        200: {"description": "CSV.", "content": {"text/csv": {"schema": {"type": "string"}}}},
        **problems(),
    },
)
def export_audit(
    session: ReadDep, since: Since = None, until: Until = None, account: Name = None
) -> Response:
    """Give all of it as CSV with a header."""
    text = entries_csv(entries(session, since=since, until=until, account=account))
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return Response(text.encode("utf-8-sig"), media_type="text/csv", headers=headers)
