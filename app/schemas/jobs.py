"""Bodies of jobs and problems."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class JobError(BaseModel):
    """Why a job failed; ``type`` and ``title`` as in a problem document."""

    type: str
    title: str
    code: str
    detail: str


class JobOut(BaseModel):
    """One run of background work."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "job_id": 9,
                    "kind": "solve",
                    "state": "doing",
                    "plan_id": 3,
                    "progress": {
                        "phase": "solve",
                        "elapsed_s": 4.5,
                        "value": 380.2,
                        "bound": 384.9,
                    },
                    "result": None,
                    "error": None,
                    "attempts": 1,
                    "version": 12,
                    "cancel_requested": False,
                    "created_at": "2026-11-22T08:00:00Z",
                    "started_at": "2026-11-22T08:00:01Z",
                    "finished_at": None,
                }
            ]
        }
    )

    job_id: int
    kind: str = Field(description="solve, import, campaign, plan_all or reproduce.")
    state: str = Field(description="todo, doing, succeeded, failed or cancelled.")
    plan_id: int | None
    campaign_id: int | None = None
    progress: dict[str, Any] | None
    result: dict[str, Any] | None = Field(
        description="What came of it: the report of an import, the summary of a solve."
    )
    error: JobError | None
    attempts: int
    version: int = Field(description="Grows with whatever happens to the job.")
    cancel_requested: bool
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None


class JobList(BaseModel):
    """Jobs, the newest first."""

    items: list[JobOut]


class ProblemDocument(BaseModel):
    """A problem document (RFC 9457); more members may say more."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
