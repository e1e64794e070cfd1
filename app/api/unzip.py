"""Bodies that a telephone sent compressed, because it pays for every kilobyte."""

import zlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import problems

# Of zlib: a gzip header and its check sum are expected.
_GZIP = 16 + zlib.MAX_WBITS


class Unzip:
    """Unpacks bodies with ``Content-Encoding: gzip``; no more than a plain body may hold."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the body unpacked."""
        if scope["type"] != "http" or not _is_gzip(scope):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        try:
            body = await _unpacked(receive)
        except zlib.error as error:
            await _not_gzip(request, error)(scope, receive, send)
            return
        except HTTPException:  # of BodyLimit: the packed body is too large already
            body = None
        if body is None:
            too_large = problems.of_error(request, problems.too_large(request))
            await too_large(scope, receive, send)
            return
        headers = MutableHeaders(scope=scope)
        del headers["content-encoding"]
        headers["content-length"] = str(len(body))
        await self.app(scope, _once(body, receive), send)


def _not_gzip(request: Request, error: zlib.error) -> Response:
    status, title, _ = problems.PLAIN["bad-request"]
    return problems.problem(
        request, slug="bad-request", status=status, title=title, detail=f"gzip: {error}"
    )


def _is_gzip(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    is_gzip = headers.get("content-encoding", "").strip().lower() == "gzip"
    return is_gzip and not problems.takes_uploads(scope["path"])


async def _unpacked(receive: Receive) -> bytes | None:
    """Unpack a body as it arrives; None as soon as it is larger than a body may be."""
    unpacker = zlib.decompressobj(_GZIP)
    body = bytearray()
    while True:
        message = await receive()
        body += unpacker.decompress(message.get("body", b""), problems.BODY_LIMIT + 1 - len(body))
        if len(body) > problems.BODY_LIMIT:
            return None
        if not message.get("more_body", False):
            break
    if not unpacker.eof:
        raise zlib.error("the body ends too early")
    return bytes(body)


def _once(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return waiting.pop() if waiting else await receive()

    return give
