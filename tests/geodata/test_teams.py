"""Team lists: the pilots' and rows with one fault each."""

import csv
from datetime import datetime, time, timedelta

import pandas as pd
import pytest

from geodata.errors import MissingColumn
from geodata.teams import read_teams, read_time

VILLAGES = pd.DataFrame(
    [
        ("62.02.01.2001", "Kabupaten Kotim"),
        ("62.71.01.1001", "Kota Kotim"),
        ("62.03.01.2001", "Kabupaten Kapuas"),
    ],
    columns=["code", "regency"],
)
GOOD = {
    "tim": "62.02-A", "kabupaten": "Kab. Kotim", "pangkalan": "Baamang", "lon": "112.9597",
    "lat": "-2.5196", "moda": "mobil", "alat_rekam": "1", "petugas": "5", "kit_satelit": "0",
    "jam_mulai": "07:30", "jam_selesai": "16:00", "boleh_bermalam": "ya", "meja": "",
}  # fmt: skip


def teams(tmp_path, *changes):
    path = tmp_path / "tim.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, GOOD)
        writer.writeheader()
        writer.writerows({**GOOD, **change} for change in changes)
    return read_teams(path, villages=VILLAGES)


@pytest.mark.parametrize(("pack", "n_teams"), [("kotim", 5), ("kaltara", 15), ("kaltim", 32)])
def test_the_pilots(shared_data, villages_of, pack, n_teams):
    folder = shared_data / "pilot" / pack
    result = read_teams(folder / "tim.csv", villages=villages_of(pack).frame)
    with (folder / "tim.csv").open(encoding="utf-8", newline="") as file:
        printed = list(csv.DictReader(file))
    assert (result.accepted, result.refused, result.findings) == (n_teams, 0, ())
    assert result.totals == {
        "teams": len(printed),
        "kits": sum(int(row["alat_rekam"]) for row in printed),
        "staff": sum(int(row["petugas"]) for row in printed),
        "satellite_kits": sum(int(row["kit_satelit"]) for row in printed),
    }
    for team, row in zip(result.frame.to_dict("records"), printed, strict=True):
        assert (team["team"], team["base"]) == (row["tim"], row["pangkalan"])
        assert team["regency_code"] == row["tim"][:5]
        assert team["vehicle"] == {"mobil": "car", "perahu": "longboat"}[row["moda"]]
        assert (team["lon"], team["lat"]) == (float(row["lon"]), float(row["lat"]))
        assert (team["starts"], team["ends"]) == (time(7, 30), time(16))
        assert team["may_stay_overnight"] is (row["boleh_bermalam"] == "ya")
    assert result.frame["desks"].isna().all()


@pytest.mark.parametrize(
    ("word", "vehicle"),
    [("Mobil", "car"), ("Mobil 4x4", "four_wheel_drive"), ("double gardan", "four_wheel_drive"),
      ("motor", "motorcycle"), ("PERAHU", "longboat"), ("longboat", "longboat"),
     ("klotok", "longboat"), ("speedboat", "speedboat"), ("speed", "speedboat"),
     ("mobil+perahu", "car+longboat"), ("perahu dan motor", "motorcycle+longboat"),
     ("Mobil 4x4, speed boat", "four_wheel_drive+speedboat")],
)  # fmt: skip
def test_vehicles(tmp_path, word, vehicle):
    assert teams(tmp_path, {"moda": word}).frame["vehicle"].tolist() == [vehicle]


@pytest.mark.parametrize(
    ("team", "regency", "code"),
    [
        ("62.02-A", "Kabupaten Kotim", "62.02"),
        ("62.02-A", "", "62.02"),
        ("A", "KAB. KOTIM", "62.02"),
        ("A", "Kota Kotim", "62.71"),
        ("62.71-A", "Kotim", "62.71"),
    ],
)
def test_the_regency_of_a_team(tmp_path, team, regency, code):
    result = teams(tmp_path, {"tim": team, "kabupaten": regency})
    assert result.frame["regency_code"].tolist() == [code]


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"tim": ""}, "value-missing", "team"),
        ({"tim": "A", "kabupaten": ""}, "regency-missing", "team"),
        ({"tim": "A", "kabupaten": "Kotim"}, "regency-ambiguous", "regency"),
        ({"kabupaten": "Kabupaten Bogor"}, "regency-unknown", "regency"),
        ({"tim": "64.01-A", "kabupaten": ""}, "regency-unknown", "team"),
        ({"tim": "62.03-A"}, "regency-contradicts", "team"),
        ({"pangkalan": ""}, "value-missing", "base"),
        ({"lon": "-2.5", "lat": "112.9"}, "coordinates-swapped", "lon"),
        ({"lat": "selatan"}, "number-unreadable", "lat"),
        ({"moda": "kuda"}, "word-unknown", "vehicle"),
        ({"moda": "mobil+motor"}, "word-unknown", "vehicle"),
        ({"moda": "mobil/perahu"}, "word-unknown", "vehicle"),
        ({"alat_rekam": "21"}, "number-out-of-range", "kits"),
        ({"alat_rekam": "satu"}, "number-unreadable", "kits"),
        ({"petugas": "0"}, "number-out-of-range", "staff"),
        ({"petugas": "101"}, "number-out-of-range", "staff"),
        ({"petugas": "2,5"}, "number-unreadable", "staff"),
        ({"kit_satelit": ""}, "value-missing", "satellite_kits"),
        ({"kit_satelit": "-1"}, "number-out-of-range", "satellite_kits"),
        ({"meja": "51"}, "number-out-of-range", "desks"),
        ({"jam_mulai": "pagi"}, "time-unreadable", "starts"),
        ({"jam_selesai": "24:00"}, "time-unreadable", "ends"),
        ({"jam_selesai": "07:30"}, "times-reversed", "ends"),
        ({"boleh_bermalam": "mungkin"}, "word-unknown", "may_stay_overnight"),
    ],
    ids=str,
)
def test_one_fault_sets_the_row_aside(tmp_path, change, code, column):
    if change.get("tim") is None:
        change = {"tim": "62.02-B", **change}
    result = teams(tmp_path, change, {})
    (finding,) = [f for f in result.findings if f.code == code]
    assert (finding.severity, finding.row, finding.column) == ("refused", 2, column)
    assert (result.accepted, result.refused) == (1, 1)
    assert result.frame["team"].tolist() == ["62.02-A"]


@pytest.mark.parametrize(
    "change",
    [{"alat_rekam": "0"}, {"alat_rekam": "20"}, {"petugas": "1"}, {"petugas": "100"},
     {"kit_satelit": "20"}, {"meja": "50"}, {"meja": "0"}, {"jam_selesai": "07:31"},
     {"jam_selesai": "23:59"}],
    ids=str,
)  # fmt: skip
def test_the_limits_are_inclusive(tmp_path, change):
    assert (teams(tmp_path, change).accepted, teams(tmp_path, change).findings) == (1, ())


def test_all_faults_of_a_row_are_told_and_it_counts_once(tmp_path):
    result = teams(tmp_path, {"moda": "kuda", "petugas": "0", "pangkalan": ""})
    assert sorted(f.code for f in result.findings) == [
        "number-out-of-range", "value-missing", "word-unknown",
    ]  # fmt: skip
    assert (result.accepted, result.refused, result.totals["teams"]) == (0, 1, 0)


def test_a_team_stands_once(tmp_path):
    result = teams(tmp_path, {}, {"moda": "motor"})
    (finding,) = result.findings
    assert (finding.code, finding.row, finding.params) == ("row-duplicate", 3, {"first_row": 2})
    assert result.frame["vehicle"].tolist() == ["car"]


def test_a_missing_column(tmp_path):
    path = tmp_path / "tim.csv"
    path.write_text("tim,pangkalan,lon,lat\n62.02-A,B,112,-2\n", encoding="utf-8")
    with pytest.raises(MissingColumn, match="vehicle"):
        read_teams(path, villages=VILLAGES)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("7:30", time(7, 30)), ("07.30", time(7, 30)), ("07:30:00", time(7, 30)),
        ("07.30 WIB", time(7, 30)), (time(7, 30), time(7, 30)), (timedelta(hours=7.5), time(7, 30)),
        (datetime(1899, 12, 31, 7, 30), time(7, 30)),  # noqa: DTZ001 (as spreadsheets store times)
        ("7:60", None), ("24:00", None), (timedelta(days=1), None), ("", None), (None, None),
        (0.25, time(6)), (0.3541666, time(8, 30)), (0.9999, None), (True, None),
        (7.3, None), ("setengah delapan", None),
    ],
    ids=str,
)  # fmt: skip
def test_times_of_day(cell, expected):
    assert read_time(cell) == expected
