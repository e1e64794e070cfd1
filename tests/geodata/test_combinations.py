"""Teams with a vehicle for the road and a boat. Times are reckoned by hand.

By car 45 km/h on asphalt (80 s a km), by longboat 18 km/h where the stream is not known (200 s a
km), 900 s to change from the one to the other.
"""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geodata.errors import BadValue
from geodata.graph import build_graphs
from geodata.matrix import travel
from geodata.speeds import TravelParams, Vehicle, has_boat, vehicles_of
from geodata.webs import TravelMode
from tests.geodata.travel import at, lines, links, river, road

CAR_AND_BOAT = (Vehicle.CAR, Vehicle.LONGBOAT)
ROAD, STREAM = road((0,), (9,)), river((9,), (19,))
BASE, PIER, NEAR, FAR = range(4)
PLACES = [at(0), at(9), at(15), at(19)]


def go(network, points, timetable=None, *, piers=(), depot=0, vehicles=CAR_AND_BOAT, **changes):
    """Travel by car and longboat on a Monday with five people."""
    return travel(
        build_graphs(lines(*network)),
        links() if timetable is None else timetable,
        points,
        vehicles=vehicles,
        depot=depot,
        weekday=1,
        people=5,
        piers=piers,
        params=TravelParams(**changes),
    )


def test_a_team_goes_on_by_boat_and_comes_back_to_its_car():
    result = go([ROAD, STREAM], PLACES)
    assert result.durations.tolist() == [
        [0, 720, 720 + 900 + 1200, 720 + 900 + 2000],
        [720, 0, 900 + 1200, 900 + 2000],
        [1200 + 900 + 720, 1200 + 900, 0, 800],
        [2000 + 900 + 720, 2000 + 900, 800, 0],
    ]
    assert result.distances[BASE].tolist() == [0, 9_000, 15_000, 19_000]
    assert result.gateways == {NEAR: pytest.approx(at(9)), FAR: pytest.approx(at(9))}
    assert result.unreachable == {}


def test_the_boat_is_paid_where_it_is_taken_and_the_car_by_the_kilometre():
    costs = go([ROAD, STREAM], PLACES).costs
    assert costs[BASE, FAR] == 9 * 2_000 + 2_500_000
    assert costs[PIER, FAR] == 2_500_000
    assert costs[FAR, NEAR] == 0
    assert costs[FAR, BASE] == 9 * 2_000


def test_legs_tell_where_the_vehicle_is_changed():
    legs = go([ROAD, STREAM], PLACES).path(BASE, FAR)
    assert [(leg.mode, leg.note, leg.seconds) for leg in legs] == [
        ("road", "", 720),
        ("walk", "transfer", 900),
        ("river", "", pytest.approx(2000, abs=0.01)),
    ]
    assert [leg.line.coords[-1] for leg in legs] == [pytest.approx(at(km)) for km in (9, 9, 19)]


def test_the_mode_is_that_of_the_vehicle_with_the_most_time():
    modes = go([ROAD, STREAM], PLACES).modes
    assert modes[BASE, PIER] == TravelMode.ROAD
    assert modes[BASE, FAR] == modes[NEAR, FAR] == TravelMode.RIVER
    # 720 s on the road, 900 + 1 km x 200 s from the pier on: the transfer belongs to the boat.
    assert go([ROAD, STREAM], [at(0), at(9), at(10)], transfer_min=5).modes[0, 2] == TravelMode.ROAD


def test_between_two_piers_the_car_is_fetched():
    network = [road((-9,), (9,)), STREAM, river((-9,), (-19,))]
    result = go(network, [*PLACES, at(-9), at(-19)])
    assert result.durations[FAR, 5] == 2000 + 900 + 18 * 80 + 900 + 2000
    assert result.costs[FAR, 5] == 18 * 2_000 + 2_500_000


@pytest.mark.parametrize(("gap_km", "is_reached"), [(0.99, True), (1.01, False)])
def test_a_village_is_a_pier_within_a_distance_of_both_networks(gap_km, is_reached):
    result = go([ROAD, river((9 + gap_km,), (19,))], PLACES)
    assert bool(result.reachable[BASE, FAR]) is is_reached
    if is_reached:  # the way to the boat is walked at 4 km/h, 900 s a km
        boat_s = (19 - 9 - gap_km) * 200
        whole_s = 720 + 900 + gap_km * 900 + boat_s
        assert result.durations[BASE, FAR] == pytest.approx(whole_s, abs=1)
    else:
        assert result.unreachable == {NEAR: "not-connected", FAR: "not-connected"}


def test_vehicles_are_not_changed_where_networks_merely_meet():
    places = [at(0), at(19)]
    assert not go([ROAD, STREAM], places).reachable[0, 1]
    assert go([ROAD, STREAM], places, piers=[at(9)]).durations[0, 1] == 720 + 900 + 2000
    landing = links({"start": (9,), "end": (60,)})
    assert go([ROAD, STREAM], places, landing).durations[0, 1] == 720 + 900 + 2000


def test_from_a_base_on_the_river_the_boat_goes_first():
    """No road within 5 km of the base: the car waits at the pier."""
    result = go([ROAD, STREAM], PLACES, depot=FAR)
    assert result.durations[FAR].tolist() == [2000 + 900 + 720, 2000, 800, 0]
    assert result.costs[FAR, BASE] == 9 * 2_000 + 640_000
    assert result.modes[FAR, PIER] == TravelMode.RIVER


@pytest.mark.parametrize(("share", "by_boat"), [(0.80, True), (0.79, False)])
def test_a_boat_that_is_much_faster_is_taken(share, by_boat):
    """720 + 1800 s over earth, 720 + 10 km at 28 km/h = 2006 s by speedboat: 0.796 of it."""
    network = [road((0,), (9,)), road((9,), (19,), surface="ground"), STREAM]
    vehicles = (Vehicle.CAR, Vehicle.SPEEDBOAT)
    result = go(network, PLACES, vehicles=vehicles, transfer_min=0, second_share=share)
    assert result.durations[BASE, FAR] == (2006 if by_boat else 2520)
    assert (FAR in result.gateways) is by_boat


def test_links_are_taken_from_a_landing_that_only_the_boat_reaches():
    """60 minutes and 15 to board; the last gateway is the landing."""
    result = go([ROAD, STREAM], [*PLACES, at(60)], links({"start": (19,), "end": (60,)}))
    assert result.durations[BASE, 4] == 720 + 900 + 2000 + 4500
    assert result.durations[4, NEAR] == 4500 + 800
    assert result.gateways[4] == pytest.approx(at(19))
    assert [leg.mode for leg in result.path(BASE, 4)] == ["road", "walk", "river", "sea"]


def test_a_team_with_one_vehicle_does_as_before():
    """No boat: what lies on the river stays out of reach."""
    result = go([ROAD, STREAM], PLACES, vehicles=(Vehicle.CAR,))
    assert result.unreachable == {NEAR: "no-network-near", FAR: "no-network-near"}


@pytest.mark.parametrize("vehicles", [(), (Vehicle.CAR, Vehicle.MOTORCYCLE)], ids=["none", "roads"])
def test_two_vehicles_of_one_network_are_refused(vehicles):
    with pytest.raises(BadValue, match="one, or one for the road and a boat"):
        go([ROAD, STREAM], PLACES, vehicles=vehicles)


def test_vehicles_are_read_with_that_of_the_road_first():
    assert vehicles_of("car") == (Vehicle.CAR,)
    assert vehicles_of("longboat+motorcycle") == (Vehicle.MOTORCYCLE, Vehicle.LONGBOAT)
    assert has_boat("car+speedboat")
    assert not has_boat("four_wheel_drive")


@pytest.mark.parametrize("words", ["", "car+", "bus", "car+motorcycle", "longboat+speedboat+car"])
def test_other_words_for_vehicles_are_refused(words):
    with pytest.raises(BadValue, match="car\\+longboat"):
        vehicles_of(words)


# against another search -------------------------------------------------------------------------

CELL_KM = 6  # further than the 5 km that one walks: places off a network are out of its reach


@st.composite
def land(draw):
    """Draw roads and rivers along the edges of a grid; a village on some of its corners."""
    corners = [(x, y) for x in range(4) for y in range(3)]
    steps = [
        (a, b)
        for a in corners
        for b in corners
        if a < b and abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1
    ]
    roads = draw(st.sets(st.sampled_from(steps), min_size=2, max_size=9))
    rivers = draw(st.sets(st.sampled_from(steps), min_size=2, max_size=9))
    ends = sorted({end for road_step in roads for end in road_step})
    base = draw(st.sampled_from(ends))
    others = draw(st.sets(st.sampled_from(corners), min_size=2, max_size=6)) - {base}
    return sorted(roads), sorted(rivers), [base, *sorted(others)]


def km(corner):
    return tuple(CELL_KM * v for v in corner)


def search(steps, seconds_per_km, start):
    """Give the seconds from a corner along steps, by trying until nothing improves."""
    geod = Geod(ellps="WGS84")
    found = {start: 0.0}
    for _ in range(len(steps) + 1):
        for a, b in [*steps, *((b, a) for a, b in steps)]:
            if a in found:
                metres = geod.inv(*at(*km(a)), *at(*km(b)))[2]
                through = found[a] + metres / 1000 * seconds_per_km
                found[b] = min(found.get(b, math.inf), through)
    return found


@settings(max_examples=40, deadline=None)
@given(land())
def test_on_any_land_it_is_the_best_way_by_car_then_boat(drawn):
    """From the base: by car alone, else by car to the best village on both nets and on by boat."""
    roads, rivers, villages = drawn
    network = [road(km(a), km(b)) for a, b in roads] + [river(km(a), km(b)) for a, b in rivers]
    result = go(network, [at(*km(corner)) for corner in villages], second_share=0)
    base, *others = villages
    by_car = search(roads, 80, base)
    on_river = {end for step in rivers for end in step}
    piers = [v for v in villages if v in by_car and v in on_river]
    for n, village in enumerate(others, start=1):
        ways = [by_car[p] + 900 + search(rivers, 200, p).get(village, math.inf) for p in piers]
        best = by_car.get(village, min(ways, default=math.inf))
        assert bool(result.reachable[0, n]) is math.isfinite(best)
        if math.isfinite(best):
            assert result.durations[0, n] == result.durations[n, 0] == pytest.approx(best, abs=2)
            legs = result.path(0, n)
            assert sum(leg.seconds for leg in legs) == pytest.approx(best, abs=2)
            assert legs[-1].line.coords[-1] == pytest.approx(at(*km(village)), abs=1e-6)
