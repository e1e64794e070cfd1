"""Features from a server on this machine that behaves, and one that does not."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from shapely.geometry import Point, box, mapping

from geodata import limits
from geodata.boundaries import read_villages
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
from geodata.oapif import download_collection

Answer = Callable[[BaseHTTPRequestHandler], None]


class Office:
    """A server whose answers a test sets; remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        office = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                office.asked.append(self.path)
                answer = office.answers.get(urlsplit(self.path).path)
                with suppress(OSError):  # the client has gone
                    answer(self) if answer else self.send_error(404)

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def set(self, path: str, document: object, **headers: str) -> None:
        self.answers[path] = lambda request: send(request, orjson.dumps(document), headers)

    def collection(self, name: str, features: list, page: int = 1000, announced=None) -> None:
        """Serve a collection in pages, as ``limit`` and ``offset`` ask, at most ``page`` each."""
        path = f"/ogc/collections/{name}/items"

        def answer(request):
            query = parse_qs(urlsplit(request.path).query)
            offset = int(query.get("offset", ["0"])[0])
            size = min(page, int(query["limit"][0]))
            part = features[offset : offset + size]
            links = [{"rel": "self", "href": path}]
            if offset + size < len(features):
                # Relative, as the standard allows.
                links.append({"rel": "next", "href": f"items?offset={offset + size}&limit={size}"})
            n_matched = len(features) if announced is None else announced
            document = {"type": "FeatureCollection", "features": part, "links": links,
                        "numberMatched": n_matched}  # fmt: skip
            send(request, orjson.dumps(document), {})

        self.answers[path] = answer


def send(request, content: bytes, headers) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "application/geo+json")
    request.send_header("Content-Length", str(len(content)))
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(content)


def villages(n: int) -> list:
    return [
        {"type": "Feature",
         "properties": {"kode_desa": f"62.02.01.{1001 + i}", "nama_desa": f"Desa {i}"},
         "geometry": mapping(box(112 + i / 8, -2, 112 + (i + 1) / 8, -1.875))}
        for i in range(n)
    ]  # fmt: skip


def points(n: int) -> list:
    return [{**one, "geometry": mapping(Point(112, -2))} for one in villages(n)]


@pytest.fixture
def office(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    office = Office()
    yield office
    office.close()


def fetch(url, tmp_path, max_features=100):
    return download_collection(url, tmp_path, max_features=max_features, allow_local=True)


@pytest.mark.parametrize("tail", ["", "/", "/items", "/items?limit=10"])
def test_a_collection_is_read_page_by_page(office, tmp_path, tail):
    office.collection("desa", villages(7), page=3)
    result = read_villages(fetch(f"{office.url}/ogc/collections/desa{tail}", tmp_path))
    assert result.frame["code"].tolist() == [f"62.02.01.{1001 + i}" for i in range(7)]
    assert result.frame.geometry.iloc[6].equals(box(112.75, -2, 112.875, -1.875))
    assert (result.accepted, result.findings) == (7, ())
    assert len(office.asked) == 3


def test_what_the_address_asks_for_is_asked_on_every_page(office, tmp_path):
    office.collection("desa", villages(1))
    path = fetch(f"{office.url}/ogc/collections/desa?kunci=rahasia", tmp_path)
    assert office.asked == ["/ogc/collections/desa/items?kunci=rahasia&limit=1000"]
    assert path.name == "desa.geojson"


@pytest.mark.parametrize("start", ["/ogc", "/ogc/", "/ogc/collections"])
def test_the_one_collection_of_areas_is_found(office, tmp_path, start):
    entries = [{"id": name} for name in ("kantor desa", "desa", "kosong")]
    office.set("/ogc/collections", {"collections": entries})
    office.collection("kantor%20desa", points(2))
    office.collection("desa", villages(2))
    office.collection("kosong", [])
    result = read_villages(fetch(f"{office.url}{start}", tmp_path))
    assert result.accepted == 2
    assert "/ogc/collections/kantor%20desa/items?limit=10" in office.asked


@pytest.mark.parametrize(
    ("served", "error", "found"),
    [
        ({"desa": villages(1), "kecamatan": villages(1)}, AmbiguousCollection, "desa, kecamatan"),
        ({"kantor": points(1), "kosong": []}, MissingCollection, "kantor, kosong"),
        ({}, MissingCollection, "-"),
    ],
    ids=["several", "none", "nothing"],
)
def test_no_collection_is_guessed(office, tmp_path, served, error, found):
    office.set("/ogc/collections", {"collections": [{"id": name} for name in served]})
    for name, features in served.items():
        office.collection(name, features)
    with pytest.raises(error) as caught:
        fetch(f"{office.url}/ogc", tmp_path)
    assert caught.value.params == {"place": f"{office.url}/ogc", "found": found}


@pytest.mark.parametrize(("limit", "is_read"), [(2, True), (1, False)])
def test_the_number_of_collections_is_limited(office, tmp_path, monkeypatch, limit, is_read):
    monkeypatch.setattr(limits, "MAX_COLLECTIONS", limit)
    office.set("/ogc/collections", {"collections": [{"id": "desa"}, {"id": "kantor"}]})
    office.collection("desa", villages(1))
    office.collection("kantor", points(1))
    if is_read:
        assert fetch(f"{office.url}/ogc", tmp_path).name == "desa.geojson"
    else:
        with pytest.raises(AmbiguousCollection):
            fetch(f"{office.url}/ogc", tmp_path)
        assert len(office.asked) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "[::1]"])
def test_this_machine_is_not_asked_without_leave(office, tmp_path, host):
    url = office.url.replace("127.0.0.1", host) + "/ogc/collections/desa"
    with pytest.raises(LocalAddress, match="no public address"):
        download_collection(url, tmp_path, max_features=1)
    assert office.asked == []


@pytest.mark.parametrize(
    ("address", "is_local"),
    [
        ("10.0.0.1", True), ("172.16.0.1", True), ("192.168.1.1", True), ("169.254.169.254", True),
        ("100.64.0.1", True), ("224.0.0.1", True), ("fc00::1", True), ("fe80::1", True),
        ("::ffff:127.0.0.1", True), ("9.255.255.255", False), ("11.0.0.1", False),
        ("172.32.0.1", False),
    ],
)  # fmt: skip
def test_what_a_name_leads_to_is_judged(monkeypatch, tmp_path, address, is_local):
    """Also when only one of its addresses is local; a public one is connected to and refuses."""
    places = [("9.9.9.9", 80), (address, 80)] if is_local else [(address, 80)]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: found)
    asked = []

    def connect(_self, place):
        asked.append(place)
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(LocalAddress if is_local else RemoteFailed):
        download_collection("http://peta.example/collections/desa", tmp_path, max_features=1)
    assert asked == ([] if is_local else [(address, 80)])


def test_encrypted_addresses_are_judged_too(tmp_path):
    with pytest.raises(LocalAddress, match=r"127\.0\.0\.1"):
        download_collection("https://127.0.0.1:1/collections/desa", tmp_path, max_features=1)


def test_no_proxy_is_asked_without_leave(office, tmp_path, monkeypatch):
    """It would connect to whatever it is told."""
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", office.url)
    with pytest.raises(LocalAddress):
        download_collection("http://127.0.0.1:1/collections/desa", tmp_path, max_features=1)
    assert office.asked == []


@pytest.mark.parametrize(
    "url",
    ["http://", "http://user:sandi@127.0.0.1/collections/desa", "ftp://127.0.0.1/collections/desa",
     "file:///etc/passwd", "http://127.0.0.1:port/collections/a", "http://127.0.0.1/a\nb"],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_repeating_a_password(tmp_path, url):
    with pytest.raises(BadAddress) as caught:
        fetch(url, tmp_path)
    assert "sandi" not in str(caught.value)


def test_a_server_that_says_no_is_told(office, tmp_path):
    with pytest.raises(RemoteFailed) as caught:
        fetch(f"{office.url}/ogc/collections/desa?kunci=rahasia", tmp_path)
    place = f"{office.url}/ogc/collections/desa/items"
    assert caught.value.params == {"place": place, "reason": "HTTP 404"}


def test_a_server_that_is_not_there_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    with pytest.raises(RemoteFailed, match="refused"):
        fetch(f"http://127.0.0.1:{port}/collections/desa", tmp_path)


@pytest.mark.parametrize(("pause_s", "is_read"), [(0.0, True), (1.0, False)])
def test_a_silent_server_is_left(office, tmp_path, monkeypatch, pause_s, is_read):
    monkeypatch.setattr(limits, "REMOTE_TIMEOUT_S", 0.4)
    office.collection("desa", villages(1))
    answer = office.answers["/ogc/collections/desa/items"]

    def late(request):
        time.sleep(pause_s)
        answer(request)

    office.answers["/ogc/collections/desa/items"] = late
    if is_read:
        assert fetch(f"{office.url}/ogc/collections/desa", tmp_path).exists()
    else:
        with pytest.raises(RemoteFailed, match="timed out"):
            fetch(f"{office.url}/ogc/collections/desa", tmp_path)


def test_a_server_that_drips_is_left(office, tmp_path, monkeypatch):
    """Never silent for long, and never done."""
    monkeypatch.setattr(limits, "REMOTE_TOTAL_S", 0.4)

    def drip(request):
        request.send_response(200)
        request.end_headers()
        for _ in range(100):
            request.wfile.write(b" ")
            time.sleep(0.02)

    office.answers["/ogc/collections/desa/items"] = drip
    started = time.perf_counter()
    with pytest.raises(RemoteFailed, match=r"> 0\.4 s"):
        fetch(f"{office.url}/ogc/collections/desa", tmp_path)
    assert time.perf_counter() - started < 1.5


@pytest.mark.parametrize("spare", [0, -1])
def test_the_bytes_of_all_pages_are_limited(office, tmp_path, monkeypatch, spare):
    office.collection("desa", villages(2), page=1)
    sizes: list[int] = []
    answer = office.answers["/ogc/collections/desa/items"]

    def weighed(request):
        write = request.wfile.write
        request.wfile.write = lambda content: (sizes.append(len(content)), write(content))
        answer(request)

    office.answers["/ogc/collections/desa/items"] = weighed
    fetch(f"{office.url}/ogc/collections/desa", tmp_path)
    bodies = [size for size in sizes if size > 250]  # not the heads
    assert len(bodies) == 2
    monkeypatch.setattr(limits, "MAX_REMOTE_BYTES", sum(bodies) + spare)
    if spare == 0:
        assert fetch(f"{office.url}/ogc/collections/desa", tmp_path).exists()
    else:
        with pytest.raises(FileTooLarge, match=str(sum(bodies))):
            fetch(f"{office.url}/ogc/collections/desa", tmp_path)


@pytest.mark.parametrize(("limit", "is_read"), [(5, True), (4, False)])
def test_the_number_of_features_is_limited(office, tmp_path, limit, is_read):
    office.collection("desa", villages(5), page=2)
    if is_read:
        path = fetch(f"{office.url}/ogc/collections/desa", tmp_path, limit)
        assert len(orjson.loads(path.read_bytes())["features"]) == 5
    else:
        with pytest.raises(TooManyFeatures, match="more than 4"):
            fetch(f"{office.url}/ogc/collections/desa", tmp_path, limit)


@pytest.mark.parametrize("announced", [4, 2])
def test_other_features_than_announced_are_refused(office, tmp_path, announced):
    office.collection("desa", villages(3), announced=announced)
    with pytest.raises(RemoteIncomplete) as caught:
        fetch(f"{office.url}/ogc/collections/desa", tmp_path)
    assert (caught.value.params["expected"], caught.value.params["value"]) == (announced, 3)


def test_an_answer_cut_short_is_refused(office, tmp_path):
    def cut(request):
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b'{"type": "FeatureCollection", "features": []}')

    office.answers["/ogc/collections/desa/items"] = cut
    with pytest.raises(RemoteFailed):
        fetch(f"{office.url}/ogc/collections/desa", tmp_path)


def test_pages_that_go_round_in_circles_end(office, tmp_path):
    url = "/ogc/collections/desa/items"
    office.set(url, {"type": "FeatureCollection", "features": villages(1),
                     "links": [{"rel": "next", "href": f"{url}?limit=1000"}]})  # fmt: skip
    fetch(f"{office.url}/ogc/collections/desa", tmp_path)
    assert len(office.asked) == 1


@pytest.mark.parametrize("how", ["redirect", "next"])
@pytest.mark.parametrize("target", ["http://localhost:{port}/x", "http://127.0.0.1:{other}/x",
                                    "file:///etc/passwd", "ftp://127.0.0.1/x"])  # fmt: skip
def test_no_other_server_is_asked(office, tmp_path, how, target):
    port = office.server.server_port
    address = target.format(port=port, other=port + 1)
    page = {"type": "FeatureCollection", "features": villages(1),
            "links": [{"rel": "next", "href": address}]}  # fmt: skip

    def redirect(request):
        request.send_response(302)
        request.send_header("Location", address)
        request.send_header("Content-Length", "0")
        request.end_headers()

    office.set("/ogc/collections/desa/items", page)
    if how == "redirect":
        office.answers["/ogc/collections/desa/items"] = redirect
    office.set("/x", page)
    # The library itself does not follow a redirect to a file.
    with pytest.raises((RemoteElsewhere, RemoteFailed), match=r"is not followed|HTTP 302"):
        fetch(f"{office.url}/ogc/collections/desa", tmp_path)
    assert len(office.asked) == 1


def test_a_redirect_on_the_same_server_is_followed(office, tmp_path):
    office.collection("desa", villages(1))

    def redirect(request):
        request.send_response(301)
        request.send_header("Location", "/ogc/collections/desa/items?limit=5")
        request.send_header("Content-Length", "0")
        request.end_headers()

    office.answers["/lama/collections/desa/items"] = redirect
    assert fetch(f"{office.url}/lama/collections/desa", tmp_path).exists()


@pytest.mark.parametrize(
    ("document", "reason"),
    [(["a"], "list"), ({"type": "Map"}, "type: Map"),
     ({"type": "FeatureCollection", "features": [1]}, "type: FeatureCollection")],
)  # fmt: skip
def test_other_documents_are_refused(office, tmp_path, document, reason):
    office.set("/ogc/collections/desa/items", document)
    with pytest.raises(UnreadableSource, match=reason):
        fetch(f"{office.url}/ogc/collections/desa", tmp_path)


def test_a_page_for_people_is_refused(office, tmp_path):
    office.answers["/ogc/collections/desa/items"] = lambda r: send(r, b"<html></html>", {})
    with pytest.raises(UnreadableSource, match="OGC API Features"):
        fetch(f"{office.url}/ogc/collections/desa", tmp_path)


@pytest.mark.parametrize(
    ("crs", "is_read"),
    [("<http://www.opengis.net/def/crs/OGC/1.3/CRS84>", True),
     ("<http://www.opengis.net/def/crs/EPSG/0/4326>", False)],
)  # fmt: skip
def test_features_with_latitude_first_are_refused(office, tmp_path, crs, is_read):
    page = {"type": "FeatureCollection", "features": villages(1)}
    office.set("/ogc/collections/desa/items", page, Content_Crs=crs)
    if is_read:
        assert fetch(f"{office.url}/ogc/collections/desa", tmp_path).exists()
    else:
        with pytest.raises(WrongCrs, match="4326"):
            fetch(f"{office.url}/ogc/collections/desa", tmp_path)


def test_a_collections_name_is_no_path(office, tmp_path):
    office.collection("..%2F..%2Frahasia", villages(1))
    path = fetch(f"{office.url}/ogc/collections/..%2F..%2Frahasia", tmp_path)
    assert path.parent == tmp_path
