import csv
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geodata.errors import BadValue
from geodata.graph import build_graph, build_graphs
from geodata.links import read_links
from geodata.matrix import TravelMode, travel
from geodata.network import read_network
from geodata.speeds import TravelParams, Vehicle
from tests.geodata.travel import at, lines, links, river, road


def go(network, points, timetable=None, **options):
    """Travel by car on a Monday with one person, from the first point, unless told otherwise."""
    options = {"vehicles": [Vehicle.CAR], "depot": 0, "weekday": 1, "people": 1, **options}
    timetable = links() if timetable is None else timetable
    return travel(build_graphs(lines(*network)), timetable, points, **options)


# own vehicle ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ({"surface": "asphalt"}, 720),  # 9 km at 45 km/h
        ({"surface": "gravel"}, 1080),  # 30 km/h
        ({"surface": "ground"}, 1620),  # 20 km/h
        ({"surface": None, "highway": "track"}, 1620),
        ({"surface": "compacted", "highway": "track"}, 1080),
        ({"surface": None, "highway": "primary"}, 720),
    ],
    ids=["asphalt", "gravel", "earth", "track", "better-track", "primary"],
)
def test_a_road_takes_the_time_of_its_surface(attributes, seconds):
    result = go([road((0,), (9,), **attributes)], [at(0), at(9)])
    assert result.durations.tolist() == [[0, seconds], [seconds, 0]]
    assert result.distances.tolist() == [[0, 9000], [9000, 0]]
    assert result.durations.dtype == result.distances.dtype == result.costs.dtype == np.int64
    assert result.modes.tolist() == [[TravelMode.ROAD] * 2] * 2
    assert result.unreachable == {}


@pytest.mark.parametrize(
    ("vehicle", "seconds", "rupiah"),
    [
        ("longboat", 1800, 0),
        ("speedboat", 1158, 0),
        ("car", 720, 18_000),
        ("motorcycle", 720, 4_500),
    ],
)
def test_each_vehicle_has_its_own_speed_and_price(vehicle, seconds, rupiah):
    """9 km at 18 and 28 km/h on the river (1157.14 s), at 45 km/h on the road."""
    result = go([road((0,), (9,)), river((0,), (9,))], [at(0), at(9)], vehicles=[Vehicle(vehicle)])
    assert result.durations[0, 1] == seconds
    assert result.costs[0, 1] == rupiah
    assert result.modes[0, 1] == (TravelMode.RIVER if "boat" in vehicle else TravelMode.ROAD)


def test_a_point_beside_the_road_is_walked_to_from_the_nearest_place_not_vertex():
    """4.5 km by road (360 s), then 1 km on foot at 4 km/h (900 s)."""
    result = go([road((0,), (9,))], [at(0), at(4.5, 1)])
    assert result.durations[0, 1] == pytest.approx(1260, abs=1)
    assert result.distances[0, 1] == 5500
    assert result.costs[0, 1] == 9_000  # nobody pays for walking
    drive, walk = result.path(0, 1)
    assert (drive.mode, walk.mode) == ("road", "walk")
    assert (drive.seconds, walk.seconds) == pytest.approx((360, 900), abs=0.02)
    assert list(walk.line.coords) == [pytest.approx(at(4.5)), pytest.approx(at(4.5, 1))]


@pytest.mark.parametrize(("km", "is_reachable"), [(4.99, True), (5.01, False)])
def test_walking_ends_at_five_kilometres(km, is_reachable):
    result = go([road((0,), (9,))], [at(0), at(4.5, km)])
    assert result.reachable.tolist() == [[True, is_reachable], [is_reachable, True]]
    assert result.unreachable == ({} if is_reachable else {1: "no-network-near"})


def test_roads_that_do_not_meet_are_told_from_no_road_at_all():
    network = [road((0,), (9,)), road((20,), (25,))]
    result = go(network, [at(0), at(9), at(22), at(40)])
    assert result.unreachable == {2: "not-connected", 3: "no-network-near"}
    assert result.reachable.sum() == 2 * 2 + 2  # the first two among themselves, the others alone
    assert (result.durations[~result.reachable] == 0).all()
    with pytest.raises(BadValue, match="0 -> 2"):
        result.path(0, 2)


def test_without_links_a_table_holds_for_every_depot_of_such_a_vehicle():
    """Teams with equal vehicles on two sides of a strait share one table."""
    network = [road((0,), (9,)), road((20,), (25,)), road((20,), (20, 5), oneway="yes")]
    points = [at(0), at(9), at(20), at(25), at(20, 5), at(50)]
    first, *others = (go(network, points, depot=depot) for depot in range(len(points)))
    for other in others:
        for name in ("durations", "distances", "costs", "reachable", "modes"):
            assert (getattr(first, name) == getattr(other, name)).all()
    assert first.durations[2, 3] == 400  # 5 km at 45 km/h
    assert others[1].unreachable == {0: "not-connected", 1: "not-connected"} | {
        4: "not-connected",
        5: "no-network-near",
    }


def test_a_depot_without_a_network_is_reported_as_well():
    result = go([road((0,), (9,))], [at(0, 8), at(1)])
    assert result.unreachable == {0: "no-network-near", 1: "not-connected"}


def test_rivers_that_cross_meet_although_roads_do_not():
    """3 km down the stream and 4 km on the river at 18 km/h, no vertex where they cross."""
    network = [river((0,), (3,), (9,)), river((5, 3), (5, -1)), river((7, -2), (7, 0.5))]
    result = go(network, [at(1), at(5, 3), at(7, -2)], vehicles=[Vehicle.LONGBOAT])
    assert result.durations[0].tolist() == pytest.approx([0, 7 * 200, 8 * 200], abs=1)
    assert result.durations[1, 2] == pytest.approx((3 + 2 + 2) * 200, abs=1)
    as_roads = [road((0,), (3,), (9,)), road((5, 3), (5, -1))]
    assert go(as_roads, [at(1), at(5, 3)]).unreachable == {1: "not-connected"}


def test_roads_meet_only_at_shared_vertices():
    across = road((4, -1), (4, 1))
    bridge = go([road((0,), (8,)), across], [at(0), at(4, 1)])
    junction = go([road((0,), (4,), (8,)), road((4, -1), (4, 0), (4, 1))], [at(0), at(4, 1)])
    assert bridge.unreachable == {1: "not-connected"}
    assert junction.durations[0, 1] == pytest.approx(400, abs=1)  # 5 km at 45 km/h


@pytest.mark.parametrize(("gap", "is_joined"), [(0.9e-6, True), (1.2e-6, False)])
def test_vertices_within_a_millionth_of_a_degree_are_one(gap, is_joined):
    second = road((4,), (8,))
    (x, y), end = second["geometry"].coords
    second["geometry"] = type(second["geometry"])([(x + gap, y), end])
    assert go([road((0,), (4,)), second], [at(0), at(8)]).reachable[0, 1] == is_joined


def test_a_oneway_road_is_travelled_one_way():
    """A triangle of 3, 4 and 5 km; only the long side is oneway, from the depot to the far end."""
    network = [road((0,), (3,)), road((3,), (3, 4)), road((0,), (3, 4), oneway="yes")]
    there = go(network, [at(0), at(3, 4)])
    assert there.durations[0, 1] == pytest.approx(400, abs=1)  # 5 km out
    assert there.durations[1, 0] == pytest.approx(560, abs=1)  # 3 + 4 km back
    network[2]["oneway"] = "reverse"
    back = go(network, [at(0), at(3, 4)])
    assert back.durations[0, 1] == there.durations[1, 0]
    assert back.durations[1, 0] == there.durations[0, 1]


def test_a_place_that_cannot_be_left_is_not_in_reach():
    result = go([road((0,), (3,), oneway="yes")], [at(0), at(3)])
    assert result.unreachable == {1: "not-connected"}


def test_points_at_one_place_are_no_time_apart():
    result = go([road((0,), (9,))], [at(2, 1), at(2, 1), at(9)])
    assert result.durations[0, 1] == 0
    assert result.path(0, 1) == []
    assert result.durations[0, 2] == result.durations[1, 2]
    assert result.durations[0, 2] == pytest.approx(900 + 560, abs=1)


def test_two_points_on_one_stretch_of_road_meet_between_its_ends():
    result = go([road((0,), (90,))], [at(30), at(39), at(12)])
    assert result.durations[0].tolist() == [0, 720, 1440]


def test_wet_roads_and_low_water_slow_down():
    network = [road((0,), (9,), surface="gravel"), river((0,), (9,))]
    params = TravelParams(wet=True, low_water=True)
    assert go(network, [at(0), at(9)], params=params).durations[0, 1] == 1620  # 1080 x 1.5
    by_boat = go(network, [at(0), at(9)], params=params, vehicles=[Vehicle.LONGBOAT])
    assert by_boat.durations[0, 1] == 3600  # 1800 x 2


def test_the_path_follows_the_bends_of_the_road():
    bends = [(0, 0), (1, 1), (2, 0), (3, 1), (4, 0)]
    (leg,) = go([road(*bends)], [at(0), at(4)]).path(0, 1)
    assert list(leg.line.coords) == [pytest.approx(at(*bend)) for bend in bends]
    (back,) = go([road(*bends)], [at(0), at(4)]).path(1, 0)
    assert list(back.line.coords) == [pytest.approx(at(*bend)) for bend in bends[::-1]]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"depot": 2}, "depot"),
        ({"depot": -1}, "depot"),
        ({"weekday": 0}, "weekday"),
        ({"weekday": 8}, "weekday"),
        ({"people": 0}, "people"),
    ],
    ids=str,
)
def test_what_is_out_of_range_is_named(options, named):
    with pytest.raises(BadValue, match=named):
        go([road((0,), (9,))], [at(0), at(9)], **options)


def test_a_point_without_a_position_is_named():
    with pytest.raises(BadValue, match="point 1"):
        go([road((0,), (9,))], [at(0), (math.nan, 0.0)])


# a second opinion -------------------------------------------------------------------------------

CORNERS = list(itertools.product(range(4), range(3)))
STREETS = [
    (a, b)
    for a, b in itertools.combinations(CORNERS, 2)
    if abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1
]
KMH = {"asphalt": 45, "gravel": 30, "ground": 20}


def floyd(streets):
    """Give the seconds between all corners by Floyd and Warshall, from the streets alone."""
    geod = Geod(ellps="WGS84")
    seconds = {(a, b): 0.0 if a == b else math.inf for a in CORNERS for b in CORNERS}
    for a, b, surface, oneway in streets:
        time = geod.inv(*at(*a), *at(*b))[2] / KMH[surface] * 3.6
        if oneway != "reverse":
            seconds[a, b] = time
        if oneway != "yes":
            seconds[b, a] = time
    for k, a, b in itertools.product(CORNERS, repeat=3):
        seconds[a, b] = min(seconds[a, b], seconds[a, k] + seconds[k, b])
    return seconds


def towns(oneways):
    street = st.tuples(
        st.sampled_from(STREETS), st.sampled_from(sorted(KMH)), st.sampled_from(oneways)
    )
    chosen = st.lists(street, min_size=3, max_size=len(STREETS), unique_by=lambda item: item[0])
    return chosen.map(lambda found: [(a, b, *rest) for (a, b), *rest in found])


@given(towns(["no", "yes", "reverse"]))
@settings(max_examples=60, deadline=None)
def test_times_equal_those_of_another_algorithm(streets):
    depot = streets[0][0]
    corners = [depot, *(corner for corner in CORNERS if corner != depot)]
    network = [road(a, b, surface=surface, oneway=oneway) for a, b, surface, oneway in streets]
    result = go(network, [at(*c) for c in corners], params=TravelParams(max_access_m=10))
    expected = floyd(streets)
    in_reach = [math.isfinite(expected[depot, c] + expected[c, depot]) for c in corners]
    assert result.reachable[0].tolist() == in_reach
    for (i, a), (j, b) in itertools.product(enumerate(corners), repeat=2):
        if in_reach[i] and in_reach[j]:
            assert expected[a, b] - 0.001 <= result.durations[i, j] <= expected[a, b] + 1.1


POINTS = st.lists(
    st.tuples(st.floats(-1, 4, width=32), st.floats(-1, 3, width=32)), min_size=3, max_size=7
)


@given(towns(["no"]), POINTS)
@settings(max_examples=60, deadline=None)
def test_times_of_one_vehicle_are_a_metric_and_paths_account_for_them(streets, places):
    network = [road(a, b, surface=surface) for a, b, surface, _ in streets]
    points = [at(*place) for place in places]
    result = go(network, points)
    ok = np.flatnonzero(result.reachable[0])
    times = result.durations[np.ix_(ok, ok)]
    assert (times == times.T).all()
    assert (times[:, None, :] <= times[:, :, None] + times[None, :, :]).all()
    for i, j in itertools.permutations(ok, 2):
        legs = result.path(i, j)
        assert math.ceil(round(sum(leg.seconds for leg in legs), 3)) == result.durations[i, j]
        assert round(sum(leg.metres for leg in legs)) == pytest.approx(
            result.distances[i, j], abs=1
        )
        if legs:
            assert legs[0].line.coords[0] == pytest.approx(points[i], abs=1e-6)
            assert legs[-1].line.coords[-1] == pytest.approx(points[j], abs=1e-6)
        for before, after in itertools.pairwise(legs):
            assert before.line.coords[-1] == pytest.approx(after.line.coords[0], abs=1e-12)


# links and gateways -----------------------------------------------------------------------------

# The port is 9 km of asphalt from the depot (720 s); the boat to the island takes 60 minutes there
# and 90 back, each with 15 to board; the island has 6 km of gravel (30 km/h).
COAST = [road((0,), (9,)), road((60,), (66,), surface="gravel")]
BOAT = {"start": (9,), "end": (60,), "minutes": 60, "minutes_back": 90, "cost": 100_000.0}
DEPOT, INLAND, NEAR, FAR = 0, 1, 2, 3
PLACES = [at(0), at(4.5), at(63), at(66)]


def test_a_village_beyond_is_reached_through_its_gateway():
    result = go(COAST, PLACES, links(BOAT))
    assert result.reachable.all()
    assert result.durations[DEPOT, NEAR] == 720 + 75 * 60 + 360
    assert result.durations[NEAR, DEPOT] == 360 + 105 * 60 + 720
    assert result.durations[INLAND, NEAR] == 360 + 75 * 60 + 360
    assert result.gateways == {NEAR: pytest.approx(at(9)), FAR: pytest.approx(at(9))}


def test_villages_behind_one_gateway_need_no_boat_between_them():
    result = go(COAST, PLACES, links(BOAT))
    assert result.durations[NEAR, FAR] == result.durations[FAR, NEAR] == 360  # 3 km of gravel
    assert result.modes[NEAR, FAR] == TravelMode.ROAD
    assert result.modes[DEPOT, NEAR] == result.modes[NEAR, INLAND] == TravelMode.SEA
    assert result.modes[DEPOT, INLAND] == TravelMode.ROAD


def test_fares_and_hired_motorcycles_are_paid_for_each_person():
    """9 km x 2,000 for the car; 5 fares of 100,000; 3 km x 2,750 x 5 on motorcycles."""
    result = go(COAST, PLACES, links(BOAT), people=5)
    assert result.costs[DEPOT, NEAR] == 18_000 + 500_000 + 41_250
    assert result.costs[DEPOT, INLAND] == 9_000
    without_fare = go(COAST, PLACES, links({**BOAT, "cost": math.nan}), people=5)
    assert without_fare.costs[DEPOT, NEAR] == 18_000 + 5 * 280_000 + 41_250


@pytest.mark.parametrize(
    ("timetable", "there_min", "back_min"),
    [
        ("07:00, 07:14", 15, 15),  # less than the usual wait
        ("07:00, 07:16", 16, 16),
        ("07:00, 07:20 balik 13:00, 15:00", 20, 120),
        ("07:00", 15, 15),
    ],
)
def test_getting_on_takes_the_longest_gap_between_departures(timetable, there_min, back_min):
    result = go(COAST, PLACES, links({**BOAT, "timetable": timetable}))
    assert result.durations[DEPOT, NEAR] == 720 + (60 + there_min) * 60 + 360
    assert result.durations[NEAR, DEPOT] == 360 + (90 + back_min) * 60 + 720
    there, _, back = timetable.partition(" balik ")
    assert result.path(DEPOT, NEAR)[1].note == f"Port - Island, sea_boat, {there}"
    assert result.path(NEAR, DEPOT)[1].note == f"Island - Port, sea_boat, {back or there}"


def test_the_path_to_an_island_names_each_leg():
    legs = go(COAST, PLACES, links(BOAT)).path(NEAR, DEPOT)
    assert [leg.mode for leg in legs] == ["road", "sea", "road"]
    assert [leg.note for leg in legs] == ["hired motorcycle", "Island - Port, sea_boat", ""]
    assert [leg.scheduled for leg in legs] == [False, True, False]
    assert [leg.seconds for leg in legs] == pytest.approx([360, 105 * 60, 720], abs=0.02)
    assert legs[1].line.coords[0] == pytest.approx(at(60))
    assert legs[1].line.coords[1] == pytest.approx(at(9))


@pytest.mark.parametrize(("weekday", "is_reachable"), [(2, False), (3, True), (4, False)])
def test_a_link_runs_on_its_days_only(weekday, is_reachable):
    result = go(COAST, PLACES, links({**BOAT, "weekdays": "135"}), weekday=weekday)
    assert result.reachable[DEPOT, NEAR] == is_reachable
    assert result.unreachable == (
        {} if is_reachable else dict.fromkeys((NEAR, FAR), "not-connected")
    )


def test_an_island_without_roads_is_walked_as_far_as_walking_goes():
    places = [at(0), at(60, 4.99), at(60, 5.01)]
    result = go(COAST[:1], places, links(BOAT))
    assert result.durations[0, 1] == pytest.approx(720 + 75 * 60 + 4990 * 0.9, abs=1)
    assert result.unreachable == {2: "no-network-near"}


def test_the_gateway_is_the_one_that_is_soonest_there():
    """A second port 18 km out (1440 s) has a boat of 40 minutes: 720 s later, 1200 s faster."""
    network = [road((0,), (9,), (18,)), COAST[1]]
    quick = {**BOAT, "start": (18,), "minutes": 40}
    result = go(network, PLACES, links(BOAT, quick))
    assert result.durations[DEPOT, NEAR] == 1440 + 55 * 60 + 360
    assert result.gateways[NEAR] == pytest.approx(at(18))
    # The way back goes through the same gateway, where the vehicle is: 90 minutes from both.
    assert result.durations[NEAR, DEPOT] == 360 + 105 * 60 + 1440
    slow = {**quick, "minutes": 49}
    assert go(network, PLACES, links(BOAT, slow)).gateways[NEAR] == pytest.approx(at(9))


def test_between_different_gateways_the_vehicle_is_fetched():
    """Two ports on both sides of the depot, 9 and 18 km out, each with an island of its own."""
    network = [road((-18,), (0,), (9,)), COAST[1], road((-60,), (-66,))]
    west = {**BOAT, "start": (-18,), "end": (-60,), "minutes": 30, "minutes_back": 30}
    result = go(network, [at(0), at(63), at(-60)], links(BOAT, west))
    assert result.durations[1, 2] == (360 + 105 * 60) + (720 + 1440) + 45 * 60
    assert [leg.note for leg in result.path(1, 2)] == [
        "hired motorcycle",
        "Island - Port, sea_boat",
        "",
        "Port - Island, sea_boat",
    ]


def test_links_follow_each_other_and_the_longest_gives_the_mode():
    plane = {"start": (60,), "end": (200,), "minutes": 61, "travel_mode": "air", "mode": "plane"}
    result = go(COAST[:1], [at(0), at(200)], links(BOAT, plane))
    assert result.durations[0, 1] == 720 + (60 + 15 + 61 + 15) * 60
    assert result.modes.tolist() == [[0, TravelMode.AIR], [TravelMode.SEA, 0]]  # 90 min by sea back


@pytest.mark.parametrize(("km", "is_reachable"), [(4.99, True), (5.01, False)])
def test_a_boat_team_without_a_river_walks_to_a_landing_or_stays(km, is_reachable):
    """It hires no motorcycle at its base, although a road passes there and leads to the landing."""
    landing = {**BOAT, "start": (km,)}
    places = [at(0), at(4.5), at(63)]
    result = go(COAST, places, links(landing), vehicles=[Vehicle.LONGBOAT])
    assert not result.reachable[0, 1]
    assert result.reachable[0, 2] == is_reachable
    if is_reachable:
        assert result.durations[0, 2] == pytest.approx(4990 * 0.9 + 75 * 60 + 360, abs=1)
        assert [leg.mode for leg in result.path(0, 2)] == ["walk", "sea", "road"]
    assert (0 in result.unreachable) == (not is_reachable)


def test_a_link_that_only_brings_people_back_gives_them_no_motorcycle():
    """Out to the island and back would put the boat team on the road that it may not use."""
    result = go(COAST, [at(0), at(7)], links({**BOAT, "start": (4,)}), vehicles=[Vehicle.LONGBOAT])
    assert result.unreachable == {0: "no-network-near", 1: "no-network-near"}


def test_a_village_on_the_own_network_is_not_taken_by_link():
    """The boat would be much faster than 90 km of road; the vehicle stays with the team."""
    fast = {**BOAT, "start": (0,), "end": (90,), "minutes": 1, "minutes_back": 1}
    result = go([road((0,), (90,))], [at(0), at(90)], links(fast))
    assert result.durations[0, 1] == 7200
    assert result.gateways == {}


# the pilot areas --------------------------------------------------------------------------------


def from_first_base(area: Path, regency: str, **options):
    with (area / "tim.csv").open() as file:
        team = next(row for row in csv.DictReader(file) if row["tim"].startswith(regency))
    with (area / "titik_desa.csv").open() as file:
        places = [row for row in csv.DictReader(file) if row["kode"].startswith(regency)]
    points = [(float(row["lon"]), float(row["lat"])) for row in [team, *places]]
    graphs = build_graphs(read_network(area / "jaringan.gpkg").frame)
    timetable = read_links(area / "penghubung.csv").frame
    options = {"vehicles": [Vehicle.CAR], "depot": 0, "weekday": 1, "people": 5, **options}
    return travel(graphs, timetable, points, **options)


# Villages, of them not by road, median and farthest hours by road, as published with the data,
# where walks had no limit. Within 5 km one village less is reached in Nunukan (5.9 km from the
# road) and in Mahakam Ulu (25 km); the medians move by less than 0.1 h.
@pytest.mark.parametrize(
    ("area", "regency", "n", "n_beyond", "median_h", "farthest_h"),
    [
        ("kotim", "62.02", 185, 9, 1.9, 5.8),
        ("kaltara", "65.03", 240, 39 + 1, 4.7, None),
        ("kaltara", "65.02", 109, None, 1.8, 11.3),
        ("kaltim", "64.72", 59, None, 0.2, None),
        ("kaltim", "64.11", 50, None, 2.7, None),
    ],
    ids=["kotim", "nunukan", "malinau", "samarinda", "mahakam-ulu"],
)
def test_the_pilot_areas_are_as_far_as_published(
    shared_data, area, regency, n, n_beyond, median_h, farthest_h
):
    result = from_first_base(shared_data / "pilot" / area, regency)
    assert len(result.durations) == n + 1
    by_road = [i for i in range(1, n + 1) if result.reachable[0, i] and i not in result.gateways]
    hours = result.durations[0, by_road] / 3600
    assert n_beyond is None or n - len(by_road) == n_beyond
    assert np.median(hours) == pytest.approx(median_h, abs=0.1)
    assert farthest_h is None or hours.max() == pytest.approx(farthest_h, abs=0.05)


def test_the_long_bawan_plane_is_taken_on_its_days_only(shared_data):
    """It flies on 1, 3 and 5; other days the islands are reached by the boats from Malinau."""
    area = shared_data / "pilot" / "kaltara"
    monday = from_first_base(area, "65.03", weekday=1)
    tuesday = from_first_base(area, "65.03", weekday=2)
    flown = np.flatnonzero(monday.modes[0] == TravelMode.AIR)
    assert len(flown) > 0
    assert (tuesday.modes[0] != TravelMode.AIR).all()
    assert (tuesday.modes[0, flown] == TravelMode.RIVER).all()
    assert (monday.durations[0, flown] < tuesday.durations[0, flown]).all()
    notes = [leg.note for leg in monday.path(0, int(flown[0])) if leg.scheduled]
    assert notes[0] == "Long Bawan - Nunukan, plane"
    assert monday.gateways[int(flown[0])] == (115.692, 3.903)  # Long Bawan, as in the file


def test_the_graph_keeps_every_metre_of_the_file(shared_data):
    network = read_network(shared_data / "pilot" / "kotim" / "jaringan.gpkg")
    graph = build_graph(network.frame, "road")
    metres = sum(float(m) for m in graph.lengths_m)
    assert metres / 1000 == pytest.approx(network.totals["road_km"], abs=0.1)
