"""Road legs from an outside OSRM or Valhalla server, in place of the graph of imported roads.

A server knows its own roads, speeds and surfaces; the season is ours: ``TravelParams.server_dry``
and ``server_wet`` are laid over its times. Where a server does not answer, or not sensibly, the
table fails: nothing is ever put in place of its answer. The forms of questions and answers are
those of the two projects' documentation: OSRM 5.18 or newer (``/table``, ``/route``, ``/nearest``),
Valhalla 3.1 or newer (``/sources_to_targets``, ``/route``, ``/locate``, ``/status``).
"""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

import httpx
import numpy as np
import numpy.typing as npt

from geodata.errors import (
    BadRoadServer,
    RoadServerFailed,
    RoadServerRefused,
    RoadServerUnclear,
)
from geodata.graph import FloatArray, Snaps, distances_m
from geodata.speeds import Vehicle

logger = logging.getLogger(__name__)

TIMEOUT_S = 60.0
TRIES = 3
WAIT_S = 1.0  # before the second try, twice that before the third
BLOCK = 50  # a side of a question: 50 x 50 is what both servers answer as installed
APART_M = 100.0  # two positions this far apart cannot be no time apart
DECIMALS = 6
BUSY = frozenset({429, 500, 502, 503, 504})


class Served(NamedTuple):
    """Seconds and metres from each position (row) to each; infinite where there is no way."""

    seconds: FloatArray
    metres: FloatArray


class RoadServer(ABC):
    """What is asked of a server; answers are remembered as long as the object lives.

    Parameters
    ----------
    url
        ``http`` or ``https``, with the path under which the services lie.
    block
        How many points a question holds on either side; a server may allow more or fewer.
    wait_s
        Seconds before a question is repeated.

    Raises
    ------
    BadRoadServer
        When ``url`` is none, or has a password in it.
    """

    kind: ClassVar[str]
    mode = "road"

    def __init__(self, url: str, *, block: int = BLOCK, wait_s: float = WAIT_S) -> None:
        self.url = _checked_url(url)
        self.block = block
        self._wait_s = wait_s
        self._client = httpx.Client(timeout=TIMEOUT_S)
        self._told: str | None = None
        self._snapped: dict[tuple[Vehicle, bytes], Snaps] = {}
        self._tables: dict[tuple[Vehicle, bytes], Served] = {}
        self._routes: dict[tuple[Vehicle, bytes], FloatArray] = {}

    def snap(self, xy: FloatArray, vehicle: Vehicle) -> Snaps:
        """Find where lon, lat positions meet the roads, on no piece of ours.

        Raises
        ------
        RoadServerFailed, RoadServerRefused, RoadServerUnclear
            As for every question: no answer in time, an error in answer, an answer of another form.
        """
        key = (vehicle, xy.tobytes())
        if key not in self._snapped:
            position = np.full((len(xy), 2), np.nan)
            for rows in self._blocks(len(xy)):
                position[rows] = self._snap(xy[rows], vehicle)
            gap_m = np.full(len(xy), np.inf)
            known = np.isfinite(position[:, 0])
            gap_m[known] = distances_m(xy[known], position[known])
            position[~known] = xy[~known]
            n = len(xy)
            self._snapped[key] = Snaps(
                piece=np.full(n, -1),
                along_m=np.zeros(n),
                position=np.round(position, DECIMALS),
                gap_m=gap_m,
            )
        return self._snapped[key]

    def table(
        self, xy: FloatArray, vehicle: Vehicle, on_progress: Callable[[float], None] | None = None
    ) -> Served:
        """Give the times and distances between positions on the roads.

        ``on_progress`` is called with the share that is done, up to 1.
        """
        key = (vehicle, xy.tobytes())
        if key not in self._tables:
            n = len(xy)
            served = Served(np.full((n, n), np.inf), np.full((n, n), np.inf))
            blocks = list(product(self._blocks(n), repeat=2))
            for done, (rows, columns) in enumerate(blocks, 1):
                part = self._table(xy[rows], xy[columns], vehicle)
                served.seconds[rows, columns], served.metres[rows, columns] = part
                if on_progress:
                    on_progress(done / len(blocks))
            self._check(served, xy)
            self._tables[key] = served
        return self._tables[key]

    def route(self, start: FloatArray, end: FloatArray, vehicle: Vehicle) -> FloatArray:
        """Give the line, lon, lat, of the way from one position on the roads to another."""
        key = (vehicle, np.concatenate([start, end]).tobytes())
        if key not in self._routes:
            self._routes[key] = self._route(start, end, vehicle)
        return self._routes[key]

    def identity(self, at: tuple[float, float]) -> list[str]:
        """Tell what its answers depend on: address, and edition of its map where it says so.

        ``at`` is any position in its area.
        """
        if self._told is None:
            self._told = self._edition(at)
        return [self.kind, self.url, self._told]

    @abstractmethod
    def _snap(self, xy: FloatArray, vehicle: Vehicle) -> FloatArray:
        """Give positions on the roads; NaN where there is none."""

    @abstractmethod
    def _table(self, start: FloatArray, end: FloatArray, vehicle: Vehicle) -> Served:
        """Give a block of a table."""

    @abstractmethod
    def _route(self, start: FloatArray, end: FloatArray, vehicle: Vehicle) -> FloatArray:
        """Give a line."""

    @abstractmethod
    def _edition(self, at: tuple[float, float]) -> str:
        """Tell which edition of the map the server has; nothing when it does not say."""

    def _blocks(self, n: int) -> Iterator[slice]:
        return (slice(k, min(k + self.block, n)) for k in range(0, n, self.block))

    def _check(self, served: Served, xy: FloatArray) -> None:
        """Refuse a time of nothing between places that are apart, and half an answer."""
        if (np.isfinite(served.seconds) != np.isfinite(served.metres)).any():
            raise self._unclear("table", "a time without a distance, or the reverse")
        for i, j in np.argwhere(served.seconds <= 0):
            metres = float(distances_m(xy[[i]], xy[[j]])[0])
            if metres > APART_M:
                found = f"{served.seconds[i, j]:g} s, {metres:.0f} m, {_at(xy[i])} - {_at(xy[j])}"
                raise self._unclear("table", found)

    def _ask(self, service: str, path: str, **request: Any) -> Any:  # noqa: ANN401 (JSON)
        """Ask a question, again where the server was busy or silent, and give the JSON answer."""
        method = "POST" if "json" in request else "GET"
        reason = ""
        for n_tries in range(1, TRIES + 1):
            try:
                answer = self._client.request(method, self.url + path, **request)
                reason = f"HTTP {answer.status_code}"
                if answer.status_code not in BUSY or self._is_about_question(answer):
                    return self._read(service, answer)
            except httpx.HTTPError as error:
                reason = str(error) or type(error).__name__
            logger.warning("road server, try %d of %d: %s", n_tries, TRIES, reason)
            if n_tries < TRIES:
                time.sleep(self._wait_s * n_tries)
        raise RoadServerFailed(place=self.url, reason=reason, tries=TRIES)

    @staticmethod
    def _is_about_question(answer: httpx.Response) -> bool:
        """Tell whether an error is one of the server's own, which no repetition changes."""
        return answer.status_code == 500 and b'"error_code"' in answer.content

    def _read(self, service: str, answer: httpx.Response) -> Any:  # noqa: ANN401 (JSON)
        try:
            document = answer.json()
        except ValueError as error:
            raise self._unclear(service, f"HTTP {answer.status_code}, {error}") from error
        if answer.is_success:
            return document
        said = document if isinstance(document, dict) else {}
        words = (said.get(name) for name in ("code", "error_code", "message", "error"))
        reason = " ".join(str(word) for word in words if word is not None)[:200]
        raise RoadServerRefused(
            place=self.url, service=service, reason=reason or f"HTTP {answer.status_code}"
        )

    def _unclear(self, service: str, found: object) -> RoadServerUnclear:
        return RoadServerUnclear(
            place=self.url, kind=self.kind, service=service, found=str(found)[:200]
        )

    def _parsed(self, service: str, document: object, parse: Callable[[Any], Any]) -> Any:  # noqa: ANN401
        """Take from an answer what it should have."""
        try:
            return parse(document)
        except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
            raise self._unclear(service, f"{type(error).__name__} {error}") from error


class Osrm(RoadServer):
    """An OSRM server. It knows one profile, whatever the vehicle: the one its map was made with."""

    kind = "osrm"

    def _get(self, service: str, xy: FloatArray, **query: str) -> Any:  # noqa: ANN401 (JSON)
        places = ";".join(_at(position) for position in xy)
        document = self._ask(service, f"/{service}/v1/driving/{places}", params=query)
        if not isinstance(document, dict) or document.get("code") != "Ok":
            raise self._unclear(service, document)
        return document

    def _snap(self, xy: FloatArray, vehicle: Vehicle) -> FloatArray:  # noqa: ARG002
        # Each point is also the source of a table; one destination keeps the question small.
        # A table of one place is refused: it is asked for twice.
        places = np.repeat(xy, 2, axis=0) if len(xy) == 1 else xy
        document = self._get("table", places, destinations="0")

        def parse(answer: Any) -> FloatArray:  # noqa: ANN401 (JSON)
            found = [source["location"] for source in answer["sources"]]
            return np.array(found, dtype=np.float64).reshape(len(places), 2)

        return np.asarray(self._parsed("table", document, parse)[: len(xy)])

    def _table(self, start: FloatArray, end: FloatArray, vehicle: Vehicle) -> Served:  # noqa: ARG002
        n, k = len(start), len(end)
        document = self._get(
            "table",
            np.concatenate([start, end]),
            sources=";".join(map(str, range(n))),
            destinations=";".join(map(str, range(n, n + k))),
            annotations="duration,distance",
        )

        def parse(answer: Any) -> Served:  # noqa: ANN401 (JSON)
            return Served(
                _numbers(answer["durations"], (n, k)), _numbers(answer["distances"], (n, k))
            )

        return Served(*self._parsed("table", document, parse))

    def _route(self, start: FloatArray, end: FloatArray, vehicle: Vehicle) -> FloatArray:  # noqa: ARG002
        query = {"overview": "full", "geometries": "geojson"}
        document = self._get("route", np.stack([start, end]), **query)

        def parse(answer: Any) -> FloatArray:  # noqa: ANN401 (JSON)
            line = answer["routes"][0]["geometry"]["coordinates"]
            return np.array(line, dtype=np.float64).reshape(-1, 2)

        return np.asarray(self._parsed("route", document, parse))

    def _edition(self, at: tuple[float, float]) -> str:
        return str(self._get("nearest", np.array([at])).get("data_version", ""))


class Valhalla(RoadServer):
    """A Valhalla server, which knows vehicles."""

    kind = "valhalla"

    # A car with four driven wheels takes tracks as well as other roads.
    COSTING: ClassVar[Mapping[Vehicle, tuple[str, Mapping[str, float]]]] = {
        Vehicle.CAR: ("auto", {}),
        Vehicle.FOUR_WHEEL_DRIVE: ("auto", {"use_tracks": 1.0}),
        Vehicle.MOTORCYCLE: ("motorcycle", {}),
    }

    def _post(self, service: str, vehicle: Vehicle, **question: object) -> Any:  # noqa: ANN401
        costing, options = self.COSTING[vehicle]
        body = {"costing": costing, "costing_options": {costing: dict(options)}, **question}
        return self._ask(service, f"/{service}", json=body)

    def _snap(self, xy: FloatArray, vehicle: Vehicle) -> FloatArray:
        document = self._post("locate", vehicle, locations=_lat_lon(xy), verbose=False)

        def parse(found: Any) -> list[tuple[float, float]]:  # noqa: ANN401 (JSON)
            if len(found) != len(xy):
                raise ValueError(f"{len(found)} of {len(xy)} locations")
            return [_nearest_edge(place) for place in found]

        return np.asarray(self._parsed("locate", document, parse), dtype=np.float64)

    def _table(self, start: FloatArray, end: FloatArray, vehicle: Vehicle) -> Served:
        document = self._post(
            "sources_to_targets", vehicle,
            sources=_lat_lon(start), targets=_lat_lon(end), units="kilometers", verbose=True,
        )  # fmt: skip
        shape = (len(start), len(end))

        def parse(answer: Any) -> Served:  # noqa: ANN401 (JSON)
            if answer.get("units", "kilometers") not in {"kilometers", "km"}:
                raise ValueError(f"units {answer['units']}")
            rows = answer["sources_to_targets"]
            seconds, km = (
                _numbers([[cell[name] for cell in row] for row in rows], shape)
                for name in ("time", "distance")
            )
            return Served(seconds, km * 1000)

        return Served(*self._parsed("sources_to_targets", document, parse))

    def _route(self, start: FloatArray, end: FloatArray, vehicle: Vehicle) -> FloatArray:
        places = _lat_lon(np.stack([start, end]))
        document = self._post("route", vehicle, locations=places, directions_type="none")

        def parse(answer: Any) -> FloatArray:  # noqa: ANN401 (JSON)
            return np.concatenate([decode_line(leg["shape"]) for leg in answer["trip"]["legs"]])

        return np.asarray(self._parsed("route", document, parse))

    def _edition(self, at: tuple[float, float]) -> str:  # noqa: ARG002
        document = self._ask("status", "/status")
        return str(self._parsed("status", document, lambda d: d.get("tileset_last_modified", "")))


def road_server(kind: str, url: str, *, block: int = BLOCK) -> RoadServer:
    """Make the client of a server, ``osrm`` or ``valhalla``; it is first asked when needed."""
    return {"osrm": Osrm, "valhalla": Valhalla}[kind](url, block=block)


def decode_line(text: str) -> FloatArray:
    """Decode a line written as text, lon, lat: Google's polyline format with six decimals.

    Each coordinate is the difference to the one before, latitude first, in groups of five bits from
    the lowest, 63 added to each, 32 to all but the last; the lowest bit of the whole is the sign.
    """
    numbers, value, shift = [], 0, 0
    for letter in text.encode("ascii"):
        value |= (letter - 63 & 31) << shift
        shift += 5
        if letter - 63 < 32:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value, shift = 0, 0
    if shift or len(numbers) % 2 or not numbers:
        raise ValueError("incomplete line")
    return np.cumsum(np.array(numbers).reshape(-1, 2), axis=0)[:, ::-1] / 1e6


def _numbers(rows: Any, shape: tuple[int, int]) -> FloatArray:  # noqa: ANN401 (JSON)
    """Read a table in which null is no way."""
    values: npt.NDArray[np.float64] = np.array(rows, dtype=np.float64)
    if values.shape != shape:
        raise ValueError(f"{values.shape} values for {shape} places")
    if (values < 0).any():
        raise ValueError(f"{np.nanmin(values)} is below 0")
    return np.where(np.isnan(values), np.inf, values)


def _nearest_edge(place: Any) -> tuple[float, float]:  # noqa: ANN401 (JSON)
    """Read where a location meets its first road, the nearest; NaN where there is none."""
    edges = place.get("edges")
    if not edges:
        return np.nan, np.nan
    return float(edges[0]["correlated_lon"]), float(edges[0]["correlated_lat"])


def _lat_lon(xy: FloatArray) -> list[dict[str, float]]:
    return [{"lat": round(y, DECIMALS), "lon": round(x, DECIMALS)} for x, y in xy.tolist()]


def _at(position: FloatArray) -> str:
    return f"{position[0]:.{DECIMALS}f},{position[1]:.{DECIMALS}f}"


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    is_address = parts.scheme in {"http", "https"} and parts.hostname
    if not is_address or "@" in parts.netloc or parts.query or parts.fragment:
        raise BadRoadServer(value=f"{parts.scheme}://{parts.hostname or ''}"[:100])
    return url.rstrip("/")
