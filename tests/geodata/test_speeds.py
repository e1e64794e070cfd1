import json
import pickle

import numpy as np
import pytest

from geodata.errors import BadValue
from geodata.graph import build_graph
from geodata.speeds import TravelParams, Vehicle, piece_kmh, travel_mode
from tests.geodata.travel import lines, river, road


def speeds(vehicle, mode, params=None, **attributes):
    """Give the speeds there and back on 9 km of one line."""
    line = (road if mode == "road" else river)((0,), (9,), **attributes)
    graph = build_graph(lines(line), mode)
    (there,), (back,) = piece_kmh(graph, vehicle=Vehicle(vehicle), params=params or TravelParams())
    return there, back


def speed(vehicle, mode, highway=None, surface=None, waterway=None, **params):
    words = {"highway": highway, "surface": surface, "waterway": waterway}
    there, back = speeds(vehicle, mode, TravelParams(**params), **words)
    assert there == back
    return there


@pytest.mark.parametrize(
    ("highway", "surface", "kmh"),
    [
        ("secondary", "asphalt", 45),
        ("secondary", "gravel", 30),
        ("secondary", "ground", 20),
        ("secondary", None, 45),
        ("unclassified", None, 30),
        ("track", None, 20),
        ("track", "gravel", 30),
        ("track", "moon dust", 20),
        ("footway", "asphalt", 0),
        (None, "asphalt", 0),
    ],
)
@pytest.mark.parametrize("vehicle", ["car", "four_wheel_drive", "motorcycle"])
def test_road_speeds_are_those_of_the_domain_notes(vehicle, highway, surface, kmh):
    """Section 8: paved, gravel, earth in dry weather 45, 30, 20 km/h."""
    assert speed(vehicle, "road", highway, surface) == kmh
    assert speed(vehicle, "river", highway, surface, "river") == 0


@pytest.mark.parametrize(("vehicle", "kmh"), [("longboat", 18), ("speedboat", 28)])
def test_boats_have_their_upstream_speed_where_the_stream_is_not_known(vehicle, kmh):
    assert speed(vehicle, "river", waterway="river") == kmh
    assert speed(vehicle, "river", waterway="drain") == 0
    assert speed(vehicle, "road", "secondary", "asphalt") == 0


@pytest.mark.parametrize(("vehicle", "down", "up"), [("longboat", 25, 18), ("speedboat", 40, 28)])
def test_boats_are_faster_down_the_stream(vehicle, down, up):
    """Section 8: speedboat 40 down, 28 up; longboat 18 up, times the ratio 1.4 is 25."""
    assert speeds(vehicle, "river", flow="down") == (down, up)
    assert speeds(vehicle, "river", flow="up") == (up, down)
    low = TravelParams(low_water=True)
    assert speeds(vehicle, "river", low, flow="down") == (down / 2, up / 2)
    assert speeds("car", "river", flow="down") == (0, 0)


def test_a_ferry_that_states_its_time_has_no_speed():
    ferry = {"highway": "ferry", "surface": None}
    assert speeds("car", "road", **ferry) == (10, 10)
    assert speeds("car", "road", **ferry, fixed_min=25.0) == (np.inf, np.inf)


def test_rain_slows_unpaved_roads_and_drought_slows_boats():
    assert speed("car", "road", "track", wet=True) == pytest.approx(20 / 1.5)
    assert speed("car", "road", "primary", wet=True) == 45
    assert speed("longboat", "river", waterway="river", low_water=True) == 9
    assert speed("longboat", "river", waterway="river", wet=True) == 18


def test_four_driven_wheels_feel_half_of_the_rain():
    """Earth 20 km/h dry; wet 1.5 times the time, of which half is felt: 1.25 times."""
    assert speed("four_wheel_drive", "road", "track", wet=True) == pytest.approx(20 / 1.25)
    assert speed("four_wheel_drive", "road", "primary", wet=True) == 45
    assert speed("four_wheel_drive", "road", "track") == 20


@pytest.mark.parametrize(
    ("vehicle", "season", "attributes", "is_open"),
    [
        ("car", "wet", {"structure": "ford"}, False),
        ("four_wheel_drive", "wet", {"structure": "ford"}, True),
        ("motorcycle", "wet", {"structure": "ford"}, False),
        ("car", None, {"structure": "ford"}, True),
        ("car", "low_water", {"structure": "ford"}, True),
        ("car", "wet", {"structure": "bridge"}, True),
        ("speedboat", "low_water", {"waterway": "stream"}, False),
        ("speedboat", "low_water", {"structure": "rapids"}, False),
        ("speedboat", "low_water", {"waterway": "river"}, True),
        ("speedboat", "wet", {"waterway": "stream"}, True),
        ("longboat", "low_water", {"waterway": "stream"}, True),
    ],
    ids=str,
)
def test_a_season_closes_what_a_vehicle_cannot_pass(vehicle, season, attributes, is_open):
    mode = "river" if "boat" in vehicle else "road"
    params = TravelParams(**({season: True} if season else {}))
    assert (min(speeds(vehicle, mode, params, **attributes)) > 0) == is_open


def test_an_office_closes_what_it_knows_to_be_closed():
    params = {"wet": True, "wet_closed": ("car:earth", "car:residential")}
    assert speed("car", "road", "secondary", "mud", **params) == 0
    assert speed("car", "road", "track", **params) == 0
    assert speed("car", "road", "residential", "asphalt", **params) == 0
    assert speed("car", "road", "secondary", "gravel", **params) == 20
    assert speed("four_wheel_drive", "road", "track", **params) == 16


def test_a_vehicle_has_one_network():
    modes = {vehicle.value: travel_mode(vehicle) for vehicle in Vehicle}
    roads = dict.fromkeys(("car", "four_wheel_drive", "motorcycle"), "road")
    assert modes == {**roads, "longboat": "river", "speedboat": "river"}


def test_costs_are_those_of_the_domain_notes():
    params = TravelParams()
    assert params.day_rupiah["car"] == 640_000
    assert params.km_rupiah["car"] == 2_000
    assert params.day_rupiah["longboat"] == 2_500_000
    assert params.day_rupiah["speedboat"] == 5_000_000
    # Seven fares of 2022 in Kaltara, thousands; their median is what an unstated fare costs.
    assert params.fare_rupiah["river"] == 1000 * np.median([145, 310, 280, 280, 315, 235, 120])


def test_the_table_survives_json_and_a_process_boundary():
    params = TravelParams(walk_kmh=3.5, wet=True)
    assert TravelParams.from_dict(json.loads(json.dumps(params.to_dict()))) == params
    assert pickle.loads(pickle.dumps(params)) == params  # noqa: S301 - our own bytes


def test_an_office_names_only_what_it_changes():
    params = TravelParams.from_dict({"road_kmh": {"gravel": 25}, "surfaces": {"laterite": "earth"}})
    assert params.road_kmh == {"paved": 45, "gravel": 25, "earth": 20}
    assert params.surfaces["laterite"] == "earth"
    assert params.surfaces["asphalt"] == "paved"
    assert TravelParams().road_kmh["gravel"] == 30


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"road_kmh": {"gravel": 0}}, "road_kmh.gravel"),
        ({"road_kmh": {"gravel": "fast"}}, "road_kmh.gravel"),
        ({"road_kmh": {"gravel": float("nan")}}, "road_kmh.gravel"),
        ({"walk_kmh": -1}, "walk_kmh"),
        ({"walk_kmh": True}, "walk_kmh"),
        ({"max_access_m": -1}, "max_access_m"),
        ({"km_rupiah": {"car": -1}}, "km_rupiah.car"),
        ({"highways": {"path": "mud"}}, "highways.path"),
        ({"road_kmh": 45}, "road_kmh"),
        ({"waterways": "river"}, "waterways"),
        ({"wet": "yes"}, "wet"),
        ({"speed": 3}, "speed"),
        ({"wet_share": {"car": -1}}, "wet_share.car"),
        ({"wet_closed": ["car:lava"]}, "wet_closed"),
        ({"wet_closed": ["bus:ford"]}, "wet_closed"),
        ({"low_water_closed": ["speedboat"]}, "low_water_closed"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_value_is_refused_by_name(values, named):
    with pytest.raises(BadValue) as caught:
        TravelParams.from_dict(values)
    assert caught.value.params["column"] == named


@pytest.mark.parametrize("name", ["walk_kmh", "max_access_m", "boarding_min", "rapids_min"])
def test_limits_are_just_above_and_at_zero(name):
    if name == "walk_kmh":
        assert TravelParams(walk_kmh=0.1).walk_kmh == 0.1
        with pytest.raises(BadValue):
            TravelParams(walk_kmh=0)
    else:
        assert getattr(TravelParams(**{name: 0}), name) == 0
        with pytest.raises(BadValue):
            TravelParams(**{name: -0.1})


def test_a_table_without_a_needed_entry_is_refused():
    with pytest.raises(BadValue, match="earth"):
        TravelParams(road_kmh={"paved": 45, "gravel": 30})
