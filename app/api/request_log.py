"""Every request by a number of its own, and one line in the log when it was answered."""

import logging
import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.logs import REQUEST

HEADER = "X-Request-ID"
# What a proxy gives its requests: a number, a UUID. Anything else is not taken into the log.
_NUMBER = re.compile(r"[A-Za-z0-9-]{8,64}")

log = logging.getLogger(__name__)


class Numbered:
    """Numbers requests, tells the number to whoever asked, and logs the end of each.

    The line names the template of the route and never the path, which may hold a secret.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with a number: the one that a proxy gave, or a new one."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        number = given if _NUMBER.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = number
        began, status = time.perf_counter(), 500

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        token = REQUEST.set(scope)  # type: ignore[arg-type]  # a scope is a mapping that changes
        try:
            await self.app(scope, receive, numbered)
        finally:
            ms = round((time.perf_counter() - began) * 1000)
            route = getattr(scope.get("route"), "path", "other")
            facts = {"method": scope["method"], "route": route, "status": status, "ms": ms}
            log.info("answered", extra=facts)
            REQUEST.reset(token)
