"""How many requests are worked on at once: fewer than there are threads, so that none starves.

A request that writes keeps a connection, and often a lock, from its first question to its commit,
and needs a thread for each step between. When every thread waits for such a lock, the one that
holds it finds no thread to commit in, and all stand still until a time limit ends some of them.
"""

from asyncio import Semaphore

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.guard import PREFIX, PUBLIC
from app.db import THREADS

AT_ONCE = THREADS // 2  # the other threads find out who asks, and answer probes


class Turns:
    """Lets ``AT_ONCE`` requests in; the others wait here, with neither thread nor connection.

    A turn begins when the whole body is here, so that a slow telephone keeps none, and ends when
    the answer begins: by then everything is committed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app, self._free = app, Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on in turn."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(PREFIX) or path in PUBLIC:
            await self.app(scope, receive, send)
            return
        turn = _Turn(self._free)

        async def whole() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body", False):
                await turn.begin()
            return message

        async def answering(message: Message) -> None:
            if message["type"] == "http.response.start":
                turn.end()
            await send(message)

        if not _has_body(scope):
            await turn.begin()
        try:
            await self.app(scope, whole, answering)
        finally:
            turn.end()


class _Turn:
    """A request's turn: taken once, given back once, however often it is asked for."""

    def __init__(self, free: Semaphore) -> None:
        self._free = free
        self._is_over = self._is_on = False

    async def begin(self) -> None:
        if self._is_on or self._is_over:
            return
        await self._free.acquire()
        self._is_on = True

    def end(self) -> None:
        self._is_over = True
        if self._is_on:
            self._is_on = False
            self._free.release()


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
