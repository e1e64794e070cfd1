"""Rows that cannot all be right: one case for each kind, just inside and just outside."""

import csv
from datetime import date

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geodata.connectivity import read_connectivity
from geodata.contradictions import COLUMNS, KINDS, findings_of
from geodata.coverage import join_connectivity
from geodata.findings import FINDING_TEXTS
from tests.geodata.test_coverage import (
    NEW,
    OLD,
    A,
    B,
    C,
    areas,
    power,
    raster_of,
    reports,
    towers,
    villages,
)

DAYS = 1397  # from 2021-03-05 to 2024-12-31: 3 x 365 + 301 + 1 (2024 is a leap year)


def listed(join, *columns):
    return join.contradictions[list(columns)].to_numpy().tolist()


@pytest.mark.parametrize(
    ("one", "other", "contradict"),
    [
        ("none", "weak", True), ("none", "very_strong", True), ("weak", "none", True),
        ("weak", "strong", False), ("strong", "very_strong", False),
        ("weak", "very_strong", True), ("very_strong", "weak", True), ("none", "none", False),
    ],
)  # fmt: skip
def test_reports_differ_by_none_or_by_two_steps(one, other, contradict):
    join = join_connectivity(villages(), reports((A, one, NEW), (A, other, OLD), (B, other, OLD)))
    expected = [A, "reports-differ", "r0", one, NEW, "r1", other, OLD, DAYS]
    assert listed(join, *COLUMNS) == ([expected] if contradict else [])
    assert join.villages["n_contradictions"].tolist() == [int(contradict), 0, 0]


def test_every_row_against_the_one_that_counts_is_listed():
    rows = [(A, "strong", NEW), (A, "none", OLD), (A, "none", None), (A, "weak", OLD)]
    join = join_connectivity(villages(), reports(*rows))
    assert listed(join, "one_id", "other_id") == [["r0", "r1"], ["r0", "r2"]]
    assert join.contradictions["days_apart"].isna().tolist() == [False, True]
    assert join.villages["n_contradictions"].tolist() == [2, 0, 0]


@pytest.mark.parametrize(("signal", "contradict"), [("none", True), ("weak", False)])
def test_a_tower_on_air_where_a_report_says_there_is_no_signal(signal, contradict):
    """Whichever counts: the report of a later day, or the tower."""
    for day, one in ((NEW, "r0"), (None, "t0")):
        sites = towers(("T", 112, 0, "on_air", OLD))
        join = join_connectivity(villages(), reports((A, signal, day)), sites)
        other = "t0" if one == "r0" else "r0"
        expected = [["tower-without-signal", one, other]] if contradict else []
        assert listed(join, "kind", "one_id", "other_id") == expected


@pytest.mark.parametrize(
    "row", [("T", 112, 0, "off"), ("T", 112, 0, "planned"), ("T", 112.2, 0, "on_air")]
)
def test_a_tower_that_reaches_nobody_contradicts_nobody(row):
    join = join_connectivity(villages(), reports((A, "none", NEW)), towers(row))
    assert listed(join, *COLUMNS) == []


def test_layers_differ_from_reports_and_from_each_other(tmp_path):
    raster = raster_of(tmp_path, -120, OLD)
    join = join_connectivity(
        villages(), reports((A, "strong", NEW)), None, areas(("none", OLD)), [raster]
    )
    assert listed(join, "kind", "one_id", "one_says", "other_id", "other_says") == [
        ["layers-differ", "r0", "strong", "peta.tif", "none"],
        ["layers-differ", "r0", "strong", "a0", "none"],
    ]
    without = join_connectivity(villages(), None, towers(("T", 112, 0)), areas(("none", OLD)))
    assert listed(without, "kind", "one_id", "other_id") == [["layers-differ", "a0", "t0"]]


@pytest.mark.parametrize(("other", "contradict"), [("no", True), ("yes", False)])
def test_power_differs(other, contradict):
    join = join_connectivity(villages(), power_rows=power((A, "yes", NEW), (A, other, OLD)))
    expected = [A, "power-differs", "p0", "yes", NEW, "p1", other, OLD, DAYS]
    assert listed(join, *COLUMNS) == ([expected] if contradict else [])


@pytest.mark.parametrize(("state", "contradict"), [("off", True), ("on_air", False)])
def test_one_tower_in_two_states(state, contradict):
    rows = [("T", 112, 0, "on_air", NEW, None, A), ("T", 112, 0.001, state, OLD, None, A)]
    join = join_connectivity(villages(), towers=towers(*rows))
    expected = [A, "tower-status-differs", "t0", "on_air", NEW, "t1", state, OLD, DAYS]
    assert listed(join, *COLUMNS) == ([expected] if contradict else [])


def outlined():
    """A and B side by side and overlapping by 0.02 degrees, C without an outline."""
    shapes = [shapely.box(111.9, -1, 112.06, 1), shapely.box(112.04, -1, 112.2, 1), None]
    return gpd.GeoDataFrame(villages(), geometry=shapes, crs="EPSG:4326")


@pytest.mark.parametrize(
    ("lon", "told", "found"),
    [
        (112.1, A, B), (112.05, A, None), (112.05, B, None), (112.0, A, None), (113.0, A, None),
        (112.1, C, B), (112.1, "65.01.01.1001", None), (112.1, None, None),
    ],
    ids=["elsewhere", "overlap", "overlap-other", "right", "outside-all", "told-without-outline",
         "told-unknown", "told-none"],
)  # fmt: skip
def test_a_tower_in_another_village_than_told(lon, told, found):
    join = join_connectivity(outlined(), towers=towers(("T", lon, 0, "off", OLD, None, told)))
    expected = [told, "tower-elsewhere", "t0", told, found]
    rows = listed(join, "code", "kind", "one_id", "one_says", "other_says")
    assert rows == ([] if found is None else [expected])


def test_without_outlines_nobody_knows_where_a_tower_stands():
    join = join_connectivity(villages(), towers=towers(("T", 112.1, 0, "off", OLD, None, A)))
    assert listed(join, *COLUMNS) == []


def test_20_of_114_pilot_towers_stand_in_another_village(shared_data, villages_of):
    """Counted here from the bare file, tower by tower and outline by outline."""
    expected, found, n_towers = set(), set(), 0
    for pack in ("kotim", "kaltara", "kaltim"):
        folder = shared_data / "pilot" / pack
        shapes = pyogrio.read_dataframe(folder / "batas_desa.gpkg", layer="desa")
        code = next(name for name in shapes.columns if "kode" in name or name == "village_code")
        with (folder / "menara_bts.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                n_towers += 1
                point = shapely.Point(float(row["lon"]), float(row["lat"]))
                inside = {str(c) for c, shape in zip(shapes[code], shapes.geometry, strict=True)
                          if shape.contains(point)}  # fmt: skip
                if inside and row["village_code"] not in inside:
                    expected.add((row["site_id"], row["village_code"]))
        frame = villages_of(pack).frame
        sites = read_connectivity(folder / "menara_bts.csv", villages=frame).frame
        join = join_connectivity(frame, towers=sites)
        rows = join.contradictions
        assert set(rows["kind"]) <= {"tower-elsewhere"}
        site_of = dict(zip(sites["id"], sites["site_id"], strict=True))
        found |= {(site_of[row["one_id"]], row["code"]) for row in rows.to_dict("records")}
    assert (n_towers, len(expected)) == (114, 20)
    assert found == expected


def test_every_kind_has_a_sentence_and_becomes_a_warning():
    assert set(KINDS) <= set(FINDING_TEXTS)
    rows = pd.DataFrame(
        [
            [A, "tower-without-signal", "r0", "none", NEW, "t0", "strong", None, None],
            [None, "tower-elsewhere", "t0", A, date(2024, 1, 2), None, B, None, None],
        ],
        columns=list(COLUMNS), dtype=object,
    )  # fmt: skip
    dead, elsewhere = findings_of(rows)
    assert (dead.severity, dead.village_code) == ("warning", A)
    assert dead.message.startswith(f"{A}: r0 (2024-12-31) says none, yet t0 (-) says strong")
    assert elsewhere.village_code is None
    assert elsewhere.message == f"t0 is said to stand in {A}, but its position is in {B}."
