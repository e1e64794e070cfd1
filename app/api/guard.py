"""Who may ask: who is signed in, origins of pages, roles. And what every answer carries."""

from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access import Caller, require_role
from app.access_errors import Unauthorised
from app.api import problems
from app.credentials import caller_of
from app.errors import AppError, DatabaseUnavailable, OriginRefused, UnusableInput
from app.models import CredentialKind
from app.settings import Settings
from app.usable import is_usable

if TYPE_CHECKING:
    from app.api.allowance import Allowances

PREFIX = "/api/"
PUBLIC = frozenset({"/api/v1/health"})
# Pages that want to know who looks at them; others hold no data.
PERSONAL = ("/account", "/sign-in", "/sign-out")
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# MapLibre starts its worker from a file of ours or a blob and writes styles into elements.
POLICY = (
    "default-src 'self'; worker-src 'self' blob:; img-src 'self' data: blob:; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# The field page asks where the phone is; nothing else of the machine is asked for.
PERMISSIONS = "geolocation=(self), camera=(), microphone=(), payment=(), usb=()"
SECURITY_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
}


class Door:
    """Finds out who asks, and refuses before a body is read.

    Every request for ``/api`` but health must come with a token or from a browser that is signed
    in. A browser sends its cookie whatever page it shows, so a request that writes must come from
    a page of ours (``Origin``); a token is sent by nobody by accident.
    """

    def __init__(self, app: ASGIApp, settings: Settings, engine: Engine) -> None:
        self.app, self._engine = app, engine
        self._cookie = cookie_name(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer with the reason why not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = await self._refusal(Request(scope))
        if refusal is None:
            await self.app(scope, receive, send)
            return
        answer = problems.of_error(Request(scope), refusal)
        await answer(scope, receive, send)

    async def _refusal(self, request: Request) -> AppError | None:
        """Note who asks as ``state.caller``; tell why the request may not pass."""
        path, headers = request.url.path, request.headers
        is_api = path.startswith(PREFIX)
        has_token = bool(_token(headers)[0])
        if request.method not in READING and not has_token and _is_foreign(headers):
            return OriginRefused(origin=headers.get("origin", "")[:200])
        request.state.caller = None
        if not is_api and not path.startswith(PERSONAL):
            return None
        try:
            request.state.caller = await run_in_threadpool(self._caller, request)
        except problems.AWAY as error:
            problems.log.error("the database does not answer", exc_info=error)
            return None if path in PUBLIC else DatabaseUnavailable()
        is_guarded = is_api and path not in PUBLIC
        return Unauthorised() if is_guarded and request.state.caller is None else None

    def _caller(self, request: Request) -> Caller | None:
        scheme, given = _token(request.headers)
        if scheme:
            token = given.strip() if scheme.lower() == "bearer" else ""
            return caller_of(self._engine, token, [CredentialKind.TOKEN]) if token else None
        cookie = request.cookies.get(self._cookie)
        return caller_of(self._engine, cookie, [CredentialKind.SESSION]) if cookie else None


def _token(headers: Headers) -> tuple[str, str]:
    """Split the header of tokens; an empty one is none, and the cookie counts."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return scheme, given


def cookie_name(settings: Settings) -> str:
    """Name the cookie: browsers keep those of one host's ports together."""
    return f"jemput_bola_{settings.port}"


def _is_foreign(headers: Headers) -> bool:
    """Tell whether the page that sends this is somebody else's."""
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") in {"cross-site", "same-site"}
    try:
        return urlsplit(origin).netloc != headers.get("host", "")
    except ValueError:
        return True


async def _caller(request: Request) -> Caller:
    caller: Caller | None = request.state.caller
    if caller is None:
        raise Unauthorised
    return caller


CallerDep = Annotated[Caller, Depends(_caller)]


def operation_of(request: Request) -> str:
    """Name the operation that a request was led to."""
    route = request.scope["route"]
    return str(getattr(route, "operation_id", None) or route.name)


async def guard(request: Request, caller: CallerDep) -> None:
    """Let only those roles pass that do this, and nobody too often."""
    operation = operation_of(request)
    require_role(caller, operation, reads=request.method in READING)
    allowances: Allowances = request.app.state.allowances
    allowances.spend(operation, caller.account)


# Each report of a telephone is judged by itself, so that one does not keep the others back.
_JUDGES_ITSELF = frozenset({"report_results"})


async def usable(request: Request) -> None:
    """Refuse, in one place for all, what neither a database nor an answer can hold.

    The body is judged as the framework has read it: as JSON or as a form.
    """
    form = getattr(request, "_form", None)
    fields = [] if form is None else [(k, v) for k, v in form.multi_items() if isinstance(v, str)]
    is_judged = operation_of(request) not in _JUDGES_ITSELF
    given: dict[str, object] = {
        "path": request.path_params,
        "query": request.query_params.multi_items(),
        "form": fields,
        "body": getattr(request, "_json", None) if is_judged else None,
    }
    for place, values in given.items():
        if not is_usable(values):
            raise UnusableInput(place=place)


class BodyLimit:
    """Refuses a body that is larger than anything the address takes, before or while it arrives.

    The framework has such a limit too, but answers some cases with plain text.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._upload_limit = (settings.max_upload_mb << 20) + problems.MULTIPART_OVERHEAD

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, counting."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._upload_limit if problems.takes_uploads(scope["path"]) else problems.BODY_LIMIT
        told = Headers(scope=scope).get("content-length", "")
        if told.isdecimal() and int(told) > limit:
            answer = problems.of_error(Request(scope), problems.too_large(Request(scope)))
            await answer(scope, receive, send)
            return
        taken = 0

        async def counting() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, counting, send)


class Head:
    """Answers HEAD as GET; the server leaves the body out.

    A stream of events has no end, and so no headers of an answer that is complete.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; a copy, so that the server knows what was asked."""
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        if not is_head or not problems.answers_head(scope["path"]):
            await self.app(scope, receive, send)
            return
        asked = {**scope, "method": "GET"}
        try:
            await self.app(asked, receive, send)
        finally:
            if "route" in asked:  # for who counts and logs
                scope["route"] = asked["route"]


class SecurityHeaders:
    """Adds to every answer what browsers should know."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with the headers added."""

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, adding if scope["type"] == "http" else send)
