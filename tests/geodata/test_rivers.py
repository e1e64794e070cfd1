"""Streams, rapids and ferries, in files and on the way."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point

from geodata.findings import FINDING_TEXTS
from geodata.graph import build_graphs
from geodata.matrix import travel
from geodata.network import read_network
from geodata.speeds import TravelParams, Vehicle
from tests.geodata.test_osm import extract
from tests.geodata.travel import at, lines, links, river, road

UP, DOWN = 7200, 5184  # seconds of a longboat on 36 km at 18 and 25 km/h


def go(frame, points, vehicle=Vehicle.LONGBOAT, **params):
    options = {"vehicles": [vehicle], "depot": 0, "weekday": 1, "people": 1}
    return travel(build_graphs(frame), links(), points, params=TravelParams(**params), **options)


def times(frame, *points, **options):
    result = go(frame, [at(*p) for p in points], **options)
    return [result.durations[0, 1], result.durations[1, 0]]


def sungai(path, rows):
    shapes = [row.pop("shape") for row in rows]
    frame = gpd.GeoDataFrame([{"waterway": "river", **row} for row in rows], geometry=shapes)
    frame.set_crs("EPSG:4326").to_file(path, layer="sungai", driver="GPKG")
    return path


def line(*east, north=0.0):
    return LineString([at(km, north) for km in east])


def seen(result):
    assert all(f.code in FINDING_TEXTS and "{" not in f.message for f in result.findings)
    return [(f.code, f.row, f.column) for f in result.findings]


# streams ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flow", "there", "back"), [("down", DOWN, UP), ("up", UP, DOWN), (None, UP, UP)]
)
def test_a_boat_is_faster_with_the_stream(flow, there, back):
    frame = lines(river((0,), (36,), flow=flow))
    assert times(frame, (0,), (36,)) == [there, back]
    # Half the river between places that lie on it.
    assert times(frame, (9,), (27,)) == [there / 2, back / 2]


def test_streams_join_and_turn():
    """18 km down a branch drawn downstream, then 18 km up one drawn downstream as well."""
    frame = lines(
        river((0, 18), (0, 0), flow="down"),
        river((18, 0), (0, 0), flow="down"),
        river((0, 0), (0, -9), flow="down"),
    )
    assert times(frame, (0, 18), (18, 0)) == pytest.approx([(UP + DOWN) / 2] * 2, abs=1)


@pytest.mark.parametrize(
    ("tags", "flow"),
    [
        ({"waterway": "river"}, "down"),
        ({"waterway": "stream"}, "down"),
        ({"waterway": "canal"}, None),
        ({"waterway": "fairway"}, None),
        ({"waterway": "river", "tidal": "yes"}, None),
        ({"waterway": "river", "tidal": "no"}, "down"),
    ],
    ids=str,
)
def test_an_extract_draws_rivers_downstream(tmp_path, tags, flow):
    path = extract(tmp_path / "a.osm.pbf", {1: ([(0, 0), (36, 0)], tags)})
    result = read_network(path)
    assert result.frame["flow"].tolist() == [flow]
    expected = [DOWN if flow else UP, UP]
    assert times(result.frame, (0,), (36,)) == pytest.approx(expected, abs=1)
    assert read_network(path, flow_known=False).frame["flow"].tolist() == [None]


@pytest.mark.parametrize(
    ("word", "flow"),
    [
        *[(word, "down") for word in ("ya", "Hilir", "down", "known", "1")],
        *[(word, "up") for word in ("hulu", "-1", "reverse")],
        *[(word, None) for word in ("tidak", "both", "unknown", "dua arah", "", None)],
    ],
)
@pytest.mark.parametrize("column", ["flow", "arah"])
def test_a_column_says_which_way_a_river_runs(tmp_path, column, word, flow):
    path = sungai(tmp_path / "a.gpkg", [{column: word, "shape": line(0, 36)}])
    result = read_network(path)
    assert result.frame["flow"].tolist() == [flow]
    assert seen(result) == []
    # The word of the file on all its rivers gives way to that of a line.
    assert read_network(path, flow_known=True).frame["flow"].tolist() == [flow if word else "down"]


def test_words_that_say_nothing_are_reported(tmp_path):
    rows = [{"arah": "utara", "jeram": "banyak", "shape": line(0, 36)}]
    result = read_network(sungai(tmp_path / "a.gpkg", rows))
    assert seen(result) == [
        ("word-unknown", "sungai!1", "flow"),
        ("word-unknown", "sungai!1", "rapids_minutes"),
    ]
    assert (result.accepted, result.refused) == (1, 0)
    assert result.frame[["flow", "structure"]].isna().all(axis=None)


def test_the_pilots_do_not_say_which_way_their_rivers_run(kotim):
    frame = read_network(kotim / "jaringan.gpkg").frame
    assert frame["flow"].isna().all()
    known = read_network(kotim / "jaringan.gpkg", flow_known=True).frame
    assert (known["flow"] == "down").sum() == 56  # all of its rivers


# rapids -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "minutes"),
    [("15", 15), ("7.5", 7.5), (30, 30), ("ya", 20), ("tidak", 0), ("0", 0), (None, 0)],
)
@pytest.mark.parametrize("column", ["jeram", "rapids_minutes"])
def test_rapids_take_their_minutes_besides_the_way(tmp_path, column, stated, minutes):
    """20 minutes where they are not stated."""
    rows = [{column: stated, "shape": line(0, 36)}]
    frame = read_network(sungai(tmp_path / "a.gpkg", rows)).frame
    assert times(frame, (0,), (36,)) == [UP + minutes * 60] * 2


def test_the_minutes_of_rapids_belong_to_the_whole_line():
    """Two villages part a river of 36 km into thirds; a branch joins in the second third."""
    frame = lines(
        river((0,), (18,), (36,), structure="rapids", fixed_min=30.0), river((18,), (18, 9))
    )
    result = go(frame, [at(0), at(12), at(24), at(36)])
    assert result.durations[0].tolist() == [0, 3000, 6000, 9000]
    (leg,) = result.path(0, 3)
    assert leg.n_rapids == 1
    (calm,) = go(lines(river((0,), (36,))), [at(0), at(36)]).path(0, 1)
    assert calm.n_rapids == 0


def test_rapids_drawn_as_points_are_laid_into_the_river(tmp_path):
    """One at 9 km with 15 minutes, one at 27 km that states none."""
    rows = [
        {"name": "Mahakam", "shape": line(0, 18, 36)},
        {"waterway": "rapids", "jeram": "15", "shape": Point(at(9, 0.05))},
        {"waterway": "rapids", "shape": Point(at(27))},
    ]
    result = read_network(sungai(tmp_path / "a.gpkg", rows))
    frame = result.frame
    assert (result.accepted, result.refused, seen(result)) == (3, 0, [])
    assert frame["structure"].map(lambda s: s or "").tolist() == ["", "rapids", "", "rapids", ""]
    assert set(frame["name"]) == {"Mahakam"}
    assert result.totals["river_km"] == 36
    assert times(frame, (0,), (36,)) == pytest.approx([UP + 35 * 60] * 2, abs=1)
    assert times(frame, (0,), (36,), rapids_min=45) == pytest.approx([UP + 60 * 60] * 2, abs=1)
    assert times(frame, (10,), (26,)) == pytest.approx([16 * 200] * 2, abs=1)
    (leg,) = go(frame, [at(0), at(36)]).path(0, 1)
    assert leg.n_rapids == 2


@pytest.mark.parametrize(("metres", "is_used"), [(99, True), (101, False)])
def test_rapids_away_from_every_river_are_set_aside(tmp_path, metres, is_used):
    rows = [
        {"shape": line(0, 36)},
        {"waterway": "rapids", "shape": Point(at(9, metres / 1000 * 110.574 / 111.32))},
    ]
    result = read_network(sungai(tmp_path / "a.gpkg", rows))
    assert (result.frame["structure"] == "rapids").any() == is_used
    assert (result.accepted, result.refused) == ((2, 0) if is_used else (1, 1))
    assert seen(result) == ([] if is_used else [("rapids-off-river", "sungai!2", None)])


def test_rapids_at_the_ends_and_side_by_side_do_not_tear_a_river(tmp_path):
    points = [0, 9, 9.02, 36]
    rows = [{"waterway": "rapids", "shape": Point(at(km))} for km in points]
    frame = read_network(sungai(tmp_path / "a.gpkg", [{"shape": line(0, 36)}, *rows])).frame
    assert times(frame, (0,), (36,)) == pytest.approx([UP + 4 * 20 * 60] * 2, abs=1)


def test_rapids_of_an_extract_are_nodes_or_ways(tmp_path):
    ways = {
        1: ([(0, 0), (9, 0), (18, 0)], {"waterway": "river"}),
        2: ([(18, 0), (36, 0)], {"waterway": "rapids"}),
    }
    path = extract(tmp_path / "a.osm.pbf", ways, nodes={(9, 0): {"waterway": "rapids"}})
    result = read_network(path)
    assert times(result.frame, (0,), (36,)) == pytest.approx([DOWN + 2400, UP + 2400], abs=1)
    (leg,) = go(result.frame, [at(0), at(36)]).path(0, 1)
    assert leg.n_rapids == 2


# ferries ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fixed_min", "crossing_s"), [(25.0, 1500), (np.nan, 720)])
def test_a_ferry_takes_its_time_and_the_wait_for_it(fixed_min, crossing_s):
    """Two roads of 9 km (720 s) and 2 km of water: 25 minutes, or 12 at 10 km/h; wait 15."""
    ferry = road((9,), (11,), highway="ferry", surface=None, fixed_min=fixed_min)
    frame = lines(road((0,), (9,)), ferry, road((11,), (20,)))
    assert times(frame, (0,), (20,), vehicle=Vehicle.CAR) == [2 * 720 + crossing_s + 900] * 2


def test_nobody_boards_a_ferry_in_the_middle_of_the_water():
    """A house on stilts beside the ferry walks 1 km to its landing."""
    ferry = road((9,), (11,), highway="ferry", surface=None)
    frame = lines(road((0,), (9,)), ferry, road((11,), (20,)))
    result = go(frame, [at(0), at(10)], vehicle=Vehicle.CAR)
    assert result.durations[0, 1] == pytest.approx(720 + 900, abs=1)
