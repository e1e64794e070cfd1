"""A collection of OGC API Features (OAPIF) -> a GeoJSON file, with every wait and size bounded.

Only the server that was named is asked: redirects and next pages that lead elsewhere are refused.
Unless local addresses are allowed, only public ones are connected to, and directly: what a name
leads to is judged when the connection is made, so that it cannot change in between.
"""

import http.client
import ipaddress
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Any
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

import orjson

from geodata import limits
from geodata.errors import (
    AmbiguousCollection,
    BadAddress,
    FileTooLarge,
    LocalAddress,
    MissingCollection,
    RemoteElsewhere,
    RemoteFailed,
    RemoteIncomplete,
    TooManyFeatures,
    UnreadableSource,
    WrongCrs,
)
from geodata.outlines import AREAS

_EXPECTED = "OGC API Features"
_ACCEPT = "application/geo+json, application/json"
_COLLECTION = re.compile(r"(?P<base>.*/collections)(/(?P<id>[^/]+)(/items)?)?/?")
_CRS84 = re.compile(r"<?https?://www\.opengis\.net/def/crs/OGC/[^/]*/CRS84h?>?")
_SAMPLE = 10
_BLOCK = 1 << 16


def is_address(source: object) -> bool:
    """Tell whether a source is on the network and no file."""
    return isinstance(source, str) and bool(re.match(r"https?://", source, re.IGNORECASE))


def check_address(url: str) -> None:
    """Refuse what is no address of a server, before it is asked; raises ``BadAddress``."""
    _Server(url, allow_local=False)


def download_collection(
    url: str, folder: Path, *, max_features: int, allow_local: bool = False
) -> Path:
    """Fetch all features of a collection into ``folder``; the file is called like the collection.

    Parameters
    ----------
    url
        Of the collection, its items, the list of collections or the landing page; the last two
        when there is one collection of areas.
    max_features
        Inclusive.
    allow_local
        Whether the server may be on this machine or in a private network, or be reached through
        the proxy that the environment names.

    Raises
    ------
    BadAddress
        No http or https address, or one with a password in it.
    LocalAddress
        The address leads to no public one, and that is not allowed.
    RemoteFailed, RemoteElsewhere, RemoteIncomplete, UnreadableSource
        The server does not answer in time, sends errors, other things than features, or fewer
        than it announced.
    MissingCollection, AmbiguousCollection
        The server has no collection of areas, or several.
    FileTooLarge, TooManyFeatures
        A limit is passed.
    WrongCrs
        The features are not in longitude and latitude.
    """
    server = _Server(url, allow_local=allow_local)
    path = server.address.path.rstrip("/")
    match = _COLLECTION.fullmatch(path)
    if match and match["id"]:
        base, collection = match["base"], match["id"]
    else:
        base = match["base"] if match else f"{path}/collections"
        collection = _only_areas(server, base)
    features = _all_features(server, f"{base}/{collection}/items", max_features)
    target = folder / f"{re.sub(r'[^A-Za-z0-9_-]+', '_', collection)[:80]}.geojson"
    target.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": features}))
    return target


class _Server:
    """One server, and what may still be spent on it."""

    def __init__(self, url: str, *, allow_local: bool) -> None:
        try:
            self.address = urlsplit(url)
            _origin(self.address)
        except ValueError as error:
            raise BadAddress(value=url[:100]) from error
        has_secret = self.address.username is not None or self.address.password is not None
        if not is_address(url) or not self.address.hostname or has_secret or not url.isprintable():
            raise BadAddress(value=f"{self.address.scheme}://{self.address.hostname or ''}"[:100])
        self.place = shown_address(url)
        self._ends = time.monotonic() + limits.REMOTE_TOTAL_S
        self._n_bytes = 0
        public = () if allow_local else (urllib.request.ProxyHandler({}), _Public(), _PublicTls())
        self._opener = urllib.request.build_opener(_SameHost(self.check), *public)

    def url(self, path: str, **query: object) -> str:
        """Make an address on this server; what the given address asks for is kept."""
        kept = dict(parse_qsl(self.address.query)) | {key: str(query[key]) for key in query}
        parts = SplitResult(
            self.address.scheme, self.address.netloc, quote(path, "/%:@,"), urlencode(kept), ""
        )
        return urlunsplit(parts)

    def check(self, url: str) -> None:
        """Refuse an address on another server; the same one may ask for encryption."""
        given, other = _origin(self.address), _origin(urlsplit(url))
        encrypted = ("https", given[1], 443) if given[2] == 80 else given
        if other not in (given, encrypted):
            raise RemoteElsewhere(place=self.place, value=shown_address(url))

    def get(self, url: str) -> tuple[dict[str, Any], Mapping[str, str]]:
        """Fetch one JSON document and its headers."""
        self.check(url)
        request = urllib.request.Request(url, headers={"Accept": _ACCEPT})  # noqa: S310 (checked)
        try:
            with self._opener.open(request, timeout=limits.REMOTE_TIMEOUT_S) as answer:
                content = self._read(answer)
                headers = answer.headers
        except _NotPublic as error:
            raise LocalAddress(place=shown_address(url), value=error.value) from error
        except urllib.error.HTTPError as error:
            error.close()
            raise RemoteFailed(place=shown_address(url), reason=f"HTTP {error.code}") from error
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
            raise RemoteFailed(place=shown_address(url), reason=reason) from error
        try:
            document = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise self.unreadable(str(error)) from error
        if not isinstance(document, dict):
            raise self.unreadable(type(document).__name__)
        return document, headers

    def unreadable(self, reason: str) -> UnreadableSource:
        return UnreadableSource(place=self.place, expected=_EXPECTED, reason=reason)

    def _read(self, answer: HTTPResponse) -> bytes:
        blocks = []
        # read1 gives what has arrived: a server that drips is seen before the block is full.
        while block := answer.read1(_BLOCK):
            self._n_bytes += len(block)
            if self._n_bytes > limits.MAX_REMOTE_BYTES:
                limit = limits.MAX_REMOTE_BYTES
                raise FileTooLarge(place=self.place, value=self._n_bytes, limit=limit)
            if time.monotonic() > self._ends:
                raise TimeoutError(f"> {limits.REMOTE_TOTAL_S:g} s")
            blocks.append(block)
        if answer.length:  # bytes that were announced and did not come
            raise http.client.IncompleteRead(b"", answer.length)
        return b"".join(blocks)


def _origin(address: SplitResult) -> tuple[str, str | None, int]:
    default = 443 if address.scheme == "https" else 80
    return address.scheme, address.hostname, address.port or default


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follow a redirect only where the server itself may be asked."""

    def __init__(self, check: Any) -> None:  # noqa: ANN401 (a bound method)
        self._check = check

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str,
        headers: HTTPMessage, newurl: str,
    ) -> urllib.request.Request | None:  # fmt: skip
        self._check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _NotPublic(Exception):
    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


def _connect(
    address: tuple[str, int], timeout: float | None = None, _source: object = None
) -> socket.socket:
    """Connect to a name after judging all that it leads to."""
    found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
    for *_, place in found:
        ip = ipaddress.ip_address(str(place[0]).split("%")[0])
        if not ip.is_global or ip.is_multicast:
            raise _NotPublic(str(ip))
    family, kind, protocol, _, place = found[0]
    connection = socket.socket(family, kind, protocol)
    connection.settimeout(timeout)
    try:
        connection.connect(place)
    except OSError:
        connection.close()
        raise
    return connection


def _public(kind: Callable[..., http.client.HTTPConnection]) -> Any:  # noqa: ANN401 (as urllib has it)
    """Make connections of a kind that go to public addresses only."""

    def make(host: str, **options: Any) -> http.client.HTTPConnection:  # noqa: ANN401 (as urllib has it)
        connection = kind(host, **options)
        # The one place where the standard library lets one choose how a connection is made.
        vars(connection)["_create_connection"] = _connect
        return connection

    return make


class _Public(urllib.request.HTTPHandler):
    """Connect to public addresses only."""

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_public(http.client.HTTPConnection), req)


class _PublicTls(urllib.request.HTTPSHandler):
    """The same, encrypted."""

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_public(http.client.HTTPSConnection), req)


def _only_areas(server: _Server, base: str) -> str:
    """Find the one collection whose first features are areas."""
    document, _ = server.get(server.url(base))
    listed = document.get("collections")
    if not isinstance(listed, list):
        raise server.unreadable("collections")
    names = [str(entry["id"]) for entry in listed if isinstance(entry, dict) and "id" in entry]
    if len(names) > limits.MAX_COLLECTIONS:
        raise AmbiguousCollection(place=server.place, found=f"{', '.join(names[:20])}, ...")
    found = []
    for name in names:
        page, _ = server.get(server.url(f"{base}/{quote(name, '')}/items", limit=_SAMPLE))
        shapes = [feature.get("geometry") for feature in _page(server, page)]
        if any(isinstance(shape, dict) and shape.get("type") in AREAS for shape in shapes):
            found.append(name)
    if not found:
        raise MissingCollection(place=server.place, found=", ".join(names[:20]) or "-")
    if len(found) > 1:
        raise AmbiguousCollection(place=server.place, found=", ".join(found))
    return quote(found[0], "")


def _all_features(server: _Server, path: str, max_features: int) -> list[dict[str, Any]]:
    """Go from page to page until there is no next one."""
    url: str | None = server.url(path, limit=limits.PAGE_FEATURES)
    features: list[dict[str, Any]] = []
    announced: object = None
    seen: set[str] = set()
    while url is not None and url not in seen:
        seen.add(url)
        document, headers = server.get(url)
        crs = headers.get("Content-Crs")
        if crs and not _CRS84.fullmatch(crs.strip()):
            raise WrongCrs(place=server.place, value=crs[:60])
        page = _page(server, document)
        features += page
        if len(features) > max_features:
            raise TooManyFeatures(place=server.place, limit=max_features)
        announced = document.get("numberMatched", announced)
        url = _next(document, url) if page else None
    if isinstance(announced, int) and len(features) != announced:
        raise RemoteIncomplete(place=server.place, expected=announced, value=len(features))
    return features


def _page(server: _Server, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    features = document.get("features")
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise server.unreadable(f"type: {document.get('type')!s:.40}")
    return features


def _next(document: Mapping[str, Any], url: str) -> str | None:
    for link in document.get("links") or ():
        if isinstance(link, dict) and link.get("rel") == "next" and isinstance(link["href"], str):
            return urljoin(url, link["href"])
    return None


def shown_address(url: str) -> str:
    """Shorten an address for a message: what stands after ``?`` or before ``@`` may be a secret."""
    return re.sub(r"//[^/@]*@", "//", url.split("?")[0].split("#")[0])[:200]
