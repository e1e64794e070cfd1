"""Piers of extracts and layers: where a file says that people change between road and water."""

import geopandas as gpd
import osmium
import pytest
import shapely
from osmium.osm import mutable

from geodata import limits
from geodata.errors import TooManyFeatures
from geodata.network import read_network
from tests.geodata.test_osm import STRAIGHT, read
from tests.geodata.travel import at


def piers_of(result):
    return [(p.name, p.lon, p.lat) for p in result.piers.itertuples()]


def test_piers_of_an_extract_are_nodes_and_ways(tmp_path):
    """A pier drawn as a way lies where its middle node does; other amenities are passed over."""
    nodes = {
        (0, 0): {"amenity": "ferry_terminal", "name": "Sei Mentaya"},
        (9, 0): {"amenity": "bank"},
    }
    ways = {
        1: (STRAIGHT, {"highway": "primary"}),
        2: ([(4, 1), (5, 1), (6, 1)], {"man_made": "pier"}),
        3: ([(7, 1), (8, 1)], {"man_made": "dyke"}),
    }
    result = read(tmp_path, ways, nodes=nodes)
    assert piers_of(result) == [
        ("Sei Mentaya", *(pytest.approx(x, abs=1e-7) for x in at(0))),
        (None, *(pytest.approx(x, abs=1e-7) for x in at(5, 1))),
    ]
    assert result.totals["piers"] == 2
    assert (result.accepted, result.refused) == (3, 0)


def test_a_pier_beyond_the_edge_of_an_extract_is_left_out(tmp_path):
    path = tmp_path / "edge.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for k, place in enumerate([(0, 0), (9, 0)], start=1):
            writer.add_node(mutable.Node(id=k, location=at(*place)))
        writer.add_way(mutable.Way(id=1, nodes=[1, 2], tags={"highway": "primary"}))
        writer.add_way(mutable.Way(id=2, nodes=[3, 4], tags={"man_made": "pier"}))
    assert piers_of(read_network(path)) == []


def layer(path, shapes, **columns):
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4326).to_file(
        path, layer="dermaga", engine="pyogrio"
    )
    return path


def test_a_layer_of_piers_is_read_beside_the_roads(tmp_path):
    path = layer(
        tmp_path / "jaringan.gpkg",
        [shapely.Point(at(9)), shapely.LineString([at(1), at(3)]), shapely.Point(0, 51), None],
        nama=["Dermaga Sampit", " ", "London", "Hilang"],
    )
    road = gpd.GeoDataFrame(
        {"highway": ["primary"]}, geometry=[shapely.LineString([at(0), at(9)])], crs=4326
    )
    road.to_file(path, layer="jalan", engine="pyogrio")
    result = read_network(path)
    assert piers_of(result) == [
        ("Dermaga Sampit", *map(pytest.approx, at(9))),
        (None, *map(pytest.approx, at(2))),
    ]
    assert {(f.code, f.row) for f in result.findings if f.severity == "refused"} == {
        ("coordinates-out-of-range", "dermaga!3"),
        ("value-missing", "dermaga!4"),
    }
    assert (result.accepted, result.refused) == (3, 2)


def test_piers_may_come_alone(shared_data):
    """Ports of the pilots, by the name of the file; none is a road or a river."""
    result = read_network(shared_data / "reference" / "ports_pilots_dephub2017.geojson")
    assert result.totals == {"roads": 0, "rivers": 0, "road_km": 0, "river_km": 0, "piers": 310}
    assert result.piers["name"].iloc[0] == "Balikpapan (BLK)"


@pytest.mark.parametrize("limit", [2, 1], ids=["within", "beyond"])
def test_an_extract_has_a_limit_of_ways(tmp_path, monkeypatch, limit):
    ways = {
        1: (STRAIGHT, {"highway": "primary"}),
        2: ([(0, 0), (0, 5)], {"waterway": "river"}),
        3: ([(0, 5), (0, 6)], {"highway": "footway"}),
    }
    monkeypatch.setattr(limits, "MAX_LINES", limit)
    if limit == 2:
        assert len(read(tmp_path, ways).frame) == 2
    else:
        with pytest.raises(TooManyFeatures, match=r"area\.osm\.pbf has more than 1 features"):
            read(tmp_path, ways)
