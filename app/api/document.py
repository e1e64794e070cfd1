"""What the API's own document says of statuses that the framework and the doors answer with."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from app.access_errors import TooManyRequests
from app.api.allowance import RATES
from app.api.problems import MEDIA_TYPE, PLAIN, status_of, title_of
from app.errors import BodyTooLarge, DatabaseUnavailable, SomebodyWasFaster

_SCHEMA = {"$ref": "#/components/schemas/ProblemDocument"}


def install(app: FastAPI) -> None:
    """Let the document of ``app`` name these statuses with each operation that may answer so."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(made())
        return made()

    app.openapi = openapi  # type: ignore[method-assign]  # how FastAPI says it is extended


def _complete(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for method, operation in operations.items():
            for status, title in _besides(method, operation):
                content = {MEDIA_TYPE: {"schema": _SCHEMA}}
                answer = {"description": title, "content": content}
                operation["responses"].setdefault(str(status), answer)


def _besides(method: str, operation: dict[str, Any]) -> Iterator[tuple[int, str]]:
    if "requestBody" in operation:
        yield PLAIN["bad-request"][:2]
        yield status_of(BodyTooLarge), title_of(BodyTooLarge)
    if operation["operationId"] in RATES:
        yield status_of(TooManyRequests), title_of(TooManyRequests)
    if method != "get":
        yield status_of(SomebodyWasFaster), title_of(SomebodyWasFaster)
    yield status_of(DatabaseUnavailable), title_of(DatabaseUnavailable)
