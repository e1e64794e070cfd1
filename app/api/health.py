"""Whether the service answers, and its description."""

import math
from pathlib import Path
from shutil import disk_usage
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import select

from app import __version__
from app.api.deps import EngineDep, SettingsDep
from app.api.problems import AWAY, problems
from app.db import head, reading, revision, takes_changes
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
        "disk": _disk(settings.data_dir),
    }
    is_ready = set(checks.values()) == {"ok"}
    response.status_code = 200 if is_ready else 503
    return {"status": "ok" if is_ready else "unavailable", "checks": checks}


def _database(engine: Engine) -> str:
    try:
        with engine.connect() as connection:
            if revision(connection) != head():
                return "other tables"
        return "ok" if takes_changes(engine) else "read only"
    except AWAY:
        return "away"


def _disk(folder: Path) -> str:
    free = bytes_free(folder)
    if math.isnan(free):
        return "away"
    return "ok" if free >= LEAST_FREE else "full"


def bytes_free(folder: Path) -> float:
    """Tell how much room is left on the disk of a folder; NaN when the folder is not there."""
    try:
        return disk_usage(folder).free
    except OSError:
        return math.nan


@router.get("/openapi.json", include_in_schema=False)
def read_openapi(request: Request) -> dict[str, Any]:
    """Describe the API."""
    schema: dict[str, Any] = request.app.openapi()
    return schema
