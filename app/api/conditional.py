"""Answers with a strong ETag: encoded once, kept in memory, 304 when the client has them."""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

from starlette.requests import Request
from starlette.responses import Response

CACHE_BYTES = 128 << 20
COMPRESS_FROM = 500
GZIP_LEVEL = 4
# Clients keep an answer but ask each time whether it still holds; no shared cache keeps it.
CACHE_CONTROL = "private, no-cache"


@dataclass(frozen=True, slots=True)
class Representation:
    """One body as sent, plain or gzip; each has an ETag of its own, as a strong one must."""

    body: bytes
    etag: str
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A body in the encodings it is sent in."""

    plain: Representation
    zipped: Representation | None

    @property
    def size(self) -> int:
        """Bytes it keeps in memory."""
        return len(self.plain.body) + (len(self.zipped.body) if self.zipped else 0)


def encode(body: bytes, edition: str | None = None) -> Document:
    """Prepare a body for sending; its ETag is its digest, or the edition it is known by."""
    digest = edition or hashlib.sha256(body).hexdigest()[:32]
    plain = Representation(body, f'"{digest}"')
    if len(body) < COMPRESS_FROM:
        return Document(plain, None)
    zipped = gzip.compress(body, GZIP_LEVEL, mtime=0)
    return Document(plain, Representation(zipped, f'"{digest}-gzip"', "gzip"))


class DocumentCache:
    """The documents used last, within a limit of bytes; safe for threads."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit, self._size = limit, 0
        self._kept: OrderedDict[Hashable, Document] = OrderedDict()
        self._lock = Lock()

    def get(
        self, key: Hashable, build: Callable[[], bytes], edition: str | None = None
    ) -> Document:
        """Give the document kept under ``key``, or build and keep it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        document = encode(build(), edition)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = document
                self._size += document.size
            while self._size > self._limit:
                self._size -= self._kept.popitem(last=False)[1].size
        return document


def respond(request: Request, document: Document, media_type: str) -> Response:
    """Send a document, or 304 when ``If-None-Match`` names the representation meant."""
    chosen = document.plain
    if document.zipped is not None and _takes_gzip(request.headers.get("accept-encoding", "")):
        chosen = document.zipped
    headers = _headers(chosen.etag)
    if _names(request.headers.get("if-none-match", ""), chosen.etag):
        return Response(status_code=304, headers=headers)
    if chosen.encoding:
        headers["Content-Encoding"] = chosen.encoding
    return Response(chosen.body, media_type=media_type, headers=headers)


def unchanged(request: Request, edition: str) -> Response | None:
    """Answer 304 when the client has this edition of a document, without making the document."""
    told = request.headers.get("if-none-match", "")
    takes_zipped = _takes_gzip(request.headers.get("accept-encoding", ""))
    # The tag of what would be sent: both bodies were made from the same edition.
    for etag in ([f'"{edition}-gzip"'] if takes_zipped else []) + [f'"{edition}"']:
        if _names(told, etag):
            return Response(status_code=304, headers=_headers(etag))
    return None


def _headers(etag: str) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": CACHE_CONTROL, "Vary": "Accept-Encoding"}


def _names(if_none_match: str, etag: str) -> bool:
    # RFC 9110 13.1.2: compared weakly, so that a proxy's W/ does not matter.
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag in tags


def _takes_gzip(accept_encoding: str) -> bool:
    for part in accept_encoding.split(","):
        name, _, weight = part.partition(";")
        if name.strip().lower() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
