"""Jobs: their state, their list, their cancellation."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from app.api.deps import EngineDep, JobId, LangDep, LimitQuery, ReadDep, SessionDep
from app.api.problems import error_classes, problems, title_of
from app.errors import JobFinished, JobNotFound
from app.jobs.lease import find, hasten, request_cancel
from app.jobs.listing import newest_jobs, reason_of
from app.models import Job, JobState
from app.schemas.jobs import JobError, JobList, JobOut
from app.texts import Lang

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])


@router.get("", operation_id="list_jobs", summary="List jobs", responses=problems())
def list_jobs(
    session: ReadDep,
    lang: LangDep,
    state: Annotated[JobState | None, Query(description="Only jobs of this state.")] = None,
    limit: LimitQuery = 100,
) -> JobList:
    """Give jobs, the newest first; the `error` of failed ones says why they were set aside."""
    return JobList(items=[job_out(job, lang) for job in newest_jobs(session, state, limit)])


@router.get(
    "/{job_id}",
    operation_id="read_job",
    summary="Read a job's state and progress",
    responses=problems(JobNotFound),
)
def read_job(session: ReadDep, job_id: JobId, lang: LangDep) -> JobOut:
    """Give the state, the progress while it runs, and its result or error at the end."""
    return job_out(find(session, job_id), lang)


def _hastened(session: ReadDep, engine: EngineDep, job_id: JobId) -> bool:
    return hasten(engine, find(session, job_id).id or 0)


@router.post(
    "/{job_id}/cancel",
    operation_id="cancel_job",
    status_code=202,
    summary="Cancel a job",
    responses=problems(JobNotFound, JobFinished),
)
def cancel_job(
    # Before the session: with SQLite that one waits for the job's own writing.
    was_hastened: Annotated[bool, Depends(_hastened, scope="function")],
    session: SessionDep,
    job_id: JobId,
    lang: LangDep,
) -> JobOut:
    """Ask a job to stop.

    One still to do is cancelled at once. One that runs ends `cancelled` within a second: a solve
    keeps the best plan so far, if there is one; an import stores nothing, but when its commit has
    begun it ends `succeeded`.
    """
    return job_out(request_cancel(session, job_id, was_hastened=was_hastened), lang)


def job_out(job: Job, lang: Lang) -> JobOut:
    """Give a job as clients see it; arguments and leases are not for them."""
    return JobOut(
        job_id=job.id or 0,
        kind=job.kind,
        state=job.state,
        plan_id=job.plan_id,
        campaign_id=job.campaign_id,
        progress=job.progress,
        result=job.result,
        error=None if job.error is None else _error(job.error, lang),
        attempts=job.attempts,
        version=job.version,
        cancel_requested=job.cancel_requested,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def _error(stored: dict[str, Any], lang: Lang) -> JobError:
    code = str(stored["code"])
    kind = error_classes().get(code)
    return JobError(
        type=f"/problems/{code}",
        title=title_of(kind) if kind else code,
        code=code,
        detail=reason_of(stored, lang),
    )
