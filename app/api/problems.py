"""Every error as one shape: a problem document (RFC 9457) in the language of the request."""

import errno
import logging
import re
from collections.abc import Iterable
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access_errors import STATUS as ACCESS_STATUS
from app.access_errors import OutsideArea, RoleRefused, TooManyRequests, Unauthorised
from app.db import is_read_only
from app.edit_errors import STATUS as EDIT_STATUS
from app.errors import (
    STATUS,
    AppError,
    BodyTooLarge,
    DatabaseReadOnly,
    DatabaseUnavailable,
    DiskFull,
    SomebodyWasFaster,
    UploadTooLarge,
)
from app.lifecycle_errors import STATUS as LIFECYCLE_STATUS
from app.photo_errors import STATUS as PHOTO_STATUS
from app.readiness_errors import STATUS as READINESS_STATUS
from app.request_errors import STATUS as REQUEST_STATUS
from app.results.errors import STATUS as RESULTS_STATUS
from app.schemas.jobs import ProblemDocument
from app.target_errors import STATUS as TARGET_STATUS
from app.texts import language, render
from geodata.errors import GeodataError
from routing.errors import RoutingError

log = logging.getLogger(__name__)

_STATUS = {
    **STATUS,
    **ACCESS_STATUS,
    **LIFECYCLE_STATUS,
    **EDIT_STATUS,
    **RESULTS_STATUS,
    **REQUEST_STATUS,
    **READINESS_STATUS,
    **PHOTO_STATUS,
    **TARGET_STATUS,
    GeodataError: 422,
    RoutingError: 422,
}

MEDIA_TYPE = "application/problem+json"
BODY_LIMIT = 1 << 20
RETRY_AFTER_S = 5
AWAY = (OperationalError, InterfaceError, PoolTimeout)
"""What is raised when a database does not answer, hung up, or gave no connection in time."""
# A multipart upload is a little larger than its file.
MULTIPART_OVERHEAD = 64 << 10
FAMILIES = (AppError, GeodataError, RoutingError)
PLAIN: dict[str, tuple[int, str, str]] = {
    "bad-request": (400, "The request cannot be read", "The body is not what its type promises."),
    "not-found": (404, "No such address", "Nothing is served at this address."),
    "method-not-allowed": (405, "Wrong method", "This address wants another method; see Allow."),
    "http-error": (0, "The request is refused", "The status tells why."),
    "validation-error": (
        422,
        "The request does not fit the API",
        "Each member of `errors` points to what is wrong: a JSON pointer from the body, the query "
        "or the path, and what is expected there. See /api/v1/openapi.json.",
    ),
    "internal-error": (
        500,
        "An error inside the service",
        "A fault of the service, not of the request. The server's log has its trace.",
    ),
}
"""Problems that are no error class of ours: slug to status, title and what it means."""
SLUGS = {400: "bad-request", 404: "not-found", 405: "method-not-allowed"}


def code_of(kind: type[Exception]) -> str:
    """Give the slug of an error class: its code, or its name in kebab case."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()
    return str(getattr(kind, "code", name))


def title_of(kind: type[Exception]) -> str:
    """Give the fixed title of an error class: the first sentence of its docstring."""
    return (kind.__doc__ or kind.__name__).strip().split("\n")[0].rstrip(".")


def status_of(kind: type[Exception]) -> int:
    """Give the HTTP status of an error class, its own or its nearest base's."""
    return next((_STATUS[base] for base in kind.__mro__ if base in _STATUS), 500)


def error_classes() -> dict[str, type[Exception]]:
    """List every error class of the product by its slug."""
    found: dict[str, type[Exception]] = {}
    waiting: list[type[Exception]] = list(FAMILIES)
    while waiting:
        kind = waiting.pop()
        found[code_of(kind)] = kind
        waiting.extend(kind.__subclasses__())
    return found


def problems(*kinds: type[Exception]) -> dict[int | str, dict[str, Any]]:
    """Describe in OpenAPI the problems that an operation can raise."""
    by_status: dict[int, list[type[Exception]]] = {}
    for kind in (*kinds, Unauthorised, RoleRefused, OutsideArea):
        by_status.setdefault(status_of(kind), []).append(kind)
    described = {status: _described(status, found) for status, found in by_status.items()}
    described.setdefault(422, _described(422, []))
    return {status: described[status] for status in sorted(described)}


def _described(status: int, kinds: Iterable[type[Exception]]) -> dict[str, Any]:
    titles = {code_of(kind): title_of(kind) for kind in kinds}
    if status == 422:
        titles["validation-error"] = PLAIN["validation-error"][1]
    examples = {
        slug: {
            "value": {
                "type": f"/problems/{slug}",
                "title": title,
                "status": status,
                "detail": title,
                "instance": "/api/v1/...",
            }
        }
        for slug, title in titles.items()
    }
    return {
        "model": ProblemDocument,
        "description": "; ".join(titles.values()),
        "content": {MEDIA_TYPE: {"examples": examples}},
    }


def problem(
    request: Request,
    *,
    slug: str,
    status: int,
    title: str,
    detail: str,
    headers: dict[str, str] | None = None,
    **members: object,
) -> Response:
    """Build a problem document about this request."""
    body = {
        "type": f"/problems/{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **members,
    }
    try:
        written = orjson.dumps(body, default=str)
    except TypeError:  # what was sent, and is told again, may be more than JSON can say
        plain = {name: value if name == "status" else _plain(value) for name, value in body.items()}
        written = orjson.dumps(plain)
    return Response(written, status, media_type=MEDIA_TYPE, headers=headers or {})


def _plain(value: object) -> str:
    return str(value).encode(errors="backslashreplace").decode()


def of_error(request: Request, error: Exception) -> Response:
    """Answer with one of our own errors; its parameters become members."""
    lang = language(request.query_params.get("lang"), request.headers.get("accept-language"))
    status = status_of(type(error))
    reserved = {"type", "title", "status", "detail", "instance", "slug", "headers", "request"}
    params = getattr(error, "params", {})
    members = {name: value for name, value in params.items() if name not in reserved}
    headers: dict[str, str] = {"Content-Language": lang}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="jemput-bola"'
    if isinstance(error, DatabaseUnavailable | DatabaseReadOnly):
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.params["seconds"])
    return problem(
        request,
        slug=code_of(type(error)),
        status=status,
        title=title_of(type(error)),
        detail=render(error, lang),
        headers=headers,
        **members,
    )


def _of_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError(f"{error!r} is no HTTPException")
    if error.status_code == 413:
        return of_error(request, too_large(request))
    cause = error.__cause__
    if isinstance(cause, OSError) and is_full(cause):  # a form is kept in a file while it comes in
        return _of_disk(request, cause)
    slug = SLUGS.get(error.status_code, "http-error")
    _, title, meaning = PLAIN[slug]
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = _allowed(request) or headers.get("Allow", "")
    return problem(
        request,
        slug=slug,
        status=error.status_code,
        title=title,
        detail=error.detail if slug in {"http-error", "bad-request"} else meaning,
        headers=headers,
    )


def _allowed(request: Request) -> str:
    """List the methods of an address: the router knows those of its first operation only."""
    allowed: set[str] = set()
    for template, operations in request.app.openapi()["paths"].items():
        pattern = re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, request.url.path):
            allowed.update(method.upper() for method in operations)
    if "GET" in allowed and answers_head(request.url.path):
        allowed.add("HEAD")
    return ", ".join(sorted(allowed))


def answers_head(path: str) -> bool:
    """Tell whether an address that answers GET answers HEAD; a stream of events does not."""
    return not path.endswith("/events")


def takes_uploads(path: str) -> bool:
    """Tell whether a request for ``path`` may carry a file."""
    return path.startswith("/api/v1/imports/") or path.endswith("/photos")


def too_large(request: Request) -> Exception:
    """Give the refusal of a body beyond the limit of its address."""
    if takes_uploads(request.url.path):
        return UploadTooLarge(limit_mb=request.app.state.settings.max_upload_mb)
    return BodyTooLarge(limit_kb=BODY_LIMIT >> 10)


def _of_validation(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise TypeError(f"{error!r} is no RequestValidationError")
    faults = [
        {"pointer": _pointer(fault["loc"]), "detail": fault["msg"]} for fault in error.errors()
    ]
    status, title, _ = PLAIN["validation-error"]
    detail = "; ".join(f"{fault['pointer']}: {fault['detail']}" for fault in faults)
    return problem(
        request, slug="validation-error", status=status, title=title, detail=detail, errors=faults
    )


def _pointer(place: Iterable[object]) -> str:
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in place]
    return "#/" + "/".join(parts)


def of_database(request: Request, error: Exception) -> Response:
    """Answer for a database that is away, takes no changes, or whose disk is full."""
    if is_read_only(error):
        log.error("the database takes no changes", exc_info=error)
        return of_error(request, DatabaseReadOnly())
    if _FULL.search(str(getattr(error, "orig", error))):
        log.error("the disk of the database is full", exc_info=error)
        return of_error(request, DiskFull(place="database"))
    log.error("the database does not answer", exc_info=error)
    return of_error(request, DatabaseUnavailable())


def _of_conflict(request: Request, error: Exception) -> Response:
    """Answer where another request changed rows since this one looked; anything else is a bug."""
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    if request.method in {"GET", "HEAD"} or code not in _TAKEN:
        raise error
    log.warning("somebody was faster", exc_info=error)
    return of_error(request, SomebodyWasFaster())


def _of_disk(request: Request, error: Exception) -> Response:
    if not is_full(error):
        raise error
    log.error("a disk is full", exc_info=error)
    return of_error(request, DiskFull(place=request.app.state.settings.data_dir.name))


def is_full(error: object) -> bool:
    """Tell whether a file could not be written because its disk, or what it may hold, is full."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


# PostgreSQL's unique_violation and foreign_key_violation. SQLite has one writer: there no request
# changes anything between another's look and its rows.
_TAKEN = {"23505", "23503"}
# In the words of SQLite and of PostgreSQL.
_FULL = re.compile("disk is full|No space left on device|Disk quota exceeded", re.IGNORECASE)


def install(app: FastAPI) -> None:
    """Make every refusal of ``app`` a problem document."""
    for family in FAMILIES:
        app.add_exception_handler(family, of_error)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    for kind in AWAY:
        app.add_exception_handler(kind, of_database)
    app.add_exception_handler(IntegrityError, _of_conflict)
    app.add_exception_handler(OSError, _of_disk)


class Bugs:
    """Answers what nobody expected with a 500 that says nothing of the inside, and logs its trace.

    Inside the other middleware, so that such an answer too has their headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and catch."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            if scope["type"] != "http" or started:
                raise
            request = Request(scope)
            log.exception("bug", extra={"method": request.method, "path": request.url.path})
            status, title, meaning = PLAIN["internal-error"]
            answer = problem(
                request, slug="internal-error", status=status, title=title, detail=meaning
            )
            await answer(scope, receive, send)
