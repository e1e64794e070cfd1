"""Whether the service answers, and its description."""

from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlmodel import select

from app import __version__
from app.api.deps import EngineDep
from app.api.problems import problems
from app.db import reading
from app.errors import DatabaseUnavailable

router = APIRouter(prefix="/api/v1", tags=["service"])


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


@router.get("/openapi.json", include_in_schema=False)
def read_openapi(request: Request) -> dict[str, Any]:
    """Describe the API."""
    schema: dict[str, Any] = request.app.openapi()
    return schema
