"""An outside road server in place of our roads; the stub says which world it knows."""

import socket

import numpy as np
import pytest

from geodata.cache import TravelCache
from geodata.errors import (
    BadRoadServer,
    RoadServerFailed,
    RoadServerRefused,
    RoadServerUnclear,
)
from geodata.graph import build_graph
from geodata.matrix import travel
from geodata.road_server import APART_M, Osrm, Valhalla, decode_line, road_server
from geodata.speeds import TravelParams, Vehicle
from geodata.webs import TravelMode
from tests.geodata.road_stub import BEND, RoadStub
from tests.geodata.travel import EAST, LON, at, lines, links, river

# What osrm-routed 6.0.0 answered about two places in Rome, on an extract of central Italy, with
# ``annotations=duration,distance``; published among the tests of the VisitWise project. Its hints,
# which nobody reads, are left out.
RECORDED = b"""{"code":"Ok","distances":[[0,1218],[1368.7,0]],"destinations":[
{"location":[12.48217,41.895972],"name":"Piazza Venezia","distance":11.23083966},
{"location":[12.480437,41.901],"name":"Via del Corso","distance":37.91182309}],
"durations":[[0,204.1],[191.7,0]],"sources":[
{"location":[12.48217,41.895972],"name":"Piazza Venezia","distance":11.23083966},
{"location":[12.480437,41.901],"name":"Via del Corso","distance":37.91182309}]}"""
ASKED = np.array([(12.4823, 41.896), (12.48, 41.9009)])

KINDS = {"osrm": Osrm, "valhalla": Valhalla}
# A base on the road, 1 km north of km 9, on the island, 6 km from the road.
POINTS = [at(0), at(9, 1), at(70), at(5, 6)]
RIVER = river((0,), (9,), flow="down")


@pytest.fixture
def stub():
    made = RoadStub()
    yield made
    made.close()


@pytest.fixture(params=KINDS)
def server(request, stub):
    return KINDS[request.param](stub.url, wait_s=0)


def go(server, points=POINTS, *, timetable=(), vehicle=Vehicle.CAR, people=5, **params):
    graphs = {"road": server, "river": build_graph(lines(RIVER), "river")}
    return travel(
        graphs,
        links(*timetable),
        points,
        vehicles=[vehicle],
        depot=0,
        weekday=1,
        people=people,
        params=TravelParams(**params),
    )


def seconds(value):
    return pytest.approx(value, abs=1)


def test_times_lengths_and_costs_are_the_servers_with_our_walks(server):
    """9 km at 10 m/s and 1 km on foot at 4 km/h; Rp 2,000 a kilometre by car."""
    table = go(server)
    assert table.durations[0, 1] == table.durations[1, 0] == seconds(900 + 900)
    assert table.distances[0, 1] == seconds(9000 + 1000)
    assert table.costs[0, 1] == pytest.approx(18_000, abs=2)
    assert table.modes[0, 1] == TravelMode.ROAD


def test_a_recorded_answer_is_read_as_it_was_meant(stub):
    stub.spoil = lambda _service, _document: RECORDED
    server = Osrm(stub.url, wait_s=0)
    snapped = server.snap(ASKED, Vehicle.CAR)
    assert snapped.position.tolist() == [[12.48217, 41.895972], [12.480437, 41.901]]
    # The server says itself how far it moved each place, on a sphere.
    assert snapped.gap_m.tolist() == pytest.approx([11.23, 37.91], rel=0.005)
    table = server.table(snapped.position, Vehicle.CAR)
    assert table.seconds.tolist() == [[0, 204.1], [191.7, 0]]
    assert table.metres.tolist() == [[0, 1218], [1368.7, 0]]


def test_no_way_is_no_way_and_too_far_is_too_far(server):
    table = go(server)
    assert table.unreachable == {2: "not-connected", 3: "no-network-near"}
    assert not table.reachable[0, 2:].any()
    assert table.durations[0, 2] == 0


def test_a_place_without_any_road_known_is_near_none(stub):
    table = go(Valhalla(stub.url), [at(0), at(9), at(9, 31)])
    assert table.unreachable == {2: "no-network-near"}
    assert len(stub.bodies[-1]["sources"]) == 2  # only places on roads are asked for


def test_the_line_is_the_servers_between_our_walks(server):
    table = go(server)
    walk, drive = table.path(1, 0)
    assert (walk.mode, walk.follows_network) == ("walk", False)
    assert (drive.mode, drive.follows_network, drive.is_straight_line) == ("road", True, False)
    expected = [at(9), (LON + 4.5 * EAST, BEND), at(0)]
    found = np.array(drive.line.coords)
    found = found[np.r_[True, (np.abs(np.diff(found, axis=0)) > 1e-6).any(axis=1)]]
    assert found == pytest.approx(np.array(expected), abs=2e-6)


def test_lines_are_asked_for_once(server, stub):
    table = go(server)
    assert "route" not in stub.services()
    for _ in range(3):
        table.path(0, 1)
    assert stub.services().count("route") == 1


@pytest.mark.parametrize(
    ("vehicle", "params", "factor"),
    [
        (Vehicle.CAR, {}, 1.0),
        (Vehicle.CAR, {"server_dry": 1.2}, 1.2),
        (Vehicle.CAR, {"wet": True}, 1.5),
        (Vehicle.CAR, {"wet": True, "server_dry": 1.2}, 1.8),
        (Vehicle.FOUR_WHEEL_DRIVE, {"wet": True}, 1.25),
        (Vehicle.CAR, {"wet": True, "server_wet": 2.0}, 2.0),
    ],
)
def test_the_season_is_ours(server, vehicle, params, factor):
    table = go(server, [at(0), at(9)], vehicle=vehicle, **params)
    assert table.durations[0, 1] == seconds(900 * factor)
    assert table.distances[0, 1] == seconds(9000)


@pytest.mark.parametrize(
    ("vehicle", "costing", "options"),
    [
        (Vehicle.CAR, "auto", {}),
        (Vehicle.FOUR_WHEEL_DRIVE, "auto", {"use_tracks": 1.0}),
        (Vehicle.MOTORCYCLE, "motorcycle", {}),
    ],
)
def test_valhalla_is_told_the_vehicle(stub, vehicle, costing, options):
    go(Valhalla(stub.url), [at(0), at(9)], vehicle=vehicle).path(0, 1)
    assert {body["costing"] for body in stub.bodies} == {costing}
    assert all(body["costing_options"] == {costing: options} for body in stub.bodies)


@pytest.mark.parametrize("block", [1, 2, 5, 50])
def test_large_tables_are_asked_for_in_blocks(stub, server, block):
    points = [at(k, k / 10) for k in range(5)]
    server.block = block
    table = go(server, points)
    n_blocks = -(-5 // block)
    # OSRM tells by a table as well where points meet its roads: first the base, then all.
    n_for_snaps = 1 + n_blocks if server.kind == "osrm" else 0
    n_tables = sum(service in {"table", "sources_to_targets"} for service in stub.services())
    assert n_tables - n_for_snaps == n_blocks**2
    for i in range(5):
        for j in range(5):
            walk = 900 * (i + j) / 10
            assert table.durations[i, j] == (0 if i == j else seconds(100 * abs(i - j) + walk))


def test_rivers_and_links_stay_ours(server, stub):
    """The boat goes 9 km down in 810 s at 40 km/h and knows of no road.

    The island: a link from km 9, 60 minutes and 15 to board, then 4 km by hired motorcycle as the
    server says, 400 s, Rp 2,750 a head and kilometre.
    """
    boat = go(server, [at(0), at(9)], vehicle=Vehicle.SPEEDBOAT)
    assert boat.durations[0, 1] == seconds(810)
    assert stub.asked == []
    by_link = {"start": (9,), "end": (66,), "minutes": 60, "cost": 100_000}
    table = go(server, timetable=[by_link])
    assert table.durations[0, 2] == seconds(900 + 75 * 60 + 400)
    assert table.costs[0, 2] == pytest.approx(18_000 + 5 * 100_000 + 5 * 4 * 2750, abs=5)
    legs = table.path(0, 2)
    assert [leg.note for leg in legs] == ["", "Port - Island, sea_boat", "hired motorcycle"]
    assert [leg.follows_network for leg in legs] == [True, False, True]


@pytest.mark.parametrize("apart_m", [APART_M - 1, APART_M + 1], ids=["near", "apart"])
def test_no_time_at_all_is_believed_only_between_neighbours(server, stub, apart_m):
    def spoil(service, document):
        if service == "table" and "distances" in document:
            document["durations"] = [[0.0 for _ in row] for row in document["durations"]]
        if service == "sources_to_targets":
            for row in document["sources_to_targets"]:
                for cell in row:
                    cell["time"] = 0
        return document

    stub.spoil = spoil
    points = [at(0), at(apart_m / 1000)]
    if apart_m < APART_M:
        assert go(server, points).durations[0, 1] <= 1  # millimetres on foot
    else:
        with pytest.raises(RoadServerUnclear, match=f"0 s, {apart_m:.0f} m, 113"):
            go(server, points)


def test_a_server_that_is_down_is_no_reason_for_other_roads():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and not listened on
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(RoadServerFailed, match=f"{url} did not answer in 3 tries"):
            go(Osrm(url, wait_s=0))


@pytest.mark.parametrize(("n_busy", "answers"), [(2, True), (3, False)])
def test_a_busy_server_is_asked_three_times(server, stub, n_busy, answers):
    stub.failures = [(503, b"<html>busy</html>")] * n_busy
    if answers:
        assert go(server).durations[0, 1] == seconds(1800)
    else:
        with pytest.raises(RoadServerFailed, match="HTTP 503"):
            go(server)
        assert len(stub.asked) == 3


@pytest.mark.parametrize(
    ("status", "content", "said"),
    [
        (400, b'{"code":"TooBig","message":"Too many table coordinates"}', "TooBig Too many table"),
        (400, b'{"error_code":154,"error":"Path distance exceeds the max distance limit"}', "154"),
        (500, b'{"error_code":199,"error":"Unknown"}', "199 Unknown"),
        (404, b"{}", "HTTP 404"),
        (301, b"{}", "HTTP 301"),
    ],
)
def test_what_a_server_refuses_is_told_and_not_repeated(server, stub, status, content, said):
    stub.failures = [(status, content)]
    with pytest.raises(RoadServerRefused, match=said):
        go(server)
    assert len(stub.asked) == 1


SPOILT = {
    "no JSON": lambda _s, _d: b"<html>welcome</html>",
    "a list": lambda _s, _d: [1],
    "a word": lambda _s, _d: "ok",
    "nothing": lambda _s, _d: {},
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_an_answer_of_another_form_is_refused(server, stub, spoil):
    stub.spoil = spoil
    with pytest.raises(RoadServerUnclear, match=server.kind):
        go(server)


def _without_distances(document):
    del document["distances"]


def _one_row_less(document):
    document["durations"].pop()


def _ragged(document):
    document["durations"][0].pop()


def _negative(document):
    document["durations"][0][1] = -1


def _words(document):
    document["durations"][0][1] = "fast"


def _half(document):
    document["durations"][0][1] = None


@pytest.mark.parametrize(
    "change", [_without_distances, _one_row_less, _ragged, _negative, _words, _half]
)
def test_a_spoilt_table_is_refused(stub, change):
    def spoil(_service, document):
        if "distances" in document:
            change(document)
        return document

    stub.spoil = spoil
    with pytest.raises(RoadServerUnclear, match="table"):
        go(Osrm(stub.url))


def test_valhalla_in_miles_is_refused(stub):
    stub.spoil = lambda _s, d: {**d, "units": "miles"} if isinstance(d, dict) else d
    with pytest.raises(RoadServerUnclear, match="miles"):
        go(Valhalla(stub.url))


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_line_of_another_form_is_refused(server, stub, spoil):
    table = go(server)
    stub.spoil = spoil
    with pytest.raises(RoadServerUnclear, match="route"):
        table.path(0, 1)


@pytest.mark.parametrize(
    "url",
    ["", "roads", "ftp://roads/", "http://", "http://me:secret@roads", "http://roads?key=1"],
)
def test_an_address_is_one(url):
    with pytest.raises(BadRoadServer) as caught:
        road_server("osrm", url)
    assert "secret" not in str(caught.value)


def test_services_may_lie_under_a_path(stub):
    assert road_server("valhalla", f"{stub.url}/roads/").url == f"{stub.url}/roads"


def test_the_published_line_is_decoded():
    """The example of Google's description of the format, which has five decimals and not six."""
    line = decode_line("_p~iF~ps|U_ulLnnqC_mqNvxq`@")
    assert line * 10 == pytest.approx(
        np.array([(-120.2, 38.5), (-120.95, 40.7), (-126.453, 43.252)])
    )


@pytest.mark.parametrize("text", ["", "_", "_p~iF", "_p~iF~ps|U_"])
def test_half_a_line_is_none(text):
    with pytest.raises(ValueError, match="incomplete line"):
        decode_line(text)


def test_tables_are_kept_by_server_and_edition_of_its_map(stub, tmp_path):
    def ask(kind):
        graphs = {"road": kind(stub.url), "river": build_graph(lines(RIVER), "river")}
        trip = {"vehicles": [Vehicle.CAR], "depot": 0, "weekday": 1, "people": 5}
        table, is_kept = TravelCache(tmp_path).travel(graphs, links(), POINTS, **trip)
        assert table.durations[0, 1] == seconds(1800)
        assert [leg.mode for leg in table.path(0, 1)] == ["road", "walk"]
        return is_kept

    assert [ask(Osrm), ask(Osrm), ask(Valhalla), ask(Valhalla)] == [False, True, False, True]
    stub.edition = "2026-12-01"
    assert [ask(Osrm), ask(Osrm), ask(Valhalla), ask(Valhalla)] == [False, True, False, True]


def test_progress_is_told_block_by_block(server):
    server.block, heard = 2, []
    server.table(np.array([at(k) for k in range(4)]), Vehicle.CAR, heard.append)
    assert heard == [0.25, 0.5, 0.75, 1.0]
