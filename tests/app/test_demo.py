"""The demo regency, read back from its files with other readers than those that wrote them."""

import gzip
from datetime import date
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal

from app.demo import REGENCY_CODE, DemoFiles, semester_end, write_demo
from app.demo_land import draw_land
from app.run import DEMO_REGENCY

TODAY = date(2026, 11, 22)
# Columns of the office's workbook, A to M; the second header row names what the first spans.
COLUMNS = ["no", "code", "district", "name", "wajib", "recorded", "not_recorded", "percent"]
COLUMNS += ["age_16_17", "children", "kia", "no_akta", "ikd"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    return write_demo(tmp_path_factory.mktemp("demo"), today=TODAY)


@pytest.fixture(scope="module")
def villages(demo: DemoFiles) -> gpd.GeoDataFrame:
    return gpd.read_file(demo.villages, layer="desa")


@pytest.fixture(scope="module")
def sheet(demo: DemoFiles) -> pd.DataFrame:
    rows = openpyxl.load_workbook(demo.counts)["REKAP"].iter_rows(min_row=7, values_only=True)
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.fixture(scope="module")
def counted(sheet: pd.DataFrame) -> pd.DataFrame:
    """The rows of villages: those that carry a code."""
    return sheet[sheet["code"].notna()].astype({"wajib": int, "recorded": int, "not_recorded": int})


def test_proportions_are_those_of_the_model_regency(villages: gpd.GeoDataFrame) -> None:
    assert len(villages) == 185
    assert villages["district_code"].nunique() == villages["district"].nunique() == 17
    assert villages["kind"].value_counts().to_dict() == {"desa": 168, "kelurahan": 17}
    assert villages["name"].is_unique
    assert villages.crs == "EPSG:4326"
    # 15,545 km2 in the model; the demo is about 120 by 150 km.
    assert 12_000 < villages.to_crs("EPSG:32749").area.sum() / 1e6 < 16_000


def test_codes_belong_to_no_real_regency_and_tell_the_kind(villages: gpd.GeoDataFrame) -> None:
    code = villages["village_code"]
    assert code.is_unique
    assert code.str.fullmatch(r"99\.01\.(0[1-9]|1[0-7])\.[12]0\d\d").all()
    assert (code.str[:8] == villages["district_code"]).all()
    assert (code.str[9].map({"1": "kelurahan", "2": "desa"}) == villages["kind"]).all()


def test_totals_are_exact(counted: pd.DataFrame) -> None:
    assert counted["wajib"].sum() == 308_309
    assert counted["recorded"].sum() == 300_110
    assert counted["not_recorded"].sum() == 8_199
    assert counted["not_recorded"].clip(lower=0).sum() == 8_273
    assert (counted["not_recorded"] < 0).sum() == 9
    assert (counted["wajib"] - counted["recorded"] == counted["not_recorded"]).all()


def test_every_village_is_counted_once(counted: pd.DataFrame, villages: gpd.GeoDataFrame) -> None:
    names = counted.set_index("code")["name"]
    expected = villages.set_index("village_code")["name"].str.upper()
    assert names.sort_index().to_dict() == expected.to_dict()


def test_workbook_has_the_header_of_the_pilot(demo: DemoFiles, kotim: Path) -> None:
    ours = openpyxl.load_workbook(demo.counts)["REKAP"]
    theirs = openpyxl.load_workbook(kotim / demo.counts.name)["REKAP"]
    for row in (1, 5, 6):
        assert [cell.value for cell in ours[row]] == [cell.value for cell in theirs[row]]
    assert {str(cells) for cells in ours.merged_cells.ranges} == {
        str(cells) for cells in theirs.merged_cells.ranges
    }
    assert ours["A3"].value == "DATA KONSOLIDASI BERSIH SEMESTER I TAHUN 2026"


def test_other_files_have_the_columns_of_the_pilot(demo: DemoFiles, kotim: Path) -> None:
    for path in (demo.blank_spots, demo.signal, demo.links, demo.teams):
        ours, theirs = pd.read_csv(path), pd.read_csv(kotim / path.name)
        assert list(ours.columns) == list(theirs.columns), path.name
    for path, layer in ((demo.villages, "desa"), (demo.network, "jalan"), (demo.network, "sungai")):
        ours = gpd.read_file(path, layer=layer)
        theirs = gpd.read_file(kotim / path.name, layer=layer).drop(
            columns="origin", errors="ignore"
        )
        assert set(ours.columns) == set(theirs.columns), layer
        assert set(ours.geom_type) == set(theirs.geom_type)


def test_sum_rows_equal_the_rows_above_them(sheet: pd.DataFrame, counted: pd.DataFrame) -> None:
    titles = sheet["district"].where(sheet["code"].isna())
    is_sum = titles.str.startswith("JUMLAH ", na=False)
    sums = sheet[is_sum].set_index("district")[["wajib", "not_recorded", "children", "ikd"]]
    assert len(sums) == 17 + 1
    by_district = counted.groupby(counted["district"].ffill())
    for district, rows in by_district:
        assert sums.loc[f"JUMLAH {district}"].tolist() == rows[sums.columns].sum().tolist()
    assert sums.loc["JUMLAH TOTAL", "not_recorded"] == 8_199


def test_borders_are_valid_and_share_no_land(villages: gpd.GeoDataFrame) -> None:
    assert villages.geometry.is_valid.all()
    area = villages.to_crs("EPSG:32749").area.sum()
    whole = villages.to_crs("EPSG:32749").union_all()
    assert abs(area - whole.area) < 1.0  # m2
    # No hole between neighbours either: what lies inside the outer border belongs to a village.
    rings = [ring for part in shapely.get_parts(whole) for ring in part.interiors]
    assert rings == []


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_village_lies_in_its_own_polygon_only(seed: int) -> None:
    land = draw_land(np.random.default_rng(seed), n_villages=185, n_districts=17)
    inside = np.array([shapely.contains_xy(cell, land.villages) for cell in land.cells])
    assert (inside == np.eye(185, dtype=bool)).all()
    assert sorted(set(land.district)) == list(range(17))
    assert land.off_road.sum() == 16


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_roads_join_all_villages_but_those_on_the_river(seed: int, tmp_path: Path) -> None:
    demo = write_demo(tmp_path, today=TODAY, seed=seed)
    roads = gpd.read_file(demo.network, layer="jalan")
    assert set(roads["highway"]) == {"secondary", "tertiary", "unclassified", "track"}
    assert set(roads["surface"]) == {"asphalt", "gravel", "ground"}
    group: dict[tuple[float, float], tuple[float, float]] = {}

    def root(place: tuple[float, float]) -> tuple[float, float]:
        while group.setdefault(place, place) != place:
            place = group[place]
        return place

    for line in roads.geometry:
        group[root(line.coords[0])] = root(line.coords[-1])
    assert len({root(place) for place in list(group)}) == 1
    assert len(group) == 185 - 16
    assert len(roads) > 168 + 20  # a tree of 169 places has 168 roads; the rest are loops
    bases = pd.read_csv(demo.teams)
    assert all(base in group for base in zip(bases["lon"], bases["lat"], strict=True))


def test_one_river_runs_to_the_sea_past_the_villages(demo: DemoFiles) -> None:
    waters = gpd.read_file(demo.network, layer="sungai")
    assert set(waters["waterway"]) == {"river", "stream"}
    river = waters[waters["waterway"] == "river"]
    assert set(river["name"]) == {"Sungai Contoh"}
    reaches = [line.coords for line in river.geometry]
    assert all(a[-1] == b[0] for a, b in pairwise(reaches))
    assert reaches[0][0][1] > reaches[-1][-1][1] + 1.2  # from north to south, in degrees
    villages = gpd.read_file(demo.villages).to_crs("EPSG:32749")
    course = river.to_crs("EPSG:32749").union_all()
    assert 150_000 < course.length < 350_000
    assert 40 < villages.intersects(course).sum() < 90


def test_roads_and_waters_lead_to_the_place_that_stands_for_a_village(
    demo: DemoFiles, villages: gpd.GeoDataFrame
) -> None:
    """Of a village only the border is sent; planners take a point inside it for the village."""
    layers = [gpd.read_file(demo.network, layer=layer) for layer in ("jalan", "sungai")]
    ways = pd.concat(layers).to_crs("EPSG:32749")
    places = villages.representative_point().to_crs("EPSG:32749")
    assert places.distance(ways.union_all()).max() < 5.0  # m
    streams = layers[1][layers[1]["waterway"] == "stream"].geometry
    river = {at for line in layers[1].geometry[:10] for at in line.coords}
    assert len(streams) == 16
    assert all(line.coords[-1] in river for line in streams)


def test_a_third_of_the_villages_has_no_signal(demo: DemoFiles, villages: gpd.GeoDataFrame) -> None:
    """The newest source wins: a survey's year counts as its last day."""
    survey = pd.read_csv(demo.signal, dtype=str)
    statements = pd.read_csv(demo.blank_spots, dtype=str)
    known = villages.set_index(["district", "name"])["village_code"]
    newest = {row.kode: (f"{row.tahun}-12-31", row.sinyal_telepon) for row in survey.itertuples()}
    for row in statements.itertuples():
        code = known[row.kecamatan, row.desa]
        assert row.tanggal <= TODAY.isoformat()
        newest[code] = max(newest[code], (row.tanggal, "tidak ada"))
    words = pd.Series([word for _, word in newest.values()]).value_counts()
    assert len(newest) == 185
    assert words["tidak ada"] == 62  # 185 / 3 = 61.7
    assert set(words.index) == {"tidak ada", "lemah", "kuat", "sangat kuat"}
    # Both sources are needed, and they contradict each other in both directions.
    assert (survey["sinyal_telepon"] == "tidak ada").sum() == 50
    assert len(statements) == 48


def test_teams_and_links_start_at_villages(demo: DemoFiles, villages: gpd.GeoDataFrame) -> None:
    teams = pd.read_csv(demo.teams, dtype=str)
    assert teams["moda"].tolist() == ["mobil"] * 4 + ["perahu"]
    assert teams["kit_satelit"].tolist() == ["1", "0", "0", "0", "0"]
    assert teams["pangkalan"].nunique() == 2
    links = pd.read_csv(demo.links, dtype=str)
    assert int(links["menit"][0]) > int(links["menit_balik"][0])  # against the stream, then with it
    ends = pd.concat([teams["pangkalan"], links["dari"], links["ke"]])
    assert set(ends) <= set(villages["name"])


def test_same_seed_and_day_make_the_same_files(demo: DemoFiles, tmp_path: Path) -> None:
    again = write_demo(tmp_path, today=TODAY)
    for (_, ours), (_, theirs) in zip(demo.imports, again.imports, strict=True):
        if ours.suffix != ".gpkg":  # a GeoPackage holds the time when it was written
            assert ours.read_bytes() == theirs.read_bytes(), ours.name
    for path, layer in ((demo.villages, "desa"), (demo.network, "jalan"), (demo.network, "sungai")):
        assert_frame_equal(
            gpd.read_file(path, layer=layer), gpd.read_file(tmp_path / path.name, layer=layer)
        )


def test_writing_twice_replaces_the_files(tmp_path: Path) -> None:
    write_demo(tmp_path, today=TODAY, seed=2)
    files = write_demo(tmp_path, today=TODAY, seed=3)
    alone = write_demo(tmp_path / "alone", today=TODAY, seed=3)
    for layer in ("jalan", "sungai"):
        assert_frame_equal(
            gpd.read_file(files.network, layer=layer), gpd.read_file(alone.network, layer=layer)
        )
    assert files.signal.read_bytes() == alone.signal.read_bytes()


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 6, 30), date(2025, 12, 31)),
        (date(2026, 7, 1), date(2026, 6, 30)),
        (date(2026, 12, 31), date(2026, 6, 30)),
        (date(2027, 1, 1), date(2026, 12, 31)),
    ],
)
def test_counts_are_those_of_the_last_semester_that_ended(today: date, expected: date) -> None:
    assert semester_end(today) == expected


@pytest.mark.parametrize("today", [date(2027, 1, 15), date(2027, 1, 31), date(2027, 2, 1)])
def test_late_statements_are_newer_than_the_survey_on_any_day(today: date, tmp_path: Path) -> None:
    files = write_demo(tmp_path, today=today)
    survey_end = f"{pd.read_csv(files.signal)['tahun'].max()}-12-31"
    statements = pd.read_csv(files.blank_spots)
    late = statements[statements["status"] == "no_signal"]["tanggal"]
    old = statements[statements["status"] == "blank_spot"]["tanggal"]
    assert old.max() < survey_end < late.min()
    assert late.max() < today.isoformat()


def test_no_name_is_a_real_village_or_district(
    villages: gpd.GeoDataFrame, shared_data: Path
) -> None:
    path = shared_data / "reference" / "codes_indonesia_kepmendagri_2430_2025.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        real = pd.read_csv(lines, dtype=str)
    names = {word.casefold() for word in real.fillna("").to_numpy().ravel()}
    assert "baamang tengah" in names
    assert names.isdisjoint(villages["name"].str.casefold())
    assert names.isdisjoint(villages["district"].str.casefold())
    assert not any(str(value).startswith("99") for value in real.iloc[:, 0])


def test_the_server_knows_the_demo_without_loading_its_generator():
    """Its code stands twice on purpose: a server must not wait for geodata to start."""
    assert DEMO_REGENCY == REGENCY_CODE
