"""Jobs as lists show them: what was asked, how far it is, why it failed."""

from typing import Any

from sqlmodel import Session, col, select

from app.errors import BadOption
from app.models import Job, JobState
from app.texts import Lang
from app.texts_id import ERRORS_ID


def state_named(text: str | None) -> JobState | None:
    """Read the name of a state.

    Raises
    ------
    BadOption
        When there is no such state.
    """
    if text is None:
        return None
    try:
        return JobState(text)
    except ValueError as error:
        raise BadOption(option="--state", value=text, accepted=" | ".join(JobState)) from error


def newest_jobs(session: Session, state: JobState | None = None, limit: int = 100) -> list[Job]:
    """Read jobs, the newest first; of ``failed`` ones ``error`` says why they were set aside."""
    query = select(Job).order_by(col(Job.id).desc()).limit(limit)
    if state is not None:
        query = query.where(Job.state == state)
    return list(session.exec(query))


def job_row(job: Job, lang: Lang) -> dict[str, Any]:
    """Give one line of a list."""
    return {
        "job_id": job.id,
        "kind": job.kind,
        "state": job.state,
        "plan_id": job.plan_id,
        "campaign_id": job.campaign_id,
        "attempts": job.attempts,
        "created_at": job.created_at.isoformat(),
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "reason": None if job.error is None else reason_of(job.error, lang),
    }


def reason_of(error: dict[str, Any], lang: Lang) -> str:
    """Word a stored error; it was stored as code, facts and English sentence."""
    code, params = str(error["code"]), error["params"]
    if lang == "id" and code in ERRORS_ID and isinstance(params, dict):
        return ERRORS_ID[code].format(**params)
    return str(error["detail"])
