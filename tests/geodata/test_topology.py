"""Lines joined by rule, each rule just inside and just outside, and what looks wrong in a table."""

import json

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, MultiPoint, Point

from app.findings_id import FINDINGS_ID
from geodata.findings import FINDING_TEXTS
from geodata.graph import build_graphs
from geodata.matrix import travel
from geodata.network import read_network
from geodata.speeds import Vehicle
from geodata.topology import repair_lines
from geodata.travel_checks import check_network, check_travel, network_parts
from tests.geodata.test_osm import extract
from tests.geodata.travel import at, lines, links, river, road

M = 0.001  # a metre, in km


def repaired(*rows):
    frame = lines(*({"level": 0, "structure": None, **row} for row in rows))
    frame["feature"] = [f"jalan!{k}" for k in range(1, len(frame) + 1)]
    return repair_lines(frame)


def codes(findings):
    for finding in findings:
        assert finding.code in FINDING_TEXTS
        assert "{" not in finding.message
        assert "{" not in FINDINGS_ID[finding.code].format(**finding.facts)
    return [(finding.code, finding.row, finding.value) for finding in findings]


def go(frame, points, vehicle=Vehicle.CAR, **options):
    options = {"vehicles": [vehicle], "depot": 0, "weekday": 1, "people": 1, **options}
    return travel(build_graphs(frame), links(), points, **options)


# ends -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metres", "code"),
    [
        (0.5, "end-joined"),
        (1.95, "end-joined"),
        (2.05, "end-falls-short"),
        (19.9, "end-falls-short"),
        (20.2, None),
    ],
)
@pytest.mark.parametrize("make", [road, river])
def test_an_end_near_a_line_is_joined_to_it(make, metres, code):
    """A branch of 3 km that ends short of a way without a vertex there: 9 + 3 km if it meets."""
    frame, findings = repaired(make((0,), (18,)), make((9, metres * M), (9, 3)))
    assert codes(findings) == ([(code, "jalan!2", "jalan!1")] if code else [])
    vehicle = Vehicle.CAR if make is road else Vehicle.LONGBOAT
    result = go(frame, [at(0), at(9, 3)], vehicle)
    assert result.reachable[0, 1] == (code == "end-joined")
    if code == "end-joined":
        assert result.distances[0, 1] == pytest.approx(12_000, abs=3)


def test_an_end_is_moved_to_a_vertex_before_any_other_place():
    frame, _ = repaired(road((0,), (9,), (18,)), road((9 + 1.5 * M, 1 * M), (9, 3)))
    assert frame.geometry[1].coords[0] == frame.geometry[0].coords[1]
    assert len(frame.geometry[0].coords) == 3


def test_two_ends_that_miss_each_other_meet_once():
    frame, findings = repaired(road((0,), (9,)), road((9 + 1 * M,), (18,)))
    assert codes(findings) == [("end-joined", "jalan!1", "jalan!2")]
    assert go(frame, [at(0), at(18)]).distances[0, 1] == pytest.approx(18_000, abs=2)


def test_ends_that_meet_are_left_as_they_are():
    rows = [road((0,), (9,)), road((9,), (18,)), road((9,), (9, 1 * M))]
    frame, findings = repaired(*rows)
    assert codes(findings) == [("end-joined", "jalan!3", "jalan!1")]
    frame, findings = repaired(*rows[:2])
    assert findings == []
    assert [list(line.coords) for line in frame.geometry] == [
        list(row["geometry"].coords) for row in rows[:2]
    ]


def test_an_end_under_a_bridge_is_not_moved_onto_it():
    bridge = road((0,), (18,), level=1, structure="bridge")
    frame, findings = repaired(bridge, road((9, 1 * M), (9, 3)))
    assert findings == []
    # But a road is joined to the end of the bridge.
    frame, findings = repaired(bridge, road((18 + 1 * M,), (20,)))
    assert codes(findings) == [("end-joined", "jalan!1", "jalan!2")]
    assert go(frame, [at(0), at(20)]).reachable[0, 1]


def test_roads_are_not_joined_to_rivers():
    _, findings = repaired(river((0,), (18,)), road((9, 1 * M), (9, 3)))
    assert findings == []


# crossings --------------------------------------------------------------------------------------

ACROSS = ((4, -3), (4, 3))


@pytest.mark.parametrize(
    ("attributes", "is_joined"),
    [
        ({}, True),
        ({"structure": "ford"}, True),
        ({"structure": "bridge", "level": 1}, False),
        ({"structure": "bridge"}, False),
        ({"structure": "tunnel", "level": -1}, False),
        ({"level": 1}, False),
    ],
    ids=str,
)
def test_ground_roads_that_cross_meet(attributes, is_joined):
    """4 km and 3 km of asphalt: 560 s."""
    frame, findings = repaired(road((0,), (8,)), road(*ACROSS, **attributes))
    assert codes(findings) == ([("crossing-joined", "jalan!1", "jalan!2")] if is_joined else [])
    result = go(frame, [at(0), at(4, 3)])
    assert result.reachable[0, 1] == is_joined
    if is_joined:
        assert result.durations[0, 1] == pytest.approx(560, abs=1)


def test_a_vertex_of_one_road_alone_does_not_make_them_meet():
    frame, findings = repaired(road((0,), (4,), (8,)), road(*ACROSS))
    assert codes(findings) == [("crossing-joined", "jalan!1", "jalan!2")]
    assert go(frame, [at(0), at(4, 3)]).reachable[0, 1]
    _, findings = repaired(road((0,), (4,), (8,)), road(ACROSS[0], (4, 0), ACROSS[1]))
    assert findings == []


def test_roads_that_cross_often_meet_each_time():
    zigzag = road((1, -1), (2, 1), (3, -1), (4, 1))
    frame, findings = repaired(road((0,), (8,)), zigzag)
    assert len(codes(findings)) == 3
    assert len(build_graphs(frame)["road"].tails) == 4 + 4


def test_an_import_joins_and_counts_what_it_corrected(tmp_path):
    rows = [row["geometry"] for row in (road((0,), (8,)), road(*ACROSS), road((9,), (12,)))]
    frame = gpd.GeoDataFrame({"highway": "track", "surface": "mud"}, index=range(3), geometry=rows)
    frame.set_crs(4326).to_file(tmp_path / "a.gpkg", layer="jalan", driver="GPKG")
    result = read_network(tmp_path / "a.gpkg")
    assert (result.accepted, result.corrected, result.refused) == (3, 1, 0)
    assert codes(result.findings) == [("crossing-joined", "jalan!1", "jalan!2")]
    ways = {k: (line, {"highway": "track", "surface": "mud"}) for k, line in
            enumerate([[(0, 0), (8, 0)], list(ACROSS)], start=1)}  # fmt: skip
    result = read_network(extract(tmp_path / "a.osm.pbf", ways))
    assert codes(result.findings) == [("crossing-joined", "way/1", "way/2")]


def test_real_streets_need_no_repair(shared_data):
    """Streets of OpenStreetMap share nodes; two pairs of made-up roads in a pilot cross."""
    streets = shared_data / "reference" / "roads_osm_balikpapan_kota_drive_edges.geojson"
    assert not {"end-joined", "crossing-joined"} & {f.code for f in read_network(streets).findings}
    pilot = read_network(shared_data / "pilot" / "kaltara" / "jaringan.gpkg")
    crossed = [f for f in pilot.findings if f.code == "crossing-joined"]
    roads = gpd.read_file(shared_data / "pilot" / "kaltara" / "jaringan.gpkg", layer="jalan")
    for finding in crossed:
        a, b = (roads.geometry[int(str(f).split("!")[1]) - 1] for f in (finding.row, finding.value))
        assert a.crosses(b)
        place = Point(float(finding.params["lon"]), float(finding.params["lat"]))
        assert a.distance(place) < 1e-5 > b.distance(place)
        assert MultiPoint([*a.coords, *b.coords]).distance(place) > 1e-4  # no vertex is near
    assert len(crossed) == 2


# checks -----------------------------------------------------------------------------------------


def test_a_network_in_parts_is_reported():
    """9 and 3 km of road are in one part, 4 km in another: 75 %."""
    frame = lines(road((0,), (9,)), road((9,), (9, 3)), road((20,), (24,)), river((0,), (5,)))
    graphs = build_graphs(frame)
    (finding,) = check_network(graphs)
    assert codes([finding]) == [("network-parts", None, "2")]
    assert finding.params == {"mode": "road", "share": "75.0"}
    parts = network_parts(graphs["road"])
    assert [len(set(parts[rows])) for rows in ([0, 1], [0, 2])] == [1, 2]


def test_points_that_cannot_be_reached_are_named_with_the_reason():
    points = [at(0), at(9), at(22), at(40)]
    table = go(lines(road((0,), (9,)), road((20,), (24,))), points)
    findings = check_travel(table, points, ["Sampit", "A", "B", "C"], depot=0)
    assert [(f.code, f.params["place"]) for f in findings] == [
        ("point-not-connected", "B"),
        ("point-no-network-near", "C"),
    ]
    codes(findings)


@pytest.mark.parametrize(("north", "is_long"), [(3.70, False), (3.80, True)])
def test_a_way_four_times_the_straight_line_looks_wrong(north, is_long):
    """2.5 km as the crow flies; up, across and down again: 2 x north + 2.5 km."""
    frame = lines(road((0,), (0, north), (2.5, north), (2.5, 0)))
    points = [at(0), at(2.5)]
    findings = check_travel(go(frame, points), points, ["A", "B"], depot=0)
    assert codes(findings) == ([("detour-long", None, None)] if is_long else [])


@pytest.mark.parametrize(("east", "is_long"), [(1.99, False), (2.01, True)])
def test_near_places_may_have_a_river_between_them(east, is_long):
    frame = lines(road((0,), (0, 9), (east, 9), (east, 0)))
    points = [at(0), at(east)]
    findings = check_travel(go(frame, points), points, ["A", "B"], depot=0)
    assert bool(codes(findings)) == is_long


def test_a_way_that_takes_no_time_or_is_too_short_looks_wrong():
    points = [at(0), at(9), at(18)]
    table = go(lines(road((0,), (18,))), points)
    table.durations[0, 1] = 0
    table.distances[0, 2] = 17_000
    findings = check_travel(table, points, ["A", "B", "C"], depot=0)
    assert codes(findings) == [("time-zero", None, None), ("detour-short", None, None)]
    assert json.dumps([dict(f.params) for f in findings])
    assert (
        check_travel(go(lines(road((0,), (18,))), points), points, ["A", "B", "C"], depot=0) == []
    )


def test_the_original_lines_are_left_alone():
    frame = lines({**road((0,), (8,)), "level": 0, "structure": None},
                  {**road(*ACROSS), "level": 0, "structure": None})  # fmt: skip
    frame["feature"] = ["a", "b"]
    before = [LineString(line.coords) for line in frame.geometry]
    repair_lines(frame)
    assert all(
        np.array_equal(a.coords, b.coords) for a, b in zip(before, frame.geometry, strict=True)
    )
