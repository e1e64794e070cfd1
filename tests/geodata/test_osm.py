"""OpenStreetMap extracts, made here node by node, and real streets from end to end."""

import heapq
import itertools
import json
import math
from pathlib import Path

import osmium
import pytest
from osmium.osm import mutable
from pyproj import Geod

from geodata.errors import MissingFile, NoTravelNetwork, UnreadableSource
from geodata.findings import FINDING_TEXTS
from geodata.graph import build_graphs
from geodata.matrix import travel
from geodata.network import read_network
from geodata.speeds import TravelParams, Vehicle
from tests.geodata.travel import at, links


def extract(path: Path, ways: dict, nodes: dict | None = None, absent: tuple = ()) -> Path:
    """Write an extract; ``ways`` is id -> (places in km, tags); equal places are one node."""
    places = sorted({tuple(place) for line, _ in ways.values() for place in line})
    number = {place: k for k, place in enumerate(places, start=1)}
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for place, k in number.items():
            if place not in absent:
                tags = (nodes or {}).get(place, {})
                writer.add_node(mutable.Node(id=k, location=at(*place), tags=tags))
        for way, (line, tags) in ways.items():
            refs = [number[tuple(place)] for place in line]
            writer.add_way(mutable.Way(id=way, nodes=refs, tags=tags))
    return path


def read(tmp_path, ways, **options):
    return read_network(extract(tmp_path / "area.osm.pbf", ways, **options))


def findings(result):
    assert all(f.code in FINDING_TEXTS and "{" not in f.message for f in result.findings)
    return [(f.code, f.row or f.value) for f in result.findings]


STRAIGHT = [(0, 0), (9, 0)]


def test_roads_and_rivers_of_an_extract_are_read_with_their_tags(tmp_path):
    result = read(
        tmp_path,
        {
            1: (STRAIGHT, {"highway": "primary", "surface": "asphalt", "name": "Jalan Satu"}),
            2: ([(0, 0), (0, 5)], {"waterway": "river", "name": "Mentaya"}),
            3: ([(0, 5), (9, 5)], {"building": "yes"}),
        },
    )
    frame = result.frame
    assert frame["mode"].tolist() == ["road", "river"]
    assert frame["highway"].tolist() == ["primary", None]
    assert frame["waterway"].tolist() == [None, "river"]
    assert frame["surface"].tolist() == ["asphalt", None]
    assert frame["name"].tolist() == ["Jalan Satu", "Mentaya"]
    assert result.totals == {"roads": 1, "rivers": 1, "road_km": 9.0, "river_km": 5.0, "piers": 0}
    assert (result.accepted, result.corrected, result.refused) == (2, 0, 0)
    assert list(frame.geometry[0].coords) == [pytest.approx(at(*p), abs=1e-7) for p in STRAIGHT]
    assert findings(result) == []


@pytest.mark.parametrize(
    ("tags", "oneway"),
    [
        ({}, "no"),
        ({"oneway": "yes"}, "yes"),
        ({"oneway": "-1"}, "reverse"),
        ({"oneway": "no", "highway": "motorway"}, "no"),
        ({"highway": "motorway"}, "yes"),
        ({"junction": "roundabout"}, "yes"),
        ({"junction": "roundabout", "oneway": "-1"}, "reverse"),
        ({"oneway": "alternating"}, "no"),
    ],
    ids=str,
)
def test_one_way_is_stated_or_implied(tmp_path, tags, oneway):
    result = read(tmp_path, {1: (STRAIGHT, {"highway": "primary", "surface": "paved", **tags})})
    assert result.frame["oneway"].tolist() == [oneway]


@pytest.mark.parametrize(
    ("tags", "is_open"),
    [
        ({}, True),
        ({"access": "no"}, False),
        ({"access": "private"}, False),
        ({"access": "permissive"}, True),
        ({"access": "no", "motor_vehicle": "yes"}, True),
        ({"access": "yes", "motor_vehicle": "no"}, False),
        ({"motor_vehicle": "private", "motorcar": "designated"}, True),
        ({"boat": "no"}, True),
    ],
    ids=str,
)
def test_the_most_specific_word_on_access_decides(tmp_path, tags, is_open):
    other = {2: ([(0, 0), (0, 5)], {"highway": "track", "surface": "mud"})}
    road = {"highway": "service", "surface": "gravel", **tags}
    result = read(tmp_path, {1: (STRAIGHT, road), **other})
    assert len(result.frame) == 1 + is_open
    assert findings(result) == ([] if is_open else [("ways-closed", "1")])
    assert (result.accepted, result.refused) == (1 + is_open, 0)


def test_closed_rivers_are_left_out(tmp_path):
    rivers = {
        k: ([(0, k), (9, k)], {"waterway": "river", **tags})
        for k, tags in enumerate([{}, {"boat": "no"}, {"boat": "no", "motorboat": "yes"}], start=1)
    }
    result = read(tmp_path, rivers)
    assert [round(line.coords[0][1] * 110.574) for line in result.frame.geometry] == [1, 3]


@pytest.mark.parametrize(
    ("tags", "structure", "level"),
    [
        ({}, None, 0),
        ({"bridge": "yes"}, "bridge", 1),
        ({"bridge": "viaduct", "layer": "2"}, "bridge", 2),
        ({"bridge": "no"}, None, 0),
        ({"tunnel": "yes"}, "tunnel", -1),
        ({"ford": "yes"}, "ford", 0),
        ({"layer": "1"}, None, 1),
        ({"layer": "above"}, None, 0),
    ],
    ids=str,
)
def test_bridges_tunnels_and_fords_are_kept(tmp_path, tags, structure, level):
    result = read(tmp_path, {1: (STRAIGHT, {"highway": "primary", "surface": "paved", **tags})})
    assert result.frame["structure"].tolist() == [structure]
    assert result.frame["level"].tolist() == [level]


@pytest.mark.parametrize(
    ("duration", "minutes"),
    [
        *(("25", 25), ("25 min", 25), ("0:40", 40), ("01:30", 90), ("01:30:00", 90)),
        *(("PT1H30M", 90), ("PT45M", 45), ("1440", 1440), ("1441", math.nan)),
        *(("soon", math.nan), ("0", math.nan), ("00:00", math.nan), ("1:60", math.nan)),
    ],
)
def test_a_ferry_is_a_road_that_takes_its_time(tmp_path, duration, minutes):
    ferry = {"route": "ferry", "duration": duration}
    result = read(tmp_path, {1: (STRAIGHT, ferry)})
    assert result.frame["highway"].tolist() == ["ferry"]
    assert result.frame["fixed_min"].tolist() == pytest.approx([minutes], nan_ok=True)
    told = [(f.code, f.value) for f in result.findings if f.column == "duration"]
    assert told == ([("word-unknown", duration)] if math.isnan(minutes) else [])


def test_a_ferry_for_people_on_foot_is_closed_to_cars(tmp_path):
    ways = {1: (STRAIGHT, {"route": "ferry", "motor_vehicle": "no"})}
    ways[2] = ([(9, 0), (12, 0)], {"highway": "track", "surface": "mud"})
    assert read(tmp_path, ways).frame["highway"].tolist() == ["track"]


def test_ways_that_carry_nothing_are_counted_not_listed(tmp_path):
    tags = [
        {"highway": "footway"},
        {"highway": "steps"},
        {"waterway": "ditch"},
        {"route": "bus"},
        {"highway": "service", "area": "yes"},
    ]
    ways = {k: ([(0, k), (9, k)], tag) for k, tag in enumerate(tags, start=1)}
    ways[9] = (STRAIGHT, {"highway": "track", "surface": "mud"})
    result = read(tmp_path, ways)
    assert (len(result.frame), result.refused) == (1, 0)
    assert findings(result) == [("ways-passed-over", "5")]


def test_a_way_over_the_edge_keeps_the_part_inside(tmp_path):
    places = [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)]
    tags = {"highway": "track", "surface": "mud"}
    result = read(tmp_path, {7: (places, tags)}, absent=((0, 0),))
    assert result.totals["road_km"] == 3.0
    assert findings(result) == [("ways-cut", "1")]
    parted = read(tmp_path, {7: (places, tags)}, absent=((2, 0),))
    assert parted.totals == {"roads": 2, "rivers": 0, "road_km": 2.0, "river_km": 0.0, "piers": 0}
    outside = read(tmp_path, {7: (places, tags), 8: ([(9, 0), (9, 1)], tags)}, absent=tuple(places))
    assert findings(outside) == [("ways-cut", "1"), ("line-missing", "way/7")]
    assert outside.totals["roads"] == 1


def test_files_that_are_no_extract_are_refused(tmp_path):
    whole = extract(tmp_path / "a.osm.pbf", {1: (STRAIGHT, {"highway": "track"})}).read_bytes()
    for content in (b"", b"PK\x03\x04 not OpenStreetMap", whole[:-20]):
        (tmp_path / "bad.osm.pbf").write_bytes(content)
        with pytest.raises(UnreadableSource, match=r"bad\.osm\.pbf"):
            read_network(tmp_path / "bad.osm.pbf")
    with pytest.raises(MissingFile, match=r"none\.osm\.pbf"):
        read_network(tmp_path / "none.osm.pbf")
    houses = extract(tmp_path / "houses.osm.pbf", {1: (STRAIGHT, {"building": "yes"})})
    with pytest.raises(NoTravelNetwork, match="highway"):
        read_network(houses)


def go(network, points, vehicle=Vehicle.CAR):
    return travel(
        build_graphs(network.frame),
        links(),
        points,
        vehicles=[vehicle],
        depot=0,
        weekday=1,
        people=1,
    )


def test_an_extract_is_travelled_from_end_to_end(tmp_path):
    """4.5 km of asphalt (360 s), 3 km of gravel (360 s); a bridge passes over without meeting."""
    ways = {
        1: ([(0, 0), (4.5, 0), (9, 0)], {"highway": "primary", "surface": "asphalt"}),
        2: ([(4.5, 0), (4.5, 3)], {"highway": "track", "surface": "gravel"}),
        3: ([(2, -1), (2, 1)], {"highway": "primary", "surface": "paved", "bridge": "yes"}),
    }
    result = go(read(tmp_path, ways), [at(0), at(4.5, 3), at(2, 1)])
    assert result.durations[0, 1] == pytest.approx(720, abs=1)
    assert result.unreachable == {2: "not-connected"}


# real streets -----------------------------------------------------------------------------------


Place = tuple[float, float]


def dijkstra(path: Path, start: Place) -> dict[Place, tuple[float, float]]:
    """Give seconds and metres to every vertex by a queue over the vertices of the file itself."""
    geod, params = Geod(ellps="WGS84"), TravelParams()
    ways: dict[tuple, list] = {}
    for feature in json.loads(path.read_text())["features"]:
        tags = feature["properties"]
        highway = tags["highway"][0] if isinstance(tags["highway"], list) else tags["highway"]
        if highway not in params.highways:
            continue
        kmh = params.road_kmh[params.highways[highway]]
        line = [tuple(round(v, 6) for v in xy) for xy in feature["geometry"]["coordinates"]]
        for a, b in itertools.pairwise(line):
            metres = geod.inv(*a, *b)[2]
            ways.setdefault(a, []).append((b, metres * 3.6 / kmh, metres))
            if str(tags.get("oneway")).lower() not in ("true", "yes"):
                ways.setdefault(b, []).append((a, metres * 3.6 / kmh, metres))
    found, queue = {}, [(0.0, 0.0, start)]
    while queue:
        seconds, metres, here = heapq.heappop(queue)
        if here not in found:
            found[here] = (seconds, metres)
            for there, more_seconds, more_metres in ways.get(here, []):
                heapq.heappush(queue, (seconds + more_seconds, metres + more_metres, there))
    return found


@pytest.mark.parametrize(
    "name",
    ["roads_osm_balikpapan_kota_drive_edges.geojson", "roads_osm_maumere_ntt.geojson"],
    ids=["balikpapan", "maumere"],
)
def test_real_streets_take_the_time_of_another_search(shared_data, name):
    path = shared_data / "reference" / name
    network = read_network(path)
    ends = network.frame.geometry[network.frame["mode"] == "road"]
    vertices = [tuple(round(v, 6) for v in line.coords[0]) for line in ends]
    times = max((dijkstra(path, start) for start in vertices[::40][:5]), key=len)
    start = next(iter(times))
    points = [start, *sorted((set(vertices) & set(times)) - {start})[::25]]
    result = go(network, points)
    compared = [j for j in range(1, len(points)) if result.reachable[0, j]]
    assert len(compared) > 4
    for j in compared:
        assert result.durations[0, j] == pytest.approx(times[points[j]][0], abs=2)
        legs = result.path(0, j)
        assert legs[-1].line.coords[-1] == pytest.approx(points[j], abs=2e-6)


@pytest.mark.parametrize("name", ["kalimantan.pbf", "AREA.OSM.PBF"])
def test_an_extract_is_known_by_pbf_in_any_case(tmp_path, name):
    path = extract(tmp_path / "area.osm.pbf", {1: (STRAIGHT, {"highway": "primary"})})
    result = read_network(path.rename(tmp_path / name))
    assert result.frame["highway"].tolist() == ["primary"]
