"""Who may ask: names of the host, origins of pages, the token. And what every answer carries."""

import ipaddress
import secrets
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access_errors import Unauthorised
from app.api import problems
from app.errors import AppError, HostRefused, OriginRefused
from app.settings import Settings, is_loopback

PREFIX = "/api/"
PUBLIC = frozenset({"/api/v1/health"})
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# MapLibre starts its worker from a file of ours or a blob and writes styles into elements.
POLICY = (
    "default-src 'self'; worker-src 'self' blob:; img-src 'self' data: blob:; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Door:
    """Refuses before a body is read.

    With a token every request for ``/api`` must carry it, but for health. Without one the server
    listens to this machine only, and two ways in remain that a page from elsewhere may try: a name
    of its own that points here (refused by the Host header), and writing without reading the answer
    (refused by the Origin header).
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._token = settings.token.get_secret_value().encode() if settings.token else None
        self._origins = frozenset(settings.cors_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer with the reason why not."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self.app(scope, receive, send)
            return
        answer = problems.of_error(Request(scope), refusal)
        await answer(scope, receive, send)

    def _refusal(self, scope: Scope) -> AppError | None:
        headers = Headers(scope=scope)
        if self._token is not None:
            return None if self._may_pass(scope["path"], headers) else Unauthorised()
        host = headers.get("host", "")
        if not _is_here(host):
            return HostRefused(host=host[:200])
        origin = headers.get("origin")
        foreign = origin is not None and _host_of(origin) != host
        if foreign and scope["method"] not in READING and not self._allows(origin):
            return OriginRefused(origin=(origin or "")[:200])
        return None

    def _may_pass(self, path: str, headers: Headers) -> bool:
        if not path.startswith(PREFIX) or path in PUBLIC:
            return True
        scheme, _, given = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and secrets.compare_digest(
            given.strip().encode(), self._token or b""
        )

    def _allows(self, origin: str | None) -> bool:
        return origin in self._origins or "*" in self._origins


def _host_of(origin: str) -> str:
    """Give the host and port of an origin; nothing for what is no address."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _is_here(host: str) -> bool:
    """Tell whether a Host header names this machine: localhost or a loopback address."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost"
    return is_loopback(name)


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
