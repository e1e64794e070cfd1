"""Overlaps, gaps and repairs against hand reckoning and a measurement made another way."""

import itertools
import time

import geopandas as gpd
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import GeometryCollection, LineString, Point, Polygon, box

from geodata.outlines import area_parts, measure_gaps, measure_overlaps, repair

# On the equator 0.001 degrees of longitude are 111.3195 m and 0.1 of latitude 11,057.43 m.
STRIP_HA = 111.3195 * 11_057.43 / 10_000


def outlines(*shapes):
    return gpd.GeoSeries(shapes, crs="EPSG:4326")


def test_an_overlap_is_named_and_measured():
    shapes = outlines(box(113, 0, 113.1, 0.1), box(113.099, 0, 113.2, 0.1), box(114, 0, 114.1, 0.1))
    found = measure_overlaps(shapes, ["A", "B", "C"])
    assert (found.count, found.n_slivers, found.slivers_ha) == (1, 0, 0)
    assert found.area_ha == pytest.approx(STRIP_HA, rel=1e-4)
    assert [codes for codes, _ in found.largest] == [("A", "B")]
    assert found.listed() == "A / B (123.09 ha)"


@pytest.mark.parametrize(("width_m", "n_slivers"), [(9.9, 1), (10.1, 0)])
def test_a_narrow_overlap_is_a_sliver(width_m, n_slivers):
    """The mean width of a strip is 2 A / P, here l w / (l + w): 0.1 % less than w."""
    east = 113.1 - width_m / 111_319.5
    shapes = outlines(box(113, 0, 113.1, 0.1), box(east, 0, 113.2, 0.1))
    assert measure_overlaps(shapes, ["A", "B"]).n_slivers == n_slivers


@pytest.mark.parametrize(("side_m", "count"), [(0.99, 0), (1.01, 1)])
def test_rounding_is_not_told(side_m, count):
    east, north = side_m / 111_319.5, side_m / 110_574.3
    shapes = outlines(box(113, 0, 113.1, 0.1), box(113.1 - east, 0.1 - north, 113.2, 0.2))
    assert measure_overlaps(shapes, ["A", "B"]).count == count


def test_neighbours_that_share_a_border_do_not_overlap():
    """One has a corner on a long straight edge of the other, which no projection keeps straight."""
    west = Polygon([(113, -3), (113.4, -3), (113.5, -2), (113, -2)])
    east = Polygon([(113.4, -3), (114, -3), (114, -2), (113.5, -2), (113.45, -2.5)])
    shapes = outlines(west, east)
    assert measure_overlaps(shapes, ["A", "B"]).count == 0
    assert measure_gaps(shapes, ["A", "B"]).count == 0


def test_one_village_inside_another_overlaps_whole():
    shapes = outlines(box(113, 0, 113.1, 0.1), box(113.01, 0.01, 113.011, 0.011))
    (pair,) = measure_overlaps(shapes, ["A", "B"]).largest
    assert pair[1] == pytest.approx(STRIP_HA / 100, rel=1e-3)


def test_the_five_largest_are_named_in_order():
    row = [box(113 + n / 10, 0, 113.1 + n / 10 + 0.001 * (n + 1), 0.1) for n in range(8)]
    found = measure_overlaps(outlines(*row), list("ABCDEFGH"))
    assert found.count == 7
    assert [codes for codes, _ in found.largest] == [
        ("G", "H"), ("F", "G"), ("E", "F"), ("D", "E"), ("C", "D"),
    ]  # fmt: skip
    assert found.area_ha == pytest.approx(STRIP_HA * (1 + 2 + 3 + 4 + 5 + 6 + 7), rel=1e-3)


def test_a_gap_is_what_several_villages_enclose():
    around = [
        box(113, 0, 113.1, 0.04), box(113, 0.05, 113.1, 0.1),
        box(113, 0.04, 113.04, 0.05), box(113.041, 0.04, 113.1, 0.05),
    ]  # fmt: skip
    found = measure_gaps(outlines(*around), ["A", "B", "C", "D"])
    assert found.area_ha == pytest.approx(STRIP_HA / 10, rel=1e-3)
    assert [codes for codes, _ in found.largest] == [("A", "B", "C", "D")]


def test_a_lake_inside_one_village_is_no_gap():
    lake = box(113, 0, 113.1, 0.1).difference(box(113.04, 0.04, 113.05, 0.05))
    assert measure_gaps(outlines(lake, box(113.1, 0, 113.2, 0.1)), ["A", "B"]).count == 0


def test_water_outside_is_no_gap():
    bay = [box(113, 0, 113.1, 0.1), box(113.2, 0, 113.3, 0.1), box(113, 0.1, 113.3, 0.2)]
    assert measure_gaps(outlines(*bay), ["A", "B", "C"]).count == 0


def test_nothing_to_compare():
    for shapes, codes in ((outlines(), []), (outlines(box(113, 0, 114, 1)), ["A"])):
        assert measure_overlaps(shapes, codes).count == 0
        assert measure_gaps(shapes, codes).count == 0


def test_overlaps_of_a_pilot_are_those_of_every_pair_by_itself(kotim):
    """Every pair without an index, measured on the ellipsoid instead of a projection."""
    frame = gpd.read_file(kotim / "batas_desa.gpkg").sort_values("village_code", ignore_index=True)
    shapes, codes = frame.geometry.to_numpy(), frame["village_code"].tolist()
    one, other = zip(*itertools.combinations(range(len(shapes)), 2), strict=True)
    common = shapely.intersection(shapes[list(one)], shapes[list(other)])
    geod = Geod(ellps="WGS84")
    expected = {}
    for a, b, shape in zip(one, other, common, strict=True):
        areas = [p for p in shapely.get_parts(shape) if "Polygon" in p.geom_type]
        area_m2 = sum(abs(geod.geometry_area_perimeter(part)[0]) for part in areas)
        if area_m2 >= 1:
            expected[codes[a], codes[b]] = area_m2 / 10_000
    started = time.perf_counter()
    found = measure_overlaps(frame.geometry, codes)
    assert time.perf_counter() - started < 1
    assert found.count == len(expected)
    assert found.area_ha == pytest.approx(sum(expected.values()), rel=1e-3)
    largest = sorted(expected.items(), key=lambda item: -item[1])[:5]
    assert [pair for pair, _ in found.largest] == [pair for pair, _ in largest]
    assert [ha for _, ha in found.largest] == pytest.approx([ha for _, ha in largest], rel=1e-2)


def test_gaps_of_a_pilot_are_what_is_missing_from_it_without_holes(kotim):
    """No village of this pilot has a lake of its own that is not another village."""
    frame = gpd.read_file(kotim / "batas_desa.gpkg")
    covered = shapely.union_all(frame.geometry.to_numpy())
    filled = shapely.union_all([Polygon(part.exterior) for part in shapely.get_parts(covered)])
    geod = Geod(ellps="WGS84")
    missing = [
        abs(geod.geometry_area_perimeter(part)[0]) / 10_000
        for part in shapely.get_parts(filled.difference(covered))
    ]
    found = measure_gaps(frame.geometry, frame["village_code"].tolist())
    assert found.count == sum(ha >= 1e-4 for ha in missing)
    assert found.area_ha == pytest.approx(sum(missing), rel=5e-3)
    assert found.largest[0][1] == pytest.approx(max(missing), rel=1e-2)


def test_a_repair_tells_areas():
    """Two triangles of a bow tie cancel out as drawn; each is a quarter of the square."""
    bow_tie = Polygon([(113, 0), (113.1, 0.1), (113.1, 0), (113, 0.1)])
    repaired = repair(bow_tie)
    assert repaired.shape.is_valid
    assert repaired.reason.startswith("Self-intersection")
    assert repaired.before_ha == pytest.approx(0, abs=0.01)
    assert repaired.after_ha == pytest.approx(STRIP_HA * 100 / 2, rel=1e-4)


def test_a_loop_drawn_twice_is_land_and_no_lake():
    """The border takes a corner twice, both times with the village on its left."""
    loop = Polygon([(113, 0), (113.1, 0), (113.1, 0.1), (113.04, 0.1), (113.04, 0.06),
                    (113.06, 0.06), (113.06, 0.11), (113, 0.11)])  # fmt: skip
    assert not loop.is_valid
    assert repair(loop).shape.contains(Point(113.05, 0.08))


def test_a_line_drawn_as_area_cannot_be_repaired():
    assert repair(Polygon([(113, 0), (113.1, 0), (113.2, 0)])) is None


@pytest.mark.parametrize(
    ("shape", "areas", "others"),
    [
        (None, False, []),
        (Point(113, 0), False, ["Point"]),
        (box(113, 0, 114, 1), True, []),
        (GeometryCollection([box(113, 0, 114, 1), Point(113, 0)]), True, ["Point"]),
        (GeometryCollection([LineString([(0, 0), (1, 1)]), Point(0, 0)]), False,
         ["LineString", "Point"]),
        (Polygon(), False, []),
    ],
    ids=["none", "point", "area", "area-and-label", "no-area", "empty"],
)  # fmt: skip
def test_areas_are_taken_out_of_what_is_drawn(shape, areas, others):
    found, rest = area_parts(shape)
    assert (found is not None, rest) == (areas, others)
