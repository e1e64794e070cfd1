"""A straight line to a place near no road or river: only where allowed, and always marked."""

import pytest

from geodata.speeds import TravelParams
from tests.geodata.test_matrix import go
from tests.geodata.travel import at, links, river, road


def near(value, abs_=1):
    return pytest.approx(value, abs=abs_)


FAR = [at(0), at(9, 8), at(4.5, 4)]  # 8 km from the road: more than is walked; 4 km: not


def straight(points=FAR, rows=None, timetable=(), **params):
    rows = [road((0,), (9,))] if rows is None else rows
    return go(
        rows, points, links(*timetable), params=TravelParams(allow_straight_line=True, **params)
    )


def test_a_straight_line_is_not_taken_unless_allowed():
    table = go([road((0,), (9,))], FAR)
    assert table.unreachable == {1: "no-network-near"}
    assert table.straight == frozenset()


def test_an_allowed_straight_line_is_reckoned_and_marked():
    """9 km of road 720 s; 8 km straight are 12 on foot, 3 h at 4 km/h. 4 km are simply walked."""
    table = straight()
    assert table.unreachable == {}
    assert table.straight == {1}
    assert table.durations[0, 1] == table.durations[1, 0] == near(720 + 10_800)
    assert table.distances[0, 1] == near(9_000 + 12_000, 40)
    assert table.costs[0, 1] == near(18_000, 20)
    assert table.durations[0, 2] == near(360 + 3600)
    drive, across = table.path(0, 1)
    assert (drive.is_straight_line, drive.follows_network) == (False, True)
    assert (across.is_straight_line, across.follows_network) == (True, False)
    assert across.mode == "walk"
    assert [tuple(xy) for xy in across.line.coords] == [
        pytest.approx(at(9), abs=1e-6), pytest.approx(at(9, 8)),
    ]  # fmt: skip
    walk = table.path(0, 2)[1]
    assert (walk.is_straight_line, walk.follows_network) == (False, False)


def test_detour_and_speed_of_a_straight_line_are_the_offices():
    table = straight(straight_detour=2.0, straight_kmh=16.0)
    assert table.durations[0, 1] == near(720 + 3600)  # 16 km at 16 km/h
    assert table.durations[0, 2] == near(360 + 3600)  # a walk stays a walk


@pytest.mark.parametrize(("north_km", "is_straight"), [(4.99, False), (5.01, True)])
def test_a_straight_line_begins_where_walking_ends(north_km, is_straight):
    table = straight([at(0), at(4, north_km)])
    assert table.straight == ({1} if is_straight else set())
    metres = north_km * 1000 * (1.5 if is_straight else 1.0)
    assert table.distances[0, 1] == near(4000 + metres, 40)


def test_a_scheduled_link_comes_before_a_straight_line():
    by_link = {"start": (9,), "end": (9, 8), "minutes": 60}
    table = straight(timetable=[by_link])
    assert table.straight == frozenset()
    assert [leg.scheduled for leg in table.path(0, 1)] == [False, True]


def test_a_road_that_leads_nowhere_is_no_reason_for_a_straight_line():
    table = straight([at(0), at(30)], [road((0,), (9,)), road((30,), (39,))])
    assert table.unreachable == {1: "not-connected"}
    assert table.straight == frozenset()


def test_without_any_network_there_is_nothing_to_go_straight_to():
    table = straight([at(0), at(9, 8)], [river((0,), (9,))])
    assert set(table.unreachable.values()) == {"no-network-near"}
    assert table.straight == frozenset()
