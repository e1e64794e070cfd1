"""Imports: upload a file, read what was seen in it."""

import shutil
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, File, Form, UploadFile
from fastapi.exceptions import RequestValidationError
from sqlmodel import col, select
from starlette.responses import Response

from app.api.deps import ImportId, LangDep, LimitQuery, ReadDep, SessionDep, SettingsDep
from app.api.guard import CallerDep
from app.api.jobs import job_out
from app.api.problems import problems
from app.areas import area_of, imports_in
from app.errors import BadOption, ImportNotFound, UnknownOption, UploadTooLarge
from app.ingest import check_source, read_options
from app.ingest.options import pairs
from app.jobs import uploads
from app.jobs.defer import defer
from app.models import DataImport, Job, JobKind
from app.report import corrections, find_import, report_xlsx
from app.schemas.imports import ImportList, ImportReport, ImportSummary
from app.schemas.jobs import JobOut
from app.texts import finding_text
from geodata.errors import BadAddress, NetworkNotAllowed
from geodata.oapif import shown_address
from geodata.privacy import refuse_numbers

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

router = APIRouter(prefix="/api/v1/imports", tags=["imports"])


class ImportKind(StrEnum):
    """What a file is about."""

    VILLAGES = "villages"
    CROSSWALK = "crosswalk"
    COUNTS = "counts"
    CONNECTIVITY = "connectivity"
    NETWORK = "network"
    LINKS = "links"
    TEAMS = "teams"
    POINTS = "points"
    STAFF = "staff"
    LODGING = "lodging"
    REQUESTS = "requests"
    HOME_VISITS = "home_visits"


class _Upload(NamedTuple):
    """Where what is to be imported is: a stored file, or an address; and what people call it."""

    path: Path | None
    url: str | None
    name: str


def _stored(
    settings: SettingsDep,
    file: Annotated[UploadFile | None, File(description="The file as the office has it.")] = None,
    url: Annotated[
        str | None,
        Form(max_length=2000, description="Instead of a file: a collection of OGC API Features."),
    ] = None,
) -> Iterator[_Upload]:
    if file is None and url:
        yield _Upload(None, url, shown_address(url))
        return
    if file is None:
        fault = {"type": "missing", "loc": ("body", "file"), "msg": "Field required: file, or url"}
        raise RequestValidationError([fault])
    path = uploads.store(settings.data_dir, file.filename, file.file, settings.max_upload_mb)
    try:
        yield _Upload(path, None, _shown_name(file.filename) or path.name)
    except BaseException:  # no job was stored that would remove it
        shutil.rmtree(path.parent, ignore_errors=True)
        raise


# The file is on disk before the transaction begins: nobody waits for an upload.
UploadDep = Annotated[_Upload, Depends(_stored, scope="function")]


@router.post(
    "/{kind}",
    operation_id="create_import",
    status_code=202,
    summary="Import a file",
    responses={
        202: {
            "headers": {
                "Location": {
                    "description": "Where the job's state is.",
                    "schema": {"type": "string"},
                }
            }
        },
        **problems(UploadTooLarge, BadOption, UnknownOption, BadAddress, NetworkNotAllowed),
    },
)
def create_import(
    kind: ImportKind,
    upload: UploadDep,
    session: SessionDep,
    lang: LangDep,
    caller: CallerDep,
    settings: SettingsDep,
    response: Response,
    as_of: Annotated[
        date | None, Form(description="The day the file speaks of; default: what it says itself.")
    ] = None,
    source: Annotated[
        str | None,
        Form(max_length=500, description="Where it comes from; default: its name."),
    ] = None,
    by: Annotated[
        str | None, Form(max_length=200, description="Who imports it; default: the account.")
    ] = None,
    option: Annotated[
        list[str] | None,
        Form(description="NAME=VALUE: what else there is to say about a file of this kind."),
    ] = None,
    headings: Annotated[
        list[str] | None,
        Form(
            alias="map",
            description="HEADING=COLUMN (or `ignore`) for headings that the service does not know; "
            "remembered for later files.",
        ),
    ] = None,
    dry_run: Annotated[bool, Form(description="Read and judge, store nothing.")] = False,
) -> JobOut:
    """Take a file, or of villages an address, and import it in the background, whole or not at all.

    The job's `result` is the report (`accepted`, `corrected`, `refused`, `totals`, `findings`); a
    refused file ends the job `failed` with the reason in `error`. The upload is removed when the
    job has ended. Of an account of an area, villages elsewhere count as unknown, and a map, team or
    list that would change what lies elsewhere is refused.
    """
    refuse_numbers({"file": upload.name, "source": source, "by": by}, kind.value)
    options = pairs(option or (), "option")
    taught = pairs(headings or (), "map")
    read_options(kind.value, options, taught)
    if upload.url is not None:
        check_source(kind.value, upload.url)
    args = {
        "kind": kind.value,
        "upload": str(upload.path or ""),
        "place": uploads.place_of(settings.data_dir) if upload.path else "",
        "url": upload.url,
        "file_name": upload.name,
        "as_of": as_of.isoformat() if as_of else None,
        "source": source or None,
        "person": by or caller.account,
        "options": options,
        "headings": taught,
        "dry_run": dry_run,
    }
    job = defer(session, Job(kind=JobKind.IMPORT, area=caller.area, args=args))
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return job_out(job, lang)


@router.get("", operation_id="list_imports", summary="List imports", responses=problems())
def list_imports(
    session: ReadDep, kind: ImportKind | None = None, limit: LimitQuery = 100
) -> ImportList:
    """Give the stored files, the newest first; those replaced since say by which import.

    An account of an area sees what accounts of that area, or of a part of it, imported.
    """
    query = select(DataImport).where(imports_in(area_of(session)))
    query = query.order_by(col(DataImport.id).desc()).limit(limit)
    if kind is not None:
        query = query.where(DataImport.kind == kind)
    return ImportList(items=[ImportSummary(**_summary(row)) for row in session.exec(query)])


@router.get(
    "/{import_id}",
    operation_id="read_import",
    summary="Read an import's report",
    responses=problems(ImportNotFound),
)
def read_import(session: ReadDep, import_id: ImportId, lang: LangDep) -> ImportReport:
    """Give an import with every finding, each with its row and its sentence."""
    row = find_import(session, import_id)
    findings = [{**found, "message": finding_text(found, lang)} for found in row.findings]
    return ImportReport(
        **_summary(row),
        sha256=row.sha256,
        corrections=corrections(row, lang),
        details=row.details,
        findings=findings,
    )


@router.get(
    "/{import_id}/report.xlsx",
    operation_id="download_import_report",
    summary="Download an import's report as a workbook",
    response_class=Response,
    responses={
        200: {"content": {XLSX: {}}, "description": "Summary, findings, totals by district."},
        **problems(ImportNotFound),
    },
)
def download_report(session: ReadDep, import_id: ImportId, lang: LangDep) -> Response:
    """Give the report as XLSX: every finding with its row, and the totals by district."""
    name = f'attachment; filename="impor-{import_id}.xlsx"'
    return Response(
        report_xlsx(session, import_id, lang),
        media_type=XLSX,
        headers={"Content-Disposition": name},
    )


def _summary(row: DataImport) -> dict[str, Any]:
    fields = set(ImportSummary.model_fields) - {"import_id"}
    return {"import_id": row.id, **row.model_dump(include=fields)}


def _shown_name(name: str | None) -> str:
    """Keep the last part of a client's file name, as people know it, without control characters."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:200]
