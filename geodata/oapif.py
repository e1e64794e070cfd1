"""A collection of OGC API Features (OAPIF) -> a GeoJSON file, with every wait and size bounded.

Only the server that was named is asked: redirects and next pages that lead elsewhere are refused.
"""

import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
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


def download_collection(url: str, folder: Path, *, max_features: int) -> Path:
    """Fetch all features of a collection into ``folder``; the file is called like the collection.

    Parameters
    ----------
    url
        Of the collection, its items, the list of collections or the landing page; the last two
        when there is one collection of areas.
    max_features
        Inclusive.

    Raises
    ------
    BadAddress
        No http or https address, or one with a password in it.
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
    server = _Server(url)
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

    def __init__(self, url: str) -> None:
        try:
            self.address = urlsplit(url)
            _origin(self.address)
        except ValueError as error:
            raise BadAddress(value=url[:100]) from error
        has_secret = self.address.username is not None or self.address.password is not None
        if not is_address(url) or not self.address.hostname or has_secret or not url.isprintable():
            raise BadAddress(value=f"{self.address.scheme}://{self.address.hostname or ''}"[:100])
        self.place = _shown(url)
        self._ends = time.monotonic() + limits.REMOTE_TOTAL_S
        self._n_bytes = 0
        self._opener = urllib.request.build_opener(_SameHost(self.check))

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
            raise RemoteElsewhere(place=self.place, value=_shown(url))

    def get(self, url: str) -> tuple[dict[str, Any], Mapping[str, str]]:
        """Fetch one JSON document and its headers."""
        self.check(url)
        request = urllib.request.Request(url, headers={"Accept": _ACCEPT})  # noqa: S310 (checked)
        try:
            with self._opener.open(request, timeout=limits.REMOTE_TIMEOUT_S) as answer:
                content = self._read(answer)
                headers = answer.headers
        except urllib.error.HTTPError as error:
            error.close()
            raise RemoteFailed(place=_shown(url), reason=f"HTTP {error.code}") from error
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
            raise RemoteFailed(place=_shown(url), reason=reason) from error
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


def _shown(url: str) -> str:
    """Shorten an address for a message: what stands after ``?`` may be a key."""
    return url.split("?")[0].split("#")[0][:200]
