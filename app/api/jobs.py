"""A job's state, and its cancellation."""

from fastapi import APIRouter

from app.api.deps import JobId, LangDep, ReadDep, SessionDep
from app.api.problems import error_classes, problems, title_of
from app.errors import JobFinished, JobNotFound
from app.jobs.lease import find, request_cancel
from app.models import Job
from app.schemas.jobs import JobError, JobOut
from app.texts import Lang
from app.texts_id import ERRORS_ID

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])


@router.get(
    "/{job_id}",
    operation_id="read_job",
    summary="Read a job's state and progress",
    responses=problems(JobNotFound),
)
def read_job(session: ReadDep, job_id: JobId, lang: LangDep) -> JobOut:
    """Give the state, the progress while it runs, and its result or error at the end."""
    return job_out(find(session, job_id), lang)


@router.post(
    "/{job_id}/cancel",
    operation_id="cancel_job",
    status_code=202,
    summary="Cancel a job",
    responses=problems(JobNotFound, JobFinished),
)
def cancel_job(session: SessionDep, job_id: JobId, lang: LangDep) -> JobOut:
    """Ask a job to stop.

    One still to do is cancelled at once. A solve that runs stops at its next check point, keeps
    the best plan so far and ends `cancelled`; an import stores nothing.
    """
    return job_out(request_cancel(session, job_id), lang)


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
        cancel_requested=job.cancel_requested,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def _error(stored: dict[str, object], lang: Lang) -> JobError:
    """Word a stored error; it was stored as code, facts and English sentence."""
    code, params = str(stored["code"]), stored["params"]
    kind = error_classes().get(code)
    detail = str(stored["detail"])
    if lang == "id" and code in ERRORS_ID and isinstance(params, dict):
        detail = ERRORS_ID[code].format(**params)
    return JobError(
        type=f"/problems/{code}",
        title=title_of(kind) if kind else code,
        code=code,
        detail=detail,
    )
