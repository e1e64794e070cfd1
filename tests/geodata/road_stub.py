"""A road server on this machine: one road along the equator, answers in the published forms.

The forms were written by hand from the documentation of OSRM 5 (``docs/http.md``, services table,
route and nearest) and Valhalla 3 (``docs/api``, matrix, locate, route and status); no server was
asked, but a recorded answer of one is among the tests. Its cars do 36 km/h, so a metre takes a
tenth of a second. East of km 60 lies an island with a road of its own; north of km 30 no road is
known.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from tests.geodata.travel import EAST, LON, NORTH

Place = tuple[float, float]
METRES = 1000 / EAST  # in a degree of longitude
ISLAND = LON + 60 * EAST
FARTHEST = 30 * NORTH
BEND = 0.002  # degrees: half way, a road swings this far to the north


class RoadStub:
    """Listens on a free port; ``asked`` are the questions, ``failures`` what to say before those.

    ``edition`` is the edition of its map; ``spoil`` may change an answer before it is sent.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.failures: list[tuple[int, bytes]] = []
        self.edition = "2026-11-01"
        self.spoil = lambda _service, document: document
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                stub._answer(self, unquote(parts.path), query)

            def do_POST(self):
                body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stub.bodies.append(body)
                stub._answer(self, self.path, body)

            def log_message(self, *_args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def services(self) -> list[str]:
        """Name the services asked, in order."""
        return [path.split("/")[1] for path in self.asked]

    def _answer(self, request: BaseHTTPRequestHandler, path: str, query: dict[str, Any]) -> None:
        self.asked.append(path)
        status, content = 200, b""
        if self.failures:
            status, content = self.failures.pop(0)
        else:
            service = path.split("/")[1]
            answer = osrm(path, query, self) if "/v1/" in path else valhalla(service, query, self)
            changed = self.spoil(service, answer)
            content = changed if isinstance(changed, bytes) else orjson.dumps(changed)
        request.send_response(status)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)


def on_road(place: Place) -> Place:
    return (place[0], 0.0)


def metres(a: Place, b: Place) -> float | None:
    """Measure along the equator; None between the mainland and the island."""
    return None if (a[0] > ISLAND) != (b[0] > ISLAND) else abs(a[0] - b[0]) * METRES


def seconds(a: Place, b: Place) -> float | None:
    way = metres(a, b)
    return None if way is None else way / 10


def bent(a: Place, b: Place) -> list[Place]:
    return [on_road(a), ((a[0] + b[0]) / 2, BEND), on_road(b)]


def osrm(path: str, query: dict[str, str], stub: RoadStub) -> dict[str, Any]:
    _, service, version, profile, text = path.split("/")
    assert (version, profile) == ("v1", "driving")
    places = [tuple(map(float, pair.split(","))) for pair in text.split(";")]
    waypoints = [
        {"hint": "x", "distance": 0.0, "name": "", "location": list(on_road(p))} for p in places
    ]
    if service == "nearest":
        return {"code": "Ok", "waypoints": waypoints[:1], "data_version": stub.edition}
    if service == "route":
        assert (query["overview"], query["geometries"]) == ("full", "geojson")
        line = {"type": "LineString", "coordinates": bent(*places)}
        return {"code": "Ok", "waypoints": waypoints, "routes": [{"geometry": line, "legs": []}]}
    everything = ";".join(map(str, range(len(places))))
    start, end = (
        list(map(int, query.get(name, everything).split(";")))
        for name in ("sources", "destinations")
    )
    answer = {
        "code": "Ok",
        "durations": [[seconds(places[i], places[j]) for j in end] for i in start],
        "sources": [waypoints[i] for i in start],
        "destinations": [waypoints[j] for j in end],
    }
    if query.get("annotations") == "duration,distance":
        answer["distances"] = [[metres(places[i], places[j]) for j in end] for i in start]
    return answer


def valhalla(service: str, asked: dict[str, Any], stub: RoadStub) -> Any:
    if service == "status":
        return {"version": "3.5.1", "tileset_last_modified": stub.edition}

    def places(name: str) -> list[Place]:
        return [(place["lon"], place["lat"]) for place in asked[name]]

    if service == "locate":
        return [
            {
                "input_lon": lon,
                "input_lat": lat,
                "nodes": None,
                "edges": None
                if lat > FARTHEST
                else [
                    {"way_id": 1, "correlated_lon": lon, "correlated_lat": 0.0},
                    {"way_id": 2, "correlated_lon": lon + 1, "correlated_lat": 0.0},
                ],
            }
            for lon, lat in places("locations")
        ]
    if service == "route":
        shape = encode_line(bent(*places("locations")))
        return {"trip": {"status": 0, "units": "kilometers", "legs": [{"shape": shape}]}}
    assert service == "sources_to_targets"
    assert (asked["units"], asked["verbose"]) == ("kilometers", True)
    return {
        "algorithm": "costmatrix",
        "units": "kilometers",
        "sources_to_targets": [
            [
                {
                    "from_index": i,
                    "to_index": j,
                    "time": seconds(a, b),
                    "distance": None if (way := metres(a, b)) is None else way / 1000,
                }
                for j, b in enumerate(places("targets"))
            ]
            for i, a in enumerate(places("sources"))
        ],
    }


def encode_line(line: list[Place]) -> str:
    """Write a line as the polyline format says, six decimals, latitude first."""
    text, last = "", (0, 0)
    for lon, lat in line:
        here = (round(lat * 1e6), round(lon * 1e6))
        for number in (here[0] - last[0], here[1] - last[1]):
            value = ~(number << 1) if number < 0 else number << 1
            while value >= 32:
                text += chr((32 | value & 31) + 63)
                value >>= 5
            text += chr(value + 63)
        last = here
    return text
