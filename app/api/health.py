"""Whether the service answers, and its description."""

from shutil import disk_usage
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import select

from app import __version__
from app.api.deps import EngineDep, SettingsDep
from app.api.problems import AWAY, problems
from app.db import head, reading, revision
from app.errors import DatabaseUnavailable

LEAST_FREE = 64 << 20
"""Bytes on the disk of the data folder below which no work should be sent here."""

router = APIRouter(prefix="/api/v1", tags=["service"])
probes = APIRouter(include_in_schema=False)


class Health(BaseModel):
    """The service and its database answer."""

    status: Literal["ok"] = "ok"
    version: str


@router.get(
    "/health",
    operation_id="read_health",
    summary="Tell whether the service and its database answer",
    responses=problems(DatabaseUnavailable),
)
def read_health(engine: EngineDep) -> Health:
    """Ask the database a question and tell the version; nobody needs to be signed in."""
    with reading(engine) as session:
        session.exec(select(1)).one()
    return Health(version=__version__)


@probes.get("/livez")
async def read_live() -> dict[str, str]:
    """Tell that the process answers; it asks nothing else, so that only a hung one is restarted."""
    return {"status": "ok"}


@probes.get("/readyz")
def read_ready(engine: EngineDep, settings: SettingsDep, response: Response) -> dict[str, Any]:
    """Tell whether requests should come here: database, its tables, room on the disk."""
    checks = {
        "database": _database(engine),
        "disk": "ok" if disk_usage(settings.data_dir).free >= LEAST_FREE else "full",
    }
    is_ready = set(checks.values()) == {"ok"}
    response.status_code = 200 if is_ready else 503
    return {"status": "ok" if is_ready else "unavailable", "checks": checks}


def _database(engine: Engine) -> str:
    try:
        with engine.connect() as connection:
            return "ok" if revision(connection) == head() else "other tables"
    except AWAY:
        return "away"


@router.get("/openapi.json", include_in_schema=False)
def read_openapi(request: Request) -> dict[str, Any]:
    """Describe the API."""
    schema: dict[str, Any] = request.app.openapi()
    return schema
