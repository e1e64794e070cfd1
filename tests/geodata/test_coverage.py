"""What holds at a village when reports, rasters, areas and towers speak of it."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.connectivity import read_connectivity
from geodata.coverage import join_connectivity
from geodata.coverage_layers import read_signal_raster
from geodata.errors import BadFrame, BadValue, WrongCrs
from geodata.join_params import JoinParams
from tests.geodata.test_reach import write_raster

A, B, C = "62.02.01.2001", "62.02.01.2002", "62.02.01.2003"
OLD, NEW = date(2021, 3, 5), date(2024, 12, 31)
SIGNALS = ["none", "weak", "strong", "very_strong"]


def villages(*positions):
    """Villages A, B, C at the positions given; by default 0.1 degrees apart on the equator."""
    positions = positions or ((112.0, 0.0), (112.1, 0.0), (112.2, 0.0))
    frame = pd.DataFrame(positions, columns=["lon", "lat"], dtype=float)
    return frame.assign(code=pd.Series([A, B, C][: len(frame)], dtype="str"))


def reports(*rows):
    """Reports from (code, signal, day) or (code, signal, day, confidence)."""
    padded = [(*row, "medium")[:4] for row in rows]
    frame = pd.DataFrame(
        padded, columns=["code", "signal", "observed_on", "confidence"], dtype=object
    )
    frame = frame.astype({"code": "str", "signal": "str"})
    return frame.assign(
        id=[f"r{n}" for n in range(len(frame))], source="list", definition="phone_signal"
    )


def power(*rows):
    frame = reports(*rows).rename(columns={"signal": "power"})
    return frame.assign(id=[f"p{n}" for n in range(len(frame))])


def towers(*rows):
    """Towers from (site_id, lon, lat, state, day, radius_km, told village), cut where told."""
    defaults = ("T", 112.0, 0.0, "on_air", None, None, None)
    padded = [(*row, *defaults[len(row) :]) for row in rows]
    columns = ["site_id", "lon", "lat", "state", "observed_on", "radius_km", "code"]
    frame = pd.DataFrame(padded, columns=columns, dtype=object)
    texts = dict.fromkeys(("site_id", "state"), "str")
    frame = frame.astype(texts | dict.fromkeys(("lon", "lat", "radius_km"), float))
    return frame.assign(
        id=[f"t{n}" for n in range(len(frame))], source="list", definition="tower_range",
        confidence="medium",
    ).astype({"id": "str"})  # fmt: skip


def areas(*rows):
    """Areas from (signal, day), each a box around village A only."""
    box = shapely.box(111.98, -0.02, 112.02, 0.02)
    frame = pd.DataFrame({
        "id": [f"a{n}" for n in range(len(rows))], "signal": [row[0] for row in rows],
        "observed_on": [row[1] for row in rows], "source": "map", "definition": "coverage_area",
        "confidence": "medium",
    }).astype({"id": "str", "signal": "str"})  # fmt: skip
    return gpd.GeoDataFrame(frame, geometry=[box] * len(rows), crs="EPSG:4326")


def raster_of(tmp_path, level, day):
    """Build a raster of one cell of 0.04 degrees around village A."""
    from affine import Affine

    cells = np.array([[level]], dtype="float32")
    transform = Affine(0.04, 0, 111.98, 0, -0.04, 0.02)
    path = write_raster(tmp_path / "peta.tif", cells, transform=transform)
    return read_signal_raster(path, as_of=day)


def of_a(join):
    return join.villages.set_index("code").loc[A]


@pytest.mark.parametrize(
    ("rows", "winner"),
    [
        ([("none", OLD), ("strong", NEW)], 1),
        ([("strong", NEW), ("none", OLD)], 0),
        ([("strong", OLD), ("none", None)], 0),
        ([("strong", NEW), ("none", NEW), ("weak", NEW)], 1),
        ([("strong", NEW, "high"), ("none", NEW, "low")], 0),
        ([("strong", NEW, "high"), ("none", NEW, "medium")], 1),
        ([("none", NEW, "high"), ("none", NEW, "medium")], 0),
        ([("strong", OLD, "high"), ("none", NEW, "low")], 1),
        ([("none", NEW), ("none", NEW)], 1),
        ([("none", None), ("strong", None)], 0),
    ],
    ids=["newer", "newer-first", "dated", "worse", "not-low", "worse-before-surer",
         "surer", "newer-before-surer", "later",
         "undated-worse"],
)  # fmt: skip
def test_which_report_counts(rows, winner):
    join = join_connectivity(villages(), reports(*((A, *row) for row in rows), (B, "weak", OLD)))
    row = of_a(join)
    assert row["evidence_id"] == f"r{winner}"
    assert row["signal"] == rows[winner][0]
    assert row["as_of"] == rows[winner][1]
    assert sorted(row["evidence_ids"]) == [f"r{n}" for n in range(len(rows))]
    assert row["evidence_ids"][0] == f"r{winner}"
    assert join.villages["signal"].tolist()[1] == "weak"
    assert pd.isna(join.villages["signal"].iloc[2])


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([A, B, C]),
            st.sampled_from(SIGNALS),
            st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 4)),
        ),
        max_size=12,
    )
)
def test_no_report_beats_the_one_that_counts(rows):
    join = join_connectivity(villages(), reports(*rows))
    held = join.villages.set_index("code")
    assert set(held.index[held["signal"].notna()]) == {code for code, _, _ in rows}
    assert sorted(join.evidence["evidence_id"]) == sorted(f"r{n}" for n in range(len(rows)))
    for n, (code, signal, day) in enumerate(rows):
        best = int(held.loc[code, "evidence_id"][1:])
        _, held_signal, held_day = rows[best]
        assert (day or date.min) <= (held_day or date.min)
        if day == held_day:
            assert SIGNALS.index(held_signal) <= SIGNALS.index(signal)
            assert signal != held_signal or best >= n


def test_of_one_day_the_most_specific_counts(tmp_path):
    """A report before a raster before an area before a tower; each taken away in turn."""
    layers = {
        "report": (reports((A, "weak", NEW)), "weak", "r0"),
        "raster": (raster_of(tmp_path, -80, NEW), "very_strong", "peta.tif"),
        "area": (areas(("none", NEW)), "none", "a0"),
        "tower": (towers(("T", 112.0, 0.0, "on_air", NEW)), "strong", "t0"),
    }
    left = dict(layers)
    for kind, (_, signal, evidence_id) in layers.items():
        join = join_connectivity(
            villages(),
            left["report"][0] if "report" in left else None,
            left["tower"][0],
            left["area"][0] if "area" in left else None,
            [left["raster"][0]] if "raster" in left else (),
        )
        assert (of_a(join)["signal"], of_a(join)["evidence_id"]) == (signal, evidence_id)
        first = join.evidence.loc[join.evidence["code"] == A]
        assert first["kind"].tolist() == list(left)
        assert first["rank"].tolist() == list(range(1, len(left) + 1))
        assert join.villages["signal"].isna().tolist() == [False, True, True]
        del left[kind]


def test_the_newest_counts_before_the_most_specific():
    later = date(2025, 1, 1)
    join = join_connectivity(
        villages(), reports((A, "none", NEW)), towers(("T", 112, 0, "on_air", later))
    )
    assert (of_a(join)["signal"], of_a(join)["as_of"]) == ("strong", later)
    undated = join_connectivity(villages(), reports((A, "none", NEW)), towers(("T", 112, 0)))
    assert (of_a(undated)["signal"], of_a(undated)["as_of"]) == ("none", NEW)


@pytest.mark.parametrize(
    ("radius_km", "default_km", "is_reached"),
    # B is 0.1 degrees of the equator from the tower: 11,131.95 m.
    [(None, 11.13, False), (None, 11.14, True), (11.13, 20, False), (11.14, 1, True)],
)
def test_a_radius_told_goes_before_the_default(radius_km, default_km, is_reached):
    join = join_connectivity(
        villages(), towers=towers(("T", 112, 0, "on_air", None, radius_km)),
        params=JoinParams(radius_km=default_km, tower_signal="weak"),
    )  # fmt: skip
    signals = join.villages["signal"].tolist()
    assert signals[0] == "weak"
    assert (signals[1] == "weak") == is_reached
    reached = join.evidence.loc[join.evidence["code"] == B, "distance_m"].tolist()
    assert reached == (pytest.approx([11_131.95], abs=0.01) if is_reached else [])


def test_of_several_towers_the_nearest_counts():
    join = join_connectivity(
        villages(), towers=towers(("S", 112.02, 0), ("T", 112.001, 0), ("U", 112.01, 0))
    )
    assert of_a(join)["evidence_ids"] == ("t1", "t2", "t0")


@pytest.mark.parametrize("state", ["off", "planned", "unknown"])
def test_a_tower_that_is_not_on_air_reaches_nobody(state):
    join = join_connectivity(villages(), towers=towers(("T", 112, 0, state)))
    assert join.villages["signal"].isna().all()
    assert join.unused.to_numpy().tolist() == [["t0", "tower", f"tower-{state}"]]


@pytest.mark.parametrize(
    ("rows", "signal", "superseded"),
    [
        ([("on_air", OLD), ("off", NEW)], None, ["t0"]),
        ([("on_air", NEW), ("off", OLD)], "strong", ["t1"]),
        ([("on_air", NEW), ("off", NEW)], None, ["t0"]),
        ([("on_air", OLD), ("off", None)], "strong", ["t1"]),
    ],
    ids=["went-off", "came-on", "worse", "undated"],
)
def test_of_one_tower_the_newest_row_counts(rows, signal, superseded):
    join = join_connectivity(villages(), towers=towers(*(("T", 112, 0, *row) for row in rows)))
    assert of_a(join)["signal"] == signal or pd.isna(of_a(join)["signal"])
    assert of_a(join)["evidence_ids"] == (
        () if signal is None else ("t0" if superseded == ["t1"] else "t1",)
    )
    gone = join.unused.loc[join.unused["reason"] == "tower-superseded", "evidence_id"]
    assert gone.tolist() == superseded


def test_two_towers_of_one_id_far_apart_are_two():
    join = join_connectivity(
        villages(), towers=towers(("T", 112, 0, "on_air", OLD), ("T", 112.1, 0, "off", NEW))
    )
    assert of_a(join)["signal"] == "strong"
    assert join.unused["reason"].tolist() == ["tower-off"]


@pytest.mark.parametrize(
    ("rows", "answer", "winner"),
    [
        ([("yes", OLD), ("no", NEW)], "no", 1),
        ([("yes", NEW), ("no", OLD)], "yes", 0),
        ([("yes", NEW), ("no", NEW)], "no", 1),
        ([("yes", OLD), ("no", None)], "yes", 0),
        ([("yes", NEW, "high"), ("no", NEW, "low")], "yes", 0),
    ],
)
def test_power(rows, answer, winner):
    join = join_connectivity(villages(), power_rows=power(*((A, *row) for row in rows)))
    row = of_a(join)
    assert (row["power"], row["power_id"], row["power_as_of"]) == (
        answer, f"p{winner}", rows[winner][1],
    )  # fmt: skip
    assert sorted(row["power_ids"]) == ["p0", "p1"]
    assert join.villages["power"].tolist()[1:] == ["unknown", "unknown"]
    assert pd.isna(row["signal"])


def test_rows_of_other_villages_are_listed_and_not_used():
    other = "65.01.01.1001"
    join = join_connectivity(
        villages(), reports((other, "none", NEW)), power_rows=power((other, "no", NEW))
    )
    assert join.evidence.empty
    assert join.unused.to_numpy().tolist() == [
        ["r0", "report", "village-unknown"], ["p0", "power", "village-unknown"],
    ]  # fmt: skip


def test_nothing_known_is_not_no_signal():
    join = join_connectivity(villages())
    assert join.villages["signal"].isna().all()
    assert join.villages["share_covered"].isna().all()
    assert join.villages["power"].tolist() == ["unknown"] * 3
    assert join.villages["evidence_ids"].tolist() == [()] * 3
    assert (len(join.evidence), len(join.contradictions), len(join.unused)) == (0, 0, 0)


def test_the_result_stands_on_the_index_and_in_the_order_of_the_villages():
    frame = villages().iloc[::-1].set_index(pd.Index([7, 3, 5]))
    before = frame.copy()
    join = join_connectivity(frame, reports((A, "weak", NEW), (C, "strong", NEW)))
    assert join.villages.index.tolist() == [7, 3, 5]
    assert join.villages["code"].tolist() == [C, B, A]
    assert join.villages.loc[[7, 5], "signal"].tolist() == ["strong", "weak"]
    pd.testing.assert_frame_equal(frame, before)


def test_an_empty_frame_of_villages_has_an_empty_result():
    join = join_connectivity(villages().iloc[:0], reports((A, "weak", NEW)), towers(("T", 112, 0)))
    assert (len(join.villages), len(join.evidence)) == (0, 0)


def outlined(**options):
    """Put village A into a square of 0.1 degrees around it; the others have no outline."""
    square = shapely.box(111.95, -0.05, 112.05, 0.05)
    return gpd.GeoDataFrame(villages(), geometry=[square, None, None], **options)


def test_share_of_the_outline_within_the_radius():
    """A circle of 3.5 km in a square of 11,131.95 by 11,057.4 m: 38.485 of 123.09 km2."""
    join = join_connectivity(outlined(crs="EPSG:4326"), towers=towers(("T", 112, 0)))
    shares = join.villages["share_covered"].tolist()
    assert shares == pytest.approx([0.31265, np.nan, np.nan], abs=2e-4, nan_ok=True)


def test_share_counts_layers_with_a_signal_once(tmp_path):
    """The area, 0.04 of 0.1 degrees each way, lies within the circle; that of none counts not."""
    both = join_connectivity(
        outlined(crs="EPSG:4326"), None, towers(("T", 112, 0)),
        areas(("weak", NEW), ("none", NEW)), [raster_of(tmp_path, -90, NEW)],
    )  # fmt: skip
    assert of_a(both)["share_covered"] == pytest.approx(0.31265, abs=2e-4)
    alone = join_connectivity(outlined(crs="EPSG:4326"), polygons=areas(("weak", NEW)))
    assert of_a(alone)["share_covered"] == pytest.approx(0.16, abs=1e-4)
    none = join_connectivity(outlined(crs="EPSG:4326"), polygons=areas(("none", NEW)))
    assert of_a(none)["share_covered"] == 0
    reported = join_connectivity(outlined(crs="EPSG:4326"), reports((A, "strong", NEW)))
    assert np.isnan(of_a(reported)["share_covered"])


def test_polygons_in_another_system_say_the_same():
    frame = areas(("weak", NEW)).to_crs("EPSG:32649")
    assert of_a(join_connectivity(villages(), polygons=frame))["signal"] == "weak"


@pytest.mark.parametrize(
    ("radius_km", "accepted"), [(0, False), (0.1, True), (100, True), (100.1, False)]
)
def test_limits_of_the_radius(radius_km, accepted):
    if accepted:
        assert JoinParams(radius_km=radius_km).radius_km == radius_km
    else:
        with pytest.raises(BadValue, match=str(radius_km)):
            JoinParams(radius_km=radius_km)


def test_a_tower_gives_a_signal():
    with pytest.raises(BadValue, match="none"):
        JoinParams(tower_signal="none")


def test_frames_that_break_their_contract():
    for frame in (villages().drop(columns="lon"), pd.concat([villages(), villages()])):
        with pytest.raises(BadFrame, match="service points"):
            join_connectivity(frame)
    with pytest.raises(BadFrame, match="signals"):
        join_connectivity(villages(), reports((A, "ramai", NEW)))
    with pytest.raises(BadFrame, match="towers"):
        join_connectivity(villages(), towers=towers(("T", 112, 0, "menyala")))
    with pytest.raises(BadFrame, match="power"):
        join_connectivity(villages(), power_rows=power((A, "unknown", NEW)))
    with pytest.raises(BadFrame, match="confidence"):
        join_connectivity(villages(), reports((A, "weak", NEW, "certain")))
    with pytest.raises(WrongCrs, match="villages"):
        join_connectivity(outlined())


@pytest.mark.parametrize("pack", ["kotim", "kaltara"])
def test_pilots_take_the_survey_and_keep_the_rest(shared_data, villages_of, pack):
    """The survey of 2024 is newer than most statements and than the undated towers.

    Nine statements about Kotim are of 2024 too, and all of them say that there is no signal.
    """
    folder = shared_data / "pilot" / pack
    frame = villages_of(pack).frame
    read = [read_connectivity(folder / name, villages=frame)
            for name in ("sinyal_desa.csv", "blankspot.csv", "menara_bts.csv")]  # fmt: skip
    survey, statements, sites = (found.frame for found in read)
    join = join_connectivity(frame, pd.concat([survey, statements], ignore_index=True), sites)
    later = [row for row in statements.to_dict("records") if (row["observed_on"] or OLD) >= NEW]
    expected = dict(zip(survey["code"], survey["signal"], strict=True))
    expected |= {row["code"]: row["signal"] for row in later}
    assert len(later) == {"kotim": 9, "kaltara": 2}[pack]
    assert {row["signal"] for row in later if row["observed_on"] == NEW} <= {"none"}
    assert join.villages.set_index("code")["signal"].to_dict() == expected
    kinds = join.evidence["kind"].value_counts()
    assert kinds["report"] == len(survey) + len(statements)
    assert kinds.get("tower", 0) > 0
    assert join.villages["share_covered"].between(0, 1).all()
    assert (join.villages["share_covered"] > 0).any()
