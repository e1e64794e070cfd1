"""The course of a job as server-sent events."""

import math
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Annotated

import anyio
from fastapi import APIRouter, Header, Query, Request
from sqlmodel import select
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from app.access_errors import TooManyRequests, Unauthorised
from app.api.deps import EngineDep, JobId, LangDep, ReadDep
from app.api.guard import CallerDep
from app.api.jobs import job_out
from app.api.problems import problems
from app.areas import limit
from app.credentials import account_behind
from app.db import reading
from app.errors import JobNotFound
from app.jobs.lease import find
from app.models import FINAL, Job

LOOK_S = 0.5
# Proxies close what is silent; a comment is not an event.
ALIVE_S = 15.0
# More than a browser opens; each asks the database twice a second.
MOST_STREAMS = 20
_EVENT = re.compile(r"([0-9]{1,10})\.([0-9]{1,9})")
HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])


@router.get(
    "/{job_id}/events",
    operation_id="follow_job",
    summary="Follow a job",
    response_class=Response,
    responses={
        200: {
            "description": "Events `job`, each with the whole job as its data.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        204: {"description": "The job has ended and `Last-Event-ID` names its last event."},
        **problems(JobNotFound),
    },
)
def follow_job(
    request: Request,
    session: ReadDep,
    engine: EngineDep,
    caller: CallerDep,
    job_id: JobId,
    lang: LangDep,
    wait_s: Annotated[
        int, Query(ge=0, le=600, description="The stream ends after so long; then come again.")
    ] = 300,
    last_event_id: Annotated[
        str | None, Header(description="The last event that is known; browsers send it.")
    ] = None,
) -> Response:
    """Send the job whenever something happened to it, the last time when it has ended.

    Each event holds the whole state, and its id is the job's number and its `version`. Who comes
    back with `Last-Event-ID` gets what is known now, if that is newer; 204: there is no more to
    come. The id of an event of another job says nothing here. An account has at most 20 streams
    open at once.
    """
    streams: Counter[str] = request.app.state.streams
    if streams[caller.account] >= MOST_STREAMS:
        raise TooManyRequests(seconds=math.ceil(ALIVE_S))
    job = find(session, job_id)
    known = _known(job, last_event_id)
    if job.state in FINAL and job.version <= known:
        return Response(status_code=204)

    def news(since: int) -> Job | None:
        """Read the job if it is newer; who is shut out meanwhile hears nothing more."""
        with reading(engine) as session:
            account = account_behind(session, caller.credential_id)
            if account is None or (account.role, account.area) != (caller.role, caller.area):
                raise Unauthorised
            limit(session, caller.area)
            return session.exec(
                select(Job).where(Job.id == job_id, Job.version > since)
            ).one_or_none()

    stream = _stream(news, lambda job: job_out(job, lang).model_dump_json(), known, wait_s)
    counted = _counted(stream, streams, caller.account)
    return StreamingResponse(counted, media_type="text/event-stream", headers=HEADERS)


def _known(job: Job, last_event_id: str | None) -> int:
    """Tell which version of a job is known by an event's id; -1: none, or none of this job."""
    event = _EVENT.fullmatch(last_event_id or "")
    if event is None or int(event[1]) != job.id or int(event[2]) > job.version:
        return -1
    return int(event[2])


async def _counted(
    stream: AsyncIterator[str], streams: Counter[str], account: str
) -> AsyncIterator[str]:
    """Count a stream as open until it ends, or nobody listens any more."""
    streams[account] += 1
    try:
        async for event in stream:
            yield event
    finally:
        streams[account] -= 1


async def _stream(
    news: Callable[[int], Job | None], write: Callable[[Job], str], known: int, wait_s: int
) -> AsyncIterator[str]:
    ends = time.monotonic() + wait_s
    spoken = time.monotonic()
    while True:
        try:
            job = await run_in_threadpool(news, known)
        except Unauthorised:
            return
        if job is not None:
            known, spoken = job.version, time.monotonic()
            yield f"id: {job.id}.{job.version}\nevent: job\ndata: {write(job)}\n\n"
            if job.state in FINAL:
                return
        if time.monotonic() >= ends:
            return
        if time.monotonic() - spoken > ALIVE_S:
            spoken = time.monotonic()
            yield ": alive\n\n"
        await anyio.sleep(LOOK_S)
